"""Long tables on paper: what is too wide is broken, what is too long goes on overleaf."""

from datetime import date

from audit.paper import Paper
from models.domain.calendar import at
from tests.factories import vn

WRITTEN = vn(2023, 10, 20, 9)


def pages(rows: list[list[str]]) -> int:
    paper = Paper("thử", "gốc", WRITTEN)
    paper.table((("Một", 1), ("Hai", 5)), rows)
    assert paper.output() == again(rows), "the same rows give the same bytes"
    return int(paper.page)


def again(rows: list[list[str]]) -> bytearray:
    paper = Paper("thử", "gốc", at(date(2023, 10, 20), 9))
    paper.table((("Một", 1), ("Hai", 5)), rows)
    return paper.output()


def test_a_table_goes_on_overleaf_and_a_row_stays_together() -> None:
    assert pages([["1", "Đảng ủy phường"]]) == 1
    assert pages([[str(n), "Đảng ủy phường"] for n in range(100)]) == 3
    assert pages([["1", "a\n" * 30], ["2", "b\n" * 30]]) == 2


def test_a_row_longer_than_a_page_and_a_word_wider_than_a_cell_end() -> None:
    assert pages([["1", "dòng\n" * 130]]) == 3
    assert pages([["0" * 4000, ""]]) >= 1
    assert pages([["", ""]]) == 1
