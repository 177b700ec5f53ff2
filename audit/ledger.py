"""All documents of a ledger, or those of one chain, read in one pass."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from audit.bodies import Body
from audit.reading import Row, rows
from audit.replay import History, NoSuchDocument
from models.domain.facts import FACTS, Registered
from models.domain.terms import DocumentKey
from models.store import Store


def histories(source: Store | Iterable[Row]) -> list[History]:
    """Return the history of every document, in order of registration.

    What is about no document (keys, erasures) has no history here.
    """
    found: dict[str, list[Body]] = defaultdict(list)
    for row in rows(source) if isinstance(source, Store) else source:
        if row.type in FACTS and (row.stream in found or row.type == Registered.__name__):
            found[row.stream].append(Body.of(row))
    return [History(DocumentKey(stream), bodies) for stream, bodies in found.items()]


def chain(found: Sequence[History], document: str) -> list[History]:
    """Return those histories that are above or below *document*, and its own.

    Raises:
        NoSuchDocument: when it is not among them.
    """
    above = {each.document: parent_of(each) for each in found}
    if document not in above:
        raise NoSuchDocument(document)
    wanted, up = {DocumentKey(document)}, above[DocumentKey(document)]
    while up is not None and up not in wanted:
        wanted.add(up)
        up = above.get(up)
    below = {DocumentKey(document)}
    while more := {each for each, parent in above.items() if parent in below} - below:
        below |= more
    return [each for each in found if each.document in wanted | below]


def parent_of(history: History) -> DocumentKey | None:
    """Return the document above, as it stands in the registered text."""
    fact = history.bodies[0].fact
    parent = fact.document.parent if isinstance(fact, Registered) else None
    return None if parent is None else parent.document
