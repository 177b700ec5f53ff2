"""Rows of the outbox into letters: with the fact that owes each, and the words of whoever decided.

The one place where a letter is made from the store; what it says is pure from there on.
"""

import json

from sqlalchemy import bindparam, select

from models.codec import decode
from models.domain.effects import Kind
from models.domain.facts import Fact
from models.domain.folding import evolve
from models.domain.state import State
from models.domain.terms import AssignmentId, BodyId
from models.store import Store
from models.tables import LedgerEvent, Outbox, table
from notifications.details import reason_of
from notifications.letter import Letter
from notifications.outbox import Claimed, thread_of
from notifications.week import Week, week_of

_OUTBOX = table(Outbox)
_EVENT = table(LedgerEvent)
_OWING = (
    select(_EVENT.c.seq, _EVENT.c.type, _EVENT.c.body)
    .join(_OUTBOX, _OUTBOX.c.seq == _EVENT.c.seq)
    .where(_OUTBOX.c.key == bindparam("of"))
)
_UP_TO = (
    select(_EVENT.c.type, _EVENT.c.body)
    .where(_EVENT.c.stream == bindparam("of"), _EVENT.c.seq <= bindparam("last"))
    .order_by(_EVENT.c.stream_seq)
)


SAID_BY_STATE = frozenset({Kind.ASSIGNED, Kind.REMINDER, Kind.OVERDUE, Kind.ESCALATION})
"""Kinds that say nothing beyond the state; most mails are of these, and spared the look-up."""


class Letters:
    """Makes letters of what one store owes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._week: tuple[int, Week] | None = None

    def of(self, mail: Claimed, state: State) -> Letter:
        """Return the letter of *mail*; *state* is the newest one of its document."""
        assert state.plan is not None
        kind, assignment = Kind(mail.kind), AssignmentId(mail.assignment)
        seq, fact = (0, None) if kind in SAID_BY_STATE else self._owing(mail.key)
        reason = reason_of(kind, fact, state, assignment) if assignment else None
        return Letter(
            kind=kind,
            assignment=assignment,
            detail=mail.detail,
            message_id=mail.message_id,
            address=mail.address,
            locale=mail.locale,
            token=mail.token,
            recipient_name=state.plan.name(BodyId(mail.recipient)),
            thread=thread_of(self._store, mail) if kind is not Kind.ASSIGNED else None,
            reason=self._store.blob(reason) if reason else None,
            fact=fact,
            stream=mail.stream,
            week=self._week_at(mail.stream, seq, fact) if kind is Kind.SUMMARY and fact else None,
        )

    def _owing(self, key: str) -> tuple[int, Fact | None]:
        """Return the fact that owes the mail called *key*, and its number."""
        with self._store.reading() as connection:
            row = connection.execute(_OWING, {"of": key}).first()
        return (row.seq, decode(row.type, json.loads(row.body)["data"])) if row else (0, None)

    def _week_at(self, stream: str, seq: int, fact: Fact) -> Week:
        """Return how the document stood when the summary was due, whatever came after.

        Folded anew, once for all recipients.
        """
        if self._week is None or self._week[0] != seq:
            state = State()
            with self._store.reading() as connection:
                for kind, body in connection.execute(_UP_TO, {"of": stream, "last": seq}):
                    state = evolve(state, decode(kind, json.loads(body)["data"]))
            self._week = (seq, week_of(state, fact.at))
        return self._week[1]
