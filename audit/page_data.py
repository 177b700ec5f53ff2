"""What the auditors' page shows, as plain data: small, with everything repeated put into a table.

Instants are microseconds since 1970 (exact in a browser's numbers); ``None`` is "ever".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pendulum import DateTime

from audit.bodies import Body
from audit.contents import contents_in
from audit.coverage import Checkpoint
from audit.posted import Mail, Posted, mails
from audit.replay import History
from audit.timeline import Course, Status, timeline
from audit.words import KINDS, MAILS, PHASES, bound_words, fact_words
from models.codec import instant_of
from models.domain.directive import Obligation
from models.domain.facts import Fact, NoticeAccepted, NoticeFailed, NoticeQueued
from models.domain.moving import bounds_of
from models.domain.state import Plan
from models.domain.terms import BodyId

_ABOUT = ("assignment", "to", "successor")
"""Values of a fact that name the assignments that it is about."""
_EPOCH = date(1970, 1, 1)


def micros(instant: datetime) -> int:
    """Return microseconds since 1970."""
    # By hand: subtracting pendulum's instants costs ten times as much, and there are many.
    offset = instant.utcoffset() or timedelta(0)
    days = instant.toordinal() - _EPOCH.toordinal()
    seconds = instant.hour * 3600 + instant.minute * 60 + instant.second
    seconds += days * 86_400 - offset.days * 86_400 - offset.seconds
    return seconds * 1_000_000 + instant.microsecond


def from_micros(instant: int) -> datetime:
    """Return the instant of so many microseconds since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)


