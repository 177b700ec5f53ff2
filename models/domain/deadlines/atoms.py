"""First pass: dates, months, counts and hours become one code with a value each."""

import re
from typing import NamedTuple

from models.domain.deadlines.atom_patterns import LETTERS, MACROS, SOURCES
from models.domain.deadlines.atom_values import READERS, Found
from models.domain.deadlines.lexicon import fold
from models.domain.deadlines.matcher import Matcher
from models.domain.deadlines.moments import (
    Clock,
    Value,
)
from models.domain.deadlines.text import Text

_ATOM = Matcher("|".join(f"(?P<{name}>{source})" for name, source in SOURCES.items()), MACROS)
_AFTER_SIX = frozenset({"trong", "vong", "han", "qua", "nhat", "la", "da", "thieu", "dinh", "ky"})


class Line(NamedTuple):
    """A sentence after the first pass."""

    text: Text
    codes: str
    values: dict[int, Value]
    """By place in :attr:`codes`."""
    sources: dict[int, re.Match[str]]
    """Where in the first pass each value comes from."""
    starts: list[int]
    """First token of each place, and one more for the end."""

    def words(self, first: int, last: int) -> list[str]:
        """Return the tokens of places *first* to *last* (exclusive)."""
        return self.text.words[self.starts[first] : self.starts[last]]

    def quote(self, first: int, last: int) -> str:
        """Return the words of those places as they stand in the text."""
        start, end = self.text.span(self.starts[first], self.starts[last])
        return self.text.original[start:end]


def _six_or_after(text: Text, match: re.Match[str]) -> bool:
    """Tell whether a "sau" without diacritics that opens a count means "after", not six."""
    first = match.start()
    if text.words[first] != "sau" or text.marked:
        return False
    return not first or fold(text.words[first - 1]) not in _AFTER_SIX


def value_of(text: Text, match: re.Match[str]) -> Value:
    """Return the value of one match of the first pass."""
    return READERS[match.lastgroup or ""](Found(text, match))


def letter_of(match: re.Match[str], value: Value) -> str:
    """Return the code that stands for the match in the second pass."""
    if isinstance(value, Clock) and value.whole:
        return "G"
    return LETTERS[match.lastgroup or ""]


def reduce(text: Text) -> Line:
    """Return *text* with everything that has a value as one code."""
    codes: list[str] = []
    starts: list[int] = []
    values: dict[int, Value] = {}
    sources: dict[int, re.Match[str]] = {}
    last = 0
    for match in _ATOM.all(text.codes):
        name = match.lastgroup or ""
        if name in {"count", "counts", "times"} and _six_or_after(text, match):
            continue
        codes.append(text.codes[last : match.start()])
        starts.extend(range(last, match.start()))
        letter = LETTERS[name]
        if letter != "x":
            value = value_of(text, match)
            values[len(starts)] = value
            sources[len(starts)] = match
            letter = letter_of(match, value)
        codes.append(letter)
        starts.append(match.start())
        last = match.end()
    codes.append(text.codes[last:])
    starts.extend(range(last, len(text.codes) + 1))
    return Line(text, "".join(codes), values, sources, starts)
