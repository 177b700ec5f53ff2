"""A changed address in bundles and replays: that it was changed, and to what for nobody else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.bundle import verify_bundle
from audit.replayed import replay_of
from models.domain.terms import BodyId
from models.readdress import Readdress, Readdressed
from tests.builders import ASKING, UNITS, city
from tests.evidence import Keeper, contents_of, exported
from tests.evidence_oracle import accepts
from tests.ledgers import Office, office

OLD, NEW, OTHER = f"{UNITS[0]}@xa.example", "moi@phuong.example", "khac@phuong.example"
WHO, WHY = "Phạm Quốc Bảo", "12-CV/VP"


@pytest.fixture
def place(sqlite_url: str) -> Iterator[Office]:
    with office(sqlite_url) as made:
        made.issue(city(policy=ASKING))
        made.clock.instant = made.clock.instant.add(hours=1)
        wish = Readdress(UNITS[0], WHO, WHY, NEW, OLD)
        assert isinstance(made.recorder.readdress(wish), Readdressed)
        yield made


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'cascade.db'}"


def people(path: Path) -> dict[str, dict[str, str]]:
    lines = contents_of(path)["people.jsonl"].splitlines()
    return {found["ref"]: found for found in map(json.loads, lines)}


def test_a_bundle_says_that_it_was_changed_by_whom_and_on_what(
    place: Office, tmp_path: Path
) -> None:
    keeper = Keeper(place.store)
    keeper.checkpoint()
    path = tmp_path / "e.zip"
    exported(place, path, keeper, replay=replay_of(place.store))
    facts = [json.loads(line) for line in contents_of(path)["facts.jsonl"].splitlines()]
    (entry,) = [fact["data"] for fact in facts if fact["type"] == "ContactChanged"]
    known = people(path)
    assert known[entry["by"]]["name"] == WHO
    assert known[entry["added"]]["address"] == NEW
    assert entry["authority"] == WHY
    page = contents_of(path)["dien-bien.html"].decode()
    assert "Đổi địa chỉ thư: phải gửi" in page
    for secret in (OLD, NEW, WHO):
        assert secret not in page
        assert secret.encode() not in contents_of(path)["facts.jsonl"]
    assert not verify_bundle(path, [keeper.vkey]).findings
    assert accepts(path.read_bytes())


def test_a_redacted_one_says_neither_address_nor_name(place: Office, tmp_path: Path) -> None:
    keeper = Keeper(place.store)
    keeper.checkpoint()
    path = tmp_path / "e.zip"
    exported(place, path, keeper, redact=True, replay=replay_of(place.store))
    everything = b"".join(contents_of(path).values())
    assert b"ContactChanged" in everything
    for secret in (OLD, NEW, WHO, "phuong.example"):
        assert secret.encode() not in everything
    assert not verify_bundle(path, [keeper.vkey]).findings


def test_addresses_of_others_stay_at_home(place: Office, tmp_path: Path) -> None:
    """The entries of the installation go into every bundle, whomever they are about."""
    strange = city(key="9-CV", number="9-CV")
    place.issue(strange, addresses=())
    wish = Readdress(BodyId(UNITS[2]), WHO, WHY, OTHER)
    with pytest.MonkeyPatch.context() as patched:
        # Nothing in this document is owed to it.
        patched.setattr("models.readdress._owed", lambda *given: {})
        assert isinstance(place.recorder.readdress(wish), Readdressed)
    keeper = Keeper(place.store)
    keeper.checkpoint()
    path = tmp_path / "e.zip"
    exported(place, path, keeper)
    assert NEW in {each.get("address") for each in people(path).values()}
    assert OTHER not in {each.get("address") for each in people(path).values()}
    assert not verify_bundle(path, [keeper.vkey]).findings
    assert accepts(path.read_bytes())
