"""Every checkpoint there is, in the database and outside, against the facts and each other.

Inside proves little by itself: whoever may write the database may delete rows and replace keys. The
keys come from outside, or are handed over by one that does (``KeyRotated``); and what was handed to
others is what an attacker cannot take back.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from audit.checkpoint import origin_of
from audit.codes import Code
from audit.envelope import short
from audit.finding import Finding
from audit.held import Held
from audit.instants import writes_an_instant
from audit.links import Chain
from audit.notes import BadNote, Checkpoint, Verifier, open_checkpoint, open_note, unverified_text
from audit.restored import Restored, covering, parse
from audit.rotation import follow
from audit.source import Source, Unreadable
from models.domain.chain import frontier_root
from models.store import ADMIN

_ROWS = "SELECT size, root, note, key_id, frontier, signed_at FROM ledger_checkpoint ORDER BY size"
_KEYS = "SELECT key_id, vkey, from_size, until_size FROM ledger_key ORDER BY from_size, key_id"
_ROTATED = (
    "SELECT seq, body FROM ledger_event WHERE stream = ? AND type = 'KeyRotated' ORDER BY seq"
)


_RESTORED = (
    "SELECT seq, recorded_at, body FROM ledger_event WHERE stream = ? AND type = 'Restored'"
    " ORDER BY seq"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of ``ledger_checkpoint``."""

    size: int
    root: bytes
    note: str
    key_id: str
    frontier: bytes
    signed_at: str


@dataclass(frozen=True, slots=True)
class _Good:
    """A checkpoint that a known key signed for this ledger."""

    checkpoint: Checkpoint
    where: str
    outside: bool
    signers: tuple[Verifier, ...]


