"""Who behaves how in the demonstration."""

import ast
import inspect
import re
from dataclasses import replace
from datetime import date

import pytest

import demo.cast
import demo.form
import demo.people
from demo.cast import SLOTS, UNIT_REPORT_DUE, Cast, Read, duties, read
from models.domain.calendar import WorkCalendar, midnight
from tests.factories import vn

WARDS = [f"van-thu@phuong-so-{number}.example" for number in range(1, 16)]
OFFICES = ["van-thu@btg-thanhuy.example", "van-thu@vp-thanhuy.example"]
NOW = vn(2023, 9, 19, 8)
MAIL = Read(WARDS[0], "256-KH/TU", "III.1", UNIT_REPORT_DUE)


def cast(seed: int = 57) -> Cast:
    made = Cast(seed, WorkCalendar())
    made.assign(OFFICES + WARDS)
    return made


def parts(made: Cast) -> dict[str, str]:
    return {ward: made.part(replace(MAIL, to=ward)) for ward in WARDS + OFFICES}


def test_a_clerk_reads_who_what_and_until_when() -> None:
    text = (
        "Kính gửi: A\n\nHẠN: hết ngày thứ Sáu, 20/10/2023 (còn 31 ngày)\n"
        "Hạn ban đầu: hết ngày 18/10/2023\n\nVIỆC: Báo cáo\nCĂN CỨ: mục III.1, kế hoạch 256-KH/TU\n"
    )
    assert read(WARDS[0], "[256-KH/TU] III.1: Báo cáo – hạn 20/10", text) == MAIL
    assert read("a@b.example", "Chào", "không có gì") == Read("a@b.example", "", "", None)


def test_a_clerk_reads_each_duty_of_a_digest() -> None:
    one, two = (f"http://127.0.0.1:8080/c/{letter * 43}" for letter in "ab")
    text = (
        "2 việc của A\n\nKính gửi: A\n\nBan Thường vụ Thành ủy\n"
        "Kế hoạch 256-KH/TU ngày 19/09/2023\n\n"
        "* Việc mới\nHẠN: hết ngày thứ Sáu, 20/10/2023 (còn 31 ngày)\n"
        "(theo văn bản: “trước ngày 21/10/2023”)\nVIỆC: Báo cáo\nMỤC: III.1\n"
        f"Xem và xác nhận:\n{one}\n\n"
        "* Việc mới\nHẠN: không có thời hạn\nVIỆC: Theo dõi\nMỤC: IV\n"
        f"Xem và xác nhận:\n{two}\n\nMỗi việc có một liên kết riêng.\n"
    )
    subject = "[256-KH/TU] 2 việc – hạn gần nhất 20/10"
    (first, second) = duties(WARDS[0], subject, text)
    assert (first[0], first[1]) == (one, MAIL)
    assert (second[0], second[1]) == (two, Read(WARDS[0], "256-KH/TU", "IV", None))
    assert "Theo dõi" not in first[2]


def test_the_same_seed_gives_the_same_people() -> None:
    assert parts(cast(57)) == parts(cast(57))
    assert any(parts(cast(57)) != parts(cast(seed)) for seed in range(58, 63))


@pytest.mark.parametrize("seed", [0, 1, 57])
def test_some_wards_have_a_part_and_all_others_are_punctual(seed: int) -> None:
    given = parts(cast(seed))
    assert sorted(part for part in given.values() if part != "punctual") == sorted(Cast.PARTS)
    assert all(given[office] == "punctual" for office in OFFICES)


def test_a_part_is_played_in_the_units_report_only() -> None:
    made = cast()
    silent = next(ward for ward, part in parts(made).items() if part == "silent")
    mail = replace(MAIL, to=silent)
    assert made.part(mail) == "silent"
    assert made.part(replace(mail, due=date(2023, 10, 31))) == "punctual"
    assert made.part(replace(mail, clause="II.2")) == "punctual"


def test_three_are_late_and_one_misses_the_synthesis() -> None:
    made = cast()
    when = {part: made.report_at(replace(MAIL, to=ward), NOW) for ward, part in parts(made).items()}
    bound = midnight(date(2023, 10, 21))
    starts = midnight(date(2023, 10, 27))
    third_rung = midnight(WorkCalendar().shift(UNIT_REPORT_DUE, 6))
    assert when["silent"] > max(starts, third_rung)  # type: ignore[operator]
    assert bound < when["slow"] < starts  # type: ignore[operator]
    assert bound < when["forgetful"] < when["slow"]  # type: ignore[operator]
    assert when["careless"] < bound  # type: ignore[operator]
    assert when["punctual"] < bound  # type: ignore[operator]


def test_one_asks_for_time_before_its_bound_and_keeps_what_it_asked_for() -> None:
    made = cast()
    hurried = next(ward for ward, part in parts(made).items() if part == "hurried")
    mail = replace(MAIL, to=hurried)
    asks = made.asks_at(mail)
    assert asks is not None
    reports = made.report_at(mail, NOW)
    assert reports is not None
    assert asks[0] < midnight(date(2023, 10, 21)) < reports < midnight(asks[1])
    others = [replace(MAIL, to=ward) for ward in WARDS if ward != hurried]
    assert all(made.asks_at(each) is None for each in others)


@pytest.mark.parametrize("number", range(30))
def test_the_punctual_report_in_time_and_at_their_desk(number: int) -> None:
    mail = Read(f"a{number}@ubnd.example", "256-KH/TU", "II.2", date(2023, 11, 30))
    moment = cast().report_at(mail, NOW)
    assert moment is not None
    assert NOW < moment < midnight(date(2023, 12, 1))
    assert moment.time() in SLOTS
    assert WorkCalendar().is_working(moment.date())


def test_a_bound_that_is_today_or_gone_is_met_at_the_next_time_at_the_desk() -> None:
    mail = Read("a@ubnd.example", "256-KH/TU", "II.2", date(2023, 11, 30))
    friday = vn(2023, 12, 1, 16)
    assert cast().report_at(mail, friday) == vn(2023, 12, 4, 9)
    assert cast().soon(mail, vn(2023, 12, 1, 8)) == vn(2023, 12, 1, 9)
    assert cast().soon(mail, vn(2023, 12, 1, 9)) == vn(2023, 12, 1, 14, 30)
    assert cast().soon(mail, vn(2023, 12, 2, 8)) == vn(2023, 12, 4, 9)


@pytest.mark.parametrize("mail", [replace(MAIL, due=None), replace(MAIL, number="240-KH/TU")])
def test_nothing_is_reported_without_a_date_or_to_the_level_above(mail: Read) -> None:
    assert cast().report_at(mail, NOW) is None


def test_figures_add_up() -> None:
    for ward in WARDS:
        numbers = cast().numbers(replace(MAIL, to=ward))
        assert 0 < numbers["present"] <= numbers["total"]


def test_the_careless_report_is_the_one_that_comes_back() -> None:
    first, second = Read("a", "n", "III.1", None), Read("a", "n", "III.1", None, version=2)
    assert cast().returns(first, "Đã tổ chức học tập; chưa có số liệu đầy đủ.")
    assert not cast().returns(first, "Đã tổ chức học tập, quán triệt.")
    # The page of the second version shows the first one, with its faults, beside it.
    assert not cast().returns(second, "chưa có số liệu")


@pytest.mark.parametrize("module", [demo.cast, demo.form, demo.people])
def test_simulated_people_know_nothing_of_the_system(module: object) -> None:
    tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} | {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    ours = re.compile(r"^(models|config|notifications|portal|flows|cli|audit)\b")
    assert {name for name in names if ours.match(name)} <= {"models.domain.calendar"}
