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
from models.tables import LedgerEvent, table
from notifications.details import reason_of
from notifications.letter import Letter
from notifications.outbox import Claimed, thread_of, told_before
from notifications.week import Week, week_of

FROM_STATE = frozenset({Kind.ASSIGNED, Kind.REMINDER, Kind.OVERDUE, Kind.ESCALATION})
"""Kinds (the many) of which the state says everything; the fact would add nothing."""

COUNTED = frozenset({Kind.REMINDER, Kind.OVERDUE})
"""Kinds that say how often the same was said before."""

_EVENT = table(LedgerEvent)
_UP_TO = (
    select(_EVENT.c.type, _EVENT.c.body)
    .where(_EVENT.c.stream == bindparam("of"), _EVENT.c.seq <= bindparam("last"))
    .order_by(_EVENT.c.stream_seq)
)


class Letters:
    """Makes letters of what one store owes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._week: tuple[int, Week] | None = None

    def of(self, mail: Claimed, state: State) -> Letter:
        """Return the letter of *mail*; *state* is the newest one of its document."""
        assert state.plan is not None
        kind, assignment = Kind(mail.kind), AssignmentId(mail.assignment)
        fact = None if kind in FROM_STATE else self._store.fact(mail.seq)
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
            told=told_before(self._store, mail) if kind in COUNTED else 0,
            reason=self._store.blob(reason) if reason else None,
            fact=fact,
            stream=mail.stream,
            week=self._week_at(mail, fact) if kind is Kind.SUMMARY and fact else None,
        )

    def _week_at(self, mail: Claimed, fact: Fact) -> Week:
        """Return how the document stood when the summary was due, whatever came after.

        Folded anew, once for all recipients.
        """
        if self._week is None or self._week[0] != mail.seq:
            state = State()
            with self._store.reading() as connection:
                of = {"of": mail.stream, "last": mail.seq}
                for kind, body in connection.execute(_UP_TO, of):
                    state = evolve(state, decode(kind, json.loads(body)["data"]))
            self._week = (mail.seq, week_of(state, fact.at))
        return self._week[1]
