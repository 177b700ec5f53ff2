"""The queue of mails: who may send what, and what every answer leaves behind, on both databases."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pendulum import DateTime
from sqlalchemy import delete, select

from models.codec import instant_text
from models.store import Store
from models.tables import Contact, Outbox, table
from notifications.backoff import CAPS, FLOOR, HORIZON_DAYS
from notifications.outbox import (
    AMBIGUOUS_LIMIT,
    AMBIGUOUS_WAIT_SECONDS,
    INFRA_WAIT_SECONDS,
    LEASE_SECONDS,
    Claimed,
    cancel,
    claim,
    counts,
    finish,
    freeze,
    hold,
    owed,
    thread_of,
)
from notifications.verdict import Delivery, Outcome, Phase
from tests.factories import ISSUED, Office, document, office

NOW = ISSUED
DEAD = NOW.add(seconds=LEASE_SECONDS + 1)
SENT = Delivery(Outcome.SENT, Phase.DATA, 250, text="queued as 1")


def outcome(kind: Outcome) -> Delivery:
    return Delivery(kind, Phase.DATA, 451, text="later")


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    """Six units were just told of their duty."""
    with office(tmp_path, url=database_url) as found:
        found.issue(document(6))
        yield found


@pytest.fixture
def both(here: Office) -> Store:
    """The same, on both databases: where the SQL matters."""
    return here.store


@pytest.fixture
def store(tmp_path: Path, sqlite_url: str) -> Iterator[Store]:
    """The same, on SQLite: where only the rules matter."""
    with office(tmp_path, url=sqlite_url) as found:
        found.issue(document(6))
        yield found.store


def rows(store: Store) -> dict[str, dict[str, object]]:
    with store.reading() as connection:
        found = connection.execute(select(table(Outbox))).mappings().all()
    return {row["key"]: dict(row) for row in found}


def row(store: Store, mail: Claimed) -> dict[str, object]:
    return rows(store)[mail.key]


def take(store: Store, now: DateTime = NOW, limit: int = 50, owner: str = "one") -> list[Claimed]:
    return claim(store, now, owner, limit)


def one(store: Store, now: DateTime = NOW) -> Claimed:
    (mail,) = take(store, now, 1)
    return mail


def frozen(store: Store, mails: list[Claimed]) -> None:
    freeze(store, [(mail, b"raw " + mail.key.encode(), "d" * 64) for mail in mails])


def test_mails_are_taken_oldest_first_and_once(both: Store) -> None:
    assert owed(both, NOW) == 6
    first = take(both, limit=4)
    rest = take(both)
    assert len(first) == 4
    assert [mail.key for mail in first + rest] == sorted(rows(both))
    assert take(both) == []
    assert owed(both, NOW) == 0
    assert counts(both) == {"sending": 6}


def test_nothing_is_taken_before_its_time(store: Store) -> None:
    assert take(store, NOW.subtract(seconds=1)) == []


def test_two_postmen_at_once_never_take_the_same_mail(here: Office) -> None:
    url = here.settings.store_url
    start = threading.Barrier(4)

    def work(number: int) -> list[str]:
        own = Store(url, here.store.vault)
        taken: list[str] = []
        try:
            start.wait(10)
            while mails := claim(own, NOW, f"postman-{number}", 1):
                taken += [mail.key for mail in mails]
        finally:
            own.close()
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [key for keys in pool.map(work, range(4)) for key in keys]
    assert sorted(taken) == sorted(rows(here.store))


def test_a_sender_that_died_before_freezing_sent_nothing(store: Store) -> None:
    mail = one(store)
    again = one(store, DEAD)
    assert (again.key, again.attempt, again.ambiguous) == (mail.key, 2, 0)


def test_nobody_takes_what_a_living_sender_holds(store: Store) -> None:
    take(store)
    assert take(store, NOW.add(seconds=LEASE_SECONDS)) == []
    assert owed(store, NOW.add(seconds=LEASE_SECONDS)) == 0
    assert owed(store, DEAD) == 6


def test_a_sender_that_died_leaves_the_mail_it_was_at_in_doubt(store: Store) -> None:
    frozen(store, [one(store)])
    again = one(store, DEAD)
    assert again.ambiguous == 1
    assert again.raw is not None
    assert row(store, again)["last_text"] == "sender died during an attempt"


def test_a_sender_that_died_leaves_no_doubt_about_what_it_had_not_begun(both: Store) -> None:
    mails = take(both)
    frozen(both, mails)
    finish(both, mails[0], SENT, NOW)
    again = take(both, DEAD)
    assert [mail.ambiguous for mail in again] == [1, 0, 0, 0, 0]
    assert [mail.raw for mail in again] == [b"raw " + mail.key.encode() for mail in mails[1:]]


def test_each_of_several_dead_senders_was_at_one_mail(store: Store) -> None:
    first, second = take(store, limit=3, owner="one"), take(store, limit=3, owner="two")
    frozen(store, first)
    frozen(store, second)
    assert [mail.ambiguous for mail in take(store, DEAD)] == [1, 0, 0, 1, 0, 0]


def test_after_two_repeats_in_doubt_a_person_must_look(store: Store) -> None:
    now, mail = NOW, one(store)
    for repeat in range(AMBIGUOUS_LIMIT):
        frozen(store, [mail])
        now = now.add(seconds=LEASE_SECONDS + 1)
        mail = one(store, now)
        assert mail.ambiguous == repeat + 1
    frozen(store, [mail])
    now = now.add(seconds=LEASE_SECONDS + 1)
    left = take(store, now)
    assert mail.key not in {each.key for each in left}
    assert len(left) == 5, "it does not hold up the others"
    assert row(store, mail)["state"] == "parked"


def test_a_lost_answer_is_repeated_much_later_and_twice_at_most(store: Store) -> None:
    now, mail = NOW, one(store)
    states = []
    for _ in range(AMBIGUOUS_LIMIT + 1):
        states.append(finish(store, mail, outcome(Outcome.AMBIGUOUS), now))
        soon = now.add(seconds=AMBIGUOUS_WAIT_SECONDS - 1)
        now = now.add(seconds=AMBIGUOUS_WAIT_SECONDS)
        assert mail.key not in {each.key for each in take(store, soon)}
        mail = next((each for each in take(store, now) if each.key == mail.key), mail)
    assert states == ["unknown", "unknown", "parked"]
    assert row(store, mail)["ambiguous"] == AMBIGUOUS_LIMIT + 1


@pytest.mark.parametrize("kind", [Outcome.SENT, Outcome.REFUSED])
def test_what_is_final_keeps_neither_bytes_nor_secret(store: Store, kind: Outcome) -> None:
    mail = one(store)
    frozen(store, [mail])
    state = finish(store, mail, Delivery(kind, Phase.RCPT, 250, text="x" * 900), NOW)
    kept = row(store, mail)
    assert kept["state"] == state == {"sent": "sent", "refused": "failed"}[kind.value]
    assert kept["raw"] is None
    assert kept["token"] is None
    assert kept["lease_owner"] is None
    assert kept["raw_sha256"] == "d" * 64
    assert kept["finished_at"]
    assert len(str(kept["last_text"])) == 500
    assert mail.key not in {each.key for each in take(store, NOW.add(years=1))}


def test_a_cancelled_mail_keeps_neither_bytes_nor_secret(both: Store) -> None:
    mail = one(both)
    frozen(both, [mail])
    cancel(both, [mail], "reported", NOW)
    kept = row(both, mail)
    assert (kept["state"], kept["raw"], kept["token"]) == ("cancelled", None, None)
    assert kept["last_text"] == "reported"


def test_our_own_fault_waits_for_a_person_with_everything(store: Store) -> None:
    mail = one(store)
    frozen(store, [mail])
    assert finish(store, mail, outcome(Outcome.FAULT), NOW) == "parked"
    assert row(store, mail)["token"] is not None
    assert mail.key not in {each.key for each in take(store, NOW.add(years=1))}


def next_at(store: Store, mail: Claimed) -> str:
    """Return when the mail is owed again."""
    with store.reading() as connection:
        return str(
            connection.execute(
                select(table(Outbox).c.next_at).where(table(Outbox).c.key == mail.key)
            ).scalar_one()
        )


def test_retries_come_later_and_later_and_then_a_person_looks(store: Store) -> None:
    now, key = NOW, one(store).key
    now = begun = now.add(seconds=LEASE_SECONDS + 1)
    for number in range(100):
        mail = next(each for each in take(store, now) if each.key == key)
        assert mail.tries == number
        state = finish(store, mail, outcome(Outcome.RETRY), now)
        if state == "parked":
            break
        assert state == "pending"
        longest = CAPS[min(number, len(CAPS) - 1)]
        soonest, latest = now.add(seconds=FLOOR - 1), now.add(seconds=longest)
        assert instant_text(soonest) < next_at(store, mail) <= instant_text(latest)
        now = latest
    days = (now - begun).total_days()
    assert HORIZON_DAYS <= days < HORIZON_DAYS + 0.25  # RFC 5321 section 4.5.4.1
    assert row(store, mail)["settled_at"]


def test_an_outage_of_the_relay_is_not_held_against_a_mail(store: Store) -> None:
    now, mail = NOW, one(store)
    for _ in range(12):
        finish(store, mail, outcome(Outcome.INFRA), now)
        now = now.add(seconds=INFRA_WAIT_SECONDS)
        mail = next(each for each in take(store, now) if each.key == mail.key)
    finish(store, mail, outcome(Outcome.RETRY), now)
    assert next_at(store, mail) <= instant_text(now.add(seconds=CAPS[0]))


def test_a_relay_that_cannot_be_used_costs_seconds(store: Store) -> None:
    mail = one(store)
    frozen(store, [mail])
    assert finish(store, mail, outcome(Outcome.INFRA), NOW) == "pending"
    again = one(store, NOW.add(seconds=INFRA_WAIT_SECONDS))
    assert (again.key, again.ambiguous) == (mail.key, 0)


def test_mail_that_was_accepted_was_accepted_whenever_we_hear_of_it(both: Store) -> None:
    old = one(both)
    frozen(both, [old])
    new = one(both, DEAD)
    assert new.attempt == old.attempt + 1
    assert finish(both, old, SENT, DEAD) == "sent"
    assert row(both, old)["state"] == "sent"


LATE = [kind for kind in Outcome if kind is not Outcome.SENT]


@pytest.mark.parametrize("kind", LATE)
def test_other_late_answers_of_an_older_attempt_change_nothing(store: Store, kind: Outcome) -> None:
    old = one(store)
    frozen(store, [old])
    one(store, DEAD)
    before = row(store, old)
    assert finish(store, old, outcome(kind), DEAD) == "sending"
    cancel(store, [old], "late", DEAD)
    freeze(store, [(old, b"other bytes", "e" * 64)])
    assert hold(store, [old], DEAD) == set()
    assert row(store, old) == before


@pytest.mark.parametrize("kind", LATE)
def test_nothing_undoes_an_acceptance(store: Store, kind: Outcome) -> None:
    """The first attempt's success is heard while the second one is under way."""
    old = one(store)
    frozen(store, [old])
    new = one(store, DEAD)
    finish(store, old, SENT, DEAD)
    done = row(store, old)
    assert finish(store, new, outcome(kind), DEAD) == "sent"
    cancel(store, [new], "late", DEAD)
    freeze(store, [(new, b"other bytes", "e" * 64)])
    assert row(store, old) == done
    assert old.key not in {each.key for each in take(store, NOW.add(years=1))}


