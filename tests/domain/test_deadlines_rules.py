"""The worked examples of the practice notes, and the settings that an office may change."""

from datetime import date, datetime

import pytest

from models.domain.calendar import WorkCalendar, at, midnight
from models.domain.deadlines import BeforeDate, Kind, Reading, Rollover, read
from models.domain.deadlines.lexicon import NOISE
from models.domain.deadlines.result import last_day

ISSUED = date(2023, 9, 19)
CALENDAR = WorkCalendar(
    off=frozenset(
        {
            date(2023, 9, 1), date(2023, 9, 4), date(2024, 4, 29), date(2024, 4, 30),
            date(2024, 5, 1), date(2026, 1, 1), date(2026, 1, 2),
        }
    ),
    worked=frozenset({date(2024, 5, 4), date(2026, 1, 10)}),
)  # fmt: skip


def last(phrase: str, **known: object) -> date | None:
    due = read(phrase, calendar=CALENDAR, **known).due_exclusive  # type: ignore[arg-type]
    return last_day(due) if due else None


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("10 ngày kể từ 23/8/2023", date(2023, 9, 5)),  # Saturday 2/9, then the holiday
        ("05 ngày làm việc kể từ 20/10/2023", date(2023, 10, 27)),
        ("05 ngày làm việc kể từ 25/4/2024", date(2024, 5, 6)),  # Saturday 4/5 was worked
        ("05 ngày làm việc kể từ 31/12/2025", date(2026, 1, 9)),  # 2/1/2026 was off
        ("01 tháng từ 31/01/2024", date(2024, 2, 29)),
        ("trong tháng 02/2024", date(2024, 2, 29)),
        ("trước ngày 15/12/2016", date(2016, 12, 14)),
        ("trong tháng 11 năm 2023", date(2023, 11, 30)),
        ("từ nay đến cuối tháng 2-2017", date(2017, 2, 28)),
        ("05 ngày trước 31/10/2023", date(2023, 10, 26)),
        ("thượng tuần tháng 11/2023", date(2023, 11, 10)),
        ("trung tuần tháng 11/2023", date(2023, 11, 20)),
        ("giữa năm 2024", date(2024, 6, 30)),
        ("6 tháng đầu năm 2024", date(2024, 6, 30)),
        ("hết quý III/2024", date(2024, 9, 30)),
        ("trước quý II/2024", date(2024, 3, 31)),
    ],
)
def test_the_worked_examples(phrase: str, day: date) -> None:
    assert last(phrase) == day


@pytest.mark.parametrize(
    ("settings", "october", "end"),
    [
        (Reading(), date(2023, 10, 20), date(2023, 10, 30)),
        (Reading(BeforeDate.INCLUSIVE), date(2023, 10, 21), date(2023, 10, 31)),
        (
            Reading(BeforeDate.INCLUSIVE, Rollover.NEXT),
            date(2023, 10, 23),
            date(2023, 10, 31),
        ),
        (
            Reading(BeforeDate.INCLUSIVE, Rollover.PREVIOUS),
            date(2023, 10, 20),
            date(2023, 10, 31),
        ),
    ],
)
def test_the_choice_that_matters_in_one_place(settings: Reading, october: date, end: date) -> None:
    assert last("trước ngày 21/10/2023", settings=settings) == october
    assert last("trước ngày 31/10/2023", settings=settings) == end
    assert last("trong tháng 10/2023", settings=settings) == date(2023, 10, 31)


def test_the_readings_of_a_saturday_are_all_named_the_one_in_force_first() -> None:
    strict = read("trước ngày 21/10/2023").readings
    assert strict == (
        ("strict", midnight(date(2023, 10, 21))),
        ("inclusive", midnight(date(2023, 10, 22))),
        ("inclusive_next_working_day", midnight(date(2023, 10, 24))),
    )
    inclusive = read("trước ngày 21/10/2023", settings=Reading(BeforeDate.INCLUSIVE)).readings
    assert inclusive[0] == strict[1]
    assert set(inclusive) == set(strict)
    assert read("đến hết ngày 31/10/2023").readings == ()


def test_a_period_in_the_calendar_stays_in_it_unless_the_office_rolls() -> None:
    assert last("trong tháng 12/2023") == date(2023, 12, 31)
    rolled = Reading(calendar_phrases=Rollover.NEXT)
    assert last("trong tháng 12/2023", settings=rolled) == date(2024, 1, 1)


@pytest.mark.parametrize(
    ("way", "day"),
    [
        (Rollover.NONE, date(2023, 9, 2)),
        (Rollover.NEXT, date(2023, 9, 5)),
        (Rollover.PREVIOUS, date(2023, 8, 31)),
    ],
)
def test_a_counted_period_rolls_as_the_office_says(way: Rollover, day: date) -> None:
    settings = Reading(counted_periods=way)
    assert last("trong thời hạn 10 ngày kể từ ngày 23/8/2023", settings=settings) == day


