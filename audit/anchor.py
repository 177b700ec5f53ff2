"""Handing checkpoints to those who keep them elsewhere, and knowing who has which.

What the auditor holds in her own mailbox is what makes a rewritten ledger show: once a day the
newest note goes to each auditor, whether or not the ledger has grown.
"""

import base64
import json
from collections.abc import Sequence

from pendulum import DateTime
from sqlalchemy import insert, select, update

from audit.checkpoint import Made
from models.codec import instant_text
from models.contacts import Address
from models.domain.calendar import local
from models.owed import owe_plain
from models.store import Now, Store
from models.tables import LedgerAnchor, Outbox, table

KIND = "checkpoint"
"""The kind of the mail in the outbox."""

AUDITOR = "@auditor"
"""The body whose contacts are the auditors."""

_ANCHOR, _OUTBOX = table(LedgerAnchor), table(Outbox)


def hand_out(
    store: Store, made: Made, auditors: Sequence[str], clock: Now, machine: Now, locale: str = "vi"
) -> int:
    """Owe each of *auditors* today's mail with the note of *made*; return how many are new.

    Today is the machine's day in Viet Nam; a day's mail is owed once, however often this is asked.
    """
    now: DateTime = local(machine.now())
    checkpoint = made.checkpoint
    detail = {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": base64.b64encode(checkpoint.root).decode(),
        "note": made.note,
        "vkey": made.vkey,
        "day": now.date().isoformat(),
    }
    with store.transaction(clock) as transaction:
        owed = owe_plain(
            transaction,
            KIND,
            json.dumps(detail, ensure_ascii=False, sort_keys=True),
            [Address(AUDITOR, each, locale) for each in auditors],
            now.date().isoformat(),
            seq=checkpoint.size,
            machine_now=instant_text(now),
        )
        if owed:
            transaction.connection.execute(
                insert(_ANCHOR),
                [
                    {
                        "size": checkpoint.size,
                        "channel": f"mail:{contact}",
                        "ref": key,
                        "state": "pending",
                        "at": instant_text(now),
                    }
                    for contact, key in owed.items()
                ],
            )
    return len(owed)


def settle(store: Store) -> None:
    """Let each anchor say what became of its mail."""
    state = select(_OUTBOX.c.state).where(_OUTBOX.c.key == _ANCHOR.c.ref).scalar_subquery()
    with store.engine.begin() as connection:
        connection.execute(
            update(_ANCHOR)
            .where(_ANCHOR.c.channel.startswith("mail:"), state.is_not(None))
            .where(_ANCHOR.c.state != state)
            .values(state=state)
        )
