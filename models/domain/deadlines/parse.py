"""From a phrase to its candidates; once per wording, for whatever numbers it carries.

Directives say the same things with other dates. A wording that was read before, digits apart, is
not read again: its candidates are filled with the new numbers. That is done only where it can not
change the outcome (:meth:`Plan.fill`); everything else is read from the start.
"""

import re
from dataclasses import dataclass, fields
from functools import lru_cache

from models.domain.deadlines import counted, lead, marks, periods, points, recurring, windows
from models.domain.deadlines.atoms import Line, letter_of, reduce, value_of
from models.domain.deadlines.candidate import Candidate, Form, Weight
from models.domain.deadlines.moments import Value
from models.domain.deadlines.text import Text, prepare

Groups = tuple[tuple[Candidate, ...], ...]
"""Candidates of one weight each, the firmest first."""

_FAMILIES = (
    windows.find, lead.find, counted.find, recurring.find, points.find, periods.find,
    counted.find_alone, lead.find_event, recurring.find_bare, marks.find,
)  # fmt: skip
"""In the order in which they may claim words."""
_NUMBERS = re.compile("([0-9]+)")
_REMEMBERED = 4096
_FIXED_LETTERS = frozenset("TVI@%&XW")
"""Values that decide what is found at all; a line with one of them is never filled."""


def read_anew(phrase: str) -> tuple[Line, Groups]:
    """Return the line of *phrase* and its candidates."""
    line = reduce(prepare(phrase))
    codes = line.codes
    found: list[Candidate] = []
    for family in _FAMILIES:
        more = family(line, codes)
        for each in more:
            codes = codes[: each.first] + "~" * (each.last - each.first) + codes[each.last :]
        found.extend(more)
    found.sort(key=lambda each: each.first)
    groups = (
        tuple(each for each in found if each.weight is weight)
        for weight in (Weight.FIRM, Weight.LOOSE, Weight.ASIDE)
    )
    return line, tuple(group for group in groups if group)


@dataclass(frozen=True, slots=True)
class _Blank:
    """A candidate to be filled: which arguments of its form come from which place."""

    candidate: Candidate
    arguments: tuple[object, ...]
    filled: tuple[tuple[int, int], ...]

    def fill(self, values: dict[int, Value]) -> Candidate:
        if not self.filled:
            return self.candidate
        arguments = list(self.arguments)
        for argument, place in self.filled:
            arguments[argument] = values[place]
        old = self.candidate
        form: Form = type(old.form)(*arguments)
        return Candidate(old.first, old.last, old.weight, form)


class Plan:
    """A wording as it was first read."""

    __slots__ = ("blanks", "groups", "line", "places", "tokens")

    def __init__(self, phrase: str, numbers: list[str]) -> None:
        self.line, self.groups = read_anew(phrase)
        text = self.line.text
        self.tokens = [place for place, word in enumerate(text.words) if word[0].isdecimal()]
        self.places: tuple[int, ...] = ()
        same = [text.words[place] for place in self.tokens] == numbers
        self.blanks = _blanks(self.line, self.groups) if same and text.original == phrase else None
        if self.blanks is not None:
            used = {place for group in self.blanks for each in group for _, place in each.filled}
            self.places = tuple(sorted(used))

    def fill(self, phrase: str, numbers: list[str]) -> tuple[Line, Groups] | None:
        """Return *phrase* read like this wording, ``None`` where that would not be certain."""
        if self.blanks is None:
            return None
        old = self.line
        words = old.text.words.copy()
        for place, digits in zip(self.tokens, numbers, strict=True):
            words[place] = digits
        same = old.text
        text = Text(phrase, same.lower, words, same.codes, same.marked, (), same.spans)
        values: dict[int, Value] = {}
        for place in self.places:
            source = old.sources[place]
            value = values[place] = value_of(text, source)
            if letter_of(source, value) != old.codes[place]:
                return None
        line = Line(text, old.codes, values, old.sources, old.starts)
        return line, tuple(tuple(each.fill(values) for each in group) for group in self.blanks)


def _blanks(line: Line, groups: Groups) -> tuple[tuple[_Blank, ...], ...] | None:
    """Return the candidates as blanks; ``None`` unless all their numbers can be traced."""
    if not groups or line.text.repaired or _FIXED_LETTERS & set(line.codes):
        return None
    blanks = []
    for group in groups:
        row = []
        for candidate in group:
            blank = _blank(line, candidate)
            if blank is None:
                return None
            row.append(blank)
        blanks.append(tuple(row))
    return tuple(blanks)


def _blank(line: Line, candidate: Candidate) -> _Blank | None:
    form = candidate.form
    arguments = tuple(getattr(form, each.name) for each in fields(form))  # type: ignore[arg-type]
    inside = [place for place in line.values if candidate.first <= place < candidate.last]
    filled: list[tuple[int, int]] = []
    for index, argument in enumerate(arguments):
        if isinstance(argument, str) and any(char.isdecimal() for char in argument):
            return None
        if isinstance(argument, tuple):
            return None
        filled.extend((index, place) for place in line.values if line.values[place] is argument)
    traced = {place for _, place in filled}
    values = [argument for argument in arguments if isinstance(argument, _VALUES)]
    if not set(inside) <= traced or len(values) != len(traced):
        return None
    return _Blank(candidate, arguments, tuple(filled))


_VALUES = Value.__args__
_PLANS: dict[tuple[object, ...], Plan] = {}


@lru_cache(maxsize=_REMEMBERED)
def parse(phrase: str) -> tuple[Line, Groups]:
    """Return the line of *phrase* and its candidates, from a remembered wording if there is one."""
    pieces = _NUMBERS.split(phrase)
    numbers = pieces[1::2]
    wording = ("\0".join(pieces[::2]), *map(len, numbers))
    plan = _PLANS.get(wording)
    if plan is None:
        if len(_PLANS) >= _REMEMBERED:
            _PLANS.clear()
        plan = _PLANS[wording] = Plan(phrase, numbers)
        return plan.line, plan.groups
    return plan.fill(phrase, numbers) or read_anew(phrase)


def forget() -> None:
    """Forget every wording and phrase (for measurements)."""
    _PLANS.clear()
    parse.cache_clear()
