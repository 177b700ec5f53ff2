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
    Corrected,
    Disputed,
    DisputeRejected,
    Escalated,
    ExtensionAsked,
    ExtensionRefused,
    Fact,
    FeasibilityChanged,
    Issued,
    NoticeFailed,
    NotTold,
    Opened,
    Reminded,
    Rescheduled,
    Returned,
    Submitted,
    Summarised,
    Superseded,
    Supplemented,
    Waived,
    key_of,
)
from models.domain.feasibility import Tie
from models.domain.prospects import infeasible
from models.domain.state import State
from models.domain.terms import Acceptance, AssignmentId, BodyId, Phase, assignment_id


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
    RECEIVED = "received"
    """The report is in; a receipt for its sender."""
    SUPPLEMENT = "supplement"
    """The unit added to a report that is in."""
    MOVED = "moved"
    """The duty went to another body."""
    REVIEW_ENDED = "review-ended"
    """The duty was lifted or moved while its report was being reviewed."""
    DISPUTED = "disputed"
    """The unit says that the duty is not its own."""
    DISPUTE_REJECTED = "dispute-rejected"
    EXTENSION_ASKED = "extension-asked"
    EXTENSION_REFUSED = "extension-refused"
    UNTOLD = "untold"
    """A rung was withheld: nothing proves that the body was told."""
    UNDELIVERED = "undelivered"
    """A mail could not be brought to its addressee."""
    SUMMARY = "summary"
    """The weekly summary of a document, for those who lead; about no assignment."""


class Purpose(StrEnum):
    """What the link in a mail lets its bearer do."""

    ACT = "act"
    """Acknowledge and report."""
    REVIEW = "review"
    """Accept or return."""
    VIEW = "view"
    """Look."""
    DECIDE = "decide"
    """Answer what a unit asks for: a later bound, a duty that is not its own."""
    BEHALF = "behalf"
    """Enter what a body has sent on paper; asked for by an operator, in no mail."""


PURPOSES = {
    **dict.fromkeys(Kind, Purpose.VIEW),
    **dict.fromkeys(
        (
            Kind.ASSIGNED,
            Kind.REMINDER,
            Kind.OVERDUE,
            Kind.RETURNED,
            Kind.EXTENDED,
            Kind.RECEIVED,
            Kind.DISPUTE_REJECTED,
            Kind.EXTENSION_REFUSED,
        ),
        Purpose.ACT,
    ),
    Kind.REVIEW: Purpose.REVIEW,
    Kind.DISPUTED: Purpose.DECIDE,
    Kind.EXTENSION_ASKED: Purpose.DECIDE,
}
"""What the link in each kind of mail is for."""


@dataclass(frozen=True, slots=True)
class Notify:
    """One body is to be told something about one assignment."""

    key: str
    """Unique for ever within the stream."""
    kind: Kind
    assignment: AssignmentId
    """Empty for a mail about the whole document; such a mail carries no link."""
    recipient: BodyId
    purpose: Purpose
    detail: str = ""
    """Name of the reminder, number of the rung, number of the version."""


