"""Which addresses a body had when: by their references, as far as mails, changes and erasures tell.

The table of contacts is personal data and may change; it is not proven. What is known of a
reference: whose it is, that it never goes to another body, from where on it was erased, and where
an operator took it into use or out of it.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from audit.source import Source
from models.domain.effects import Notify
from models.store import ADMIN

NOBODY = "-"
"""What stands for the contact in the key of a mail that has none."""
_BODY = "SELECT body FROM contact WHERE ref = ?"
_CHANGED = (
    "SELECT seq, recorded_at, body FROM ledger_event WHERE stream = ? AND type = 'ContactChanged'"
    " ORDER BY seq"
)
_ERASED = "SELECT seq, body FROM ledger_event WHERE stream = ? AND type = 'Erased'"


@dataclass(frozen=True, slots=True)
class Change:
    """An operator changed where a body gets its mail."""

    at: str
    body: str
    added: str | None
    retired: str | None


class Contacts:
    """What is known of the references of contacts."""

    def __init__(self, source: Source) -> None:
        self.changes = dict(_changed(source))
        """Every change, by the number of its entry."""
        self._turns: dict[str, list[tuple[int, bool]]] = defaultdict(list)
        """Where a reference came into use (true) or went out of it, in order."""
        self.added: dict[str, dict[str, int]] = defaultdict(dict)
        """What a body was given by changes, each with the first entry that did."""
        for seq, change in self.changes.items():
            if change.retired is not None:
                self._turns[change.retired].append((seq, False))
            if change.added is not None:
                self._turns[change.added].append((seq, True))
                self.added[change.body].setdefault(change.added, seq)
        self.erased = dict(erasures(source))
        """The number of the fact from which on a reference stands for nothing any more."""
        self.body = lru_cache(maxsize=50_000)(lambda ref: source.one(_BODY, ref))
        """The body of a contact, as a row; ``None``: there is no such contact."""

    def retired(self, contact: str, seq: int) -> bool:
        """Tell whether *contact* was out of use when the fact *seq* was recorded."""
        turns = self._turns.get(contact, ())
        before = bisect_left(turns, (seq, False))
        return before > 0 and not turns[before - 1][1]

    def retirements(self, contact: str) -> list[tuple[int, str]]:
        """Return when *contact* went out of use: number and instant of each entry that said so."""
        turns = self._turns.get(contact, ())
        return [(seq, self.changes[seq].at) for seq, used in turns if not used]

    def retired_at(self, contact: str) -> str | None:
        """Return since when *contact* is out of use; ``None``: it is used."""
        turns = self._turns.get(contact, ())
        return None if not turns or turns[-1][1] else self.changes[turns[-1][0]].at

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
        """Tell whether *contact* was erased or retired before the fact *seq*."""
        erased = self._contacts.erased.get(contact, seq) < seq
        return erased or self._contacts.retired(contact, seq)

    def retirements(self, contact: str) -> list[tuple[int, str]]:
        """Return when *contact* went out of use (:meth:`Contacts.retirements`)."""
        return self._contacts.retirements(contact)

    def given(self, entry: int, contact: str, body: str, at: str) -> bool:
        """Tell whether the *entry* gave *body* the address *contact*, at that instant."""
        change = self._contacts.changes.get(entry)
        return change is not None and (change.added, change.body, change.at) == (contact, body, at)

    def lacking(self, owed: Notify, there: set[str], seq: int) -> Iterator[str]:
        """Yield who had to get mail for the body and gets none; remember who gets one.

        Who got some before, and who was given to the body since.
        """
        seen = self._seen.setdefault(owed.recipient, {})
        for contact, since in self._contacts.added.get(owed.recipient, {}).items():
            if since < seq:
                seen.setdefault(contact)
        for contact in seen:
            if contact not in there and not self.gone(contact, seq):
                yield contact
        seen.update(dict.fromkeys(there - {NOBODY}))


def _changed(source: Source) -> Iterator[tuple[int, Change]]:
    for seq, at, body in source.rows(_CHANGED, ADMIN):
        try:
            data = json.loads(body)["data"]
            said = data["body"], data["added"], data["retired"]
        except (ValueError, KeyError, TypeError):
            continue  # named by the pass over all facts
        if isinstance(said[0], str) and all(each is None or isinstance(each, str) for each in said):
            yield seq, Change(str(at), *said)


def erasures(source: Source) -> Iterator[tuple[str, int]]:
    """Yield every reference that was erased, with the number of the entry."""
    for seq, body in source.rows(_ERASED, ADMIN):
        try:
            ref = json.loads(body)["data"]["ref"]
        except (ValueError, KeyError, TypeError):
            continue  # named by the pass over all facts
        if isinstance(ref, str):
            yield ref, seq
