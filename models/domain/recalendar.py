"""Which announced dates a changed calendar would move. Nothing moves by itself.

A date in the words of a document follows from the calendar only where it is counted in working days
or rolls off a day off. It is read again with the new calendar, from the words and the day that it
was read with first; where that gives another bound than the one in force, a person is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pendulum import DateTime

from models.domain.calendar import WorkCalendar, local
from models.domain.deadlines import read, reading_under
from models.domain.directive import Bound, Document
from models.domain.facts import BoundMoved
from models.domain.moving import bounds_of, current, hanging_on, origin_of
from models.domain.state import State
from models.domain.terms import BodyId, ObligationId

CALENDAR = "calendar"
"""The reason (:attr:`models.domain.facts.BoundMoved.why`) of a date moved by the calendar."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One announced date that the calendar would move; confirmed by a person or left alone."""

    obligation: ObligationId
    clause: str
    phrase: str
    was: DateTime
    """The bound in force."""
    due: DateTime
    """What the words give with the new calendar."""
    bodies: tuple[BodyId, ...] = ()
    """For whom; empty: for everybody who owes it."""


def proposals(state: State, calendar: WorkCalendar) -> list[Proposal]:
    """Return the dates of *state*'s document that *calendar* would move, in the text's order."""
    if state.plan is None:
        return []
    found: list[Proposal] = []
    for origin, clause, bound in _origins(state):
        words = _Words(bound.phrase, state.document.issued_on, bound.event, bound.reading)
        acts = state.moves.get(ObligationId(origin), ())
        for bodies, act in _groups(origin, acts, state):
            said = words if act is None or act.why == CALENDAR else _Words.of(act)
            was = current(state, origin, bodies[0] if bodies else None)
            due = said.due(state.document, calendar)
            # A date that the calendar moved before may be moved back by it.
            by_calendar = (act is not None and act.why == CALENDAR) or (
                due != said.due(state.document, state.document.calendar)
            )
            if was is not None and due is not None and by_calendar and due != was:
                found.append(Proposal(ObligationId(origin), clause, said.phrase, was, due, bodies))
    return found


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of a date, and what they were read with."""

    phrase: str
    issued: date | None
    event: date | None
    way: str

    @classmethod
    def of(cls, act: BoundMoved) -> "_Words":
        return cls(act.phrase, local(act.at).date(), None, "")

    def due(self, document: Document, calendar: WorkCalendar) -> DateTime | None:
        return read(
            self.phrase,
            issued=self.issued,
            event=self.event,
            settings=reading_under(document.policy, self.way),
            calendar=calendar,
        ).due_exclusive


def _origins(state: State) -> Iterator[tuple[str, str, Bound]]:
    """Yield each obligation whose words date something that is still owed."""
    plan, seen = state.plan, set()
    assert plan is not None
    for obligation in plan.document.obligations:
        for bound in bounds_of(obligation):
            origin = origin_of(obligation, bound)
            owed = any(
                not state.progress[assignment].closed
                for each in hanging_on(plan, origin)
                for assignment in each.assignments()
            )
            if origin not in seen and owed:
                seen.add(origin)
                yield origin, bound.clause, bound


def _groups(
    origin: str, acts: tuple[BoundMoved, ...], state: State
) -> Iterator[tuple[tuple[BodyId, ...], BoundMoved | None]]:
    """Yield whom one date is in force for, with the newest act that set it."""
    general = [act for act in acts if not act.bodies]
    yield (), general[-1] if general else None
    since = general[-1].number if general else 0
    own: dict[BodyId, BoundMoved] = {}
    for act in acts:
        if act.number > since:
            own |= dict.fromkeys(act.bodies, act)
    for body, act in own.items():
        if f"{origin}@{body}" in state.moved:
            yield (body,), act
