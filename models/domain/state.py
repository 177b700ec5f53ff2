"""What is known of one document: a value folded from its facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from immutables import Map
from pendulum import DateTime

from models.domain.agenda import Agenda
from models.domain.directive import Body, Document, Obligation
from models.domain.facts import (
    BY_LINK,
    BoundMoved,
    Disputed,
    ExtensionAsked,
    FeasibilityChanged,
    Report,
    ReportExpected,
)
from models.domain.ladder import Timer
from models.domain.terms import (
    CLOSED,
    AssignmentId,
    BodyId,
    DocumentKey,
    ObligationId,
    Phase,
    assignment_id,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one assignment stands. All instants are Viet Nam's; ``None`` means not yet."""

    id: AssignmentId
    obligation: ObligationId
    body: BodyId
    phase: Phase = Phase.PENDING
    first_due: DateTime | None = None
    """The bound as announced. Statistics keep it."""
    due: DateTime | None = None
    """The bound in force (after a return)."""
    opened_at: DateTime | None = None
    acknowledged_at: DateTime | None = None
    submitted_at: DateTime | None = None
    """Of the version that stands now."""
    version: int = 0
    report: Report | None = None
    """What the newest version says."""
    overdue_at: DateTime | None = None
    rung: int = 0
    returned_at: DateTime | None = None
    returned_reason: str | None = None
    """SHA-256 of the reason of the last return."""
    rounds: int = 0
    """How often it was returned."""
    moves: int = 0
    """How often its bound was moved by an act."""
    missed_first: bool = False
    """The bound as first announced passed with nothing submitted; no later act undoes it."""
    closed_at: DateTime | None = None
    waived_by: str | None = None
    trust: str = BY_LINK
    """How the newest version came: by the body's own link, or entered on its behalf."""
    supplements: int = 0
    """How often something was added to the report."""
    supplement: Report | None = None
    """What was added last."""
    disputes: int = 0
    disputed: Disputed | None = None
    """Open: the body says that the duty is not its own, and nobody has decided."""
    asks: int = 0
    asked: ExtensionAsked | None = None
    """Open: the body asks for a later bound, and nobody has decided."""
    told: int = 0
    """How many notices to the body about this duty are proven and did not bounce."""
    answered: bool = False
    """The body has used a link of its own: it knows of the duty."""
    notices: int = 0
    """How many notices were recorded by hand."""
    withheld: int = 0
    """The rung that waits for a proof of notice; 0: none."""
    withheld_at: DateTime | None = None
    """When that rung was due."""
    untold: int = 0
    """How often a rung was withheld."""
    timers: tuple[Timer, ...] = ()
    timer: int = 0
    """Index of the next timer. Not armed while a report is being reviewed."""

    @property
    def closed(self) -> bool:
        """Tell whether nothing more is owed."""
        return self.phase in CLOSED

    @property
    def knows(self) -> bool:
        """Tell whether it is proven that the body was told of the duty."""
        return self.told > 0 or self.answered

    @property
    def case(self) -> int:
        """Count how often its follow-up began anew: with every return and every moved bound."""
        return self.rounds + self.moves

    @property
    def next_timer(self) -> Timer | None:
        """Return what time will do next, if this assignment is open."""
        if self.phase in (Phase.OPEN, Phase.ACKNOWLEDGED) and self.timer < len(self.timers):
            return self.timers[self.timer]
        return None


@dataclass(frozen=True, slots=True)
class Gate:
    """The condition before a waiting duty."""

    obligation: ObligationId
    waits_for: frozenset[ObligationId]
    outstanding: int
    start: DateTime | None = None
    """The latest start, in the agenda from the issue on."""
    opened_at: DateTime | None = None
    missing: tuple[AssignmentId, ...] = ()


