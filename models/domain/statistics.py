"""The table that offices use: {done, not done} × {in time, late}, and two honest rates.

The lenient rate counts what was in time by the bound in force (a moved date, or what a return
before the bound gave); the strict rate only what was in time by the bound as first announced, out
of what that bound can judge. A bound that was missed stays missed, whatever is returned later.
Publishing one rate alone hides lateness.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pendulum import DateTime

from models.domain.state import Progress, State
from models.domain.terms import AssignmentId, ObligationId, Phase


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of assignments that must be closed. Waived and superseded ones stand apart."""

    done_in_time: int = 0
    done_late: int = 0
    open_in_time: int = 0
    open_late: int = 0
    waived: int = 0
    superseded: int = 0
    strict_in_time: int = 0
    """Done in time by the bound as first announced."""
    strict_open_late: int = 0
    """Not done, and beyond the bound as first announced."""

    @property
    def done(self) -> int:
        """Count what is done."""
        return self.done_in_time + self.done_late

    @property
    def open(self) -> int:
        """Count what is not done."""
        return self.open_in_time + self.open_late

    @property
    def judged(self) -> int:
        """Count what can be judged: done, or open beyond its bound."""
        return self.done + self.open_late

    @property
    def lenient(self) -> tuple[int, int]:
        """Return in time by the bound in force, out of what can be judged."""
        return self.done_in_time, self.judged

    @property
    def strict(self) -> tuple[int, int]:
        """Return in time by the first bound, out of what that bound can judge."""
        return self.strict_in_time, self.done + self.strict_open_late


def is_late(progress: Progress) -> bool:
    """Tell whether the bound in force was missed; a fact that no later report undoes."""
    return progress.overdue_at is not None


def table(copies: Iterable[Progress], now: DateTime | None = None) -> Table:
    """Count *copies* (dated assignments, as a rule) into the table.

    With *now*, a first bound that passed after it had been moved counts for the strict rate too.
    """
    counts = dict.fromkeys(Table.__dataclass_fields__, 0)
    for copy in copies:
        late = is_late(copy)
        if copy.phase is Phase.WAIVED:
            counts["waived"] += 1
        elif copy.phase is Phase.SUPERSEDED:
            counts["superseded"] += 1
        elif copy.phase is Phase.ACCEPTED:
            counts["done_late" if late else "done_in_time"] += 1
            # What is done by the issue of a document below has no report: its issue counts.
            done_at = copy.submitted_at or copy.closed_at
            counts["strict_in_time"] += _within(done_at, copy.first_due)
        else:
            counts["open_late" if late else "open_in_time"] += 1
            passed = now is not None and copy.first_due is not None and copy.first_due <= now
            waiting = copy.phase is not Phase.SUBMITTED or not _within(
                copy.submitted_at, copy.first_due
            )
            missed = copy.missed_first or (late and not copy.moves)
            counts["strict_open_late"] += missed or (passed and waiting)
    return Table(**counts)


def _within(done: DateTime | None, due: DateTime | None) -> bool:
    return due is None or done is None or done < due


def closing_copies(state: State) -> Iterator[Progress]:
    """Yield the assignments that must be closed, in the order of the document."""
    if state.plan is None:
        return
    for obligation in state.plan.document.obligations:
        if obligation.id in state.plan.closing:
            for assignment in obligation.assignments():
                yield state.progress[assignment]


@dataclass(frozen=True, slots=True)
class Awaited:
    """One body that something waits for."""

    assignment: AssignmentId
    obligation: ObligationId
    clause: str
    unit: str
    phase: Phase
    since: DateTime | None
    """Overdue since, or open since."""
    due: DateTime | None
    late: bool
    rung: int


def awaited(state: State) -> list[Awaited]:
    """Return who is awaited, late ones first, then by bound."""
    plan = state.plan
    if plan is None:
        return []
    rows = [
        Awaited(
            copy.id,
            copy.obligation,
            plan.obligations[copy.obligation].clause,
            plan.name(copy.body),
            copy.phase,
            copy.overdue_at or copy.submitted_at or copy.opened_at,
            copy.due,
            is_late(copy),
            copy.rung,
        )
        for copy in closing_copies(state)
        if not copy.closed
    ]
    far = max((row.due for row in rows if row.due), default=None)
    return sorted(rows, key=lambda row: (not row.late, row.due is None, row.due or far, row.unit))
