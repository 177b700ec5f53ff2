"""What is wrong with a package: collected as data, told in the reader's language."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Path: TypeAlias = "tuple[str | int, ...]"
"""Where in a file: ``("obligations", 12, "assignees", 0)``."""

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, and why, in both languages."""

    file: str
    field: str
    """``obligations[12].assignees[0]``; empty when the whole file is meant."""
    code: str
    """Stable, for programs."""
    vi: str
    en: str
    line: int | None = None

    def text(self, lang: str = "vi") -> str:
        """Return one line: file, line, field, reason."""
        word = "line" if lang == "en" else "dòng"
        where = [self.file]
        if self.line is not None:
            where.append(f"{word} {self.line}")
        if self.field:
            where.append(self.field)
        return f"{', '.join(where)}: {self.en if lang == 'en' else self.vi}"


class PackageError(Exception):
    """A package that cannot be used. Carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem], lang: str = "vi") -> None:
        self.problems = tuple(problems)
        self.lang = lang
        super().__init__(self.problems, lang)

    def __str__(self) -> str:
        count = len(self.problems)
        if self.lang == "en":
            head = f"The package cannot be used: {count} problem{'s' if count != 1 else ''}."
        else:
            head = f"Không dùng được gói văn bản: {count} lỗi."
        return "\n".join((head, *(f"  - {each.text(self.lang)}" for each in self.problems)))


@dataclass(slots=True)
class Report:
    """Collects problems while a package is read. A repeated problem counts once."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Take down *problem*."""
        if problem not in self.problems:
            self.problems.append(problem)

    def stop_if_any(self, lang: str) -> None:
        """Raise :class:`PackageError` if anything was found so far."""
        if self.problems:
            raise PackageError(self.problems, lang)


def field_path(path: Iterable[str | int]) -> str:
    """Return *path* as people write it: ``obligations[12].assignees[0]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{shown(part)}" if text else shown(part)
    return text


def shown(value: object) -> str:
    """Return *value* short and printable: nothing invisible reaches a terminal or a log."""
    text = str(value)
    if len(text) > _SHOWN:
        text = text[: _SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def nearest(word: object, known: Iterable[str]) -> tuple[str, str]:
    """Return "did you mean …?" in Vietnamese and English, or two empty strings."""
    found = difflib.get_close_matches(str(word), sorted(known), n=1, cutoff=0.6)
    if not found:
        return "", ""
    return f"; có phải “{found[0]}”?", f"; did you mean “{found[0]}”?"