class Index:
    """Values by number: each is written once."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def of(self, value: Any) -> int:
        """Return the number of *value*."""
        if value not in self._numbers:
            self._numbers[value] = len(self.values)
            self.values.append(value)
        return self._numbers[value]


@dataclass
class Gathered:
    """Data in the making."""

    words: Index = field(default_factory=Index)
    """Pairs: Vietnamese, English."""
    names: Index = field(default_factory=Index)
    statuses: Index = field(default_factory=Index)
    documents: list[dict[str, Any]] = field(default_factory=list)
    duties: list[dict[str, Any]] = field(default_factory=list)
    copies: list[list[Any]] = field(default_factory=list)
    facts: list[list[Any]] = field(default_factory=list)


def page_data(
    found: Sequence[History],
    until: DateTime,
    checkpoints: Sequence[Checkpoint] = (),
    posted: Mapping[str, list[Posted]] | None = None,
) -> dict[str, Any]:
    """Return the data of a page over the documents *found*, up to the instant *until*."""
    data = Gathered()
    for history in found:
        _document(data, history, until, posted)
    # In the order of the ledger; what is derived comes last.
    data.facts.sort(key=lambda fact: (fact[0] is None, fact[0] or 0, fact[4]))
    before = ""
    for fact in data.facts:
        # The hash before is written out only where its fact is not on the page.
        fact[7] = None if fact[7] == before else fact[7]
        before = fact[6]
    seen = [each for fact in data.facts for each in (fact[4], fact[5]) if each is not None]
    last = max([micros(until), *seen])
    dues = [status[2] for status in data.statuses.values if status[2] is not None]
    return {
        "begin": min(seen, default=last),
        "until": last,
        "end": max([last, *dues]),
        "phases": {phase.value: both for phase, both in PHASES.items()},
        "kinds": KINDS,
        "mails": MAILS,
        "words": data.words.values,
        "names": data.names.values,
        "statuses": data.statuses.values,
        "documents": data.documents,
        "duties": data.duties,
        "copies": data.copies,
        "facts": data.facts,
        "checkpoints": [
            [
                each.size,
                micros(instant_of(each.signed_at)),
                each.key_id,
                each.root,
                [[anchor.channel, anchor.state] for anchor in each.anchors],
            ]
            for each in checkpoints
        ],
    }


def _document(
    data: Gathered,
    history: History,
    until: DateTime,
    posted: Mapping[str, list[Posted]] | None,
) -> None:
    plan = history.upto(len(history.bodies)).plan
    assert plan is not None
    number = len(data.documents)
    courses = timeline(history, until)
    duties: dict[str, int] = {}
    copies: dict[str, int] = {}
    for obligation in plan.document.obligations:
        if not obligation.assignees:
            continue
        duties[obligation.id] = len(data.duties)
        own: list[int] = []
        for assignment in obligation.assignments():
            copies[assignment] = len(data.copies)
            own.append(len(data.copies))
            _, owes = plan.assignments[assignment]
            course = (courses.own, courses.known)
            data.copies.append(
                [
                    assignment,
                    duties[obligation.id],
                    data.names.of(plan.name(owes)),
                    *(_course(data, each.get(assignment, [])) for each in course),
                ]
            )
        data.duties.append(_duty(data, number, plan, obligation, own))
    data.documents.append(
        {
            "key": plan.document.key,
            "kind": plan.document.kind,
            "title": plan.document.title,
            "issuer": plan.name(plan.document.issuer),
        }
    )
    owed = mails(history, posted)
    for body in history.bodies:
        data.facts.append(
            _fact(data, number, plan, body.fact, body, copies, duties, owed.get(body.seq, ()))
        )
    for fact in courses.derived:
        data.facts.append(_fact(data, number, plan, fact, None, copies, duties, ()))


def _course(data: Gathered, course: Course) -> list[list[Any]]:
    return [
        [None if when.year == 1 else micros(when), _status(data, status)] for when, status in course
    ]


def _status(data: Gathered, status: Status) -> int:
    due = None if status.due is None else micros(status.due)
    return data.statuses.of((status.phase, int(status.late), due, status.rung, status.version))


def _duty(
    data: Gathered, document: int, plan: Plan, obligation: Obligation, copies: list[int]
) -> dict[str, Any]:
    return {
        "id": obligation.id,
        "document": document,
        "clause": obligation.clause,
        "quote": obligation.quote,
        "summary": obligation.summary,
        "source": obligation.source.value,
        "reviewer": plan.name(obligation.reviewer) if obligation.reviewer else "",
        "bounds": [
            [
                each.phrase,
                data.words.of(
                    (bound_words(each.due_exclusive), bound_words(each.due_exclusive, "en"))
                ),
                each.clause,
            ]
            for each in bounds_of(obligation)
        ],
        "copies": copies,
    }


def _until(due: DateTime) -> tuple[str, str]:
    return bound_words(due), bound_words(due, "en")


def _fact(
    data: Gathered,
    document: int,
    plan: Plan,
    fact: Fact,
    body: Body | None,
    copies: Mapping[str, int],
    duties: Mapping[str, int],
    owed: Sequence[Mail],
) -> list[Any]:
    """Return one fact as a row; what is derived has no number, record or hash."""
    about = [str(getattr(fact, name, "")) for name in _ABOUT]
    duty = duties.get(str(getattr(fact, "obligation", "")))
    return [
        body.seq if body else None,
        document,
        type(fact).__name__,
        body.kind if body else "D",
        micros(fact.at),
        micros(body.recorded_at) if body else None,
        body.hash if body else "",
        body.prev if body else "",
        body.cause if body else None,
        data.words.of((fact_words(fact, plan), fact_words(fact, plan, "en"))),
        [copies[each] for each in dict.fromkeys(about) if each in copies],
        duty,
        [_mail(data, plan, each) for each in owed],
        [*named_by(fact, body)],
    ]


def named_by(fact: Fact, body: Body | None) -> Iterator[tuple[str, str]]:
    """Yield what a fact names outside the ledger: a mail by its Message-ID, contents by hash."""
    if isinstance(fact, NoticeAccepted | NoticeFailed) and fact.message_id:
        yield "message_id", fact.message_id
    if isinstance(fact, NoticeAccepted) and fact.queue_id:
        yield "queue_id", fact.queue_id
    if body is not None and not isinstance(fact, NoticeQueued):  # the hashes of links say nothing
        yield from ((each.field, each.what) for each in contents_in(body.data) if not each.person)


def _mail(data: Gathered, plan: Plan, mail: Mail) -> list[Any]:
    proofs = [[proof.seq, proof.type] for proof in mail.proofs]
    box = mail.posted
    finished = micros(instant_of(box.finished_at)) if box and box.finished_at else None
    return [
        mail.kind,
        data.names.of(plan.name(BodyId(mail.to))),
        proofs,
        [box.state, finished] if box else None,
    ]
