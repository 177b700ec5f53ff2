"""Checkpoints that are kept outside the database: files of notes, and mails with one attached."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit.notes import BadNote, Checkpoint, unverified_text
from audit.source import Unreadable


@dataclass(frozen=True, slots=True)
class Held:
    """Something that should be a signed note, and where it was found."""

    name: str
    note: bytes


def read(path: Path) -> Iterator[Held]:
    """Yield the notes that *path* holds: a note, a saved mail, or a folder of such files.

    In a folder a note counts under whatever name it was saved (the mail calls it
    ``checkpoint.txt``). A file in which there is no note yields what it has, to be named as
    damaged; in a folder only one that is called a note or a mail.

    Raises:
        OSError: it cannot be read.
    """
    if not path.is_dir():
        content = path.read_bytes()
        yield from (Held(path.name, each) for each in [*_notes(content)] or [content])
        return
    for each in sorted(path.rglob("*")):
        try:
            content = each.read_bytes()
        except (IsADirectoryError, FileNotFoundError):  # a draft that got its name meanwhile
            continue
        name = each.relative_to(path).as_posix()
        named = [content] if each.suffix.lower() in (".note", ".eml") else []
        yield from (Held(name, note) for note in [*_notes(content)] or named)


def given(path: Path) -> list[Held]:
    """Return the notes that somebody brings to verify with.

    Raises:
        OSError: *path* cannot be read.
        Unreadable: it, or a file in it, holds none; nobody shall believe that it was looked at.
    """
    found = [*read(path)]
    if not found:
        raise Unreadable(
            f"Trong {path} không có điểm kiểm tra nào (.note, .eml).",
            f"There is no checkpoint in {path} (.note, .eml).",
        )
    for each in found:
        if not is_note(each.note):
            where = path / each.name if path.is_dir() else path
            raise Unreadable(
                f"{where} không phải là điểm kiểm tra có chữ ký, "
                "cũng không phải thư kèm điểm kiểm tra.",
                f"{where} is no signed checkpoint, and no mail with one attached.",
            )
    return found


def is_note(content: bytes) -> bool:
    """Tell whether *content* has the form of a checkpoint, whoever signed it."""
    try:
        Checkpoint.parse(unverified_text(content))
    except BadNote:
        return False
    return True


def _notes(content: bytes) -> Iterator[bytes]:
    """Yield the notes that *content* is, or that are among the parts of a mail."""
    if note := _mended(content):
        yield note
        return
    for part in email.message_from_bytes(content, policy=email.policy.default).walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and (note := _mended(payload)):
            yield note


def _mended(content: bytes) -> bytes | None:
    """Return the note that *content* was before mail and editors touched the ends of its lines.

    A signature fits the true text only, so nothing else can come of it.
    """
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines()
    note = b"\n".join(lines).strip() + b"\n"
    return note if is_note(note) else None
