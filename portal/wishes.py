"""What somebody asks for on the page: made into a request, told from a repeat.

Nothing here decides: ``models.domain.answers`` does, under the store's lock, by the version that
the person saw. Names, texts and files are kept beside the ledger, and only when something is
recorded.
"""

import json
from dataclasses import dataclass, field
from typing import assert_never

from pendulum import DateTime
from sqlalchemy import Connection, bindparam, select

from models.codec import decode
from models.domain.answers import answer
from models.domain.directive import Obligation
from models.domain.effects import Purpose
from models.domain.errors import Refusal
from models.domain.facts import (
    BY_LINK,
    ON_BEHALF,
    Accepted,
    Acknowledged,
    Corrected,
    Disputed,
    DisputeRejected,
    ExtensionAsked,
    ExtensionRefused,
    Fact,
    Report,
    Returned,
    Submitted,
    Supplemented,
    key_of,
)
from models.domain.moving import acts_on, bounds_of, current, origin_of
from models.domain.requests import (
    Accept,
    Acknowledge,
    AskExtension,
    Correct,
    Dispute,
    MoveBound,
    RefuseExtension,
    RejectDispute,
    Request,
    Return,
    Submit,
    Supplement,
)
from models.domain.state import Progress, State
from models.domain.terms import BodyId, ObligationId
from models.files import Files, record
from models.record import Ask
from models.store import Transaction
from models.tables import LedgerEvent, table
from notifications.words import bound_words
from portal.action import Action
from portal.drafts import drop
from portal.filled import Filled, sha256_of
from portal.links import Grant, LinkGone, find

_EVENT = table(LedgerEvent)
_BY_KEY = select(_EVENT.c.type, _EVENT.c.body).where(_EVENT.c.dedup_key == bindparam("key"))