def effects_of(state: State, fact: Fact) -> tuple[Notify, ...]:
    """Return the mails owed because of *fact*; *state* has it folded in."""

    def tell(kind: Kind, body: BodyId, detail: str = "", about: str | None = None) -> Notify:
        assignment = AssignmentId(fact.assignment if about is None else about)  # type: ignore[union-attr]
        return Notify(
            f"{key_of(fact)}|{kind}|{body}", kind, assignment, body, PURPOSES[kind], detail
        )

    def review_ended(assignment: AssignmentId, version: int) -> tuple[Notify, ...]:
        reviewer = _of(state, assignment)[0].reviewer
        if not version or reviewer is None:
            return ()
        return (tell(Kind.REVIEW_ENDED, reviewer, str(version)),)

    match fact:
        case Opened(assignment=assignment):
            obligation, body = _of(state, assignment)
            if obligation.realised_by is not None:
                return ()  # the body below answers with a document of its own
            return (tell(Kind.ASSIGNED, body),)
        case Reminded(at=at, assignment=assignment, nudge=nudge):
            _, body = _of(state, assignment)
            # Of this reminder's instant: the state may know of what came later in the same step.
            missed = state.progress[assignment].overdue_at
            late = missed is not None and missed <= at
            return (tell(Kind.OVERDUE if late else Kind.REMINDER, body, nudge),)
        case Escalated(assignment=assignment, rung=number):
            _, body = _of(state, assignment)
            rung = next(r for r in state.document.policy.rungs if r.number == number)
            above = tuple(each for each in rung.recipients if each != body)
            return (
                *(tell(Kind.ESCALATION, each, str(number)) for each in above),
                tell(Kind.OVERDUE, body, f"rung-{number}"),
            )
        case Submitted(assignment=assignment, version=version):
            obligation, body = _of(state, assignment)
            if obligation.reviewer is None or obligation.acceptance is Acceptance.AUTOMATIC:
                return ()
            review = tell(Kind.REVIEW, obligation.reviewer, str(version))
            if not state.document.policy.receipts:
                return (review,)
            return (review, tell(Kind.RECEIVED, body, str(version)))
        case Corrected(assignment=assignment, version=version):
            obligation, _ = _of(state, assignment)
            if obligation.reviewer is None or obligation.acceptance is Acceptance.AUTOMATIC:
                return ()
            return (tell(Kind.REVIEW, obligation.reviewer, str(version)),)
        case Supplemented(assignment=assignment, number=number):
            return tuple(
                tell(Kind.SUPPLEMENT, body, str(number)) for body in _readers(state, assignment)
            )
        case AddendumReceived(to=to, assignment=assignment):
            _, body = _of(state, to)
            return (tell(Kind.ADDENDUM, body, str(assignment), about=assignment),)
        case Returned(assignment=assignment, version=version):
            _, body = _of(state, assignment)
            return (tell(Kind.RETURNED, body, str(version)),)
        case Accepted(assignment=assignment, version=version):
            obligation, body = _of(state, assignment)
            if obligation.acceptance is Acceptance.AUTOMATIC:
                return ()  # the page itself is the receipt
            return (tell(Kind.ACCEPTED, body, str(version)),)
        case Waived(assignment=assignment, review=review):
            _, body = _of(state, assignment)
            if state.issued_at is None:
                return ()
            return (tell(Kind.WAIVED, body), *review_ended(assignment, review))
        case Superseded(assignment=assignment, review=review):
            _, body = _of(state, assignment)
            opened = state.progress[assignment].opened_at
            if opened is None:
                return ()  # nobody had told it of the duty
            return (tell(Kind.MOVED, body), *review_ended(assignment, review))
        case Disputed(number=number):
            return (tell(Kind.DISPUTED, _office(state), str(number)),)
        case DisputeRejected(assignment=assignment, number=number):
            _, body = _of(state, assignment)
            return (tell(Kind.DISPUTE_REJECTED, body, str(number)),)
        case ExtensionAsked(number=number):
            return (tell(Kind.EXTENSION_ASKED, _office(state), str(number)),)
        case ExtensionRefused(assignment=assignment, number=number):
            _, body = _of(state, assignment)
            return (tell(Kind.EXTENSION_REFUSED, body, str(number)),)
        case NotTold(rung=rung):
            return (tell(Kind.UNTOLD, _office(state), str(rung)),)
        case NoticeFailed(body=body, how=how, kind=kind):
            office = _office(state)
            # That the office itself cannot be reached is not to be told by mail; and a failed
            # mail about a failed mail ends here.
            if office == body or kind in (Kind.UNDELIVERED, Kind.UNTOLD) or not fact.assignment:
                return ()
            return (tell(Kind.UNDELIVERED, office, how),)
        case Summarised(number=number):
            summary = state.document.policy.summary
            return tuple(
                tell(Kind.SUMMARY, body, str(number), about="")
                for body in (summary.recipients if summary else ())
            )
        case Rescheduled(at=at, assignment=assignment, number=number):
            _, body = _of(state, assignment)
            opened = state.progress[assignment].opened_at
            # Who has not been told of the duty will be told of it with its new bound.
            if opened is None or opened >= at:
                return ()
            return (tell(Kind.EXTENDED, body, str(number)),)
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
                    str(number),
                    about=places.get(body, assignments[0]),
                )
                for body in told
            )
        case _:
            return ()


def _office(state: State) -> BodyId:
    """Return the body that answers what units ask for: the clerk, or the issuer itself."""
    return state.document.clerk or state.document.issuer


def _readers(state: State, assignment: AssignmentId) -> tuple[BodyId, ...]:
    """Return who must read what is added to a report: its reviewer, and who consolidated it."""
    obligation, _ = _of(state, assignment)
    assert state.plan is not None
    readers: list[BodyId] = [] if obligation.reviewer is None else [obligation.reviewer]
    for waiting in state.plan.gates_of.get(obligation.id, ()):
        if state.gates[waiting].opened_at is not None:
            # Whoever had to consolidate and no longer has is told no more.
            readers += (
                body
                for body in state.plan.obligations[waiting].assignees
                if state.progress[assignment_id(waiting, body)].phase is not Phase.SUPERSEDED
            )
    return tuple(dict.fromkeys(readers))


def _of(state: State, assignment: AssignmentId) -> tuple[Obligation, BodyId]:
    assert state.plan is not None
    return state.plan.assignments[assignment]
