"""A signing key hands over to the next one: a note that both have signed.

A checkpoint signs a size and a root, never a key: whoever can append to the ledger could have any
key "covered" by the next checkpoint. So the statement itself is signed, by the key that ends and by
the one that begins, and it stands in the ledger (``KeyRotated``) for everybody to follow.
"""

from collections.abc import Iterable

from audit.notes import BadNote, Signer, Verifier, open_note, sign, unverified_text

_SIGN = "key-rotation"
"""No checkpoint has this second line: there it is a number."""


def rotation_note(old: Signer, new: Signer) -> str:
    """Return the note by which *old* hands over to *new*; both are keys of one log."""
    lines = (old.name, _SIGN, old.verifier.vkey, new.verifier.vkey)
    return sign("".join(f"{line}\n" for line in lines), [old, new])


def follow(trusted: Iterable[Verifier], notes: Iterable[str]) -> list[Verifier]:
    """Return the keys that *trusted* ones have handed over to, themselves first.

    *notes* are rotation notes in the order of the ledger.

    Raises:
        BadNote: a note is damaged, lacks a signature, or begins at a key that is not trusted.
    """
    keys = list(trusted)
    for note in notes:
        lines = unverified_text(note).split("\n")
        if len(lines) != 5 or lines[1] != _SIGN:
            raise BadNote("not a rotation note")
        old, new = Verifier.parse(lines[2]), Verifier.parse(lines[3])
        if old not in keys:
            raise BadNote(f"the key {old.key_id.hex()} that hands over is not a trusted one")
        if not lines[0] == old.name == new.name:
            raise BadNote("a rotation note is of one log")
        if len(open_note(note, [old, new]).signed_by) != 2:
            raise BadNote("a rotation note needs both signatures")
        if new not in keys:
            keys.append(new)
    return keys
