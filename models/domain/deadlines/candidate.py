"""A place in a sentence that says something about time, and what it came to."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

from pendulum import DateTime

from models.domain.deadlines.atoms import Line
from models.domain.deadlines.case import Case
from models.domain.deadlines.result import Kind

LAW = "BLDS 2015"


class Weight(IntEnum):
    """How surely a place is the deadline of its sentence."""

    ASIDE = 1
    """A start, an event, a cut-off: a date, but no deadline."""
    LOOSE = 2
    """A period that no word makes a deadline, or a count whose start is not known."""
    FIRM = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What one place came to."""

    kind: Kind
    due: DateTime | None
    rule: str
    basis: str
    occurrences: tuple[DateTime, ...] = ()
    readings: tuple[tuple[str, DateTime], ...] = ()
    start: DateTime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place: where it stands in the line, and how to work it out."""

    first: int
    last: int
    weight: Weight
    solve: Callable[[Case], Finding]

    def quoted(self, line: Line) -> str:
        """Return its words."""
        return line.quote(self.first, self.last)


def refused(match: re.Match[str], code: str, weight: Weight = Weight.FIRM) -> Candidate:
    """Return a place that is recognised and refused."""

    def solve(case: Case) -> Finding:
        raise case.refuse(code)

    return Candidate(match.start(), match.end(), weight, solve)


def widened(candidate: Candidate, first: int, last: int) -> Candidate:
    """Return *candidate* standing at other places."""
    return replace(candidate, first=first, last=last)
