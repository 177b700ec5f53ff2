"""What guards the ledger in PostgreSQL: triggers, constraints, tables, columns, indexes.

PostgreSQL writes a definition in its own words, so each is taken apart before it is compared. What
lies in the schemas of the search path is looked at: the ledger has a database of its own.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Column, create_engine
from sqlmodel import SQLModel

from audit.codes import Code
from audit.finding import Finding, of_schema
from audit.source import Source
from models import tables, triggers

Definitions = Mapping[tuple[str, str], str]
"""What this software's revisions make on SQLite, by kind and name."""

_ALEMBIC = "alembic_version"
"""Made by Alembic, whose version may write it otherwise."""
_CONSTRAINT = re.compile(
    r"CONSTRAINT (\w+) ((?:PRIMARY KEY|UNIQUE) \([^)]*\)|CHECK \((?:[^()]|\([^()]*\))*\))"
)
_FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(\).*?\$\$(.*)\$\$", re.DOTALL)
_TRIGGER = re.compile(
    r"CREATE TRIGGER (\w+) BEFORE ([A-Z ]+?) ON (?:\w+\.)?(\w+)"
    r" FOR EACH (ROW|STATEMENT) EXECUTE FUNCTION (?:\w+\.)?(\w+)"
)
_TOLD = re.compile(r"'[^']*'|\b\d+\b|<>|>=|<=|>|<|\b(?:OR|NOT|IS|NULL|TRUE|FALSE)\b", re.IGNORECASE)
"""What a check forbids, however it is written: its values, and how they are compared."""

_TRIGGERS = (
    # The function by its number: another schema, or other arguments, may have one of that name.
    "SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid), t.tgenabled::text, p.prosrc"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
)
_FUNCTIONS = (
    # One that looks for its tables elsewhere (proconfig) guards others.
    "SELECT p.proname, p.prosrc, l.lanname = 'plpgsql' AND p.proconfig IS NULL"
    " FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE pg_function_is_visible(p.oid)"
    " AND p.pronargs = 0"
    " AND p.pronamespace NOT IN (SELECT oid FROM pg_namespace"
    " WHERE nspname IN ('pg_catalog', 'information_schema'))"
)
_RELATIONS = (
    "SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' ELSE 'table' END, c.relname,"
    " pg_table_is_visible(c.oid) AND c.relkind = 'r',"
    " c.relpersistence = 'p' AND NOT c.relrowsecurity"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r', 'p', 'f', 'v', 'm')"
    " ORDER BY 1, 2, 3"
)
_COLUMNS = (
    "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
    " coalesce(pg_get_expr(d.adbin, d.adrelid), '')"
    " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r' AND pg_table_is_visible(c.oid)"
    " AND n.nspname = ANY (current_schemas(false))"
)
_INDEXES = (
    "SELECT i.relname, t.relname, pg_get_indexdef(x.indexrelid), x.indisvalid"
    " FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid"
    " JOIN pg_namespace n ON n.oid = t.relnamespace"
    " WHERE n.nspname = ANY (current_schemas(false)) AND pg_table_is_visible(t.oid)"
    " AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid)"
)
_CONSTRAINTS = (
    "SELECT k.conname, c.relname, pg_get_constraintdef(k.oid), k.convalidated FROM pg_constraint k"
    " JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    # Since version 18 "not null" is one, too; the columns are asked for it.
    " WHERE k.contype <> 'n' AND n.nspname = ANY (current_schemas(false))"
    " AND pg_table_is_visible(c.oid)"
)
_OTHERS = (
    "SELECT 'rule ' || rulename FROM pg_rules WHERE schemaname = ANY (current_schemas(false))"
    # A setting under which no trigger fires.
    " UNION ALL SELECT 'setting session_replication_role' FROM pg_db_role_setting"
    " WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))"
    " AND position('session_replication_role' in array_to_string(setconfig, ' ')) > 0"
)
_DIALECT = create_engine("postgresql+psycopg://").dialect
_TYPES = {"VARCHAR": "character varying", "TEXT": "text", "BYTEA": "bytea"}


def examine(source: Source, expected: Definitions) -> Iterator[Finding]:
    """Yield what is missing, altered or added; *expected* is what the revisions make."""
    yield from _triggers(source)
    yield from _constraints(source, expected)
    yield from _relations(source)
    yield from _columns(source)
    yield from _indexes(source)
    for (what,) in source.rows(_OTHERS):
        yield Finding(Code.SCHEMA_ADDED, row=what, data={"what": what})


@dataclass(frozen=True, slots=True)
class _Trigger:
    """When a trigger fires, and what it does."""

    events: frozenset[str]
    on: str
    each: str
    function: str


def _made() -> tuple[dict[str, _Trigger], dict[str, str]]:
    """Return the triggers and functions of the revisions; a later word replaces an earlier one."""
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


