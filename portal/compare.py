"""What a new version of a report says otherwise than the one before it, field by field.

Texts are compared word by word. The pieces say in words what was taken out and what was put in,
so that nobody needs colours to see it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from portal.history import Answer, History, Version

STEPS = 250
"""So many words may go and come before a stretch counts as rewritten."""

How = Literal["same", "out", "in"]
HOWS: tuple[How, ...] = ("same", "out", "in")

_PLAN, _TEXT, _FILES = "plan", "text", "files"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: the same in both, only in the older, or only in the newer."""

    how: How
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs."""

    field: str
    """``plan``, ``text``, ``files``, or the name of a field of the form."""
    before: Answer | None = None
    after: Answer | None = None
    pieces: tuple[Piece, ...] = ()
    """For texts and lists."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side."""

    older: Version
    newer: Version
    changes: tuple[Change, ...]


def compared(older: Version, newer: Version) -> Comparison:
    """Return what differs, in the order of the form."""
    changes = list(_fields(older, newer))
    plans = [_plan(version) for version in (older, newer)]
    if plans[0] != plans[1]:
        changes.append(Change(_PLAN, pieces=_whole(*plans)))
    texts = older.text or "", newer.text or ""
    if older.report.text_sha256 != newer.report.text_sha256:
        changes.append(Change(_TEXT, pieces=pieces(*texts)))
    if older.report.files != newer.report.files:
        changes.append(Change(_FILES, pieces=tuple(_files(older, newer))))
    return Comparison(older, newer, tuple(changes))


def newest_compared(history: History) -> Comparison | None:
    """Return how the newest version differs from the one before it."""
    versions = history.versions
    return compared(versions[1], versions[0]) if len(versions) > 1 else None


def _fields(older: Version, newer: Version) -> Iterator[Change]:
    before = {answer.name: answer for answer in older.answers}
    after = {answer.name: answer for answer in newer.answers}
    for name in [*after, *(name for name in before if name not in after)]:
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if "text" in (getattr(was, "kind", ""), getattr(now, "kind", "")):
            said = pieces(was.value if was else "", now.value if now else "")
            yield Change(name, was, now, said)
        else:
            yield Change(name, was, now)


def _plan(version: Version) -> str:
    day = f"{version.plan_date:%d/%m/%Y}" if version.plan_date else ""
    return ", ".join(filter(None, (version.plan_number or "", day)))


def _whole(before: str, after: str) -> tuple[Piece, ...]:
    out = (Piece("out", before),) if before else ()
    return (*out, Piece("in", after)) if after else out


def _files(older: Version, newer: Version) -> Iterator[Piece]:
    before = {held.file.sha256: held.label for held in older.files}
    after = {held.file.sha256: held.label for held in newer.files}
    for sha256, label in before.items():
        yield Piece("same" if sha256 in after else "out", label or sha256[:12])
    for sha256, label in after.items():
        if sha256 not in before:
            yield Piece("in", label or sha256[:12])


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Return *after* with what was taken out of *before* and what was put in, word by word.

    What begins and ends alike stays; if the middle was mostly rewritten, it is one piece out and
    one in, which is easier to read than a mixture.
    """
    was, now = _split(before), _split(after)
    head = _common(was, now)
    tail = _common(was[head:][::-1], now[head:][::-1])
    middle = was[head : len(was) - tail], now[head : len(now) - tail]
    found: list[tuple[How, str]] = [("same", word) for word in was[:head]]
    found += _steps(*middle) or [("out", each) for each in middle[0]] + [
        ("in", each) for each in middle[1]
    ]
    found += [("same", word) for word in was[len(was) - tail :]]
    return tuple(_joined(found))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _steps(was: Sequence[str], now: Sequence[str]) -> list[tuple[How, str]]:
    """Return the fewest steps from *was* to *now*; none if they are more than :data:`STEPS`.

    Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), the greedy one: its cost is
    bounded by the number of steps, whatever the texts are.
    """
    ends: dict[int, int] = {1: 0}
    trail: list[dict[int, int]] = []
    for steps in range(min(STEPS, len(was) + len(now)) + 1):
        trail.append(dict(ends))
        for k in range(-steps, steps + 1, 2):
            down = k == -steps or (k != steps and ends[k - 1] < ends[k + 1])
            x = ends[k + 1] if down else ends[k - 1] + 1
            while x < len(was) and x - k < len(now) and was[x] == now[x - k]:
                x += 1
            ends[k] = x
            if x >= len(was) and x - k >= len(now):
                return _walked(was, now, trail)
    return []


def _walked(
    was: Sequence[str], now: Sequence[str], trail: Sequence[dict[int, int]]
) -> list[tuple[How, str]]:
    """Return the steps that *trail* found, from the beginning."""
    found: list[tuple[How, str]] = []
    x, y = len(was), len(now)
    for steps in range(len(trail) - 1, -1, -1):
        ends, k = trail[steps], x - y
        down = k == -steps or (k != steps and ends[k - 1] < ends[k + 1])
        before = k + 1 if down else k - 1
        from_x = ends[before]
        from_y = from_x - before
        while x > from_x and y > from_y and x > 0 and y > 0:
            x, y = x - 1, y - 1
            found.append(("same", was[x]))
        if steps:
            found.append(("in", now[from_y]) if down else ("out", was[from_x]))
        x, y = from_x, from_y
    return found[::-1]


def _joined(steps: Sequence[tuple[How, str]]) -> Iterator[Piece]:
    """Yield steps of one kind as one piece; of a change first what went, then what came."""
    for changed, stretch in groupby(steps, lambda step: step[0] != "same"):
        listed = list(stretch)
        for how in HOWS[1:] if changed else HOWS[:1]:
            words = "".join(word for kind, word in listed if kind == how)
            if words:
                yield Piece(how, words)


def _split(text: str) -> list[str]:
    """Return words with the blanks after them."""
    return re.findall(r"\S+\s*|^\s+", text)
