"""What may be asked for, when, and what the answer is the second time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain import refusals
from models.domain.answers import answer
from models.domain.errors import Refusal
from models.domain.facts import Accepted, Acknowledged, Issued, Report, Returned, Submitted, Waived
from models.domain.requests import (
    Accept,
    Acknowledge,
    Issue,
    ReportUp,
    Request,
    Return,
    Submit,
    Waive,
)
from models.domain.state import State
from models.domain.terms import AssignmentId, Phase
from tests.builders import (
    FAR,
    ISSUE_AT,
    LINK,
    PERSON,
    PLAN,
    REPORTS,
    Life,
    city,
    city_below_province,
    copy,
    issued,
    registered,
)
from tests.strategies import Wish, live, wishes

UNIT = copy(REPORTS)
DAY = ISSUE_AT.add(days=1)
OTHER = Report(figures=(("meetings", 3),))


def submit(version: int = 0, report: Report | None = None, unit: AssignmentId = UNIT) -> Submit:
    return Submit(unit, report or Report(), version, PERSON, LINK)


def accept(version: int = 1) -> Accept:
    return Accept(UNIT, version, PERSON, LINK)


def give_back(version: int = 1) -> Return:
    return Return(UNIT, version, "a" * 64, PERSON, LINK)


ACKNOWLEDGE = Acknowledge(UNIT, PERSON, LINK)
WAIVE = Waive(UNIT, "tt", "Công văn 12-CV/TU")


def after(*asked: Request) -> Life:
    life = issued()
    for each in asked:
        assert not isinstance(life.ask(each, DAY), Refusal), each
    return life


@pytest.mark.parametrize(
    ("before", "request_", "refusal"),
    [
        ((), accept(), refusals.NOTHING_TO_REVIEW),
        ((), give_back(), refusals.NOTHING_TO_REVIEW),
        ((), submit(1), refusals.STALE),
        ((ACKNOWLEDGE,), ACKNOWLEDGE, refusals.DONE),
        ((submit(),), ACKNOWLEDGE, refusals.DONE),
        ((submit(),), submit(), refusals.DONE),
        ((submit(),), submit(1), refusals.UNDER_REVIEW),
        ((submit(),), submit(0, OTHER), refusals.UNDER_REVIEW),
        ((submit(),), accept(2), refusals.STALE),
        ((submit(),), give_back(0), refusals.STALE),
        ((submit(), give_back()), give_back(), refusals.DONE),
        ((submit(), give_back()), accept(), refusals.NOTHING_TO_REVIEW),
        ((submit(), give_back()), submit(), refusals.STALE),
        ((ACKNOWLEDGE, submit(), give_back()), ACKNOWLEDGE, refusals.DONE),
        ((submit(), give_back(), submit(1)), accept(1), refusals.STALE),
        ((submit(), accept()), accept(), refusals.DONE),
        ((submit(), accept()), submit(), refusals.DONE),
        ((submit(), accept()), submit(0, OTHER), refusals.CLOSED),
        ((submit(), accept()), submit(1), refusals.CLOSED),
        ((submit(), accept()), give_back(), refusals.CLOSED),
        ((submit(), accept()), WAIVE, refusals.CLOSED),
        ((submit(), accept()), ACKNOWLEDGE, refusals.CLOSED),
        ((submit(), WAIVE), accept(), refusals.CLOSED),
        ((WAIVE,), WAIVE, refusals.CLOSED),
        ((WAIVE,), submit(), refusals.CLOSED),
        ((), Issue(), refusals.DONE),
        ((), ReportUp(), refusals.NOT_YET),
        ((), submit(unit=AssignmentId("256/III.1@nobody")), refusals.UNKNOWN),
    ],
)
def test_the_expected_no(before: tuple[Request, ...], request_: Request, refusal: Refusal) -> None:
    life = after(*before)
    facts = list(life.facts)
    assert life.ask(request_, DAY.add(hours=1)) == refusal
    assert life.facts == facts


def test_the_same_page_sent_twice_for_a_duty_that_the_policy_accepts() -> None:
    life = issued()
    plan = copy(PLAN)
    assert isinstance(life.ask(submit(unit=plan), DAY), Submitted)
    assert life.ask(submit(unit=plan), DAY) == refusals.DONE


@pytest.mark.parametrize("wish", [ACKNOWLEDGE, submit(), accept(), give_back()])
def test_nothing_is_asked_of_a_duty_that_has_not_started(wish: Request) -> None:
    assert registered().ask(wish, ISSUE_AT.subtract(hours=1)) == refusals.NOT_OPEN


@pytest.mark.parametrize(
    "wish", [Issue(), ReportUp(), ACKNOWLEDGE, submit(), accept(), give_back(), WAIVE]
)
def test_an_unknown_document_refuses_everything(wish: Request) -> None:
    assert isinstance(answer(State(), wish, ISSUE_AT), Refusal)


def test_issue_waits_for_its_day_and_bears_it() -> None:
    life = registered()
    assert life.ask(Issue(), ISSUE_AT.subtract(microseconds=1)) == refusals.NOT_YET
    assert life.ask(Issue(), ISSUE_AT.add(days=4)) == Issued(ISSUE_AT)


def test_issue_waits_for_the_document_above() -> None:
    life = registered(city_below_province())
    assert life.ask(Issue(), FAR) == refusals.NOT_YET
    assert life.state.next_due() is None


def test_nothing_goes_up_before_the_issue() -> None:
    life = registered(city_below_province())
    synthesis = copy(life.state.document.obligations[2].id, life.state.document.bodies[4].id)
    life.ask(Waive(synthesis, "tt", "x"), ISSUE_AT.subtract(days=1))
    assert life.ask(ReportUp(), ISSUE_AT.subtract(days=1)) == refusals.NOT_YET


def test_what_is_granted_carries_the_asking_instant_and_the_asker() -> None:
    life = issued()
    assert life.ask(ACKNOWLEDGE, DAY) == Acknowledged(DAY, UNIT, PERSON, LINK)
    assert life.ask(submit(0, OTHER), DAY) == Submitted(DAY, UNIT, 1, OTHER, PERSON, LINK)
    assert life.ask(give_back(), DAY) == Returned(DAY, UNIT, 1, "a" * 64, PERSON, LINK)
    assert life.state.progress[UNIT].phase is Phase.OPEN
    assert life.state.progress[UNIT].acknowledged_at == DAY
    assert life.ask(submit(1), DAY) == Submitted(DAY, UNIT, 2, Report(), PERSON, LINK)
    assert life.ask(accept(2), DAY) == Accepted(DAY, UNIT, 2, PERSON, LINK)
    other = copy(PLAN)
    authority = "Công văn 12-CV/TU"
    assert life.ask(Waive(other, "tt", authority), DAY) == Waived(DAY, other, "tt", authority)


@settings(max_examples=60)
@given(wishes(city(), max_size=15), st.data())
def test_one_request_one_fact_however_often_and_interleaved(
    schedule: list[Wish], data: st.DataObject
) -> None:
    """Two people each press every button several times; each button has one effect at most."""
    life = live(city(), schedule, until=ISSUE_AT)
    if not schedule:
        return
    now = FAR
    life.let_act(now)
    made = [wish.request(life.state) for wish in schedule]
    presses = data.draw(st.permutations(range(len(made) * 3)))
    granted: dict[Request, int] = {}
    for press in presses:
        request = made[press % len(made)]
        if not isinstance(life.ask(request, now), Refusal):
            granted[request] = granted.get(request, 0) + 1
    assert all(count == 1 for count in granted.values())


def test_every_refusal_speaks_both_languages() -> None:
    all_of_them = [value for value in vars(refusals).values() if isinstance(value, Refusal)]
    assert len({each.code for each in all_of_them}) == len(all_of_them) == 24
    for each in all_of_them:
        assert each.text() == each.vi != each.en == each.text("en")
