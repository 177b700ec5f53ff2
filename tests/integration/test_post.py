"""The postman against real SMTP servers, good and bad."""

import asyncio
import email
import re
from collections import Counter
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import httpx
import pytest
from pendulum import DateTime
from sqlalchemy import select

from models.domain.facts import Report
from models.domain.requests import Accept, Issue, MoveBound, Return, Submit, Waive
from models.domain.terms import BodyId, ObligationId
from models.record import Address
from models.store import Store, Transaction
from models.tables import Outbox, table
from notifications import hand, post
from notifications.catcher import running
from notifications.outbox import LEASE_SECONDS, Claimed, claim, counts, finish
from notifications.post import Postman, Round
from notifications.render import Sender
from notifications.smtp_settings import Security, SmtpSettings
from notifications.verdict import Delivery
from tests.factories import (
    DUE,
    KEY,
    REPORT,
    REVIEWER,
    Office,
    addresses,
    copy_of,
    document,
    office,
    vn,
)
from tests.faulty_smtp import DROP, STALL, FaultySmtp
from tests.sealed import readdress

SENDER = Sender("td@cascade.example", "Theo dõi", "", "cascade.example", "http://127.0.0.1:8080")
ONE = copy_of(REPORT, "u.1")


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, url=database_url) as found:
        yield found


@pytest.fixture
def there(tmp_path: Path, sqlite_url: str) -> Iterator[Office]:
    """What does not hang on the database."""
    with office(tmp_path, url=sqlite_url) as found:
        yield found


def postman(here: Office, port: int, owner: str = "one", final: float = 300.0) -> Postman:
    smtp = SmtpSettings("127.0.0.1", port, Security.NONE, timeout=5.0, final_timeout=final)
    return Postman(here.store, smtp, SENDER, here.clock, here.machine, owner)


def deliver(here: Office, script: dict[str, list[str]] | None = None) -> tuple[Round, FaultySmtp]:
    async def main() -> tuple[Round, FaultySmtp]:
        async with FaultySmtp(script) as server:
            return await postman(here, server.port).deliver(), server

    return asyncio.run(main())


def rows(store: Store) -> dict[str, dict[str, object]]:
    with store.reading() as connection:
        found = connection.execute(select(table(Outbox))).mappings().all()
    return {row["key"]: dict(row) for row in found}


def parsed(raw: bytes) -> Message:
    return email.message_from_bytes(raw)


def text_part(raw: bytes) -> Message:
    """Return the part that every mail program can show, with or without files beside it."""
    return next(each for each in parsed(raw).walk() if each.get_content_type() == "text/plain")


def link_in(raw: bytes) -> str:
    part = text_part(raw)
    assert isinstance(part, Message)
    text = part.get_payload(decode=True)
    assert isinstance(text, bytes)
    found = re.search(rb"/c/([\w-]{43})\s", text)
    assert found
    return found[1].decode()


def later(here: Office, **time: int) -> None:
    """Let both clocks go on."""
    here.clock.instant = here.clock.instant.add(**time)
    here.machine.instant = here.machine.instant.add(**time)


def test_everything_owed_is_sent_once(here: Office) -> None:
    here.issue(document(5))
    tokens = {copy_of(REPORT, f"u.{n}"): here.token(copy_of(REPORT, f"u.{n}")) for n in range(1, 6)}
    done, server = deliver(here)
    assert done.sent == 5
    assert not done.infra
    assert {link_in(raw) for raw in server.mails} == set(tokens.values())
    assert [each for each in server.commands if each.startswith("RCPT")] == [
        f"RCPT TO:<u.{n}@units.example>" for n in range(1, 6)
    ]
    assert server.connections == 1
    again, silent = deliver(here)
    assert again.states == Counter()
    assert silent.connections == 0, "with nothing to send, nobody is called"
    assert counts(here.store) == {"sent": 5}
    assert all(row["raw"] is row["token"] is None for row in rows(here.store).values())


