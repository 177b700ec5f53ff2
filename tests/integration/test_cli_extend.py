"""`cascade extend` on the real package, as an operator types it."""

import json

import pytest
from sqlalchemy import text

from models.domain.facts import BoundMoved, FeasibilityChanged, Rescheduled
from models.domain.terms import DocumentKey
from tests.desk import CITY, Desk
from tests.factories import vn

REPORT = "256/III.1-c"
WHO = ("--by", "Thường trực Thành ủy", "--authority", "15-CV/TU", "--reason", "Mưa lũ")


@pytest.fixture
def issued(desk: Desk) -> Desk:
    desk.issue_all()
    desk.at(vn(2023, 10, 16, 9))
    return desk


def extend(desk: Desk, to: str, duty: str = REPORT, *more: str, status: int = 0) -> tuple[str, str]:
    return desk.type("extend", "256-KH/TU", duty, "--to", to, *WHO, *more, status=status)


def facts_of(desk: Desk, kind: type, stream: str = CITY) -> list[object]:
    store = desk.store()
    try:
        return [s.fact for s in store.events(DocumentKey(stream)) if isinstance(s.fact, kind)]
    finally:
        store.close()


def test_one_unit_gets_more_time_and_what_that_costs_is_said(issued: Desk) -> None:
    printed, complaints = extend(issued, "đến hết ngày 28/10/2023", REPORT, "--body", "pr.bao-an")
    assert complaints == ""
    assert "từ hết ngày thứ Sáu, 20/10/2023 sang hết ngày thứ Bảy, 28/10/2023" in printed
    assert "1 đơn vị" in printed
    assert "Đảng bộ phường Bảo An" in printed
    assert "Không còn kịp hạn: 256-KH/TU III.1" in printed
    assert "thiếu 1 ngày làm việc" in printed
    (act,) = facts_of(issued, BoundMoved)
    assert act.bodies == ("pr.bao-an",)  # type: ignore[attr-defined]
    assert len(facts_of(issued, Rescheduled)) == 1


def test_moving_a_heading_moves_every_clause_that_inherits_it(issued: Desk) -> None:
    printed, _ = extend(issued, "hết ngày 15/11/2023", "256/II.1-b")
    assert "256/II.1-b: 16 đơn vị" in printed
    assert "256/III.1-a: 22 đơn vị" in printed
    assert len(facts_of(issued, Rescheduled)) == 16 + 22


def test_a_clause_for_the_same_product_keeps_its_stricter_date(issued: Desk) -> None:
    printed, _ = extend(issued, "hết ngày 15/12/2023", "256/III.2-b")
    assert "hết ngày thứ Năm, 30/11/2023" in printed
    assert "Hạn chặt hơn của mục khác" in printed
    printed, _ = extend(issued, "hết ngày 15/12/2023", "256/II.2-a")
    assert "256/III.2-b: 1 đơn vị, hết ngày thứ Sáu, 15/12/2023" in printed


def test_the_levels_above_are_named_when_they_lose_their_time(issued: Desk) -> None:
    printed, _ = extend(issued, "hết ngày 20/11/2023")
    assert "Không còn kịp hạn: 256-KH/TU III.1" in printed
    assert "Không còn kịp hạn: 240-KH/TU" in printed
    assert facts_of(issued, FeasibilityChanged, "240-KH/TU")
    assert not facts_of(issued, FeasibilityChanged, "57-KL/TW"), "the centre still has time"
    text, _ = issued.type("status", "240-KH/TU")
    assert "Không còn kịp hạn" in text
    value = json.loads(issued.type("status", "256-KH/TU", "--format", "json")[0])
    (moved,) = value["moved"]
    assert (moved["obligation"], moved["authority"], moved["units"]) == (REPORT, "15-CV/TU", [])
    assert moved["was"] == "2023-10-20T17:00:00.000000Z"
    assert moved["due"] == "2023-11-20T17:00:00.000000Z"
    assert [each["obligation"] for each in value["infeasible"]] == ["256/III.1-d"]
    shown, _ = issued.type("status", "256-KH/TU")
    assert "Thời hạn đã dời" in shown
    assert "15-CV/TU" in shown


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("định kỳ 6 tháng", "không cho ra một ngày cụ thể"),
        ("hết ngày 31/11/2023", "Ngày không có thật"),
        ("khi nào xong thì xong", ""),
        ("hết ngày 10/10/2023", "đã qua"),
        ("hết ngày 18/10/2023", "--earlier"),
        ("trước ngày 21/10/2023", "trùng với thời hạn đang áp dụng"),
    ],
)
def test_a_date_that_cannot_be_meant_changes_nothing(issued: Desk, to: str, words: str) -> None:
    before = issued.facts()
    _, complaints = extend(issued, to, status=1)
    assert words in complaints
    assert complaints
    issued.at(vn(2023, 10, 16, 9))
    assert len(facts_of(issued, BoundMoved)) == 0
    assert issued.facts() >= before


