"""Two versions side by side: nothing of either is lost, and any text takes bounded time."""

from hypothesis import given
from hypothesis import strategies as st

from config.clock import stopwatch
from models.domain.calendar import midnight
from models.domain.directive import Figure
from models.domain.facts import Attached, Report, Submitted
from models.files import Held
from portal.compare import STEPS, Change, Piece, compared, pieces
from portal.history import Mark, Version, answers_of
from tests.factories import ISSUED, REPORT, copy_of, obligation

WORDS = st.lists(st.sampled_from(["một ", "hai ", "ba\n", "bốn.", " năm"]), max_size=25)


@given(WORDS, WORDS)
def test_either_text_can_be_read_out_of_the_comparison(before: list[str], after: list[str]) -> None:
    was, now = "".join(before), "".join(after)
    found = pieces(was, now)
    assert "".join(each.words for each in found if each.how != "in") == was
    assert "".join(each.words for each in found if each.how != "out") == now
    assert all(each.words for each in found)


def test_what_changed_stands_between_what_stayed() -> None:
    assert pieces("Đã mở 3 lớp cho đảng viên.", "Đã mở 4 lớp cho đảng viên.") == (
        Piece("same", "Đã mở "),
        Piece("out", "3 "),
        Piece("in", "4 "),
        Piece("same", "lớp cho đảng viên."),
    )
    assert pieces("", "mới") == (Piece("in", "mới"),)
    assert pieces("cũ", "") == (Piece("out", "cũ"),)
    assert pieces("như cũ", "như cũ") == (Piece("same", "như cũ"),)


def test_a_rewritten_text_is_one_piece_out_and_one_in() -> None:
    was = " ".join(f"cũ{n}" for n in range(STEPS))
    now = " ".join(f"mới{n}" for n in range(STEPS))
    assert [each.how for each in pieces(f"Đầu. {was} Cuối.", f"Đầu. {now} Cuối.")] == [
        "same",
        "out",
        "in",
        "same",
    ]


def test_hostile_texts_are_compared_at_once() -> None:
    """``difflib`` took minutes for the last of these."""
    began = stopwatch()
    for was, now in (
        ("a " * 2500, "b a " * 1250),
        ("a b " * 1250, "b a " * 1250),
        ("a\n" * 2500, "b\na\n" * 1250),
    ):
        pieces(was, now)
    assert stopwatch() - began < 2


FORM = (
    Figure("so_buoi", "Số buổi", "buổi"),
    Figure("hinh_thuc", "Hình thức", type="choice", choices=("Trực tiếp", "Trực tuyến")),
    Figure("ly_do", "Lý do", type="text", required=False),
)


def version(number: int, report: Report, texts: dict[str, str], label: str = "") -> Version:
    fact = Submitted(ISSUED, copy_of(REPORT, "u.1"), number, report, "", "")
    files = tuple(Held(file, label) for file in report.files)
    duty = obligation([], figures=FORM)
    text = texts.get(report.text_sha256 or "")
    answers = answers_of(report, duty, texts)
    return Version(number, Mark(number, fact), answers, text, report, files)


def test_every_field_that_differs_is_named_and_no_other() -> None:
    texts = {"1" * 64: "vắng hai", "2" * 64: "vắng ba", "3" * 64: "xong", "4" * 64: "xong cả"}
    day = midnight(ISSUED.date()).date()
    older = Report(
        "3" * 64, (("so_buoi", 3),), "1-KH", day, (("hinh_thuc", "Trực tiếp"), ("ly_do", "1" * 64))
    )
    newer = Report(
        "4" * 64,
        (("so_buoi", 4),),
        "2-KH",
        day,
        (("hinh_thuc", "Trực tiếp"), ("ly_do", "2" * 64)),
        (Attached("f" * 64, "application/pdf", 9),),
    )
    found = compared(version(1, older, texts), version(2, newer, texts, "a.pdf")).changes
    assert [each.field for each in found] == ["so_buoi", "ly_do", "plan", "text", "files"]
    by_field = {each.field: each for each in found}
    number = by_field["so_buoi"]
    assert number.before is not None
    assert number.after is not None
    assert (number.before.value, number.after.value) == ("3", "4")
    assert Piece("in", "ba") in by_field["ly_do"].pieces
    assert by_field["files"].pieces == (Piece("in", "a.pdf"),)
    same = version(1, older, texts)
    assert compared(same, version(2, older, texts)).changes == ()


def test_a_field_that_was_left_out_before_is_a_change() -> None:
    texts = {"1" * 64: "vắng hai"}
    found = compared(
        version(1, Report(figures=(("so_buoi", 3),)), texts),
        version(2, Report(answers=(("ly_do", "1" * 64),)), texts),
    ).changes
    assert [(each.field, each.before is None, each.after is None) for each in found] == [
        ("ly_do", True, False),
        ("so_buoi", False, True),
    ]
    assert isinstance(found[0], Change)
