"""Today's rules on yesterday's inputs: what they would have recorded, against what was.

A ledger is cut into what happened by itself: a fact that a person, another document or time alone
caused (a *root*), with everything that followed from it. For each, the rules are asked anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.bodies import Body
from audit.reading import Row
from models.domain.facts import Fact, key_of
from models.domain.folding import fold
from models.domain.machine import Entry, advance
from models.domain.relay import relayed
from models.domain.state import State
from models.domain.terms import DocumentKey


@dataclass(frozen=True)
class Difference:
    """One fact that the rules of today would make otherwise."""

    key: str
    """``<document>|<natural key of the fact>``."""
    how: str
    """``missing`` (recorded, not made today), ``new`` (made today, not recorded) or ``other``."""


def differences(rows: Sequence[Row]) -> list[Difference]:
    """Return every difference between the recorded facts and those of today's rules."""
    bodies = [Body.of(row) for row in rows]
    by_seq = {body.seq: body for body in bodies}
    children: dict[str, list[DocumentKey]] = {}
    for body in bodies:
        parent = getattr(getattr(body.fact, "document", None), "parent", None)
        if parent is not None:
            children.setdefault(parent.document, []).append(DocumentKey(body.stream))
    states: dict[str, State] = {}
    found: list[Difference] = []
    for span in _spans(bodies):
        root = span[0]
        state = states.get(root.stream, State())
        recorded = [body.fact for body in span]
        cause = by_seq.get(root.cause) if root.cause is not None else None
        if cause is not None and root.kind == "I":
            above = states[cause.stream].document
            wanted = [
                message.make(state)
                for message in relayed(above, children.get(cause.stream, ()), cause.fact)
                if message.stream == root.stream
            ]
            found += _compared(root.stream, recorded[:1], [each for each in wanted if each])
        found += _compared(root.stream, recorded, _made(state, root))
        states[root.stream] = fold(state, recorded)
    return found


def _spans(bodies: Sequence[Body]) -> Iterator[list[Body]]:
    """Yield each root with what it led to; all that time does at one instant is one root."""
    stream_of = {body.seq: body.stream for body in bodies}
    span: list[Body] = []
    for body in bodies:
        follows = body.cause is not None and stream_of[body.cause] == body.stream
        # What the store adds (which mails it owes) is no consequence of the rules.
        follows = follows and body.kind != "A"
        if span and span[0].stream == body.stream and (follows or _beside(span[0], body)):
            span.append(body)
            continue
        if span:
            yield span
        span = [body]
    if span:
        yield span


def _beside(first: Body, body: Body) -> bool:
    """Tell whether time alone did both at one instant."""
    return first.kind == body.kind == "D" and body.cause is None and first.fact.at == body.fact.at


def _made(state: State, root: Body) -> list[Fact]:
    """Return what the rules make of *root*: it and its consequences, or what comes before it."""
    if root.kind == "D":
        return [*advance(state, (), root.fact.at).facts]
    entries = advance(state, (root.fact,), root.fact.at).entries
    return [entry.fact for entry in entries[: _end(entries, root.fact)]]


def _end(entries: Sequence[Entry], root: Fact) -> int:
    """Return where what followed from *root* ends."""
    start = next(index for index, entry in enumerate(entries) if entry.fact is root)
    for index, entry in enumerate(entries[start + 1 :], start + 1):
        if entry.cause is None:
            return index
    return len(entries)


def _compared(stream: str, recorded: Sequence[Fact], made: Sequence[Fact]) -> Iterator[Difference]:
    if list(recorded) == list(made):
        return
    was, now = {key_of(fact): fact for fact in recorded}, {key_of(fact): fact for fact in made}
    for key in dict.fromkeys([*was, *now]):
        if key not in now:
            yield Difference(f"{stream}|{key}", "missing")
        elif key not in was:
            yield Difference(f"{stream}|{key}", "new")
        elif was[key] != now[key]:
            yield Difference(f"{stream}|{key}", "other")
    if {*was.items()} == {*now.items()}:
        yield Difference(f"{stream}|{key_of(recorded[0])}", "order")
