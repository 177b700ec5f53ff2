"""The date of a duty as a calendar file (RFC 5545, RFC 5546), for the calendar of who owes it.

A ``VEVENT`` with ``METHOD:PUBLISH``: calendars show it and ask no question (a ``REQUEST`` would be
answered to nobody, a ``VTODO`` is ignored by most). It takes no time (``TRANSPARENT``), reminds a
day before, and never holds a link with a token: calendars are shared.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, timedelta

from icalendar import Alarm, Calendar, Event, vCalAddress
from pendulum import DateTime

from models.domain.calendar import at, last_day, local
from models.domain.effects import Kind
from models.domain.state import State
from notifications.letter import Letter, Sender
from notifications.wire import Attachment

PUBLISHED = frozenset({Kind.ASSIGNED, Kind.EXTENDED, Kind.RETURNED})
"""Kinds that set or move the date in the recipient's calendar."""

CANCELLED = frozenset({Kind.MOVED, Kind.WAIVED, Kind.ACCEPTED})
"""Kinds that take the date out of the recipient's calendar: nothing is owed any more."""

LENGTH_MINUTES = 30
DAY_ENDS_AT = (17, 0)
"""When the entry of a bound that ends with its day ends, on Viet Nam's clock: as offices close. At
midnight nobody looks, and some calendars would show the day after."""

_PRODUCT = "-//directive-cascade//notifications//VI"


def invitation(
    letter: Letter,
    state: State,
    view: Mapping[str, object],
    sender: Sender,
    written_at: DateTime,
) -> tuple[Attachment, ...]:
    """Return the calendar file that goes with *letter*, if one does and the duty has a date.

    *view* is what the mail itself shows.
    """
    cancel = letter.kind in CANCELLED
    if not cancel and letter.kind not in PUBLISHED:
        return ()
    assert state.plan is not None
    progress = state.progress[letter.assignment]
    obligation, _ = state.plan.assignments[letter.assignment]
    due = progress.due or (obligation.bound.due_exclusive if obligation.bound else None)
    if due is None or progress.opened_at is None:
        return ()
    method = "CANCEL" if cancel else "PUBLISH"
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    event.add("uid", uid_of(letter.stream or state.key, letter.assignment, sender.domain))
    # Every return and every act may move the date; what ends it comes after all of them.
    event.add("sequence", progress.case + cancel)
    event.add("dtstamp", written_at.astimezone(UTC))
    end = entry_end(due)
    event.add("dtstart", (end - timedelta(minutes=LENGTH_MINUTES)).astimezone(UTC))
    event.add("dtend", end.astimezone(UTC))
    event.add("summary", _title(view, letter.lang))
    event.add("description", _description(view, letter.lang, cancel))
    event.add("status", "CANCELLED" if cancel else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("organizer", vCalAddress(f"mailto:{sender.address}"))
    if not cancel:
        event.add_component(_alarm(view, letter.lang))
    calendar.add_component(event)
    name = f"{_file_name(str(view['number']))}-{last_day(due):%Y%m%d}.ics"
    return (Attachment(name, "text/calendar", calendar.to_ical(), (("method", method),)),)


def uid_of(stream: str, assignment: str, domain: str) -> str:
    """Return what an entry is known by: the same for one body's copy of a duty, for ever."""
    digest = hashlib.sha256(f"{stream}|{assignment}".encode()).hexdigest()
    return f"{digest[:32]}@{domain}"


def entry_end(due_exclusive: DateTime) -> DateTime:
    """Return when the entry in the calendar ends: at the bound, or as its last day's work ends."""
    due = local(due_exclusive)
    if (due.hour, due.minute, due.second, due.microsecond) == (0, 0, 0, 0):
        last: date = last_day(due)
        return at(last, *DAY_ENDS_AT)
    return due


def _title(view: Mapping[str, object], lang: str) -> str:
    return f"{'Hạn' if lang == 'vi' else 'Due'}: {view['summary']} ({view['number']})"


def _description(view: Mapping[str, object], lang: str, cancel: bool) -> str:
    vi = lang == "vi"
    lines = [
        f"{'Đơn vị' if vi else 'Unit'}: {view['unit']}",
        f"{'Hạn' if vi else 'Due'}: {view['bound']}",
        str(view["origin"]),
        f"{'Căn cứ' if vi else 'Basis'}: {view['basis']}",
    ]
    if not cancel:
        # Without the link itself: calendars are shared.
        lines.append("Liên kết để báo cáo có trong thư." if vi else "The link is in the mail.")
    return "\n".join(filter(None, lines))


def _alarm(view: Mapping[str, object], lang: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _title(view, lang))
    alarm.add("trigger", timedelta(days=-1))
    return alarm


def _file_name(number: str) -> str:
    """Return a plain ASCII name: mail programs disagree on every other."""
    plain = unicodedata.normalize("NFKD", number.lower().replace("đ", "d"))
    marked = re.sub(r"[\u0300-\u036f]", "", plain)
    return ("han-" + re.sub(r"[^a-z0-9]+", "-", marked)).strip("-")[:40]
