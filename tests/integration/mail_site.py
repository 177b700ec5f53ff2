"""A postman, a relay that follows a script, and an office that asks for proof of notice."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import select

from config.hours import ALWAYS, Hours
from models.domain.directive import Document
from models.store import Store
from models.tables import MailRelay, Outbox, table
from notifications.bounces import Bounces
from notifications.post import Postman, Round
from notifications.relay import Limits
from notifications.render import Sender
from notifications.smtp_settings import Security, SmtpSettings
from tests.factories import Office, document, policy
from tests.faulty_smtp import FaultySmtp

SENDER = Sender("td@cascade.example", "Theo dõi", "", "cascade.example", "http://127.0.0.1:8080")


def proven(count: int = 3, **changes: object) -> Document:
    """Return a document whose policy asks for proof of notice."""
    return document(count, policy=policy(proof=True, **changes))


def postman(
    here: Office,
    port: int,
    *,
    owner: str = "one",
    hours: Hours = ALWAYS,
    limits: Limits | None = None,
    bounces: Bounces | None = None,
    **smtp: object,
) -> Postman:
    values: dict[str, object] = {"timeout": 2.0, "final_timeout": 2.0, **smtp}
    settings = SmtpSettings("127.0.0.1", port, Security.NONE, **values)  # type: ignore[arg-type]
    return Postman(
        here.store,
        settings,
        SENDER,
        here.clock,
        here.machine,
        owner,
        hours=hours,
        limits=limits or Limits(),
        bounces=bounces,
    )


def deliver(
    here: Office,
    script: dict[str, list[str]] | None = None,
    extensions: tuple[str, ...] = (),
    **wishes: object,
) -> tuple[Round, FaultySmtp]:
    """Let one postman do one round against a relay that follows *script*."""

    async def main() -> tuple[Round, FaultySmtp]:
        async with FaultySmtp(script, extensions=extensions) as server:
            return await postman(here, server.port, **wishes).deliver(), server  # type: ignore[arg-type]

    return asyncio.run(main())


def later(here: Office, **time: int) -> None:
    """Let both clocks go on."""
    here.clock.instant = here.clock.instant.add(**time)
    here.machine.instant = here.machine.instant.add(**time)


def rows(store: Store, *kinds: str) -> list[dict[str, object]]:
    """Return the rows of the outbox, oldest first."""
    box = table(Outbox)
    with store.reading() as connection:
        found = connection.execute(select(box).order_by(box.c.seq, box.c.key)).mappings().all()
    return [dict(row) for row in found if not kinds or row["kind"] in kinds]


def relay_row(store: Store) -> dict[str, object]:
    with store.reading() as connection:
        return dict(connection.execute(select(table(MailRelay))).mappings().one())


def recipients(server: FaultySmtp) -> Sequence[str]:
    """Return to whom mail was offered, in order."""
    return [line[9:-1] for line in server.commands if line.startswith("RCPT TO:<")]
