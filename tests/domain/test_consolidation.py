"""The table that a synthesis starts from."""

from dataclasses import replace

from flows.report import consolidation
from models.domain.directive import Figure
from models.domain.facts import ON_BEHALF, Report
from models.domain.requests import Accept, Correct, Submit, Waive
from tests.builders import (
    ISSUE_AT,
    LINK,
    PERSON,
    REPORTS,
    SYNTHESIS,
    UNITS,
    Life,
    city,
    copy,
    issued,
)

FIELDS = (
    Figure("lop", "Số lớp"),
    Figure("ty_le", "Tỷ lệ", type="decimal"),
    Figure("ghi_chu", "Ghi chú", type="text"),
)
WHEN = ISSUE_AT.add(days=1)


def lived() -> Life:
    plain = city()
    return issued(
        city(
            obligations=tuple(
                replace(each, figures=FIELDS) if each.id == REPORTS else each
                for each in plain.obligations
            )
        )
    )


def report(count: int) -> Report:
    return Report(figures=(("lop", count),), answers=(("ty_le", "95,5"), ("ghi_chu", "a" * 64)))


def test_the_sums_are_of_what_was_accepted_as_it_stands_now() -> None:
    life = lived()
    first, second, third, fourth = (copy(REPORTS, unit) for unit in UNITS)
    life.ask(Submit(first, report(1), 0, PERSON, LINK), WHEN)
    life.ask(Correct(first, report(5), 1, PERSON, LINK), WHEN)
    life.ask(Accept(first, 2, PERSON, LINK), WHEN)
    life.ask(Submit(second, report(100), 0, PERSON, LINK), WHEN)  # under review
    life.ask(Submit(third, Report(nothing=True), 0, PERSON, LINK, ON_BEHALF, "12-BC"), WHEN)
    life.ask(Accept(third, 1, PERSON, LINK), WHEN)
    life.ask(Waive(fourth, "tt", "1"), WHEN)
    rows = consolidation(life.state, SYNTHESIS)
    assert [row["Số lớp"] for row in rows] == [5, "", "", "", 5]
    assert rows[0]["Tỷ lệ"] == "95,5"
    assert "nhập thay" in rows[2]["Tình trạng"]
    assert "không có gì" in rows[2]["Tình trạng"]
    assert rows[3]["Tình trạng"] == "được miễn"
    assert all("Ghi chú" not in row for row in rows), "texts stay out of Prefect's database"
