"""Checkpoints as auditors keep them: saved from mail, by any program, under any name."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from audit import held
from audit.notes import Checkpoint, Signer, sign
from audit.offline import verify

SIGNER = Signer.of("cascade/feed", b"\x05" * 32)
NOTE = sign(Checkpoint(SIGNER.name, 12, b"\x07" * 32).text(), [SIGNER])
RAW = NOTE.encode()
MARK = b"\xef\xbb\xbf"


def mail(transfer: str, ends: str = "\n") -> bytes:
    """Return a mail with the note attached, as the daily one has it."""
    message = EmailMessage()
    message["Subject"] = "Điểm kiểm tra"
    message.set_content("Lời của thư.\n")
    message.add_attachment(NOTE, filename="checkpoint.txt", cte=transfer)
    return message.as_bytes(policy=message.policy.clone(linesep=ends))


KEPT = {
    "as it is": RAW,
    "ends of lines of Windows": RAW.replace(b"\n", b"\r\n"),
    "of an old Macintosh": RAW.replace(b"\n", b"\r"),
    "with a mark of UTF-8": MARK + RAW,
    "with both": MARK + RAW.replace(b"\n", b"\r\n"),
    "without its last line break": RAW.rstrip(b"\n"),
    "with one more": RAW + b"\n",
    "mail, base64": mail("base64"),
    "mail, quoted-printable": mail("quoted-printable"),
    "mail, 8 bits": mail("8bit"),
    "mail, base64, CR LF": mail("base64", "\r\n"),
    "mail, quoted-printable, CR LF": mail("quoted-printable", "\r\n"),
    "mail, 8 bits, CR LF": mail("8bit", "\r\n"),
}


@pytest.mark.parametrize("content", KEPT.values(), ids=KEPT)
def test_a_note_is_found_however_it_was_kept(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(content)
    assert [each.note for each in held.read(path)] == [RAW]
    assert verify.notes_in(path) == [RAW]


def test_in_a_folder_a_note_counts_under_any_name(tmp_path: Path) -> None:
    """The mail calls it checkpoint.txt: what is saved many times is numbered by the browser."""
    names = ["checkpoint.txt", "checkpoint (1).TXT", "2023/11/checkpoint", "thư.EML", "000012.note"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(mail("base64") if path.suffix == ".EML" else RAW)
    (tmp_path / "khác.docx").write_bytes(b"PK\x03\x04")
    found = [*held.read(tmp_path)]
    assert sorted(each.name for each in found) == sorted(names)
    assert {each.note for each in found} == {RAW}
    assert verify.notes_in(tmp_path) == [RAW]


def test_what_should_hold_a_note_and_does_not_is_named(tmp_path: Path) -> None:
    for name in ("cut.note", "letter.eml", "holiday.txt"):
        (tmp_path / name).write_bytes(RAW[:60])
    assert [each.name for each in held.read(tmp_path)] == ["cut.note", "letter.eml"]
    (only,) = held.read(tmp_path / "holiday.txt")
    assert only.note == RAW[:60]
    for path in (tmp_path, tmp_path / "holiday.txt"):
        with pytest.raises(ValueError, match="no checkpoint in"):
            verify.notes_in(path)


def test_a_note_that_others_signed_as_well_opens() -> None:
    """A witness signs with something longer than 64 bytes; unknown signatures are passed over."""
    line = "— witness.example " + "A" * 100 + "\n"
    vkey = SIGNER.verifier.vkey
    assert verify.open_checkpoint((NOTE + line).encode(), [vkey])[0] == 12
    with pytest.raises(ValueError, match="damaged line"):
        verify.open_checkpoint((NOTE + "— witness.example AAAA\n").encode(), [vkey])
