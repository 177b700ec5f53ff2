"""The queue of mails owed: claim, freeze, finish.

At least once, never twice on purpose: the bytes are frozen before the first attempt, a repeat has
the same bytes and Message-ID, and an attempt whose answer was lost is repeated twice at most and
then left to a person. ``attempts`` is the fencing token: whoever claims raises it, and every later
write says which attempt it speaks for.

Times here are the machine's, as text of 27 characters: mail works by the real clock even when the
directive runs on virtual time. Two are the directive's: until when a mail is held for quiet hours,
and when it was settled, which the ledger is told (:mod:`notifications.proof`).

A mail may go along in the message of another one (its *carrier*): it is claimed, sent and settled
with that one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from pendulum import DateTime
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from models.codec import instant_of, instant_text
from models.domain.calendar import local
from models.domain.effects import Kind
from models.erasure import ERASED
from models.store import Store
from models.tables import Contact, MailRelay, Outbox, VaultKey, table
from models.vault import WrongKey
from notifications import relay
from notifications.backoff import HORIZON_DAYS, wait_seconds
from notifications.verdict import Delivery, Phase
from notifications.verdict import Outcome as Result

LEASE_SECONDS = 20
AMBIGUOUS_LIMIT = 2
AMBIGUOUS_WAIT_SECONDS = 600
INFRA_WAIT_SECONDS = 5
DIGESTED = (
    Kind.ASSIGNED,
    Kind.REMINDER,
    Kind.OVERDUE,
    Kind.ESCALATION,
    Kind.UNTOLD,
    Kind.UNDELIVERED,
)
"""Kinds that may go together in one message, where the document's policy says so."""
MOVING = ("pending", "unknown", "sending")
SETTLED = ("sent", "failed", "parked")
"""States that the ledger is told of."""

NO_CONTACT = "no-contact"
FLAGGED = "address-flagged"
"""Why a mail is parked at once: there is no address, or mail to it came back."""

_OUTBOX = table(Outbox)
_CONTACT = table(Contact)
_KEY = table(VaultKey)
_RELAY = table(MailRelay)
_OURS = and_(
    _OUTBOX.c.key == bindparam("of"),
    _OUTBOX.c.attempts == bindparam("attempt"),
    _OUTBOX.c.state == "sending",
)
"""Nobody claimed the mail after us, and no late answer has settled it meanwhile."""
FREE = or_(_OUTBOX.c.held_until.is_(None), _OUTBOX.c.held_until <= bindparam("at"))
"""Not held for quiet hours (``at``: the directive's time)."""
_ALONE = func.coalesce(_OUTBOX.c.carrier, "") == ""
"""Goes along with no other. Not ``IS NULL``: SQLite would take the index of carriers, where nearly
every mail has none, and read all that was ever sent to see that nothing is owed."""
OWED = and_(
    _ALONE,
    or_(
        and_(_OUTBOX.c.state.in_(("pending", "unknown")), _OUTBOX.c.next_at <= bindparam("now")),
        and_(_OUTBOX.c.state == "sending", _OUTBOX.c.lease_until < bindparam("now")),
    ),
    FREE,
)
"""Could be sent (``now``: the machine's time): waiting, or left by a sender that died."""
UNATTESTED = and_(_OUTBOX.c.attested_at.is_(None), _OUTBOX.c.state.in_(SETTLED))
"""Settled, and the ledger has not been told."""
_WORK = select(
    or_(
        exists().where(UNATTESTED),
        and_(exists().where(OWED), not_(exists().where(relay.SHUT))),
    ).label("work")
)
_WAITING = _OUTBOX.c.state.in_(("pending", "unknown"))
_NEXT = select(
    select(func.min(_OUTBOX.c.next_at))
    .where(_WAITING, _OUTBOX.c.next_at > bindparam("now"))
    .scalar_subquery(),
    select(func.min(_OUTBOX.c.lease_until))
    .where(_OUTBOX.c.state == "sending", _OUTBOX.c.lease_until >= bindparam("now"))
    .scalar_subquery(),
    select(func.min(_RELAY.c.closed_until))
    .where(_RELAY.c.closed_until > bindparam("now"))
    .scalar_subquery(),
    select(func.min(_OUTBOX.c.held_until))
    .where(_OUTBOX.c.state.in_(MOVING), _OUTBOX.c.held_until > bindparam("at"))
    .scalar_subquery(),
)
"""When the answer of :data:`_WORK` may become another one: three instants of the machine, one of
the directive."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One mail in our hands until its lease ends."""

    key: str
    seq: int
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
    later_since: str | None
    lease_until: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """Whether a round of deliveries would find something to do, and how long that stays so."""

    work: bool
    machine: str | None = None
    """Until this instant of the machine nothing comes up by itself; never, if there is none."""
    directive: str | None = None
    """The same on the directive's clock."""

    def holds(self, now: DateTime, at: DateTime) -> bool:
        """Tell whether this is still true, as long as nothing is committed to the database."""
        return self.work or not (
            (self.machine is not None and self.machine <= instant_text(now))
            or (self.directive is not None and self.directive <= instant_text(at))
        )


