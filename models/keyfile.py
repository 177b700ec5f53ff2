"""Files that must be whole or not there: secrets of the installation, signed notes.

Several processes may start at once, and any of them may be killed at any point: what is under its
name is complete and on the disk, and is never another's half.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECRET_BYTES = 32


class OtherContent(Exception):
    """A file that is written once holds something else."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already and holds something else")
        self.path = path


class KeyUnreadable(ValueError):
    """A file of a key holds none. It is not made anew: what it sealed would be lost."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} does not hold a key of 32 bytes; put your copy of it back")
        self.path = path


def secret(path: Path) -> bytes:
    """Return the 32 bytes that *path* holds; made on first use, readable by its owner only.

    Several processes may start at once: the first to finish wins and all read the same key.

    Raises:
        KeyUnreadable: it holds no key.
    """
    if not path.exists():
        make_secret(path)
    return read_secret(path)


def make_secret(path: Path) -> None:
    """Put a new secret at *path*, unless there is one."""
    try:
        keep(path, secrets.token_hex(SECRET_BYTES).encode(), 0o600)
    except OtherContent:
        return  # somebody else was first


def read_secret(path: Path) -> bytes:
    """Return the 32 bytes that *path* holds.

    Raises:
        FileNotFoundError: there is none.
        KeyUnreadable: it holds no key.
    """
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        key = b""
    if len(key) < SECRET_BYTES:
        raise KeyUnreadable(path)
    return key


def keep(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write *data* to *path* once and for ever; the same again changes nothing.

    Raises:
        OtherContent: it is there with other content.
    """
    if not path.exists():
        draft = _draft(path, data, mode)
        try:
            os.link(draft, path)  # fails if somebody else was first, and never shows half a file
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        sync_folder(path.parent)
    if path.read_bytes() != data:
        raise OtherContent(path)


def replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put *data* in the place of whatever *path* held."""
    _draft(path, data, mode).replace(path)
    sync_folder(path.parent)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only one on this machine who is within a block with the same *path*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _draft(path: Path, data: bytes, mode: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return draft


def sync_folder(folder: Path) -> None:
    """Let what was put into *folder* under a name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
