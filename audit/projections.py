"""What is made of the facts for quick looking up, against the facts: head, documents, texts, files.

The tables of persons and contacts are not here: they are personal data, may be corrected and
erased, and nothing of the ledger proves them.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from audit.codes import Code
from audit.envelope import short
from audit.finding import Finding
from audit.links import Chain
from audit.source import Source
from models.domain.facts import Fact, Report
from models.store import ADMIN

_HEAD = "SELECT size, last_hash, frontier, recorded_at, log_id FROM ledger_head"
_STREAM = (
    "SELECT id, package, number, parent, position, next_due, issued_at, completed_at FROM stream"
)
_COLUMNS = ("package", "number", "parent", "position", "issued_at", "completed_at")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BLOBS = "SELECT sha256, content FROM blob"
_TWICE = (
    "SELECT dedup_key, count(*), max(seq) FROM ledger_event GROUP BY dedup_key HAVING count(*) > 1"
)


def head(source: Source, chain: Chain) -> Iterator[Finding]:
    """Compare the head with the facts."""
    rows = [*source.rows(_HEAD)]
    if len(rows) != 1:
        yield Finding(Code.HEAD_ROWS, row="ledger_head", data={"found": len(rows)})
    for size, last, frontier, recorded_at, _ in rows[:1]:
        if size != chain.count:
            data = {"found": short(size), "expected": chain.count}
            yield Finding(Code.HEAD_SIZE, row="ledger_head", data=data)
        if last != chain.last:
            yield Finding(Code.HEAD_HASH, chain.size or None, row="ledger_head")
        if frontier != b"".join(chain.peaks):
            yield Finding(Code.HEAD_FRONTIER, row="ledger_head")
        if chain.count and recorded_at != chain.recorded_at:
            data = {"found": short(recorded_at), "expected": chain.recorded_at}
            yield Finding(Code.HEAD_TIME, row="ledger_head", data=data)


def log_id(source: Source) -> str:
    """Return the name of the ledger, as its head gives it."""
    row = source.one(_HEAD)
    return "" if row is None else str(row[4])


def keys_once(source: Source) -> Iterator[Finding]:
    """Yield the keys that more than one fact bears."""
    for key, count, seq in source.rows(_TWICE):
        yield Finding(Code.KEY_TWICE, seq, data={"found": short(key), "count": count})


def documents(source: Source, chain: Chain, due: Mapping[str, str | None]) -> Iterator[Finding]:
    """Compare the table of documents with the facts.

    *due*: when each document that could be followed has something to do next.
    """
    seen = set()
    for name, *values, next_due, issued_at, completed_at in source.rows(_STREAM):
        seen.add(name)
        entered = chain.documents.get(name)
        if entered is None:
            yield Finding(Code.STREAM_ADDED, stream=name, row=f"stream:{name}")
            continue
        for column, found in zip(_COLUMNS, (*values, issued_at, completed_at), strict=True):
            expected = getattr(entered, column)
            if found != expected:
                yield _row(name, column, found, expected)
        if name in due and next_due != due[name]:
            yield _row(name, "next_due", next_due, due[name])
    for name in sorted(chain.documents.keys() - seen - {ADMIN}):
        yield Finding(Code.STREAM_MISSING, stream=name, row=f"stream:{name}")


def _row(name: str, column: str, found: object, expected: object) -> Finding:
    data = {"column": column, "found": short(found), "expected": short(expected)}
    return Finding(Code.STREAM_ROW, stream=name, row=f"stream:{name}", data=data)


def texts(source: Source) -> Iterator[Finding]:
    """Yield the kept texts that are not what their hash says."""
    for sha256, content in source.rows(_BLOBS):
        if not isinstance(content, bytes) or hashlib.sha256(content).hexdigest() != sha256:
            yield Finding(Code.TEXT_ALTERED, row=f"blob:{short(sha256)}")


class Kept:
    """Whether what facts name by hash is still kept."""

    def __init__(self, source: Source, files: Path | None) -> None:
        self._source = source
        self._files = files
        self._attached = source.has_table("attachment")

    def of(self, seq: int, stream: str, fact: Fact) -> Iterator[Finding]:
        """Yield the texts and files that *fact* names and that are gone or altered."""
        for is_file, sha256 in named(fact):
            look = self._file if is_file else self._text
            yield from look(seq, stream, sha256)

    def _text(self, seq: int, stream: str, sha256: str) -> Iterator[Finding]:
        if self._source.one("SELECT 1 FROM blob WHERE sha256 = ?", sha256) is None:
            row, data = f"blob:{sha256}", {"sha256": sha256}
            yield Finding(Code.TEXT_MISSING, seq, stream, row, data=data)

    def _file(self, seq: int, stream: str, sha256: str) -> Iterator[Finding]:
        row, data = f"file:{sha256}", {"sha256": sha256}
        if self._attached:
            query = "SELECT 1 FROM attachment WHERE sha256 = ?"
            if self._source.one(query, sha256) is None:
                yield Finding(Code.FILE_MISSING, seq, stream, row, data=data)
                return
        if self._files is None:
            return
        path = self._files / sha256[:2] / sha256[2:4] / sha256
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            yield Finding(Code.FILE_MISSING, seq, stream, row, data=data)
            return
        if found != sha256:
            yield Finding(Code.FILE_ALTERED, seq, stream, row)


def named(fact: Fact) -> Iterator[tuple[bool, str]]:
    """Yield the hashes of texts and files that *fact* names; true: of a file."""
    for name in ("reason_sha256", "how_sha256"):
        if sha256 := getattr(fact, name, ""):
            yield False, sha256
    report = getattr(fact, "report", None)
    if isinstance(report, Report):
        if report.text_sha256:
            yield False, report.text_sha256
        yield from ((False, value) for _, value in report.answers if _SHA256.fullmatch(value))
        yield from ((True, each.sha256) for each in report.files)
