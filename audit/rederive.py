"""Every fact that the rules made, made again from the facts that people made.

One document after the other, so that memory holds one state. Inputs are taken from the ledger;
what must follow is what :func:`models.domain.machine.advance` says, in that order, with that cause:

* before what a person did, everything that fell due by the moment of recording;
* before what another document relayed, everything due by that fact's own instant;
* after an input all its consequences, and what fell due until it was recorded (what is told of a
  mail moves time no further than to its own instant);
* time alone: the next thing due, not before its instant.

Where ledger and rules part, the rules' word is kept, so that one alteration is one finding.
"""

import json
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from pendulum import DateTime

from audit.asked import answered, signed
from audit.codes import Code
from audit.envelope import short
from audit.finding import Finding
from audit.instants import instant
from audit.oneline import told
from audit.relays import UNREADABLE, Waiting
from audit.source import Source
from models.codec import decode, instant_text
from models.domain.errors import DomainError, Refusal
from models.domain.facts import (
    ChildIssued,
    Fact,
    NoticeAccepted,
    NoticeFailed,
    NoticeQueued,
    ParentIssued,
    Registered,
    ReportExpected,
    ReportHeld,
    key_of,
)
from models.domain.folding import evolve
from models.domain.machine import Step, advance
from models.domain.state import State
from models.store import DERIVED

QUERY = (
    "SELECT seq, kind, recorded_at, cause, dedup_key, type, body FROM ledger_event"
    " WHERE stream = ? ORDER BY stream_seq"
)
RELAYED = (ParentIssued, ChildIssued, ReportHeld, ReportExpected)
"""Inputs that only another document gives."""
TOLD_LATER = (NoticeAccepted, NoticeFailed)
"""Inputs that belong to an earlier time than that of their recording."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact of the document as recorded."""

    seq: int
    kind: str
    recorded_at: str
    cause: int | None
    fact: Fact


@dataclass(frozen=True, slots=True)
class Judged:
    """A recorded fact with the state after all that was recorded with it."""

    recorded: Recorded
    state: State | None
    """``None``: the fact does not stand, so nothing follows from it."""
    alone: bool = False
    """Time made it: what else was settled with it cannot be told from the ledger."""


@dataclass(frozen=True, slots=True)
class _Expected:
    """A fact that must come next. ``cause`` counts the entries of the same step."""

    fact: Fact
    cause: int | None


Said: TypeAlias = Finding | Judged
Dealt: TypeAlias = Generator[Said, None, bool]
"""What is to be said of a row; returns whether it is dealt with."""


