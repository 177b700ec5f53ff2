"""What the database refuses to whoever holds a connection, by whatever statement."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from models.domain.requests import Acknowledge
from tests.builders import CITY, LINK, PERSON, REPORTS, UNITS, city, copy
from tests.ledgers import Office, audit, office

COLUMNS = (
    "seq, stream, stream_seq, type, kind, at, recorded_at, cause, rules, dedup_key, body,"
    " prev_hash, leaf_hash"
)
_MESSAGE = "append-only|next linked fact|one head|only grows"


@pytest.fixture
def place(database_url: str) -> Iterator[Office]:
    with office(database_url) as made:
        made.issue(city())
        made.recorder.record(CITY, Acknowledge(copy(REPORTS), PERSON, LINK))
        yield made
        audit(made)


def refused(place: Office, statement: str, message: str = _MESSAGE) -> None:
    before = place.rows("SELECT * FROM ledger_event ORDER BY seq")
    head = place.rows("SELECT * FROM ledger_head")
    with pytest.raises(DatabaseError, match=message), place.store.engine.begin() as connection:
        connection.execute(text(statement))
    assert place.rows("SELECT * FROM ledger_event ORDER BY seq") == before
    assert place.rows("SELECT * FROM ledger_head") == head


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_event SET recorded_at = '2020-01-01T00:00:00.000000Z' WHERE seq = 3",
        "UPDATE ledger_event SET body = body",
        "UPDATE ledger_event SET seq = seq + 1000",
        "DELETE FROM ledger_event WHERE seq = 3",
        "DELETE FROM ledger_event",
        "DELETE FROM ledger_event WHERE seq = (SELECT max(seq) FROM ledger_event)",
        "UPDATE ledger_head SET size = size - 1",
        "UPDATE ledger_head SET size = 0",
        "UPDATE ledger_head SET log_id = 'another'",
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET last_hash = frontier",
        "UPDATE ledger_head SET frontier = last_hash || last_hash",
        "UPDATE ledger_head SET frontier = last_hash, size = size",
        "UPDATE ledger_head SET last_hash = frontier, size = size - 1",
    ],
)
def test_nothing_is_altered_or_removed(place: Office, statement: str) -> None:
    refused(place, statement)


def test_a_head_that_says_the_same_is_no_change(place: Office) -> None:
    with place.store.engine.begin() as connection:
        connection.execute(text("UPDATE ledger_head SET last_hash = last_hash, size = size"))


@pytest.mark.parametrize("name", ["ledger_event", "ledger_head"])
def test_a_table_is_not_emptied_at_once(place: Office, name: str) -> None:
    if place.store.engine.dialect.name == "sqlite":
        refused(place, f"DELETE FROM {name}")  # SQLite's truncation, and it fires no row trigger
        return
    refused(place, f"TRUNCATE {name}")
    refused(place, f"TRUNCATE {name} CASCADE")


def forged(seq: str, prev: str, dedup: str = "'x'", stream_seq: str = "9999") -> str:
    """An insert that copies the first row, but for what is given."""
    return (
        f"INSERT INTO ledger_event ({COLUMNS}) SELECT {seq}, stream, {stream_seq}, type, kind, at,"
        f" recorded_at, cause, rules, {dedup}, body, {prev}, leaf_hash FROM ledger_event"
        " WHERE seq = 1"
    )


LAST = "(SELECT leaf_hash FROM ledger_event ORDER BY seq DESC LIMIT 1)"
NEXT = "(SELECT max(seq) + 1 FROM ledger_event)"


@pytest.mark.parametrize(
    ("seq", "prev"),
    [
        ("(SELECT max(seq) + 2 FROM ledger_event)", LAST),
        ("(SELECT max(seq) FROM ledger_event)", LAST),
        ("0", LAST),
        ("-1", LAST),
        (NEXT, "prev_hash"),
        (NEXT, "leaf_hash"),
        (NEXT, "body"),
    ],
)
def test_only_the_next_linked_fact_is_taken(place: Office, seq: str, prev: str) -> None:
    refused(place, forged(seq, prev), "next linked fact")


def test_a_fact_is_not_taken_twice(place: Office) -> None:
    known = "(SELECT dedup_key FROM ledger_event WHERE seq = 2)"
    refused(place, forged(NEXT, LAST, dedup=known), "next linked fact|dedup_key")
    refused(place, forged(NEXT, LAST, stream_seq="1"), "next linked fact|stream_seq")


def test_a_second_head_is_refused(place: Office) -> None:
    columns = "id, size, last_hash, frontier, recorded_at, epoch, log_id"
    for number in ("1", "2"):
        refused(
            place,
            f"INSERT INTO ledger_head ({columns}) SELECT {number}, size, last_hash, frontier,"
            " recorded_at, epoch, log_id FROM ledger_head",
            "one head|one_row|pk_ledger_head",
        )


# --- SQLite: REPLACE deletes without firing a delete trigger ------------------------------------


@pytest.fixture
def raw(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """A connection as any tool would open it: none of our pragmas."""
    with office(sqlite_url) as made:
        made.issue(city())
        made.recorder.record(CITY, Acknowledge(copy(REPORTS, UNITS[1]), PERSON, LINK))
        connection = sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///")))
        yield connection
        connection.close()
        audit(made)


@pytest.mark.parametrize(
    "statement",
    [
        forged("3", "prev_hash"),
        forged("1", "prev_hash", dedup="dedup_key", stream_seq="stream_seq"),
        # The next number, rightly linked, but in conflict with an old row on another key.
        forged(NEXT, LAST, dedup="(SELECT dedup_key FROM ledger_event WHERE seq = 2)"),
        forged(NEXT, LAST, stream_seq="2"),
        "INSERT INTO ledger_head SELECT 1, 0, last_hash, frontier, recorded_at, epoch, log_id"
        " FROM ledger_head",
        "INSERT INTO ledger_head SELECT id, size, last_hash, frontier, recorded_at, epoch, 'mine'"
        " FROM ledger_head",
    ],
)
def test_insert_or_replace_replaces_nothing(raw: sqlite3.Connection, statement: str) -> None:
    assert raw.execute("PRAGMA recursive_triggers").fetchone() == (0,)
    before = raw.execute("SELECT * FROM ledger_event ORDER BY seq").fetchall()
    head = raw.execute("SELECT * FROM ledger_head").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match=_MESSAGE):
        raw.execute(statement.replace("INSERT INTO", "INSERT OR REPLACE INTO", 1))
    assert raw.execute("SELECT * FROM ledger_event ORDER BY seq").fetchall() == before
    assert raw.execute("SELECT * FROM ledger_head").fetchall() == head


@pytest.mark.parametrize(
    "statement",
    ["UPDATE OR REPLACE ledger_event SET seq = 1 WHERE seq = 2", "DELETE FROM ledger_event"],
)
def test_a_strange_connection_is_refused_as_well(raw: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement)


def test_an_upsert_is_an_update(place: Office) -> None:
    again = forged("1", "prev_hash", dedup="dedup_key", stream_seq="stream_seq")
    refused(place, again + " ON CONFLICT (seq) DO UPDATE SET kind = 'A'")


# --- PostgreSQL: statements that are no plain INSERT, UPDATE or DELETE ---------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "WITH gone AS (DELETE FROM ledger_event RETURNING *) SELECT * FROM gone",
        "MERGE INTO ledger_event USING (SELECT 3 AS n) AS x ON seq = n"
        " WHEN MATCHED THEN UPDATE SET kind = 'A'",
        "MERGE INTO ledger_event USING (SELECT 3 AS n) AS x ON seq = n WHEN MATCHED THEN DELETE",
        "DELETE FROM ONLY ledger_event",
    ],
)
def test_no_other_statement_alters_or_removes(postgresql_url: str, statement: str) -> None:
    with office(postgresql_url) as made:
        made.issue(city())
        refused(made, statement, "append-only")


def test_a_copy_is_an_insert(postgresql_url: str) -> None:
    with office(postgresql_url) as made:
        made.issue(city())
        connection = made.store.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT * FROM ledger_event ORDER BY seq DESC LIMIT 1")
            row = cursor.fetchone()
            with (
                pytest.raises(Exception, match="next linked fact"),
                cursor.copy("COPY ledger_event FROM STDIN") as rows,
            ):
                rows.write_row(row)
        finally:
            connection.close()
        audit(made)
