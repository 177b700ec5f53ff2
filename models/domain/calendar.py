"""Working days in Viet Nam: Saturday and Sunday rest, days off and make-up days are listed.

Every instant of the domain is a :class:`pendulum.DateTime` in Asia/Ho_Chi_Minh (+07:00, no
daylight saving). A day ends at 24:00, that is at 00:00 of the next day (Civil Code 2015,
Article 148 clause 6), which is why bounds are half-open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pendulum
from pendulum import DateTime

ZONE = "Asia/Ho_Chi_Minh"
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Days off (beyond weekends) and weekend days that are worked to make up for them."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Tell whether offices work on *day*."""
        if day in self.worked:
            return True
        return day.weekday() < _SATURDAY and day not in self.off

    def shift(self, day: date, working_days: int) -> date:
        """Return the day that lies *working_days* working days after *day* (before, if negative).

        The day itself is not counted (Civil Code 2015, Article 147). Zero returns *day*.
        """
        step = timedelta(days=1 if working_days >= 0 else -1)
        left = abs(working_days)
        while left:
            day += step
            if self.is_working(day):
                left -= 1
        return day

    def working_days(self, first: date, last: date) -> Iterator[date]:
        """Yield the working days from *first* to *last*, both included."""
        day = first
        while day <= last:
            if self.is_working(day):
                yield day
            day += timedelta(days=1)


def midnight(day: date) -> DateTime:
    """Return 00:00 of *day* in Viet Nam."""
    return pendulum.datetime(day.year, day.month, day.day, tz=ZONE)


def at(day: date, hour: int, minute: int = 0) -> DateTime:
    """Return *hour*:*minute* of *day* in Viet Nam."""
    return pendulum.datetime(day.year, day.month, day.day, hour, minute, tz=ZONE)


def local(instant: datetime) -> DateTime:
    """Return *instant* (any zone, never naive) on Viet Nam's clock."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs its zone: {instant!r}")
    return pendulum.instance(instant).in_timezone(ZONE)


def last_day(due_exclusive: DateTime) -> date:
    """Return the last whole or partial day on which something due before the bound is in time."""
    return (local(due_exclusive) - timedelta(microseconds=1)).date()
