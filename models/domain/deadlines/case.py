"""One phrase being worked out: what is known beside it, and how its moments become days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

import pendulum
from pendulum import DateTime

from models.domain.calendar import ZONE, WorkCalendar
from models.domain.deadlines.messages import QUOTING, caution, problem
from models.domain.deadlines.moments import Clock, Day, Flaw, Months, Today, Value, Week
from models.domain.deadlines.result import Caution, Problem
from models.domain.deadlines.settings import Reading, Rollover

_ZONE = pendulum.timezone(ZONE)
_DAY = timedelta(days=1)
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class Refusal(Exception):
    """Leaves a reading early; :func:`models.domain.deadlines.read` turns it into a value."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@lru_cache(maxsize=16_384)
def midnight(day: date) -> DateTime:
    """Return 00:00 of *day* in Viet Nam (which has had no other offset since 1976)."""
    return DateTime(day.year, day.month, day.day, tzinfo=_ZONE)


@lru_cache(maxsize=16_384)
def end_of(day: date) -> DateTime:
    """Return 24:00 of *day*: the half-open bound of what is due on that day."""
    return midnight(day + _DAY)


@lru_cache(maxsize=4096)
def show(day: date) -> str:
    """Return *day* as people write it."""
    return f"{day.day:02d}/{day.month:02d}/{day.year}"


def weekday_name(number: int) -> str:
    """Return the Vietnamese name; Monday is 0."""
    return _WEEKDAYS[number]


