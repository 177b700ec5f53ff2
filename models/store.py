"""The ledger as an object: load a document's state, append facts, owe mails, under one lock.

A :class:`Transaction` holds the head row from its first statement to its commit, so decisions have
one order over all documents and processes, and the ledger has no gaps. States are folded once and
kept; a transaction reads only the facts that came since (they may come from another process).
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from pendulum import DateTime
from sqlalchemy import Connection, Engine, Table, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from models.codec import decode, encode, instant_of, instant_text
from models.database import make_engine, migrate
from models.domain.chain import GENESIS, canonical, frontier_add, leaf
from models.domain.facts import (
    AddendumReceived,
    BecameOverdue,
    Completed,
    Escalated,
    Fact,
    FeasibilityChanged,
    GateOpened,
    NoticeQueued,
    NotTold,
    Opened,
    Reminded,
    ReportUpExpected,
    Rescheduled,
    Summarised,
    key_of,
)
from models.domain.folding import evolve
from models.domain.machine import Entry
from models.domain.state import State
from models.domain.terms import DocumentKey
from models.tables import Blob, LedgerEvent, LedgerHead, Person, Stream, table

RULES = "1"
"""Version of the rules that decided. Changes when the same inputs would give other facts."""

DERIVED = (
    Opened,
    Reminded,
    BecameOverdue,
    Escalated,
    GateOpened,
    AddendumReceived,
    Rescheduled,
    FeasibilityChanged,
    ReportUpExpected,
    Completed,
    NotTold,
    Summarised,
)
"""Facts that follow from the rules."""

KEPT = (NoticeQueued,)
"""Facts that the store itself writes down: which mails it owes."""

_PAGE = 1000
"""How many facts are read at a time."""

_EVENT = table(LedgerEvent)
_HEAD = table(LedgerHead)
_STREAM = table(Stream)
_BLOB = table(Blob)
_PERSON = table(Person)

# Built once: building a statement costs more than SQLite needs to run it.
_LOCK_HEAD = select(_HEAD).where(_HEAD.c.id == 1).with_for_update()
_MOVE_HEAD = (
    update(_HEAD)
    .where(_HEAD.c.id == 1)
    .values(
        size=bindparam("new_size"),
        last_hash=bindparam("new_last"),
        frontier=bindparam("new_frontier"),
        recorded_at=bindparam("new_instant"),
    )
)
_SINCE = (
    select(_EVENT.c.type, _EVENT.c.body)
    .where(_EVENT.c.stream == bindparam("of"), _EVENT.c.stream_seq > bindparam("after"))
    .order_by(_EVENT.c.stream_seq)
)
_PROJECT = (
    update(_STREAM)
    .where(_STREAM.c.id == bindparam("stream"))
    .values(
        position=bindparam("new_position"),
        next_due=bindparam("new_due"),
        issued_at=bindparam("new_issued"),
        completed_at=bindparam("new_completed"),
    )
)
_NEW_EVENT = insert(_EVENT)
_NEW_PERSON = insert(_PERSON)
_NEW_BLOB = {
    "sqlite": sqlite_insert(_BLOB).on_conflict_do_nothing(),
    "postgresql": pg_insert(_BLOB).on_conflict_do_nothing(),
}
"""Each dialect has its own insert that knows ``on_conflict_do_nothing``."""


class Now(Protocol):
    """A clock (``config.clock``): the store is told the time, it does not know it."""

    def now(self) -> DateTime:
        """Return the present instant."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A fact with its place in the ledger."""

    seq: int
    stream: DocumentKey
    fact: Fact