def test_days_before_an_event_never_roll() -> None:
    settings = Reading(counted_periods=Rollover.NEXT, calendar_phrases=Rollover.NEXT)
    assert last("03 ngày trước ngày 24/10/2023", settings=settings) == date(2023, 10, 21)


def test_a_setting_may_be_given_as_text_and_must_exist() -> None:
    assert Reading("inclusive").before_date is BeforeDate.INCLUSIVE  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="sometimes"):
        Reading("sometimes")  # type: ignore[arg-type]


def test_an_hour_is_a_bound_of_its_own() -> None:
    day = date(2023, 10, 20)
    before = read("trước 16 giờ 00 ngày 20/10/2023").due_exclusive
    by = read("chậm nhất 16 giờ 00 ngày 20/10/2023").due_exclusive
    assert before == at(day, 16)
    assert by is not None
    assert by > at(day, 16)  # 16:00:00 itself is in time
    assert (by - at(day, 16)).total_seconds() < 0.001


def test_the_event_gives_a_counted_period_its_date() -> None:
    phrase = "trong 05 ngày làm việc kể từ ngày nhận được văn bản"
    waiting = read(phrase, issued=ISSUED)
    assert (waiting.kind, waiting.due_exclusive) == (Kind.TRIGGERED, None)
    assert [noted.code for noted in waiting.warnings] == ["event_needed"]
    known = read(phrase, issued=ISSUED, event=date(2023, 10, 20))
    assert known.kind is Kind.BOUND
    assert known.due_exclusive == midnight(date(2023, 10, 28))


def test_a_date_in_the_phrase_counts_more_than_the_event() -> None:
    phrase = "trong 10 ngày kể từ ngày 20/10/2023"
    assert last(phrase, event=date(2024, 1, 1)) == date(2023, 10, 30)


def test_hours_count_from_an_instant_and_not_from_a_day() -> None:
    phrase = "trong 24 giờ kể từ khi nhận được thông báo"
    instant = datetime.fromisoformat("2023-10-20T08:30:00+07:00")
    assert read(phrase, event=instant).due_exclusive == at(date(2023, 10, 21), 8, 30)
    refused = read(phrase, event=date(2023, 10, 20))
    assert refused.error is not None
    assert refused.error.code == "needs_hour"


def test_an_event_in_another_zone_is_the_same_instant() -> None:
    phrase = "trong 05 ngày kể từ ngày nhận được"
    late = datetime.fromisoformat("2023-10-20T20:00:00+00:00")  # 03:00 on 21/10 in Viet Nam
    assert last(phrase, event=late) == date(2023, 10, 26)


def test_before_an_event_is_before_its_day_or_its_instant() -> None:
    instant = datetime.fromisoformat("2023-10-20T08:30:00+07:00")
    by_instant = read("trước khi khai mạc hội nghị", event=instant)
    assert by_instant.due_exclusive == at(date(2023, 10, 20), 8, 30)
    by_day = read("trước ngày khai mạc hội nghị", event=instant)
    assert by_day.due_exclusive == midnight(date(2023, 10, 20))


def test_signing_this_document_is_its_issue_and_signing_another_is_not() -> None:
    assert last("trong 10 ngày kể từ ngày ký", issued=ISSUED) == date(2023, 9, 29)
    assert last("trong 10 ngày kể từ ngày ban hành Kế hoạch này", issued=ISSUED) == date(
        2023, 9, 29
    )
    assert last("trong 10 ngày kể từ ngày ký hợp đồng", issued=ISSUED) is None


def test_a_term_ends_when_a_person_says() -> None:
    phrase = "đến hết nhiệm kỳ 2020-2025"
    assert last(phrase) is None
    settings = Reading(term_end=date(2025, 8, 31))
    assert last(phrase, settings=settings) == date(2025, 8, 31)
    other = read("hết nhiệm kỳ 2025-2030", settings=settings)
    assert "term_differs" in [noted.code for noted in other.warnings]


@pytest.mark.parametrize(
    ("phrase", "issued", "code"),
    [
        ("trước ngày 15/9/2023", ISSUED, "before_issue"),
        ("trước ngày 19/9/2023", ISSUED, "before_issue"),
        ("trước ngày 20/9/2023", ISSUED, "on_issue_day"),
        ("chậm nhất ngày 19/9/2023", ISSUED, "on_issue_day"),
        ("trước ngày 15/12", ISSUED, "no_year"),
        ("đến ngày 31/10/2023", ISSUED, "ambiguous_word"),
        ("chậm nhất ngày 21/10/2023", ISSUED, "day_off"),
        ("trước ngày 2l/11/2023", ISSUED, "scanned_digits"),
        ("trước ngày 21/11/23", ISSUED, "two_digit_year"),
    ],
)
def test_the_suspicious_is_flagged(phrase: str, issued: date, code: str) -> None:
    result = read(phrase, issued=issued)
    assert result.error is None
    assert code in [noted.code for noted in result.warnings]


