"""What an installation holds outside its database: public keys, notes of checkpoints, files."""

from pathlib import Path

from audit import held
from audit.runs import Known
from audit.source import Unreadable
from audit.verify import Wanted


def of_installation(
    keys: Path, checkpoints: Path, files: Path, runs: Known | None = None
) -> Wanted:
    """Return what to verify an installation with, as far as it is there.

    *keys* and *checkpoints* are its folders of keys and of notes, *files* that of reports' files.

    Raises:
        Unreadable: a file of keys or of notes is there and cannot be read.
    """
    public, last = keys / "ledger.vkey", keys / "ledger.last"
    try:
        return Wanted(
            vkeys=vkeys(public) if public.exists() else (),
            trusted=[
                note for path in (checkpoints, last) if path.exists() for note in held.read(path)
            ],
            files=files if files.is_dir() else None,
            runs=runs,
        )
    except OSError as error:
        raise Unreadable(
            f"Không đọc được {error.filename}: {error.strerror}",
            f"{error.filename} cannot be read: {error.strerror}",
        ) from error


def vkeys(path: Path) -> list[str]:
    """Return the public keys in the file *path*, one a line.

    Raises:
        OSError: it cannot be read.
        Unreadable: there is none in it.
    """
    try:
        found = path.read_text().split()
    except UnicodeDecodeError:
        found = []
    if not found:
        raise Unreadable(
            f"Tệp {path} không có khóa công khai nào.", f"There is no public key in {path}."
        )
    return found