@dataclass(frozen=True, slots=True)
class Carried:
    """One mail that goes along in the message of another."""

    key: str
    carrier: str
    stream: str
    assignment: str
    kind: str
    detail: str


_CARRIED = tuple(
    field.name
    for field in fields(Claimed)
    if field.name not in ("address", "attempt", "ambiguous", "lease_until")
)


def claim(
    store: Store,
    now: DateTime,
    owner: str,
    limit: int = 50,
    at: DateTime | None = None,
    digests: Iterable[str] = (),
) -> list[Claimed]:
    """Take up to *limit* mails that are owed now, oldest fact first.

    *at* is the directive's time (default: *now*). Of the documents in *digests*, everything that
    is owed to the same mailbox and may go together is taken as well, beyond the limit.

    Where a sender died (lease run out), the mail that it was at may have been delivered: it counts
    as ambiguous, is repeated twice at most and then left to a person. A mail whose contact is no
    longer kept, was erased, or whose address is flagged, is left to a person at once.
    """
    lease = instant_text(now.add(seconds=LEASE_SECONDS))
    settled = instant_text(at or now)
    times = _times(now, at)
    mails = (
        select(
            _OUTBOX,
            _CONTACT.c.sealed,
            _CONTACT.c.locale,
            _CONTACT.c.flagged_at,
            _KEY.c.wrapped,
        )
        .outerjoin(_CONTACT, _CONTACT.c.ref == _OUTBOX.c.contact)
        .outerjoin(_KEY, _KEY.c.ref == _CONTACT.c.ref)
        .order_by(_OUTBOX.c.seq, _OUTBOX.c.key)
        .with_for_update(of=_OUTBOX, skip_locked=True)
    )
    with store.engine.begin() as connection:
        rows = list(connection.execute(mails.where(OWED).limit(limit), times).mappings())
        if streams := list(digests):
            together = and_(
                OWED,
                _OUTBOX.c.raw.is_(None),
                _OUTBOX.c.stream.in_(streams),
                _OUTBOX.c.kind.in_(DIGESTED),
            )
            boxes = {row["contact"] for row in rows if row["stream"] in set(streams)}
            rows += connection.execute(
                mails.where(
                    together,
                    _OUTBOX.c.contact.in_(boxes),
                    _OUTBOX.c.key.not_in([row["key"] for row in rows]),
                ),
                times,
            ).mappings()
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
            address, wrong = _address(store, row)
            remark = wrong or remark
            parked = ambiguous > AMBIGUOUS_LIMIT or address is None
            values = {
                "state": "parked" if parked else "sending",
                "attempts": row["attempts"] + 1,
                "ambiguous": ambiguous,
                "lease_owner": owner,
                "lease_until": lease,
                "last_text": remark,
                "settled_at": settled if parked else None,
                "attested_at": None,
            }
            own = _OUTBOX.c.key == row["key"]
            connection.execute(update(_OUTBOX).where(own).values(values))
            if parked:
                fate = {"state": "parked", "last_text": remark, "settled_at": settled}
                _along(connection, row["key"], fate)
            elif address is not None:
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


