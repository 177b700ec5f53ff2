"""Quiet hours and days off on the directive's clock: held, not lost, and no work for anybody."""

import threading
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import insert, select, update

from config.clock import FileClock
from config.hours import hours_of
from demo.show import Keeper
from flows.hall import Hall
from flows.watch import look
from models.codec import instant_text
from models.domain.facts import NoticeAccepted, Report
from models.domain.requests import Submit, Waive
from models.tables import Contact, Outbox, table
from notifications.outbox import counts, held_until, on_the_way, owed, work
from tests.factories import (
    KEY,
    OFFICE,
    REPORT,
    Office,
    copy_of,
    document,
    obligation,
    office,
    policy,
    units,
    vn,
)
from tests.integration.mail_site import deliver, later, postman, proven, rows

NIGHT = hours_of("21:00-06:00")
WORKING = hours_of("21:00-06:00", working_days=True)


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, url=database_url) as found:
        yield found


@pytest.fixture
def there(memory: Path) -> Iterator[Office]:
    with office(memory) as found:
        yield found


def set_clock(here: Office, *when: int) -> None:
    """Move the directive's clock; the machine goes on by itself."""
    here.clock.instant = vn(*when)
    here.machine.instant = here.machine.instant.add(seconds=1)


def test_mail_of_the_night_goes_in_the_morning(here: Office) -> None:
    here.issue(proven(3))
    set_clock(here, 2023, 9, 19, 22)
    done, server = deliver(here, hours=NIGHT)
    assert (done.states, server.connections) == (Counter(held=3), 0)
    assert counts(here.store) == {"pending": 3}
    now, at = here.machine.instant, here.clock.instant
    assert (owed(here.store, now, at), work(here.store, now, at)) == (0, False)
    assert on_the_way(here.store, at) == 0
    assert held_until(here.store, at) == vn(2023, 9, 20, 6)
    assert deliver(here, hours=NIGHT)[0].states == Counter(), "once is enough"
    set_clock(here, 2023, 9, 20, 6)
    assert owed(here.store, here.machine.instant, here.clock.instant) == 3
    assert held_until(here.store, here.clock.instant) is None
    assert deliver(here, hours=NIGHT)[0].sent == 3
    assert {fact.at for fact in here.facts(NoticeAccepted)} == {vn(2023, 9, 20, 6)}
    assert all(row["tries"] == 0 for row in rows(here.store))


def test_mail_of_a_day_off_waits_for_the_calendar_of_its_document(there: Office) -> None:
    there.issue(document(2))
    set_clock(there, 2023, 9, 23, 9)  # a Saturday
    assert deliver(there, hours=WORKING)[0].states == Counter(held=2)
    assert held_until(there.store, there.clock.instant) == vn(2023, 9, 25, 6)
    set_clock(there, 2023, 9, 25, 6)
    assert deliver(there, hours=WORKING)[0].sent == 2


def test_who_waits_for_an_answer_gets_it_at_night(there: Office) -> None:
    value = document(1, policy=policy(receipts=True))
    there.issue(value)
    deliver(there)
    set_clock(there, 2023, 9, 25, 22)
    there.record(KEY, Submit(copy_of(REPORT, "u.1"), Report(), 0, "p_1", "a1"))
    (asked,) = rows(there.store, "assigned")
    contact = table(Contact)
    with there.store.engine.begin() as connection:
        again = {**asked, "key": f"{asked['key']}|resent:1", "message_id": "f" * 40}
        again |= {"state": "pending", "kind": "review", "detail": "1", "token": "t"}
        connection.execute(insert(table(Outbox)), again)
        ref = connection.execute(select(contact.c.ref).where(contact.c.body == OFFICE)).scalar()
        plain = {**again, "key": "checkpoint|1", "message_id": "e" * 40, "contact": ref}
        plain |= {"stream": "", "assignment": "", "kind": "checkpoint"}
        plain |= {"detail": '{"note": "cascade.example\\n5\\ncm9vdA==\\n"}'}
        connection.execute(insert(table(Outbox)), plain)
    done, _ = deliver(there, hours=NIGHT)
    states = {(row["kind"], row["state"]) for row in rows(there.store) if row is not asked}
    assert ("received", "sent") in states
    assert ("checkpoint", "sent") in states
    assert ("review", "sent") in states, "asked for again"
    assert ("review", "pending") in states, "the reviewing body sleeps"
    assert done.states == Counter(sent=3, held=1)


def test_what_nobody_needs_any_more_is_not_held(there: Office) -> None:
    there.issue(document(1))
    set_clock(there, 2023, 9, 19, 22)
    there.record(KEY, Waive(copy_of(REPORT, "u.1"), "pr.vp", "1-CV"))
    done, _ = deliver(there, hours=NIGHT)
    # The waiver, and the consolidation that waits for nobody any more.
    assert done.states == Counter(cancelled=1, held=2)


def test_the_watch_starts_no_delivery_for_held_mail(there: Office) -> None:
    there.issue(proven(2))
    man = postman(there, 25, hours=NIGHT)
    hall = Hall(there.settings, there.store, there.recorder, man)
    set_clock(there, 2023, 9, 19, 22)
    assert look(hall).mail, "somebody must hold it"
    deliver(there, hours=NIGHT)
    assert not look(hall).mail
    set_clock(there, 2023, 9, 20, 6)
    assert look(hall).mail
    deliver(there, hours=NIGHT)
    assert not look(hall).mail


class Silent:
    """People of a demonstration who have nothing to do."""

    next_at = None
    done = 0


def test_the_demonstration_takes_the_end_of_the_night_for_its_next_moment(
    there: Office, tmp_path: Path
) -> None:
    # One duty without a date: nothing else is ever due.
    body = units(1)
    duty = obligation(body, bound=None)
    there.issue(document(1, obligations=(duty,)))
    clock = FileClock(tmp_path / "clock")
    clock.set(vn(2023, 9, 19, 22))
    keeper = Keeper(
        there.store,
        there.recorder,
        clock,
        Silent(),  # type: ignore[arg-type]
        Console(file=StringIO()),
        "vi",
        threading.Event(),
        0,
    )
    assert keeper._owed() == 1, "not held yet: it is on its way"
    set_clock(there, 2023, 9, 19, 22)
    deliver(there, hours=NIGHT)
    assert keeper._owed() == 0
    assert keeper._next() == vn(2023, 9, 20, 6)
    clock.set(vn(2023, 9, 20, 6))
    assert keeper._owed() == 1


def test_a_held_mail_is_not_taken_from_the_dead_before_its_time(there: Office) -> None:
    there.issue(document(1))
    box = table(Outbox)
    with there.store.engine.begin() as connection:
        connection.execute(
            update(box).values(held_until=instant_text(there.clock.instant.add(hours=1)))
        )
    assert owed(there.store, there.machine.instant, there.clock.instant) == 0
    later(there, hours=1)
    assert owed(there.store, there.machine.instant, there.clock.instant) == 1
