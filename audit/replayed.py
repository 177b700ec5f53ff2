"""The replay that goes into a bundle: the auditors' page over the facts of the bundle alone.

What changes without a fact (how far mails are, who has a copy of a checkpoint by now) is left out,
so that the same ledger gives the same page. Its only copy outside that it names is the bundle's.
"""

from collections.abc import Sequence
from dataclasses import replace

from audit import coverage
from audit.assembled import Replay
from audit.ledger import histories
from audit.page import Ledger, page
from audit.reading import Row
from models.codec import instant_of
from models.store import Store


def replay_of(store: Store) -> Replay:
    """Return what makes the page for a bundle of *store*."""

    def html(facts: Sequence[Row], size: int) -> str:
        checkpoints = tuple(
            replace(each, anchors=(coverage.Anchor(_member(each.size), "kept", each.signed_at),))
            for each in coverage.read(store)
            if each.size <= size
        )
        ledger = Ledger(store.log_id(), size, checkpoints)
        return page(histories(facts), ledger, instant_of(facts[-1].recorded_at)).html

    return html


def _member(size: int) -> str:
    return f"checkpoints/{size:012d}.note"
