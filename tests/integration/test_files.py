"""Files by their hash: durable before they are recorded, and swept away when nothing names them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from models.domain.facts import Attached
from models.files import KEPT_SECONDS, FileGone, Files, Held, labels, record, sweep
from models.tables import Attachment, AttachmentUse, table
from tests.builders import CITY, ISSUE_AT, REPORTS, UNITS, copy
from tests.ledgers import Office, office
from tests.papers import PDF

NOW = 2_000_000_000.0
LATER = NOW + KEPT_SECONDS + 60
UNIT = copy(REPORTS)


@pytest.fixture
def place(database_url: str) -> Iterator[Office]:
    """Give a database; no facts stand behind these uses, so nobody verifies it."""
    with office(database_url) as made:
        yield made


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


def kept(files: Files, content: bytes = PDF, when: float = NOW) -> Held:
    with files.receive() as incoming:
        incoming.write(content)
        sha256 = files.keep(incoming)
    path = files.path(sha256)
    assert path is not None
    os.utime(path, (when, when))
    return Held(Attached(sha256, "application/pdf", len(content)), "báo cáo.pdf")


def test_a_file_lies_where_its_hash_says_for_its_owner_only(files: Files, tmp_path: Path) -> None:
    held = kept(files)
    sha256 = held.file.sha256
    path = tmp_path / "files" / sha256[:2] / sha256[2:4] / sha256
    assert files.path(sha256) == path
    assert path.read_bytes() == PDF
    folders = (path.parent, path.parent.parent, tmp_path / "files", tmp_path / "files" / "coming")
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list((tmp_path / "files" / "coming").iterdir())


@pytest.mark.parametrize("name", ["", "x", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65])
def test_anything_else_is_no_file(files: Files, name: str) -> None:
    kept(files)
    assert files.path(name) is None


def test_what_was_not_kept_leaves_no_trace(files: Files, tmp_path: Path) -> None:
    with files.receive() as incoming:
        incoming.write(b"half")
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_the_same_bytes_are_one_file_and_two_uses(files: Files, place: Office) -> None:
    held, again = kept(files), kept(files)
    assert held.file == again.file
    with place.store.engine.begin() as connection:
        record(connection, files, [held], (CITY, UNIT, "report", 1), ISSUE_AT)
        other = Held(again.file, "tên khác.pdf")
        record(connection, files, [other, held], (CITY, UNIT, "supplement", 1), ISSUE_AT)
        assert labels(connection, CITY, UNIT) == {
            ("report", 1): ("báo cáo.pdf",),
            ("supplement", 1): ("tên khác.pdf", "báo cáo.pdf"),
        }
        assert labels(connection, CITY, copy(REPORTS, UNITS[1])) == {}
    assert (place.count("attachment"), place.count("attachment_use")) == (1, 3)


def test_a_file_that_is_not_there_is_not_recorded(files: Files, place: Office) -> None:
    held = kept(files)
    path = files.path(held.file.sha256)
    assert path is not None
    path.unlink()
    with pytest.raises(FileGone), place.store.engine.begin() as connection:
        record(connection, files, [held], (CITY, UNIT, "report", 1), ISSUE_AT)
    assert (place.count("attachment"), place.count("attachment_use")) == (0, 0)


def test_only_what_is_recorded_or_in_a_draft_or_young_survives_a_sweep(
    files: Files, place: Office
) -> None:
    recorded, drafted = kept(files, b"%PDF-1"), kept(files, b"%PDF-2")
    orphan, young = kept(files, b"%PDF-3"), kept(files, b"%PDF-4", LATER - 60)
    with place.store.engine.begin() as connection:
        record(connection, files, [recorded], (CITY, UNIT, "report", 1), ISSUE_AT)
        connection.exec_driver_sql(
            "INSERT INTO draft VALUES ('s', 'a', 'act', 'report', "
            + ("x''" if connection.dialect.name == "sqlite" else "''::bytea")
            + f", '{drafted.file.sha256}', '')"
        )
    assert sweep(place.store.engine, files, NOW + 60) == 0
    assert sweep(place.store.engine, files, LATER) == 1
    left = [files.path(each.file.sha256) for each in (recorded, drafted, orphan, young)]
    assert [path is not None for path in left] == [True, True, False, True]


def test_what_is_wanted_again_is_young_again(files: Files) -> None:
    """The same file comes a second time while the first, left over, is due to be swept away."""
    old = 1_000_000_000.0
    held = kept(files, when=old)
    with files.receive() as incoming:
        incoming.write(PDF)
        files.keep(incoming)
    assert not files.remove(held.file.sha256, old + KEPT_SECONDS)
    assert list(files.old(old + KEPT_SECONDS)) == []


def test_a_file_left_half_received_is_swept_away(files: Files, place: Office) -> None:
    incoming = files.receive()
    incoming.write(b"half")
    os.utime(incoming.path, (NOW, NOW))
    sweep(place.store.engine, files, LATER)
    assert not incoming.path.exists()
    incoming.close()


def test_what_a_file_is_stands_beside_the_ledger(files: Files, place: Office) -> None:
    held = kept(files)
    with place.store.engine.begin() as connection:
        record(connection, files, [held], (CITY, UNIT, "report", 1), ISSUE_AT)
        row = connection.execute(select(table(Attachment))).mappings().one()
        use = connection.execute(select(table(AttachmentUse))).mappings().one()
    assert (row["media"], row["size"]) == ("application/pdf", len(PDF))
    assert (use["number"], use["position"], use["sha256"]) == (1, 0, held.file.sha256)