def test_a_missing_year_is_the_first_such_day_not_before_issue() -> None:
    assert last("chậm nhất ngày 19/9", issued=ISSUED) == date(2023, 9, 19)
    assert last("chậm nhất ngày 18/9", issued=ISSUED) == date(2024, 9, 18)
    assert last("trong tháng 9", issued=ISSUED) == date(2023, 9, 30)
    assert last("trong tháng 8", issued=ISSUED) == date(2024, 8, 31)
    unknown = read("chậm nhất ngày 18/9")
    assert unknown.error is not None
    assert unknown.error.code == "needs_issue_date"


def test_29_february_of_a_common_year_is_refused_not_moved() -> None:
    refused = read("trước ngày 29/02", issued=date(2024, 3, 1))
    assert refused.error is not None
    assert refused.error.code == "invalid_date"


def test_several_deadlines_are_listed_and_none_is_chosen() -> None:
    result = read("đơn vị gửi trước ngày 01/11/2021; tổng hợp trước ngày 15/11/2021")
    assert result.due_exclusive is None
    assert result.error is not None
    assert result.error.code == "several_deadlines"
    assert [due for _, due in result.readings] == [
        midnight(date(2021, 11, 1)),
        midnight(date(2021, 11, 15)),
    ]


def test_a_deadline_said_twice_is_one() -> None:
    phrase = "hoàn thành trước ngày 31/10/2023; báo cáo chậm nhất ngày 30/10/2023"
    assert last(phrase) == date(2023, 10, 30)


def test_occurrences_need_somewhere_to_begin() -> None:
    unknown = read("trước ngày 25 hằng tháng")
    assert (unknown.kind, unknown.occurrences) == (Kind.PERIODIC, ())
    assert [noted.code for noted in unknown.warnings] == ["since_needed"]
    since = read("trước ngày 25 hằng tháng", since=date(2024, 1, 25))
    assert [last_day(each) for each in since.occurrences] == [
        date(2024, 2, 24), date(2024, 3, 24), date(2024, 4, 24), date(2024, 5, 24)
    ]  # fmt: skip


def test_a_window_has_a_beginning() -> None:
    result = read("từ ngày 01/10/2023 đến hết ngày 15/10/2023")
    assert (result.kind, result.start) == (Kind.WINDOW, midnight(date(2023, 10, 1)))
    start = read("kể từ ngày 01/10/2023")
    assert (start.due_exclusive, start.start) == (None, midnight(date(2023, 10, 1)))


def test_a_naive_event_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="zone"):
        read("trong 5 ngày kể từ ngày nhận", event=datetime(2023, 10, 20))  # noqa: DTZ001


def test_a_number_that_is_no_value_is_read_each_time() -> None:
    second = read("chậm nhất ngày 15 tháng thứ 2 của quý", issued=ISSUED).occurrences
    third = read("chậm nhất ngày 15 tháng thứ 3 của quý", issued=ISSUED).occurrences
    assert [last_day(each) for each in second[:2]] == [date(2023, 11, 15), date(2024, 2, 15)]
    assert [last_day(each) for each in third[:2]] == [date(2023, 12, 15), date(2024, 3, 15)]


def test_before_the_31st_of_a_shorter_month_is_its_whole_length() -> None:
    september = read("trước ngày 31 hằng tháng", issued=ISSUED)
    assert [last_day(each) for each in september.occurrences[:3]] == [
        date(2023, 9, 30),
        date(2023, 10, 30),
        date(2023, 11, 30),
    ]
    assert "some_months_shorter" in [noted.code for noted in september.warnings]


@pytest.mark.parametrize(
    "phrase",
    [
        "trong quỹ I/2024",  # a fund, no quarter
        "trong thời hạn bà ngày kể từ ngày 20/10/2023",  # a lady, not three
        "trong thắng 10/2023",  # a victory, no month
        "hàn chót ngày 20/10/2023",  # a weld, no deadline
    ],
)
def test_another_word_with_the_same_letters_is_not_read_as_a_word_of_time(phrase: str) -> None:
    assert read(phrase, issued=ISSUED).due_exclusive is None


@pytest.mark.parametrize(("noise", "word"), sorted(NOISE.items()))
def test_what_a_scanner_made_of_a_word_is_read_like_the_word(noise: str, word: str) -> None:
    for phrase in ("{}", "trong {} 10/2023", "trong {} này", "{} ngày 21/10/2023", "đầu {}"):
        clean, worn = (read(phrase.format(each), issued=ISSUED) for each in (word, noise))
        if worn.error is None:
            assert (worn.kind, worn.due_exclusive) == (clean.kind, clean.due_exclusive)


def test_the_hours_own_word_binds_when_the_date_has_none() -> None:
    day = date(2023, 10, 20)
    before = read("ngày 20/10/2023, trước 17h00")
    by = read("ngày 20/10/2023, chậm nhất 17h00")
    assert before.due_exclusive == at(day, 17)
    assert by.due_exclusive is not None
    assert by.due_exclusive > at(day, 17)
    both = read("trước ngày 20/10/2023, chậm nhất 17h00")  # which of the two?
    assert both.error is not None
