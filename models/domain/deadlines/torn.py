"""Words that a scanner or a keyboard tore apart ("trướ c") or ran together ("hằngnăm").

Beside a date such a word may have been the one that binds it, so nothing is guessed there.
"""

from functools import lru_cache

from models.domain.deadlines.atoms import Line
from models.domain.deadlines.candidate import Candidate, Refused, Weight
from models.domain.deadlines.lexicon import ALIASES, KEYWORDS, OTHER, letters

_NEAR = 5
"""Tokens between such a word and something that has a value or binds."""
_SHORT, _LONG = 2, 4
_VOWELS = frozenset("aeiouy")
_WORDS = frozenset(KEYWORDS) | frozenset(ALIASES)
_PLAIN = frozenset(map(letters, _WORDS))
_DIGITS = frozenset("ilo")
_ROMAN = frozenset({"i", "ii", "iii", "iv"})


def find(line: Line, found: list[Candidate]) -> Candidate | None:
    """Return the first torn or run-together word of *line* beside a value or one of *found*."""
    codes = line.text.codes
    places = [(line.starts[place], line.starts[place + 1]) for place in line.values]
    places += [(line.starts[each.first], line.starts[each.last]) for each in found]
    if not places:
        return None
    words, marked = line.text.words, line.text.marked
    for place, code in enumerate(codes):
        if not words[place][0].isalpha() or (code != OTHER and len(words[place]) > 1):
            continue
        first, last = place, place + 1
        if not _run_together(words[place], marked):
            if _torn(words, place, place + 1, marked):
                last += 1
            elif _torn(words, place - 1, place, marked):
                first -= 1
            else:
                continue
        if any(first - end <= _NEAR and begin - last <= _NEAR for begin, end in places):
            return _at(line, first, last)
    return None


def _at(line: Line, first: int, last: int) -> Candidate:
    """Return the refusal for tokens *first* to *last*."""
    starts = line.starts
    begin = max(place for place, start in enumerate(starts) if start <= first)
    end = min(place for place, start in enumerate(starts) if start >= last)
    return Candidate(begin, end, Weight.FIRM, Refused("torn_word"))


def _torn(words: list[str], first: int, second: int, marked: bool) -> bool:
    if first < 0 or second >= len(words):
        return False
    one, two = words[first], words[second]
    return one[0].isalpha() and two[0].isalpha() and _joins(one, two, marked)


@lru_cache(maxsize=16_384)
def _joins(one: str, two: str, marked: bool) -> bool:
    """Tell whether the two are one word of the grammar, and not two words of the language."""
    if marked and one + two in _WORDS:
        return True
    broken = any(len(part) == 1 or not _VOWELS & set(letters(part)) for part in (one, two))
    return not marked and broken and one + two in _PLAIN


@lru_cache(maxsize=16_384)
def _run_together(word: str, marked: bool) -> bool:
    """Tell whether *word* is two words of the grammar, or one and a letter read for a digit."""
    known = _WORDS if marked else _PLAIN
    if marked and len(word) > _LONG and word[:-1] in known and word[-1] in _DIGITS:
        return True
    return any(_two_words(word[:cut], word[cut:], known) for cut in range(1, len(word) - 1))


def _two_words(one: str, two: str, known: frozenset[str]) -> bool:
    """Tell whether both are words, long enough together to be no single syllable."""
    if one not in known or two not in known or not _VOWELS & set(letters(two)):
        return False
    if one in _ROMAN:
        return known is _WORDS and len(two) > _SHORT
    least = _SHORT if known is _WORDS else _SHORT + 1
    open_ended = letters(one)[-1] in _VOWELS and letters(two)[0] not in _VOWELS
    long_enough = len(one) + len(two) > _LONG or open_ended
    return len(one) >= least and long_enough and bool(_VOWELS & set(letters(one)))
