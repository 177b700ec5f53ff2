"""`cascade verify` as an auditor types it: what it says, and how it ends."""

import json
import shutil
import sqlite3
import sys
import types
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.attacked import Ledger, lived
from tests.attacks import ATTACKS
from tests.desk import Desk
from tests.postgres import Postgres

WHOLE, ALTERED, UNREADABLE = 0, 1, 2
BY_NAME = {each.name: each for each in ATTACKS}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lived")
    lived(f"sqlite:///{folder / 'cascade.db'}", folder)
    return folder


@pytest.fixture
def var(desk: Desk, history: Path) -> Path:
    folder = desk.folder / "var"
    shutil.copytree(history, folder, dirs_exist_ok=True)
    return folder


def attacked(var: Path, name: str) -> None:
    ledger = Ledger(f"sqlite:///{var / 'cascade.db'}", var)
    BY_NAME[name].act(ledger)
    ledger.close()


def files(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in sorted(folder.rglob("*"))
    }


def test_a_whole_ledger(desk: Desk, var: Path) -> None:
    before = files(var)
    printed, complaints = desk.type("verify", status=WHOLE)
    assert printed.endswith("Nguyên vẹn.\n")
    assert "158 sự kiện, 2 văn bản; gốc " in printed
    assert "· [not-anchored] 4 sự kiện sau điểm kiểm tra 154 chưa có điểm" in printed
    assert complaints == ""
    assert "facts after the checkpoint" in desk.type("verify", "--lang", "en")[0]
    assert files(var) == before, "nothing is written, nothing migrated"


def test_an_altered_ledger_says_where_and_what(desk: Desk, var: Path) -> None:
    attacked(var, "edited")
    printed, _ = desk.type("verify", status=ALTERED)
    assert (
        "[leaf] sự kiện 68, văn bản 256-KH/TU:"
        " mã băm ghi trong sổ không phải là mã băm của nội dung" in printed
    )
    assert "[note-root] ledger_checkpoint:83, trong các sự kiện 38–83: " in printed
    assert printed.endswith("ĐÃ BỊ THAY ĐỔI.\n")
    assert (
        "[leaf] fact 68, document 256-KH/TU: the recorded hash"
        in (desk.type("verify", "--lang", "en", status=ALTERED)[0])
    )


def test_for_programs(desk: Desk, var: Path) -> None:
    said = json.loads(desk.type("verify", "--format", "json")[0])
    assert (said["whole"], said["size"], said["documents"], said["anchored"]) == (True, 158, 2, 154)
    assert said["findings"] == []
    assert [each["code"] for each in said["notes"]] == ["not-anchored"]
    attacked(var, "rung_removed")
    said = json.loads(desk.type("verify", "--format", "json", status=ALTERED)[0])
    found = next(each for each in said["findings"] if each["code"] == "rule-missing")
    assert (found["stream"], found["seq"], found["weight"]) == ("256-KH/TU", 58, "altered")
    assert "Escalated" in found["vi"]
    assert said["counts"]["rule-missing"] == 1


