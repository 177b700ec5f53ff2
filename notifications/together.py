"""Which mails go together in one message: what is owed to one mailbox at one time.

Only where the document's policy asks for it, and only kinds that say what is owed: a decision or a
receipt has a mail of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from models.domain.state import State
from models.domain.terms import DocumentKey
from models.owed import RESENT
from models.store import Store
from models.tables import Outbox, table
from notifications.outbox import DIGESTED, Claimed

_OUTBOX = table(Outbox)


@dataclass(frozen=True, slots=True)
class Group:
    """One message: the mail that carries it, and those that go along."""

    carrier: Claimed
    along: tuple[Claimed, ...] = ()


def streams(store: Store) -> frozenset[str]:
    """Return the documents with mail to be sent whose policy asks for one mail to each body."""
    waiting = select(_OUTBOX.c.stream).where(
        _OUTBOX.c.state.in_(("pending", "sending")), _OUTBOX.c.stream != ""
    )
    with store.reading() as connection:
        names = connection.execute(waiting.distinct()).scalars().all()
    return frozenset(
        name for name in names if store.state(DocumentKey(name)).document.policy.digest
    )


def grouped(mails: Sequence[Claimed], states: Mapping[str, State]) -> list[Group]:
    """Return *mails* as messages, in the order of the first mail of each."""
    boxes: dict[tuple[str, ...], list[Claimed]] = {}
    for mail in mails:
        joined = (
            mail.stream != ""
            and mail.assignment != ""
            and mail.kind in DIGESTED
            and RESENT not in mail.key
            and states[mail.stream].document.policy.digest
        )
        box = (mail.contact, mail.address, mail.recipient) if joined else (mail.key,)
        boxes.setdefault(box, []).append(mail)
    return [Group(first, tuple(rest)) for first, *rest in boxes.values()]
