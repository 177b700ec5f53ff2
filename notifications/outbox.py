"""The queue of mails owed: claim, freeze, finish.

At least once, never twice on purpose: the bytes are frozen before the first attempt, a repeat has
the same bytes and Message-ID, and an attempt whose answer was lost is repeated twice at most and
then left to a person. ``attempts`` is the fencing token: whoever claims raises it, and every later
write says which attempt it speaks for.

All times here are the machine's, as text of 27 characters: mail works by the real clock even when
the directive runs on virtual time.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields

from pendulum import DateTime
from sqlalchemy import and_, bindparam, func, or_, select, update

from models.codec import instant_text
from models.erasure import ERASED
from models.store import Store
from models.tables import Contact, Outbox, VaultKey, table
from models.vault import WrongKey
from notifications.verdict import Delivery
from notifications.verdict import Outcome as Result

LEASE_SECONDS = 20
AMBIGUOUS_LIMIT = 2
AMBIGUOUS_WAIT_SECONDS = 600
BACKOFF_SECONDS = (60, 300, 1_800, 7_200, 21_600)
MOST_TRIES = 24
"""Four to five days of "later" (RFC 5321 section 4.5.4.1), then a person looks."""
INFRA_WAIT_SECONDS = 5

_OUTBOX = table(Outbox)
_CONTACT = table(Contact)
_KEY = table(VaultKey)
_OURS = and_(
    _OUTBOX.c.key == bindparam("of"),
    _OUTBOX.c.attempts == bindparam("attempt"),
    _OUTBOX.c.state == "sending",
)
"""Nobody claimed the mail after us, and no late answer has settled it meanwhile."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One mail in our hands until its lease ends."""

    key: str
    message_id: str
    stream: str
    assignment: str
    kind: str
    detail: str
    recipient: str
    contact: str
    address: str
    locale: str
    token: str | None
    raw: bytes | None
    attempt: int
    ambiguous: int
    tries: int
    lease_until: str


_CARRIED = tuple(
    field.name
    for field in fields(Claimed)
    if field.name not in ("address", "attempt", "ambiguous", "lease_until")
)


def claim(store: Store, now: DateTime, owner: str, limit: int = 50) -> list[Claimed]:
    """Take up to *limit* mails that are owed now, oldest fact first.

    Where a sender died (lease run out), the mail that it was at may have been delivered: it counts
    as ambiguous, is repeated twice at most and then left to a person. A mail whose contact is no
    longer kept, or was erased, is left to a person at once.
    """
    text = instant_text(now)
    lease = instant_text(now.add(seconds=LEASE_SECONDS))
    owed = or_(
        and_(_OUTBOX.c.state.in_(("pending", "unknown")), _OUTBOX.c.next_at <= text),
        and_(_OUTBOX.c.state == "sending", _OUTBOX.c.lease_until < text),
    )
    with store.engine.begin() as connection:
        rows = (
            connection.execute(
                select(_OUTBOX, _CONTACT.c.sealed, _CONTACT.c.locale, _KEY.c.wrapped)
                .outerjoin(_CONTACT, _CONTACT.c.ref == _OUTBOX.c.contact)
                .outerjoin(_KEY, _KEY.c.ref == _CONTACT.c.ref)
                .where(owed)
                .order_by(_OUTBOX.c.seq, _OUTBOX.c.key)
                .limit(limit)
                .with_for_update(of=_OUTBOX, skip_locked=True)
            )
            .mappings()
            .all()
        )
        taken: list[Claimed] = []
        begun: set[tuple[str, str]] = set()
        for row in rows:
            # The bytes are frozen before the first attempt: without them nothing was sent. And a
            # sender takes its mails one by one in this order: only the first may have gone.
            died = row["state"] == "sending" and row["raw"] is not None
            sender = (row["lease_owner"], row["lease_until"])
            died = died and sender not in begun
            if died:
                begun.add(sender)
            ambiguous = row["ambiguous"] + died
            remark = "sender died during an attempt" if died else row["last_text"]
            unknown = row["locale"] is None
            erased = not unknown and row["wrapped"] is None
            if unknown or erased:
                remark = "no-contact" if unknown else ERASED
            address = None
            if not (unknown or erased):
                try:
                    address = store.vault.open(row["contact"], row["wrapped"], row["sealed"])
                except WrongKey:
                    remark = "the sealed address does not open"
            parked = ambiguous > AMBIGUOUS_LIMIT or address is None
            connection.execute(
                update(_OUTBOX)
                .where(_OUTBOX.c.key == row["key"])
                .values(
                    state="parked" if parked else "sending",
                    attempts=row["attempts"] + 1,
                    ambiguous=ambiguous,
                    lease_owner=owner,
                    lease_until=lease,
                    last_text=remark,
                )
            )
            if address is not None and not parked:
                carried = {name: row[name] for name in _CARRIED}
                taken.append(
                    Claimed(
                        **carried,
                        address=address,
                        attempt=row["attempts"] + 1,
                        ambiguous=ambiguous,
                        lease_until=lease,
                    )
                )
    return taken