def test_what_an_auditor_holds_shows_a_rewritten_ledger(desk: Desk, var: Path) -> None:
    """The installation's own notes and keys went with it; hers did not."""
    mine = desk.folder / "mine"
    shutil.copytree(var / "checkpoints", mine / "notes")
    vkey = shutil.copy(var / "keys" / "ledger.vkey", mine / "vkey")
    mail = EmailMessage()
    mail["Subject"] = "Mốc kiểm tra"
    mail.set_content("Kính gửi …")
    note = (mine / "notes" / "000000000083.note").read_bytes()
    mail.add_attachment(note, maintype="text", subtype="plain", filename="checkpoint.note")
    (mine / "mail.eml").write_bytes(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")))
    attacked(var, "another_number")
    ledger = Ledger(f"sqlite:///{var / 'cascade.db'}", var)
    ledger.forget()
    ledger.close()
    shutil.rmtree(var / "keys")
    shutil.rmtree(var / "checkpoints")
    printed, _ = desk.type("verify", status=WHOLE)
    assert "[no-note]" in printed
    assert "[no-key]" in printed
    for trusted in (mine / "mail.eml", mine / "notes", mine / "notes" / "000000000083.note"):
        printed, _ = desk.type(
            "verify", "--trusted", str(trusted), "--vkey", str(vkey), status=ALTERED
        )
        assert "[note-root]" in printed, trusted
    url = f"sqlite:///{var / 'cascade.db'}"
    assert "[note-root]" in (
        desk.type(
            "verify", "--database", url, "--trusted", str(mine / "mail.eml"), "--vkey", str(vkey),
            status=ALTERED,
        )[0]
    )  # fmt: skip


def test_a_copy_that_nobody_may_write(desk: Desk, var: Path) -> None:
    copy = desk.folder / "copy"
    copy.mkdir()
    shutil.copy(var / "cascade.db", copy / "ledger.db")
    (copy / "ledger.db").chmod(0o444)
    copy.chmod(0o555)
    try:
        printed, _ = desk.type("verify", "--database", f"sqlite:///{copy / 'ledger.db'}")
        assert printed.endswith("Nguyên vẹn.\n")
        assert [each.name for each in copy.iterdir()] == ["ledger.db"]
    finally:
        copy.chmod(0o755)


def test_writers_go_on_meanwhile_and_others_locks_are_waited_for(
    desk: Desk, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.source.WAIT_MS", 50)
    other = sqlite3.connect(var / "cascade.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    desk.type("verify")  # a writer at work does not matter
    other.execute("COMMIT")
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    _, complaints = desk.type("verify", status=UNREADABLE)
    assert "database is locked" in complaints
    other.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--database", "sqlite:////nowhere/x.db"), "Không có tệp /nowhere/x.db."),
        (("--database", "mysql://x/y"), "postgresql+psycopg://…, không phải mysql"),
        (("--database", "sqlite:///{var}/junk.db"), "file is not a database"),
        (("--database", "sqlite:///{var}/empty.db"), "Không phải sổ cái: thiếu bảng ledger_event"),
        (("--database", "sqlite:///{var}/old.db"), "phiên bản 0001; phần mềm này đọc phiên bản"),
        (("--database", "sqlite://"), "Không có tệp ."),
        (("--database", "not a url"), "Không phải địa chỉ cơ sở dữ liệu"),
        (("--database", "postgresql+psycopg://nobody@127.0.0.1:9/x"), "Không đọc được cơ sở dữ"),
        (("--vkey", "{var}/no.vkey"), "no.vkey"),
        (("--vkey", "{var}/junk.db"), "Tệp khóa công khai không đúng"),
        (("--vkey", "{var}/empty.db"), "không có khóa công khai nào"),
        (("--vkey", "{var}/other.vkey"), "Khóa công khai là của cascade/other, sổ này là"),
        (("--trusted", "{var}/no.note"), "no.note"),
        (("--format", "xml"), "--format: text | json"),
    ],
)
def test_what_cannot_be_read(desk: Desk, var: Path, words: tuple[str, ...], said: str) -> None:
    from audit.notes import vkey_of

    (var / "junk.db").write_text("no database at all, and no key either " * 100)
    sqlite3.connect(var / "empty.db").close()
    (var / "empty.db").touch()
    shutil.copy(var / "cascade.db", var / "old.db")
    with sqlite3.connect(var / "old.db") as old:
        old.execute("UPDATE alembic_version SET version_num = '0001'")
    (var / "other.vkey").write_text(vkey_of("cascade/other", bytes(32)))
    typed = [word.format(var=var) for word in words]
    _, complaints = desk.type("verify", *typed, status=UNREADABLE)
    assert said in complaints, complaints


def test_postgresql(desk: Desk, postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.fresh()
    lived(url, tmp_path / "pg")
    vkey = tmp_path / "pg" / "keys" / "ledger.vkey"
    typed = ("verify", "--database", url, "--vkey", str(vkey))
    printed, _ = desk.type(*typed, "--trusted", str(tmp_path / "pg" / "checkpoints"))
    assert printed.endswith("Nguyên vẹn.\n")
    postgres.drop(url)
    assert "does not exist" in desk.type(*typed, status=UNREADABLE)[1]


def test_a_bundle_is_handed_to_its_own_verifier(
    desk: Desk, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Path, list[str], list[bytes]]] = []

    def verify_bundle(path: Path, vkeys: list[str], trusted: list[bytes]) -> object:
        asked.append((path, vkeys, trusted))
        if path.name == "gone.zip":
            raise FileNotFoundError(2, "No such file or directory", str(path))
        if path.name == "junk.zip":
            raise ValueError("not a zip")
        finding = types.SimpleNamespace(where="facts.jsonl:3", what="đã bị sửa / altered")
        findings = (finding,) if path.name == "altered.zip" else ()
        return types.SimpleNamespace(
            findings=findings, proven=("3",), unproven=(), sha256="ab", declared=False
        )

    module = types.ModuleType("audit.bundle")
    monkeypatch.setattr(module, "verify_bundle", verify_bundle, raising=False)
    monkeypatch.setitem(sys.modules, "audit.bundle", module)
    vkey, note = var / "keys" / "ledger.vkey", var / "checkpoints" / "000000000083.note"
    printed, _ = desk.type("verify", "whole.zip", "--vkey", str(vkey), "--trusted", str(note))
    assert printed.endswith("Nguyên vẹn.\n")
    assert asked == [(Path("whole.zip"), vkey.read_text().split(), [note.read_bytes()])]
    printed, _ = desk.type("verify", "altered.zip", status=ALTERED)
    assert "facts.jsonl:3: đã bị sửa / altered" in printed
    said = json.loads(desk.type("verify", "altered.zip", "--format", "json", status=ALTERED)[0])
    assert said["findings"] == [{"where": "facts.jsonl:3", "what": "đã bị sửa / altered"}]
    assert "gone.zip" in desk.type("verify", "gone.zip", status=UNREADABLE)[1]
    assert "not a zip" in desk.type("verify", "junk.zip", status=UNREADABLE)[1]


def test_what_is_brought_and_is_no_checkpoint_is_said_and_stops(desk: Desk, var: Path) -> None:
    """She must not believe that it was compared; and it proves no alteration."""
    mine = desk.folder / "mine"
    (mine / "empty").mkdir(parents=True)
    (mine / "notes").mkdir()
    shutil.copy(var / "checkpoints" / "000000000083.note", mine / "notes" / "good.note")
    (mine / "notes" / "bad.note").write_text("không phải mốc")
    (mine / "letter.txt").write_text("Kính gửi …")
    mail = EmailMessage()
    mail.set_content("Không có tệp kèm theo.")
    (mine / "mail.eml").write_bytes(mail.as_bytes())
    for name, said in (
        ("letter.txt", "letter.txt không phải là điểm kiểm tra có chữ ký"),
        ("mail.eml", "mail.eml không phải là điểm kiểm tra có chữ ký"),
        ("notes", "bad.note không phải là điểm kiểm tra có chữ ký"),
        ("empty", "không có điểm kiểm tra nào"),
    ):
        printed, complaints = desk.type("verify", "--trusted", str(mine / name), status=UNREADABLE)
        assert said in complaints, name
        assert printed == ""
    _, complaints = desk.type(
        "verify", "--trusted", str(mine / "letter.txt"), "--lang", "en", status=UNREADABLE
    )
    assert "letter.txt is no signed checkpoint, and no mail with one attached." in complaints
