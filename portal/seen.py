"""What one visit to a link sees, read in one go on the database's thread."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pendulum import DateTime
from sqlalchemy import Connection

from models.domain.directive import Document, Obligation
from models.domain.effects import Purpose
from models.domain.facts import BoundMoved
from models.domain.moving import acts_on
from models.domain.state import Plan, Progress, State
from models.domain.terms import DocumentKey
from models.files import Held
from models.store import Store
from portal import history
from portal.drafts import Draft, Drafts
from portal.duties import Duties, duties_of
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
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    """By form."""

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


DRAFTING = (Purpose.ACT, Purpose.BEHALF)
"""The links with which something may be handed in."""

REMEMBERED = 4096
"""So many links that were looked at are remembered (under 2 MB)."""

Admitted = tuple[Grant, Obligation]


class Lobby:
    """Lets links in and shows what is behind them. All but ``remembered`` is for one thread."""

    def __init__(self, store: Store, drafts: Drafts) -> None:
        self._store, self._drafts = store, drafts
        self._plans: dict[DocumentKey, Plan] = {}
        self._admitted: dict[str, Admitted] = {}

    def remembered(self, sha256: str) -> Admitted | None:
        """Return what a link was good for when it was last looked at. From any thread.

        Only its revocation and its end can have come since; whoever records looks again.
        """
        return self._admitted.get(sha256)

    def admit(self, sha256: str, now: DateTime) -> Admitted | None:
        """Return what the link is good for and for which duty; ``None`` if for nothing.

        A plan only ever grows, by successors, so a form needs no look at the state.
        """
        with self._store.reading() as connection:
            grant = find(connection, sha256, now)
        if grant is None:
            return None
        plan = self._plans.get(grant.stream)
        if plan is None or grant.assignment not in plan.assignments:
            # Not known yet, or the duty went to this body since.
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
            told = self._told(connection, state, grant, obligation)
            drafts = self._drafts.read(connection, grant) if grant.purpose in DRAFTING else {}
        return Seen(grant, state, now, told, rolls_of(state, obligation, now), drafts)

    def kept(self, grant: Grant, obligation: Obligation) -> dict[str, Held]:
        """Return the files that may go with a form of this link, or be opened through it.

        Those of its drafts, and those that came with what is recorded.
        """
        state = self._store.state(grant.stream)
        with self._store.reading() as connection:
            found = self._told(connection, state, grant, obligation).files()
            if grant.purpose in DRAFTING:
                for draft in self._drafts.read(connection, grant).values():
                    found |= {held.file.sha256: held for held in draft.held}
        return found

    def duties(self, sha256: str, now: DateTime) -> Duties | None:
        """Return all duties of the body whose own the link is about; ``None`` for any other."""
        admitted = self.admit(sha256, now)
        if admitted is None or not admitted[0].is_owner:
            return None
        grant, _ = admitted
        package = self._store.state(grant.stream).document.package
        streams = [row["id"] for row in self._store.streams() if row["package"] == package]
        states = [self._store.state(DocumentKey(stream)) for stream in streams]
        return duties_of(states, grant)

    def _told(
        self, connection: Connection, state: State, grant: Grant, obligation: Obligation
    ) -> History:
        copy = state.progress[grant.assignment]
        acts: list[BoundMoved] = [
            act
            for act in (acts_on(state, obligation) if copy.moves else [])
            if not act.bodies or copy.body in act.bodies
        ]
        vault = self._store.vault
        return history.read(connection, vault, grant.stream, copy, obligation, acts)