class Store:
    """One database. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = make_engine(url)
        self.reader = self.engine.execution_options(reading=True)
        self._states: dict[str, State] = {}

    def prepare(self, now: DateTime) -> None:
        """Create or migrate the schema, and the head row of a new ledger."""
        migrate(self.engine)
        with self.engine.begin() as connection:
            if connection.execute(select(_HEAD.c.id)).first() is None:
                # On PostgreSQL another process may have looked at the same moment.
                connection.execute(
                    _insert(connection.dialect.name, _HEAD)
                    .values(
                        id=1,
                        size=0,
                        last_hash=GENESIS,
                        frontier=b"",
                        recorded_at=instant_text(now),
                        epoch=1,
                        log_id=secrets.token_hex(8),
                    )
                    .on_conflict_do_nothing()
                )

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    @contextmanager
    def transaction(self, clock: Now) -> Iterator["Transaction"]:
        """Hold the head's lock; commit on success, leave no trace on an exception."""
        with self.engine.begin() as connection:
            transaction = Transaction(connection, dict(self._states), clock)
            yield transaction
            transaction.finish()
        # Only what is committed may be remembered.
        for stream, state in transaction.states.items():
            known = self._states.get(stream)
            if known is None or known.position < state.position:
                self._states[stream] = state

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reading; it takes no lock."""
        with self.reader.begin() as connection:
            yield connection

    def state(self, stream: DocumentKey) -> State:
        """Return the newest committed state of *stream* (empty for an unknown one)."""
        with self.reading() as connection:
            state = catch_up(connection, stream, self._states.get(stream, State()))
        known = self._states.get(stream)
        if known is None or known.position < state.position:
            self._states[stream] = state
        return state

    def streams(self) -> list[dict[str, Any]]:
        """Return the rows of the projection ``stream``, in order of registration."""
        with self.reading() as connection:
            rows = connection.execute(select(_STREAM)).mappings().all()
            begun = connection.execute(
                select(_EVENT.c.stream, _EVENT.c.seq).where(_EVENT.c.stream_seq == 1)
            )
            first = {row.stream: row.seq for row in begun}
        return sorted((dict(row) for row in rows), key=lambda row: first[row["id"]])

    def log_id(self) -> str:
        """Return the name of this ledger, the same for its whole life."""
        with self.reading() as connection:
            return str(connection.execute(select(_HEAD.c.log_id)).scalar_one())

    def size(self) -> int:
        """Return how many facts the ledger holds."""
        with self.reading() as connection:
            return int(connection.execute(select(_HEAD.c.size)).scalar_one())

    def events(self, stream: DocumentKey | None = None, after: int = 0) -> Iterator[Stored]:
        """Yield recorded facts in the ledger's order, as far as they were recorded when asked.

        Read page by page: nothing is held between two facts, so the caller may record meanwhile
        (an open read keeps SQLite's writers from committing).
        """
        query = select(_EVENT.c.seq, _EVENT.c.stream, _EVENT.c.type, _EVENT.c.body)
        query = query.order_by(_EVENT.c.seq).limit(_PAGE)
        if stream is not None:
            query = query.where(_EVENT.c.stream == stream)
        last = self.size()
        while after < last:
            with self.reading() as connection:
                page = connection.execute(
                    query.where(_EVENT.c.seq > after, _EVENT.c.seq <= last)
                ).all()
            for seq, name, kind, body in page:
                yield Stored(seq, DocumentKey(name), decode(kind, json.loads(body)["data"]))
            if len(page) < _PAGE:
                return
            after = page[-1].seq

    def blob(self, sha256: str) -> str | None:
        """Return a kept text, or ``None`` when it is not (or no longer) kept."""
        with self.reading() as connection:
            content = connection.execute(
                select(_BLOB.c.content).where(_BLOB.c.sha256 == sha256)
            ).scalar_one_or_none()
        return None if content is None else content.decode()


def _insert(dialect: str, into: Table) -> Any:
    """Return an insert that knows ``on_conflict_do_nothing`` (each dialect has its own)."""
    return sqlite_insert(into) if dialect == "sqlite" else pg_insert(into)


def catch_up(connection: Connection, stream: str, state: State) -> State:
    """Return *state* with the facts of *stream* folded in that came after it."""
    rows = connection.execute(_SINCE, {"of": stream, "after": state.position})
    for kind, body in rows:
        state = evolve(state, decode(kind, json.loads(body)["data"]))
    return state


class Transaction:
    """Everything between the head's lock and the commit."""

    def __init__(self, connection: Connection, states: dict[str, State], clock: Now) -> None:
        self.connection = connection
        self.states = states
        self._fresh: set[str] = set()
        self._touched: set[str] = set()
        head = connection.execute(_LOCK_HEAD).mappings().one()
        self.size: int = head["size"]
        self.log_id: str = head["log_id"]
        self.epoch: int = head["epoch"]
        self._last: bytes = head["last_hash"]
        self._frontier: bytes = head["frontier"]
        # Time is read under the lock and never runs backwards in the ledger.
        self.now: DateTime = max(clock.now(), instant_of(head["recorded_at"]))
        self._rows: list[dict[str, Any]] = []

    def state(self, stream: DocumentKey) -> State:
        """Return the state of *stream*, with everything committed or appended so far."""
        if stream not in self._fresh:
            self.states[stream] = catch_up(
                self.connection, stream, self.states.get(stream, State())
            )
            self._fresh.add(stream)
        return self.states[stream]

    def append(
        self, stream: DocumentKey, entries: Sequence[Entry], state: State, cause: int | None = None
    ) -> list[Stored]:
        """Append the facts of one advance, whose outcome is *state*.

        *cause* is the number of the fact in another stream that led to the first of them.
        """
        position = self.state(stream).position
        stored: list[Stored] = []
        for offset, entry in enumerate(entries):
            origin = cause if entry.cause is None else stored[entry.cause].seq
            if entry.cause is None and isinstance(entry.fact, DERIVED):
                origin = None  # time alone
            stored.append(self._append(stream, position + offset + 1, entry.fact, origin))
        if stored:
            self.states[stream] = state
            self._touched.add(stream)
        return stored

    def _append(
        self, stream: DocumentKey, stream_seq: int, fact: Fact, cause: int | None
    ) -> Stored:
        self.size += 1
        recorded_at = instant_text(self.now)
        kind = "D" if isinstance(fact, DERIVED) else "A" if isinstance(fact, KEPT) else "I"
        dedup = f"{stream}|{key_of(fact)}"
        at = instant_text(fact.at)
        body = canonical(
            {
                "at": at,
                "cause": cause,
                "data": encode(fact),
                "dedup_key": dedup,
                "kind": kind,
                "prev": self._last.hex(),
                "recorded_at": recorded_at,
                "rules": RULES,
                "seq": self.size,
                "stream": stream,
                "stream_seq": stream_seq,
                "type": type(fact).__name__,
                "v": 1,
            }
        )
        link = leaf(body)
        self._rows.append(
            {
                "seq": self.size,
                "stream": stream,
                "stream_seq": stream_seq,
                "type": type(fact).__name__,
                "kind": kind,
                "at": at,
                "recorded_at": recorded_at,
                "cause": cause,
                "rules": RULES,
                "dedup_key": dedup,
                "body": body,
                "prev_hash": self._last,
                "leaf_hash": link,
            }
        )
        self._frontier = frontier_add(self._frontier, self.size - 1, link)
        self._last = link
        return Stored(self.size, stream, fact)

    def text(self, content: str) -> str:
        """Keep a text and return its SHA-256 (hex), which the ledger may name."""
        raw = content.encode()
        digest = hashlib.sha256(raw).hexdigest()
        self.connection.execute(
            _NEW_BLOB[self.connection.dialect.name], {"sha256": digest, "content": raw}
        )
        return digest

    def person(self, name: str) -> str:
        """Keep the name that somebody typed; return the reference that the ledger may name."""
        ref = "p_" + secrets.token_hex(8)
        self.connection.execute(
            _NEW_PERSON, {"ref": ref, "name": name, "created_at": instant_text(self.now)}
        )
        return ref

    def finish(self) -> None:
        """Write what was appended, the projections, and the head last."""
        if not self._rows:
            return
        self.connection.execute(_NEW_EVENT, self._rows)
        self.connection.execute(
            _PROJECT, [self._projection(stream) for stream in sorted(self._touched)]
        )
        self.connection.execute(
            _MOVE_HEAD,
            {
                "new_size": self.size,
                "new_last": self._last,
                "new_frontier": self._frontier,
                "new_instant": instant_text(self.now),
            },
        )

    def _projection(self, stream: str) -> dict[str, Any]:
        state = self.states[stream]

        def text(instant: DateTime | None) -> str | None:
            return None if instant is None else instant_text(instant)

        return {
            "stream": stream,
            "new_position": state.position,
            "new_due": text(state.next_due()),
            "new_issued": text(state.issued_at),
            "new_completed": text(state.completed_at),
        }
