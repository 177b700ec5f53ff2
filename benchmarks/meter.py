"""Processes, memory and CPU of the whole system, whoever else uses the machine.

Memory is PSS (each page shared by n processes counts 1/n) where the kernel tells it, and RSS, which
counts shared pages once for every process. CPU is in seconds, or in percent of one core.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from config.clock import stopwatch

_NAMES = {
    "flows.server": "prefect",
    "flows.work": "worker",
    "portal": "portal",
    "notifications.catcher": "mail",
    "cli.main": "supervisor",
    "cli.keep": "supervisor",
}
POSTGRES = "postgresql"
CLIENT, OTHERS = "client", "others"
CALM_PERCENT = 8.0
"""Below this, of one core, for two looks on end, the system is at rest."""
_LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What one kind of process used."""

    name: str
    processes: int
    pss_mb: float | None
    rss_mb: float
    cpu_percent: float
    """Of one core."""


@dataclass(slots=True)
class Spent:
    """One stage: how long it took, and who used the processors meanwhile (seconds)."""

    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    load: float = 0.0
    """Load average over the last minute, at the end; of the whole machine, us included."""


class Meter:
    """Measures the processes below *root*, and those of a PostgreSQL if there is one."""

    def __init__(self, root: int, postmaster: int | None = None) -> None:
        self._root = root
        self._postmaster = postmaster

    def processes(self) -> list[tuple[str, psutil.Process]]:
        """Return all processes of the system that run now, with their names."""
        found: list[tuple[str, psutil.Process]] = []
        for top, name in ((self._root, None), (self._postmaster, POSTGRES)):
            if top is None:
                continue
            try:
                first = psutil.Process(top)
                family = [first, *first.children(recursive=True)]
            except psutil.NoSuchProcess:
                continue
            found += [(name or _name(each), each) for each in family]
        return found

    def cpu(self) -> dict[str, float]:
        """Return the seconds of CPU that each kind of process has used so far."""
        used: dict[str, float] = {}
        for name, process in self.processes():
            try:
                used[name] = used.get(name, 0.0) + _seconds(process)
            except psutil.NoSuchProcess:
                continue
        return used

    def memory(self) -> dict[str, tuple[int, float | None, float]]:
        """Return processes, PSS and RSS (MB) of each kind of process."""
        found: dict[str, tuple[int, float | None, float]] = {}
        for name, process in self.processes():
            try:
                info = process.memory_full_info()
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            pss = getattr(info, "pss", None)
            count, pss_before, rss_before = found.get(name, (0, 0.0, 0.0))
            found[name] = (
                count + 1,
                None if pss is None or pss_before is None else pss_before + pss / 2**20,
                rss_before + info.rss / 2**20,
            )
        return found

    def rest(self, seconds: float) -> bool:
        """Wait until the system is calm; return whether it was within *seconds*."""
        end, calm = stopwatch() + seconds, 0
        while stopwatch() < end:
            before, began = sum(self.cpu().values()), stopwatch()
            pause(_LOOK_SECONDS)
            percent = 100 * (sum(self.cpu().values()) - before) / (stopwatch() - began)
            calm = calm + 1 if percent < CALM_PERCENT else 0
            if calm == 2:
                return True
        return False

    def watch(self, seconds: float) -> list[Usage]:
        """Watch for *seconds*; return what each kind of process used, the largest first."""
        before, began = self.cpu(), stopwatch()
        pause(seconds)
        after, spent = self.cpu(), stopwatch() - began
        used = [
            Usage(
                name,
                count,
                None if pss is None else round(pss, 1),
                round(rss, 1),
                round(100 * (after.get(name, 0.0) - before.get(name, 0.0)) / spent, 2),
            )
            for name, (count, pss, rss) in self.memory().items()
        ]
        return sorted(used, key=lambda each: -each.rss_mb)

    @contextmanager
    def stage(self) -> Iterator[Spent]:
        """Measure the block."""
        spent = Spent()
        before, machine, began = self._with_client(), _busy(), stopwatch()
        yield spent
        spent.seconds = stopwatch() - began
        after = self._with_client()
        spent.cpu = {
            name: round(max(0.0, used - before.get(name, 0.0)), 2) for name, used in after.items()
        }
        ours = sum(spent.cpu.values())
        spent.cpu[OTHERS] = round(max(0.0, _busy() - machine - ours), 2)
        spent.load = round(os.getloadavg()[0], 2)

    def _with_client(self) -> dict[str, float]:
        return {**self.cpu(), CLIENT: _seconds(psutil.Process())}


def pause(seconds: float) -> None:
    """Let the system be for *seconds*: what is measured here is that nothing happens."""
    threading.Event().wait(seconds)


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _busy() -> float:
    """Return the seconds that all processors together have worked since the machine started."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def _name(process: psutil.Process) -> str:
    try:
        words = process.cmdline()
    except psutil.Error:
        return "gone"
    module = words[words.index("-m") + 1] if "-m" in words[:-1] else ""
    return _NAMES.get(module, module or process.name())
