"""What people type, one field at a time: made clean, or a problem to show beside the field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from config.typed import NAME, REASON, clean, flaw, one_line

__all__ = ["LARGEST", "NAME", "NUMBER", "REASON", "TEXT", "Fields", "Problem"]

NUMBER, TEXT = 60, 5_000
"""Longest values in characters. A text of 5,000 in Vietnamese still fits the limit of a request."""
LARGEST = 10**9
"""Figures are smaller than this."""

_WHOLE = re.compile(r"[0-9]+|[0-9]{1,3}(?:[. \u00a0\u202f][0-9]{3})+", re.ASCII)
_DAY_FIRST = re.compile(r"([0-9]{1,2})\s*[/.\-\s]\s*([0-9]{1,2})\s*[/.\-\s]\s*([0-9]{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", re.ASCII)
_IN_WORDS = re.compile(
    r"(?:ngày\s+)?([0-9]{1,2})\s+tháng\s+([0-9]{1,2})\s+năm\s+([0-9]{4})", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field: a key of :mod:`portal.texts` and what to put into it."""

    key: str
    given: Mapping[str, object] = field(default_factory=dict)


class Fields:
    """Reads typed values and gathers the problems by field, in the order of reading."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self._typed = typed
        self.problems: dict[str, Problem] = {}

    def name(self, name: str) -> str:
        """Return the name of a person: one line with at least one letter in it."""
        value = self.line(name, NAME, missing="name_missing")
        if value and not any(character.isalpha() for character in value):
            self._wrong(name, Problem("name_missing"))
        return value

    def line(self, name: str, longest: int, *, missing: str | None = "missing") -> str:
        """Return one line; *missing* is the problem of an empty one (``None``: it may be)."""
        raw = self._clean(name)
        return self._checked(name, raw, one_line(raw), longest, missing, lines=False)

    def text(self, name: str, longest: int, *, missing: str | None = "missing") -> str:
        """Return lines of text, without blanks at the ends."""
        raw = self._clean(name)
        return self._checked(name, raw, raw.strip(), longest, missing, lines=True)

    def whole(self, name: str, *, required: bool) -> int | None:
        """Return a whole number from 0; ``1.234`` and ``1 234`` are one thousand and so on."""
        value = self._clean(name).strip()
        if not value:
            if required:
                self._wrong(name, Problem("figure_missing"))
            return None
        if len(value) > 40 or not _WHOLE.fullmatch(value):
            self._wrong(name, Problem("figure_not_whole"))
            return None
        number = int(re.sub(r"[^0-9]", "", value))
        if number >= LARGEST:
            self._wrong(name, Problem("figure_too_large"))
            return None
        return number

    def day(self, name: str, *, latest: date) -> date | None:
        """Return a date written day first, not after *latest*."""
        value = " ".join(self._clean(name).split())
        if not value:
            self._wrong(name, Problem("day_missing"))
            return None
        day = _day(value)
        if day is None:
            self._wrong(name, Problem("day_unreadable"))
        elif day > latest:
            self._wrong(name, Problem("day_ahead", {"today": f"{latest:%d/%m/%Y}"}))
        else:
            return day
        return None

    def at_most(self, name: str, value: int | None, total: int | None, label: str) -> None:
        """Note a problem when a part is larger than the total called *label*."""
        if value is not None and total is not None and value > total:
            self._wrong(name, Problem("figure_above_total", {"label": label, "total": total}))

    def _clean(self, name: str) -> str:
        return clean(self._typed.get(name, ""))

    def _checked(
        self, name: str, raw: str, value: str, longest: int, missing: str | None, lines: bool
    ) -> str:
        found = flaw(raw, value, longest, lines=lines)
        if found is not None and found.kind == "too_long":
            given = {"length": found.length, "longest": found.longest}
            self._wrong(name, Problem(found.kind, given))
        elif found is not None:
            self._wrong(name, Problem(found.kind))
        elif not value and missing is not None:
            self._wrong(name, Problem(missing))
        return value

    def _wrong(self, name: str, problem: Problem) -> None:
        self.problems.setdefault(name, problem)


def _day(value: str) -> date | None:
    if found := _DAY_FIRST.fullmatch(value) or _IN_WORDS.fullmatch(value):
        day, month, year = found.groups()
    elif found := _YEAR_FIRST.fullmatch(value):
        year, month, day = found.groups()
    else:
        return None
    try:
        parsed = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return parsed if parsed.year >= 1945 else None
