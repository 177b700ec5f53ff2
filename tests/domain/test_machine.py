"""The rules under random schedules: the ledger is the same whenever time is let act."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pendulum import DateTime

from models.domain.calendar import at, midnight
from models.domain.errors import ImpossibleFact, Refusal
from models.domain.facts import (
    Accepted,
    AddendumReceived,
    BecameOverdue,
    Completed,
    Escalated,
    Fact,
    GateOpened,
    Issued,
    Opened,
    Registered,
    Reminded,
    Report,
    Returned,
    Submitted,
    Waived,
    key_of,
)
from models.domain.folding import evolve, fold
from models.domain.machine import advance
from models.domain.requests import Accept, Issue, Return, Submit, Waive
from models.domain.state import State
from models.domain.terms import AssignmentId, Phase
from tests.builders import (
    BTG,
    FAR,
    ISSUE_AT,
    LATEST_START,
    LINK,
    PERSON,
    PLAN,
    PLAN_DUE,
    REPORTS,
    REPORTS_DUE,
    SYNTHESIS,
    SYNTHESIS_DUE,
    UNITS,
    Life,
    city,
    copy,
    duty,
    issued,
    registered,
)
from tests.laws import check_all
from tests.strategies import TICK, VERBS, Wish, inputs, instants, live, wishes

CITY_PLAN = city()
COPIES = [each for obligation in CITY_PLAN.obligations for each in obligation.assignments()]


def of(kind: type[Fact], facts: list[Fact] | tuple[Fact, ...]) -> list[Fact]:
    return [fact for fact in facts if isinstance(fact, kind)]


# --- the ledger does not depend on when somebody looks ------------------------------------------


@settings(max_examples=60)
@given(wishes(CITY_PLAN), st.lists(instants(), max_size=20))
def test_the_ledger_is_the_same_however_often_time_is_let_act(
    schedule: list[Wish], looks: list[DateTime]
) -> None:
    often, seldom = live(CITY_PLAN, schedule, looks), live(CITY_PLAN, schedule)
    assert often.facts == seldom.facts
    assert often.state == seldom.state
    check_all(CITY_PLAN, often.facts, FAR)


@settings(max_examples=60)
@given(wishes(CITY_PLAN))
def test_inputs_alone_give_the_same_derived_facts(schedule: list[Wish]) -> None:
    life = live(CITY_PLAN, schedule)
    again = advance(State(), inputs(life.facts), FAR)
    assert list(again.facts) == life.facts
    assert again.state == life.state
    assert fold(State(), life.facts) == life.state


@settings(max_examples=40)
@given(
    wishes(CITY_PLAN, max_size=12, first=ISSUE_AT.subtract(days=2)),
    st.integers(0, 60),
    st.lists(instants(), max_size=5),
)
def test_a_document_that_goes_out_late_bears_its_own_instant(
    schedule: list[Wish], days: int, looks: list[DateTime]
) -> None:
    """Waived before the issue, issued weeks after its day: nothing breaks, all laws hold."""
    late = ISSUE_AT.add(days=days)
    life = live(CITY_PLAN, schedule, looks, issue_at=late)
    assert of(Issued, life.facts) == [Issued(ISSUE_AT)]
    assert {fact.at for fact in of(Opened, life.facts)} <= {
        ISSUE_AT,
        *(fact.at for fact in of(GateOpened, life.facts)),
    }
    assert fold(State(), life.facts) == life.state
    check_all(CITY_PLAN, life.facts, FAR)


@settings(max_examples=40)
@given(wishes(CITY_PLAN), instants())
def test_settling_twice_changes_nothing(schedule: list[Wish], now: DateTime) -> None:
    life = live(CITY_PLAN, [wish for wish in schedule if wish.at <= now], until=now)
    assert life.let_act(now) == ()
    following = life.state.next_due()
    assert following is None or following > now


@settings(max_examples=40)
@given(wishes(CITY_PLAN))
def test_counters_are_what_a_count_gives(schedule: list[Wish]) -> None:
    state = live(CITY_PLAN, schedule).state
    assert state.plan is not None
    still = [each for each in state.progress.values() if not each.closed]
    assert state.open_closing == sum(each.obligation in state.plan.closing for each in still)
    assert state.reports_left == sum(each.obligation == SYNTHESIS for each in still)
    assert state.gates[SYNTHESIS].outstanding == sum(each.obligation == REPORTS for each in still)
    armed = {
        (each.next_timer.at, each.id)
        for each in state.progress.values()
        if each.next_timer is not None
    }
    listed = {
        (instant, key)
        for instant in state.agenda.instants
        for key in state.agenda.at(instant)
        if not key.startswith("gate:")
    }
    assert listed == armed


class Cascade(RuleBasedStateMachine):
    """People and time in any order; time sometimes passes with nobody looking."""

    def __init__(self) -> None:
        super().__init__()
        self.now = ISSUE_AT.subtract(days=1)
        self.life = Life()
        self.life.happen(Registered(self.now, CITY_PLAN, "vp"), self.now)

    def _pass(self, hours: int) -> None:
        self.now = self.now.add(hours=hours)

    @rule(hours=st.integers(1, 24 * 15))
    def time_passes(self, hours: int) -> None:
        self._pass(hours)

    @rule(edge=st.sampled_from([PLAN_DUE, REPORTS_DUE, LATEST_START, SYNTHESIS_DUE]))
    def time_comes_to_an_edge(self, edge: DateTime) -> None:
        self.now = max(self.now, edge)

    @rule()
    def somebody_looks(self) -> None:
        self.life.let_act(self.now)

    @precondition(lambda self: self.life.state.issued_at is None)
    @rule()
    def issue(self) -> None:
        self.life.ask(Issue(), self.now)

    @rule(
        verb=st.sampled_from(VERBS),
        assignment=st.sampled_from(COPIES),
        skew=st.sampled_from((0, 0, 0, 1)),
        times=st.sampled_from((1, 1, 2, 3)),
    )
    def ask(self, verb: str, assignment: str, skew: int, times: int) -> None:
        self.life.let_act(self.now)
        wish = Wish(self.now, verb, AssignmentId(assignment), skew)
        # The same page sent again: the request was made once, from one state.
        request = wish.request(self.life.state)
        before = len(self.life.facts)
        answers = [self.life.ask(request, self.now) for _ in range(times)]
        assert sum(not isinstance(each, Refusal) for each in answers) <= 1
        if isinstance(answers[0], Refusal):
            assert len(self.life.facts) == before, "a refusal left a fact"

    @rule(verb=st.sampled_from(("submit", "accept")))
    def everybody(self, verb: str) -> None:
        self.life.let_act(self.now)
        for unit in UNITS:
            wish = Wish(self.now, verb, copy(REPORTS, unit))
            self.life.ask(wish.request(self.life.state), self.now)

    @invariant()
    def folds_to_its_state(self) -> None:
        assert fold(State(), self.life.facts) == self.life.state

    def teardown(self) -> None:
        self.life.let_act(self.now)
        check_all(CITY_PLAN, self.life.facts, self.now)
        again = advance(State(), inputs(self.life.facts), self.now)
        assert list(again.facts) == self.life.facts


TestCascade = Cascade.TestCase
TestCascade.settings = settings(max_examples=40, stateful_step_count=30)


# --- bounds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shift", "late"), [(-TICK, False), (timedelta(0), True), (TICK, True)])
def test_a_click_at_the_very_bound_is_late(shift: timedelta, late: bool) -> None:
    life = issued()
    late_fact = BecameOverdue(REPORTS_DUE, copy(REPORTS))
    fact = life.ask(Submit(copy(REPORTS), Report(), 0, PERSON, LINK), REPORTS_DUE + shift)
    assert isinstance(fact, Submitted)
    missed = [f for f in of(BecameOverdue, life.facts) if f == late_fact]
    assert bool(missed) is late
    progress = life.state.progress[copy(REPORTS)]
    assert progress.overdue_at == (REPORTS_DUE if late else None)
    if late:
        assert life.facts.index(missed[0]) < life.facts.index(fact)


def test_a_late_click_never_erases_its_lateness() -> None:
    life = issued()
    unit = copy(REPORTS)
    life.ask(Submit(unit, Report(), 0, PERSON, LINK), REPORTS_DUE.add(days=9))
    life.ask(Return(unit, 1, "a" * 64, PERSON, LINK), REPORTS_DUE.add(days=10))
    life.ask(Submit(unit, Report(), 1, PERSON, LINK), REPORTS_DUE.add(days=10, hours=1))
    life.ask(Accept(unit, 2, PERSON, LINK), REPORTS_DUE.add(days=10, hours=2))
    progress = life.state.progress[unit]
    assert progress.phase is Phase.ACCEPTED
    assert progress.overdue_at == REPORTS_DUE
    assert progress.first_due == REPORTS_DUE


def test_each_derived_fact_has_its_own_instant_however_late_somebody_looks() -> None:
    life = issued()
    facts = life.let_act(FAR)
    case = [fact for fact in facts if getattr(fact, "assignment", None) == copy(REPORTS)]
    assert case == [
        Reminded(at(date(2023, 10, 17), 8), copy(REPORTS), "before-3", 0),
        Reminded(at(date(2023, 10, 20), 8), copy(REPORTS), "on-the-day", 0),
        BecameOverdue(midnight(date(2023, 10, 21)), copy(REPORTS)),
        # 21 and 22 October are Saturday and Sunday.
        Reminded(at(date(2023, 10, 23), 8), copy(REPORTS), "after-1", 0),
        Escalated(at(date(2023, 10, 23), 8), copy(REPORTS), 1),
        Escalated(at(date(2023, 10, 25), 8), copy(REPORTS), 2),
        Escalated(at(date(2023, 10, 27), 8), copy(REPORTS), 3),
        Escalated(at(date(2023, 11, 3), 8), copy(REPORTS), 4),
    ]
    instants_in_order = [fact.at for fact in facts]
    assert instants_in_order == sorted(instants_in_order)


# --- the gate ------------------------------------------------------------------------------------


def report_of(life: Life, unit: int, day: DateTime, *, accept: bool = True) -> None:
    assignment = copy(REPORTS, UNITS[unit])
    version = life.state.progress[assignment].version
    life.ask(Submit(assignment, Report(), version, PERSON, LINK), day)
    if accept:
        life.ask(Accept(assignment, version + 1, PERSON, LINK), day)


def test_the_gate_opens_with_the_last_acceptance() -> None:
    life = issued()
    day = at(date(2023, 10, 12), 9)
    for unit in range(3):
        report_of(life, unit, day)
    report_of(life, 3, day, accept=False)
    assert not of(GateOpened, life.facts), "handed in is not accepted"
    life.ask(Accept(copy(REPORTS, UNITS[3]), 1, PERSON, LINK), day.add(hours=1))
    assert of(GateOpened, life.facts) == [
        GateOpened(day.add(hours=1), SYNTHESIS, complete=True, missing=(), waived=())
    ]
    assert life.state.progress[copy(SYNTHESIS, BTG)].phase is Phase.OPEN
    life.let_act(FAR)
    assert len(of(GateOpened, life.facts)) == 1, "the latest start must not open it again"


def test_a_waiver_counts_and_is_named() -> None:
    life = issued()
    day = at(date(2023, 10, 12), 9)
    for unit in range(3):
        report_of(life, unit, day)
    life.ask(Waive(copy(REPORTS, UNITS[3]), "tt", "Công văn 12-CV/TU"), day)
    assert of(GateOpened, life.facts) == [
        GateOpened(day, SYNTHESIS, complete=True, missing=(), waived=(copy(REPORTS, UNITS[3]),))
    ]


def test_the_latest_start_opens_it_once_and_names_the_missing() -> None:
    life = issued()
    report_of(life, 0, at(date(2023, 10, 12), 9))
    report_of(life, 1, at(date(2023, 10, 12), 9), accept=False)
    life.let_act(LATEST_START - TICK)
    assert not of(GateOpened, life.facts)
    life.let_act(FAR)
    missing = tuple(copy(REPORTS, unit) for unit in UNITS[1:])
    assert of(GateOpened, life.facts) == [
        GateOpened(LATEST_START, SYNTHESIS, complete=False, missing=missing, waived=())
    ]


def test_a_report_after_that_is_an_addendum() -> None:
    life = issued()
    report_of(life, 0, at(date(2023, 10, 12), 9))
    late = at(date(2023, 10, 28), 9)
    for unit in range(1, 4):
        report_of(life, unit, late)
    assert of(AddendumReceived, life.facts) == [
        AddendumReceived(late, copy(REPORTS, unit), 1, copy(SYNTHESIS, BTG)) for unit in UNITS[1:]
    ]


def test_a_report_under_review_when_the_gate_opened_is_an_addendum_once_accepted() -> None:
    life = issued()
    early, late = at(date(2023, 10, 12), 9), at(date(2023, 10, 28), 9)
    report_of(life, 0, early, accept=False)
    life.ask(Accept(copy(REPORTS), 1, PERSON, LINK), late)
    assert of(AddendumReceived, life.facts) == [
        AddendumReceived(late, copy(REPORTS), 1, copy(SYNTHESIS, BTG))
    ]


def test_a_document_that_goes_out_after_the_latest_start_opens_its_gate_at_the_issue() -> None:
    late = LATEST_START.add(days=2, hours=8)
    life = issued(city(issue_at=late))
    life.let_act(late)
    (opened,) = of(GateOpened, life.facts)
    assert opened.at == late
    assert life.state.progress[copy(SYNTHESIS, BTG)].opened_at == late


def test_waiving_the_duty_behind_the_gate_does_not_break_the_document() -> None:
    life = issued()
    life.ask(Waive(copy(SYNTHESIS, BTG), "tt", "Công văn 12-CV/TU"), ISSUE_AT.add(days=1))
    life.let_act(FAR)
    assert len(of(GateOpened, life.facts)) == 1
    assert life.state.progress[copy(SYNTHESIS, BTG)].phase is Phase.WAIVED


def test_a_duty_waived_before_the_issue_is_never_opened() -> None:
    life = registered()
    life.ask(Waive(copy(REPORTS), "tt", "Công văn 12-CV/TU"), ISSUE_AT.subtract(days=1))
    assert life.ask(Issue(), ISSUE_AT) == Issued(ISSUE_AT)
    assert life.state.progress[copy(REPORTS)].phase is Phase.WAIVED
    assert copy(REPORTS) not in {fact.assignment for fact in life.facts if isinstance(fact, Opened)}


def test_a_waiting_duty_without_a_bound_waits_as_long_as_it_must() -> None:
    document = city(
        obligations=(
            duty(REPORTS, UNITS, REPORTS_DUE),
            duty(SYNTHESIS, (BTG,), waits_for=(REPORTS,)),
        )
    )
    life = issued(document)
    life.let_act(FAR)
    assert not of(GateOpened, life.facts)


def test_everything_waived_beforehand_opens_the_gate_and_completes_at_the_issue() -> None:
    life = registered()
    for obligation in CITY_PLAN.obligations:
        for assignment in obligation.assignments():
            life.ask(Waive(assignment, "tt", "x"), ISSUE_AT.subtract(days=1))
    life.ask(Issue(), ISSUE_AT)
    assert of(Completed, life.facts) == [Completed(ISSUE_AT)]
    assert of(GateOpened, life.facts) == [
        GateOpened(
            ISSUE_AT,
            SYNTHESIS,
            complete=True,
            missing=(),
            waived=tuple(copy(REPORTS, unit) for unit in UNITS),
        )
    ]


# --- completion ----------------------------------------------------------------------------------


def test_completed_with_the_last_dated_duty_and_only_once() -> None:
    life = issued()
    day = at(date(2023, 9, 25), 9)
    for unit in UNITS:
        life.ask(Submit(copy(PLAN, unit), Report(), 0, PERSON, LINK), day)
    for number in range(4):
        report_of(life, number, day)
    assert not of(Completed, life.facts)
    synthesis = copy(SYNTHESIS, BTG)
    life.ask(Submit(synthesis, Report(), 0, PERSON, LINK), day)
    life.ask(Accept(synthesis, 1, PERSON, LINK), day.add(hours=3))
    assert of(Completed, life.facts) == [Completed(day.add(hours=3))]
    life.ask(Submit(copy(STANDING_ID), Report(), 0, PERSON, LINK), day.add(hours=4))
    life.ask(Accept(copy(STANDING_ID), 1, PERSON, LINK), day.add(hours=4))
    life.let_act(FAR)
    assert len(of(Completed, life.facts)) == 1
    assert not of(BecameOverdue, life.facts)


STANDING_ID = CITY_PLAN.obligations[3].id


def test_automatic_acceptance_follows_the_report_at_its_instant() -> None:
    life = issued()
    when = at(date(2023, 9, 25), 9)
    life.ask(Submit(copy(PLAN), Report(), 0, PERSON, LINK), when)
    assert life.facts[-1] == Accepted(when, copy(PLAN), 1, person="", link="")


# --- what must never happen ----------------------------------------------------------------------


def test_impossible_facts_are_refused() -> None:
    life = issued()
    with pytest.raises(ImpossibleFact):
        evolve(life.state, Registered(ISSUE_AT, CITY_PLAN, "vp"))
    with pytest.raises(ImpossibleFact):
        evolve(life.state, Issued(ISSUE_AT))
    with pytest.raises(ImpossibleFact):
        evolve(life.state, Waived(ISSUE_AT, AssignmentId("nowhere@nobody"), "tt", "x"))
    with pytest.raises(ImpossibleFact):
        evolve(State(), Issued(ISSUE_AT))
    opened = fold(life.state, [GateOpened(LATEST_START, SYNTHESIS, False, (), ())])
    with pytest.raises(ImpossibleFact):
        evolve(opened, GateOpened(LATEST_START, SYNTHESIS, False, (), ()))
    with pytest.raises(ImpossibleFact):
        evolve(life.state, GateOpened(LATEST_START, REPORTS, False, (), ()))
    done = fold(life.state, [Completed(FAR)])
    with pytest.raises(ImpossibleFact):
        evolve(done, Completed(FAR))


def test_the_cause_of_every_entry_stands_before_it() -> None:
    life = registered()
    step = advance(life.state, [Issued(ISSUE_AT)], FAR)
    by_time = []
    for index, entry in enumerate(step.entries):
        if entry.cause is None:
            by_time.append(entry.fact)
            continue
        assert entry.cause < index
        assert step.entries[entry.cause].fact.at == entry.fact.at
    assert by_time[0] == Issued(ISSUE_AT)
    assert all(
        isinstance(fact, Reminded | BecameOverdue | Escalated | GateOpened) for fact in by_time[1:]
    )
    assert len({key_of(entry.fact) for entry in step.entries}) == len(step.entries)


def test_a_returned_report_climbs_on_from_where_it_was() -> None:
    life = issued()
    unit = copy(REPORTS)
    life.let_act(at(date(2023, 10, 25), 9))
    assert life.state.progress[unit].rung == 2
    life.ask(Submit(unit, Report(), 0, PERSON, LINK), at(date(2023, 10, 26), 9))
    life.let_act(at(date(2023, 11, 1), 9))
    assert life.state.progress[unit].rung == 2, "no rung while the report is being reviewed"
    fact = life.ask(Return(unit, 1, "a" * 64, PERSON, LINK), at(date(2023, 11, 1), 10))
    assert isinstance(fact, Returned)
    # Three working days of grace: until Monday 6/11 at 24:00.
    assert life.state.progress[unit].due == midnight(date(2023, 11, 7))
    facts = life.let_act(FAR)
    rungs = [f for f in facts if isinstance(f, Escalated) and f.assignment == unit]
    assert rungs == [
        Escalated(at(date(2023, 11, 13), 8), unit, 3),
        Escalated(at(date(2023, 11, 20), 8), unit, 4),
    ]
    assert not [f for f in facts if isinstance(f, BecameOverdue) and f.assignment == unit]
    rounds = {f.round for f in facts if isinstance(f, Reminded) and f.assignment == unit}
    assert rounds == {1}
