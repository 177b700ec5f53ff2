"""What guards the ledger in the database itself: triggers and constraints, unaltered.

The measure is a database that this software's own revisions have just made (in memory). On SQLite
every definition is compared word for word; on PostgreSQL see :mod:`audit.schema_postgresql`. What
does not belong there is named too, be it a table, an index, a view or a trigger: it could answer
otherwise than the tables, keep a copy, or change what is written.
"""

import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import text

from audit import schema_postgresql
from audit.codes import Code
from audit.envelope import short
from audit.finding import Finding, of_schema
from audit.source import Source
from models.database import make_engine, migrate

_MASTER = "SELECT type, name, sql FROM sqlite_master"
_OWN = ("sqlite_autoindex_", "sqlite_stat", "sqlite_sequence")
"""SQLite's own tables and indexes; it gives no trigger and no view such a name."""
_ALEMBIC = ("table", "alembic_version")
"""Made by Alembic, whose version may write it otherwise."""


def examine(source: Source) -> Iterator[Finding]:
    """Yield what is missing, altered or added."""
    if source.dialect == "sqlite":
        yield from _sqlite(source)
    else:
        yield from schema_postgresql.examine(source, expected())


def whole(source: Source) -> Iterator[Finding]:
    """Yield what the database itself finds wrong with its file: pages, indexes, constraints."""
    if source.dialect == "sqlite":
        for (said,) in source.rows("PRAGMA integrity_check(20)"):
            if said != "ok":
                yield Finding(Code.DAMAGED, data={"why": short(said)})


@cache
def expected() -> Mapping[tuple[str, str], str]:
    """Return the definitions of a new database of this software (SQLite), by kind and name."""
    with tempfile.TemporaryDirectory(prefix="cascade-verify-") as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'new.db'}")
        try:
            migrate(engine)
            with engine.execution_options(reading=True).begin() as connection:
                rows = connection.execute(text(_MASTER)).all()
        finally:
            engine.dispose()
    return {(kind, name): sql for kind, name, sql in rows if not _its_own(kind, name)}


def _its_own(kind: object, name: object) -> bool:
    return kind in ("table", "index") and str(name).startswith(_OWN)


def _sqlite(source: Source) -> Iterator[Finding]:
    found = {
        (str(kind), str(name)): sql
        for kind, name, sql in source.rows(_MASTER)
        if not _its_own(kind, name)
    }
    made = expected()
    for key in sorted(made.keys() - found.keys()):
        yield of_schema(Code.SCHEMA_MISSING, *key)
    for key in sorted(made.keys() & found.keys() - {_ALEMBIC}):
        if found[key] != made[key]:
            yield of_schema(Code.SCHEMA_ALTERED, *key)
    for key in sorted(found.keys() - made.keys()):
        yield of_schema(Code.SCHEMA_ADDED, *key)
