"""Which documents an auditor of one document must see: those above it and those below it."""

import json
from collections.abc import Iterable

from sqlalchemy import select

from models.domain.terms import DocumentKey
from models.store import Store
from models.tables import LedgerEvent, table

_EVENT = table(LedgerEvent)


def parents(store: Store) -> dict[DocumentKey, DocumentKey | None]:
    """Return every document of the ledger with the one above it, as registered (no projection)."""
    query = select(_EVENT.c.stream, _EVENT.c.body).where(_EVENT.c.type == "Registered")
    with store.reading() as connection:
        rows = connection.execute(query.order_by(_EVENT.c.seq)).all()
    above: dict[DocumentKey, DocumentKey | None] = {}
    for stream, body in rows:
        parent = json.loads(body)["data"]["document"]["parent"]
        above[DocumentKey(stream)] = DocumentKey(parent["document"]) if parent else None
    return above


def chain(above: dict[DocumentKey, DocumentKey | None], document: DocumentKey) -> list[DocumentKey]:
    """Return *document* with all above and all below it, from the top, in order of registration.

    Raises:
        KeyError: there is no such document.
    """
    line, each = [document], above[document]
    while each is not None and each not in line:
        line.append(each)
        each = above.get(each)
    known = {document}
    below: list[DocumentKey] = []
    grown = True
    while grown:
        new = [key for key, parent in above.items() if parent in known and key not in known]
        below += new
        known.update(new)
        grown = bool(new)
    return [*reversed([key for key in line if key in above]), *_ordered(below, above)]


def _ordered(keys: Iterable[DocumentKey], order: Iterable[DocumentKey]) -> list[DocumentKey]:
    place = {key: number for number, key in enumerate(order)}
    return sorted(set(keys), key=place.__getitem__)
