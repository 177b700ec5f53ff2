"""How a document stands at one instant, short enough for those who lead: pure.

Thousands of units give the same few lines as ten: counts are of everybody, names are the first few
by how long they have been late, or by how many duties they owe.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pendulum import DateTime

from models.domain.calendar import last_day
from models.domain.prospects import infeasible
from models.domain.state import Plan, Progress, State
from models.domain.statistics import Table, closing_copies, is_late, table
from models.domain.terms import Phase

NAMED = 5
"""How many are named of each sort; the rest are counted."""

AT_WORK_NAMED = 3
"""How many are named of those who are at work and not late."""

AHEAD_DAYS = 7


@dataclass(frozen=True, slots=True)
class LateUnit:
    """A unit that is late with one duty or more."""

    name: str
    clauses: tuple[str, ...]
    days: int
    """Since the oldest missed bound, in calendar days, at least one."""
    rung: int
    """The highest step of the ladder that was taken."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A bound of the days ahead, and how many bodies still owe what it is set for."""

    due: DateTime
    clause: str
    summary: str
    open: int


@dataclass(frozen=True, slots=True)
class Week:
    """A document at :attr:`at`. Lists are short; counts are of everybody."""

    at: DateTime
    table: Table
    late: tuple[LateUnit, ...]
    late_units: int
    untold: tuple[LateUnit, ...]
    untold_units: int
    reviewers: tuple[tuple[str, int], ...]
    """Who has reports to review, and how many."""
    reviews: int
    awaited: tuple[tuple[str, int], ...]
    """Who owes duties that have begun, and how many."""
    awaited_units: int
    coming: tuple[Coming, ...]
    """What comes due within :data:`AHEAD_DAYS`."""
    coming_bounds: int
    asked: int
    """Requests (a later bound, a duty that is not one's own) that wait for a decision."""
    impossible: int
    """Duties that a moved date leaves too little time."""

    @property
    def total(self) -> int:
        """Count the duties that count: done or still to be done."""
        return self.table.done + self.table.open


def week_of(state: State, at: DateTime) -> Week:
    """Return how *state*, as it was at the instant *at*, stands."""
    plan = state.plan
    assert plan is not None, "a summary is of a registered document"
    copies = list(closing_copies(state))
    waiting = [copy for copy in copies if not copy.closed]
    # Who was not told is not blamed.
    late = _late(plan, [copy for copy in waiting if is_late(copy) and not copy.withheld], at)
    untold = _late(plan, [copy for copy in waiting if copy.withheld], at)
    reviews = _counted(
        plan.name(reviewer)
        for copy in waiting
        if copy.phase is Phase.SUBMITTED
        and (reviewer := plan.obligations[copy.obligation].reviewer) is not None
    )
    awaited = _counted(
        plan.name(copy.body) for copy in waiting if copy.phase in (Phase.OPEN, Phase.ACKNOWLEDGED)
    )
    coming = _coming(plan, waiting, at)
    return Week(
        at=at,
        table=table(copies, at),
        late=tuple(late[:NAMED]),
        late_units=len(late),
        untold=tuple(untold[:NAMED]),
        untold_units=len(untold),
        reviewers=tuple(reviews[:NAMED]),
        reviews=sum(count for _, count in reviews),
        awaited=tuple(awaited[:AT_WORK_NAMED]),
        awaited_units=len(awaited),
        coming=tuple(coming[:NAMED]),
        coming_bounds=len(coming),
        asked=sum((copy.asked is not None) + (copy.disputed is not None) for copy in waiting),
        impossible=sum(1 for _ in infeasible(state)),
    )


def _late(plan: Plan, late: Sequence[Progress], at: DateTime) -> list[LateUnit]:
    """Return the units of *late*, the longest beyond their bound first."""
    cases: dict[str, list[Progress]] = {}
    for copy in late:
        cases.setdefault(copy.body, []).append(copy)
    found = [
        LateUnit(
            plan.name(copies[0].body),
            tuple(dict.fromkeys(plan.obligations[copy.obligation].clause for copy in copies)),
            max(1, max(_days(copy, at) for copy in copies)),
            max(copy.rung for copy in copies),
        )
        for copies in cases.values()
    ]
    return sorted(found, key=lambda unit: (-unit.days, -unit.rung, unit.name))


def _days(copy: Progress, at: DateTime) -> int:
    due = copy.due or copy.overdue_at
    return 0 if due is None else (last_day(at) - last_day(due)).days


def _coming(plan: Plan, waiting: Sequence[Progress], at: DateTime) -> list[Coming]:
    """Return what comes due in the days ahead, the soonest first."""
    until = at.add(days=AHEAD_DAYS)
    open_: Counter[tuple[DateTime, str, str]] = Counter()
    for copy in waiting:
        if copy.due is not None and at < copy.due <= until and copy.phase is not Phase.SUBMITTED:
            duty = plan.obligations[copy.obligation]
            open_[(copy.due, duty.clause, duty.summary)] += 1
    return [Coming(*key, count) for key, count in sorted(open_.items(), key=lambda each: each[0])]


def _counted(names: Iterable[str]) -> list[tuple[str, int]]:
    """Return each name with how often it stands there, the most frequent first."""
    return sorted(Counter(names).items(), key=lambda each: (-each[1], each[0]))
