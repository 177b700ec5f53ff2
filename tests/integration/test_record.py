"""The one transaction: facts, relays, mails and links together, or nothing."""

import hashlib
import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from models.domain.calendar import at, midnight
from models.domain.directive import Document
from models.domain.effects import Kind
from models.domain.facts import (
    BecameOverdue,
    ChildIssued,
    Issued,
    ParentIssued,
    Report,
    ReportedUp,
    Submitted,
    Waived,
)
from models.domain.requests import Accept, Acknowledge, Issue, ReportUp, Return, Submit, Waive
from models.domain.state import State
from models.domain.terms import BodyId, DocumentKey, Phase
from models.record import Address, AlreadyRegistered
from tests.builders import (
    BTG,
    CITY,
    CITY_COMMITTEE,
    FAR,
    ISSUE_AT,
    LATEST_START,
    LINK,
    PERSON,
    PROVINCE,
    PROVINCE_ISSUE,
    PROVINCE_REPORT,
    REPORTS,
    REPORTS_DUE,
    SYNTHESIS,
    UNITS,
    VP,
    city,
    city_below_province,
    copy,
    province,
)
from tests.ledgers import ADDRESSES, Office, audit
from tests.sealed import names

UNIT = copy(REPORTS)
UP_ISSUE = copy(PROVINCE_ISSUE, CITY_COMMITTEE)
UP_REPORT = copy(PROVINCE_REPORT, CITY_COMMITTEE)
CHILD = city_below_province()


def settle(place: Office) -> None:
    for stream in place.recorder.due():
        place.recorder.let_time_act(stream)


def facts_of(place: Office, kind: type) -> list[tuple[str, object]]:
    return [(s.stream, s.fact) for s in place.store.events() if isinstance(s.fact, kind)]


# --- registering ---------------------------------------------------------------------------------


def test_registering_twice_is_refused_with_nothing_half_stored(place: Office) -> None:
    place.recorder.register([CHILD], ADDRESSES[:3], "vp")
    before = {name: place.count(name) for name in ("ledger_event", "stream", "contact")}
    # The first of the package is new, the second is not: the first must not stay.
    with pytest.raises(AlreadyRegistered, match="256-KH/TU") as caught:
        place.recorder.register([province(), CHILD], ADDRESSES, "vp")
    assert caught.value.key == CITY
    assert {name: place.count(name) for name in before} == before
    assert place.store.state(PROVINCE) == State()
    place.recorder.register([province()], ADDRESSES, "vp")


def test_one_package_that_names_a_document_twice(place: Office) -> None:
    with pytest.raises(AlreadyRegistered):
        place.recorder.register([city(), city()], ADDRESSES, "vp")
    assert place.count("stream") == place.count("ledger_event") == place.count("contact") == 0


def test_addresses_are_kept_once_and_may_change(place: Office) -> None:
    place.recorder.register([province()], (*ADDRESSES, *ADDRESSES[:2]), "vp")
    again = (*ADDRESSES, *ADDRESSES, Address(BodyId("new"), "new@example.org"))
    place.recorder.register([CHILD], again, "vp")
    assert place.count("contact") == len(ADDRESSES) + 1


def test_a_contact_may_be_deleted_and_others_added(place: Office) -> None:
    place.recorder.register([province()], ADDRESSES, "vp")
    first = place.rows("SELECT ref FROM contact ORDER BY ref")[0]["ref"]
    with place.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM contact WHERE ref = :ref"), {"ref": first})
    place.recorder.register([CHILD], [Address(VP, "moi@example.org")], "vp")
    refs = [row["ref"] for row in place.rows("SELECT ref FROM contact")]
    assert len(refs) == len(set(refs)) == len(ADDRESSES)
    assert first not in refs, "a reference is never given to another address"


def test_a_package_added_below_a_document_that_is_out_already(place: Office) -> None:
    place.issue(province())
    place.clock.instant = ISSUE_AT.add(days=3)
    place.recorder.register([CHILD], ADDRESSES, "vp")
    assert facts_of(place, ParentIssued) == [(CITY, ParentIssued(province().issue_at, PROVINCE))]
    assert place.recorder.due() == [CITY]
    assert place.recorder.record(CITY, Issue()).refusal is None
    assert facts_of(place, ChildIssued) == [(PROVINCE, ChildIssued(ISSUE_AT, UP_ISSUE, CITY))]


def test_what_is_stored_is_what_is_carried_out(place: Office) -> None:
    """Text typed on a Mac: the state in memory and the state read back are the same."""
    typed = unicodedata.normalize("NFD", "Kế hoạch triển khai của Thành ủy")
    place.issue(city(title=typed))
    place.recorder.record(
        CITY, Waive(UNIT, "tt", unicodedata.normalize("NFD", "Công văn số 12 của Thường trực"))
    )
    assert place.store.state(CITY).document.title == unicodedata.normalize("NFC", typed)
    ((_, waived),) = facts_of(place, Waived)
    assert isinstance(waived, Waived)
    assert waived.authority == "Công văn số 12 của Thường trực"


