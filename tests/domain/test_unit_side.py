"""What a unit may say besides its report, what it is answered, and what proves that it was told."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import DateTime

from models.domain import refusals
from models.domain.answers import answer
from models.domain.calendar import at
from models.domain.directive import Document
from models.domain.effects import Kind, Purpose, effects_of
from models.domain.errors import Refusal
from models.domain.facts import (
    BY_LINK,
    ON_BEHALF,
    Accepted,
    AddendumReceived,
    BecameOverdue,
    ChildIssued,
    Completed,
    Escalated,
    Fact,
    GateOpened,
    NoticeFailed,
    NotTold,
    Opened,
    Report,
    Submitted,
    Summarised,
    Superseded,
    Supplemented,
    Waived,
)
from models.domain.folding import fold
from models.domain.machine import advance
from models.domain.requests import (
    Accept,
    Acknowledge,
    AskExtension,
    Correct,
    Dispute,
    Issue,
    MoveBound,
    NoteDelivery,
    Reassign,
    RecordNotice,
    RefuseExtension,
    RejectDispute,
    Request,
    Return,
    Submit,
    Supplement,
    Waive,
)
from models.domain.state import State
from models.domain.terms import Acceptance, AssignmentId, BodyId, DocumentKey, Phase
from tests.builders import (
    ASKING,
    BTG,
    FAR,
    ISSUE_AT,
    LATEST_START,
    LINK,
    PERSON,
    PLAN,
    REPORTS,
    REPORTS_DUE,
    SYNTHESIS,
    SYNTHESIS_DUE,
    TT,
    UNITS,
    VP,
    Life,
    city,
    copy,
    issued,
)
from tests.laws import check_all, check_proofs
from tests.strategies import UNIT_VERBS, Wish, inputs, instants, live, wishes

CITY = city(policy=ASKING)
UNIT = copy(REPORTS)
REASON = "c" * 64
FIRST_RUNG = at(REPORTS_DUE.add(days=2).date(), 8)
"""One working day after the last day, Friday 20/10: Monday 23/10 at 8."""


def of(kind: type[Fact], life: Life) -> list[Fact]:
    return [fact for fact in life.facts if isinstance(fact, kind)]


def told(assignment: AssignmentId = UNIT, when: DateTime = ISSUE_AT, **more: object) -> Request:
    body = BodyId(assignment.rpartition("@")[2])
    plain = NoteDelivery("m1", "assigned", assignment, body, when)
    return replace(plain, **more)  # type: ignore[arg-type]


def submit(version: int = 0, report: Report | None = None) -> Submit:
    return Submit(UNIT, report or Report(plan_number="1-BC"), version, PERSON, LINK)


def kinds(life: Life, kind: type[Fact]) -> list[tuple[Kind, str, Purpose]]:
    return [
        (each.kind, each.recipient, each.purpose)
        for fact in of(kind, life)
        for each in effects_of(life.state, fact)
    ]


# --- all of it together ---------------------------------------------------------------------------


@settings(max_examples=80)
@given(wishes(CITY, verbs=UNIT_VERBS), st.lists(instants(), max_size=12))
def test_every_law_holds_whatever_units_and_operators_do(
    schedule: list[Wish], looks: list[DateTime]
) -> None:
    often, seldom = live(CITY, schedule, looks), live(CITY, schedule)
    assert often.facts == seldom.facts
    assert often.state == seldom.state
    check_all(CITY, often.facts, FAR)
    check_proofs(often.facts)
    assert fold(State(), often.facts) == often.state
    again = advance(State(), inputs(often.facts), FAR)
    assert list(again.facts) == often.facts


@settings(max_examples=25)
@given(wishes(CITY, verbs=UNIT_VERBS))
def test_counters_are_what_a_count_gives(schedule: list[Wish]) -> None:
    """Also after duties have moved to other bodies."""
    state = live(CITY, schedule).state
    assert state.plan is not None
    copies = state.progress.values()
    still = [each for each in copies if not each.closed]
    assert state.open_closing == sum(each.obligation in state.plan.closing for each in still)
    assert state.reports_left == sum(each.obligation == SYNTHESIS for each in still)
    for gate in state.gates.values():
        assert gate.outstanding == sum(each.obligation in gate.waits_for for each in still)
    assert set(state.progress) == set(state.plan.assignments)


# --- proof of notice ------------------------------------------------------------------------------


def test_a_rung_waits_for_a_proof_that_the_unit_was_told() -> None:
    life = issued(CITY)
    life.let_act(FAR)
    withheld = [fact for fact in of(NotTold, life) if getattr(fact, "assignment", "") == UNIT]
    assert withheld == [NotTold(FIRST_RUNG, UNIT, 1, 1)]
    assert not of(Escalated, life)
    assert of(BecameOverdue, life), "that nothing came is a fact all the same"
    assert (Kind.UNTOLD, VP, Purpose.VIEW) in kinds(life, NotTold)


def test_a_notice_before_the_rung_lets_it_fire() -> None:
    life = issued(CITY)
    life.ask(told(), ISSUE_AT.add(minutes=1))
    life.let_act(FIRST_RUNG)
    assert Escalated(FIRST_RUNG, UNIT, 1) in life.facts


def test_what_was_withheld_comes_on_the_next_working_morning_after_the_proof() -> None:
    life = issued(CITY)
    proof = at(FIRST_RUNG.add(days=4).date(), 15)  # Friday afternoon
    life.ask(RecordNotice(UNIT, "vp", REASON), proof)
    life.let_act(proof.add(days=20))
    mine = [fact for fact in of(Escalated, life) if fact.assignment == UNIT]  # type: ignore[union-attr]
    assert mine[0] == Escalated(at(proof.add(days=3).date(), 8), UNIT, 1)
    assert [fact.rung for fact in mine] == [1, 2, 3, 4]  # type: ignore[union-attr]


def test_a_proof_of_earlier_days_that_is_written_down_late_fires_no_rung_in_the_past() -> None:
    life = issued(CITY)
    life.let_act(FIRST_RUNG.add(days=1))
    life.happen(answer_of(life, told(when=ISSUE_AT)), FIRST_RUNG.add(days=1))
    life.let_act(FAR)
    mine = [fact.at for fact in of(Escalated, life) if fact.assignment == UNIT]  # type: ignore[union-attr]
    assert mine[0] == at(FIRST_RUNG.add(days=1).date(), 8)


def answer_of(life: Life, request: Request) -> Fact:
    given_ = answer(life.state, request, FIRST_RUNG.add(days=1))
    assert not isinstance(given_, Refusal)
    return given_


def test_a_bounce_takes_the_proof_back() -> None:
    life = issued(CITY)
    life.ask(told(), ISSUE_AT.add(minutes=1))
    life.ask(told(failed="bounced", when=ISSUE_AT.add(days=1)), ISSUE_AT.add(days=1))
    life.let_act(FIRST_RUNG)
    assert not of(Escalated, life)
    assert NotTold(FIRST_RUNG, UNIT, 1, 1) in life.facts


def test_a_bounce_that_is_told_before_its_proof_takes_nothing_from_the_next_one() -> None:
    life = issued(CITY)
    life.ask(told(failed="bounced"), ISSUE_AT.add(minutes=1))
    life.ask(told(message_id="m2"), ISSUE_AT.add(minutes=2))
    assert life.state.progress[UNIT].knows


def test_a_reminder_that_was_refused_leaves_the_proof_of_the_first_mail() -> None:
    life = issued(CITY)
    life.ask(told(), ISSUE_AT.add(minutes=1))
    life.ask(told(message_id="m2", failed="refused"), ISSUE_AT.add(minutes=2))
    assert life.state.progress[UNIT].knows


def test_a_ladder_that_was_held_up_midway_goes_on_where_it_stood() -> None:
    life = issued(CITY)
    life.ask(told(), ISSUE_AT.add(minutes=1))
    life.ask(told(failed="bounced", when=FIRST_RUNG.add(hours=1)), FIRST_RUNG.add(hours=1))
    life.ask(RecordNotice(UNIT, "vp", REASON), FIRST_RUNG.add(days=4))
    life.let_act(FAR)
    mine = [fact for fact in life.facts if getattr(fact, "assignment", "") == UNIT]
    assert [fact.rung for fact in mine if isinstance(fact, NotTold)] == [2]
    assert [fact.rung for fact in mine if isinstance(fact, Escalated)] == [1, 2, 3, 4]
    assert len([fact for fact in mine if isinstance(fact, BecameOverdue)]) == 1


def test_what_was_withheld_is_forgotten_with_a_new_bound_or_a_return() -> None:
    life = issued(CITY)
    life.let_act(FIRST_RUNG)
    assert life.state.progress[UNIT].withheld == 1
    when = FIRST_RUNG.add(hours=1)
    paper = Submit(UNIT, Report(), 0, PERSON, "", ON_BEHALF, "12-BC")
    life.ask(paper, when)
    life.ask(Return(UNIT, 1, REASON, PERSON, LINK), when)
    assert not life.state.progress[UNIT].withheld
    other = copy(REPORTS, UNITS[1])
    life.ask(MoveBound(REPORTS, FAR, "…", "tt", "9-QĐ/TU", REASON, (UNITS[1],)), when)
    assert not life.state.progress[other].withheld


@pytest.mark.parametrize(("link", "trust"), [("", BY_LINK), (LINK, ON_BEHALF)])
def test_a_report_that_came_by_no_link_of_its_own_is_no_proof(link: str, trust: str) -> None:
    """From the document below, or entered by the office."""
    life = issued(CITY)
    life.happen(Submitted(ISSUE_AT, UNIT, 1, Report(), PERSON, link, trust), ISSUE_AT)
    assert not life.state.progress[UNIT].knows


def test_who_puts_right_what_was_entered_on_its_behalf_says_it_itself() -> None:
    life = issued(CITY)
    life.ask(Submit(UNIT, Report(), 0, PERSON, "", ON_BEHALF, "12-BC"), ISSUE_AT)
    life.ask(Correct(UNIT, Report(plan_number="2-BC"), 1, PERSON, LINK), ISSUE_AT.add(minutes=1))
    progress = life.state.progress[UNIT]
    assert progress.trust == BY_LINK
    assert progress.knows


def test_who_used_its_link_was_told() -> None:
    life = issued(CITY)
    life.ask(Acknowledge(UNIT, PERSON, LINK), ISSUE_AT.add(days=1))
    life.let_act(FIRST_RUNG)
    assert Escalated(FIRST_RUNG, UNIT, 1) in life.facts


def test_an_acknowledgement_on_its_behalf_is_no_proof() -> None:
    life = issued(CITY)
    life.ask(Acknowledge(UNIT, PERSON, "", ON_BEHALF), ISSUE_AT.add(days=1))
    life.let_act(FIRST_RUNG)
    assert NotTold(FIRST_RUNG, UNIT, 1, 1) in life.facts


def test_mail_to_somebody_else_about_the_duty_is_no_proof() -> None:
    life = issued(CITY)
    life.ask(told(body=BTG), ISSUE_AT.add(minutes=1))
    assert not life.state.progress[UNIT].knows


def test_a_policy_without_proof_escalates_as_before() -> None:
    life = issued(city())
    life.let_act(FIRST_RUNG)
    assert Escalated(FIRST_RUNG, UNIT, 1) in life.facts


# --- put right, and added to ----------------------------------------------------------------------


def test_a_report_can_be_put_right_for_fifteen_minutes() -> None:
    life = issued(CITY)
    when = REPORTS_DUE.subtract(minutes=5)
    life.ask(submit(), when)
    better = Report(plan_number="2-BC")
    late = life.ask(Correct(UNIT, better, 1, PERSON, LINK), when.add(minutes=14))
    assert not isinstance(late, Refusal)
    progress = life.state.progress[UNIT]
    assert (progress.version, progress.report, progress.submitted_at) == (2, better, when)
    assert progress.overdue_at is None, "handed in before the bound, put right after it"
    again = life.ask(Correct(UNIT, better, 1, PERSON, LINK), when.add(minutes=14))
    assert again == refusals.DONE
    over = life.ask(Correct(UNIT, Report(), 2, PERSON, LINK), when.add(minutes=15))
    assert over == refusals.TOO_LATE_TO_CORRECT


def test_a_reviewed_report_cannot_be_put_right_and_an_old_page_accepts_nothing() -> None:
    life = issued(CITY)
    when = ISSUE_AT.add(days=1)
    life.ask(submit(), when)
    life.ask(Correct(UNIT, Report(plan_number="2-BC"), 1, PERSON, LINK), when.add(minutes=1))
    assert life.ask(Accept(UNIT, 1, PERSON, LINK), when.add(minutes=2)) == refusals.STALE
    life.ask(Accept(UNIT, 2, PERSON, LINK), when.add(minutes=3))
    closed = life.ask(Correct(UNIT, Report(), 2, PERSON, LINK), when.add(minutes=4))
    assert closed == refusals.CLOSED


def test_what_the_policy_accepts_by_itself_can_still_be_put_right() -> None:
    life = issued(CITY)
    plan, when = copy(PLAN), ISSUE_AT.add(days=1)
    life.ask(Submit(plan, Report(plan_number="1-KH"), 0, PERSON, LINK), when)
    assert life.state.progress[plan].phase is Phase.ACCEPTED
    life.ask(Correct(plan, Report(plan_number="2-KH"), 1, PERSON, LINK), when.add(minutes=1))
    progress = life.state.progress[plan]
    assert progress.phase is Phase.ACCEPTED
    assert progress.report == Report(plan_number="2-KH")


def test_an_addition_leaves_the_report_as_it_is_and_is_told_to_its_readers() -> None:
    life = issued(CITY)
    when = ISSUE_AT.add(days=1)
    more = Report(plan_number="bổ sung")
    nothing = life.ask(Supplement(UNIT, more, 0, PERSON, LINK), when)
    assert nothing == refusals.NOTHING_IN
    life.ask(submit(), when)
    life.ask(Accept(UNIT, 1, PERSON, LINK), when.add(days=1))
    life.ask(Supplement(UNIT, more, 0, PERSON, LINK), when.add(days=2))
    twice = life.ask(Supplement(UNIT, more, 0, PERSON, LINK), when.add(days=2))
    assert twice == refusals.DONE
    stale = life.ask(Supplement(UNIT, Report(), 0, PERSON, LINK), when.add(days=2))
    assert stale == refusals.STALE
    progress = life.state.progress[UNIT]
    assert (progress.phase, progress.version, progress.supplements) == (Phase.ACCEPTED, 1, 1)
    assert progress.report == Report(plan_number="1-BC")
    fact = life.facts[-1]
    assert [(each.kind, each.recipient) for each in effects_of(life.state, fact)] == [
        (Kind.SUPPLEMENT, BTG)
    ]


def test_what_is_put_right_after_the_synthesis_started_reaches_it_too() -> None:
    life = issued(CITY)
    life.let_act(SYNTHESIS_DUE)  # opened without anybody's report
    when = SYNTHESIS_DUE.add(hours=1)
    life.ask(submit(), when)
    life.ask(Correct(UNIT, Report(plan_number="2-BC"), 1, PERSON, LINK), when.add(minutes=5))
    assert [fact.version for fact in of(AddendumReceived, life)] == [1, 2]  # type: ignore[union-attr]


def test_an_addition_is_read_by_who_consolidates_once_that_has_begun() -> None:
    life = issued(consolidated_by(VP, TT))
    life.ask(submit(), ISSUE_AT)
    life.ask(Supplement(UNIT, Report(plan_number="1"), 0, PERSON, LINK), ISSUE_AT)
    life.let_act(LATEST_START)
    life.ask(Supplement(UNIT, Report(plan_number="2"), 1, PERSON, LINK), LATEST_START)
    life.ask(moved_to(UNITS[1], copy(SYNTHESIS, TT)), LATEST_START)
    life.ask(Supplement(UNIT, Report(plan_number="3"), 2, PERSON, LINK), LATEST_START)
    told: list[set[str]] = []
    again = Life()
    for fact in life.facts:
        again.state = fold(again.state, [fact])
        if isinstance(fact, Supplemented):
            told.append({each.recipient for each in effects_of(again.state, fact)})
    assert told == [{BTG}, {BTG, VP, TT}, {BTG, VP, UNITS[1]}]


def test_a_failed_mail_is_told_to_the_office_unless_it_is_its_own_or_about_no_duty() -> None:
    life = issued(CITY)

    def recipients(assignment: AssignmentId, body: BodyId) -> list[str]:
        fact = NoticeFailed(ISSUE_AT, "m1", "review", assignment, body, "refused")
        return [each.recipient for each in effects_of(life.state, fact)]

    assert recipients(UNIT, UNITS[0]) == [VP]
    assert recipients(UNIT, VP) == []
    assert recipients(AssignmentId(""), TT) == []


def consolidated_by(*bodies: BodyId) -> Document:
    return city(
        policy=ASKING,
        obligations=tuple(
            replace(each, assignees=bodies, reviewer=BTG) if each.id == SYNTHESIS else each
            for each in CITY.obligations
        ),
    )


def accepted_by_itself() -> Document:
    """The city's plan, whose policy accepts each report as it comes in."""
    return city(
        policy=ASKING,
        obligations=tuple(
            replace(each, acceptance=Acceptance.AUTOMATIC) if each.id == REPORTS else each
            for each in CITY.obligations
        ),
    )


