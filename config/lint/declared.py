"""Conflicts that the package declares, against the findings that are computed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from config.bundle import Part
from config.lint.codes import severity_of
from config.lint.finding import Choice, Finding, Remedy, Severity, Words
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


def _stale(subject: Subject, part: Part, conflict: ConflictShape) -> Finding:
    vi = (
        f"Gói ghi {conflict.id} “{conflict.title}”, nhưng với câu chữ và các hạn hiện nay thì không"
        " còn. Cách xử lý đã ghi không còn căn cứ."
    )
    en = (
        f"{conflict.id} “{conflict.title}” is declared, but with the words and dates of now it is"
        " not found. Its handling has lost its reason."
    )
    choice = Choice(
        "remove-declaration",
        Words(f"bỏ {conflict.id} khỏi gói", f"take {conflict.id} out of the package"),
        tuple(conflict.obligations),
    )
    return Finding(
        "settled",
        severity_of("settled"),
        Words(vi, en),
        (part.shape.key,),
        subject.clauses(conflict.obligations),
        remedies=(Remedy((choice,), minimal=True),),
        id=conflict.id,
        handling=conflict.handling,
    )
