"""Moving one date: what moves with it, what begins anew, what is kept, what becomes impossible."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import DateTime

from models.domain.calendar import at, last_day, midnight
from models.domain.directive import Bound, Document
from models.domain.effects import Kind, effects_of
from models.domain.errors import Refusal
from models.domain.facts import (
    BecameOverdue,
    BoundMoved,
    Escalated,
    Fact,
    FeasibilityChanged,
    GateOpened,
    Issued,
    Opened,
    ParentIssued,
    Reminded,
    Report,
    ReportExpected,
    ReportUpExpected,
    Rescheduled,
    key_of,
)
from models.domain.moving import in_force, owed
from models.domain.prospects import infeasible
from models.domain.refusals import (
    CLOSED,
    DONE,
    EARLIER,
    IN_THE_PAST,
    NO_BOUND,
    NOT_OWED,
    SAME_BOUND,
)
from models.domain.requests import Accept, Issue, MoveBound, Reassign, Return, Submit, Waive
from models.domain.statistics import closing_copies, table
from models.domain.terms import BodyId, ObligationId
from tests.builders import (
    BTG,
    CITY,
    CITY_COMMITTEE,
    FAR,
    ISSUE_AT,
    LATEST_START,
    LINK,
    PERSON,
    PLAN,
    PLAN_DUE,
    PROVINCE,
    PROVINCE_REPORT,
    REPORTS,
    REPORTS_DUE,
    STANDING,
    SYNTHESIS,
    SYNTHESIS_DUE,
    UNITS,
    VP,
    Life,
    bound,
    city,
    city_below_province,
    copy,
    duty,
    issued,
    province,
    registered,
)
from tests.laws import check_all
from tests.strategies import Wish, live, wishes

MONDAY = at(date(2023, 10, 16), 9)
LATER = midnight(date(2023, 10, 26))
UP_REPORT = copy(PROVINCE_REPORT, CITY_COMMITTEE)


def move(due: DateTime, duty: str = REPORTS, *bodies: BodyId, **more: object) -> MoveBound:
    plain = MoveBound(
        ObligationId(duty), due, "đến hết ngày …", "tt", "123-CV/TU", "c" * 64, tuple(bodies)
    )
    return replace(plain, **more)  # type: ignore[arg-type]


F = TypeVar("F")


def of(facts: Sequence[Fact], kind: type[F]) -> list[F]:
    return [fact for fact in facts if isinstance(fact, kind)]


def below() -> Life:
    life = registered(city_below_province())
    life.happen(ParentIssued(ISSUE_AT.subtract(days=1), PROVINCE), ISSUE_AT)
    life.ask(Issue(), ISSUE_AT)
    return life


def moved(life: Life, now: DateTime, request: MoveBound) -> BoundMoved:
    given = life.ask(request, now)
    assert isinstance(given, BoundMoved), given
    return given


def test_one_units_extension_moves_its_date_and_nobody_elses() -> None:
    life = issued()
    before = len(life.facts)
    act = moved(life, MONDAY, move(LATER, REPORTS, UNITS[0]))
    assert (act.was, act.due, act.bodies, act.number) == (REPORTS_DUE, LATER, (UNITS[0],), 1)
    news = life.facts[before:]
    assert of(news, Rescheduled) == [Rescheduled(MONDAY, copy(REPORTS), 1, REPORTS_DUE, LATER)]
    own, other = life.state.progress[copy(REPORTS)], life.state.progress[copy(REPORTS, UNITS[1])]
    assert (own.first_due, own.due, other.due) == (REPORTS_DUE, LATER, REPORTS_DUE)
    life.let_act(FAR)
    late = {fact.assignment: fact.at for fact in of(life.facts, BecameOverdue)}
    assert late[copy(REPORTS)] == LATER
    assert late[copy(REPORTS, UNITS[1])] == REPORTS_DUE


def test_reminders_are_set_anew_for_the_new_date() -> None:
    life = issued()
    moved(life, MONDAY, move(LATER, REPORTS, UNITS[0]))
    life.let_act(LATER)
    own = [f for f in of(life.facts, Reminded) if f.assignment == copy(REPORTS)]
    # Last day Wednesday 25/10: three working days before is Friday 20/10, then the day itself.
    assert [(f.nudge, f.at) for f in own] == [
        ("before-3", at(date(2023, 10, 20), 8)),
        ("on-the-day", at(date(2023, 10, 25), 8)),
    ]


def test_a_ladder_stops_with_the_extension_and_starts_at_its_foot_if_that_is_missed_too() -> None:
    life = issued()
    now = at(date(2023, 10, 26), 9)
    life.let_act(now)
    case = [f for f in of(life.facts, Escalated) if f.assignment == copy(REPORTS)]
    assert [f.rung for f in case] == [1, 2]
    new = midnight(date(2023, 11, 11))
    moved(life, now, move(new, REPORTS, UNITS[0]))
    own = life.state.progress[copy(REPORTS)]
    assert (own.overdue_at, own.rung) == (None, 0)
    life.let_act(FAR)
    case = [f for f in of(life.facts, Escalated) if f.assignment == copy(REPORTS)]
    assert [(f.rung, f.move) for f in case] == [(1, 0), (2, 0), (1, 1), (2, 1), (3, 1), (4, 1)]
    assert case[2].at == at(date(2023, 11, 13), 8)
    assert len({key_of(fact) for fact in life.facts}) == len(life.facts)


def test_the_strict_rate_keeps_the_first_date_and_the_lenient_one_takes_the_new() -> None:
    life = issued()
    now = at(date(2023, 10, 23), 9)
    moved(life, now, move(LATER, REPORTS, UNITS[0]))
    done = at(date(2023, 10, 24), 9)
    life.ask(Submit(copy(REPORTS), Report(), 0, PERSON, LINK), done)
    life.ask(Accept(copy(REPORTS), 1, PERSON, LINK), done)
    counts = table(each for each in closing_copies(life.state) if each.id == copy(REPORTS))
    assert (counts.done_in_time, counts.done_late, counts.strict_in_time) == (1, 0, 0)


def with_bounds(document: Document, **of_duty: tuple[Bound, ...]) -> Document:
    duties = tuple(
        replace(each, bounds=of_duty[each.clause.replace(".", "_").replace("-", "_")])
        if each.clause.replace(".", "_").replace("-", "_") in of_duty
        else each
        for each in document.obligations
    )
    return replace(document, obligations=duties)


def test_what_inherits_a_date_moves_with_it() -> None:
    inherited = replace(bound(REPORTS_DUE), of=REPORTS)
    document = with_bounds(city(), II_1=(inherited,), III_1=(replace(inherited),))
    plan = replace(document.obligations[0], bound=inherited)
    life = issued(replace(document, obligations=(plan, *document.obligations[1:])))
    moved(life, MONDAY, move(LATER))
    assert {life.state.progress[copy(PLAN, unit)].due for unit in UNITS} == {LATER}
    assert {life.state.progress[copy(REPORTS, unit)].due for unit in UNITS} == {LATER}


def test_of_joined_clauses_the_strictest_stays_in_force() -> None:
    own, joined = bound(REPORTS_DUE), replace(bound(midnight(date(2023, 12, 1))), of="256/II.9")
    life = issued(with_bounds(city(), III_1=(own, joined)))
    far = midnight(date(2023, 12, 15))
    moved(life, MONDAY, move(far))
    assert life.state.progress[copy(REPORTS)].due == joined.due_exclusive
    # The other clause's date can be moved by its own name, though nobody owes that by itself.
    moved(life, MONDAY, move(far, "256/II.9"))
    assert life.state.progress[copy(REPORTS)].due == far


def test_an_act_for_all_replaces_what_single_bodies_had() -> None:
    life = issued()
    moved(life, MONDAY, move(LATER, REPORTS, UNITS[0]))
    new = midnight(date(2023, 10, 24))
    moved(life, MONDAY, move(new, authority="124-CV/TU", earlier=True))
    assert {life.state.progress[copy(REPORTS, unit)].due for unit in UNITS} == {new}


def test_who_has_the_new_date_already_gets_no_other() -> None:
    life = issued()
    moved(life, MONDAY, move(LATER, REPORTS, UNITS[0]))
    moved(life, MONDAY.add(hours=1), move(LATER))
    given = of(life.facts, Rescheduled)
    assert [fact.assignment for fact in given] == [copy(REPORTS, each) for each in UNITS]
    check_all(life.state.document, life.facts, MONDAY.add(hours=1))


def test_a_moved_date_takes_no_time_from_who_got_its_report_back() -> None:
    life = issued()
    life.ask(Submit(copy(REPORTS), Report(), 0, PERSON, LINK), REPORTS_DUE.subtract(hours=2))
    life.ask(Return(copy(REPORTS), 1, "a" * 64, PERSON, LINK), REPORTS_DUE.subtract(hours=1))
    given = life.state.progress[copy(REPORTS)].due
    assert given is not None
    until = REPORTS_DUE.add(hours=12)
    assert until < given
    moved(life, REPORTS_DUE.subtract(minutes=30), move(until))
    assert life.state.progress[copy(REPORTS)].due == given
    assert life.state.progress[copy(REPORTS, UNITS[1])].due == until


def test_only_a_successor_has_working_days_of_its_own() -> None:
    """An act may leave less than those, also to what opened later than the document."""
    life = issued()
    until = ISSUE_AT.add(days=1)
    moved(life, ISSUE_AT.add(hours=1), move(until, REPORTS, earlier=True))
    assert life.state.progress[copy(REPORTS)].due == until
    life = issued()
    life.let_act(LATEST_START)
    until = LATEST_START.add(days=1)
    moved(life, LATEST_START.add(hours=1), move(until, SYNTHESIS, earlier=True))
    assert life.state.progress[copy(SYNTHESIS, BTG)].due == until


def test_a_gate_that_is_open_gets_no_new_start_with_a_new_date() -> None:
    life = issued()
    life.let_act(LATEST_START)
    moved(life, LATEST_START.add(hours=1), move(midnight(date(2023, 11, 30)), SYNTHESIS))
    life.let_act(FAR)
    assert len(of(life.facts, GateOpened)) == 1


def test_working_days_that_a_return_gave_are_not_cut_by_an_extension() -> None:
    """They end later than the date in force: what is asked for would move nothing."""
    life = issued()
    when = REPORTS_DUE.subtract(hours=1)
    for unit in UNITS[:2]:
        life.ask(Submit(copy(REPORTS, unit), Report(), 0, PERSON, LINK), when)
        life.ask(Return(copy(REPORTS, unit), 1, "a" * 64, PERSON, LINK), when)
    given = life.state.progress[copy(REPORTS)].due
    assert given is not None
    less = given.subtract(days=1)
    assert life.ask(move(less, REPORTS, UNITS[0]), when) == EARLIER
    assert life.ask(move(given, REPORTS, UNITS[0]), when) == SAME_BOUND
    life.ask(Waive(copy(REPORTS, UNITS[1]), "tt", "1-CV/TU"), when)
    # Who is done gives no reason to refuse it to who is not.
    act = moved(life, when, move(less, REPORTS, UNITS[1], UNITS[2]))
    assert act.was == REPORTS_DUE


def test_an_act_says_which_date_it_moved_and_another_reason_is_another_act() -> None:
    life = issued()
    moved(life, MONDAY, move(LATER, REPORTS, UNITS[0]))
    again = midnight(date(2023, 11, 3))
    assert moved(life, MONDAY, move(again, REPORTS, UNITS[0])).was == LATER
    assert life.ask(move(again, REPORTS, UNITS[0]), MONDAY) == DONE
    assert life.ask(move(again, REPORTS, UNITS[0], why="x"), MONDAY) == SAME_BOUND


def test_what_is_owed_is_the_date_of_those_who_owe_it() -> None:
    other = ObligationId("256/X")
    shared = duty(other, UNITS[1:2], bound=replace(bound(REPORTS_DUE), of=REPORTS))
    life = issued(city(obligations=(*city().obligations, shared)))
    duties = life.state.document.obligations
    moved(life, MONDAY, move(LATER, REPORTS, UNITS[0]))
    # The body with a date of its own has no part in the other duty.
    assert owed(life.state, duties[-1]) == (REPORTS_DUE, REPORTS_DUE)
    for unit in UNITS[1:]:
        life.ask(Waive(copy(REPORTS, unit), "tt", "1-CV/TU"), MONDAY)
    assert owed(life.state, duties[1]) == (LATER, LATER)


def test_a_gate_starts_in_time_for_the_earliest_of_those_who_wait() -> None:
    duties = tuple(
        replace(each, assignees=(BTG, VP)) if each.id == SYNTHESIS else each
        for each in city().obligations
    )
    life = issued(city(obligations=duties))
    earlier = midnight(date(2023, 10, 25))
    moved(life, MONDAY, move(earlier, SYNTHESIS, VP, earlier=True))
    # Two working days before Wednesday: Monday and Tuesday.
    assert life.state.gates[SYNTHESIS].start == midnight(date(2023, 10, 23))


def test_the_latest_start_of_a_gate_moves_with_its_own_date() -> None:
    life = issued()
    moved(life, MONDAY, move(midnight(date(2023, 11, 7)), SYNTHESIS))
    life.let_act(FAR)
    (gate,) = of(life.facts, GateOpened)
    assert gate.at == midnight(date(2023, 11, 3))
    (opened,) = [f for f in of(life.facts, Opened) if f.assignment == copy(SYNTHESIS, BTG)]
    assert opened.due == midnight(date(2023, 11, 7))
    assert life.state.progress[copy(SYNTHESIS, BTG)].first_due == SYNTHESIS_DUE


def test_a_gate_whose_latest_start_is_moved_behind_us_opens_now() -> None:
    life = issued()
    now = at(date(2023, 10, 25), 10)
    moved(life, now, move(midnight(date(2023, 10, 27)), SYNTHESIS, earlier=True))
    (gate,) = of(life.facts, GateOpened)
    assert gate.at == now < LATEST_START


def test_a_gate_opens_at_its_latest_start_though_its_own_duty_was_lifted_before_the_issue() -> None:
    life = registered()
    life.ask(Waive(copy(SYNTHESIS, BTG), "tt", "1-CV/TU"), ISSUE_AT.subtract(hours=1))
    life.ask(Issue(), ISSUE_AT)
    life.let_act(FAR)
    assert [gate.at for gate in of(life.facts, GateOpened)] == [LATEST_START]


def test_before_the_issue_a_date_can_be_moved_and_nobody_is_told_twice() -> None:
    life = registered()
    before = ISSUE_AT.subtract(days=1)
    moved(life, before, move(LATER))
    state = life.state
    assert not [e for f in life.facts for e in effects_of(state, f)]
    life.ask(Issue(), ISSUE_AT)
    opened = [f for f in of(life.facts, Opened) if f.assignment == copy(REPORTS)]
    assert [f.due for f in opened] == [LATER]


def test_a_synthesis_left_too_little_time_is_named_and_told_until_it_has_enough_again() -> None:
    life = issued()
    late = midnight(date(2023, 10, 28))
    moved(life, MONDAY, move(late, REPORTS, UNITS[1]))
    # Last day Friday 27/10; two working days are Monday and Tuesday, so 1/11 would do.
    (said,) = of(life.facts, FeasibilityChanged)
    assert said == FeasibilityChanged(
        MONDAY, SYNTHESIS, 1, REPORTS, "input", midnight(date(2023, 11, 1)), 1
    )
    assert infeasible(life.state) == [said]
    told = {(e.kind, e.recipient) for e in effects_of(life.state, said)}
    assert told == {(Kind.INFEASIBLE, BTG), (Kind.INFEASIBLE, VP)}
    moved(life, MONDAY, move(midnight(date(2023, 11, 1)), SYNTHESIS))
    assert infeasible(life.state) == []
    last = of(life.facts, FeasibilityChanged)[-1]
    assert (last.number, last.needs) == (2, None)
    assert effects_of(life.state, last) == ()


def test_of_an_impossible_duty_hear_those_who_still_owe_it_and_the_clerk_once() -> None:
    duties = tuple(
        replace(each, assignees=(BTG, VP)) if each.id == SYNTHESIS else each
        for each in city().obligations
    )
    life = issued(city(obligations=duties))
    life.ask(Waive(copy(SYNTHESIS, BTG), "tt", "1-CV/TU"), MONDAY)
    moved(life, MONDAY, move(midnight(date(2023, 10, 28)), REPORTS, UNITS[1]))
    (said,) = of(life.facts, FeasibilityChanged)
    assert [each.recipient for each in effects_of(life.state, said)] == [VP]


def test_who_is_told_of_its_duty_at_that_very_instant_is_told_of_no_other_date() -> None:
    life = issued()
    moved(life, ISSUE_AT, move(LATER))
    given = of(life.facts, Rescheduled)
    assert given
    assert not any(effects_of(life.state, each) for each in given)


def test_a_report_whose_subject_was_moved_beyond_it_concerns_the_clerk_alone() -> None:
    duties = tuple(
        replace(each, reports_on=(PLAN,)) if each.id == REPORTS else each
        for each in city().obligations
    )
    life = issued(city(obligations=duties))
    # In the text the plan (1/10) comes before the report (21/10).
    now = at(date(2023, 9, 25), 9)
    moved(life, now, move(midnight(date(2023, 11, 1)), PLAN))
    (said,) = of(life.facts, FeasibilityChanged)
    assert (said.obligation, said.on, said.tie) == (REPORTS, PLAN, "content")
    assert {e.recipient for e in effects_of(life.state, said)} == {VP}


def test_the_document_above_is_told_by_when_the_report_can_be_there() -> None:
    life = below()
    moved(life, MONDAY, move(midnight(date(2023, 11, 21)), REPORTS))
    # The synthesis itself was not moved, but cannot start before; it needs two days more.
    (said,) = of(life.facts, ReportUpExpected)
    new = midnight(date(2023, 11, 23))
    assert said == ReportUpExpected(MONDAY, 1, new, planned=SYNTHESIS_DUE)
    above = issued(province())
    news = ReportExpected(MONDAY, life.state.key, UP_REPORT, 1, said.due, said.planned)
    above.happen(news, MONDAY)
    (found,) = of(above.facts, FeasibilityChanged)
    assert (found.obligation, found.tie) == (PROVINCE_REPORT, "input")
    assert found.needs == midnight(date(2023, 11, 25))


def above_told(due: DateTime, planned: DateTime, number: int = 1) -> ReportExpected:
    return ReportExpected(MONDAY, CITY, UP_REPORT, number, due, planned)


def test_what_the_text_itself_makes_impossible_above_is_not_laid_to_a_move() -> None:
    # 240 wants its report by 25/10, the city's synthesis is due 31/10: impossible as written.
    duties = tuple(
        replace(each, bound=bound(midnight(date(2023, 10, 26))))
        if each.id == PROVINCE_REPORT
        else each
        for each in province().obligations
    )
    life = issued(province(obligations=duties))
    life.happen(above_told(midnight(date(2023, 10, 30)), SYNTHESIS_DUE), MONDAY)
    assert not of(life.facts, FeasibilityChanged)
    # Worse than the text is told, and withdrawn when the date goes back to the text's.
    life.happen(above_told(midnight(date(2023, 11, 7)), SYNTHESIS_DUE, 2), MONDAY)
    life.happen(above_told(SYNTHESIS_DUE, SYNTHESIS_DUE, 3), MONDAY)
    assert [said.needs is None for said in of(life.facts, FeasibilityChanged)] == [False, True]
    assert infeasible(life.state) == []


def test_a_duty_that_is_done_is_not_called_impossible() -> None:
    life = below()
    for unit in UNITS[1:]:
        life.ask(Submit(copy(REPORTS, unit), Report(), 0, PERSON, LINK), MONDAY)
        life.ask(Accept(copy(REPORTS, unit), 1, PERSON, LINK), MONDAY)
    now = at(date(2023, 10, 27), 9)
    life.ask(Submit(copy(SYNTHESIS, BTG), Report(), 0, PERSON, LINK), now)
    life.ask(Accept(copy(SYNTHESIS, BTG), 1, PERSON, LINK), now)
    moved(life, now, move(midnight(date(2023, 12, 1)), REPORTS, UNITS[0]))
    assert not of(life.facts, FeasibilityChanged)
    assert not of(life.facts, ReportUpExpected)


@pytest.mark.parametrize("ending", ["waive", "accept"])
def test_what_came_too_late_is_forgotten_when_it_is_done_or_lifted(ending: str) -> None:
    life = below()
    moved(life, MONDAY, move(midnight(date(2023, 12, 16)), REPORTS, UNITS[0]))
    assert [said.obligation for said in infeasible(life.state)] == [SYNTHESIS]
    assert of(life.facts, ReportUpExpected)
    later = MONDAY.add(hours=1)
    if ending == "waive":
        life.ask(Waive(copy(REPORTS), "tt", "1-CV/TU"), later)
    else:
        life.ask(Submit(copy(REPORTS), Report(), 0, PERSON, LINK), later)
        life.ask(Accept(copy(REPORTS), 1, PERSON, LINK), later)
    assert infeasible(life.state) == []
    last = of(life.facts, FeasibilityChanged)[-1]
    assert (last.needs, last.at) == (None, later)
    told = of(life.facts, ReportUpExpected)[-1]
    assert told.due == told.planned == SYNTHESIS_DUE


def test_what_came_too_late_is_forgotten_when_the_duty_goes_to_who_has_it_already() -> None:
    life = issued()
    moved(life, MONDAY, move(midnight(date(2023, 10, 28)), REPORTS, UNITS[0]))
    assert [said.obligation for said in infeasible(life.state)] == [SYNTHESIS]
    life.ask(Reassign(copy(REPORTS), UNITS[1], "tt", "8-QĐ/TU", "e" * 64), MONDAY.add(hours=1))
    assert infeasible(life.state) == []


def test_the_document_above_is_told_when_the_one_who_had_more_time_is_done() -> None:
    """Though nothing was ever impossible."""
    duties = tuple(each for each in city().obligations if each.id == REPORTS)
    life = registered(city_below_province(obligations=duties, reports_when=REPORTS))
    life.happen(ParentIssued(ISSUE_AT.subtract(days=1), PROVINCE), ISSUE_AT)
    life.ask(Issue(), ISSUE_AT)
    moved(life, MONDAY, move(LATER, REPORTS, UNITS[0]))
    life.ask(Waive(copy(REPORTS), "tt", "1-CV/TU"), MONDAY.add(hours=1))
    assert not of(life.facts, FeasibilityChanged)
    assert [said.due for said in of(life.facts, ReportUpExpected)] == [LATER, REPORTS_DUE]


def test_the_last_report_opens_the_gate_and_withdraws_what_was_said_once() -> None:
    life = below()
    moved(life, MONDAY, move(midnight(date(2023, 12, 16)), REPORTS, UNITS[0]))
    for unit in (*UNITS[1:], UNITS[0]):
        life.ask(Submit(copy(REPORTS, unit), Report(), 0, PERSON, LINK), MONDAY)
        life.ask(Accept(copy(REPORTS, unit), 1, PERSON, LINK), MONDAY)
    (gate,) = of(life.facts, GateOpened)
    assert gate.complete
    assert [said.needs is None for said in of(life.facts, FeasibilityChanged)] == [False, True]
    assert len(of(life.facts, ReportUpExpected)) == 2
    check_all(life.state.document, life.facts, MONDAY)


def test_a_report_that_has_come_from_below_is_waited_for_no_longer() -> None:
    life = issued(province())
    life.happen(above_told(midnight(date(2023, 11, 21)), SYNTHESIS_DUE), MONDAY)
    assert [said.obligation for said in infeasible(life.state)] == [PROVINCE_REPORT]
    life.ask(Submit(UP_REPORT, Report(), 0, PERSON, LINK), MONDAY.add(days=1))
    assert infeasible(life.state) == []


def test_what_was_moved_before_the_issue_is_told_with_the_issue() -> None:
    life = registered()
    before = ISSUE_AT.subtract(days=1)
    moved(life, before, move(midnight(date(2023, 10, 31))))
    (said,) = of(life.facts, FeasibilityChanged)
    assert effects_of(life.state, said) == (), "nobody is told of a document that is not issued"
    step = len(life.facts)
    life.ask(Issue(), ISSUE_AT)
    (issue,) = of(life.facts[step:], Issued)
    told = effects_of(life.state, issue)
    assert {(each.kind, each.recipient) for each in told} == {
        (Kind.INFEASIBLE, BTG),
        (Kind.INFEASIBLE, VP),
    }
    assert len({each.key for each in told}) == len(told)


def test_moving_everybody_forward_takes_no_ones_own_later_date_silently() -> None:
    life = issued()
    far = midnight(date(2023, 12, 31))
    moved(life, MONDAY, move(far, REPORTS, UNITS[0]))
    wanted = move(midnight(date(2023, 12, 20)), authority="13-CV/TU")
    assert life.ask(wanted, MONDAY) == EARLIER
    moved(life, MONDAY, replace(wanted, earlier=True))


def test_who_names_a_clause_that_only_inherits_is_told_where_the_date_stands() -> None:
    inherited = replace(bound(REPORTS_DUE), of=REPORTS)
    duties = (
        replace(city().obligations[0], bound=inherited, bounds=(inherited,)),
        replace(city().obligations[1], also=(ObligationId("256/II.9"),)),
        *city().obligations[2:],
        replace(duty(ObligationId("256/II.9"), (), PLAN_DUE)),
    )
    life = issued(city(obligations=duties))
    for name in (PLAN, "256/II.9"):
        given = life.ask(move(LATER, name), MONDAY)
        assert isinstance(given, Refusal)
        assert given.code == "stands-elsewhere"
        assert REPORTS in given.vi
        assert REPORTS in given.en


def test_an_extension_after_the_miss_does_not_wipe_the_strict_rate() -> None:
    life = issued()
    now = at(date(2023, 10, 27), 9)
    moved(life, now, move(midnight(date(2023, 11, 3))))
    rows = [each for each in closing_copies(life.state) if each.obligation == REPORTS]
    counts = table(rows)
    assert (counts.open_late, counts.strict) == (0, (0, len(UNITS)))


def test_a_first_date_that_passes_after_it_was_moved_counts_for_the_strict_rate() -> None:
    life = issued()
    moved(life, MONDAY, move(midnight(date(2023, 11, 3))))
    rows = [each for each in closing_copies(life.state) if each.obligation == REPORTS]
    assert table(rows, REPORTS_DUE.subtract(minutes=1)).strict == (0, 0)
    assert table(rows, REPORTS_DUE).strict == (0, len(UNITS))


def test_a_bound_in_the_early_morning_has_no_reminder_after_it_and_no_torn_days() -> None:
    life = issued()
    moved(life, MONDAY, move(at(date(2023, 10, 25), 7), REPORTS, UNITS[0]))
    moved(life, MONDAY, move(at(date(2023, 11, 3), 7), SYNTHESIS))
    life.let_act(FAR)
    own = [f for f in of(life.facts, Reminded) if f.assignment == copy(REPORTS)]
    assert [(f.nudge, f.at) for f in own] == [
        ("before-3", at(date(2023, 10, 20), 8)),
        ("after-1", at(date(2023, 10, 26), 8)),
    ]
    (gate,) = of(life.facts, GateOpened)
    # Two whole working days before Friday's morning: Wednesday and Thursday.
    assert gate.at == midnight(date(2023, 11, 1))


def test_a_move_that_leaves_time_enough_says_nothing_about_others() -> None:
    life = below()
    moved(life, MONDAY, move(midnight(date(2023, 10, 26)), REPORTS))
    assert not of(life.facts, FeasibilityChanged)
    assert not of(life.facts, ReportUpExpected)


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (move(LATER, STANDING), NO_BOUND),
        (move(LATER, "256/X"), NO_BOUND),
        (move(LATER, REPORTS, BodyId("nobody")), NOT_OWED),
        (move(MONDAY), IN_THE_PAST),
        (move(REPORTS_DUE), SAME_BOUND),
        (move(midnight(date(2023, 10, 20))), EARLIER),
    ],
)
def test_what_cannot_be_meant_is_refused(request_: MoveBound, refusal: Refusal) -> None:
    life = issued()
    assert life.ask(request_, MONDAY) == refusal
    assert not of(life.facts, BoundMoved)


def test_the_same_decision_counts_once_and_a_closed_duty_gets_no_date() -> None:
    life = issued()
    moved(life, MONDAY, move(LATER, REPORTS, UNITS[0]))
    assert life.ask(move(LATER, REPORTS, UNITS[0]), MONDAY.add(minutes=1)) == DONE
    for unit in UNITS:
        life.ask(Waive(copy(REPORTS, unit), "tt", "1-CV/TU"), MONDAY)
    assert life.ask(move(LATER, REPORTS, authority="9-CV/TU"), MONDAY) == CLOSED


def lacking(life: Life) -> DateTime | None:
    """The earliest bound that would do for the synthesis, reckoned by hand; None: it has time."""
    state = life.state
    reports, synthesis = state.document.obligations[1:3]
    open_units = [u for u in UNITS if not state.progress[copy(REPORTS, u)].closed]
    own = in_force(state, synthesis, BTG)
    started = state.gates[SYNTHESIS].opened_at is not None
    if state.progress[copy(SYNTHESIS, BTG)].closed or started or not open_units or own is None:
        return None
    dues = [in_force(state, reports, unit) for unit in open_units]
    day = last_day(max(due for due in dues if due is not None))
    left = state.document.policy.latest_start_working_days
    while left:
        day += timedelta(days=1)
        left -= state.document.calendar.is_working(day)
    needed = midnight(day + timedelta(days=1))
    return needed if needed > own else None


@settings(max_examples=200)
@given(wishes(city(), max_size=20))
def test_impossible_is_called_what_lacks_time_and_nothing_else(schedule: list[Wish]) -> None:
    life = live(city(), [], until=ISSUE_AT)
    for wish in schedule:
        life.ask(wish.request(life.state), max(wish.at, ISSUE_AT))
        said = {each.obligation: each.needs for each in infeasible(life.state)}
        needed = lacking(life)
        assert said.get(SYNTHESIS) == needed
    check_all(life.state.document, life.facts, schedule[-1].at if schedule else ISSUE_AT)


DAYS = st.integers(1, 60).map(lambda n: midnight(date(2023, 10, 16) + timedelta(days=n)))


@given(st.lists(st.tuples(DAYS, st.sampled_from((*UNITS, None))), max_size=6))
def test_the_newest_act_is_in_force_for_those_whom_it_names(
    acts: list[tuple[DateTime, BodyId | None]],
) -> None:
    life = issued()
    expected = dict.fromkeys(UNITS, REPORTS_DUE)
    for number, (due, body) in enumerate(acts):
        bodies = (body,) if body else ()
        given = life.ask(
            move(due, REPORTS, *bodies, authority=f"{number}-CV/TU", earlier=True),
            MONDAY.add(minutes=number),
        )
        if not isinstance(given, Refusal):
            expected |= dict.fromkeys(bodies or UNITS, due)
        assert {
            unit: in_force(life.state, life.state.document.obligations[1], unit) for unit in UNITS
        } == expected
        # The assignments say the same, and what they said first is kept.
        for unit in UNITS:
            own = life.state.progress[copy(REPORTS, unit)]
            assert (own.due, own.first_due) == (expected[unit], REPORTS_DUE)


def test_a_duty_of_the_document_above_cannot_be_moved_from_below() -> None:
    life = below()
    assert life.ask(move(LATER, PROVINCE_REPORT), MONDAY) == NO_BOUND