def test_a_late_report_that_is_accepted_by_itself_is_an_addition_and_so_is_its_correction() -> None:
    life = issued(accepted_by_itself())
    life.let_act(SYNTHESIS_DUE)
    when = SYNTHESIS_DUE.add(hours=1)
    life.ask(submit(), when)
    life.ask(Correct(UNIT, Report(plan_number="2-BC"), 1, PERSON, LINK), when.add(minutes=5))
    assert [fact.version for fact in of(AddendumReceived, life)] == [1, 2]  # type: ignore[union-attr]


def test_what_the_synthesis_started_with_is_no_addition_to_it() -> None:
    life = issued(accepted_by_itself())
    when = ISSUE_AT.add(days=1)
    for body in UNITS:
        life.ask(Submit(copy(REPORTS, body), Report(), 0, PERSON, LINK), when)
    assert [fact.complete for fact in of(GateOpened, life)] == [True]  # type: ignore[union-attr]
    life.ask(Correct(UNIT, Report(plan_number="2-BC"), 1, PERSON, LINK), when.add(minutes=5))
    assert life.state.progress[UNIT].version == 2
    assert of(AddendumReceived, life) == []


# --- not ours, and more time ----------------------------------------------------------------------


def test_a_unit_says_that_a_duty_is_not_its_own_and_is_answered() -> None:
    life = issued(CITY)
    when = ISSUE_AT.add(days=1)
    life.ask(Dispute(UNIT, REASON, PERSON, LINK), when)
    assert life.ask(Dispute(UNIT, REASON, PERSON, LINK), when) == refusals.DONE
    assert life.ask(Dispute(UNIT, "9" * 64, PERSON, LINK), when) == refusals.UNDER_DISPUTE
    assert kinds(life, type(life.facts[-1])) == [(Kind.DISPUTED, VP, Purpose.DECIDE)]
    life.ask(RejectDispute(UNIT, "tt", "9-CV/TU", REASON), when.add(days=1))
    assert kinds(life, type(life.facts[-1])) == [(Kind.DISPUTE_REJECTED, UNITS[0], Purpose.ACT)]
    progress = life.state.progress[UNIT]
    assert progress.disputed is None
    assert progress.phase is Phase.OPEN
    nothing = life.ask(RejectDispute(UNIT, "tt", "9-CV/TU", REASON), when.add(days=1))
    assert nothing == refusals.NOTHING_ASKED
    life.ask(Dispute(UNIT, REASON, PERSON, LINK), when.add(days=2))
    assert life.state.progress[UNIT].disputes == 2


