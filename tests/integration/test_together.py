"""One mail for each body where the policy says so: claimed, frozen, settled and proven as one."""

import re
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from models.domain.directive import Document
from models.domain.facts import NoticeAccepted, NoticeFailed, Report
from models.domain.requests import Submit, Waive
from models.domain.terms import ObligationId
from notifications import post
from notifications.outbox import LEASE_SECONDS, claim
from tests.factories import (
    KEY,
    REPORT,
    Office,
    copy_of,
    document,
    obligation,
    office,
    policy,
    units,
)
from tests.integration.mail_site import deliver, later, recipients, rows

SECOND, THIRD = ObligationId("256/III.2"), ObligationId("256/III.3")


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, url=database_url) as found:
        yield found


@pytest.fixture
def there(memory: Path) -> Iterator[Office]:
    with office(memory) as found:
        yield found


def three_duties(count: int = 2, digest: bool = True) -> Document:
    bodies = units(count)
    duties = tuple(
        obligation(bodies, id=each, clause=clause)
        for each, clause in ((REPORT, "III.1"), (SECOND, "III.2"), (THIRD, "III.3"))
    )
    return document(count, obligations=duties, policy=policy(proof=True, digest=digest))


def test_what_is_owed_to_one_body_goes_as_one_mail(here: Office) -> None:
    here.issue(three_duties())
    done, server = deliver(here)
    assert recipients(server) == ["u.1@units.example", "u.2@units.example"]
    assert done.sent == 2
    told = here.facts(NoticeAccepted)
    assert Counter(fact.body for fact in told) == {"u.1": 3, "u.2": 3}
    assert len({fact.message_id for fact in told}) == 6, "each duty has its own proof"
    assert len({fact.raw_sha256 for fact in told}) == 2, "by the bytes that carried it"
    for row in rows(here.store):
        assert (row["state"], row["raw"], row["token"]) == ("sent", None, None)
        if row["carrier"]:
            carrier = next(each for each in rows(here.store) if each["key"] == row["carrier"])
            assert row["last_text"] == f"carried by {carrier['message_id']}"
    links = set(re.findall(rb"/c/([\w-]{43})", server.mails[0].replace(b"=\r\n", b"")))
    assert len(links) == 3, "a link for each duty"


def test_all_of_one_body_is_taken_however_far_apart_it_was_owed(
    there: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "BATCH", 2)
    there.issue(three_duties(5))
    done, server = deliver(there)
    assert Counter(recipients(server)) == {f"u.{each}@units.example": 1 for each in range(1, 6)}
    assert done.sent == 5


def test_without_the_policy_each_duty_has_its_mail(there: Office) -> None:
    there.issue(three_duties(digest=False))
    assert len(deliver(there)[1].mails) == 6


def test_decisions_and_receipts_have_mails_of_their_own(there: Office) -> None:
    there.issue(three_duties(1))
    deliver(there)
    for duty in (REPORT, SECOND):
        there.record(KEY, Submit(copy_of(duty, "u.1"), Report(), 0, "p_1", "a1"))
    assert len(deliver(there)[1].mails) == 2


def test_a_repeat_carries_the_same_in_the_same_bytes(there: Office) -> None:
    there.issue(three_duties(1))
    done, server = deliver(there, {"dot": ["<drop>"]})
    assert done.states == Counter(unknown=1)
    later(there, minutes=10)
    again, second = deliver(there)
    assert second.mails == server.mails
    assert again.sent == 1
    assert len(there.facts(NoticeAccepted)) == 3


def test_a_sender_that_died_leaves_the_whole_message(here: Office) -> None:
    here.issue(three_duties(1))
    with pytest.MonkeyPatch.context() as patched:

        def kill(*given: object) -> str:
            raise KeyboardInterrupt

        patched.setattr(post, "finish", kill)
        with pytest.raises(KeyboardInterrupt):
            deliver(here)
    later(here, seconds=LEASE_SECONDS + 1)
    done, server = deliver(here)
    assert done.sent == 1
    assert len(server.mails) == 1
    assert {row["state"] for row in rows(here.store)} == {"sent"}
    assert sorted(int(str(row["ambiguous"])) for row in rows(here.store)) == [0, 0, 1]


def test_who_is_refused_is_refused_for_all_of_it(there: Office) -> None:
    there.issue(three_duties(1))
    deliver(there, {"rcpt": ["550 5.1.1 no such user"]})
    failed = there.facts(NoticeFailed)
    assert [(fact.how, fact.kind) for fact in failed[:3]] == [("refused", "assigned")] * 3
    assert len({fact.assignment for fact in failed[:3]}) == 3


def test_a_part_that_is_done_is_left_out_of_what_nobody_got(there: Office) -> None:
    there.issue(three_duties(1))
    deliver(there, {"rcpt": ["450 4.2.0 greylisted"]})
    there.record(KEY, Waive(copy_of(SECOND, "u.1"), "pr.vp", "1-CV"))
    later(there, minutes=16)
    done, server = deliver(there)
    first = next(raw for raw in server.mails if b"III.1" in raw)
    assert b"III.3" in first
    assert b"III.2:" not in first
    assert done.states["cancelled"] == 1
    states = {(row["kind"], row["assignment"]): row["state"] for row in rows(there.store)}
    assert states["assigned", copy_of(SECOND, "u.1")] == "cancelled"
    assert states["assigned", copy_of(THIRD, "u.1")] == "sent"


def test_a_part_that_is_done_stays_in_what_may_have_arrived(there: Office) -> None:
    there.issue(three_duties(1))
    _, server = deliver(there, {"dot": ["<drop>"]})
    there.record(KEY, Waive(copy_of(SECOND, "u.1"), "pr.vp", "1-CV"))
    later(there, minutes=10)
    _, second = deliver(there)
    assert server.mails[0] in second.mails


def test_when_all_of_it_is_done_nothing_goes(there: Office) -> None:
    there.issue(three_duties(1))
    deliver(there, {"rcpt": ["450 4.2.0 greylisted"]})
    for duty in (REPORT, SECOND, THIRD):
        there.record(KEY, Waive(copy_of(duty, "u.1"), "pr.vp", "1-CV"))
    later(there, minutes=16)
    done, _ = deliver(there)
    assert done.states["cancelled"] == 3
    assert {row["state"] for row in rows(there.store, "assigned")} == {"cancelled"}
    assert all(row["raw"] is row["token"] is None for row in rows(there.store, "assigned"))


def test_what_goes_along_is_claimed_by_nobody_else(there: Office) -> None:
    there.issue(three_duties(1))
    deliver(there, {"rcpt": ["450 4.2.0 greylisted"]})
    later(there, minutes=16)
    (mail,) = claim(there.store, there.machine.instant, "two", digests=[KEY])
    assert message_from_bytes(mail.raw or b"")["To"]
