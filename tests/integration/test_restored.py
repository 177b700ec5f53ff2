"""After a disaster: an old backup is put back, and the operator goes on honestly."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.checkpoint import make, rotate
from audit.codes import Code
from audit.held import Held, read
from audit.keyring import Keyring, WillNotSign
from audit.outside import of_installation
from audit.restoring import Begun, declare
from audit.verify import Report, Wanted, verify
from config.clock import FixedClock
from models.domain.calendar import at
from models.store import Store
from tests.attacked import BACKUP, Ledger, lived
from tests.builders import CITY
from tests.desk import Desk
from tests.ledgers import VAULT, Office
from tests.postgres import Postgres

NOW = at(date(2024, 4, 2), 9)
BY, AUTHORITY = "vp", "77-QĐ/TU"


class Site:
    """An installation whose newest facts were lost; and the auditor, who holds what she got."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder / 'cascade.db'}"
        self.held: list[Held] = [*read(folder / "checkpoints")]
        self.vkeys = (folder / "keys" / "ledger.vkey").read_text().split()
        shutil.copy(folder / BACKUP, folder / "cascade.db")
        self.office = Office(self.url, NOW)
        self.keyring = Keyring(folder / "keys")
        self.notes = folder / "checkpoints"

    def declare(self, lost_from: int | None = None, settle: Callable[[], int] = lambda: 0) -> Begun:
        clock, notes = FixedClock(NOW), self.notes
        store, keyring = self.office.store, self.keyring
        return declare(store, keyring, notes, clock, clock, BY, AUTHORITY, lost_from, settle)

    def verify(self, held: list[Held] | None = None) -> Report:
        """Verify as the auditor, with the keys of before and the notes that she holds."""
        given = self.held if held is None else held
        return verify(self.url, Wanted(vkeys=self.vkeys, trusted=given, rules=False))

    def goes_on(self) -> None:
        self.office.clock.instant = NOW.add(days=1)
        self.office.recorder.let_time_act(CITY)
        make(self.office.store, self.keyring, self.notes, FixedClock(NOW.add(days=1)))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lived")
    lived(f"sqlite:///{folder / 'cascade.db'}", folder)
    return folder


@pytest.fixture
def site(history: Path, tmp_path: Path) -> Any:
    shutil.copytree(history, tmp_path / "site")
    made = Site(tmp_path / "site")
    yield made
    made.office.store.close()


def test_undeclared_it_is_an_attack_and_nothing_is_signed(site: Site) -> None:
    assert site.verify().findings.counts[Code.NOTE_AHEAD] >= 1
    with pytest.raises(WillNotSign, match="154 were signed"):
        make(site.office.store, site.keyring, site.notes, FixedClock(NOW))


def test_declared_it_is_said_to_whoever_holds_a_note_of_the_old_line(site: Site) -> None:
    begun = site.declare()
    said = begun.declared
    assert (said.size, said.fits, said.left) == (154, 83, 83)
    report = site.verify()
    assert report.whole, [each.text("en") for each in report.findings.kept]
    restored = next(each for each in report.findings.kept if each.code is Code.RESTORED)
    assert restored.seq == 84
    assert f"{BY} ({AUTHORITY}) declared at 2024-04-02" in restored.text("en")
    abandoned = [each for each in report.findings.kept if each.code is Code.ABANDONED]
    # The key had been rotated between the two; what said so is lost, too, and is entered again.
    assert [(each.row, each.data["held"]) for each in abandoned] == [
        ("000000000153.note", 153),
        ("000000000154.note", 154),
    ]
    assert "đã bị bỏ" in abandoned[0].text("vi")
    # Who holds a note that is still met has nothing to ask.
    earlier = [each for each in site.held if each.name < "000000000100"]
    assert Code.ABANDONED not in site.verify(earlier).findings.counts
    assert site.office.rows("SELECT epoch FROM ledger_head") == [{"epoch": 2}]


def test_the_new_line_goes_on_and_the_installation_verifies_itself(site: Site) -> None:
    begun = site.declare()
    assert begun.made is not None
    assert begun.made.checkpoint.size == 86
    assert not site.keyring.rotating
    site.goes_on()
    wanted = of_installation(site.folder / "keys", site.notes, site.folder / "files")
    report = verify(site.url, wanted)
    assert report.whole, [each.text("en") for each in report.findings.kept]
    assert report.anchored > 86
    assert Code.ABANDONED in report.findings.counts
    assert (begun.folder / "000000000154.note").exists()
    assert "restored" in (begun.folder / "declaration.txt").read_text()