def test_a_unit_asks_for_more_time_and_gets_it_or_not() -> None:
    life = issued(CITY)
    when = ISSUE_AT.add(days=1)
    asked = AskExtension(UNIT, SYNTHESIS_DUE, REASON, PERSON, LINK)
    early = AskExtension(UNIT, REPORTS_DUE, REASON, PERSON, LINK)
    assert life.ask(early, when) == refusals.NOT_LATER
    life.ask(asked, when)
    assert life.ask(asked, when) == refusals.DONE
    other = AskExtension(UNIT, FAR, REASON, PERSON, LINK)
    assert life.ask(other, when) == refusals.ASKED_ALREADY
    assert kinds(life, type(life.facts[-1])) == [(Kind.EXTENSION_ASKED, VP, Purpose.DECIDE)]
    life.ask(RefuseExtension(UNIT, "tt", "9-CV/TU", REASON), when.add(days=1))
    assert life.state.progress[UNIT].asked is None
    assert kinds(life, type(life.facts[-1])) == [(Kind.EXTENSION_REFUSED, UNITS[0], Purpose.ACT)]
    life.ask(asked, when.add(days=2))
    granted = MoveBound(
        REPORTS, SYNTHESIS_DUE, "đến hết ngày 30/10/2023", "tt", "10-CV/TU", REASON, (UNITS[0],)
    )
    life.ask(granted, when.add(days=3))
    progress = life.state.progress[UNIT]
    assert (progress.asked, progress.due) == (None, SYNTHESIS_DUE)