def freeze(store: Store, mails: Sequence[tuple[Claimed, bytes, str]]) -> None:
    """Keep the bytes (and their SHA-256) of mails before they are sent for the first time."""
    if not mails:
        return
    with store.engine.begin() as connection:
        connection.execute(
            update(_OUTBOX)
            .where(_OURS)
            .values(raw=bindparam("bytes_"), raw_sha256=bindparam("digest")),
            [
                {"of": mail.key, "attempt": mail.attempt, "bytes_": raw, "digest": digest}
                for mail, raw, digest in mails
            ],
        )


def cancel(store: Store, mails: Sequence[Claimed], reason: str, now: DateTime) -> None:
    """Give up mails that nobody needs any more."""
    if not mails:
        return
    with store.engine.begin() as connection:
        connection.execute(
            update(_OUTBOX)
            .where(_OURS)
            .values(
                state="cancelled",
                raw=None,
                token=None,
                lease_owner=None,
                lease_until=None,
                finished_at=instant_text(now),
                last_text=reason,
            ),
            [{"of": mail.key, "attempt": mail.attempt} for mail in mails],
        )


def finish(store: Store, mail: Claimed, delivery: Delivery, now: DateTime) -> str:
    """Write down what came of an attempt; return the state that the mail is in then.

    Final states lose the bytes and the link's secret. An acceptance is recorded whatever the
    attempt: mail that was accepted was accepted, and nothing that comes later undoes it.
    """
    values: dict[str, object] = {
        "last_code": delivery.code,
        "last_text": delivery.text[:500],
        "lease_owner": None,
        "lease_until": None,
    }
    final = {"raw": None, "token": None, "finished_at": instant_text(now)}
    match delivery.outcome:
        case Result.SENT:
            values |= {"state": "sent", **final}
        case Result.REFUSED:
            values |= {"state": "failed", **final}
        case Result.FAULT:
            values |= {"state": "parked"}
        case Result.AMBIGUOUS if mail.ambiguous >= AMBIGUOUS_LIMIT:
            values |= {"state": "parked", "ambiguous": mail.ambiguous + 1}
        case Result.AMBIGUOUS:
            values |= {
                "state": "unknown",
                "ambiguous": mail.ambiguous + 1,
                "next_at": instant_text(now.add(seconds=AMBIGUOUS_WAIT_SECONDS)),
            }
        case Result.INFRA:
            wait = INFRA_WAIT_SECONDS
            values |= {"state": "pending", "next_at": instant_text(now.add(seconds=wait))}
        case Result.RETRY if mail.tries + 1 >= MOST_TRIES:
            values |= {"state": "parked", "tries": mail.tries + 1}
        case Result.RETRY:
            longest = BACKOFF_SECONDS[min(mail.tries, len(BACKOFF_SECONDS) - 1)]
            wait = random.randint(longest // 2, longest)
            again = instant_text(now.add(seconds=wait))
            values |= {"state": "pending", "tries": mail.tries + 1, "next_at": again}
    of = {"of": mail.key, "attempt": mail.attempt}
    where = _OUTBOX.c.key == bindparam("of") if delivery.outcome is Result.SENT else _OURS
    with store.engine.begin() as connection:
        changed = connection.execute(update(_OUTBOX).where(where).values(values), of).rowcount
        if changed:
            return str(values["state"])
        settled = select(_OUTBOX.c.state).where(_OUTBOX.c.key == mail.key)
        return str(connection.execute(settled).scalar_one())


def hold(store: Store, mails: Sequence[Claimed], now: DateTime) -> set[str]:
    """Prolong the lease on *mails*; return the keys of those that are still ours."""
    lease = instant_text(now.add(seconds=LEASE_SECONDS))
    kept: set[str] = set()
    with store.engine.begin() as connection:
        for mail in mails:
            of = {"of": mail.key, "attempt": mail.attempt}
            if connection.execute(
                update(_OUTBOX).where(_OURS).values(lease_until=lease), of
            ).rowcount:
                kept.add(mail.key)
    return kept


def owed(store: Store, now: DateTime) -> int:
    """Return how many mails could be sent now (waiting, or left by a sender that died)."""
    text = instant_text(now)
    with store.reading() as connection:
        return int(
            connection.execute(
                select(func.count())
                .select_from(_OUTBOX)
                .where(
                    or_(
                        and_(
                            _OUTBOX.c.state.in_(("pending", "unknown")), _OUTBOX.c.next_at <= text
                        ),
                        and_(_OUTBOX.c.state == "sending", _OUTBOX.c.lease_until < text),
                    )
                )
            ).scalar_one()
        )


def counts(store: Store) -> dict[str, int]:
    """Return how many mails are in each state."""
    with store.reading() as connection:
        rows = connection.execute(
            select(_OUTBOX.c.state, func.count()).group_by(_OUTBOX.c.state)
        ).all()
    return {state: int(count) for state, count in rows}


def thread_of(store: Store, mail: Claimed) -> str | None:
    """Return the message_id of the first mail about this assignment to this mailbox."""
    with store.reading() as connection:
        first = connection.execute(
            select(_OUTBOX.c.message_id)
            .where(
                _OUTBOX.c.assignment == mail.assignment,
                _OUTBOX.c.recipient == mail.recipient,
                _OUTBOX.c.contact == mail.contact,
            )
            .order_by(_OUTBOX.c.seq, _OUTBOX.c.key)
            .limit(1)
        ).scalar_one_or_none()
    return None if first == mail.message_id else first
