"""What facts name by SHA-256 and the ledger does not hold: texts in a table, files in a folder."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from audit.codes import Code
from audit.envelope import short
from audit.finding import Finding
from audit.rederive import Recorded
from audit.source import Source
from models.domain.facts import Attached, Corrected, Fact, Report, Submitted, Supplemented

_PERSON = "SELECT created_at FROM person WHERE ref = ?"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEXT = "SELECT 1 FROM blob WHERE sha256 = ?"
_FILE = "SELECT media, size, created_at FROM attachment WHERE sha256 = ?"
_USES = (
    "SELECT sha256 FROM attachment_use WHERE stream = ? AND assignment = ? AND part = ?"
    " AND number = ? ORDER BY position"
)


_PLACES = "SELECT DISTINCT stream, assignment, part, number FROM attachment_use"
_KNOWN = "SELECT 1 FROM ledger_event WHERE dedup_key = ?"


class Kept:
    """Whether it is still there, and still what it was."""

    def __init__(self, source: Source, files: Path | None) -> None:
        """*files* is the folder of the reports' files; without it only their rows are judged."""
        self._source = source
        self._files = files

    def of(self, recorded: Recorded, stream: str) -> Iterator[Finding]:
        """Yield what a fact names that is gone or altered."""
        seq, fact = recorded.seq, recorded.fact
        yield from self._person(recorded, stream)
        for sha256 in texts_of(fact):
            if self._source.one(_TEXT, sha256) is None:
                row, data = f"blob:{sha256}", {"sha256": sha256}
                yield Finding(Code.TEXT_MISSING, seq, stream, row, data=data)
        files = files_of(fact)
        for file in files:
            yield from self._row(recorded, stream, file)
            yield from self._bytes(seq, stream, file)
        place = _place(fact)
        if place is not None:
            said = [row[0] for row in self._source.rows(_USES, stream, *place)]
            if said != [file.sha256 for file in files]:
                row = f"attachment_use:{'|'.join(map(str, place))}"
                yield Finding(Code.FILE_ALTERED, seq, stream, row)

    def _person(self, recorded: Recorded, stream: str) -> Iterator[Finding]:
        """Yield that the name which somebody typed is not there, or was typed later."""
        ref = getattr(recorded.fact, "person", "")
        if not ref:
            return
        there = self._source.one(_PERSON, ref)
        if there is None or not str(there[0]) <= recorded.recorded_at:
            why = f"created_at {short(there and there[0])} > {recorded.recorded_at}"
            yield Finding(
                Code.PERSON_ROW, recorded.seq, stream, f"person:{short(ref)}", data={"why": why}
            )

    def _row(self, recorded: Recorded, stream: str, file: Attached) -> Iterator[Finding]:
        said, row = self._source.one(_FILE, file.sha256), f"attachment:{file.sha256}"
        seq = recorded.seq
        if said is None:
            data = {"sha256": file.sha256}
            yield Finding(Code.FILE_MISSING, seq, stream, row, data=data)
        elif said[:2] != (file.media, file.size) or not str(said[2]) <= recorded.recorded_at:
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


def loose_uses(source: Source) -> Iterator[Finding]:
    """Yield the names of files under which no report and no addition was ever handed in."""
    for stream, assignment, part, number in source.rows(_PLACES):
        # A version exists once, whether it was handed in or put right.
        kind = "Supplemented" if part == "supplement" else "Submitted"
        if source.one(_KNOWN, f"{stream}|{kind}:{assignment}:{number}") is None:
            row = f"attachment_use:{assignment}|{part}|{number}"
            yield Finding(Code.FILE_ALTERED, None, short(stream), row)


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