def test_a_duty_without_a_date_has_nothing_to_extend() -> None:
    life = issued(CITY)
    standing = next(each for each in life.state.progress.values() if each.due is None)
    asked = AskExtension(standing.id, FAR, REASON, PERSON, LINK)
    expected = refusals.NO_BOUND if standing.phase is Phase.OPEN else refusals.NOT_OPEN
    assert life.ask(asked, ISSUE_AT.add(days=1)) == expected


@pytest.mark.parametrize(
    "act",
    [submit(), Waive(UNIT, "tt", "8-QĐ/TU"), Reassign(UNIT, TT, "tt", "8-QĐ/TU", REASON)],
    ids=lambda act: type(act).__name__,
)
def test_what_was_asked_stands_no_longer_once_the_duty_is_done_or_lifted(act: Request) -> None:
    life = issued(CITY)
    life.ask(AskExtension(UNIT, FAR, REASON, PERSON, LINK), ISSUE_AT)
    life.ask(Dispute(UNIT, REASON, PERSON, LINK), ISSUE_AT)
    life.ask(act, ISSUE_AT.add(days=1))
    progress = life.state.progress[UNIT]
    assert (progress.asked, progress.disputed) == (None, None)


def test_a_second_word_about_the_same_is_told_from_another_one() -> None:
    """The same is done already; another one comes too late, or is not what the page showed."""
    life = issued(CITY)
    when = REPORTS_DUE.add(days=2)
    passed = AskExtension(UNIT, REPORTS_DUE.add(days=1), REASON, PERSON, LINK)
    assert life.ask(passed, when) == refusals.NOT_LATER
    asked = AskExtension(UNIT, FAR, REASON, PERSON, LINK)
    life.ask(asked, when)
    assert life.ask(asked, when) == refusals.DONE
    other = replace(asked, reason_sha256="d" * 64)
    assert life.ask(other, when) == refusals.ASKED_ALREADY
    life.ask(submit(), when)
    corrected = Report(plan_number="2-BC")
    same = Correct(UNIT, Report(plan_number="1-BC"), 1, PERSON, LINK)
    assert life.ask(same, when) == refusals.DONE
    life.ask(Correct(UNIT, corrected, 1, PERSON, LINK), when)
    assert life.ask(Correct(UNIT, Report(), 1, PERSON, LINK), when) == refusals.STALE
    life.ask(Return(UNIT, 2, REASON, PERSON, LINK), when)
    assert life.ask(Return(UNIT, 2, REASON, PERSON, LINK), when) == refusals.DONE
    assert life.ask(Return(UNIT, 1, REASON, PERSON, LINK), when) == refusals.NOTHING_TO_REVIEW
    life.ask(submit(2), when)
    life.ask(Accept(UNIT, 3, PERSON, LINK), when)
    assert life.ask(Accept(UNIT, 3, PERSON, LINK), when) == refusals.DONE
    assert life.ask(Accept(UNIT, 2, PERSON, LINK), when) == refusals.CLOSED
    assert life.ask(RecordNotice(UNIT, "vp", REASON), when) == refusals.CLOSED


