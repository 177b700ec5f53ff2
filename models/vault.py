"""Names and addresses, sealed: a data key for each, and one master key for all data keys.

The ledger names references only. Behind a reference stands a text sealed with a data key of its
own (AES-256-GCM), and the data key is kept wrapped by the installation's master key, which is in no
database. Deleting the wrapped key (``vault_key``) destroys the text for ever, wherever copies of
the sealed text are; no hash of the ledger changes.

Format of what is sealed and of what is wrapped: ``0x01``, a nonce of 12 bytes, ciphertext and tag.
Both are bound to their reference: moved to another one they do not open.
"""

import hashlib
import hmac
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine, bindparam, delete, insert, inspect, select

from models.tables import VaultKey, table

FORMAT = b"\x01"
_NONCE = 12
_KEYS = table(VaultKey)
_NEW_KEY = insert(_KEYS)
_WRAPPED = select(_KEYS.c.wrapped).where(_KEYS.c.ref == bindparam("of"))

CANARY = "@master"
"""The reference whose key is kept only to know the master key again."""


class NoVault(Exception):
    """A name or an address is asked for where the master key was not given."""


class KeyGone(Exception):
    """The master key is not where it was, and there are names and addresses that it sealed.

    Another one would open none of them; so none is made in its place.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is gone, and this database was sealed with it; put it back")
        self.path = path


class WrongKey(Exception):
    """What was sealed does not open: another master key, or altered bytes."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            f"{ref} does not open with this master key (vault.key); "
            "restore the key file that belongs to this database"
        )
        self.ref = ref


class Vault:
    """Seals and opens with one master key. Safe to share between threads."""

    def __init__(self, master: bytes) -> None:
        """*master* is the installation's secret, 32 bytes."""
        self._wrap = AESGCM(_derived(master, b"wrap"))
        self._mac = _derived(master, b"contact")

    def seal(self, connection: Connection, ref: str, text: str) -> bytes:
        """Return *text* sealed under a new data key, which is kept for *ref*."""
        key = secrets.token_bytes(32)
        connection.execute(_NEW_KEY, {"ref": ref, "wrapped": _encrypt(self._wrap, ref, key)})
        return _encrypt(AESGCM(key), ref, text.encode())

    def open(self, ref: str, wrapped: bytes, sealed: bytes) -> str:
        """Return the text behind *ref*.

        Raises:
            WrongKey: it is not what was sealed here.
        """
        key = _decrypt(self._wrap, ref, wrapped)
        return _decrypt(AESGCM(key), ref, sealed).decode()

    def mark(self, body: str, address: str) -> str:
        """Return by what an address of a body is found again without being known (HMAC, hex)."""
        return hmac.new(self._mac, f"{body}\0{address}".encode(), hashlib.sha256).hexdigest()

    def recognize(self, connection: Connection) -> None:
        """Make sure that this master key is the one of the database; the first one becomes it.

        To be called by one process at a time (under the head's lock).

        Raises:
            WrongKey: the database was sealed with another one.
        """
        wrapped = connection.execute(_WRAPPED, {"of": CANARY}).scalar_one_or_none()
        if wrapped is None:
            self.seal(connection, CANARY, "")
        else:
            _decrypt(self._wrap, CANARY, wrapped)


def sealed(engine: Engine) -> bool:
    """Tell whether something in a database was sealed; one that is not there yet has nothing."""
    url = engine.url
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return False
    with engine.execution_options(reading=True).begin() as connection:
        if not inspect(connection).has_table(_KEYS.name):
            return False
        return connection.execute(_WRAPPED, {"of": CANARY}).first() is not None


def destroy(connection: Connection, ref: str) -> bool:
    """Destroy the data key of *ref*; return whether there was one."""
    return connection.execute(delete(_KEYS).where(_KEYS.c.ref == ref)).rowcount > 0


def _derived(master: bytes, purpose: bytes) -> bytes:
    """Return a key for one purpose (RFC 5869, section 2.3, one block; the master is uniform)."""
    return hmac.new(master, b"cascade vault " + purpose + b"\x01", hashlib.sha256).digest()


def _encrypt(cipher: AESGCM, ref: str, data: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return FORMAT + nonce + cipher.encrypt(nonce, data, ref.encode())


def _decrypt(cipher: AESGCM, ref: str, data: bytes) -> bytes:
    if data[:1] != FORMAT:
        raise WrongKey(ref)
    try:
        return cipher.decrypt(data[1 : 1 + _NONCE], data[1 + _NONCE :], ref.encode())
    except InvalidTag as error:
        raise WrongKey(ref) from error
