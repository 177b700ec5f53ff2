"""Mails owed: for each effect of a fact one row in the outbox and one link, in its transaction.

The key of a mail is ``<document>|<effect>|<contact>``. The same mail once more has a mark and a
number behind it: :data:`RESENT` where somebody asked for it, :data:`ANEW` where an address changed.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pendulum import DateTime
from sqlalchemy import bindparam, insert, select, update

from models.codec import instant_of, instant_text
from models.contacts import Address, keep, of_bodies
from models.domain.effects import PURPOSES, Kind, Notify, Purpose
from models.domain.facts import Notice
from models.domain.terms import AssignmentId, BodyId, DocumentKey
from models.store import Transaction
from models.tables import Link, Outbox, table

LINK_DAYS = 90
"""How long a link lives at most; every reminder carries a new one."""
GRACE_DAYS = 14
"""How long a link lives beyond the duty's bound, or beyond its mail when that came later."""

RESENT = "|resent:"
"""Between the key of a mail and the number of its repetition."""
ANEW = "|anew:"
"""Between the key of a mail and the number of the entry that gave its body another address."""

_CHUNK = 500
_OUTBOX = table(Outbox)
_LINK = table(Link)
_NEW_MAIL, _NEW_LINK = insert(_OUTBOX), insert(_LINK)
_KNOWN = select(_OUTBOX.c.key).where(_OUTBOX.c.key == bindparam("of"))
_PROLONG = (
    update(_LINK)
    .where(_LINK.c.token_sha256 == bindparam("of"))
    .values(expires_at=bindparam("until"))
)


def expiry(now: DateTime, due: DateTime | None) -> DateTime:
    """Return when a link ends that is made at *now* for a duty with the bound *due*."""
    latest = now.add(days=LINK_DAYS)
    return latest if due is None else min(max(due, now).add(days=GRACE_DAYS), latest)


def owe(
    transaction: Transaction,
    stream: DocumentKey,
    effects: Sequence[tuple[int, Notify]],
    machine_now: str,
) -> tuple[Notice, ...]:
    """Write the mails that *effects* (each with the number of its fact) ask for.

    *machine_now* is the machine's time (27 characters): mail works by the real clock even when
    the directive runs on virtual time. A body without an address gets a parked row, so that an
    operator sees that it could not be told. Returns what is owed, a notice for each row.
    """
    if not effects:
        return ()
    addresses = of_bodies(
        transaction.connection, sorted({notify.recipient for _, notify in effects})
    )
    progress = transaction.state(stream).progress
    mails: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    notices: list[Notice] = []
    for seq, notify in effects:
        about = progress.get(notify.assignment)
        due = about.due if about else None
        expires = instant_text(expiry(transaction.now, due))
        contacts: list[str | None] = [*addresses.get(notify.recipient, ())]
        for contact in contacts or [None]:
            key = f"{stream}|{notify.key}|{contact or '-'}"
            mail, link, notice = _made(transaction, key, seq, notify, contact, expires, machine_now)
            mails.append(mail)
            notices.append(notice)
            if link is not None:
                links.append(link)
            if len(mails) >= _CHUNK:
                _write(transaction, mails, links)
    _write(transaction, mails, links)
    return tuple(notices)


def _made(
    transaction: Transaction,
    key: str,
    seq: int,
    owed: "Notify | Anew",
    contact: str | None,
    expires: str,
    machine_now: str,
) -> tuple[dict[str, Any], dict[str, Any] | None, Notice]:
    """Return the row of a mail, that of its link if it has one, and what the ledger says of it.

    A body without an address (*contact*) gets a parked row and no link.
    """
    created = instant_text(transaction.now)
    stream = key.partition("|")[0]
    linked = contact is not None and owed.assignment != ""
    token = secrets.token_urlsafe(32) if linked else None
    sha256 = hashlib.sha256(token.encode()).hexdigest() if token else ""
    message_id = message_id_of(transaction.log_id, key)
    mail = {
        "key": key,
        "seq": seq,
        "message_id": message_id,
        "stream": stream,
        "assignment": owed.assignment,
        "kind": owed.kind.value,
        "detail": owed.detail,
        "recipient": owed.recipient,
        "contact": contact,
        "token": token,
        "state": "pending" if contact else "parked",
        "attempts": 0,
        "ambiguous": 0,
        "tries": 0,
        "next_at": machine_now,
        "created_at": created,
        "last_text": None if contact else "no-contact",
    }
    link = {
        "token_sha256": sha256,
        "stream": stream,
        "assignment": owed.assignment,
        "body": owed.recipient,
        "contact": contact,
        "purpose": PURPOSES[owed.kind].value,
        "outbox": key,
        "created_at": created,
        "expires_at": expires,
    }
    about = (owed.kind.value, owed.assignment, owed.recipient, contact or "", sha256)
    notice = Notice(notice_key(key), message_id if contact else "", *about)
    return mail, link if token else None, notice


def _write(
    transaction: Transaction, mails: list[dict[str, Any]], links: list[dict[str, Any]]
) -> None:
    """Write *mails* and *links*, and forget them."""
    if mails:
        transaction.connection.execute(_NEW_MAIL, mails)
    if links:
        transaction.connection.execute(_NEW_LINK, links)
    mails.clear()
    links.clear()


