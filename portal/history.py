"""What the ledger says about one assignment: who confirmed, every version, every verdict.

Each fact is found by its natural key, so this costs the same however large the document is.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pendulum import DateTime
from sqlalchemy import Connection, bindparam, select

from models.codec import decode
from models.domain.directive import Obligation
from models.domain.facts import (
    BY_LINK,
    Accepted,
    Acknowledged,
    BoundMoved,
    Corrected,
    Disputed,
    DisputeRejected,
    ExtensionAsked,
    ExtensionRefused,
    Fact,
    Report,
    Returned,
    Submitted,
    Superseded,
    Supplemented,
    Waived,
    key_of,
)
from models.domain.state import Progress
from models.domain.terms import AssignmentId, DocumentKey, Phase
from models.files import Held, labels
from models.tables import Blob, LedgerEvent, Person, VaultKey, table
from models.vault import Vault

_EVENT, _PERSON, _BLOB = table(LedgerEvent), table(Person), table(Blob)
_KEY = table(VaultKey)
_FACTS = (
    select(_EVENT.c.seq, _EVENT.c.type, _EVENT.c.body)
    .where(_EVENT.c.dedup_key.in_(bindparam("keys", expanding=True)))
    .order_by(_EVENT.c.seq)
)
_NAMES = (
    select(_PERSON.c.ref, _PERSON.c.sealed, _KEY.c.wrapped)
    .outerjoin(_KEY, _KEY.c.ref == _PERSON.c.ref)
    .where(_PERSON.c.ref.in_(bindparam("refs", expanding=True)))
)
_TEXTS = select(_BLOB.c.sha256, _BLOB.c.content).where(
    _BLOB.c.sha256.in_(bindparam("hashes", expanding=True))
)
SHOWN = 5
"""So many versions (additions, requests, moved dates) are shown, the newest. The ledger keeps
all."""

Reporting = Submitted | Corrected | Supplemented
"""Facts that bring a report."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One recorded fact: its number in the ledger, its instant, and the name that was typed."""

    seq: int
    fact: Fact
    person: str | None = None
    """``None`` when no person did it, or when the name is no longer kept."""
    text: str | None = None
    """The reason of a return, a request or a decision; the authority of a waiver."""
    erased: bool = False
    """The name was erased, as the ledger says."""

    @property
    def at(self) -> DateTime:
        """Return when it happened."""
        return self.fact.at

    @property
    def trust(self) -> str:
        """Return how sure it is who said it (:data:`models.domain.facts.BY_LINK`)."""
        return getattr(self.fact, "trust", BY_LINK)