def test_an_earlier_date_has_to_be_meant(issued: Desk) -> None:
    extend(issued, "hết ngày 18/10/2023", REPORT, "--earlier")
    assert len(facts_of(issued, BoundMoved)) == 1


@pytest.mark.parametrize(
    ("document", "duty", "words"),
    [("999-KH/TU", REPORT, "999-KH/TU"), ("256-KH/TU", "256/IX", "256/III.1-c")],
)
def test_unknown_names_list_the_known_ones(
    issued: Desk, document: str, duty: str, words: str
) -> None:
    _, complaints = issued.type(
        "extend", document, duty, "--to", "hết ngày 1/11/2023", *WHO, status=1
    )
    assert words in complaints


@pytest.mark.parametrize(
    ("duty", "where"),
    [
        ("256/II.1-c", "256/II.1-b"),
        ("256/III.1-a", "256/II.1-b"),
        ("256/III.1-b", "256/II.2-b, 256/II.2-c"),
    ],
)
def test_a_clause_that_inherits_its_date_says_where_it_stands(
    issued: Desk, duty: str, where: str
) -> None:
    _, complaints = extend(issued, "hết ngày 20/12/2023", duty, status=1)
    assert f"Hạn của {duty} ghi ở {where}" in complaints


@pytest.mark.parametrize(("lang", "words"), [("vi", "không có nhiệm vụ"), ("en", "does not owe")])
def test_a_body_that_does_not_owe_it_is_named_beside_those_who_do(
    issued: Desk, lang: str, words: str
) -> None:
    before = issued.facts()
    bodies = ("--body", "pr.bao-an", "--body", "pr.btg", "--lang", lang)
    _, complaints = extend(issued, "hết ngày 28/10/2023", REPORT, *bodies, status=1)
    assert f"'pr.btg' {words} {REPORT}" in complaints
    assert "pr.bao-an, " in complaints
    assert "'pr.bao-an'" not in complaints
    assert issued.facts() == before


def test_a_standing_duty_has_no_date_to_move(issued: Desk) -> None:
    _, complaints = extend(issued, "hết ngày 1/11/2023", "256/III.3-b", status=1)
    assert "không có thời hạn" in complaints


def test_the_unit_the_synthesis_and_the_clerk_are_told(issued: Desk) -> None:
    extend(issued, "đến hết ngày 28/10/2023", REPORT, "--body", "pr.bao-an")
    store = issued.store()
    try:
        with store.reading() as connection:
            query = "SELECT kind, recipient FROM outbox WHERE kind IN ('extended', 'infeasible')"
            rows = {(row.kind, row.recipient) for row in connection.execute(text(query))}
    finally:
        store.close()
    assert rows == {("extended", "pr.bao-an"), ("infeasible", "pr.btg"), ("infeasible", "pr.vp")}


def test_lint_judges_the_dates_in_force(issued: Desk) -> None:
    package = str(issued.package)
    words = ("lint", package, "--format", "json")
    codes = {each["code"] for each in json.loads(issued.type(*words)[0])["findings"]}
    assert "input-too-late" not in codes
    extend(issued, "hết ngày 28/10/2023", REPORT, "--body", "pr.bao-an")
    assert {each["code"] for each in json.loads(issued.type(*words)[0])["findings"]} == codes
    found = json.loads(issued.type(*words, "--running", status=1)[0])["findings"]
    (news,) = [each for each in found if each["code"] == "input-too-late"]
    assert "256/III.1-d" in {each["obligation"] for each in news["clauses"]}
    shown, _ = issued.type("lint", package, "--running", status=1)
    assert "Đã dời theo quyết định: 256/III.1-c hết ngày thứ Bảy, 28/10/2023" in shown
