"""What changed between two replays of a document, and which facts did it.

Two instants, or one instant known at two times: a difference is between any two replays. For each
assignment it names what is otherwise and the facts that are in one replay and not in the other.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields

from audit.replay import Item, Replayed
from models.domain.facts import OnAssignment
from models.domain.state import Progress, State
from models.domain.terms import AssignmentId

_INNER = frozenset({"id", "obligation", "body", "timers", "timer", "report", "supplement"})
"""Not told: what never changes, what its facts say, and how the rules keep their appointments."""
FIELDS = tuple(field.name for field in fields(Progress) if field.name not in _INNER)
DOCUMENT_FIELDS = ("parent_issued_at", "issued_at", "reported_up_at", "completed_at")


@dataclass(frozen=True, slots=True)
class Change:
    """One value, before and after."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Changed:
    """One assignment (or the document itself, ``None``): what is otherwise and why."""

    assignment: AssignmentId | None
    changes: tuple[Change, ...]
    facts: tuple[Item, ...]
    """In the second replay and not in the first."""
    gone: tuple[Item, ...] = ()
    """In the first and not in the second: what was derived there and did not happen."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs, the document first, then in the order of its assignments."""

    first: Replayed
    second: Replayed
    changed: tuple[Changed, ...]


def between(first: Replayed, second: Replayed) -> Difference:
    """Return what is otherwise in *second*; both are replays of the same document."""
    if first.document != second.document:
        raise ValueError(f"{first.document} is not {second.document}")
    new = _by_assignment(second, {item.key for item in first.items})
    gone = _by_assignment(first, {item.key for item in second.items})
    changed = [
        Changed(
            assignment, changes, tuple(new.get(assignment, ())), tuple(gone.get(assignment, ()))
        )
        for assignment, changes in _changes(first.state, second.state)
        if changes or assignment in new or assignment in gone
    ]
    return Difference(first, second, tuple(changed))


def _by_assignment(replayed: Replayed, known: set[str]) -> dict[AssignmentId | None, list[Item]]:
    found: dict[AssignmentId | None, list[Item]] = defaultdict(list)
    for item in replayed.items:
        if item.key not in known:
            found[about(item)].append(item)
    return found


def about(item: Item) -> AssignmentId | None:
    """Return the assignment that a fact is about; ``None``: the document, or one of its duties."""
    if isinstance(item.fact, OnAssignment):
        return item.fact.assignment
    return getattr(item.fact, "assignment", None)


def _changes(
    first: State, second: State
) -> Iterator[tuple[AssignmentId | None, tuple[Change, ...]]]:
    yield None, (*_of_document(first, second), *_of_gates(first, second))
    known = {**first.progress, **second.progress}
    for assignment in (
        *_order(first),
        *(each for each in _order(second) if each not in first.progress),
    ):
        before, after = first.progress.get(assignment), second.progress.get(assignment)
        if before is after:
            yield assignment, ()
            continue
        one = known[assignment]
        blank = Progress(one.id, one.obligation, one.body)
        yield assignment, tuple(_differing(before or blank, after or blank, FIELDS))


def _order(state: State) -> tuple[AssignmentId, ...]:
    return tuple(state.plan.assignments) if state.plan else ()


def _of_document(first: State, second: State) -> Iterator[Change]:
    yield from _differing(first, second, DOCUMENT_FIELDS)


def _of_gates(first: State, second: State) -> Iterator[Change]:
    for waiting in sorted({*first.gates, *second.gates}):
        before, after = first.gates.get(waiting), second.gates.get(waiting)
        was, now = (gate.opened_at if gate else None for gate in (before, after))
        if was != now:
            yield Change(f"gate:{waiting}", was, now)


def _differing(before: object, after: object, names: tuple[str, ...]) -> Iterator[Change]:
    for name in names:
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield Change(name, was, now)
