"""Dates as people read them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.calendar import midnight
from notifications.words import bound_words, day_words, days_left, instant_words
from tests.factories import vn


def test_a_bound_at_midnight_names_the_last_day_in_time() -> None:
    due = vn(2023, 10, 21)
    assert bound_words(due) == "hết ngày thứ Sáu, 20/10/2023"
    assert bound_words(due, "en") == "the end of Friday, 20/10/2023"
    assert bound_words(due.in_timezone("UTC")) == bound_words(due)


def test_a_bound_inside_a_day_names_its_hour() -> None:
    due = vn(2023, 10, 20, 16)
    assert bound_words(due) == "trước 16:00 thứ Sáu, 20/10/2023"
    assert bound_words(due, "en") == "before 16:00 Friday, 20/10/2023"


def test_an_instant_is_shown_on_viet_nams_clock() -> None:
    assert instant_words(vn(2023, 10, 22, 8).in_timezone("UTC")) == "08:00 Chủ nhật, 22/10/2023"


@pytest.mark.parametrize("day", range(7))
def test_every_day_of_the_week_has_its_name(day: int) -> None:
    monday = date(2023, 10, 16)
    names = ["Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Chủ nhật"]
    assert names[day] in day_words(monday + timedelta(days=day))


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (vn(2023, 10, 17, 23, 59), "còn 3 ngày"),
        (vn(2023, 10, 19), "còn 1 ngày"),
        (vn(2023, 10, 20), "hạn là hôm nay"),
        (vn(2023, 10, 20, 23, 59), "hạn là hôm nay"),
        (vn(2023, 10, 21), "quá hạn 1 ngày"),
        (vn(2023, 10, 23, 8), "quá hạn 3 ngày"),
    ],
)
def test_days_left_count_to_the_last_day_in_time(now: object, words: str) -> None:
    assert days_left(vn(2023, 10, 21), now) == words  # type: ignore[arg-type]


def test_a_bound_missed_on_its_own_day_is_one_day_late() -> None:
    assert days_left(vn(2023, 10, 20, 16), vn(2023, 10, 20, 16)) == "quá hạn 1 ngày"
    assert days_left(vn(2023, 10, 20, 16), vn(2023, 10, 20, 15, 59), "en") == "due today"


@given(st.dates(date(2020, 1, 2), date(2030, 1, 1)), st.integers(-900, 900))
def test_the_words_say_late_exactly_when_it_is_late(day: date, hours: int) -> None:
    due = midnight(day)
    now = due.add(hours=hours)
    assert ("quá hạn" in days_left(due, now)) is (now >= due)
    assert ("late" in days_left(due, now, "en")) is (now >= due)