class Outdated(Exception):
    """What the page showed is no longer so: it was decided, or asked for, in between."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A form that was filled in properly."""

    action: Action
    name: str = ""
    text: str = ""
    """The reason of a return, of a request or of a decision."""
    filled: Filled = field(default_factory=Filled)
    until: DateTime | None = None
    """The half-open bound that is asked for or granted."""
    authority: str = ""
    paper: str = ""

    def request(self, grant: Grant, count: int, state: State, person: str = "") -> Request:
        """Return the request; *count* is what the page was sealed with."""
        copy, link, reason = grant.assignment, grant.ref, sha256_of(self.text)
        trust = ON_BEHALF if grant.purpose is Purpose.BEHALF else BY_LINK
        report = self.filled.report
        match self.action:
            case Action.ACKNOWLEDGE:
                return Acknowledge(copy, person, link, trust)
            case Action.REPORT | Action.NOTHING:
                return Submit(copy, report, count, person, link, trust, self.paper)
            case Action.CORRECT:
                return Correct(copy, report, count, person, link)
            case Action.SUPPLEMENT:
                return Supplement(copy, report, count, person, link, trust, self.paper)
            case Action.EXTENSION:
                assert self.until is not None, "the form was filled in"
                return AskExtension(copy, self.until, reason, person, link)
            case Action.DISPUTE:
                return Dispute(copy, reason, person, link)
            case Action.ACCEPT:
                return Accept(copy, count, person, link)
            case Action.RETURN:
                return Return(copy, count, reason, person, link)
            case Action.GRANT:
                return self._move(grant, state)
            case Action.REFUSE:
                return RefuseExtension(copy, decider(grant, state), self.authority, reason)
            case Action.KEEP:
                return RejectDispute(copy, decider(grant, state), self.authority, reason)
            case Action.DRAFT:
                raise AssertionError("a draft is no request")
            case _:  # pragma: no cover
                assert_never(self.action)

    def _move(self, grant: Grant, state: State) -> MoveBound:
        assert self.until is not None, "the form was filled in"
        assert state.plan is not None
        obligation, body = state.plan.assignments[grant.assignment]
        return MoveBound(
            binding(state, obligation, body),
            self.until,
            bound_words(self.until),
            decider(grant, state),
            self.authority,
            sha256_of(self.text),
            (body,),
        )

    def ask(self, grant: Grant, count: int, files: Files) -> Ask:
        """Return what the recorder asks inside its transaction.

        The link is looked at once more there, so nothing is recorded after it was revoked.
        """

        def ask(transaction: Transaction) -> Request:
            connection = transaction.connection
            if find(connection, grant.sha256, transaction.now, lock=True) is None:
                raise LinkGone
            state = transaction.state(grant.stream)
            self._still(state.progress[grant.assignment], count)
            trial = self.request(grant, count, state)
            given = answer(state, trial, transaction.now)
            if isinstance(given, Refusal):
                return trial  # refused again by the recorder, and no name is kept for nothing
            for text in filter(None, (self.text, *self.filled.texts)):
                transaction.text(text)
            if self.action.takes_files:
                part = "supplement" if self.action is Action.SUPPLEMENT else "report"
                place = (grant.stream, grant.assignment, part, count + 1)
                record(connection, files, self.filled.held, place, transaction.now)
            drop(connection, grant, _done_with(self.action))
            person = transaction.person(self.name) if self.name else ""
            return self.request(grant, count, state, person)

        return ask

    def _still(self, progress: Progress, count: int) -> None:
        """Make sure that what the person saw asked, or not yet asked, still is.

        The rules know the newest request only; the page knows which one it was about.
        """
        match self.action:
            case Action.GRANT | Action.REFUSE:
                if progress.asked is None or progress.asked.number != count:
                    raise Outdated
            case Action.KEEP:
                if progress.disputed is None or progress.disputed.number != count:
                    raise Outdated
            case Action.EXTENSION | Action.DISPUTE:
                if self.action.counted(progress) != count:
                    raise Outdated
            case _:
                pass

    def was_done(
        self, connection: Connection, grant: Grant, count: int, state: State, now: DateTime
    ) -> bool:
        """Tell whether this very wish is in the ledger already: it was sent a second time."""
        if self.action is Action.GRANT:
            obligation, body = _duty(state, grant)
            return any(
                (act.due, act.authority, act.reason_sha256, act.bodies)
                == (self.until, self.authority, sha256_of(self.text), (body,))
                for act in acts_on(state, obligation)
            )
        fact = self._fact(grant, count, now)
        key = f"{grant.stream}|{key_of(fact)}"
        row = connection.execute(_BY_KEY, {"key": key}).first()
        if row is None:
            return False
        return self._says_the_same(decode(row.type, json.loads(row.body)["data"]))

    def _says_the_same(self, fact: Fact) -> bool:
        reason = sha256_of(self.text)
        match fact:
            case Submitted(report=report, trust=trust, paper=paper):
                handed_in = self.action in (Action.REPORT, Action.NOTHING)
                same = (report, paper) == (self.filled.report, self.paper)
                return handed_in and same and (trust == ON_BEHALF) == bool(self.paper)
            case Corrected(report=report):
                return self.action is Action.CORRECT and report == self.filled.report
            case Supplemented(report=report, paper=paper):
                return (report, paper) == (self.filled.report, self.paper)
            case Returned(reason_sha256=said) | Disputed(reason_sha256=said):
                return said == reason
            case ExtensionAsked(reason_sha256=said, until=until):
                return (said, until) == (reason, self.until)
            case (
                ExtensionRefused(reason_sha256=said, authority=authority)
                | DisputeRejected(reason_sha256=said, authority=authority)
            ):
                return (said, authority) == (reason, self.authority)
            case _:
                return True

    def _fact(self, grant: Grant, count: int, now: DateTime) -> Fact:
        """Return the fact that this wish makes, as far as its key goes."""
        copy = grant.assignment
        match self.action:
            case Action.ACKNOWLEDGE:
                return Acknowledged(now, copy, "", "")
            case Action.REPORT | Action.NOTHING | Action.CORRECT:
                return Submitted(now, copy, count + 1, Report(), "", "")
            case Action.SUPPLEMENT:
                return Supplemented(now, copy, count + 1, Report(), "", "")
            case Action.EXTENSION:
                return ExtensionAsked(now, copy, count + 1, now, "", "", "")
            case Action.DISPUTE:
                return Disputed(now, copy, count + 1, "", "", "")
            case Action.ACCEPT:
                return Accepted(now, copy, count, "", "")
            case Action.RETURN:
                return Returned(now, copy, count, "", "", "")
            case Action.REFUSE:
                return ExtensionRefused(now, copy, count, "", "", "")
            case Action.KEEP:
                return DisputeRejected(now, copy, count, "", "", "")
            case Action.GRANT | Action.DRAFT:
                raise AssertionError("found by other means")
            case _:  # pragma: no cover
                assert_never(self.action)


def binding(state: State, obligation: Obligation, body: BodyId) -> ObligationId:
    """Return the obligation in whose words the strictest bound of *body*'s copy stands."""
    origins = [origin_of(obligation, each) for each in bounds_of(obligation)]
    dated = [
        (due, at, origin)
        for at, origin in enumerate(origins)
        if (due := current(state, origin, body)) is not None
    ]
    return ObligationId(min(dated)[2] if dated else obligation.id)


def decider(grant: Grant, state: State) -> str:
    """Return the office that decides, by name: a person is not named in the ledger."""
    assert state.plan is not None
    return state.plan.name(grant.body)


def _duty(state: State, grant: Grant) -> tuple[Obligation, BodyId]:
    assert state.plan is not None
    return state.plan.assignments[grant.assignment]


def _done_with(action: Action) -> tuple[Action, ...]:
    """Return the forms whose drafts are good for nothing after *action*."""
    if action in (Action.REPORT, Action.NOTHING):
        # A correction of the version before corrects nothing any more.
        return (Action.REPORT, Action.CORRECT)
    return (action,) if action.takes_files else ()
