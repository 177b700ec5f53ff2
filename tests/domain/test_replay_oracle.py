"""A replay of the demonstration at random instants is what an independent oracle says it was."""

import random
from typing import Any

import pytest
from pendulum import DateTime

from audit.replay import History, Replayed
from models.codec import instant_of, instant_text
from models.domain.facts import OnAssignment
from models.domain.state import Progress
from tests.histories import files
from tests.histories.oracle import answer, due_of, told

INSTANTS = 100
DOCUMENTS = ("57-KL/TW", "240-KH/TU", "256-KH/TU")


def instants(name: str, count: int = INSTANTS) -> list[DateTime]:
    """Return random instants of a history: anywhere, and right at, before and after its facts."""
    drawn = random.Random(f"{name} 57")
    rows = files.rows(name)
    first, last = rows[0].at, max(row.recorded_at for row in rows)
    begin, end = instant_of(first).subtract(days=2), instant_of(last).add(days=20)
    minutes = int((end - begin).total_seconds() // 60)
    anywhere = [begin.add(minutes=drawn.randrange(minutes)) for _ in range(count // 2)]
    edges = [
        instant_of(drawn.choice((row.at, row.recorded_at))).add(
            microseconds=drawn.choice((-1, 0, 1))
        )
        for row in drawn.choices(rows, k=count - len(anywhere))
    ]
    # Facts of people and other documents that were recorded late tell the two axes apart.
    late = [instant_of(row.at) for row in rows if row.kind == "I" and row.at < row.recorded_at]
    return [*anywhere, *edges, *late]


def seen(replayed: Replayed) -> dict[str, Any]:
    facts: dict[str, list[tuple[str, str]]] = {}
    for item in replayed.items:
        if isinstance(item.fact, OnAssignment):
            told = (type(item.fact).__name__, instant_text(item.fact.at))
            facts.setdefault(item.fact.assignment, []).append(told)
    state = replayed.state
    return {
        "issued": text(state.issued_at),
        "completed": text(state.completed_at),
        "gates": {gate.obligation: text(gate.opened_at) for gate in state.gates.values()},
        "copies": {copy.id: of(copy, facts.get(copy.id, [])) for copy in state.progress.values()},
    }


def of(copy: Progress, facts: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "phase": copy.phase.value,
        "first_due": text(copy.first_due),
        "due": text(copy.due),
        "opened": text(copy.opened_at),
        "acknowledged": text(copy.acknowledged_at),
        "submitted": text(copy.submitted_at),
        "overdue": text(copy.overdue_at),
        "closed": text(copy.closed_at),
        "version": copy.version,
        "rung": copy.rung,
        "rounds": copy.rounds,
        "moves": copy.moves,
        "told": copy.told,
        "answered": copy.answered,
        "withheld": copy.withheld,
        "untold": copy.untold,
        "facts": facts,
    }


def expected(world: dict[str, Any]) -> dict[str, Any]:
    return {
        "issued": world["issued"],
        "completed": world["completed"],
        "gates": {name: gate["opened"] for name, gate in world["gates"].items()},
        "copies": {
            name: {
                **{
                    key: value
                    for key, value in copy.items()
                    if key not in ("since", "left", "done", "returned", "held")
                },
                "due": due_of(world["document"], copy),
            }
            for name, copy in world["copies"].items()
        },
    }


def text(instant: DateTime | None) -> str | None:
    return None if instant is None else instant_text(instant)


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("name", ["demo", "demo-troubled", "demo-proven"])
def test_a_replay_is_what_the_oracle_says(name: str, document: str) -> None:
    facts = told(files.bodies(name), document)
    history = History.read(files.rows(name), document)
    drawn = random.Random(document)
    for instant in instants(name):
        # As it was; as it was known then; and as it was known at some other time.
        shift = drawn.choice((-40, -3, 0, 2, 30))
        for known in (None, instant, instant.add(days=shift)):
            theirs = answer(facts, instant_text(instant), text(known))
            assert seen(history.at(instant, known)) == expected(theirs), (instant, known)


def test_the_two_axes_differ_where_facts_were_recorded_late() -> None:
    history = History.read(files.rows("demo-troubled"), "240-KH/TU")
    differing = [
        instant
        for instant in instants("demo-troubled")
        if history.at(instant).state != history.at(instant, instant).state
    ]
    assert len(differing) > 5


def test_the_history_that_asks_for_proofs_holds_what_the_oracle_is_asked_of_it() -> None:
    kinds = {row.type for row in files.rows("demo-proven")}
    assert {"NoticeAccepted", "NoticeFailed", "NoticeRecorded", "NotTold"} <= kinds
    history = History.read(files.rows("demo-proven"), "256-KH/TU")
    copies = [
        copy for at in instants("demo-proven") for copy in history.at(at).state.progress.values()
    ]
    assert any(copy.withheld for copy in copies)
    assert any(copy.untold and not copy.withheld for copy in copies)
