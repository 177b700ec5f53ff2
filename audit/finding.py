"""What verification finds: a code for programs, where it is, and a sentence for people.

A finding names facts, rows and references only, never a person, an address or a text: it may be
mailed and shown to anybody who may know that something is wrong.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.codes import Code, Weight

MOST = 50
"""Findings of one code that a report keeps; the rest is counted: rewriting makes millions."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be."""

    code: Code
    seq: int | None = None
    """The fact, by its number in the ledger."""
    stream: str | None = None
    row: str | None = None
    """Another place than a fact: ``outbox:…``, ``stream:…``, a file."""
    between: tuple[int, int] | None = None
    """Facts of which one at least is altered, first and last included."""
    data: Mapping[str, object] = field(default_factory=dict)
    """What the sentence of the code needs."""

    def text(self, lang: str = "vi") -> str:
        """Return the sentence in *lang* (``vi`` or ``en``)."""
        return self.code.words(lang).format(**self.data)

    def place(self, lang: str = "vi") -> str:
        """Return where it is, in words; empty when it is the whole ledger."""
        vi = lang == "vi"
        parts = []
        if self.seq is not None:
            parts.append(f"sự kiện {self.seq}" if vi else f"fact {self.seq}")
        if self.stream is not None:
            parts.append(f"văn bản {self.stream}" if vi else f"document {self.stream}")
        if self.row is not None:
            parts.append(self.row)
        if self.between is not None:
            first, last = self.between
            parts.append(
                f"trong các sự kiện {first}–{last}" if vi else f"among the facts {first}–{last}"
            )
        return ", ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """Return the finding for programs."""
        return {
            "code": self.code.value,
            "weight": self.code.weight.value,
            "seq": self.seq,
            "stream": self.stream,
            "row": self.row,
            "between": None if self.between is None else list(self.between),
            "vi": self.text("vi"),
            "en": self.text("en"),
        }


class Findings:
    """Findings as they come, at most :data:`MOST` of a code; how many there were of each."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.counts: Counter[Code] = Counter()

    def add(self, finding: Finding) -> None:
        """Take one finding."""
        self.counts[finding.code] += 1
        if self.counts[finding.code] <= MOST:
            self.kept.append(finding)

    @property
    def altered(self) -> bool:
        """Tell whether anything found means that the ledger is not whole."""
        return any(code.weight is Weight.ALTERED for code in self.counts)

    def dropped(self) -> list[tuple[Code, int]]:
        """Return how many findings of a code were counted and not kept."""
        return [(code, count - MOST) for code, count in self.counts.items() if count > MOST]

    def of(self, weight: Weight) -> list[Finding]:
        """Return the kept findings of one weight, in the order in which they were found."""
        return [each for each in self.kept if each.code.weight is weight]


def of_schema(code: Code, kind: str, name: str) -> Finding:
    """Return a finding about something of the database's own: a table, an index, a trigger."""
    what = f"{kind} {name}"
    return Finding(code, row=what, data={"what": what})
