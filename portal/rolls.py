"""The table of units for whoever consolidates: who reported, who is late, who is missing.

A total is the sum of what was reported, never an estimate: a missing unit is named, not counted
as zero.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pendulum import DateTime
from sqlalchemy import Connection, select

from models.codec import decode
from models.domain.directive import Obligation
from models.domain.facts import Report, Submitted, key_of
from models.domain.state import Progress, State
from models.domain.terms import AssignmentId, Phase
from models.tables import LedgerEvent, table
from portal.history import labelled

_EVENT = table(LedgerEvent)
_CHUNK = 400
ROWS = 100
"""At most so many units by name on a page, the ones to worry about first."""


class Standing(StrEnum):
    """How one unit stands, in the order in which a table lists them."""

    MISSING = "missing"
    RETURNED = "returned"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    WAIVED = "waived"
    SUPERSEDED = "superseded"

    @property
    def reported(self) -> bool:
        """Tell whether there is a report to add up."""
        return self in (Standing.SUBMITTED, Standing.ACCEPTED)


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


class Rolls:
    """Makes rolls; remembers the figures of each version, so that only news is read."""

    def __init__(self) -> None:
        self._figures: dict[tuple[str, AssignmentId], tuple[int, dict[str, int]]] = {}

    def of(
        self, connection: Connection, state: State, obligation: Obligation, now: DateTime
    ) -> tuple[Roll, ...]:
        """Return a roll for each duty that *obligation* waits for."""
        assert state.plan is not None
        return tuple(
            self._roll(connection, state, state.plan.obligations[awaited], now)
            for awaited in obligation.waits_for
        )

    def _roll(
        self, connection: Connection, state: State, awaited: Obligation, now: DateTime
    ) -> Roll:
        assert state.plan is not None
        copies = [state.progress[each] for each in awaited.assignments()]
        # A duty that was lifted or moved away is no longer this unit's to be missed by.
        copies = [copy for copy in copies if copy.phase is not Phase.SUPERSEDED]
        rows = [
            Row(state.plan.name(copy.body), standing_of(copy), is_late(copy, now))
            for copy in copies
        ]
        self._learn(connection, state, copies)
        order = list(Standing)
        rows.sort(key=lambda row: (order.index(row.standing), not row.late))
        owing = [row for row in rows if row.standing is not Standing.WAIVED]
        return Roll(
            awaited,
            tuple(rows[:ROWS]),
            len(owing),
            sum(row.standing.reported for row in owing),
            sum(row.late for row in owing),
            self._sums(state, awaited, copies),
        )

    def _sums(
        self, state: State, awaited: Obligation, copies: Iterable[Progress]
    ) -> tuple[tuple[str, int, str], ...]:
        sums = {figure.name: 0 for figure in awaited.figures}
        for copy in copies:
            if standing_of(copy).reported:
                _, figures = self._figures.get((state.key, copy.id), (0, {}))
                for name, value in figures.items():
                    sums[name] = sums.get(name, 0) + value
        return labelled(tuple(sums.items()), awaited)

    def _learn(self, connection: Connection, state: State, copies: Iterable[Progress]) -> None:
        wanted: dict[str, tuple[AssignmentId, int]] = {}
        for copy in copies:
            known = self._figures.get((state.key, copy.id))
            if standing_of(copy).reported and (known is None or known[0] != copy.version):
                at = copy.submitted_at or copy.closed_at
                assert at is not None
                fact = Submitted(at, copy.id, copy.version, Report(), "", "")
                wanted[f"{state.key}|{key_of(fact)}"] = (copy.id, copy.version)
        keys = list(wanted)
        for start in range(0, len(keys), _CHUNK):
            rows = connection.execute(
                select(_EVENT.c.dedup_key, _EVENT.c.type, _EVENT.c.body).where(
                    _EVENT.c.dedup_key.in_(keys[start : start + _CHUNK])
                )
            )
            for key, kind, body in rows:
                found = decode(kind, json.loads(body)["data"])
                assert isinstance(found, Submitted)
                assignment, version = wanted[key]
                self._figures[state.key, assignment] = (version, dict(found.report.figures))


def standing_of(progress: Progress) -> Standing:
    """Return how a unit stands with its report."""
    match progress.phase:
        case Phase.SUBMITTED:
            return Standing.SUBMITTED
        case Phase.ACCEPTED:
            return Standing.ACCEPTED
        case Phase.WAIVED:
            return Standing.WAIVED
        case Phase.SUPERSEDED:
            return Standing.SUPERSEDED
        case _:
            return Standing.RETURNED if progress.returned_at else Standing.MISSING


def is_late(progress: Progress, now: DateTime) -> bool:
    """Tell whether the bound was missed, also when nobody has recorded it yet."""
    if progress.overdue_at is not None:
        return True
    owes = progress.phase in (Phase.OPEN, Phase.ACKNOWLEDGED)
    return owes and progress.due is not None and now >= progress.due
