"""Which addresses a body had when: by their references, as far as mails and erasures tell.

The table of contacts is personal data and may change; it is not proven. What is known of a
reference: whose it is, that it never goes to another body, and from where on it was erased.
"""

import json
from collections.abc import Iterator
from functools import lru_cache

from audit.source import Source
from models.domain.effects import Notify
from models.store import ADMIN

NOBODY = "-"
"""What stands for the contact in the key of a mail that has none."""
_BODY = "SELECT body FROM contact WHERE ref = ?"
_ERASED = "SELECT seq, body FROM ledger_event WHERE stream = ? AND type = 'Erased'"


class Contacts:
    """What is known of the references of contacts."""

    def __init__(self, source: Source) -> None:
        self.erased = dict(erasures(source))
        """The number of the fact from which on a reference stands for nothing any more."""
        self.body = lru_cache(maxsize=50_000)(lambda ref: source.one(_BODY, ref))
        """The body of a contact, as a row; ``None``: there is no such contact."""

    def of_document(self) -> "Told":
        """Return what is to be remembered while the mails of one document go by."""
        return Told(self)


class Told:
    """Who of each body got mail about one document."""

    def __init__(self, contacts: Contacts) -> None:
        self._contacts = contacts
        self._seen: dict[str, dict[str, None]] = {}

    def owner(self, contact: str) -> str | None:
        """Return whose the reference *contact* is; ``None``: nobody's."""
        row = self._contacts.body(contact)
        return None if row is None else str(row[0])

    def gone(self, contact: str, seq: int) -> bool:
        """Tell whether *contact* was erased before the fact *seq*."""
        return self._contacts.erased.get(contact, seq) < seq

    def lacking(self, owed: Notify, there: set[str], seq: int) -> Iterator[str]:
        """Yield who got mail for the body before and gets none now; remember who gets one."""
        seen = self._seen.setdefault(owed.recipient, {})
        for contact in seen:
            if contact not in there and not self.gone(contact, seq):
                yield contact
        seen.update(dict.fromkeys(there - {NOBODY}))


def erasures(source: Source) -> Iterator[tuple[str, int]]:
    """Yield every reference that was erased, with the number of the entry."""
    for seq, body in source.rows(_ERASED, ADMIN):
        try:
            ref = json.loads(body)["data"]["ref"]
        except (ValueError, KeyError, TypeError):
            continue  # named by the pass over all facts
        if isinstance(ref, str):
            yield ref, seq
