"""From a phrase to its candidates; once per wording, for whatever numbers it carries.

Directives say the same things with other dates. A wording that was read before, digits apart, is
not read again: its candidates are filled with the new numbers. That is done only where it can not
change the outcome (:meth:`Plan.fill`); everything else is read from the start.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from models.domain.deadlines import counted, lead, marks, periods, points, recurring, torn, windows
from models.domain.deadlines.atoms import Line, letter_of, reduce, value_of
from models.domain.deadlines.candidate import Candidate, Form, Weight
from models.domain.deadlines.moments import Clock, Flaw, Value
from models.domain.deadlines.text import Text, prepare

Groups = tuple[tuple[Candidate, ...], ...]
"""Candidates of one weight each, the firmest first."""

_FAMILIES = (
    points.find_torn, windows.find, lead.find, counted.find, recurring.find, points.find,
    periods.find, counted.find_alone, lead.find_event, recurring.find_bare, marks.find,
)  # fmt: skip
"""In the order in which they may claim words."""
_make = tuple.__new__
"""Makes a named tuple of fields that are known to be right, without its checks."""
_NUMBERS = re.compile("([0-9]+)")
_REMEMBERED = 8192


@lru_cache(maxsize=_REMEMBERED)
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
    if broken := torn.find(line, found):
        return line, ((broken,),)
    found.sort(key=lambda each: each.first)
    groups = (
        tuple(each for each in found if each.weight is weight)
        for weight in (Weight.FIRM, Weight.LOOSE, Weight.ASIDE)
    )
    return line, tuple(group for group in groups if group)


@dataclass(frozen=True, slots=True)
class _Blank:
    """A candidate to be filled: which arguments of its form come from which places."""

    candidate: Candidate
    arguments: tuple[object, ...]
    single: tuple[tuple[int, int], ...]
    """(argument, place)"""
    several: tuple[tuple[int, tuple[int, ...]], ...]
    """(argument, places) of an argument that is a tuple of values."""

    def fill(self, values: dict[int, Value]) -> Candidate:
        if not (self.single or self.several):
            return self.candidate
        arguments = list(self.arguments)
        for argument, place in self.single:
            arguments[argument] = values[place]
        for argument, places in self.several:
            arguments[argument] = tuple([values[place] for place in places])
        old = self.candidate
        form: Form = _make(type(old.form), arguments)  # type: ignore[type-var]
        return _make(Candidate, (old.first, old.last, old.weight, form))


class Plan:
    """A wording as it was first read."""

    __slots__ = ("blanks", "groups", "line", "tokens")

    def __init__(self, phrase: str, numbers: list[str]) -> None:
        self.line, self.groups = read_anew(phrase)
        text = self.line.text
        self.tokens = [place for place, word in enumerate(text.words) if word[0].isdecimal()]
        same = [text.words[place] for place in self.tokens] == numbers
        self.blanks = _blanks(self.line, self.groups) if same and text.original == phrase else None

    @property
    def flawed(self) -> bool:
        """Tell whether it was first read with an impossible date, which is no model for others."""
        return any(isinstance(value, Flaw) for value in self.line.values.values())

    def fill(self, phrase: str, numbers: list[str]) -> tuple[Line, Groups] | None:
        """Return *phrase* read like this wording, ``None`` where that would not be certain.

        It is certain when every number stands inside a value, every value of a candidate can be
        traced to its argument, and neither reading has a flaw: what the families decide they
        decide by words and by kinds of value.
        """
        if self.blanks is None:
            return None
        old, same = self.line, self.line.text
        words = same.words.copy()
        for place, digits in zip(self.tokens, numbers, strict=False):
            words[place] = digits
        kept = (phrase, same.lower, words, same.codes, same.marked, (), same.spans)
        text = _make(Text, kept)
        values: dict[int, Value] = {}
        codes = old.codes
        for place, source in old.sources.items():
            value = values[place] = value_of(text, source)
            kind = type(value)
            if kind is Flaw or (kind is Clock and letter_of(source, value) != codes[place]):
                return None
        line = Line(text, codes, values, old.sources, old.starts)
        return line, tuple([tuple([each.fill(values) for each in row]) for row in self.blanks])


def _blanks(line: Line, groups: Groups) -> tuple[tuple[_Blank, ...], ...] | None:
    """Return the candidates as blanks; ``None`` unless all their numbers can be traced."""
    values = line.values
    if line.text.repaired or any(isinstance(value, Flaw) for value in values.values()):
        return None
    if any(line.codes[place] == "@" and _numbered(line, place) for place in values):
        return None  # the length of a period decides what is found
    blanks = []
    for group in groups:
        row = [_blank(line, candidate) for candidate in group]
        if None in row:
            return None
        blanks.append(tuple(blank for blank in row if blank is not None))
    return tuple(blanks)


def _numbered(line: Line, place: int) -> bool:
    return any(word[0].isdecimal() for word in line.words(place, place + 1))


def _blank(line: Line, candidate: Candidate) -> _Blank | None:
    places = {id(value): place for place, value in line.values.items()}
    form = candidate.form
    arguments: tuple[object, ...] = tuple(form)
    single: list[tuple[int, int]] = []
    several: list[tuple[int, tuple[int, ...]]] = []
    for index, argument in enumerate(arguments):
        if isinstance(argument, str) and any(map(str.isdecimal, argument)):
            return None
        if isinstance(argument, _VALUES):
            if id(argument) not in places:
                return None
            single.append((index, places[id(argument)]))
        elif isinstance(argument, tuple) and any(isinstance(each, _VALUES) for each in argument):
            if not all(id(each) in places for each in argument):
                return None
            several.append((index, tuple(places[id(each)] for each in argument)))
    traced = {place for _, place in single}.union(*(each for _, each in several))
    for place in range(candidate.first, candidate.last):
        untraced = place in line.values and place not in traced and _numbered(line, place)
        if untraced or line.codes[place] in "DNQ":
            return None
    return _Blank(candidate, arguments, tuple(single), tuple(several))


_VALUES = Value.__args__
_PLANS: dict[tuple[object, ...], Plan] = {}


def parse(phrase: str) -> tuple[Line, Groups]:
    """Return the line of *phrase* and its candidates, from a remembered wording if there is one."""
    pieces = _NUMBERS.split(phrase)
    numbers = pieces[1::2]
    wording = ("\0".join(pieces[::2]), *map(len, numbers))
    plan = _PLANS.get(wording)
    if plan is None or (plan.blanks is None and plan.flawed):
        if len(_PLANS) >= _REMEMBERED:
            _PLANS.clear()
        plan = _PLANS[wording] = Plan(phrase, numbers)
        return plan.line, plan.groups
    return plan.fill(phrase, numbers) or read_anew(phrase)


def forget() -> None:
    """Forget every wording and phrase (for measurements)."""
    _PLANS.clear()
    read_anew.cache_clear()
