"""What must be true of every ledger of one document, whoever wrote it.

Written from the issue's words, not from the code: each law reads the facts alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from pendulum import DateTime

from models.domain.calendar import at, last_day, midnight
from models.domain.directive import Document
from models.domain.facts import (
    Accepted,
    Acknowledged,
    AddendumReceived,
    BecameOverdue,
    BoundMoved,
    ChildIssued,
    Corrected,
    Disputed,
    Escalated,
    ExtensionAsked,
    Fact,
    GateOpened,
    NoticeAccepted,
    NoticeFailed,
    NoticeRecorded,
    NotTold,
    OnAssignment,
    Opened,
    Reminded,
    Rescheduled,
    Returned,
    Submitted,
    Superseded,
    Supplemented,
    Waived,
    key_of,
)
from models.domain.terms import AssignmentId, assignment_id

CLOSING = (Accepted, Waived, Superseded, ChildIssued)


def check_all(document: Document, facts: Sequence[Fact], now: DateTime) -> None:
    """Assert every law on *facts*, settled up to *now*."""
    keys = [key_of(fact) for fact in facts]
    assert len(keys) == len(set(keys)), "a fact was recorded twice"
    check_gates(document, facts, now)
    for cases in by_assignment(facts).values():
        check_case(document, cases)


def by_assignment(facts: Sequence[Fact]) -> dict[AssignmentId, list[OnAssignment]]:
    cases: dict[AssignmentId, list[OnAssignment]] = defaultdict(list)
    for fact in facts:
        if isinstance(fact, OnAssignment):
            cases[fact.assignment].append(fact)
    return cases


def check_gates(document: Document, facts: Sequence[Fact], now: DateTime) -> None:
    issue = next((fact.at for fact in facts if type(fact).__name__ == "Issued"), None)
    for duty in document.obligations:
        if not duty.waits_for:
            continue
        awaited = {
            assignment_id(other.id, body)
            for other in document.obligations
            if other.id in duty.waits_for
            for body in other.assignees
        }
        closed: set[AssignmentId] = set()
        waived: set[AssignmentId] = set()
        due = duty.bound.due_exclusive if duty.bound else None
        start = _latest_start(document, due) if due else None
        opened: GateOpened | None = None
        complete_at: DateTime | None = None
        for fact in facts:
            if isinstance(fact, Superseded) and fact.assignment in awaited:
                awaited.add(fact.successor)
            if isinstance(fact, CLOSING) and fact.assignment in awaited:
                closed.add(fact.assignment)
                if isinstance(fact, Waived):
                    waived.add(fact.assignment)
                if closed == awaited and complete_at is None:
                    complete_at = fact.at
            if isinstance(fact, BoundMoved) and fact.obligation == duty.id and opened is None:
                # The synthesis has one body here, so a move for it and for all are the same.
                start = _latest_start(document, fact.due)
                start = max(start, fact.at) if issue is not None and fact.at >= issue else start
            if isinstance(fact, GateOpened) and fact.obligation == duty.id:
                assert opened is None, "a gate opened twice"
                opened = fact
                assert set(fact.missing) == awaited - closed
                assert set(fact.waived) == waived
                if fact.complete:
                    assert not fact.missing
                else:
                    assert fact.missing
                    assert issue is not None
                    assert start is not None
                    assert fact.at == max(start, issue), "opened early or late"
            if isinstance(fact, Opened) and fact.assignment.rpartition("@")[0] == duty.id:
                assert opened is not None, "the duty opened before its gate"
        if opened is not None:
            everything = {each for one in document.obligations for each in one.assignments()}
            check_addenda(facts, opened, len(duty.assignees), everything)
        if issue is not None and opened is None:
            assert complete_at is None, "everything is in and the gate is shut"
            assert start is None or now < max(start, issue), "the latest start has passed"


def check_addenda(
    facts: Sequence[Fact], gate: GateOpened, told: int, owed: set[AssignmentId]
) -> None:
    """Every version that the consolidating duty did not have at its start reaches it, once."""
    start = facts.index(gate)
    early = {fact.assignment for fact in facts[:start] if isinstance(fact, Submitted)}
    expected: list[tuple[str, int, DateTime]] = []
    missing = set(gate.missing)
    owed |= {fact.successor for fact in facts[:start] if isinstance(fact, Superseded)}
    for fact in facts[start:]:
        if isinstance(fact, Superseded):
            if fact.assignment in missing and fact.successor not in owed:
                missing.add(fact.successor)
            owed.add(fact.successor)
        if isinstance(fact, Submitted):
            early.discard(fact.assignment)
        if not isinstance(fact, Submitted | Corrected | Accepted) or fact.assignment not in missing:
            continue
        if (fact.assignment in early) is isinstance(fact, Accepted):
            expected += [(fact.assignment, fact.version, fact.at)] * told
    addenda = [
        (fact.assignment, fact.version, fact.at)
        for fact in facts
        if isinstance(fact, AddendumReceived) and fact.to.startswith(f"{gate.obligation}@")
    ]
    assert addenda == expected


def _latest_start(document: Document, due: DateTime) -> DateTime:
    """The first instant of the n-th last working day before the bound, counted by hand."""
    day = last_day(due)
    left = document.policy.latest_start_working_days
    while True:
        if document.calendar.is_working(day):
            left -= 1
            if not left:
                return midnight(day)
        day -= timedelta(days=1)


def check_case(document: Document, case: Sequence[OnAssignment]) -> None:
    """The life of one assignment: its ladder, its bound, its versions."""
    policy, calendar = document.policy, document.calendar
    opened: Opened | None = None
    due: DateTime | None = None
    rungs: list[int] = []
    overdue: DateTime | None = None
    version = moves = 0
    standing = False  # a report is in, being reviewed
    closed = False
    for fact in case:
        if isinstance(fact, Opened):
            assert opened is None, "opened twice"
            assert not closed, "a closed duty opened"
            assert due is None or fact.due == due, "opened with a date that was moved away"
            opened, due = fact, fact.due
        elif isinstance(fact, NotTold):
            assert document.policy.proof
            assert overdue is not None
            assert not standing
            assert not closed
            assert fact.rung == len(rungs) + 1, "another rung was withheld than the next one"
            assert fact.at.hour == policy.hour
        elif isinstance(fact, Corrected):
            assert version, "nothing was in"
            version += 1
            assert fact.version == version
        elif isinstance(fact, Supplemented):
            assert standing or closed, "nothing was in"
        elif isinstance(fact, Reminded | BecameOverdue | Escalated):
            assert opened is not None, "time acted on a duty that nobody owed yet"
            assert due is not None, "time acted on a duty without a bound"
            assert not standing, f"{type(fact).__name__} though a report is in"
            assert not closed, f"{type(fact).__name__} on a closed duty"
            assert fact.at >= opened.at
            if isinstance(fact, BecameOverdue):
                assert overdue is None, "overdue twice"
                assert fact.at == max(due, opened.at), "lateness has the bound's own instant"
                overdue = fact.at
            if isinstance(fact, Escalated):
                assert overdue is not None, "a rung before the duty was late"
                assert rungs == list(range(1, fact.rung)), "a rung out of order, or twice"
                rungs.append(fact.rung)
                days = next(r.working_days for r in policy.rungs if r.number == fact.rung)
                earliest = at(calendar.shift(last_day(due), days), policy.hour)
                assert fact.at >= earliest, "a rung before due + offset"
                assert calendar.is_working(fact.at.date())
                assert fact.at.hour == policy.hour
        elif isinstance(fact, Rescheduled):
            assert not closed, "a closed duty got a new date"
            assert fact.due != fact.was
            assert due is None or fact.was == due, "the old date is the one that was in force"
            moves += 1
            assert fact.number == moves
            # A new date is a new case, from the foot of the ladder.
            due, overdue, rungs = fact.due, None, []
        elif isinstance(fact, Submitted):
            assert opened is not None
            assert not standing
            assert not closed
            version += 1
            assert fact.version == version
            standing = True
            if due is not None and overdue is None:
                assert fact.at < due, "a late click that is not marked late"
        elif isinstance(fact, Returned):
            assert standing
            assert fact.version == version
            standing = False
            if due is not None:
                grace = calendar.shift(fact.at.date(), policy.resubmit_working_days)
                due = max(due, midnight(grace + timedelta(days=1)))
        elif isinstance(fact, Accepted):
            assert standing
            assert fact.version == version
        if isinstance(fact, Waived | Superseded):
            assert fact.review == (version if standing else 0), "whose review ends is not said"
        if isinstance(fact, CLOSING):
            assert not closed, "closed twice"
            closed, standing = True, False


def check_proofs(facts: Sequence[Fact]) -> None:
    """No rung without a proof, before it, that the body was told; none withheld with one."""
    proofs: dict[AssignmentId, int] = defaultdict(int)
    used: set[AssignmentId] = set()
    for fact in facts:
        match fact:
            case NoticeAccepted() | NoticeRecorded():
                if fact.assignment.endswith(f"@{fact.body}"):
                    proofs[fact.assignment] += 1
            case NoticeFailed(how="bounced"):
                if fact.assignment.endswith(f"@{fact.body}"):
                    proofs[fact.assignment] = max(0, proofs[fact.assignment] - 1)
            case Escalated():
                told = proofs[fact.assignment] or fact.assignment in used
                assert told, "a unit was blamed that nothing proves to have been told"
            case NotTold():
                assert not proofs[fact.assignment], "withheld although the body was told"
                assert fact.assignment not in used
            case Acknowledged() | Submitted() | Corrected() | Disputed() | ExtensionAsked():
                used.add(fact.assignment)
            case _:
                pass
