"""The ledger as it stands in the database, row by row, in constant memory.

Everything that audits reads through here; nothing here trusts a column more than the body.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from sqlalchemy import select

from models.store import Store
from models.tables import LedgerEvent, table

_EVENT = table(LedgerEvent)
PAGE = 2_000
"""Rows read at a time; no read stays open between two pages (that would hold SQLite's writers)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of ``ledger_event``: the hashed bytes, and the columns that index them."""

    seq: int
    stream: str
    stream_seq: int
    type: str
    kind: str
    at: str
    recorded_at: str
    cause: int | None
    rules: str
    dedup_key: str
    body: bytes
    prev_hash: bytes
    leaf_hash: bytes


_COLUMNS = tuple(_EVENT.c[field.name] for field in fields(Row))


def rows(
    store: Store, *, after: int = 0, until: int | None = None, stream: str | None = None
) -> Iterator[Row]:
    """Yield rows in the order of the ledger: ``after < seq <= until`` (default: to the end)."""
    query = select(*_COLUMNS).order_by(_EVENT.c.seq).limit(PAGE)
    if stream is not None:
        query = query.where(_EVENT.c.stream == stream)
    if until is not None:
        query = query.where(_EVENT.c.seq <= until)
    while True:
        with store.reading() as connection:
            page = connection.execute(query.where(_EVENT.c.seq > after)).all()
        for each in page:
            yield Row(*each)
        if len(page) < PAGE:
            return
        after = page[-1].seq
