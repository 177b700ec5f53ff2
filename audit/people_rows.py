"""Names and addresses: not what they say, but that they are there, or were erased by an entry.

What is sealed may be corrected and says nothing to who has no master key. But a name or an address
goes in one way only, by an entry ``Erased``, and comes back in none. An address goes out of use,
and comes into use again, by an entry ``ContactChanged``.
"""

from collections.abc import Iterator

from audit.codes import Code
from audit.contacts import Contacts
from audit.envelope import short
from audit.finding import Finding
from audit.source import Source

_ROWS = (
    "SELECT p.ref, p.sealed IS NULL, k.ref IS NULL, p.ref IS NULL FROM person p"
    " LEFT JOIN vault_key k ON k.ref = p.ref"
    " UNION ALL SELECT c.ref, c.sealed IS NULL, k.ref IS NULL, c.mark IS NOT NULL FROM contact c"
    " LEFT JOIN vault_key k ON k.ref = c.ref"
)
_RETIRED = "SELECT ref, retired_at FROM contact"


def examine(source: Source) -> Iterator[Finding]:
    """Yield the rows that are empty without an erasure, or full in spite of one.

    And the addresses that are out of use, or in use, without an entry that says so.
    """
    contacts = Contacts(source)
    erased = contacts.erased
    for ref, empty, keyless, marked in source.rows(_ROWS):
        entry = erased.get(ref)
        if entry is None and (empty or keyless):
            yield Finding(Code.PERSON_ROW, row=_row(ref), data={"why": "Erased: —"})
        elif entry is not None and not (empty and keyless and not marked):
            why = f"Erased: #{entry}"
            yield Finding(Code.PERSON_ROW, entry, row=_row(ref), data={"why": why})
    for ref, found in source.rows(_RETIRED):
        expected = contacts.retired_at(ref)
        if found != expected:
            why = f"retired_at {short(found)} > {short(expected)}"
            yield Finding(Code.PERSON_ROW, row=_row(ref), data={"why": why})


def _row(ref: object) -> str:
    kind = "contact" if str(ref).startswith("c_") else "person"
    return f"{kind}:{short(ref)}"
