"""Links that no fact asks for, each with its entry in the ledger.

Whatever lets somebody act or see must be found again in the ledger: a row of the table ``link``
with neither a fact nor an entry behind it was put there by hand.
"""

import hashlib
import secrets

from sqlalchemy import insert

from models.codec import instant_text
from models.store import Transaction
from models.tables import Link, table

OPENED = "LinkOpened"
"""The entry of :data:`models.store.ADMIN` that says that a link was made, and for what."""


def open_link(
    transaction: Transaction,
    purpose: str,
    *,
    until: str,
    stream: str = "",
    assignment: str = "",
    body: str,
    person: str | None = None,
) -> str:
    """Make a link that no mail carries, with its entry; return its secret, which is kept nowhere.

    *until* is when it ends (27 characters of UTC), *person* who asked for it (a reference).
    """
    token = secrets.token_urlsafe(32)
    sha256 = hashlib.sha256(token.encode()).hexdigest()
    transaction.connection.execute(
        insert(table(Link)).values(
            token_sha256=sha256,
            stream=stream,
            assignment=assignment,
            body=body,
            contact="",
            purpose=purpose,
            outbox="",
            created_at=instant_text(transaction.now),
            expires_at=until,
            person=person,
        )
    )
    record_link(
        transaction,
        sha256,
        purpose,
        until=until,
        stream=stream,
        assignment=assignment,
        body=body,
        person=person,
    )
    return token


def record_link(
    transaction: Transaction,
    sha256: str,
    purpose: str,
    *,
    until: str,
    stream: str,
    assignment: str,
    body: str,
    person: str | None = None,
    mail: str = "",
) -> None:
    """Enter that the link with this hash was made; *mail*: key of the mail that carries it."""
    transaction.administer(
        OPENED,
        sha256,
        {
            "link": sha256,
            "purpose": purpose,
            "stream": stream,
            "assignment": assignment,
            "body": body,
            "until": until,
            "person": person,
            "mail": mail,
        },
    )
