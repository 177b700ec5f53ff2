"""Evidence that leaves the house: made on both databases, checked twice, read by people."""

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from audit.bundle import Exported, export, verify_bundle
from audit.checkpoint import rotate
from audit.keyring import Keyring
from audit.notes import Checkpoint, Signer, sign
from audit.offline import verify
from audit.paper import FONTS
from audit.reading import Row
from audit.replayed import replay_of
from audit.seal import seal_of
from models.domain.errors import Refusal
from models.domain.requests import Acknowledge
from models.domain.terms import DocumentKey
from models.erasure import Erased, erase_person
from tests.builders import CITY, LINK, PROVINCE, REPORTS, UNITS, city, copy
from tests.evidence import (
    DIGEST,
    NAMES,
    PDF,
    Keeper,
    act,
    contents_of,
    exported,
    hand_in,
    parts,
    tell,
    tiny,
)
from tests.evidence_oracle import accepts
from tests.ledgers import Office, office

OTHER = DocumentKey("9-KH/X")


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Office]:
    with office(sqlite_url) as made:
        yield made


def place_tiny(place: Office) -> None:
    place.issue(tiny())
    hand_in(place)


def told(place: Office, folder: Path) -> Keeper:
    """Tell the whole story with two checkpoints in it."""
    keeper = Keeper(place.store)
    tell(place, folder)
    keeper.checkpoint()
    act(place, Acknowledge(copy(REPORTS, UNITS[1]), "", LINK), 30, 8, month=10)
    keeper.checkpoint()
    return keeper


def test_a_bundle_is_whole_for_both_verifiers(place: Office, tmp_path: Path) -> None:
    keeper = told(place, tmp_path / "files")
    path = tmp_path / "e.zip"
    done = exported(place, path, keeper, folder=tmp_path / "files")
    data = path.read_bytes()
    assert done.documents == (PROVINCE, CITY)
    assert done.checkpoint == done.facts == place.store.size()
    assert (done.sha256, done.size) == (hashlib.sha256(data).hexdigest(), len(data))
    verdict = verify_bundle(path, [keeper.vkey], [note.encode() for note in keeper.notes])
    assert not verdict.findings
    assert verdict.sha256 == done.sha256
    assert accepts(data)
    contents = contents_of(path)
    assert contents[f"files/{DIGEST}.pdf"] == PDF
    assert {"LOI-NOI-DAU.txt", "README.txt", "verify.py", "so-theo-doi.pdf"} <= set(contents)
    assert contents["verify.py"] == Path(verify.__file__).read_bytes()
    assert b"57-kl-tw" in contents["facts.jsonl"], "the package as issued is in its first fact"


def test_the_same_ledger_and_checkpoint_give_the_same_bytes(place: Office, tmp_path: Path) -> None:
    keeper = told(place, tmp_path / "files")
    first = exported(place, tmp_path / "a.zip", keeper, folder=tmp_path / "files")
    place.clock.instant = place.clock.instant.add(days=3)
    again = exported(place, tmp_path / "b.zip", keeper, folder=tmp_path / "files")
    assert first.sha256 == again.sha256


def test_it_runs_by_itself_in_an_empty_folder(small: Office, tmp_path: Path) -> None:
    """As the receiver does: unpack, run; then with the key from paper and his own checkpoint."""
    keeper = told(small, tmp_path / "files")
    exported(small, tmp_path / "e.zip", keeper, folder=tmp_path / "files")
    where = tmp_path / "unpacked"
    shutil.unpack_archive(tmp_path / "e.zip", where)
    (tmp_path / "mine.note").write_text(keeper.notes[0])

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", str(where / "verify.py"), *arguments],
            capture_output=True,
            env={"PYTHONIOENCODING": "ascii"},  # a console that knows no Vietnamese
            check=False,
        )
        return done.returncode, (done.stdout + done.stderr).decode()

    status, said = run()
    assert (status, "NGUYÊN VẸN / WHOLE" in said) == (0, True), said
    assert "the key comes from the bundle itself" in said
    assert keeper.vkey in said
    assert "--trusted" in said
    given = ("--vkey", keeper.vkey, "--trusted", str(tmp_path / "mine.note"))
    status, said = run(str(tmp_path / "e.zip"), *given)
    assert status == 0, said
    assert "comes from the bundle" not in said
    assert "agrees with your checkpoint" in said
    (where / "texts").joinpath("note.txt").write_text("?")
    (where / "people.jsonl").unlink()
    status, said = run()
    assert status == 1
    assert "texts/note.txt: tệp thừa" in said
    assert "people.jsonl: thiếu tệp" in said
    assert run(str(tmp_path / "none.zip"))[0] == 2
    assert run(str(tmp_path / "mine.note"))[0] == 2
    assert run("--vkey", "nonsense")[0] == 2


