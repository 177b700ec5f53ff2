"""Checkpoints: the root over all facts so far, signed, and kept where the database is not.

Signing is a promise never to tell another past. So nothing is signed before it is found, from the
facts themselves, that they continue the newest checkpoint there is: in the signer's own memory, in
the folder of notes, or in the database.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import RowMapping, insert, select, update

from audit.keyring import Keyring, WillNotSign
from audit.notes import Checkpoint, sign
from audit.reading import rows
from audit.rotation import rotation_note
from audit.signed import Known, fork
from audit.signed import newest as newest_signed
from models.codec import instant_text
from models.domain.chain import GENESIS, frontier_add, frontier_root, leaf
from models.keyfile import OtherContent, keep
from models.store import ADMIN, Now, Store
from models.tables import LedgerCheckpoint, LedgerEvent, LedgerHead, LedgerKey, table

_EVENT, _HEAD = table(LedgerEvent), table(LedgerHead)
_CHECKPOINT, _KEY = table(LedgerCheckpoint), table(LedgerKey)


@dataclass(frozen=True, slots=True)
class Made:
    """A checkpoint, with the note that carries it and the file that it is kept in."""

    checkpoint: Checkpoint
    note: str
    path: Path
    vkey: str
    new: bool
    """The ledger had grown; else this is the newest one, found to be still true."""


def origin_of(log_id: str) -> str:
    """Return the name under which a ledger signs."""
    return f"cascade/{log_id}"


def note_path(folder: Path, size: int) -> Path:
    """Return where the note of a checkpoint is kept outside the database."""
    return folder / f"{size:012}.note"


def make(store: Store, keyring: Keyring, folder: Path, machine: Now) -> Made | None:
    """Sign what the ledger holds now, if it has grown; return the newest checkpoint.

    *folder* is for the notes, *machine* the real clock. ``None``: the ledger is empty.

    Raises:
        WillNotSign: the facts do not continue an earlier checkpoint, or one of those, its key or
            its signature is not what it was.
    """
    with keyring.held():
        if keyring.rotating:
            raise WillNotSign(
                "rotation-unfinished",
                "Việc thay khóa chưa xong. "
                "Hãy chạy lại lệnh trước đó: cascade keys rotate ledger, hoặc cascade restored",
                "A rotation of the key was not finished. "
                "Run again what began it: cascade keys rotate ledger, or cascade restored",
            )
        return make_held(store, keyring, folder, machine)


def rotate(
    store: Store, keyring: Keyring, folder: Path, clock: Now, machine: Now, by: str
) -> Made | None:
    """Let a new key sign from now on; the old one is destroyed once it has handed over.

    Cut anywhere, it is finished by calling it again. *by* says who ordered it.

    Raises:
        WillNotSign: as :func:`make`.
    """
    with keyring.held():
        if not keyring.rotating:
            make_held(store, keyring, folder, machine)
        origin = origin_of(store.log_id())
        old, new = keyring.signer(origin), keyring.successor(origin)
        note = rotation_note(old, new)
        with store.transaction(clock) as transaction:
            key = new.verifier.key_id.hex()
            declared = select(_EVENT.c.seq).where(_EVENT.c.dedup_key == f"{ADMIN}|Restored|{key}")
            if transaction.connection.execute(declared).first() is not None:
                raise WillNotSign(
                    "restoration-unfinished",
                    "Việc khai báo mất dữ liệu chưa xong. Hãy chạy lại: cascade restored",
                    "The declaration of a loss was not finished. Run again: cascade restored",
                )
            recorded = select(_EVENT.c.seq).where(_EVENT.c.dedup_key == f"{ADMIN}|KeyRotated|{key}")
            if transaction.connection.execute(recorded).first() is None:
                transaction.administer("KeyRotated", key, {"by": by, "note": note})
        keyring.promote(origin, note)
        return make_held(store, keyring, folder, machine)


def make_held(store: Store, keyring: Keyring, folder: Path, machine: Now) -> Made | None:
    """Do as :func:`make`, for who holds the keyring already."""
    with store.reading() as connection:
        head = connection.execute(select(_HEAD)).mappings().one()
        row = (
            connection.execute(select(_CHECKPOINT).order_by(_CHECKPOINT.c.size.desc()).limit(1))
            .mappings()
            .first()
        )
    newest = newest_signed(keyring, folder, row)
    if newest is None and not head["size"]:
        return None
    origin = origin_of(head["log_id"])
    signer = keyring.signer(origin)
    if newest is not None and newest.checkpoint.origin != origin:
        raise fork(newest, f"nó thuộc về {newest.checkpoint.origin}", "it is of another ledger")
    if newest is not None and newest.checkpoint.size > head["size"]:
        size = newest.checkpoint.size
        raise WillNotSign(
            "shrunken",
            f"Sổ cái chỉ còn {head['size']} sự kiện, nhưng đã ký {size} ({newest.where}): "
            "dữ liệu bị cắt bớt hoặc là bản sao lưu cũ.",
            f"The ledger holds {head['size']} facts, but {size} were signed ({newest.where}): "
            "it was cut, or it is an old backup.",
        )
    before = b""
    if newest is not None:
        before = _frontier_then(store, newest, row)
        _publish(store, keyring, folder, newest, before, machine)
    begun = newest.checkpoint.size if newest is not None else 0
    frontier = _read_on(store, before, begun, head)
    checkpoint = Checkpoint(origin, head["size"], frontier_root(frontier))
    if newest is not None and newest.checkpoint.size == checkpoint.size:
        return Made(
            newest.checkpoint,
            newest.note,
            note_path(folder, begun),
            newest.signer.vkey,
            new=False,
        )
    made = Known(checkpoint, sign(checkpoint.text(), [signer]), signer.verifier, "")
    _publish(store, keyring, folder, made, frontier, machine)
    path = note_path(folder, checkpoint.size)
    return Made(checkpoint, made.note, path, signer.verifier.vkey, new=True)


def _frontier_then(store: Store, newest: Known, row: RowMapping | None) -> bytes:
    """Return the frontier at the newest checkpoint.

    The row keeps it, and its root proves it. Without the row it is built from all facts, which
    then must be those that were signed.
    """
    checkpoint = newest.checkpoint
    if row is not None and row["size"] == checkpoint.size:
        kept = bytes(row["frontier"])
        if frontier_root(kept) == checkpoint.root:
            return kept
    frontier = follow(store, b"", 0, checkpoint.size)[0]
    if frontier_root(frontier) != checkpoint.root:
        raise fork(
            newest,
            f"các sự kiện 1…{checkpoint.size} không còn là những sự kiện đã ký",
            f"the facts 1…{checkpoint.size} are not those that were signed",
        )
    return frontier


def _read_on(store: Store, frontier: bytes, begun: int, head: RowMapping) -> bytes:
    """Return the frontier at the head, built from the facts that came after *begun*."""
    frontier, last, _ = follow(store, frontier, begun, head["size"])
    require_head(head, frontier, last)
    return frontier


def follow(
    store: Store, frontier: bytes, begun: int, until: int, sizes: Collection[int] = ()
) -> tuple[bytes, bytes, dict[int, bytes]]:
    """Add the facts after *begun* to *frontier*; return it with the last leaf.

    And with the roots over the first facts, for each number of *sizes* that is met on the way.

    Raises:
        WillNotSign: the facts do not hang together, or some are missing.
    """
    last, seq, roots = GENESIS, begun, dict[int, bytes]()
    if begun:
        with store.reading() as connection:
            last = (
                connection.execute(
                    select(_EVENT.c.leaf_hash).where(_EVENT.c.seq == begun)
                ).scalar_one_or_none()
                or GENESIS
            )
    for each in rows(store, after=begun, until=until):
        link = leaf(each.body)
        if each.seq != seq + 1 or each.prev_hash != last or each.leaf_hash != link:
            raise _broken(seq + 1)
        frontier = frontier_add(frontier, seq, link)
        last, seq = link, each.seq
        if seq in sizes:
            roots[seq] = frontier_root(frontier)
    if seq != until:
        raise _broken(seq + 1)
    return frontier, last, roots


def require_head(head: RowMapping, frontier: bytes, last: bytes) -> None:
    """Make sure that the head is what all facts lead to.

    Raises:
        WillNotSign: it is not.
    """
    if (frontier, last) != (bytes(head["frontier"]), bytes(head["last_hash"])):
        raise WillNotSign(
            "head-wrong",
            f"Đầu sổ cái không khớp với {head['size']} sự kiện đã ghi.",
            f"The head does not follow from the {head['size']} facts that are recorded.",
        )


def _publish(
    store: Store, keyring: Keyring, folder: Path, known: Known, frontier: bytes, machine: Now
) -> None:
    """Put a checkpoint wherever it is not yet: memory, file, row. In this order.

    What was signed is remembered first: cut anywhere, the rest is made good the next time.
    """
    size = known.checkpoint.size
    if keyring.last() != known.note:
        keyring.remember(known.note)
    path = note_path(folder, size)
    try:
        keep(path, known.note.encode())
    except OtherContent as error:
        raise WillNotSign(
            "file-replaced",
            f"Tệp {path} đã bị thay bằng nội dung khác.",
            f"The file {path} was replaced by something else.",
        ) from error
    key = known.signer
    with store.engine.begin() as connection:
        newest = select(_CHECKPOINT).order_by(_CHECKPOINT.c.size.desc()).limit(1)
        before = connection.execute(newest).first()
        if before is not None and before.size >= size:
            return
        # The machine's clock may have been set back; what is signed later says so.
        signed_at = max(instant_text(machine.now()), before.signed_at if before else "")
        connection.execute(
            insert(_CHECKPOINT),
            {
                "size": size,
                "root": known.checkpoint.root,
                "note": known.note,
                "key_id": key.key_id.hex(),
                "signed_at": signed_at,
                "frontier": frontier,
            },
        )
        ours = _KEY.c.key_id == key.key_id.hex()
        if connection.execute(select(_KEY.c.key_id).where(ours)).first() is None:
            connection.execute(
                update(_KEY).where(_KEY.c.until_size.is_(None)).values(until_size=size - 1)
            )
            connection.execute(
                insert(_KEY),
                {"key_id": key.key_id.hex(), "vkey": key.vkey, "from_size": size},
            )


def _broken(seq: int) -> WillNotSign:
    return WillNotSign(
        "broken",
        f"Không ký: chuỗi sự kiện đứt ở số {seq}.",
        f"Not signed: the chain of facts breaks at number {seq}.",
    )