def _address(store: Store, row: RowMapping) -> tuple[str | None, str]:
    """Return the address that a mail goes to, or ``None`` and why none may be used."""
    if row["locale"] is None:
        return None, NO_CONTACT
    if row["wrapped"] is None:
        return None, ERASED
    if row["flagged_at"] is not None:
        return None, FLAGGED
    try:
        return store.vault.open(row["contact"], row["wrapped"], row["sealed"]), ""
    except WrongKey:
        return None, "the sealed address does not open"


def freeze(
    store: Store,
    mails: Sequence[tuple[Claimed, bytes, str]],
    carried: Sequence[tuple[Claimed, Claimed]] = (),
) -> None:
    """Keep the bytes (and their SHA-256) of mails before they are sent for the first time.

    *carried*: which mails go along, each with its carrier, whose bytes are theirs.
    """
    if not mails:
        return
    digests = {mail.key: digest for mail, _, digest in mails}
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
        if carried:
            connection.execute(
                update(_OUTBOX)
                .where(_OURS)
                .values(
                    state="pending",
                    carrier=bindparam("by"),
                    raw_sha256=bindparam("digest"),
                    lease_owner=None,
                    lease_until=None,
                ),
                [
                    {
                        "of": mail.key,
                        "attempt": mail.attempt,
                        "by": carrier.key,
                        "digest": digests[carrier.key],
                    }
                    for mail, carrier in carried
                ],
            )


def thaw(store: Store, mail: Claimed) -> None:
    """Take apart a message that nobody has got: some of what goes along is not wanted any more."""
    with store.engine.begin() as connection:
        ours = {"of": mail.key, "attempt": mail.attempt}
        apart = {"raw": None, "raw_sha256": None, "lease_owner": None, "lease_until": None}
        again = update(_OUTBOX).where(_OURS).values(state="pending", **apart)
        if connection.execute(again, ours).rowcount:
            _along(connection, mail.key, {"carrier": None, "raw_sha256": None})


def going_along(store: Store, mails: Sequence[Claimed]) -> dict[str, list[Carried]]:
    """Return what goes along with each of *mails* (by key), oldest fact first."""
    frozen = [mail.key for mail in mails if mail.raw is not None]
    found: dict[str, list[Carried]] = {}
    if not frozen:
        return found
    columns = [_OUTBOX.c[each.name] for each in fields(Carried)]
    query = select(*columns).where(_OUTBOX.c.carrier.in_(frozen))
    with store.reading() as connection:
        for row in connection.execute(query.order_by(_OUTBOX.c.seq, _OUTBOX.c.key)).mappings():
            found.setdefault(row["carrier"], []).append(Carried(**row))
    return found


def cancel(store: Store, mails: Sequence[Claimed], reason: str, now: DateTime) -> None:
    """Give up mails that nobody needs any more, and what goes along with them."""
    if not mails:
        return
    values = {
        "state": "cancelled",
        "raw": None,
        "token": None,
        "lease_owner": None,
        "lease_until": None,
        "finished_at": instant_text(now),
        "last_text": reason,
    }
    with store.engine.begin() as connection:
        for mail in mails:
            of = {"of": mail.key, "attempt": mail.attempt}
            if connection.execute(update(_OUTBOX).where(_OURS).values(values), of).rowcount:
                _along(connection, mail.key, values)


