"""The rules as two functions: ``evolve`` folds a fact in, ``advance`` lets things happen.

``advance(state, events, now)`` folds events in, each after whatever fell due before it (earliest
first), follows every consequence to its fixed point, and then settles up to *now*. Derived facts
carry their own instants, so letting time act twice, or late, gives the same ledger.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
from models.domain.ladder import OVERDUE, REMIND, RUNG, effective_due, latest_start, schedule
from models.domain.moving import earliest, hanging_on, in_force, moved_by
from models.domain.prospects import changes, report_up
from models.domain.state import Gate, Plan, Progress, State
from models.domain.terms import Acceptance, AssignmentId, ObligationId, Phase
from models.domain.transitions import TRANSITIONS

GATE = "gate:"
"""Prefix of a gate's key in the agenda; an assignment's key is its identifier."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact to be recorded, and the index of the entry that caused it (``None``: time or a
    person)."""

    fact: Fact
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What came of an advance: the new state and the facts, in the order of the ledger."""

    state: State
    entries: tuple[Entry, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Return the facts alone."""
        return tuple(entry.fact for entry in self.entries)


def advance(state: State, events: Sequence[Fact], now: DateTime) -> Step:
    """Fold *events* in, each after what fell due before it; then settle up to *now*.

    *events* are in order of their instants. An event at the very instant of a bound comes after
    it: ``submitted_at < due_exclusive`` is in time, equal is not.
    """
    entries: list[Entry] = []
    for event in events:
        state = _settle(state, event.at, entries)
        state = _happen(state, Entry(event), entries)
    state = _settle(state, now, entries)
    return Step(state, tuple(entries))


def fold(state: State, facts: Sequence[Fact]) -> State:
    """Fold recorded *facts* in, deriving nothing: what the ledger says is what was."""
    for fact in facts:
        state = evolve(state, fact)
    return state


def _settle(state: State, until: DateTime, entries: list[Entry]) -> State:
    """Let everything happen that falls due up to and including *until*, earliest first."""
    while (first := state.agenda.first()) is not None and first <= until:
        for key in state.agenda.at(first):
            # An appointment may have gone while its neighbours were being dealt with.
            if state.agenda.has(first, key):
                state = _happen(state, Entry(_due(state, key, first)), entries)
    return state


def _happen(state: State, entry: Entry, entries: list[Entry]) -> State:
    """Record *entry* and everything that follows from it at the same instant."""
    entries.append(entry)
    index = len(entries) - 1
    before = state
    state = evolve(state, entry.fact)
    for consequence in _consequences(before, state, entry.fact):
        state = _happen(state, Entry(consequence, index), entries)
    return state


def _due(state: State, key: str, instant: DateTime) -> Fact:
    """Return the fact that an appointment stands for."""
    if key.startswith(GATE):
        return _gate_opened(state, ObligationId(key.removeprefix(GATE)), instant, complete=False)
    progress = state.progress[AssignmentId(key)]
    timer = progress.next_timer
    if timer is None:  # pragma: no cover - the agenda holds armed timers only
        raise ImpossibleFact(f"no timer is armed for {key}")
    if timer.kind == REMIND:
        return Reminded(timer.at, progress.id, timer.name, progress.case)
    if timer.kind == OVERDUE:
        return BecameOverdue(timer.at, progress.id, progress.moves)
    assert timer.kind == RUNG, timer.kind
    return Escalated(timer.at, progress.id, timer.number, progress.moves)


def _gate_opened(
    state: State, waiting: ObligationId, instant: DateTime, *, complete: bool
) -> GateOpened:
    awaited = state.gates[waiting].waits_for
    copies = [
        state.progress[assignment]
        for obligation in sorted(awaited)
        for assignment in _obligation(state, obligation).assignments()
    ]
    return GateOpened(
        instant,
        waiting,
        complete,
        missing=tuple(copy.id for copy in copies if not copy.closed),
        waived=tuple(copy.id for copy in copies if copy.phase is Phase.WAIVED),
    )


def _consequences(before: State, state: State, fact: Fact) -> Iterator[Fact]:
    """Yield what follows from *fact* at its own instant, reading *state* after it.

    The yielded facts do not depend on each other, so the order of recording is theirs.
    """
    match fact:
        case Issued(at=at):
            for obligation in state.document.obligations:
                gate = state.gates.get(obligation.id)
                if gate is None:
                    yield from _openings(state, obligation, at)
                elif gate.outstanding == 0:
                    yield _gate_opened(state, obligation.id, at, complete=True)
            if state.open_closing == 0:
                yield Completed(at)
        case GateOpened(at=at, obligation=waiting):
            yield from _openings(state, _obligation(state, waiting), at)
        case Opened(at=at, assignment=assignment):
            held = state.held.get(assignment)
            if held is not None:
                version = state.progress[assignment].version + 1
                yield Submitted(at, assignment, version, held, person="", link="")
        case BoundMoved(at=at):
            yield from _reschedulings(state, fact)
            yield from _prospects(state, at)
        case ReportExpected(at=at):
            yield from _prospects(state, at)
        case Submitted(at=at, assignment=assignment, version=version):
            progress = state.progress[assignment]
            yield from _addenda(state, progress, at)
            if assignment in state.expected:
                yield from _relief(state, at)
            if _obligation(state, progress.obligation).acceptance is Acceptance.AUTOMATIC:
                yield Accepted(at, assignment, version, person="", link="")
        case Accepted() | Waived() | Superseded() | ChildIssued():
            progress = state.progress[fact.assignment]
            if isinstance(fact, Accepted):
                yield from _addenda(state, progress, fact.at)
            for waiting in _plan(state).gates_of.get(progress.obligation, ()):
                gate = state.gates[waiting]
                if gate.outstanding == 0 and gate.opened_at is None and state.issued_at:
                    yield _gate_opened(state, waiting, fact.at, complete=True)
            yield from _relief(state, fact.at)
            if before.open_closing and not state.open_closing and state.issued_at is not None:
                yield Completed(fact.at)
        case _:
            return


def _addenda(state: State, progress: Progress, at: DateTime) -> Iterator[AddendumReceived]:
    """Yield what a duty that started without this report is told of it, once for each version.

    When it is handed in; or when it is accepted, if it was under review as the gate opened.
    """
    for waiting in _plan(state).gates_of.get(progress.obligation, ()):
        gate = state.gates[waiting]
        if gate.opened_at is None or progress.id not in gate.missing:
            continue
        early = progress.submitted_at is not None and progress.submitted_at < gate.opened_at
        if early is (progress.phase is Phase.ACCEPTED):
            for to in _obligation(state, waiting).assignments():
                yield AddendumReceived(at, progress.id, progress.version, to)


def _openings(state: State, obligation: Obligation, at: DateTime) -> Iterator[Opened]:
    """Yield the openings of those copies that were not waived or done before they could open."""
    for assignment in obligation.assignments():
        progress = state.progress[assignment]
        if progress.phase is Phase.PENDING:
            yield Opened(at, assignment, in_force(state, obligation, progress.body))


def _reschedulings(state: State, fact: BoundMoved) -> Iterator[Rescheduled]:
    """Yield the new bound of every copy whose date hangs on the one that moved."""
    document = state.document
    for obligation in hanging_on(_plan(state), fact.obligation):
        for assignment in obligation.assignments():
            progress = state.progress[assignment]
            if progress.closed or (fact.bodies and progress.body not in fact.bodies):
                continue
            due = in_force(state, obligation, progress.body)
            assert due is not None
            was = progress.due or obligation.bound.due_exclusive if obligation.bound else due
            if progress.returned_at is not None:
                # What the return gave stays; a moved bound takes no time away from it.
                due = effective_due(due, progress.returned_at, document.policy, document.calendar)
            if due != was:
                yield Rescheduled(fact.at, assignment, progress.moves + 1, was, due)


def _relief(state: State, at: DateTime) -> Iterator[Fact]:
    """Yield what is possible again because something that came too late is done or lifted."""
    strained = any(said.needs is not None for said in state.feasibility.values())
    if strained or state.expected_up is not None:
        yield from _prospects(state, at)


def _prospects(state: State, at: DateTime) -> Iterator[Fact]:
    """Yield what has become impossible or possible by moved dates, here and for those above."""
    yield from changes(state, at)
    told = report_up(state, at)
    if told is not None:
        yield told


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
    if _plan(state) and state.issued_at is not None:
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
        for obligation in hanging_on(_plan(state), fact.obligation):
            if obligation.id in state.gates:
                state = _gate_armed(state, obligation.id, fact.at)
    return state


def _gate_armed(state: State, waiting: ObligationId, at: DateTime) -> State:
    """Put the latest start of a waiting duty into the agenda, never before *at*."""
    gate = state.gates[waiting]
    if gate.opened_at is not None:
        return state
    document, obligation, agenda = state.document, _obligation(state, waiting), state.agenda
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
    plan = _plan(state)
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


def _plan(state: State) -> Plan:
    if state.plan is None:
        raise ImpossibleFact("nothing is registered in this stream")
    return state.plan


def _obligation(state: State, obligation: ObligationId) -> Obligation:
    return _plan(state).obligations[obligation]
