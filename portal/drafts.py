"""What somebody has typed and not handed in: kept for days, sealed, and outside the ledger.

A draft belongs to the body's copy of the duty, not to one link: whoever opens a later mail about
the same duty goes on where a colleague stopped. The newest one counts. The name of whoever hands
in is never part of it: a page must not be complete before a person has typed on it.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pendulum import DateTime
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from models.codec import instant_of, instant_text
from models.domain.facts import Attached
from models.domain.state import State
from models.domain.terms import Phase
from models.files import Held
from models.tables import Draft as DraftRow
from models.tables import table
from portal.links import Grant

_DRAFT = table(DraftRow)
_OF = (
    select(_DRAFT.c.form, _DRAFT.c.sealed, _DRAFT.c.saved_at)
    .where(_DRAFT.c.stream == bindparam("stream"))
    .where(_DRAFT.c.assignment == bindparam("assignment"))
    .where(_DRAFT.c.purpose == bindparam("purpose"))
)
_PLACES = select(_DRAFT.c.stream, _DRAFT.c.assignment).distinct()
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed into one form, and the files that were sent with it."""

    values: Mapping[str, str]
    held: tuple[Held, ...]
    saved_at: DateTime


class Drafts:
    """Seals and opens drafts with one key, which is in no database."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(hmac.new(key, b"cascade draft", hashlib.sha256).digest())

    def read(self, connection: Connection, grant: Grant) -> dict[str, Draft]:
        """Return the drafts that the bearer of a link finds, by form.

        One that does not open (another key) is as good as none.
        """
        rows = connection.execute(
            _OF,
            {
                "stream": grant.stream,
                "assignment": grant.assignment,
                "purpose": grant.purpose.value,
            },
        )
        found = {}
        for form, sealed, saved_at in rows:
            try:
                data = json.loads(
                    self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(grant, form))
                )
            except InvalidTag:
                continue
            held = tuple(Held(Attached(*each[:3]), each[3]) for each in data["files"])
            found[form] = Draft(data["values"], held, instant_of(saved_at))
        return found

    def save(
        self,
        connection: Connection,
        grant: Grant,
        form: str,
        values: Mapping[str, str],
        held: Sequence[Held],
        now: DateTime,
    ) -> None:
        """Put a draft in the place of the one before. *now*: the directive's clock."""
        data = {
            "values": dict(values),
            "files": [[e.file.sha256, e.file.media, e.file.size, e.label] for e in held],
        }
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, json.dumps(data).encode(), _bound(grant, form))
        kept = {
            "sealed": nonce + sealed,
            "files": " ".join(each.file.sha256 for each in held),
            "saved_at": instant_text(now),
        }
        place = {
            "stream": grant.stream,
            "assignment": grant.assignment,
            "purpose": grant.purpose.value,
            "form": str(form),
        }
        sqlite = connection.dialect.name == "sqlite"
        statement = (sqlite_insert if sqlite else pg_insert)(_DRAFT).values(place | kept)
        connection.execute(statement.on_conflict_do_update(index_elements=list(place), set_=kept))


def drop(connection: Connection, grant: Grant, forms: Sequence[str]) -> None:
    """Delete drafts that are good for nothing any more."""
    if forms:
        connection.execute(
            delete(_DRAFT).where(
                _DRAFT.c.stream == grant.stream,
                _DRAFT.c.assignment == grant.assignment,
                _DRAFT.c.purpose == grant.purpose.value,
                _DRAFT.c.form.in_([str(form) for form in forms]),
            )
        )


def drop_closed(connection: Connection, states: Mapping[str, State]) -> int:
    """Delete the drafts of duties that are closed, by their streams' *states*; return how many.

    What is being added to an accepted report stays.
    """
    gone = 0
    for stream, assignment in connection.execute(_PLACES).all():
        state = states.get(stream)
        copy = state.progress.get(assignment) if state is not None else None
        if copy is None or not copy.closed:
            continue
        useless = delete(_DRAFT).where(_DRAFT.c.stream == stream, _DRAFT.c.assignment == assignment)
        if copy.phase is Phase.ACCEPTED:
            useless = useless.where(_DRAFT.c.form != "supplement")
        gone += connection.execute(useless).rowcount
    return gone


def _bound(grant: Grant, form: str) -> bytes:
    """Return what a sealed draft is bound to: moved to another place it does not open."""
    return "|".join((grant.stream, grant.assignment, grant.purpose.value, str(form))).encode()
