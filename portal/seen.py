"""What one visit to a link sees, read in one go on the database's thread."""

from dataclasses import dataclass, field, replace

from pendulum import DateTime

from models.domain.directive import Document, Obligation
from models.domain.state import Plan, Progress, State
from models.store import Store
from portal import history
from portal.history import History
from portal.links import Grant, find
from portal.rolls import Roll, rolls_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A valid link and the state behind it; the history is read for pages only."""

    grant: Grant
    state: State
    now: DateTime
    """On the directive's clock."""
    history: History = field(default_factory=History)
    rolls: tuple[Roll, ...] = ()

    @property
    def plan(self) -> Plan:
        """Return the document with its look-up tables."""
        assert self.state.plan is not None
        return self.state.plan

    @property
    def document(self) -> Document:
        """Return the document."""
        return self.plan.document

    @property
    def obligation(self) -> Obligation:
        """Return the duty."""
        return self.plan.assignments[self.grant.assignment][0]

    @property
    def progress(self) -> Progress:
        """Return where the assignment stands."""
        return self.state.progress[self.grant.assignment]


def admit(store: Store, sha256: str, now: DateTime) -> Seen | None:
    """Return what the link shows, without its history; ``None`` if the link is good for nothing."""
    with store.reading() as connection:
        grant = find(connection, sha256, now)
    if grant is None:
        return None
    state = store.state(grant.stream)
    return Seen(grant, state, now) if grant.fits(state) else None


def look(store: Store, sha256: str, now: DateTime) -> Seen | None:
    """Return what the link shows, history and table of units included."""
    seen = admit(store, sha256, now)
    if seen is None:
        return None
    with store.reading() as connection:
        told = history.read(connection, seen.grant.stream, seen.progress, seen.obligation)
    return replace(seen, history=told, rolls=rolls_of(seen.state, seen.obligation, now))
