"""Going on after a disaster: facts that were signed are lost for good, and that is declared.

Nothing that was signed is denied. The key that signed it says, once and in a note of its own, which
checkpoint can no longer be met, how many facts are left and with which root; then it hands over to
a new key, whose checkpoints are the new line. Who holds a note of the abandoned line learns from
verification that it is one, and who declared it. Without that key nobody can declare anything.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from audit.notes import BadNote, Signer, Verifier, open_note, sign, unverified_text

_SIGN = "restored"
"""No checkpoint has this second line: there it is a number."""
_LINES = 8


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the note says."""

    origin: str
    size: int
    """Of the last checkpoint of the abandoned line."""
    root: bytes
    fits: int
    """Of the largest checkpoint of that line which the facts that are left still meet."""
    left: int
    """How many facts are left."""
    left_root: bytes
    successor: str
    """Verifier key of the new line."""

    def text(self) -> str:
        """Return what is signed."""
        lines = (
            self.origin,
            _SIGN,
            str(self.size),
            base64.b64encode(self.root).decode(),
            str(self.fits),
            str(self.left),
            base64.b64encode(self.left_root).decode(),
            self.successor,
        )
        return "".join(f"{line}\n" for line in lines)

    def note(self, signer: Signer) -> str:
        """Return the note, signed by the key of the line that ends."""
        return sign(self.text(), [signer])

    def covers(
        self, size: int, root: bytes, signers: Iterable[Verifier], keys: Sequence[Verifier]
    ) -> bool:
        """Tell whether a checkpoint of *size* with *root* by *signers* is of the abandoned line.

        *keys* are all that are trusted, in the order in which they handed over.
        """
        new = next((i for i, key in enumerate(keys) if key.vkey == self.successor), len(keys))
        last = size < self.size or (size == self.size and root == self.root)
        return self.fits < size and last and any(each in keys[:new] for each in signers)


def parse(note: str, keys: Sequence[Verifier]) -> Declaration:
    """Return what a known key declared.

    Raises:
        BadNote: it is no declaration, or none that one of *keys* has signed.
    """
    lines = unverified_text(note).split("\n")
    if len(lines) != _LINES + 1 or lines[1] != _SIGN:
        raise BadNote("not a declaration of a restoration")
    try:
        size, fits, left = (int(lines[each]) for each in (2, 4, 5))
        root, left_root = (base64.b64decode(lines[each], validate=True) for each in (3, 6))
    except ValueError as error:
        raise BadNote(str(error)) from error
    declared = Declaration(lines[0], size, root, fits, left, left_root, lines[7])
    if declared.text() != unverified_text(note):
        raise BadNote("a declaration is written in one way only")
    new = next((i for i, key in enumerate(keys) if key.vkey == declared.successor), len(keys))
    signed = open_note(note, keys).signed_by
    if not all(each.name == declared.origin for each in signed):
        raise BadNote("a declaration is of one log")
    if not any(each in keys[:new] for each in signed):
        raise BadNote("a declaration is signed by the key that hands over")
    return declared


@dataclass(frozen=True, slots=True)
class Restored:
    """A declaration as the ledger has it."""

    seq: int
    declared: Declaration
    by: str
    authority: str
    recorded_at: str

    @property
    def words(self) -> dict[str, object]:
        """Return what a finding about it says."""
        return {
            "seq": self.seq,
            "by": self.by,
            "authority": self.authority,
            "at": self.recorded_at,
            "size": self.declared.size,
            "fits": self.declared.fits,
            "left": self.declared.left,
        }


def covering(
    restored: Iterable[Restored],
    size: int,
    root: bytes,
    signers: Sequence[Verifier],
    keys: Sequence[Verifier],
) -> Iterator[Restored]:
    """Yield the declarations that abandon a checkpoint."""
    for each in restored:
        if each.declared.covers(size, root, signers, keys):
            yield each
