"""Numbers and signs of documents."""

import re
from collections.abc import Iterator
from itertools import combinations

from config.bundle import Part
from config.lint.finding import Finding, Words
from config.lint.make import choice, finding
from config.lint.subject import Subject

_NUMBER = re.compile(r"\s*(\d+)\s*[-/–]\s*(.+?)\s*")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield pairs of documents that number and sign, or the sign alone, do not tell apart."""
    for one, other in combinations(subject.parts, 2):
        first, second = _split(one), _split(other)
        if first[1] != second[1] or not first[1]:
            continue
        names = [subject.name(part.shape.issuer) for part in (one, other)]
        keys = (one.shape.key, other.shape.key)
        if first[0] == second[0]:
            yield _same_number(subject, (one, other), names)
        elif one.shape.issuer != other.shape.issuer:
            vi = (
                f"{keys[0]} ({names[0]}) và {keys[1]} ({names[1]}) cùng ký hiệu {first[1]}: chỉ đọc"
                " ký hiệu thì không biết là của cấp nào."
            )
            en = (
                f"{keys[0]} ({names[0]}) and {keys[1]} ({names[1]}) have the sign {first[1]} in"
                " common: the sign alone does not tell the level."
            )
            way = choice(
                "cite-in-full",
                "dẫn văn bản bằng cơ quan ban hành, số, ký hiệu và ngày",
                "cite documents by issuer, number, sign and date",
                bodies=(one.shape.issuer, other.shape.issuer),
            )
            yield finding(
                subject,
                "same-sign",
                (),
                Words(vi, en),
                [[way]],
                documents=keys,
                bodies=(one.shape.issuer, other.shape.issuer),
            )


def _same_number(subject: Subject, parts: tuple[Part, Part], names: list[str]) -> Finding:
    one, other = parts
    vi = (
        f"{one.shape.key} ({names[0]}, {one.shape.issued:%d/%m/%Y}) và {other.shape.key}"
        f" ({names[1]}, {other.shape.issued:%d/%m/%Y}) cùng số và ký hiệu {one.shape.number}: dẫn"
        " số, ký hiệu thì không phân biệt được, thư và báo cáo dễ gắn nhầm."
    )
    en = (
        f"{one.shape.key} ({names[0]}, {one.shape.issued}) and {other.shape.key} ({names[1]},"
        f" {other.shape.issued}) share the number and sign {one.shape.number}: letters and reports"
        " that cite it can be taken for either."
    )
    way = choice(
        "renumber",
        f"kiểm tra và đặt lại số của {other.shape.key} (hoặc {one.shape.key})",
        f"check and renumber {other.shape.key} (or {one.shape.key})",
        bodies=(one.shape.issuer, other.shape.issuer),
    )
    return finding(
        subject,
        "same-number-and-sign",
        (),
        Words(vi, en),
        [[way]],
        documents=(one.shape.key, other.shape.key),
        bodies=(one.shape.issuer, other.shape.issuer),
    )


def _split(part: Part) -> tuple[str, str]:
    """Return number and sign: ``256`` and ``KH/TU``."""
    found = _NUMBER.fullmatch(part.shape.number)
    return (found[1].lstrip("0"), found[2].upper().replace(" ", "")) if found else ("", "")
