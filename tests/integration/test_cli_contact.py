"""`cascade contact`: what an operator types and reads."""

from pathlib import Path

import pytest
from sqlalchemy import update

from models.tables import Outbox, table
from tests.desk import Desk

BODY = "pr.bao-an"
BY = ("--by", "Phạm Quốc Bảo", "--authority", "12-CV/VP")


@pytest.fixture
def old(desk: Desk) -> str:
    """The package is out; return the address of a ward."""
    desk.issue_all()
    listed, _ = desk.type("contact", "list", BODY, "--show-addresses")
    (line,) = [line for line in listed.splitlines() if "@" in line]
    return next(word for word in line.split() if "@" in word)


def test_an_operator_sees_changes_and_ends_addresses(desk: Desk, old: str) -> None:
    masked, _ = desk.type("contact", "list", BODY)
    assert old not in masked
    assert "***@" in masked
    assert "đang dùng" in masked
    said, _ = desk.type("contact", "replace", BODY, f" {old.upper()} ", "moi@xa.example", *BY)
    assert "Đã ghi: đổi địa chỉ thư của pr.bao-an" in said
    assert "moi@xa.example" not in said
    listed, _ = desk.type("contact", "list", BODY, "--show-addresses", "--lang", "en")
    assert f"{old}" in listed
    assert "retired since" in listed
    assert "moi@xa.example" in listed
    said, _ = desk.type("contact", "add", BODY, "hai@xa.example", "--locale", "en", *BY)
    assert "Mục số" in said
    desk.type("contact", "retire", BODY, "moi@xa.example", *BY)
    _, told = desk.type("contact", "retire", BODY, "hai@xa.example", *BY)
    assert "không còn địa chỉ nào" in told
    desk.type("verify", status=0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", BODY, "không phải"), "không hợp lệ"),
        (("add", BODY, "đ@xa.example"), "chữ không dấu"),
        (("add", BODY, "a@xa.example>\r\nRCPT TO:<b@c.example"), "không hợp lệ"),
        (("add", BODY, "a@vietnаm.example"), "--accept-lookalike"),
        (("add", "pr.nobody", "a@xa.example"), "không có trong danh sách"),
        (("replace", BODY, "nobody@xa.example", "a@xa.example"), "không dùng địa chỉ này"),
        (("retire", BODY, "nobody@xa.example"), "không dùng địa chỉ này"),
        (("add", BODY, "a@xa.example", "--by", "\u202e"), "ký tự ẩn"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_recorded(
    desk: Desk, old: str, words: tuple[str, ...], said: str
) -> None:
    before = desk.facts()
    given = words if "--by" in words else (*words, *BY[:2])
    _, told = desk.type("contact", *given, *BY[2:], status=1)
    assert said in told
    assert desk.facts() == before


def test_a_domain_that_looks_like_another_is_taken_when_it_is_meant(desk: Desk, old: str) -> None:
    desk.type("contact", "add", BODY, "a@vietnаm.example", "--accept-lookalike", *BY)
    listed, _ = desk.type("contact", "list", BODY, "--show-addresses")
    assert "a@xn--" in listed


def test_who_ordered_it_and_on_what_must_be_said(desk: Desk, old: str) -> None:
    desk.type("contact", "add", BODY, "a@xa.example", status=2)


def test_a_doubted_mail_is_listed_and_settled(desk: Desk, old: str, tmp_path: Path) -> None:
    store, box = desk.store(), table(Outbox)
    with store.engine.begin() as connection:
        of_ours = box.c.recipient == BODY
        connection.execute(
            update(box).where(of_ours).values(state="sent", doubted="5.1.1", raw_sha256="d" * 64)
        )
        key = connection.execute(box.select().where(of_ours)).first()
    store.close()
    assert key is not None
    listed, _ = desk.type("mail", "list")
    assert "nghi bị trả về" in listed
    said, _ = desk.type("mail", "returned", key.key, "--no")
    assert "không coi là bị trả về" in said
    said, _ = desk.type("mail", "returned", "no-such", status=1)
