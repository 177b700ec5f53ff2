"""How every assignment stood from instant to instant, on both axes; worked out once, for a page.

A course is what changed and when: for each assignment the instants at which its status became
another one. Between them nothing changes, so the status at any instant is the last one before it.
The same semantics as :meth:`audit.replay.History.at`, whose answers it must give at every instant.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from pendulum import DateTime

from audit.replay import History, counts_from
from models.domain.errors import ImpossibleFact
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
    # A successor's copy comes into the world with the fact that names it.
    found = {getattr(fact, name, None) for fact in facts for name in ("assignment", "successor")}
    return {each for each in found if each is not None}


def _own(
    history: History, derived: tuple[Fact, ...], until: DateTime
) -> dict[AssignmentId, Course]:
    courses, fold = _Courses(), _Fold(history, derived)
    numbers = [*range(len(history.bodies) + len(derived))]
    numbers.sort(key=fold.counts)
    for moment, group in groupby(numbers, fold.counts):
        if moment > until:
            break
        touched = fold.take([*group])
        courses.note(moment, fold.state, fold.state.progress if touched is None else touched)
    return courses.found


class _Fold:
    """The facts that count by an instant, folded in the ledger's order, as instants go by.

    A fact that was recorded late counts before others with smaller numbers: when those come to
    count, it is folded again after them. What is derived comes after everything recorded.
    """

    def __init__(self, history: History, derived: tuple[Fact, ...]) -> None:
        self._history = history
        self._facts = (*(body.fact for body in history.bodies), *derived)
        self._from = [*map(counts_from, history.bodies), *(fact.at for fact in derived)]
        self._taken: list[int] = []
        self._states = [State()]
        """After none of the facts that count, after the first, and so on."""

    @property
    def state(self) -> State:
        """Return the state after all facts that were taken."""
        return self._states[-1]

    def counts(self, number: int) -> DateTime:
        """Return from when the fact *number* (from 0) counts."""
        return self._from[number]

    def take(self, numbers: list[int]) -> set[AssignmentId] | None:
        """Let these facts count as well; return what they touch, ``None`` for everything."""
        begin = bisect_left(self._taken, min(numbers))
        again = sorted((*self._taken[begin:], *numbers))
        del self._taken[begin:], self._states[begin + 1 :]
        for number in again:
            self._states.append(self._after(number))
            self._taken.append(number)
        return _touched(self._facts[each] for each in again) if begin > 1 else None

    def _after(self, number: int) -> State:
        # Where none before it is left out, the history has folded it already.
        if number == len(self._taken) < len(self._history.bodies):
            return self._history.upto(number + 1)
        try:
            return evolve(self.state, self._facts[number])
        except ImpossibleFact:
            return self.state  # backdated beyond what made it possible


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
