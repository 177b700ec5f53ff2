"""A ledger that grew by the ordinary way of recording: documents of many units, all they do."""

from collections.abc import Callable

from pendulum import DateTime

from config.clock import FixedClock
from models.domain.calendar import midnight
from models.domain.directive import Body, Bound, Document, Nudge, Obligation, Policy, Rung
from models.domain.facts import Report
from models.domain.requests import Accept, Acknowledge, Issue, Submit
from models.domain.terms import AssignmentId, BodyId, DocumentKey, ObligationId
from models.record import Address, Recorder
from models.store import Store
from models.vault import Vault

OFFICE = BodyId("vp")
ISSUED = DateTime(2023, 9, 19, 1, tzinfo=midnight(DateTime(2023, 9, 19).date()).tzinfo)
_AT_ONCE = 500


def grow(url: str, facts: int, units: int, said: Callable[[int], None] = lambda _: None) -> int:
    """Fill the empty database *url* with at least *facts* facts; return how many there are."""
    store = Store(url, Vault(bytes(32)))
    try:
        clock = FixedClock(ISSUED)
        store.prepare(ISSUED)
        recorder = Recorder(store, clock, FixedClock(ISSUED))
        number = 0
        while (size := store.size()) < facts:
            number += 1
            clock.instant = ISSUED.add(days=number - 1)
            _live(recorder, clock, _document(number, units, clock.instant), facts)
            said(size)
        return store.size()
    finally:
        store.close()


def _live(recorder: Recorder, clock: FixedClock, document: Document, limit: int) -> None:
    """Carry one document out: half of the units answer in time, half after they were urged."""
    recorder.register([document], [Address(OFFICE, "vp@bench.example")], "bench")
    recorder.record(document.key, Issue())
    with recorder.store.transaction(clock) as transaction:
        unit, office = (transaction.person(name) for name in ("Người báo cáo", "Người duyệt"))
    copies = [each for duty in document.obligations for each in duty.assignments()]
    early, late = copies[::2], copies[1::2]
    clock.instant = document.issue_at.add(hours=2)
    _all(recorder, document.key, [Acknowledge(each, unit, "a1") for each in copies])
    for part, day in ((early, 9), (late, 20)):
        clock.instant = document.issue_at.add(days=day)
        _all(recorder, document.key, [_report(each, unit) for each in part])
        _all(recorder, document.key, [Accept(each, 1, office, "a1") for each in part])


def _all(recorder: Recorder, key: DocumentKey, wanted: list[Acknowledge | Submit | Accept]) -> None:
    for at in range(0, len(wanted), _AT_ONCE):
        recorder.record_all([(key, each) for each in wanted[at : at + _AT_ONCE]])


def _report(copy: AssignmentId, person: str) -> Submit:
    return Submit(copy, Report(figures=(("held", 12), ("people", 340))), 0, person, "a1")


def _document(number: int, units: int, issue: DateTime) -> Document:
    bodies = tuple(BodyId(f"dv.{number}.{each}") for each in range(units))
    due = midnight(issue.add(days=14).date())
    return Document(
        key=DocumentKey(f"{number}-KH/TU"),
        number=f"{number}-KH/TU",
        kind="kế hoạch",
        title="Kế hoạch để đo",
        issuer=OFFICE,
        issue_at=issue,
        bodies=tuple(Body(each, f"Đơn vị {each}", "grassroots") for each in (OFFICE, *bodies)),
        obligations=(
            Obligation(
                id=ObligationId(f"{number}/III.1"),
                clause="III.1",
                quote="báo cáo trước ngày",
                summary="Báo cáo",
                kind="report",
                assignees=bodies,
                bound=Bound(f"trước {due:%d/%m/%Y}", "before-date", "strict", due, "III.1"),
                reviewer=OFFICE,
                receiver=OFFICE,
            ),
        ),
        policy=Policy(
            nudges=(Nudge("before", -5), Nudge("after", 1)),
            rungs=(Rung(1, "Đôn đốc", 2, (OFFICE,)),),
        ),
        clerk=OFFICE,
        package="bench",
        issued_on=issue.date(),
    )
