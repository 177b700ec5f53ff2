"""Whether a date may be moved (:class:`models.domain.facts.BoundMoved`)."""

from pendulum import DateTime

from models.domain.errors import Refusal
from models.domain.facts import BoundMoved, Fact
from models.domain.moving import current, hanging_on, in_force, own_dates, to_be_moved
from models.domain.refusals import (
    CLOSED,
    DONE,
    EARLIER,
    IN_THE_PAST,
    NO_BOUND,
    NOT_OWED,
    SAME_BOUND,
    UNKNOWN,
    stands_elsewhere,
)
from models.domain.requests import MoveBound
from models.domain.state import Progress, State


def answer_on_bound(state: State, request: MoveBound, now: DateTime) -> Fact | Refusal:
    """Return the moved date, or why it stays."""
    if state.plan is None:
        return UNKNOWN
    acts = state.moves.get(request.obligation, ())
    if acts and _says(acts[-1]) == _says(request):
        return DONE
    standing = current(state, request.obligation)
    hanging = [*hanging_on(state.plan, request.obligation)]
    if not hanging and (elsewhere := to_be_moved(state.plan, request.obligation)):
        return stands_elsewhere(request.obligation, elsewhere)
    if standing is None:
        return NO_BOUND
    copies = [
        state.progress[assignment]
        for obligation in hanging
        for assignment in obligation.assignments()
    ]
    if set(request.bodies) - {copy.body for copy in copies}:
        return NOT_OWED
    concerned = [copy for copy in copies if not request.bodies or copy.body in request.bodies]
    if all(copy.closed for copy in concerned):
        return CLOSED
    if request.due <= now:
        return IN_THE_PAST
    if request.bodies:
        named = (current(state, request.obligation, body) for body in request.bodies)
        were = {was for was in named if was is not None}
    else:
        # Everybody: those who have a date of their own too.
        were = {standing, *own_dates(state, request.obligation).values()}
    if were == {request.due}:
        return SAME_BOUND
    if not request.earlier and any(request.due < was for was in were):
        return EARLIER
    if request.bodies and not request.earlier:
        # Working days that a return or a succession gave last longer: nothing would move.
        given = [copy.due for copy in concerned if not copy.closed and _is_given(state, copy)]
        still = sum(not copy.closed for copy in concerned)
        if len(given) == still and all(due is not None and request.due <= due for due in given):
            return SAME_BOUND if set(given) == {request.due} else EARLIER
    return BoundMoved(
        now,
        request.obligation,
        len(acts) + 1,
        min(were) if request.bodies else standing,
        request.due,
        request.phrase,
        request.by,
        request.authority,
        request.reason_sha256,
        tuple(sorted(request.bodies)),
        request.why,
    )


def _is_given(state: State, copy: Progress) -> bool:
    """Tell whether the bound of *copy* is later than the acts and the text have it."""
    assert state.plan is not None
    bound = in_force(state, state.plan.obligations[copy.obligation], copy.body)
    return copy.due is not None and bound is not None and copy.due > bound


def _says(act: MoveBound | BoundMoved) -> tuple[object, ...]:
    """Return what makes two acts the same decision."""
    return act.due, act.authority, act.by, tuple(sorted(act.bodies)), act.why