def release(
    store: Store, mails: Sequence[Claimed], until: dict[str, DateTime] | None = None
) -> None:
    """Give mails back untried; *until*: which are held, and till when (the directive's time)."""
    if not mails:
        return
    held = until or {}
    with store.engine.begin() as connection:
        connection.execute(
            update(_OUTBOX)
            .where(_OURS)
            .values(
                state="pending",
                lease_owner=None,
                lease_until=None,
                held_until=bindparam("held"),
            ),
            [
                {
                    "of": mail.key,
                    "attempt": mail.attempt,
                    "held": instant_text(held[mail.key]) if mail.key in held else None,
                }
                for mail in mails
            ],
        )


def finish(
    store: Store, mail: Claimed, delivery: Delivery, now: DateTime, at: DateTime | None = None
) -> str:
    """Write down what came of an attempt; return the state that the mail is in then.

    *at* is the directive's time (default: *now*). Final states lose the bytes and the link's
    secret. An acceptance is recorded whatever the attempt: mail that was accepted was accepted,
    and nothing that comes later undoes it. What goes along shares the fate of its carrier.
    """
    values: dict[str, object] = {
        "last_code": delivery.code,
        "last_text": delivery.text[:500],
        "enhanced": delivery.enhanced,
        "lease_owner": None,
        "lease_until": None,
    }
    settled = {"settled_at": instant_text(at or now), "attested_at": None}
    final = {"raw": None, "token": None, "finished_at": instant_text(now), **settled}
    match delivery.outcome:
        case Result.SENT:
            values |= {"state": "sent", "queue_id": delivery.queue_id, **final}
        case Result.REFUSED:
            values |= {"state": "failed", **final}
        case Result.FAULT:
            values |= {"state": "parked", **settled}
        case Result.AMBIGUOUS if mail.ambiguous >= AMBIGUOUS_LIMIT:
            values |= {"state": "parked", "ambiguous": mail.ambiguous + 1, **settled}
        case Result.AMBIGUOUS:
            values |= {
                "state": "unknown",
                "ambiguous": mail.ambiguous + 1,
                "next_at": instant_text(now.add(seconds=AMBIGUOUS_WAIT_SECONDS)),
            }
        case Result.INFRA:
            wait = INFRA_WAIT_SECONDS
            values |= {"state": "pending", "next_at": instant_text(now.add(seconds=wait))}
        case Result.RETRY:
            values |= _later(mail, delivery, now, settled)
    of = {"of": mail.key, "attempt": mail.attempt}
    accepted = delivery.outcome is Result.SENT
    # The first acceptance is the one that was told of.
    first = and_(_OUTBOX.c.key == bindparam("of"), _OUTBOX.c.state != "sent")
    where = first if accepted else _OURS
    with store.engine.begin() as connection:
        changed = connection.execute(update(_OUTBOX).where(where).values(values), of).rowcount
        if changed:
            state = str(values["state"])
            if state in SETTLED:
                text = f"carried by {mail.message_id}" if accepted else values["last_text"]
                shared = {name: values[name] for name in values if not name.startswith("lease")}
                _along(connection, mail.key, {**shared, "last_text": text})
            return state
        settled_as = select(_OUTBOX.c.state).where(_OUTBOX.c.key == mail.key)
        return str(connection.execute(settled_as).scalar_one())


def _later(
    mail: Claimed, delivery: Delivery, now: DateTime, settled: dict[str, str | None]
) -> dict[str, object]:
    """Return what becomes of a mail that the relay wants to see again."""
    if delivery.closing and delivery.phase is Phase.MAIL:
        # The server went away before it knew the recipient: no try of this mail's.
        wait = INFRA_WAIT_SECONDS
        return {"state": "pending", "next_at": instant_text(now.add(seconds=wait))}
    since = instant_of(mail.later_since) if mail.later_since else now
    values: dict[str, object] = {"tries": mail.tries + 1, "later_since": instant_text(since)}
    if now >= since.add(days=HORIZON_DAYS):
        return {**values, "state": "parked", **settled}
    wait = wait_seconds(mail.tries, patient=delivery.patient)
    return {**values, "state": "pending", "next_at": instant_text(now.add(seconds=wait))}


