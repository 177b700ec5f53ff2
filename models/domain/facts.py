"""What happened, frozen and in the past tense.

A fact carries **its own instant**: a bound missed at midnight is recorded with midnight, however
late somebody looks. So the ledger is the same however often time is let act.

Three kinds: *input* facts come from people or from another stream, *derived* facts follow from the
rules. People appear only as a reference (``p_…``) into the store's own table of persons; bodies
are offices and are named.
"""

from dataclasses import dataclass
from datetime import date

from pendulum import DateTime

from models.domain.directive import Document
from models.domain.terms import AssignmentId, BodyId, DocumentKey, ObligationId

BY_LINK = "link"
"""Said through a link that went to the body's own address."""

ON_BEHALF = "on-behalf"
"""Entered by an office from paper or by word of mouth: less sure than the body's own link."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with a report. Its bytes and the name it had are kept apart."""

    sha256: str
    media: str
    """The media type that its content was found to have, from a list of allowed ones."""
    size: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a unit hands in. Texts and files are kept apart by their SHA-256 (hex)."""

    text_sha256: str | None = None
    figures: tuple[tuple[str, int], ...] = ()
    plan_number: str | None = None
    plan_date: date | None = None
    answers: tuple[tuple[str, str], ...] = ()
    """Fields that are no whole numbers: a date (ISO), a decimal, a choice, or the SHA-256 of a
    text."""
    files: tuple[Attached, ...] = ()
    nothing: bool = False
    """The unit says that it has nothing to report, and why in the text."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail about one assignment, as the outbox owes it. It names an office, no address."""

    key: str
    """The effect's key within the stream (:class:`models.domain.effects.Notify`)."""
    message_id: str
    """Local part of the Message-ID; empty when the body has no address."""
    kind: str
    assignment: AssignmentId
    body: BodyId
    contact: str = ""
    """Reference of the address; empty when there is none."""
    link: str = ""
    """SHA-256 (hex) of the token of its link, so that no other secret can be put in its place;
    empty when it carries none."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The package's document was entered, with its policy, roster and calendar as they were."""

    at: DateTime
    document: Document
    by: str


@dataclass(frozen=True, slots=True)
class ParentIssued:
    """The document above has been issued; this one may follow."""

    at: DateTime
    parent: DocumentKey


@dataclass(frozen=True, slots=True)
class Issued:
    """The document went out, at the instant that it bears."""

    at: DateTime


