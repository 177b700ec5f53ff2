"""What a phrase names before it is placed in time: days, months, hours, counts."""

from typing import NamedTuple

FIRST_YEAR, LAST_YEAR = 1976, 2199
"""Years that are believed; before 1976 Viet Nam had other offsets than +07:00."""


class Flaw(NamedTuple):
    """Something that looks like a date or number but is none; *code* says why."""

    code: str
    year: int | None = None


class Day(NamedTuple):
    """A day of a month. ``year`` and ``month`` may be relative (0 = that of issue, 1 = next)."""

    day: int
    month: int | None
    year: int | None = None
    shift_month: int | None = None
    shift_year: int | None = None
    short_year: bool = False


class Today(NamedTuple):
    """The day of issue, or *shift* days after it."""

    shift: int = 0


class Months(NamedTuple):
    """Consecutive months of one year: a month, a quarter, a half-year, a year."""

    first: int
    last: int
    year: int | None = None
    shift: int | None = None
    """Instead of a name: so many of its own lengths after the one of the day of issue."""
    shift_year: int | None = None
    """Instead of a year: so many years after that of the day of issue."""
    short_year: bool = False

    @property
    def length(self) -> int:
        """Return how many months it has."""
        return self.last - self.first + 1


class Week(NamedTuple):
    """The ISO week of the day of issue, or *shift* weeks after it."""

    shift: int = 0


class Stretch(NamedTuple):
    """From one moment to another, named as one: ``20-25/10/2023``, ``quý III-IV/2023``."""

    first: Day | Months
    last: Day | Months
    listed: bool = False
    """Joined by "và" or a comma: two dates, not a stretch."""


class Years(NamedTuple):
    """``2020-2025``: a term, a stage, a school year."""

    first: int
    last: int


class Count(NamedTuple):
    """So many days, weeks, months, years, hours or minutes."""

    number: int
    unit: str
    """``day``, ``week``, ``month``, ``year``, ``hour`` or ``minute``."""
    working: bool = False


class Clock(NamedTuple):
    """A time of day; 24:00 is the end of the day."""

    hour: int
    minute: int = 0
    whole: bool = False
    """Written without minutes, so it may be a count of hours instead."""


class MonthDay(NamedTuple):
    """A day of a month that is not named: ``ngày 25``."""

    day: int


class Weekday(NamedTuple):
    """Monday is 0."""

    number: int


class Every(NamedTuple):
    """A recurrence: every *number* of *unit*."""

    unit: str
    number: int = 1


Value = (
    Flaw
    | Day
    | Today
    | Months
    | Week
    | Stretch
    | Years
    | Count
    | Clock
    | MonthDay
    | Weekday
    | Every
)
