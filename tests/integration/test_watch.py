"""The watch reads the database only when its answer may be another one, and never misses that."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, select, text, update

from config.hours import hours_of
from flows.hall import Hall
from flows.watch import Lookout, look
from models.codec import instant_text
from models.database import Changes, make_engine
from models.domain.requests import Waive
from models.tables import MailRelay, Outbox, table
from notifications.outbox import outlook, work
from tests.factories import KEY, REPORT, Office, copy_of, document, office, vn
from tests.integration.mail_site import deliver, later, postman, proven

_OUTBOX, _RELAY = table(Outbox), table(MailRelay)
NIGHT = hours_of("21:00-06:00")


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, url=database_url) as found:
        yield found


def commit(url: str) -> None:
    """Commit something small over a connection of its own."""
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE mail_relay SET failures = failures + 1"))
    engine.dispose()


def test_each_commit_is_a_change_and_a_reading_is_none(here: Office, database_url: str) -> None:
    changes = Changes(here.store.engine)
    before = changes.mark()
    assert changes.mark() == before
    here.store.log_id()
    assert changes.mark() == before
    marks = [before]
    for _ in range(3):
        commit(database_url)  # nothing that was asked is in the way
        marks.append(changes.mark())
    with here.store.engine.begin() as connection:  # and over our own engine
        connection.execute(text("UPDATE mail_relay SET failures = 0"))
        marks.append(changes.mark())
    marks.append(changes.mark())
    assert len({*marks[:4], marks[5]}) == 5
    assert marks[4] == marks[3], "what is not committed yet has not happened"
    changes.close()
    assert changes.mark() not in marks, "nobody knows what happened meanwhile"
    changes.close()


def test_what_cannot_be_asked_is_asked_anew(here: Office) -> None:
    changes = Changes(here.store.engine)
    before = changes.mark()
    changes._connection.close()
    with pytest.raises(Exception, match="closed"):
        changes.mark()
    assert changes.mark() != before
    changes.close()


def hall_of(here: Office) -> Hall:
    return Hall(here.settings, here.store, here.recorder, postman(here, 25, hours=NIGHT))


def statements(here: Office) -> list[str]:
    """Return a list that grows with each statement."""
    seen: list[str] = []
    event.listen(here.store.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    return seen


def test_nothing_is_read_while_nothing_happens(here: Office) -> None:
    here.issue(proven(3))
    deliver(here)
    lookout = Lookout(hall_of(here))
    seen = statements(here)
    first = lookout.look()
    assert seen
    seen.clear()
    later(here, seconds=10)
    assert lookout.look() == first
    assert seen == []
    here.record(KEY, Waive(copy_of(REPORT, "u.1"), "pr.vp", "1-CV"))
    seen.clear()
    assert lookout.look().positions != first.positions
    assert seen
    lookout.close()


def test_what_time_brings_is_seen_without_a_commit(here: Office) -> None:
    here.issue(proven(2))
    hall = hall_of(here)
    lookout = Lookout(hall)
    here.clock.instant = vn(2023, 9, 19, 22)
    deliver(here, hours=NIGHT)
    assert not lookout.look().mail, "held for the night"
    here.clock.instant = vn(2023, 9, 20, 6)
    assert lookout.look().mail
    deliver(here, hours=NIGHT)
    assert not lookout.look().due
    due = min(str(row["next_due"]) for row in here.store.streams())
    while instant_text(here.clock.instant) < due:
        assert not lookout.look().due
        later(here, days=1)
    seen = statements(here)
    assert lookout.look().due
    assert seen == []
    lookout.close()


STEPS = ("minute", "hours", "deliver", "refuse", "waive", "night", "time acts")


def step(here: Office, name: str, number: int) -> None:
    """Let something happen, or time pass."""
    match name:
        case "minute":
            later(here, seconds=61)
        case "hours":
            later(here, hours=7)
        case "deliver":
            deliver(here, hours=NIGHT)
        case "refuse":
            deliver(here, {"RCPT": ["451 4.3.0 later"] * 20}, hours=NIGHT)
        case "waive":
            here.record(KEY, Waive(copy_of(REPORT, f"u.{number % 6 + 1}"), "pr.vp", "1-CV"))
        case "night":
            here.clock.instant = here.clock.instant.set(hour=23)
        case "time acts":
            here.recorder.let_time_act(KEY)


def test_the_lookout_always_says_what_a_look_would(here: Office) -> None:
    here.issue(proven(6))
    hall = hall_of(here)
    lookout, chance = Lookout(hall), random.Random(5)
    for number in range(60):
        name = chance.choice(STEPS)
        step(here, name, number)
        assert lookout.look() == look(hall), f"step {number}: {name}"
    lookout.close()


SECONDS = st.integers(-2, 3)
ROW = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["pending", "unknown", "sending", "sent", "failed", "cancelled"]),
        "next": SECONDS,
        "lease": st.none() | SECONDS,
        "held": st.none() | SECONDS,
        "carrier": st.sampled_from([None, None, "somebody"]),
        "attested": st.sampled_from(["", "", None]),
    }
)
RELAY = st.fixed_dictionaries(
    {"closed": st.none() | SECONDS, "stopped": st.sampled_from([None, None, "refused"])}
)
"""Seconds from now."""


def test_no_work_stays_no_work_as_long_as_is_said(here: Office) -> None:
    here.issue(document(2))
    with here.store.reading() as connection:
        keys = connection.execute(select(_OUTBOX.c.key).order_by(_OUTBOX.c.key)).scalars().all()
    now, at = here.machine.instant, here.clock.instant

    def instant(seconds: int | None) -> str | None:
        return None if seconds is None else instant_text(now.add(seconds=seconds))

    @settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(ROW, min_size=2, max_size=2), RELAY)
    def told(rows: list[dict[str, object]], relay: dict[str, object]) -> None:
        with here.store.engine.begin() as connection:
            for key, row in zip(keys, rows, strict=True):
                values = {
                    "state": row["state"],
                    "next_at": instant(row["next"]),  # type: ignore[arg-type]
                    "lease_until": instant(row["lease"]),  # type: ignore[arg-type]
                    "held_until": instant(row["held"]),  # type: ignore[arg-type]
                    "carrier": row["carrier"],
                    "attested_at": row["attested"],
                }
                connection.execute(update(_OUTBOX).where(_OUTBOX.c.key == key).values(values))
            closed = instant(relay["closed"])  # type: ignore[arg-type]
            connection.execute(update(_RELAY).values(closed_until=closed, stopped=relay["stopped"]))
        with here.store.reading() as connection:
            seen = outlook(connection, now, at)
        for machine in range(5):
            for directive in range(5):
                times = (now.add(seconds=machine), at.add(seconds=directive))
                if seen.holds(*times):
                    assert work(here.store, *times) == seen.work

    told()


def steps(path: Path, sent: int) -> int:
    """Return how much SQLite has to do to see that nothing is owed after *sent* mails."""
    with office(path) as here:
        here.issue(document(1))
        deliver(here)
        with here.store.engine.begin() as connection:
            [row] = connection.execute(select(_OUTBOX)).mappings().all()
            more = [
                {**row, "key": f"{row['key']}{each}", "message_id": f"{each:040d}"}
                for each in range(sent)
            ]
            connection.execute(insert(_OUTBOX), more)
        count = 0

        def tick() -> int:
            nonlocal count
            count += 1
            return 0

        with here.store.reading() as connection:
            driver = connection.connection.dbapi_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.set_progress_handler(tick, 1)
            assert not outlook(connection, here.machine.instant, here.clock.instant).work
            driver.set_progress_handler(None, 1)
        return count


def test_what_was_sent_costs_nothing(memory: Path) -> None:
    assert steps(memory / "few", 10) == steps(memory / "many", 500)
