"""What an operator answers from the command line, and what the status says meanwhile."""

import json
from typing import Any

import pytest

from config.settings import load
from models.domain.facts import ON_BEHALF, DisputeRejected, ExtensionRefused, Report, Superseded
from models.domain.requests import AskExtension, Dispute, Request, Submit
from models.domain.terms import AssignmentId
from notifications.wiring import open_store, recorder_of
from tests.builders import LINK, PERSON
from tests.desk import CITY, Desk
from tests.factories import DUE, vn

UNIT = AssignmentId("256/III.1-c@pr.bao-an")
WHERE = (CITY, "256/III.1-c", "pr.bao-an")
WHO = ("--by", "pr.thuongtruc", "--authority", "15-CV/TU", "--reason", "Theo đề án sắp xếp")
UNTIL = vn(2023, 11, 1)


@pytest.fixture(autouse=True)
def _issued(desk: Desk) -> None:
    desk.issue_all()
    desk.at(vn(2023, 9, 25, 9))


def say(request: Request) -> None:
    settings = load()
    store = open_store(settings)
    try:
        outcome = recorder_of(settings, store).record(CITY, request)
        assert outcome.refusal is None, outcome.refusal
    finally:
        store.close()


def recorded(desk: Desk, kind: type) -> list[object]:
    store = desk.store()
    try:
        return [each.fact for each in store.events(CITY) if isinstance(each.fact, kind)]
    finally:
        store.close()


def status(desk: Desk) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(desk.type("status", CITY, "--format", "json")[0])
    return value


def test_a_duty_moves_to_another_body_and_its_links_end(desk: Desk) -> None:
    printed, _ = desk.type("reassign", *WHERE, "--to", "pr.vp", *WHO)
    assert "256/III.1-c chuyển từ pr.bao-an sang pr.vp (15-CV/TU)" in printed
    assert "hết ngày thứ Sáu, 20/10/2023" in printed
    (fact,) = recorded(desk, Superseded)
    assert isinstance(fact, Superseded)
    assert fact.successor == "256/III.1-c@pr.vp"
    store = desk.store()
    with store.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT purpose, revoked_at FROM link WHERE assignment = ?", (UNIT,)
        ).all()
    store.close()
    assert {row.purpose: row.revoked_at is not None for row in rows} == {
        "act": True,
        "view": False,
    }, "the mail that says so has a link to look, nothing else has"
    _, complaints = desk.type("reassign", *WHERE, "--to", "pr.vp", *WHO, status=1)
    assert "đã được ghi nhận" in complaints


def test_a_body_that_nobody_knows_gets_no_duty(desk: Desk) -> None:
    _, complaints = desk.type("reassign", *WHERE, "--to", "pr.nobody", *WHO, status=1)
    assert "không có trong danh sách cơ quan" in complaints
    _, complaints = desk.type(
        "reassign", *WHERE, "--to", "pr.bao-an", *WHO, "--lang", "en", status=1
    )
    assert "body's own already" in complaints
    assert recorded(desk, Superseded) == []


def test_a_unit_that_asks_for_time_is_seen_and_answered(desk: Desk) -> None:
    say(AskExtension(UNIT, UNTIL, "c" * 64, PERSON, LINK))
    (wish,) = status(desk)["wishes"]
    assert wish["assignment"] == UNIT
    assert wish["asks_until"] == "2023-10-31T17:00:00.000000Z"
    assert "gia hạn đến hết ngày thứ Ba, 31/10/2023" in desk.type("status", CITY)[0]
    printed, _ = desk.type("refuse", *WHERE, *WHO)
    assert "không gia hạn" in printed
    (fact,) = recorded(desk, ExtensionRefused)
    assert isinstance(fact, ExtensionRefused)
    assert (fact.by, fact.authority) == ("pr.thuongtruc", "15-CV/TU")
    assert status(desk)["wishes"] == []
    _, complaints = desk.type("refuse", *WHERE, *WHO, status=1)
    assert "Không có đề nghị" in complaints


def test_an_extension_for_the_unit_answers_it_too(desk: Desk) -> None:
    say(AskExtension(UNIT, UNTIL, "c" * 64, PERSON, LINK))
    to = ("--to", "đến hết ngày 31/10/2023", "--body", "pr.bao-an")
    desk.type("extend", CITY, "256/III.1-c", *to, *WHO)
    assert status(desk)["wishes"] == []


def test_a_duty_that_is_said_to_be_anothers_stays(desk: Desk) -> None:
    say(Dispute(UNIT, "c" * 64, PERSON, LINK))
    assert "không thuộc đơn vị" in desk.type("status", CITY)[0]
    printed, _ = desk.type("uphold", *WHERE, *WHO, "--lang", "en")
    assert "stays with the unit" in printed
    assert len(recorded(desk, DisputeRejected)) == 1
    assert status(desk)["wishes"] == []


@pytest.mark.parametrize("command", ["reassign", "refuse", "uphold"])
def test_a_decision_says_by_whom_on_what_authority_and_why(desk: Desk, command: str) -> None:
    given = ("--to", "pr.vp") if command == "reassign" else ()
    empty = ("--by", " ", "--authority", "", "--reason", " ")
    _, complaints = desk.type(command, *WHERE, *given, *empty, status=1)
    assert all(option in complaints for option in ("--by", "--authority", "--reason"))


def test_whom_nothing_proves_to_have_been_told_is_named(desk: Desk) -> None:
    desk.at(DUE.add(days=4))
    settings = load()
    store = open_store(settings)
    recorder = recorder_of(settings, store)
    recorder.let_time_act(CITY)
    untold = status(desk)["untold"]
    assert isinstance(untold, list)
    assert len(untold) == 22
    assert {row["rung"] for row in untold} == {1}
    assert "Chưa có bằng chứng đã báo cho" in desk.type("status", CITY)[0]
    # Its report came on paper: that is no proof, but nothing is to be told any more.
    recorder.record(CITY, Submit(UNIT, Report(), 0, PERSON, "", ON_BEHALF, "1-BC"))
    store.close()
    left = status(desk)["untold"]
    assert isinstance(left, list)
    assert UNIT not in {row["assignment"] for row in left}
    assert len(left) == 21
