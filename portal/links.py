"""From the token in an address to what its bearer may do.

Only the SHA-256 of a token is stored, so the look-up compares no secret and a stolen database
opens nothing. Wrong, malformed, expired and revoked tokens are one and the same answer: ``None``.
"""

import hashlib
import re
from dataclasses import dataclass

from pendulum import DateTime
from sqlalchemy import Connection, bindparam, select

from models.codec import instant_text
from models.domain.effects import Purpose
from models.domain.state import Plan
from models.domain.terms import AssignmentId, BodyId, DocumentKey
from models.tables import Link, table

_LINK = table(Link)
# Statements are built once: building one costs more than running it.
_BY_TOKEN = select(
    _LINK.c.stream,
    _LINK.c.assignment,
    _LINK.c.body,
    _LINK.c.purpose,
    _LINK.c.expires_at,
    _LINK.c.revoked_at,
).where(_LINK.c.token_sha256 == bindparam("sha256"))
_BY_TOKEN_LOCKED = _BY_TOKEN.with_for_update()
_TOKEN = re.compile(rb"[A-Za-z0-9_-]{43}", re.ASCII)


class LinkGone(Exception):
    """The link was revoked or ran out between the page and the commit; nothing is recorded."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one link lets its bearer do, and as which body."""

    sha256: str
    stream: DocumentKey
    assignment: AssignmentId
    body: BodyId
    purpose: Purpose

    @property
    def ref(self) -> str:
        """Return the name by which the ledger knows the link; it opens nothing."""
        return self.sha256[:16]

    def fits(self, plan: Plan) -> bool:
        """Tell whether the body has the part in the duty that the link is for."""
        if self.assignment not in plan.assignments:
            return False
        obligation, owes = plan.assignments[self.assignment]
        if self.purpose is Purpose.ACT:
            return self.body == owes
        if self.purpose is Purpose.REVIEW:
            return self.body == obligation.reviewer
        return True


def digest(raw_path: bytes) -> str | None:
    """Return the SHA-256 (hex) of the token in ``/c/<token>…``, or ``None`` if it has no such form.

    It reads the path as it came over the wire: a token with percent signs in it is not a token
    that we sent, whatever it decodes to.
    """
    parts = raw_path.split(b"/", 4)
    if len(parts) < 3 or not _TOKEN.fullmatch(parts[2]):
        return None
    return hashlib.sha256(parts[2]).hexdigest()


def find(connection: Connection, sha256: str, now: DateTime, *, lock: bool = False) -> Grant | None:
    """Return what the link is good for at *now* (the directive's clock), or ``None``.

    *lock* keeps it from being revoked until the transaction ends (PostgreSQL; on SQLite the
    transaction has the database for itself anyway).
    """
    query = _BY_TOKEN_LOCKED if lock else _BY_TOKEN
    row = connection.execute(query, {"sha256": sha256}).first()
    if row is None or row.revoked_at is not None or row.expires_at <= instant_text(now):
        return None
    if row.purpose not in list(Purpose):
        return None  # an auditors' link opens the ledger and no duty
    return Grant(
        sha256,
        DocumentKey(row.stream),
        AssignmentId(row.assignment),
        BodyId(row.body),
        Purpose(row.purpose),
    )