@dataclass(slots=True)
class Case:
    """What is known beside the phrase, and the cautions gathered while reading it."""

    issued: date | None
    event: date | datetime | None
    since: date | None
    """From when occurrences are shown: the day of issue unless said otherwise."""
    settings: Reading
    calendar: WorkCalendar
    quote: Callable[[], str] = str
    """Gives the words being read, for messages; they are seldom needed."""
    cautions: list[Caution] = field(default_factory=list)

    def warn(self, code: str, **facts: str | int) -> None:
        """Note a caution, once."""
        if code in QUOTING:
            facts.setdefault("found", self.quote())
        noted = caution(code, **facts)
        if noted not in self.cautions:
            self.cautions.append(noted)

    def refuse(self, code: str, **facts: object) -> Refusal:
        """Return the refusal to raise."""
        return Refusal(problem(code, **{"found": self.quote(), **facts}))

    def check(self, value: Value) -> None:
        """Refuse what only looks like a date or number."""
        if isinstance(value, Flaw):
            raise self.refuse(value.code, year=value.year)

    @property
    def issue_day(self) -> date:
        """Return the day of issue; refuse if it is not known."""
        if self.issued is None:
            raise self.refuse("needs_issue_date")
        return self.issued

    @property
    def event_day(self) -> date | None:
        """Return the day of the event in Viet Nam, if one was given."""
        if isinstance(self.event, datetime):
            return self.event.date()
        return self.event

    # --- days -----------------------------------------------------------------------------

    def day(self, value: Day | Today, quiet: bool = False) -> date:
        """Return the day that *value* names; refuse one that does not exist."""
        if isinstance(value, Today):
            found = self.issue_day + value.shift * _DAY
            if not quiet:
                self.warn("relative", date=show(found))
            return found
        if value.short_year and value.year is not None:
            self.warn("two_digit_year", year=value.year)
        if value.month is None:
            month = self._month_from_issue(value.shift_month or 0)
            found = self._real(month.year, month.month, value.day)
            self.warn("relative", date=show(found))
            return found
        if value.shift_year is not None:
            found = self._real(self.issue_day.year + value.shift_year, value.month, value.day)
            self.warn("relative", date=show(found))
            return found
        if value.year is not None:
            return self._real(value.year, value.month, value.day)
        issued = self.issue_day
        passed = (value.month, value.day) < (issued.month, issued.day)
        found = self._real(issued.year + passed, value.month, value.day)
        self.warn("no_year", date=show(found))
        return found

    def _real(self, year: int, month: int, day: int) -> date:
        try:
            return date(year, month, day)
        except ValueError:
            raise self.refuse("invalid_date") from None

    def _month_from_issue(self, months: int) -> date:
        return add_months(self.issue_day.replace(day=1), months)[0]

    # --- months, quarters, years ----------------------------------------------------------

    def months(self, value: Months) -> tuple[date, date]:
        """Return the first and the last day of *value*."""
        if value.shift is not None:
            size = value.length
            current = self.issue_day.replace(
                month=(self.issue_day.month - 1) // size * size + 1, day=1
            )
            first = add_months(current, value.shift * size)[0]
            last = add_months(first, size)[0] - _DAY
            self.warn("relative", date=show(last))
            return first, last
        if value.short_year and value.year is not None:
            self.warn("two_digit_year", year=value.year)
        year = value.year
        if year is None and value.shift_year is not None:
            year = self.issue_day.year + value.shift_year
            self.warn("relative", date=show(date(year, value.last, 1)))
        if year is None:
            issued = self.issue_day
            year = issued.year + (value.last < issued.month)
            self.warn("no_year", date=f"{value.last:02d}/{year}")
        return date(year, value.first, 1), last_of_month(year, value.last)

    def week(self, value: Week) -> date:
        """Return the Monday of the week that *value* names."""
        issued = self.issue_day
        monday = issued - issued.weekday() * _DAY + 7 * value.shift * _DAY
        self.warn("relative", date=show(monday + 6 * _DAY))
        return monday

    # --- hours ----------------------------------------------------------------------------

    def at(self, day: date, clock: Clock, inclusive: bool = False) -> DateTime:
        """Return the instant; an *inclusive* bound is one microsecond later, to let it pass."""
        if clock.hour > 24 or (clock.hour == 24 and clock.minute):
            raise self.refuse("invalid_time")
        if clock.hour == 24:
            return end_of(day)
        return DateTime(
            day.year, day.month, day.day, clock.hour, clock.minute, 0, int(inclusive), tzinfo=_ZONE
        )

    # --- rolling --------------------------------------------------------------------------

    def roll(self, day: date, way: Rollover) -> date:
        """Return *day*, or the working day that it rolls to."""
        if way is Rollover.NONE or self.calendar.is_working(day):
            return day
        return self.calendar.shift(day, 1 if way is Rollover.NEXT else -1)

    def settle(
        self, options: Sequence[tuple[str, date]], way: Rollover
    ) -> tuple[DateTime, tuple[tuple[str, DateTime], ...]]:
        """Choose among *options* (name, last day), the one in force first.

        Return its bound and every reading that differs; note cautions about days off.
        """
        working = self.calendar.is_working
        if all(working(last) for _, last in options):
            readings = tuple([(name, end_of(last)) for name, last in options])
            return readings[0][1], readings if len(readings) > 1 else ()
        chosen = self.roll(options[0][1], way)
        days: dict[date, str] = {chosen: ""}
        for name, last in options:
            days[last] = name if not days.get(last) else days[last]
        for place, (name, last) in enumerate(options):
            if working(last):
                continue
            rolled = self.roll(last, way)
            if place:
                self.warn("reading_on_day_off", date=show(last))
            elif rolled == last:
                self.warn("day_off", date=show(last))
            else:
                self.warn("rolled", date=show(last), rolled=show(rolled))
            _name(days, self.calendar.shift(last, 1), f"{name}_next_working_day")
            if way is Rollover.PREVIOUS:
                _name(days, rolled, f"{name}_previous_working_day")
        bound = end_of(chosen)
        if len(days) == 1:
            return bound, ()
        return bound, tuple((name, end_of(last)) for last, name in days.items())


def _name(days: dict[date, str], day: date, name: str) -> None:
    if not days.get(day):
        days[day] = name


def last_of_month(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, longest(month, year))


def longest(month: int, year: int | None) -> int:
    """Return how many days a month has; a February of no year has 29."""
    if month == 2:
        leap = year is None or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
        return 29 if leap else 28
    return 30 if month in {4, 6, 9, 11} else 31


def add_months(day: date, months: int) -> tuple[date, bool]:
    """Return the corresponding day *months* later (or earlier, if negative).

    The second value tells whether that month has no such day, in which case its last day is
    taken (Civil Code 2015, Article 148 clause 3).
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    days = longest(month + 1, year)
    return date(year, month + 1, min(day.day, days)), day.day > days
