"""From the words of a date, or the rule and the day that a clerk named, to the bound."""

from datetime import date, timedelta

from pendulum import DateTime

from config.shapes import DeadlineShape, PolicyShape
from models.domain.calendar import WorkCalendar, midnight
from models.domain.deadlines import Deadline, read, reading_under

NAMED = frozenset({"before", "by", "within-month"})
"""The rules for which a clerk names the day or month."""
DATED = NAMED | {"phrase"}
"""The rules that give a bound."""


def reading_of(deadline: DeadlineShape, policy: PolicyShape) -> str:
    """Return how "trước ngày" is read here (``strict``, ``inclusive``); empty for other rules."""
    if deadline.rule not in ("before", "phrase"):
        return ""
    return policy.before_date if deadline.reading == "policy" else deadline.reading


def said(
    deadline: DeadlineShape, policy: PolicyShape, calendar: WorkCalendar, issued: date | None
) -> Deadline | None:
    """Return what the words of *deadline* say; ``None`` where none are given."""
    if deadline.phrase is None:
        return None
    return read(
        deadline.phrase,
        issued=issued,
        event=deadline.event,
        settings=reading_under(policy, "" if deadline.reading == "policy" else deadline.reading),
        calendar=calendar,
    )


def due_exclusive(
    deadline: DeadlineShape,
    policy: PolicyShape,
    calendar: WorkCalendar = WorkCalendar(),
    issued: date | None = None,
) -> DateTime | None:
    """Return the half-open bound of *deadline*, or ``None`` where no date follows.

    "Trước ngày D" ends at 00:00 of D when read strictly, at 00:00 of D+1 when D counts;
    "chậm nhất ngày D" at 00:00 of D+1; "trong tháng M" at 00:00 of the first of the next month
    (a day ends at 24:00: Civil Code 2015, Article 148 clause 6, by analogy). A last day off stays
    unless the policy rolls calendar phrases. The rule ``phrase`` takes what the words say, counted
    from the event or from the day of issue.
    """
    if deadline.rule == "phrase":
        found = said(deadline, policy, calendar, issued)
        return found.due_exclusive if found is not None else None
    last = _last_day(deadline, policy)
    if last is None:
        return None
    if policy.rollover != "none" and not calendar.is_working(last):
        last = calendar.shift(last, 1 if policy.rollover == "next" else -1)
    return midnight(last + timedelta(days=1))


def _last_day(deadline: DeadlineShape, policy: PolicyShape) -> date | None:
    """Return the last day that the named day or month leaves."""
    if deadline.rule == "within-month" and deadline.month is not None:
        first = deadline.month
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return following - timedelta(days=1)
    if deadline.date is None or deadline.rule not in ("before", "by"):
        return None
    strict = deadline.rule == "before" and reading_of(deadline, policy) == "strict"
    return deadline.date - timedelta(days=int(strict))
