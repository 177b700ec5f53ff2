"""The one transaction: load, let time act, decide, append, owe, commit.

Flows, the portal and the command line change nothing in any other way. Whatever one input causes
(in its own document and in those above and below) is committed with it or not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pendulum import DateTime
from sqlalchemy import bindparam, insert, select

from models.codec import decode, encode, instant_text
from models.contacts import Address as Address
from models.contacts import keep
from models.domain.answers import answer
from models.domain.directive import Document
from models.domain.effects import Notify, effects_of
from models.domain.errors import Refusal
from models.domain.facts import (
    Fact,
    Issued,
    Notice,
    NoticeQueued,
    Registered,
    Rescheduled,
    Returned,
    Superseded,
)
from models.domain.folding import evolve
from models.domain.machine import Entry, Step, advance
from models.domain.relay import relayed
from models.domain.requests import NoteDelivery, Request
from models.domain.state import State
from models.domain.terms import DocumentKey
from models.owed import owe, prolong, revoke
from models.readdress import Readdress, Readdressed, documents, readdress, refused
from models.resend import Again, lapsed, owe_again, record_again
from models.store import Now, Store, Stored, Transaction
from models.tables import Stream, table

_STREAM = table(Stream)
_BELOW = select(_STREAM.c.id).where(_STREAM.c.parent == bindparam("above")).order_by(_STREAM.c.id)

Ask = Callable[[Transaction], Request]
"""Makes the request inside the transaction, where texts and names can be kept with it."""
Gather = Callable[[Transaction], Sequence[tuple[DocumentKey, Request]]]
"""Finds what is to be asked inside the transaction, where nobody else can find it as well."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request."""

    facts: tuple[Stored, ...]
    state: State
    refusal: Refusal | None = None


class AlreadyRegistered(Exception):
    """A document of the package is in the ledger already."""

    def __init__(self, key: DocumentKey) -> None:
        super().__init__(key)
        self.key = key


