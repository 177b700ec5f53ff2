"""When mail may go: not in quiet hours and, where an office wishes so, on working days only."""

import re
from dataclasses import dataclass
from datetime import time, timedelta

from pendulum import DateTime

from models.domain.calendar import WorkCalendar, at, local, midnight

_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet time of each day, from ``begins`` up to ``ends`` (it may run through midnight).

    Times are Viet Nam's; which days are worked, the calendar of each document says.
    """

    begins: time | None = None
    ends: time | None = None
    working_days: bool = False

    def free_at(self, now: DateTime, calendar: WorkCalendar) -> DateTime:
        """Return the first instant from *now* on at which mail may go; *now* itself if it may."""
        moment = now = local(now)
        while True:
            if self.working_days and not calendar.is_working(moment.date()):
                moment = midnight(moment.date() + timedelta(days=1))
            elif (end := self._end_of_quiet(moment)) is not None:
                moment = end
            else:
                return moment

    def _end_of_quiet(self, moment: DateTime) -> DateTime | None:
        """Return when the quiet time ends in which *moment* lies; ``None`` when it is in none."""
        if self.begins is None or self.ends is None:
            return None
        of_day = moment.time()
        over_night = self.ends < self.begins
        if over_night and of_day >= self.begins:
            return at(moment.date() + timedelta(days=1), self.ends.hour, self.ends.minute)
        begun = over_night or of_day >= self.begins
        if begun and of_day < self.ends:
            return at(moment.date(), self.ends.hour, self.ends.minute)
        return None


ALWAYS = Hours()
"""Mail may go at any time."""


def hours_of(quiet: str, working_days: bool = False) -> Hours:
    """Return the hours that a setting names: ``21:00-06:00``, or nothing for no quiet time.

    Raises:
        ValueError: it is no span of time.
    """
    if not quiet.strip():
        return Hours(working_days=working_days)
    found = _SPAN.fullmatch(quiet.strip())
    if found is None:
        raise ValueError(f"quiet hours must be HH:MM-HH:MM, not {quiet!r}")
    begins = time(int(found[1]), int(found[2]))
    ends = time(int(found[3]), int(found[4]))
    if begins == ends:
        raise ValueError("quiet hours that begin and end together would be the whole day")
    return Hours(begins, ends, working_days)
