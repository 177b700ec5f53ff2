"""Canonical bytes and the Merkle tree, each against an independent oracle."""

import hashlib
import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain.chain import Json, canonical, frontier_add, frontier_root, leaf, node

_KEYS = st.text(st.characters(max_codepoint=127), max_size=6)
_SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=12)
_DOCS = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200)
@given(_DOCS)
def test_canonical_is_rfc_8785(doc: Json) -> None:
    assert canonical(doc) == rfc8785.dumps(doc)
    assert json.loads(canonical(doc)) == doc


@pytest.mark.parametrize(
    "doc",
    [1.0, {"a": [1.5]}, float("nan"), 2**53, -(2**53), {"é": 1}, {1: 2}, b"x", ("a",), "\ud800"],
)
def test_what_is_not_canonical_is_refused(doc: object) -> None:
    with pytest.raises(ValueError, match="not canonical"):
        canonical(doc)  # type: ignore[arg-type]


def _merkle(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + _merkle(leaves[:k]) + _merkle(leaves[k:])).digest()


def test_the_frontier_gives_the_root_at_every_size() -> None:
    frontier, leaves = b"", list[bytes]()
    assert frontier_root(frontier) == _merkle([])
    for size in range(200):
        new = leaf(f"entry {size}".encode())
        frontier = frontier_add(frontier, size, new)
        leaves.append(new)
        assert frontier_root(frontier) == _merkle(leaves)
        assert len(frontier) == 32 * (size + 1).bit_count()


def test_known_vectors_of_certificate_transparency() -> None:
    """Roots of the reference tree that the CT projects share."""
    entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    ]
    frontier = b""
    for size, (entry, root) in enumerate(zip(entries, roots, strict=True)):
        frontier = frontier_add(frontier, size, leaf(bytes.fromhex(entry)))
        assert frontier_root(frontier).hex() == root


def test_a_leaf_is_never_an_inner_node() -> None:
    left, right = leaf(b"a"), leaf(b"b")
    assert leaf(left + right) != node(left, right)
