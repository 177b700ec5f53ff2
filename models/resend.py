"""A mail owed once more, because its link has run out and its bearer asks for another.

The bearer of an old link proves nothing but that a mail once reached somebody, so nothing is asked
and nothing is told: the mail goes to the address that the link was sent to, and only as long as
that is still an address of the body. What it says is the newest that is worth saying about the
duty; a reminder that has been outrun would be dropped by the postman.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pendulum import DateTime
from sqlalchemy import Connection, bindparam, func, insert, select

from models.codec import instant_text
from models.domain.effects import Kind
from models.domain.facts import Notice
from models.domain.stale import outdated
from models.domain.state import State
from models.domain.terms import AssignmentId, BodyId, DocumentKey
from models.opened import record_link
from models.owed import RESENT, expiry, message_id_of, notice_key
from models.store import Transaction
from models.tables import Contact, Link, Outbox, VaultKey, table

A_DAY = 3
"""So often a body may ask within 24 hours, about all of its duties."""

_CONTACT, _KEY, _OUTBOX, _LINK = table(Contact), table(VaultKey), table(Outbox), table(Link)
_LAPSED = (
    select(
        _LINK.c.stream,
        _LINK.c.assignment,
        _LINK.c.body,
        _LINK.c.contact,
        _LINK.c.purpose,
        _LINK.c.outbox,
    )
    .join(_CONTACT, (_CONTACT.c.ref == _LINK.c.contact) & (_CONTACT.c.body == _LINK.c.body))
    .join(_KEY, _KEY.c.ref == _CONTACT.c.ref)
    .where(
        _LINK.c.token_sha256 == bindparam("sha256"),
        _LINK.c.revoked_at.is_(None),
        _LINK.c.expires_at <= bindparam("now"),
    )
)
_SETTLED = (
    Kind.ACCEPTED,
    Kind.RECEIVED,
    Kind.WAIVED,
    Kind.MOVED,
    Kind.REVIEW_ENDED,
    Kind.ADDENDUM,
    Kind.SUPPLEMENT,
)
_MADE = select(_LINK.c.purpose, _LINK.c.expires_at, _LINK.c.outbox).where(
    _LINK.c.token_sha256 == bindparam("sha256")
)


class Again(StrEnum):
    """What became of a request to send a link again."""

    OWED = "owed"
    DONE = "done"
    """This very request was granted before."""
    NOTHING = "nothing"
    """Nothing about the duty is worth a mail any more."""
    ENOUGH = "enough"
    """The body has asked :data:`A_DAY` times within 24 hours."""
    GONE = "gone"
    """The link cannot be sent again: it still works, was revoked, or there is no such link."""


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A link that has run out and may be sent again."""

    stream: DocumentKey
    assignment: AssignmentId
    body: BodyId
    contact: str
    purpose: str
    mail: str
    """Key of the mail that first carried it."""
    times: int
    """How often it was sent again."""
    last: str | None
    """When it was sent again last, on the directive's clock (27 characters)."""


def lapsed(connection: Connection, sha256: str, now: DateTime) -> Lapsed | None:
    """Return the link with this hash if it has run out, and if that is all that is wrong with it.

    Its body must still have the address that it was sent to.
    """
    asked = {"sha256": sha256, "now": instant_text(now)}
    row = connection.execute(_LAPSED, asked).first()
    if row is None:
        return None
    mail = str(row.outbox).partition(RESENT)[0]
    times, last = connection.execute(
        select(func.count(), func.max(_OUTBOX.c.created_at)).where(
            _OUTBOX.c.assignment == row.assignment,
            _OUTBOX.c.recipient == row.body,
            _OUTBOX.c.key.startswith(mail + RESENT, autoescape=True),
        )
    ).one()
    return Lapsed(
        DocumentKey(row.stream),
        AssignmentId(row.assignment),
        BodyId(row.body),
        row.contact,
        row.purpose,
        mail,
        times,
        last,
    )