class Recorder:
    """Records against one store, with the domain's clock and the machine's clock."""

    def __init__(self, store: Store, clock: Now, machine: Now) -> None:
        self.store = store
        self.clock = clock
        self.machine = machine

    def register(
        self, documents: Sequence[Document], addresses: Sequence[Address], by: str
    ) -> list[Stored]:
        """Enter a whole package, root first, or nothing of it.

        Raises:
            AlreadyRegistered: when one of its documents is known.
        """
        with self.store.transaction(self.clock) as transaction:
            keep(transaction, addresses)
            stored: list[Stored] = []
            for document in documents:
                if transaction.state(document.key).plan is not None:
                    raise AlreadyRegistered(document.key)
                transaction.connection.execute(
                    insert(_STREAM).values(
                        id=document.key,
                        package=document.package,
                        number=document.number,
                        parent=document.parent.document if document.parent else None,
                        position=0,
                    )
                )
                fact = Registered(transaction.now, document, by)
                stored += self._apply(transaction, document.key, [fact], None)
            # A package may be added below documents that are out already.
            for document in documents:
                parent = document.parent
                if parent is not None and (issued := transaction.state(parent.document).issued_at):
                    above = transaction.state(parent.document).document
                    stored += self._relay(
                        transaction, above, Issued(issued), None, only=document.key
                    )
            return stored

    def record(self, stream: DocumentKey, request: Request | Ask) -> Outcome:
        """Ask for one thing. Whatever fell due before is recorded first, even on a refusal."""
        return self.record_all([(stream, request)])[0]

    def record_all(
        self, wanted: Sequence[tuple[DocumentKey, Request | Ask]] | Gather
    ) -> list[Outcome]:
        """Ask for many things in one commit; each is answered in turn, refusals included."""
        outcomes: list[Outcome] = []
        with self.store.transaction(self.clock) as transaction:
            for stream, request in wanted(transaction) if callable(wanted) else wanted:
                outcomes.append(self._answer(transaction, stream, request))
        return outcomes

    def let_time_act(self, stream: DocumentKey) -> Outcome:
        """Record what fell due in *stream* up to now."""
        with self.store.transaction(self.clock) as transaction:
            stored = self._apply(transaction, stream, [], None)
            return Outcome(tuple(stored), transaction.state(stream))

    def send_again(self, token_sha256: str, seen: int) -> Again:
        """Owe the mail of a link that has run out once more (:mod:`models.resend`)."""
        with self.store.transaction(self.clock) as transaction:
            link = lapsed(transaction.connection, token_sha256, transaction.now)
            if link is None:
                return Again.GONE
            self._apply(transaction, link.stream, [], None)
            # Time may have moved the duty, and ended the link for good.
            link = lapsed(transaction.connection, token_sha256, transaction.now)
            if link is None:
                return Again.GONE
            became, notices = owe_again(transaction, link, seen, instant_text(self.machine.now()))
            self._once_more(transaction, link.stream, notices, None)
            return became

    def readdress(self, wish: Readdress) -> Readdressed | Refusal:
        """Change where a body gets its mail (:mod:`models.readdress`)."""
        with self.store.transaction(self.clock) as transaction:
            if (refusal := refused(transaction, wish)) is not None:
                return refusal
            for stream in documents(transaction, wish.body):
                self._apply(transaction, stream, [], None)
            done = readdress(transaction, wish, instant_text(self.machine.now()))
            for stream, notices in done.anew.items():
                self._once_more(transaction, stream, notices, done.seq)
            return done

    def due(self) -> list[DocumentKey]:
        """Return the documents in which time has something to do by now."""
        now = instant_text(self.clock.now())
        with self.store.reading() as connection:
            rows = connection.execute(select(_STREAM.c.id).where(_STREAM.c.next_due <= now))
            return [DocumentKey(row[0]) for row in rows]

    def _answer(
        self, transaction: Transaction, stream: DocumentKey, request: Request | Ask
    ) -> Outcome:
        # What is told of a mail belongs to its own time, whenever it is written down.
        until = min(request.at, transaction.now) if isinstance(request, NoteDelivery) else None
        stored = self._apply(transaction, stream, [], None, until)
        wish = request(transaction) if callable(request) else request
        given = answer(transaction.state(stream), wish, transaction.now)
        if isinstance(given, Refusal):
            return Outcome(tuple(stored), transaction.state(stream), given)
        stored += self._apply(transaction, stream, [given], None, until)
        return Outcome(tuple(stored), transaction.state(stream))

    def _apply(
        self,
        transaction: Transaction,
        stream: DocumentKey,
        events: Sequence[Fact],
        cause: int | None,
        until: DateTime | None = None,
    ) -> list[Stored]:
        """Advance one document, and everything that hangs on it, up to *until* (or now)."""
        before = transaction.state(stream)
        if before.plan is None and not events:
            return []
        # What is folded is what will be read back: the same characters (NFC), the same zone.
        events = [decode(type(event).__name__, encode(event)) for event in events]
        step: Step = advance(before, events, until or transaction.now)
        if not step.entries:
            return []
        stored = transaction.append(stream, step.entries, step.state, cause)
        effects: list[tuple[int, Notify]] = [
            (each.seq, notify) for each in stored for notify in effects_of(step.state, each.fact)
        ]
        for each in stored:
            if isinstance(each.fact, Superseded):
                revoke(transaction, stream, each.fact.assignment)
        moved = {
            each.fact.assignment for each in stored if isinstance(each.fact, Rescheduled | Returned)
        }
        if moved:
            prolong(transaction, stream, moved)
        notices = owe(transaction, stream, effects, instant_text(self.machine.now()))
        if notices:
            self._queued(transaction, stream, notices, effects[0][0])
        for each in list(stored):
            stored += self._relay(transaction, step.state.document, each.fact, each.seq)
        return stored

    def _once_more(
        self,
        transaction: Transaction,
        stream: DocumentKey,
        notices: tuple[Notice, ...],
        cause: int | None,
    ) -> None:
        """Record which mails are owed once more: no fact asks for them, so something must."""
        if not transaction.state(stream).document.policy.proof:
            record_again(transaction, stream, notices)
        self._queued(transaction, stream, notices, cause)

    def _queued(
        self,
        transaction: Transaction,
        stream: DocumentKey,
        notices: tuple[Notice, ...],
        cause: int | None,
    ) -> None:
        """Record which mails are owed, where the policy wants proofs of notice."""
        state = transaction.state(stream)
        if notices and state.document.policy.proof:
            queued = NoticeQueued(transaction.now, state.queued + 1, notices)
            transaction.append(stream, [Entry(queued)], evolve(state, queued), cause)

    def _relay(
        self,
        transaction: Transaction,
        document: Document,
        fact: Fact,
        cause: int | None,
        only: DocumentKey | None = None,
    ) -> list[Stored]:
        # Only an issue concerns those below; every other fact spares the question.
        children = _children(transaction, document.key) if isinstance(fact, Issued) else []
        stored: list[Stored] = []
        for message in relayed(document, children, fact):
            if only is not None and message.stream != only:
                continue
            # The other document's own time acts first, as far as this fact's instant: what was
            # done in time is not overdue above because it was recorded late.
            stored += self._apply(transaction, message.stream, [], None, until=fact.at)
            event = message.make(transaction.state(message.stream))
            if event is not None:
                stored += self._apply(transaction, message.stream, [event], cause)
        return stored


def _children(transaction: Transaction, stream: DocumentKey) -> list[DocumentKey]:
    rows = transaction.connection.execute(_BELOW, {"above": stream})
    return [DocumentKey(row[0]) for row in rows]
