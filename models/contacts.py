"""Where bodies get their mail: kept sealed, known again by a mark, left out once erased or retired.

An address that an operator has retired (:mod:`models.readdress`) stays retired, whatever a package
that is entered later says: the recorded act is newer than anybody's file.
"""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, exists, insert, select

from models.store import Transaction
from models.tables import Contact, VaultKey, table
from models.vault import Vault, WrongKey

_CONTACT = table(Contact)
_KEY = table(VaultKey)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Address:
    """Where a body gets its mail, as a package states it."""

    body: str
    email: str
    locale: str = "vi"


@dataclass(frozen=True, slots=True)
class Box:
    """An address of a body as it is kept."""

    ref: str
    address: str | None
    """``None``: it was erased, or does not open with this master key."""
    locale: str
    flagged: str | None
    """Why nothing is sent there until an operator has looked."""
    retired_at: str | None
    """From when on it is used no more (27 characters)."""
    erased: bool

    @property
    def used(self) -> bool:
        """Tell whether mail goes there."""
        return self.retired_at is None and not self.erased


def keep(transaction: Transaction, addresses: Sequence[Address]) -> dict[str, str]:
    """Keep *addresses* that are not known yet; return the body of each, by its reference."""
    vault = transaction.vault
    wanted = {vault.mark(each.body, each.email): each for each in addresses}
    known = _marked(transaction.connection, sorted({each.body for each in addresses}))
    new = []
    for mark, each in wanted.items():
        if mark in known:
            continue
        # Never given twice: mails and links name it after an address was deleted.
        known[mark] = ref = f"c_{secrets.token_hex(8)}"
        new.append(
            {
                "ref": ref,
                "body": each.body,
                "mark": mark,
                "sealed": vault.seal(transaction.connection, ref, each.email),
                "locale": each.locale,
            }
        )
    if new:
        transaction.connection.execute(insert(_CONTACT), new)
    return {known[mark]: each.body for mark, each in wanted.items()}


def of_bodies(connection: Connection, bodies: Sequence[str]) -> dict[str, list[str]]:
    """Return the references of the contacts that each body uses; no erased or retired ones."""
    found: dict[str, list[str]] = defaultdict(list)
    for at in range(0, len(bodies), _CHUNK):
        rows = connection.execute(
            select(_CONTACT.c.body, _CONTACT.c.ref)
            .where(
                _CONTACT.c.body.in_(bodies[at : at + _CHUNK]),
                _CONTACT.c.retired_at.is_(None),
                exists().where(_KEY.c.ref == _CONTACT.c.ref),
            )
            .order_by(_CONTACT.c.ref)
        )
        for body, ref in rows:
            found[body].append(ref)
    return found


def find(connection: Connection, vault: Vault, body: str, address: str) -> str | None:
    """Return the reference of *address* of *body*, if it is kept."""
    mark = vault.mark(body, address)
    found = select(_CONTACT.c.ref).where(_CONTACT.c.body == body, _CONTACT.c.mark == mark)
    return connection.execute(found).scalar_one_or_none()


def mailboxes(connection: Connection, vault: Vault, body: str) -> list[Box]:
    """Return every address that *body* has or had, those that are used first."""
    query = (
        select(_CONTACT, _KEY.c.wrapped)
        .outerjoin(_KEY, _KEY.c.ref == _CONTACT.c.ref)
        .where(_CONTACT.c.body == body)
        .order_by(_CONTACT.c.retired_at.is_not(None), _CONTACT.c.retired_at, _CONTACT.c.ref)
    )
    found = []
    for row in connection.execute(query):
        address = None
        if row.wrapped is not None and row.sealed is not None:
            with suppress(WrongKey):
                address = vault.open(row.ref, row.wrapped, row.sealed)
        flagged = row.flagged_why if row.flagged_at is not None else None
        erased = row.wrapped is None
        found.append(Box(row.ref, address, row.locale, flagged, row.retired_at, erased))
    return found


def unsealed(connection: Connection, vault: Vault) -> dict[str, str]:
    """Return every address that is kept and not erased, by its reference; for an operator's eyes.

    One that does not open with this master key is left out.
    """
    found: dict[str, str] = {}
    query = select(_CONTACT.c.ref, _CONTACT.c.sealed, _KEY.c.wrapped).join(
        _KEY, _KEY.c.ref == _CONTACT.c.ref
    )
    for row in connection.execute(query):
        with suppress(WrongKey):
            found[row.ref] = vault.open(row.ref, row.wrapped, row.sealed)
    return found


def _marked(connection: Connection, bodies: Sequence[str]) -> dict[str | None, str]:
    known: dict[str | None, str] = {}
    for at in range(0, len(bodies), _CHUNK):
        rows = connection.execute(
            select(_CONTACT.c.mark, _CONTACT.c.ref).where(
                _CONTACT.c.body.in_(bodies[at : at + _CHUNK]), _CONTACT.c.mark.is_not(None)
            )
        )
        known |= {row.mark: row.ref for row in rows}
    return known
