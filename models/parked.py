"""Mails that nobody knows the fate of, left to a person: after a backup was put back."""

from sqlalchemy import update

from models.store import Transaction
from models.tables import Outbox, table

RESTORED = "restored"
"""What a mail says that may have gone before the disaster."""

_OUTBOX = table(Outbox)


def park(transaction: Transaction) -> int:
    """Leave every mail that is still to go to a person; return how many there are."""
    parked = transaction.connection.execute(
        update(_OUTBOX)
        .where(_OUTBOX.c.state.in_(("pending", "sending", "unknown")))
        # A sender at work on it finds that it is not its any more: the attempts are its fence.
        .values(
            state="parked",
            last_text=RESTORED,
            attempts=_OUTBOX.c.attempts + 1,
            lease_owner=None,
            lease_until=None,
        )
    )
    return parked.rowcount
