"""Proof of notice: each settled mail is a fact, once, whoever is killed in between."""

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import update

from models.domain.facts import (
    Escalated,
    NoticeAccepted,
    NoticeFailed,
    NoticeQueued,
    NoticeRecorded,
    NotTold,
)
from models.domain.requests import Issue, RecordNotice
from models.record import Recorder
from models.store import Store
from models.tables import Outbox, table
from notifications import proof
from notifications.outbox import LEASE_SECONDS, claim, counts, finish, freeze, work
from notifications.proof import attest
from notifications.verdict import Delivery, Outcome, Phase
from notifications.wire import message_id_for
from tests.factories import DUE, KEY, OFFICE, REPORT, Office, addresses, copy_of, document, office
from tests.integration.mail_site import deliver, later, proven, rows

ONE = copy_of(REPORT, "u.1")


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, url=database_url) as found:
        yield found


@pytest.fixture
def there(memory: Path) -> Iterator[Office]:
    with office(memory) as found:
        yield found


def test_what_the_relay_took_is_a_fact_with_what_proves_it(here: Office) -> None:
    here.issue(proven(3))
    done, server = deliver(here)
    assert (done.sent, done.facts) == (3, 3)
    facts = here.facts(NoticeAccepted)
    assert [fact.body for fact in facts] == ["u.1", "u.2", "u.3"]
    sent = {row["message_id"]: row for row in rows(here.store)}
    for fact, raw in zip(facts, server.mails, strict=True):
        row = sent[fact.message_id]
        assert message_id_for(fact.message_id, "cascade.example").encode() in raw
        assert fact.raw_sha256 == row["raw_sha256"]
        assert (fact.code, fact.queue_id, fact.kind) == (250, "ABC123", "assigned")
        assert fact.at == here.clock.instant
        assert row["attested_at"]
    assert here.progress(ONE).told == 1
    assert not work(here.store, here.machine.now(), here.clock.now())


def test_bytes_are_named_by_what_went_over_the_wire(there: Office) -> None:
    there.issue(proven(1))
    _, server = deliver(there)
    (fact,) = there.facts(NoticeAccepted)
    assert fact.raw_sha256 == hashlib.sha256(server.mails[0]).hexdigest()


def test_refused_parked_and_homeless_mails_are_failures_of_their_kind(here: Office) -> None:
    value = proven(4)
    known = [each for each in addresses(value) if each.body != "u.4"]
    here.recorder.register([value], known, by="test")
    here.recorder.record(KEY, Issue())
    deliver(here, {"rcpt": ["550 5.1.1 no such user"], "dot": ["554 5.7.1 spam"]})
    failed = {fact.body: fact for fact in here.facts(NoticeFailed)}
    assert {body: (each.how, each.code, each.status) for body, each in failed.items()} == {
        "u.1": ("refused", 550, "5.1.1"),
        "u.2": ("parked", 554, "5.7.1"),
        "u.4": ("no-contact", None, ""),
    }
    assert [fact.body for fact in here.facts(NoticeAccepted) if fact.kind == "assigned"] == ["u.3"]
    # The office hears of each of them, by mails that are owed like any other.
    assert counts(here.store)["sent"] == 1 + 3
    assert {row["recipient"] for row in rows(here.store, "undelivered")} == {OFFICE}
    queued = [notice for fact in here.facts(NoticeQueued) for notice in fact.notices]
    assert Counter(notice.kind for notice in queued) == {"assigned": 4, "undelivered": 3}


def test_a_document_that_asks_for_no_proof_gets_none(here: Office) -> None:
    here.issue(document(3))
    before = here.store.size()
    deliver(here, {"rcpt": ["550 5.1.1 no such user"]})
    assert here.store.size() == before
    assert {row["attested_at"] for row in rows(here.store)} == {""}
    assert not work(here.store, here.machine.now(), here.clock.now())


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("where", ["attest", "_requests", "untold"])
def test_what_a_killed_sender_left_untold_the_next_one_tells(
    there: Office, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    there.issue(proven(3))
    calls = Counter[str]()

    def kill(*given: object) -> int:
        calls[where] += 1
        # The sweep at the beginning finds nothing yet.
        if where != "attest" or calls[where] > 1:
            raise Killed
        return 0

    with monkeypatch.context() as patched:
        patched.setattr(proof, where, kill)
        with pytest.raises(Killed):
            deliver(there)
    assert counts(there.store) == {"sent": 3}
    assert there.facts(NoticeAccepted) == []
    assert work(there.store, there.machine.now(), there.clock.now()), "the watch starts a round"
    accepted_at = there.clock.instant
    later(there, days=2)
    done, server = deliver(there)
    assert (done.facts, server.connections) == (3, 0)
    assert [fact.at for fact in there.facts(NoticeAccepted)] == [accepted_at] * 3
    assert deliver(there)[0].facts == 0


def test_several_attesters_tell_each_mail_once(here: Office) -> None:
    here.issue(proven(120))
    box = table(Outbox)
    with here.store.engine.begin() as connection:
        connection.execute(update(box).values(state="sent", raw_sha256="d" * 64))
    url, start = here.settings.store_url, threading.Barrier(4)

    def work_at_once(_: int) -> int:
        own = Store(url)
        try:
            start.wait(10)
            return attest(Recorder(own, here.clock, here.machine))
        finally:
            own.close()

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(work_at_once, range(4)))
    assert sum(told) == 120
    assert len({fact.message_id for fact in here.facts(NoticeAccepted)}) == 120


