"""The form's seal: which link, purpose and version of the report a page was made for, and when.

There are no cookies, so a cross-site form has nothing to ride on but a token that it does not
know; the seal keeps that true where browsers send no ``Sec-Fetch-Site`` (plain HTTP), and it
carries the version that the person saw into the decision. No state is kept: what is decided
twice is caught by the version.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from pendulum import DateTime

LIFE_SECONDS = 2 * 60 * 60
_FORM = re.compile(r"([0-9]{1,12})\.([0-9]{1,9})\.([A-Za-z0-9_-]{43})", re.ASCII)


class Nonces:
    """Seals and opens nonces with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, link: str, purpose: str, version: int, now: DateTime) -> str:
        """Return the nonce for a form. *now* is the machine's clock."""
        stamp = int(now.timestamp())
        return f"{stamp}.{version}.{self._mac(link, purpose, version, stamp)}"

    def open(self, nonce: str, link: str, purpose: str, now: DateTime) -> int | None:
        """Return the version that the nonce was sealed with; ``None`` if forged or too old.

        A stamp in the future is one of ours from before the clock was set back: it counts.
        """
        found = _FORM.fullmatch(nonce)
        if found is None:
            return None
        stamp, version = int(found[1]), int(found[2])
        if not hmac.compare_digest(found[3], self._mac(link, purpose, version, stamp)):
            return None
        return version if now.timestamp() - stamp < LIFE_SECONDS else None

    def _mac(self, link: str, purpose: str, version: int, stamp: int) -> str:
        message = f"1|{link}|{purpose}|{version}|{stamp}".encode()
        mac = hmac.new(self._key, message, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def load_key(path: Path) -> bytes:
    """Return the installation's key; made on first use, readable by its owner only.

    Several processes may start at once: the first to finish wins and all read the same key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails if somebody else was first, and never shows half a key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = bytes.fromhex(path.read_text().strip())
    if len(key) < 32:
        raise ValueError(f"{path} does not hold a key of 32 bytes; delete it and start again")
    return key
