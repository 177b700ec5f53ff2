"""``advance``: lets things happen, each with its own instant.

``advance(state, events, now)`` folds events in (:mod:`models.domain.folding`), each after whatever
fell due before it (earliest first), follows every consequence to its fixed point, and then settles
up to *now*. Derived facts carry their own instants, so letting time act twice, or late, gives the
same ledger.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pendulum import DateTime

from models.domain.directive import Obligation
from models.domain.errors import ImpossibleFact
from models.domain.facts import (
    Accepted,
    AddendumReceived,
    BecameOverdue,
    BoundMoved,
    ChildIssued,
    Completed,
    Corrected,
    Escalated,
    Fact,
    GateOpened,
    Issued,
    NotTold,
    Opened,
    Reminded,
    ReportExpected,
    Rescheduled,
    Submitted,
    Summarised,
    Superseded,
    Waived,
)
from models.domain.folding import GATE, SUMMARY, evolve, obligation_of, plan_of
from models.domain.ladder import OVERDUE, REMIND, RUNG, effective_due
from models.domain.moving import hanging_on, in_force
from models.domain.prospects import prospects
from models.domain.state import Progress, State
from models.domain.terms import Acceptance, AssignmentId, ObligationId, Phase

_RELIEF = (Submitted, Accepted, Waived, Superseded, ChildIssued, GateOpened)
"""After these something may be waited for no longer."""


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
        state = _occur(state, event, entries)
    state = _settle(state, now, entries)
    return Step(state, tuple(entries))


def _settle(state: State, until: DateTime, entries: list[Entry]) -> State:
    """Let everything happen that falls due up to and including *until*, earliest first."""
    while (first := state.agenda.first()) is not None and first <= until:
        for key in state.agenda.at(first):
            # An appointment may have gone while its neighbours were being dealt with.
            if state.agenda.has(first, key):
                state = _occur(state, _due(state, key, first), entries)
    return state


def _occur(state: State, fact: Fact, entries: list[Entry]) -> State:
    """Record *fact* and all that follows from it; then say what it made impossible or possible.

    That is judged once, when everything has followed: a report may open a gate as it is accepted,
    and both change what is waited for.
    """
    index = len(entries)
    state = _happen(state, Entry(fact), entries)
    if _touches_prospects(state, fact, entries[index:]):
        for news in prospects(state, fact.at):
            state = _happen(state, Entry(news, index), entries)
    return state


def _touches_prospects(state: State, fact: Fact, happened: Sequence[Entry]) -> bool:
    """Tell whether *fact*, or what *happened* with it, can change what is feasible."""
    if isinstance(fact, BoundMoved | ReportExpected):
        return True
    strained = any(said.needs is not None for said in state.feasibility.values())
    if not strained and state.expected_up is None:
        return False
    return any(isinstance(entry.fact, _RELIEF) for entry in happened)


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
    if key == SUMMARY:
        return Summarised(instant, state.summaries + 1)
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
    if state.document.policy.proof and not progress.knows:
        return NotTold(timer.at, progress.id, timer.number, progress.untold + 1)
    return Escalated(timer.at, progress.id, timer.number, progress.moves)


def _gate_opened(
    state: State, waiting: ObligationId, instant: DateTime, *, complete: bool
) -> GateOpened:
    awaited = state.gates[waiting].waits_for
    copies = [
        state.progress[assignment]
        for obligation in sorted(awaited)
        for assignment in obligation_of(state, obligation).assignments()
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
            yield from _openings(state, obligation_of(state, waiting), at)
        case Opened(at=at, assignment=assignment):
            held = state.held.get(assignment)
            if held is not None:
                version = state.progress[assignment].version + 1
                yield Submitted(at, assignment, version, held, person="", link="")
        case BoundMoved():
            yield from _reschedulings(state, fact)
        case Submitted(at=at, assignment=assignment, version=version):
            progress = state.progress[assignment]
            yield from _addenda(state, progress, at)
            if obligation_of(state, progress.obligation).acceptance is Acceptance.AUTOMATIC:
                yield Accepted(at, assignment, version, person="", link="")
        case Corrected(at=at, assignment=assignment):
            yield from _addenda(state, state.progress[assignment], at, corrected=True)
        case Accepted() | Waived() | Superseded() | ChildIssued():
            progress = state.progress[fact.assignment]
            if isinstance(fact, Accepted):
                yield from _addenda(state, progress, fact.at)
            if isinstance(fact, Superseded):
                yield from _succession(state, fact)
            for waiting in plan_of(state).gates_of.get(progress.obligation, ()):
                gate = state.gates[waiting]
                if gate.outstanding == 0 and gate.opened_at is None and state.issued_at:
                    yield _gate_opened(state, waiting, fact.at, complete=True)
            if before.open_closing and not state.open_closing and state.issued_at is not None:
                yield Completed(fact.at)
        case _:
            return


def _addenda(
    state: State, progress: Progress, at: DateTime, *, corrected: bool = False
) -> Iterator[AddendumReceived]:
    """Yield what a duty that started without this report is told of it, once for each version.

    When it is handed in or put right; or when it is accepted, if it was under review as the gate
    opened.
    """
    for waiting in plan_of(state).gates_of.get(progress.obligation, ()):
        gate = state.gates[waiting]
        if gate.opened_at is None or progress.id not in gate.missing:
            continue
        early = progress.submitted_at is not None and progress.submitted_at < gate.opened_at
        if early is (progress.phase is Phase.ACCEPTED and not corrected):
            for to in obligation_of(state, waiting).assignments():
                if state.progress[to].phase is Phase.SUPERSEDED:
                    continue  # its successor hears of it
                yield AddendumReceived(at, progress.id, progress.version, to)


def _openings(state: State, obligation: Obligation, at: DateTime) -> Iterator[Opened]:
    """Yield the openings of those copies that were not waived or done before they could open."""
    for assignment in obligation.assignments():
        progress = state.progress[assignment]
        if progress.phase is Phase.PENDING:
            yield Opened(at, assignment, in_force(state, obligation, progress.body))


def _succession(state: State, fact: Superseded) -> Iterator[Opened]:
    """Yield the opening of the successor's copy, if the duty itself is open.

    A bound that has passed, or nearly, leaves it the policy's working days for a report.
    """
    progress = state.progress[fact.successor]
    gate = state.gates.get(progress.obligation)
    if progress.phase is not Phase.PENDING or state.issued_at is None:
        return
    if gate is not None and gate.opened_at is None:
        return
    document = state.document
    due = in_force(state, obligation_of(state, progress.obligation), progress.body)
    if due is not None:
        due = effective_due(due, fact.at, document.policy, document.calendar)
    yield Opened(fact.at, fact.successor, due)


def _reschedulings(state: State, fact: BoundMoved) -> Iterator[Rescheduled]:
    """Yield the new bound of every copy whose date hangs on the one that moved."""
    document = state.document
    for obligation in hanging_on(plan_of(state), fact.obligation):
        for assignment in obligation.assignments():
            progress = state.progress[assignment]
            if progress.closed or (fact.bodies and progress.body not in fact.bodies):
                continue
            due = in_force(state, obligation, progress.body)
            assert due is not None
            was = progress.due or obligation.bound.due_exclusive if obligation.bound else due
            given = _given_at(state, progress)
            if given is not None:
                # What the return gave stays; a moved bound takes no time away from it.
                due = effective_due(due, given, document.policy, document.calendar)
            if due != was:
                yield Rescheduled(fact.at, assignment, progress.moves + 1, was, due)


def _given_at(state: State, progress: Progress) -> DateTime | None:
    """Return when the copy was given working days of its own, if it was.

    With the return of its report, or when the duty, which was open already, came to this body.
    """
    if progress.returned_at is not None:
        return progress.returned_at
    gate = state.gates.get(progress.obligation)
    began = state.issued_at if gate is None else gate.opened_at
    opened = progress.opened_at
    return opened if opened is not None and began is not None and opened > began else None
