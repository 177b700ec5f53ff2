"""A link ends with a duty that moves to another body, and stays ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.codes import Code, Weight
from audit.verify import Wanted, verify
from models.domain.requests import Reassign
from tests.attacked import Ledger
from tests.builders import CITY, PLAN, TT, UNITS, VP, city, copy
from tests.ledgers import office


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Ledger]:
    """A duty that was given to another body."""
    url = f"sqlite:///{tmp_path / 'cascade.db'}"
    with office(url) as place:
        place.issue(city())
        outcome = place.recorder.record(
            CITY,
            lambda t: Reassign(copy(PLAN, UNITS[0]), VP, TT, "5-QĐ/TU", t.text("chia tách")),
        )
        assert outcome.refusal is None, outcome.refusal
    (tmp_path / "checkpoints").mkdir()
    ledger = Ledger(url, tmp_path)
    yield ledger
    ledger.close()


def altered(ledger: Ledger) -> list[tuple[Code, str | None, object]]:
    found = verify(ledger.url, Wanted()).findings.of(Weight.ALTERED)
    return [(each.code, each.row, each.data["column"]) for each in found]


def _ended(ledger: Ledger) -> str:
    (row,) = ledger.rows("SELECT token_sha256 FROM link WHERE revoked_at IS NOT NULL")
    return str(row["token_sha256"])


def test_what_was_ended_by_the_rules_is_whole(moved: Ledger) -> None:
    assert _ended(moved)
    assert not altered(moved)


@pytest.mark.parametrize("when", [None, "2099-01-01T00:00:00.000000Z"])
def test_a_link_that_is_made_to_work_again_is_found(moved: Ledger, when: str | None) -> None:
    """The body that gave its duty away would act on it."""
    token = _ended(moved)
    moved.run("UPDATE link SET revoked_at = :w WHERE token_sha256 = :t", w=when, t=token)
    assert altered(moved) == [(Code.LINK_ALTERED, f"link:{token}", "revoked_at")]
