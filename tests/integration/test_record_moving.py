"""A moved date on a real ledger: one transaction over the levels, mails owed, nothing twice."""

from dataclasses import replace
from datetime import date

import pytest

from models.domain.calendar import at, midnight
from models.domain.facts import (
    BoundMoved,
    FeasibilityChanged,
    Report,
    ReportedUp,
    ReportExpected,
    ReportHeld,
    Rescheduled,
    Submitted,
)
from models.domain.prospects import infeasible
from models.domain.requests import Accept, MoveBound, ReportUp, Return, Submit
from models.domain.terms import BodyId, ObligationId, Phase
from tests.builders import (
    BTG,
    CITY,
    CITY_COMMITTEE,
    FAR,
    LATEST_START,
    LINK,
    PERSON,
    PROVINCE,
    PROVINCE_REPORT,
    REPORTS,
    SYNTHESIS,
    UNITS,
    city_below_province,
    copy,
    duty,
    province,
)
from tests.ledgers import Office

NOW = at(date(2023, 10, 16), 9)
UP_REPORT = copy(PROVINCE_REPORT, CITY_COMMITTEE)
LATE = midnight(date(2023, 11, 21))


def move(place: Office, *bodies: BodyId, authority: str = "12-CV/TU") -> MoveBound:
    def ask(transaction):  # type: ignore[no-untyped-def]
        return MoveBound(
            ObligationId(REPORTS),
            LATE,
            "đến hết ngày 20/11/2023",
            "tt",
            authority,
            transaction.text("mưa lũ"),
            bodies,
        )

    outcome = place.recorder.record(CITY, ask)
    assert outcome.refusal is None, outcome.refusal
    return outcome  # type: ignore[return-value]


def facts_of(place: Office, kind: type) -> list[object]:
    return [s.fact for s in place.store.events() if isinstance(s.fact, kind)]


def test_one_act_reaches_every_level_in_one_transaction(place: Office) -> None:
    place.issue(province(), city_below_province())
    place.clock.instant = NOW
    place.recorder.let_time_act(CITY)
    place.recorder.let_time_act(PROVINCE)
    before = place.rows("SELECT max(seq) AS n FROM ledger_event")[0]["n"]
    move(place)
    rows = place.rows(
        f"SELECT seq, stream, type, cause, kind FROM ledger_event WHERE seq > {before} ORDER BY seq"
    )
    assert [row["type"] for row in rows] == [
        "BoundMoved",
        *["Rescheduled"] * len(UNITS),
        "FeasibilityChanged",
        "ReportUpExpected",
        "ReportExpected",
        "FeasibilityChanged",
    ]
    act, told, expected = rows[0]["seq"], rows[-3]["seq"], rows[-2]
    assert {row["cause"] for row in rows[1:-2]} == {act}
    assert (expected["stream"], expected["cause"], expected["kind"]) == (PROVINCE, told, "I")
    assert [each.obligation for each in infeasible(place.store.state(CITY))] == [SYNTHESIS]
    assert [each.obligation for each in infeasible(place.store.state(PROVINCE))] == [
        PROVINCE_REPORT
    ]
    owed = place.rows(
        f"SELECT kind, recipient FROM outbox WHERE seq > {before - 1} AND seq >= {act}"
    )
    assert {(row["kind"], row["recipient"]) for row in owed if row["kind"] == "extended"} == {
        ("extended", unit) for unit in UNITS
    }
    assert ("infeasible", BTG) in {(row["kind"], row["recipient"]) for row in owed}


def test_the_same_act_again_changes_nothing(place: Office) -> None:
    place.issue(province(), city_below_province())
    place.clock.instant = NOW
    move(place)
    size = place.count("ledger_event"), place.count("outbox")
    with pytest.raises(AssertionError, match="done-already"):
        move(place)
    assert (place.count("ledger_event"), place.count("outbox")) == size


def test_the_moved_date_is_when_time_acts(place: Office) -> None:
    place.issue(province(), city_below_province())
    place.clock.instant = NOW
    move(place, *UNITS)
    place.clock.instant = FAR
    for stream in place.recorder.due():
        place.recorder.let_time_act(stream)
    late = {
        row["at"]
        for row in place.rows(
            "SELECT at FROM ledger_event WHERE type = 'BecameOverdue' "
            f"AND dedup_key LIKE '%{REPORTS}@%'"
        )
    }
    assert late == {"2023-11-20T17:00:00.000000Z"}
    assert len(facts_of(place, BoundMoved)) == 1
    assert len(facts_of(place, Rescheduled)) == len(UNITS)
    assert facts_of(place, FeasibilityChanged)
    assert facts_of(place, ReportExpected)


def consolidated(place: Office) -> None:
    place.clock.instant = LATEST_START
    place.recorder.let_time_act(CITY)
    place.recorder.record(CITY, Submit(copy(SYNTHESIS, BTG), Report(), 0, PERSON, LINK))
    place.recorder.record(CITY, Accept(copy(SYNTHESIS, BTG), 1, PERSON, LINK))
    assert place.recorder.record(CITY, ReportUp()).refusal is None


def test_a_report_for_a_duty_above_that_still_waits_is_kept_and_handed_in_as_it_opens(
    place: Office,
) -> None:
    others = ObligationId("240/III.1-z")
    above = province()
    above = replace(
        above,
        obligations=(
            above.obligations[0],
            duty(others, (UNITS[0],), midnight(date(2023, 11, 10))),
            replace(above.obligations[1], waits_for=(others,)),
        ),
    )
    place.issue(above, city_below_province())
    consolidated(place)
    assert len(facts_of(place, ReportedUp)) == 1
    assert len(facts_of(place, ReportHeld)) == 1
    assert place.store.state(PROVINCE).progress[UP_REPORT].phase is Phase.PENDING
    place.clock.instant = LATEST_START.add(days=1)
    waiting = copy(others)
    place.recorder.record(PROVINCE, Submit(waiting, Report(), 0, PERSON, LINK))
    place.recorder.record(PROVINCE, Accept(waiting, 1, PERSON, LINK))
    own = place.store.state(PROVINCE).progress[UP_REPORT]
    assert (own.phase, own.version) == (Phase.SUBMITTED, 1)
    (fact,) = [f for f in facts_of(place, Submitted) if f.assignment == UP_REPORT]  # type: ignore[attr-defined]
    assert fact.report.plan_number == "256-KH/TU"  # type: ignore[attr-defined]


def test_a_report_returned_above_is_sent_again_by_its_body(place: Office) -> None:
    place.issue(province(), city_below_province())
    consolidated(place)
    place.recorder.record(PROVINCE, Return(UP_REPORT, 1, "f" * 64, PERSON, LINK))
    again = place.recorder.record(PROVINCE, Submit(UP_REPORT, Report(), 1, PERSON, LINK))
    assert again.refusal is None
    own = place.store.state(PROVINCE).progress[UP_REPORT]
    assert (own.phase, own.version) == (Phase.SUBMITTED, 2)
