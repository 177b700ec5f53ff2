"""The tables of the Prefect UI: what a synthesis starts from, what waits for an office."""

from dataclasses import replace

from flows.report import consolidation, standing
from models.domain.directive import Figure
from models.domain.facts import ON_BEHALF, Report
from models.domain.requests import Accept, AskExtension, Correct, Dispute, Submit, Waive
from notifications.words import bound_words
from tests.builders import (
    ISSUE_AT,
    LINK,
    PERSON,
    REPORTS,
    SYNTHESIS,
    SYNTHESIS_DUE,
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


def test_what_waits_for_an_office_stands_there_as_the_form_asks_for_it() -> None:
    life = lived()
    first, second, *_ = (copy(REPORTS, unit) for unit in UNITS)
    assert "Chờ quyết định" not in standing(life.state)
    life.ask(AskExtension(first, SYNTHESIS_DUE, "a" * 64, PERSON, LINK), WHEN)
    life.ask(Dispute(second, "b" * 64, PERSON, LINK), WHEN)
    lines = standing(life.state).splitlines()
    asks, disputes = lines[-2:]
    assert asks.startswith("- ")
    assert f"xin gia hạn đến {bound_words(SYNTHESIS_DUE)}" in asks
    assert asks.endswith(f"(obligation `{REPORTS}`, body `{UNITS[0]}`)")
    assert "không thuộc đơn vị" in disputes
    assert disputes.endswith(f"(obligation `{REPORTS}`, body `{UNITS[1]}`)")
    assert "a" * 64 not in standing(life.state)
