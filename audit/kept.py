"""What facts name by SHA-256 and the ledger does not hold: texts in a table, files in a folder."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from audit.codes import Code
from audit.finding import Finding
from audit.source import Source
from models.domain.facts import Attached, Corrected, Fact, Report, Submitted, Supplemented

_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEXT = "SELECT 1 FROM blob WHERE sha256 = ?"
_FILE = "SELECT media, size FROM attachment WHERE sha256 = ?"
_USES = (
    "SELECT sha256 FROM attachment_use WHERE stream = ? AND assignment = ? AND part = ?"
    " AND number = ? ORDER BY position"
)


class Kept:
    """Whether it is still there, and still what it was."""

    def __init__(self, source: Source, files: Path | None) -> None:
        """*files* is the folder of the reports' files; without it only their rows are judged."""
        self._source = source
        self._files = files

    def of(self, seq: int, stream: str, fact: Fact) -> Iterator[Finding]:
        """Yield what *fact* names that is gone or altered."""
        for sha256 in texts_of(fact):
            if self._source.one(_TEXT, sha256) is None:
                row, data = f"blob:{sha256}", {"sha256": sha256}
                yield Finding(Code.TEXT_MISSING, seq, stream, row, data=data)
        files = files_of(fact)
        if not files:
            return
        for file in files:
            yield from self._row(seq, stream, file)
            yield from self._bytes(seq, stream, file)
        place = _place(fact)
        if place is not None:
            said = [row[0] for row in self._source.rows(_USES, stream, *place)]
            if said != [file.sha256 for file in files]:
                row = f"attachment_use:{'|'.join(map(str, place))}"
                yield Finding(Code.FILE_ALTERED, seq, stream, row)

    def _row(self, seq: int, stream: str, file: Attached) -> Iterator[Finding]:
        said, row = self._source.one(_FILE, file.sha256), f"attachment:{file.sha256}"
        if said is None:
            data = {"sha256": file.sha256}
            yield Finding(Code.FILE_MISSING, seq, stream, row, data=data)
        elif said != (file.media, file.size):
            yield Finding(Code.FILE_ALTERED, seq, stream, row)

    def _bytes(self, seq: int, stream: str, file: Attached) -> Iterator[Finding]:
        if self._files is None:
            return
        sha256, row = file.sha256, f"file:{file.sha256}"
        try:
            with (self._files / sha256[:2] / sha256[2:4] / sha256).open("rb") as content:
                found = hashlib.file_digest(content, "sha256").hexdigest()
        except FileNotFoundError:
            yield Finding(Code.FILE_MISSING, seq, stream, row, data={"sha256": sha256})
            return
        if found != sha256:
            yield Finding(Code.FILE_ALTERED, seq, stream, row)


def texts_of(fact: Fact) -> Iterator[str]:
    """Yield the hashes of the texts that *fact* names."""
    for name in ("reason_sha256", "how_sha256"):
        if sha256 := getattr(fact, name, ""):
            yield sha256
    report = getattr(fact, "report", None)
    if isinstance(report, Report):
        if report.text_sha256:
            yield report.text_sha256
        yield from (value for _, value in report.answers if _SHA256.fullmatch(value))


def files_of(fact: Fact) -> tuple[Attached, ...]:
    """Return the files that *fact* names."""
    report = getattr(fact, "report", None)
    return report.files if isinstance(report, Report) else ()


def _place(fact: Fact) -> tuple[str, str, int] | None:
    """Return under what the names of a fact's files are kept."""
    match fact:
        case Submitted() | Corrected():
            return fact.assignment, "report", fact.version
        case Supplemented():
            return fact.assignment, "supplement", fact.number
        case _:
            return None
