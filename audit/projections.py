"""What is made of the facts for quick looking up, against the facts: head, documents, texts.

The tables of persons and contacts are not here: they are personal data, may be corrected and
erased, and nothing of the ledger proves them.
"""

import hashlib
from collections.abc import Iterator, Mapping

from audit.codes import Code
from audit.envelope import short
from audit.finding import Finding
from audit.links import Chain
from audit.source import Source
from models.store import ADMIN

_HEAD = "SELECT size, last_hash, frontier, recorded_at, log_id, epoch FROM ledger_head"
_RESTORED = "SELECT count(*) FROM ledger_event WHERE stream = ? AND type = 'Restored'"
_STREAM = (
    "SELECT id, package, number, parent, position, next_due, issued_at, completed_at FROM stream"
)
_COLUMNS = ("package", "number", "parent", "position", "issued_at", "completed_at")
_BLOBS = "SELECT sha256, content FROM blob"
_TWICE = (
    "SELECT dedup_key, count(*), max(seq) FROM ledger_event GROUP BY dedup_key HAVING count(*) > 1"
)


def head(source: Source, chain: Chain) -> Iterator[Finding]:
    """Compare the head with the facts."""
    rows = [*source.rows(_HEAD)]
    if len(rows) != 1:
        yield Finding(Code.HEAD_ROWS, row="ledger_head", data={"found": len(rows)})
    for size, last, frontier, recorded_at, _, epoch in rows[:1]:
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
        (restored,) = source.one(_RESTORED, ADMIN) or (0,)
        if epoch != 1 + restored:
            data = {"found": short(epoch), "expected": 1 + restored}
            yield Finding(Code.HEAD_EPOCH, row="ledger_head", data=data)


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
