"""What a change of calendar or of reading would do to dates that were announced; it does nothing.

Announced dates stay until a person confirms the new one and the ledger records both.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from pendulum import DateTime

from models.domain.calendar import WorkCalendar
from models.domain.deadlines.read import read
from models.domain.deadlines.settings import Reading

_DEFAULT = Reading()


@dataclass(frozen=True, slots=True)
class Announced:
    """A bound as it was made known, and what it was computed from."""

    key: str
    """Whose bound: an obligation, an assignment."""
    phrase: str
    due_exclusive: DateTime
    issued: date | None = None
    event: date | datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """An announced bound that would now come out otherwise."""

    announced: Announced
    proposed: DateTime | None
    """``None`` when the phrase would no longer give a date."""


def moves(
    announced: Iterable[Announced],
    calendar: WorkCalendar,
    settings: Reading = _DEFAULT,
) -> Iterator[Move]:
    """Yield what would move under *calendar* and *settings*, in the order given."""
    for each in announced:
        result = read(
            each.phrase,
            issued=each.issued,
            event=each.event,
            settings=settings,
            calendar=calendar,
        )
        if result.due_exclusive != each.due_exclusive:
            yield Move(each, result.due_exclusive)
