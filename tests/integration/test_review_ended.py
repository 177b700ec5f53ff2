"""A duty is lifted or moved while its report is under review: who reviews it is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.codes import Code, Weight
from audit.verify import Wanted, verify
from models.domain import answers_on_copy
from models.domain.effects import Kind, Purpose
from models.domain.facts import Report, Superseded, Waived
from models.domain.requests import Reassign, Submit, Waive
from models.domain.terms import BodyId
from tests.factories import KEY, OFFICE, REPORT, REVIEWER, Office, copy_of, document, office
from tests.integration.mail_site import deliver, rows
from tests.portal_site import site
from tests.verified import FORGIVEN

ONE = copy_of(REPORT, "u.1")
REPORTED = Report("0" * 64, (("so_buoi", 1), ("dang_vien_tham_gia", 1), ("tong_dang_vien", 1)))
ACTS: dict[str, Reassign | Waive] = {
    "moved": Reassign(ONE, BodyId("u.2"), OFFICE, "45-QĐ/TU", "0" * 64),
    "waived": Waive(ONE, OFFICE, "45-QĐ/TU"),
}
every = pytest.mark.parametrize("act", ACTS)


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, url=database_url) as found:
        found.issue(document(1, bodies=document(2).bodies))
        found.record(KEY, Submit(ONE, REPORTED, 0, "p", "l"))
        yield found


def altered(here: Office) -> set[Code]:
    url = here.store.engine.url.render_as_string(hide_password=False)
    found = verify(url, Wanted()).findings.of(Weight.ALTERED)
    return {each.code for each in found} - {*FORGIVEN}


@every
def test_the_reviewer_gets_a_mail_and_the_old_link_ends(here: Office, act: str) -> None:
    deliver_first = here.token(ONE, Purpose.REVIEW)
    deliver(here)
    assert here.record(KEY, ACTS[act]).refusal is None
    (mail,) = rows(here.store, "review-ended")
    assert mail["recipient"] == REVIEWER
    with site(here) as portal:
        wrong = portal.client.get("/c/" + "A" * 43)
        old = portal.client.get(f"/c/{deliver_first}")
        if act == "moved":
            assert (old.status_code, old.content) == (404, wrong.content)
        else:
            assert "accept" not in portal.get(deliver_first).forms
        shown = portal.get(str(mail["token"]))
        assert shown.status == 200
        assert not {"accept", "return"} & shown.forms.keys()
    _, server = deliver(here)
    raw = next(each for each in server.mails if b"X-Cascade-Kind: review-ended" in each)
    assert f"<{REVIEWER}@units.example>".encode() in raw
    assert altered(here) == set()


@every
def test_a_ledger_of_before_owes_no_such_mail(
    here: Office, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(answers_on_copy, "_reviewed", lambda progress: 0)
        here.record(KEY, ACTS[act])
    facts: list[Waived | Superseded] = [*here.facts(Waived), *here.facts(Superseded)]
    assert [fact.review for fact in facts] == [0]
    assert not rows(here.store, Kind.REVIEW_ENDED)
    assert altered(here) == set()


def test_what_was_under_review_is_not_invented(here: Office) -> None:
    """Nobody may write that a review ended which there was not."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(answers_on_copy, "_reviewed", lambda progress: 7)
        here.record(KEY, ACTS["waived"])
    assert altered(here) == {Code.INPUT}
