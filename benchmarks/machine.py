"""The machine that a round ran on, in words and numbers."""

import os
import platform
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import psutil

from models.database import wal_is_safe


@dataclass(frozen=True, slots=True)
class Machine:
    """What figures depend on."""

    cpu: str
    cores: int
    memory_gb: float
    system: str
    python: str
    sqlite: str
    journal: str
    prefect: str


def machine() -> Machine:
    """Return this machine."""
    from importlib.metadata import version

    safe = wal_is_safe(sqlite3.sqlite_version_info)
    return Machine(
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        journal="WAL, FULL" if safe else "DELETE, EXTRA",
        prefect=version("prefect"),
    )


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
