"""The cast of the demonstration on the recorder alone: no Prefect, no mail server, no browser.

Clerks learn of their duties from the outbox, do what the demonstration's cast does, at the same
hours, and time moves from one moment at which something happens to the next. The same seed gives
the same ledger to the byte: nothing random is recorded.
"""

import hashlib
import heapq
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pendulum import DateTime
from sqlalchemy import select

from config.package import Package
from demo.cast import Cast, Read
from demo.people import NAMES, hash_of
from models.domain.calendar import at, last_day
from models.domain.directive import Obligation
from models.domain.effects import Kind
from models.domain.facts import ON_BEHALF, Report
from models.domain.requests import (
    Accept,
    Acknowledge,
    Issue,
    NoteDelivery,
    ReportUp,
    Request,
    Return,
    Submit,
)
from models.domain.state import Progress, State
from models.domain.terms import AssignmentId, BodyId, DocumentKey, Phase
from models.record import Address, Ask
from models.store import Transaction
from models.tables import Outbox, table
from tests.ledgers import Office

_OUTBOX = table(Outbox)
_ACT = (Kind.ASSIGNED, Kind.REMINDER, Kind.OVERDUE)
CARELESS = "Đã tổ chức học tập; chưa có số liệu đầy đủ."
CAREFUL = "Đã tổ chức học tập, quán triệt và xây dựng kế hoạch theo yêu cầu."
FAULT = "Báo cáo chưa có số liệu đảng viên tham gia học tập, đề nghị bổ sung."

Span = tuple[DateTime, DateTime]
"""From when and until when, half-open."""

Decision = tuple[DateTime, DocumentKey, Callable[[State], Request]]
"""Somebody decides something at an instant: an extension, a waiver."""


@dataclass(order=True)
class _Intention:
    at: DateTime
    order: int
    verb: str = field(compare=False)
    stream: DocumentKey = field(compare=False)
    assignment: AssignmentId = field(compare=False)
    mail: Read = field(compare=False)


