"""What passes between a document and those above and below it."""

import pytest

from models.domain.errors import ImpossibleFact
from models.domain.facts import (
    ChildIssued,
    Fact,
    GateOpened,
    Issued,
    ParentIssued,
    Report,
    ReportedUp,
    ReportHeld,
    ReportUpExpected,
    Submitted,
)
from models.domain.refusals import NOT_YET
from models.domain.relay import Relayed, relayed
from models.domain.requests import Accept, Acknowledge, Issue, ReportUp, Return, Submit, Waive
from models.domain.state import State
from models.domain.terms import Acceptance, DocumentKey, ObligationId, Phase
from tests.builders import (
    BTG,
    CITY,
    CITY_COMMITTEE,
    FAR,
    ISSUE_AT,
    LATEST_START,
    LINK,
    PERSON,
    PROVINCE,
    PROVINCE_ISSUE,
    PROVINCE_REPORT,
    REPORTS,
    REPORTS_DUE,
    SYNTHESIS,
    SYNTHESIS_DUE,
    UNITS,
    VP,
    Life,
    city,
    city_below_province,
    copy,
    duty,
    issued,
    one_of_each,
    province,
    registered,
)

CHILD = city_below_province()
UP_ISSUE = copy(PROVINCE_ISSUE, CITY_COMMITTEE)
UP_REPORT = copy(PROVINCE_REPORT, CITY_COMMITTEE)
WAIVE_ISSUE = Waive(UP_ISSUE, "tt", "x")


def above() -> Life:
    life = registered(province())
    life.ask(Issue(), province().issue_at)
    return life


def made(messages: tuple[Relayed, ...], states: dict[DocumentKey, State]) -> list[Fact | None]:
    return [message.make(states[message.stream]) for message in messages]


def test_issue_goes_up_and_down() -> None:
    grandchild = DocumentKey("12-KH/ĐU")
    messages = relayed(CHILD, [grandchild], Issued(ISSUE_AT))
    assert [message.stream for message in messages] == [PROVINCE, grandchild]
    states = {PROVINCE: above().state, grandchild: State()}
    assert made(messages, states) == [
        ChildIssued(ISSUE_AT, UP_ISSUE, CITY),
        ParentIssued(ISSUE_AT, CITY),
    ]


def test_a_root_tells_nobody_above() -> None:
    assert relayed(city(), [], Issued(ISSUE_AT)) == ()
    assert relayed(province(), [CITY], Issued(ISSUE_AT))[0].stream == CITY


def test_nothing_else_is_relayed() -> None:
    for fact in one_of_each(copy(REPORTS), ISSUE_AT):
        assert relayed(CHILD, [DocumentKey("x")], fact) == ()


def test_what_was_relayed_has_no_place_a_second_time() -> None:
    life = above()
    (message,) = relayed(CHILD, [], Issued(ISSUE_AT))
    fact = message.make(life.state)
    assert fact is not None
    life.happen(fact, ISSUE_AT)
    assert life.state.progress[UP_ISSUE].phase is Phase.ACCEPTED
    assert message.make(life.state) is None

    below = registered(CHILD)
    (down,) = relayed(province(), [CITY], Issued(ISSUE_AT))
    told = down.make(below.state)
    assert told is not None
    below.happen(told, ISSUE_AT)
    assert down.make(below.state) is None


def test_a_waiver_above_is_not_undone_by_the_document_below() -> None:
    life = above()
    life.ask(WAIVE_ISSUE, ISSUE_AT.subtract(days=1))
    life.ask(Waive(UP_REPORT, "tt", "x"), ISSUE_AT.subtract(days=1))
    (issue,) = relayed(CHILD, [], Issued(ISSUE_AT))
    (report,) = relayed(CHILD, [], ReportedUp(FAR, PROVINCE, UP_REPORT, ()))
    assert issue.make(life.state) is None
    assert report.make(life.state) is None