def _triggers(source: Source) -> Iterator[Finding]:
    made, functions = _made()
    # On each table there may be a trigger of the same name.
    there = {(name, on): rest for name, on, *rest in source.rows(_TRIGGERS)}
    for name, trigger in sorted(made.items()):
        if (name, trigger.on) not in there:
            yield of_schema(Code.SCHEMA_MISSING, "trigger", name)
            continue
        definition, enabled, does = there[name, trigger.on]
        good = _trigger(definition) == (name, trigger) and does == functions[trigger.function]
        if enabled not in ("O", "A") or not good:
            yield of_schema(Code.SCHEMA_ALTERED, "trigger", name)
    for name, _ in sorted(there.keys() - {(name, each.on) for name, each in made.items()}):
        yield of_schema(Code.SCHEMA_ADDED, "trigger", name)
    known = {name: (body, plain) for name, body, plain in source.rows(_FUNCTIONS)}
    for name, body in sorted(functions.items()):
        if name not in known:
            yield of_schema(Code.SCHEMA_MISSING, "function", name)
        elif known[name] != (body, True):
            yield of_schema(Code.SCHEMA_ALTERED, "function", name)


def _constraints(source: Source, expected: Definitions) -> Iterator[Finding]:
    there = {
        (name, table): (words, valid)
        for name, table, words, valid in source.rows(_CONSTRAINTS)
        if table != _ALEMBIC
    }
    for (kind, table), sql in sorted(expected.items()):
        ours = kind == "table" and table != _ALEMBIC
        for name, words in _CONSTRAINT.findall(sql) if ours else ():
            said, valid = there.pop((name, table), (None, False))
            if said is None:
                yield of_schema(Code.SCHEMA_MISSING, f"constraint ({table})", name)
            elif not valid or _plain(said) != _plain(words):
                yield of_schema(Code.SCHEMA_ALTERED, f"constraint ({table})", name)
    for name, table in sorted(there):
        yield of_schema(Code.SCHEMA_ADDED, f"constraint ({table})", name)


def _plain(words: str) -> list[str]:
    """Return what a constraint says, without the words that each database has for it."""
    if not words.startswith("CHECK"):
        return [words.replace('"', "").removesuffix(" NOT VALID")]
    return sorted(each.upper() for each in _TOLD.findall(words))


def _relations(source: Source) -> Iterator[Finding]:
    ours = {*SQLModel.metadata.tables, _ALEMBIC}
    seen = set[str]()
    for kind, name, in_use, plain in source.rows(_RELATIONS):
        if kind != "table" or name not in ours or not in_use:
            yield of_schema(Code.SCHEMA_ADDED, kind, name)
            continue
        seen.add(name)
        if not plain:
            yield of_schema(Code.SCHEMA_ALTERED, kind, name)
    for name in sorted(ours - seen):
        yield of_schema(Code.SCHEMA_MISSING, "table", name)


def _columns(source: Source) -> Iterator[Finding]:
    there: dict[str, dict[str, tuple[str, bool, str]]] = {}
    for table, name, *said in source.rows(_COLUMNS):
        there.setdefault(table, {})[name] = (said[0], said[1], said[2])
    for table, columns in sorted(SQLModel.metadata.tables.items()):
        found = there.get(table)
        if found is None:
            continue  # named as a table
        for column in columns.columns:
            if column.name not in found:
                yield of_schema(Code.SCHEMA_MISSING, f"column ({table})", column.name)
            elif found.pop(column.name) != _as_made(column):
                yield of_schema(Code.SCHEMA_ALTERED, f"column ({table})", column.name)
        for name in sorted(found):
            yield of_schema(Code.SCHEMA_ADDED, f"column ({table})", name)


def _as_made(column: Column[object]) -> tuple[str, bool, str]:
    """Return how PostgreSQL names the type of a column, whether it may be empty, its default."""
    words = column.type.compile(_DIALECT)
    name, bracket, rest = words.partition("(")
    counted = column.primary_key and column.autoincrement in (True, "auto")
    default = ""
    if counted and name == "INTEGER" and len(column.table.primary_key.columns) == 1:
        default = f"nextval('{column.table.name}_{column.name}_seq'::regclass)"
    return _TYPES.get(name, name.lower()) + bracket + rest, not column.nullable, default


def _indexes(source: Source) -> Iterator[Finding]:
    there = {
        (name, table): (words.partition(" USING ")[2], valid)
        for name, table, words, valid in source.rows(_INDEXES)
        if table != _ALEMBIC
    }
    for table in SQLModel.metadata.tables.values():
        for index in table.indexes:
            said = there.pop((str(index.name), table.name), None)
            over = ", ".join(each.name for each in index.columns)
            if said is None:
                yield of_schema(Code.SCHEMA_MISSING, "index", str(index.name))
            elif said != (f"btree ({over})", True):
                yield of_schema(Code.SCHEMA_ALTERED, "index", str(index.name))
    for name, _ in sorted(there):
        yield of_schema(Code.SCHEMA_ADDED, "index", name)


assert tables  # registers the metadata