def pythons() -> list[str]:
    """Return the other Pythons of this machine, from 3.8 on."""
    folder = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    found = [shutil.which(f"python3.{minor}") for minor in range(8, 15)]
    found += [str(path) for path in sorted(folder.glob("3.*/bin/python3"))]
    return [each for each in dict.fromkeys(found) if each]


def test_it_runs_under_every_python_that_is_here(small: Office, tmp_path: Path) -> None:
    place_tiny(small)
    exported(small, tmp_path / "e.zip", Keeper(small.store))
    verifier = tmp_path / "verify.py"
    verifier.write_bytes(Path(verify.__file__).read_bytes())
    for python in pythons():
        asked = subprocess.run(
            [python, "-c", "import sys; print(sys.version_info >= (3, 8))"],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.stdout.strip() == "True":
            command = [python, "-I", str(verifier), str(tmp_path / "e.zip")]
            done = subprocess.run(command, capture_output=True, check=False)
            assert done.returncode == 0, (python, done.stdout + done.stderr)


def test_without_a_checkpoint_over_its_facts_nothing_is_written(
    small: Office, tmp_path: Path
) -> None:
    place_tiny(small)
    keeper = Keeper(small.store)
    path = tmp_path / "e.zip"
    refused = export(small.store, CITY, path, keeper.seal(makes=False), parts(small.store))
    assert isinstance(refused, Refusal)
    assert refused.code == "no-checkpoint"
    assert "cascade checkpoint" in refused.vi
    keeper.checkpoint()
    assert isinstance(
        export(small.store, CITY, path, keeper.seal(makes=False), parts(small.store)), Exported
    )


def test_an_unknown_document_is_refused_with_the_known_ones(small: Office, tmp_path: Path) -> None:
    place_tiny(small)
    refused = export(
        small.store, OTHER, tmp_path / "e.zip", Keeper(small.store).seal(), parts(small.store)
    )
    assert isinstance(refused, Refusal)
    assert (refused.code, "256-KH/TU" in refused.en) == ("unknown-document", True)
    assert not list(tmp_path.glob("*.zip"))


def test_a_part_of_the_ledger_is_proven_without_showing_the_rest(
    place: Office, tmp_path: Path
) -> None:
    keeper = told(place, tmp_path / "files")
    other = city(key=OTHER, number=OTHER, package="other")
    place.clock.instant = max(place.clock.instant, other.issue_at)
    place.issue(other)
    keeper.checkpoint()
    path = tmp_path / "e.zip"
    done = exported(place, path, keeper, folder=tmp_path / "files")
    assert done.facts < done.checkpoint == place.store.size()
    contents = contents_of(path)
    assert OTHER.encode() not in b"".join(contents.values())
    assert json.loads(contents["proofs.json"])["inclusion"]
    assert not verify_bundle(path, [keeper.vkey], [note.encode() for note in keeper.notes]).findings
    assert accepts(path.read_bytes())
    assert any("not proven" in each for each in verify_bundle(path).unproven)
    # A checkpoint between those of the bundle cannot be put into its history.
    stranger = Checkpoint(keeper.signer.name, done.checkpoint - 1, bytes(32))
    finding, *_ = verify_bundle(path, [], [keeper.sign(stranger.text()).encode()])
    assert "FORK" in finding.what


def test_names_and_texts_can_stay_at_home(place: Office, tmp_path: Path) -> None:
    keeper = told(place, tmp_path / "files")
    path, folder = tmp_path / "e.zip", tmp_path / "files"
    exported(place, path, keeper, folder=folder)
    whole = contents_of(path)
    assert all(name.encode() in whole["people.jsonl"] for name in NAMES)
    assert b"@xa.example" in whole["people.jsonl"]
    replay = replay_of(place.store)
    done = exported(place, path, keeper, folder=folder, redact=True, replay=replay)
    everything = b"".join(contents_of(path).values())
    assert not any(name.encode() in everything for name in (*NAMES, "@xa.example", "@example.org"))
    assert contents_of(path)["facts.jsonl"] == whole["facts.jsonl"]
    assert done.withheld == len(whole["people.jsonl"].splitlines())
    assert accepts(path.read_bytes())
    verdict = verify_bundle(path, [keeper.vkey])
    assert not verdict.findings
    (left,) = [each for each in verdict.unproven if "withheld" in each]
    assert left.startswith(f"{done.withheld} ×")
    exported(place, path, keeper, folder=folder, redact=True, redact_texts=True)
    assert not any(name.startswith(("texts/", "files/")) for name in contents_of(path))
    assert not verify_bundle(path, [keeper.vkey]).findings
    assert accepts(path.read_bytes())


def test_what_is_gone_is_said_and_breaks_nothing(small: Office, tmp_path: Path) -> None:
    keeper = told(small, tmp_path / "files")
    before, after = tmp_path / "before.zip", tmp_path / "after.zip"
    exported(small, before, keeper, folder=tmp_path / "files")
    with small.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM blob"))
    path = tmp_path / "files" / DIGEST[:2] / DIGEST[2:4] / DIGEST
    path.write_bytes(b"something else")
    done = exported(small, after, keeper, folder=tmp_path / "files")
    assert done.gone == sum(
        name.startswith(("texts/", "files/")) for name in contents_of(before)
    ), "a file that was replaced is none"
    assert not verify_bundle(before, [keeper.vkey]).findings
    assert any("no longer kept" in each for each in verify_bundle(after).unproven)


def test_a_ledger_that_was_altered_gives_no_evidence(small: Office, tmp_path: Path) -> None:
    keeper = told(small, tmp_path / "files")
    path = tmp_path / "e.zip"
    path.write_bytes(b"an older bundle")
    with small.store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER ledger_event_no_update"))
        connection.execute(
            text(
                "UPDATE ledger_event SET body = CAST(replace(body, '12-CV/TU', '13-CV/TU') AS BLOB)"
                " WHERE type = 'BoundMoved'"
            )
        )
    refused = export(small.store, CITY, path, keeper.seal(), parts(small.store))
    assert isinstance(refused, Refusal)
    assert refused.code == "altered"
    assert path.read_bytes() == b"an older bundle"
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".part"] == []


