"""What moved dates do to the duties that rest on them: which can no longer be kept, and by when
the document above may expect its report.

Only what the moves changed is said: what the text itself makes impossible was found before the
issue (``cascade lint``).
"""

from collections.abc import Iterator
from dataclasses import replace

from pendulum import DateTime

from models.domain.facts import FeasibilityChanged, ReportUpExpected
from models.domain.feasibility import Duty, Need, Network, Shortfall, Tie
from models.domain.moving import earliest, latest
from models.domain.state import State
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
        first, last = earliest(state, obligation), latest(state, obligation)
        if first is None or last is None or obligation.id not in duties:
            continue
        duties[obligation.id] = replace(duties[obligation.id], due=first)
        if last != first:
            several[obligation.id] = last
    for key, duty in list(duties.items()):
        needs = tuple(
            replace(need, on=need.on + _LAST) if need.on in several else need for need in duty.needs
        )
        duties[key] = replace(duty, needs=needs)
        if key in several:
            duties[key + _LAST] = replace(duty, key=key + _LAST, due=several[key], needs=needs)
    _add_reports(state, duties)
    return Network(duties.values(), document.calendar)


def _add_reports(state: State, duties: dict[str, Duty]) -> None:
    """Make what comes from below an input of the duty that it fulfils."""
    document, plan = state.document, state.plan
    assert plan is not None
    for assignment, due in state.expected.items():
        obligation, _ = plan.assignments[assignment]
        node, duty = BELOW + assignment, duties[obligation.id]
        duties[node] = Duty(node, duty.ready, due)
        duties[duty.key] = replace(
            duty,
            lead=lead_of(document, obligation, fed=True),
            needs=(*duty.needs, Need(node, Tie.INPUT)),
        )


def changes(state: State, at: DateTime) -> Iterator[FeasibilityChanged]:
    """Yield the difference between what is impossible now and what was last said of it."""
    given = {(each.duty, each.on) for each in network([state.document]).shortfalls}
    worst: dict[str, Shortfall] = {}
    for each in prospect(state).shortfalls:
        on = each.on.removesuffix(_LAST)
        if each.tie is Tie.ORDER or (each.duty, on) in given or each.duty.endswith(_LAST):
            continue
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


def report_up(state: State, at: DateTime) -> ReportUpExpected | None:
    """Return when the document above may expect the report, if a moved date changed that."""
    document = state.document
    parent, when = document.parent, document.reports_when
    if parent is None or parent.report is None or when is None or state.reported_up_at is not None:
        return None
    now = prospect(state).finish
    due = now.get(when + _LAST, now.get(when))
    planned = network([document]).finish.get(when)
    if due is None:
        return None
    number, told = state.expected_up if state.expected_up is not None else (0, planned)
    return ReportUpExpected(at, number + 1, due) if due != told else None


def infeasible(state: State) -> list[FeasibilityChanged]:
    """Return what moved dates have made impossible and is still owed, in the document's order."""
    if state.plan is None:
        return []
    found = []
    for obligation in state.document.obligations:
        said = state.feasibility.get(obligation.id)
        owed = any(not state.progress[each].closed for each in obligation.assignments())
        if said is not None and said.needs is not None and owed:
            found.append(said)
    return found
