"""The store alone: transactions, cached states, time, texts and names."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from models import owed, store
from models.domain.facts import Acknowledged, Registered, Report
from models.domain.folding import fold
from models.domain.machine import Entry, advance
from models.domain.requests import Acknowledge, Submit
from models.domain.state import State
from models.domain.terms import DocumentKey, Phase
from tests.builders import (
    CITY,
    FAR,
    ISSUE_AT,
    LINK,
    PERSON,
    REPORTS,
    REPORTS_DUE,
    UNITS,
    city,
    copy,
)
from tests.factories import addresses, document
from tests.ledgers import Office, audit, office
from tests.sealed import names
from tests.verified import assert_whole

UNIT = copy(REPORTS)
TABLES = ("ledger_event", "stream", "contact", "person", "vault_key", "blob", "outbox", "link")


class Broken(Exception):
    """Something fails in the middle."""


@pytest.fixture
def place(database_url: str) -> Iterator[Office]:
    with office(database_url) as made:
        made.issue(city())
        yield made
        audit(made)


def contents(place: Office) -> dict[str, list[dict[str, object]]]:
    return {name: place.rows(f"SELECT * FROM {name}") for name in (*TABLES, "ledger_head")}


def test_a_commit_of_thousands_is_written_piece_by_piece(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise all its rows would be in memory at once; what is written is the same."""
    monkeypatch.setattr(store, "_ROWS", 20)
    monkeypatch.setattr(owed, "_CHUNK", 20)
    with office(database_url) as made:
        most: list[int] = []

        def written(*given: Any) -> None:
            if given[5] and given[2].startswith(("INSERT INTO ledger_event", "INSERT INTO outbox")):
                most.append(len(given[3]))

        event.listen(made.store.engine, "before_cursor_execute", written)
        value = document(50)
        made.issue(value, addresses=addresses(value))
        assert most.count(20) >= 4, "facts and mails"
        assert max(most) == 20
        state, head = made.store.state(value.key), made.rows("SELECT * FROM ledger_head")[0]
        assert (made.count("outbox"), made.count("link"), len(state.progress)) == (50, 50, 51)
        assert head["size"] == made.count("ledger_event") == state.position
        assert fold(State(), [each.fact for each in made.store.events(value.key)]) == state
        audit(made)
        assert_whole(made.store)


def test_a_failing_transaction_leaves_no_trace(place: Office) -> None:
    before, known = contents(place), place.store.state(CITY)

    def fail() -> None:
        with place.store.transaction(place.clock) as transaction:
            fact = Acknowledged(ISSUE_AT, UNIT, transaction.person("Nguyễn Văn A"), LINK)
            transaction.text("một báo cáo")
            step = advance(transaction.state(CITY), [fact], ISSUE_AT)
            transaction.append(CITY, step.entries, step.state)
            assert transaction.state(CITY).progress[UNIT].phase is Phase.ACKNOWLEDGED
            raise Broken

    with pytest.raises(Broken):
        fail()
    assert contents(place) == before
    assert place.store.state(CITY) == known
    assert place.recorder.record(CITY, Acknowledge(UNIT, PERSON, LINK)).refusal is None


def test_a_commit_that_the_database_refuses_leaves_no_trace(place: Office) -> None:
    """The failure comes at the very end, when the rows are written."""
    before = contents(place)
    fact = Acknowledged(ISSUE_AT, UNIT, PERSON, LINK)

    def append_twice() -> None:
        with place.store.transaction(place.clock) as transaction:
            step = advance(transaction.state(CITY), [fact], ISSUE_AT)
            transaction.append(CITY, step.entries, step.state)
            transaction.append(CITY, step.entries, step.state)

    with pytest.raises(IntegrityError, match=r"next linked|dedup_key"):
        append_twice()
    assert contents(place) == before
    assert place.store.state(CITY).progress[UNIT].phase is Phase.OPEN


def test_an_error_in_a_request_undoes_its_companions(place: Office) -> None:
    before = contents(place)

    def breaks(_transaction: object) -> Acknowledge:
        raise Broken

    with pytest.raises(Broken):
        place.recorder.record_all([(CITY, Acknowledge(UNIT, PERSON, LINK)), (CITY, breaks)])
    assert contents(place) == before
    assert place.store.state(CITY).progress[UNIT].phase is Phase.OPEN


def test_a_state_that_another_process_moved_is_caught_up(place: Office, database_url: str) -> None:
    old = place.store.state(CITY)
    with office(database_url, REPORTS_DUE, prepare=False) as other:
        outcome = other.recorder.record(CITY, Acknowledge(UNIT, PERSON, LINK))
        assert outcome.refusal is None
        new = other.store.state(CITY)
    assert new.position > old.position
    assert place.store.state(CITY) == new
    place.clock.instant = REPORTS_DUE
    refusal = place.recorder.record(CITY, Acknowledge(UNIT, PERSON, LINK)).refusal
    assert refusal is not None
    assert refusal.code == "done-already"


