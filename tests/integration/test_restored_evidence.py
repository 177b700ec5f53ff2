"""A bundle that is made after a declared loss says so, and knows the notes of the old line."""

import json
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.bundle import Exported, Verdict, export, verify_bundle
from audit.checkpoint import make, rotate
from audit.codes import Code
from audit.held import Held
from audit.keyring import Keyring
from audit.notes import Checkpoint, Signer, sign
from audit.offline import verify as offline
from audit.restoring import declare
from audit.seal import seal_of
from audit.verify import Wanted, verify
from config.clock import FixedClock
from models.domain.calendar import at
from models.domain.chain import canonical
from tests.builders import CITY, city
from tests.evidence import contents_of, parts, tiny
from tests.evidence_oracle import accepts
from tests.ledgers import Office

NOW = at(date(2024, 4, 2), 9)
BY, AUTHORITY = "vp", "77-QĐ/TU"
CLOCK = FixedClock(NOW)


class Site:
    """A ledger with a document or two, and an auditor who keeps every note that she gets."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "cascade.db"
        self.keyring, self.notes = Keyring(folder / "keys"), folder / "checkpoints"
        self.kept: list[bytes] = []

    def office(self) -> Any:
        return closing(Office(f"sqlite:///{self.file}", NOW).store)

    def sign(self) -> bytes:
        with self.office() as store:
            made = make(store, self.keyring, self.notes, CLOCK)
        assert made is not None
        self.kept.append(made.note.encode())
        return self.kept[-1]

    def grow(self, facts: int, what: str) -> None:
        with self.office() as store, store.transaction(CLOCK) as transaction:
            for number in range(facts):
                transaction.administer("Erased", f"{what}{number}", {"ref": what})

    def rotate(self) -> None:
        with self.office() as store:
            rotate(store, self.keyring, self.notes, CLOCK, CLOCK, BY)

    def back_up(self) -> None:
        shutil.copy(self.file, self.folder / "backup.db")

    def lose(self) -> None:
        shutil.copy(self.folder / "backup.db", self.file)
        with self.office() as store:
            declare(store, self.keyring, self.notes, CLOCK, CLOCK, BY, AUTHORITY)

    def vkeys(self) -> list[str]:
        return [each.vkey for each in self.keyring.verifiers()]

    def export(self, *, readable: bool = False) -> Path:
        path = self.folder / "e.zip"
        with self.office() as store:
            seal = seal_of(store, self.keyring, self.notes, CLOCK)
            done = export(store, CITY, path, seal, parts(store, readable=readable))
        assert isinstance(done, Exported), done
        return path

    def judged(self, vkeys: list[str], *notes: bytes) -> Verdict:
        return verify_bundle(self.export(), vkeys, notes)


@pytest.fixture(params=["whole", "part"])
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Site:
    """Without and with facts of another document, which a bundle does not show."""
    made = Site(tmp_path)
    place = Office(f"sqlite:///{made.file}", NOW)
    place.issue(tiny())
    if request.param == "part":
        place.issue(city(key="9-CV", number="9-CV"), addresses=())
    place.store.close()
    made.sign()
    made.back_up()
    return made


def said(verdict: Verdict) -> str:
    return "\n".join(verdict.unproven)


def test_every_bundle_says_that_a_loss_was_declared_and_by_whom(site: Site) -> None:
    key = site.vkeys()
    site.grow(5, "a")
    site.sign()
    site.lose()
    verdict = site.judged(key, site.kept[0])
    assert not verdict.findings
    assert f"{BY} ({AUTHORITY})" in said(verdict)
    assert verdict.declared
    assert any("agrees with your checkpoint" in line for line in verdict.proven)


@pytest.mark.parametrize("since", [0, 9], ids=["shorter", "longer"])
@pytest.mark.parametrize("keys", ["paper", "all", "new", "none"])
def test_a_note_of_the_abandoned_line_is_told_from_a_forgery(
    site: Site, since: int, keys: str
) -> None:
    old = site.vkeys()
    site.grow(5, "a")
    note = site.sign()
    site.lose()
    site.grow(since, "b")
    site.sign()
    given = {"paper": old, "all": site.vkeys(), "new": site.vkeys()[-1:], "none": []}[keys]
    verdict = site.judged(given, note)
    assert not verdict.findings
    assert "line that was abandoned" in said(verdict)
    assert "newer" not in said(verdict)
    assert not any("agrees with your" in line for line in verdict.proven)
    assert accepts(site.export().read_bytes())


def test_what_was_not_declared_is_a_fork_as_before(site: Site) -> None:
    """Larger than the last one lost, of the new line's key, or of that size with another root."""
    old, origin = site.vkeys(), site.keyring.verifiers()[0].name
    first = Signer.of(origin, bytes.fromhex((site.folder / "keys" / "ledger.key").read_text()))
    site.grow(5, "a")
    size = Checkpoint.parse(site.sign().decode().partition("\n\n")[0] + "\n").size
    site.lose()
    site.grow(20, "b")
    site.sign()
    second = Signer.of(origin, bytes.fromhex((site.folder / "keys" / "ledger.key").read_text()))
    for signer, number in ((first, size + 1), (first, size), (second, size - 1)):
        note = sign(Checkpoint(origin, number, b"\x07" * 32).text(), [signer]).encode()
        findings = site.judged(old, note).findings
        assert [each.what for each in findings if "FORK" in each.what], (number, signer)


