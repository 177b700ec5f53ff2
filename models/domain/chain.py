"""The links of the ledger: canonical bytes, leaf hashes, and the frontier of the Merkle tree.

A fact's body is canonical JSON (RFC 8785 restricted to null, booleans, integers below 2^53,
strings, lists and objects with ASCII keys: no floats, so the standard library writes the same
bytes). Its leaf is SHA-256 over ``0x00`` and the body (RFC 6962, section 2.1), each body names
the leaf before it, and the frontier lets the tree's root be known at every size in O(log n).
"""

import hashlib
import json
from typing import TypeAlias

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

GENESIS = bytes(32)
"""The leaf before the first."""

_SAFE = 2**53


def canonical(value: Json) -> bytes:
    """Return the canonical JSON bytes of *value*.

    Raises:
        ValueError: for floats, integers of 2^53 and more, non-string or non-ASCII keys, lone
            surrogates and any other type.
    """
    _check(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"not canonical: {error}") from error


def _check(value: object) -> None:
    match value:
        case None | bool() | str():
            return
        case int():
            if not -_SAFE < value < _SAFE:
                raise ValueError(f"not canonical: integer out of range: {value}")
        case list():
            for item in value:
                _check(item)
        case dict():
            for key, item in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise ValueError(f"not canonical: key {key!r}")
                _check(item)
        case _:
            raise ValueError(f"not canonical: {type(value).__name__}")


def leaf(body: bytes) -> bytes:
    """Return the leaf hash of a body (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + body).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def frontier_add(frontier: bytes, size: int, new_leaf: bytes) -> bytes:
    """Return the frontier after the leaf number *size* (from 0) was added.

    The frontier is the concatenation of the roots of the complete subtrees, largest first; one
    for each bit set in the size.
    """
    peaks = [frontier[at : at + 32] for at in range(0, len(frontier), 32)]
    carry = new_leaf
    while size & 1:
        carry = node(peaks.pop(), carry)
        size >>= 1
    return b"".join((*peaks, carry))


def frontier_root(frontier: bytes) -> bytes:
    """Return the Merkle root that the frontier stands for (RFC 6962, section 2.1)."""
    if not frontier:
        return hashlib.sha256(b"").digest()
    peaks = [frontier[at : at + 32] for at in range(0, len(frontier), 32)]
    root = peaks.pop()
    while peaks:
        root = node(peaks.pop(), root)
    return root
