"""A link that no mail carries: for an office that enters what a body has sent on paper."""

import hashlib
import secrets

from pendulum import DateTime
from sqlalchemy import insert

from models.codec import instant_text
from models.domain.effects import Purpose
from models.domain.state import State
from models.domain.terms import AssignmentId
from models.record import Recorder
from models.tables import Link, table

HOURS = 2
"""How long the page can be used: whoever asks for it opens it at once."""


def open_page(
    recorder: Recorder, state: State, assignment: AssignmentId, by: str
) -> tuple[str, DateTime]:
    """Make a link for the office that follows the document up; return its secret and its end.

    *by* is who asked for it: a name, kept beside the ledger.
    """
    token = secrets.token_urlsafe(32)
    document = state.document
    with recorder.store.transaction(recorder.clock) as transaction:
        until = transaction.now.add(hours=HOURS)
        transaction.connection.execute(
            insert(table(Link)).values(
                token_sha256=hashlib.sha256(token.encode()).hexdigest(),
                stream=document.key,
                assignment=assignment,
                body=document.clerk or document.issuer,
                contact="",
                purpose=Purpose.BEHALF.value,
                outbox="",
                created_at=instant_text(transaction.now),
                expires_at=instant_text(until),
                person=transaction.person(by),
            )
        )
    return token, until
