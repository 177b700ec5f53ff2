"""What became of one document's mails: the facts that say so, against the rows, and back.

Where the policy asks for proofs of notice, a settled mail and the fact that tells of it are marked
in one commit. So a row that claims to have been told of must have its fact, and the fact's row must
still say what the fact says. Only for a mail that came back do later words replace earlier ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from audit.codes import Code
from audit.envelope import short
from audit.finding import Finding
from audit.oneline import told as oneline
from audit.source import Source
from models.codec import instant_text
from models.domain.facts import NoticeAccepted, NoticeFailed

_CALLED = (
    "SELECT key, stream, kind, assignment, recipient, state, raw_sha256, last_code, queue_id,"
    " settled_at, attested_at, bounced_at FROM outbox WHERE message_id = ?"
)
_SETTLED = ("sent", "failed", "parked")


@dataclass(frozen=True, slots=True)
class Fate:
    """What a row says became of its mail."""

    state: str
    attested_at: str | None
    bounced_at: str | None


class Deliveries:
    """The mails of one document whose policy asks for proofs of notice."""

    def __init__(self, source: Source, stream: str) -> None:
        self._source = source
        self._stream = stream
        self._claims: dict[str, tuple[str, int, Fate]] = {}
        """Rows that say the ledger was told of them, by Message-ID."""
        self._accepted = set[str]()
        self._failed = set[str]()
        self._bounced = set[str]()

    def row(self, key: str, seq: int, message_id: str, fate: Fate) -> Iterator[Finding]:
        """Remember what a row claims; yield what it may not claim."""
        if fate.attested_at == "" and fate.state in _SETTLED:
            # Marked so that nobody ever tells of it.
            yield self._altered(seq, key, "attested_at", "", "…")
        elif fate.attested_at or fate.bounced_at:
            self._claims[message_id] = key, seq, fate

    def fact(
        self, seq: int, recorded_at: str, fact: NoticeAccepted | NoticeFailed
    ) -> Iterator[Finding]:
        """Compare what is said of a mail with the mail."""
        there = self._source.one(_CALLED, fact.message_id)
        if there is None:
            yield from self._lacking(seq, fact.message_id)
            return
        key, stream, *about = there[:5]
        said = (fact.kind, fact.assignment, fact.body)
        if (stream, *about) != (self._stream, *said):
            data = {"ledger": oneline(fact), "why": f"outbox:{key}"}
            yield Finding(Code.INPUT, seq, self._stream, f"outbox:{key}", data=data)
        if isinstance(fact, NoticeAccepted):
            self._accepted.add(fact.message_id)
            expected = self._taken(fact, recorded_at, there)
        else:
            self._failed.add(fact.message_id)
            expected = {}
            if fact.how == "bounced":
                self._bounced.add(fact.message_id)
                expected = {"bounced_at": (there[11], instant_text(fact.at))}
            elif fact.how == "refused" and there[11] is None:
                expected = {"state": (there[5], "failed")}
        for column, (found, value) in expected.items():
            if found != value:
                yield self._altered(seq, key, column, found, value)

    def _lacking(self, seq: int, message_id: str) -> Iterator[Finding]:
        if message_id:  # a body without an address has none
            what = f"Message-ID {message_id}"
            yield Finding(Code.MAIL_MISSING, seq, self._stream, data={"what": what})

    def _taken(
        self, fact: NoticeAccepted, recorded_at: str, there: tuple[Any, ...]
    ) -> dict[str, tuple[object, object]]:
        """Return what the row of a mail that the relay took says, and what it must say."""
        state, sha256, code, queue_id, settled_at, attested_at, bounced_at = there[5:]
        expected: dict[str, tuple[object, object]] = {
            "raw_sha256": (sha256 or "", fact.raw_sha256),
        }
        if bounced_at is not None:
            return expected  # its later words are those of what came back
        at = instant_text(fact.at)
        # What was settled by a clock ahead of the ledger's is told as of now.
        late = at == recorded_at and isinstance(settled_at, str) and settled_at > at
        return expected | {
            "state": (state, "sent"),
            "last_code": (code, fact.code),
            "queue_id": (queue_id or "", fact.queue_id),
            "settled_at": (settled_at, settled_at if late else at),
            "attested_at": (attested_at, recorded_at),
        }

    def end(self) -> Iterator[Finding]:
        """Yield the rows that claim a fact which is not there."""
        for message_id, (key, seq, fate) in self._claims.items():
            if fate.bounced_at and message_id not in self._bounced:
                yield self._altered(seq, key, "bounced_at", fate.bounced_at, None)
            elif fate.bounced_at or fate.state not in (*_SETTLED, "cancelled"):
                continue  # being tried again
            elif fate.state == "sent" and message_id not in self._accepted:
                yield self._altered(seq, key, "state", fate.state, "NoticeAccepted")
            elif fate.state != "sent" and message_id not in self._failed:
                yield self._altered(seq, key, "state", fate.state, "NoticeFailed")

    def _altered(self, seq: int, key: str, column: str, found: object, expected: object) -> Finding:
        data = {"column": column, "found": short(found), "expected": short(expected)}
        return Finding(Code.MAIL_ALTERED, seq, self._stream, f"outbox:{key}", data=data)
