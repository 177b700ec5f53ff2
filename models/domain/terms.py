"""The words of the domain as types: phases, kinds of report line, identifiers.

The glossary (``docs/glossary.md``) explains each in Vietnamese and English.
"""

from enum import StrEnum
from typing import NewType

DocumentKey = NewType("DocumentKey", str)
"""A document: ``256-KH/TU`` within one package. Number and sign are not unique across issuers
(C16), so the ledger's stream is named by the package's own key for the document."""

BodyId = NewType("BodyId", str)
"""An office in the hierarchy; never a person, never its name (names change)."""

ObligationId = NewType("ObligationId", str)
"""A duty as one clause of one document lays it down: ``256/III.1-c``."""

AssignmentId = NewType("AssignmentId", str)
"""One body's copy of an obligation: ``256/III.1-c@pr.bao-an``."""


class Phase(StrEnum):
    """Where an assignment stands. Overdue is a fact with an instant, never a phase."""

    PENDING = "pending"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    WAIVED = "waived"
    SUPERSEDED = "superseded"


CLOSED = frozenset({Phase.ACCEPTED, Phase.WAIVED, Phase.SUPERSEDED})
"""Nothing more is owed in these phases."""


class Source(StrEnum):
    """How far a statement of a package can be trusted."""

    TEXT = "source"
    PUBLIC = "public"
    ASSUMED = "assumed"
    SAMPLE = "sample"


class Acceptance(StrEnum):
    """Who says that a report is good."""

    RECEIVER = "receiver"
    AUTOMATIC = "automatic"


def assignment_id(obligation: str, body: str) -> AssignmentId:
    """Return the identifier of *body*'s copy of *obligation*."""
    return AssignmentId(f"{obligation}@{body}")
