"""What a file that somebody sends is: by its name, its first bytes and, for Office, its directory.

All three must agree. Nothing is unpacked or opened by any program; that a file is what it says
makes it no less dangerous, which is why it is only ever given back as an attachment.
"""

import re
import stat
import struct
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from config.typed import clean, hidden
from portal.fields import Problem

LABEL = 100
"""Longest name of a file, its ending included."""

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = f"{_OFFICE}wordprocessingml.document"
XLSX = f"{_OFFICE}spreadsheetml.sheet"
ENDINGS = {
    ".pdf": PDF,
    ".docx": DOCX,
    ".xlsx": XLSX,
    ".jpg": JPEG,
    ".jpeg": JPEG,
    ".png": PNG,
}
"""What may be sent. No text or table files: nothing in them says what they are."""
_KNOWN = {
    ".heic": "file_photo",
    ".heif": "file_photo",
    ".doc": "file_old",
    ".xls": "file_old",
}
"""What offices often have and cannot send; their page says what to do instead."""
_MAIN = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml"}
_MAGIC = {PDF: b"%PDF-", PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff"}
_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How old Office files and those with a password begin (MS-CFB, section 2.2)."""

_END = struct.Struct("<4s4H2LH")
"""End of central directory record (APPNOTE.TXT, section 4.3.16)."""
_DIRECTORY = 1024 * 1024
"""A directory of more bytes is not looked at: reading it would cost more than it is worth."""
_ENTRIES = 2_000
_UNPACKED = 100 * 1024 * 1024
_RATIO = 100
_SMALL = 10 * 1024 * 1024
"""Up to so many bytes a file may be packed as tightly as it likes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file was found to be."""

    media: str


def label_of(name: str) -> str:
    """Return the name of a file as it may be shown: no folders, one line, of bounded length."""
    base = re.split(r"[/\\]", clean(name))[-1]
    shown = "".join(" " if hidden(character) else character for character in base)
    shown = " ".join(unicodedata.normalize("NFC", shown).split()).strip(". ")
    ending = Path(shown).suffix[:10]
    stem = shown.removesuffix(ending) if ending else shown
    return (stem[: LABEL - len(ending)] or "tep") + ending.lower()


def judge(file: BinaryIO, size: int, label: str) -> Kind | Problem:
    """Return what the file is, or why it is not taken. *label* is its name."""
    if not size:
        return Problem("file_empty", {"file": label})
    ending = Path(label).suffix.lower()
    media = ENDINGS.get(ending)
    if media is None:
        return Problem(_KNOWN.get(ending, "file_ending"), {"file": label})
    file.seek(0)
    head = file.read(16)
    if media in _MAGIC:
        return Kind(media) if head.startswith(_MAGIC[media]) else _other(label)
    if head.startswith(_CFB):
        return Problem("file_locked", {"file": label})
    if not head.startswith(b"PK\x03\x04"):
        return _other(label)
    return Kind(media) if _is_office(file, size, _MAIN[media]) else _other(label)


def _other(label: str) -> Problem:
    return Problem("file_other", {"file": label})


def _is_office(file: BinaryIO, size: int, main: str) -> bool:
    """Tell whether the directory of a ZIP is that of a plain Office document."""
    if not _bounded(file, size):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error):
        return False
    names = [entry.filename for entry in entries]
    if len(names) > _ENTRIES or len({name.casefold() for name in names}) != len(names):
        return False
    if not {"[Content_Types].xml", main} <= set(names):
        return False
    if any(name.casefold().endswith("vbaproject.bin") for name in names):
        return False  # macros
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > _UNPACKED or (unpacked > _SMALL and unpacked > _RATIO * size):
        return False
    return all(_is_plain(entry) for entry in entries)


def _bounded(file: BinaryIO, size: int) -> bool:
    """Tell whether the directory is small and at the very end, before anything reads it."""
    tail = min(size, _END.size + 0xFFFF)
    file.seek(size - tail)
    end = file.read(tail)
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) - at < _END.size:
        return False
    _, disk, start, here, entries, length, offset, comment = _END.unpack_from(end, at)
    whole = at + _END.size + comment == len(end)
    one = disk == start == 0 and here == entries
    place = size - tail + at
    return bool(
        whole and one and entries <= _ENTRIES and length <= _DIRECTORY and offset + length == place
    )


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    mode = entry.external_attr >> 16
    return (
        not entry.flag_bits & 0x1  # encrypted
        and not (mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR))
        and not name.startswith("/")
        and "\\" not in entry.orig_filename
        and "\0" not in entry.orig_filename
        and ":" not in name
        and ".." not in name.split("/")
    )
