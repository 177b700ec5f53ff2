"""Mails owed: for each effect of a fact one row in the outbox and one link, in its transaction."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update

from models.codec import instant_text
from models.domain.effects import Notify, Purpose
from models.domain.facts import Notice
from models.domain.terms import DocumentKey
from models.store import Transaction
from models.tables import Contact, Link, Outbox, table

LINK_DAYS = 90
"""How long a link lives at most; every reminder carries a new one."""

_CONTACT = table(Contact)
_OUTBOX = table(Outbox)
_LINK = table(Link)
_CHUNK = 500
_NEW_MAIL, _NEW_LINK = insert(_OUTBOX), insert(_LINK)


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
    addresses = _contacts(transaction, sorted({notify.recipient for _, notify in effects}))
    created = instant_text(transaction.now)
    expires = instant_text(transaction.now.add(days=LINK_DAYS))
    mails: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    notices: list[Notice] = []
    for seq, notify in effects:
        contacts: list[str | None] = [*addresses.get(notify.recipient, ())]
        for contact in contacts or [None]:
            key = f"{stream}|{notify.key}|{contact or '-'}"
            linked = contact is not None and notify.assignment != ""
            token = secrets.token_urlsafe(32) if linked else None
            message_id = _message_id(transaction.log_id, key)
            notices.append(
                Notice(
                    notify.key,
                    message_id if contact else "",
                    notify.kind.value,
                    notify.assignment,
                    notify.recipient,
                    contact or "",
                )
            )
            mails.append(
                {
                    "key": key,
                    "seq": seq,
                    "message_id": message_id,
                    "stream": stream,
                    "assignment": notify.assignment,
                    "kind": notify.kind.value,
                    "detail": notify.detail,
                    "recipient": notify.recipient,
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
            )
            if token is not None:
                links.append(
                    {
                        "token_sha256": hashlib.sha256(token.encode()).hexdigest(),
                        "stream": stream,
                        "assignment": notify.assignment,
                        "body": notify.recipient,
                        "contact": contact,
                        "purpose": notify.purpose.value,
                        "outbox": key,
                        "created_at": created,
                        "expires_at": expires,
                    }
                )
    transaction.connection.execute(_NEW_MAIL, mails)
    if links:
        transaction.connection.execute(_NEW_LINK, links)
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


def _contacts(transaction: Transaction, bodies: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for at in range(0, len(bodies), _CHUNK):
        rows = transaction.connection.execute(
            select(_CONTACT.c.body, _CONTACT.c.ref)
            .where(_CONTACT.c.body.in_(bodies[at : at + _CHUNK]))
            .order_by(_CONTACT.c.ref)
        )
        for body, ref in rows:
            found[body].append(ref)
    return found


def _message_id(log_id: str, key: str) -> str:
    """Return the local part of the Message-ID: the same for the same mail, for ever."""
    return hashlib.sha256(f"{log_id}|{key}".encode()).hexdigest()[:40]
