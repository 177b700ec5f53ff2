"""What people type, on a page or on a command line, before anything is made of it.

Text is NFC, so that the same name from two telephones is the same name. Characters that nobody
can see are dropped when they are harmless (they come along with copy and paste) and refused when
they could make a text look like another one, or do something to a terminal.
"""

import unicodedata
from dataclasses import dataclass
from typing import Literal

NAME, DECISION, REASON = 120, 120, 2_000
"""Longest values in characters: who, the number of a decision, why."""

_HARMLESS = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a text cannot be taken."""

    kind: Literal["hidden_characters", "too_long"]
    length: int = 0
    longest: int = 0


def clean(value: str) -> str:
    """Return *value* in NFC, its lines ended by ``\\n``, without harmless invisible characters."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines).translate(_HARMLESS)


def one_line(cleaned: str) -> str:
    """Return *cleaned* with single blanks between its words."""
    return " ".join(cleaned.split())


def flaw(cleaned: str, value: str, longest: int, *, lines: bool) -> Flaw | None:
    """Return what is wrong with *value*, made of *cleaned*, which may have *lines* or only one."""
    keep = "\t\n" if lines else "\t"
    if any(hidden(character) and character not in keep for character in cleaned):
        return Flaw("hidden_characters")
    if len(value) > longest:
        return Flaw("too_long", len(value), longest)
    return None


def hidden(character: str) -> bool:
    """Tell whether *character* is seen by nobody: a control, a direction mark, half a surrogate."""
    return unicodedata.category(character) in _HIDDEN


def visible(text: str) -> str:
    """Return *text* with every hidden character written out, except ends of lines and tabs."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode()
        if hidden(character) and character not in "\n\t"
        else character
        for character in text
    )