def test_a_lease_is_prolonged_as_long_as_the_work_lasts(both: Store) -> None:
    mails = take(both)
    frozen(both, mails)
    later = NOW.add(seconds=LEASE_SECONDS - 1)
    assert hold(both, mails, later) == {mail.key for mail in mails}
    assert take(both, DEAD) == []
    after = later.add(seconds=LEASE_SECONDS + 1)
    assert len(take(both, after, owner="two")) == 6
    assert hold(both, mails, after) == set()


def test_a_mail_whose_contact_is_gone_waits_for_a_person(both: Store) -> None:
    gone = sorted(rows(both))[0]
    contact = rows(both)[gone]["contact"]
    with both.engine.begin() as connection:
        connection.execute(delete(table(Contact)).where(table(Contact).c.ref == contact))
    taken = take(both)
    assert len(taken) == 5
    assert rows(both)[gone]["state"] == "parked"
    assert rows(both)[gone]["last_text"] == "no-contact"
    for mail in taken:
        finish(both, mail, SENT, NOW)
    assert owed(both, NOW.add(years=1)) == 0, "nobody waits for it"


def test_a_thread_begins_with_the_first_mail_to_the_same_mailbox(here: Office) -> None:
    store = here.store
    for mail in take(store):
        assert thread_of(store, mail) is None, "itself the first"
        finish(store, mail, SENT, NOW)
    firsts = {each["contact"]: each["message_id"] for each in rows(store).values()}
    here.clock.instant = here.machine.instant = NOW.add(days=27)
    here.recorder.let_time_act(document().key)
    reminders = take(store, here.machine.instant)
    assert len(reminders) == 6
    assert {mail.contact: thread_of(store, mail) for mail in reminders} == firsts
