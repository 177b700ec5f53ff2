"""`cascade erase`: destroy a name or an address, and say so in the ledger."""

from sqlalchemy import select

from cli.problems import out, say
from cli.typed import Typed
from config.settings import load as load_settings
from models.codec import instant_of
from models.domain.errors import Refusal
from models.erasure import Erased, erase_contact, erase_person
from models.tables import Person, VaultKey, table
from notifications.wiring import open_store
from notifications.words import instant_words


def person(ref: str, basis: str, by: str, lang: str) -> int:
    """Destroy the name behind a reference."""
    return _erase(ref, None, basis, by, lang)


def contact(body: str, address: str, basis: str, by: str, lang: str) -> int:
    """Destroy an address of a body."""
    return _erase(body, address, basis, by, lang)


def find(name: str, lang: str) -> int:
    """Print the references of the names that contain *name*, and when they were typed."""
    settings = load_settings()
    store = open_store(settings)
    people, keys = table(Person), table(VaultKey)
    found = 0
    try:
        with store.reading() as connection:
            rows = connection.execute(
                select(people.c.ref, people.c.created_at, people.c.sealed, keys.c.wrapped)
                .join(keys, keys.c.ref == people.c.ref)
                .order_by(people.c.created_at, people.c.ref)
            ).all()
        for row in rows:
            kept = store.vault.open(row.ref, row.wrapped, row.sealed)
            if name.casefold() in kept.casefold():
                found += 1
                typed_at = instant_words(instant_of(row.created_at), lang)
                out.print(f"{row.ref}  {typed_at}  {kept}", markup=False)
    finally:
        store.close()
    if not found:
        say(f"Không lưu tên nào có {name!r}." if lang == "vi" else f"No name with {name!r}.")
    return 0 if found else 1


def _erase(what: str, address: str | None, basis: str, by: str, lang: str) -> int:
    typed = Typed(lang)
    basis, by = typed.decision("--basis", basis), typed.who("--by", by)
    if typed.refused():
        return 1
    settings = load_settings()
    store = open_store(settings)
    clock = settings.domain_clock()
    try:
        result: Erased | Refusal = (
            erase_person(store, clock, what, basis, by)
            if address is None
            else erase_contact(store, clock, what, address, basis, by)
        )
    finally:
        store.close()
    if isinstance(result, Refusal):
        say(result.text(lang))
        return 1
    out.print(
        f"Đã xóa {result.ref} vĩnh viễn ({basis}). Mục số {result.seq} trong sổ cái."
        if lang == "vi"
        else f"{result.ref} is erased for ever ({basis}). Entry {result.seq} of the ledger.",
        markup=False,
    )
    return 0
