"""Links that no fact of a document asks for, against the entries that say who opened them.

An office opens a page to enter a paper, an operator opens the ledger to an auditor; where a policy
keeps no proof of notice, somebody asks for a mail again, or an address changes: each is an entry
``LinkOpened``, made in the same commit. Earlier software made no such entries: what ran out before
the first of them is said to be unproven; whatever could still be used must have one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from audit.codes import Code
from audit.envelope import short
from audit.finding import Finding
from audit.source import Source
from models.opened import OPENED
from models.store import ADMIN

_ENTRIES = (
    "SELECT seq, recorded_at, body FROM ledger_event WHERE stream = ? AND type = ? ORDER BY seq"
)
_LAST = "SELECT recorded_at FROM ledger_event ORDER BY seq DESC LIMIT 1"
_LINK = (
    "SELECT purpose, stream, assignment, body, expires_at, outbox, person, created_at"
    " FROM link WHERE token_sha256 = ?"
)
_WITHOUT_MAIL = (
    "SELECT l.token_sha256, l.stream, l.purpose, l.created_at, l.expires_at, l.revoked_at"
    " FROM link l LEFT JOIN outbox o ON o.key = l.outbox WHERE o.key IS NULL OR o.stream = ''"
)
_SAID = ("purpose", "stream", "assignment", "body", "until", "mail", "person")
_COLUMNS = (
    "purpose",
    "stream",
    "assignment",
    "body",
    "expires_at",
    "outbox",
    "person",
    "created_at",
)
_MAILLESS = ("behalf", "audit")


@dataclass(frozen=True, slots=True)
class Opening:
    """One entry."""

    seq: int
    at: str
    data: dict[str, Any]


@dataclass(slots=True)
class Opened:
    """All entries, by the hash of the link's secret; there are few."""

    entries: dict[str, Opening] = field(default_factory=dict)
    since: str | None = None
    """When the first was made."""
    now: str = ""
    """When the last fact was recorded."""

    def unproven(self, created_at: object, *, usable: bool) -> bool:
        """Tell whether what has no entry may have been made before there were any."""
        if usable or not isinstance(created_at, str):
            return False
        return self.since is None or created_at < self.since

    def resent(self, key: str, token: str) -> bool:
        """Tell whether an entry says that the mail called *key* was asked for again."""
        entry = self.entries.get(token)
        return entry is not None and entry.data.get("mail") == key


def read(source: Source) -> Opened:
    """Return the entries of the ledger."""
    opened = Opened()
    for seq, recorded_at, body in source.rows(_ENTRIES, ADMIN, OPENED):
        try:
            data = json.loads(body)["data"]
            opened.entries[str(data["link"])] = Opening(seq, str(recorded_at), data)
        except (ValueError, KeyError, TypeError):
            continue  # named by the pass over all facts
        opened.since = opened.since or str(recorded_at)
    opened.now = str((source.one(_LAST) or ("",))[0])
    return opened


def examine(source: Source, opened: Opened) -> Iterator[Finding]:
    """Yield what is wrong with the links that were opened, and with those that nobody opened."""
    for token, entry in opened.entries.items():
        row = f"link:{token}"
        there = source.one(_LINK, token)
        if there is None:
            yield Finding(Code.LINK_MISSING, entry.seq, ADMIN, row)
            continue
        said = [*(entry.data.get(name) for name in _SAID), entry.at]
        for column, found, expected in zip(_COLUMNS, there, said, strict=True):
            if column == "expires_at" and entry.data.get("mail"):
                continue  # prolonged with its duty, within bounds that its mail is held to
            if found != expected:
                data = {"column": column, "found": short(found), "expected": short(expected)}
                yield Finding(Code.LINK_ALTERED, entry.seq, ADMIN, row, data=data)
    for token, stream, purpose, created_at, expires_at, revoked_at in source.rows(_WITHOUT_MAIL):
        if token in opened.entries:
            continue
        usable = revoked_at is None and str(expires_at) > opened.now
        before = purpose in _MAILLESS and opened.unproven(created_at, usable=usable)
        code = Code.LINK_UNRECORDED if before else Code.LINK_ADDED
        yield Finding(code, None, stream or None, f"link:{short(token)}")
