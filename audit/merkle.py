"""The Merkle tree of RFC 6962 (and RFC 9162, section 2.1): roots, proofs, and their verification.

The auditor's own: only the standard library, and nothing shared with the code that writes the
ledger. Everything takes leaf *hashes* (:func:`leaf_hash` of an entry) and reads them once, in
order, so a proof over millions of leaves needs memory for its own hashes only.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""

Range: TypeAlias = tuple[int, int]
"""Leaves ``start <= index < end`` that one node of the tree stands over."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 over ``0x00`` and the entry (section 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 over ``0x01``, left and right (section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that grows leaf by leaf; it keeps the roots of its complete subtrees only."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []  # (first leaf, root), the largest first

    def add(self, leaf: bytes) -> Iterator[tuple[Range, bytes]]:
        """Add a leaf hash; yield every complete subtree that it ends, the leaf itself first.

        The tree has grown when the last of them is taken.
        """
        start, carry, end = self.size, leaf, self.size + 1
        while True:
            yield (start, end), carry
            # A peak as wide as what is carried becomes its left half.
            if not self._peaks or start - self._peaks[-1][0] != end - start:
                break
            start, left = self._peaks.pop()
            carry = node_hash(left, carry)
        self._peaks.append((start, carry))
        self.size = end

    def root(self, start: int = 0) -> bytes:
        """Return the root over the leaves from *start*, where a peak begins, to the end."""
        carry: bytes | None = None
        for first, peak in reversed(self._peaks):
            if first < start:
                break
            carry = peak if carry is None else node_hash(peak, carry)
        return EMPTY_ROOT if carry is None else carry


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the Merkle tree hash over *leaves* (section 2.1)."""
    tree = Frontier()
    for leaf in leaves:
        for _ in tree.add(leaf):
            pass
    return tree.root()


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return which nodes prove the leaf *index* in a tree of *size* leaves, the lowest first.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Return which nodes prove that a tree of *old* leaves grew to *new* (RFC 6962, 2.1.2).

    From nothing to something there is nothing to prove: no nodes.

    Raises:
        ValueError: a tree does not grow from *old* to *new*.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} leaves does not grow to {new}")
    if old in (0, new):
        return []
    ranges: list[Range] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # otherwise it is the old root itself, which the verifier has
        ranges.append((start, end))
    return ranges[::-1]


def subtree_roots(
    leaves: Iterable[bytes], size: int, wanted: Iterable[Range]
) -> dict[Range, bytes]:
    """Return the hashes of the nodes *wanted* in the tree of the first *size* leaves.

    One pass serves any number of proofs over the same tree.

    Raises:
        ValueError: there are fewer leaves, or a range is no node of this tree.
    """
    open_ = set(wanted)
    found: dict[Range, bytes] = {}
    tree = Frontier()
    if size:
        for leaf in leaves:
            for node, value in tree.add(leaf):
                if node in open_:
                    found[node] = value
            if tree.size == size:
                break
    if tree.size != size:
        raise ValueError(f"{tree.size} leaves, not {size}")
    edge = set(_right_edge(size))
    for start, end in open_ - found.keys():
        if (start, end) not in edge:
            raise ValueError(f"{start}..{end} is no node of a tree of {size}")
        found[start, end] = tree.root(start)
    return found


def inclusion_proof(leaves: Iterable[bytes], index: int, size: int) -> list[bytes]:
    """Return the audit path of the leaf *index* among the first *size* (RFC 6962, 2.1.1).

    Raises:
        ValueError: there is no such leaf, or there are fewer leaves.
    """
    ranges = inclusion_ranges(index, size)
    found = subtree_roots(leaves, size, ranges)
    return [found[each] for each in ranges]


def consistency_proof(leaves: Iterable[bytes], old: int, new: int) -> list[bytes]:
    """Return the proof that the first *new* leaves begin with the first *old* (RFC 6962, 2.1.2).

    Raises:
        ValueError: *old* is larger than *new*, or there are fewer leaves.
    """
    ranges = consistency_ranges(old, new)
    found = subtree_roots(leaves, new, ranges)
    return [found[each] for each in ranges]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether *proof* shows that *leaf* stands at *index* under *root* (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, carry = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            carry = node_hash(each, carry)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            carry = node_hash(carry, each)
        node, last = node >> 1, last >> 1
    return last == 0 and carry == root


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether *proof* shows that the tree under *old_root* grew to *new_root* (2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT and (new != 0 or new_root == EMPTY_ROOT)
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)  # a complete tree is itself a node of the new one
    if not path:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    was = now = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            was, now = node_hash(each, was), node_hash(each, now)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            now = node_hash(now, each)
        node, last = node >> 1, last >> 1
    return last == 0 and was == old_root and now == new_root


def _split(size: int) -> int:
    """Return the largest power of two below *size*: how many leaves the left half has."""
    return 1 << (size - 1).bit_length() - 1


def _right_edge(size: int) -> Iterator[Range]:
    """Yield the nodes that end with the last leaf: the root, its right half, and so on."""
    start = 0
    while True:
        yield start, size
        if size - start <= 1:
            return
        start += _split(size - start)
