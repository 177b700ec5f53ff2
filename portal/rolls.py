"""The table of units for whoever consolidates: who reported, who is late, who is missing.

A total is the sum of what was reported, never an estimate: a missing unit is named, not counted
as zero.
"""

from dataclasses import dataclass
from enum import StrEnum

from pendulum import DateTime

from models.domain.directive import Obligation
from models.domain.state import Progress, State
from models.domain.terms import Phase
from portal.history import labelled

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
    sums: tuple[tuple[str, int, str], ...]
    """Label, sum and unit, over what was reported."""

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
    rows = [Row(state.plan.name(c.body), standing_of(c), is_late(c, now)) for c in copies]
    rows.sort(key=lambda row: (_ORDER[row.standing], not row.late))
    owing = [row for row in rows if row.standing is not Standing.WAIVED]
    sums = {figure.name: 0 for figure in awaited.figures}
    for copy in copies:
        if standing_of(copy).reported and copy.report is not None:
            for name, value in copy.report.figures:
                sums[name] = sums.get(name, 0) + value
    return Roll(
        awaited,
        tuple(rows[:ROWS]),
        len(owing),
        sum(row.standing.reported for row in owing),
        sum(row.late for row in owing),
        labelled(tuple(sums.items()), awaited),
    )


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
