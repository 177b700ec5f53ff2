"""Moved dates: which bound is in force for whom, and what hangs on the one that moves.

The text's bounds never change. What moved them is remembered beside them by the obligation in
whose words the date stands (:attr:`models.domain.directive.Bound.of`): for everybody, or for one
body. The newest act wins for those whom it names; where several clauses ask for one product, the
strictest of their bounds stays in force.
"""

from collections.abc import Iterator

from immutables import Map
from pendulum import DateTime

from models.domain.directive import Bound, Obligation
from models.domain.facts import BoundMoved
from models.domain.state import Plan, State
from models.domain.terms import BodyId, ObligationId, assignment_id


def bounds_of(obligation: Obligation) -> tuple[Bound, ...]:
    """Return every bound that applies to *obligation* (one document of old knew only one)."""
    if obligation.bounds or obligation.bound is None:
        return obligation.bounds
    return (obligation.bound,)


def origin_of(obligation: Obligation, bound: Bound) -> str:
    """Return the obligation in whose words *bound* stands."""
    return bound.of or obligation.id


def in_force(state: State, obligation: Obligation, body: BodyId) -> DateTime | None:
    """Return the half-open bound of *body*'s copy; ``None`` for a standing duty."""
    return min(
        (_moved(state, origin_of(obligation, each), body, each) for each in bounds_of(obligation)),
        default=None,
    )


def _moved(state: State, origin: str, body: BodyId, bound: Bound) -> DateTime:
    own = state.moved.get(_key(origin, body))
    return own or state.moved.get(origin) or bound.due_exclusive


def owed(state: State, obligation: Obligation) -> tuple[DateTime, DateTime] | None:
    """Return the earliest and the latest bound in force of what is still owed.

    ``None`` when nobody owes it any more, or when it has no date. Costs what has dates of its own,
    not the number of units.
    """
    origins = {origin_of(obligation, each) for each in bounds_of(obligation)}
    own = [
        body
        for body in (
            key.partition("@")[2] for key in state.moved if key.partition("@")[0] in origins
        )
        if body
    ]
    alone = frozenset(own)
    others = (
        body
        for body in obligation.assignees
        if body not in alone and not _closed(state, obligation, body)
    )
    first = next(others, None)
    concerned = [BodyId(body) for body in alone if not _closed(state, obligation, BodyId(body))]
    if first is not None:
        concerned.append(first)
    dues = [due for body in concerned if (due := in_force(state, obligation, body)) is not None]
    return (min(dues), max(dues)) if dues else None


def _closed(state: State, obligation: Obligation, body: BodyId) -> bool:
    progress = state.progress.get(assignment_id(obligation.id, body))
    return progress is None or progress.closed


def earliest(state: State, obligation: Obligation) -> DateTime | None:
    """Return the earliest bound in force for *obligation*, whoever has done it already."""
    dues = (in_force(state, obligation, body) for body in obligation.assignees)
    return min((due for due in dues if due is not None), default=None)


def latest(state: State, obligation: Obligation) -> DateTime | None:
    """Return the latest bound in force among those who still owe *obligation*."""
    found = owed(state, obligation)
    return None if found is None else found[1]


def hanging_on(plan: Plan, origin: str) -> Iterator[Obligation]:
    """Yield the obligations that bodies owe and whose bound stands in the words of *origin*."""
    for obligation in plan.document.obligations:
        if obligation.assignees and any(
            origin_of(obligation, each) == origin for each in bounds_of(obligation)
        ):
            yield obligation


def stated(plan: Plan, origin: str) -> Bound | None:
    """Return the bound in the words of *origin*, wherever it applies; ``None`` if it has none."""
    for obligation in plan.document.obligations:
        for each in bounds_of(obligation):
            if origin_of(obligation, each) == origin:
                return each
    return None


def current(state: State, origin: str, body: BodyId | None = None) -> DateTime | None:
    """Return where the date of *origin* stands now: for everybody, or for *body*."""
    assert state.plan is not None
    bound = stated(state.plan, origin)
    if bound is None:
        return None
    if body is not None and (own := state.moved.get(_key(origin, body))) is not None:
        return own
    return state.moved.get(origin) or bound.due_exclusive


def own_dates(state: State, origin: str) -> dict[BodyId, DateTime]:
    """Return the dates of *origin* that single bodies have of their own."""
    head = _key(origin, "")
    return {
        BodyId(key.removeprefix(head)): due
        for key, due in state.moved.items()
        if key.startswith(head)
    }


def to_be_moved(plan: Plan, obligation: str) -> tuple[str, ...]:
    """Return where the date of *obligation* stands, if not in its own words.

    It inherits the date of another, or is closed together with others, whose date it is.
    """
    duty = plan.obligations.get(ObligationId(obligation))
    if duty is None:
        return ()
    if duty.assignees:
        return tuple(
            origin for each in bounds_of(duty) if (origin := origin_of(duty, each)) != obligation
        )
    return tuple(each.id for each in plan.document.obligations if obligation in each.also)


def moved_by(moved: Map[str, DateTime], fact: BoundMoved) -> Map[str, DateTime]:
    """Return the moved dates with *fact* folded in."""
    if fact.bodies:
        for body in fact.bodies:
            moved = moved.set(_key(fact.obligation, body), fact.due)
        return moved
    for key in [each for each in moved if each.startswith(_key(fact.obligation, ""))]:
        moved = moved.delete(key)
    return moved.set(fact.obligation, fact.due)


def acts_on(state: State, obligation: Obligation) -> list[BoundMoved]:
    """Return the acts that moved a bound of *obligation*, oldest first."""
    origins = {origin_of(obligation, each) for each in bounds_of(obligation)}
    found = [act for origin in origins for act in state.moves.get(ObligationId(origin), ())]
    return sorted(found, key=lambda act: act.at)


def _key(origin: str, body: str) -> str:
    return f"{origin}@{body}"