def _along(connection: Connection, carrier: str, values: dict[str, Any]) -> None:
    """Let what goes along with *carrier* share its fate."""
    along = and_(_OUTBOX.c.carrier == carrier, _OUTBOX.c.state != "sent")
    connection.execute(update(_OUTBOX).where(along).values(values))


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


def owed(store: Store, now: DateTime, at: DateTime | None = None) -> int:
    """Return how many mails could be sent now (waiting, or left by a sender that died).

    *at* is the directive's time (default: *now*).
    """
    with store.reading() as connection:
        return _count(connection, OWED, _times(now, at))


def work(store: Store, now: DateTime, at: DateTime) -> bool:
    """Tell whether a round of deliveries would find something to do.

    Mails that could be sent, unless the relay may not be tried, or settled ones that the ledger
    has not been told of. Held mails are no work before their time.
    """
    with store.reading() as connection:
        return outlook(connection, now, at).work


def outlook(connection: Connection, now: DateTime, at: DateTime) -> Outlook:
    """Tell the same, and until when nothing changes it but a commit."""
    times = _times(now, at)
    if connection.execute(_WORK, times).scalar_one():
        return Outlook(work=True)
    *machine, directive = connection.execute(_NEXT, times).one()
    return Outlook(False, min((each for each in machine if each), default=None), directive)


def on_the_way(store: Store, at: DateTime) -> int:
    """Return how many mails something will still happen to at this instant of the directive.

    Those that are held until later are not among them; those that wait for the relay are.
    """
    moving = and_(_OUTBOX.c.state.in_(MOVING), _ALONE, FREE)
    with store.reading() as connection:
        return _count(connection, or_(moving, UNATTESTED), {"at": instant_text(at)})


def held_until(store: Store, at: DateTime) -> DateTime | None:
    """Return when the first of the mails may go that are held at *at*, if any is."""
    held = and_(_OUTBOX.c.state.in_(MOVING), _OUTBOX.c.held_until > instant_text(at))
    with store.reading() as connection:
        first = connection.execute(select(func.min(_OUTBOX.c.held_until)).where(held)).scalar_one()
    return None if first is None else local(instant_of(first))


def _times(now: DateTime, at: DateTime | None) -> dict[str, str]:
    return {"now": instant_text(now), "at": instant_text(at or now)}


def _count(connection: Connection, where: ColumnElement[bool], times: dict[str, str]) -> int:
    counted = select(func.count()).select_from(_OUTBOX).where(where)
    return int(connection.execute(counted, times).scalar_one())


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


def told_before(store: Store, mail: Claimed) -> int:
    """Return how often this mailbox got a mail of the same kind about the duty before.

    What was fired and never arrived does not count, nor does what came back. A return of the
    report and a moved bound begin a new count: what was missed then is not what is missed now.
    """
    same = and_(_OUTBOX.c.assignment == mail.assignment, _OUTBOX.c.seq < mail.seq)
    began = (
        select(func.coalesce(func.max(_OUTBOX.c.seq), 0))
        .where(
            same,
            _OUTBOX.c.recipient == mail.recipient,
            _OUTBOX.c.kind.in_((Kind.RETURNED, Kind.EXTENDED)),
        )
        .scalar_subquery()
    )
    got = select(func.count(_OUTBOX.c.seq.distinct())).where(
        same,
        _OUTBOX.c.contact == mail.contact,
        _OUTBOX.c.kind == mail.kind,
        _OUTBOX.c.state == "sent",
        _OUTBOX.c.bounced_at.is_(None),
        _OUTBOX.c.seq > began,
    )
    with store.reading() as connection:
        return int(connection.execute(got).scalar_one())
