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
    Accepted,
    Acknowledged,
    AddendumReceived,
    BecameOverdue,
    BoundMoved,
    ChildIssued,
    Completed,
    Escalated,
    Fact,
    FeasibilityChanged,
    GateOpened,
    Issued,
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
    Superseded,
    Waived,
)
from models.domain.ladder import effective_due, latest_start, schedule
from models.domain.moving import earliest, hanging_on, moved_by
from models.domain.state import Gate, Plan, Progress, State
from models.domain.terms import ObligationId, Phase
from models.domain.transitions import TRANSITIONS

GATE = "gate:"
"""Prefix of a gate's key in the agenda; an assignment's key is its identifier."""


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
            return replace(state, completed_at=at)
        case AddendumReceived():
            return state
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
            | Superseded()
            | ChildIssued()
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
    return state


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
    agenda = state.agenda
    was, armed = before.next_timer, after.next_timer
    if was is not armed:
        if was is not None:
            agenda = agenda.remove(was.at, before.id)
        if armed is not None:
            agenda = agenda.add(armed.at, after.id)
    state = replace(state, progress=state.progress.set(after.id, after), agenda=agenda)
    if after.closed and not before.closed:
        state = _closed(state, after)
    return state


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
            missed = moved.missed_first or moved.first_due is None or at >= moved.first_due
            return replace(
                moved,
                overdue_at=at,
                timer=moved.timer + 1,
                missed_first=missed,
            )
        case Escalated(rung=rung):
            return replace(moved, rung=rung, timer=moved.timer + 1)
        case Acknowledged(at=at):
            return replace(moved, acknowledged_at=at)
        case Submitted(at=at, version=version, report=report):
            return replace(moved, submitted_at=at, version=version, report=report)
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
            )
        case Waived(at=at, by=by):
            return replace(moved, closed_at=at, waived_by=by)
        case Accepted(at=at) | Superseded(at=at) | ChildIssued(at=at):
            return replace(moved, closed_at=at)
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