def test_a_failed_writing_leaves_what_was_there(
    small: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_tiny(small)
    path = tmp_path / "e.zip"
    path.write_bytes(b"an older bundle")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        exported(small, path, Keeper(small.store))
    assert [each.name for each in tmp_path.glob("*.zip*")] == ["e.zip"]
    assert path.read_bytes() == b"an older bundle"
    assert not list(tmp_path.glob(".*.part"))


def test_a_key_from_paper_unmasks_a_bundle_that_somebody_else_signed(
    small: Office, tmp_path: Path
) -> None:
    """An attacker who rewrites everything with a key of his own is whole only to the credulous."""
    place_tiny(small)
    office_, thief = Keeper(small.store), Keeper(small.store, b"\x08" * 32)
    path = tmp_path / "e.zip"
    exported(small, path, thief)
    assert not verify_bundle(path).findings
    assert any(thief.vkey in each for each in verify_bundle(path).unproven)
    finding, *_ = verify_bundle(path, [office_.vkey])
    assert "expected key" in finding.what


def test_a_checkpoint_from_the_mail_unmasks_a_history_that_the_keys_holder_rewrote(
    tmp_path: Path,
) -> None:
    notes = []
    for number, hour in enumerate((8, 9)):
        with office(f"sqlite:///{tmp_path / str(number)}.db") as place:
            with place.store.engine.begin() as connection:
                connection.execute(text("DROP TRIGGER IF EXISTS ledger_head_grows"))
                connection.execute(text("UPDATE ledger_head SET log_id = 'feedfeedfeedfeed'"))
            place.clock.instant = place.clock.instant.add(minutes=hour)
            place_tiny(place)
            keeper = Keeper(place.store)
            path = tmp_path / f"{number}.zip"
            exported(place, path, keeper)
            notes.append(keeper.notes[0].encode())
            assert not verify_bundle(path, [keeper.vkey]).findings
    finding, *_ = verify_bundle(path, [keeper.vkey], notes[:1])
    assert "FORK" in finding.what


def test_a_person_may_be_erased_before_and_after(place: Office, tmp_path: Path) -> None:
    """Old bundles keep verifying, new ones say that somebody is gone."""
    keeper = told(place, tmp_path / "files")
    before, after = tmp_path / "before.zip", tmp_path / "after.zip"
    exported(place, before, keeper, folder=tmp_path / "files")
    (ref,) = [
        json.loads(line)["ref"]
        for line in contents_of(before)["people.jsonl"].splitlines()
        if NAMES[0] in line.decode()
    ]
    assert isinstance(erase_person(place.store, place.clock, ref, "13/2023/ND-CP", "vp"), Erased)
    keeper.checkpoint()
    done = exported(place, after, keeper, folder=tmp_path / "files")
    assert done.gone == 1
    assert not verify_bundle(before, [keeper.vkey]).findings
    assert not verify_bundle(after, [keeper.vkey], [keeper.notes[0].encode()]).findings
    assert accepts(after.read_bytes())
    everything = b"".join(contents_of(after).values()).decode(errors="replace")
    assert NAMES[0] not in everything
    assert '"type":"Erased"' in everything, "that it was done is part of the evidence"


def test_a_key_that_handed_over_is_followed(small: Office, tmp_path: Path) -> None:
    """The auditor has the first key on paper; meanwhile another one signs."""
    place_tiny(small)
    folder, keyring = tmp_path / "checkpoints", Keyring(tmp_path / "keys")
    seal = seal_of(small.store, keyring, folder, small.clock)
    path = tmp_path / "e.zip"
    assert isinstance(export(small.store, CITY, path, seal, parts(small.store)), Exported)
    (paper,) = (each.vkey for each in keyring.verifiers())
    rotate(small.store, keyring, folder, small.clock, small.clock, "vp")
    assert isinstance(export(small.store, CITY, path, seal, parts(small.store)), Exported)
    newest = keyring.verifiers()[-1].vkey
    assert newest != paper
    notes = [each.read_bytes() for each in sorted(folder.glob("*.note"))]
    assert len(notes) == 2
    for trusted in (paper, newest):
        assert not verify_bundle(path, [trusted], notes).findings
    assert accepts(path.read_bytes())
    # A note that only the new key has signed hands nothing over.
    stranger = Signer.of(keyring.verifiers()[0].name, b"\x0a" * 32)
    rows = ("key-rotation", paper, stranger.verifier.vkey)
    note = sign("".join(f"{row}\n" for row in (stranger.name, *rows)), [stranger])
    bundle = verify.Bundle({}, [paper])
    with pytest.raises(ValueError, match="expected key"):
        bundle.follow(note.encode())
    assert bundle.trusted == [paper]


def test_a_replay_goes_along(small: Office, tmp_path: Path) -> None:
    keeper = told(small, tmp_path / "files")

    def replay(facts: Sequence[Row], size: int) -> str:
        return f"<!doctype html>{len(facts)} of {size}"

    done = exported(small, tmp_path / "e.zip", keeper, replay=replay)
    html = contents_of(tmp_path / "e.zip")["dien-bien.html"].decode()
    assert html == f"<!doctype html>{done.facts} of {done.checkpoint}"


def test_the_register_is_a_table_that_a_clerk_can_read(small: Office, tmp_path: Path) -> None:
    keeper = told(small, tmp_path / "files")
    exported(small, tmp_path / "e.zip", keeper, folder=tmp_path / "files")
    raw = contents_of(tmp_path / "e.zip")["so-theo-doi.csv"]
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel knows UTF-8 by its mark"
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [row["STT"] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]
    by_unit = {(row["Mục"], row["Đơn vị"]): row for row in rows}
    done = by_unit["III.1", "Đơn vị ward-1"]
    assert done["Hạn hiện hành"] == "hết 20/10/2023"
    assert done["Xác nhận đã nhận"] == "20/09/2023 09:00"
    assert done["Người xác nhận"] == "Nguyễn Thị Ướt"
    assert (done["Nộp báo cáo"], done["Bản số"]) == ("23/09/2023 08:00", "2")
    assert done["Trả lại"] == "bản 1 lúc 22/09/2023 08:00"
    assert (done["Chấp nhận"], done["Người chấp nhận"]) == ("25/09/2023 08:00", "Lê Ỷ")
    assert done["Bằng chứng đã báo"].startswith("1/3 thư đã được máy chủ nhận; thư đầu lúc")
    late = by_unit["III.1", "Đơn vị ward-3"]
    assert late["Quá hạn từ"] == "21/10/2023 00:00"
    assert late["Đôn đốc"].startswith("bước 1: 23/10/2023 08:00; bước 2: 25/10")
    assert late["Người nộp"] == "'=HYPERLINK(1)", "no cell is a formula"
    telephoned = by_unit["III.1", "Đơn vị ward-2"]
    assert "báo trực tiếp lúc 20/09/2023 10:00 (vp)" in telephoned["Bằng chứng đã báo"]
    waived = by_unit["III.1", "Đơn vị ward-4"]
    assert waived["Trạng thái"] == "Được miễn"
    assert waived["Miễn, chuyển"] == "được miễn theo 15-CV/TU lúc 26/09/2023 08:00"
    moved = by_unit["III.1-b", "Đơn vị btg"]
    assert moved["Dời hạn"] == "từ hết 30/10/2023 sang hết 09/11/2023 theo 12-CV/TU"


def test_the_paper_register_holds_the_same_words(small: Office, tmp_path: Path) -> None:
    keeper = told(small, tmp_path / "files")
    exported(small, tmp_path / "e.zip", keeper, folder=tmp_path / "files")
    paper = contents_of(tmp_path / "e.zip")["so-theo-doi.pdf"]
    assert paper.startswith(b"%PDF-")
    assert paper.count(b"/FontFile2") == 2, "both fonts are embedded"
    assert b"DejaVuSansCondensed" in paper
    assert "Bitstream Vera" in (FONTS / "LICENSE.txt").read_text(), "the licence goes along"