def test_the_cached_state_is_what_a_fresh_process_folds(place: Office, database_url: str) -> None:
    place.clock.instant = FAR
    place.recorder.let_time_act(CITY)
    with office(database_url, FAR, prepare=False) as other:
        assert other.store.state(CITY) == place.store.state(CITY)
    facts = [stored.fact for stored in place.store.events(CITY)]
    assert fold(State(), facts) == place.store.state(CITY)


def test_recorded_time_never_runs_backwards(place: Office) -> None:
    place.clock.instant = ISSUE_AT.add(days=10)
    place.recorder.record(CITY, Acknowledge(UNIT, PERSON, LINK))
    place.clock.instant = ISSUE_AT.add(days=2)
    wish = Acknowledge(copy(REPORTS, UNITS[1]), PERSON, LINK)
    (stored,) = place.recorder.record(CITY, wish).facts
    assert stored.fact.at == ISSUE_AT.add(days=10)
    times = [row["recorded_at"] for row in place.rows("SELECT * FROM ledger_event ORDER BY seq")]
    assert times == sorted(times)


def test_the_projection_says_when_time_acts_next(place: Office) -> None:
    place.clock.instant = REPORTS_DUE.subtract(days=30)
    assert place.recorder.due() == []
    while True:
        following = place.store.state(CITY).next_due()
        row = place.store.streams()[0]
        if following is None:
            assert row["next_due"] is None
            break
        place.clock.instant = following.subtract(microseconds=1)
        assert place.recorder.due() == []
        assert place.recorder.let_time_act(CITY).facts == ()
        place.clock.instant = following
        assert place.recorder.due() == [CITY]
        assert place.recorder.let_time_act(CITY).facts
    assert row["issued_at"] is not None


def test_texts_are_kept_once_by_what_they_say(place: Office) -> None:
    with place.store.transaction(place.clock) as transaction:
        one = transaction.text("Đã thực hiện")
        assert transaction.text("Đã thực hiện") == one
        other = transaction.text("Chưa thực hiện")
    assert place.store.blob(one) == "Đã thực hiện"
    assert place.store.blob(other) == "Chưa thực hiện"
    assert place.store.blob("0" * 64) is None
    assert place.count("blob") == 2


def test_names_are_kept_apart_from_the_ledger(place: Office) -> None:
    with place.store.transaction(place.clock) as transaction:
        ref = transaction.person("Trần Thị Bích")
    assert names(place.store) == {ref: "Trần Thị Bích"}
    place.recorder.record(CITY, Submit(UNIT, Report(), 0, ref, LINK))
    everything = b"".join(
        bytes(row["body"]) for row in place.rows("SELECT body FROM ledger_event")
    ).decode()
    assert ref in everything
    assert "Trần" not in everything


def test_an_unknown_stream_is_empty(place: Office) -> None:
    assert place.store.state(DocumentKey("nothing")) == State()
    assert list(place.store.events(DocumentKey("nothing"))) == []


def test_events_page_through_everything(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    place.clock.instant = FAR
    place.recorder.let_time_act(CITY)
    size = place.store.size()
    assert [stored.seq for stored in place.store.events()] == list(range(1, size + 1))
    for page in (1, 7, size, size + 1):
        monkeypatch.setattr("models.store._PAGE", page)
        assert [stored.seq for stored in place.store.events(CITY)] == list(range(1, size + 1))
        assert [stored.seq for stored in place.store.events(after=3)] == list(range(4, size + 1))
    assert isinstance(next(place.store.events()).fact, Registered)


def test_every_fact_names_its_cause(place: Office) -> None:
    bodies = audit(place)
    issued = next(body["seq"] for body in bodies if body["type"] == "Issued")
    for body in bodies:
        if body["type"] == "Opened":
            assert body["cause"] == issued
            assert body["kind"] == "D"
        if body["type"] in ("Registered", "Issued"):
            assert body["cause"] is None
            assert body["kind"] == "I"
    place.clock.instant = FAR
    place.recorder.let_time_act(CITY)
    bodies = audit(place)
    gate = next(body for body in bodies if body["type"] == "GateOpened")
    assert gate["cause"] is None
    (opened,) = [body for body in bodies if body["cause"] == gate["seq"]]
    assert opened["type"] == "Opened"


def test_appending_nothing_writes_nothing(place: Office) -> None:
    before = contents(place)
    place.recorder.let_time_act(CITY)
    with place.store.transaction(place.clock) as transaction:
        assert transaction.append(CITY, [], transaction.state(CITY)) == []
    assert contents(place) == before
    assert Entry(Acknowledged(ISSUE_AT, UNIT, PERSON, LINK)).cause is None
