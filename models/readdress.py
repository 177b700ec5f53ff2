"""Where a body gets its mail is changed while directives run: by whom, on what authority.

In one transaction. The old address is none of the body's from then on: every link that went there
ends, and mail that waits for it goes no further. To the new one goes what the body needs to work
on: for each duty that it owes, reviews or decides about the newest mail that is still true, and
every other mail that never arrived and still says something. Each is the same mail once more, under
a key of its own, with a new link.

The ledger holds one entry about it, with references only: no address, and no name of a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, or_, select, update

from models.codec import instant_text
from models.contacts import Address, find, keep, mailboxes
from models.domain.effects import PURPOSES, Kind, Purpose
from models.domain.errors import Refusal
from models.domain.facts import Notice
from models.domain.refusals import UNKNOWN_BODY
from models.domain.stale import outdated
from models.domain.state import State
from models.domain.terms import AssignmentId, BodyId, DocumentKey
from models.owed import Anew, effect_of, owe_anew
from models.store import ADMIN, Transaction
from models.tables import Contact, LedgerEvent, Link, Outbox, Stream, table

CHANGED = "ContactChanged"
"""The entry's type among those of the installation."""
GIVEN_UP = "address-changed"
"""Why a mail went no further: it waited for an address that is used no more, or for any at all."""

_CONTACT, _LINK, _OUTBOX = table(Contact), table(Link), table(Outbox)
_EVENT, _STREAM = table(LedgerEvent), table(Stream)
_UNSENT = ("pending", "sending", "unknown", "parked")
_MOVING = ("pending", "sending", "unknown")
_WORK = (Purpose.ACT, Purpose.REVIEW, Purpose.DECIDE)
_REPEATED = frozenset({Kind.ASSIGNED, Kind.REMINDER, Kind.OVERDUE, Kind.RECEIVED})
"""Of these the newest says what the earlier ones said."""

NOT_USED = Refusal(
    "unknown-address",
    "Đơn vị không dùng địa chỉ này; xem: cascade contact list.",
    "The body does not use this address; see: cascade contact list.",
)
USED_ALREADY = Refusal(
    "address-known",
    "Đơn vị đang dùng chính địa chỉ này; không có gì thay đổi.",
    "The body uses this very address already; nothing changed.",
)


@dataclass(frozen=True, slots=True)
class Readdress:
    """What an operator wishes: an address that comes, one that goes, or one in place of another."""

    body: BodyId
    by: str
    """A name as it was typed; the ledger gets a reference."""
    authority: str
    new: str = ""
    """Empty: none comes."""
    old: str = ""
    """Empty: none goes."""
    locale: str = ""
    """Of the new one; empty: that of the old one, else Vietnamese."""


@dataclass(frozen=True, slots=True)
class Readdressed:
    """What came of it."""

    seq: int
    """The entry's number in the ledger."""
    ended: int
    """Links that opened something and open nothing any more."""
    given_up: int
    """Mails that waited and go no further."""
    anew: Mapping[DocumentKey, tuple[Notice, ...]]
    """Mails to the new address."""
    left: int
    """How many addresses the body has now."""

    @property
    def owed(self) -> int:
        """Count the mails to the new address."""
        return sum(map(len, self.anew.values()))


def documents(transaction: Transaction, body: BodyId) -> list[DocumentKey]:
    """Return the documents in whose roster *body* stands."""
    keys = transaction.connection.execute(select(_STREAM.c.id).order_by(_STREAM.c.id)).scalars()
    found = []
    for key in map(DocumentKey, keys.all()):
        plan = transaction.state(key).plan
        if plan is not None and body in plan.bodies:
            found.append(key)
    return found


def refused(transaction: Transaction, wish: Readdress) -> Refusal | None:
    """Return why *wish* cannot be granted, if it cannot."""
    if not documents(transaction, wish.body):
        return UNKNOWN_BODY
    current = {
        box.ref
        for box in mailboxes(transaction.connection, transaction.vault, wish.body)
        if box.used
    }
    old, new = _known(transaction, wish, wish.old), _known(transaction, wish, wish.new)
    if wish.old and old not in current:
        return NOT_USED
    if wish.new and new in current:
        return USED_ALREADY
    return None


def readdress(transaction: Transaction, wish: Readdress, machine_now: str) -> Readdressed:
    """Do what *wish* asks for, after :func:`refused` found nothing against it.

    What fell due before must be recorded already: it was owed to the old address. *machine_now*
    is the machine's time (27 characters).
    """
    connection, now = transaction.connection, instant_text(transaction.now)
    old = _known(transaction, wish, wish.old)
    gone = None if old is None else connection.execute(_locale(old)).scalar_one()
    new = _taken(transaction, wish, wish.locale or gone or "vi") if wish.new else None
    boxes = mailboxes(connection, transaction.vault, wish.body)
    usable = {box.ref for box in boxes if box.used and not box.flagged} - {old, new}
    owed = _owed(transaction, wish.body, usable) if new is not None else {}
    seq = transaction.administer(
        CHANGED,
        f"{wish.body}:{_number(transaction, wish.body)}",
        {
            "body": wish.body,
            "added": new,
            "retired": old,
            "by": transaction.person(wish.by),
            "authority": wish.authority,
        },
    )
    ended = 0
    if old is not None:
        retired = update(_CONTACT).where(_CONTACT.c.ref == old).values(retired_at=now)
        connection.execute(retired)
        ended = connection.execute(
            update(_LINK)
            .where(_LINK.c.contact == old, _LINK.c.revoked_at.is_(None))
            .values(revoked_at=now)
        ).rowcount
    given_up = _give_up(transaction, wish.body, old, homeless=new is not None, at=machine_now)
    anew = {}
    for stream, mails in owed.items():
        assert new is not None
        anew[stream] = owe_anew(transaction, stream, mails, new, seq, machine_now)
    left = len({box.ref for box in boxes if box.used} - {old})
    return Readdressed(seq, ended, given_up, anew, left)