def test_a_report_sent_again_after_the_duty_was_lifted_is_not_called_done() -> None:
    life = issued(CITY)
    life.ask(submit(), ISSUE_AT)
    life.ask(Waive(UNIT, "tt", "8-QĐ/TU"), ISSUE_AT)
    assert life.ask(submit(), ISSUE_AT) == refusals.CLOSED


def test_nothing_is_added_where_a_document_of_its_own_was_the_answer() -> None:
    life = issued(CITY)
    life.happen(ChildIssued(ISSUE_AT, UNIT, DocumentKey("12-KH/ĐU")), ISSUE_AT)
    more = Supplement(UNIT, Report(plan_number="bổ sung"), 0, PERSON, LINK)
    assert life.ask(more, ISSUE_AT) == refusals.CLOSED


# --- to another body ------------------------------------------------------------------------------


def moved_to(successor: BodyId, assignment: AssignmentId = UNIT) -> Reassign:
    return Reassign(assignment, successor, "tt", "8-QĐ/TU", REASON)


def test_a_duty_moves_to_a_body_that_did_not_owe_it() -> None:
    life = issued(CITY)
    when = ISSUE_AT.add(days=1)
    life.ask(moved_to(TT), when)
    theirs = copy(REPORTS, TT)
    assert life.facts[-2:] == [
        Superseded(when, UNIT, theirs, "tt", "8-QĐ/TU", REASON),
        Opened(when, theirs, REPORTS_DUE),
    ]
    assert life.state.progress[UNIT].phase is Phase.SUPERSEDED
    assert kinds(life, Superseded) == [(Kind.MOVED, UNITS[0], Purpose.VIEW)]
    assert life.ask(moved_to(TT), when) == refusals.DONE
    assert life.ask(moved_to(VP), when) == refusals.CLOSED
    assert life.ask(submit(), when) == refusals.CLOSED
    life.let_act(REPORTS_DUE)
    assert BecameOverdue(REPORTS_DUE, theirs) in life.facts
    assert BecameOverdue(REPORTS_DUE, UNIT) not in life.facts