@dataclass(slots=True)
class Notes:
    """All checkpoints, read before the facts so that the roots at their sizes are computed."""

    origin: str
    keys: list[Verifier]
    rows: list[Row]
    key_rows: list[tuple[str, str, int, int | None]]
    held: Sequence[Held]
    restored: list[Restored] = field(default_factory=list)
    """Losses that a key in force has declared."""
    found: list[Finding] = field(default_factory=list)
    """What was wrong before any fact was looked at."""
    given: bool = True
    """The keys come from outside."""
    anchored: int = 0
    """The largest size that a good checkpoint from outside covers; known after the judgment."""

    @property
    def sizes(self) -> frozenset[int]:
        """Return the numbers of facts at which the root is wanted."""
        notes: list[str | bytes] = [each.note for each in self.held]
        notes += [row.note for row in self.rows]
        claimed = {checkpoint.size for each in notes if (checkpoint := _claimed(each)) is not None}
        return frozenset(claimed | {each.declared.left for each in self.restored})

    def judge(self, chain: Chain) -> Iterator[Finding]:
        """Yield what is wrong with any checkpoint, now that the roots are known."""
        yield from self.found
        good: list[_Good] = []
        for row in self.rows:
            yield from self._opened(row.note, f"ledger_checkpoint:{row.size}", good, outside=False)
            yield from self._row(row)
        for held in self.held:
            yield from self._opened(held.note, held.name, good, outside=True)
        yield from self._signed_in_order()
        yield from self._key_rows()
        yield from self._declared(chain)
        good, abandoned = self._divided(good, chain)
        yield from abandoned
        yield from _forks(good)
        yield from _roots(good, chain)
        yield from self._missing(good, chain)
        fits = [
            each.checkpoint.size
            for each in good
            if each.outside and chain.roots.get(each.checkpoint.size) == each.checkpoint.root
        ]
        self.anchored = max(fits, default=0)
        if not self.held:
            yield Finding(Code.NO_NOTE)
        elif self.anchored < chain.count:
            data = {"count": chain.count - self.anchored, "size": self.anchored}
            yield Finding(Code.NOT_ANCHORED, data=data)
        if not self.given:
            yield Finding(Code.NO_KEY)

    def _opened(
        self, note: str | bytes, where: str, good: list[_Good], *, outside: bool
    ) -> Iterator[Finding]:
        """Open one note with the known keys; add it to *good*, or say what is wrong."""
        claimed = _claimed(note)
        if claimed is None:
            yield Finding(Code.NOTE_DAMAGED, row=where, data={"why": _why(note)})
            return
        if claimed.origin != self.origin:
            data = {"found": short(claimed.origin), "expected": self.origin}
            yield Finding(Code.NOTE_ORIGIN, row=where, data=data)
            return
        try:
            checkpoint = open_checkpoint(note, self.keys)
        except BadNote as error:
            yield Finding(Code.NOTE_SIGNATURE, row=where, data={"why": str(error)})
            return
        signers = open_note(note, self.keys).signed_by
        good.append(_Good(checkpoint, where, outside, signers))

    def _declared(self, chain: Chain) -> Iterator[Finding]:
        """Yield the losses that were declared; one that was made of another ledger is none."""
        for each in list(self.restored):
            said = each.declared
            if (each.seq, chain.roots.get(said.left)) == (said.left + 1, said.left_root):
                yield Finding(Code.RESTORED, each.seq, ADMIN, data=each.words)
                continue
            self.restored.remove(each)
            why = f"{said.left} ≠ {each.seq - 1}" if said.left != each.seq - 1 else "root"
            yield Finding(Code.RESTORED_FORGED, each.seq, ADMIN, data={"why": why})

    def _divided(self, good: Iterable[_Good], chain: Chain) -> tuple[list[_Good], list[Finding]]:
        """Divide the checkpoints that must be met from those of a line declared to be lost."""
        must: list[_Good] = []
        abandoned: list[Finding] = []
        for each in good:
            size, root = each.checkpoint.size, each.checkpoint.root
            lost = None
            if chain.roots.get(size) != root:
                lost = next(covering(self.restored, size, root, each.signers, self.keys), None)
            if lost is None:
                must.append(each)
            else:
                data = {**lost.words, "held": size}
                abandoned.append(Finding(Code.ABANDONED, row=each.where, data=data))
        return must, abandoned

    def _row(self, row: Row) -> Iterator[Finding]:
        """Compare the columns of a row with its note."""

        def wrong(why: str) -> Finding:
            where = f"ledger_checkpoint:{row.size}"
            return Finding(Code.CHECKPOINT_ROW, row=where, data={"why": why})

        claimed = _claimed(row.note)
        if claimed is None:
            return  # named already
        if claimed.size != row.size:
            yield wrong(f"size {row.size} ≠ {claimed.size}")
        if claimed.root != row.root:
            yield wrong("root")
        if not isinstance(row.frontier, bytes) or frontier_root(row.frontier) != row.root:
            yield wrong("frontier")
        signers = self._signers(row.note)
        if signers and row.key_id not in signers:
            yield wrong(f"key_id {short(row.key_id)} ≠ {', '.join(signers)}")

    def _signed_in_order(self) -> Iterator[Finding]:
        """Yield the rows that are said to have been signed before a smaller one, or never."""
        last = ""
        for row in self.rows:
            if not writes_an_instant(row.signed_at) or row.signed_at < last:
                where = f"ledger_checkpoint:{row.size}"
                why = f"signed_at {short(row.signed_at)} < {short(last)}"
                yield Finding(Code.CHECKPOINT_ROW, row=where, data={"why": why})
            else:
                last = row.signed_at

    def _signers(self, note: str) -> list[str]:
        try:
            return [each.key_id.hex() for each in open_note(note, self.keys).signed_by]
        except BadNote:
            return []

    def _key_rows(self) -> Iterator[Finding]:
        """Compare the table of keys with the keys that are known and with what they signed."""
        known = {each.key_id.hex(): each for each in self.keys}
        first: dict[str, int] = {}
        for row in self.rows:
            first.setdefault(row.key_id, row.size)
        order = sorted(first, key=lambda key: first[key])
        until = {key: first[after] - 1 for key, after in pairwise(order)}
        there = {row[0] for row in self.key_rows}
        for row in self.rows:
            if row.key_id in until and row.size > until[row.key_id]:
                # It had handed over by then, and was to be destroyed.
                yield _key(row.key_id, f"ledger_checkpoint:{row.size} > {until[row.key_id]}")
        for key in order:
            if key not in there:
                yield _key(key, f"{short(key)}: —")
        for key, vkey, from_size, until_size in self.key_rows:
            if key not in known or known[key].vkey != vkey:
                yield _key(key, f"{short(vkey)}")
            elif key not in first:
                yield _key(key, "ledger_checkpoint: —")
            elif (from_size, until_size) != (first[key], until.get(key)):
                said = f"{from_size}–{until_size or ''} ≠ {first[key]}–{until.get(key) or ''}"
                yield _key(key, said)

    def _missing(self, good: Iterable[_Good], chain: Chain) -> Iterator[Finding]:
        """Yield the checkpoints that somebody holds and the database has no more."""
        there = {row.size for row in self.rows}
        seen = set[int]()
        for each in good:
            size = each.checkpoint.size
            if each.outside and size not in there and size <= chain.count and size not in seen:
                seen.add(size)
                data = {"size": size, "held": each.where}
                where = f"ledger_checkpoint:{size}"
                yield Finding(Code.CHECKPOINT_MISSING, row=where, data=data)


