"""All duties of one body in a chain of documents, to look at: what, until when, how it stands.

A link is bound to one duty, so the list opens no other: each is worked on from its own mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pendulum import DateTime

from models.domain.directive import Document, Obligation
from models.domain.state import Progress, State
from models.domain.terms import BodyId, Phase, assignment_id
from notifications.words import bound_words
from portal.links import Grant
from portal.texts import TEXTS, Lang


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of the body."""

    document: Document
    obligation: Obligation
    progress: Progress
    current: bool
    """The one that the link is for."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What a body owes and has done, by its dates; what has none comes last."""

    body: BodyId
    name: str
    rows: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One duty in words."""

    summary: str
    place: str
    """Clause and number of the document."""
    bound: str
    status: str
    late: bool
    closed: bool
    current: bool


def row_of(duty: Duty, now: DateTime, lang: Lang) -> Row:
    """Return a duty in words, as it stands at *now*."""
    t, progress = TEXTS[lang], duty.progress
    place = t["clause_of"].format(clause=duty.obligation.clause, number=duty.document.number)
    due = progress.due
    return Row(
        duty.obligation.summary,
        place,
        bound_words(due, lang) if due else t["due_none"],
        t[f"du_{_standing(progress)}"],
        due is not None and not progress.closed and not progress.submitted_at and now >= due,
        progress.closed,
        duty.current,
    )


def _standing(progress: Progress) -> str:
    if progress.phase in (Phase.OPEN, Phase.ACKNOWLEDGED) and progress.returned_at is not None:
        return "returned"
    return progress.phase.value


def duties_of(states: Sequence[State], grant: Grant) -> Duties:
    """Return the duties of the link's body in the documents of *states*."""
    rows: list[Duty] = []
    name = grant.body
    for state in states:
        plan = state.plan
        if plan is None:
            continue
        name = BodyId(plan.name(grant.body)) if grant.body in plan.bodies else name
        for obligation in plan.document.obligations:
            copy = assignment_id(obligation.id, grant.body)
            if copy in state.progress and state.progress[copy].opened_at is not None:
                current = (grant.stream, grant.assignment) == (plan.document.key, copy)
                rows.append(Duty(plan.document, obligation, state.progress[copy], current))
    rows.sort(key=_order)
    return Duties(grant.body, name, tuple(rows))


def _order(duty: Duty) -> tuple[bool, bool, str]:
    due = duty.progress.due
    return duty.progress.closed, due is None, due.isoformat() if due else ""
