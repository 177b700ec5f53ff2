"""Whether dates can be kept: what holds for any network of duties, and some that are drawn out."""

from datetime import date, timedelta
from typing import Any

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pendulum import DateTime

from models.domain.calendar import ZONE, WorkCalendar, local, midnight
from models.domain.feasibility import Duty, Need, Network, Tie

FIRST = date(2023, 9, 18)  # a Monday
ISSUED = pendulum.datetime(2023, 9, 18, 8, tz=ZONE)
CALENDAR = WorkCalendar(off=frozenset({date(2023, 9, 27)}), worked=frozenset({date(2023, 9, 30)}))
NONE = Network((), CALENDAR)
MIDNIGHTS = st.integers(0, 40).map(lambda n: midnight(FIRST + timedelta(days=n)))
INSTANTS = st.builds(
    lambda day, hours: day + timedelta(hours=hours), MIDNIGHTS, st.sampled_from([0, 8, 17])
)
LEADS = st.integers(0, 6)


def day(number: int, month: int = 10) -> DateTime:
    """Return the bound whose last day is *number*."""
    return midnight(date(2023, month, number) + timedelta(days=1))


def duty(key: str, due: DateTime | None, lead: int = 0, **ties: str) -> Duty:
    needs = tuple(
        Need(on, Tie(tie)) for tie, named in ties.items() for on in named.split(" ") if on
    )
    return Duty(key, ISSUED, due, lead, needs)


@st.composite
def networks(draw: Any, circles: bool = False) -> Network:
    keys = [f"d{n}" for n in range(draw(st.integers(1, 6)))]
    duties = []
    for place, key in enumerate(keys):
        others = [each for each in (keys if circles else keys[:place]) if each != key]
        needs = draw(
            st.lists(
                st.builds(Need, st.sampled_from([*others, "unknown"]), st.sampled_from(Tie)),
                max_size=3,
                unique_by=lambda need: need.on,
            )
        )
        due = draw(st.none() | MIDNIGHTS.map(lambda at: at + timedelta(days=2)))
        duties.append(Duty(key, ISSUED, due, draw(LEADS), tuple(needs)))
    return Network(draw(st.permutations(duties)), CALENDAR)


# --- days --------------------------------------------------------------------------------------


def test_two_working_days_after_a_friday() -> None:
    """Until 20/10/2023 (a Friday): Monday and Tuesday remain, so 24/10."""
    assert NONE.earliest(day(20), 2) == day(24)
    assert NONE.latest(day(24), 2) == day(22)  # the weekend is nobody's
    assert NONE.room(day(20), day(24)) == 2


def test_days_off_and_make_up_days_count_as_they_are() -> None:
    assert NONE.earliest(day(26, 9), 1) == day(28, 9)
    assert NONE.earliest(day(29, 9), 1) == day(30, 9)


@given(after=INSTANTS, lead=LEADS)
def test_the_earliest_bound_leaves_just_the_days(after: DateTime, lead: int) -> None:
    due = NONE.earliest(after, lead)
    assert due >= after
    assert NONE.room(after, due) == lead or lead == 0
    if lead:
        assert NONE.room(after, due - timedelta(days=1)) < lead


@given(after=INSTANTS, due=INSTANTS, lead=LEADS)
def test_earliest_and_latest_are_two_sides_of_one_thing(
    after: DateTime, due: DateTime, lead: int
) -> None:
    assert (NONE.earliest(after, lead) <= due) == (after <= NONE.latest(due, lead))


@given(after=INSTANTS, due=INSTANTS, lead=st.integers(1, 6))
def test_there_is_room_for_the_days_just_when_the_earliest_bound_is_kept(
    after: DateTime, due: DateTime, lead: int
) -> None:
    assert (NONE.room(after, due) >= lead) == (NONE.earliest(after, lead) <= due)


@given(one=INSTANTS, other=INSTANTS)
def test_room_is_counted_the_same_both_ways(one: DateTime, other: DateTime) -> None:
    assert NONE.room(one, other) == -NONE.room(other, one)


# --- networks ----------------------------------------------------------------------------------


@given(networks(circles=True))
def test_any_network_is_reckoned(network: Network) -> None:
    assert set(network.order) <= set(network.duties)
    assert set(network.critical) <= set(network.duties)
    assert all(each.days >= 1 for each in network.shortfalls)
    for key in network.duties:
        slack = network.slack(key)
        assert (slack is None) == (network.duties[key].due is None)
        assert network.path_to(key)[-1] == key


