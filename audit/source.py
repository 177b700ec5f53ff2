"""A database as it stood at one moment, read and never written.

SQLite: a private copy through the backup interface, because a read that stays open keeps writers
from committing. PostgreSQL: one read-only transaction on one snapshot. Rows come as the driver
gives them; an ORM would cost more than all hashing.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from models.database import HEAD

WAIT_MS = 5_000
"""How long to wait for a lock of others before saying that the database cannot be read."""
_AT_ONCE = 2_000


class Unreadable(Exception):
    """There is nothing that could be verified: a sentence in both languages."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi, self.en = vi, en

    def text(self, lang: str = "vi") -> str:
        """Return the sentence in *lang*."""
        return self.en if lang == "en" else self.vi


class NotText(Exception):
    """A column of text holds bytes that are none; read again with :meth:`Source.tolerate`."""


class Source:
    """One snapshot. Queries have ``?`` for parameters, on both databases."""

    def __init__(self, connection: Any, dialect: str, error: type[Exception]) -> None:
        self._connection = connection
        self.dialect = dialect
        self._error = error
        self._cursors = 0

    def rows(self, query: str, *given: object) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of *query*, a page in memory at a time.

        Raises:
            Unreadable: the database does not give them.
            NotText: see there.
        """
        try:
            if self.dialect == "sqlite":
                yield from self._connection.execute(query, given)
                return
            self._cursors += 1
            with self._connection.cursor(name=f"audit_{self._cursors}") as cursor:
                cursor.itersize = _AT_ONCE
                cursor.execute(query.replace("?", "%s"), given)
                yield from cursor
        except self._error as error:
            if "Could not decode to UTF-8" in str(error):
                raise NotText(str(error)) from error
            raise _broken(error) from error

    def one(self, query: str, *given: object) -> tuple[Any, ...] | None:
        """Return the first row of *query*."""
        return next(self.rows(query, *given), None)

    def has_table(self, name: str) -> bool:
        """Tell whether there is a table called *name*."""
        if self.dialect == "sqlite":
            query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        else:
            query = (
                "SELECT 1 FROM pg_class WHERE relkind = 'r' AND relname = ?"
                " AND pg_table_is_visible(oid)"
            )
        return self.one(query, name) is not None

    def in_order(self, column: str) -> str:
        """Return what to order text by, so that both databases (and Python) order it alike."""
        return column if self.dialect == "sqlite" else f'{column} COLLATE "C"'

    def tolerate(self) -> None:
        """From now on read bytes that are no text as text that equals nothing."""
        self._connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")


@contextmanager
def open_source(url: str) -> Iterator[Source]:
    """Give the ledger at *url* as it stands now.

    Raises:
        Unreadable: there is none, it is locked, or its schema is not this software's.
    """
    try:
        made = make_url(url)
    except ArgumentError as error:
        raise Unreadable(f"Không phải địa chỉ cơ sở dữ liệu: {url!r}", str(error)) from error
    if not made.drivername.startswith(("sqlite", "postgresql")):
        raise Unreadable(
            "Cơ sở dữ liệu phải là sqlite:///… hoặc postgresql+psycopg://…, "
            f"không phải {made.drivername}.",
            f"The database must be sqlite:///… or postgresql+psycopg://…, not {made.drivername}.",
        )
    with _sqlite(made) if made.get_backend_name() == "sqlite" else _server(made) as source:
        _check_schema(source)
        yield source


@contextmanager
def _sqlite(url: URL) -> Iterator[Source]:
    path = Path(url.database or "")
    if not path.is_file():
        raise Unreadable(f"Không có tệp {path}.", f"There is no file {path}.")
    with tempfile.TemporaryDirectory(prefix="cascade-verify-") as folder:
        copy = Path(folder) / "ledger.db"
        try:
            _copy(path, copy)
            connection = sqlite3.connect(f"file:{copy}?mode=ro", uri=True, isolation_level=None)
        except sqlite3.Error as error:
            raise _broken(error) from error
        try:
            yield Source(connection, "sqlite", sqlite3.Error)
        finally:
            connection.close()


def _copy(path: Path, copy: Path) -> None:
    """Copy all pages as they stand; the writers wait as long as that takes and no longer."""
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    asleep = path.with_name(path.name + "-wal")
    if not asleep.exists() and not path.with_name(path.name + "-journal").exists():
        # A copy on a medium that cannot be written has no place for the locks of a write-ahead log.
        address += "" if _may_write(path) else "&immutable=1"
    original = sqlite3.connect(address, uri=True, isolation_level=None)
    try:
        original.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_master").fetchone()  # takes the read lock
        target = sqlite3.connect(copy)
        try:
            original.backup(target)
        finally:
            target.close()
    finally:
        original.close()


def _may_write(path: Path) -> bool:
    import os

    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


@contextmanager
def _server(url: URL) -> Iterator[Source]:
    try:
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise _broken(error) from error
    try:
        with engine.connect() as held:
            options = held.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            options.exec_driver_sql(f"SET LOCAL lock_timeout = {WAIT_MS}")
            driver = options.connection.dbapi_connection
            dbapi = engine.dialect.dbapi
            assert dbapi is not None
            yield Source(driver, engine.dialect.name, dbapi.Error)
    except DBAPIError as error:
        raise _broken(error.orig or error) from error
    finally:
        engine.dispose()


def _check_schema(source: Source) -> None:
    for name in ("ledger_event", "ledger_head", "alembic_version"):
        if not source.has_table(name):
            raise Unreadable(
                f"Không phải sổ cái: thiếu bảng {name}.",
                f"Not a ledger: there is no table {name}.",
            )
    found = [row[0] for row in source.rows("SELECT version_num FROM alembic_version")]
    if found != [HEAD]:
        said = ", ".join(map(str, found)) or "—"
        raise Unreadable(
            f"Cấu trúc của sổ cái là phiên bản {said}; phần mềm này đọc phiên bản {HEAD}.",
            f"The schema of the ledger is revision {said}; this software reads {HEAD}.",
        )


def _broken(error: BaseException) -> Unreadable:
    said = str(error).strip()
    return Unreadable(
        f"Không đọc được cơ sở dữ liệu: {said}", f"The database cannot be read: {said}"
    )
