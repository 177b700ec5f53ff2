"""Limits: in no window of their length, wherever it begins, are there more mails than allowed."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifications.allowance import DAY, MINUTE, Spent, Window, read, spend, wait, write

NOTHING: Spent = ()


@settings(max_examples=60)
@given(
    st.integers(1, 6),
    st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=60),
    st.sampled_from([MINUTE, Window(50, 10)]),
)
@example(2, [0.9, 0.0, 59.2, 0.0], MINUTE)
def test_no_window_sees_more_than_the_limit(limit: int, gaps: list[float], window: Window) -> None:
    now, spent, sent = 1_700_000_000.0, NOTHING, list[float]()
    for gap in gaps:
        now += gap
        if wait(window, limit, spent, now) == 0:
            spent = spend(window, spent, now)
            sent.append(now)
        spent = read(write(spent))
    for begin in sent:
        assert sum(begin <= each < begin + window.seconds for each in sent) <= limit


@settings(max_examples=60)
@given(st.integers(1, 5), st.lists(st.floats(0, 20), min_size=5, max_size=30))
def test_who_waits_as_long_as_told_gets_a_token_and_not_earlier(
    limit: int, gaps: list[float]
) -> None:
    now, spent = 1_700_000_000.5, NOTHING
    for gap in gaps:
        now += gap
        longest = wait(MINUTE, limit, spent, now)
        if longest:
            assert longest <= MINUTE.seconds + MINUTE.slot
            assert wait(MINUTE, limit, spent, now + longest - 0.01) > 0
            now += longest
        assert wait(MINUTE, limit, spent, now) == 0
        spent = spend(MINUTE, spent, now)


def test_no_limit_asks_for_no_patience_and_a_day_is_a_short_text() -> None:
    spent = NOTHING
    for number in range(5_000):
        now = 1_700_000_000.0 + 30 * number
        assert wait(DAY, 0, spent, now) == 0
        spent = spend(DAY, spent, now)
    assert len(write(spent)) < 4_000


def test_a_lower_limit_counts_what_went_before_it() -> None:
    now, spent = 1_700_000_000.0, NOTHING
    for number in range(10):
        spent = spend(MINUTE, spent, now + number)
    # The eighth must be back, so that two are left: a minute after the end of its second.
    assert wait(MINUTE, 3, spent, now + 10) == 58
