"""`cascade export` as an operator types it, on the real package."""

import json
from pathlib import Path

from audit.bundle import verify_bundle
from audit.keyring import Keyring
from config.settings import load
from tests.desk import CITY, Desk
from tests.evidence import contents_of
from tests.evidence_oracle import accepts


def vkey() -> str:
    return Keyring(load().keys_folder).verifiers()[-1].vkey


def test_the_real_package_leaves_as_one_file(desk: Desk) -> None:
    desk.issue_all()
    path = desk.folder / "bang-chung.zip"
    said, complaints = desk.type("export", CITY, "--out", str(path))
    assert not complaints
    verdict = verify_bundle(path, [vkey()])
    assert not verdict.findings
    assert accepts(path.read_bytes())
    assert f"SHA-256 {verdict.sha256}" in said
    assert vkey() in said
    contents = contents_of(path)
    manifest = json.loads(contents["manifest.json"])
    assert CITY in [name for name, _ in manifest["streams"]]
    assert len(manifest["streams"]) > 1, "what lies above goes along"
    assert "Ủy ban Kiểm tra Thành ủy" in contents["so-theo-doi.csv"].decode()
    html = contents["dien-bien.html"].decode()
    assert "57-KL/TW → 240-KH/TU → 256-KH/TU" in html
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html
    first = path.read_bytes()
    desk.type("export", CITY, "--out", str(path))
    assert path.read_bytes() == first, "nothing has happened since"
    again, _ = desk.type("export", CITY, "--out", str(path), "--redact", "--lang", "en")
    assert "facts of 57-KL/TW, 240-KH/TU, 256-KH/TU" in again
    assert not verify_bundle(path, [vkey()]).findings


def test_cascade_verify_reads_a_bundle(desk: Desk) -> None:
    desk.issue_all()
    path = desk.folder / "e.zip"
    desk.type("export", CITY, "--out", str(path))
    keys = str(load().keys_folder / "ledger.vkey")
    note = str(next(load().checkpoints_folder.glob("*.note")))
    desk.type("verify", str(path), "--vkey", keys, "--trusted", note)
    data = bytearray(path.read_bytes())
    data[data.index(b"256/III.1", data.index(b"facts.jsonl"))] ^= 1
    path.write_bytes(data)
    said, _ = desk.type("verify", str(path), status=1)
    assert "facts.jsonl" in said


def test_what_cannot_be_exported_is_said(desk: Desk) -> None:
    desk.issue_all()
    _, complaints = desk.type("export", "1-KH/X", "--out", "e.zip", status=1)
    assert "Không có văn bản" in complaints
    assert "256-KH/TU" in complaints
    _, complaints = desk.type("export", CITY, "--out", "none/e.zip", status=2)
    assert "--out" in complaints
    for name in ("/proc/e.zip", "e" * 250 + ".zip"):
        _, complaints = desk.type("export", CITY, "--out", name, status=2)
        assert f"--out: không ghi được {name}" in complaints
    desk.type("checkpoint")
    (load().keys_folder / "ledger.key").unlink()
    _, complaints = desk.type("export", CITY, "--out", "e.zip", "--lang", "en", status=1)
    assert "signing key" in complaints
    assert not Path("e.zip").exists()
