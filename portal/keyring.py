"""The keys of the seals: a file with the newest first, shared by all processes of the portal.

One line for each key: its name (``kid``), its bytes (hex), and since when it is no longer used to
seal (seconds since 1970; ``-`` for the newest). A file with nothing but a key's hex, as older
installations have it, is read as well.

The file is looked at whenever a key is needed, so a rotation reaches every process at once. A key
that was replaced still opens what it sealed before, for as long as a page may stay open.
"""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path

from models.keyfile import KeyUnreadable, OtherContent, alone, keep, replace

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


class KeysUnreadable(KeyUnreadable):
    """The file holds no keys. A new one may be made: only pages that are open depend on it."""

    def __init__(self, path: Path) -> None:
        ValueError.__init__(
            self, f"{path} does not hold keys of {KEY_BYTES} bytes; delete it and start again"
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
    with alone(path.with_name(f"{path.name}.lock")):
        known = _read(path) if path.exists() else ()
        fresh = _fresh()
        before = [key if key.retired is not None else changed(key, retired=now) for key in known]
        kept = [key for key in before if now < (key.retired or 0) + OVERLAP_SECONDS]
        replace(path, _lines(fresh, *kept), 0o600)
    return fresh.kid


def _fresh() -> Key:
    secret = secrets.token_bytes(KEY_BYTES)
    return Key(_kid(secret), secret)


def _kid(secret: bytes) -> str:
    return hashlib.sha256(b"kid|" + secret).hexdigest()[:8]


def _make(path: Path) -> None:
    """Write a file with one key; of several processes that start together the first wins."""
    try:
        keep(path, _lines(_fresh()), 0o600)
    except OtherContent:
        return  # somebody else was first


def _lines(*keys: Key) -> bytes:
    words = [
        (key.kid, key.secret.hex(), "-" if key.retired is None else str(key.retired))
        for key in keys
    ]
    return "".join(f"{' '.join(line)}\n" for line in words).encode()


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