@pytest.mark.parametrize(
    "act", [moved_to(TT), Waive(UNIT, "tt", "8-QĐ/TU")], ids=["moved", "waived"]
)
def test_who_reviews_a_report_hears_that_it_waits_no_more(act: Reassign | Waive) -> None:
    life = issued(CITY)
    when = ISSUE_AT.add(days=1)
    life.ask(submit(), when)
    life.ask(act, when.add(days=1))
    told = [*kinds(life, Superseded), *kinds(life, Waived)]
    assert told[1:] == [(Kind.REVIEW_ENDED, BTG, Purpose.VIEW)]


@pytest.mark.parametrize(
    "act", [moved_to(TT), Waive(UNIT, "tt", "8-QĐ/TU")], ids=["moved", "waived"]
)
def test_where_nothing_waits_for_a_verdict_nobody_is_told_so(act: Reassign | Waive) -> None:
    life = issued(CITY)
    when = ISSUE_AT.add(days=1)
    life.ask(submit(), when)
    life.ask(Return(UNIT, 1, REASON, PERSON, LINK), when.add(hours=1))
    life.ask(act, when.add(days=1))
    told = [each for fact in life.facts for each in effects_of(life.state, fact)]
    assert Kind.REVIEW_ENDED not in {each.kind for each in told}


