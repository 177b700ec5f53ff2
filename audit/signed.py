"""What was signed before: the newest checkpoint, wherever one is remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import RowMapping

from audit.keyring import Keyring, WillNotSign, read_note
from audit.notes import BadNote, Checkpoint, Verifier, open_checkpoint


@dataclass(frozen=True, slots=True)
class Known:
    """A checkpoint of the past, and where it was found."""

    checkpoint: Checkpoint
    note: str
    signer: Verifier
    where: str


def newest(keyring: Keyring, folder: Path, row: RowMapping | None) -> Known | None:
    """Return the newest checkpoint that was signed; *row* is the newest of the database.

    The signer's own memory, the folder of notes and the database are asked.

    Raises:
        WillNotSign: one of them is not what was signed, or two contradict each other.
    """
    found = _found(keyring, folder, row)
    largest = max(found, key=lambda each: each.checkpoint.size, default=None)
    for each in found:
        if (
            largest is not None
            and each.checkpoint.size == largest.checkpoint.size
            and each.checkpoint != largest.checkpoint
        ):
            raise fork(each, f"khác với {largest.where}", f"it contradicts {largest.where}")
    return largest


def fork(known: Known, vi: str, en: str) -> WillNotSign:
    """Return the refusal to sign another past than *known*."""
    return WillNotSign(
        "fork",
        f"Không ký: điểm kiểm tra {known.checkpoint.size} ({known.where}): {vi}.",
        f"Not signed: the checkpoint {known.checkpoint.size} ({known.where}): {en}.",
    )


def _found(keyring: Keyring, folder: Path, row: RowMapping | None) -> list[Known]:
    """Return the newest checkpoint of each place that remembers some, with good signatures."""
    notes: list[tuple[str, str]] = []
    if (last := keyring.last()) is not None:
        notes.append((last, str(keyring.folder / "ledger.last")))
    files = sorted(folder.glob("[0-9]*.note"), key=lambda path: (len(path.name), path.name))
    if files:
        notes.append((read_note(files[-1]), str(files[-1])))
    if row is not None:
        notes.append((row["note"], f"ledger_checkpoint {row['size']}"))
    known = keyring.trusted()
    found: list[Known] = []
    for note, where in notes:
        checkpoint = opened(note, where, known)
        signers = [each for each in known if _signed(note, each)]
        found.append(Known(checkpoint, note, signers[-1], where))
    if row is not None and (found[-1].checkpoint.size, found[-1].checkpoint.root) != (
        row["size"],
        row["root"],
    ):
        raise fork(found[-1], "dòng và chữ ký khác nhau", "the row says another thing than it")
    return found


def opened(note: str, where: str, known: Sequence[Verifier]) -> Checkpoint:
    """Return the checkpoint in *note*, signed by one of the keys *known*; *where* it was found.

    Raises:
        WillNotSign: it is not what was signed.
    """
    try:
        return open_checkpoint(note, known)
    except BadNote as error:
        raise WillNotSign(
            "bad-note",
            f"Điểm kiểm tra trước ({where}) không còn đúng chữ ký: {error}",
            f"The checkpoint before ({where}) is not what was signed: {error}",
        ) from error


def _signed(note: str, verifier: Verifier) -> bool:
    try:
        open_checkpoint(note, [verifier])
    except BadNote:
        return False
    return True
