"""The facts one after the other: numbers, canonical bytes, columns, hashes, the Merkle tree.

One pass in constant memory (but for a few words on each document). The envelope is not read but
predicted: from the columns and the hash before it follow nearly all bytes around the data, and the
data must have the shape of its kind. Only what is not as predicted is read
(:mod:`audit.envelope`), which says what is wrong, if anything is.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from audit.codes import Code
from audit.envelope import examine, short
from audit.finding import Finding
from audit.reading import Row
from audit.shapes import shape_of
from audit.source import Source
from models.domain.chain import GENESIS
from models.domain.facts import FACTS, Completed, Issued, ReportedUp, ReportUpExpected
from models.store import ADMIN, ADMINISTRATIVE, DERIVED, KEPT, RULES

EVERY = 5_000
"""How many facts lie between two words on progress."""
MOST_RUNS = 10_000
"""How many of the newest flow runs are remembered: Prefect forgets sooner."""

QUERY = (
    "SELECT seq, stream, stream_seq, type, kind, at, recorded_at, cause, rules, dedup_key, body,"
    " prev_hash, leaf_hash FROM ledger_event"
)
_RULES = frozenset(str(number) for number in range(1, int(RULES) + 1))
_SORTS = {
    **dict.fromkeys(FACTS, "I"),
    **{kind.__name__: "D" for kind in DERIVED},
    **{kind.__name__: "A" for kind in KEPT},
    **dict.fromkeys(ADMINISTRATIVE, "A"),
}
"""Input, derived or administrative: each type of fact is one of them."""
_PLAIN = r'"[^"\\\x00-\x1f]*"'
_RUN = re.compile(rf'"run":(?:null|\{{"flow":({_PLAIN}),"task":(?:null|{_PLAIN})\}}),')
_END = re.compile(rf'(?:"sw":{_PLAIN},)?"type":"(\w+)","v":(1|2)\}}', re.ASCII)
_RELAYING = frozenset(kind.__name__ for kind in (Issued, ReportedUp, ReportUpExpected))
"""Facts that :func:`models.domain.relay.relayed` passes on."""
_KEPT = _RELAYING | {Completed.__name__}
_MOST_ENDS = 10_000


@dataclass(slots=True)
class Entered:
    """One document, as far as the order of its facts tells: what the table ``stream`` repeats."""

    quoted: str
    """Its name as it stands in JSON."""
    position: int = 0
    package: str | None = None
    number: str | None = None
    parent: str | None = None
    issued_at: str | None = None
    completed_at: str | None = None
    registered: bool = False
    told: list[int] = field(default_factory=list)
    """Its facts that mean something to the documents above and below it."""


@dataclass(slots=True)
class Chain:
    """What the pass leaves: where the ledger ends, and the roots that were asked for."""

    size: int = 0
    """The number of the last fact."""
    last: bytes = GENESIS
    """Its hash, computed."""
    recorded_at: str = ""
    peaks: list[bytes] = field(default_factory=list)
    """Roots of the complete subtrees, the largest first (the frontier)."""
    count: int = 0
    """How many facts were read: as many as the last one's number, unless some are missing."""
    roots: dict[int, bytes] = field(default_factory=dict)
    documents: dict[str, Entered] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    """Prefect's flow runs that facts name, the newest, each with its last fact."""

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next fact to the tree."""
        size, peaks, carry = self.count, self.peaks, leaf
        while size & 1:
            carry = sha256(b"\x01" + peaks.pop() + carry).digest()
            size >>= 1
        peaks.append(carry)
        self.count += 1
        self.last = leaf

    def root(self) -> bytes:
        """Return the Merkle root over all facts so far (RFC 6962, section 2.1)."""
        if not self.peaks:
            return sha256(b"").digest()
        carry = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            carry = sha256(b"\x01" + peak + carry).digest()
        return carry


def follow(
    source: Source,
    chain: Chain,
    sizes: Iterable[int] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Finding]:
    """Check every fact in the order of the ledger, filling *chain*; yield what is wrong.

    *sizes* are the numbers of facts at which the Merkle root is wanted (``chain.roots``).
    """
    take, wanted = _Follower(chain).take, frozenset(sizes)
    if 0 in wanted:
        chain.roots[0] = chain.root()
    for fields in source.rows(f"{QUERY} ORDER BY seq"):
        wrong = take(*fields)
        if wrong:
            yield from wrong
        if chain.count in wanted:
            chain.roots[chain.count] = chain.root()
        if not chain.count % EVERY:
            progress(chain.count)
    progress(chain.count)


class _Follower:
    """Checks one row after the other."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._stored = chain.last
        """The hash that the row before says it has."""
        self._ends: dict[str, str] = {}
        """What an envelope may end with, and the type that stands there."""

    def take(
        self,
        seq: int,
        stream: str,
        stream_seq: int,
        kind: str,
        sort: str,
        at: str,
        recorded_at: str,
        cause: int | None,
        rules: str,
        dedup_key: str,
        body: bytes,
        prev_hash: bytes,
        leaf_hash: bytes,
    ) -> list[Finding] | None:
        """Check the next row; return what is wrong with it, if anything is."""
        chain, wrong = self._chain, None
        last = chain.last
        if type(stream) is not str:
            stream = short(stream)  # named as a column; documents are put in order by their names
        document = chain.documents.get(stream)
        if document is None:
            document = chain.documents[stream] = Entered(quoted(stream))
        document.position += 1
        if seq != chain.size + 1 or stream_seq != document.position:
            wrong = [*self._disorder(seq, stream, stream_seq, document)]
        try:
            text, digest = body.decode(), sha256(b"\x00" + body).digest()
        except (UnicodeDecodeError, AttributeError):  # no text, or not even bytes
            text, digest = "", sha256(b"\x00" + _bytes(body)).digest()
        head = f'{{"at":"{at}","cause":{"null" if cause is None else cause},"data":'
        middle = (
            f',"dedup_key":{quoted(dedup_key)},"kind":"{sort}","prev":"{last.hex()}",'
            f'"recorded_at":{quoted(recorded_at)},"rules":{quoted(rules)},'
        )
        tail = f'"seq":{seq},"stream":{document.quoted},"stream_seq":{stream_seq},'
        until = text.find(middle, len(head))
        shape = shape_of(kind)
        matched = (
            shape.fullmatch(text, len(head), until)
            if shape is not None and until > 0 and text.startswith(head)
            else None
        )
        if (
            matched is None
            or matched[1] != at
            or prev_hash != last
            or rules not in _RULES
            or sort != _SORTS[kind]
            or stream == ADMIN
            or not recorded_at >= chain.recorded_at
            or not (cause is None or (type(cause) is int and 0 < cause < seq))
            or not self._ends_well(text[until + len(middle) :], tail, kind, seq)
        ):
            row = Row(
                seq, stream, stream_seq, kind, sort, at, recorded_at, cause, rules, dedup_key,
                body, prev_hash, leaf_hash,
            )  # fmt: skip
            wrong = [*(wrong or ()), *self._slowly(row, document)]
        elif kind in _KEPT:
            _keep(document, kind, at, seq)
        if digest != leaf_hash:
            wrong = [*(wrong or ()), Finding(Code.LEAF, seq, stream)]
        self._stored = leaf_hash
        chain.add(digest)
        chain.size = seq
        if type(recorded_at) is str:
            chain.recorded_at = recorded_at
        return wrong

    def _ends_well(self, rest: str, tail: str, kind: str, seq: int) -> bool:
        """Tell whether *rest*, from the run on, is as *tail* and the type say."""
        run, found, end = rest.partition(tail)
        if not found:
            return False
        if end not in self._ends:
            fits = _END.fullmatch(end)
            if fits is None or (fits[2] == "2") is not end.startswith('"sw":'):
                return False
            if len(self._ends) >= _MOST_ENDS:
                self._ends.clear()
            self._ends[end] = fits[1]
        if self._ends[end] != kind or bool(run) is not end.startswith('"sw":'):
            return False
        return run in ("", '"run":null,') or self._named(run, seq)

    def _named(self, run: str, seq: int) -> bool:
        """Remember the flow run that *run* names; tell whether it is in the form of one."""
        fits = _RUN.fullmatch(run)
        if fits is None:
            return False
        self._remember(fits[1][1:-1], seq)
        return True

    def _remember(self, flow: str, seq: int) -> None:
        runs = self._chain.runs
        runs.pop(flow, None)
        runs[flow] = seq
        if len(runs) > MOST_RUNS:
            del runs[next(iter(runs))]

    def _disorder(
        self, seq: int, stream: str, stream_seq: object, document: Entered
    ) -> Iterator[Finding]:
        before = self._chain.size
        if seq != before + 1:
            yield Finding(Code.GAP, seq, data={"before": before, "after": seq})
        if stream_seq != document.position:
            expected = document.position
            data = {"found": short(stream_seq), "expected": expected}
            yield Finding(Code.POSITION, seq, stream, data=data)
            if isinstance(stream_seq, int):
                document.position = stream_seq  # one gap is one finding

    def _slowly(self, row: Row, document: Entered) -> list[Finding]:
        """Read a row that is not as predicted: older, unusual, or altered."""
        chain = self._chain

        def found(code: Code, **data: object) -> Finding:
            return Finding(code, row.seq, row.stream, data=data)

        envelope, wrong = examine(row)
        # The row before may be the altered one: then it was named, and its link is not this one's.
        if row.prev_hash not in (chain.last, self._stored):
            wrong.append(found(Code.CHAIN))
        if not isinstance(row.recorded_at, str) or row.recorded_at < chain.recorded_at:
            before = chain.recorded_at
            wrong.append(found(Code.TIME, found=short(row.recorded_at), before=before))
        if row.cause is not None and not (isinstance(row.cause, int) and 0 < row.cause < row.seq):
            wrong.append(found(Code.CAUSE, found=short(row.cause), why=f"≥ {row.seq}"))
        if row.rules not in _RULES:
            wrong.append(found(Code.UNKNOWN_RULES, found=short(row.rules)))
        if row.kind != (sort := _SORTS.get(row.type, row.kind)):
            wrong.append(found(Code.KIND, found=short(row.kind), expected=sort))
        if envelope is None:
            return wrong
        prev = row.prev_hash.hex() if isinstance(row.prev_hash, bytes) else None
        if envelope.get("prev") != prev:
            said = short(envelope.get("prev"))
            wrong.append(found(Code.COLUMN, column="prev_hash", found=short(prev), expected=said))
        self._fold(envelope, document, row.seq)
        return wrong

    def _fold(self, envelope: dict[str, Any], document: Entered, seq: int) -> None:
        """Take from a read envelope what the table ``stream`` repeats."""
        run = envelope.get("run")
        if isinstance(run, dict) and isinstance(run.get("flow"), str):
            self._remember(run["flow"], seq)
        match envelope:
            case {"type": "Registered", "data": {"document": {} as said}}:
                document.registered = True
                document.package, document.number = said.get("package"), said.get("number")
                parent = said.get("parent")
                above = parent.get("document") if isinstance(parent, dict) else None
                document.parent = above if isinstance(above, str) else None
            case {"type": str(kind), "at": str(at)}:
                _keep(document, kind, at, seq)


def _keep(document: Entered, kind: str, at: str, seq: int) -> None:
    if kind == Issued.__name__:
        document.issued_at = at
    elif kind == Completed.__name__:
        document.completed_at = at
    if kind in _RELAYING:
        document.told.append(seq)


def quoted(value: object) -> str:
    """Return a column as it stands in canonical JSON."""
    return encode_basestring(value) if isinstance(value, str) else "?"


def _bytes(body: object) -> bytes:
    return body if isinstance(body, bytes) else str(body).encode(errors="surrogateescape")
