"""A return address for each mail, so that what comes back names the mail and cannot be forged.

``bounce+<message>.<mac>@domain`` (VERP). The message is the local part of the Message-ID; the mac
is made with a key of the installation, so nobody else can declare a mail undeliverable. Everything
is lower case without marks that relays rewrite, and within the 64 octets of a local part.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

PREFIX = "bounce"
MAC_LENGTH = 10
_RETURN = re.compile(
    rf"{PREFIX}\+([0-9a-f]{{1,42}})\.([a-z2-7]{{{MAC_LENGTH}}})@([a-z0-9.-]+)", re.IGNORECASE
)


class ReturnPath:
    """Makes and reads return addresses on one domain. The first key signs, all of them are known.

    Keys are rotated by putting a new one before the old ones; an old one may go when nothing sent
    with it can come back any more (a week).
    """

    def __init__(self, domain: str, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("a return address needs a key")
        self._domain = domain.lower()
        self._keys = tuple(keys)

    def address(self, message_id: str) -> str:
        """Return the envelope sender of the mail *message_id* (hexadecimal)."""
        mac = self._mac(self._keys[0], message_id)
        return f"{PREFIX}+{message_id}.{mac}@{self._domain}"

    def message_id(self, address: str) -> str | None:
        """Return whose return address *address* is; ``None`` when it is none of ours."""
        found = _RETURN.fullmatch(address.strip())
        if found is None or found[3].lower() != self._domain:
            return None
        message_id, mac = found[1].lower(), found[2].lower()
        known = any(hmac.compare_digest(mac, self._mac(key, message_id)) for key in self._keys)
        return message_id if known else None

    @staticmethod
    def claimed(address: str) -> bool:
        """Tell whether *address* has the form of a return address, ours and good or not."""
        return _RETURN.fullmatch(address.strip()) is not None

    def _mac(self, key: bytes, message_id: str) -> str:
        digest = hmac.new(key, f"{message_id}@{self._domain}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest).decode().lower()[:MAC_LENGTH]


def keys_in(path: Path) -> tuple[bytes, ...]:
    """Return the keys that *path* holds, one in each line, the newest first; made on first use.

    Several processes may start at once: the first to finish wins and all read the same key.

    Raises:
        ValueError: a line holds no key of 32 bytes.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails if somebody else was first, and never shows half a key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    keys = tuple(bytes.fromhex(line) for line in path.read_text("ascii").split())
    if not keys or any(len(key) < 32 for key in keys):
        raise ValueError(f"{path} does not hold keys of 32 bytes, one in each line")
    return keys
