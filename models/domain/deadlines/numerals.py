"""Vietnamese numbers in words, and numbers written twice: ``06 (sáu)``."""

from collections.abc import Sequence

from models.domain.deadlines.lexicon import fold

_UNITS = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "nham": 5,
    "sau": 6, "bay": 7, "tam": 8, "chin": 9,
}  # fmt: skip
_ROMAN = {"i": 1, "l": 1, "ii": 2, "ll": 2, "iii": 3, "lll": 3, "iv": 4, "lv": 4, "v": 5, "vi": 6}


def _below_hundred(words: Sequence[str]) -> int | None:
    match list(words):
        case [unit] if unit in _UNITS and unit != "lam":
            return _UNITS[unit]
        case ["muoi"]:
            return 10
        case ["muoi", unit] if unit in _UNITS and unit not in {"khong", "nam"}:
            return 10 + _UNITS[unit]
        case [tens, "muoi"] if tens in _UNITS and _UNITS[tens] > 1:
            return 10 * _UNITS[tens]
        case [tens, "muoi", unit] if tens in _UNITS and unit in _UNITS and unit != "khong":
            return 10 * _UNITS[tens] + _UNITS[unit] if _UNITS[tens] > 1 else None
    return None


def spoken(words: Sequence[str]) -> int | None:
    """Return the number that *words* (without diacritics) say, ``None`` if they say none."""
    rest, total = list(words), 0
    for scale, name in ((1000, "nghin"), (100, "tram")):
        if len(rest) > 1 and rest[1] == name and rest[0] in _UNITS:
            total += scale * _UNITS[rest[0]]
            rest = rest[2:]
    if total and rest[:1] in (["linh"], ["le"]):
        rest = rest[1:]
        if len(rest) != 1:
            return None
    if not rest:
        return total or None
    tail = _below_hundred(rest)
    return None if tail is None else total + tail


def number(tokens: Sequence[str]) -> int | None:
    """Return the number in *tokens*: digits, words, or both if they agree; else ``None``."""
    digits = [int(token) for token in tokens if token[0].isdecimal()]
    words = [fold(token) for token in tokens if token[0].isalpha()]
    words = ["nghin" if word == "ngan" else word for word in words if word not in {"mong", "mung"}]
    said = spoken(words) if words else None
    if len(digits) > 1 or (words and said is None) or not (digits or words):
        return None
    if digits and words and digits[0] != said:
        return None
    return digits[0] if digits else said


def ordinal_quarter(token: str) -> int | None:
    """Return what follows "quý": digits, a Roman numeral (``l`` scanned for ``I``) or a word."""
    if token[0].isdecimal():
        return int(token)
    folded = fold(token)
    return _ROMAN.get(folded) or _UNITS.get(folded)
