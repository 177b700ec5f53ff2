"""Instants as people type them: Viet Nam's time unless they name an offset."""

import re
from datetime import date, datetime

from pendulum import DateTime

from models.codec import instant_text
from models.domain.calendar import at, local

_CLOCK = r"(?P<hour>\d{1,2})(?::(?=\d)|[hg]| ?giờ ?)(?P<minute>\d{2})?"
_DAY = r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})"
_LAST_YEAR = 9998
_FORMS = tuple(
    re.compile(form) for form in (rf"{_CLOCK}(?:,| ngày)? {_DAY}", rf"{_DAY},? {_CLOCK}", _DAY)
)


def read_instant(text: str) -> DateTime | None:
    """Return the instant that *text* names, or ``None`` if it names none.

    ``08:00 15/10/2023``, ``15/10/2023 08:00``, ``15/10/2023`` (its first instant), or ISO 8601
    with or without an offset. The first hours of the year 1 are none: in UTC there are no such;
    nor is the last year that a calendar can hold, for the rules look ahead.
    """
    instant = _read(text)
    try:
        beyond = instant is None or instant.year > _LAST_YEAR or not instant_text(instant)
    except OverflowError:
        return None
    return None if beyond else instant


def _read(text: str) -> DateTime | None:
    words = " ".join(text.split())
    for form in _FORMS:
        found = form.fullmatch(words)
        if found is not None:
            given = found.groupdict(default="0")
            numbers = {name: int(value) for name, value in given.items()}
            try:
                day = date(numbers["year"], numbers["month"], numbers["day"])
                return at(day, numbers.get("hour", 0), numbers.get("minute", 0))
            except ValueError:
                return None
    try:
        moment = datetime.fromisoformat(words)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=at(date(2000, 1, 1), 0).tzinfo)
        return local(moment)
    except (ValueError, OverflowError):
        return None
