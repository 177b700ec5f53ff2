"""The key that signs checkpoints, and what it has signed: files outside the database.

In one folder: ``ledger.key`` (secret), ``ledger.vkey`` (the public keys of this ledger, the newest
last; give them to the auditors), ``ledger.last`` (the newest note that was signed here: the
signer's own memory, so that neither an old backup nor an emptied folder of checkpoints makes it
sign another past), ``ledger.rotations`` (by which notes each key has handed over: the ledger holds
them as well, and may lose them) and, while a rotation is under way, ``ledger.key.next``.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.notes import BadNote, Signer, Verifier
from models.domain.errors import Refusal
from models.keyfile import alone, read_secret, replace, secret, sync_folder


class WillNotSign(Exception):
    """Signing now would cover up that something is wrong; the refusal says what."""

    def __init__(self, code: str, vi: str, en: str) -> None:
        super().__init__(en)
        self.refusal = Refusal(code, vi, en)


def read_note(path: Path) -> str:
    """Return what a file holds, byte for byte; what is no text fits no signature."""
    return path.read_bytes().decode(errors="replace")


class Keyring:
    """One ledger's keys in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = folder / "ledger.key"
        self._next = folder / "ledger.key.next"
        self._public = folder / "ledger.vkey"
        self._last = folder / "ledger.last"
        self._rotations = folder / "ledger.rotations"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nobody else on this machine sign meanwhile."""
        with alone(self.folder / "ledger.lock"):
            yield

    def verifiers(self) -> list[Verifier]:
        """Return the public keys that signed for this ledger, the newest last.

        Raises:
            BadNote: the file is damaged.
        """
        if not self._public.exists():
            return []
        return [Verifier.parse(line) for line in self._public.read_text().split("\n") if line]

    def trusted(self) -> list[Verifier]:
        """Return the same to a signer.

        Raises:
            WillNotSign: the file is damaged.
        """
        try:
            return self.verifiers()
        except BadNote as error:
            raise WillNotSign(
                "keys-damaged",
                f"Tệp khóa công khai {self._public} bị hỏng: {error}. Hãy đặt lại bản sao.",
                f"The public keys {self._public} are damaged: {error}. Put your copy back.",
            ) from error

    def signer(self, origin: str) -> Signer:
        """Return the key that signs for the log *origin*; made on first use.

        Raises:
            WillNotSign: the key is gone, the public ones are damaged, or these are the keys of
                another ledger.
            KeyUnreadable: the file holds no key.
        """
        known = self.trusted()
        if known and not self._key.exists():
            raise WillNotSign(
                "key-gone",
                f"Không còn khóa ký {self._key}. Hãy đặt lại bản sao của khóa này.",
                f"The signing key {self._key} is gone. Put your copy of it back.",
            )
        signer = Signer.of(origin, secret(self._key))
        if not known:
            self._publish([signer.verifier])
        elif signer.verifier not in known:
            names = ", ".join(sorted({each.name for each in known}))
            raise WillNotSign(
                "other-ledger",
                f"Khóa trong {self.folder} thuộc về {names}, không phải {origin}.",
                f"The keys in {self.folder} belong to {names}, not to {origin}.",
            )
        return signer

    def last(self) -> str | None:
        """Return the newest note that was signed with these keys, as far as is remembered."""
        return read_note(self._last) if self._last.exists() else None

    def remember(self, note: str) -> None:
        """Keep *note* as the newest that was signed."""
        replace(self._last, note.encode())

    def forget(self) -> None:
        """Let nothing be remembered: the line of checkpoints that it belonged to was abandoned."""
        self._last.unlink(missing_ok=True)
        sync_folder(self.folder)

    @property
    def rotating(self) -> bool:
        """Tell whether a rotation was begun and not finished."""
        return self._next.exists()

    def successor(self, origin: str) -> Signer:
        """Return the key that comes next; the same one until it has become the present one.

        Raises:
            WillNotSign: the hand-over could not be kept beside the earlier ones.
        """
        self.rotations()
        return Signer.of(origin, secret(self._next))

    def rotations(self) -> list[str]:
        """Return the notes by which keys have handed over, the newest last.

        Raises:
            WillNotSign: the file is damaged.
        """
        if not self._rotations.exists():
            return []
        try:
            notes = [json.loads(line) for line in self._rotations.read_text().splitlines()]
            if all(isinstance(note, str) for note in notes):
                return notes
        except ValueError:
            pass
        raise WillNotSign(
            "rotations-damaged",
            f"Tệp {self._rotations} bị hỏng. Hãy đặt lại bản sao.",
            f"The file {self._rotations} is damaged. Put your copy back.",
        )

    def promote(self, origin: str, note: str) -> None:
        """Let the next key take the place of the present one, which is destroyed.

        *note* is that by which it has handed over.
        """
        if note not in (known := self.rotations()):
            lines = [f"{json.dumps(each)}\n" for each in (*known, note)]
            replace(self._rotations, "".join(lines).encode())
        successor = Signer.of(origin, read_secret(self._next)).verifier
        published = self.verifiers()
        if successor not in published:
            self._publish([*published, successor])
        self._next.replace(self._key)

    def _publish(self, verifiers: list[Verifier]) -> None:
        replace(self._public, "".join(f"{each.vkey}\n" for each in verifiers).encode())
