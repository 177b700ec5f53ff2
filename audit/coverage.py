"""Which signed checkpoint covers a fact, and whether a copy of it lies outside the database.

A fact beyond the newest checkpoint is covered by nothing yet: whoever may write to the database
could still change it unnoticed. That is said as clearly as the opposite.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import column, inspect, select, table

from models.store import Store

_CHECKPOINT = table("ledger_checkpoint", *map(column, ("size", "root", "key_id", "signed_at")))
_ANCHOR = table("ledger_anchor", *map(column, ("size", "channel", "state", "at")))


_SENT = "sent"
"""The state of a mail that the relay has taken."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A copy of a checkpoint outside the database: where, and what became of it."""

    channel: str
    state: str
    at: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement of the tree over the first *size* facts."""

    size: int
    root: str
    key_id: str
    signed_at: str
    """27 characters of UTC."""
    anchors: tuple[Anchor, ...] = ()

    @property
    def outside(self) -> tuple[Anchor, ...]:
        """Return the copies that have left this machine, as far as the database knows."""
        return tuple(each for each in self.anchors if each.state == _SENT)


def read(store: Store) -> tuple[Checkpoint, ...]:
    """Return the checkpoints that the database holds, by size; none where it knows of none.

    What they prove is for ``cascade verify`` to say; here they are only shown.
    """
    with store.reading() as connection:
        if not inspect(connection).has_table(_CHECKPOINT.name):
            return ()
        anchors: dict[int, list[Anchor]] = defaultdict(list)
        for row in connection.execute(select(_ANCHOR).order_by(_ANCHOR.c.size)):
            anchors[row.size].append(Anchor(row.channel, row.state, row.at))
        found = connection.execute(select(_CHECKPOINT).order_by(_CHECKPOINT.c.size)).all()
    return tuple(
        Checkpoint(
            row.size,
            row.root.hex() if isinstance(row.root, bytes) else str(row.root),
            str(row.key_id),
            str(row.signed_at),
            tuple(anchors[row.size]),
        )
        for row in found
    )


def covering(checkpoints: Sequence[Checkpoint], seq: int) -> Checkpoint | None:
    """Return the first checkpoint that covers the fact *seq*; ``None`` if there is none."""
    index = bisect_left(checkpoints, seq, key=lambda each: each.size)
    return checkpoints[index] if index < len(checkpoints) else None
