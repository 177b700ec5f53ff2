"""Whether anybody still needs a mail, when its turn comes to be sent."""

from models.domain.effects import Kind
from models.domain.facts import FeasibilityChanged
from models.domain.ladder import REMIND, RUNG
from models.domain.state import Progress, State
from models.domain.terms import AssignmentId, Phase

CLOSED = "closed in the meantime"
_UNTIL_CLOSED = frozenset(
    {
        Kind.ASSIGNED,
        Kind.REMINDER,
        Kind.OVERDUE,
        Kind.ESCALATION,
        Kind.RETURNED,
        Kind.EXTENDED,
        Kind.INFEASIBLE,
        Kind.UNTOLD,
        Kind.DISPUTED,
        Kind.DISPUTE_REJECTED,
        Kind.EXTENSION_ASKED,
        Kind.EXTENSION_REFUSED,
    }
)
"""Kinds that ask somebody to do something about a duty that is owed."""


def outdated(state: State, kind: Kind, assignment: AssignmentId, detail: str) -> str | None:
    """Return why nobody needs this mail of *state*'s document any more, or ``None``."""
    if not assignment:
        newer = kind is Kind.SUMMARY and str(state.summaries) != detail
        return "a later one says more" if newer else None
    progress = state.progress[assignment]
    return stale(kind, progress, detail, state.feasibility.get(progress.obligation))


def stale(
    kind: Kind, progress: Progress, detail: str, said: FeasibilityChanged | None = None
) -> str | None:
    """Return why nobody needs this mail about one duty any more, or ``None``.

    *said* is the newest word on what moved dates do to the duty.
    """
    if progress.closed and kind in _UNTIL_CLOSED:
        return CLOSED
    submitted = progress.phase is Phase.SUBMITTED
    match kind:
        case Kind.REMINDER | Kind.OVERDUE | Kind.ESCALATION if submitted:
            return "reported in the meantime"
        case Kind.REMINDER | Kind.OVERDUE if _outrun(progress, detail):
            return "a later one says more"
        case Kind.ESCALATION if progress.rung < int(detail):
            return "the bound was moved in the meantime"
        case Kind.EXTENDED if str(progress.moves) != detail:
            return "moved again in the meantime"
        case Kind.INFEASIBLE if said is None or said.needs is None or str(said.number) != detail:
            return "changed in the meantime"
        case Kind.REVIEW if not submitted or str(progress.version) != detail:
            return "reviewed in the meantime"
        case Kind.RECEIVED if not submitted:
            return "reviewed in the meantime"
        case Kind.RETURNED if submitted or str(progress.version) != detail:
            return "reported again in the meantime"
        case Kind.DISPUTED if progress.disputed is None or str(progress.disputed.number) != detail:
            return "decided in the meantime"
        case Kind.EXTENSION_ASKED if progress.asked is None or str(progress.asked.number) != detail:
            return "decided in the meantime"
        case Kind.UNTOLD if str(progress.withheld) != detail:
            return "told in the meantime"
        case _:
            return None


def _outrun(progress: Progress, detail: str) -> bool:
    """Tell whether a later reminder or rung told the body more than the one named *detail*.

    After an outage of the relay or of the system a body gets the newest word, not all of them.
    """
    names = fired(progress)
    return bool(progress.timers) and detail not in names[-1:]


def fired(progress: Progress) -> list[str]:
    """Return the names of the reminders and rungs that the body was told of in this case."""
    past = [each for each in progress.timers[: progress.timer] if each.kind in (REMIND, RUNG)]
    return [each.name if each.kind == REMIND else f"rung-{each.number}" for each in past]
