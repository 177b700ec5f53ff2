"""Every column has its word in ``docs/verify.md`` on what holds it to the ledger."""

import re
from pathlib import Path

from sqlmodel import SQLModel

from audit.codes import Code, Weight
from models import tables

DOCS = Path(__file__).parents[2] / "docs" / "verify.md"
HEAD = "## What holds each column"
ROW = re.compile(r"\| (`[^|]+`) \| ([^|]+) \|")
assert tables


def said() -> dict[str, str]:
    """Return what the page says, by ``table.column``."""
    part = DOCS.read_text().partition(HEAD)[2].partition("\n## ")[0]
    found: dict[str, str] = {}
    for names, held in ROW.findall(part):
        table = ""
        for name in re.findall(r"`([^`]+)`", names):
            table, _, column = name.partition(".") if "." in name else (table, "", name)
            assert f"{table}.{column}" not in found, "said twice"
            found[f"{table}.{column}"] = held
    return found


def test_each_column_is_said_and_no_other() -> None:
    there = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
    }
    assert said().keys() == there


def test_each_is_held_by_a_check_or_honestly_by_nothing() -> None:
    codes = {code.value for code in Code if code.weight is Weight.ALTERED}
    for column, held in said().items():
        named = set(re.findall(r"`([a-z-]+)`", held))
        assert named <= codes, column
        assert named or "*nothing*" in held, column