# --- relays --------------------------------------------------------------------------------------


def chain(place: Office) -> None:
    """The two documents are out, every unit has reported, the synthesis is accepted."""
    place.issue(province(), CHILD)
    place.clock.instant = at(date(2023, 10, 10), 9)
    wanted = []
    for unit in UNITS:
        wanted.append((CITY, Submit(copy(REPORTS, unit), Report(), 0, PERSON, LINK)))
        wanted.append((CITY, Accept(copy(REPORTS, unit), 1, PERSON, LINK)))  # type: ignore[arg-type]
    synthesis = copy(SYNTHESIS, BTG)
    wanted.append((CITY, Submit(synthesis, Report(), 0, PERSON, LINK)))
    wanted.append((CITY, Accept(synthesis, 1, PERSON, LINK)))  # type: ignore[arg-type]
    assert [each.refusal for each in place.recorder.record_all(wanted)] == [None] * 10


def test_an_issue_reaches_the_document_above_in_the_same_transaction(place: Office) -> None:
    place.issue(province(), CHILD)
    rows = audit(place)
    issued = next(r for r in rows if r["type"] == "Issued" and r["stream"] == CITY)
    child = next(r for r in rows if r["type"] == "ChildIssued")
    assert child["cause"] == issued["seq"]
    assert child["recorded_at"] == issued["recorded_at"]
    assert place.store.state(PROVINCE).progress[UP_ISSUE].phase is Phase.ACCEPTED


def test_the_report_reaches_the_document_above_once(place: Office) -> None:
    chain(place)
    when = place.clock.now()
    place.clock.instant = when.add(hours=5)
    outcome = place.recorder.record(CITY, ReportUp())
    assert [type(stored.fact) for stored in outcome.facts] == [ReportedUp, Submitted]
    again = place.recorder.record(CITY, ReportUp())
    assert again.refusal is not None
    assert again.refusal.code == "done-already"
    reports = [fact for stream, fact in facts_of(place, Submitted) if stream == PROVINCE]
    assert reports == [
        Submitted(when, UP_REPORT, 1, Report(None, (), "256-KH/TU", CHILD.issued_on), "", "")
    ]
    assert place.store.state(PROVINCE).progress[UP_REPORT].phase is Phase.SUBMITTED


