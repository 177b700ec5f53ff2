"""How an office reads what the words leave open. Two choices, both visible and changeable."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class BeforeDate(StrEnum):
    """Whether "trước ngày D" still allows day D. No source settles it; the words say no."""

    STRICT = "strict"
    INCLUSIVE = "inclusive"


class Rollover(StrEnum):
    """Where a last day goes that is a day off (Civil Code 2015, Article 148 clause 5: next)."""

    NONE = "none"
    NEXT = "next"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading in force. Plain strings are accepted for the two enumerations.

    ``calendar_phrases`` rules fixed dates and calendar periods, ``counted_periods`` rules "N days
    from …"; days counted back from an event never roll (that would eat the lead asked for).
    Raises ``ValueError`` for a name that is not one of the enumeration's.
    """

    before_date: BeforeDate = BeforeDate.STRICT
    calendar_phrases: Rollover = Rollover.NONE
    counted_periods: Rollover = Rollover.NEXT
    term_end: date | None = None
    """The last day of the current term (nhiệm kỳ); only a person knows it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "before_date", BeforeDate(self.before_date))
        object.__setattr__(self, "calendar_phrases", Rollover(self.calendar_phrases))
        object.__setattr__(self, "counted_periods", Rollover(self.counted_periods))


class ReadingPolicy(Protocol):
    """What a policy says of dates, as a package or an issued document holds it."""

    @property
    def before_date(self) -> str:
        """One of :class:`BeforeDate`."""
        ...

    @property
    def rollover(self) -> str:
        """One of :class:`Rollover`, for fixed dates and calendar periods."""
        ...

    @property
    def rollover_counted(self) -> str:
        """One of :class:`Rollover`, for counted days."""
        ...

    @property
    def term_end(self) -> date | None:
        """The last day of the current term."""
        ...


def reading_under(policy: ReadingPolicy, way: str = "") -> Reading:
    """Return the reading in force under *policy*; *way* is a bound's own of "trước ngày"."""
    return Reading(
        before_date=BeforeDate(way or policy.before_date),
        calendar_phrases=Rollover(policy.rollover),
        counted_periods=Rollover(policy.rollover_counted),
        term_end=policy.term_end,
    )
