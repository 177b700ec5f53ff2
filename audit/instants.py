"""Instants read from their text; the few that a transaction repeats are read once."""

from functools import lru_cache

from pendulum import DateTime

from models.codec import instant_of, instant_text

_MANY = 4_096


@lru_cache(maxsize=_MANY)
def instant(text: str) -> DateTime:
    """Return the instant that *text* writes.

    Raises:
        ValueError: it writes none.
    """
    return instant_of(text)


@lru_cache(maxsize=_MANY)
def days_after(text: str, days: int) -> str:
    """Return the text of the instant *days* days after that of *text*."""
    return instant_text(instant(text).add(days=days))


def writes_an_instant(text: object) -> bool:
    """Tell whether *text* is an instant as the ledger writes it."""
    try:
        return isinstance(text, str) and instant_text(instant(text)) == text
    except (ValueError, TypeError):
        return False
