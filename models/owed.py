"""Mails owed: for each effect of a fact one row in the outbox and one link, in its transaction."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from models.codec import instant_text
from models.domain.effects import Notify
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
) -> int:
    """Write the mails that *effects* (each with the number of its fact) ask for.

    *machine_now* is the machine's time (27 characters): mail works by the real clock even when
    the directive runs on virtual time. A body without an address gets a parked row, so that an
    operator sees that it could not be told. Returns the number of rows.
    """
    if not effects:
        return 0
    addresses = _contacts(transaction, sorted({notify.recipient for _, notify in effects}))
    created = instant_text(transaction.now)
    expires = instant_text(transaction.now.add(days=LINK_DAYS))
    mails: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    for seq, notify in effects:
        contacts: list[str | None] = [*addresses.get(notify.recipient, ())]
        for contact in contacts or [None]:
            key = f"{stream}|{notify.key}|{contact or '-'}"
            token = secrets.token_urlsafe(32)
            mails.append(
                {
                    "key": key,
                    "seq": seq,
                    "message_id": _message_id(transaction.log_id, key),
                    "stream": stream,
                    "assignment": notify.assignment,
                    "kind": notify.kind.value,
                    "detail": notify.detail,
                    "recipient": notify.recipient,
                    "contact": contact,
                    "token": token if contact else None,
                    "state": "pending" if contact else "parked",
                    "attempts": 0,
                    "ambiguous": 0,
                    "tries": 0,
                    "next_at": machine_now,
                    "created_at": created,
                    "last_text": None if contact else "no-contact",
                }
            )
            if contact is not None:
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
    return len(mails)


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
