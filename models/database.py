"""Engines that are right for a ledger, on SQLite and on PostgreSQL.

SQLite's defaults lose facts: a deferred transaction that first reads and then writes fails at once
under a second writer, in spite of the time-out, and a commit in the default journal can be lost
with the power. So: ``BEGIN IMMEDIATE`` for writers, and ``DELETE`` + ``EXTRA`` unless the linked
SQLite has the fix of the WAL-reset corruption (3.51.3, 3.50.7, 3.44.6).
"""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

BUSY_MS = 30_000
HEAD = "0006"
"""The newest revision in ``models.migrations``."""


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Tell whether this SQLite may use a write-ahead log with several connections.

    https://sqlite.org/wal.html#walresetbug
    """
    if version >= (3, 51, 3):
        return True
    return (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def make_engine(url: str) -> Engine:
    """Return an engine for *url* (``sqlite:///file`` or ``postgresql+psycopg://…``)."""
    if url.startswith("sqlite"):
        return _sqlite(url)
    return create_engine(
        url, isolation_level="READ COMMITTED", pool_pre_ping=True, pool_size=10, max_overflow=10
    )


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # The driver must not begin transactions of its own; `_begin` does.
        connection.isolation_level = None
        mode = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "DELETE"
        connection.execute(f"PRAGMA journal_mode={mode}")
        connection.execute(f"PRAGMA synchronous={'FULL' if mode == 'WAL' else 'EXTRA'}")
        connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA recursive_triggers=ON")
        connection.execute("PRAGMA trusted_schema=OFF")
        # What is wiped (the secret of a sent link) must not stay in the file's free pages.
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("reading", False):
            # Takes no lock, so it cannot fail; the driver alone costs a tenth of SQLAlchemy.
            connection.connection.dbapi_connection.execute("BEGIN")  # type: ignore[union-attr]
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class Changes:
    """Tells for almost nothing whether something was committed to a database.

    SQLite counts the commits of other connections (``PRAGMA data_version``), so this one is kept
    and never writes. On PostgreSQL the snapshot is compared: every transaction that wrote moves it
    when it ends. It is that of the whole server, so others' work looks like a change too, but no
    change looks like none. For one thread.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ask = (
            "PRAGMA data_version"
            if engine.dialect.name == "sqlite"
            else "SELECT pg_current_snapshot()::text"
        )
        self._connection: Any = None
        self._times = 0

    def mark(self) -> tuple[int, object]:
        """Return a value that is another one after each commit, and after each new connection."""
        try:
            if self._connection is None:
                self._connection = self._connected()
                self._times += 1
            # All rows are fetched: a statement that is not at its end holds a lock of SQLite's.
            [(seen,)] = self._connection.execute(self._ask).fetchall()
        except Exception:
            self.close()
            raise
        return self._times, seen

    def close(self) -> None:
        """Give the connection back; the next question takes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> Any:
        fairy = self._engine.raw_connection()
        fairy.detach()
        connection: Any = fairy.dbapi_connection
        if self._engine.dialect.name == "postgresql":
            connection.autocommit = True
        return connection


def migrate(engine: Engine, revision: str = "head", vault: object = None) -> None:
    """Bring the schema up to *revision*; two processes that start together do it once.

    *vault* (``models.vault.Vault``) seals what an older schema kept in clear.

    Raises:
        models.vault.NoVault: there is something to seal, and no vault was given.
    """
    if _is_current(engine):
        return
    # Only here: it would stay in the memory of every process for as long as that lives (13 MB).
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "models:migrations")
    config.set_main_option("version_path_separator", "os")
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5742402561)")
        config.attributes["connection"] = connection
        config.attributes["vault"] = vault
        command.upgrade(config, revision)


def _is_current(engine: Engine) -> bool:
    with engine.execution_options(reading=True).begin() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.execute(text("SELECT version_num FROM alembic_version"))
        return found.scalars().all() == [HEAD]
