"""Signed notes (C2SP signed-note) and the checkpoint that one carries (C2SP tlog-checkpoint).

A note is text that ends with a line break, an empty line, and one line for each signature:
``— <name> <base64 of the key's id (4 bytes) and the Ed25519 signature (64 bytes)>``. A verifier
key is ``<name>+<id in hex>+<base64 of 0x01 and the public key>``.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
"""The type byte of Ed25519 in key ids and verifier keys."""

MOST_BYTES = 1_000_000
MOST_SIGNATURES = 100
"""What a note may hold at most; a longer one is refused unread."""

_SIGNATURE = re.compile(r"— ([^ ]+) ([A-Za-z0-9+/=]+)\Z")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class BadNote(ValueError):
    """A note, a key or a checkpoint that is not what it must be; the message says why."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with the name it signs under."""

    name: str
    key_id: bytes
    public: bytes

    @classmethod
    def of(cls, name: str, public: bytes) -> Self:
        """Return the verifier of the 32 bytes *public* under *name*.

        Raises:
            BadNote: for a name that cannot stand on a signature line, or another length.
        """
        if not _is_name(name):
            raise BadNote(f"not a key name: {name!r}")
        if len(public) != 32:
            raise BadNote("an Ed25519 public key has 32 bytes")
        return cls(name, key_id(name, public), public)

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read a verifier key.

        Raises:
            BadNote: when it is damaged, of another algorithm, or its id is not that of its key.
        """
        name, _, rest = vkey.strip().partition("+")
        hexadecimal, _, encoded = rest.partition("+")
        data = _unbase64(encoded)
        if data is None or len(data) != 33 or data[:1] != ED25519:
            raise BadNote("not a verifier key of Ed25519")
        made = cls.of(name, data[1:])
        if made.key_id.hex() != hexadecimal:
            raise BadNote(f"the id of the verifier key {name} is not that of its key")
        return made

    @property
    def vkey(self) -> str:
        """Return the verifier key as text."""
        encoded = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def accepts(self, text: bytes, signature: bytes) -> bool:
        """Tell whether *signature* over *text* is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the name it signs under."""

    name: str
    private: Ed25519PrivateKey

    @classmethod
    def of(cls, name: str, seed: bytes) -> Self:
        """Return the signer of a secret of 32 bytes."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def verifier(self) -> Verifier:
        """Return the public half."""
        return Verifier.of(self.name, self.private.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a signed tree head says: which log, how many facts, the root over all of them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a checkpoint; lines of extension after the third are passed over.

        Raises:
            BadNote: when it is none.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise BadNote("not a checkpoint: three lines are needed")
        origin, size, encoded = lines[:3]
        root = _unbase64(encoded)
        if _SIZE.fullmatch(size) is None or root is None or len(root) != 32:
            raise BadNote("not a checkpoint: its size or its root is damaged")
        return cls(origin, int(size), root)


@dataclass(frozen=True, slots=True)
class Opened:
    """A note whose signatures were checked."""

    text: str
    signed_by: tuple[Verifier, ...]
    """Known keys whose signature is good, in the order of the note; never empty."""


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def vkey_of(name: str, public: bytes) -> str:
    """Return the verifier key of the 32 bytes *public* under *name*."""
    return Verifier.of(name, public).vkey


def sign(text: str, signers: Sequence[Signer]) -> str:
    """Return the note of *text* with a signature of each of *signers*.

    Raises:
        BadNote: for a text that no note can carry, or no signer.
    """
    _check_text(text)
    if not signers:
        raise BadNote("nobody signs")
    lines: list[str] = []
    for signer in signers:
        signature = signer.verifier.key_id + signer.private.sign(text.encode())
        lines.append(f"— {signer.name} {base64.b64encode(signature).decode()}\n")
    return f"{text}\n{''.join(lines)}"


def open_note(note: str | bytes, vkeys: Iterable[Verifier | str]) -> Opened:
    """Return the text of *note* if a known key signed it.

    Signatures of unknown keys are passed over, as the format demands.

    Raises:
        BadNote: for a damaged note, a known key's signature that is wrong, or none of a known key.
    """
    text, lines = _parts(note)
    known = {
        (each.name, each.key_id): each
        for each in (Verifier.parse(key) if isinstance(key, str) else key for key in vkeys)
    }
    good: list[Verifier] = []
    for line in lines:
        name, identifier, signature = _signature(line)
        verifier = known.get((name, identifier))
        if verifier is None or verifier in good:
            continue
        if not verifier.accepts(text.encode(), signature):
            raise BadNote(f"the signature of {name} does not fit the note")
        good.append(verifier)
    if not good:
        raise BadNote("no known key signed the note")
    return Opened(text, tuple(good))


def open_checkpoint(note: str | bytes, vkeys: Iterable[Verifier | str]) -> Checkpoint:
    """Return the checkpoint that *note* carries, if the key of its own log signed it.

    Raises:
        BadNote: as :func:`open_note`, and when the signing key is not that of the log (by name).
    """
    opened = open_note(note, vkeys)
    checkpoint = Checkpoint.parse(opened.text)
    if all(each.name != checkpoint.origin for each in opened.signed_by):
        raise BadNote(f"not the log {checkpoint.origin} itself signed the checkpoint")
    return checkpoint


def unverified_text(note: str | bytes) -> str:
    """Return the text of *note* without checking a signature.

    Raises:
        BadNote: for a damaged note.
    """
    return _parts(note)[0]


def _parts(note: str | bytes) -> tuple[str, list[str]]:
    raw = note.encode(errors="surrogatepass") if isinstance(note, str) else note
    if len(raw) > MOST_BYTES:
        raise BadNote("not a signed note: too long")
    try:
        whole = raw.decode()
    except UnicodeDecodeError as error:
        raise BadNote("not a signed note: not UTF-8") from error
    body, separator, signatures = whole.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise BadNote("not a signed note: no signatures after an empty line")
    text = body + "\n"
    _check_text(text)
    lines = signatures[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise BadNote("not a signed note: too many signatures")
    for line in lines:
        _signature(line)  # one damaged line makes the note none
    return text, lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    found = _SIGNATURE.fullmatch(line)
    data = None if found is None else _unbase64(found[2])
    if found is None or data is None or len(data) < 5 or not _is_name(found[1]):
        raise BadNote("not a signed note: a damaged signature line")
    return found[1], data[:4], data[4:]


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise BadNote("the text of a note ends with a line break")
    if any(character < " " and character != "\n" for character in text):
        raise BadNote("the text of a note has control characters")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadNote("the text of a note is not UTF-8") from error


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() or c < " " for c in name)


def _unbase64(text: str) -> bytes | None:
    """Return the bytes that *text* is the one and only writing of, or ``None``."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None