def test_facts_are_batched(there: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    there.issue(proven(7))
    monkeypatch.setattr(proof, "BATCH", 3)
    commits = list[int]()
    record_all = Recorder.record_all

    def counted(own: Recorder, wanted):  # type: ignore[no-untyped-def]
        commits.append(1)
        return record_all(own, wanted)

    monkeypatch.setattr(Recorder, "record_all", counted)
    assert deliver(there)[0].facts == 7
    assert len(commits) == 3


def test_an_acceptance_heard_after_the_failure_is_told_too(there: Office) -> None:
    """A slow first attempt is accepted after a second one was refused."""
    there.issue(proven(1))
    now = there.machine.now()
    (old,) = claim(there.store, now, "one")
    freeze(there.store, [(old, b"x", "d" * 64)])
    (new,) = claim(there.store, now.add(seconds=LEASE_SECONDS + 1), "two")
    finish(there.store, new, Delivery(Outcome.REFUSED, Phase.RCPT, 550), now)
    assert attest(there.recorder) == 1
    finish(there.store, old, Delivery(Outcome.SENT, Phase.DATA, 250), now)
    assert attest(there.recorder) == 1
    assert [fact.how for fact in there.facts(NoticeFailed)] == ["refused"]
    assert len(there.facts(NoticeAccepted)) == 1
    assert there.progress(ONE).told == 1


def test_accepted_twice_is_told_once_as_it_was_first(there: Office) -> None:
    there.issue(proven(1))
    now = there.machine.now()
    (old,) = claim(there.store, now, "one")
    freeze(there.store, [(old, b"x", "d" * 64)])
    (new,) = claim(there.store, now.add(seconds=LEASE_SECONDS + 1), "two")
    for mail, name in ((new, "first"), (old, "second")):
        accepted = Delivery(Outcome.SENT, Phase.DATA, 250, queue_id=name)
        assert finish(there.store, mail, accepted, now) == "sent"
        attest(there.recorder)
    assert [fact.queue_id for fact in there.facts(NoticeAccepted)] == ["first"]
    assert [row["queue_id"] for row in rows(there.store)] == ["first"]


def test_who_was_not_told_is_not_blamed_until_an_office_vouches(there: Office) -> None:
    there.issue(proven(2))
    deliver(there, {"rcpt": ["550 5.1.1 no such user"]})
    there.clock.instant = there.machine.instant = DUE.add(days=5)
    there.recorder.let_time_act(KEY)
    assert {fact.assignment for fact in there.facts(NotTold)} == {ONE}
    assert ONE not in {fact.assignment for fact in there.facts(Escalated)}
    assert copy_of(REPORT, "u.2") in {fact.assignment for fact in there.facts(Escalated)}
    there.recorder.record(
        KEY, lambda transaction: RecordNotice(ONE, "Văn phòng", transaction.text("Điện thoại"))
    )
    assert [fact.body for fact in there.facts(NoticeRecorded)] == ["u.1"]
    later(there, days=3)
    there.recorder.let_time_act(KEY)
    assert ONE in {fact.assignment for fact in there.facts(Escalated)}


def test_a_proof_written_down_late_counts_from_its_own_time(there: Office) -> None:
    """The sender died after the acceptance; the first rung falls due before anybody tells."""
    there.issue(proven(2))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(proof, "attest", lambda recorder: 0)
        deliver(there)
    there.clock.instant = there.machine.instant = DUE.add(days=5)
    done, _ = deliver(there)
    assert done.facts >= 2
    assert there.facts(NotTold) == []
    there.recorder.let_time_act(KEY)
    assert {fact.assignment for fact in there.facts(Escalated)} >= {ONE, copy_of(REPORT, "u.2")}
