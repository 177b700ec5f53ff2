"""What became of mails, as facts: proof of notice.

A settled row of the outbox is told to the ledger once. The mark on the row and the fact are one
commit, under the lock of the ledger's head, so neither a second sender nor a killed one can double
or lose it: what a killed sender left unmarked, the next round finds.

Only documents whose policy asks for proofs are told of; the rows of others are marked empty.
"""

from collections.abc import Sequence

from pendulum import DateTime
from sqlalchemy import RowMapping, bindparam, select, update

from models.codec import instant_of, instant_text
from models.domain.calendar import local
from models.domain.facts import NoticeAccepted, NoticeFailed, key_of
from models.domain.requests import NoteDelivery
from models.domain.terms import AssignmentId, BodyId, DocumentKey
from models.record import Recorder
from models.store import Transaction
from models.tables import LedgerEvent, Outbox, table
from notifications.outbox import NO_CONTACT, UNATTESTED

BATCH = 50
"""Facts in one commit."""
NOTHING = ""
"""The mark of a row that the ledger need not hear of."""

_OUTBOX = table(Outbox)
_EVENT = table(LedgerEvent)
_SETTLED = select(_OUTBOX).where(UNATTESTED).order_by(_OUTBOX.c.settled_at, _OUTBOX.c.seq)
_MARK = update(_OUTBOX).where(_OUTBOX.c.key == bindparam("of")).values(attested_at=bindparam("at"))


def attest(recorder: Recorder) -> int:
    """Tell the ledger of every mail that was settled; return how many facts that made."""
    facts, found = 0, BATCH

    def gather(transaction: Transaction) -> Sequence[tuple[DocumentKey, NoteDelivery]]:
        nonlocal found
        rows = transaction.connection.execute(_SETTLED.limit(BATCH)).mappings().all()
        found = len(rows)
        return _requests(transaction, rows)

    while found == BATCH and _any(recorder):
        facts += len(recorder.record_all(gather))
    return facts


def _any(recorder: Recorder) -> bool:
    """Tell whether there is anything, without taking the ledger's lock."""
    one = select(_OUTBOX.c.key).where(UNATTESTED).limit(1)
    with recorder.store.reading() as connection:
        return connection.execute(one).first() is not None


def _requests(
    transaction: Transaction, rows: Sequence[RowMapping]
) -> list[tuple[DocumentKey, NoteDelivery]]:
    """Mark *rows*; return what the ledger is to be told of them, in the order of its instants."""
    asked: list[tuple[DocumentKey, NoteDelivery]] = []
    marks: list[dict[str, str]] = []
    for row in rows:
        stream = DocumentKey(row["stream"])
        if row["stream"] and transaction.state(stream).document.policy.proof:
            asked.append((stream, request_of(row, transaction.now)))
            marks.append({"of": row["key"], "at": instant_text(transaction.now)})
        else:
            marks.append({"of": row["key"], "at": NOTHING})
    if marks:
        transaction.connection.execute(_MARK, marks)
    return sorted(untold(transaction, asked), key=lambda each: each[1].at)


def untold(
    transaction: Transaction, asked: Sequence[tuple[DocumentKey, NoteDelivery]]
) -> list[tuple[DocumentKey, NoteDelivery]]:
    """Return those of *asked* that the ledger does not hold already.

    A mail that was parked, tried again by an operator and parked again failed once.
    """
    keys = {_dedup(stream, request): (stream, request) for stream, request in asked}
    query = select(_EVENT.c.dedup_key).where(_EVENT.c.dedup_key.in_(list(keys)))
    for known in transaction.connection.execute(query).scalars():
        keys.pop(known)
    return list(keys.values())


def request_of(row: RowMapping, now: DateTime, failed: str = "") -> NoteDelivery:
    """Return what is to be recorded of a mail. *failed*: how, if the row does not say it."""
    at = local(instant_of(row["settled_at"] or row["created_at"]))
    how = failed or _how(row)
    return NoteDelivery(
        message_id=row["message_id"],
        kind=row["kind"],
        assignment=AssignmentId(row["assignment"]),
        body=BodyId(row["recipient"]),
        at=min(at, now),
        failed=how,
        raw_sha256="" if how else row["raw_sha256"] or "",
        code=row["last_code"],
        detail=(row["enhanced"] if how else row["queue_id"]) or "",
    )


def _how(row: RowMapping) -> str:
    match row["state"]:
        case "sent":
            return ""
        case "failed":
            return "refused"
        case _:
            return NO_CONTACT if row["last_text"] == NO_CONTACT else "parked"


def _dedup(stream: DocumentKey, request: NoteDelivery) -> str:
    """Return the natural key that the fact would have in the ledger."""
    about = (request.message_id, request.kind, request.assignment, request.body)
    if request.failed:
        return f"{stream}|{key_of(NoticeFailed(request.at, *about, request.failed))}"
    return f"{stream}|{key_of(NoticeAccepted(request.at, *about, request.raw_sha256))}"
