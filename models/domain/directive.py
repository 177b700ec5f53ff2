"""What a directive lays down: documents, bodies, obligations, and the policy they run under.

These values travel inside the ledger (``Registered`` carries a whole :class:`Document`), so that
editing a package or a policy later never rewrites what was in force when it was issued.
Nothing here names a person or holds an address.
"""

from dataclasses import dataclass, field
from datetime import date

from pendulum import DateTime

from models.domain.calendar import WorkCalendar
from models.domain.terms import (
    Acceptance,
    AssignmentId,
    BodyId,
    DocumentKey,
    ObligationId,
    Source,
    assignment_id,
)


@dataclass(frozen=True, slots=True)
class Body:
    """An office in the hierarchy, as it stood when the document was issued."""

    id: BodyId
    name: str
    level: str
    """``central``, ``province``, ``city`` or ``grassroots``."""
    parent: BodyId | None = None
    source: Source = Source.TEXT


@dataclass(frozen=True, slots=True)
class Bound:
    """A date in the law's own words, and what was made of it.

    ``due_exclusive`` is half-open: a report is in time when ``submitted_at < due_exclusive``.
    """

    phrase: str
    rule: str
    reading: str
    due_exclusive: DateTime
    clause: str
    source: Source = Source.TEXT
    of: str = ""
    """The obligation in whose words the date stands: moving that one's date moves this bound."""
    event: date | None = None
    """The day that a counted period counts from, when it is not the day of issue."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One field that a report of this obligation carries."""

    name: str
    label: str
    unit: str = ""
    required: bool = True
    type: str = "whole"
    """``whole`` (a number from 0), ``decimal``, ``text``, ``date`` or ``choice``."""
    choices: tuple[str, ...] = ()
    """What may be chosen, for ``choice``."""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A condition on whole numbers of one report: the sum of ``left`` to the sum of ``right``."""

    left: tuple[str, ...]
    op: str
    """``<=`` or ``==``."""
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A weekly summary of the document, for those who lead."""

    weekday: int
    """0 is Monday; at the policy's hour."""
    recipients: tuple[BodyId, ...]


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty as one clause lays it down, before it is copied to each body that owes it."""

    id: ObligationId
    clause: str
    """Where it stands: ``III.1``."""
    quote: str
    """The exact words of the document."""
    summary: str
    """What the body must do, in one short Vietnamese line."""
    kind: str
    assignees: tuple[BodyId, ...]
    """Bodies, groups already expanded at the date of issue."""
    bound: Bound | None = None
    reviewer: BodyId | None = None
    """The body that accepts or returns the report (the channel, when there is one)."""
    receiver: BodyId | None = None
    """The legal addressee."""
    acceptance: Acceptance = Acceptance.RECEIVER
    depends_on: tuple[ObligationId, ...] = ()
    """Drawn as edges; only :attr:`waits_for` holds anything back."""
    waits_for: tuple[ObligationId, ...] = ()
    """The gate: this opens when all assignments of these are accepted or waived, or at its
    latest start."""
    also: tuple[ObligationId, ...] = ()
    """Other clauses that ask for the same product; they close together with this one."""
    realised_by: DocumentKey | None = None
    """The document below by whose issue this duty is done."""
    figures: tuple[Figure, ...] = ()
    wants_plan: bool = False
    """The report must name the number and date of the plan that was issued."""
    source: Source = Source.TEXT
    bounds: tuple[Bound, ...] = ()
    """Every bound that applies, its own first, then those of the clauses closed with it;
    :attr:`bound` is the strictest of them."""
    reports_on: tuple[ObligationId, ...] = ()
    """What its content covers by the text's own words (:data:`models.domain.feasibility.Tie`)."""
    checks: tuple[Check, ...] = ()
    lead: int | None = None
    """Working days that it needs once its inputs are there; ``None``: as the policy says."""

    def assignments(self) -> tuple[AssignmentId, ...]:
        """Return the identifiers of its copies, one for each assignee."""
        return tuple(assignment_id(self.id, body) for body in self.assignees)


@dataclass(frozen=True, slots=True)
class Nudge:
    """A reminder to the body that owes the duty, *days* before (negative) or after its last day."""

    name: str
    days: int
    working: bool = True


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: *working_days* after the last day, to *recipients*."""

    number: int
    name: str
    working_days: int
    recipients: tuple[BodyId, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Values that the text does not fix and an office may set. Hours are Viet Nam's."""

    nudges: tuple[Nudge, ...] = ()
    rungs: tuple[Rung, ...] = ()
    hour: int = 8
    """When reminders and rungs act on their day."""
    latest_start_working_days: int = 2
    """How many working days a waiting duty keeps for itself before its own bound."""
    resubmit_working_days: int = 3
    """How long a returned report may take, if its bound has passed."""
    before_date: str = "strict"
    rollover: str = "none"
    """Where the last day of a calendar phrase goes that is a day off."""
    rollover_counted: str = "next"
    """The same for counted periods (Civil Code 2015, Article 148 clause 5)."""
    term_end: date | None = None
    """The last day of the term (nhiệm kỳ), which only a person knows."""
    proof: bool = False
    """Whether a rung needs proof that the body was told before."""
    receipts: bool = False
    """Whether a body gets a mail that its report was received."""
    digest: bool = False
    """Whether what is owed to one body at one time goes out as one mail."""
    correct_minutes: int = 15
    """How long a report may be put right by its sender."""
    summary: Summary | None = None


@dataclass(frozen=True, slots=True)
class Parent:
    """The duty of the document above that this document carries out and reports to."""

    document: DocumentKey
    issue: AssignmentId | None
    """Done by issuing this document."""
    report: AssignmentId | None
    """Submitted when :attr:`Document.reports_when` is accepted."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the cascade, complete enough to run and to be judged by."""

    key: DocumentKey
    number: str
    """Number and sign as printed: ``256-KH/TU``."""
    kind: str
    title: str
    issuer: BodyId
    issue_at: DateTime
    bodies: tuple[Body, ...]
    obligations: tuple[Obligation, ...]
    policy: Policy = Policy()
    calendar: WorkCalendar = WorkCalendar()
    parent: Parent | None = None
    reports_when: ObligationId | None = None
    """When every assignment of this obligation is accepted, the document reports up."""
    clerk: BodyId | None = None
    """Who is told of what concerns the whole document (Văn phòng)."""
    package: str = ""
    package_sha256: str = ""
    issued_on: date | None = None
    notes: tuple[str, ...] = field(default=())

    def body(self, body: BodyId) -> Body:
        """Return the body with this identifier; raise ``KeyError`` when it is not in the roster."""
        for candidate in self.bodies:
            if candidate.id == body:
                return candidate
        raise KeyError(body)