def test_no_mail_goes_twice_blindly(site: Site) -> None:
    waiting = site.office.rows("SELECT key FROM outbox WHERE state = 'pending'")
    assert waiting
    assert site.declare().parked == len(waiting)
    rows = site.office.rows("SELECT state, last_text FROM outbox WHERE contact IS NOT NULL")
    rows = [row for row in rows if row["state"] != "sent"]
    assert {(row["state"], row["last_text"]) for row in rows} == {("parked", "restored")}


def test_where_nothing_is_lost_nothing_is_declared(history: Path, tmp_path: Path) -> None:
    folder = tmp_path / "whole"
    shutil.copytree(history, folder)
    store = Store(f"sqlite:///{folder / 'cascade.db'}", VAULT)
    clock = FixedClock(NOW)
    with pytest.raises(WillNotSign, match="Nothing is lost"):
        declare(store, Keyring(folder / "keys"), folder / "checkpoints", clock, clock, BY, "x")
    (folder / "keys" / "ledger.key").unlink()
    shutil.copy(folder / BACKUP, folder / "cascade.db")
    with pytest.raises(WillNotSign, match="signing key"):
        declare(store, Keyring(folder / "keys"), folder / "checkpoints", clock, clock, BY, "x")
    store.close()


@pytest.mark.parametrize("cut", ["_put_aside", "make_held"])
def test_a_declaration_that_was_cut_is_finished(
    site: Site, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cut(Exception):
        pass

    def stop(*_: object) -> None:
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(f"audit.restoring.{cut}", stop)
        with pytest.raises(Cut):
            site.declare()
    if cut == "make_held":
        make(site.office.store, site.keyring, site.notes, FixedClock(NOW))
    else:
        site.declare()
    assert site.verify().whole
    assert site.office.rows("SELECT epoch FROM ledger_head") == [{"epoch": 2}]
    kinds = [row["type"] for row in site.office.rows("SELECT type FROM ledger_event")]
    assert kinds.count("Restored") == 1


def test_cut_before_time_has_acted_it_is_made_good(site: Site) -> None:
    """What fell due within the gap may have been told: no sender may find it in between."""

    class Cut(Exception):
        pass

    def cut() -> int:
        raise Cut

    with pytest.raises(Cut):
        site.declare(settle=cut)
    clock = FixedClock(NOW)
    with pytest.raises(WillNotSign, match="cascade restored"):
        make(site.office.store, site.keyring, site.notes, clock)
    with pytest.raises(WillNotSign, match="Run again: cascade restored"):
        rotate(site.office.store, site.keyring, site.notes, clock, clock, BY)
    assert site.declare(settle=lambda: 7).parked == 7
    assert site.verify().whole


def test_an_attacker_cannot_use_a_declaration_for_another_past(site: Site) -> None:
    """He re-chains everything below a declaration that is genuine."""
    site.declare()
    ledger = Ledger(site.url, site.folder)
    ledger.edit(
        ledger.seq("Acknowledged"), lambda body: body["data"].update(person="p_00000000000000ff")
    )
    ledger.close()
    counts = site.verify([]).findings.counts
    assert counts[Code.RESTORED_FORGED] == 1
    assert Code.NOTE_AHEAD in site.verify().findings.counts


def test_an_attacker_cannot_put_it_later_or_say_that_more_was_lost(site: Site) -> None:
    site.declare()
    good = site.office.rows("SELECT body FROM ledger_event WHERE seq = 84")[0]["body"]
    assert b'"type":"Restored"' in bytes(good)
    ledger = Ledger(site.url, site.folder)
    bodies = ledger.bodies()
    bodies[83]["data"]["note"] = bodies[83]["data"]["note"].replace("\n83\n", "\n0\n", 1)
    ledger.rechain(bodies)
    ledger.close()
    assert Code.RESTORED_FORGED in site.verify().findings.counts


def test_what_is_cut_from_the_new_line_is_found(site: Site) -> None:
    site.declare()
    site.goes_on()
    held = [*site.held, *read(site.notes)]
    ledger = Ledger(site.url, site.folder)
    ledger.rechain(ledger.bodies()[:86])
    ledger.run("DELETE FROM ledger_checkpoint WHERE size > 86")
    ledger.close()
    report = site.verify(held)
    assert Code.NOTE_AHEAD in report.findings.counts
    assert not report.whole


def test_an_alteration_is_not_declared_as_a_loss(site: Site) -> None:
    """Somebody changes what is left, so that the operator signs it away."""
    ledger = Ledger(site.url, site.folder)
    ledger.edit(50, lambda body: body["data"].update(person="p_00000000000000ff"))
    ledger.close()
    with pytest.raises(WillNotSign, match="1…83 are not those that were signed: altered, not lost"):
        site.declare()
    assert site.office.rows("SELECT epoch FROM ledger_head") == [{"epoch": 1}]


def test_what_was_recorded_since_is_told_from_what_is_lost(site: Site) -> None:
    """The worker ran on the backup for a while, past a checkpoint of the old line."""
    while site.office.store.size() < 160:
        with site.office.store.transaction(site.office.clock) as transaction:
            transaction.administer("Erased", f"x{transaction.size}", {"ref": "c_0"})
    with pytest.raises(WillNotSign, match="--lost-from"):
        site.declare()
    said = site.declare(lost_from=84).declared
    assert (said.size, said.fits, said.left) == (154, 83, 160)
    assert Code.NOTE_ROOT not in site.verify().findings.counts
    assert site.verify().findings.counts[Code.ABANDONED] == 2


def test_what_was_not_declared_is_still_an_attack(site: Site) -> None:
    """The newest note was forgotten; whoever holds it is not appeased."""
    (site.notes / "000000000154.note").unlink()
    (site.folder / "keys" / "ledger.last").unlink()
    assert site.declare().declared.size == 153
    report = site.verify()
    assert not report.whole
    ahead = [each.row for each in report.findings.kept if each.code is Code.NOTE_AHEAD]
    assert ahead == ["000000000154.note"]


def test_on_postgresql(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.fresh()
    lived(url, tmp_path)
    ledger = Ledger(url, tmp_path)
    ledger.rechain(ledger.bodies()[:83])
    ledger.run(
        "DELETE FROM ledger_checkpoint WHERE size > 83",
        "UPDATE ledger_key SET until_size = NULL WHERE from_size < 83",
        "DELETE FROM ledger_key WHERE from_size > 83",
    )
    office, clock = Office(url, NOW), FixedClock(NOW)
    keyring, notes = Keyring(tmp_path / "keys"), tmp_path / "checkpoints"
    assert declare(office.store, keyring, notes, clock, clock, BY, AUTHORITY).declared.left == 83
    office.store.close()
    vkeys = (tmp_path / "keys" / "ledger.vkey").read_text().split()
    counts = verify(url, Wanted(vkeys, ledger.held, rules=False)).findings.counts
    assert (counts[Code.RESTORED], counts[Code.ABANDONED]) == (1, 2)
    assert not {Code.NOTE_AHEAD, Code.NOTE_ROOT, Code.HEAD_EPOCH, Code.KEY_ROW} & counts.keys()
    ledger.close()
    postgres.drop(url)


def test_by_the_command_line(desk: Desk, history: Path) -> None:
    var = desk.folder / "var"
    shutil.copytree(history, var, dirs_exist_ok=True)
    shutil.copy(var / BACKUP, var / "cascade.db")
    (var / "keys" / "vault.key").write_text(bytes(range(32)).hex())
    assert "[note-ahead]" in desk.type("verify", status=1)[0]
    assert "154" in desk.type("checkpoint", status=1)[1]
    typed = ("restored", "--by", BY, "--authority", AUTHORITY)
    printed, told = desk.type(*typed)
    assert printed.startswith("cascade/")
    assert "Đã khai báo: mất các sự kiện 84…154 đã ký; còn 83." in told
    assert "cascade mail list" in told
    assert "Nothing is lost" in desk.type(*typed, "--lang", "en", status=1)[1]
    printed, _ = desk.type("verify")
    assert "[restored] " in printed
    assert f"điểm kiểm tra 154 sự kiện này thuộc nhánh đã bị bỏ: {BY} ({AUTHORITY})" in printed
    assert printed.endswith("Nguyên vẹn, trừ phần đã khai báo là mất.\n")
    rows = desk.type("mail", "list", "--state", "pending", "--format", "json")[0]
    assert json.loads(rows) in ([], {"mails": []}) or "[]" in rows