def collect(source: Source, log_id: str, vkeys: Sequence[str], held: Sequence[Held]) -> Notes:
    """Read all checkpoints of the database, and the keys that are good for them.

    Raises:
        Unreadable: a key from outside is none, or is that of another ledger.
    """
    origin = origin_of(log_id)
    rows = [Row(*each) for each in source.rows(_ROWS)]
    key_rows = [(each[0], each[1], each[2], each[3]) for each in source.rows(_KEYS)]
    notes = Notes(origin, [], rows, key_rows, held, given=bool(vkeys))
    if vkeys:
        notes.keys = _from_outside(vkeys, origin)
        notes.found += _handed_over(source, notes)
    else:
        for key, vkey, _, _ in key_rows:
            try:
                notes.keys.append(Verifier.parse(vkey))
            except BadNote as error:
                notes.found.append(_key(key, str(error)))
    notes.found += _restorations(source, notes)
    return notes


def _from_outside(vkeys: Sequence[str], origin: str) -> list[Verifier]:
    try:
        keys = [Verifier.parse(each) for each in vkeys]
    except BadNote as error:
        raise Unreadable(
            f"Tệp khóa công khai không đúng: {error}", f"The file of keys is wrong: {error}"
        ) from error
    others = sorted({each.name for each in keys if each.name != origin})
    if others:
        said = ", ".join(others)
        raise Unreadable(
            f"Khóa công khai là của {said}, sổ này là {origin}.",
            f"The public key is of {said}; this ledger is {origin}.",
        )
    return keys


def _handed_over(source: Source, notes: Notes) -> Iterator[Finding]:
    """Add the keys that known ones handed over to; yield the statements that do not hold."""
    for seq, body in source.rows(_ROTATED, ADMIN):
        try:
            note = json.loads(body)["data"]["note"]
            notes.keys = follow(notes.keys, [note])
        except (BadNote, ValueError, KeyError, TypeError, AttributeError) as error:
            yield Finding(Code.KEY_ROW, seq, ADMIN, data={"why": short(str(error))})


def _restorations(source: Source, notes: Notes) -> Iterator[Finding]:
    """Add the declarations that a known key has signed; yield the others."""
    for seq, recorded_at, body in source.rows(_RESTORED, ADMIN):
        try:
            data = json.loads(body)["data"]
            declared = parse(data["note"], notes.keys)
            if declared.origin != notes.origin:
                raise BadNote(declared.origin)
            by, authority = str(data["by"]), str(data["authority"])
        except (BadNote, ValueError, KeyError, TypeError, AttributeError) as error:
            yield Finding(Code.RESTORED_FORGED, seq, ADMIN, data={"why": short(str(error))})
        else:
            notes.restored.append(Restored(seq, declared, by, authority, str(recorded_at)))


def _forks(good: Iterable[_Good]) -> Iterator[Finding]:
    """Yield pairs of signed checkpoints that cannot both be true."""
    first: dict[int, _Good] = {}
    for each in good:
        size = each.checkpoint.size
        other = first.setdefault(size, each)
        if other.checkpoint.root != each.checkpoint.root:
            data = {"size": size, "one": other.where, "other": each.where}
            yield Finding(Code.FORK, row=each.where, between=(1, size), data=data)


def _roots(good: Iterable[_Good], chain: Chain) -> Iterator[Finding]:
    """Yield the first checkpoint that the facts do not fit, and those beyond the ledger's end."""
    fits = [0]
    misfits: dict[int, str] = {}
    for each in good:
        size = each.checkpoint.size
        if size > chain.count:
            data = {"size": size, "found": chain.count}
            between = (chain.count + 1, size)
            yield Finding(Code.NOTE_AHEAD, row=each.where, between=between, data=data)
        elif chain.roots.get(size) == each.checkpoint.root:
            fits.append(size)
        else:
            misfits.setdefault(size, each.where)
    if misfits:
        # The tree only grows: whoever misses one root misses all later ones.
        size = min(misfits)
        after = max(each for each in fits if each < size)
        data = {"size": size, "first": after + 1}
        yield Finding(Code.NOTE_ROOT, row=misfits[size], between=(after + 1, size), data=data)


def _claimed(note: str | bytes) -> Checkpoint | None:
    """Return what *note* says, whoever signed it."""
    try:
        return Checkpoint.parse(unverified_text(note))
    except (BadNote, AttributeError, TypeError):
        return None


def _why(note: str | bytes) -> str:
    try:
        Checkpoint.parse(unverified_text(note))
    except BadNote as error:
        return str(error)
    except (AttributeError, TypeError):
        return "no text"
    return ""


def _key(key: str, why: str) -> Finding:
    return Finding(Code.KEY_ROW, row=f"ledger_key:{short(key)}", data={"why": why})
