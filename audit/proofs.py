"""What proves that some facts, and no others in their places, stand under a checkpoint.

One proof serves all facts of a bundle: the roots of the largest subtrees that contain none of
them. With all facts of the ledger there is nothing left to add. Consistency is proven from each
checkpoint to the next (RFC 6962, section 2.1.2). Everything is made in one pass over the leaves.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from audit.merkle import Frontier, Range, consistency_ranges


@dataclass(frozen=True, slots=True)
class Proofs:
    """The hashes that a bundle adds to its facts."""

    inclusion: tuple[bytes, ...]
    consistency: tuple[tuple[bytes, ...], ...]
    """One proof for each checkpoint but the last: that the next one extends it."""
    size: int
    """Of the whole tree."""
    root: bytes


def prove(leaves: Iterable[bytes], places: Sequence[int], sizes: Sequence[int]) -> Proofs:
    """Return the proofs for the leaves at *places* (from 0) and the checkpoints of *sizes*.

    Both are ascending; the last of *sizes* is the size of the tree, and as many *leaves* are read.

    Raises:
        ValueError: there are fewer leaves.
    """
    last = sizes[-1]
    others = unknown_ranges(places, last)
    steps = [consistency_ranges(m, n) for m, n in pairwise(sizes)]
    wanted = {*others, *(each for step in steps for each in step)}
    at_size = dict(zip(sizes[1:], steps, strict=True))
    found: dict[Range, bytes] = {}
    tree = Frontier()
    for leaf in leaves:
        for node, value in tree.add(leaf):
            if node in wanted:
                found[node] = value
        for start, end in at_size.get(tree.size, ()):
            if end == tree.size:  # on the right edge of a tree that goes on
                found.setdefault((start, end), tree.root(start))
        if tree.size == last:
            break
    if tree.size != last:
        raise ValueError(f"{tree.size} leaves, not {last}")
    for start, end in others:
        if end == last:
            found.setdefault((start, end), tree.root(start))
    return Proofs(
        tuple(found[each] for each in others),
        tuple(tuple(found[each] for each in step) for step in steps),
        last,
        tree.root(),
    )


def unknown_ranges(places: Sequence[int], size: int) -> list[Range]:
    """Return the largest subtrees of a tree of *size* without any of *places*, left to right."""
    ranges: list[Range] = []
    waiting: list[Range] = [(0, size)] if size else []
    while waiting:
        low, high = waiting.pop()
        first = bisect_left(places, low)
        if first == len(places) or places[first] >= high:
            ranges.append((low, high))
        elif high - low > 1:
            middle = low + (1 << (high - low - 1).bit_length() - 1)
            waiting += [(middle, high), (low, middle)]
    return ranges
