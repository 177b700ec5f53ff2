"""What lint tells: the finding, the clauses it is about, and what would settle it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from pendulum import DateTime


class Severity(StrEnum):
    """How much it matters whether the directive can be carried out as it is worded."""

    ERROR = "error"
    """It cannot, for somebody, if everybody uses what the text gives."""
    WARNING = "warning"
    """It can, but people will read or do it differently; or a person has decided already."""
    INFO = "info"
    """Worth knowing."""


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages."""

    vi: str
    en: str

    def text(self, lang: str) -> str:
        """Return the sentence in *lang*."""
        return self.en if lang == "en" else self.vi


@dataclass(frozen=True, slots=True)
class Clause:
    """A duty that a finding is about, in the document's own words."""

    obligation: str
    document: str
    label: str
    """Where it stands: ``III.1``."""
    quote: str
    """The words that lay down this duty; its summary where there is no text."""
    phrase: str = ""
    due: DateTime | None = None
    """Its own half-open bound in force."""


@dataclass(frozen=True, slots=True)
class Move:
    """One date to be moved."""

    obligation: str
    label: str
    document: str
    issuer: str
    """The body whose date it is: nobody below may move it."""
    issuer_name: str
    before: DateTime | None
    after: DateTime
    days: int
    """By how many working days; negative: earlier."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way to choose."""

    value: str
    said: Words


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision that a person must take; ``name`` is stable, for programs."""

    name: str
    said: Words
    obligations: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()


Change: TypeAlias = Move | Choice


@dataclass(frozen=True, slots=True)
class Remedy:
    """Changes that, made together, settle the finding."""

    changes: tuple[Change, ...]
    minimal: bool = False
    """Nothing settles it with fewer changes."""

    @property
    def moves(self) -> dict[str, DateTime]:
        """The dates to be moved, by obligation."""
        return {each.obligation: each.after for each in self.changes if isinstance(each, Move)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is proved about the directive."""

    code: str
    severity: Severity
    follows: Words
    """What follows from it."""
    documents: tuple[str, ...]
    clauses: tuple[Clause, ...] = ()
    bodies: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    """The smallest first."""
    id: str = ""
    """The declared conflict that this is: ``C2``."""
    handling: str = ""
    """How the package says that it is handled."""
    where: str = ""
    """File and field, for what is wrong with the package itself."""

    @property
    def obligations(self) -> frozenset[str]:
        """The obligations it is about."""
        return frozenset(clause.obligation for clause in self.clauses)
