"""The smallest settlement: it settles, it breaks nothing, and nothing smaller does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, product
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pendulum import DateTime

from config.lint.settle import pull, push, settle
from models.domain.calendar import WorkCalendar, midnight
from models.domain.feasibility import Duty, Need, Network, Shortfall, Tie
from tests.domain.test_feasibility import FIRST, ISSUED, LEADS, day, duty, networks

FIRST_BOUND = midnight(FIRST + timedelta(days=1))

PLAN = Network(
    [
        duty("conference", day(31)),
        duty("study", day(31), order="conference"),
        duty("plan", day(30, 11)),
        duty("report", day(20), content="study plan"),
        duty("synthesis", day(30), 2, input="report"),
        duty("upper", day(14, 11), 2, input="synthesis"),
    ],
    WorkCalendar(),
)


def short(network: Network) -> dict[tuple[str, str], timedelta]:
    return {(each.duty, each.on): each.needs - each.due for each in network.shortfalls}


def is_better(before: Network, after: Network, pair: tuple[str, str]) -> bool:
    """Tell whether *pair* is kept now, and no tie is broken more than it was."""
    old, new = short(before), short(after)
    return pair not in new and all(new[each] <= old.get(each, timedelta(0)) for each in new)


def some(network: Network) -> Shortfall:
    return next(each for each in network.shortfalls if each.tie is not Tie.ORDER)


@st.composite
def strained(draw: Any, circles: bool = False) -> Network:
    """Draw a network with a tie that cannot be kept, somewhere in it."""
    network = draw(networks(circles))
    ends = {key: end for key, end in network.finish.items() if end > FIRST_BOUND}
    if not ends:
        network = network.with_dues({"d0": FIRST_BOUND + timedelta(days=5)})
        ends = {"d0": network.finish.get("d0", FIRST_BOUND + timedelta(days=5))}
    on = draw(st.sampled_from(sorted(ends)))
    room = min((ends[on] - FIRST_BOUND).days, 30)
    due = ends[on] - timedelta(days=draw(st.integers(1, room)))
    tie = draw(st.sampled_from([Tie.INPUT, Tie.CONTENT]))
    late = Duty("late", ISSUED, due, draw(LEADS), (Need(on, tie),))
    on_it = Duty("upon", ISSUED, due + timedelta(days=draw(st.integers(0, 9))), draw(LEADS), ())
    on_it = replace(on_it, needs=(Need("late", draw(st.sampled_from(Tie))),))
    found = Network([*network.duties.values(), late, on_it], network.calendar)
    assume(any(each.tie is not Tie.ORDER for each in found.shortfalls))
    return found


@given(strained())
def test_every_settlement_settles_and_breaks_nothing(network: Network) -> None:
    bad = some(network)
    for each in settle(network, bad.duty, [bad.on], bad.tie):
        assert each.dues
        assert is_better(network, network.with_dues(each.dues), (bad.duty, bad.on))
        assert all(due > ISSUED for due in each.dues.values())
        assert all(network.duties[key].due not in (None, due) for key, due in each.dues.items())


@given(strained(circles=True))
def test_so_it_does_where_duties_run_in_circles(network: Network) -> None:
    bad = some(network)
    for each in settle(network, bad.duty, [bad.on], bad.tie):
        assert is_better(network, network.with_dues(each.dues), (bad.duty, bad.on))


@given(strained())
def test_the_smallest_comes_first(network: Network) -> None:
    bad = some(network)
    sizes = [(len(e.dues), e.days) for e in settle(network, bad.duty, [bad.on], bad.tie)]
    assert sizes == sorted(sizes)
    assert len(sizes) <= 3


@given(strained())
def test_it_can_always_be_settled_by_giving_more_time(network: Network) -> None:
    bad = some(network)
    assert settle(network, bad.duty, [bad.on], bad.tie)


GRID = [midnight(FIRST + timedelta(days=n)) for n in range(1, 75)]


@settings(max_examples=60)
@given(strained())
def test_nothing_smaller_settles_it(network: Network) -> None:
    """Try every smaller set of dates on a grid of days: one less, and up to two."""
    bad = some(network)
    found = settle(network, bad.duty, [bad.on], bad.tie)
    dated = [key for key, each in network.duties.items() if each.due is not None]
    for size in range(1, min(len(found[0].dues), 3)):
        for keys in combinations(dated, size):
            for dues in product(GRID if size == 1 else GRID[::3], repeat=size):
                moved = dict(zip(keys, dues, strict=True))
                if all(due > ISSUED for due in dues):
                    after = network.with_dues(moved)
                    assert not is_better(network, after, (bad.duty, bad.on)), moved


def days(dues: Mapping[str, DateTime]) -> dict[str, date]:
    return {key: (due - timedelta(days=1)).date() for key, due in dues.items()}


def test_the_real_plan_later_earlier_or_meeting_between() -> None:
    ways = settle(PLAN, "report", ["study"], Tie.CONTENT)
    assert days(ways[0].dues) == {"report": date(2023, 10, 31), "synthesis": date(2023, 11, 2)}
    assert ways[0].later
    assert ways[0].days == 7 + 3
    assert days(ways[1].dues) == {
        "study": date(2023, 10, 20),
        "conference": date(2023, 10, 20),
    }
    assert not ways[1].later


def test_two_sides_that_meet_move_less_than_either_alone() -> None:
    """Pulled all the way, the work drags its own; pushed all the way, the report drags its own."""
    network = Network(
        [
            duty("before", day(11)),
            duty("work", day(16), content="before"),
            duty("report", day(10), content="work"),
            duty("after", day(13), content="report"),
        ],
        WorkCalendar(),
    )
    best = settle(network, "report", ["work"], Tie.CONTENT)[0]
    assert set(best.dues) == {"work", "report"}
    assert days(best.dues)["work"] == days(best.dues)["report"]
    assert date(2023, 10, 11) <= days(best.dues)["work"] <= date(2023, 10, 13)


def test_nothing_is_pulled_to_before_its_issue() -> None:
    network = Network(
        [duty("work", day(18, 9)), duty("gate", day(18, 9), 5, input="work")], WorkCalendar()
    )
    ways = settle(network, "gate", ["work"], Tie.INPUT)
    assert [set(each.dues) for each in ways] == [{"gate"}]


def test_moves_drag_along_what_they_would_break_and_no_more() -> None:
    pushed = push(PLAN, {"report": day(31)})
    assert pushed is not None
    assert set(pushed.dues) == {"report", "synthesis"}
    pulled = pull(PLAN, {"study": day(16)})
    assert pulled is not None
    assert set(pulled.dues) == {"study", "conference"}
    assert pull(PLAN, {"study": midnight(FIRST)}) is None


def test_no_new_bound_falls_on_a_day_off_where_a_working_day_will_do() -> None:
    ways = settle(PLAN, "synthesis", ["plan"], Tie.CONTENT)
    calendar = WorkCalendar()
    assert all(calendar.is_working(end) for each in ways for end in days(each.dues).values())
