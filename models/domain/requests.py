"""What somebody asks for: imperative, frozen. Whether it may become a fact, ``answers`` decides."""

from dataclasses import dataclass

from pendulum import DateTime

from models.domain.facts import BY_LINK, Report
from models.domain.terms import AssignmentId, BodyId, ObligationId


@dataclass(frozen=True, slots=True)
class Issue:
    """Let the document go out, if its time has come and the document above is out."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A unit confirms that it received the duty."""

    assignment: AssignmentId
    person: str
    link: str
    trust: str = BY_LINK


@dataclass(frozen=True, slots=True)
class Submit:
    """A unit hands in a report. ``version`` is the one it saw on its page (0: none yet)."""

    assignment: AssignmentId
    report: Report
    version: int
    person: str
    link: str
    trust: str = BY_LINK
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Correct:
    """A unit puts right the version ``version`` that it has just handed in."""

    assignment: AssignmentId
    report: Report
    version: int
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class Supplement:
    """A unit adds to a report that is in. ``number``: how many additions its page showed."""

    assignment: AssignmentId
    report: Report
    number: int
    person: str
    link: str
    trust: str = BY_LINK
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A unit says that the duty is not its own."""

    assignment: AssignmentId
    reason_sha256: str
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class RejectDispute:
    """A named authority leaves a disputed duty where it is."""

    assignment: AssignmentId
    by: str
    authority: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class AskExtension:
    """A unit asks for a later half-open bound."""

    assignment: AssignmentId
    until: DateTime
    reason_sha256: str
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class RefuseExtension:
    """A named authority leaves the bound where it is."""

    assignment: AssignmentId
    by: str
    authority: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class Reassign:
    """A named authority moves a duty from one body to another."""

    assignment: AssignmentId
    successor: BodyId
    by: str
    authority: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class NoteDelivery:
    """The outbox says what became of a mail. ``failed``: empty, or how it failed
    (:attr:`models.domain.facts.NoticeFailed.how`). Asked once for each outcome of a mail."""

    message_id: str
    kind: str
    assignment: AssignmentId
    body: BodyId
    at: DateTime
    """When it became of it, on the directive's clock."""
    failed: str = ""
    raw_sha256: str = ""
    code: int | None = None
    detail: str = ""
    """The relay's name for it, or the enhanced status of the failure."""


@dataclass(frozen=True, slots=True)
class RecordNotice:
    """An office vouches that it told the body by other means."""

    assignment: AssignmentId
    by: str
    how_sha256: str


@dataclass(frozen=True, slots=True)
class Accept:
    """The reviewing body accepts version ``version``."""

    assignment: AssignmentId
    version: int
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class Return:
    """The reviewing body gives version ``version`` back."""

    assignment: AssignmentId
    version: int
    reason_sha256: str
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class Waive:
    """A named authority lifts the duty from one body."""

    assignment: AssignmentId
    by: str
    authority: str


@dataclass(frozen=True, slots=True)
class MoveBound:
    """A named authority moves the date of one obligation, for everybody or for some bodies."""

    obligation: ObligationId
    due: DateTime
    """The new half-open bound."""
    phrase: str
    """The words of the new date."""
    by: str
    authority: str
    reason_sha256: str
    bodies: tuple[BodyId, ...] = ()
    why: str = "extension"
    earlier: bool = False
    """Say so to move a date forward: it takes time away from those who rely on it."""


@dataclass(frozen=True, slots=True)
class ReportUp:
    """Send the document's result to the document above."""


OnCopy = (
    Acknowledge
    | Submit
    | Correct
    | Supplement
    | Dispute
    | RejectDispute
    | AskExtension
    | RefuseExtension
    | Accept
    | Return
    | Waive
    | Reassign
    | RecordNotice
)
"""Requests about one body's copy of an obligation."""

Request = Issue | OnCopy | MoveBound | NoteDelivery | ReportUp
