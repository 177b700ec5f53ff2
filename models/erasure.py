"""Erasing a person's name or a contact's address: its data key is destroyed, for ever.

The ledger keeps what it has, references only, and one entry more: what was erased, on what basis
and by whom. So every hash and every proof stays as it was.
"""

from dataclasses import dataclass

from sqlalchemy import case, select, update

from models.contacts import find
from models.domain.chain import Json
from models.domain.errors import Refusal
from models.readdress import GIVEN_UP
from models.store import Now, Store, Transaction
from models.tables import Contact, Outbox, Person, table
from models.vault import destroy

ERASED = "erased"
"""What a mail says that went no further because its contact was erased."""

_PERSON, _CONTACT, _OUTBOX = table(Person), table(Contact), table(Outbox)
_UNSENT = ("pending", "sending", "unknown", "parked")


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of a wish to erase: the reference, and the entry's number in the ledger."""

    ref: str
    seq: int


def erase_person(store: Store, clock: Now, ref: str, basis: str, by: str) -> Erased | Refusal:
    """Destroy the name behind *ref* (``p_…``)."""
    with store.transaction(clock) as transaction:
        known = select(_PERSON.c.ref).where(_PERSON.c.ref == ref)
        if transaction.connection.execute(known).first() is None:
            return _unknown(ref)
        if not destroy(transaction.connection, ref):
            return _gone(ref)
        transaction.connection.execute(
            update(_PERSON).where(_PERSON.c.ref == ref).values(sealed=None)
        )
        return _record(transaction, "person", ref, basis, by)


def erase_contact(
    store: Store, clock: Now, body: str, address: str, basis: str, by: str
) -> Erased | Refusal:
    """Destroy *address* of *body*; mail that was still owed to it is left to a person.

    The bytes of such a mail, which name the address, go; so do the relay's last words about it.
    """
    with store.transaction(clock) as transaction:
        ref = find(transaction.connection, store.vault, body, address)
        if ref is None:
            return _unknown(f"{address} ({body})")
        if not destroy(transaction.connection, ref):
            return _gone(ref)
        transaction.connection.execute(
            update(_CONTACT).where(_CONTACT.c.ref == ref).values(sealed=None, mark=None)
        )
        _park(transaction, ref)
        return _record(transaction, "contact", ref, basis, by)


def _park(transaction: Transaction, ref: str) -> None:
    ours = _OUTBOX.c.contact == ref
    # That a mail was given up says nothing of the address, and that a later one is to be told.
    words = case((_OUTBOX.c.last_text == GIVEN_UP, GIVEN_UP), else_=ERASED)
    transaction.connection.execute(update(_OUTBOX).where(ours).values(raw=None, last_text=words))
    transaction.connection.execute(
        update(_OUTBOX)
        .where(ours, _OUTBOX.c.state.in_(_UNSENT))
        # A sender at work on it finds that it is not its any more: the attempts are its fence.
        .values(
            state="parked",
            token=None,
            attempts=_OUTBOX.c.attempts + 1,
            lease_owner=None,
            lease_until=None,
        )
    )


def _record(transaction: Transaction, what: str, ref: str, basis: str, by: str) -> Erased:
    entry: dict[str, Json] = {"what": what, "ref": ref, "basis": basis, "by": by}
    return Erased(ref, transaction.administer("Erased", ref, entry))


def _unknown(what: str) -> Refusal:
    return Refusal("unknown", f"Không lưu {what}.", f"{what} is not kept.")


def _gone(ref: str) -> Refusal:
    return Refusal("done-already", f"{ref} đã được xóa trước đó.", f"{ref} was erased before.")