def test_the_report_names_the_document_and_waits_for_review_above() -> None:
    life = above()
    (report,) = relayed(CHILD, [], ReportedUp(LATEST_START, PROVINCE, UP_REPORT, ()))
    fact = report.make(life.state)
    assert fact == Submitted(
        LATEST_START,
        UP_REPORT,
        1,
        Report(plan_number="256-KH/TU", plan_date=CHILD.issued_on),
        person="",
        link="",
    )
    life.happen(fact, LATEST_START)
    assert life.state.progress[UP_REPORT].phase is Phase.SUBMITTED
    assert report.make(life.state) is None


def test_a_report_from_below_waits_for_a_duty_that_is_not_open_and_comes_after_a_return() -> None:
    (report,) = relayed(CHILD, [], ReportedUp(LATEST_START, PROVINCE, UP_REPORT, ()))
    said = Report(plan_number="256-KH/TU", plan_date=CHILD.issued_on)
    waiting = registered(province())
    assert report.make(waiting.state) == ReportHeld(LATEST_START, UP_REPORT, CITY, said)
    life = above()
    life.ask(Submit(UP_REPORT, Report(), 0, PERSON, LINK), ISSUE_AT)
    life.ask(Return(UP_REPORT, 1, "a" * 64, PERSON, LINK), ISSUE_AT)
    life.ask(Acknowledge(UP_REPORT, PERSON, LINK), ISSUE_AT)
    assert report.make(life.state) == Submitted(LATEST_START, UP_REPORT, 2, said, "", "")


def test_above_nobody_hears_when_a_report_is_to_be_expected_for_a_duty_that_is_closed() -> None:
    news = ReportUpExpected(ISSUE_AT, 1, FAR, planned=SYNTHESIS_DUE)
    (message,) = relayed(CHILD, [], news)
    life = above()
    assert message.make(life.state) is not None
    life.ask(Waive(UP_REPORT, "tt", "x"), ISSUE_AT)
    assert message.make(life.state) is None


def test_what_was_held_may_open_at_once_what_had_an_appointment_at_the_same_instant() -> None:
    """Two duties in a row with one date: the second gate opens by the report, not by time too."""
    first, second = ObligationId("256/III.1-a"), SYNTHESIS
    life = issued(
        city(
            obligations=(
                duty(REPORTS, UNITS, REPORTS_DUE),
                duty(
                    first,
                    (VP,),
                    SYNTHESIS_DUE,
                    waits_for=(REPORTS,),
                    acceptance=Acceptance.AUTOMATIC,
                ),
                duty(second, (BTG,), SYNTHESIS_DUE, waits_for=(first,)),
            )
        )
    )
    held = ReportHeld(ISSUE_AT, copy(first, VP), DocumentKey("12-KH/ĐU"), Report())
    life.happen(held, ISSUE_AT)
    life.let_act(LATEST_START)
    assert [
        (fact.obligation, fact.complete) for fact in life.facts if isinstance(fact, GateOpened)
    ] == [(first, False), (second, True)]


def test_an_unknown_document_above_takes_nothing() -> None:
    (message,) = relayed(CHILD, [], Issued(ISSUE_AT))
    assert message.make(State()) is None


def test_the_document_reports_up_once_and_names_the_missing() -> None:
    life = registered(CHILD)
    life.happen(ParentIssued(ISSUE_AT.subtract(days=6), PROVINCE), ISSUE_AT)
    life.ask(Issue(), ISSUE_AT)
    life.let_act(LATEST_START)
    synthesis = copy(SYNTHESIS, BTG)
    life.ask(Waive(copy(REPORTS, UNITS[0]), "tt", "x"), LATEST_START)
    life.ask(Submit(synthesis, Report(), 0, PERSON, LINK), LATEST_START)
    assert life.ask(ReportUp(), LATEST_START) == NOT_YET
    when = LATEST_START.add(hours=9)
    life.ask(Accept(synthesis, 1, PERSON, LINK), when)
    fact = life.ask(ReportUp(), when.add(days=2))
    assert fact == ReportedUp(
        when, PROVINCE, UP_REPORT, tuple(copy(REPORTS, unit) for unit in UNITS[1:])
    )
    assert life.ask(ReportUp(), when.add(days=2)).code == "done-already"  # type: ignore[union-attr]
    with pytest.raises(ImpossibleFact):
        life.happen(fact, when.add(days=2))
