"""Patterns over code strings that remember: sentences repeat their shapes far more than words."""

import re

from models.domain.deadlines.lexicon import pattern

_REMEMBERED = 2048


class Matcher:
    """A compiled pattern of the grammar; what it finds in a code string is found once."""

    __slots__ = ("_pattern", "_seen")

    def __init__(self, source: str, macros: dict[str, str] | None = None) -> None:
        self._pattern = re.compile(pattern(source, macros))
        self._seen: dict[str, tuple[re.Match[str], ...]] = {}

    def all(self, codes: str) -> tuple[re.Match[str], ...]:
        """Return every match in *codes*, left to right."""
        found = self._seen.get(codes)
        if found is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            found = self._seen[codes] = tuple(self._pattern.finditer(codes))
        return found

    def first(self, codes: str) -> re.Match[str] | None:
        """Return the first match in *codes*."""
        found = self.all(codes)
        return found[0] if found else None

    def opens(self, codes: str) -> re.Match[str] | None:
        """Return the match at the very beginning of *codes*."""
        if not codes:
            return None
        found = self.all(codes)
        return found[0] if found and found[0].start() == 0 else None
