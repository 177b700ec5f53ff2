"""Letters are made of the fact that owes them, whatever came after."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.domain.directive import Summary
from models.domain.effects import Kind
from models.domain.facts import Report, Returned, Summarised, Superseded
from models.domain.requests import Acknowledge, Reassign, Request, Return, Submit
from models.domain.terms import BodyId
from models.record import Ask
from models.store import Transaction
from notifications.letter import Letter
from notifications.letters import Letters
from notifications.outbox import claim
from notifications.week import week_of
from tests.builders import LINK, PERSON
from tests.factories import (
    BOARD,
    KEY,
    OFFICE,
    REPORT,
    Office,
    copy_of,
    document,
    office,
    policy,
    vn,
)

ONE = copy_of(REPORT, "u.1")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    value = document(3)
    with office(tmp_path) as found:
        found.issue(replace(value, policy=policy(summary=Summary(0, (BodyId(BOARD),)))))
        yield found


def letters(here: Office) -> dict[tuple[Kind, str], Letter]:
    """Return every letter that is owed now, by kind and address."""
    maker = Letters(here.store)
    state = here.store.state(KEY)
    mails = claim(here.store, here.machine.now().add(days=400), "me", 500)
    return {(Kind(mail.kind), mail.address): maker.of(mail, state) for mail in mails}


def ask(here: Office, request: Request | Ask) -> None:
    outcome = here.recorder.record(KEY, request)
    assert outcome.refusal is None, outcome.refusal


def test_a_letter_has_the_fact_and_the_words_of_who_decided(here: Office) -> None:
    here.clock.instant = vn(2023, 10, 2, 9)
    ask(here, Submit(ONE, Report(), 0, PERSON, LINK))

    def give_back(transaction: Transaction) -> Request:
        return Return(ONE, 1, transaction.text("Thiếu số liệu."), PERSON, LINK)

    ask(here, give_back)

    def move(transaction: Transaction) -> Request:
        why = transaction.text("Sắp xếp lại đơn vị.")
        return Reassign(ONE, BodyId(OFFICE), "pr.thuongtruc", "Quyết định 45-QĐ/TU", why)

    ask(here, move)
    found = letters(here)
    returned = found[Kind.RETURNED, "u.1@units.example"]
    assert isinstance(returned.fact, Returned)
    assert returned.reason == "Thiếu số liệu."
    assert returned.thread is not None
    moved = found[Kind.MOVED, "u.1@units.example"]
    assert isinstance(moved.fact, Superseded)
    assert moved.reason == "Sắp xếp lại đơn vị."
    assert moved.stream == KEY
    assert moved.recipient_name == "Đảng ủy phường số 1"
    first = found[Kind.ASSIGNED, "u.2@units.example"]
    assert first.thread is None
    assert first.reason is None


def test_a_summary_is_of_the_instant_at_which_it_was_due(here: Office) -> None:
    monday = vn(2023, 10, 23, 8)
    here.clock.instant = monday
    here.recorder.let_time_act(KEY)
    then = week_of(here.store.state(KEY), monday)
    here.clock.instant = monday.add(hours=3)
    for number in (1, 2, 3):
        duty = copy_of(REPORT, f"u.{number}")
        ask(here, Acknowledge(duty, PERSON, LINK))
        ask(here, Submit(duty, Report(), 0, PERSON, LINK))
    assert week_of(here.store.state(KEY), monday).reviews == 3
    found = letters(here)[Kind.SUMMARY, f"{BOARD}@units.example"]
    assert isinstance(found.fact, Summarised)
    assert found.fact.at == monday
    assert found.week == then
    assert found.week.reviews == 0
    assert found.assignment == ""
    assert found.token is None
