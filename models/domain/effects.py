"""Who is to be told of what. Effects come from facts alone.

So the key of a mail is natural (the fact's key, the kind, the recipient): a repeated pass, a
retried transaction or a second worker can only ask for the same mail again.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from models.domain.directive import Obligation
from models.domain.facts import (
    Accepted,
    AddendumReceived,
    Escalated,
    Fact,
    FeasibilityChanged,
    Issued,
    Opened,
    Reminded,
    Rescheduled,
    Returned,
    Submitted,
    Waived,
    key_of,
)
from models.domain.feasibility import Tie
from models.domain.prospects import infeasible
from models.domain.state import State
from models.domain.terms import Acceptance, AssignmentId, BodyId


class Kind(StrEnum):
    """Kinds of mail."""

    ASSIGNED = "assigned"
    REMINDER = "reminder"
    OVERDUE = "overdue"
    ESCALATION = "escalation"
    REVIEW = "review"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WAIVED = "waived"
    ADDENDUM = "addendum"
    EXTENDED = "extended"
    """The bound was moved."""
    INFEASIBLE = "infeasible"
    """A moved bound leaves another duty too little time."""


class Purpose(StrEnum):
    """What the link in a mail lets its bearer do."""

    ACT = "act"
    """Acknowledge and report."""
    REVIEW = "review"
    """Accept or return."""
    VIEW = "view"
    """Look."""


@dataclass(frozen=True, slots=True)
class Notify:
    """One body is to be told something about one assignment."""

    key: str
    """Unique for ever within the stream."""
    kind: Kind
    assignment: AssignmentId
    recipient: BodyId
    purpose: Purpose
    detail: str = ""
    """Name of the reminder, number of the rung, number of the version."""


def effects_of(state: State, fact: Fact) -> tuple[Notify, ...]:
    """Return the mails owed because of *fact*; *state* has it folded in."""

    def tell(
        kind: Kind, body: BodyId, purpose: Purpose, detail: str = "", about: str | None = None
    ) -> Notify:
        assignment = AssignmentId(about or fact.assignment)  # type: ignore[union-attr]
        return Notify(f"{key_of(fact)}|{kind}|{body}", kind, assignment, body, purpose, detail)

    match fact:
        case Opened(assignment=assignment):
            obligation, body = _of(state, assignment)
            if obligation.realised_by is not None:
                return ()  # the body below answers with a document of its own
            return (tell(Kind.ASSIGNED, body, Purpose.ACT),)
        case Reminded(at=at, assignment=assignment, nudge=nudge):
            _, body = _of(state, assignment)
            # Of this reminder's instant: the state may know of what came later in the same step.
            missed = state.progress[assignment].overdue_at
            late = missed is not None and missed <= at
            return (tell(Kind.OVERDUE if late else Kind.REMINDER, body, Purpose.ACT, nudge),)
        case Escalated(assignment=assignment, rung=number):
            _, body = _of(state, assignment)
            rung = next(r for r in state.document.policy.rungs if r.number == number)
            above = tuple(each for each in rung.recipients if each != body)
            return (
                *(tell(Kind.ESCALATION, each, Purpose.VIEW, str(number)) for each in above),
                tell(Kind.OVERDUE, body, Purpose.ACT, f"rung-{number}"),
            )
        case Submitted(assignment=assignment, version=version):
            obligation, _ = _of(state, assignment)
            if obligation.reviewer is None or obligation.acceptance is Acceptance.AUTOMATIC:
                return ()
            return (tell(Kind.REVIEW, obligation.reviewer, Purpose.REVIEW, str(version)),)
        case AddendumReceived(to=to, assignment=assignment):
            _, body = _of(state, to)
            return (tell(Kind.ADDENDUM, body, Purpose.VIEW, str(assignment), about=assignment),)
        case Returned(assignment=assignment, version=version):
            _, body = _of(state, assignment)
            return (tell(Kind.RETURNED, body, Purpose.ACT, str(version)),)
        case Accepted(assignment=assignment, version=version):
            obligation, body = _of(state, assignment)
            if obligation.acceptance is Acceptance.AUTOMATIC:
                return ()  # the page itself is the receipt
            return (tell(Kind.ACCEPTED, body, Purpose.VIEW, str(version)),)
        case Waived(assignment=assignment):
            _, body = _of(state, assignment)
            if state.issued_at is None:
                return ()
            return (tell(Kind.WAIVED, body, Purpose.VIEW),)
        case Rescheduled(at=at, assignment=assignment, number=number):
            _, body = _of(state, assignment)
            opened = state.progress[assignment].opened_at
            # Who has not been told of the duty will be told of it with its new bound.
            if opened is None or opened >= at:
                return ()
            return (tell(Kind.EXTENDED, body, Purpose.ACT, str(number)),)
        case Issued():
            # What was moved before the issue is told with it: nobody was to be told before.
            return tuple(
                replace(each, key=f"{key_of(fact)}|{each.key}")
                for said in infeasible(state)
                for each in effects_of(state, said)
            )
        case FeasibilityChanged(needs=needs, number=number):
            if needs is None or state.issued_at is None or state.plan is None:
                return ()
            assignments = [
                each
                for each in state.plan.obligations[fact.obligation].assignments()
                if not state.progress[each].closed
            ]
            if not assignments:
                return ()
            # Of what it waits for its owner must know; that a report will be less complete is the
            # clerk's matter (and not one for every unit).
            owners = [_of(state, each)[1] for each in assignments]
            told = owners if fact.tie == Tie.INPUT else []
            clerk = state.document.clerk
            if clerk is not None and clerk not in told:
                told = [*told, clerk]
            places = dict(zip(owners, assignments, strict=True))
            return tuple(
                tell(
                    Kind.INFEASIBLE,
                    body,
                    Purpose.VIEW,
                    str(number),
                    about=places.get(body, assignments[0]),
                )
                for body in told
            )
        case _:
            return ()


def _of(state: State, assignment: AssignmentId) -> tuple[Obligation, BodyId]:
    assert state.plan is not None
    return state.plan.assignments[assignment]
