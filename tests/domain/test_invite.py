"""The date of a duty in a calendar: follows every change, and vanishes when nothing is owed."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from pendulum import DateTime

from models.domain.effects import Kind
from models.domain.facts import Report
from models.domain.requests import Accept, MoveBound, Reassign, Return, Submit, Waive
from models.domain.terms import BodyId
from notifications.invite import DAY_ENDS_AT, entry_end, uid_of
from notifications.render import compose
from tests.builders import LINK, PERSON, Life, issued
from tests.domain.test_render import ONE, SENDER, TOKEN, letter, small
from tests.factories import BOARD, DUE, ISSUED, KEY, OFFICE, REPORT, bound, document, obligation, vn


def file_of(life: Life, kind: Kind, lang: str = "vi", now: DateTime = ISSUED) -> bytes:
    mail = compose(letter(life.state, ONE, kind, locale=lang), life.state, SENDER, now)
    (attachment,) = mail.attachments
    assert attachment.media == "text/calendar"
    assert re.fullmatch(r"han-[a-z0-9-]+-\d{8}\.ics", attachment.name)
    assert ("method", entry(attachment.content)[0]) in attachment.parameters
    return attachment.content


def entry(content: bytes) -> tuple[str, Any]:
    """Read a calendar file with one entry, as a calendar does."""
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


def test_a_duty_is_half_an_hour_that_ends_as_the_last_day_closes() -> None:
    method, event = entry(file_of(small(), Kind.ASSIGNED))
    assert method == "PUBLISH"
    assert event.start == vn(2023, 10, 20, 16, 30)
    assert event.end == vn(2023, 10, 20, 17)
    assert event["DTSTART"].to_ical() == b"20231020T093000Z", "in UTC, for every reader"
    assert str(event["SUMMARY"]) == "Hạn: Báo cáo kết quả học tập, quán triệt (256-KH/TU)"
    assert "Hạn: hết ngày thứ Sáu, 20/10/2023" in str(event["DESCRIPTION"])
    assert "theo văn bản: “trước ngày 21/10/2023”" in str(event["DESCRIPTION"])
    assert "mục III.1" in str(event["DESCRIPTION"])
    assert (str(event["TRANSP"]), str(event["STATUS"])) == ("TRANSPARENT", "CONFIRMED")
    assert event["SEQUENCE"] == 0
    assert str(event["ORGANIZER"]) == f"mailto:{SENDER.address}"
    assert "ATTENDEE" not in event, "nobody is asked for an answer"
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(days=-1)


def test_a_bound_within_a_day_ends_at_its_hour() -> None:
    assert entry_end(vn(2023, 10, 20, 16)) == vn(2023, 10, 20, 16)
    assert entry_end(vn(2023, 10, 21)) == vn(2023, 10, 20, *DAY_ENDS_AT)
    assert entry_end(vn(2023, 10, 21).in_timezone("UTC")) == vn(2023, 10, 20, *DAY_ENDS_AT)


def test_every_change_of_date_keeps_the_entry_and_raises_its_number() -> None:
    life = small()
    uid, numbers, ends = set(), [], []

    def look(kind: Kind) -> None:
        _, event = entry(file_of(life, kind))
        uid.add(str(event["UID"]))
        numbers.append(event["SEQUENCE"])
        ends.append(event.end)

    look(Kind.ASSIGNED)
    life.ask(Submit(ONE, Report(), 0, PERSON, LINK), DUE.subtract(days=2))
    life.ask(Return(ONE, 1, "f" * 64, PERSON, LINK), DUE.subtract(hours=2))
    look(Kind.RETURNED)
    act = ("hết ngày 10/11/2023", "pr.thuongtruc", "Công văn 1", "e" * 64)
    life.ask(MoveBound(REPORT, vn(2023, 11, 11), *act), DUE.subtract(hours=1))
    look(Kind.EXTENDED)
    life.ask(MoveBound(REPORT, vn(2023, 11, 15), *act), DUE)
    look(Kind.EXTENDED)
    life.ask(Submit(ONE, Report(), 1, PERSON, LINK), DUE.add(days=1))
    life.ask(Accept(ONE, 2, PERSON, LINK), DUE.add(days=1))
    look(Kind.ACCEPTED)
    assert uid == {uid_of(KEY, ONE, SENDER.domain)}
    assert numbers == sorted(set(numbers)), "it grows with every change"
    assert ends[2] == vn(2023, 11, 10, 17)
    assert ends[3] == ends[4] == vn(2023, 11, 14, 17)


def accepted(life: Life) -> None:
    life.ask(Submit(ONE, Report(), 0, PERSON, LINK), DUE.subtract(days=2))
    life.ask(Accept(ONE, 1, PERSON, LINK), DUE.subtract(days=1))


def waived(life: Life) -> None:
    life.ask(Waive(ONE, "pr.thuongtruc", "Công văn 12"), DUE.subtract(days=1))


def moved(life: Life) -> None:
    life.ask(Reassign(ONE, BodyId(OFFICE), BOARD, "Công văn 13", "d" * 64), DUE.subtract(days=1))


@pytest.mark.parametrize(
    ("end", "kind"),
    [(accepted, Kind.ACCEPTED), (waived, Kind.WAIVED), (moved, Kind.MOVED)],
)
def test_what_is_owed_no_more_is_taken_out(end: Callable[[Life], None], kind: Kind) -> None:
    life = small()
    _, before = entry(file_of(life, Kind.ASSIGNED))
    end(life)
    method, event = entry(file_of(life, kind))
    assert (method, str(event["STATUS"])) == ("CANCEL", "CANCELLED")
    assert event["UID"] == before["UID"]
    assert event["SEQUENCE"] > before["SEQUENCE"]
    assert event.walk("VALARM") == []


def test_every_body_and_every_document_has_its_own_entry() -> None:
    assert len({uid_of(a, b, "x.example") for a in ("1", "2") for b in ("3", "4")}) == 4
    assert re.fullmatch(r"[0-9a-f]{32}@x\.example", uid_of("1", "2", "x.example"))


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_it_never_holds_a_link_and_no_line_is_too_long(lang: str) -> None:
    value = document(3)
    hostile = "Báo cáo; kết quả, http://evil.vn \\n\nBEGIN:VALARM " + "đ" * 300
    duties = (obligation(["u.1"], summary=hostile), *value.obligations[1:])
    content = file_of(issued(replace(value, obligations=duties)), Kind.ASSIGNED, lang)
    assert TOKEN.encode() not in content
    assert b"://" not in content
    assert content.endswith(b"END:VCALENDAR\r\n")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line
    assert content.split(b"\r\n").count(b"BEGIN:VALARM") == 1
    _, event = entry(content)
    assert "http: //evil. vn" in str(event["SUMMARY"])


def test_what_has_no_date_or_has_not_begun_has_no_entry() -> None:
    def attached(value: Life, kind: Kind = Kind.ASSIGNED) -> object:
        return compose(letter(value.state, ONE, kind), value.state, SENDER, ISSUED).attachments

    standing = issued(document(3, obligations=(obligation(["u.1"], bound=None),)))
    assert attached(standing) == ()
    pending = small(obligations=(obligation(["u.1"], bound=bound()),))
    assert attached(pending) != ()
    for kind in set(Kind) - {
        Kind.ASSIGNED,
        Kind.EXTENDED,
        Kind.RETURNED,
        Kind.ACCEPTED,
        Kind.WAIVED,
        Kind.MOVED,
        Kind.SUMMARY,
    }:
        assert attached(small(), kind) == ()


def test_the_same_mail_has_the_same_file() -> None:
    assert file_of(small(), Kind.ASSIGNED) == file_of(small(), Kind.ASSIGNED)
