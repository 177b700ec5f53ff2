"""The 2×2 table and its two rates."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from models.domain.facts import ChildIssued, Report
from models.domain.requests import Accept, Acknowledge, Return, Submit, Waive
from models.domain.state import Progress
from models.domain.statistics import Table, awaited, closing_copies, is_late, table
from models.domain.terms import AssignmentId, BodyId, ObligationId, Phase
from tests.builders import (
    CITY,
    CITY_COMMITTEE,
    ISSUE_AT,
    LINK,
    PERSON,
    PROVINCE_ISSUE,
    REPORTS,
    REPORTS_DUE,
    STANDING,
    UNITS,
    Life,
    city,
    copy,
    issued,
    province,
    registered,
)

DUE = REPORTS_DUE
BEFORE, AFTER = DUE.subtract(hours=1), DUE.add(hours=1)


def submit(life: Life, unit: BodyId, when: object, version: int = 0) -> None:
    life.ask(Submit(copy(REPORTS, unit), Report(), version, PERSON, LINK), when)  # type: ignore[arg-type]


def accept(life: Life, unit: BodyId, when: object, version: int = 1) -> None:
    life.ask(Accept(copy(REPORTS, unit), version, PERSON, LINK), when)  # type: ignore[arg-type]


def reports(life: Life) -> Table:
    return table(each for each in life.state.progress.values() if each.obligation == REPORTS)


def test_each_corner_of_the_table() -> None:
    life = issued()
    one, two, three, four = UNITS
    submit(life, one, BEFORE)
    accept(life, one, AFTER)
    submit(life, two, AFTER)
    accept(life, two, AFTER)
    life.ask(Waive(copy(REPORTS, four), "tt", "Công văn 12"), AFTER)
    counts = reports(life)
    assert counts == Table(
        done_in_time=1, done_late=1, open_late=1, waived=1, strict_in_time=1, strict_open_late=1
    )
    assert counts.lenient == counts.strict == (1, 3)
    assert three in {row.assignment.split("@")[1] for row in awaited(life.state)}


def test_what_waits_in_time_is_not_judged() -> None:
    counts = reports(issued())
    assert counts == Table(open_in_time=4)
    assert counts.lenient == (0, 0)


def test_a_report_returned_and_sent_again_is_in_time_only_leniently() -> None:
    life = issued()
    unit = UNITS[0]
    submit(life, unit, BEFORE)
    life.ask(Return(copy(REPORTS, unit), 1, "f" * 64, PERSON, LINK), AFTER)
    assert life.state.progress[copy(REPORTS, unit)].due > DUE  # type: ignore[operator]
    submit(life, unit, AFTER.add(hours=1), version=1)
    accept(life, unit, AFTER.add(hours=2), version=2)
    counts = table([life.state.progress[copy(REPORTS, unit)]])
    assert counts.lenient == (1, 1)
    assert counts.strict == (0, 1)


def test_late_after_a_return_is_late_for_ever() -> None:
    life = issued()
    unit = UNITS[0]
    submit(life, unit, BEFORE)
    life.ask(Return(copy(REPORTS, unit), 1, "f" * 64, PERSON, LINK), AFTER)
    far = DUE.add(days=20)
    submit(life, unit, far, version=1)
    accept(life, unit, far, version=2)
    counts = table([life.state.progress[copy(REPORTS, unit)]])
    assert (counts.done_late, counts.done_in_time, counts.strict_in_time) == (1, 0, 0)


def test_a_document_below_that_came_late_is_in_time_by_no_rate() -> None:
    life = issued(province())
    assignment = copy(PROVINCE_ISSUE, CITY_COMMITTEE)
    bound = life.state.progress[assignment].due
    assert bound is not None
    late = bound.add(days=2)
    life.let_act(late)
    life.happen(ChildIssued(late, assignment, CITY), late)
    counts = table([life.state.progress[assignment]])
    assert counts.done_late == 1
    assert counts.strict == (0, 1)


def test_standing_duties_are_not_counted() -> None:
    assert STANDING not in {each.obligation for each in closing_copies(issued().state)}


def test_awaited_names_late_ones_first_then_by_bound() -> None:
    life = issued()
    life.ask(Acknowledge(copy(REPORTS, UNITS[1]), PERSON, LINK), ISSUE_AT.add(days=1))
    life.let_act(AFTER)
    rows = awaited(life.state)
    assert [row.late for row in rows] == sorted((row.late for row in rows), reverse=True)
    late = [row for row in rows if row.late]
    assert [row.due for row in late] == sorted(row.due for row in late if row.due)
    first = rows[0]
    assert first.since == first.due, "overdue since its bound"
    assert Phase.ACKNOWLEDGED in {row.phase for row in rows}
    assert not any(row.obligation == STANDING for row in rows)


def test_a_late_one_stands_before_one_that_is_reviewed_although_its_bound_is_later() -> None:
    life = issued()
    submit(life, UNITS[0], BEFORE)
    life.let_act(DUE.add(days=15))
    rows = awaited(life.state)
    assert [row.assignment for row in rows][-1] == copy(REPORTS, UNITS[0])
    assert rows[-1].since == BEFORE, "reviewed since it came"
    assert any(row.due and rows[-1].due and row.due > rows[-1].due for row in rows)


def test_nobody_is_awaited_before_there_is_a_plan() -> None:
    assert awaited(Life().state) == []
    assert list(closing_copies(Life().state)) == []
    rows = awaited(registered(city()).state)
    assert {row.since for row in rows} == {None}


moments = st.none() | st.integers(-72, 72).map(lambda hours: DUE.add(hours=hours))


@st.composite
def copies(draw: st.DrawFn) -> Progress:
    """A copy as the rules can leave it: overdue only when nothing was in by a bound in force."""
    phase = draw(st.sampled_from(list(Phase)))
    base = Progress(AssignmentId("a@b"), ObligationId("a"), BodyId("b"), phase)
    due = draw(st.sampled_from([DUE, DUE.add(days=3)]))
    submitted = draw(moments) if phase in (Phase.SUBMITTED, Phase.ACCEPTED) else None
    late = submitted >= due if submitted else draw(st.booleans())
    closed = draw(moments) or DUE.add(hours=100)
    if phase is Phase.ACCEPTED and submitted is None:
        due, late = DUE, closed >= DUE
    return replace(
        base,
        first_due=DUE,
        due=due,
        submitted_at=submitted,
        closed_at=closed,
        overdue_at=due if late else None,
    )


@given(st.lists(copies(), max_size=20))
def test_the_table_adds_up(given_copies: list[Progress]) -> None:
    counts = table(given_copies)
    assert counts.done + counts.open + counts.waived + counts.superseded == len(given_copies)
    assert counts.strict_in_time <= counts.done_in_time, "strict is never kinder than lenient"
    assert counts.strict[1] == counts.lenient[1] == counts.judged
    assert counts.judged == counts.done + counts.open_late
    assert counts.done_late + counts.open_late == sum(
        is_late(each) for each in given_copies if each.phase not in (Phase.WAIVED, Phase.SUPERSEDED)
    )


@given(st.lists(copies(), max_size=8), st.lists(copies(), max_size=8))
def test_tables_of_parts_add_to_the_table_of_the_whole(
    one: list[Progress], two: list[Progress]
) -> None:
    names = Table.__dataclass_fields__
    left, right, both = table(one), table(two), table(one + two)
    assert all(getattr(both, name) == getattr(left, name) + getattr(right, name) for name in names)
