"""Where the signatures of a bundle come from."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from audit.checkpoint import make, origin_of
from audit.keyring import Keyring
from audit.notes import open_checkpoint, sign
from models.store import Now, Store
from models.tables import LedgerCheckpoint, table

_CHECKPOINT = table(LedgerCheckpoint)


@dataclass(frozen=True, slots=True)
class Signed:
    """What the keys of the ledger have signed."""

    notes: tuple[str, ...]
    """Checkpoints, the smallest first."""
    vkeys: tuple[str, ...]
    """Every key that has ever signed one; the one in force last."""

    def sizes(self) -> list[int]:
        """Return the sizes of the checkpoints.

        Raises:
            BadNote: one of them is not what was signed.
        """
        return [open_checkpoint(note, self.vkeys).size for note in self.notes]


@dataclass(frozen=True, slots=True)
class Seal:
    """Gives what is signed, and signs."""

    signed: Callable[[], Signed]
    sign: Callable[[str], str]
    """Makes a note of a text with the key in force."""
    checkpoint: Callable[[], object] | None = None
    """Makes a checkpoint of the whole ledger; ``None``: somebody else has to."""


def seal_of(store: Store, keyring: Keyring, folder: Path, machine: Now) -> Seal:
    """Return the seal of an installation: its keys, its notes in *folder*, the real clock.

    What signs raises ``WillNotSign`` when the key is gone, or when the ledger does not continue
    what was signed before.
    """

    def signed() -> Signed:
        with store.reading() as connection:
            rows = connection.execute(select(_CHECKPOINT.c.note).order_by(_CHECKPOINT.c.size))
            notes = tuple(str(row[0]) for row in rows)
        return Signed(notes, tuple(each.vkey for each in keyring.verifiers()))

    return Seal(
        signed,
        lambda text: sign(text, [keyring.signer(origin_of(store.log_id()))]),
        lambda: make(store, keyring, folder, machine),
    )
