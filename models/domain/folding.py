"""``evolve``: what a fact makes of the state. Nothing is decided here.

The phase of an assignment moves by the table (:mod:`models.domain.transitions`); what a fact adds
besides, and the counters and appointments that follow from it, stand here.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from immutables import Map
from pendulum import DateTime

from models.domain.directive import Obligation
from models.domain.errors import ImpossibleFact
from models.domain.facts import (
    BY_LINK,
    Accepted,
    Acknowledged,
    AddendumReceived,
    BecameOverdue,
    BoundMoved,
    ChildIssued,
    Completed,
    Corrected,
    Disputed,
    DisputeRejected,
    Escalated,
    ExtensionAsked,
    ExtensionRefused,
    Fact,
    FeasibilityChanged,
    GateOpened,
    Issued,
    NoticeAccepted,
    NoticeFailed,
    NoticeQueued,
    NoticeRecorded,
    NotTold,
    OnAssignment,
    Opened,
    ParentIssued,
    Registered,
    Reminded,
    ReportedUp,
    ReportExpected,
    ReportHeld,
    ReportUpExpected,
    Rescheduled,
    Returned,
    Submitted,
    Summarised,
    Superseded,
    Supplemented,
    Waived,
)
from models.domain.ladder import effective_due, latest_start, schedule, summary_after
from models.domain.moving import earliest, hanging_on, moved_by
from models.domain.state import Gate, Plan, Progress, State
from models.domain.terms import BodyId, ObligationId, Phase
from models.domain.transitions import TRANSITIONS

GATE = "gate:"
"""Prefix of a gate's key in the agenda; an assignment's key is its identifier."""

SUMMARY = "summary:"
"""Key of the next weekly summary in the agenda."""


def fold(state: State, facts: Sequence[Fact]) -> State:
    """Fold recorded *facts* in, deriving nothing: what the ledger says is what was."""
    for fact in facts:
        state = evolve(state, fact)
    return state


def evolve(state: State, fact: Fact) -> State:
    """Return *state* with *fact* folded in.

    Raises:
        ImpossibleFact: when the machine has no transition for it.
    """
    state = replace(state, position=state.position + 1)
    match fact:
        case Registered(document=document):
            if state.plan is not None:
                raise ImpossibleFact(f"{document.key} is registered already")
            return _registered(state, Plan(document))
        case ParentIssued(at=at):
            if state.parent_issued_at is not None:
                raise ImpossibleFact("the document above is issued already")
            return replace(state, parent_issued_at=at)
        case Issued(at=at):
            return _issued(state, at)
        case GateOpened(at=at, obligation=waiting, missing=missing):
            gate = state.gates.get(waiting)
            if gate is None or gate.opened_at is not None:
                raise ImpossibleFact(f"{waiting} has no gate that could still open")
            opened = replace(gate, opened_at=at, missing=missing, start=None)
            agenda = state.agenda
            if gate.start is not None:
                agenda = agenda.remove(gate.start, GATE + waiting)
            return replace(state, gates=state.gates.set(waiting, opened), agenda=agenda)
        case BoundMoved():
            return _bound_moved(state, fact)
        case FeasibilityChanged(obligation=obligation):
            return replace(state, feasibility=state.feasibility.set(obligation, fact))
        case ReportUpExpected(number=number, due=due):
            return replace(state, expected_up=(number, due))
        case ReportExpected(assignment=assignment):
            return replace(state, expected=state.expected.set(assignment, fact))
        case ReportHeld(assignment=assignment, report=report):
            return replace(state, held=state.held.set(assignment, report))
        case ReportedUp(at=at):
            if state.reported_up_at is not None:
                raise ImpossibleFact("the document has reported up already")
            return replace(state, reported_up_at=at)
        case Completed(at=at):
            if state.completed_at is not None:
                raise ImpossibleFact("the document is complete already")
            return _summary_armed(replace(state, completed_at=at), None)
        case AddendumReceived():
            return state
        case NoticeQueued(number=number):
            return replace(state, queued=number)
        case Summarised(at=at, number=number):
            return _summary_armed(replace(state, summaries=number), at)
        case NoticeAccepted() | NoticeFailed() | NoticeRecorded():
            return _noticed(state, fact)
        case Superseded():
            return _moved(_succeeded(state, fact), fact)
        case (
            Opened()
            | Reminded()
            | BecameOverdue()
            | Escalated()
            | Acknowledged()
            | Submitted()
            | Accepted()
            | Returned()
            | Waived()
            | Rescheduled()
            | ChildIssued()
            | Corrected()
            | Supplemented()
            | Disputed()
            | DisputeRejected()
            | ExtensionAsked()
            | ExtensionRefused()
            | NotTold()
        ):
            return _moved(state, fact)
        case _:  # pragma: no cover
            assert_never(fact)


def _registered(state: State, plan: Plan) -> State:
    progress = {
        assignment: Progress(assignment, obligation.id, body)
        for assignment, (obligation, body) in plan.assignments.items()
    }
    gates = {
        obligation.id: Gate(
            obligation.id,
            frozenset(obligation.waits_for),
            sum(len(plan.obligations[awaited].assignees) for awaited in obligation.waits_for),
        )
        for obligation in plan.document.obligations
        if obligation.waits_for
    }
    reports_when = plan.document.reports_when
    return replace(
        state,
        plan=plan,
        progress=Map(progress),
        gates=Map(gates),
        open_closing=sum(len(plan.obligations[each].assignees) for each in plan.closing),
        reports_left=len(plan.obligations[reports_when].assignees) if reports_when else 0,
    )


def _issued(state: State, at: DateTime) -> State:
    if plan_of(state) and state.issued_at is not None:
        raise ImpossibleFact(f"{state.key} is issued already")
    state = replace(state, issued_at=at)
    for waiting in state.gates:
        state = _gate_armed(state, waiting, at)
    return _summary_armed(state, at)


def _summary_armed(state: State, after: DateTime | None) -> State:
    """Put the next weekly summary into the agenda; ``None``: there is none any more."""
    agenda = state.agenda
    if state.summary_at is not None:
        agenda = agenda.remove(state.summary_at, SUMMARY)
    policy = state.document.policy
    following = None
    if after is not None and policy.summary is not None:
        following = summary_after(policy.summary, policy.hour, after)
        agenda = agenda.add(following, SUMMARY)
    return replace(state, summary_at=following, agenda=agenda)


def _noticed(state: State, fact: NoticeAccepted | NoticeFailed | NoticeRecorded) -> State:
    """Count what proves that a body was told; the ladder that waited for it goes on."""
    progress = state.progress.get(fact.assignment)
    if progress is None or fact.body != progress.body:
        return state  # a summary, or a mail to somebody else about the duty
    match fact:
        case NoticeFailed(how=how):
            if how != "bounced":
                return state
            after = replace(progress, told=max(0, progress.told - 1))
        case NoticeAccepted():
            after = replace(progress, told=progress.told + 1)
        case NoticeRecorded(number=number):
            after = replace(progress, told=progress.told + 1, notices=number)
    if after.withheld and after.knows:
        after = _ladder_resumed(state, after, fact.at)
    return _rearmed(state, progress, after)


def _ladder_resumed(state: State, progress: Progress, at: DateTime) -> Progress:
    """Let the ladder go on from *at*: what was withheld comes on the next working morning.

    Never before the rung was due: a proof of earlier days may be written down late.
    """
    if progress.due is None or progress.withheld_at is None:
        return replace(progress, withheld=0)
    document = state.document
    timers = schedule(
        document.policy,
        document.calendar,
        progress.due,
        max(at, progress.withheld_at),
        progress.rung,
        progress.overdue_at is not None,
    )
    return replace(progress, withheld=0, timers=timers, timer=0)


def _succeeded(state: State, fact: Superseded) -> State:
    """Give the successor a copy of the duty of its own, unless it has one.

    It is counted before the old copy is closed, so that no gate opens in between.
    """
    if fact.successor in state.progress:
        return state
    old = state.progress.get(fact.assignment)
    if old is None:
        raise ImpossibleFact(f"{fact.assignment} is not in the plan of this document")
    body = BodyId(fact.successor.removeprefix(f"{old.obligation}@"))
    plan = plan_of(state).with_assignee(old.obligation, body)
    gates = state.gates
    for waiting in plan.gates_of.get(old.obligation, ()):
        gate = gates[waiting]
        # What started without the old copy has started without the new one.
        late = (fact.successor,) if fact.assignment in gate.missing else ()
        gates = gates.set(
            waiting,
            replace(gate, outstanding=gate.outstanding + 1, missing=(*gate.missing, *late)),
        )
    return replace(
        state,
        plan=plan,
        progress=state.progress.set(fact.successor, Progress(fact.successor, old.obligation, body)),
        gates=gates,
        open_closing=state.open_closing + (old.obligation in plan.closing),
        reports_left=state.reports_left + (old.obligation == plan.document.reports_when),
    )


def _bound_moved(state: State, fact: BoundMoved) -> State:
    acts = (*state.moves.get(fact.obligation, ()), fact)
    state = replace(
        state,
        moved=moved_by(state.moved, fact),
        moves=state.moves.set(fact.obligation, acts),
    )
    if state.issued_at is not None:
        for obligation in hanging_on(plan_of(state), fact.obligation):
            if obligation.id in state.gates:
                state = _gate_armed(state, obligation.id, fact.at)
    return state


def _gate_armed(state: State, waiting: ObligationId, at: DateTime) -> State:
    """Put the latest start of a waiting duty into the agenda, never before *at*."""
    gate = state.gates[waiting]
    if gate.opened_at is not None:
        return state
    document, obligation, agenda = state.document, obligation_of(state, waiting), state.agenda
    if gate.start is not None:
        agenda = agenda.remove(gate.start, GATE + waiting)
    due = earliest(state, obligation)
    start = latest_start(due, obligation, document.policy, document.calendar)
    if start is not None:
        start = max(start, at)
        agenda = agenda.add(start, GATE + waiting)
    return replace(state, gates=state.gates.set(waiting, replace(gate, start=start)), agenda=agenda)


def _moved(state: State, fact: OnAssignment) -> State:
    """Move one assignment by the table, and keep the counters and the agenda true."""
    before = state.progress.get(fact.assignment)
    if before is None:
        raise ImpossibleFact(f"{fact.assignment} is not in the plan of this document")
    phase = TRANSITIONS[type(fact)].get(before.phase)
    if phase is None:
        raise ImpossibleFact(f"{type(fact).__name__} cannot happen to {before.phase} {before.id}")
    after = _progressed(state, replace(before, phase=phase), fact)
    if after.withheld and after.knows:
        after = _ladder_resumed(state, after, fact.at)  # it has used its own link
    state = _rearmed(state, before, after)
    if after.closed and not before.closed:
        state = _closed(state, after)
    return state


def _rearmed(state: State, before: Progress, after: Progress) -> State:
    """Put *after* in the place of *before*, its next appointment in the agenda."""
    agenda = state.agenda
    was, armed = before.next_timer, after.next_timer
    if was is not armed:
        if was is not None:
            agenda = agenda.remove(was.at, before.id)
        if armed is not None:
            agenda = agenda.add(armed.at, after.id)
    return replace(state, progress=state.progress.set(after.id, after), agenda=agenda)


def _progressed(state: State, moved: Progress, fact: OnAssignment) -> Progress:
    """Return *moved* with what the fact adds besides the phase."""
    document = state.document
    match fact:
        case Opened(at=at, due=due):
            timers = schedule(document.policy, document.calendar, due, at) if due else ()
            first = moved.first_due or due
            return replace(moved, opened_at=at, first_due=first, due=due, timers=timers)
        case Reminded():
            return replace(moved, timer=moved.timer + 1)
        case BecameOverdue(at=at):
            missed = moved.first_due is None or at >= moved.first_due
            return replace(
                moved,
                overdue_at=at,
                timer=moved.timer + 1,
                missed_first=missed,
            )
        case Escalated(rung=rung):
            return replace(moved, rung=rung, timer=moved.timer + 1)
        case Acknowledged(at=at, trust=trust):
            knows = moved.answered or trust == BY_LINK
            return replace(moved, acknowledged_at=at, answered=knows)
        case Submitted(at=at, version=version, report=report, trust=trust, link=link):
            knows = moved.answered or (trust == BY_LINK and link != "")
            return replace(
                moved,
                submitted_at=at,
                version=version,
                report=report,
                trust=trust,
                answered=knows,
                asked=None,
                disputed=None,
            )
        case Corrected(version=version, report=report):
            # It counts as handed in when the first one was; but now it is the body's own word.
            return replace(moved, version=version, report=report, trust=BY_LINK, answered=True)
        case Supplemented(number=number, report=report):
            return replace(moved, supplements=number, supplement=report)
        case Disputed(number=number):
            return replace(moved, disputes=number, disputed=fact, answered=True)
        case DisputeRejected():
            return replace(moved, disputed=None)
        case ExtensionAsked(number=number):
            return replace(moved, asks=number, asked=fact, answered=True)
        case ExtensionRefused():
            return replace(moved, asked=None)
        case NotTold(at=at, rung=rung, number=number):
            # Nothing climbs on until somebody proves that the body was told.
            return replace(moved, withheld=rung, withheld_at=at, untold=number, timers=(), timer=0)
        case Returned(at=at, reason_sha256=reason):
            if moved.due is None:
                due, timers = None, ()
            else:
                due = effective_due(moved.due, at, document.policy, document.calendar)
                timers = schedule(
                    document.policy,
                    document.calendar,
                    due,
                    at,
                    moved.rung,
                    moved.overdue_at is not None,
                )
            return replace(
                moved,
                submitted_at=None,
                returned_at=at,
                returned_reason=reason,
                rounds=moved.rounds + 1,
                due=due,
                timers=timers,
                timer=0,
                withheld=0,
            )
        case Rescheduled(at=at, was=was, due=due):
            armed = moved.phase is not Phase.PENDING
            # A new bound is a new case: what was missed under the old one counts for the strict
            # rate, and the ladder begins at its foot if this one is missed too.
            return replace(
                moved,
                first_due=moved.first_due or was,
                due=due,
                timers=schedule(document.policy, document.calendar, due, at) if armed else (),
                timer=0,
                overdue_at=None,
                rung=0,
                moves=moved.moves + 1,
                asked=None,
                withheld=0,
            )
        case Waived(at=at, by=by):
            return replace(moved, closed_at=at, waived_by=by, asked=None, disputed=None)
        case Accepted(at=at) | Superseded(at=at) | ChildIssued(at=at):
            return replace(moved, closed_at=at, asked=None, disputed=None)
        case _:  # pragma: no cover
            assert_never(fact)


def _closed(state: State, progress: Progress) -> State:
    """Count a closed assignment out of the gates and of the document."""
    plan = plan_of(state)
    gates = state.gates
    for waiting in plan.gates_of.get(progress.obligation, ()):
        gate = gates[waiting]
        gates = gates.set(waiting, replace(gate, outstanding=gate.outstanding - 1))
    return replace(
        state,
        gates=gates,
        open_closing=state.open_closing - (progress.obligation in plan.closing),
        reports_left=state.reports_left - (progress.obligation == plan.document.reports_when),
    )


def plan_of(state: State) -> Plan:
    """Return the plan; raise :class:`ImpossibleFact` before anything is registered."""
    if state.plan is None:
        raise ImpossibleFact("nothing is registered in this stream")
    return state.plan


def obligation_of(state: State, obligation: ObligationId) -> Obligation:
    """Return an obligation of the document."""
    return plan_of(state).obligations[obligation]
