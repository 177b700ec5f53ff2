"""Where a stage spends its time: ``py-spy`` on every Python process of the system, if wanted.

py-spy is no dependency: give the path of one installed elsewhere. It writes folded stacks
(one line each, frames separated by semicolons, and how often it was seen).
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.meter import POSTGRES, Meter

RATE = 40
"""Looks a second; the processes are not stopped for a look, so some looks fail."""


class Spy:
    """Profiles stages; does nothing without a *program* and a *folder*."""

    def __init__(self, meter: Meter, program: str, folder: Path | None) -> None:
        self._meter = meter
        self._program = program
        self._folder = folder

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        """Watch all processes for the length of the block."""
        if not self._program or self._folder is None:
            yield
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        watchers = [
            self._attach(process, self._folder / f"{stage.replace(' ', '-')}-{name}.txt")
            for name, process in self._meter.processes()
            if name not in (POSTGRES, "supervisor")
        ]
        watchers.append(
            self._attach(psutil.Process(), self._folder / f"{stage.replace(' ', '-')}-client.txt")
        )
        try:
            yield
        finally:
            for watcher in watchers:
                watcher.send_signal(signal.SIGINT)
            for watcher in watchers:
                watcher.wait()

    def _attach(self, process: psutil.Process, target: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                self._program,
                *("record", "--pid", str(process.pid), "--rate", str(RATE)),
                *("--nonblocking", "--format", "raw", "--output", os.fspath(target)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
