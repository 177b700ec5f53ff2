"""The table of units for whoever consolidates: who reported, who is late, who is missing.

A total is the sum of what was reported, never an estimate: a missing unit is named, not counted
as zero.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pendulum import DateTime

from models.domain.directive import Obligation
from models.domain.facts import ON_BEHALF
from models.domain.state import Progress, State
from models.domain.terms import Phase
from portal.history import Answer

ROWS = 100
"""At most so many units by name on a page, the ones to worry about first."""


class Standing(StrEnum):
    """How one unit stands, in the order in which a table lists them."""

    MISSING = "missing"
    RETURNED = "returned"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    WAIVED = "waived"

    @property
    def reported(self) -> bool:
        """Tell whether there is a report to add up."""
        return self in (Standing.SUBMITTED, Standing.ACCEPTED)


_ORDER = {standing: index for index, standing in enumerate(Standing)}


@dataclass(frozen=True, slots=True)
class Row:
    """One unit."""

    name: str
    standing: Standing
    late: bool
    behalf: bool = False
    """The report was entered from paper by an office."""


@dataclass(frozen=True, slots=True)
class Roll:
    """All units of one awaited duty."""

    obligation: Obligation
    rows: tuple[Row, ...]
    """At most :data:`ROWS` of them."""
    units: int
    reported: int
    late: int
    """Reported late, or not reported and overdue."""
    sums: tuple[Answer, ...]
    """Over what was reported, for each number of the form."""

    @property
    def missing(self) -> int:
        """Return how many owe a report and have none in."""
        return self.units - self.reported

    @property
    def unnamed(self) -> int:
        """Return how many units are counted but not listed."""
        return self.units - len(self.rows)


def rolls_of(state: State, obligation: Obligation, now: DateTime) -> tuple[Roll, ...]:
    """Return a roll for each duty that *obligation* waits for."""
    assert state.plan is not None
    return tuple(
        _roll(state, state.plan.obligations[awaited], now) for awaited in obligation.waits_for
    )


def _roll(state: State, awaited: Obligation, now: DateTime) -> Roll:
    assert state.plan is not None
    copies = [state.progress[each] for each in awaited.assignments()]
    # A duty that moved to a successor is no longer this unit's to be missed by.
    copies = [copy for copy in copies if copy.phase is not Phase.SUPERSEDED]
    rows = [
        Row(
            state.plan.name(c.body),
            standing_of(c),
            is_late(c, now),
            standing_of(c).reported and c.trust == ON_BEHALF,
        )
        for c in copies
    ]
    rows.sort(key=lambda row: (_ORDER[row.standing], not row.late))
    owing = [row for row in rows if row.standing is not Standing.WAIVED]
    return Roll(
        awaited,
        tuple(rows[:ROWS]),
        len(owing),
        sum(row.standing.reported for row in owing),
        sum(row.late for row in owing),
        _sums(copies, awaited),
    )


def _sums(copies: list[Progress], awaited: Obligation) -> tuple[Answer, ...]:
    reports = [c.report for c in copies if standing_of(c).reported and c.report is not None]
    found = []
    for figure in awaited.figures:
        if figure.type == "whole":
            whole = sum(dict(report.figures).get(figure.name, 0) for report in reports)
            found.append(Answer(figure.name, figure.label, "whole", str(whole), figure.unit))
        elif figure.type == "decimal":
            parts = [dict(report.answers).get(figure.name, "0") for report in reports]
            total = sum(map(Decimal, parts), Decimal(0))
            found.append(Answer(figure.name, figure.label, "decimal", str(total), figure.unit))
    return tuple(found)


def standing_of(progress: Progress) -> Standing:
    """Return how a unit stands with its report."""
    match progress.phase:
        case Phase.SUBMITTED:
            return Standing.SUBMITTED
        case Phase.ACCEPTED:
            return Standing.ACCEPTED
        case Phase.WAIVED:
            return Standing.WAIVED
        case _:
            return Standing.RETURNED if progress.returned_at else Standing.MISSING


def is_late(progress: Progress, now: DateTime) -> bool:
    """Tell whether the bound was missed, also when nobody has recorded it yet."""
    if progress.overdue_at is not None:
        return True
    owes = progress.phase in (Phase.OPEN, Phase.ACKNOWLEDGED)
    return owes and progress.due is not None and now >= progress.due