@given(networks())
def test_a_duty_comes_after_its_inputs(network: Network) -> None:
    assert sorted(network.order) == sorted(network.duties)
    place = {key: n for n, key in enumerate(network.order)}
    for duty in network.duties.values():
        for need in duty.needs:
            if need.tie is Tie.INPUT and need.on in network.duties:
                assert place[need.on] < place[duty.key]


@given(networks())
def test_nothing_is_finished_before_its_bound_or_its_inputs_allow(network: Network) -> None:
    for key, end in network.finish.items():
        duty = network.duties[key]
        assert duty.due is None or end >= duty.due
        for need in duty.needs:
            if need.tie is Tie.INPUT and need.on in network.finish:
                assert end >= network.earliest(network.finish[need.on], duty.lead)


@given(networks())
def test_a_shortfall_is_a_bound_that_comes_too_early_and_says_by_how_much(
    network: Network,
) -> None:
    for short in network.shortfalls:
        assert short.needs > short.due
        raised = network.with_dues({short.duty: short.needs})
        pairs = {(each.duty, each.on) for each in raised.shortfalls}
        assert (short.duty, short.on) not in pairs


@given(networks())
def test_later_bounds_of_what_comes_last_mend_and_never_break(network: Network) -> None:
    """The more time the last one has, the fewer ties it misses."""
    dated = [key for key in network.order if network.duties[key].due is not None]
    if not dated:
        return
    last = dated[-1]
    due = network.duties[last].due
    assert due is not None
    later = network.with_dues({last: due + timedelta(days=30)})
    mine = {(e.duty, e.on) for e in later.shortfalls if e.duty == last}
    assert mine <= {(e.duty, e.on) for e in network.shortfalls if e.duty == last}


@given(networks())
def test_no_input_falls_short_where_slack_is_left(network: Network) -> None:
    short = {each.duty for each in network.shortfalls if each.tie is Tie.INPUT}
    for key, duty in network.duties.items():
        slack = network.slack(key)
        if slack is None or duty.lead == 0 or slack.binding is None:
            continue
        assert (slack.days < 0) == (key in short)


@given(networks(), MIDNIGHTS)
def test_moved_bounds_are_all_that_changes(network: Network, due: DateTime) -> None:
    moved = network.with_dues({"d0": due})
    assert moved.duties["d0"].due == due
    for key, duty in network.duties.items():
        if key != "d0":
            assert moved.duties[key] == duty
    assert network.with_dues({}).duties == network.duties


def test_the_chain_of_the_real_plan() -> None:
    network = Network(
        [
            duty("study", day(31)),
            duty("report", day(20), content="study"),
            duty("synthesis", day(30), 2, input="report"),
            duty("upper", day(14, 11), 2, input="synthesis"),
        ],
        WorkCalendar(),
    )
    (short,) = network.shortfalls
    assert (short.duty, short.on, short.tie, short.days) == ("report", "study", Tie.CONTENT, 7)
    assert network.critical == ("report", "synthesis", "upper")
    slack = network.slack("synthesis")
    assert slack is not None
    assert (slack.room, slack.lead, slack.days, slack.binding) == (6, 2, 4, "report")


def test_an_undated_gate_passes_on_what_its_inputs_need() -> None:
    network = Network(
        [
            duty("work", day(20)),
            duty("gate", None, 3, input="work"),
            duty("last", day(23), 1, input="gate"),
        ],
        WorkCalendar(),
    )
    assert network.finish["gate"] == day(25)
    (short,) = network.shortfalls
    assert (short.duty, short.on, short.needs) == ("last", "gate", day(26))
    assert network.path_to("last") == ("work", "gate", "last")
    assert network.slack("gate") is None


@pytest.mark.parametrize("due", [None, day(1)])
def test_ties_to_nothing_bind_nothing(due: DateTime | None) -> None:
    network = Network([duty("one", due, 3, input="unknown", content="one")], WorkCalendar())
    assert network.shortfalls == ()
    assert network.slack("one") is None or network.slack("one").binding is None  # type: ignore[union-attr]


def test_circles_bind_nothing_and_do_not_stop_the_rest() -> None:
    network = Network(
        [
            duty("a", day(2), 1, input="b"),
            duty("b", day(3), 1, input="a"),
            duty("c", day(5)),
            duty("d", day(6), 1, input="c a"),
        ],
        WorkCalendar(),
    )
    assert set(network.order) == {"c", "d"}
    assert network.finish == {"c": day(5), "d": day(6)}


def test_a_bound_within_a_day_leaves_no_whole_day() -> None:
    afternoon = local(day(23)) + timedelta(hours=17)  # 24/10, 17:00
    assert NONE.room(day(20), afternoon) == 1
    assert NONE.earliest(NONE.latest(afternoon, 1), 1) <= afternoon
