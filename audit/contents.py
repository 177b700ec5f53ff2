"""What facts name and do not hold: texts and files by their hash, people by reference."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.offline.verify import HASH, NAMED
from models.store import Store

OUTSIDE = frozenset({"package_sha256", "raw_sha256", "link"})
"""Fields whose content was never in this system's keeping: the folder of the package, the mail
as it went out (its addressee has it), the secret of a link."""

EXTENSIONS = {
    "application/pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "text/plain": ".txt",
    "text/csv": ".csv",
}

_PERSON = re.compile("[pc]_[0-9a-f]{16}")

Content = Callable[[str], bytes | None]
"""Gives what is kept under a SHA-256 (hex), or ``None``."""


@dataclass(frozen=True, slots=True)
class Named:
    """One thing that facts name."""

    what: str
    field: str
    media: str = ""
    """Of a file that came with a report; a text has none."""

    @property
    def person(self) -> bool:
        """Tell whether it stands for a person or an address."""
        return _PERSON.fullmatch(self.what) is not None

    @property
    def outside(self) -> bool:
        """Tell whether its content was never kept here."""
        return not self.person and self.field in OUTSIDE

    @property
    def member(self) -> str:
        """Return under which name its content stands in a bundle."""
        if self.media:
            return f"files/{self.what}{EXTENSIONS.get(self.media, '.bin')}"
        return f"texts/{self.what}.txt"


def named(facts: Sequence[Any]) -> dict[str, Named]:
    """Return everything that the data of *facts* name, each once, in order of its name."""
    found: dict[str, Named] = {}
    for data in facts:
        for each in contents_in(data):
            known = found.get(each.what)
            # The same bytes may be named twice; where they are kept says more.
            if known is None or (known.outside and not each.outside):
                found[each.what] = each
    return dict(sorted(found.items()))


def contents_in(data: Any, field: str = "") -> Iterator[Named]:
    """Yield everything that the *data* of a fact (under the name *field*) name, in their order."""
    match data:
        case str() if NAMED.fullmatch(data):
            yield Named(data, field)
        case {"media": str() as media, "sha256": str() as digest} if HASH.fullmatch(digest):
            yield Named(digest, "sha256", media)
        case dict():
            for name, value in data.items():
                yield from contents_in(value, name)
        case list():
            for value in data:
                yield from contents_in(value, field)
        case _:
            return


def kept(store: Store, folder: Path) -> Content:
    """Return what finds contents in the store's texts, or in *folder* (``ab/cd/<sha256>``)."""

    def content(digest: str) -> bytes | None:
        text = store.blob(digest)
        if text is not None:
            raw: bytes | None = text.encode()
        else:
            path = folder / digest[:2] / digest[2:4] / digest
            raw = path.read_bytes() if path.is_file() else None
        # A replaced file is no evidence of what was handed in.
        return raw if raw is not None and hashlib.sha256(raw).hexdigest() == digest else None

    return content


People = Callable[[Sequence[str]], Mapping[str, Mapping[str, str]]]
"""Gives what is known of references: ``{"name": …}`` or ``{"address": …, "body": …}``."""
