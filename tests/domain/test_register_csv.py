"""No cell of the register is calculated by a spreadsheet, wherever it was typed."""

import csv
import io
from dataclasses import fields

import pytest

from audit.register import COLUMNS, Line, Section
from audit.register_csv import MARK, as_csv


def written(typed: str) -> list[str]:
    """Return the cells of a line in which everything is *typed*, as a spreadsheet reads them."""
    line = Line(**{each.name: typed for each in fields(Line)})
    raw = as_csv([Section("1", "", "", "", (line,), (), False)]).decode()
    assert raw.startswith(MARK)
    heading, cells = csv.reader(io.StringIO(raw.removeprefix(MARK), newline=""))
    assert heading == [*COLUMNS]
    return cells[1:]


@pytest.mark.parametrize(
    "typed",
    [
        "=HYPERLINK(1)",
        "+84 912",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n = 1",
        "\u00a0=1",
        "＝1+1",
        "＠x",
        "|calc",
    ],
)
def test_what_begins_like_a_formula_is_text(typed: str) -> None:
    assert {cell[:1] for cell in written(typed)} == {"'"}


@pytest.mark.parametrize("typed", ["Lan;=1+1", "Lan; =1+1", "Lan;\t@x", "a;b;-2"])
def test_a_formula_does_not_hide_behind_another_countrys_separator(typed: str) -> None:
    (cell,) = {*written(typed)}
    for part in cell.split(";"):
        assert not part.strip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("typed", ["Lê Ỷ", "3 - 4", 'nói "được", rồi', "a; b", "1,5"])
def test_everything_else_stays_as_it_is(typed: str) -> None:
    assert {*written(typed)} == {typed}
