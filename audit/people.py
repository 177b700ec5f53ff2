"""Who stands behind the references of facts, as far as it is still known."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from audit.contents import People
from models.store import Store
from models.tables import Contact, Person, table

_PERSON, _CONTACT = table(Person), table(Contact)
_CHUNK = 500


def people_of(store: Store) -> People:
    """Return what opens names and addresses of *store*."""

    def known(refs: Sequence[str]) -> dict[str, dict[str, str]]:
        return dict(_names(store, refs)) | dict(_addresses(store, refs))

    return known


def _names(store: Store, refs: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for at in range(0, len(refs), _CHUNK):
        query = select(_PERSON.c.ref, _PERSON.c.name).where(
            _PERSON.c.ref.in_(refs[at : at + _CHUNK]), _PERSON.c.name.is_not(None)
        )
        with store.reading() as connection:
            for ref, name in connection.execute(query):
                yield ref, {"name": name}


def _addresses(store: Store, refs: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for at in range(0, len(refs), _CHUNK):
        query = select(_CONTACT.c.ref, _CONTACT.c.body, _CONTACT.c.address).where(
            _CONTACT.c.ref.in_(refs[at : at + _CHUNK])
        )
        with store.reading() as connection:
            for ref, body, address in connection.execute(query):
                yield ref, {"address": address, "body": body}