def _known(transaction: Transaction, wish: Readdress, address: str) -> str | None:
    if not address:
        return None
    return find(transaction.connection, transaction.vault, wish.body, address)


def _locale(ref: str) -> Any:
    return select(_CONTACT.c.locale).where(_CONTACT.c.ref == ref)


def _taken(transaction: Transaction, wish: Readdress, locale: str) -> str:
    """Keep the new address, or take one that was retired into use again; return its reference."""
    (ref,) = keep(transaction, [Address(wish.body, wish.new, locale)])
    transaction.connection.execute(
        update(_CONTACT)
        .where(_CONTACT.c.ref == ref)
        .values(retired_at=None, flagged_at=None, flagged_why=None, locale=locale)
    )
    return ref


def _number(transaction: Transaction, body: BodyId) -> int:
    """Return the how-manieth change of this body it is."""
    before = select(func.count()).where(
        _EVENT.c.stream == ADMIN,
        _EVENT.c.type == CHANGED,
        _EVENT.c.dedup_key.startswith(f"{ADMIN}|{CHANGED}|{body}:", autoescape=True),
    )
    return int(transaction.connection.execute(before).scalar_one()) + 1


def _give_up(
    transaction: Transaction, body: BodyId, old: str | None, *, homeless: bool, at: str
) -> int:
    """Let no mail wait for *old* any more; with *homeless* none for want of an address either."""
    waits = [_OUTBOX.c.contact == old] if old is not None else []
    if homeless:
        waits.append(_OUTBOX.c.contact.is_(None))
    if not waits:
        return 0
    return transaction.connection.execute(
        update(_OUTBOX)
        .where(
            _OUTBOX.c.recipient == body,
            _OUTBOX.c.stream != "",
            _OUTBOX.c.state.in_(_UNSENT),
            or_(*waits),
        )
        # A sender at work on it finds that it is not its any more: it is not "sending".
        .values(
            state="cancelled",
            raw=None,
            token=None,
            lease_owner=None,
            lease_until=None,
            finished_at=at,
            last_text=GIVEN_UP,
        )
    ).rowcount


def _owed(
    transaction: Transaction, body: BodyId, usable: set[str]
) -> dict[DocumentKey, list[Anew]]:
    """Return what a new address of *body* is to be told; mails to *usable* ones arrive."""
    rows = transaction.connection.execute(
        select(
            _OUTBOX.c.key,
            _OUTBOX.c.seq,
            _OUTBOX.c.stream,
            _OUTBOX.c.assignment,
            _OUTBOX.c.kind,
            _OUTBOX.c.detail,
            _OUTBOX.c.recipient,
            _OUTBOX.c.contact,
            _OUTBOX.c.state,
            _OUTBOX.c.bounced_at,
            _OUTBOX.c.last_text,
        )
        .where(_OUTBOX.c.recipient == body, _OUTBOX.c.stream != "")
        .order_by(_OUTBOX.c.seq.desc(), _OUTBOX.c.key)
    )
    of_each: dict[DocumentKey, dict[str, list[Row[Any]]]] = defaultdict(dict)
    for row in rows:
        of_each[DocumentKey(row.stream)].setdefault(effect_of(row.key), []).append(row)
    found = {
        stream: sorted(_worth_saying(transaction.state(stream), mails, usable), key=_in_order)
        for stream, mails in of_each.items()
    }
    return {stream: mails for stream, mails in sorted(found.items()) if mails}


def _in_order(mail: Anew) -> tuple[int, str]:
    return mail.seq, mail.effect


def _worth_saying(
    state: State, mails: Mapping[str, list[Row[Any]]], usable: set[str]
) -> Iterator[Anew]:
    """Yield the mails (newest first, the rows of each together) that are to be written anew."""
    said: set[tuple[str, str]] = set()
    for effect, rows in mails.items():
        first = rows[0]
        kind, assignment = Kind(first.kind), AssignmentId(first.assignment)
        if outdated(state, kind, assignment, first.detail) is not None:
            continue
        newest = False
        if PURPOSES[kind] in _WORK and not state.progress[assignment].closed:
            about = kind if PURPOSES[kind] is Purpose.DECIDE else PURPOSES[kind]
            newest = (assignment, about) not in said
            said.add((assignment, about))
        if newest or (kind not in _REPEATED and _lost(rows, usable)):
            yield Anew(effect, first.seq, kind, assignment, BodyId(first.recipient), first.detail)


def _lost(rows: Iterable[Row[Any]], usable: set[str]) -> bool:
    """Tell whether a mail reached no address of the body, and will not."""
    return not any(
        (row.state == "sent" and row.bounced_at is None)
        or (row.state in _MOVING and row.contact in usable)
        or (row.state == "cancelled" and row.last_text != GIVEN_UP)
        for row in rows
    )
