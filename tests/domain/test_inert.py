"""What others typed cannot become a link, turn its direction, or break a line."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.inert import inert, inert_lines

LINKED = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://|(?<![@\w.-])(?:[\w-]+\.)+[a-z]{2,24}(?![\w@-])")
"""What mail programs make links of."""


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Truy cập http://evil.vn/x ngay", "Truy cập http: //evil. vn/x ngay"),
        ("www.evil.com", "www. evil. com"),
        ("evil.vn:8080/x?y=z", "evil. vn:8080/x?y=z"),
        ("(EVIL.VN)", "(EVIL. VN)"),
        ("thành-ủy.vn", "thành-ủy. vn"),
        ("evil。vn", "evil. vn"),
        ("javascript://x", "javascript: //x"),
        ("http:/\u200b/evil.vn", "http: //evil. vn"),
        ("văn thư: nguyen.an@thanhuy.vn", "văn thư: nguyen.an@thanhuy.vn"),
        ("số 57-KL/TW, mục III.1.a, ngày 20.10.2023, v.v.", None),
        ("256/III.1-c@pr.bao-an", None),
        ("Phường \u202e\u2066Bảo An", "Phường Bảo An"),
        ("Báo cáo\r\nBcc: a@b.example\x00", "Báo cáo Bcc: a@b.example"),
        ("Ba\u0309o An", "Bảo An"),
    ],
)
def test_text_is_shown_so_that_nobody_follows_it(typed: str, shown: str | None) -> None:
    assert inert(typed) == (typed if shown is None else shown)


PIECES = st.sampled_from(
    ["http", "://", ".", "evil", "vn", "www.", "/", "@", "a", " ", "\u202e", "\u200b", "\n", "ủy"]
)


@given(st.lists(PIECES | st.characters(), max_size=12).map("".join))
def test_nothing_that_is_typed_becomes_a_link_or_a_line(typed: str) -> None:
    shown = inert(typed)
    assert not LINKED.search(shown)
    assert shown == inert(shown)
    assert unicodedata.is_normalized("NFC", shown)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", shown)


def test_lines_stay_lines_and_long_ones_are_cut() -> None:
    assert inert_lines(" a\n\n\n\nb http://x.vn\n\n") == ["a", "", "b http: //x. vn"]
    (line,) = inert_lines("x" * 5_000)
    assert len(line) == 1_200
    assert line.endswith("…")
    assert inert_lines("") == []
