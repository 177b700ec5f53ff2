"""The one row for the relay: a breaker that all senders share, and limits that hold for all."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.domain.facts import NoticeFailed
from models.store import Store
from notifications import relay
from notifications.outbox import counts, owed, work
from notifications.relay import Limits, admit, failed, give_back, recovered, reopen, take
from notifications.smtp_settings import Security, SmtpSettings
from tests.factories import Office, document, office
from tests.faulty_smtp import DROP, FaultySmtp
from tests.integration.mail_site import deliver, later, postman, proven, relay_row, rows

DOWN = {"connect": ["421 4.3.2 busy"] * 50}


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, url=database_url) as found:
        yield found


@pytest.fixture
def there(memory: Path) -> Iterator[Office]:
    with office(memory) as found:
        yield found


def test_nobody_connects_until_a_growing_pause_is_over(there: Office) -> None:
    there.issue(document(3))
    pauses = list[int]()
    for _ in range(9):
        done, server = deliver(there, DOWN)
        assert done.infra
        assert server.connections == 1, "one mail is enough to know"
        before = there.machine.instant
        while not work(there.store, there.machine.instant, there.clock.instant):
            assert deliver(there)[1].connections == 0
            later(there, seconds=5)
        pauses.append(int((there.machine.instant - before).total_seconds()))
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert all(row["tries"] == row["ambiguous"] == 0 for row in rows(there.store))
    done, server = deliver(there)
    assert (done.sent, done.infra) == (3, False), "one success opens it for all"
    assert relay_row(there.store)["failures"] == 0


def test_an_operator_hears_of_an_outage_once(there: Office) -> None:
    there.issue(document(2))
    heard = list[bool]()
    for _ in range(3):
        heard.append(deliver(there, DOWN)[0].alert)
        heard.append(deliver(there, DOWN)[0].alert)
        later(there, seconds=300)
    assert heard == [True, False, False, False, False, False]
    deliver(there)
    there.recorder.let_time_act(there.store.streams()[0]["id"])
    later(there, days=40)
    there.recorder.let_time_act(there.store.streams()[0]["id"])
    assert deliver(there, DOWN)[0].alert, "the next outage is another one"


def test_one_probe_at_a_time(here: Office) -> None:
    now = here.machine.instant
    assert failed(here.store, admit(here.store, now), now)
    now = now.add(seconds=5)
    start = threading.Barrier(4)

    def ask(_: int) -> relay.Admission:
        own = Store(here.settings.store_url)
        try:
            start.wait(10)
            return admit(own, now)
        finally:
            own.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(4)))
    assert sorted((each.open, each.probe) for each in found) == [(False, False)] * 3 + [
        (True, True)
    ]
    (probe,) = [each for each in found if each.open]
    give_back(here.store, probe)
    assert admit(here.store, now).probe, "it had nothing to send: another one may try"
    assert not admit(here.store, now).open
    assert admit(here.store, now.add(seconds=60)).probe, "the one that tried is dead"


def test_several_senders_that_meet_one_failure_count_it_once(here: Office) -> None:
    now = here.machine.instant
    admissions = [admit(here.store, now) for _ in range(3)]
    assert [failed(here.store, each, now) for each in admissions] == [True, False, False]
    assert relay_row(here.store)["failures"] == 1
    recovered(here.store)
    assert admit(here.store, now) == relay.Admission(open=True)


def test_who_gives_its_turn_back_opens_nothing_that_was_closed_meanwhile(there: Office) -> None:
    now = there.machine.instant
    failed(there.store, admit(there.store, now), now)
    probe = admit(there.store, now.add(seconds=10))
    assert probe.probe
    failed(there.store, probe, now.add(seconds=10))
    give_back(there.store, probe)
    assert not admit(there.store, now.add(seconds=10)).open


def test_what_is_stopped_is_not_paused_as_well(there: Office) -> None:
    now = there.machine.instant
    admission = admit(there.store, now)
    assert relay.stop(there.store, "535", "")
    assert not failed(there.store, admission, now)
    assert relay.standing(there.store).failures == 0


def test_a_token_that_comes_back_ends_no_longer_pause(there: Office) -> None:
    now, limits = there.machine.instant, Limits(per_minute=1)
    assert take(there.store, limits, now)
    for failures in range(7):
        failed(there.store, relay.Admission(open=True, failures=failures), now)
    assert not take(there.store, limits, now)
    assert relay.standing(there.store).closed_until == now.add(seconds=300)


def test_refused_credentials_stop_everything_until_an_operator_acts(there: Office) -> None:
    there.issue(proven(3))
    refused = {"auth": ["535 5.7.8 wrong password"] * 9}
    plain, secret = ("AUTH PLAIN",), {"username": "vp", "password": "s3cret"}
    done, server = deliver(there, refused, plain, **secret)
    assert (done.alert, done.infra, server.connections) == (True, True, 1)
    assert done.states == Counter(pending=3)
    later(there, days=2)
    assert owed(there.store, there.machine.instant) == 3, "nothing is lost"
    assert not work(there.store, there.machine.instant, there.clock.instant), "nobody is called"
    done, server = deliver(there, {}, plain, **secret)
    assert (done.alert, done.infra, server.connections) == (False, True, 0)
    assert "535" not in str(relay_row(there.store)["stopped_for"])
    assert "s3cret" not in str(relay_row(there.store))
    reopen(there.store)
    assert deliver(there, {}, plain, **secret)[0].sent == 3
    assert there.facts(NoticeFailed) == []


def test_other_settings_may_be_tried_the_same_may_not(there: Office) -> None:
    wrong = SmtpSettings("localhost", 25, username="vp", password="wrong").identity()
    right = SmtpSettings("localhost", 25, username="vp", password="right").identity()
    print_ = relay.fingerprint(wrong, there.store.log_id())
    assert relay.stop(there.store, "535", print_)
    assert not relay.stop(there.store, "535", print_), "said once"
    assert not relay.reopen_if_changed(there.store, wrong)
    assert relay.standing(there.store).stopped == "535"
    assert relay.reopen_if_changed(there.store, right)
    assert relay.standing(there.store).stopped is None


def test_a_temporary_failure_of_the_authentication_passes(there: Office) -> None:
    there.issue(document(2))
    plain, secret = ("AUTH PLAIN",), {"username": "vp", "password": "s3cret"}
    done, _ = deliver(there, {"auth": ["454 4.7.0 later"]}, plain, **secret)
    assert done.infra
    assert relay_row(there.store)["stopped"] is None
    later(there, seconds=5)
    assert deliver(there, {}, plain, **secret)[0].sent == 2


def test_our_own_address_refused_again_and_again_is_no_fault_of_the_mails(there: Office) -> None:
    there.issue(document(8))
    done, _ = deliver(there, {"mail": ["550 5.7.1 not your sender"] * 20})
    assert done.alert
    assert done.states == Counter(parked=3, pending=5)
    assert "not your sender" in str(relay_row(there.store)["stopped"])


def test_one_refusal_of_our_address_parks_one_mail(there: Office) -> None:
    there.issue(document(4))
    done, _ = deliver(there, {"mail": ["550 5.7.1 not today", "250 ok", "550 5.7.1 no"]})
    assert done.states == Counter(parked=2, sent=2)
    assert not done.infra


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
def test_a_storm_of_421_costs_few_mails_a_try_and_stops_the_round(
    there: Office, phase: str
) -> None:
    there.issue(document(20))
    done, _ = deliver(there, {phase: ["421 4.3.2 closing"] * 99})
    assert done.infra
    assert done.alert
    tried = sum(int(str(row["tries"])) for row in rows(there.store))
    assert tried == (0 if phase == "mail" else 3)
    assert counts(there.store) == {"pending": 20}
    later(there, minutes=16)
    done, _ = deliver(there)
    assert done.sent == 20, "it recovers by itself"


def test_a_relay_that_never_answers_the_final_dot_costs_few_mails_a_doubt(there: Office) -> None:
    there.issue(document(20))
    done, _ = deliver(there, {"dot": [DROP] * 99})
    assert done.infra
    assert counts(there.store) == {"unknown": 3, "pending": 17}
    later(there, seconds=5)
    assert deliver(there, {"dot": [DROP] * 99})[0].states == Counter(unknown=1), "a probe is one"


def test_settings_that_cannot_work_stop_the_mail_and_not_the_process(there: Office) -> None:
    there.issue(document(1))
    man = postman(there, 25)
    man.smtp = SmtpSettings("localhost", 25, Security.TLS, ca_file="/nowhere/ca.pem")
    done = asyncio.run(man.deliver())
    assert done.alert
    assert "/nowhere/ca.pem" in done.reason
    assert not asyncio.run(man.deliver()).alert
    assert counts(there.store) == {"pending": 1}


def test_no_more_than_the_limit_go_in_a_minute(there: Office) -> None:
    there.issue(document(7))
    limits = Limits(per_minute=3)
    sent = list[int]()
    for _ in range(12):
        done, server = deliver(there, limits=limits)
        assert done.sent == len(server.mails)
        sent.append(done.sent)
        later(there, seconds=10)
    assert sent == [3, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0]
    assert counts(there.store) == {"sent": 6, "pending": 1}


def test_a_reached_limit_is_no_work_for_anybody(there: Office) -> None:
    there.issue(document(3))
    done, _ = deliver(there, limits=Limits(per_day=2))
    assert (done.sent, done.limited, done.infra) == (2, True, False)
    assert not work(there.store, there.machine.instant, there.clock.instant)
    assert deliver(there, limits=Limits(per_day=2))[0].limited
    later(there, hours=23)
    assert not work(there.store, there.machine.instant, there.clock.instant)
    later(there, hours=2)
    assert work(there.store, there.machine.instant, there.clock.instant)
    assert deliver(there, limits=Limits(per_day=2))[0].sent == 1


def test_several_senders_share_one_limit(here: Office) -> None:
    here.issue(document(24))
    limits = Limits(per_minute=10, per_day=1_000)

    async def main() -> int:
        async with FaultySmtp() as server:

            def run(owner: str) -> None:
                asyncio.run(postman(here, server.port, owner=owner, limits=limits).deliver())

            await asyncio.gather(*(asyncio.to_thread(run, str(each)) for each in range(4)))
            return len(server.mails)

    assert asyncio.run(main()) == 10
    assert counts(here.store) == {"sent": 10, "pending": 14}


def test_tokens_are_taken_one_by_one_on_each_database(here: Office) -> None:
    now, limits = here.machine.instant, Limits(per_minute=2, per_day=3)
    assert [take(here.store, limits, now) for _ in range(3)] == [True, True, False]
    assert take(here.store, limits, now.add(seconds=61))
    assert not take(here.store, limits, now.add(seconds=61)), "the day's limit"
    assert take(here.store, Limits(), now), "no limit"


def test_tokens_are_not_taken_twice_at_the_same_moment(here: Office) -> None:
    now, limits, start = here.machine.instant, Limits(per_minute=60), threading.Barrier(6)

    def grab(_: int) -> int:
        own = Store(here.settings.store_url)
        try:
            start.wait(10)
            return sum(take(own, limits, now) for _ in range(20))
        finally:
            own.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(grab, range(6))) == 60
