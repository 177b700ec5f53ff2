"""What a postman leaves in the outbox beside the fact that tells of a mail."""

from pendulum import DateTime
from sqlalchemy import Connection, bindparam, update

from models.codec import instant_text
from models.domain.requests import NoteDelivery
from models.tables import Outbox, table

_OUTBOX = table(Outbox)


def settle(connection: Connection, said: NoteDelivery, now: DateTime) -> None:
    """Let the row of a mail say what the ledger is told of it at *now*."""
    at = min(said.at, now)
    values: dict[str, object] = {"attested_at": instant_text(now)}
    if said.failed == "bounced":
        values |= {"bounced_at": instant_text(at), "state": "sent", "token": None, "raw": None}
    else:
        values |= {
            "state": {"": "sent", "refused": "failed"}.get(said.failed, "parked"),
            "token": None,
            "raw": None,
            "raw_sha256": said.raw_sha256 or None,
            "last_code": said.code,
            "queue_id": said.detail if not said.failed else None,
            "settled_at": instant_text(at),
            "finished_at": instant_text(now),
        }
    of = _OUTBOX.c.message_id == bindparam("of")
    connection.execute(update(_OUTBOX).where(of).values(values), {"of": said.message_id})