def owe_again(
    transaction: Transaction, link: Lapsed, seen: int, machine_now: str
) -> tuple[Again, tuple[Notice, ...]]:
    """Owe the mail of *link* once more, with a new link; also return what is owed thereby.

    *seen* is how often the page said that it was sent again: two requests from one page are one.
    *machine_now* is the machine's time (27 characters).
    """
    if link.times != seen:
        return (Again.DONE if seen < link.times else Again.GONE), ()
    if _asked_lately(transaction, link.body) >= A_DAY:
        return Again.ENOUGH, ()
    state = transaction.state(link.stream)
    newest = _worth_saying(transaction, link, state)
    if newest is None:
        return Again.NOTHING, ()
    key = f"{link.mail}{RESENT}{seen + 1}"
    token, message_id = secrets.token_urlsafe(32), message_id_of(transaction.log_id, key)
    sha256 = hashlib.sha256(token.encode()).hexdigest()
    created = instant_text(transaction.now)
    transaction.connection.execute(
        insert(_OUTBOX).values(
            key=key,
            seq=newest.seq,
            message_id=message_id,
            stream=link.stream,
            assignment=link.assignment,
            kind=newest.kind,
            detail=newest.detail,
            recipient=link.body,
            contact=link.contact,
            token=token,
            state="pending",
            attempts=0,
            ambiguous=0,
            tries=0,
            next_at=machine_now,
            created_at=created,
        )
    )
    due = state.progress[link.assignment].due
    transaction.connection.execute(
        insert(_LINK).values(
            token_sha256=sha256,
            stream=link.stream,
            assignment=link.assignment,
            body=link.body,
            contact=link.contact,
            purpose=newest.purpose,
            outbox=key,
            created_at=created,
            expires_at=instant_text(expiry(transaction.now, due)),
        )
    )
    about = (message_id, newest.kind, link.assignment, link.body, link.contact, sha256)
    return Again.OWED, (Notice(notice_key(key), *about),)


def record_again(transaction: Transaction, stream: DocumentKey, notices: Sequence[Notice]) -> None:
    """Enter what is owed once more, where the policy keeps no proof of notice of its own."""
    for notice in notices:
        if not notice.link:
            continue
        row = transaction.connection.execute(_MADE, {"sha256": notice.link}).one()
        record_link(
            transaction,
            notice.link,
            row.purpose,
            until=row.expires_at,
            stream=stream,
            assignment=notice.assignment,
            body=notice.body,
            mail=row.outbox,
        )


@dataclass(frozen=True, slots=True)
class _Said:
    seq: int
    kind: str
    detail: str
    purpose: str


def _worth_saying(transaction: Transaction, link: Lapsed, state: State) -> _Said | None:
    """Return the newest mail to this mailbox about the duty that is still true.

    Of a duty that is closed, whatever its link was for; before that, one for the same purpose.
    """
    progress = state.progress[link.assignment]
    rows = transaction.connection.execute(
        select(_OUTBOX.c.seq, _OUTBOX.c.kind, _OUTBOX.c.detail, _LINK.c.purpose)
        .join(_LINK, _LINK.c.outbox == _OUTBOX.c.key)
        .where(
            _OUTBOX.c.stream == link.stream,
            _OUTBOX.c.assignment == link.assignment,
            _OUTBOX.c.recipient == link.body,
            _OUTBOX.c.contact == link.contact,
        )
        .order_by(_OUTBOX.c.seq.desc(), _OUTBOX.c.key.desc())
    )
    for said in (_Said(*row) for row in rows):
        if progress.closed:
            if said.kind in _SETTLED:
                return said
        elif said.purpose == link.purpose and _holds(said, link, state):
            return said
    return None


def _holds(said: _Said, link: Lapsed, state: State) -> bool:
    """Tell whether what a mail said still is so; if not, the postman would drop it."""
    return outdated(state, Kind(said.kind), link.assignment, said.detail) is None


def _asked_lately(transaction: Transaction, body: str) -> int:
    return int(
        transaction.connection.execute(
            select(func.count()).where(
                _OUTBOX.c.recipient == body,
                _OUTBOX.c.created_at > instant_text(transaction.now.subtract(days=1)),
                _OUTBOX.c.key.contains(RESENT, autoescape=True),
            )
        ).scalar_one()
    )
