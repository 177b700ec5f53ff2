"""What the ledger says about one assignment: who confirmed, every version, every verdict.

Each fact is found by its natural key, so this costs the same however large the document is.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import cast

from pendulum import DateTime
from sqlalchemy import Connection, bindparam, select

from models.codec import decode
from models.domain.directive import Obligation
from models.domain.facts import (
    Accepted,
    Acknowledged,
    Fact,
    Report,
    Returned,
    Submitted,
    Waived,
    key_of,
)
from models.domain.state import Progress
from models.domain.terms import AssignmentId, DocumentKey
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
"""So many versions are shown, the newest ones. The ledger keeps all."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One recorded fact: its number in the ledger, its instant, and the name that was typed."""

    seq: int
    at: DateTime
    person: str | None
    """``None`` when no person did it, or when the name is no longer kept."""
    text: str | None = None
    """The reason of a return, the authority of a waiver."""
    erased: bool = False
    """The name was erased, as the ledger says."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the report and what became of it."""

    number: int
    submitted: Mark
    figures: tuple[tuple[str, int, str], ...]
    """Label, value and unit."""
    text: str | None
    plan_number: str | None
    plan_date: date | None
    report: Report
    accepted: Mark | None = None
    returned: Mark | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Everything recorded about one assignment that a page may show."""

    acknowledged: Mark | None = None
    versions: tuple[Version, ...] = ()
    """The newest first."""
    waived: Mark | None = None


def read(
    connection: Connection,
    vault: Vault,
    stream: DocumentKey,
    progress: Progress,
    obligation: Obligation,
) -> History:
    """Return the history of one assignment up to the version that *progress* knows."""
    if not (progress.acknowledged_at or progress.version or progress.waived_by):
        return History()
    facts = _facts(connection, stream, _wanted(progress))
    people = _people(connection, vault, facts)
    texts = _texts(connection, facts)

    def mark(kind: type[Fact], version: int | None = None) -> Mark | None:
        for seq, fact in facts:
            if isinstance(fact, kind) and version in (None, getattr(fact, "version", None)):
                ref = getattr(fact, "person", "")
                person = people.get(ref)
                text = texts.get(getattr(fact, "reason_sha256", ""))
                if isinstance(fact, Waived):
                    person, text = fact.by, fact.authority
                return Mark(seq, fact.at, person, text, ref in people and person is None)
        return None

    versions: list[Version] = []
    for _, fact in facts:
        if isinstance(fact, Submitted):
            report, number = fact.report, fact.version
            versions.append(
                Version(
                    number,
                    cast(Mark, mark(Submitted, number)),
                    labelled(report.figures, obligation),
                    texts.get(report.text_sha256 or ""),
                    report.plan_number,
                    report.plan_date,
                    report,
                    mark(Accepted, number),
                    mark(Returned, number),
                )
            )
    versions.sort(key=lambda version: -version.number)
    return History(mark(Acknowledged), tuple(versions), mark(Waived))


def labelled(
    figures: tuple[tuple[str, int], ...], obligation: Obligation
) -> tuple[tuple[str, int, str], ...]:
    """Return figures with the labels and units of the obligation, in the order of the report."""
    known = {figure.name: figure for figure in obligation.figures}
    return tuple(
        (known[name].label, value, known[name].unit) if name in known else (name, value, "")
        for name, value in figures
    )


def _wanted(progress: Progress) -> list[str]:
    """Return the natural keys of the facts to show."""
    at = progress.opened_at or DateTime.min
    assignment: AssignmentId = progress.id
    keys = [key_of(Acknowledged(at, assignment, "", "")), key_of(Waived(at, assignment, "", ""))]
    for version in range(max(1, progress.version - SHOWN + 1), progress.version + 1):
        keys += [
            key_of(Submitted(at, assignment, version, Report(), "", "")),
            key_of(Accepted(at, assignment, version, "", "")),
            key_of(Returned(at, assignment, version, "", "", "")),
        ]
    return keys


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


def _texts(connection: Connection, facts: list[tuple[int, Fact]]) -> dict[str, str]:
    hashes = {getattr(fact, "reason_sha256", None) for _, fact in facts}
    hashes |= {fact.report.text_sha256 for _, fact in facts if isinstance(fact, Submitted)}
    wanted = hashes - {None}
    if not wanted:
        return {}
    rows = connection.execute(_TEXTS, {"hashes": sorted(filter(None, wanted))})
    return {sha256: content.decode() for sha256, content in rows}
