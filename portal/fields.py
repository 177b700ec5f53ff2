"""What people type, one field at a time: made clean, or a problem to show beside the field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from config.typed import DECISION, NAME, REASON, clean, flaw, one_line

__all__ = ["DECISION", "LARGEST", "NAME", "NUMBER", "REASON", "TEXT", "Fields", "Problem"]

NUMBER, TEXT, ANSWER = 60, 5_000, 2_000
"""Longest values in characters: of a document's number, a report's text, a text among its fields.
All of them in Vietnamese still fit the limit of a request (:mod:`portal.guard`)."""
LARGEST = 10**9
"""Figures are smaller than this."""
EARLIEST, LATEST = 1945, 2199
"""Years that a date may be of: what is beyond is a slip, and no calendar reckons with it."""
PLACES = 4
"""So many digits a decimal may have after the comma."""

_GROUPED = r"[0-9]+|[0-9]{1,3}(?:[. \u00a0\u202f][0-9]{3})+"
_WHOLE = re.compile(_GROUPED, re.ASCII)
_DECIMAL = re.compile(rf"(?P<whole>{_GROUPED})(?:,(?P<places>[0-9]+))?", re.ASCII)
_POINTED = re.compile(r"(?P<whole>[0-9]+)\.(?P<places>[0-9]+)", re.ASCII)
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
            self.note(name, Problem("name_missing"))
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
                self.note(name, Problem("figure_missing"))
            return None
        if len(value) > 40 or not _WHOLE.fullmatch(value):
            self.note(name, Problem("figure_not_whole"))
            return None
        number = int(re.sub(r"[^0-9]", "", value))
        if number >= LARGEST:
            self.note(name, Problem("figure_too_large"))
            return None
        return number

    def decimal(self, name: str, *, required: bool) -> str | None:
        """Return a number from 0 as ``1234.5``; ``1.234,5`` and ``1234,5`` are the same.

        A point that no three digits follow is a decimal point: ``12.5``.
        """
        value = self._clean(name).strip()
        if not value:
            if required:
                self.note(name, Problem("figure_missing"))
            return None
        found = _DECIMAL.fullmatch(value) or _POINTED.fullmatch(value)
        if len(value) > 40 or found is None or len(found["places"] or "") > PLACES:
            self.note(name, Problem("figure_not_decimal", {"places": PLACES}))
            return None
        whole = int(re.sub(r"[^0-9]", "", found["whole"]))
        if whole >= LARGEST:
            self.note(name, Problem("figure_too_large"))
            return None
        places = (found["places"] or "").rstrip("0")
        return f"{whole}.{places}" if places else str(whole)

    def choice(self, name: str, choices: Sequence[str], *, required: bool) -> str | None:
        """Return one of *choices*."""
        value = one_line(self._clean(name))
        known = {one_line(clean(each)): each for each in choices}
        if not value:
            if required:
                self.note(name, Problem("choice_missing"))
            return None
        if value not in known:
            self.note(name, Problem("choice_unknown"))
        return known.get(value)

    def day(self, name: str, *, latest: date | None = None, required: bool = True) -> date | None:
        """Return a date written day first, not after *latest*."""
        value = " ".join(self._clean(name).split())
        if not value:
            if required:
                self.note(name, Problem("day_missing"))
            return None
        day = _day(value)
        if day is None:
            self.note(name, Problem("day_unreadable"))
        elif latest is not None and day > latest:
            self.note(name, Problem("day_ahead", {"today": f"{latest:%d/%m/%Y}"}))
        else:
            return day
        return None

    def note(self, name: str, problem: Problem) -> None:
        """Take down a problem that was found elsewhere; the first of a field stays."""
        self.problems.setdefault(name, problem)

    def _clean(self, name: str) -> str:
        return clean(self._typed.get(name, ""))

    def _checked(
        self, name: str, raw: str, value: str, longest: int, missing: str | None, lines: bool
    ) -> str:
        found = flaw(raw, value, longest, lines=lines)
        if found is not None and found.kind == "too_long":
            given = {"length": found.length, "longest": found.longest}
            self.note(name, Problem(found.kind, given))
        elif found is not None:
            self.note(name, Problem(found.kind))
        elif not value and missing is not None:
            self.note(name, Problem(missing))
        return value


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
    return parsed if EARLIEST <= parsed.year <= LATEST else None