@dataclass(frozen=True, slots=True)
class GateOpened:
    """A waiting duty may start: its reports are complete, or its latest start has come."""

    at: DateTime
    obligation: ObligationId
    complete: bool
    missing: tuple[AssignmentId, ...]
    waived: tuple[AssignmentId, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A body owes the duty from now on."""

    at: DateTime
    assignment: AssignmentId
    due: DateTime | None


@dataclass(frozen=True, slots=True)
class Reminded:
    """The body was to be reminded; ``nudge`` is the policy's name for this reminder."""

    at: DateTime
    assignment: AssignmentId
    nudge: str
    round: int


@dataclass(frozen=True, slots=True)
class BecameOverdue:
    """The bound passed with nothing submitted."""

    at: DateTime
    assignment: AssignmentId
    move: int = 0
    """How often the bound had been moved (:class:`Rescheduled`): a new bound can be missed anew."""


@dataclass(frozen=True, slots=True)
class Escalated:
    """A rung of the ladder fired; once for each rung of a case, never after the report."""

    at: DateTime
    assignment: AssignmentId
    rung: int
    move: int = 0
    """As in :class:`BecameOverdue`: a moved bound begins a case of its own."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The body confirmed that it received and understood the duty."""

    at: DateTime
    assignment: AssignmentId
    person: str
    link: str
    trust: str = BY_LINK


@dataclass(frozen=True, slots=True)
class Submitted:
    """The body handed in version ``version`` of its report."""

    at: DateTime
    assignment: AssignmentId
    version: int
    report: Report
    person: str
    link: str
    trust: str = BY_LINK
    paper: str = ""
    """On behalf: number and date of the paper that it was entered from."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """The body put right what it had just handed in, within the policy's minutes.

    The report in force is version ``version`` now; it counts as handed in when the first one was.
    """

    at: DateTime
    assignment: AssignmentId
    version: int
    report: Report
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class Supplemented:
    """The body added something to a report that is in; what was handed in stays as it is."""

    at: DateTime
    assignment: AssignmentId
    number: int
    """From 1, for each assignment."""
    report: Report
    person: str
    link: str
    trust: str = BY_LINK
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Disputed:
    """The body says that the duty is not its own, and why. An operator decides."""

    at: DateTime
    assignment: AssignmentId
    number: int
    reason_sha256: str
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class DisputeRejected:
    """The duty stays where it is: by whom, on what authority, why."""

    at: DateTime
    assignment: AssignmentId
    number: int
    """The dispute that it answers."""
    by: str
    authority: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class ExtensionAsked:
    """The body asks for a later bound, and why. Granting it is a :class:`BoundMoved`."""

    at: DateTime
    assignment: AssignmentId
    number: int
    until: DateTime
    """The half-open bound that it asks for."""
    reason_sha256: str
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class ExtensionRefused:
    """The bound stays: by whom, on what authority, why."""

    at: DateTime
    assignment: AssignmentId
    number: int
    """The request that it answers."""
    by: str
    authority: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class AddendumReceived:
    """A report came, or was accepted, after the duty that consolidates it started without it."""

    at: DateTime
    assignment: AssignmentId
    version: int
    to: AssignmentId


@dataclass(frozen=True, slots=True)
class Accepted:
    """The reviewing body found the version good; ``person`` is empty when the policy accepted."""

    at: DateTime
    assignment: AssignmentId
    version: int
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class Returned:
    """The reviewing body gave the version back, with a reason (kept apart by its SHA-256)."""

    at: DateTime
    assignment: AssignmentId
    version: int
    reason_sha256: str
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class Waived:
    """The duty was lifted from this body: by whom, on what authority."""

    at: DateTime
    assignment: AssignmentId
    by: str
    authority: str
    review: int = 0
    """The version that was under review, whose review ends with it; 0: none (or an older fact)."""


@dataclass(frozen=True, slots=True)
class BoundMoved:
    """A date was moved by a recorded act: by whom, on what authority, why, from when to when.

    The date is that of one obligation's own words. What inherits it moves with it
    (:class:`Rescheduled` for each assignment).
    """

    at: DateTime
    obligation: ObligationId
    number: int
    """How often this obligation's date has been moved, this time included."""
    was: DateTime | None
    due: DateTime
    phrase: str
    by: str
    authority: str
    reason_sha256: str
    bodies: tuple[BodyId, ...] = ()
    """For whom; empty: for everybody who owes it."""
    why: str = "extension"
    """``extension`` (by a decision) or ``calendar`` (a day off was announced)."""


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """The bound of one assignment is another from now on; its reminders and rungs with it."""

    at: DateTime
    assignment: AssignmentId
    number: int
    """How often this assignment's bound has been moved, this time included."""
    was: DateTime
    due: DateTime


@dataclass(frozen=True, slots=True)
class FeasibilityChanged:
    """A moved date made another duty impossible to keep in time, or possible again.

    ``on`` comes too late for it; ``needs`` is the earliest bound that would do (``None``: all is
    well again), ``days`` how many working days are missing.
    """

    at: DateTime
    obligation: ObligationId
    number: int
    on: str
    tie: str
    needs: DateTime | None
    days: int


@dataclass(frozen=True, slots=True)
class ReportUpExpected:
    """Because of a moved date, this document's result can be at the document above by ``due``."""

    at: DateTime
    number: int
    due: DateTime
    planned: DateTime | None = None
    """By when it could be there by the text's own dates."""


@dataclass(frozen=True, slots=True)
class ReportExpected:
    """What :class:`ReportUpExpected` of a document below means here."""

    at: DateTime
    child: DocumentKey
    assignment: AssignmentId
    number: int
    due: DateTime
    planned: DateTime | None = None


@dataclass(frozen=True, slots=True)
class ReportHeld:
    """A document below reported before the duty here could start; it is handed in as it opens."""

    at: DateTime
    assignment: AssignmentId
    child: DocumentKey
    report: Report


@dataclass(frozen=True, slots=True)
class Superseded:
    """The duty moved to a successor body: by whom, on what authority, why."""

    at: DateTime
    assignment: AssignmentId
    successor: AssignmentId
    by: str = ""
    authority: str = ""
    reason_sha256: str = ""
    review: int = 0
    """As in :class:`Waived`."""


@dataclass(frozen=True, slots=True)
class NoticeQueued:
    """Mails are owed because of what was recorded just before, in the same commit."""

    at: DateTime
    number: int
    """From 1, for each document."""
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class NoticeAccepted:
    """The relay took responsibility for a mail. Proof of dispatch, not that somebody read it."""

    at: DateTime
    message_id: str
    kind: str
    assignment: AssignmentId
    body: BodyId
    raw_sha256: str
    """Of the bytes that went over the wire."""
    code: int | None = None
    queue_id: str = ""
    """Under which name the relay keeps it."""


@dataclass(frozen=True, slots=True)
class NoticeFailed:
    """A mail could not be brought to its addressee."""

    at: DateTime
    message_id: str
    kind: str
    assignment: AssignmentId
    body: BodyId
    how: str
    """``no-contact``, ``refused``, ``parked`` (given up) or ``bounced`` (after the relay had
    accepted it)."""
    code: int | None = None
    status: str = ""
    """Enhanced status (RFC 3463), where one was given."""


@dataclass(frozen=True, slots=True)
class NoticeRecorded:
    """Somebody told the body by other means (telephone, courier), and an office vouches for it."""

    at: DateTime
    assignment: AssignmentId
    number: int
    body: BodyId
    by: str
    how_sha256: str
    """How it was told, in words (kept apart)."""


@dataclass(frozen=True, slots=True)
class NotTold:
    """A rung was due, but nothing proves that the body had been told: it is not blamed.

    The rung waits for a proof of notice; an operator is told.
    """

    at: DateTime
    assignment: AssignmentId
    rung: int
    number: int
    """From 1, for each assignment."""


@dataclass(frozen=True, slots=True)
class Summarised:
    """The policy's weekly summary of this document was due."""

    at: DateTime
    number: int


@dataclass(frozen=True, slots=True)
class ChildIssued:
    """The document below went out, and with it the duty to issue it was done."""

    at: DateTime
    assignment: AssignmentId
    child: DocumentKey


@dataclass(frozen=True, slots=True)
class ReportedUp:
    """The document's result went to the document above."""

    at: DateTime
    parent: DocumentKey
    assignment: AssignmentId
    missing: tuple[AssignmentId, ...]


@dataclass(frozen=True, slots=True)
class Completed:
    """Every duty with a date is closed. Standing duties go on."""

    at: DateTime


Fact = (
    Registered
    | ParentIssued
    | Issued
    | GateOpened
    | Opened
    | Reminded
    | BecameOverdue
    | Escalated
    | Acknowledged
    | Submitted
    | AddendumReceived
    | Accepted
    | Returned
    | Waived
    | BoundMoved
    | Rescheduled
    | FeasibilityChanged
    | ReportUpExpected
    | ReportExpected
    | ReportHeld
    | Superseded
    | ChildIssued
    | ReportedUp
    | Completed
    | Corrected
    | Supplemented
    | Disputed
    | DisputeRejected
    | ExtensionAsked
    | ExtensionRefused
    | NoticeQueued
    | NoticeAccepted
    | NoticeFailed
    | NoticeRecorded
    | NotTold
    | Summarised
)

OnAssignment = (
    Opened
    | Reminded
    | BecameOverdue
    | Escalated
    | Acknowledged
    | Submitted
    | Accepted
    | Returned
    | Waived
    | Rescheduled
    | Superseded
    | ChildIssued
    | Corrected
    | Supplemented
    | Disputed
    | DisputeRejected
    | ExtensionAsked
    | ExtensionRefused
    | NotTold
)
"""Facts that can move an assignment or add to it (``AddendumReceived``, ``ReportHeld`` and the
proofs of notice only note)."""

FACTS: dict[str, type[Fact]] = {
    kind.__name__: kind
    for kind in (
        Registered,
        ParentIssued,
        Issued,
        GateOpened,
        Opened,
        Reminded,
        BecameOverdue,
        Escalated,
        Acknowledged,
        Submitted,
        AddendumReceived,
        Accepted,
        Returned,
        Waived,
        BoundMoved,
        Rescheduled,
        FeasibilityChanged,
        ReportUpExpected,
        ReportExpected,
        ReportHeld,
        Superseded,
        ChildIssued,
        ReportedUp,
        Completed,
        Corrected,
        Supplemented,
        Disputed,
        DisputeRejected,
        ExtensionAsked,
        ExtensionRefused,
        NoticeQueued,
        NoticeAccepted,
        NoticeFailed,
        NoticeRecorded,
        NotTold,
        Summarised,
    )
}
"""Every fact by the name that the ledger stores. A name is never reused for another meaning."""


def key_of(fact: Fact) -> str:
    """Return the natural key of *fact* within its stream: the same fact twice is one fact."""
    match fact:
        case Registered() | Issued() | Completed() | ReportedUp() | ParentIssued():
            return type(fact).__name__
        case GateOpened(obligation=obligation):
            return f"GateOpened:{obligation}"
        case Reminded(assignment=assignment, nudge=nudge, round=number):
            return f"Reminded:{assignment}:{nudge}:{number}"
        case Escalated(assignment=assignment, rung=rung, move=move):
            return f"Escalated:{assignment}:{rung}{_after(move)}"
        case BecameOverdue(assignment=assignment, move=move):
            return f"BecameOverdue:{assignment}{_after(move)}"
        case AddendumReceived(assignment=assignment, version=version, to=to):
            return f"AddendumReceived:{to}:{assignment}:{version}"
        case BoundMoved(obligation=obligation, number=number):
            return f"BoundMoved:{obligation}:{number}"
        case FeasibilityChanged(obligation=obligation, number=number):
            return f"FeasibilityChanged:{obligation}:{number}"
        case ReportUpExpected(number=number):
            return f"ReportUpExpected:{number}"
        case ReportExpected(child=child, number=number):
            return f"ReportExpected:{child}:{number}"
        case Rescheduled(assignment=assignment, number=number):
            return f"Rescheduled:{assignment}:{number}"
        case Submitted() | Accepted() | Returned():
            return f"{type(fact).__name__}:{fact.assignment}:{fact.version}"
        case Corrected(assignment=assignment, version=version):
            # A version exists once, whether it was handed in or put right.
            return f"Submitted:{assignment}:{version}"
        case NoticeQueued(number=number) | Summarised(number=number):
            return f"{type(fact).__name__}:{number}"
        case NoticeAccepted(message_id=message):
            return f"NoticeAccepted:{message}"
        case NoticeFailed(message_id=message, how=how):
            return f"NoticeFailed:{message}:{how}"
        case (
            Supplemented()
            | Disputed()
            | DisputeRejected()
            | ExtensionAsked()
            | ExtensionRefused()
            | NoticeRecorded()
            | NotTold()
        ):
            return f"{type(fact).__name__}:{fact.assignment}:{fact.number}"
        case Opened() | Acknowledged() | Waived() | ReportHeld() | Superseded() | ChildIssued():
            return f"{type(fact).__name__}:{fact.assignment}"


def _after(move: int) -> str:
    """Return what tells a case under a moved bound from the first one."""
    return f":m{move}" if move else ""
