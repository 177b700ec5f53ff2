"""Mails come from facts alone: the same ones whenever time is let act, each asked for once."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import DateTime

from models.domain.answers import answer
from models.domain.directive import Document
from models.domain.effects import Kind, Notify, Purpose, effects_of
from models.domain.errors import Refusal
from models.domain.facts import Fact, Issued, Registered, Report
from models.domain.machine import advance
from models.domain.requests import Accept, Return, Submit, Waive
from models.domain.state import State
from models.domain.terms import Acceptance
from tests.builders import (
    BTG,
    CITY_COMMITTEE,
    FAR,
    ISSUE_AT,
    LATEST_START,
    LINK,
    PERSON,
    PLAN,
    PROVINCE_COMMITTEE,
    PROVINCE_ISSUE,
    REPORTS,
    REPORTS_DUE,
    SYNTHESIS,
    TT,
    UNITS,
    VP,
    Life,
    city,
    copy,
    duty,
    issued,
    province,
    registered,
)
from tests.strategies import Wish, instants, wishes

DOCUMENT = city()
UNIT = copy(REPORTS)


def owed(document: Document, schedule: list[Wish], looks: list[DateTime]) -> list[Notify]:
    """The mails as the recorder asks for them: by the state after each whole step."""
    state, mails = State(), list[Notify]()

    def take(events: list[Fact], now: DateTime) -> None:
        nonlocal state
        step = advance(state, events, now)
        state = step.state
        mails.extend(mail for fact in step.facts for mail in effects_of(state, fact))

    take([Registered(ISSUE_AT, document, "vp")], ISSUE_AT)
    take([Issued(ISSUE_AT)], ISSUE_AT)
    order = [(wish.at, 1, wish) for wish in schedule]
    plain: list[tuple[DateTime, int, Wish | None]] = [*order, *((look, 0, None) for look in looks)]
    for now, _, wish in sorted(plain, key=lambda each: each[:2]):
        take([], now)
        if wish is not None:
            given_ = answer(state, wish.request(state), now)
            if not isinstance(given_, Refusal):
                take([given_], now)
    take([], FAR)
    return mails


@settings(max_examples=60)
@given(wishes(DOCUMENT), st.lists(instants(), max_size=20))
def test_the_mails_are_the_same_however_often_time_is_let_act(
    schedule: list[Wish], looks: list[DateTime]
) -> None:
    seldom = owed(DOCUMENT, schedule, [])
    assert owed(DOCUMENT, schedule, looks) == seldom
    keys = [mail.key for mail in seldom]
    assert len(keys) == len(set(keys))


def mails_of(life: Life, facts: tuple[Fact, ...]) -> list[tuple[Kind, str, Purpose, str]]:
    return [
        (mail.kind, mail.recipient, mail.purpose, mail.detail)
        for fact in facts
        for mail in effects_of(life.state, fact)
        if mail.assignment == UNIT
    ]


def test_a_silent_unit_hears_and_so_do_its_superiors() -> None:
    life = issued()
    ward = UNITS[0]
    assert mails_of(life, life.let_act(FAR)) == [
        (Kind.REMINDER, ward, Purpose.ACT, "before-3"),
        (Kind.REMINDER, ward, Purpose.ACT, "on-the-day"),
        (Kind.OVERDUE, ward, Purpose.ACT, "after-1"),
        (Kind.ESCALATION, BTG, Purpose.VIEW, "1"),
        (Kind.OVERDUE, ward, Purpose.ACT, "rung-1"),
        (Kind.ESCALATION, VP, Purpose.VIEW, "2"),
        (Kind.OVERDUE, ward, Purpose.ACT, "rung-2"),
        (Kind.ESCALATION, VP, Purpose.VIEW, "3"),
        (Kind.ESCALATION, TT, Purpose.VIEW, "3"),
        (Kind.OVERDUE, ward, Purpose.ACT, "rung-3"),
        (Kind.ESCALATION, PROVINCE_COMMITTEE, Purpose.VIEW, "4"),
        (Kind.OVERDUE, ward, Purpose.ACT, "rung-4"),
    ]


def test_a_body_is_not_told_of_itself_as_a_superior() -> None:
    life = issued()
    facts = life.let_act(FAR)
    synthesis = copy(SYNTHESIS, BTG)
    mails = [mail for fact in facts for mail in effects_of(life.state, fact)]
    about = [mail for mail in mails if mail.assignment == synthesis and mail.recipient == BTG]
    assert not [mail for mail in about if mail.kind is Kind.ESCALATION]
    assert [mail.purpose for mail in about if mail.detail == "rung-1"] == [Purpose.ACT]


def test_the_way_of_one_report() -> None:
    life = issued()
    ward, day = UNITS[0], ISSUE_AT.add(days=1)

    def ask(request: Submit | Return | Accept | Waive, after: int) -> list[Notify]:
        start = len(life.facts)
        life.ask(request, day.add(hours=after))
        return [mail for f in life.facts[start:] for mail in effects_of(life.state, f)]

    (review,) = ask(Submit(UNIT, Report(), 0, PERSON, LINK), 1)
    assert (review.kind, review.recipient, review.purpose) == (Kind.REVIEW, BTG, Purpose.REVIEW)
    (back,) = ask(Return(UNIT, 1, "a" * 64, PERSON, LINK), 2)
    assert (back.kind, back.recipient, back.purpose) == (Kind.RETURNED, ward, Purpose.ACT)
    (again,) = ask(Submit(UNIT, Report(), 1, PERSON, LINK), 3)
    assert again.key != review.key
    (done,) = ask(Accept(UNIT, 2, PERSON, LINK), 4)
    assert (done.kind, done.recipient, done.purpose) == (Kind.ACCEPTED, ward, Purpose.VIEW)
    (lifted,) = ask(Waive(copy(REPORTS, UNITS[1]), "tt", "x"), 5)
    assert (lifted.kind, lifted.recipient) == (Kind.WAIVED, UNITS[1])


def test_an_addendum_tells_the_body_that_consolidates() -> None:
    life = issued()
    life.let_act(LATEST_START)
    start = len(life.facts)
    life.ask(Submit(UNIT, Report(), 0, PERSON, LINK), LATEST_START.add(days=1))
    mails = [mail for fact in life.facts[start:] for mail in effects_of(life.state, fact)]
    (addendum,) = [mail for mail in mails if mail.kind is Kind.ADDENDUM]
    assert (addendum.recipient, addendum.assignment) == (BTG, UNIT)


def test_silence_where_nobody_needs_a_mail() -> None:
    automatic = issued()
    start = len(automatic.facts)
    automatic.ask(Submit(copy(PLAN), Report(), 0, PERSON, LINK), ISSUE_AT.add(days=1))
    assert [effects_of(automatic.state, fact) for fact in automatic.facts[start:]] == [(), ()]

    before = registered()
    fact = before.ask(Waive(UNIT, "tt", "x"), ISSUE_AT.subtract(days=1))
    assert effects_of(before.state, fact) == ()  # type: ignore[arg-type]

    above = issued(province())
    opened = {mail.assignment for fact in above.facts for mail in effects_of(above.state, fact)}
    assert copy(PROVINCE_ISSUE, CITY_COMMITTEE) not in opened

    nobody = issued(
        city(
            obligations=(replace(duty(REPORTS, UNITS, REPORTS_DUE), reviewer=None),),
            reports_when=None,
        )
    )
    fact = nobody.ask(Submit(UNIT, Report(), 0, PERSON, LINK), ISSUE_AT.add(days=1))
    assert effects_of(nobody.state, fact) == ()  # type: ignore[arg-type]
    assert duty(PLAN, UNITS).acceptance is Acceptance.RECEIVER
