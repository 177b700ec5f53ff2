"""Mails kept in a folder: one file each, found again after any crash, listed from memory.

A file is named ``<number>-<start of the SHA-256 of the mail>.eml`` and begins with the two envelope
lines that mail programs know (``Return-Path``, ``Delivered-To``); the mail follows byte for byte.
Equal hashes are byte-identical duplicates.
"""

import asyncio
import fcntl
import hashlib
import os
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from models.domain.errors import Refusal
from notifications.catcher_pages.reading import Headers, headers_of
from notifications.errors import BadSettings

_NAME = re.compile(r"(\d{8,})-([0-9a-f]{16})\.eml")
_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept mail, without its content."""

    id: int
    """Counts from 1 in the order of arrival; never used again."""
    to: str
    """The envelope's recipient, lower case."""
    headers: Headers
    sha256: str
    """The first 16 hexadecimal digits."""

    @property
    def name(self) -> str:
        """Return the name of its file."""
        return f"{self.id:08d}-{self.sha256}.eml"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which mails a list shows; an empty value asks for all."""

    to: str = ""
    """Exactly this address."""
    kind: str = ""
    words: str = ""
    """All of these words, anywhere in subject, names and addresses, whatever their case."""

    def is_met_by(self, kept: Kept) -> bool:
        """Tell whether *kept* is one of them."""
        headers = kept.headers
        if self.kind and headers.kind != self.kind:
            return False
        if not self.words:
            return True
        text = f"{headers.subject} {headers.to} {headers.sender} {kept.to}".casefold()
        return all(word in text for word in self.words.casefold().split())


class Folder:
    """The mails of one folder, which it locks; close it to let another process have it.

    Every mail survives the end of the process; with *durable* that of the machine too, at the
    price of an fsync per mail.
    Raises :exc:`BadSettings` (``catcher-folder-in-use``, ``catcher-folder-unusable``).
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._path = path
        self._durable = durable
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(path / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise BadSettings(
                Refusal(
                    "catcher-folder-unusable",
                    f"Không dùng được thư mục {path}: {error.strerror}.",
                    f"the folder {path} cannot be used: {error.strerror}",
                )
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise BadSettings(
                Refusal(
                    "catcher-folder-in-use",
                    f"Thư mục {path} đang được một hộp thư khác dùng: hãy dừng nó hoặc chọn "
                    "thư mục khác.",
                    f"the folder {path} is used by another catcher: stop it or choose another",
                )
            ) from error
        self._mails: list[Kept] = []
        self._by_recipient: dict[str, list[Kept]] = defaultdict(list)
        self.kinds: Counter[str] = Counter()
        """How many mails there are of each kind that has a name."""
        self._one_writer = asyncio.Lock()
        self._arrival = asyncio.Condition()
        self._closed = False
        self.waiting = 0
        """How many readers wait for a mail."""
        for leftover in path.glob(".*.tmp"):
            leftover.unlink()
        for file in sorted(path.glob("*.eml"), key=lambda each: (len(each.name), each.name)):
            if match := _NAME.fullmatch(file.name):
                with file.open("rb") as content:
                    envelope, _, raw = content.read(_HEAD).partition(b"\r\nDelivered-To: ")
                to, _, raw = raw.partition(b"\r\n")
                if envelope.startswith(b"Return-Path: "):
                    kept = Kept(int(match[1]), to.decode(), headers_of(raw), match[2])
                    if kept.name == file.name:
                        self._remember(kept)

    def __len__(self) -> int:
        return len(self._mails)

    @property
    def last_id(self) -> int:
        """The newest mail's number, 0 when there is none."""
        return self._mails[-1].id if self._mails else 0

    async def keep(self, sender: str, recipients: Sequence[str], raw: bytes) -> Kept:
        """Write *raw* to disk, a copy for each recipient, and return the last of them.

        When this returns, the mails are kept; raises ``OSError`` when one cannot be written.
        """
        sha = hashlib.sha256(raw).hexdigest()[:16]
        headers = headers_of(raw[:_HEAD])
        async with self._one_writer:
            for recipient in recipients:
                to = _one_line(recipient).lower()
                kept = Kept(self.last_id + 1, to, headers, sha)
                path = self._path / kept.name
                envelope = f"Return-Path: <{_one_line(sender)}>\r\nDelivered-To: {to}\r\n"
                content = envelope.encode() + raw
                if self._durable:  # the disk may take milliseconds, so not in the event loop
                    await asyncio.to_thread(_write, path, content, True)
                else:
                    _write(path, content, False)
                self._remember(kept)
        async with self._arrival:
            self._arrival.notify_all()
        return self._mails[-1]

    def find(self, number: int) -> Kept | None:
        """Return the mail with this number."""
        at = bisect_right(self._mails, number, key=_number) - 1
        return self._mails[at] if at >= 0 and self._mails[at].id == number else None

    def after(self, number: int, to: str | None, limit: int) -> list[Kept]:
        """Return up to *limit* mails that came after *number*, oldest first."""
        mails = self._of(to)
        start = bisect_right(mails, number, key=_number)
        return mails[start : start + limit]

    def before(self, number: int, wanted: Wanted, limit: int) -> list[Kept]:
        """Return up to *limit* of the *wanted* mails that came before *number*, newest first."""
        mails = self._of(wanted.to or None)
        end = bisect_right(mails, number - 1, key=_number)
        found = (mails[at] for at in range(end - 1, -1, -1) if wanted.is_met_by(mails[at]))
        return list(islice(found, limit))

    async def wait_after(self, number: int, to: str | None, limit: int) -> list[Kept]:
        """Return as :meth:`after`, as soon as there is a mail or the folder closes."""
        self.waiting += 1
        try:
            async with self._arrival:
                await self._arrival.wait_for(lambda: self._closed or self.after(number, to, 1))
        finally:
            self.waiting -= 1
        return self.after(number, to, limit)

    def read(self, kept: Kept) -> bytes:
        """Return the mail as it was sent."""
        return (self._path / kept.name).read_bytes().split(b"\r\n", 2)[2]

    async def let_go(self) -> None:
        """Answer waiting readers, now and from now on, with what there is."""
        async with self._arrival:
            self._closed = True
            self._arrival.notify_all()

    def close(self) -> None:
        """Leave the folder to others."""
        os.close(self._lock)

    def _remember(self, kept: Kept) -> None:
        self._mails.append(kept)
        self._by_recipient[kept.to].append(kept)
        if kept.headers.kind:
            self.kinds[kept.headers.kind] += 1

    def _of(self, to: str | None) -> list[Kept]:
        return self._mails if to is None else self._by_recipient.get(to.strip().lower(), [])


def _number(kept: Kept) -> int:
    return kept.id


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() and c.isascii() else "?" for c in text)


def _write(path: Path, content: bytes, durable: bool) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    temporary.replace(path)
