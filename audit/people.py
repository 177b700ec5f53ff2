"""Who stands behind the references of facts, as far as it was not erased."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from audit.contents import People
from models.store import Store
from models.tables import Contact, Person, VaultKey, table

_PERSON, _CONTACT, _KEY = table(Person), table(Contact), table(VaultKey)
_CHUNK = 500


def people_of(store: Store) -> People:
    """Return what opens names and addresses of *store*.

    What it returns raises ``WrongKey`` when something was sealed with another master key.
    """

    def known(refs: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for at in range(0, len(refs), _CHUNK):
            chunk = refs[at : at + _CHUNK]
            with store.reading() as connection:
                names = connection.execute(_names(chunk)).all()
                addresses = connection.execute(_addresses(chunk)).all()
            for ref, sealed, wrapped in names:
                found[ref] = {"name": store.vault.open(ref, wrapped, sealed)}
            for ref, sealed, wrapped, body in addresses:
                found[ref] = {"address": store.vault.open(ref, wrapped, sealed), "body": body}
        return found

    return known


def _names(refs: Sequence[str]) -> Select[Any]:
    return (
        select(_PERSON.c.ref, _PERSON.c.sealed, _KEY.c.wrapped)
        .join(_KEY, _KEY.c.ref == _PERSON.c.ref)
        .where(_PERSON.c.ref.in_(refs), _PERSON.c.sealed.is_not(None))
    )


def _addresses(refs: Sequence[str]) -> Select[Any]:
    return (
        select(_CONTACT.c.ref, _CONTACT.c.sealed, _KEY.c.wrapped, _CONTACT.c.body)
        .join(_KEY, _KEY.c.ref == _CONTACT.c.ref)
        .where(_CONTACT.c.ref.in_(refs), _CONTACT.c.sealed.is_not(None))
    )
