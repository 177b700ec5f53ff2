"""The migrated schema is what the models say, and its triggers are there."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, insert, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

import models.migrations
import models.tables
from config.clock import wait_until
from models.codec import instant_text
from models.contacts import Address, keep
from models.database import HEAD, make_engine, migrate, wal_is_safe
from models.domain.requests import Acknowledge
from models.store import Store
from models.vault import NoVault
from tests.builders import CITY, ISSUE_AT, LINK, PERSON, REPORTS, city, copy
from tests.ledgers import audit, office, prepare_only
from tests.sealed import addresses, names

assert models.tables

TRIGGERS = {
    "sqlite": {
        "ledger_event_no_update",
        "ledger_event_no_delete",
        "ledger_event_next_only",
        "ledger_head_one_row",
        "ledger_head_no_delete",
        "ledger_head_grows",
        "ledger_checkpoint_no_update",
        "ledger_checkpoint_no_delete",
        "ledger_checkpoint_next_only",
        "ledger_key_no_delete",
        "ledger_key_no_replace",
        "ledger_key_ends_once",
    },
    "postgresql": {
        "ledger_event_no_change",
        "ledger_event_no_truncate",
        "ledger_event_next_only",
        "ledger_head_no_delete",
        "ledger_head_no_truncate",
        "ledger_head_grows",
        "ledger_checkpoint_no_change",
        "ledger_checkpoint_no_truncate",
        "ledger_checkpoint_next_only",
        "ledger_key_no_delete",
        "ledger_key_no_truncate",
        "ledger_key_ends_once",
    },
}
_LISTED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'",
}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url)
    migrate(made)
    yield made
    made.dispose()


def test_the_models_and_the_schema_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_names_and_nullability_agree_where_autogenerate_does_not_look(engine: Engine) -> None:
    found = inspect(engine)
    for name, table in SQLModel.metadata.tables.items():
        columns = {each["name"]: each for each in found.get_columns(name)}
        assert list(columns) == [column.name for column in table.columns]
        for column in table.columns:
            assert columns[column.name]["nullable"] == column.nullable, f"{name}.{column.name}"
        assert found.get_pk_constraint(name)["name"] == f"pk_{name}"
        assert set(found.get_pk_constraint(name)["constrained_columns"]) == {
            column.name for column in table.primary_key
        }
        checks = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
        assert {each["name"] for each in found.get_check_constraints(name)} == checks
        assert None not in checks, "Alembic drops unnamed checks"


def test_the_triggers_are_there(engine: Engine) -> None:
    dialect = engine.dialect.name
    with engine.connect() as connection:
        names = {row[0] for row in connection.execute(text(_LISTED[dialect]))}
    assert names == TRIGGERS[dialect]


def test_the_newest_revision_is_the_one_that_the_store_knows() -> None:
    scripts = ScriptDirectory(str(Path(models.migrations.__file__).parent))
    assert scripts.get_current_head() == HEAD


def test_a_current_schema_costs_no_alembic(database_url: str) -> None:
    """What a process imports it keeps: only the one that migrates pays for Alembic."""
    code = (
        "import sys; from models.database import make_engine, migrate; "
        "migrate(make_engine(sys.argv[1])); print('alembic' in sys.modules)"
    )

    def alembic_was_needed() -> str:
        return subprocess.run(
            [sys.executable, "-c", code, database_url], capture_output=True, text=True, check=True
        ).stdout.strip()

    assert [alembic_was_needed(), alembic_was_needed()] == ["True", "False"]


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT version_num FROM alembic_version"))
        assert rows.scalars().all() == [HEAD]


OLD_CONTACTS: list[dict[str, Any]] = [
    {"ref": "c_1", "body": "u.1", "address": "mot@xa.example", "locale": "vi"},
    {"ref": "c_2", "body": "u.1", "address": "hai@xa.example", "locale": "en"},
    {"ref": "c_3", "body": "u.2", "address": "mot@xa.example", "locale": "vi"},
]
OLD_PEOPLE: list[dict[str, Any]] = [
    {"ref": "p_1", "name": "Nguyễn Văn A", "created_at": "2023-09-20T03:00:00.000000Z"},
    {"ref": "p_2", "name": None, "created_at": "2023-09-21T03:00:00.000000Z"},
]


@pytest.fixture
def first_revision(database_url: str, tmp_path: Path) -> Engine:
    """Give a database of the first revision with facts, names and addresses in clear."""
    with office(f"sqlite:///{tmp_path / 'now.db'}") as now:
        now.issue(city())
        copied: dict[str, list[dict[str, Any]]] = {
            name: now.rows(f"SELECT * FROM {name}")
            for name in ("ledger_event", "ledger_head", "stream")
        }
    engine = make_engine(database_url)
    migrate(engine, "0001")
    with engine.begin() as connection:
        for name, rows in {**copied, "contact": OLD_CONTACTS, "person": OLD_PEOPLE}.items():
            columns = list(rows[0])
            connection.execute(
                text(
                    f"INSERT INTO {name} ({', '.join(columns)}) "
                    f"VALUES ({', '.join(f':{column}' for column in columns)})"
                ),
                sorted(rows, key=lambda row: int(row.get("seq", 0))),
            )
    return engine


def test_a_ledger_of_the_first_revision_is_brought_up_to_date(
    database_url: str, first_revision: Engine
) -> None:
    """With facts in it: none is touched, and from then on the head is held to them."""
    forged = text("UPDATE ledger_head SET frontier = last_hash")
    with first_revision.connect() as connection:
        facts = connection.execute(text("SELECT * FROM ledger_event ORDER BY seq")).all()
        head = connection.execute(text("SELECT * FROM ledger_head")).all()
        connection.execute(forged)  # the old trigger lets it pass
        connection.rollback()
    first_revision.dispose()
    with office(database_url) as place:
        assert place.rows("SELECT version_num FROM alembic_version") == [{"version_num": HEAD}]
        with place.store.reading() as connection:
            rows = connection.execute(text("SELECT * FROM ledger_event ORDER BY seq"))
            assert rows.all() == facts
            assert connection.execute(text("SELECT * FROM ledger_head")).all() == head
        with (
            pytest.raises(DatabaseError, match="only grows"),
            place.store.engine.begin() as connection,
        ):
            connection.execute(forged)
        place.recorder.record(CITY, Acknowledge(copy(REPORTS), PERSON, LINK))
        assert len(audit(place)) > len(facts)


def test_what_stood_in_clear_is_sealed(database_url: str, first_revision: Engine) -> None:
    first_revision.dispose()
    with office(database_url) as place:
        assert addresses(place.store) == {
            (row["body"], row["address"]): row["ref"] for row in OLD_CONTACTS
        }
        assert names(place.store) == {"p_1": "Nguyễn Văn A"}
        assert place.rows("SELECT ref, created_at FROM person ORDER BY ref") == [
            {"ref": row["ref"], "created_at": row["created_at"]} for row in OLD_PEOPLE
        ]
        assert place.rows("SELECT ref, locale FROM contact ORDER BY ref") == [
            {"ref": row["ref"], "locale": row["locale"]} for row in OLD_CONTACTS
        ]
        # The same addresses again are the same contacts.
        with place.store.transaction(place.clock) as transaction:
            assert keep(transaction, [Address("u.1", "mot@xa.example")]) == {"c_1": "u.1"}
        assert place.count("contact") == 3
    if database_url.startswith("sqlite"):
        raw = Path(database_url.removeprefix("sqlite:///")).read_bytes()
        for clear in ("mot@xa.example", "hai@xa.example", "Nguyễn Văn A"):
            assert clear.encode() not in raw, "it stayed in the file's free pages"


def test_nothing_is_sealed_without_a_master_key(first_revision: Engine) -> None:
    with pytest.raises(NoVault, match="no master key"):
        migrate(first_revision)
    with first_revision.connect() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version"))
        assert found.scalars().all() == ["0001"]
        assert connection.execute(text("SELECT count(*) FROM contact")).scalar_one() == 3
    first_revision.dispose()


def test_several_processes_may_start_at_once(
    database_url: str, processes: ProcessPoolExecutor
) -> None:
    names = set(processes.map(prepare_only, [database_url] * 4))
    assert len(names) == 1, "one ledger has one name"
    with office(database_url) as place:
        audit(place)
        assert place.count("ledger_head") == 1


def test_a_head_that_another_process_is_just_making(postgresql_url: str) -> None:
    """Both looked, neither saw a head, both insert: one ledger comes of it."""
    first, second = Store(postgresql_url), Store(postgresql_url)
    migrate(first.engine)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with ThreadPoolExecutor(1) as pool:
        with first.engine.begin() as connection:
            connection.execute(
                insert(SQLModel.metadata.tables["ledger_head"]).values(
                    id=1,
                    size=0,
                    last_hash=bytes(32),
                    frontier=b"",
                    recorded_at=instant_text(ISSUE_AT),
                    epoch=1,
                    log_id="first",
                )
            )
            task = pool.submit(second.prepare, ISSUE_AT)

            def blocked() -> bool:
                with first.reading() as other:
                    return bool(other.execute(text(waiting)).scalar_one())

            assert wait_until(blocked, seconds=20)
        task.result(timeout=20)
    assert second.log_id() == "first"
    first.close()
    second.close()


def test_sqlite_is_set_up_for_a_ledger(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    engine.dispose()
    full, extra = 2, 3
    expected = ("wal", full) if wal_is_safe(sqlite3.sqlite_version_info) else ("delete", extra)
    assert (pragma["journal_mode"], pragma["synchronous"]) == expected
    assert pragma["busy_timeout"] >= 30_000
    assert pragma["foreign_keys"] == 1


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_a_write_ahead_log_only_with_the_fix(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) is safe
