"""What stands behind references, for tests: names and addresses, opened."""

from sqlalchemy import delete, select, update

from models.store import Store
from models.tables import Contact, Person, VaultKey, table

_PERSON, _CONTACT, _KEY = table(Person), table(Contact), table(VaultKey)


def names(store: Store) -> dict[str, str]:
    """Return every name that is kept, by its reference."""
    with store.reading() as connection:
        rows = connection.execute(
            select(_PERSON.c.ref, _KEY.c.wrapped, _PERSON.c.sealed).join(
                _KEY, _KEY.c.ref == _PERSON.c.ref
            )
        ).all()
    return {ref: store.vault.open(ref, wrapped, sealed) for ref, wrapped, sealed in rows}


def addresses(store: Store) -> dict[tuple[str, str], str]:
    """Return the reference of every address that is kept, by body and address."""
    with store.reading() as connection:
        rows = connection.execute(
            select(_CONTACT.c.ref, _CONTACT.c.body, _KEY.c.wrapped, _CONTACT.c.sealed).join(
                _KEY, _KEY.c.ref == _CONTACT.c.ref
            )
        ).all()
    return {
        (body, store.vault.open(ref, wrapped, sealed)): ref for ref, body, wrapped, sealed in rows
    }


def readdress(store: Store, body: str, address: str) -> None:
    """Give the only contact of *body* another address, whatever it is."""
    with store.engine.begin() as connection:
        ref = connection.execute(select(_CONTACT.c.ref).where(_CONTACT.c.body == body)).scalar_one()
        connection.execute(delete(_KEY).where(_KEY.c.ref == ref))
        sealed = store.vault.seal(connection, ref, address)
        connection.execute(update(_CONTACT).where(_CONTACT.c.ref == ref).values(sealed=sealed))
