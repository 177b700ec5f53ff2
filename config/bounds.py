"""From a rule and the date it names to the bound: the first instant that is too late."""

from datetime import date, timedelta

from pendulum import DateTime

from config.shapes import DeadlineShape, PolicyShape
from models.domain.calendar import midnight

DATED = frozenset({"before", "by", "within-month"})
"""The rules that give a bound."""


def reading_of(deadline: DeadlineShape, policy: PolicyShape) -> str:
    """Return how "trước ngày" is read here (``strict``, ``inclusive``); empty for other rules."""
    if deadline.rule != "before":
        return ""
    return policy.before_date if deadline.reading == "policy" else deadline.reading


def due_exclusive(deadline: DeadlineShape, policy: PolicyShape) -> DateTime | None:
    """Return the half-open bound of *deadline*, or ``None`` where no date follows.

    "Trước ngày D" ends at 00:00 of D when read strictly, at 00:00 of D+1 when D counts;
    "chậm nhất ngày D" at 00:00 of D+1; "trong tháng M" at 00:00 of the first of the next month
    (a day ends at 24:00: Civil Code 2015, Article 148 clause 6, by analogy). Nothing is rolled
    over to a working day: these are calendar dates, not counted periods.
    """
    if deadline.rule == "within-month" and deadline.month is not None:
        first = deadline.month
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return midnight(following)
    if deadline.date is None:
        return None
    if deadline.rule == "before" and reading_of(deadline, policy) == "strict":
        return midnight(deadline.date)
    if deadline.rule in ("before", "by"):
        return midnight(deadline.date + timedelta(days=1))
    return None
