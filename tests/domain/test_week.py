"""The weekly summary: counts of everybody, a few names, and never longer than two screens."""

from dataclasses import replace
from functools import cache

import pytest

from models.domain.directive import Summary
from models.domain.effects import Kind
from models.domain.facts import Report
from models.domain.requests import (
    Accept,
    Acknowledge,
    AskExtension,
    Dispute,
    RecordNotice,
    Submit,
    Waive,
)
from models.domain.statistics import closing_copies, table
from models.domain.terms import AssignmentId, BodyId
from notifications.letter import Letter
from notifications.render import compose
from notifications.week import AHEAD_DAYS, AT_WORK_NAMED, NAMED, week_of
from tests.builders import LINK, PERSON, Life, issued, many_units
from tests.domain.test_render import SENDER, visible
from tests.factories import BOARD, DUE, KEY, REPORT, copy_of, document, policy, vn

MONDAY = vn(2023, 10, 23, 8)


def summed(count: int = 4, **changes: object) -> Life:
    value = replace(document(count), policy=policy(summary=Summary(0, (BodyId(BOARD),)), **changes))
    return issued(value)


def mail(life: Life, lang: str = "vi", **changes: object) -> str:
    letter = Letter(
        kind=Kind.SUMMARY,
        assignment=AssignmentId(""),
        detail="1",
        message_id="s",
        address="tt@thanhuy.example",
        locale=lang,
        token=None,
        recipient_name="Thường trực Thành ủy",
        stream=KEY,
    )
    made = compose(replace(letter, **changes), life.state, SENDER, MONDAY)  # type: ignore[arg-type]
    assert "http" not in made.text
    assert made.in_reply_to is None
    return f"{made.subject}\n{made.text}\n{visible(made.html)}"


def test_it_counts_what_the_table_counts_and_names_who_is_late_and_who_is_awaited() -> None:
    life = summed()
    one, two, three, four = (copy_of(REPORT, f"u.{n}") for n in range(1, 5))
    life.ask(Submit(one, Report(), 0, PERSON, LINK), DUE.subtract(days=2))
    life.ask(Accept(one, 1, PERSON, LINK), DUE.subtract(days=1))
    life.ask(Submit(two, Report(), 0, PERSON, LINK), DUE.subtract(hours=1))
    life.ask(Waive(three, "pr.thuongtruc", "Công văn 12"), DUE.subtract(hours=1))
    life.let_act(MONDAY)
    week = week_of(life.state, MONDAY)
    assert week.table == table(closing_copies(life.state), MONDAY)
    assert (week.total, week.table.done, week.table.open_late) == (4, 1, 1)
    (late,) = week.late
    assert (late.name, late.clauses, late.days) == ("Đảng ủy phường số 4", ("III.1",), 3)
    assert week.reviewers == (("Ban Tuyên giáo Thành ủy", 1),)
    assert week.awaited == (("Đảng ủy phường số 4", 1),)
    assert four in life.state.progress
    told = mail(life)
    assert "1/4 đã xong, 1 quá hạn" in told.splitlines()[0]
    assert "Đảng ủy phường số 4 (III.1)" in told
    assert "Ban Tuyên giáo Thành ủy: 1" in told
    assert "1 được miễn" in told
    assert "1/4 done, 1 overdue" in mail(life, "en")


def test_what_comes_due_within_a_week_is_named_with_how_many_still_owe_it() -> None:
    life = summed()
    at = vn(2023, 10, 16, 8)
    life.let_act(at)
    (coming,) = week_of(life.state, at).coming
    assert (coming.due, coming.clause, coming.open) == (DUE, "III.1", 4)
    assert week_of(life.state, DUE.subtract(days=AHEAD_DAYS)).coming_bounds == 1
    assert week_of(life.state, DUE.subtract(days=AHEAD_DAYS, seconds=1)).coming == ()
    assert week_of(life.state, DUE).coming == (), "what is due now is late"
    life.ask(Submit(copy_of(REPORT, "u.1"), Report(), 0, PERSON, LINK), at)
    assert week_of(life.state, at).coming[0].open == 3


def test_who_was_not_told_is_named_apart_and_not_among_the_late() -> None:
    life = summed(2, proof=True)
    life.ask(Acknowledge(copy_of(REPORT, "u.1"), PERSON, LINK), vn(2023, 9, 20))
    life.let_act(vn(2023, 10, 30, 8))
    week = week_of(life.state, vn(2023, 10, 30, 8))
    assert [unit.name for unit in week.late] == ["Đảng ủy phường số 1"]
    assert [unit.name for unit in week.untold] == ["Đảng ủy phường số 2"]
    life.ask(RecordNotice(copy_of(REPORT, "u.2"), "pr.vp", "f" * 64), vn(2023, 10, 30, 9))
    assert week_of(life.state, vn(2023, 10, 30, 9)).untold == ()


def test_what_waits_for_a_decision_is_counted() -> None:
    life = summed()
    asked = AskExtension(copy_of(REPORT, "u.1"), vn(2023, 11, 1), "a" * 64, PERSON, LINK)
    life.ask(asked, vn(2023, 9, 20))
    life.ask(Dispute(copy_of(REPORT, "u.2"), "b" * 64, PERSON, LINK), vn(2023, 9, 20))
    assert week_of(life.state, vn(2023, 9, 20)).asked == 2
    assert "Chờ quyết định: 2 đề nghị của đơn vị." in mail(life)


def test_a_week_without_anything_late_says_so() -> None:
    told = mail(summed())
    assert "không có nhiệm vụ nào đang quá hạn" in told
    assert "Đang quá hạn" not in told


@cache
def thousands() -> Life:
    life = issued(many_units(5_000))
    life.let_act(vn(2023, 10, 30, 8))
    return life


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_five_thousand_units_make_it_no_longer(lang: str) -> None:
    life = thousands()
    week = week_of(life.state, vn(2023, 10, 30, 8))
    assert week.late_units == week.awaited_units == 5_000
    assert len(week.late) == NAMED
    assert len(week.awaited) == AT_WORK_NAMED
    told = mail(life, lang, week=week)
    assert ("5.000" if lang == "vi" else "5,000") in told
    assert ("và 4.995 nữa" if lang == "vi" else "and 4,995 more") in told
    assert len(told) < 6_000