class Derivation:
    """One document, made again."""

    def __init__(self, stream: str, waiting: Waiting) -> None:
        self.stream = stream
        self.state = State()
        self.whole = True
        """Whether it could be followed to its end."""
        self._waiting = waiting
        self._queue: deque[_Expected] = deque()
        self._seqs: list[int | None] = []
        """Numbers of the entries of the present step, as far as they were found."""
        self._alone = False
        self._recorded_at = ""
        self.last = 0
        """The number of the newest fact that was looked at."""

    def run(self, rows: Iterable[Recorded]) -> Iterator[Said]:
        """Take the document's facts in order; yield findings, and each fact judged."""
        for row in rows:
            self.last = row.seq
            try:
                yield from self._take(row)
            except (DomainError, LookupError, OverflowError) as error:
                self.whole = False
                why = f"{told(row.fact)} ({short(str(error))})"
                yield Finding(Code.IMPOSSIBLE, row.seq, self.stream, data={"why": why})
                return
        yield from self._missing()
        yield from self._waiting.unanswered(None, self.state)

    def _take(self, row: Recorded) -> Iterator[Said]:
        if row.recorded_at != self._recorded_at:
            if self._recorded_at:
                yield from self._waiting.unanswered(row.recorded_at, self.state)
            self._recorded_at = row.recorded_at
        while True:
            if self._queue:
                dealt = yield from self._next(row)
            elif isinstance(row.fact, DERIVED):
                dealt = yield from self._time(row)
            elif isinstance(row.fact, NoticeQueued):
                dealt = yield from self._kept(row, row.fact)
            else:
                dealt = yield from self._input(row)
            if dealt:
                return

    def _next(self, row: Recorded) -> Dealt:
        """Compare *row* with what must come next."""
        head = self._queue[0]
        if head.fact == row.fact:
            yield from self._match(row)
            return True
        if any(each.fact == row.fact for each in self._queue):
            while self._queue[0].fact != row.fact:
                yield self._lacking(self._queue.popleft().fact)
                self._seqs.append(None)
            yield from self._match(row)
            return True
        if key_of(head.fact) == key_of(row.fact):
            self._queue.popleft()
            self._seqs.append(row.seq)
            data = {"rules": told(head.fact), "ledger": told(row.fact)}
            yield Finding(Code.RULE_DIFFERS, row.seq, self.stream, data=data)
            yield Judged(row, None)
            return True
        if isinstance(row.fact, DERIVED) and not (self._alone and self._comes(row)):
            yield from self._added(row)
            return True
        yield from self._missing()
        return False

    def _comes(self, row: Recorded) -> bool:
        """Tell whether time brings *row* after what it brought last."""
        later = advance(self.state, [], instant(row.recorded_at)).entries
        return any(each.fact == row.fact for each in later)

    def _time(self, row: Recorded) -> Dealt:
        """Let the next thing happen that time brings, if *row* is about it."""
        first, recorded = self.state.agenda.first(), instant(row.recorded_at)
        key = key_of(row.fact)
        for until in (first, row.fact.at, recorded):
            if first is None or until is None or not first <= until <= recorded:
                continue
            step = advance(self.state, [], until)
            if any(key_of(entry.fact) == key for entry in step.entries):
                self._begin(step, 0, alone=True)
                return False
        yield from self._added(row)
        return True

    def _input(self, row: Recorded) -> Dealt:
        """Settle what fell due before *row*, judge it, and make what follows."""
        fact, recorded = row.fact, instant(row.recorded_at)
        # What is told of a mail belongs to its own time, whenever it is written down.
        until = min(fact.at, recorded) if isinstance(fact, TOLD_LATER) else recorded
        if self.state.plan is None:
            if not isinstance(fact, Registered):
                raise LookupError("nothing is registered")
            self._waiting.begin(row.seq)
            if fact.document.key != self.stream:
                yield self._refused(row, f"{fact.document.key}")
        else:
            relayed = isinstance(fact, RELAYED) or row.cause is not None
            before = advance(self.state, [], min(fact.at, until) if relayed else until)
            for entry in before.entries:
                yield self._lacking(entry.fact)
            self.state = before.state
            if relayed:
                yield from self._waiting.takes(row.seq, row.cause, fact, self.state)
            else:
                yield from self._asked(row, recorded)
        step = advance(self.state, [fact], until)
        at = next(index for index, each in enumerate(step.entries) if each.fact == fact)
        self._begin(step, at, alone=False)
        yield from self._match(row, given=True)
        return True

    def _kept(self, row: Recorded, fact: NoticeQueued) -> Dealt:
        """Take what the store itself wrote down; the mails are judged elsewhere."""
        if self.state.plan is None:
            raise LookupError("nothing is registered")
        if fact.number != self.state.queued + 1 or instant_text(fact.at) != row.recorded_at:
            yield self._refused(row, f"number {self.state.queued + 1}, {row.recorded_at}")
        self.state = evolve(self.state, fact)
        yield Judged(row, self.state)
        return True

    def _asked(self, row: Recorded, now: DateTime) -> Iterator[Finding]:
        """Ask the rules whether they would have taken *row* from a person then."""
        given = answered(self.state, row.fact, now)
        if isinstance(given, Refusal):
            yield self._refused(row, given.code)
        elif given is not None and given != row.fact:
            yield self._refused(row, told(given))
        elif not signed(row.fact):
            yield self._refused(row, "person")

    def _begin(self, step: Step, at: int, *, alone: bool) -> None:
        """Expect the entries of *step* from the index *at* on."""
        self._queue.extend(_Expected(each.fact, each.cause) for each in step.entries[at:])
        self._seqs = [None] * at
        self.state = step.state
        self._alone = alone

    def _match(self, row: Recorded, *, given: bool = False) -> Iterator[Said]:
        """Take *row* for what must come next; *given*: it came from outside, with its cause."""
        cause = self._queue.popleft().cause
        self._seqs.append(row.seq)
        if not given:
            expected = None if cause is None else self._seqs[cause]
            if expected != row.cause and (cause is None or expected is not None):
                data = {"found": short(row.cause), "why": f"→ {short(expected)}"}
                yield Finding(Code.CAUSE, row.seq, self.stream, data=data)
        yield Judged(row, self.state, self._alone)

    def _missing(self) -> Iterator[Finding]:
        """Yield what must have come and did not."""
        while self._queue:
            yield self._lacking(self._queue.popleft().fact)

    def _lacking(self, fact: Fact) -> Finding:
        return Finding(Code.RULE_MISSING, self.last, self.stream, data={"rules": told(fact)})

    def _added(self, row: Recorded) -> Iterator[Said]:
        yield Finding(Code.RULE_ADDED, row.seq, self.stream, data={"ledger": told(row.fact)})
        yield Judged(row, None)

    def _refused(self, row: Recorded, why: str) -> Finding:
        data = {"ledger": told(row.fact), "why": why}
        return Finding(Code.INPUT, row.seq, self.stream, data=data)


def recorded(source: Source, stream: str, found: Callable[[Finding], None]) -> Iterator[Recorded]:
    """Yield the facts of *stream* in its order; *found* hears of those whose key is another's."""
    for seq, kind, recorded_at, cause, dedup_key, name, body in source.rows(QUERY, stream):
        try:
            fact = decode(name, json.loads(body)["data"])
            key = f"{stream}|{key_of(fact)}"
            instant(recorded_at)
        except UNREADABLE:
            continue  # named by the pass over all facts; the rules will miss it
        if key != dedup_key:
            data = {"found": short(dedup_key), "expected": key}
            found(Finding(Code.KEY, seq, stream, data=data))
        yield Recorded(seq, kind, recorded_at, cause, fact)
