"""Everything of the ledger that a bundle needs, read once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from audit.bodies import Damaged
from audit.merkle import leaf_hash
from audit.proofs import Proofs, prove
from audit.reading import Row, rows
from models.store import Store


@dataclass(frozen=True, slots=True)
class Gathered:
    """Facts of some documents with their proofs under one checkpoint."""

    rows: tuple[Row, ...]
    """In the order of the ledger."""
    facts: tuple[dict[str, Any], ...]
    """Their bodies, read."""
    proofs: Proofs

    def streams(self) -> dict[str, int]:
        """Return how many facts of each document there are."""
        counted: dict[str, int] = {}
        for fact in self.facts:
            counted[fact["stream"]] = counted.get(fact["stream"], 0) + 1
        return counted


def gather(store: Store, streams: Sequence[str], sizes: Sequence[int]) -> Gathered:
    """Read the facts of *streams* under the checkpoints of *sizes* (ascending, none of zero).

    Raises:
        ValueError: the ledger has fewer facts than the last checkpoint.
        audit.bodies.Damaged: a row holds no fact.
    """
    wanted = frozenset(streams)
    mine = tuple(row for row in rows(store, until=sizes[-1]) if row.stream in wanted)
    leaves = (leaf_hash(row.body) for row in rows(store, until=sizes[-1]))
    proofs = prove(leaves, [row.seq - 1 for row in mine], sizes)
    return Gathered(mine, tuple(map(_read, mine)), proofs)


def _read(row: Row) -> dict[str, Any]:
    try:
        return dict(json.loads(row.body))
    except (ValueError, TypeError, RecursionError) as error:
        raise Damaged(row.seq, error) from error
