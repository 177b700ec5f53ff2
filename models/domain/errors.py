"""What the rules refuse, and what must never happen."""

from dataclasses import dataclass


class DomainError(Exception):
    """Root of all errors of the rules."""


class ImpossibleFact(DomainError):
    """A fact that the machine has no transition for: the ledger or the code is wrong."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An expected *no*, as a value: a code for programs and a sentence in both languages."""

    code: str
    vi: str
    en: str

    def text(self, lang: str = "vi") -> str:
        """Return the sentence in *lang* (``vi`` or ``en``)."""
        return self.en if lang == "en" else self.vi
