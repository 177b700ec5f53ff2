"""A phrase as tokens: NFC, lower case, digits that a scanner took for letters put right."""

import re
import unicodedata
from itertools import islice
from typing import NamedTuple

from models.domain.deadlines.lexicon import encode

LONGEST = 20_000
"""Characters; a longer text is no sentence."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_MARKED = re.compile("[\u00e0-\u024f\u1ea0-\u1eff]")
_TOKEN = re.compile(r"\d+|[^\W\d_]+|\.\s|[^\s\w]|_")
_SCANNED = re.compile(
    r"(?:(?<![^\W_])|(?<=ngày)|(?<=tháng)|(?<=năm)|(?<=ngay)|(?<=thang)|(?<=nam))"
    r"(?=(?:[\doil|]{1,2}|[\doil|]{4})(?![\doil|]))(?:\d+[oil|]|[oil|]+\d)[\doil|]*(?:(?![^\W_])|(?=[hg](?:[\doil|]|\W|$)))"
    r"|(?:(?<=tháng )|(?<=thang ))[il|][o0](?![^\W_])|(?<=[/.-])[il|]o(?=[/.-])"
    r"|(?<=\dh)(?=\d?[oil|])[\doil|]{2}(?![^\W_])"
    r"|(?<![^\W_])[il|](?=\s?([/.-])\s?\d{1,2}\s?\1\s?\d{4}(?!\d))"
    r"|(?<=ngày )[il|](?= tháng)|(?<=ngay )[il|](?= thang)"
    r"|(?<![^\W_])tr[uwư][06](?=c(?![^\W_]))"
)
_AS_DIGIT = str.maketrans("oil|", "0111")


class _Memo(dict[str, str]):
    """Code of each token seen; emptied before strangers' texts can make it large."""

    def __init__(self, marked: bool) -> None:
        self.marked = marked

    def __missing__(self, token: str) -> str:
        if len(self) > 20_000:
            self.clear()
        code = self[token] = encode(token, self.marked)
        return code


_MEMO = {True: _Memo(True), False: _Memo(False)}


class Text(NamedTuple):
    """A phrase, its tokens and one code character for each of them."""

    original: str
    """NFC, without invisible characters."""
    lower: str
    """Same length as :attr:`original`."""
    words: list[str]
    codes: str
    marked: bool
    repaired: tuple[int, ...]
    """Where letters were read as digits: offsets into :attr:`original`."""
    spans: dict[tuple[int, int], tuple[int, int]]
    """Offsets asked for before, shared by texts that differ in their digits only."""

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the offsets of tokens *first* to *last* (exclusive)."""
        span = self.spans.get((first, last))
        if span is None:
            found = [match.span() for match in islice(_TOKEN.finditer(self.lower), first, last)]
            span = self.spans[first, last] = (found[0][0], found[-1][1]) if found else (0, 0)
        return span


def _put_right(match: re.Match[str]) -> str:
    found = match[0]
    return f"{found[:-1]}o" if found.startswith("tr") else found.translate(_AS_DIGIT)


def prepare(phrase: str) -> Text:
    """Return *phrase* ready for the grammar. Any string will do."""
    original = unicodedata.normalize("NFC", phrase)
    if not original.isprintable():
        original = _INVISIBLE.sub("", original)
    lower = original.lower()
    if len(lower) != len(original):
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in original)
    repaired: tuple[int, ...] = ()
    if _SCANNED.search(lower):
        repaired = tuple(match.start() for match in _SCANNED.finditer(lower))
        lower = _SCANNED.sub(_put_right, lower)
    words = _TOKEN.findall(lower)
    marked = _MARKED.search(lower) is not None
    codes = "".join(map(_MEMO[marked].__getitem__, words))
    return Text(original, lower, words, codes, marked, repaired, {})
