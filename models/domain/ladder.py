"""What time does to one open duty: reminders, overdue, rungs, each with its own instant.

The offsets are policy, counted from the last day on which the duty is in time. Everything here is
a function of the bound alone, so thousands of units with one bound share one schedule.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from pendulum import DateTime

from models.domain.calendar import WorkCalendar, at, last_day, local, midnight
from models.domain.directive import Nudge, Obligation, Policy, Summary

OVERDUE = "overdue"
REMIND = "remind"
RUNG = "rung"


@dataclass(frozen=True, slots=True)
class Timer:
    """One appointment of a schedule: a reminder (by name), overdue, or a rung (by number)."""

    at: DateTime
    kind: str
    name: str = ""
    number: int = 0


@lru_cache(maxsize=4096)
def schedule(
    policy: Policy,
    calendar: WorkCalendar,
    due: DateTime,
    after: DateTime,
    rung: int = 0,
    overdue: bool = False,
) -> tuple[Timer, ...]:
    """Return what time will do to a duty due before *due*, strictly after *after*, in order.

    *rung* rungs have fired already and *overdue* tells whether the bound was missed before (a
    late report that was returned climbs on; it does not start again at the bottom). A rung whose
    hour lies before *after* (a case that was opened late) is moved to *after*'s next morning hour
    rather than lost: superiors must still hear of it.
    """
    # Days are Viet Nam's, and equal instants of different zones share one place in the cache.
    due, after = local(due), local(after)
    last = last_day(due)
    timers: list[Timer] = []
    for nudge in policy.nudges:
        moment = _nudge_at(nudge, policy, calendar, due)
        # A bound before the office's hour leaves no reminder "on the day": it would come too late.
        if moment > after and (nudge.days > 0 or moment < due):
            timers.append(Timer(moment, REMIND, name=nudge.name))
    if not overdue:
        timers.append(Timer(max(due, after), OVERDUE))
    floor = after
    for step in policy.rungs:
        if step.number <= rung:
            continue
        moment = at(calendar.shift(last, step.working_days), policy.hour)
        if moment <= floor:
            moment = at(calendar.shift(floor.date(), 1), policy.hour)
        floor = moment
        timers.append(Timer(moment, RUNG, name=step.name, number=step.number))
    order = {REMIND: 0, OVERDUE: 1, RUNG: 2}
    timers.sort(key=lambda timer: (timer.at, order[timer.kind], timer.number))
    return tuple(timers)


def _nudge_at(nudge: Nudge, policy: Policy, calendar: WorkCalendar, due: DateTime) -> DateTime:
    """Return the policy's hour of the nudge's day."""
    last = last_day(due)
    day = calendar.shift(last, nudge.days) if nudge.working else last + timedelta(days=nudge.days)
    return at(day, policy.hour)


def latest_start(
    due: DateTime | None, obligation: Obligation, policy: Policy, calendar: WorkCalendar
) -> DateTime | None:
    """Return when a waiting duty, due before *due*, must start even if reports are missing.

    It keeps its own lead, or the policy's ``latest_start_working_days``, in whole working days
    before its bound: with a bound of 31/10/2023 00:00 and two days, that is 27/10/2023 00:00.
    ``None`` for a duty without a bound: it waits as long as it must.
    """
    if due is None:
        return None
    days = policy.latest_start_working_days if obligation.lead is None else obligation.lead
    # Whole days: one that ends at an hour is none.
    return midnight(calendar.shift(local(due).date(), -days))


def effective_due(
    due: DateTime, returned_at: DateTime, policy: Policy, calendar: WorkCalendar
) -> DateTime:
    """Return until when a returned report may be handed in again.

    The bound itself if it is later; otherwise the end of the policy's working days after the
    return, so that nobody is called overdue in the minute the paper comes back.
    """
    grace = calendar.shift(local(returned_at).date(), policy.resubmit_working_days)
    return max(due, midnight(grace + timedelta(days=1)))


def summary_after(summary: Summary, hour: int, after: DateTime) -> DateTime:
    """Return the first instant of a weekly summary strictly after *after*."""
    day = local(after).date()
    moment = at(day + timedelta(days=(summary.weekday - day.weekday()) % 7), hour)
    return moment if moment > after else at(moment.date() + timedelta(days=7), hour)
