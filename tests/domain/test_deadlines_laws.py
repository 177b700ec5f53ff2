"""What must hold for every date, number and text."""

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain.calendar import WorkCalendar
from models.domain.deadlines import BeforeDate, Deadline, Kind, Reading, Rollover, read
from models.domain.deadlines.parse import parse, read_anew
from tests.domain.phrases import ISSUED, SAMPLES, Sample

DAYS = st.dates(date(1990, 1, 1), date(2150, 12, 31))
COUNTS = st.integers(1, 300)
UNITS = st.sampled_from(["ngày", "ngày làm việc", "tuần", "tháng", "năm"])
CALENDARS = st.builds(
    WorkCalendar, off=st.frozensets(st.dates(date(2023, 1, 1), date(2026, 12, 31)), max_size=20)
)
WRITTEN = st.sampled_from(
    [
        "{d}/{m}/{y}", "{d:02}/{m:02}/{y}", "{d}-{m}-{y}", "{d:02}.{m:02}.{y}", "ngày {d}/{m}/{y}",
        "ngày {d} tháng {m} năm {y}", "ngày {d:02} tháng {m:02} năm {y}", "ngày {d} tháng {m}/{y}",
        "{y}-{m:02}-{d:02}", "ngày {d} / {m} / {y}", "ngày {d}/{m} năm {y}",
    ]
)  # fmt: skip
HEAP = """trước ngày chậm nhất trong tháng quý năm đến hết từ kể sau hằng tuần cuối đầu giữa không
    quá hạn 10 21/10/2023 10/2023 25 2023 I IV , ; . ( ) - / : 17h00 giờ làm việc nhiệm kỳ thứ Sáu
    định kỳ báo cáo và hoặc số 57-KL/TW ngay khi vào lúc 6 lần một hai mươi"""
WORDS = st.sampled_from(HEAP.split())


def text(day: date, form: str) -> str:
    return form.format(d=day.day, m=day.month, y=day.year)


@given(st.text(max_size=200))
def test_no_text_raises(anything: str) -> None:
    result = read(anything, issued=date(2023, 9, 19), event=date(2023, 10, 1))
    assert (result.error is None) == (result.kind is not None)


@settings(max_examples=500)
@given(st.lists(WORDS, max_size=14).map(" ".join), DAYS)
def test_no_heap_of_the_grammars_own_words_raises(heap: str, issued: date) -> None:
    result = read(heap, issued=issued, event=issued)
    assert (result.error is None) == (result.kind is not None)
    if result.error is not None:
        assert result.due_exclusive is None


@given(DAYS, WRITTEN)
def test_every_way_to_write_a_date_names_the_same_day(day: date, form: str) -> None:
    due = read(f"chậm nhất {text(day, form)}").due_exclusive
    assert due is not None
    assert due.date() == day + timedelta(days=1)


@given(DAYS, WRITTEN)
def test_strict_is_never_later_than_inclusive(day: date, form: str) -> None:
    phrase = f"trước {text(day, form)}"
    for way in Rollover:
        strict = read(phrase, settings=Reading(BeforeDate.STRICT, way)).due_exclusive
        inclusive = read(phrase, settings=Reading(BeforeDate.INCLUSIVE, way)).due_exclusive
        assert strict is not None
        assert inclusive is not None
        assert strict <= inclusive


@given(DAYS, st.integers(0, 400), COUNTS, UNITS, CALENDARS, st.sampled_from(Rollover))
def test_a_later_issue_never_gives_an_earlier_counted_bound(
    issued: date, later: int, count: int, unit: str, calendar: WorkCalendar, way: Rollover
) -> None:
    phrase = f"trong thời hạn {min(count, 60)} {unit} kể từ ngày ký"
    settings = Reading(counted_periods=way)
    first = read(phrase, issued=issued, calendar=calendar, settings=settings).due_exclusive
    second = read(
        phrase, issued=issued + timedelta(days=later), calendar=calendar, settings=settings
    ).due_exclusive
    assert first is not None
    assert second is not None
    assert first <= second


@given(DAYS, COUNTS, CALENDARS)
def test_working_days_are_never_fewer_than_days(
    day: date, count: int, calendar: WorkCalendar
) -> None:
    plain = Reading(counted_periods=Rollover.NONE)
    event = text(day, "{d}/{m}/{y}")
    days = read(f"{count} ngày kể từ {event}", settings=plain).due_exclusive
    working = read(f"{count} ngày làm việc kể từ {event}", calendar=calendar).due_exclusive
    assert days is not None
    assert working is not None
    assert days <= working


@given(DAYS, COUNTS)
def test_back_and_forth_is_the_same_stretch(day: date, count: int) -> None:
    plain = Reading(counted_periods=Rollover.NONE)
    event = text(day, "{d}/{m}/{y}")
    after = read(f"{count} ngày kể từ {event}", settings=plain).due_exclusive
    before = read(f"ít nhất {count} ngày trước ngày {event}").due_exclusive
    assert after is not None
    assert before is not None
    assert (after - before).days == 2 * count


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_bounds_fall_on_midnight_unless_an_hour_is_named(sample: object) -> None:
    phrase = getattr(sample, "phrase", "")
    result = read(phrase, issued=date(2023, 9, 19), event=date(2023, 10, 1))
    named_hour = any(mark in phrase.lower() for mark in ("giờ", "h", "17g", ":", "gio", "phút"))
    for due in (result.due_exclusive, *result.occurrences, *(due for _, due in result.readings)):
        if due is not None and not named_hour:
            assert (due.hour, due.minute, due.second, due.microsecond) == (0, 0, 0, 0)
        assert due is None or due.isoformat().endswith("+07:00")


