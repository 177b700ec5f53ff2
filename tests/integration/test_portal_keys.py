"""The keys of the seals: made once, replaced while everything runs, old ones for two hours more."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from config.clock import SystemClock
from models.domain.facts import Acknowledged
from portal import keyring
from portal.keyring import OVERLAP_SECONDS, KeysUnreadable, Ring, rotate
from portal.nonce import Nonces
from tests.factories import ISSUED, REPORT, Office, copy_of, document, office
from tests.portal_site import Site, read, site

UNIT = copy_of(REPORT, "u.1")
HOUR = 3600
AT = int(ISSUED.timestamp())


def test_the_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "portal.key"
    key = Ring(path).newest()
    assert len(key.secret) == 32
    assert Ring(path).newest() == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["portal.key"]
    rotate(path, AT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: Ring(tmp_path / "portal.key").newest(), range(16)))
    assert len(keys) == 1


def test_rotations_at_once_lose_no_key(tmp_path: Path) -> None:
    path = tmp_path / "portal.key"
    first = Ring(path).newest().kid
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: rotate(path, AT), range(8)))
    ring = Ring(path)
    assert all(ring.find(kid) for kid in [first, *made])


def test_a_file_of_an_older_installation_is_read(tmp_path: Path) -> None:
    path = tmp_path / "portal.key"
    path.write_text("ab" * 32 + "\n")
    ring = Ring(path)
    assert ring.newest().secret == bytes.fromhex("ab" * 32)
    old = ring.newest().kid
    new = rotate(path, AT)
    assert ring.newest().kid == new
    kept = ring.find(old)
    assert kept is not None
    assert kept.retired == AT


@pytest.mark.parametrize(
    "text", ["abcd", "", "zz" * 32, "a b c d", "k " + "ab" * 31 + " -", "\xff"]
)
def test_a_broken_one_is_not_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "portal.key").write_text(text, "latin-1")
    with pytest.raises(KeysUnreadable, match="does not hold keys of 32 bytes"):
        Ring(tmp_path / "portal.key")


@pytest.mark.parametrize("harm", ["garbage", "gone"])
def test_one_that_breaks_while_the_portal_runs_stops_nobody(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "portal.key"
    ring = Ring(path)
    key = ring.newest()
    if harm == "gone":
        path.unlink()
    else:
        path.write_text("garbage")
    assert ring.newest() == key


def test_old_seals_are_good_for_the_overlap_and_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "portal.key"
    nonces = Nonces(Ring(path))
    before = nonces.seal("ref", "act", 3, ISSUED)
    rotate(path, AT + HOUR)
    assert nonces.seal("ref", "act", 3, ISSUED).partition(".")[0] != before.partition(".")[0]
    assert nonces.open(before, "ref", "act", ISSUED.add(seconds=OVERLAP_SECONDS - 1)) == 3
    assert nonces.open(before, "ref", "act", ISSUED.add(seconds=OVERLAP_SECONDS)) is None


def test_a_stolen_old_key_seals_nothing_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "portal.key"
    ring = Ring(path)
    stolen = ring.newest()
    rotate(path, AT)
    thief = Nonces(ring)
    monkeypatch.setattr(ring, "newest", lambda: stolen)
    forged = thief.seal("ref", "act", 0, ISSUED.add(minutes=1))
    assert thief.open(forged, "ref", "act", ISSUED.add(minutes=1)) is None
    backdated = thief.seal("ref", "act", 0, ISSUED)
    assert thief.open(backdated, "ref", "act", ISSUED.add(minutes=1)) == 0  # like any open page
    assert thief.open(backdated, "ref", "act", ISSUED.add(hours=2)) is None


def test_keys_that_open_nothing_more_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "portal.key"
    ring = Ring(path)
    first = ring.newest().kid
    second = rotate(path, AT)
    rotate(path, AT + OVERLAP_SECONDS + 1)
    assert ring.find(first) is None
    assert ring.find(second) is not None
    assert len(path.read_text().splitlines()) == 2


def form(portal: Site, desk: Office) -> tuple[str, dict[str, str]]:
    return portal.fill(desk.token(UNIT), "acknowledge", name="Nguyễn Thị Ánh")


class TestPages:
    """25: what a rotation means for pages that are open, in one and in several processes."""

    def test_a_page_from_before_the_rotation_is_accepted(self, tmp_path: Path) -> None:
        with office(tmp_path) as desk:
            desk.issue(document(1))
            with site(desk) as first, site(desk) as second:
                opened = form(first, desk)
                new = rotate(tmp_path / "portal.key", AT)
                # The other process has the new key already, and knows the old one.
                assert form(second, desk)[1]["nonce"].startswith(new)
                assert second.post(*opened).status_code == 303
            assert len(desk.facts(Acknowledged)) == 1

    @pytest.mark.parametrize("harm", ["forgotten", "unknown"])
    def test_a_page_of_an_unknown_key_comes_back_with_what_was_typed(
        self, tmp_path: Path, harm: str
    ) -> None:
        with office(tmp_path) as desk:
            desk.issue(document(1))
            with site(desk) as portal:
                address, values = form(portal, desk)
                if harm == "unknown":
                    values["nonce"] = "00000000." + values["nonce"].partition(".")[2]
                else:
                    rotate(tmp_path / "portal.key", AT)
                    rotate(tmp_path / "portal.key", AT + OVERLAP_SECONDS + 1)
                page = read(portal.post(address, values))
                assert page.status == 422
                again = page.forms["acknowledge"]
                assert again.values["name"] == "Nguyễn Thị Ánh"
                assert not desk.facts(Acknowledged)
                assert portal.post(again.action, again.values).status_code == 303

    def test_the_command_replaces_the_key(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("CASCADE_VAR", str(tmp_path))
        ring = Ring(tmp_path / "portal.key")
        old = ring.newest()
        for lang, words in (("en", "new key"), ("vi", "Khóa mới")):
            result = CliRunner().invoke(app, ["keys", "rotate", "portal", "--lang", lang])
            assert result.exit_code == 0, result.output
            assert words in result.stdout
            kid = re.search(r": ([0-9a-f]{8})\.", result.stdout)
            assert kid is not None
            assert ring.newest().kid == kid[1]
            assert ring.newest().secret.hex() not in result.output
        kept = ring.find(old.kid)
        assert kept is not None
        assert kept.retired is not None
        assert abs(kept.retired - SystemClock().now().timestamp()) < 60

    def test_an_old_key_is_read_once_for_a_change(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ring = Ring(tmp_path / "portal.key")
        monkeypatch.setattr(keyring, "_read", None)
        assert ring.newest()
