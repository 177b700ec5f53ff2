"""The keys of the seals: a file with the newest first, shared by all processes of the portal.

One line for each key: its name (``kid``), its bytes (hex), and since when it is no longer used to
seal (seconds since 1970; ``-`` for the newest). A file with nothing but a key's hex, as older
installations have it, is read as well.

The file is looked at whenever a key is needed, so a rotation reaches every process at once. A key
that was replaced still opens what it sealed before, for as long as a page may stay open.
"""

import fcntl
import hashlib
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

KEY_BYTES = 32
OVERLAP_SECONDS = 2 * 60 * 60
"""How long a replaced key opens what it sealed; a page lives no longer."""
_SLACK_SECONDS = 5
"""A process may seal with the old key while the file is being replaced."""

log = logging.getLogger("portal")


@dataclass(frozen=True, slots=True)
class Key:
    """One key. ``retired``: the second from which it seals nothing more."""

    kid: str
    secret: bytes
    retired: int | None = None

    def opens(self, stamp: int, now: float) -> bool:
        """Tell whether it may open at *now* what bears *stamp*, in seconds since 1970."""
        if self.retired is None:
            return True
        return stamp <= self.retired + _SLACK_SECONDS and now < self.retired + OVERLAP_SECONDS


class KeysUnreadable(ValueError):
    """The file holds no keys."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} does not hold keys of {KEY_BYTES} bytes; delete it and start again"
        )
        self.path = path


class Ring:
    """The keys of one file, as they are now. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Read the file; made, with one key, if there is none.

        Raises:
            KeysUnreadable: it holds something else.
        """
        self._path = path
        if not path.exists():
            _make(path)
        self._seen = _look(path)
        self._keys = _read(path)

    def newest(self) -> Key:
        """Return the key that seals."""
        return self._current()[0]

    def find(self, kid: str) -> Key | None:
        """Return the key of this name, if it is still kept."""
        return next((key for key in self._current() if key.kid == kid), None)

    def _current(self) -> tuple[Key, ...]:
        try:
            seen = _look(self._path)
            if seen != self._seen:
                self._keys = _read(self._path)
                self._seen = seen
        except (OSError, KeysUnreadable) as error:
            # The keys in memory are good: people go on working while somebody mends the file.
            log.error("the keys cannot be read anew: %s", type(error).__name__)
        return self._keys


def rotate(path: Path, now: int) -> str:
    """Put a new key before the others and return its name; *now* is in seconds since 1970.

    Keys that open nothing any more are dropped.
    """
    with _alone(path):
        known = _read(path) if path.exists() else ()
        fresh = _fresh()
        before = [key if key.retired is not None else replace(key, retired=now) for key in known]
        kept = [key for key in before if now < (key.retired or 0) + OVERLAP_SECONDS]
        _draft(path, (fresh, *kept)).replace(path)
    return fresh.kid


def _fresh() -> Key:
    secret = secrets.token_bytes(KEY_BYTES)
    return Key(_kid(secret), secret)


def _kid(secret: bytes) -> str:
    return hashlib.sha256(b"kid|" + secret).hexdigest()[:8]


def _make(path: Path) -> None:
    """Write a file with one key; of several processes that start together the first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, (_fresh(),))
    try:
        os.link(draft, path)  # fails if somebody else was first, and never shows half a file
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _draft(path: Path, keys: tuple[Key, ...]) -> Path:
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        for key in keys:
            retired = "-" if key.retired is None else key.retired
            file.write(f"{key.kid} {key.secret.hex()} {retired}\n")
        file.flush()
        os.fsync(file.fileno())
    return draft


def _read(path: Path) -> tuple[Key, ...]:
    try:
        lines = path.read_text("ascii").splitlines()
        keys = tuple(_key(line.split()) for line in lines if line.strip())
    except ValueError as error:
        raise KeysUnreadable(path) from error
    if not keys or any(len(key.secret) < KEY_BYTES for key in keys):
        raise KeysUnreadable(path)
    return keys


def _key(words: list[str]) -> Key:
    if len(words) == 1:
        secret = bytes.fromhex(words[0])
        return Key(_kid(secret), secret)
    kid, secret_hex, retired = words
    return Key(kid, bytes.fromhex(secret_hex), None if retired == "-" else int(retired))


def _look(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep two rotations from losing each other's key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