@given(DAYS, st.integers(1, 31), st.booleans())
def test_monthly_occurrences_are_a_month_apart(issued: date, day: int, before: bool) -> None:
    mark = "trước" if before else "chậm nhất"
    result = read(f"{mark} ngày {day} hằng tháng", issued=issued)
    assert result.kind is Kind.PERIODIC
    assert len(result.occurrences) == 4
    for one, next_ in zip(result.occurrences, result.occurrences[1:], strict=False):
        assert 27 <= (next_ - one).days <= 32
    assert result.occurrences[0].date() > issued


@given(st.sampled_from(SAMPLES), DAYS, DAYS, st.integers(0, 10_000))
def test_a_remembered_wording_gives_what_reading_anew_gives(
    sample: object, one: date, other: date, number: int
) -> None:
    phrase = getattr(sample, "phrase", "")
    digits = iter(f"{one:%d%m%Y}{other:%d%m%Y}{number}" * 20)
    changed = "".join(
        next(digits) if char.isascii() and char.isdigit() else char for char in phrase
    )
    parse(phrase)
    line, groups = parse(changed)
    fresh_line, fresh = read_anew(changed)
    assert groups == fresh
    assert line.text.original == fresh_line.text.original
    for group in groups:
        for candidate in group:
            assert candidate.quoted(line) == candidate.quoted(fresh_line)


@given(DAYS)
def test_impossible_days_are_refused_in_every_month(day: date) -> None:
    for month, beyond in ((2, 30), (4, 31), (6, 31), (9, 31), (11, 31), (1, 32)):
        result = read(f"trước ngày {beyond}/{month}/{day.year}", issued=day)
        assert result.error is not None
        assert result.error.code == "invalid_date"


FLAGGED = {"no_year", "two_digit_year", "scanned_digits", "bare_date", "relative"}
"""Warnings that tell a person to look at the date itself."""
DATED = [
    (sample, result)
    for sample in SAMPLES
    if (result := read(sample.phrase, issued=ISSUED)).due_exclusive is not None
]


def with_a_mark_lost(phrase: str, place: int) -> str:
    """Take one diacritic from one letter."""
    char = phrase[place]
    pieces = unicodedata.normalize("NFD", char.replace("đ", "d").replace("Đ", "D"))
    lost = unicodedata.normalize("NFC", pieces[:1] + pieces[2:])
    return phrase[:place] + lost + phrase[place + 1 :]


def damaged(phrase: str, how: str, place: int) -> str:
    place %= len(phrase)
    match how:
        case "space in":
            return phrase[:place] + " " + phrase[place:]
        case "space out":
            spaces = [index for index, char in enumerate(phrase) if char == " "] or [-1]
            gone = spaces[place % len(spaces)]
            return phrase[:gone] + phrase[gone + 1 :] if gone >= 0 else phrase
        case "mark lost":
            return with_a_mark_lost(phrase, place)
        case "dashes" | "points":
            return phrase.replace("/", "-" if how == "dashes" else ".")
        case "decomposed":
            return phrase[:place] + unicodedata.normalize("NFD", phrase[place:])
        case _:
            return phrase[:place].upper() + phrase[place:].swapcase()


HARM = ["space in", "space out", "mark lost", "dashes", "points", "decomposed", "capitals"]


@settings(max_examples=1500)
@given(st.sampled_from(DATED), st.sampled_from(HARM), st.integers(0, 400))
def test_a_damaged_phrase_names_the_same_day_or_none_or_is_flagged(
    known: tuple[Sample, Deadline], how: str, place: int
) -> None:
    sample, sound = known
    worn = read(damaged(sample.phrase, how, place), issued=ISSUED)
    if worn.error is not None or worn.due_exclusive is None:
        return
    if FLAGGED & {noted.code for noted in worn.warnings}:
        return
    assert (worn.due_exclusive, worn.occurrences) == (sound.due_exclusive, sound.occurrences)


@given(st.sampled_from(SAMPLES), st.binary(max_size=40), st.integers(0, 400))
def test_no_bytes_in_a_phrase_raise(sample: Sample, noise: bytes, place: int) -> None:
    place %= len(sample.phrase)
    dirt = noise.decode("utf-8", "surrogateescape")
    result = read(sample.phrase[:place] + dirt + sample.phrase[place:], issued=ISSUED)
    assert (result.error is None) == (result.kind is not None)


@pytest.mark.parametrize(
    ("torn", "whole"),
    [
        ("trước ngày 25/1 0/2023", "trước ngày 25/10/2023"),
        ("trước ngày 25/10/20 23", "trước ngày 25/10/2023"),
        ("trước 2023-10-2 1", "trước 2023-10-21"),
        ("trước ngày 25 tháng 10 năm 20 24", "trước ngày 25 tháng 10 năm 2024"),
        ("trong tháng 1 2/2023", "trong tháng 12/2023"),
        ("trong quý I V/2023", "trong quý IV/2023"),
        ("trong 1 5 ngày kể từ ngày 01/10/2023", "trong 15 ngày kể từ ngày 01/10/2023"),
        ("trước 16h3 0 ngày 20/10/2023", "trước 16h30 ngày 20/10/2023"),
        ("trướ c ngày 25 hằng tháng", "trước ngày 25 hằng tháng"),
        ("trước ngày 15/12 hằngnăm", "trước ngày 15/12 hằng năm"),
    ],
)
def test_what_is_torn_or_run_together_is_refused(torn: str, whole: str) -> None:
    assert read(whole, issued=ISSUED).due_exclusive is not None
    assert read(torn, issued=ISSUED).error is not None
