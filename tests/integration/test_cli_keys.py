"""`cascade checkpoint`, `cascade keys`, `cascade erase`, as an operator types them."""

import json
import sqlite3
from pathlib import Path

import pytest

from audit.notes import open_checkpoint
from audit.reading import rows
from config.settings import load
from models.domain.requests import Acknowledge
from models.domain.terms import AssignmentId
from models.store import Transaction
from notifications.wiring import recorder_of
from tests.desk import CITY, Desk
from tests.factories import vn
from tests.sealed import addresses, names

UNIT = AssignmentId("256/III.1-c@pr.bao-an")
NAME = "Trần Thị Bích Hạnh"
BASIS = ("--basis", "Đơn ngày 20/10/2023")


@pytest.fixture
def issued(desk: Desk) -> Desk:
    desk.issue_all()
    desk.at(vn(2023, 10, 16, 9))
    return desk


def typed_name(desk: Desk) -> str:
    """Let a person acknowledge by that name; return its reference."""
    store = desk.store()
    try:
        ref: list[str] = []

        def ask(transaction: Transaction) -> Acknowledge:
            ref.append(transaction.person(NAME))
            return Acknowledge(UNIT, ref[0], "0" * 16)

        assert recorder_of(load(), store).record(CITY, ask).refusal is None
    finally:
        store.close()
    return ref[0]


def test_a_checkpoint_is_printed_and_kept(issued: Desk) -> None:
    note, words = issued.type("checkpoint")
    folder = issued.folder / "var"
    keys = (folder / "keys" / "ledger.vkey").read_text().split()
    checkpoint = open_checkpoint(note, keys)
    assert checkpoint.size == issued.facts()
    assert (folder / "checkpoints" / f"{checkpoint.size:012}.note").read_text() == note
    assert f"Đã ký {checkpoint.size} sự kiện" in words
    again, words = issued.type("checkpoint", "--lang", "en")
    assert again == note
    assert "Still the" in words
    assert issued.type("keys", "show")[0].split() == keys


def test_damaged_public_keys_are_said_to_be(issued: Desk) -> None:
    issued.type("checkpoint")
    public = issued.folder / "var" / "keys" / "ledger.vkey"
    public.write_text("none\n")
    for words in (("checkpoint",), ("keys", "rotate", "ledger", "--by", "vp")):
        assert "ledger.vkey bị hỏng" in " ".join(issued.type(*words, status=1)[1].split())


@pytest.mark.parametrize("damaged", [b"none\n", b"[1]\n", b"\xff\n"])
def test_what_keeps_the_hand_overs_is_said_to_be_damaged(issued: Desk, damaged: bytes) -> None:
    issued.type("checkpoint")
    kept = issued.folder / "var" / "keys" / "ledger.rotations"
    kept.write_bytes(damaged)
    words = " ".join(issued.type("keys", "rotate", "ledger", "--by", "vp", status=1)[1].split())
    assert "ledger.rotations bị hỏng" in words
    kept.unlink()
    issued.type("keys", "rotate", "ledger", "--by", "vp")
    assert len(issued.type("keys", "show")[0].split()) == 2


def test_folders_of_ones_own(issued: Desk, tmp_path: Path) -> None:
    note, _ = issued.type(
        "checkpoint",
        CASCADE_KEYS=str(issued.folder / "var" / "keys"),
        CASCADE_CHECKPOINTS=str(tmp_path / "worm"),
    )
    assert [path.read_text() for path in (tmp_path / "worm").iterdir()] == [note]
    assert not (issued.folder / "var" / "checkpoints").exists()


def test_nothing_is_signed_before_there_is_something(desk: Desk) -> None:
    printed, words = desk.type("checkpoint")
    assert printed == ""
    assert "chưa có sự kiện" in words
    assert "chưa có khóa" in desk.type("keys", "show")[1].lower()


def test_a_ledger_that_was_cut_is_not_signed(issued: Desk) -> None:
    issued.type("checkpoint")
    for each in (issued.folder / "var").glob("cascade.db*"):
        each.unlink()
    issued.issue_all()
    _, complaint = issued.type("checkpoint", status=1)
    assert "thuộc về cascade/" in complaint, "another ledger in the place of the old one"


def test_a_key_is_changed(issued: Desk) -> None:
    first, _ = issued.type("checkpoint")
    before, _ = issued.type("keys", "show")
    printed, _ = issued.type("keys", "rotate", "ledger", "--by", "Văn phòng")
    after, spans = issued.type("keys", "show")
    assert after.startswith(before)
    assert after.split()[-1] == printed.split()[0]
    size = open_checkpoint(first, before.split()).size
    assert f"ký các cỡ {size} … {size}" in spans
    note, _ = issued.type("checkpoint")
    assert open_checkpoint(note, [after.split()[-1]]).size == size + 1
    assert "vault" in issued.type("keys", "rotate", "vault", status=2)[1]
    assert issued.type("keys", "rotate", "ledger", "--by", " ", status=1)[1]


def test_a_name_is_found_and_erased(issued: Desk) -> None:
    ref = typed_name(issued)
    assert ref in issued.type("erase", "find", "bích hạnh")[0]
    size = issued.facts()
    printed, _ = issued.type("erase", "person", ref, *BASIS, "--by", "Văn phòng")
    assert f"{ref} vĩnh viễn" in printed
    assert issued.facts() == size + 1
    issued.type("erase", "find", "bích hạnh", status=1)
    assert "trước đó" in issued.type("erase", "person", ref, *BASIS, status=1)[1]
    assert (
        "is not kept" in issued.type("erase", "person", "p_1", *BASIS, "--lang", "en", status=1)[1]
    )
    store = issued.store()
    try:
        assert names(store) == {}
        (*_, last) = rows(store)
        assert json.loads(last.body)["data"]["basis"] == "Đơn ngày 20/10/2023"
    finally:
        store.close()
    # Everything else goes on.
    issued.type("status", "256-KH/TU", "--format", "json")
    issued.type("checkpoint")


def test_an_address_is_erased(issued: Desk) -> None:
    store = issued.store()
    try:
        (body, address), *_ = addresses(store)
    finally:
        store.close()
    issued.type("erase", "contact", body, address, *BASIS)
    assert address in issued.type("erase", "contact", body, address, *BASIS, status=1)[1]
    with sqlite3.connect(issued.folder / "var" / "cascade.db") as connection:
        states = connection.execute(
            "SELECT DISTINCT state, last_text FROM outbox JOIN contact ON ref = contact "
            "WHERE sealed IS NULL"
        ).fetchall()
    connection.close()
    assert set(states) <= {("parked", "erased")}


def test_a_basis_must_be_said(issued: Desk) -> None:
    ref = typed_name(issued)
    assert issued.type("erase", "person", ref, status=2)[1]
    assert "--basis" in issued.type("erase", "person", ref, "--basis", " ", status=1)[1]
    assert issued.type("erase", "find", "bích")[0]


def test_a_wrong_master_key_is_told_in_a_sentence(issued: Desk) -> None:
    key = issued.folder / "var" / "keys" / "vault.key"
    kept = key.read_text()
    key.write_text("00" * 32)
    assert "Hãy đặt lại bản sao" in issued.type("status", status=2)[1]
    key.write_text("?")
    assert "vault.key" in issued.type("status", "--lang", "en", status=2)[1]
    key.write_text(kept)
    issued.type("status")