def test_the_gate_waits_for_the_successor() -> None:
    life = issued(CITY)
    when = ISSUE_AT.add(days=1)
    life.ask(moved_to(TT), when)
    for body in UNITS[1:]:
        theirs = copy(REPORTS, body)
        life.ask(Submit(theirs, Report(), 0, PERSON, LINK), when)
        life.ask(Accept(theirs, 1, PERSON, LINK), when)
    assert not of(GateOpened, life)
    theirs = copy(REPORTS, TT)
    life.ask(Submit(theirs, Report(), 0, PERSON, LINK), when)
    life.ask(Accept(theirs, 1, PERSON, LINK), when)
    assert [fact.complete for fact in of(GateOpened, life)] == [True]  # type: ignore[union-attr]


def test_a_duty_that_moves_late_leaves_the_successor_working_days() -> None:
    life = issued(CITY)
    when = REPORTS_DUE.add(days=10)
    life.ask(moved_to(TT), when)
    opened = life.facts[-1]
    assert isinstance(opened, Opened)
    assert opened.due is not None
    assert opened.due > when.add(days=CITY.policy.resubmit_working_days)


def test_merged_into_a_copy_that_the_successor_has_already() -> None:
    life = issued(CITY)
    before = len(life.state.progress)
    life.ask(moved_to(UNITS[1]), ISSUE_AT.add(days=1))
    assert len(life.state.progress) == before
    assert isinstance(life.facts[-1], Superseded)


@pytest.mark.parametrize(
    ("successor", "refusal"),
    [
        (UNITS[0], refusals.SAME_BODY),
        (BodyId("nobody"), refusals.UNKNOWN_BODY),
        (BTG, refusals.OWN_REVIEWER),
    ],
)
def test_where_a_duty_cannot_go(successor: BodyId, refusal: Refusal) -> None:
    life = issued(CITY)
    assert life.ask(moved_to(successor), ISSUE_AT.add(days=1)) == refusal


def test_a_duty_does_not_go_back_to_where_it_was_moved_away_from() -> None:
    life = issued(CITY)
    when = ISSUE_AT.add(days=1)
    life.ask(moved_to(TT), when)
    back = moved_to(UNITS[0], copy(REPORTS, TT))
    assert life.ask(back, when) == refusals.HAD_IT_BEFORE


def test_what_started_without_the_old_body_gets_the_successors_report_as_an_addition() -> None:
    life = issued(CITY)
    life.let_act(SYNTHESIS_DUE)  # opened without anybody's report
    life.ask(moved_to(TT), SYNTHESIS_DUE)
    theirs = copy(REPORTS, TT)
    life.ask(Submit(theirs, Report(), 0, PERSON, LINK), SYNTHESIS_DUE.add(days=1))
    assert type(life.facts[-1]).__name__ == "AddendumReceived"


def test_before_the_issue_a_duty_moves_silently() -> None:
    life = Life()
    from models.domain.facts import Registered  # the only test that is not issued at once

    life.happen(Registered(ISSUE_AT.subtract(days=3), CITY, "vp"), ISSUE_AT.subtract(days=3))
    life.ask(moved_to(TT), ISSUE_AT.subtract(days=1))
    assert kinds(life, Superseded) == []
    assert of(Opened, life) == [], "nobody owes anything yet"
    life.ask(Issue(), ISSUE_AT)
    assert Opened(ISSUE_AT, copy(REPORTS, TT), REPORTS_DUE) in life.facts


def test_a_waiting_duty_that_moves_opens_for_its_successor_with_its_gate() -> None:
    life = issued(CITY)
    life.ask(moved_to(VP, copy(SYNTHESIS, BTG)), ISSUE_AT.add(days=1))
    theirs = copy(SYNTHESIS, VP)
    assert life.state.progress[theirs].phase is Phase.PENDING
    life.let_act(SYNTHESIS_DUE)
    assert Opened(LATEST_START, theirs, SYNTHESIS_DUE) in life.facts


