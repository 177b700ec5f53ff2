"""Proofs of notice and moved duties in the ledger, on both databases."""

from collections.abc import Iterator

import pytest

from models.domain import refusals
from models.domain.facts import (
    Escalated,
    Fact,
    NoticeAccepted,
    NoticeQueued,
    NotTold,
    Opened,
    Report,
    Superseded,
)
from models.domain.requests import NoteDelivery, Reassign, Submit
from models.domain.terms import AssignmentId, BodyId
from tests.builders import (
    ASKING,
    CITY,
    ISSUE_AT,
    LINK,
    PERSON,
    REPORTS,
    REPORTS_DUE,
    TT,
    UNITS,
    city,
    copy,
)
from tests.ledgers import Office, audit, office

UNIT = copy(REPORTS)
FIRST_RUNG = REPORTS_DUE.add(days=2, hours=8)


@pytest.fixture
def place(database_url: str) -> Iterator[Office]:
    with office(database_url) as made:
        made.issue(city(policy=ASKING))
        yield made


def facts(place: Office, kind: type[Fact]) -> list[Fact]:
    return [each.fact for each in place.store.events(CITY) if isinstance(each.fact, kind)]


def accepted(place: Office, assignment: AssignmentId = UNIT) -> NoteDelivery:
    (mail,) = [
        row
        for row in place.rows("SELECT * FROM outbox")
        if row["assignment"] == assignment and row["kind"] == "assigned"
    ]
    body = BodyId(mail["recipient"])
    return NoteDelivery(mail["message_id"], "assigned", assignment, body, place.clock.instant)


def test_every_commit_that_owes_mail_says_which(place: Office) -> None:
    (queued,) = facts(place, NoticeQueued)
    assert isinstance(queued, NoticeQueued)
    rows = place.rows("SELECT * FROM outbox ORDER BY key")
    assert sorted(
        (each.message_id, each.kind, each.assignment, each.body, each.contact)
        for each in queued.notices
    ) == sorted(
        (row["message_id"], row["kind"], row["assignment"], row["recipient"], row["contact"])
        for row in rows
    )
    bodies = audit(place)
    entry = next(each for each in bodies if each["type"] == "NoticeQueued")
    cause = bodies[entry["cause"] - 1]
    assert entry["kind"] == "A"
    assert cause["type"] == "Opened"


def test_a_body_without_an_address_is_named_without_a_message(database_url: str) -> None:
    with office(database_url) as place:
        place.issue(city(policy=ASKING), addresses=())
        (queued,) = facts(place, NoticeQueued)
        assert isinstance(queued, NoticeQueued)
        assert {(each.message_id, each.contact) for each in queued.notices} == {("", "")}


def test_without_the_policy_nothing_is_added(database_url: str) -> None:
    with office(database_url) as place:
        place.issue(city())
        assert not facts(place, NoticeQueued)


def test_a_proof_before_the_rung_that_is_written_down_after_it_lets_it_fire(place: Office) -> None:
    """The sender died between the relay's answer and the ledger, over a weekend."""
    note = accepted(place)
    place.clock.instant = FIRST_RUNG.add(hours=1)
    place.recorder.record(CITY, note)
    place.recorder.let_time_act(CITY)
    assert Escalated(FIRST_RUNG, UNIT, 1) in facts(place, Escalated)
    untold = {fact.assignment for fact in facts(place, NotTold)}  # type: ignore[union-attr]
    reports = {copy(REPORTS, unit) for unit in UNITS}
    assert untold & reports == reports - {UNIT}
    audit(place)


def test_what_became_of_a_mail_is_one_fact(place: Office) -> None:
    place.recorder.record(CITY, accepted(place))
    (fact,) = facts(place, NoticeAccepted)
    assert isinstance(fact, NoticeAccepted)
    assert (fact.assignment, fact.body) == (UNIT, UNITS[0])
    assert place.store.state(CITY).progress[UNIT].told == 1


def test_a_moved_duty_ends_the_old_links_with_it(place: Office) -> None:
    before = place.rows("SELECT * FROM link")
    asked = Reassign(UNIT, TT, "tt", "8-QĐ/TU", "e" * 64)
    outcome = place.recorder.record(CITY, asked)
    assert outcome.refusal is None
    assert [type(each.fact) for each in outcome.facts][:2] == [Superseded, Opened]
    mine = [row for row in place.rows("SELECT * FROM link") if row["assignment"] == UNIT]
    assert {row["purpose"]: row["revoked_at"] is not None for row in mine} == {
        "act": True,
        "view": False,
    }
    theirs = [
        row for row in place.rows("SELECT * FROM link") if row["assignment"] == copy(REPORTS, TT)
    ]
    assert [(row["purpose"], row["body"]) for row in theirs] == [("act", TT)]
    untouched = [row for row in before if row["assignment"] != UNIT]
    now = {row["token_sha256"]: row["revoked_at"] for row in place.rows("SELECT * FROM link")}
    assert all(now[row["token_sha256"]] is None for row in untouched)
    refused = place.recorder.record(CITY, Submit(UNIT, Report(), 0, PERSON, LINK))
    assert refused.refusal == refusals.CLOSED
    audit(place)


def test_a_move_that_is_refused_ends_no_link(place: Office) -> None:
    outcome = place.recorder.record(CITY, Reassign(UNIT, UNITS[0], "tt", "8", "e" * 64))
    assert outcome.refusal == refusals.SAME_BODY
    assert {row["revoked_at"] for row in place.rows("SELECT * FROM link")} == {None}


def test_the_state_that_another_process_folds_is_the_same(place: Office, database_url: str) -> None:
    place.recorder.record(CITY, accepted(place))
    place.recorder.record(CITY, Reassign(UNIT, TT, "tt", "8-QĐ/TU", "e" * 64))
    place.clock.instant = ISSUE_AT.add(days=60)
    place.recorder.let_time_act(CITY)
    with office(database_url, prepare=False) as other:
        assert other.store.state(CITY) == place.store.state(CITY)
