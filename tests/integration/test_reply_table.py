"""What each thing that a relay may do means for the mail, its recipient and everybody else.

One row for each line of the table in ``docs/delivery.md``, against a real socket.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from models.codec import instant_of
from models.domain.facts import NoticeAccepted, NoticeFailed
from notifications.backoff import CAPS, FLOOR, PATIENT_CAP, PATIENT_FLOOR
from notifications.outbox import AMBIGUOUS_WAIT_SECONDS, INFRA_WAIT_SECONDS
from notifications.verdict import Outcome, Phase, replied
from tests.factories import Office, office
from tests.faulty_smtp import DROP, STALL
from tests.integration.mail_site import deliver, proven, relay_row, rows

SOON, LATER = (FLOOR, CAPS[0]), (PATIENT_FLOOR, PATIENT_CAP)
INFRA = (INFRA_WAIT_SECONDS, INFRA_WAIT_SECONDS)
DOUBT = (AMBIGUOUS_WAIT_SECONDS, AMBIGUOUS_WAIT_SECONDS)


@dataclass(frozen=True)
class Row:
    """What the relay does to the first mail, and what is so afterwards."""

    phase: str
    answer: str
    state: str
    wait: tuple[int, int] | None = None
    tries: int = 0
    ambiguous: int = 0
    how: str = ""
    others: str = "sent"
    failures: int = 0
    stopped: bool = False
    extensions: tuple[str, ...] = ()
    smtp: dict[str, object] = field(default_factory=dict)


def infra(phase: str, answer: str, **more: object) -> Row:
    return Row(phase, answer, "pending", INFRA, others="pending", failures=1, **more)  # type: ignore[arg-type]


def later(phase: str, answer: str, wait: tuple[int, int] = SOON) -> Row:
    return Row(phase, answer, "pending", wait, tries=1)


def parked(phase: str, answer: str) -> Row:
    return Row(phase, answer, "parked", how="parked")


def refused(phase: str, answer: str) -> Row:
    return Row(phase, answer, "failed", how="refused")


def doubt(phase: str, answer: str) -> Row:
    return Row(phase, answer, "unknown", DOUBT, ambiguous=1)


AUTH = {"extensions": ("AUTH PLAIN",), "smtp": {"username": "vp", "password": "s3cret"}}
STOP = Row("auth", "535 5.7.8 no", "pending", INFRA, others="pending", stopped=True, **AUTH)  # type: ignore[arg-type]

TABLE = [
    infra("connect", "421 4.3.2 busy"),
    infra("connect", "554 5.7.1 not from there"),
    infra("connect", DROP),
    infra("connect", STALL),
    infra("connect", "garbage"),
    infra("ehlo", "550 no"),
    infra("ehlo", DROP),
    STOP,
    infra("auth", "454 4.7.0 later", **AUTH),
    infra("auth", DROP, **AUTH),
    Row("mail", "421 4.3.2 closing", "pending", INFRA),
    later("mail", "451 4.3.0 later"),
    later("mail", "452 4.3.1 no space"),
    parked("mail", "550 5.7.1 not your sender"),
    parked("mail", "552 5.3.4 too big"),
    Row("mail", "530 5.7.0 log in first", "pending", INFRA, others="pending", stopped=True),
    infra("mail", DROP),
    later("rcpt", "450 4.2.0 greylisted", LATER),
    later("rcpt", "450 4.2.1 mailbox busy", LATER),
    later("rcpt", "451 4.7.1 Greylisting in action", LATER),
    later("rcpt", "452 4.5.3 too many", LATER),
    later("rcpt", "421 4.3.2 closing", LATER),
    later("rcpt", "552 5.2.2 mailbox full", LATER),
    later("rcpt", "550 5.2.2 mailbox full", LATER),
    refused("rcpt", "550 5.1.1 no such user"),
    refused("rcpt", "551 not local"),
    refused("rcpt", "553 5.1.3 bad name"),
    parked("rcpt", "550 5.7.1 blocked"),
    parked("rcpt", "554 5.7.1 relay access denied"),
    later("rcpt", DROP, LATER),
    later("rcpt", STALL, LATER),
    later("data", "451 4.3.0 later"),
    parked("data", "554 5.5.1 no valid recipients"),
    doubt("data", DROP),
    later("dot", "451 4.3.0 later"),
    later("dot", "451 4.7.1 greylisted after data", LATER),
    later("dot", "452 4.3.1 no space"),
    later("dot", "421 4.3.2 closing"),
    parked("dot", "552 5.3.4 too big"),
    parked("dot", "554 5.7.1 spam"),
    refused("dot", "550 5.1.1 no such user after all"),
    doubt("dot", DROP),
    doubt("dot", STALL),
    doubt("dot", "garbage"),
]


@pytest.fixture
def there(memory: Path) -> Iterator[Office]:
    with office(memory) as found:
        yield found


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.phase} {row.answer}")
def test_a_reply_has_its_consequence_and_no_other(there: Office, row: Row) -> None:
    there.issue(proven(3))
    # A connection that had served before would be replaced without a word: all begin afresh.
    done, _ = deliver(
        there,
        {row.phase: [row.answer]},
        row.extensions,
        **{"timeout": 0.3, "final_timeout": 0.3, **row.smtp},
    )
    first, *others = rows(there.store, "assigned")
    assert first["state"] == row.state
    assert (first["tries"], first["ambiguous"]) == (row.tries, row.ambiguous)
    assert {other["state"] for other in others} == {row.others}, "nobody else suffers"
    assert all(other["tries"] == other["ambiguous"] == 0 for other in others)
    if row.wait is not None:
        wait = (instant_of(str(first["next_at"])) - there.machine.instant).total_seconds()
        assert row.wait[0] <= wait <= row.wait[1]
        assert first["raw"] is not None, "frozen: the next attempt has the same bytes"
    assert [(fact.body, fact.how) for fact in there.facts(NoticeFailed)] == (
        [("u.1", row.how)] if row.how else []
    )
    told = [fact for fact in there.facts(NoticeAccepted) if fact.kind == "assigned"]
    assert len(told) == [first["state"], *(each["state"] for each in others)].count("sent")
    relay = relay_row(there.store)
    assert relay["failures"] == row.failures
    assert (relay["stopped"] is not None) is row.stopped
    assert done.infra is (row.others == "pending")


def test_what_contradicts_itself_or_is_no_answer_at_all_is_tried_again() -> None:
    assert replied(Phase.RCPT, 550, "4.2.1 try later").outcome is Outcome.RETRY
    strange = replied(Phase.RCPT, 650, "what?")
    assert (strange.outcome, strange.code) == (Outcome.RETRY, None)
