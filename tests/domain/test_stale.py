"""A mail that nobody needs any more is not sent."""

from dataclasses import replace

import pytest

from models.domain.effects import Kind
from models.domain.facts import Disputed, ExtensionAsked
from models.domain.ladder import REMIND, Timer
from models.domain.state import Progress, State
from models.domain.terms import CLOSED, AssignmentId, BodyId, ObligationId, Phase
from notifications.render import outdated, stale
from tests.factories import ISSUED as NOW

BASE = Progress(AssignmentId("a@b"), ObligationId("a"), BodyId("b"), version=1, rung=1)
NAGS = (Kind.REMINDER, Kind.OVERDUE, Kind.ESCALATION)
NEWS = (
    Kind.ACCEPTED,
    Kind.WAIVED,
    Kind.ADDENDUM,
    Kind.MOVED,
    Kind.SUPPLEMENT,
    Kind.UNDELIVERED,
)


def in_phase(phase: Phase) -> Progress:
    return replace(BASE, phase=phase)


@pytest.mark.parametrize("kind", NAGS)
def test_nobody_is_urged_once_the_report_is_in(kind: Kind) -> None:
    for phase in Phase:
        unwanted = phase in CLOSED or phase is Phase.SUBMITTED
        assert bool(stale(kind, in_phase(phase), "1")) is unwanted, phase


def test_of_what_was_fired_only_the_newest_is_said() -> None:
    timers = tuple(Timer(NOW, REMIND, name=name) for name in ("first", "second", "third"))
    twice = replace(in_phase(Phase.OPEN), timers=timers, timer=2)
    assert stale(Kind.REMINDER, twice, "first")
    assert not stale(Kind.REMINDER, twice, "second")


def test_a_duty_that_was_closed_is_not_announced() -> None:
    for phase in Phase:
        assert bool(stale(Kind.ASSIGNED, in_phase(phase), "")) is (phase in CLOSED), phase


@pytest.mark.parametrize("kind", NEWS)
def test_news_are_always_told(kind: Kind) -> None:
    assert not any(stale(kind, in_phase(phase), "1") for phase in Phase)


def test_a_review_is_asked_for_the_version_that_waits() -> None:
    assert not stale(Kind.REVIEW, in_phase(Phase.SUBMITTED), "1")
    assert stale(Kind.REVIEW, in_phase(Phase.SUBMITTED), "2")
    assert stale(Kind.REVIEW, in_phase(Phase.ACCEPTED), "1")
    assert stale(Kind.REVIEW, in_phase(Phase.OPEN), "1"), "returned in the meantime"


def test_a_return_is_told_as_long_as_it_asks_for_something() -> None:
    assert not stale(Kind.RETURNED, in_phase(Phase.OPEN), "1")
    assert not stale(Kind.RETURNED, in_phase(Phase.ACKNOWLEDGED), "1")
    assert stale(Kind.RETURNED, in_phase(Phase.SUBMITTED), "2"), "sent again in the meantime"
    again = replace(in_phase(Phase.OPEN), version=2)
    assert stale(Kind.RETURNED, again, "1"), "the reason would be that of another version"
    assert all(stale(Kind.RETURNED, in_phase(phase), "1") for phase in CLOSED)


def test_a_question_is_asked_until_it_is_answered() -> None:
    said = Disputed(NOW, BASE.id, 2, "a" * 64, "p", "l")
    asked = ExtensionAsked(NOW, BASE.id, 3, NOW, "a" * 64, "p", "l")
    for phase in (Phase.OPEN, Phase.ACKNOWLEDGED):
        open_ = replace(in_phase(phase), disputed=said, asked=asked)
        assert not stale(Kind.DISPUTED, open_, "2")
        assert stale(Kind.DISPUTED, open_, "1"), "answered, and said again"
        assert not stale(Kind.EXTENSION_ASKED, open_, "3")
        assert stale(Kind.EXTENSION_ASKED, open_, "2")
        assert stale(Kind.DISPUTED, in_phase(phase), "2")
        assert stale(Kind.EXTENSION_ASKED, in_phase(phase), "3")


def test_an_office_is_told_of_a_held_step_while_it_is_held() -> None:
    held = replace(in_phase(Phase.OPEN), withheld=1)
    assert not stale(Kind.UNTOLD, held, "1")
    assert stale(Kind.UNTOLD, in_phase(Phase.OPEN), "1"), "told in the meantime"
    assert stale(Kind.UNTOLD, replace(held, phase=Phase.ACCEPTED), "1")


def test_a_receipt_is_for_a_report_that_waits() -> None:
    for phase in Phase:
        assert bool(stale(Kind.RECEIVED, in_phase(phase), "1")) is (phase is not Phase.SUBMITTED)


@pytest.mark.parametrize("kind", [Kind.DISPUTE_REJECTED, Kind.EXTENSION_REFUSED])
def test_an_answer_is_told_while_the_duty_is_owed(kind: Kind) -> None:
    for phase in Phase:
        assert bool(stale(kind, in_phase(phase), "1")) is (phase in CLOSED)


def test_the_newest_summary_is_enough() -> None:
    state = State(summaries=2)
    assert outdated(state, Kind.SUMMARY, AssignmentId(""), "1")
    assert not outdated(state, Kind.SUMMARY, AssignmentId(""), "2")
