"""Old ledgers under today's rules: every difference is declared, or the build fails."""

from collections import Counter
from functools import cache
from typing import Any

import pytest
import yaml

from audit.bodies import Body
from audit.reading import Row
from models import store
from models.domain import ladder
from models.domain.calendar import WorkCalendar
from models.domain.chain import GENESIS
from tests.histories import files
from tests.histories.rederive import Difference, differences

VERSIONS: list[dict[str, Any]] = yaml.safe_load((files.FOLDER / "versions.yaml").read_text())
DECLARED: dict[str, set[str]] = {}
for _version in VERSIONS:
    for _entry in _version["differs"]:
        DECLARED.setdefault(_entry["history"], set()).update(_entry["facts"])


@cache
def rows(name: str) -> list[Row]:
    return files.rows(name)


def said(found: list[Difference]) -> set[str]:
    return {f"{each.key}: {each.how}" for each in found}


@pytest.mark.parametrize("name", files.names())
def test_a_recorded_history_comes_out_as_it_was_or_as_declared(name: str) -> None:
    assert said(differences(rows(name))) == DECLARED.get(name, set())


def test_what_is_declared_is_about_histories_that_are_kept_and_says_why() -> None:
    assert {*DECLARED} <= {*files.names()}
    assert all(entry["why"] for version in VERSIONS for entry in version["differs"])
    assert [version["rules"] for version in VERSIONS] == sorted(
        {version["rules"] for version in VERSIONS}
    )


def test_the_rules_of_today_have_their_entry() -> None:
    assert VERSIONS[-1]["rules"] == store.RULES
    recorded = {Body.of(row).rules for name in files.names() for row in rows(name)}
    assert recorded <= {version["rules"] for version in VERSIONS}


def test_the_kept_histories_are_enough_and_of_all_kinds() -> None:
    generated = [name for name in files.names() if name.startswith("generated-")]
    assert len(generated) >= 30
    assert {"demo", "demo-troubled"} <= {*files.names()}
    kinds = Counter(row.type for name in files.names() for row in rows(name))
    assert len(kinds) >= 22, kinds
    backdated = [row for name in generated for row in rows(name) if row.at < row.recorded_at]
    assert len(backdated) > 100


@pytest.mark.parametrize("name", files.names())
def test_a_kept_history_is_a_whole_ledger(name: str) -> None:
    before = GENESIS
    for number, row in enumerate(rows(name), start=1):
        assert (row.seq, row.prev_hash) == (number, before)
        before = row.leaf_hash


# Rules that differ are found: each of these changes one rule and must be told.


def test_a_rung_that_comes_a_day_later_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    shift = WorkCalendar.shift

    def later(calendar: WorkCalendar, day: Any, working_days: int) -> Any:
        return shift(calendar, day, working_days + (working_days == 2))

    ladder.schedule.cache_clear()
    monkeypatch.setattr(WorkCalendar, "shift", later)
    try:
        found = said(differences(rows("demo")))
    finally:
        ladder.schedule.cache_clear()
    rungs = {
        f"256-KH/TU|Escalated:{row.dedup_key.split(':', 1)[1]}"
        for row in rows("demo")
        if row.type == "Escalated" and row.dedup_key.endswith(":1")
    }
    assert rungs
    assert all(any(each.startswith(rung) for each in found) for rung in rungs)


def test_a_report_that_is_no_longer_relayed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.histories.rederive.relayed", lambda *_: ())
    assert "240-KH/TU|Submitted:240/2@pr.btv:1: missing" in said(differences(rows("demo")))


@pytest.mark.parametrize("kind", ["Reminded", "BecameOverdue", "Escalated"])
def test_a_fact_that_the_ledger_left_out_is_told(kind: str) -> None:
    left = [row for row in rows("demo") if row.type == kind][-1]
    found = said(differences([row for row in rows("demo") if row is not left]))
    assert any(f"{left.dedup_key}: new" in each for each in found)
