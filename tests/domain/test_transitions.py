"""Every pair of phase and fact: either in the table, or impossible."""

from pathlib import Path

import pytest

from models.domain.diagram import render
from models.domain.errors import ImpossibleFact
from models.domain.facts import FACTS, Fact, OnAssignment
from models.domain.folding import evolve
from models.domain.state import State
from models.domain.terms import CLOSED, Phase
from models.domain.transitions import TRANSITIONS
from tests.builders import BTG, REPORTS, REPORTS_DUE, copy, issued, one_of_each, registered

P, O, K, S = Phase.PENDING, Phase.OPEN, Phase.ACKNOWLEDGED, Phase.SUBMITTED  # noqa: E741
A, W, X = Phase.ACCEPTED, Phase.WAIVED, Phase.SUPERSEDED

# Written from the design, apart from the code: what each fact may follow, and what comes of it.
PROMISED = {
    "Opened": {P: O},
    "Acknowledged": {O: K},
    "Submitted": {O: S, K: S},
    "Accepted": {S: A},
    "Returned": {S: O},
    "Waived": {P: W, O: W, K: W, S: W},
    "Superseded": {P: X, O: X, K: X, S: X},
    "ChildIssued": {P: A, O: A, K: A, S: A},
    "Reminded": {O: O, K: K},
    "BecameOverdue": {O: O, K: K},
    "Escalated": {O: O, K: K},
    "Rescheduled": {P: P, O: O, K: K, S: S},
    "Corrected": {S: S, A: A},
    "Supplemented": {S: S, A: A},
    "Disputed": {O: O, K: K},
    "DisputeRejected": {O: O, K: K, S: S},
    "ExtensionAsked": {O: O, K: K},
    "ExtensionRefused": {O: O, K: K, S: S},
    "NotTold": {O: O, K: K},
}

UNIT = copy(REPORTS)
_BY_NAME = {type(fact).__name__: fact for fact in one_of_each(UNIT, REPORTS_DUE)}
ACKNOWLEDGED, SUBMITTED, ACCEPTED, WAIVED, SUPERSEDED = (
    _BY_NAME[name] for name in ("Acknowledged", "Submitted", "Accepted", "Waived", "Superseded")
)


def in_phase(phase: Phase) -> State:
    state = registered().state if phase is P else issued().state
    ways: dict[Phase, tuple[Fact, ...]] = {
        K: (ACKNOWLEDGED,),
        S: (SUBMITTED,),
        A: (SUBMITTED, ACCEPTED),
        W: (WAIVED,),
        X: (SUPERSEDED,),
    }
    for fact in ways.get(phase, ()):
        state = evolve(state, fact)
    assert state.progress[UNIT].phase is phase
    return state


def test_the_table_is_what_was_promised() -> None:
    assert {kind.__name__: dict(row) for kind, row in TRANSITIONS.items()} == PROMISED


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize(
    "fact", one_of_each(UNIT, REPORTS_DUE), ids=lambda fact: type(fact).__name__
)
def test_a_pair_that_is_not_in_the_table_is_impossible(phase: Phase, fact: OnAssignment) -> None:
    state = in_phase(phase)
    then = PROMISED[type(fact).__name__].get(phase)
    if then is None:
        with pytest.raises(ImpossibleFact, match=f"{type(fact).__name__} cannot happen to {phase}"):
            evolve(state, fact)
    else:
        after = evolve(state, fact)
        assert after.progress[UNIT].phase is then
        assert after.position == state.position + 1
        others = [key for key in after.progress if key != UNIT]
        assert all(after.progress[key] is state.progress[key] for key in others)


def test_nothing_leaves_a_closed_phase() -> None:
    assert not [
        (kind, phase)
        for kind, row in TRANSITIONS.items()
        for phase, then in row.items()
        if phase in CLOSED and then is not phase
    ]


def test_every_fact_about_an_assignment_has_a_row() -> None:
    assert set(TRANSITIONS) == set(OnAssignment.__args__)
    assert len(one_of_each(copy(REPORTS, BTG), REPORTS_DUE)) == len(TRANSITIONS)
    assert {kind.__name__ for kind in TRANSITIONS} <= set(FACTS)


def test_the_printed_diagram_is_up_to_date() -> None:
    kept = Path(__file__).parents[2] / "docs" / "state-machine.md"
    assert kept.read_text() == render(), (
        "run: python -m models.domain.diagram > docs/state-machine.md"
    )


def test_the_diagram_shows_every_transition() -> None:
    text = render()
    for name, row in PROMISED.items():
        for phase, then in row.items():
            assert f"    {phase} --> {then}: {name}\n" in text
    assert text.count(" --> ") == sum(map(len, PROMISED.values())) + 1 + len(CLOSED)
