"""One line for people: what a moved date does to a duty."""

from models.domain.facts import FeasibilityChanged
from models.domain.state import State
from models.domain.terms import AssignmentId
from notifications.words import bound_words


def prospect_words(state: State, fact: FeasibilityChanged, lang: str) -> str:
    """Return one line: which duty can no longer be kept in time (or again), and what it needs."""
    vi = lang == "vi"
    plan = state.plan
    assert plan is not None
    obligation = plan.obligations[fact.obligation]
    name = f"{state.key} {obligation.clause} {obligation.summary}"
    if fact.needs is None:
        return f"Lại kịp hạn: {name}" if vi else f"Possible in time again: {name}"
    on = str(fact.on)
    if on.startswith("below:"):
        owed = plan.assignments[AssignmentId(on.partition(":")[2])]
        on = ("báo cáo của " if vi else "the report of ") + plan.name(owed[1])
    needs, days = bound_words(fact.needs, lang), fact.days
    return (
        f"Không còn kịp hạn: {name} (do {on}): cần {needs}, thiếu {days} ngày làm việc"
        if vi
        else f"No longer possible in time: {name} (because of {on}): "
        f"needs {needs}, {days} working day(s) missing"
    )
