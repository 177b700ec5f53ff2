"""Who was to be told of a fact, and what proves that it happened.

*Owed* follows from the fact itself (:mod:`models.domain.effects`). *Proof* are facts of the ledger
about the mail's own Message-ID. What the outbox says stands beside it: that table is no ledger, and
whoever may write to the database could have changed it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from audit.bodies import Body
from audit.replay import History
from models.domain.effects import effects_of
from models.domain.facts import NoticeAccepted, NoticeFailed, NoticeQueued
from models.owed import first
from models.store import Store
from models.tables import Outbox, table

_OUTBOX = table(Outbox)


@dataclass(frozen=True, slots=True)
class Posted:
    """What the outbox says of one mail."""

    state: str
    finished_at: str | None
    """27 characters of UTC, by the machine's clock."""
    message_id: str
    raw_sha256: str | None


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail owed because of a fact."""

    kind: str
    to: str
    """A body; addresses are in no ledger."""
    message_id: str = ""
    proofs: tuple[Body, ...] = ()
    """Facts that say what became of it."""
    posted: Posted | None = None


@dataclass
class _Proofs:
    """What a stream says of its mails, by the key of what was owed and by Message-ID."""

    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    said: dict[str, list[Body]] = field(default_factory=lambda: defaultdict(list))


def mails(
    history: History, posted: Mapping[str, list[Posted]] | None = None
) -> dict[int, tuple[Mail, ...]]:
    """Return the mails owed because of each fact, by its number.

    *posted* is what the outbox says, by ``<document>|<key of what was owed>``.
    """
    proofs = _proofs(history.bodies)
    found: dict[int, tuple[Mail, ...]] = {}
    for count, body in enumerate(history.bodies, start=1):
        state = history.upto(count)
        if state.plan is None:
            continue
        owed: list[Mail] = []
        for notify in effects_of(state, body.fact):
            box = (posted or {}).get(f"{history.document}|{notify.key}", [])
            by_id = {each.message_id: each for each in box}
            # One for each address of the body; one without an address has no Message-ID.
            for message in dict.fromkeys([*proofs.ids.get(notify.key, ()), *by_id]) or [""]:
                said = tuple(proofs.said.get(message, ()))
                one = Mail(notify.kind.value, notify.recipient, message, said, by_id.get(message))
                owed.append(one)
        if owed:
            found[body.seq] = tuple(owed)
    return found


def _proofs(bodies: Iterable[Body]) -> _Proofs:
    found = _Proofs()
    for body in bodies:
        match body.fact:
            case NoticeQueued(notices=notices):
                for notice in notices:
                    if notice.message_id:
                        found.ids[first(notice.key)].append(notice.message_id)
            case NoticeAccepted(message_id=message) | NoticeFailed(message_id=message):
                if message:
                    found.said[message].append(body)
    return found


def posted(store: Store) -> dict[str, list[Posted]]:
    """Return what the outbox says, by document and key of what was owed."""
    query = select(
        _OUTBOX.c.key,
        _OUTBOX.c.contact,
        _OUTBOX.c.state,
        _OUTBOX.c.finished_at,
        _OUTBOX.c.message_id,
        _OUTBOX.c.raw_sha256,
    ).order_by(_OUTBOX.c.seq, _OUTBOX.c.key)
    found: dict[str, list[Posted]] = defaultdict(list)
    with store.reading() as connection:
        for row in connection.execute(query):
            owed = first(row.key).removesuffix(f"|{row.contact or '-'}")
            found[owed].append(Posted(row.state, row.finished_at, row.message_id, row.raw_sha256))
    return found
