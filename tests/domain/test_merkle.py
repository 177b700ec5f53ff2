"""The auditor's Merkle tree against the published vectors and against RFC 6962 word for word."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    root,
    subtree_roots,
    verify_consistency,
    verify_inclusion,
)
from models.domain.chain import frontier_add, frontier_root

ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Roots of the first 0 … 8 entries, as the implementations of RFC 6962 test them."""

INCLUSION = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CONSISTENCY = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
MOST = 70
MANY = [leaf_hash(b"entry %d" % number) for number in range(MOST)]


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962, section 2.1.2, word for word."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def test_the_published_vectors() -> None:
    assert [root(LEAVES[:size]).hex() for size in range(9)] == list(ROOTS)
    for (index, size), proof in INCLUSION.items():
        assert [each.hex() for each in inclusion_proof(LEAVES, index, size)] == list(proof)
    for (old, new), proof in CONSISTENCY.items():
        assert [each.hex() for each in consistency_proof(LEAVES, old, new)] == list(proof)


def test_the_ledgers_frontier_has_the_same_root_at_every_size() -> None:
    frontier = b""
    for size, leaf in enumerate(MANY):
        assert frontier_root(frontier) == root(MANY[:size]) == mth(MANY[:size])
        frontier = frontier_add(frontier, size, leaf)


def test_every_inclusion_proof_and_no_other() -> None:
    for size in range(1, MOST + 1):
        top = mth(MANY[:size])
        for index in range(size):
            proof = inclusion_proof(MANY, index, size)
            assert proof == path(index, MANY[:size])
            assert verify_inclusion(MANY[index], index, size, proof, top)
            for wrong in altered(proof, MANY[size - 1 - index]):
                assert not verify_inclusion(MANY[index], index, size, wrong, top)
            assert not verify_inclusion(leaf_hash(b"?"), index, size, proof, top)
            assert not verify_inclusion(MANY[index], index, size, proof, leaf_hash(b"?"))
            for other in range(size):
                if other != index:
                    assert not verify_inclusion(MANY[index], other, size, proof, top)
            assert not verify_inclusion(MANY[index], size, size, proof, top)
            assert not verify_inclusion(MANY[index], -1, size, proof, top)
            assert not verify_inclusion(MANY[index], index, 4 * size, proof, top)


def test_every_consistency_proof_and_no_other() -> None:
    roots = [mth(MANY[:size]) for size in range(MOST + 1)]
    for new in range(MOST + 1):
        for old in range(new + 1):
            proof = consistency_proof(MANY, old, new)
            assert proof == ([] if old == 0 else subproof(old, MANY[:new]))
            assert verify_consistency(old, new, roots[old], roots[new], proof)
            for wrong in altered(proof, MANY[0]):
                assert not verify_consistency(old, new, roots[old], roots[new], wrong)
            assert not verify_consistency(old, new, leaf_hash(b"?"), roots[new], proof)
            if old:
                assert not verify_consistency(old, new, roots[old], leaf_hash(b"?"), proof)
            if old < new:
                assert not verify_consistency(new, old, roots[new], roots[old], proof)
                assert not verify_consistency(old, new, roots[new], roots[old], proof)
            if 0 < old < new:  # a root of a smaller tree, sold as that of a larger one
                assert not verify_consistency(old, 4 * new, roots[old], roots[new], proof)


def altered(proof: list[bytes], stranger: bytes) -> Iterator[list[bytes]]:
    """Yield proofs that are one step away from a good one."""
    yield [*proof, stranger]
    yield [stranger, *proof]
    for at, each in enumerate(proof):
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], bytes([each[0] ^ 1]) + each[1:], *proof[at + 1 :]]
        if at and proof[at - 1] != each:
            yield [*proof[: at - 1], each, proof[at - 1], *proof[at + 1 :]]


def test_a_shrunken_or_altered_tree_is_not_consistent() -> None:
    other = [*MANY[:10], leaf_hash(b"other"), *MANY[11:]]
    for old in range(1, 40):
        proof = consistency_proof(other, old, 40)
        fits = verify_consistency(old, 40, mth(MANY[:old]), mth(other[:40]), proof)
        assert fits == (old <= 10)


def test_a_proof_for_a_larger_tree_is_none_for_a_smaller_one() -> None:
    assert not verify_inclusion(MANY[7], 3, 4, inclusion_proof(MANY, 7, 8), root(MANY[:8]))
    proof = consistency_proof(MANY, 7, 8)
    assert not verify_consistency(3, 4, root(MANY[:7]), root(MANY[:8]), proof)


@settings(max_examples=100)
@given(st.data())
def test_one_pass_over_a_stream_serves_many_proofs(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MOST))
    indices = data.draw(st.lists(st.integers(0, size - 1), max_size=6))
    wanted = {each for index in indices for each in inclusion_ranges(index, size)}
    found = subtree_roots(iter(MANY), size, wanted)
    assert found == {(start, end): mth(MANY[start:end]) for start, end in wanted}


def test_what_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no leaf 3 in a tree of 3"):
        inclusion_proof(MANY, 3, 3)
    with pytest.raises(ValueError, match="does not grow"):
        consistency_proof(MANY, 4, 3)
    with pytest.raises(ValueError, match="2 leaves, not 3"):
        inclusion_proof(MANY[:2], 0, 3)
    for strange in ((1, 3), (0, 3), (4, 6), (2, 5), (5, 6)):
        with pytest.raises(ValueError, match="is no node"):
            subtree_roots(MANY, 5, [strange])


def test_a_growing_tree_keeps_its_peaks_only() -> None:
    tree = Frontier()
    for leaf in MANY[:64]:
        for _ in tree.add(leaf):
            pass
    assert tree.size == 64
    assert len(tree._peaks) == 1
