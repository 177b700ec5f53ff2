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
from sqlalchemy import Connection, Engine, Table, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from models.codec import decode, encode, instant_of, instant_text
from models.database import make_engine, migrate
from models.domain.chain import GENESIS, Json, canonical, frontier_add, leaf
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
from models.origin import current
from models.tables import Blob, LedgerEvent, LedgerHead, Person, Stream, table
from models.vault import NoVault, Vault
from models.version import VERSION

ADMIN = "@admin"
"""The stream of what is done to the installation itself; no document has such a name."""

ADMINISTRATIVE = frozenset({"ContactChanged", "Erased", "KeyRotated", "LinkOpened", "Restored"})
"""What stands in that stream: never folded into any state."""

RULES = "1"
"""Version of the rules that decided. Changes when the same inputs would give other facts."""

ENVELOPE = 2
"""Version of what surrounds a fact's data. 2 added the software (``sw``) and the run (``run``)."""

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

_ROWS = 500
"""How many facts are written at a time."""

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
_LENGTH = select(func.count()).select_from(_EVENT).where(_EVENT.c.stream == bindparam("of"))
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

    def __init__(self, url: str, vault: Vault | None = None) -> None:
        """*vault* seals names and addresses; who only reads the ledger needs none."""
        self.engine: Engine = make_engine(url)
        self._vault = vault
        self.reader = self.engine.execution_options(reading=True)
        self._states: dict[str, State] = {}

    def prepare(self, now: DateTime) -> None:
        """Create or migrate the schema, and the head row of a new ledger.

        Raises:
            models.vault.WrongKey: what is sealed here was sealed with another master key.
        """
        migrate(self.engine, vault=self._vault)
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
            if self._vault is not None:
                connection.execute(_LOCK_HEAD)
                self._vault.recognize(connection)

    @property
    def vault(self) -> Vault:
        """Return what opens names and addresses.

        Raises:
            NoVault: this store was opened without.
        """
        if self._vault is None:
            raise NoVault("this store was opened without the master key")
        return self._vault

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    @contextmanager
    def transaction(self, clock: Now) -> Iterator["Transaction"]:
        """Hold the head's lock; commit on success, leave no trace on an exception."""
        with self.engine.begin() as connection:
            transaction = Transaction(connection, dict(self._states), clock, self._vault)
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

        What was done to the installation itself (:data:`ADMIN`) is no fact of a document.

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
                if name == ADMIN:
                    continue
                yield Stored(seq, DocumentKey(name), decode(kind, json.loads(body)["data"]))
            if len(page) < _PAGE:
                return
            after = page[-1].seq

    def fact(self, seq: int) -> Fact | None:
        """Return the fact with this number, or ``None`` when there is none yet."""
        query = select(_EVENT.c.type, _EVENT.c.body).where(_EVENT.c.seq == seq)
        with self.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else decode(row.type, json.loads(row.body)["data"])

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

    def __init__(
        self,
        connection: Connection,
        states: dict[str, State],
        clock: Now,
        vault: Vault | None = None,
    ) -> None:
        self.connection = connection
        self._vault = vault
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
        """Appended and not yet written."""
        self._written = False
        run = current()
        self._run: Json = None if run is None else run.as_json()

    @property
    def vault(self) -> Vault:
        """Return what seals names and addresses.

        Raises:
            NoVault: the store was opened without.
        """
        if self._vault is None:
            raise NoVault("this store was opened without the master key")
        return self._vault

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

    def administer(self, type_: str, key: str, data: dict[str, Json]) -> int:
        """Append to :data:`ADMIN` what was done to the installation; return its number.

        *key* is unique among all of that type. *data* holds no personal data: it stays for ever.

        Raises:
            ValueError: no such type is known.
        """
        if type_ not in ADMINISTRATIVE:
            raise ValueError(f"not an administrative entry: {type_}")
        before = self.connection.execute(_LENGTH, {"of": ADMIN}).scalar_one()
        before += sum(row["stream"] == ADMIN for row in self._rows)
        at = instant_text(self.now)
        return self._write(
            ADMIN, before + 1, "A", type_, at, {"at": at, **data}, f"{ADMIN}|{type_}|{key}", None
        )

    def _append(
        self, stream: DocumentKey, stream_seq: int, fact: Fact, cause: int | None
    ) -> Stored:
        kind = "D" if isinstance(fact, DERIVED) else "A" if isinstance(fact, KEPT) else "I"
        dedup = f"{stream}|{key_of(fact)}"
        name, at = type(fact).__name__, instant_text(fact.at)
        seq = self._write(stream, stream_seq, kind, name, at, encode(fact), dedup, cause)
        return Stored(seq, stream, fact)

    def _write(
        self,
        stream: str,
        stream_seq: int,
        kind: str,
        type_: str,
        at: str,
        data: Json,
        dedup: str,
        cause: int | None,
    ) -> int:
        self.size += 1
        recorded_at = instant_text(self.now)
        body = canonical(
            {
                "at": at,
                "cause": cause,
                "data": data,
                "dedup_key": dedup,
                "kind": kind,
                "prev": self._last.hex(),
                "recorded_at": recorded_at,
                "rules": RULES,
                "run": self._run,
                "seq": self.size,
                "stream": stream,
                "stream_seq": stream_seq,
                "sw": VERSION,
                "type": type_,
                "v": ENVELOPE,
            }
        )
        link = leaf(body)
        self._rows.append(
            {
                "seq": self.size,
                "stream": stream,
                "stream_seq": stream_seq,
                "type": type_,
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
        if len(self._rows) >= _ROWS:
            self._put_down()
        return self.size

    def _put_down(self) -> None:
        """Write the facts that were appended so far: thousands would fill the memory with rows."""
        self.connection.execute(_NEW_EVENT, self._rows)
        self._rows.clear()
        self._written = True

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
        sealed = self.vault.seal(self.connection, ref, name)
        self.connection.execute(
            _NEW_PERSON, {"ref": ref, "sealed": sealed, "created_at": instant_text(self.now)}
        )
        return ref

    def finish(self) -> None:
        """Write what was appended, the projections, and the head last."""
        if self._rows:
            self._put_down()
        if not self._written:
            return
        if self._touched:
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