def test_a_second_loss_and_rotations_between(site: Site) -> None:
    old = site.vkeys()
    site.grow(5, "a")
    first = site.sign()
    site.lose()
    site.grow(2, "b")
    site.rotate()
    site.back_up()
    site.grow(7, "c")
    second = site.sign()
    site.lose()
    site.grow(30, "d")
    site.rotate()
    kept = site.sign()
    verdict = site.judged(old, site.kept[0], first, second, kept)
    assert not verdict.findings
    assert said(verdict).count("line that was abandoned") == 2
    assert sum("agrees with your" in line for line in verdict.proven) == 2


def test_the_same_backup_is_put_back_twice(site: Site) -> None:
    """What was declared the first time is lost, too; the notes of that line are not forgotten."""
    site.grow(5, "a")
    first = site.sign()
    site.lose()
    site.grow(2, "b")
    second = site.sign()
    site.lose()
    site.grow(30, "d")
    site.sign()
    verdict = site.judged(site.vkeys(), site.kept[0], first, second)
    assert not verdict.findings
    assert said(verdict).count("line that was abandoned") == 2
    held = [Held("first", first), Held("second", second)]
    report = verify(f"sqlite:///{site.file}", Wanted(site.vkeys(), held, rules=False))
    assert report.findings.counts[Code.ABANDONED] == 2
    assert Code.NOTE_AHEAD not in report.findings.counts


def test_who_has_the_first_key_on_paper_follows_by_what_was_lost(site: Site) -> None:
    """Keys had handed over among the lost facts, and by the first declaration, lost as well."""
    paper = site.vkeys()
    site.grow(5, "a")
    site.rotate()
    first = site.sign()
    site.lose()
    second = site.sign()
    site.lose()
    site.grow(30, "b")
    verdict = site.judged(paper, site.kept[0], first, second)
    assert not verdict.findings
    assert said(verdict).count("line that was abandoned") == 2
    held = [Held("first", first), Held("second", second)]
    report = verify(f"sqlite:///{site.file}", Wanted(paper, held, rules=False))
    assert report.findings.counts[Code.ABANDONED] == 2
    assert not {Code.KEY_ROW, Code.NOTE_SIGNATURE, Code.NOTE_AHEAD} & report.findings.counts.keys()


def test_it_is_said_by_the_file_alone(site: Site) -> None:
    site.grow(5, "a")
    note = site.sign()
    site.lose()
    folder = site.folder / "elsewhere"
    folder.mkdir()
    for name, content in contents_of(site.export(readable=True)).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    (site.folder / "kept.note").write_bytes(note)
    words = [sys.executable, "-I", str(folder / "verify.py")]
    told = subprocess.run(
        [*words, "--trusted", str(site.folder / "kept.note")], capture_output=True, check=False
    )
    assert told.returncode == 0, told.stdout.decode()
    assert told.stdout.decode().splitlines()[-1].endswith("WHOLE, BUT FOR A DECLARED LOSS")


def test_a_declaration_that_no_key_signed_is_found(site: Site) -> None:
    """Whoever can append can write an entry; the next checkpoint covers it."""
    site.grow(5, "a")
    site.sign()
    site.lose()
    contents = contents_of(site.export())
    lines = contents["facts.jsonl"].splitlines()
    at = next(n for n, line in enumerate(lines) if b'"type":"Restored"' in line)
    fact = json.loads(lines[at])
    fact["data"]["note"] = fact["data"]["note"].replace("\nrestored\n", "\nrestored\n1", 1)
    lines[at] = canonical(fact)
    contents["facts.jsonl"] = b"".join(line + b"\n" for line in lines)
    findings = [*offline.Bundle(contents, site.vkeys()).check()]
    assert [each for each in findings if "Restored" in each.where]
