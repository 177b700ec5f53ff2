"""How many mails may go in a minute and in a day: buckets whose tokens come back.

A token comes back when a whole window has passed since it was taken. So no window of that length,
wherever it begins, ever sees more than the limit, which is what a provider counts. Instants are
kept in slots; a token counts from the end of its slot, so that rounding is never in our favour.
"""

from dataclasses import dataclass

Spent = tuple[tuple[int, int], ...]
"""Slots (their numbers since 1970) and how many tokens were taken in each, oldest first."""


@dataclass(frozen=True, slots=True)
class Window:
    """A length of time over which mails are counted, in seconds."""

    seconds: int
    slot: int


MINUTE = Window(60, 1)
DAY = Window(86_400, 300)


def wait(window: Window, limit: int, spent: Spent, now: float) -> float:
    """Return in how many seconds a token can be taken: 0 when one is there (or *limit* is 0)."""
    living = _living(window, spent, now)
    if not limit or sum(count for _, count in living) < limit:
        return 0.0
    excess, at = sum(count for _, count in living) - limit, 0.0
    for slot, count in living:
        at, excess = _back(window, slot), excess - count
        if excess < 0:
            break
    return at - now


def spend(window: Window, spent: Spent, now: float) -> Spent:
    """Return what is spent after one token was taken at *now* (seconds since 1970)."""
    living = dict(_living(window, spent, now))
    slot = int(now // window.slot)
    living[slot] = living.get(slot, 0) + 1
    return tuple(sorted(living.items()))


def read(text: str) -> Spent:
    """Read what :func:`write` wrote."""
    pairs = (pair.split(":") for pair in text.split(" ") if pair)
    return tuple((int(slot), int(count)) for slot, count in pairs)


def write(spent: Spent) -> str:
    """Return *spent* as text for a row of the database."""
    return " ".join(f"{slot}:{count}" for slot, count in spent)


def _living(window: Window, spent: Spent, now: float) -> Spent:
    return tuple(each for each in spent if _back(window, each[0]) > now)


def _back(window: Window, slot: int) -> float:
    return float((slot + 1) * window.slot + window.seconds)
