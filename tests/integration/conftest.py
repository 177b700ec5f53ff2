"""Fixtures of the tests that need a database or a command line."""

from pathlib import Path

import pytest

from tests.desk import BEFORE, Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASCADE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("CASCADE_CLOCK", f"file:{tmp_path / 'clock'}")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("CASCADE_LANG", raising=False)
    made = Desk(tmp_path)
    made.at(BEFORE)
    return made