def test_of_what_comes_late_hears_who_consolidates_now_and_nobody_else() -> None:
    life = issued(CITY)
    life.ask(moved_to(VP, copy(SYNTHESIS, BTG)), LATEST_START)
    life.ask(submit(), LATEST_START.add(hours=1))
    assert [fact.to for fact in of(AddendumReceived, life)] == [copy(SYNTHESIS, VP)]  # type: ignore[union-attr]


# --- receipts, on behalf, the weekly summary ------------------------------------------------------


def test_a_report_is_confirmed_by_mail_where_the_policy_says_so() -> None:
    life = issued(CITY)
    life.ask(submit(), ISSUE_AT.add(days=1))
    assert kinds(life, Submitted) == [
        (Kind.REVIEW, BTG, Purpose.REVIEW),
        (Kind.RECEIVED, UNITS[0], Purpose.ACT),
    ]


def test_a_paper_report_says_where_it_comes_from() -> None:
    life = issued(CITY)
    paper = Submit(UNIT, Report(), 0, PERSON, "", ON_BEHALF, "số 12-BC/ĐU ngày 18/10/2023")
    life.ask(paper, ISSUE_AT.add(days=1))
    fact = life.facts[-1]
    assert isinstance(fact, Submitted)
    assert (fact.trust, fact.paper) == (ON_BEHALF, "số 12-BC/ĐU ngày 18/10/2023")
    assert life.state.progress[UNIT].trust == ON_BEHALF


def test_leaders_hear_every_monday_morning_until_the_document_is_complete() -> None:
    life = issued(CITY)
    end = ISSUE_AT.add(days=40)
    life.let_act(end)
    moments = [fact.at for fact in of(Summarised, life)]
    assert moments[0] == at(ISSUE_AT.add(days=6).date(), 8)
    assert all(b - a == timedelta(days=7) for a, b in pairwise(moments))
    assert all(moment.weekday() == 0 for moment in moments)
    assert kinds(life, Summarised)[0] == (Kind.SUMMARY, TT, Purpose.VIEW)
    for progress in [*life.state.progress.values()]:
        life.ask(Waive(progress.id, "tt", "1"), end)
    assert of(Completed, life)
    before = len(of(Summarised, life))
    life.let_act(FAR)
    assert len(of(Summarised, life)) == before


def test_a_return_after_a_correction_names_the_corrected_version() -> None:
    life = issued(CITY)
    when = ISSUE_AT.add(days=1)
    life.ask(submit(), when)
    life.ask(Correct(UNIT, Report(plan_number="2-BC"), 1, PERSON, LINK), when.add(minutes=1))
    life.ask(Return(UNIT, 2, REASON, PERSON, LINK), when.add(hours=1))
    life.ask(submit(2), when.add(hours=2))
    life.ask(Accept(UNIT, 3, PERSON, LINK), when.add(hours=3))
    assert [fact.version for fact in of(Accepted, life)] == [3]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "said",
    [
        Acknowledge(UNIT, PERSON, LINK),
        Dispute(UNIT, REASON, PERSON, LINK),
        AskExtension(UNIT, FAR, REASON, PERSON, LINK),
    ],
    ids=lambda said: type(said).__name__,
)
def test_who_uses_its_link_after_a_rung_was_withheld_climbs_on(said: Request) -> None:
    life = issued(CITY)
    life.ask(said, at(FIRST_RUNG.add(days=4).date(), 15))
    assert NotTold(FIRST_RUNG, UNIT, 1, 1) in life.facts
    assert not life.state.progress[UNIT].withheld
    life.let_act(FAR)
    mine = [fact.rung for fact in of(Escalated, life) if fact.assignment == UNIT]  # type: ignore[union-attr]
    assert mine == [1, 2, 3, 4]


def test_a_moved_date_takes_no_time_from_a_successor() -> None:
    """An extension for everybody that ends before its working days are over leaves it those."""
    life = issued(CITY)
    when = REPORTS_DUE.add(days=10)
    life.ask(moved_to(TT), when)
    theirs = copy(REPORTS, TT)
    due = life.state.progress[theirs].due
    assert due is not None
    until = when.add(days=1)
    life.ask(MoveBound(REPORTS, until, "…", "tt", "9-QĐ/TU", REASON), when.add(hours=1))
    assert life.state.progress[copy(REPORTS, UNITS[1])].due == until
    assert life.state.progress[theirs].due == due
    later = due.add(days=3)
    life.ask(MoveBound(REPORTS, later, "…", "tt", "10-QĐ/TU", REASON), when.add(hours=2))
    assert life.state.progress[theirs].due == later
