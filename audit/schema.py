"""What guards the ledger in the database itself: triggers and constraints, unaltered.

The measure is a database that this software's own revisions have just made (in memory). On SQLite
every definition is compared word for word; on PostgreSQL the triggers with their functions, and the
constraints. Triggers, views and rules that do not belong there are named too: they could answer
otherwise than the tables.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import text

from audit.codes import Code
from audit.envelope import short
from audit.finding import Finding
from audit.source import Source
from models import triggers
from models.database import make_engine, migrate

_MASTER = (
    # Triggers and views under any name: a table and a trigger may be called the same, and "_" in
    # LIKE is any letter.
    "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
    " OR (substr(name, 1, 7) <> 'sqlite_' AND name <> 'alembic_version')"
)
_CONSTRAINT = re.compile(r"CONSTRAINT (\w+) ((?:PRIMARY KEY|UNIQUE) \([^)]*\)|CHECK)")
_FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(\).*?\$\$(.*)\$\$", re.DOTALL)
_TRIGGER = re.compile(
    r"CREATE TRIGGER (\w+) BEFORE ([A-Z ]+?) ON (?:\w+\.)?(\w+)"
    r" FOR EACH (ROW|STATEMENT) EXECUTE FUNCTION (?:\w+\.)?(\w+)"
)
_TRIGGERS = (
    # The function by its number: another schema, or other arguments, may have one of that name.
    "SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid), t.tgenabled::text, p.prosrc"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
)
_FUNCTIONS = (
    "SELECT p.proname, p.prosrc FROM pg_proc p WHERE pg_function_is_visible(p.oid)"
    " AND p.pronargs = 0"
    " AND p.pronamespace NOT IN (SELECT oid FROM pg_namespace"
    " WHERE nspname IN ('pg_catalog', 'information_schema'))"
)
_CONSTRAINTS = (
    "SELECT k.conname, pg_get_constraintdef(k.oid), k.convalidated FROM pg_constraint k"
    " JOIN pg_class c ON c.oid = k.conrelid"
    " WHERE k.contype IN ('p', 'u', 'c') AND pg_table_is_visible(c.oid)"
)
_OTHERS = (
    "SELECT 'rule ' || rulename FROM pg_rules WHERE schemaname = ANY (current_schemas(false))"
    " UNION ALL SELECT 'view ' || viewname FROM pg_views"
    " WHERE schemaname = ANY (current_schemas(false))"
)


def examine(source: Source) -> Iterator[Finding]:
    """Yield what is missing, altered or added."""
    if source.dialect == "sqlite":
        yield from _sqlite(source)
    else:
        yield from _postgresql(source)


def whole(source: Source) -> Iterator[Finding]:
    """Yield what the database itself finds wrong with its file: pages, indexes, constraints."""
    if source.dialect == "sqlite":
        for (said,) in source.rows("PRAGMA integrity_check(20)"):
            if said != "ok":
                yield Finding(Code.DAMAGED, data={"why": short(said)})


@cache
def _expected() -> Mapping[tuple[str, str], str]:
    """Return the definitions of a new database of this software (SQLite)."""
    with tempfile.TemporaryDirectory(prefix="cascade-verify-") as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'new.db'}")
        try:
            migrate(engine)
            with engine.execution_options(reading=True).begin() as connection:
                rows = connection.execute(text(_MASTER)).all()
        finally:
            engine.dispose()
    return {(kind, name): sql for kind, name, sql in rows}


def _sqlite(source: Source) -> Iterator[Finding]:
    found = {(kind, name): sql for kind, name, sql in source.rows(_MASTER)}
    expected = _expected()
    for key in sorted(expected.keys() - found.keys()):
        yield _finding(Code.SCHEMA_MISSING, *key)
    for key in sorted(expected.keys() & found.keys()):
        if found[key] != expected[key]:
            yield _finding(Code.SCHEMA_ALTERED, *key)
    for kind, name in sorted(found.keys() - expected.keys()):
        if kind in ("trigger", "view"):
            yield _finding(Code.SCHEMA_ADDED, kind, name)


@dataclass(frozen=True, slots=True)
class _Trigger:
    """When a trigger fires, and what it does."""

    events: frozenset[str]
    on: str
    each: str
    function: str


def _triggers_and_functions() -> tuple[dict[str, _Trigger], dict[str, str]]:
    """Return what the revisions create on PostgreSQL; a later word replaces an earlier one."""
    made, functions = dict[str, _Trigger](), dict[str, str]()
    for name, statements in vars(triggers).items():
        if not name.endswith("POSTGRESQL"):
            continue
        for statement in statements:
            if (function := _FUNCTION.search(statement)) is not None:
                functions[function[1]] = function[2]
            if (trigger := _trigger(statement)) is not None:
                made[trigger[0]] = trigger[1]
    return made, functions


def _trigger(definition: str) -> tuple[str, _Trigger] | None:
    fits = _TRIGGER.search(" ".join(definition.split()))
    if fits is None:
        return None
    return fits[1], _Trigger(frozenset(fits[2].split(" OR ")), fits[3], fits[4], fits[5])


def _postgresql(source: Source) -> Iterator[Finding]:
    made, functions = _triggers_and_functions()
    # On each table there may be a trigger of the same name.
    there = {(name, on): rest for name, on, *rest in source.rows(_TRIGGERS)}
    for name, trigger in sorted(made.items()):
        if (name, trigger.on) not in there:
            yield _finding(Code.SCHEMA_MISSING, "trigger", name)
            continue
        definition, enabled, does = there[name, trigger.on]
        good = _trigger(definition) == (name, trigger) and does == functions[trigger.function]
        if enabled not in ("O", "A") or not good:
            yield _finding(Code.SCHEMA_ALTERED, "trigger", name)
    for name, _ in sorted(there.keys() - {(name, each.on) for name, each in made.items()}):
        yield _finding(Code.SCHEMA_ADDED, "trigger", name)
    known = dict(source.rows(_FUNCTIONS))
    for name, body in sorted(functions.items()):
        if name not in known:
            yield _finding(Code.SCHEMA_MISSING, "function", name)
        elif known[name] != body:
            yield _finding(Code.SCHEMA_ALTERED, "function", name)
    yield from _constraints(source)
    for (what,) in source.rows(_OTHERS):
        yield Finding(Code.SCHEMA_ADDED, row=what, data={"what": what})


def _constraints(source: Source) -> Iterator[Finding]:
    there = {name: (words, valid) for name, words, valid in source.rows(_CONSTRAINTS)}
    for (kind, table), sql in sorted(_expected().items()):
        for name, words in _CONSTRAINT.findall(sql) if kind == "table" else ():
            if name not in there:
                yield _finding(Code.SCHEMA_MISSING, f"constraint ({table})", name)
            elif not there[name][1] or not _plain(there[name][0]).startswith(_plain(words)):
                yield _finding(Code.SCHEMA_ALTERED, f"constraint ({table})", name)


def _plain(words: str) -> str:
    return words.replace('"', "")


def _finding(code: Code, kind: str, name: str) -> Finding:
    return Finding(code, row=f"{kind} {name}", data={"what": f"{kind} {name}"})
