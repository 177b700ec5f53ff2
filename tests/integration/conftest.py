"""Fixtures of the tests that need a database or a command line."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.domain.folding import fold
from models.domain.state import State
from models.domain.terms import DocumentKey
from tests.desk import BEFORE, Desk
from tests.laws import check_all
from tests.ledgers import Office, audit, office
from tests.verified import assert_whole


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one, for tests that do not ask what the disk keeps."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


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


@pytest.fixture
def place(database_url: str) -> Iterator[Office]:
    """Give a recorder on each database; whatever a test did there, all laws hold at its end."""
    with office(database_url) as made:
        yield made
        for stream in made.store.streams():
            key = DocumentKey(str(stream["id"]))
            facts = [stored.fact for stored in made.store.events(key)]
            state = made.store.state(key)
            assert fold(State(), facts) == state, "the state kept is not the state recorded"
            check_all(state.document, facts, made.clock.now())
        audit(made)
        assert_whole(made.store)
