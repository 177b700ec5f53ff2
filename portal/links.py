"""From the token in an address to what its bearer may do.

Only the SHA-256 of a token is stored, so the look-up compares no secret and a stolen database
opens nothing. Wrong, malformed, revoked and expired tokens are one and the same answer: ``None``;
only :mod:`portal.resend` asks whether one has merely run out.

A link is good for something only as long as its body still has the address that it went to: it
joins the contact, whose reference is never given twice, and its key, which an erasure destroys.
Only what an office opens for itself (:mod:`portal.behalf`) came by no mail.
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
from models.tables import Contact, Link, VaultKey, table

_LINK, _CONTACT, _KEY = table(Link), table(Contact), table(VaultKey)
# Statements are built once: building one costs more than running it.
AUDIT = "audit"
"""Purpose of an auditors' link (``portal.auditor``): it opens the ledger and no duty."""
_BY_TOKEN = (
    select(
        _LINK.c.stream,
        _LINK.c.assignment,
        _LINK.c.body,
        _LINK.c.purpose,
        _LINK.c.expires_at,
        _LINK.c.revoked_at,
        _KEY.c.ref,
    )
    .outerjoin(_CONTACT, (_CONTACT.c.ref == _LINK.c.contact) & (_CONTACT.c.body == _LINK.c.body))
    .outerjoin(_KEY, _KEY.c.ref == _CONTACT.c.ref)
    .where(_LINK.c.token_sha256 == bindparam("sha256"))
)
_BY_TOKEN_LOCKED = _BY_TOKEN.with_for_update(of=_LINK)
_OURS = (b"c", b"l", b"a")
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
        if self.purpose in (Purpose.DECIDE, Purpose.BEHALF):
            return self.body == (plan.document.clerk or plan.document.issuer)
        return True

    @property
    def is_owner(self) -> bool:
        """Tell whether the link is the body's own, about its own duty."""
        own = self.assignment.endswith(f"@{self.body}")
        return self.purpose in (Purpose.ACT, Purpose.VIEW) and own


def digest(raw_path: bytes) -> str | None:
    """Return the SHA-256 (hex) of the token in ``/c/<token>…`` (or after ``/l/``, ``/a/``).

    ``None`` if the path has no such form. It reads the path as it came over the wire: one with
    percent signs in it is not an address that we sent, whatever it decodes to.
    """
    parts = raw_path.split(b"/", 4)
    if len(parts) < 3 or parts[1] not in _OURS or not _TOKEN.fullmatch(parts[2]):
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
    if row.purpose == AUDIT:
        return None
    if row.ref is None and row.purpose != Purpose.BEHALF:
        return None  # it went to an address that is none of the body's any more
    return Grant(
        sha256,
        DocumentKey(row.stream),
        AssignmentId(row.assignment),
        BodyId(row.body),
        Purpose(row.purpose),
    )
