"""`cascade calendar`: the office's file, what a change of it would move, and moving it."""

import shutil
from datetime import date

import pytest
import yaml

from config.calendar_file import load
from config.calendars import CALENDARS
from models.domain.facts import BoundMoved
from tests.desk import CITY, Desk
from tests.factories import vn

GUIDE = "256/III.3-a"
PHRASE = "trong thời hạn 10 ngày làm việc kể từ ngày ban hành"


@pytest.fixture
def office(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The real package, one duty of which is counted in working days, and an own calendar."""
    shutil.copytree(CALENDARS, desk.folder / "calendars")
    monkeypatch.setenv("CASCADE_CALENDARS", str(desk.folder / "calendars"))
    path = desk.package / "documents" / "256-kh-tu.yaml"
    data = yaml.safe_load(path.read_text())
    duty = next(each for each in data["obligations"] if each["id"] == GUIDE)
    duty["deadline"] = {"at": "own", "rule": "phrase", "phrase": PHRASE, "source": "assumed"}
    text = desk.package / "documents" / "256-kh-tu.vi.md"
    text.write_text(text.read_text() + f"\n\n{PHRASE}\n")
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
    return desk


def announce(office: Desk, day: str, reason: str = "Nghỉ theo thông báo") -> None:
    path = office.folder / "calendars" / "vn.yaml"
    entry = f"off:\n  - date: {day}\n    reason: {reason}\n"
    path.write_text(path.read_text().replace("off:\n", entry, 1))


def due(office: Desk, body: str = "pr.btg") -> date:
    store = office.store()
    try:
        bound = store.state(CITY).progress[f"{GUIDE}@{body}"].due  # type: ignore[index]
        assert bound is not None
        return bound.date()
    finally:
        store.close()


def test_a_day_off_that_is_announced_moves_nothing_until_somebody_confirms(office: Desk) -> None:
    office.issue_all()
    office.at(vn(2023, 9, 20, 9))
    assert due(office) == date(2023, 10, 4)
    printed, _ = office.type("calendar", "check")
    assert "không làm đổi" in printed
    announce(office, "2023-09-29")
    printed, _ = office.type("calendar", "check")
    assert GUIDE in printed
    assert "hết ngày thứ Ba, 03/10/2023" in printed
    assert "hết ngày thứ Tư, 04/10/2023" in printed
    assert due(office) == date(2023, 10, 4), "nothing moved by itself"
    words = ("calendar", "confirm", "256-KH/TU", GUIDE, "--by", "Văn phòng", "--authority", "9-TB")
    printed, _ = office.type(*words)
    assert "dời từ hết ngày thứ Ba, 03/10/2023 sang hết ngày thứ Tư, 04/10/2023" in printed
    assert due(office) == date(2023, 10, 5)
    store = office.store()
    (act,) = [s.fact for s in store.events(CITY) if isinstance(s.fact, BoundMoved)]
    store.close()
    assert (act.why, act.authority, act.phrase) == ("calendar", "9-TB", PHRASE)
    assert act.was is not None
    assert (act.was.date(), act.due.date()) == (date(2023, 10, 4), date(2023, 10, 5))
    printed, _ = office.type("calendar", "check")
    assert "không làm đổi" in printed
    _, complaints = office.type(*words, status=1)
    assert GUIDE in complaints


def test_a_calendar_that_goes_back_is_proposed_back(office: Desk) -> None:
    office.issue_all()
    office.at(vn(2023, 9, 20, 9))
    path = office.folder / "calendars" / "vn.yaml"
    original = path.read_text()
    announce(office, "2023-09-29")
    words = ("calendar", "confirm", "256-KH/TU", GUIDE, "--by", "Văn phòng", "--authority", "9-TB")
    office.type(*words)
    path.write_text(original)
    printed, _ = office.type("calendar", "check")
    assert GUIDE in printed
    office.type(*words[:-1], "10-TB")
    assert due(office) == date(2023, 10, 4)


def test_dates_named_in_the_text_are_not_the_calendars(office: Desk) -> None:
    office.issue_all()
    office.at(vn(2023, 9, 20, 9))
    announce(office, "2023-10-20")
    printed, _ = office.type("calendar", "check")
    assert "không làm đổi" in printed


def test_a_year_is_filled_from_the_library_and_corrected(office: Desk) -> None:
    before = load("vn", office.folder / "calendars")
    printed, _ = office.type("calendar", "seed", "2027")
    assert "Chưa ghi" in printed
    assert load("vn", office.folder / "calendars") == before
    office.type("calendar", "seed", "2027", "2026", "--write")
    after = load("vn", office.folder / "calendars")
    assert set(after.years) == set(before.years) | {2027}
    assert date(2027, 9, 2) in after.off
    assert date(2026, 1, 2) in after.off, "the library does not know it"
    assert date(2026, 1, 10) in after.worked
    assert {d: e for d, e in after.off.items() if d.year < 2027} == dict(before.off)
    printed, _ = office.type("calendar", "seed", "2027")
    assert "Không có gì thay đổi" in printed


def test_the_file_is_shown_with_reasons_and_decisions(office: Desk) -> None:
    printed, _ = office.type("calendar", "show", "2026")
    assert "12729/VPCP-KGVX" in printed
    assert "thứ Sáu, 02/01/2026" in printed
    assert "2023" not in printed.replace("vn.yaml", "")
    _, complaints = office.type("calendar", "show", "2031", status=1)
    assert "cascade calendar seed 2031" in complaints


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "--calendar", "vna"), "có phải “vn”"),
        (("seed", "20267"), "Năm không hợp lý"),
        (("confirm", "999-KH/TU", GUIDE, "--by", "a", "--authority", "b"), "999-KH/TU"),
        (("confirm", "256-KH/TU", GUIDE, "--by", " ", "--authority", "b"), "--by"),
    ],
)
def test_what_cannot_be_done_is_explained(office: Desk, words: tuple[str, ...], told: str) -> None:
    _, complaints = office.type("calendar", *words, status=1)
    assert told in complaints


def test_a_broken_calendar_file_is_told_with_its_place(office: Desk) -> None:
    announce(office, "2023-13-45")
    _, complaints = office.type("calendar", "check", status=1)
    assert "vn.yaml" in complaints
    assert "off[0].date" in complaints
    assert "Traceback" not in complaints


@pytest.mark.parametrize(
    ("lang", "head"),
    [("vi", "Không dùng được tệp lịch"), ("en", "The calendar file")],
)
def test_a_faulty_calendar_file_is_called_one(office: Desk, lang: str, head: str) -> None:
    path = office.folder / "calendars" / "vn.yaml"
    path.write_text(path.read_text().replace("off:\n", "off:\n  - {date: 2031-01-01, reason: x}\n"))
    for words in (("show",), ("check",), ("seed", "2024")):
        _, complaints = office.type("calendar", *words, "--lang", lang, status=1)
        assert head in complaints
        assert str(path) in complaints
        assert "2031" in complaints
        assert "gói văn bản" not in complaints


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_folder_of_calendars_that_is_not_there_is_named(office: Desk, lang: str) -> None:
    for words, status in (
        (("calendar", "show"), 1),
        (("issue", str(office.package)), 1),
        (("deadline", "hết ngày 1/11/2023"), 2),
    ):
        _, complaints = office.type(
            *words, "--lang", lang, status=status, CASCADE_CALENDARS="/nope"
        )
        assert "/nope" in complaints
        assert "CASCADE_CALENDARS" in complaints
    _, complaints = office.type("calendar", "show", "--calendar", "vnn", "--lang", lang, status=1)
    assert "“vn”" in complaints
    assert str(office.folder / "calendars") in complaints
