""" "lần N" counts what this mailbox got, never what was fired and did not arrive."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email import policy as mail_policy
from pathlib import Path

import pytest
from pendulum import DateTime

from models.domain.directive import Nudge
from models.domain.facts import Report
from models.domain.requests import Return, Submit
from models.domain.terms import BodyId
from models.readdress import Readdress
from tests.factories import DUE, KEY, REPORT, REVIEWER, Office, copy_of, document, office, policy
from tests.integration.mail_site import deliver

ONE = copy_of(REPORT, "u.1")
DAYS = (-5, -3, -1)
WISHES = policy(nudges=tuple(Nudge(f"before{day}", day, working=False) for day in DAYS))
REPORTED = Report("0" * 64, (("so_buoi", 1), ("dang_vien_tham_gia", 1), ("tong_dang_vien", 1)))
REFUSED = {"rcpt": ["550 5.1.1 no such user"]}


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, url=database_url) as found:
        found.issue(document(1, policy=WISHES))
        deliver(found)
        yield found


def reminded(here: Office, day: int, script: dict[str, list[str]] | None = None) -> list[str]:
    """Let the reminder of *day* fall due and be sent; return how it calls itself."""
    until(here, DUE.subtract(days=1).add(days=day).at(9), send=False)
    return said(deliver(here, script)[1].mails)


def until(here: Office, now: DateTime, *, send: bool = True) -> list[str]:
    here.clock.instant = here.machine.instant = now
    here.recorder.let_time_act(KEY)
    return said(deliver(here)[1].mails) if send else []


def said(mails: list[bytes]) -> list[str]:
    found = []
    for raw in mails:
        message = message_from_bytes(raw, policy=mail_policy.default)
        body = message.get_body(("plain",))
        nags = message["X-Cascade-Kind"] in ("reminder", "overdue")
        if nags and REVIEWER not in message["To"] and body is not None:
            first = body.get_content().splitlines()[0]
            found.append(re.match(r"(Nhắc việc|Quá hạn)( lần \d+)?", first)[0])  # type: ignore[index]
    return found


def test_each_that_arrives_counts(here: Office) -> None:
    found = [reminded(here, day) for day in DAYS]
    assert found == [["Nhắc việc"], ["Nhắc việc lần 2"], ["Nhắc việc lần 3"]]


def test_what_was_fired_in_an_outage_does_not(here: Office) -> None:
    for day in DAYS[:2]:
        until(here, DUE.subtract(days=1).add(days=day).at(9), send=False)
    assert reminded(here, DAYS[2]) == ["Nhắc việc"], "the first that arrives is the first"


def test_what_was_refused_does_not(here: Office) -> None:
    reminded(here, DAYS[0], REFUSED)
    reminded(here, DAYS[1])
    assert reminded(here, DAYS[2]) == ["Nhắc việc lần 2"]


def test_what_came_back_does_not(here: Office) -> None:
    from sqlalchemy import update

    from models.tables import Outbox, table

    reminded(here, DAYS[0])
    box = table(Outbox)
    with here.store.engine.begin() as connection:
        came_back = update(box).where(box.c.kind == "reminder").values(bounced_at="2023-10-16")
        connection.execute(came_back)
    assert reminded(here, DAYS[1]) == ["Nhắc việc"]


def test_a_new_address_begins_at_the_first(here: Office) -> None:
    for day in DAYS[:2]:
        reminded(here, day)
    wish = Readdress(BodyId("u.1"), "A", "1-CV", "moi@units.example", "u.1@units.example")
    here.recorder.readdress(wish)
    assert said(deliver(here)[1].mails) == ["Nhắc việc"]
    assert reminded(here, DAYS[2]) == ["Nhắc việc lần 2"]


def test_being_overdue_is_counted_by_itself_and_a_return_begins_anew(here: Office) -> None:
    for day in DAYS:
        reminded(here, day)
    assert until(here, DUE.add(days=3, hours=9)) == ["Quá hạn"]
    assert until(here, DUE.add(days=5, hours=9)) == ["Quá hạn lần 2"]
    here.record(KEY, Submit(ONE, REPORTED, 0, "p", "l"))
    here.record(KEY, Return(ONE, 1, "0" * 64, "p", "l"))
    deliver(here)
    assert until(here, DUE.add(days=30)) == ["Quá hạn"]
