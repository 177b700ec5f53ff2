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
