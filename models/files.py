"""Files that came with reports: bytes in a folder by their SHA-256, what they are in a table.

A file becomes durable before the row and the fact that name it are committed in one transaction,
so a record never lacks its file. The other way round a file may be left without a record (the
form was refused, the process died); :func:`sweep` removes it after a while. Nothing is ever
unpacked, and no name that a person typed becomes a path.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pendulum import DateTime
from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from models.codec import instant_text
from models.domain.facts import Attached
from models.keyfile import sync_folder
from models.tables import Attachment, AttachmentUse, Draft, LedgerHead, table

KEPT_SECONDS = 24 * 60 * 60
"""A file that no record and no draft names is removed when it is so old."""

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ATTACHMENT, _USE, _DRAFT = table(Attachment), table(AttachmentUse), table(Draft)
_HEAD = table(LedgerHead)
_NEW = {
    "sqlite": sqlite_insert(_ATTACHMENT).on_conflict_do_nothing(),
    "postgresql": pg_insert(_ATTACHMENT).on_conflict_do_nothing(),
}
_NEW_USE = insert(_USE)
_CHUNK = 500


class FileGone(Exception):
    """A file that is to be recorded is not in the folder (any more)."""


@dataclass(frozen=True, slots=True)
class Held:
    """A file with the name under which somebody sent it."""

    file: Attached
    label: str


class Incoming:
    """A file that is being received. Leaving it without :meth:`Files.keep` removes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._hash = hashlib.sha256()
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "w+b")

    @property
    def sha256(self) -> str:
        """Return the SHA-256 (hex) of what came so far."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def settle(self) -> None:
        """Make the bytes durable; the file can then be read by its path."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Remove the file from where it was received; what was kept stays."""
        try:
            self._file.close()
        except OSError:
            pass  # what a full disk did not take is not wanted any more, or it is settled
        finally:
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> "Incoming":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Files:
    """The folder of one installation. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._coming = folder / "coming"

    def receive(self) -> Incoming:
        """Return an empty file to write to."""
        self._make(self._coming)
        return Incoming(self._coming / secrets.token_hex(16))

    def keep(self, incoming: Incoming) -> str:
        """Put a received file where its SHA-256 says, durably; return the SHA-256."""
        incoming.settle()
        target = self._place(incoming.sha256)
        self._make(target.parent)
        try:
            os.link(incoming.path, target)  # never shows half a file
        except FileExistsError:
            os.utime(target)  # wanted again: it is not old for the sweep
        sync_folder(target.parent)
        return incoming.sha256

    def path(self, sha256: str) -> Path | None:
        """Return where a file is, or ``None`` for anything that is not kept."""
        if not _SHA256.fullmatch(sha256):
            return None
        place = self._place(sha256)
        return place if place.is_file() else None

    def unchanged(self, sha256: str) -> Path | None:
        """Return where a file is if it still holds what was kept. Reads all of it."""
        place = self.path(sha256)
        if place is None:
            return None
        with place.open("rb") as file:
            return place if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else None

    def old(self, before: float) -> Iterator[str]:
        """Yield the SHA-256 of files last wanted before *before* (seconds, the machine's clock)."""
        for path in self._folder.glob("??/??/*"):
            with suppress(FileNotFoundError):
                if _SHA256.fullmatch(path.name) and path.stat().st_mtime < before:
                    yield path.name

    def remove(self, sha256: str, before: float) -> bool:
        """Remove a file, unless it has been wanted since *before*; return whether it was."""
        place = self._place(sha256)
        with suppress(FileNotFoundError):
            if place.stat().st_mtime < before:
                place.unlink()
                return True
        return False

    def tidy(self, before: float) -> None:
        """Remove what was left half received by a process that died."""
        for path in self._coming.glob("*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def _make(self, folder: Path) -> None:
        """Make a folder within this one, and this one, for their owner only and durably."""
        if folder.is_dir():
            return
        if folder != self._folder:
            self._make(folder.parent)
        else:
            folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:4] / sha256


def record(
    connection: Connection,
    files: Files,
    held: Sequence[Held],
    place: tuple[str, str, str, int],
    now: DateTime,
) -> None:
    """Write down *held* for *place*: stream, assignment, ``report`` or ``supplement``, number.

    In the transaction of the fact that names them, under the head's lock: so no sweep can take a
    file away between this look at it and the commit.

    Raises:
        FileGone: a file is not there.
    """
    if not held:
        return
    for each in held:
        if files.path(each.file.sha256) is None:
            raise FileGone
    connection.execute(
        _NEW[connection.dialect.name],
        [
            {
                "sha256": each.file.sha256,
                "media": each.file.media,
                "size": each.file.size,
                "created_at": instant_text(now),
            }
            for each in {one.file.sha256: one for one in held}.values()
        ],
    )
    stream, assignment, part, number = place
    connection.execute(
        _NEW_USE,
        [
            {
                "stream": stream,
                "assignment": assignment,
                "part": part,
                "number": number,
                "position": position,
                "sha256": each.file.sha256,
                "label": each.label,
            }
            for position, each in enumerate(held)
        ],
    )


def labels(
    connection: Connection, stream: str, assignment: str
) -> dict[tuple[str, int], tuple[str, ...]]:
    """Return the names of the files of an assignment by part and number, in their order."""
    rows = connection.execute(
        select(_USE.c.part, _USE.c.number, _USE.c.label)
        .where(_USE.c.stream == stream, _USE.c.assignment == assignment)
        .order_by(_USE.c.part, _USE.c.number, _USE.c.position)
    )
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for part, number, label in rows:
        found[part, number] = (*found.get((part, number), ()), label)
    return found


def sweep(engine: Engine, files: Files, now: float) -> int:
    """Remove files that no record and no draft names; return how many. *now*: the machine's."""
    before = now - KEPT_SECONDS
    files.tidy(before)
    removed = 0
    waiting = list(files.old(before))
    for at in range(0, len(waiting), _CHUNK):
        chunk = waiting[at : at + _CHUNK]
        with engine.begin() as connection:
            # Whoever records a file holds this lock from its look at the file to its commit.
            connection.execute(select(_HEAD.c.id).with_for_update())
            known = _known(connection, chunk)
            removed += sum(files.remove(each, before) for each in chunk if each not in known)
    return removed


def _known(connection: Connection, hashes: Sequence[str]) -> set[str]:
    recorded = select(_ATTACHMENT.c.sha256).where(_ATTACHMENT.c.sha256.in_(hashes))
    known = set(connection.execute(recorded).scalars())
    for listed in connection.execute(select(_DRAFT.c.files).where(_DRAFT.c.files != "")).scalars():
        known.update(listed.split())
    return known
