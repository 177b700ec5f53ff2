"""A recorder on a real database, and the auditor's own reading of what it wrote."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pendulum import DateTime
from sqlalchemy import text

from config.clock import FixedClock
from models.codec import instant_of
from models.domain.chain import frontier_root
from models.domain.directive import Document
from models.domain.requests import Acknowledge, Issue
from models.domain.terms import AssignmentId, DocumentKey
from models.record import Address, Recorder
from models.store import Store
from models.vault import Vault
from tests.builders import BTG, ISSUE_AT, LINK, PERSON, TT, UNITS, VP

ADDRESSES = (
    *(Address(unit, f"{unit}@xa.example") for unit in UNITS),
    Address(BTG, "btg@example.org"),
    Address(VP, "vp@example.org"),
    Address(VP, "truc@example.org"),
    Address(TT, "tt@example.org"),
)

VAULT = Vault(bytes(range(32)))
"""The master key of every ledger of these tests: several processes share one database."""

INDEXED = ("stream", "type", "kind", "at", "recorded_at", "cause", "rules", "dedup_key")
"""Columns that repeat what the hashed body says."""


class Office:
    """One process's view: a store, a recorder and a clock that can be moved."""

    def __init__(self, url: str, now: DateTime = ISSUE_AT, *, prepare: bool = True) -> None:
        self.store = Store(url, VAULT)
        self.clock = FixedClock(now)
        self.recorder = Recorder(self.store, self.clock, FixedClock(now))
        if prepare:
            self.store.prepare(now)

    def issue(self, *documents: Document, addresses: Sequence[Address] = ADDRESSES) -> None:
        """Register a package and issue what may be issued, root first."""
        self.recorder.register(documents, addresses, "vp")
        for document in documents:
            self.clock.instant = max(self.clock.instant, document.issue_at)
            outcome = self.recorder.record(document.key, Issue())
            assert outcome.refusal is None, outcome.refusal

    def rows(self, query: str) -> list[dict[str, Any]]:
        with self.store.reading() as connection:
            return [dict(row) for row in connection.execute(text(query)).mappings()]

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])


@contextmanager
def office(url: str, now: DateTime = ISSUE_AT, *, prepare: bool = True) -> Iterator[Office]:
    made = Office(url, now, prepare=prepare)
    try:
        yield made
    finally:
        made.store.close()


def audit(place: Office) -> list[dict[str, Any]]:
    """Check the whole ledger as an outsider would: SHA-256 and JSON alone. Return the bodies."""
    rows = place.rows("SELECT * FROM ledger_event ORDER BY seq")
    previous, streams, bodies = bytes(32), dict[str, int](), list[dict[str, Any]]()
    recorded = ""
    leaves: list[bytes] = []
    for number, row in enumerate(rows, start=1):
        raw = bytes(row["body"])
        body = json.loads(raw)
        assert row["seq"] == number == body["seq"], "a gap"
        assert bytes(row["prev_hash"]) == previous == bytes.fromhex(body["prev"]), "a broken link"
        leaf = hashlib.sha256(b"\x00" + raw).digest()
        assert bytes(row["leaf_hash"]) == leaf
        streams[row["stream"]] = streams.get(row["stream"], 0) + 1
        assert row["stream_seq"] == streams[row["stream"]] == body["stream_seq"]
        for column in (
            "stream",
            "type",
            "kind",
            "at",
            "recorded_at",
            "cause",
            "rules",
            "dedup_key",
        ):
            assert row[column] == body[column], f"the column {column} is not the body's"
        assert row["recorded_at"] >= recorded, "recorded time ran backwards"
        assert row["cause"] is None or row["cause"] < number
        assert instant_of(body["data"]["at"]) == instant_of(row["at"])
        recorded, previous = row["recorded_at"], leaf
        leaves.append(leaf)
        bodies.append(body)
    (head,) = place.rows("SELECT * FROM ledger_head")
    assert head["size"] == len(rows)
    assert bytes(head["last_hash"]) == previous
    assert frontier_root(bytes(head["frontier"])) == _root(leaves)
    for stream in place.rows("SELECT id, position FROM stream"):
        assert stream["position"] == streams.get(stream["id"], 0)
    return bodies


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(leaves[:k]) + _root(leaves[k:])).digest()


def acknowledge_each(url: str, stream: str, assignments: list[str]) -> int:
    """Acknowledge one by one, each in a commit of its own; return how many were granted."""
    granted = 0
    with office(url, ISSUE_AT.add(days=1), prepare=False) as place:
        for assignment in assignments:
            asked = Acknowledge(AssignmentId(assignment), PERSON, LINK)
            outcome = place.recorder.record(DocumentKey(stream), asked)
            granted += outcome.refusal is None
    return granted


def prepare_only(url: str) -> str:
    """Migrate and prepare, as every process does when it starts; return the ledger's name."""
    with office(url) as place:
        return place.store.log_id()