def test_a_relay_that_fails_takes_its_cause_with_it(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain(place)
    before = place.store.size()

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("models.domain.relay.Submitted", broken)
        with pytest.raises(ZeroDivisionError):
            place.recorder.record(CITY, ReportUp())
    assert place.store.size() == before
    assert place.store.state(CITY).reported_up_at is None
    assert place.recorder.record(CITY, ReportUp()).refusal is None


def test_the_duty_above_is_waived_before_the_report_comes(place: Office) -> None:
    chain(place)
    place.recorder.record(PROVINCE, Waive(UP_REPORT, "tt", "Công văn 12-CV/TU"))
    outcome = place.recorder.record(CITY, ReportUp())
    assert [type(stored.fact) for stored in outcome.facts] == [ReportedUp]
    assert place.store.state(PROVINCE).progress[UP_REPORT].phase is Phase.WAIVED


def test_what_happened_in_time_is_not_overdue_above_though_it_was_recorded_late(
    place: Office,
) -> None:
    """The system stood still from the issue's hour until after the bound of issuing it."""
    place.issue(province())
    place.recorder.register([CHILD], ADDRESSES, "vp")
    bound = province().obligations[0].bound
    assert bound is not None
    place.clock.instant = bound.due_exclusive.add(days=2)
    assert place.recorder.record(CITY, Issue()).refusal is None
    settle(place)
    above = place.store.state(PROVINCE).progress[UP_ISSUE]
    assert above.closed_at == ISSUE_AT
    assert above.overdue_at is None
    assert not [fact for stream, fact in facts_of(place, BecameOverdue) if stream == PROVINCE]


# --- requests ------------------------------------------------------------------------------------


def test_one_effect_per_request_however_often_it_is_sent(place: Office) -> None:
    place.issue(city())
    wishes = (
        Acknowledge(UNIT, PERSON, LINK),
        Submit(UNIT, Report(), 0, PERSON, LINK),
        Return(UNIT, 1, "a" * 64, PERSON, LINK),
        Submit(UNIT, Report(), 1, PERSON, LINK),
        Accept(UNIT, 2, PERSON, LINK),
    )
    for wish in wishes:
        mails, size = place.count("outbox"), place.store.size()
        outcomes = place.recorder.record_all([(CITY, wish)] * 3)
        assert [each.refusal is None for each in outcomes] == [True, False, False]
        assert place.store.size() == size + 1
        assert place.count("outbox") <= mails + 1


def test_a_refusal_still_records_what_fell_due(place: Office) -> None:
    place.issue(city())
    place.clock.instant = REPORTS_DUE
    outcome = place.recorder.record(CITY, Accept(UNIT, 1, PERSON, LINK))
    assert outcome.refusal is not None
    assert any(isinstance(stored.fact, BecameOverdue) for stored in outcome.facts)
    assert place.recorder.let_time_act(CITY).facts == ()


def test_what_is_made_inside_the_transaction_is_kept_with_it(place: Office) -> None:
    place.issue(city())
    outcome = place.recorder.record(
        CITY,
        lambda transaction: Submit(
            UNIT,
            Report(text_sha256=transaction.text("Đã thực hiện đầy đủ")),
            0,
            transaction.person("Lê Văn C"),
            LINK,
        ),
    )
    (stored,) = outcome.facts
    assert isinstance(stored.fact, Submitted)
    assert stored.fact.report.text_sha256 is not None
    assert place.store.blob(stored.fact.report.text_sha256) == "Đã thực hiện đầy đủ"
    assert names(place.store) == {stored.fact.person: "Lê Văn C"}


def test_an_unknown_document_is_refused(place: Office) -> None:
    for wish in (Issue(), ReportUp(), Acknowledge(UNIT, PERSON, LINK)):
        assert place.recorder.record(DocumentKey("999-KH/TU"), wish).refusal is not None
    assert place.store.size() == 0


# --- mails and links -----------------------------------------------------------------------------


def test_one_mail_and_one_link_for_each_contact(place: Office) -> None:
    document = replace_rungs(city())
    place.issue(document)
    place.clock.instant = FAR
    settle(place)
    mails = place.rows("SELECT * FROM outbox")
    assert len({mail["key"] for mail in mails}) == len(mails)
    assert len({mail["message_id"] for mail in mails}) == len(mails)
    escalations = [m for m in mails if m["kind"] == Kind.ESCALATION and m["recipient"] == VP]
    told = {(m["assignment"], m["detail"], m["contact"]) for m in escalations}
    assert len(told) == len(escalations)
    contacts = {row["ref"] for row in place.rows(f"SELECT ref FROM contact WHERE body = '{VP}'")}
    assert {mail["contact"] for mail in escalations} == contacts
    assert len(contacts) == 2

    links = {link["outbox"]: link for link in place.rows("SELECT * FROM link")}
    assert set(links) == {mail["key"] for mail in mails if mail["contact"]}
    for mail in mails:
        if mail["contact"] is None:
            continue
        link = links[mail["key"]]
        assert link["token_sha256"] == hashlib.sha256(mail["token"].encode()).hexdigest()
        assert (link["assignment"], link["body"]) == (mail["assignment"], mail["recipient"])
        assert link["expires_at"] > link["created_at"]
    events = {body["seq"]: body for body in audit(place)}
    assert all(events[mail["seq"]]["stream"] == mail["stream"] for mail in mails)


def replace_rungs(document: Document) -> Document:
    return replace(document, policy=replace(document.policy, rungs=document.policy.rungs[:3]))


def test_a_body_without_an_address_gets_a_parked_mail(place: Office) -> None:
    place.issue(city(), addresses=ADDRESSES[1:])
    silent = place.rows(f"SELECT * FROM outbox WHERE recipient = '{UNITS[0]}'")
    assert len(silent) == 3  # plan, report, standing duty
    for mail in silent:
        assert (mail["state"], mail["last_text"]) == ("parked", "no-contact")
        assert mail["contact"] is mail["token"] is None
    others = place.rows(f"SELECT * FROM outbox WHERE recipient = '{UNITS[1]}'")
    assert {mail["state"] for mail in others} == {"pending"}
    assert not place.rows(f"SELECT * FROM link WHERE body = '{UNITS[0]}'")


def test_letting_time_act_again_owes_nothing_more(place: Office) -> None:
    place.issue(city())
    place.clock.instant = FAR
    settle(place)
    mails = place.count("outbox")
    for _ in range(3):
        assert place.recorder.let_time_act(CITY).facts == ()
    assert place.count("outbox") == mails > 0


def test_the_gate_and_the_addendum_on_a_real_ledger(place: Office) -> None:
    place.issue(city())
    place.clock.instant = LATEST_START.add(days=1)
    settle(place)
    synthesis = place.store.state(CITY).progress[copy(SYNTHESIS, BTG)]
    assert (synthesis.phase, synthesis.opened_at) == (Phase.OPEN, LATEST_START)
    place.recorder.record(CITY, Submit(UNIT, Report(), 0, PERSON, LINK))
    addenda = place.rows(f"SELECT * FROM outbox WHERE kind = '{Kind.ADDENDUM}'")
    assert [mail["recipient"] for mail in addenda] == [BTG]
    assert facts_of(place, Issued) == [(CITY, Issued(ISSUE_AT))]
    assert midnight(date(2023, 10, 27)) == LATEST_START
