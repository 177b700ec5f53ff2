"""The calendar as a file: its reasons survive, the library's mistakes do not."""

from datetime import date
from pathlib import Path

import pytest

from config.calendar_file import CalendarFile, Entry, dumps, load, loads, seeded
from config.calendars import read_calendar
from config.errors import PackageError, Report
from models.domain.calendar import midnight
from models.domain.deadlines import read
from models.domain.deadlines.moves import Announced, Move, moves

YEARS = (2023, 2024, 2025, 2026)
EMPTY = CalendarFile("vn", "Lịch", ())


def test_the_shipped_calendar_comes_back_from_its_own_text() -> None:
    shipped = load("vn")
    assert loads(dumps(shipped)) == shipped


def test_a_first_filling_gives_the_days_of_the_shipped_calendar() -> None:
    assert seeded(YEARS, EMPTY).work == load("vn").work


def test_what_the_library_has_wrong_is_corrected() -> None:
    work = seeded([2026], EMPTY).work
    assert not work.is_working(date(2026, 1, 2))
    assert work.is_working(date(2026, 1, 10))


def test_filling_again_keeps_a_persons_reasons() -> None:
    day = date(2023, 1, 2)
    own = Entry("Lý do của tôi", "12/QĐ")
    calendar = seeded([2023], EMPTY).corrected(day, working=False, entry=own)
    assert seeded([2023], calendar).off[day] == own


def test_a_correction_says_why_and_an_ordinary_day_needs_no_entry() -> None:
    saturday, monday = date(2027, 3, 6), date(2027, 3, 8)
    swapped = EMPTY.corrected(monday, False, Entry("Nghỉ")).corrected(
        saturday, True, Entry("Bù", instead_of=monday)
    )
    assert swapped.work.is_working(saturday)
    assert not swapped.work.is_working(monday)
    undone = swapped.corrected(monday, True, Entry("")).corrected(saturday, False, Entry(""))
    assert undone == EMPTY


@pytest.mark.parametrize("reason", ['Nghỉ: "bù" #1', "2024", "", " - x", "a\nb", "c:\\d", "có"])
def test_any_reason_survives_the_file(reason: str) -> None:
    calendar = CalendarFile("vn", "Lịch", (2024,), {date(2024, 1, 1): Entry(reason or "x", reason)})
    assert loads(dumps(calendar)) == calendar


def test_an_unusable_file_is_refused_with_its_problems() -> None:
    with pytest.raises(PackageError):
        loads("off: 3")
    with pytest.raises(PackageError):
        load("no-such-calendar")


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (
            "worked: []\noff: [{date: 2024-01-01, reason: x}, {date: 2024-01-01, reason: y}]",
            "duplicate",
        ),
        ("off:\n  - {date: 2025-01-01, reason: x}\nworked: []", "year"),
        ("off: []\nworked:\n  - {date: 2024-01-02, reason: x}", "not-a-weekend"),
    ],
)
def test_what_a_package_refuses_the_file_refuses(tmp_path: Path, days: str, code: str) -> None:
    text = f"id: vn\nname: x\nyears: [2024]\n{days}\n"
    (tmp_path / "vn.yaml").write_text(text)
    report = Report()
    read_calendar("vn", report, tmp_path)
    assert [each.code for each in report.problems] == [code]
    with pytest.raises(PackageError) as caught:
        load("vn", tmp_path)
    assert [each.code for each in caught.value.problems] == [code]
    with pytest.raises(PackageError):
        loads(text)


def test_a_change_shows_what_would_move_and_moves_nothing() -> None:
    phrase, event = "trong 05 ngày làm việc kể từ ngày nhận", date(2025, 12, 31)
    before = load("vn").corrected(date(2026, 1, 2), True, Entry("")).work
    due = read(phrase, event=event, calendar=before).due_exclusive
    assert due == midnight(date(2026, 1, 9))
    told = Announced("x", phrase, due, event=event)
    fixed = Announced("y", "trước ngày 21/10/2026", midnight(date(2026, 10, 21)))
    after = load("vn").work
    assert list(moves([told, fixed], before)) == []
    assert list(moves([told, fixed], after)) == [Move(told, midnight(date(2026, 1, 10)))]