@dataclass(frozen=True, slots=True)
class Answer:
    """One field of a report as it was filled in."""

    name: str
    label: str
    kind: str
    value: str
    """As the ledger holds it; of a text, its words (empty: no longer kept)."""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the report, or one addition to it, and what became of it."""

    number: int
    submitted: Mark
    answers: tuple[Answer, ...]
    text: str | None
    report: Report
    files: tuple[Held, ...] = ()
    paper: str = ""
    """On behalf: number and date of the paper."""
    accepted: Mark | None = None
    returned: Mark | None = None

    @property
    def corrected(self) -> bool:
        """Tell whether it put right the version before."""
        return isinstance(self.submitted.fact, Corrected)

    @property
    def words(self) -> int:
        """Return how many characters its longest text has."""
        texts = (each.value for each in self.answers if each.kind == "text")
        return max(map(len, (self.text or "", *texts)))

    @property
    def plan_number(self) -> str | None:
        """Return the number of the plan that was issued."""
        return self.report.plan_number

    @property
    def plan_date(self) -> date | None:
        """Return the date of the plan that was issued."""
        return self.report.plan_date


@dataclass(frozen=True, slots=True)
class History:
    """Everything recorded about one assignment that a page may show."""

    marks: tuple[Mark, ...] = ()
    """Oldest first."""
    versions: tuple[Version, ...] = ()
    """The newest first."""
    additions: tuple[Version, ...] = ()
    """Oldest first."""

    def last(self, *kinds: type[Fact]) -> Mark | None:
        """Return the newest fact of one of *kinds*."""
        return next((each for each in reversed(self.marks) if isinstance(each.fact, kinds)), None)

    @property
    def acknowledged(self) -> Mark | None:
        """Return the acknowledgement."""
        return self.last(Acknowledged)

    def files(self) -> dict[str, Held]:
        """Return every file that came with what is shown, by its SHA-256."""
        every = (*self.additions, *reversed(self.versions))
        return {held.file.sha256: held for version in every for held in version.files}


def read(
    connection: Connection,
    vault: Vault,
    stream: DocumentKey,
    progress: Progress,
    obligation: Obligation,
    acts: Sequence[BoundMoved] = (),
) -> History:
    """Return the history of one assignment as far as *progress* knows it.

    *acts* are those that moved its bound.
    """
    keys = _wanted(progress, acts)
    if not keys:
        return History()
    facts = _facts(connection, stream, keys)
    people = _people(connection, vault, facts)
    texts = _texts(connection, facts, obligation)
    marks = tuple(_mark(seq, fact, people, texts) for seq, fact in facts)
    has_files = any(each.fact.report.files for each in marks if isinstance(each.fact, Reporting))
    names = labels(connection, stream, progress.id) if has_files else {}
    versions: list[Version] = []
    additions: list[Version] = []
    for mark in marks:
        match mark.fact:
            case Submitted(version=number) | Corrected(version=number):
                versions.append(_version(number, mark, obligation, texts, names, marks))
            case Supplemented(number=number):
                additions.append(_version(number, mark, obligation, texts, names, marks))
            case _:
                pass
    versions.sort(key=lambda version: -version.number)
    return History(marks, tuple(versions), tuple(additions))


def _mark(seq: int, fact: Fact, people: Mapping[str, str | None], texts: Mapping[str, str]) -> Mark:
    ref = getattr(fact, "person", "")
    person = people.get(ref)
    text = texts.get(getattr(fact, "reason_sha256", ""))
    match fact:
        case Waived(by=by, authority=authority):
            return Mark(seq, fact, by, authority)
        case BoundMoved(by=by) | DisputeRejected(by=by) | ExtensionRefused(by=by):
            return Mark(seq, fact, by, text)
        case Superseded(by=by):
            return Mark(seq, fact, by or None, text)
        case _:
            return Mark(seq, fact, person, text, ref in people and person is None)


def _version(
    number: int,
    mark: Mark,
    obligation: Obligation,
    texts: Mapping[str, str],
    names: Mapping[tuple[str, int], tuple[str, ...]],
    marks: Iterable[Mark],
) -> Version:
    fact = mark.fact
    assert isinstance(fact, Reporting)
    report = fact.report
    added = isinstance(fact, Supplemented)
    told = names.get(("supplement" if added else "report", number), ())
    files = tuple(
        Held(file, told[at] if at < len(told) else "") for at, file in enumerate(report.files)
    )
    verdicts = [
        each
        for each in marks
        if not added and isinstance(each.fact, Accepted | Returned) and each.fact.version == number
    ]
    return Version(
        number,
        mark,
        answers_of(report, obligation, texts),
        texts.get(report.text_sha256 or ""),
        report,
        files,
        getattr(fact, "paper", ""),
        next((each for each in verdicts if isinstance(each.fact, Accepted)), None),
        next((each for each in verdicts if isinstance(each.fact, Returned)), None),
    )


def answers_of(
    report: Report, obligation: Obligation, texts: Mapping[str, str]
) -> tuple[Answer, ...]:
    """Return what was filled in, with the labels of the form, in its order.

    What the form does not know (it was another one then) stands last, under its own name.
    """
    values: dict[str, str] = {name: str(value) for name, value in report.figures}
    values |= dict(report.answers)
    whole = {name for name, _ in report.figures}
    found: list[Answer] = []
    for figure in obligation.figures:
        value = values.pop(figure.name, None)
        if value is None:
            continue
        if figure.type == "text":
            value = texts.get(value, "")
        found.append(Answer(figure.name, figure.label, figure.type, value, figure.unit))
    for name, value in values.items():
        found.append(Answer(name, name, "whole" if name in whole else "choice", value))
    return tuple(found)


def _wanted(progress: Progress, acts: Sequence[BoundMoved]) -> list[str]:
    """Return the natural keys of the facts to show."""
    at = progress.opened_at or DateTime.min
    copy: AssignmentId = progress.id
    keys: list[str] = [key_of(act) for act in acts[-SHOWN:]]
    if progress.acknowledged_at:
        keys.append(key_of(Acknowledged(at, copy, "", "")))
    if progress.waived_by:
        keys.append(key_of(Waived(at, copy, "", "")))
    if progress.phase is Phase.SUPERSEDED:
        keys.append(key_of(Superseded(at, copy, copy)))
    for version in _last(progress.version):
        keys += [
            key_of(Submitted(at, copy, version, Report(), "", "")),
            key_of(Accepted(at, copy, version, "", "")),
            key_of(Returned(at, copy, version, "", "", "")),
        ]
    keys += [
        key_of(Supplemented(at, copy, n, Report(), "", "")) for n in _last(progress.supplements)
    ]
    for n in _last(progress.asks):
        keys += [
            key_of(ExtensionAsked(at, copy, n, at, "", "", "")),
            key_of(ExtensionRefused(at, copy, n, "", "", "")),
        ]
    for n in _last(progress.disputes):
        keys += [
            key_of(Disputed(at, copy, n, "", "", "")),
            key_of(DisputeRejected(at, copy, n, "", "", "")),
        ]
    return keys


def _last(count: int) -> range:
    return range(max(1, count - SHOWN + 1), count + 1)


def _facts(connection: Connection, stream: DocumentKey, keys: list[str]) -> list[tuple[int, Fact]]:
    rows = connection.execute(_FACTS, {"keys": [f"{stream}|{key}" for key in keys]})
    return [(seq, decode(kind, json.loads(body)["data"])) for seq, kind, body in rows]


def _people(
    connection: Connection, vault: Vault, facts: list[tuple[int, Fact]]
) -> dict[str, str | None]:
    """Return the names behind the facts' references; ``None`` for one that was erased."""
    refs = {getattr(fact, "person", "") for _, fact in facts} - {""}
    if not refs:
        return {}
    rows = connection.execute(_NAMES, {"refs": sorted(refs)})
    return {
        ref: vault.open(ref, wrapped, sealed) if wrapped and sealed else None
        for ref, sealed, wrapped in rows
    }


def _texts(
    connection: Connection, facts: list[tuple[int, Fact]], obligation: Obligation
) -> dict[str, str]:
    worded = {figure.name for figure in obligation.figures if figure.type == "text"}
    hashes: set[str | None] = {getattr(fact, "reason_sha256", None) for _, fact in facts}
    for _, fact in facts:
        if isinstance(fact, Reporting):
            hashes.add(fact.report.text_sha256)
            hashes |= {value for name, value in fact.report.answers if name in worded}
    wanted = sorted(filter(None, hashes))
    if not wanted:
        return {}
    rows = connection.execute(_TEXTS, {"hashes": wanted})
    return {sha256: content.decode() for sha256, content in rows}
