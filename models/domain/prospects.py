"""What moved dates do to the duties that rest on them: which can no longer be kept, and by when
the document above may expect its report.

Only what the moves changed is said: what the text itself makes impossible was found before the
issue (``cascade lint``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pendulum import DateTime

from models.domain.facts import Fact, FeasibilityChanged, ReportUpExpected
from models.domain.feasibility import Duty, Need, Network, Shortfall, Tie
from models.domain.moving import owed
from models.domain.state import State
from models.domain.terms import AssignmentId
from models.domain.ties import lead_of, network

BELOW = "below:"
"""Prefix of the node that stands for a report from a document below."""
_LAST = "~"
"""Mark of the node that stands for the last of the bodies that owe one obligation."""


def prospect(state: State) -> Network:
    """Return the network of the document with the bounds in force, and the reports from below.

    Where bodies have different bounds, the obligation's own node has the earliest (they must all
    be able to keep theirs), and what rests on it waits for a second node with the latest.
    """
    document = state.document
    plain = network([document])
    duties = dict(plain.duties)
    several: dict[str, DateTime] = {}
    for obligation in document.obligations:
        if obligation.id not in duties:
            continue
        dues = owed(state, obligation)
        if dues is not None:
            duties[obligation.id] = replace(duties[obligation.id], due=dues[0])
            if dues[1] != dues[0]:
                several[obligation.id] = dues[1]
        elif obligation.bound is not None:
            del duties[obligation.id]  # done: nothing waits for it, and it waits for nothing
    for waiting, gate in state.gates.items():
        if gate.opened_at is not None and waiting in duties:
            # It has started: whoever is missing is named, and waited for no longer.
            duty = duties[waiting]
            needs = tuple(need for need in duty.needs if need.on not in gate.waits_for)
            duties[waiting] = replace(duty, needs=needs)
    for key, duty in list(duties.items()):
        needs = tuple(
            replace(need, on=need.on + _LAST) if need.on in several else need for need in duty.needs
        )
        duties[key] = replace(duty, needs=needs)
        if key in several:
            duties[key + _LAST] = replace(duty, key=key + _LAST, due=several[key], needs=needs)
    _add_reports(state, duties, {key: fact.due for key, fact in state.expected.items()})
    return Network(duties.values(), document.calendar)


def given(state: State) -> Network:
    """Return the network by the text's own dates, the reports from below where they are known."""
    duties = dict(network([state.document]).duties)
    planned = {k: fact.planned for k, fact in state.expected.items() if fact.planned is not None}
    _add_reports(state, duties, planned)
    return Network(duties.values(), state.document.calendar)


def _add_reports(
    state: State, duties: dict[str, Duty], dues: Mapping[AssignmentId, DateTime]
) -> None:
    """Make what comes from below an input of the duty that it fulfils, until it is there."""
    document, plan = state.document, state.plan
    assert plan is not None
    for assignment, due in dues.items():
        obligation, _ = plan.assignments[assignment]
        if obligation.id not in duties or state.progress[assignment].version:
            continue
        node, duty = BELOW + assignment, duties[obligation.id]
        duties[node] = Duty(node, duty.ready, due)
        duties[duty.key] = replace(
            duty,
            lead=lead_of(document, obligation, fed=True),
            needs=(*duty.needs, Need(node, Tie.INPUT)),
        )


def prospects(state: State, at: DateTime) -> tuple[Fact, ...]:
    """Return what moved dates have made impossible or possible, here and for those above."""
    now, text = prospect(state), given(state)
    told = _report_up(state, at, now, text)
    return (*_changes(state, at, now, text), *((told,) if told is not None else ()))


def _changes(
    state: State, at: DateTime, now: Network, given: Network
) -> Iterator[FeasibilityChanged]:
    """Yield the difference between what is impossible *now* and what was last said of it."""
    text = {(each.duty, each.on): each.needs for each in given.shortfalls}
    worst: dict[str, Shortfall] = {}
    for each in now.shortfalls:
        on = each.on.removesuffix(_LAST)
        if each.tie is Tie.ORDER or each.duty.endswith(_LAST):
            continue
        own = text.get((each.duty, on))
        if own is not None and each.needs <= own:
            continue  # the text itself asks that much
        known = worst.get(each.duty)
        if known is None or (each.tie is Tie.INPUT, each.needs) > (
            known.tie is Tie.INPUT,
            known.needs,
        ):
            worst[each.duty] = each
    for obligation in state.document.obligations:
        found, said = worst.get(obligation.id), state.feasibility.get(obligation.id)
        number = said.number + 1 if said is not None else 1
        if found is not None:
            on = found.on.removesuffix(_LAST)
            news = (on, found.tie.value, found.needs, found.days)
            if said is None or (said.on, said.tie, said.needs, said.days) != news:
                yield FeasibilityChanged(at, obligation.id, number, *news)
        elif said is not None and said.needs is not None:
            yield FeasibilityChanged(at, obligation.id, number, said.on, said.tie, None, 0)


def _report_up(state: State, at: DateTime, now: Network, given: Network) -> ReportUpExpected | None:
    """Return when the document above may expect the report, if a moved date changed that."""
    document = state.document
    parent, when = document.parent, document.reports_when
    if parent is None or parent.report is None or when is None or state.reported_up_at is not None:
        return None
    due = now.finish.get(when + _LAST, now.finish.get(when))
    planned = given.finish.get(when)
    if due is None:
        return None
    number, told = state.expected_up if state.expected_up is not None else (0, planned)
    return ReportUpExpected(at, number + 1, due, planned) if due != told else None


def infeasible(state: State) -> list[FeasibilityChanged]:
    """Return what moved dates have made impossible and is still owed, in the document's order."""
    if state.plan is None:
        return []
    found = []
    for obligation in state.document.obligations:
        said = state.feasibility.get(obligation.id)
        left = any(not state.progress[each].closed for each in obligation.assignments())
        if said is not None and said.needs is not None and left:
            found.append(said)
    return found
