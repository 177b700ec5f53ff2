"""A mail that nobody needs any more is not sent."""

from dataclasses import replace

import pytest

from models.domain.effects import Kind
from models.domain.state import Progress
from models.domain.terms import CLOSED, AssignmentId, BodyId, ObligationId, Phase
from notifications.render import stale

BASE = Progress(AssignmentId("a@b"), ObligationId("a"), BodyId("b"), version=1, rung=1)
NAGS = (Kind.REMINDER, Kind.OVERDUE, Kind.ESCALATION)
NEWS = (Kind.ACCEPTED, Kind.WAIVED, Kind.ADDENDUM)


def in_phase(phase: Phase) -> Progress:
    return replace(BASE, phase=phase)


@pytest.mark.parametrize("kind", NAGS)
def test_nobody_is_urged_once_the_report_is_in(kind: Kind) -> None:
    for phase in Phase:
        unwanted = phase in CLOSED or phase is Phase.SUBMITTED
        assert bool(stale(kind, in_phase(phase), "1")) is unwanted, phase


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
