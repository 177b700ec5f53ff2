"""The only module that reads the clock.

Everything else takes time as an argument. A clock is either the machine's, or a small file that
all processes of a rehearsal share: moving the file moves time for the whole system.
"""

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pendulum
from pendulum import DateTime

from models.domain.calendar import ZONE, local

_OFFSET = re.compile(r"T.*(Z|[+-]\d\d:?\d\d)$")


class ClockUnreadable(ValueError):
    """The clock file does not hold an instant."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"no instant with its offset in {path}")
        self.path = path


class Clock(Protocol):
    """Something that knows what time it is in Viet Nam."""

    def now(self) -> DateTime:
        """Return the present instant, in Asia/Ho_Chi_Minh."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> DateTime:
        """Return the present instant, in Asia/Ho_Chi_Minh."""
        return pendulum.now(ZONE)


class FileClock:
    """Virtual time, kept in a file and moved by whoever runs the rehearsal."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> DateTime:
        """Return the instant written in the file.

        Raises:
            FileNotFoundError: when nobody has set the clock yet.
            ClockUnreadable: when something else stands there.
        """
        try:
            return parse(self.path.read_text().strip())
        except ValueError as error:
            raise ClockUnreadable(self.path) from error

    def set(self, instant: DateTime) -> None:
        """Move time to *instant*: all readers see either the old or the new one."""
        temporary = self.path.with_name(self.path.name + ".new")
        temporary.write_text(local(instant).isoformat())
        temporary.replace(self.path)


class FixedClock:
    """A clock for tests that stands still until it is told to move."""

    def __init__(self, instant: DateTime) -> None:
        self.instant = instant

    def now(self) -> DateTime:
        """Return the instant it was set to."""
        return self.instant


def parse(text: str) -> DateTime:
    """Read an ISO 8601 instant, with its offset, as Viet Nam's time.

    Raises:
        ValueError: it is none, or has no offset (nobody should have to guess it).
    """
    if not _OFFSET.search(text):
        raise ValueError(f"not an instant with its offset: {text!r}")
    value = pendulum.parse(text)
    if not isinstance(value, DateTime):
        raise ValueError(f"not an instant: {text!r}")
    return local(value)


def clock_from(setting: str) -> Clock:
    """Return the clock that a setting names: ``real`` or ``file:PATH``."""
    if setting == "real":
        return SystemClock()
    kind, _, path = setting.partition(":")
    if kind != "file" or not path:
        raise ValueError(f"clock must be 'real' or 'file:PATH', not {setting!r}")
    return FileClock(Path(path))


def stopwatch() -> float:
    """Return seconds on a clock that never jumps, for time-outs and measurements."""
    return time.monotonic()


def wait_until(
    condition: Callable[[], bool],
    *,
    seconds: float,
    every: float = 0.05,
    stop: threading.Event | None = None,
) -> bool:
    """Wait until *condition* holds; return whether it did within *seconds* of real time."""
    pause = stop or threading.Event()
    end = stopwatch() + seconds
    while not condition():
        if pause.is_set() or stopwatch() >= end:
            return False
        pause.wait(every)
    return True
