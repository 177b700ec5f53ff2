"""What the graph of a document's run shows."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from config.package import load
from flows.picture import (
    COMPLETE,
    GATE,
    GROUP,
    ISSUE,
    REPORT_UP,
    Act,
    Shown,
    acts,
    awaited,
    is_grouped,
    nodes,
)
from models.domain.directive import Document
from models.domain.facts import ChildIssued, ParentIssued, Report, Superseded, key_of
from models.domain.requests import Accept, Acknowledge, Issue, MoveBound, Return, Submit, Waive
from models.domain.state import State
from models.domain.terms import Acceptance, AssignmentId, BodyId, ObligationId
from tests.builders import (
    BTG,
    CITY,
    CITY_COMMITTEE,
    FAR,
    ISSUE_AT,
    LATEST_START,
    LINK,
    PERSON,
    PLAN,
    PROVINCE,
    PROVINCE_ISSUE,
    PROVINCE_REPORT,
    REPORTS,
    REPORTS_DUE,
    STANDING,
    SYNTHESIS,
    UNITS,
    Life,
    city,
    city_below_province,
    copy,
    duty,
    issued,
    province,
    registered,
)

LIMIT = 300
ONE, TWO, THREE, FOUR = (copy(REPORTS, unit) for unit in UNITS)
SUM = copy(SYNTHESIS, BTG)
BEFORE = REPORTS_DUE.subtract(hours=2)


@cache
def package() -> tuple[Document, ...]:
    return load(Path("config/directives/57-kl-tw")).documents


def real(index: int) -> Document:
    return replace(package()[index], parent=None)


def submit(life: Life, assignment: AssignmentId, version: int = 0) -> None:
    life.ask(Submit(assignment, Report(), version, PERSON, LINK), BEFORE)


def accept(life: Life, assignment: AssignmentId, version: int = 1) -> None:
    life.ask(Accept(assignment, version, PERSON, LINK), BEFORE)


def busy() -> Life:
    """A document in the middle of its work, with every phase in it."""
    life = issued()
    for assignment in (ONE, TWO, THREE):
        life.ask(Acknowledge(assignment, PERSON, LINK), ISSUE_AT.add(days=1))
    submit(life, ONE)
    accept(life, ONE)
    submit(life, TWO)
    life.ask(Return(TWO, 1, "f" * 64, PERSON, LINK), BEFORE)
    submit(life, THREE)
    life.ask(Waive(FOUR, "tt", "Công văn 12"), BEFORE)
    return life


def by_key(state: State, limit: int = LIMIT) -> dict[str, Shown]:
    return {node.key: node for node in nodes(state, limit)}


def states() -> list[State]:
    late = issued()
    late.let_act(FAR)
    return [
        registered().state,
        issued().state,
        busy().state,
        late.state,
        registered(city_below_province()).state,
        issued(province()).state,
        *(registered(found).state for found in package()),
        *(issued(real(index)).state for index in range(3)),
    ]


def check(shown: Sequence[Shown]) -> None:
    """Keys are unique; every edge comes from a node that stands before, so there is no circle."""
    seen: set[str] = set()
    for node in shown:
        assert node.key not in seen, node
        assert set(node.deps) <= seen, (node.key, set(node.deps) - seen)
        assert len(set(node.deps)) == len(node.deps), node
        assert node.label.strip()
        assert node.type in {"PENDING", "PAUSED", "COMPLETED"}
        seen.add(node.key)


@pytest.mark.parametrize("number", range(len(states())))
@pytest.mark.parametrize("limit", [1, 4, 13, LIMIT])
def test_the_graph_is_whole_at_every_size(number: int, limit: int) -> None:
    check(nodes(states()[number], limit))


@pytest.mark.parametrize("number", range(len(states())))
def test_all_assignments_that_must_be_closed_are_there_from_the_first_day(number: int) -> None:
    state = states()[number]
    plan = state.plan
    assert plan is not None
    shown = by_key(state)
    wanted = {key for key, (duty_, _) in plan.assignments.items() if duty_.id in plan.closing}
    assert wanted <= set(shown)
    assert {ISSUE, COMPLETE} <= set(shown)
    assert {GATE + each for each in state.gates} <= set(shown)
    standing = {GROUP + each.id for each in plan.document.obligations} & set(shown)
    assert standing == {
        GROUP + each.id for each in plan.document.obligations if each.id not in plan.closing
    }


def test_the_shape_of_the_graph_never_changes() -> None:
    """Nodes and edges are drawn once: what happens changes states and names only."""
    shapes = {
        tuple((node.key, node.deps) for node in nodes(life.state, LIMIT))
        for life in (registered(), issued(), busy())
    }
    assert len(shapes) == 1


def test_the_real_plan_is_there_before_it_is_issued() -> None:
    shown = by_key(registered(package()[2]).state)
    assert len([key for key in shown if "@" in key]) == 1 + 16 + 6 + 16 + 22 + 22 + 1 + 1
    assert shown[REPORT_UP].deps == ("256/III.1-d@pr.btg",)
    assert all(node.type == "PENDING" for node in shown.values())
    assert "256/III.1-a@pr.bao-an" in shown["256/III.1-c@pr.bao-an"].deps
    assert len(shown[GATE + "256/III.1-d"].deps) == 22


@pytest.mark.parametrize(
    ("assignment", "kind", "badge"),
    [
        (ONE, "COMPLETED", "Accepted"),
        (TWO, "PAUSED", "Returned"),
        (THREE, "PAUSED", "AwaitingReview"),
        (FOUR, "COMPLETED", "Waived"),
        (SUM, "PENDING", "Blocked"),
        (copy(PLAN), "PAUSED", "Overdue"),
    ],
)
def test_badges_say_how_each_duty_stands(assignment: str, kind: str, badge: str) -> None:
    node = by_key(busy().state)[assignment]
    assert (node.type, node.name) == (kind, badge)


def test_an_open_duty_awaits_its_report_and_then_is_known() -> None:
    life = issued()
    assert by_key(life.state)[ONE].name == "AwaitingReport"
    life.ask(Acknowledge(ONE, PERSON, LINK), ISSUE_AT.add(days=1))
    assert by_key(life.state)[ONE].name == "Acknowledged"


def test_lateness_is_shown_with_its_rung_and_stays_after_the_report() -> None:
    life = issued()
    life.let_act(REPORTS_DUE.add(days=12))
    node = by_key(life.state)[ONE]
    assert (node.type, node.name) == ("PAUSED", "Overdue")
    assert "bước 3" in node.label
    now = REPORTS_DUE.add(days=12)
    life.ask(Submit(ONE, Report(), 0, PERSON, LINK), now)
    assert by_key(life.state)[ONE].name == "AwaitingReview"
    life.ask(Accept(ONE, 1, PERSON, LINK), now)
    assert by_key(life.state)[ONE].name == "AcceptedLate"


def test_a_duty_that_moved_to_another_body_says_so() -> None:
    life = issued()
    life.happen(Superseded(BEFORE, ONE, TWO), BEFORE)
    node = by_key(life.state)[ONE]
    assert (node.type, node.name) == ("COMPLETED", "Superseded")


def test_the_gate_counts_and_then_says_who_was_missing() -> None:
    life = busy()
    gate = by_key(life.state)[GATE + SYNTHESIS]
    assert (gate.type, gate.name) == ("PENDING", "AwaitingReports")
    assert "2/4" in gate.label
    assert set(gate.deps) == {ONE, TWO, THREE, FOUR}
    life.let_act(LATEST_START)
    gate = by_key(life.state)[GATE + SYNTHESIS]
    assert (gate.type, gate.name) == ("COMPLETED", "Opened")
    assert "thiếu 2" in gate.label
    assert by_key(life.state)[SUM].name == "AwaitingReport"
    assert by_key(life.state)[SUM].deps == (GATE + SYNTHESIS,)


def test_standing_duties_hold_nothing_up() -> None:
    for life in (registered(), issued()):
        assert GROUP + STANDING not in by_key(life.state)[COMPLETE].deps
    node = by_key(issued().state)[GROUP + STANDING]
    assert (node.type, node.name) == ("PAUSED", "Standing")


def finished(document: Document | None = None) -> Life:
    life = issued(document)
    for assignment in (ONE, TWO, THREE, FOUR):
        submit(life, assignment)
        accept(life, assignment)
    for unit in UNITS:
        submit(life, copy(PLAN, unit))
    life.ask(Submit(SUM, Report(), 0, PERSON, LINK), BEFORE)
    life.ask(Accept(SUM, 1, PERSON, LINK), BEFORE)
    return life


def test_the_end_is_reached_when_everything_dated_is_closed() -> None:
    assert by_key(busy().state)[COMPLETE].type == "PENDING"
    shown = by_key(finished().state)
    assert shown[COMPLETE].type == "COMPLETED"
    assert {node.type for key, node in shown.items() if key != GROUP + STANDING} == {"COMPLETED"}


def test_large_documents_show_few_nodes() -> None:
    for size, document in ((40, 40), (400, 400)):
        units = tuple(BodyId(f"unit-{number}") for number in range(size))
        value = city(
            obligations=(
                duty(PLAN, units, REPORTS_DUE),
                duty(REPORTS, units, REPORTS_DUE, depends_on=(PLAN,)),
                duty(SYNTHESIS, (BTG,), REPORTS_DUE.add(days=10), waits_for=(REPORTS,)),
                duty(STANDING, units),
            )
        )
        state = issued(value).state
        assert is_grouped(state, 50)
        shown = nodes(state, 50)
        check(shown)
        assert len(shown) == 7, document
        assert list(acts(state, issued(value).facts, 50)) == []
    group = by_key(state, 50)[GROUP + REPORTS]
    assert (group.type, group.name) == ("PAUSED", "AwaitingReports")
    assert "0/400" in group.label
    assert group.deps == (ISSUE, GROUP + PLAN)
    assert by_key(state, 50)[GATE + SYNTHESIS].deps == (GROUP + REPORTS,)


def test_a_group_says_how_many_are_done_and_late() -> None:
    life = busy()
    group = by_key(life.state, 4)[GROUP + REPORTS]
    assert "2/4" in group.label
    life.let_act(REPORTS_DUE.add(days=1))
    group = by_key(life.state, 4)[GROUP + REPORTS]
    assert group.name == "AwaitingReports", "the returned one has its time, the other is reviewed"
    life = issued()
    life.let_act(REPORTS_DUE)
    assert by_key(life.state, 4)[GROUP + REPORTS].name == "Overdue"
    assert "quá hạn 4" in by_key(life.state, 4)[GROUP + REPORTS].label
    assert by_key(finished().state, 4)[GROUP + REPORTS].type == "COMPLETED"


def test_a_group_behind_a_gate_hangs_on_its_gate_and_is_blocked_until_then() -> None:
    value = city(
        obligations=(
            duty(REPORTS, UNITS, REPORTS_DUE),
            duty(SYNTHESIS, UNITS, REPORTS_DUE.add(days=10), waits_for=(REPORTS,)),
        ),
        reports_when=None,
    )
    life = issued(value)
    check(nodes(life.state, 3))
    group = by_key(life.state, 3)[GROUP + SYNTHESIS]
    assert group.deps == (GATE + SYNTHESIS,)
    assert (group.type, group.name) == ("PENDING", "Blocked")
    life.let_act(REPORTS_DUE.add(days=9))
    assert by_key(life.state, 3)[GROUP + SYNTHESIS].name == "AwaitingReports"


def test_a_gate_may_wait_for_a_duty_without_a_date() -> None:
    value = city(
        obligations=(
            duty(SYNTHESIS, (BTG,), REPORTS_DUE.add(days=10), waits_for=(STANDING,)),
            duty(STANDING, UNITS),
        ),
        reports_when=STANDING,
    )
    for limit in (1, LIMIT):
        check(nodes(issued(value).state, limit))
    gate = by_key(issued(value).state)[GATE + SYNTHESIS]
    assert gate.deps == (GROUP + STANDING,)


def test_a_duty_that_nobody_owes_by_itself_is_in_nobodys_way() -> None:
    nobody = ObligationId("256/II.9")
    value = city(
        obligations=(
            duty(nobody, (), REPORTS_DUE),
            duty(REPORTS, UNITS, REPORTS_DUE, depends_on=(nobody,)),
            duty(SYNTHESIS, (BTG,), REPORTS_DUE, depends_on=(nobody,)),
        ),
        reports_when=None,
    )
    for limit in (1, LIMIT):
        check(nodes(issued(value).state, limit))


def test_what_others_depend_on_stands_first_whatever_the_order_of_the_clauses() -> None:
    value = city(
        obligations=(
            duty(PLAN, UNITS, REPORTS_DUE),
            duty(REPORTS, UNITS, REPORTS_DUE, depends_on=(PLAN,)),
        ),
        reports_when=None,
    )
    reverse = replace(value, obligations=tuple(reversed(value.obligations)))
    check(nodes(issued(reverse).state, LIMIT))
    assert by_key(issued(reverse).state)[ONE].deps == (ISSUE, copy(PLAN))


@pytest.mark.parametrize("limit", [1, LIMIT])
def test_a_report_that_depends_on_what_waits_for_it_makes_no_circle(limit: int) -> None:
    value = city(
        obligations=(
            duty(REPORTS, UNITS, REPORTS_DUE, depends_on=(PLAN, SYNTHESIS)),
            duty(SYNTHESIS, (BTG,), REPORTS_DUE.add(days=10), waits_for=(REPORTS,)),
            duty(PLAN, UNITS, REPORTS_DUE, depends_on=(SYNTHESIS,)),
        ),
        reports_when=None,
    )
    check(nodes(issued(value).state, limit))


def test_what_is_awaited_is_named() -> None:
    below = registered(city_below_province())
    name, text = awaited(below.state)
    assert name == "AwaitingIssue"
    assert PROVINCE in text
    below.happen(ParentIssued(ISSUE_AT.subtract(days=6), PROVINCE), ISSUE_AT.subtract(days=6))
    assert awaited(below.state) == ("AwaitingIssue", "Chờ đến ngày ban hành 19/09/2023 08:00")

    name, text = awaited(busy().state)
    assert name == "AwaitingReports"
    assert "III.1 Báo cáo kết quả: chờ 2" in text
    assert "II.1 Báo cáo kết quả: chờ 4 (quá hạn 4)" in text
    assert "Mốc tiếp theo: " in text


def test_a_document_that_waits_only_for_the_one_below_says_so() -> None:
    value = province(obligations=province().obligations[:1])
    life = issued(value)
    assert awaited(life.state)[0] == "AwaitingDocument"
    both = issued(province())
    assert awaited(both.state)[0] == "AwaitingReports"
    assert PROVINCE_REPORT in by_key(both.state)[copy(PROVINCE_REPORT, CITY_COMMITTEE)].key


def test_nothing_is_awaited_at_the_end() -> None:
    name, text = awaited(finished().state)
    assert name == "AwaitingReports"
    assert "đã xong" in text
    assert "chờ" not in text


def all_acts(life: Life) -> list[Act]:
    return list(acts(life.state, life.facts, LIMIT))


def test_each_deed_of_a_person_is_one_act_after_the_one_before() -> None:
    life = busy()
    life.ask(Submit(TWO, Report(), 1, PERSON, LINK), BEFORE)
    life.let_act(LATEST_START)
    life.ask(Accept(TWO, 2, PERSON, LINK), LATEST_START)
    found = all_acts(life)
    keys = {key_of(fact) for fact in life.facts}
    assert len({act.key for act in found}) == len(found)
    assert {act.key for act in found} <= keys
    mine = [act for act in found if act.assignment == TWO]
    assert [act.kind for act in mine] == [
        "Acknowledged",
        "Submitted",
        "Returned",
        "Submitted",
        "Accepted",
        "AddendumReceived",
    ]
    assert mine[0].after == (TWO,)
    assert [act.after for act in mine[1:]] == [(act.key,) for act in mine[:-1]]
    standing_before = {*by_key(life.state)}
    for act in found:
        assert set(act.after) <= standing_before, "an edge from what is not drawn yet"
        standing_before.add(act.key)


def test_a_moved_date_is_an_act_and_stands_at_each_duty_that_it_moves() -> None:
    life = issued()
    new = REPORTS_DUE.add(days=10)
    words = ("hết ngày 30/10/2023", "tt", "12-CV/TU", "c" * 64)
    life.ask(MoveBound(ObligationId(REPORTS), new, *words, bodies=(UNITS[0],)), BEFORE)
    life.ask(MoveBound(ObligationId(REPORTS), new.add(days=1), *words), BEFORE)
    one, everybody = acts(life.state, life.facts, LIMIT)
    assert one.label == "III.1 · Dời hạn sang 30/10/2023 (12-CV/TU): Đơn vị ward-1 · 20/10"
    assert everybody.label == "III.1 · Dời hạn sang 31/10/2023 (12-CV/TU) · 20/10"
    assert (one.key, one.after) == (f"BoundMoved:{REPORTS}:1", (ISSUE,))
    shown = {node.key: node.label for node in nodes(life.state, LIMIT)}
    assert shown[copy(REPORTS)].endswith("hạn dời sang 31/10")
    assert "dời" not in shown[copy(PLAN)]


def test_what_time_and_policy_do_is_nobodys_act() -> None:
    life = issued()
    life.let_act(FAR)
    assert all_acts(life) == [], "reminders, bounds, rungs and gates"
    submit(life, copy(PLAN))
    assert life.state.progress[copy(PLAN)].closed, "accepted by the policy"
    assert [act.kind for act in all_acts(life)] == ["Submitted"]
    assert life.state.document.obligations[0].acceptance is Acceptance.AUTOMATIC


def test_standing_duties_show_no_acts() -> None:
    life = issued()
    life.ask(Acknowledge(copy(STANDING), PERSON, LINK), ISSUE_AT.add(days=1))
    assert all_acts(life) == []
    assert "1/4" in by_key(life.state)[GROUP + STANDING].label


def test_the_issue_of_a_document_below_is_an_act() -> None:
    life = issued(province())
    assignment = copy(PROVINCE_ISSUE, CITY_COMMITTEE)
    life.happen(ChildIssued(ISSUE_AT, assignment, CITY), ISSUE_AT)
    (act,) = all_acts(life)
    assert act.kind == "ChildIssued"
    assert f"ban hành {CITY}" in act.label
    assert by_key(life.state)[assignment].type == "COMPLETED"


def test_nothing_is_shown_of_nothing() -> None:
    assert nodes(State(), LIMIT) == ()
    assert list(acts(State(), (), LIMIT)) == []
    assert not is_grouped(State(), 1)


def test_a_document_may_be_issued_when_the_one_above_is_out() -> None:
    life = registered(city_below_province())
    life.happen(ParentIssued(ISSUE_AT, PROVINCE), ISSUE_AT)
    assert by_key(life.state)[ISSUE].type == "PENDING"
    life.ask(Issue(), ISSUE_AT)
    node = by_key(life.state)[ISSUE]
    assert (node.type, node.name) == ("COMPLETED", "Issued")
    assert node.label == "Ban hành 256-KH/TU · 19/09/2023"
