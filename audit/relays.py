"""What facts of one document meant to the documents above and below it: found, and looked for.

A relayed fact must be what its cause makes of the document at that moment; and every cause must
have been relayed, unless it had no place there any more.
"""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from audit.codes import Code
from audit.finding import Finding
from audit.links import Entered
from audit.oneline import told
from audit.source import Source
from models.codec import decode
from models.domain.directive import Document
from models.domain.facts import Fact, Issued, ParentIssued, Registered
from models.domain.machine import advance
from models.domain.relay import Relayed, relayed
from models.domain.state import State
from models.domain.terms import DocumentKey

_ONE = "SELECT stream, recorded_at, type, body FROM ledger_event WHERE seq = ?"
_FIRST = "SELECT type, body FROM ledger_event WHERE stream = ? AND stream_seq = 1"
UNREADABLE = (KeyError, ValueError, TypeError, AttributeError)
"""What reading a fact raises that was altered; the pass over all facts has named it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A fact of a neighbouring document that means something here."""

    seq: int
    stream: str
    recorded_at: str
    fact: Fact
    messages: tuple[Relayed, ...]

    def makes(self, state: State) -> Iterator[Fact]:
        """Yield what follows from it for *state*, which is settled up to its instant."""
        for message in self.messages:
            fact = message.make(state)
            if fact is not None:
                yield fact


class Relays:
    """Causes by the documents that they concern."""

    def __init__(self, source: Source, documents: Mapping[str, Entered]) -> None:
        self._source = source
        self._documents = documents
        self._below: dict[str, list[str]] = {}
        for name, entered in documents.items():
            if entered.parent is not None:
                self._below.setdefault(entered.parent, []).append(name)
        self._document = lru_cache(maxsize=16)(self._registered)

    def concerning(self, stream: str) -> "Waiting":
        """Return every cause that may concern *stream*, the oldest first."""
        parent = self._documents[stream].parent
        beside = [*self._below.get(stream, ()), *([parent] if parent else ())]
        seqs = sorted(
            seq for each in beside if each in self._documents for seq in self._documents[each].told
        )
        return Waiting(self, stream, seqs)

    def cause(self, seq: int, stream: str) -> Cause | None:
        """Return the fact *seq* as a cause of facts in *stream*; ``None`` if it is none."""
        row = self._source.one(_ONE, seq)
        if row is None:
            return None
        origin, recorded_at, kind, body = row
        try:
            fact = decode(kind, json.loads(body)["data"])
        except UNREADABLE:
            return None
        document = self._document(origin)
        if document is None or origin == stream:
            return None
        messages = relayed(document, [DocumentKey(stream)], fact)
        here = tuple(each for each in messages if each.stream == stream)
        return Cause(seq, origin, recorded_at, fact, here) if here else None

    def _registered(self, stream: str) -> Document | None:
        row = self._source.one(_FIRST, stream)
        if row is None or row[0] != Registered.__name__:
            return None
        try:
            fact = decode(row[0], json.loads(row[1])["data"])
        except UNREADABLE:
            return None
        return fact.document if isinstance(fact, Registered) else None


class Waiting:
    """The causes that one document has not answered yet, as its facts go by."""

    def __init__(self, relays: Relays, stream: str, seqs: list[int]) -> None:
        self._relays = relays
        self._stream = stream
        self._seqs = deque(seqs)
        self._answered: set[int] = set()
        self._begun = 0

    def begin(self, seq: int) -> None:
        """Say that the document was entered with the fact *seq*."""
        self._begun = seq

    def takes(self, seq: int, cause: int | None, fact: Fact, state: State) -> list[Finding]:
        """Judge the relayed *fact* with the number *seq*, for *state* before it."""
        origin = self._origin(cause, fact)
        if origin is not None:
            self._answered.add(origin.seq)
            if fact in origin.makes(state):
                return []
        data = {"ledger": told(fact), "cause": cause if cause is not None else "—"}
        return [Finding(Code.RELAY_ADDED, seq, self._stream, data=data)]

    def _origin(self, cause: int | None, fact: Fact) -> Cause | None:
        if cause is not None:
            return self._relays.cause(cause, self._stream)
        # Entered below a document that was out already, it hears of that without a cause.
        for number in self._seqs:
            found = self._relays.cause(number, self._stream) if number < self._begun else None
            if found is not None and isinstance(found.fact, Issued) and _downwards(found, fact):
                return found
        return None

    def unanswered(self, recorded_at: str | None, state: State) -> Iterator[Finding]:
        """Yield the causes recorded before *recorded_at* that led to nothing and should have.

        What one transaction relays is recorded in it. ``None``: no more facts follow.
        """
        while self._seqs:
            cause = self._relays.cause(self._seqs[0], self._stream)
            if cause is not None and recorded_at is not None and cause.recorded_at >= recorded_at:
                return
            number = self._seqs.popleft()
            if number in self._answered:
                self._answered.discard(number)
                continue
            if cause is None or state.plan is None:
                continue
            if number < self._begun and not _above(cause, state):
                continue  # entered later, it was not there to hear of it
            for fact in cause.makes(advance(state, [], cause.fact.at).state):
                data = {"cause": number, "origin": cause.stream, "rules": told(fact)}
                yield Finding(Code.RELAY_MISSING, stream=self._stream, row=f"#{number}", data=data)


def _downwards(cause: Cause, fact: Fact) -> bool:
    return isinstance(fact, ParentIssued) and fact.parent == cause.stream


def _above(cause: Cause, state: State) -> bool:
    parent = state.document.parent
    return parent is not None and parent.document == cause.stream
