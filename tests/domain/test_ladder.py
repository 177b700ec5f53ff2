"""One schedule: reminders, overdue and rungs from a bound alone."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import DateTime

from models.domain.calendar import WorkCalendar, at, last_day, midnight
from models.domain.directive import Nudge, Policy, Rung
from models.domain.ladder import OVERDUE, REMIND, RUNG, effective_due, latest_start, schedule
from tests.builders import (
    CALENDAR,
    LATEST_START,
    POLICY,
    REPORTS,
    SYNTHESIS,
    SYNTHESIS_DUE,
    UNITS,
    duty,
)

_DAYS = st.dates(date(2023, 6, 1), date(2024, 6, 1))
_BOUNDS = st.one_of(
    _DAYS.map(midnight), st.builds(at, _DAYS, st.integers(0, 23), st.sampled_from((0, 30)))
)
_CALENDARS = st.builds(
    WorkCalendar,
    st.frozensets(_DAYS, max_size=20),
    st.frozensets(_DAYS.filter(lambda day: day.weekday() > 4), max_size=5),
)
_NUDGES = st.lists(
    st.builds(Nudge, st.just(""), st.integers(-15, 15), st.booleans()), max_size=4
).map(lambda many: tuple(replace(each, name=f"n{i}") for i, each in enumerate(many)))
_RUNGS = st.lists(st.integers(1, 15), max_size=5).map(
    lambda days: tuple(Rung(i, f"r{i}", d, ()) for i, d in enumerate(sorted(days), start=1))
)
_POLICIES = st.builds(
    Policy, _NUDGES, _RUNGS, hour=st.integers(0, 23), resubmit_working_days=st.integers(0, 10)
)
_AFTER = st.builds(
    lambda day, minute: midnight(day).add(minutes=minute), _DAYS, st.integers(0, 1439)
)


@settings(max_examples=200)
@given(_POLICIES, _CALENDARS, _BOUNDS, _AFTER, st.integers(0, 5), st.booleans())
def test_every_schedule_keeps_the_promises(
    policy: Policy,
    calendar: WorkCalendar,
    due: DateTime,
    after: DateTime,
    fired: int,
    overdue: bool,
) -> None:
    timers = schedule(policy, calendar, due, after, fired, overdue)
    assert [timer.at for timer in timers] == sorted(timer.at for timer in timers)
    assert all(timer.at > after for timer in timers if timer.kind != OVERDUE)
    late = [timer.at for timer in timers if timer.kind == OVERDUE]
    assert late == ([] if overdue else [max(due, after)])
    rungs = [timer for timer in timers if timer.kind == RUNG]
    assert [timer.number for timer in rungs] == [
        step.number for step in policy.rungs if step.number > fired
    ], "each rung once, in order, none lost because the case was opened late"
    assert len({timer.at for timer in rungs}) == len(rungs), "two rungs never at one instant"
    for timer in rungs:
        days = policy.rungs[timer.number - 1].working_days
        assert timer.at >= at(calendar.shift(last_day(due), days), policy.hour)
        assert timer.at >= due, "nobody is escalated who is still in time"
        assert calendar.is_working(timer.at.date())
        assert timer.at.hour == policy.hour
    names = [timer.name for timer in timers if timer.kind == REMIND]
    assert len(names) == len(set(names))
    for timer in timers:
        if timer.kind == REMIND:
            nudge = next(each for each in policy.nudges if each.name == timer.name)
            if not nudge.working:
                assert timer.at.date() == last_day(due) + timedelta(days=nudge.days)
            assert timer.at.hour == policy.hour


@settings(max_examples=100)
@given(_POLICIES, _CALENDARS, _BOUNDS, _AFTER)
def test_the_zone_of_an_instant_changes_nothing(
    policy: Policy, calendar: WorkCalendar, due: DateTime, after: DateTime
) -> None:
    """An evening in UTC is the next morning here: days are counted on Viet Nam's clock."""
    utc = after.in_timezone("UTC")
    schedule.cache_clear()
    here = schedule(policy, calendar, due, after)
    schedule.cache_clear()
    assert schedule(policy, calendar, due.in_timezone("UTC"), utc) == here
    assert effective_due(due, utc, policy, calendar) == effective_due(due, after, policy, calendar)


def test_the_synthesis_starts_two_working_days_before_its_bound() -> None:
    waiting = duty(SYNTHESIS, UNITS, SYNTHESIS_DUE, waits_for=(REPORTS,))
    assert latest_start(SYNTHESIS_DUE, waiting, POLICY, CALENDAR) == LATEST_START
    assert LATEST_START.isoformat() == "2023-10-27T00:00:00+07:00"
    three = replace(POLICY, latest_start_working_days=3)
    assert latest_start(SYNTHESIS_DUE, waiting, three, CALENDAR) == midnight(date(2023, 10, 26))
    off = WorkCalendar(off=frozenset({date(2023, 10, 30)}))
    assert latest_start(SYNTHESIS_DUE, waiting, POLICY, off) == midnight(date(2023, 10, 26))


def test_no_bound_no_latest_start() -> None:
    assert latest_start(None, duty(SYNTHESIS, UNITS), POLICY, CALENDAR) is None


@settings(max_examples=100)
@given(_CALENDARS, _BOUNDS, _AFTER, st.integers(0, 10))
def test_a_returned_report_has_whole_working_days(
    calendar: WorkCalendar, due: DateTime, returned: DateTime, days: int
) -> None:
    policy = replace(POLICY, resubmit_working_days=days)
    revised = effective_due(due, returned, policy, calendar)
    assert revised >= due, "a return never shortens the time"
    assert revised > returned or days == 0
    if revised > due:
        first = returned.date() + timedelta(days=1)
        assert len(list(calendar.working_days(first, last_day(revised)))) == days


def test_reminders_before_the_opening_are_left_out() -> None:
    due = midnight(date(2023, 10, 21))
    timers = schedule(POLICY, CALENDAR, due, at(date(2023, 10, 19), 8))
    assert [timer.name for timer in timers if timer.kind == REMIND] == ["on-the-day", "after-1"]


def test_a_duty_opened_after_its_bound_is_late_at_once_and_climbs_from_the_next_morning() -> None:
    due, opened = midnight(date(2023, 10, 1)), at(date(2023, 11, 2), 15)
    timers = schedule(POLICY, CALENDAR, due, opened)
    assert [(timer.kind, timer.at) for timer in timers] == [
        (OVERDUE, opened),
        (RUNG, at(date(2023, 11, 3), 8)),
        (RUNG, at(date(2023, 11, 6), 8)),
        (RUNG, at(date(2023, 11, 7), 8)),
        (RUNG, at(date(2023, 11, 8), 8)),
    ]


def test_a_duty_that_needs_no_day_starts_with_its_bound_at_the_latest() -> None:
    plain = duty(SYNTHESIS, UNITS, SYNTHESIS_DUE, lead=0)
    assert latest_start(SYNTHESIS_DUE, plain, POLICY, CALENDAR) == SYNTHESIS_DUE