def test_two_postmen_at_once_send_everything_once(here: Office) -> None:
    here.issue(document(12))

    async def main() -> list[bytes]:
        async with FaultySmtp() as server:
            await asyncio.gather(
                *(asyncio.to_thread(run, server.port, owner) for owner in ("one", "two", "three"))
            )
            return server.mails

    def run(port: int, owner: str) -> None:
        asyncio.run(postman(here, port, owner).deliver())

    mails = asyncio.run(main())
    assert len(mails) == 12
    assert len({parsed(raw)["Message-ID"] for raw in mails}) == 12
    assert counts(here.store) == {"sent": 12}


class Killed(BaseException):
    """The process ends here."""


def test_a_repeat_after_a_kill_has_the_same_bytes_and_message_id(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.issue(document(2))
    kept: list[bytes] = []

    async def main() -> None:
        async with FaultySmtp() as server:
            man = postman(here, server.port)
            with monkeypatch.context() as patched:
                patched.setattr(post, "finish", kill)
                with pytest.raises(Killed):
                    await man.deliver()
            assert len(server.mails) == 1
            assert (await man.deliver()).states == Counter(), "the lease still runs"
            here.machine.instant = here.machine.instant.add(seconds=LEASE_SECONDS + 1)
            here.clock.instant = here.clock.instant.add(days=1)
            assert (await man.deliver()).sent == 2
            kept.extend(server.mails)

    def kill(*given: object) -> str:
        raise Killed

    asyncio.run(main())
    first, again, other = kept
    assert first == again
    assert parsed(first)["Message-ID"] != parsed(other)["Message-ID"]
    ambiguous = sorted(int(str(row["ambiguous"])) for row in rows(here.store).values())
    assert ambiguous == [0, 1]


def test_a_kill_before_freezing_writes_the_mail_anew(
    there: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.issue(document(1))

    def kill(*given: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(post, "freeze", kill)
        with pytest.raises(Killed):
            deliver(there)
    there.machine.instant = there.machine.instant.add(seconds=LEASE_SECONDS + 1)
    done, server = deliver(there)
    assert (done.sent, len(server.mails)) == (1, 1)
    assert [row["ambiguous"] for row in rows(there.store).values()] == [0]


def test_a_slow_relay_loses_no_lease(there: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one postman waits for a slow answer, another must not send what he holds."""
    monkeypatch.setattr(hand, "RENEW_SECONDS", 0.02)
    there.issue(document(4))

    async def main() -> tuple[Round, int, int]:
        async with FaultySmtp({"dot": [STALL]}) as slow, FaultySmtp() as quick:
            first = asyncio.create_task(postman(there, slow.port, "one", final=1.0).deliver())
            while not slow.mails:
                await asyncio.sleep(0.01)
            for _ in range(4):  # much longer than one lease
                there.machine.instant = there.machine.instant.add(seconds=LEASE_SECONDS - 5)
                await asyncio.sleep(0.08)
                done = await postman(there, quick.port, "two").deliver()
                assert done.states == Counter()
            return await first, len(slow.mails), len(quick.mails)

    done, slow, quick = asyncio.run(main())
    assert quick == 0
    assert slow == 4
    assert done.states["sent"] == 3
    assert done.states["unknown"] == 1


def test_what_was_lost_to_another_postman_is_not_sent(
    there: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine slept in the middle of a round."""
    there.issue(document(3))

    def sleep_after(
        store: Store, mail: Claimed, delivery: Delivery, now: DateTime, at: DateTime
    ) -> str:
        state = finish(store, mail, delivery, now, at)
        there.machine.instant = there.machine.instant.add(seconds=LEASE_SECONDS * 2)
        assert len(claim(store, there.machine.now(), "two")) == 2
        return state

    monkeypatch.setattr(post, "finish", sleep_after)
    _, server = deliver(there)
    assert len(server.mails) == 1
    assert counts(there.store) == {"sent": 1, "sending": 2}


def test_a_relay_that_is_down_gives_everything_back_at_once(there: Office) -> None:
    there.issue(document(3))
    done = asyncio.run(postman(there, 1).deliver())
    assert done.infra
    assert done.states == Counter(pending=3)
    assert counts(there.store) == {"pending": 3}
    later(there, seconds=5)
    assert deliver(there)[0].sent == 3


def test_a_relay_that_closes_in_the_middle_stops_the_round(there: Office) -> None:
    there.issue(document(4))
    done, server = deliver(there, {"mail": ["250 ok", DROP, DROP]})
    assert done.infra
    assert done.states == Counter(sent=1, pending=3)
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ({"rcpt": ["450 4.2.0 greylisted"]}, "pending"),
        ({"rcpt": ["550 5.1.1 no such user"]}, "failed"),
        ({"dot": ["554 5.7.1 spam"]}, "parked"),
        ({"dot": [DROP]}, "unknown"),
    ],
)
def test_each_answer_concerns_its_own_mail_only(
    there: Office, script: dict[str, list[str]], state: str
) -> None:
    there.issue(document(3))
    done, _ = deliver(there, script)
    assert done.states == Counter({"sent": 2, state: 1})
    assert counts(there.store) == {"sent": 2, state: 1}


def test_a_greylisted_mail_goes_later_with_the_same_bytes(there: Office) -> None:
    there.issue(document(1))
    deliver(there, {"dot": ["451 4.7.0 try again"]})
    (raw,) = [row["raw"] for row in rows(there.store).values()]
    assert deliver(there)[0].states == Counter()
    there.machine.instant = there.machine.instant.add(minutes=1)
    done, server = deliver(there)
    assert done.sent == 1
    assert server.mails == [raw]


def submit(here: Office, version: int = 0) -> None:
    here.record(KEY, Submit(ONE, Report(), version, "p_1", "a1"))


def test_nobody_is_urged_after_the_report_came(there: Office) -> None:
    there.issue(document(2))
    deliver(there)
    later(there, days=31)
    there.recorder.let_time_act(KEY)
    submit(there)
    done, server = deliver(there)
    assert done.states["cancelled"] >= 1
    recipients = [each for each in server.commands if each.startswith("RCPT")]
    assert not any("u.1@" in each for each in recipients)
    assert any("u.2@" in each for each in recipients)
    urging = [row for row in rows(there.store).values() if row["kind"] in ("reminder", "overdue")]
    assert {row["state"] for row in urging if row["assignment"] == ONE} == {"cancelled"}
    unwanted = [row for row in rows(there.store).values() if row["state"] == "cancelled"]
    assert all(row["raw"] is row["token"] is None for row in unwanted)


def test_after_an_outage_a_body_gets_the_newest_word_alone(there: Office) -> None:
    there.issue(document(1))
    deliver(there)
    later(there, days=60)  # nothing ran for two months: three reminders and two rungs are due
    there.recorder.let_time_act(KEY)
    _, server = deliver(there)
    assert len([raw for raw in server.mails if b"u.1@" in raw]) == 1
    own = [row for row in rows(there.store).values() if row["recipient"] == "u.1"]
    sent = {row["detail"] for row in own if row["state"] == "sent" and row["kind"] == "overdue"}
    assert sent == {"rung-2"}
    assert sum(row["state"] == "cancelled" for row in own) == 4
    # Those above hear of each rung: they are different people.
    above = [row for row in rows(there.store).values() if row["kind"] == "escalation"]
    assert {row["state"] for row in above} == {"sent"}


def test_a_reminder_that_had_to_wait_is_not_sent_after_the_report(there: Office) -> None:
    """Its bytes are frozen, but the world has changed."""
    there.issue(document(1))
    deliver(there)
    there.clock.instant = there.machine.instant = vn(2023, 10, 13, 8)
    there.recorder.let_time_act(KEY)
    done, _ = deliver(there, {"rcpt": ["450 4.2.0 greylisted"]})
    assert done.states == Counter(pending=1)
    submit(there)
    later(there, minutes=16)
    done, server = deliver(there)
    assert done.states["cancelled"] == 1
    assert not any("u.1@" in each for each in server.commands)


def test_a_waived_duty_is_neither_announced_nor_urged(there: Office) -> None:
    there.issue(document(2))
    there.record(KEY, Waive(ONE, "pr.thuongtruc", "Công văn 12"))
    done, server = deliver(there)
    kinds = {
        row["kind"]: row["state"] for row in rows(there.store).values() if row["assignment"] == ONE
    }
    assert kinds == {"assigned": "cancelled", "waived": "sent"}
    assert done.states == Counter(sent=2, cancelled=1)
    assert len(server.mails) == 2


def test_a_reason_is_told_with_its_own_return(there: Office) -> None:
    there.issue(document(1))
    deliver(there)
    later(there, days=1)
    submit(there)

    def give_back(transaction):  # type: ignore[no-untyped-def]
        reason = transaction.text("Thiếu số liệu đảng viên.")
        return Return(ONE, 1, reason, transaction.person("Lan"), "a1")

    there.recorder.record(KEY, give_back)
    _, server = deliver(there)
    (returned,) = [raw for raw in server.mails if b"u.1@" in raw]
    part = text_part(returned)
    assert isinstance(part, Message)
    text = part.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert "Thiếu số liệu đảng viên." in text.decode()


def test_a_moved_date_is_told_with_its_reason_and_authority(there: Office) -> None:
    there.issue(document(2))
    deliver(there)
    later(there, days=3)

    def ask(transaction: Transaction) -> MoveBound:
        reason = transaction.text("Mưa lũ, đường bị chia cắt.")
        who = ("Thường trực Thành ủy", "15-CV/TU", reason, (BodyId("u.1"),))
        return MoveBound(ObligationId(REPORT), vn(2023, 10, 29), "hết ngày 28/10/2023", *who)

    assert there.recorder.record(KEY, ask).refusal is None
    _, server = deliver(there)
    (own,) = [raw for raw in server.mails if b"u.1@" in raw]
    assert not [raw for raw in server.mails if b"u.2@" in raw]
    told = words_of(own)
    assert "dời sang hết ngày thứ Bảy, 28/10/2023" in told
    assert "theo 15-CV/TU của Thường trực Thành ủy" in told
    assert "LÝ DO DỜI HẠN" in told
    assert "Mưa lũ, đường bị chia cắt." in told
    assert "Hạn ban đầu: hết ngày thứ Sáu, 20/10/2023" in told
    (blocked, *_) = [raw for raw in server.mails if b"u.1@" not in raw]
    told = words_of(blocked)
    assert "được dời hạn đến" in told
    assert "thiếu 1 ngày làm việc" in told


def words_of(raw: bytes) -> str:
    part = text_part(raw)
    assert isinstance(part, Message)
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return " ".join(content.decode().split())


def test_a_thread_runs_from_the_first_mail_to_the_acceptance(there: Office) -> None:
    there.issue(document(1))
    _, first = deliver(there)
    there.clock.instant = there.machine.instant = vn(2023, 10, 13, 8)
    there.recorder.let_time_act(KEY)
    _, early = deliver(there)
    there.clock.instant = there.machine.instant = vn(2023, 10, 20, 8)
    there.recorder.let_time_act(KEY)
    _, reminders = deliver(there)
    submit(there)
    there.record(KEY, Accept(ONE, 1, "p_1", "a1"))
    _, last = deliver(there)
    opening = parsed(first.mails[0])
    followers = [
        parsed(raw) for raw in early.mails + reminders.mails + last.mails if b"u.1@" in raw
    ]
    assert len(followers) >= 3
    for mail in followers:
        assert mail["In-Reply-To"].strip() == mail["References"].strip() == opening["Message-ID"]
        assert mail["Subject"] == opening["Subject"]
    assert opening["In-Reply-To"] is None


def test_two_mailboxes_of_one_body_have_a_thread_each(there: Office) -> None:
    value = document(1)
    both = [*addresses(value), Address("u.1", "pho@units.example")]
    there.recorder.register([value], both, by="test")
    there.recorder.record(KEY, Issue())
    _, first = deliver(there)
    openings = {parsed(raw)["To"]: parsed(raw)["Message-ID"] for raw in first.mails}
    assert len(openings) == 2
    there.clock.instant = there.machine.instant = vn(2023, 10, 13, 8)
    there.recorder.let_time_act(KEY)
    _, reminders = deliver(there)
    threads = {parsed(raw)["To"]: parsed(raw)["In-Reply-To"].strip() for raw in reminders.mails}
    assert threads == openings


def test_an_escalation_starts_its_own_thread(there: Office) -> None:
    there.issue(document(1))
    deliver(there)
    there.clock.instant = there.machine.instant = DUE.add(days=4)
    there.recorder.let_time_act(KEY)
    _, server = deliver(there)
    (mail,) = [parsed(raw) for raw in server.mails if f"{REVIEWER}@".encode() in raw]
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


@pytest.mark.parametrize(
    "address", ["văn-thư@units.example", "not an address", "a@b.example\r\nX: y"]
)
def test_an_address_that_cannot_be_used_is_parked_and_holds_up_nobody(
    there: Office, address: str
) -> None:
    there.issue(document(3))
    readdress(there.store, "u.1", address)
    done, server = deliver(there)
    assert done.states == Counter(sent=2, parked=1)
    assert len(server.mails) == 2
    (parked,) = [row for row in rows(there.store).values() if row["state"] == "parked"]
    assert parked["last_text"], "the operator is told why"
    assert parked["token"] is not None


def test_a_body_without_a_mailbox_is_parked_and_holds_up_nobody(there: Office) -> None:
    value = document(3)
    known = [each for each in addresses(value) if each.body != "u.2"]
    there.recorder.register([value], known, by="test")
    there.recorder.record(KEY, Issue())
    done, _ = deliver(there)
    assert done.sent == 2
    assert counts(there.store) == {"sent": 2, "parked": 1}
    (parked,) = [row for row in rows(there.store).values() if row["state"] == "parked"]
    assert (parked["recipient"], parked["last_text"]) == ("u.2", "no-contact")


def test_progress_is_told_after_each_batch(there: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "BATCH", 2)
    there.issue(document(5))
    told: list[int] = []

    async def main() -> None:
        async with FaultySmtp() as server:
            await postman(there, server.port).deliver(lambda done: told.append(done.sent))

    asyncio.run(main())
    assert told == [2, 4, 5]


def test_mail_reaches_the_catcher_and_its_page(there: Office, tmp_path: Path) -> None:
    there.issue(document(2))

    async def main() -> list[dict[str, str]]:
        async with running(tmp_path / "mail", durable=False) as where:
            assert (await postman(there, where.smtp_port).deliver()).sent == 2
            async with httpx.AsyncClient(base_url=where.url) as http:
                answer = await http.get("/api/messages", params={"after": 0})
                found: list[dict[str, str]] = answer.json()
                return found

    mails = asyncio.run(main())
    assert [mail["subject"] for mail in mails] == [
        "[256-KH/TU] III.1: Báo cáo kết quả học tập, quán triệt – hạn 20/10"
    ] * 2
    assert "HẠN: hết ngày thứ Sáu, 20/10/2023" in mails[0]["text"]


def test_the_date_of_a_mail_is_the_directives_and_its_lease_the_machines(there: Office) -> None:
    there.issue(document(1))
    there.machine.instant = vn(2026, 1, 1)
    _, server = deliver(there)
    assert "2023" in parsed(server.mails[0])["Date"]
    assert [str(row["finished_at"])[:4] for row in rows(there.store).values()] == ["2025"]
