"""The form's seal: which link, purpose and version of the report a page was made for, and when.

There are no cookies, so a cross-site form has nothing to ride on but a token that it does not
know; the seal keeps that true where browsers send no ``Sec-Fetch-Site`` (plain HTTP), and it
carries the version that the person saw into the decision. No state is kept: what is decided
twice is caught by the version.
"""

import base64
import hashlib
import hmac
import re
from typing import Protocol

from pendulum import DateTime

from portal.keyring import OVERLAP_SECONDS, Key

LIFE_SECONDS = OVERLAP_SECONDS
_FORM = re.compile(r"([0-9a-f]{8})\.([0-9]{1,12})\.([0-9]{1,9})\.([A-Za-z0-9_-]{43})", re.ASCII)


class Keys(Protocol):
    """Where the keys are: :class:`portal.keyring.Ring`."""

    def newest(self) -> Key:
        """Return the key that seals."""
        ...

    def find(self, kid: str) -> Key | None:
        """Return the key of this name, if it is still kept."""
        ...


class Nonces:
    """Seals with the newest key, and opens with any that may still open."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def seal(self, link: str, purpose: str, version: int, now: DateTime) -> str:
        """Return the nonce for a form. *now* is the machine's clock."""
        stamp, key = int(now.timestamp()), self._keys.newest()
        return f"{key.kid}.{stamp}.{version}.{_mac(key, link, purpose, version, stamp)}"

    def open(self, nonce: str, link: str, purpose: str, now: DateTime) -> int | None:
        """Return the version that the nonce was sealed with.

        ``None`` if it is forged or too old, or if its key is unknown or no longer opens it. A stamp
        in the future is one of ours from before the clock was set back: it counts.
        """
        found = _FORM.fullmatch(nonce)
        if found is None:
            return None
        stamp, version = int(found[2]), int(found[3])
        key = self._keys.find(found[1])
        if key is None or not key.opens(stamp, now.timestamp()):
            return None
        if not hmac.compare_digest(found[4], _mac(key, link, purpose, version, stamp)):
            return None
        return version if now.timestamp() - stamp < LIFE_SECONDS else None


def _mac(key: Key, link: str, purpose: str, version: int, stamp: int) -> str:
    message = f"2|{key.kid}|{link}|{purpose}|{version}|{stamp}".encode()
    mac = hmac.new(key.secret, message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
