"""What a deadline phrase turned out to say."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from pendulum import DateTime


class Kind(StrEnum):
    """The seven things a deadline phrase can be."""

    BOUND = "bound"
    WINDOW = "window"
    PERIODIC = "periodic"
    STANDING = "standing"
    URGENT = "urgent"
    TRIGGERED = "triggered"
    OPEN_END = "open_end"


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a person should look at before relying on the date."""

    code: str
    message_vi: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a phrase was refused. A refusal never comes with a date."""

    code: str
    message_vi: str
    message_en: str


class Deadline(NamedTuple):
    """A phrase with its reading. All instants are Viet Nam's (+07:00) and half-open.

    ``due_exclusive`` is ``None`` whenever no date follows (yet); for a periodic duty it is the
    first of ``occurrences``. ``readings`` names every reading that leads elsewhere, the one in
    force first, and is empty when all agree.
    """

    phrase: str
    kind: Kind | None
    due_exclusive: DateTime | None
    rule: str
    basis: str
    occurrences: tuple[DateTime, ...] = ()
    readings: tuple[tuple[str, DateTime], ...] = ()
    warnings: tuple[Caution, ...] = ()
    error: Problem | None = None
    start: DateTime | None = None
    """When a window, or something that only begins, begins."""
    found: str = ""
    """The words that were read, as they stand in the (NFC) text."""
    span: tuple[int, int] = (0, 0)
    """Where they stand: offsets into the NFC form of the phrase."""

    @property
    def understood(self) -> bool:
        """Tell whether the phrase was understood, with or without a date."""
        return self.error is None


def last_day(due: DateTime) -> date:
    """Return the last whole or partial day before a bound of this package (always +07:00)."""
    day = date(due.year, due.month, due.day)
    at_midnight = not (due.hour or due.minute or due.second or due.microsecond)
    return day - timedelta(days=1) if at_midnight else day
