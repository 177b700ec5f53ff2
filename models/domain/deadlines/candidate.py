"""A place in a sentence that says something about time, and what it came to."""

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple, Protocol

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


class Finding(NamedTuple):
    """What one place came to."""

    kind: Kind
    due: DateTime | None
    rule: str
    basis: str
    occurrences: tuple[DateTime, ...] = ()
    readings: tuple[tuple[str, DateTime], ...] = ()
    start: DateTime | None = None


class Form(Protocol):
    """What a place says, before it is worked out: a named tuple of one family."""

    def __iter__(self) -> Iterator[object]:
        """Yield its fields."""
        ...

    def solve(self, case: Case) -> Finding:
        """Work it out; raise :class:`~.case.Refusal` if no date may follow."""
        ...


class Candidate(NamedTuple):
    """One place: where it stands in the line, and what it says."""

    first: int
    last: int
    weight: Weight
    form: Form

    def quoted(self, line: Line) -> str:
        """Return its words."""
        return line.quote(self.first, self.last)


class Refused(NamedTuple):
    """A place that is recognised and refused."""

    code: str

    def solve(self, case: Case) -> Finding:
        """Refuse."""
        raise case.refuse(self.code)


def refused(match: re.Match[str], code: str, weight: Weight = Weight.FIRM) -> Candidate:
    """Return the place of *match* as one that is refused."""
    return Candidate(match.start(), match.end(), weight, Refused(code))
