"""`cascade mail` and `cascade notice`: what an operator sees of stuck mail, and does about it."""

import asyncio
import io
import json
import sys
from typing import TypeVar

import pytest

from cli.mail import TRY_LATER, bounce
from config.settings import load
from models.domain.facts import Fact, NoticeAccepted, NoticeFailed, NoticeRecorded
from models.domain.requests import Issue
from models.record import Address
from notifications import relay
from notifications.smtp_settings import Security, SmtpSettings
from notifications.wiring import bounces_of, open_store, postman_of, recorder_of
from tests.desk import Desk
from tests.domain.test_returned import TO, report
from tests.factories import ISSUED, KEY, OFFICE, REPORT, addresses
from tests.faulty_smtp import FaultySmtp
from tests.integration.mail_site import proven, rows

F = TypeVar("F", bound=Fact)


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A document that asks for proofs went out to four units; one has no address."""
    desk.at(ISSUED)
    value = proven(4)
    store = desk.store()
    recorder = recorder_of(load(), store)
    known = [each for each in addresses(value) if each.body != "u.4"]
    recorder.register([value], [*known, Address("u.4x", "x@units.example")], by="test")
    recorder.record(KEY, Issue())
    store.close()
    return desk


def deliver(script: dict[str, list[str]] | None = None) -> FaultySmtp:
    settings = load()
    store = open_store(settings)

    async def main() -> FaultySmtp:
        async with FaultySmtp(script) as server:
            man = postman_of(settings, store)
            man.smtp = SmtpSettings("127.0.0.1", server.port, Security.NONE, timeout=5.0)
            await man.deliver()
            return server

    try:
        return asyncio.run(main())
    finally:
        store.close()


def mails(desk: Desk, *words: str) -> list[dict[str, object]]:
    said = json.loads(desk.type("mail", "list", "--format", "json", *words)[0])
    found: list[dict[str, object]] = said["mails"]
    return found


def facts(kind: type[F]) -> list[F]:
    store = open_store(load())
    try:
        return [each.fact for each in store.events() if isinstance(each.fact, kind)]
    finally:
        store.close()


def test_the_list_shows_what_needs_a_person_with_masked_addresses(office: Desk) -> None:
    deliver({"rcpt": ["550 5.1.1 no such user"], "dot": ["554 5.7.1 spam"]})
    shown, _ = office.type("mail", "list")
    assert "bị từ chối 1" in shown
    assert "cần người xem 2" in shown
    assert "u***@units.example" in shown
    assert "u.1@units.example" not in shown
    assert "554" not in shown or "spam" in shown
    assert "no-contact" in shown
    assert "u.1@units.example" in office.type("mail", "list", "--show-addresses")[0]
    assert "refused" not in shown
    english, _ = office.type("mail", "list", "--lang", "en", "--state", "failed")
    assert "failed 1" in english
    assert "u.2" not in english.partition("Reason")[2]
    assert {row["state"] for row in mails(office)} == {"failed", "parked"}
    assert [row["body"] for row in mails(office, "--state", "sent")][:1] == ["u.3"]
    assert mails(office, "--document", "other") == []
    assert "parked" in office.type("mail", "list", "--state", "x", status=2)[1]


def test_no_secret_is_shown(office: Desk) -> None:
    store = office.store()
    tokens = [str(row["token"]) for row in rows(store) if row["token"]]
    store.close()
    deliver({"dot": ["554 5.7.1 spam"]})
    shown = office.type("mail", "list", "--show-addresses", "--format", "json")[0]
    assert tokens
    assert not [each for each in tokens if each in shown]


def test_a_held_mail_is_shown_with_its_hour(office: Desk) -> None:
    office.at(ISSUED.at(23))
    deliver()
    (first, *_) = mails(office, "--state", "held")
    assert first["held_until"] == "2023-09-19T23:00:00.000000Z"
    assert "hoãn đến giờ" in office.type("mail", "list")[0]


def test_a_parked_mail_is_tried_again_and_proven(office: Desk) -> None:
    deliver({"dot": ["554 5.7.1 spam"]})
    (parked,) = [row for row in mails(office) if row["reason"] != "no-contact"]
    said, _ = office.type("mail", "retry", str(parked["key"]))
    assert "Sẽ gửi lại 1 thư" in said
    assert len(deliver().mails) == 1
    told = [fact for fact in facts(NoticeAccepted) if fact.kind == "assigned"]
    assert len(told) == 3
    assert sorted(fact.how for fact in facts(NoticeFailed)) == ["no-contact", "parked"]


def test_parked_twice_is_told_once(office: Desk) -> None:
    for _ in range(3):
        deliver({"dot": ["554 5.7.1 spam"]})
        office.type("mail", "retry", "--all-parked")
    failed = [fact.how for fact in facts(NoticeFailed)]
    assert sorted(failed) == ["no-contact", "parked"]


def test_an_address_that_came_back_is_used_again_after_an_operator_looked(office: Desk) -> None:
    deliver()
    store = office.store()
    message = str(rows(store)[0]["message_id"])
    settings = load(bounces=True)
    bounces = bounces_of(settings, store)
    assert bounces is not None
    address = bounces.path.address(message)
    store.close()
    sys_stdin = io.TextIOWrapper(io.BytesIO(report().replace(TO.encode(), address.encode())))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdin", sys_stdin)
        patched.setenv("CASCADE_BOUNCES", "true")
        assert bounce("", "vi") == 0
    (back,) = [row for row in mails(office) if row["state"] == "bounced"]
    assert back["status"] == "5.1.1"
    said, _ = office.type("mail", "retry", str(back["key"]))
    assert "Sẽ gửi lại 0 thư" in said
    assert "1 địa chỉ" in said


def test_returns_are_read_from_standard_input_and_never_answered(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def piped(raw: bytes) -> int:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        return bounce("", "vi")

    before = office.facts()
    assert piped(report()) == 0, "off by default: nothing is believed"
    monkeypatch.setenv("CASCADE_BOUNCES", "true")
    assert piped(report()) == 0
    assert piped(b"\x00" * 50_000_000) == 0
    assert piped(b"Subject: re: xac nhan\r\n\r\nxac nhan") == 0
    assert office.facts() == before
    monkeypatch.setenv("CASCADE_CLOCK", "file:/nowhere/clock")
    assert piped(report()) == TRY_LATER, "the mail server keeps it and comes again"


def test_a_mail_is_given_up_with_a_reason_and_the_ledger_says_so(office: Desk) -> None:
    (first, *_) = mails(office, "--state", "pending")
    key = str(first["key"])
    assert "--reason" in office.type("mail", "drop", key, "--reason", " ", status=1)[1]
    assert "Đã bỏ thư" in office.type("mail", "drop", key, "--reason", "Gọi điện rồi")[0]
    (dropped,) = mails(office, "--state", "cancelled")
    assert dropped["reason"] == "dropped: Gọi điện rồi"
    assert [fact.how for fact in facts(NoticeFailed)] == ["parked"]
    server = deliver()
    assert not [line for line in server.commands if f"{first['body']}@" in line]
    assert [line for line in server.commands if f"{OFFICE}@" in line], "the office hears of it"
    assert office.type("mail", "drop", key, "--reason", "x", status=1)[1]
    assert "no-such" in office.type("mail", "drop", "no-such", "--reason", "x", status=1)[1]


def test_a_stopped_relay_is_shown_and_reopened(office: Desk) -> None:
    store = office.store()
    relay.stop(store, "535 5.7.8 wrong password", "x")
    store.close()
    _, warned = office.type("mail", "list")
    assert "Đã dừng gửi thư: 535 5.7.8 wrong password" in warned
    office.type("mail", "retry", status=2)
    office.type("mail", "retry", "nothing", status=1)
    office.type("mail", "retry", "--all-parked")
    assert "Đã dừng" not in office.type("mail", "list")[1]


def test_a_notice_by_telephone_is_recorded(office: Desk) -> None:
    words = ("notice", KEY, REPORT, "u.4", "--by", "Văn phòng Thành ủy")
    said, _ = office.type(*words, "--how", "Gọi điện cho đ/c văn thư lúc 9 giờ")
    assert "Đã ghi: u.4" in said
    (fact,) = facts(NoticeRecorded)
    store = office.store()
    try:
        assert store.blob(fact.how_sha256) == "Gọi điện cho đ/c văn thư lúc 9 giờ"
        assert store.state(KEY).progress[fact.assignment].told == 1
    finally:
        store.close()
    assert "--how" in office.type(*words, "--how", " ", status=1)[1]
    rest = ("--by", "x", "--how", "y")
    assert "u.9" in office.type("notice", KEY, REPORT, "u.9", *rest, status=1)[1]
    assert "no" in office.type("notice", "no", REPORT, "u.1", *rest, status=1)[1]