class Play:
    """One performance.

    *outages*: the system is down, nobody records and no time acts. *asleep*: only the engine is:
    what should be issued or reported up is recorded late, with the instant that it should have had.
    *unreachable*: bodies whose mail comes back (told of only where the policy wants proof).
    """

    def __init__(
        self,
        place: Office,
        package: Package,
        seed: int = 57,
        *,
        outages: Sequence[Span] = (),
        asleep: Sequence[Span] = (),
        unreachable: Collection[str] = (),
        decisions: Sequence[Decision] = (),
    ) -> None:
        self.place = place
        self.package = package
        self.cast = Cast(seed, package.documents[-1].calendar)
        self.cast.assign([contact.email for contact in package.contacts])
        self._outages = outages
        self._asleep = asleep
        self._unreachable = unreachable
        self._decisions = sorted(decisions, key=lambda each: each[0])
        self._intentions: list[_Intention] = []
        self._order = self._read = 0
        self._known: set[tuple[str, str]] = set()
        self._address = {contact.body: contact.email for contact in package.contacts}
        self._texts: dict[str, str] = {}

    def play(self) -> None:
        """Play until every document is complete."""
        addresses = [Address(each.body, each.email, each.locale) for each in self.package.contacts]
        self.place.clock.instant = self.package.documents[0].issue_at.subtract(hours=14)
        self.place.recorder.register(self.package.documents, addresses, "demo")
        while not self._complete():
            moment = self._next()
            assert moment is not None, "nothing is left to wait for"
            moment = self._up_again(moment, self._outages)
            self.place.clock.instant = max(moment, self.place.clock.instant)
            self._settle()

    def _up_again(self, moment: DateTime, spans: Sequence[Span]) -> DateTime:
        for down, up in spans:
            if down <= moment < up:
                return up
        return moment

    def _settle(self) -> None:
        size = -1
        while size != self.place.store.size():
            size = self.place.store.size()
            for key in self._keys():
                state = self.place.store.state(key)
                ready = state.issue_ready_at()
                awake = self._up_again(self.place.clock.instant, self._asleep)
                if awake > self.place.clock.instant:
                    self.place.recorder.let_time_act(key)
                elif ready is not None and ready <= self.place.clock.instant:
                    self.place.recorder.record(key, Issue())
                elif reports_up(state):
                    self.place.recorder.record(key, ReportUp())
                else:
                    self.place.recorder.let_time_act(key)
            self._read_mail()
            while self._decisions and self._decisions[0][0] <= self.place.clock.instant:
                _, key, decide = self._decisions.pop(0)
                outcome = self.place.recorder.record(key, decide(self.place.store.state(key)))
                assert outcome.refusal is None, outcome.refusal
            while self._intentions and self._intentions[0].at <= self.place.clock.instant:
                self._do(heapq.heappop(self._intentions))

    def _next(self) -> DateTime | None:
        now = self.place.clock.instant
        moments: list[DateTime | None] = [up for _, up in self._asleep if up > now]
        for key in self._keys():
            due = self.place.store.state(key).next_due()
            # What waits for the engine does so until it wakes.
            moments += [due] if due is None or due > now else []
        moments += [each.at for each in self._intentions[:1]]
        moments += [each[0] for each in self._decisions[:1]]
        return min((moment for moment in moments if moment is not None), default=None)

    def _complete(self) -> bool:
        return all(self.place.store.state(key).completed_at for key in self._keys())

    def _keys(self) -> list[DocumentKey]:
        return [document.key for document in self.package.documents]

    def _read_mail(self) -> None:
        query = select(_OUTBOX).where(_OUTBOX.c.seq > self._read)
        query = query.order_by(_OUTBOX.c.seq, _OUTBOX.c.recipient, _OUTBOX.c.kind, _OUTBOX.c.key)
        with self.place.store.reading() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        for row in rows:
            self._read = max(self._read, row["seq"])
            reached = self._delivered(row)
            if row["assignment"]:
                self._plan(row, reached)

    def _delivered(self, row: dict[str, Any]) -> bool:
        """Bring a mail to its addressee; where the policy wants proof, the relay's word is kept."""
        key, body = DocumentKey(row["stream"]), BodyId(row["recipient"])
        back = body in self._unreachable
        if row["contact"] and self.place.store.state(key).document.policy.proof:
            told = NoteDelivery(
                row["message_id"],
                row["kind"],
                AssignmentId(row["assignment"]),
                body,
                self.place.clock.instant,
                failed="refused" if back else "",
                raw_sha256="" if back else _ref("", row["key"]) * 4,
                code=550 if back else 250,
                detail="5.1.1" if back else _ref("", row["message_id"])[:10].upper(),
            )
            outcome = self.place.recorder.record(key, told)
            assert outcome.refusal is None, outcome.refusal
        return not back

    def _plan(self, row: dict[str, Any], reached: bool) -> None:
        key, copy = DocumentKey(row["stream"]), AssignmentId(row["assignment"])
        recipient, kind = row["recipient"], row["kind"]
        progress, obligation = self._duty(key, copy)
        due = last_day(progress.due) if progress.due else None
        mail = Read(
            self._address.get(BodyId(recipient), recipient),
            key,
            obligation.clause,
            due,
            progress.version or 1,
        )
        now = self.place.clock.instant
        if not reached:
            if kind in _ACT and (recipient, copy) not in self._known and due is not None:
                self._known.add((recipient, copy))
                self._push("paper", key, copy, mail, at(due + timedelta(days=6), 15))
        elif kind == Kind.REVIEW:
            self._push("review", key, copy, mail, self.cast.soon(mail, now))
        elif kind == Kind.RETURNED:
            amended = self.cast.soon(mail, now).add(days=1)
            self._push("report", key, copy, mail, amended)
        elif kind in _ACT and (recipient, copy) not in self._known:
            self._known.add((recipient, copy))
            self._push("acknowledge", key, copy, mail, self.cast.soon(mail, now))
            moment = self.cast.report_at(mail, now)
            if moment is not None:
                self._push("report", key, copy, mail, max(moment, now))

    def _push(
        self, verb: str, key: DocumentKey, copy: AssignmentId, mail: Read, moment: DateTime
    ) -> None:
        self._order += 1
        heapq.heappush(self._intentions, _Intention(moment, self._order, verb, key, copy, mail))

    def _do(self, meant: _Intention) -> None:
        progress, obligation = self._duty(meant.stream, meant.assignment)
        person = _ref("p_", NAMES[hash_of(meant.mail.to) % len(NAMES)], meant.mail.to)
        link = _ref("", meant.assignment, meant.mail.to)
        ask: Ask | Request
        if meant.verb == "acknowledge":
            ask = Acknowledge(meant.assignment, person, link)
        elif meant.verb in ("report", "paper"):
            ask = self._report(meant, progress, obligation, person, link)
        elif progress.phase is not Phase.SUBMITTED:
            return
        elif self.cast.returns(meant.mail, self._texts.get(meant.assignment, "")):

            def ask(transaction: Transaction) -> Request:
                reason = transaction.text(FAULT)
                return Return(meant.assignment, progress.version, reason, person, link)

        else:
            ask = Accept(meant.assignment, progress.version, person, link)
        self.place.recorder.record(meant.stream, ask)

    def _report(
        self,
        meant: _Intention,
        progress: Progress,
        obligation: Obligation,
        person: str,
        link: str,
    ) -> Ask:
        careless = progress.version == 0 and self.cast.part(meant.mail) == "careless"
        text = CARELESS if careless else CAREFUL
        if progress.phase in (Phase.OPEN, Phase.ACKNOWLEDGED):
            self._texts[meant.assignment] = text
        numbers = self.cast.numbers(meant.mail)
        figures = tuple((each.name, numbers["total"]) for each in obligation.figures)
        day = self.place.clock.instant.date()

        def ask(transaction: Transaction) -> Request:
            report = Report(
                transaction.text(text),
                figures,
                f"{hash_of(meant.mail.to) % 90 + 10:02d}-KH/ĐU" if obligation.wants_plan else None,
                day if obligation.wants_plan else None,
            )
            if meant.verb == "report":
                return Submit(meant.assignment, report, progress.version, person, link)
            paper = f"41-BC/ĐU, {day:%d/%m/%Y}"
            return Submit(meant.assignment, report, progress.version, person, "", ON_BEHALF, paper)

        return ask

    def _duty(self, key: DocumentKey, copy: AssignmentId) -> tuple[Progress, Obligation]:
        state = self.place.store.state(key)
        assert state.plan is not None
        return state.progress[copy], state.plan.assignments[copy][0]


def reports_up(state: State) -> bool:
    """Tell whether a document's result may go to the document above."""
    document = state.document
    parent = document.parent
    return (
        parent is not None
        and parent.report is not None
        and document.reports_when is not None
        and state.issued_at is not None
        and state.reported_up_at is None
        and not state.reports_left
    )


def _ref(head: str, *parts: str) -> str:
    return head + hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
