"""Small files that are what they say, and some that are not."""

import io
import stat
import struct
import zipfile
from collections.abc import Mapping

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
POLYGLOT = b"%PDF-1.7\n<script>alert(1)</script>"
TYPES = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"


def office_file(main: str = "word/document.xml", more: Mapping[str, bytes] | None = None) -> bytes:
    """Return a ZIP with the directory of an Office document, and *more* entries."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr(main, "<w/>")
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return made.getvalue()


DOCX = office_file()
XLSX = office_file("xl/workbook.xml")


def bomb() -> bytes:
    """Return some 50 kB that would unpack to 50 MB."""
    return office_file(more={"word/media/zero.bin": bytes(50_000_000)})


def crowded(entries: int) -> bytes:
    """Return a document with very many entries."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("word/document.xml", "<w/>")
        for number in range(entries):
            archive.writestr(f"{number:x}", b"")
    return made.getvalue()


def encrypted() -> bytes:
    """Return a document one of whose entries says that it needs a password."""
    plain = bytearray(DOCX)
    at = plain.rfind(b"PK\x01\x02")
    flags = struct.unpack_from("<H", plain, at + 8)[0]
    struct.pack_into("<H", plain, at + 8, flags | 1)
    return bytes(plain)


def linked() -> bytes:
    """Return a document with a symbolic link in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("word/document.xml", "<w/>")
        link = zipfile.ZipInfo("word/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return made.getvalue()


def escaping() -> bytes:
    """Return a document with an entry that would lie outside."""
    return office_file(more={"../../outside": b"x"})
