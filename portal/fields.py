"""What people type, one field at a time: made clean, or a problem to show beside the field.

Text is NFC, so that the same name from two telephones is the same name. Characters that nobody
can see are dropped when they are harmless (they come along with copy and paste) and refused when
they could make a text look like another one.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

NAME, NUMBER, TEXT, REASON = 120, 60, 5_000, 2_000
"""Longest values in characters. A text of 5,000 in Vietnamese still fits the limit of a request."""
LARGEST = 10**9
"""Figures are smaller than this."""

_HARMLESS = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
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
        return self._checked(name, raw, " ".join(raw.split()), longest, missing, keep="\t")

    def text(self, name: str, longest: int, *, missing: str | None = "missing") -> str:
        """Return lines of text, without blanks at the ends."""
        raw = self._clean(name)
        return self._checked(name, raw, raw.strip(), longest, missing, keep="\t\n")

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
        value = self._typed.get(name, "").replace("\r\n", "\n").replace("\r", "\n")
        return unicodedata.normalize("NFC", value).translate(_HARMLESS)

    def _checked(
        self, name: str, raw: str, value: str, longest: int, missing: str | None, keep: str
    ) -> str:
        if any(unicodedata.category(c) in _HIDDEN and c not in keep for c in raw):
            self._wrong(name, Problem("hidden_characters"))
        elif len(value) > longest:
            self._wrong(name, Problem("too_long", {"length": len(value), "longest": longest}))
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
