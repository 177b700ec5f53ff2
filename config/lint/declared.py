"""Conflicts that the package declares, against the findings that are computed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from config.bundle import Part
from config.errors import nearest, shown
from config.lint.codes import CODES
from config.lint.finding import Finding, Severity, Words
from config.lint.make import choice, finding
from config.lint.subject import Subject
from config.shapes import ConflictShape


def matched(subject: Subject, findings: Iterable[Finding]) -> list[Finding]:
    """Return *findings* with the ids of the conflicts they are, and the stale declarations.

    A finding is a declared conflict when the codes are equal and all declared obligations are
    among the finding's; each conflict is used once. A person has seen it and decided: it is no
    error any more.
    """
    found = list(findings)
    stale = []
    for part in subject.parts:
        for conflict in part.shape.conflicts:
            if conflict.finds is None:
                continue
            if conflict.finds not in CODES:
                stale.append(_unknown(subject, part, conflict, conflict.finds))
                continue
            place = _place(found, part, conflict)
            if place is None:
                stale.append(_stale(subject, part, conflict))
                continue
            severity = found[place].severity
            found[place] = replace(
                found[place],
                id=conflict.id,
                handling=conflict.handling,
                severity=Severity.WARNING if severity is Severity.ERROR else severity,
            )
    return [*found, *stale]


def only_people_see(subject: Subject) -> tuple[ConflictShape, ...]:
    """Return the declared conflicts that nothing can compute."""
    return tuple(
        each for part in subject.parts for each in part.shape.conflicts if each.finds is None
    )


def _place(found: Sequence[Finding], part: Part, conflict: ConflictShape) -> int | None:
    """Return where the finding stands that is *conflict*: the one with the fewest clauses."""
    fitting = [
        (len(each.obligations), place)
        for place, each in enumerate(found)
        if not each.id
        and each.code == conflict.finds
        and part.shape.key in each.documents
        and each.obligations.issuperset(conflict.obligations)
    ]
    return min(fitting)[1] if fitting else None


def _unknown(subject: Subject, part: Part, conflict: ConflictShape, code: str) -> Finding:
    near_vi, near_en = nearest(code, CODES)
    place = f"{part.file.name}: {conflict.id}.finds"
    follows = Words(
        f"{conflict.id} ghi finds: {shown(code)}; lint không tìm mã nào như vậy{near_vi}.",
        f"{conflict.id} says finds: {shown(code)}; lint finds no such thing{near_en}.",
    )
    way = choice(
        "correct-entry", f"sửa {place}", f"correct {place}", obligations=conflict.obligations
    )
    return finding(
        subject,
        "unknown-code",
        conflict.obligations,
        follows,
        [[way]],
        documents=(part.shape.key,),
        where=place,
    )


def _stale(subject: Subject, part: Part, conflict: ConflictShape) -> Finding:
    vi = (
        f"Gói ghi {conflict.id} “{conflict.title}”, nhưng với câu chữ và các hạn hiện nay thì không"
        " còn. Cách xử lý đã ghi không còn căn cứ."
    )
    en = (
        f"{conflict.id} “{conflict.title}” is declared, but with the words and dates of now it is"
        " not found. Its handling has lost its reason."
    )
    way = choice(
        "remove-declaration",
        f"bỏ {conflict.id} khỏi gói",
        f"take {conflict.id} out of the package",
        obligations=conflict.obligations,
    )
    told = finding(
        subject,
        "settled",
        conflict.obligations,
        Words(vi, en),
        [[way]],
        documents=(part.shape.key,),
    )
    return replace(told, id=conflict.id, handling=conflict.handling)
