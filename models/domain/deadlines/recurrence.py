"""What comes back: days of the year, weekdays, every day; and what has no day yet."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from pendulum import DateTime

from models.domain.deadlines.candidate import LAW, Finding
from models.domain.deadlines.case import Case, end_of, last_of_month, longest, midnight
from models.domain.deadlines.moments import Clock, Day, MonthDay, Months, Value, Weekday
from models.domain.deadlines.result import Kind
from models.domain.deadlines.settings import BeforeDate

LAST = 99
"""The last day of a month, whichever it is."""
LAST_WORKING = 98
FIRST_WORKING = 97
_SHOWN = 4
_Pairs = tuple[tuple[int, int], ...]
_ONE = timedelta(days=1)


class Recurring(NamedTuple):
    """What comes back: a day of certain months, days of the year, weekdays, or every day."""

    mark: str
    months: tuple[int, ...] = ()
    day: Value | int = LAST
    """Of each of :attr:`months`; a number stands for itself or for :data:`LAST` and the like."""
    dates: tuple[Value, ...] = ()
    """Days of the year, or periods, of which the first or last day counts."""
    weekdays: tuple[Value, ...] = ()
    daily: bool = False
    clock: Value | None = None
    part: str = ""
    ambiguous: str = ""

    def solve(self, case: Case) -> Finding:
        """Work out the next four bounds from the day of issue on."""
        if self.clock is not None:
            case.check(self.clock)
        if self.part:
            case.warn("part_of_day", word=self.part)
        if self.ambiguous:
            case.warn("ambiguous_word", word=self.ambiguous)
        if self.mark in {"", "done", "due"} and not self.daily:
            case.warn("bare_date")
        if self.mark == "to":
            case.warn("ambiguous_word", word="đến")
        pairs = self._pairs(case)
        rule = self._rule(pairs)
        basis = f"{LAW} Đ.148 k.6 cho từng kỳ"
        self._warn_short(case, pairs)
        if case.since is None:
            case.warn("since_needed")
            return Finding(Kind.PERIODIC, None, rule, basis)
        days = list(islice(self._days(case, case.since, pairs), _SHOWN))
        if isinstance(self.clock, Clock):
            dues = [case.at(day, self.clock, self.mark != "before") for day in days]
            return Finding(Kind.PERIODIC, dues[0], rule, basis, occurrences=tuple(dues))
        options = self._options(case, days[0])
        first, readings = case.settle(options, case.settings.calendar_phrases)
        rest = [self._bound(case, day) for day in days[1:]]
        return Finding(
            Kind.PERIODIC, first, rule, basis, occurrences=(first, *rest), readings=readings
        )

    def _pairs(self, case: Case) -> _Pairs:
        """Return the days of the year as (month, day)."""
        if self.months:
            day = self.day.day if isinstance(self.day, MonthDay) else self.day
            if not isinstance(day, int):
                raise case.refuse("not_understood")
            return tuple((month, day) for month in self.months)
        pairs = []
        for value in self.dates:
            if isinstance(value, Day) and value.month is not None:
                pairs.append((value.month, value.day))
            elif isinstance(value, Months) and value.shift is None:
                first, last = (value.first, 1), (value.last, LAST)
                pairs.append(first if self.mark == "before" else last)
            else:
                raise case.refuse("not_understood")
        return tuple(sorted(pairs))

    def _rule(self, pairs: _Pairs) -> str:
        often = "daily" if self.daily else "weekly" if self.weekdays else ""
        months = {month for month, _ in pairs}
        if not often:
            often = {12: "monthly", 4: "quarterly", 2: "half-yearly", 1: "yearly"}.get(
                len(months), "yearly"
            )
        return f"{often}-{'before' if self.mark == 'before' else 'by'}"

    def _warn_short(self, case: Case, pairs: _Pairs) -> None:
        for month, day in pairs:
            if day < FIRST_WORKING and day > longest(month, 2023):
                if len(pairs) == 1 and not (month, day) == (2, 29):
                    raise case.refuse("invalid_date")
                case.warn("some_months_shorter", day=day)

    def _options(self, case: Case, day: date) -> list[tuple[str, date]]:
        if self.mark != "before":
            return [("end_of_day", day)]
        options = [("strict", day - _ONE), ("inclusive", day)]
        if case.settings.before_date is BeforeDate.INCLUSIVE:
            options.reverse()
        return options

    def _bound(self, case: Case, day: date) -> DateTime:
        last = self._options(case, day)[0][1]
        return end_of(case.roll(last, case.settings.calendar_phrases))

    def _days(self, case: Case, start: date, pairs: _Pairs) -> Iterator[date]:
        """Yield the named days from *start* on, leaving out those whose bound has passed."""
        for day in self._named(case, start, pairs):
            if isinstance(self.clock, Clock) or self._bound(case, day) > midnight(start):
                yield day

    def _named(self, case: Case, start: date, pairs: _Pairs) -> Iterator[date]:
        if self.daily or self.weekdays:
            named = {each.number for each in self.weekdays if isinstance(each, Weekday)}
            day = start
            while True:
                if self.daily or day.weekday() in named:
                    yield day
                day += _ONE
        for year in range(start.year, start.year + 12):
            for month, number in pairs:
                if year == start.year and month < start.month:
                    continue
                if (found := self._in_month(case, year, month, number)) >= start:
                    yield found

    def _in_month(self, case: Case, year: int, month: int, day: int) -> date:
        last = last_of_month(year, month)
        if day == LAST_WORKING:
            return case.calendar.shift(last + _ONE, -1)
        if day == FIRST_WORKING:
            return case.calendar.shift(last.replace(day=1) - _ONE, 1)
        if day > last.day:
            return last + _ONE if self.mark == "before" and day != LAST else last
        return last.replace(day=day)


class NoDay(NamedTuple):
    """It recurs, but on which day a person must say."""

    unit: str = ""
    number: int = 1

    def solve(self, case: Case) -> Finding:
        """Return that it is periodic."""
        case.warn("day_not_set" if self.unit else "period_not_set")
        rule = "periodic-unspecified"
        if self.unit:
            many = f"{self.number}-{self.unit}s" if self.number > 1 else self.unit
            rule = f"every-{many}"
        return Finding(Kind.PERIODIC, None, rule, "cần người ấn định")


class Review(NamedTuple):
    """sơ kết, tổng kết: a review whose date a person sets."""

    def solve(self, case: Case) -> Finding:
        """Return that it is periodic."""
        case.warn("day_not_set")
        return Finding(Kind.PERIODIC, None, "review", "cần người ấn định")
