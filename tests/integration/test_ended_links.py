"""A link ends with a duty that moves to another body, and stays ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from audit.codes import Code, Weight
from audit.verify import Wanted, verify
from models.domain.directive import Summary
from models.domain.facts import Summarised
from models.domain.requests import AskExtension, Reassign
from models.domain.terms import AssignmentId, BodyId, DocumentKey
from models.tables import Link, table
from tests import factories
from tests.attacked import Ledger
from tests.builders import CITY, PLAN, TT, UNITS, VP, city, copy
from tests.factories import BOARD, DUE, ISSUED, KEY, OFFICE, REPORT, copy_of, document, policy
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


def purposes(
    here: factories.Office, key: DocumentKey, assignment: AssignmentId
) -> dict[str, set[bool]]:
    """Whether the links about a duty have ended, by what they are for."""
    link = table(Link)
    found: dict[str, set[bool]] = {}
    with here.store.reading() as connection:
        rows = connection.execute(
            select(link.c.purpose, link.c.revoked_at).where(
                link.c.stream == key, link.c.assignment == assignment
            )
        )
        for purpose, revoked_at in rows:
            found.setdefault(purpose, set()).add(revoked_at is not None)
    return found


def test_only_what_could_still_be_done_about_this_duty_ends(memory: Path) -> None:
    """The office's own word stays readable; a duty of the same name elsewhere is another one."""
    other = DocumentKey("257-KH/TU")
    one = copy_of(REPORT, "u.1")
    with factories.office(memory) as here:
        here.issue(document(2))
        here.issue(document(2, key=other, number="257-KH/TU"))
        here.record(KEY, AskExtension(one, DUE.add(days=5), "e" * 64, "", "l"))
        here.record(KEY, Reassign(one, BodyId("u.2"), OFFICE, "8-QĐ/TU", "e" * 64))
        assert purposes(here, KEY, one) == {"act": {True}, "decide": {False}, "view": {False}}
        assert purposes(here, other, one) == {"act": {False}}


def test_a_summary_has_no_link(memory: Path) -> None:
    with factories.office(memory) as here:
        here.issue(document(2, policy=policy(summary=Summary(0, (BOARD,)))))
        here.clock.instant = ISSUED.add(days=8)
        here.recorder.let_time_act(KEY)
        assert here.facts(Summarised)
        assert purposes(here, KEY, AssignmentId("")) == {}
