"""What one visit to a link sees, read in one go on the database's thread."""

from dataclasses import dataclass

from pendulum import DateTime

from models.domain.directive import Document, Obligation
from models.domain.state import Plan, Progress, State
from models.domain.terms import DocumentKey
from models.store import Store
from portal import history
from portal.history import History
from portal.links import Grant, find
from portal.rolls import Roll, rolls_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A valid link and what is behind it."""

    grant: Grant
    state: State
    now: DateTime
    """On the directive's clock."""
    history: History
    rolls: tuple[Roll, ...]

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


REMEMBERED = 4096
"""So many links that were looked at are remembered (under 2 MB)."""

Admitted = tuple[Grant, Obligation]


class Lobby:
    """Lets links in and shows what is behind them. All but ``remembered`` is for one thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._plans: dict[DocumentKey, Plan] = {}
        self._admitted: dict[str, Admitted] = {}

    def remembered(self, sha256: str) -> Admitted | None:
        """Return what a link was good for when it was last looked at. From any thread.

        Only its revocation and its end can have come since; whoever records looks again.
        """
        return self._admitted.get(sha256)

    def admit(self, sha256: str, now: DateTime) -> Admitted | None:
        """Return what the link is good for and for which duty; ``None`` if for nothing.

        A plan only ever gets more copies (a duty moves to another body), so a form needs no look
        at the state as long as the link's copy is in the plan that is known.
        """
        with self._store.reading() as connection:
            grant = find(connection, sha256, now)
        if grant is None:
            return None
        plan = self._plans.get(grant.stream)
        if plan is None or grant.assignment not in plan.assignments:
            plan = self._store.state(grant.stream).plan
        if plan is None or not grant.fits(plan):
            return None
        self._plans[grant.stream] = plan
        admitted = grant, plan.assignments[grant.assignment][0]
        self._admitted.pop(sha256, None)
        if len(self._admitted) >= REMEMBERED:
            del self._admitted[next(iter(self._admitted))]
        self._admitted[sha256] = admitted
        return admitted

    def look(self, sha256: str, now: DateTime) -> Seen | None:
        """Return everything that a page shows, or ``None`` if the link is good for nothing."""
        admitted = self.admit(sha256, now)
        if admitted is None:
            return None
        grant, obligation = admitted
        state = self._store.state(grant.stream)
        with self._store.reading() as connection:
            told = history.read(
                connection, grant.stream, state.progress[grant.assignment], obligation
            )
        return Seen(grant, state, now, told, rolls_of(state, obligation, now))
