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

    A file in which there is no note yields what it has, to be named as damaged.

    Raises:
        OSError: it cannot be read.
    """
    if path.is_dir():
        for each in sorted(path.iterdir()):
            if each.is_file() and each.suffix in (".note", ".eml"):
                yield from read(each)
        return
    content = path.read_bytes()
    if is_note(content):
        yield Held(path.name, content)
        return
    found = [*_attached(content)]
    yield from (Held(path.name, each) for each in found or [content])


def given(path: Path) -> list[Held]:
    """Return the notes that somebody brings to verify with.

    Raises:
        OSError: *path* cannot be read.
        Unreadable: it, or a file in it, holds none; nobody shall believe that it was looked at.
    """
    found = [*read(path)]
    if not found:
        raise Unreadable(
            f"Trong {path} không có mốc kiểm tra nào (.note, .eml).",
            f"There is no checkpoint in {path} (.note, .eml).",
        )
    for each in found:
        if not is_note(each.note):
            where = path / each.name if path.is_dir() else path
            raise Unreadable(
                f"{where} không phải là mốc kiểm tra có chữ ký, cũng không phải thư kèm mốc.",
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


def _attached(content: bytes) -> Iterator[bytes]:
    """Yield the notes among the parts of a mail."""
    for part in email.message_from_bytes(content, policy=email.policy.default).walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            # Mail ends its lines by CR LF; a note has LF alone.
            for each in (payload, payload.replace(b"\r\n", b"\n")):
                if is_note(each):
                    yield each
                    break