@dataclass(frozen=True, slots=True)
class Anew:
    """A mail that was owed before and is owed once more, to an address that is new."""

    effect: str
    """Key of what was owed (:class:`models.domain.effects.Notify`)."""
    seq: int
    """The fact that owes it."""
    kind: Kind
    assignment: AssignmentId
    recipient: BodyId
    detail: str


def first(key: str) -> str:
    """Return the key of the mail, or of the notice, that the one with *key* repeats."""
    return key.partition(RESENT)[0].partition(ANEW)[0]


def effect_of(key: str) -> str:
    """Return the key of what was owed from the key of a mail, also of one that is a repetition."""
    return first(key).partition("|")[2].rpartition("|")[0]


def notice_key(key: str) -> str:
    """Return by what the ledger calls the mail with *key*: without its document and address."""
    return effect_of(key) + key.removeprefix(first(key))


def owe_anew(
    transaction: Transaction,
    stream: DocumentKey,
    mails: Sequence[Anew],
    contact: str,
    entry: int,
    machine_now: str,
) -> tuple[Notice, ...]:
    """Write *mails* once more, to *contact*, because of the entry with this number.

    *machine_now* is the machine's time (27 characters). Returns what is owed thereby.
    """
    progress = transaction.state(stream).progress
    rows: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    notices: list[Notice] = []
    for mail in mails:
        key = f"{stream}|{mail.effect}|{contact}{ANEW}{entry}"
        about = progress.get(mail.assignment)
        expires = instant_text(expiry(transaction.now, about.due if about else None))
        row, link, notice = _made(transaction, key, mail.seq, mail, contact, expires, machine_now)
        rows.append(row)
        notices.append(notice)
        if link is not None:
            links.append(link)
    _write(transaction, rows, links)
    return tuple(notices)


def revoke(transaction: Transaction, stream: DocumentKey, assignment: str) -> None:
    """End every link by which something could still be done about *assignment*.

    Those for looking stay, and those of the office that decides: they say what was decided.
    """
    transaction.connection.execute(
        update(_LINK)
        .where(
            _LINK.c.stream == stream,
            _LINK.c.assignment == assignment,
            _LINK.c.purpose.not_in((Purpose.VIEW.value, Purpose.DECIDE.value)),
            _LINK.c.revoked_at.is_(None),
        )
        .values(revoked_at=instant_text(transaction.now))
    )


def owe_plain(
    transaction: Transaction,
    kind: str,
    detail: str,
    addresses: Sequence[Address],
    key: str,
    *,
    seq: int,
    machine_now: str,
) -> dict[str, str]:
    """Write mails about no duty: one to each of *addresses*, without a link.

    *detail* is what the letter is made of (JSON), *seq* the newest fact that it speaks of. *key*
    names the occasion: the same one is owed once to each contact, however often it is asked for.
    Returns the key of each new mail by its contact.
    """
    new: dict[str, str] = {}
    for contact, body in keep(transaction, addresses).items():
        name = f"{kind}|{key}|{contact}"
        if transaction.connection.execute(_KNOWN, {"of": name}).first() is not None:
            continue
        transaction.connection.execute(
            _NEW_MAIL,
            {
                "key": name,
                "seq": seq,
                "message_id": message_id_of(transaction.log_id, name),
                "stream": "",
                "assignment": "",
                "kind": kind,
                "detail": detail,
                "recipient": body,
                "contact": contact,
                "state": "pending",
                "attempts": 0,
                "ambiguous": 0,
                "tries": 0,
                "next_at": machine_now,
                "created_at": instant_text(transaction.now),
            },
        )
        new[contact] = name
    return new


def prolong(transaction: Transaction, stream: DocumentKey, assignments: Collection[str]) -> None:
    """Let the living links to act on *assignments* last as long as their bounds now want it."""
    progress, wanted = transaction.state(stream).progress, sorted(assignments)
    later: list[dict[str, str]] = []
    for at in range(0, len(wanted), _CHUNK):
        rows = transaction.connection.execute(
            select(
                _LINK.c.token_sha256, _LINK.c.assignment, _LINK.c.created_at, _LINK.c.expires_at
            ).where(
                _LINK.c.assignment.in_(wanted[at : at + _CHUNK]),
                _LINK.c.stream == stream,
                _LINK.c.purpose == Purpose.ACT.value,
                _LINK.c.revoked_at.is_(None),
                _LINK.c.expires_at > instant_text(transaction.now),
            )
        )
        for sha256, assignment, created, expires in rows:
            due = progress[AssignmentId(assignment)].due
            until = instant_text(expiry(instant_of(created), due))
            if due is not None and until > expires:
                later.append({"of": sha256, "until": until})
    if later:
        transaction.connection.execute(_PROLONG, later)


def message_id_of(log_id: str, key: str) -> str:
    """Return the local part of the Message-ID: the same for the same mail, for ever."""
    return hashlib.sha256(f"{log_id}|{key}".encode()).hexdigest()[:40]
