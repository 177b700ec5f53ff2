"""The smallest set of dates that settles a tie which cannot be kept.

Two sides can give: what comes first is pulled earlier, what rests on it is pushed later. Each move
drags along whatever it would break, and no more. Where the two sides meet is tried for every day
between them; the rest is forced, so the fewest moved dates found are the fewest there are. Every
answer is checked against the network before it is given.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

from pendulum import DateTime

from models.domain.calendar import last_day, local, midnight
from models.domain.feasibility import Need, Network, Shortfall, Tie

_DAYS = 400
"""Beyond this many days between the two sides only the dates of other duties are tried."""

_SHOWN = 3
"""Nobody chooses between more ways than that."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """Dates that, moved together, settle it."""

    dues: Mapping[str, DateTime]
    days: int
    """By how many working days all dates together are moved."""
    later: bool
    """No date is moved to an earlier day."""


def settle(network: Network, duty: str, ons: Collection[str], tie: Tie) -> tuple[Settlement, ...]:
    """Return ways to make *duty* keep its ties to *ons*, the smallest first.

    The ties need not be in the network yet. Empty when no date can settle it.
    """
    kept = tuple(each for each in network.duties[duty].needs if each.on not in ons)
    needs = (*kept, *(Need(on, tie) for on in sorted(ons)))
    tied = _with_needs(network, duty, needs)
    wanted = {(duty, on) for on in ons}
    found = {}
    for meeting, working in product(_meetings(tied, duty, ons, tie), (True, False)):
        moved = _meet(tied, duty, ons, tie, meeting, working)
        if moved is not None and _settles(tied, moved, wanted):
            found[tuple(sorted(moved.items()))] = moved
    return _ranked(tied, found.values())


def push(network: Network, moved: Mapping[str, DateTime]) -> Settlement | None:
    """Return *moved* with everything that those later bounds drag along."""
    dues = _pushed(network, dict(moved))
    return None if dues is None else _settlement(network, dues)


def pull(network: Network, moved: Mapping[str, DateTime]) -> Settlement | None:
    """Return *moved* with everything that those earlier bounds drag along."""
    dues: dict[str, DateTime] | None = {}
    for key, due in moved.items():
        dues = _pulled(network, dues, key, due, working=True) if dues is not None else None
    return None if dues is None else _settlement(network, dues)


def adds_none(before: Network, after: Network, settled: Collection[tuple[str, str]] = ()) -> bool:
    """Tell whether *after* breaks no tie that *before* keeps, and none of them more."""
    old = _short(before)
    return all(
        pair not in settled and pair in old and each.needs - each.due <= old[pair]
        for pair, each in ((_pair(each), each) for each in after.shortfalls)
    )


def _meetings(network: Network, duty: str, ons: Collection[str], tie: Tie) -> Iterator[DateTime]:
    """Yield the instants up to which what comes first may be pulled, the latest first."""
    due = network.duties[duty].due
    ends = [end for on in ons if (end := network.finish.get(on)) is not None]
    if due is None or not ends:
        return
    last = max(ends)
    first = network.latest(due, network.duties[duty].lead) if tie is Tie.INPUT else due
    yield last
    if (last - first).days <= _DAYS:
        day = last_day(last)
        while midnight(day) > first:
            if network.calendar.is_working(day - timedelta(days=1)):
                yield midnight(day)
            day -= timedelta(days=1)
    else:
        yield from sorted({e for e in network.finish.values() if first < e < last}, reverse=True)
    yield first


def _meet(
    network: Network,
    duty: str,
    ons: Collection[str],
    tie: Tie,
    meeting: DateTime,
    working: bool,
) -> dict[str, DateTime] | None:
    """Return what moves when *ons* are finished by *meeting* and *duty* comes after that.

    *working*: pulled dates end on working days, which may drag along one more.
    """
    moved: dict[str, DateTime] | None = {}
    for on in ons:
        end = network.finish.get(on)
        if moved is not None and end is not None and end > meeting:
            moved = _pulled(network, moved, on, meeting, working=working)
    if moved is None:
        return None
    due = network.duties[duty].due
    lead = network.duties[duty].lead if tie is Tie.INPUT else 0
    needed = network.earliest(meeting, lead)
    if due is None or needed <= due:
        return moved
    if duty in moved:
        return None
    return _pushed(network, {**moved, duty: needed})


def _pulled(
    network: Network,
    moved: dict[str, DateTime],
    key: str,
    due: DateTime,
    above: frozenset[str] = frozenset(),
    *,
    working: bool,
) -> dict[str, DateTime] | None:
    """Return *moved* with *key* finished by *due*, and all that it rests on early enough."""
    if key in above:
        return None  # runs in a circle
    duty = network.duties[key]
    moved = dict(moved)
    later = duty.due is not None and moved.get(key, duty.due) > due
    if later:
        due = _working(network, due, duty.ready) if working else due
        if due <= duty.ready:
            return None
        moved[key] = due
    for need in duty.needs:
        before = network.duties.get(need.on)
        if before is None or need.on == key or not (later or need.tie is Tie.INPUT):
            continue
        latest = network.latest(due, duty.lead) if need.tie is Tie.INPUT else due
        end = network.finish.get(need.on) if need.tie is Tie.INPUT else before.due
        if end is None or min(end, moved.get(need.on, end)) <= latest:
            continue
        if latest <= before.ready:
            return None
        further = _pulled(network, moved, need.on, latest, above | {key}, working=working)
        if further is None:
            return None
        moved = further
    return moved


def _working(network: Network, due: DateTime, ready: DateTime) -> DateTime:
    """Return *due*, or the end of the working day before where its last day is a day off."""
    day = last_day(due)
    if network.calendar.is_working(day):
        return due
    end = midnight(network.calendar.shift(day, -1) + timedelta(days=1))
    return end if end > ready else due


def _pushed(network: Network, moved: dict[str, DateTime]) -> dict[str, DateTime] | None:
    """Return *moved* with every duty later that rests on a moved one and would break."""
    old = _short(network)
    for _ in range(len(network.duties) + 1):
        now = network.with_dues(moved)
        worse = [
            each
            for each in now.shortfalls
            if each.needs - each.due > old.get(_pair(each), timedelta(0))
        ]
        if not worse:
            return moved
        for each in worse:
            moved = {**moved, each.duty: max(each.needs, moved.get(each.duty, each.needs))}
    return None  # runs in a circle


def _settles(
    network: Network, moved: Mapping[str, DateTime], wanted: Collection[tuple[str, str]]
) -> bool:
    return bool(moved) and adds_none(network, network.with_dues(moved), wanted)


def _ranked(network: Network, found: Iterable[Mapping[str, DateTime]]) -> tuple[Settlement, ...]:
    """Return the best of each kind: the fewest dates first, then the fewest working days."""

    def size(each: Settlement) -> tuple[int, int, int, bool]:
        rests = [end for end in each.dues.values() if not working_day(last_day(end))]
        return len(each.dues), each.days, len(rests), not each.later

    working_day = network.calendar.is_working
    ranked = sorted((_settlement(network, moved) for moved in found), key=size)
    best: dict[frozenset[str], Settlement] = {}
    for each in ranked:
        best.setdefault(frozenset(each.dues), each)
    return tuple(best.values())[:_SHOWN]


def _settlement(network: Network, moved: Mapping[str, DateTime]) -> Settlement:
    days, later = 0, True
    for key, due in moved.items():
        old = network.duties[key].due
        if old is not None:
            days += max(1, abs(network.room(old, due)))
            later = later and due >= old
    return Settlement(dict(moved), days, later)


def _with_needs(network: Network, key: str, needs: tuple[Need, ...]) -> Network:
    duties = (
        replace(each, needs=needs) if each.key == key else each for each in network.duties.values()
    )
    return Network(duties, network.calendar)


def _short(network: Network) -> dict[tuple[str, str], timedelta]:
    return {_pair(each): each.needs - each.due for each in network.shortfalls}


def _pair(each: Shortfall) -> tuple[str, str]:
    return each.duty, each.on


def whole_day_after(network: Network, instant: DateTime) -> DateTime:
    """Return the end of the first working day after the day of *instant*."""
    return network.earliest(local(instant), 1)