class Plan:
    """A document with its look-up tables; derived, never stored."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.obligations: Mapping[ObligationId, Obligation] = {
            obligation.id: obligation for obligation in document.obligations
        }
        self.bodies: Mapping[BodyId, Body] = {body.id: body for body in document.bodies}
        self.assignments: Mapping[AssignmentId, tuple[Obligation, BodyId]] = {
            assignment_id(obligation.id, body): (obligation, body)
            for obligation in document.obligations
            for body in obligation.assignees
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self.document == other.document

    def __hash__(self) -> int:
        return hash(self.document.key)

    @cached_property
    def gates_of(self) -> Mapping[ObligationId, tuple[ObligationId, ...]]:
        """For each obligation that is waited for, the obligations that wait."""
        waiting: dict[ObligationId, tuple[ObligationId, ...]] = {}
        for obligation in self.document.obligations:
            for awaited in obligation.waits_for:
                waiting[awaited] = (*waiting.get(awaited, ()), obligation.id)
        return waiting

    @cached_property
    def closing(self) -> frozenset[ObligationId]:
        """Obligations that must be closed before the document is complete.

        Those with a bound, and those that are done by the issue of a document below. Standing
        duties never end and hold nothing up.
        """
        return frozenset(
            obligation.id
            for obligation in self.document.obligations
            if obligation.bound is not None or obligation.realised_by is not None
        )

    def with_assignee(self, obligation: ObligationId, body: BodyId) -> "Plan":
        """Return the plan with one body more that owes *obligation* (a successor)."""
        obligations = tuple(
            replace(each, assignees=(*each.assignees, body)) if each.id == obligation else each
            for each in self.document.obligations
        )
        return Plan(replace(self.document, obligations=obligations))

    def name(self, body: BodyId) -> str:
        """Return the body's name as it stood at the issue, or its identifier."""
        known = self.bodies.get(body)
        return known.name if known else body


@dataclass(frozen=True, slots=True)
class State:
    """Everything known of one document at one position of its stream."""

    plan: Plan | None = None
    parent_issued_at: DateTime | None = None
    issued_at: DateTime | None = None
    progress: Map[AssignmentId, Progress] = field(default_factory=Map)
    gates: Map[ObligationId, Gate] = field(default_factory=Map)
    open_closing: int = 0
    """How many assignments must still be closed before the document is complete."""
    reports_left: int = 0
    """How many assignments must still be accepted before the document reports up."""
    moved: Map[str, DateTime] = Map()
    """Dates that acts have moved (:mod:`models.domain.moving`)."""
    moves: Map[ObligationId, tuple[BoundMoved, ...]] = Map()
    """The acts that moved the date of an obligation, oldest first."""
    feasibility: Map[ObligationId, FeasibilityChanged] = Map()
    """The newest word on each duty that a moved date has touched."""
    expected: Map[AssignmentId, ReportExpected] = Map()
    """When reports from below can be here, where a moved date below has said so."""
    expected_up: tuple[int, DateTime] | None = None
    """What the document above was told last: how often, and by when it may expect the report."""
    held: Map[AssignmentId, Report] = Map()
    """Reports from below that came before the duty here could start."""
    reported_up_at: DateTime | None = None
    completed_at: DateTime | None = None
    queued: int = 0
    """How often mails were owed (:class:`models.domain.facts.NoticeQueued`)."""
    summaries: int = 0
    summary_at: DateTime | None = None
    """When the next weekly summary is due."""
    agenda: Agenda = Agenda()
    position: int = 0
    """How many facts of the stream are folded in."""

    @property
    def document(self) -> Document:
        """Return the registered document; raise ``LookupError`` before it is registered."""
        if self.plan is None:
            raise LookupError("nothing is registered in this stream")
        return self.plan.document

    @property
    def key(self) -> DocumentKey:
        """Return the document's key."""
        return self.document.key

    def issue_ready_at(self) -> DateTime | None:
        """Return from when the document may be issued; ``None`` if that is not known yet."""
        if self.plan is None or self.issued_at is not None:
            return None
        document = self.plan.document
        if document.parent is None:
            return document.issue_at
        if self.parent_issued_at is None:
            return None
        return max(document.issue_at, self.parent_issued_at)

    def next_due(self) -> DateTime | None:
        """Return when this document next has something to do without anybody acting."""
        first = self.agenda.first()
        ready = self.issue_ready_at()
        if first is None or ready is None:
            return first if ready is None else ready
        return min(first, ready)
