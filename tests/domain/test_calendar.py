"""Working days, days' ends and zones."""

from datetime import UTC, date, datetime, timedelta

import pendulum
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain.calendar import ZONE, WorkCalendar, at, last_day, local, midnight

_DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))
_CALENDARS = st.builds(
    WorkCalendar,
    st.frozensets(_DAYS, max_size=40),
    st.frozensets(_DAYS.filter(lambda day: day.weekday() > 4), max_size=10),
)


@settings(max_examples=150)
@given(_CALENDARS, _DAYS, st.integers(1, 30))
def test_shift_counts_the_working_days_between(
    calendar: WorkCalendar, day: date, count: int
) -> None:
    after, before = calendar.shift(day, count), calendar.shift(day, -count)
    one = timedelta(days=1)
    assert len(list(calendar.working_days(day + one, after))) == count
    assert len(list(calendar.working_days(before, day - one))) == count
    assert calendar.is_working(after)
    assert calendar.is_working(before)


@given(_CALENDARS, _DAYS)
def test_zero_days_is_the_day_itself(calendar: WorkCalendar, day: date) -> None:
    assert calendar.shift(day, 0) == day


@given(_CALENDARS, _DAYS)
def test_a_make_up_day_is_worked_and_a_day_off_is_not(calendar: WorkCalendar, day: date) -> None:
    expected = day in calendar.worked or (day.weekday() < 5 and day not in calendar.off)
    assert calendar.is_working(day) is expected


def test_weekends_and_make_up_days() -> None:
    calendar = WorkCalendar(
        off=frozenset({date(2024, 4, 29)}), worked=frozenset({date(2024, 5, 4)})
    )
    assert calendar.shift(date(2024, 4, 26), 1) == date(2024, 4, 30)
    assert calendar.shift(date(2024, 5, 3), 1) == date(2024, 5, 4), "a worked Saturday counts"
    assert calendar.shift(date(2024, 5, 3), 2) == date(2024, 5, 6)


@given(_DAYS)
def test_a_day_ends_at_the_next_midnight_in_viet_nam(day: date) -> None:
    bound = midnight(day + timedelta(days=1))
    assert last_day(bound) == day
    assert last_day(bound + timedelta(microseconds=1)) == day + timedelta(days=1)
    assert last_day(bound.in_timezone("UTC")) == day, "the zone of the argument does not matter"
    assert bound.utcoffset() == timedelta(hours=7)
    assert at(day, 8).hour == 8


@given(st.integers(0, 3 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC)))
def test_local_keeps_the_instant(instant: datetime) -> None:
    moved = local(instant)
    assert moved == instant
    assert moved.timezone_name == ZONE


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        local(datetime(2023, 10, 21))  # noqa: DTZ001
    with pytest.raises(ValueError, match="needs its zone"):
        local(pendulum.naive(2023, 10, 21))
