"""When mail may go: quiet hours through midnight, days off, and nothing lost in between."""

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import DateTime

from config.hours import ALWAYS, Hours, hours_of
from models.domain.calendar import WorkCalendar, midnight
from tests.factories import vn

NIGHT = hours_of("21:00-06:00")
WORKING = hours_of("21:00-06:00", working_days=True)
TET = WorkCalendar(
    off=frozenset({date(2024, 2, day) for day in range(8, 15)}),
    worked=frozenset({date(2024, 2, 3)}),
)


@pytest.mark.parametrize(
    ("hours", "now", "free"),
    [
        (NIGHT, vn(2023, 9, 19, 20, 59), vn(2023, 9, 19, 20, 59)),
        (NIGHT, vn(2023, 9, 19, 21), vn(2023, 9, 20, 6)),
        (NIGHT, vn(2023, 9, 20, 5, 59), vn(2023, 9, 20, 6)),
        (NIGHT, vn(2023, 9, 20, 6), vn(2023, 9, 20, 6)),
        (hours_of("12:00-13:30"), vn(2023, 9, 20, 12, 15), vn(2023, 9, 20, 13, 30)),
        (hours_of("12:00-13:30"), vn(2023, 9, 20, 11, 59), vn(2023, 9, 20, 11, 59)),
        (WORKING, vn(2023, 9, 22, 22), vn(2023, 9, 25, 6)),  # Friday night to Monday
        (WORKING, vn(2024, 2, 7, 22), vn(2024, 2, 15, 6)),  # over Tết
        (WORKING, vn(2024, 2, 3, 9), vn(2024, 2, 3, 9)),  # a Saturday that is worked
        (hours_of("", working_days=True), vn(2023, 9, 23, 9), vn(2023, 9, 25)),
        (ALWAYS, vn(2023, 9, 24, 3), vn(2023, 9, 24, 3)),
    ],
)
def test_mail_waits_for_its_hour(hours: Hours, now: DateTime, free: DateTime) -> None:
    assert hours.free_at(now, TET) == free


MINUTES = st.integers(0, 24 * 60 - 1)


@settings(max_examples=60)
@given(MINUTES, MINUTES, st.booleans(), st.integers(0, 60 * 24 * 40))
def test_mail_goes_at_the_first_free_minute(
    begins: int, ends: int, working: bool, after: int
) -> None:
    if begins == ends:
        return
    hours = Hours(time(*divmod(begins, 60)), time(*divmod(ends, 60)), working)
    now = midnight(date(2024, 1, 20)).add(minutes=after)
    free = hours.free_at(now, TET)
    assert _may_go(begins, ends, working, free)
    minutes = int((free - now).total_minutes())
    assert not any(_may_go(begins, ends, working, now.add(minutes=each)) for each in range(minutes))


def _may_go(begins: int, ends: int, working: bool, at: DateTime) -> bool:
    """Tell it minute by minute, as an office would say it."""
    if working and not TET.is_working(at.date()):
        return False
    minute = at.hour * 60 + at.minute
    quiet = begins <= minute < ends if begins < ends else minute >= begins or minute < ends
    return not quiet


@pytest.mark.parametrize("text", ["21-06", "24:00-06:00", "21:60-06:00", "06:00-06:00", "x"])
def test_what_is_no_span_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="quiet hours"):
        hours_of(text)
