"""`cascade replay` and `cascade auditor-link`, as an auditor types them."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from cli.instants import read_instant
from config.settings import load
from models.domain.requests import Acknowledge
from models.domain.terms import AssignmentId
from notifications.wiring import recorder_of
from tests.builders import LINK, PERSON
from tests.desk import CITY, Desk
from tests.factories import vn

UNIT = AssignmentId("256/III.1-c@pr.bao-an")


@pytest.fixture
def issued(desk: Desk) -> Desk:
    desk.issue_all()
    desk.at(vn(2023, 9, 25, 9))
    store = desk.store()
    try:
        outcome = recorder_of(load(), store).record(CITY, Acknowledge(UNIT, PERSON, LINK))
        assert outcome.refusal is None
    finally:
        store.close()
    return desk


def replay(desk: Desk, *words: str) -> dict[str, Any]:
    out, _ = desk.type("replay", CITY, *words, "--format", "json")
    said: dict[str, Any] = json.loads(out)
    return said


def phase(said: dict[str, Any]) -> object:
    return next(each["phase"] for each in said["assignments"] if each["assignment"] == UNIT)


def test_the_state_at_an_instant_as_json(issued: Desk) -> None:
    before, after = "08:00 25/09/2023", "2023-09-25T09:00"
    said = replay(issued, "--at", before)
    assert (said["format"], said["at"]) == ("cascade-replay/1", "2023-09-25T01:00:00.000000Z")
    assert phase(said) == "open"
    assert phase(replay(issued, "--at", after)) == "acknowledged"
    assert phase(replay(issued, "--at", after, "--known-at", before)) == "open"
    assert replay(issued, "--at", "15/06/2023", "--known-at", "2023-06-01")["assignments"] == []


def test_the_state_at_an_instant_as_a_table(issued: Desk) -> None:
    out, _ = issued.type("replay", CITY, "--at", "08:00 15/10/2023")
    assert "256-KH/TU lúc 08:00 Chủ nhật, 15/10/2023, theo mọi điều sổ cái biết đến nay" in out
    assert "Thời điểm này chưa tới" in out
    assert "Từng nhiệm vụ" in out
    assert "Đảng bộ phường Bảo An" in out
    assert "Suy ra từ quy tắc, chưa ai ghi" in out
    assert "256/III.1-c@pr.bao-an: Đến lúc nhắc việc (truoc-5-ngay)" in out
    english, _ = issued.type("replay", CITY, "--at", "2023-09-20", "--lang", "en")
    assert "from all that the ledger knows today" in english


def test_what_changed_and_why(issued: Desk) -> None:
    out, _ = issued.type("replay", CITY, "--at", "25/09/2023", "--diff", "26/09/2023")
    assert "Đảng bộ phường Bảo An · 256/III.1-c" in out
    assert "tình trạng: chưa xác nhận → đã nhận" in out
    assert "Xác nhận đã nhận việc (p_" in out
    said = replay(issued, "--at", "25/09/2023", "--diff", "26/09/2023")
    assert said["format"] == "cascade-replay-diff/1"
    (changed,) = [each for each in said["changed"] if each["assignment"]]
    assert changed["facts"][0]["type"] == "Acknowledged"
    nothing, _ = issued.type("replay", CITY, "--at", "26/09/2023", "--diff", "26/09/2023")
    assert "Không có gì khác." in nothing


def test_one_instant_compared_with_what_was_known_of_it(issued: Desk) -> None:
    instant = "10:00 25/09/2023"
    said = replay(issued, "--at", instant, "--known-at", "24/09/2023", "--diff", instant)
    assert said["second"] == {"at": "2023-09-25T03:00:00.000000Z", "known_at": None}
    assert [each["assignment"] for each in said["changed"] if each["assignment"]] == [UNIT]


def test_the_page_is_written_whole(issued: Desk, tmp_path: Path) -> None:
    file = tmp_path / "replay.html"
    issued.type("replay", CITY, "--at", "2023-09-25", "--html", str(file))
    html = file.read_text(encoding="utf-8")
    assert "57-KL/TW → 240-KH/TU → 256-KH/TU" in html
    assert [*tmp_path.glob(".replay*")] == []
    _, err = issued.type("replay", CITY, "--at", "2023-09-25", "--html", "/no/x.html", status=1)
    assert "Không ghi được /no/x.html" in err


def test_what_cannot_be_answered_is_said(issued: Desk) -> None:
    _, err = issued.type("replay", CITY, "--at", "hôm qua", "--diff", "32/13/2023", status=2)
    assert "--at: không hiểu thời điểm 'hôm qua'" in err
    assert "--diff: không hiểu thời điểm '32/13/2023'" in err
    _, err = issued.type("replay", "999-KH/TU", "--at", "2023-09-25", status=1)
    assert "Không có văn bản '999-KH/TU'. Đang theo dõi: 57-KL/TW" in err
    _, err = issued.type("replay", CITY, "--at", "2023-09-25", "--format", "xml", status=2)
    assert "text | json" in err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE ledger_event SET body = x'7b7b' WHERE seq = :seq", "JSONDecodeError"),
        (
            "UPDATE ledger_event SET body ="
            " CAST(replace(body, '\"Acknowledged\"', '\"Forgotten\"') AS BLOB) WHERE seq = :seq",
            "Forgotten",
        ),
        (
            f"UPDATE ledger_event SET body = CAST(replace(body, '{UNIT}', 'x@y') AS BLOB)"
            " WHERE seq = :seq",
            "x@y is not in the plan",
        ),
        ("DELETE FROM ledger_event WHERE type = 'Registered'", ""),
    ],
)
def test_an_altered_ledger_is_said_to_be_with_the_place(
    issued: Desk, tmp_path: Path, change: str, words: str
) -> None:
    store = issued.store()
    try:
        with store.engine.begin() as connection:
            for (name,) in connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
            seq = connection.execute(
                text("SELECT seq FROM ledger_event WHERE type = 'Acknowledged'")
            ).scalar_one()
            connection.execute(text(change), {"seq": seq} if ":seq" in change else {})
    finally:
        store.close()
    for more in ((), ("--html", str(tmp_path / "page.html")), ("--diff", "2023-09-20")):
        _, err = issued.type("replay", CITY, "--at", "2023-10-15", *more, status=1)
        assert "cascade verify" in err
        assert words in err
        assert f"fact {seq}:" in err or not words
    assert not (tmp_path / "page.html").exists()
    _, err = issued.type("export", CITY, "--out", str(tmp_path / "e.zip"), status=1)
    assert f"đứt ở số {seq}." in err or not words
    assert not (tmp_path / "e.zip").exists()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("08:00 15/10/2023", vn(2023, 10, 15, 8)),
        ("8h05 ngày 5/1/2023", vn(2023, 1, 5, 8, 5)),
        ("15/10/2023 23:59", vn(2023, 10, 15, 23, 59)),
        ("15-10-2023, 7:30", vn(2023, 10, 15, 7, 30)),
        ("15/10/2023", vn(2023, 10, 15)),
        ("2023-10-15", vn(2023, 10, 15)),
        ("2023-10-15T08:00", vn(2023, 10, 15, 8)),
        ("2023-10-15 08:00:00", vn(2023, 10, 15, 8)),
        ("2023-10-15T01:00:00Z", vn(2023, 10, 15, 8)),
        ("2023-10-15T01:00:00.000000+00:00", vn(2023, 10, 15, 8)),
        ("24:00 15/10/2023", None),
        ("31/02/2023", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("0001-01-01", None),
        ("01/01/0001", None),
        ("8h 15/10/2023", vn(2023, 10, 15, 8)),
        ("8 giờ ngày 15/10/2023", vn(2023, 10, 15, 8)),
        ("8 giờ 05, 15/10/2023", vn(2023, 10, 15, 8, 5)),
        ("15/10/2023, 17h", vn(2023, 10, 15, 17)),
        ("8: 15/10/2023", None),
        ("31/12/9999", None),
        ("", None),
        ("15/10", None),
    ],
)
def test_instants_as_people_type_them(typed: str, meant: object) -> None:
    assert read_instant(typed) == meant


def test_a_link_for_auditors_is_shown_once_and_can_be_ended(issued: Desk) -> None:
    out, err = issued.type("auditor-link", "--days", "3")
    address = out.strip()
    assert address.startswith("http://127.0.0.1:8080/a/")
    assert "Có hiệu lực đến 09:00 thứ Năm, 28/09/2023" in err
    token = address.rpartition("/")[2]
    assert len(token) == 43
    database = (issued.folder / "var" / "cascade.db").read_bytes()
    assert token.encode() not in database
    _, err = issued.type("auditor-link", "--revoke")
    assert "Đã thu hồi 1 liên kết." in err
    issued.type("auditor-link", "--days", "0", status=2)
