"""What an operator types for the ledger: cleaned and limited as the portal does it."""

from cli.problems import say
from config.typed import DECISION, NAME, REASON, Flaw, clean, flaw, one_line, visible

WORDS = 500
"""Longest date in words."""


class Typed:
    """Reads options one by one and gathers what is wrong with them."""

    def __init__(self, lang: str) -> None:
        self._vi = lang == "vi"
        self._problems: list[str] = []

    def who(self, option: str, value: str) -> str:
        """Return a name: one line with a letter in it."""
        found = self._line(option, value, NAME)
        if found and not any(character.isalpha() for character in found):
            self._missing(option)
        return found

    def decision(self, option: str, value: str) -> str:
        """Return the number of a decision: one line."""
        return self._line(option, value, DECISION)

    def date_words(self, option: str, value: str) -> str:
        """Return a date in words: one line."""
        return self._line(option, value, WORDS)

    def reason(self, option: str, value: str) -> str:
        """Return why: lines of text."""
        cleaned = clean(value)
        return self._checked(option, cleaned, cleaned.strip(), REASON, lines=True)

    def refused(self) -> bool:
        """Tell people what is wrong, if anything; return whether there was."""
        if self._problems:
            say("\n".join(self._problems))
        return bool(self._problems)

    def _line(self, option: str, value: str, longest: int) -> str:
        cleaned = clean(value)
        return self._checked(option, cleaned, one_line(cleaned), longest, lines=False)

    def _checked(self, option: str, cleaned: str, value: str, longest: int, *, lines: bool) -> str:
        found = flaw(cleaned, value, longest, lines=lines)
        if found is not None:
            self._problems.append(f"{option}: {self._words(found, cleaned, lines)}")
        elif not value:
            self._missing(option)
        return value

    def _missing(self, option: str) -> None:
        self._problems.append(
            f"{option}: chưa được ghi rõ." if self._vi else f"{option}: say it in words."
        )

    def _words(self, found: Flaw, cleaned: str, lines: bool) -> str:
        if found.kind == "too_long":
            return (
                f"dài {found.length} ký tự, tối đa {found.longest}."
                if self._vi
                else f"{found.length} characters, at most {found.longest}."
            )
        if not lines and "\n" in cleaned and visible(cleaned) == cleaned:
            return "phải viết trên một dòng." if self._vi else "must be one line."
        shown = visible(cleaned)[:80]
        return (
            f"có ký tự ẩn hoặc không phải UTF-8, hãy gõ lại: {shown}"
            if self._vi
            else f"has hidden characters or is not UTF-8, type it again: {shown}"
        )
