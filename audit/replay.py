"""The state of a document at any instant, on both axes of time.

*At* is the directive's own time: what was the case then. *Known at* is the ledger's: what had been
recorded by then. Every fact has both, its own instant and that of its record.

- **As it was** (no *known_at*): everything that the ledger knows today about that instant. A fact
  counts from its own instant on, however late it was recorded.
- **As it was known then** (*known_at*): the same question, answered from what was recorded by then.
  Time is no secret: what had fallen due by *at* counts although nobody had looked yet. It follows
  from the rules and what was recorded, and is marked *derived*.

Facts are folded in the ledger's order, those with a later instant left out. Three things need a
rule of their own:

- ``Registered`` is no event of the directive but the text that all others are read by. It counts as
  soon as it is known, so that a directive that was entered afterwards can be replayed too.
- What time had made due is derived from **everything known**, not from what is left of it, so that
  a replay never says what the ledger says otherwise.
- A fact that is backdated beyond what made it possible (a report relayed with the instant of its
  issue, to a duty that was opened later) is **set aside** until that has happened; it is listed.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import accumulate

from pendulum import DateTime

from audit.bodies import Body
from audit.reading import Row, rows
from models.domain.errors import ImpossibleFact
from models.domain.facts import Fact, Registered, key_of
from models.domain.folding import evolve
from models.domain.machine import advance
from models.domain.state import State
from models.domain.terms import DocumentKey
from models.store import Store


class NoSuchDocument(LookupError):
    """The ledger holds nothing of this document."""


@dataclass(frozen=True, slots=True)
class Item:
    """A fact as a replay sees it: recorded, or derived because nobody had looked."""

    fact: Fact
    body: Body | None

    @property
    def derived(self) -> bool:
        """Tell whether the ledger does not hold it (as far as it was known)."""
        return self.body is None

    @property
    def seq(self) -> int | None:
        """Return its number in the ledger."""
        return None if self.body is None else self.body.seq

    @property
    def key(self) -> str:
        """Return its natural key within the document."""
        return key_of(self.fact)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A document at one instant."""

    document: DocumentKey
    at: DateTime
    known_at: DateTime | None
    """Up to when records count; ``None``: all of them."""
    state: State
    items: tuple[Item, ...]
    """What is folded in, in order: recorded facts, then derived ones."""
    set_aside: tuple[Item, ...] = ()
    """What could not yet have happened, in the ledger's order."""

    @property
    def derived(self) -> tuple[Item, ...]:
        """Return what time had made due though nobody had looked."""
        return tuple(item for item in self.items if item.derived)


_EVER = DateTime.min.replace(tzinfo=UTC)


def counts_from(body: Body) -> DateTime:
    """Return from when a recorded fact counts: its own instant; for the text itself, ever."""
    return _EVER if isinstance(body.fact, Registered) else body.fact.at


class History:
    """The facts of one document, decoded once, for many questions."""

    def __init__(self, document: DocumentKey, bodies: Sequence[Body]) -> None:
        if not bodies:
            raise NoSuchDocument(document)
        self.document = document
        self.bodies = tuple(bodies)
        # The latest instant so far: where it does not grow, something was backdated.
        self._latest = [*accumulate(map(counts_from, bodies), max)]
        self._recorded = [*accumulate((body.recorded_at for body in bodies), max)]
        self._states = [State()]

    @classmethod
    def read(cls, source: Store | Iterable[Row], document: str) -> "History":
        """Read the history of *document* from a ledger or from rows of one.

        Raises:
            NoSuchDocument: when there is nothing of it.
            audit.bodies.Damaged: for a row that holds no fact.
        """
        found = rows(source, stream=document) if isinstance(source, Store) else source
        bodies = [Body.of(row) for row in found if row.stream == document]
        return cls(DocumentKey(document), bodies)

    def at(self, instant: DateTime, known_at: DateTime | None = None) -> Replayed:
        """Return the document at *instant*, from what was recorded by *known_at*.

        Raises:
            ImpossibleFact: when the ledger itself holds what cannot have happened.
        """
        known = self.known(known_at)
        # From everything known, whatever its instant: what is settled is settled.
        everything = self.upto(known)
        tail: tuple[Fact, ...] = ()
        state = everything
        if everything.plan is not None:
            step = advance(everything, (), instant)
            tail, state = step.facts, step.state
        within = self.within(instant, known)
        if within < known:
            return self._partly(instant, known_at, known, within, tail)
        items = [Item(body.fact, body) for body in self.bodies[:known]]
        items += [Item(fact, None) for fact in tail]
        return Replayed(self.document, instant, known_at, state, tuple(items))

    def known(self, known_at: DateTime | None) -> int:
        """Return how many facts were recorded by *known_at*."""
        if known_at is None:
            return len(self.bodies)
        return bisect_right(self._recorded, known_at)

    def within(self, instant: DateTime, known: int | None = None) -> int:
        """Return how many facts, from the first on, all count by *instant*."""
        return bisect_right(self._latest, instant, 0, known)

    def upto(self, count: int) -> State:
        """Return the state after the first *count* facts, nothing derived."""
        # All are kept: states share what did not change, so one more costs what changed.
        while len(self._states) <= count:
            body = self.bodies[len(self._states) - 1]
            try:
                self._states.append(evolve(self._states[-1], body.fact))
            except ImpossibleFact as error:
                raise ImpossibleFact(f"fact {body.seq}: {error}") from error
        return self._states[count]

    def _partly(
        self,
        instant: DateTime,
        known_at: DateTime | None,
        known: int,
        within: int,
        tail: Sequence[Fact],
    ) -> Replayed:
        """Return the document at an *instant* that lies before some of what is known."""
        state = self.upto(within)
        items = [Item(body.fact, body) for body in self.bodies[:within]]
        aside: list[Item] = []
        later = [Item(body.fact, body) for body in self.bodies[within:known]]
        for item in (*later, *(Item(fact, None) for fact in tail)):
            if item.fact.at > instant:
                continue
            try:
                state = evolve(state, item.fact)
            except ImpossibleFact:
                # Whole, the ledger has just been folded: only what is left out can be missing.
                aside.append(item)
            else:
                items.append(item)
        return Replayed(self.document, instant, known_at, state, tuple(items), tuple(aside))


def state_at(
    source: Store | Iterable[Row],
    document: str,
    at: DateTime,
    known_at: DateTime | None = None,
) -> Replayed:
    """Return *document* as it was at the instant *at*, or as *known_at* it was known to be.

    Raises:
        NoSuchDocument: when the ledger holds nothing of it.
    """
    return History.read(source, document).at(at, known_at)
