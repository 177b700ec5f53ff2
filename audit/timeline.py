"""How every assignment stood from instant to instant, on both axes; worked out once, for a page.

A course is what changed and when: for each assignment the instants at which its status became
another one. Between them nothing changes, so the status at any instant is the last one before it.
The same semantics as :meth:`audit.replay.History.at`, whose answers it must give at every instant.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from pendulum import DateTime

from audit.replay import History, counts_from
from models.domain.facts import Fact
from models.domain.folding import evolve
from models.domain.machine import advance
from models.domain.state import Progress, State
from models.domain.statistics import is_late
from models.domain.terms import AssignmentId

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Status:
    """What a bar shows of an assignment at one instant."""

    phase: str
    late: bool = False
    due: DateTime | None = None
    rung: int = 0
    version: int = 0

    @classmethod
    def of(cls, copy: Progress) -> "Status":
        """Return what is shown of *copy*."""
        return cls(copy.phase.value, is_late(copy), copy.due, copy.rung, copy.version)


Course = list[tuple[DateTime, Status]]
"""From when on which status, in order."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The courses of one document."""

    own: dict[AssignmentId, Course]
    """By the directive's own time, from everything known today."""
    known: dict[AssignmentId, Course]
    """At each instant from what had been recorded by then."""
    derived: tuple[Fact, ...]
    """What is due by the end though the ledger does not hold it yet."""


def timeline(history: History, until: DateTime) -> Timeline:
    """Return the courses of a document up to *until*."""
    whole = history.at(until)
    derived = tuple(item.fact for item in whole.derived)
    return Timeline(_own(history, derived, until), _known(history, until), derived)


class _Courses:
    """Courses while they are being worked out."""

    def __init__(self) -> None:
        self.found: dict[AssignmentId, Course] = {}

    def note(self, when: DateTime, state: State, touched: Iterable[AssignmentId]) -> None:
        """Write down how the *touched* assignments stand from *when* on."""
        for assignment in touched:
            copy = state.progress.get(assignment)
            if copy is None:
                continue
            status, course = Status.of(copy), self.found.setdefault(assignment, [])
            if course and course[-1][0] == when:
                course.pop()
            if not course or course[-1][1] != status:
                course.append((when, status))


def _touched(facts: Iterable[Fact]) -> set[AssignmentId]:
    found = {getattr(fact, "assignment", None) for fact in facts}
    # A successor's copy comes into the world with the fact that names it.
    found |= {getattr(fact, "successor", None) for fact in facts}
    return {each for each in found if each is not None}


def _own(
    history: History, derived: tuple[Fact, ...], until: DateTime
) -> dict[AssignmentId, Course]:
    courses = _Courses()
    instants = sorted(counts_from(body) for body in history.bodies)
    taken = 0
    """How many facts the last state was made of, and of no other; 0: it was made otherwise."""
    for moment in sorted({*instants, *(fact.at for fact in derived)}):
        if moment > until:
            break
        within = history.within(moment)
        if within == bisect_right(instants, moment) and not any(f.at <= moment for f in derived):
            state = history.upto(within)
            facts = [body.fact for body in history.bodies[taken:within]]
            courses.note(moment, state, _touched(facts) if taken > 1 else state.progress)
            taken = within
        else:
            state, taken = history.at(moment).state, 0
            courses.note(moment, state, state.progress)
    return courses.found


def _known(history: History, until: DateTime) -> dict[AssignmentId, Course]:
    courses, taken, again = _Courses(), 0, set[AssignmentId]()
    for moment, facts, end in _recordings(history, until):
        taken += len(facts)
        state = history.upto(taken)
        touched = _touched(facts) | again if taken > len(facts) else set(state.progress)
        courses.note(moment, state, touched)
        # What falls due until somebody writes again.
        again, ahead = set(), state
        for fact in advance(state, (), end).facts if state.plan is not None else ():
            ahead = evolve(ahead, fact)
            concerned = _touched((fact,))
            again |= concerned
            courses.note(max(fact.at, moment), ahead, concerned)
    return courses.found


def _recordings(
    history: History, until: DateTime
) -> Iterator[tuple[DateTime, list[Fact], DateTime]]:
    """Yield when something was recorded, what, and the last instant before the next time."""
    groups: list[tuple[DateTime, list[Fact]]] = []
    for body in history.bodies:
        if not groups or groups[-1][0] < body.recorded_at:
            groups.append((body.recorded_at, []))
        groups[-1][1].append(body.fact)
    for index, (moment, facts) in enumerate(groups):
        if moment > until:
            return
        last = index + 1 == len(groups)
        yield moment, facts, until if last else min(until, groups[index + 1][0] - _TICK)
