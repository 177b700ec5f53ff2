"""Declaring that signed facts are lost, and beginning a new line of checkpoints."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, update

from audit.checkpoint import Made, follow, make_held, origin_of, require_head
from audit.keyring import Keyring, WillNotSign, read_note
from audit.notes import Checkpoint, Verifier
from audit.restored import Declaration, parse
from audit.rotation import rotation_note
from audit.signed import opened
from models.domain.chain import frontier_root
from models.keyfile import keep, sync_folder
from models.parked import park
from models.store import ADMIN, Now, Store, Transaction
from models.tables import LedgerEvent, LedgerHead, table

_EVENT, _HEAD = table(LedgerEvent), table(LedgerHead)


@dataclass(frozen=True, slots=True)
class Begun:
    """The new line, and what became of the old one."""

    declared: Declaration
    made: Made | None
    parked: int
    """Mails that were left to a person."""
    folder: Path
    """Where the notes of the abandoned line are kept now."""


def declare(
    store: Store,
    keyring: Keyring,
    folder: Path,
    clock: Now,
    machine: Now,
    by: str,
    authority: str,
    lost_from: int | None = None,
    settle: Callable[[], int] = lambda: 0,
) -> Begun:
    """Declare that facts are lost which were signed, and let a new key sign what is left.

    *folder* is that of the notes, *by* and *authority* say who declares it on whose word.
    *lost_from* is the number of the first fact that is lost, where others were recorded since in
    its place; without it, nothing was. *settle* is called before anybody can sign again: it lets
    time act and leaves more mails to a person, and returns how many. Cut anywhere, it is finished
    by calling it again. Nobody may be sending mail meanwhile.

    Raises:
        WillNotSign: nothing is lost, nothing was signed, what is left was altered or does not hang
            together, or the key that signed is gone: then nobody can declare it.
    """
    with keyring.held():
        origin = origin_of(store.log_id())
        parked, declared = 0, _unfinished(store, keyring, origin)
        if declared is None:
            known = _known(keyring, folder, origin)
            with store.transaction(clock) as transaction:
                said = {"by": by, "authority": authority}
                before = _declared_before(transaction, keyring, folder)
                declared = _declare(store, transaction, keyring, known, before, said, lost_from)
                parked = park(transaction)
        parked += settle()
        aside = _put_aside(keyring, folder, declared)
        keyring.promote(origin, rotation_note(keyring.signer(origin), keyring.successor(origin)))
        made = make_held(store, keyring, folder, machine)
        return Begun(declared, made, parked, aside)


def _unfinished(store: Store, keyring: Keyring, origin: str) -> Declaration | None:
    """Return what was declared by a call that was cut before the new key took over."""
    if not keyring.rotating:
        return None
    key = keyring.successor(origin).verifier.key_id.hex()
    entry = select(_EVENT.c.body).where(_EVENT.c.dedup_key == f"{ADMIN}|Restored|{key}")
    with store.reading() as connection:
        body = connection.execute(entry).scalar_one_or_none()
    if body is None:
        return None
    return parse(json.loads(body)["data"]["note"], keyring.trusted())


def _known(keyring: Keyring, folder: Path, origin: str) -> list[Checkpoint]:
    """Return every checkpoint that this installation holds outside its database."""
    notes = [(read_note(path), str(path)) for path in sorted(folder.glob("[0-9]*.note"))]
    if (last := keyring.last()) is not None:
        notes.append((last, "ledger.last"))
    found = [opened(*each, keyring.trusted()) for each in notes]
    if not found or any(each.origin != origin for each in found):
        raise WillNotSign(
            "nothing-signed",
            f"Không có điểm kiểm tra nào của {origin} bên ngoài cơ sở dữ liệu.",
            f"No checkpoint of {origin} is held outside the database.",
        )
    return found


def _declared_before(transaction: Transaction, keyring: Keyring, folder: Path) -> list[Checkpoint]:
    """Return the checkpoints of lines whose abandonment was declared by what is now lost, too."""
    found: list[Checkpoint] = []
    for aside in sorted(folder.glob("abandoned-*")):
        entry = select(_EVENT.c.seq).where(
            _EVENT.c.dedup_key == f"{ADMIN}|Restored|{aside.name.rpartition('-')[2]}"
        )
        if transaction.connection.execute(entry).first() is None:
            notes = [*aside.glob("*.note"), *aside.glob("ledger.last")]
            known = keyring.trusted()
            found += [opened(read_note(path), str(path), known) for path in sorted(notes)]
    return found


def _declare(
    store: Store,
    transaction: Transaction,
    keyring: Keyring,
    known: list[Checkpoint],
    before: list[Checkpoint],
    said: Mapping[str, str],
    lost_from: int | None,
) -> Declaration:
    left, origin = transaction.size, known[0].origin
    roots = _roots(store, transaction, {each.size for each in known})
    lost = max(known, key=lambda each: each.size)
    if roots.get(lost.size) == lost.root:
        raise WillNotSign(
            "nothing-lost",
            f"Không mất gì: sổ cái vẫn khớp điểm kiểm tra {lost.size} sự kiện.",
            f"Nothing is lost: the ledger still meets the checkpoint over {lost.size} facts.",
        )
    # What is said to be left must be what was signed: an alteration is no loss.
    kept = [each for each in known if each.size < (lost_from or left + 1)]
    for each in kept:
        if roots.get(each.size) != each.root:
            raise WillNotSign(
                "altered",
                f"Các sự kiện 1…{each.size} không phải là những sự kiện đã ký: bị thay đổi chứ "
                "không phải bị mất. Nếu sau khi đặt lại bản sao lưu đã ghi thêm, "
                "hãy ghi rõ --lost-from.",
                f"The facts 1…{each.size} are not those that were signed: altered, not lost. If "
                "others were recorded after the backup was put back, say --lost-from.",
            )
    fits = max((each.size for each in kept), default=0)
    lost = max([lost, *before], key=lambda each: each.size)
    old, new = keyring.signer(origin), keyring.successor(origin)
    declared = Declaration(origin, lost.size, lost.root, fits, left, roots[left], new.verifier.vkey)
    key = new.verifier.key_id.hex()
    transaction.administer("Restored", key, {**said, "note": declared.note(old)})
    # Who trusts an older key only must be able to follow, also by what was lost.
    for note in (*keyring.rotations(), rotation_note(old, new)):
        _hand_over(transaction, note, said["by"])
    transaction.connection.execute(update(_HEAD).values(epoch=transaction.epoch + 1))
    return declared


def _hand_over(transaction: Transaction, note: str, by: str) -> None:
    """Enter that a key has handed over, unless the ledger still says it."""
    key = Verifier.parse(note.split("\n")[3]).key_id.hex()
    entry = select(_EVENT.c.seq).where(_EVENT.c.dedup_key == f"{ADMIN}|KeyRotated|{key}")
    if transaction.connection.execute(entry).first() is None:
        transaction.administer("KeyRotated", key, {"by": by, "note": note})


def _roots(store: Store, transaction: Transaction, sizes: set[int]) -> dict[int, bytes]:
    """Return the roots at *sizes* and over all facts that are left, which must hang together."""
    wanted = {*sizes, transaction.size}
    frontier, last, roots = follow(store, b"", 0, transaction.size, wanted)
    head = transaction.connection.execute(select(_HEAD)).mappings().one()
    require_head(head, frontier, last)
    return {0: frontier_root(b"")} | roots


def _put_aside(keyring: Keyring, folder: Path, declared: Declaration) -> Path:
    """Keep the notes of the abandoned line where no later one can meet them by its name."""
    key = Verifier.parse(declared.successor).key_id.hex()
    aside = folder / f"abandoned-{declared.left:012}-{key}"
    aside.mkdir(parents=True, exist_ok=True)
    keep(aside / "declaration.txt", declared.text().encode())
    if (last := keyring.last()) is not None:
        keep(aside / "ledger.last", last.encode())
    for path in sorted(folder.glob("[0-9]*.note")):
        if int(path.stem) > declared.fits:
            path.replace(aside / path.name)
    sync_folder(aside)
    keyring.forget()
    return aside
