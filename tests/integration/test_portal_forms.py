"""What a form records, what it refuses, and that nothing typed is ever lost."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from models.domain.effects import Kind, Purpose
from models.domain.facts import Accepted, Acknowledged, Returned, Submitted
from models.domain.requests import Waive
from models.domain.terms import Phase
from models.tables import Blob, LedgerEvent, Outbox, Person, table
from tests.factories import (
    KEY,
    PLAN,
    REPORT,
    Office,
    copy_of,
    document,
    obligation,
    office,
    plan_duty,
    synthesis,
    units,
    vn,
)
from tests.portal_site import Site, read, site
from tests.sealed import names

UNIT = copy_of(REPORT, "u.1")
GOOD = {
    "name": "Nguyễn Văn A",
    "figure__so_buoi": "3",
    "figure__dang_vien_tham_gia": "1.190",
    "figure__tong_dang_vien": "1 204",
    "text": "Đã tổ chức học tập.",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as value:
        bodies = units(2)
        duties = (obligation(bodies), plan_duty(bodies), synthesis())
        value.issue(document(2, obligations=duties))
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


def test_an_acknowledgement_is_recorded_with_its_link_and_its_name_apart(
    desk: Office, portal: Site
) -> None:
    token = desk.token(UNIT)
    desk.clock.instant = vn(2023, 9, 20, 10)
    assert portal.do(token, "acknowledge", name="  Nguyễn   Văn A ").status == 200
    (fact,) = desk.facts(Acknowledged)
    assert (fact.assignment, fact.at) == (UNIT, vn(2023, 9, 20, 10))
    with desk.store.reading() as connection:
        bodies = [row.body for row in connection.execute(table(LedgerEvent).select())]
    assert names(desk.store) == {fact.person: "Nguyễn Văn A"}
    assert len(fact.link) == 16
    assert not any("Nguyễn Văn A".encode() in body or token.encode() in body for body in bodies)


def test_a_report_is_recorded_and_its_reviewer_told(desk: Office, portal: Site) -> None:
    assert portal.do(desk.token(UNIT), "report", **GOOD).status == 200
    (fact,) = desk.facts(Submitted)
    assert dict(fact.report.figures) == {
        "so_buoi": 3,
        "dang_vien_tham_gia": 1190,
        "tong_dang_vien": 1204,
    }
    assert fact.report.text_sha256 is not None
    assert desk.store.blob(fact.report.text_sha256) == GOOD["text"]
    assert desk.progress(UNIT).phase is Phase.SUBMITTED
    with desk.store.reading() as connection:
        kinds = [row.kind for row in connection.execute(table(Outbox).select())]
    assert kinds.count(Kind.REVIEW.value) == 1


def test_a_plan_is_reported_by_number_and_date(desk: Office, portal: Site) -> None:
    token = desk.token(copy_of(PLAN, "u.1"))
    desk.clock.instant = vn(2023, 11, 10)
    page = portal.do(token, "report", name="A", plan_number=" 12-KH/ĐU ", plan_date="9/11/2023")
    assert "Số 12-KH/ĐU, ngày 09/11/2023" in page.text
    (fact,) = desk.facts(Submitted)
    assert (fact.report.plan_number, fact.report.plan_date) == ("12-KH/ĐU", date(2023, 11, 9))


def test_a_review_accepts_or_returns_with_a_reason(desk: Office, portal: Site) -> None:
    portal.do(desk.token(UNIT), "report", **GOOD)
    page = portal.do(desk.token(UNIT, Purpose.REVIEW), "return", name="C", reason=" thiếu\nhai ý ")
    assert "Đã ghi nhận: Trả lại báo cáo bản thứ 1" in page.text
    (returned,) = desk.facts(Returned)
    assert desk.store.blob(returned.reason_sha256) == "thiếu\nhai ý"
    portal.do(desk.token(UNIT), "report", **GOOD)
    page = portal.do(desk.token(UNIT, Purpose.REVIEW), "accept", name="Lê Văn C")
    assert "Đã ghi nhận: Chấp nhận báo cáo bản thứ 2" in page.text
    assert [fact.version for fact in desk.facts(Accepted)] == [2]
    assert desk.progress(UNIT).phase is Phase.ACCEPTED


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": "  "}, "name", "Xin ghi họ và tên."),
        ({"name": "x" * 121}, "name", "Dài 121 ký tự; tối đa 120."),
        ({"name": "A\u202eB"}, "name", "Có ký tự ẩn không dùng được"),
        ({"figure__so_buoi": ""}, "figure.so_buoi", "Xin ghi số; không có thì ghi 0."),
        ({"figure__so_buoi": "-1"}, "figure.so_buoi", "Xin ghi số nguyên không âm"),
        (
            {"figure__dang_vien_tham_gia": "1.205"},
            "figure.dang_vien_tham_gia",
            "Không thể lớn hơn “Tổng số đảng viên” (1.204).",
        ),
        ({"text": "x" * 5001}, "text", "Dài 5.001 ký tự; tối đa 5.000."),
        ({"text": "a\x00b"}, "text", "Có ký tự ẩn không dùng được"),
    ],
)
def test_a_wrong_field_is_named_beside_it_and_nothing_typed_is_lost(
    desk: Office, portal: Site, wrong: dict[str, str], field: str, words: str
) -> None:
    typed = GOOD | wrong
    size = desk.store.size()
    page = portal.do(desk.token(UNIT), "report", **typed)
    assert page.status == 422
    assert f'id="report-{field}-error"' in page.html
    assert (
        f'aria-describedby="{"report-name-hint " if field == "name" else ""}report-{field}-error"'
        in page.html
    )
    assert page.text.count(words) == 2  # in the summary, with the field's name, and beside it
    shown = page.forms["report"].values
    assert {k.replace("__", "."): v for k, v in typed.items()}.items() <= shown.items()
    assert desk.store.size() == size
    assert desk.count(Person) == desk.count(Blob) == 0


def test_several_wrong_fields_are_all_named(desk: Office, portal: Site) -> None:
    page = portal.do(desk.token(UNIT), "report", name="", figure__so_buoi="x", text="giữ lại")
    assert page.status == 422
    assert page.html.count('class="error"') == 4
    assert page.forms["report"].values["text"] == "giữ lại"


def test_a_plan_needs_its_number_and_a_date_that_has_come(desk: Office, portal: Site) -> None:
    token = desk.token(copy_of(PLAN, "u.1"))
    page = portal.do(token, "report", name="A", plan_number="", plan_date="20/9/2023")
    assert page.status == 422
    assert "Xin ghi số, ký hiệu kế hoạch." in page.text
    assert "Ngày này không thể sau hôm nay (19/09/2023)." in page.text


def test_a_return_needs_a_reason(desk: Office, portal: Site) -> None:
    portal.do(desk.token(UNIT), "report", **GOOD)
    page = portal.do(desk.token(UNIT, Purpose.REVIEW), "return", name="Lê Văn C", reason=" \n ")
    assert page.status == 422
    assert page.text.count("Xin nêu lý do trả lại.") == 2
    assert page.forms["return"].values["name"] == "Lê Văn C"
    assert not desk.facts(Returned)


def test_without_figures_or_plan_a_report_needs_words(tmp_path: Path) -> None:
    bodies = units(1)
    with office(tmp_path / "other") as desk, site(desk) as portal:
        desk.issue(document(1, obligations=(obligation(bodies, figures=()),)))
        page = portal.do(desk.token(UNIT), "report", name="A", text=" ")
        assert page.status == 422
        assert "Xin viết nội dung báo cáo." in page.text
        assert portal.do(desk.token(UNIT), "report", name="A", text="đã xong").status == 200


@pytest.mark.parametrize("nonce", ["", "1.0.x", None, "forged"])
def test_without_a_seal_of_ours_nothing_is_recorded(
    desk: Office, portal: Site, nonce: str | None
) -> None:
    address, values = portal.fill(desk.token(UNIT), "report", **GOOD)
    seal = values.pop("nonce")
    if nonce is not None:
        values["nonce"] = (
            seal[:-1] + ("A" if seal[-1] != "A" else "B") if nonce == "forged" else nonce
        )
    page = read(portal.post(address, values))
    assert page.status == 422
    assert "Trang đã mở quá lâu nên chưa ghi nhận gì." in page.text
    assert not desk.facts(Submitted)
    # What was typed is still there, under a fresh seal: sending again is enough.
    again = page.forms["report"]
    assert again.values | {"nonce": ""} == values | {"nonce": ""}
    assert portal.post(again.action, again.values).status_code == 303
    assert len(desk.facts(Submitted)) == 1


def test_a_page_may_be_open_for_two_hours(desk: Office, portal: Site) -> None:
    address, values = portal.fill(desk.token(UNIT), "acknowledge", name="A")
    opened = desk.machine.instant
    desk.machine.instant = opened.add(hours=2)
    assert portal.post(address, values).status_code == 422
    desk.machine.instant = opened.add(hours=2, seconds=-1)
    assert portal.post(address, values).status_code == 303


def test_the_seal_lives_on_the_machines_clock_not_the_directives(
    desk: Office, portal: Site
) -> None:
    address, values = portal.fill(desk.token(UNIT), "acknowledge", name="A")
    desk.clock.instant = vn(2023, 10, 19)
    assert portal.post(address, values).status_code == 303


def test_the_instant_is_the_servers_when_the_form_arrives(desk: Office, portal: Site) -> None:
    address, values = portal.fill(desk.token(UNIT), "report", **GOOD)
    desk.clock.instant = vn(2023, 10, 21)  # the page was opened in time, the form came at 24:00
    assert portal.post(address, values).status_code == 303
    assert desk.progress(UNIT).overdue_at == vn(2023, 10, 21)
    assert "Báo cáo đến sau hạn." in portal.get(desk.token(UNIT)).text


class TestSentAgain:
    """A form that arrives a second time, or too late."""

    def test_the_same_form_leads_to_the_receipt(self, desk: Office, portal: Site) -> None:
        for action in ("acknowledge", "report"):
            address, values = portal.fill(
                desk.token(UNIT), action, **(GOOD if action == "report" else {"name": "A"})
            )
            for _ in range(3):
                assert portal.post(address, values).status_code == 303
        assert (len(desk.facts(Acknowledged)), len(desk.facts(Submitted))) == (1, 1)
        assert desk.count(Person) == 2

    def test_the_same_form_leads_to_the_receipt_even_after_the_verdict(
        self, desk: Office, portal: Site
    ) -> None:
        report = portal.fill(desk.token(UNIT), "report", **GOOD)
        portal.post(*report)
        review = desk.token(UNIT, Purpose.REVIEW)
        accept = portal.fill(review, "accept", name="C")
        portal.post(*portal.fill(review, "return", name="C", reason="sai"))
        assert portal.post(*report).status_code == 303
        assert portal.post(*accept).status_code == 409  # it came back in between
        assert not desk.facts(Accepted)

    def test_two_tabs_with_the_same_words_are_one_report(self, desk: Office, portal: Site) -> None:
        tabs = [portal.fill(desk.token(UNIT), "report", **GOOD) for _ in range(2)]
        assert [portal.post(*tab).status_code for tab in tabs] == [303, 303]
        assert len(desk.facts(Submitted)) == 1

    def test_a_second_tab_with_other_words_is_told_and_shown_them(
        self, desk: Office, portal: Site
    ) -> None:
        first = portal.fill(desk.token(UNIT), "report", **GOOD)
        second = portal.fill(desk.token(UNIT), "report", **GOOD | {"text": "chữ của thẻ thứ hai"})
        assert portal.post(*first).status_code == 303
        page = read(portal.post(*second))
        assert page.status == 409
        assert "chưa thể gửi bản khác" in page.text
        assert "Nội dung vừa nhập, chưa được ghi nhận" in page.text
        assert "chữ của thẻ thứ hai" in page.text
        assert "Đã ghi nhận: Báo cáo, bản thứ 1" in page.text

    def test_an_old_tab_after_a_return_keeps_what_was_typed(
        self, desk: Office, portal: Site
    ) -> None:
        old = portal.fill(desk.token(UNIT), "report", **GOOD | {"text": "soạn trong thẻ cũ"})
        portal.do(desk.token(UNIT), "report", **GOOD)
        portal.do(desk.token(UNIT, Purpose.REVIEW), "return", name="C", reason="sai")
        page = read(portal.post(*old))
        assert page.status == 409
        assert page.forms["report"].values["text"] == "soạn trong thẻ cũ"
        again = page.forms["report"]
        assert portal.post(again.action, again.values).status_code == 303
        assert [fact.version for fact in desk.facts(Submitted)] == [1, 2]

    def test_a_verdict_on_an_older_version_is_refused(self, desk: Office, portal: Site) -> None:
        portal.do(desk.token(UNIT), "report", **GOOD)
        review = desk.token(UNIT, Purpose.REVIEW)
        old = portal.fill(review, "accept", name="C")
        portal.do(review, "return", name="C", reason="sai")
        portal.do(desk.token(UNIT), "report", **GOOD | {"text": "bản hai"})
        page = read(portal.post(*old))
        assert page.status == 409
        assert "Đã có phiên bản khác của báo cáo này." in page.text
        assert not desk.facts(Accepted)

    def test_a_second_reason_is_not_taken_for_the_first(self, desk: Office, portal: Site) -> None:
        portal.do(desk.token(UNIT), "report", **GOOD)
        review = desk.token(UNIT, Purpose.REVIEW)
        first = portal.fill(review, "return", name="C", reason="thiếu số liệu")
        second = portal.fill(review, "return", name="D", reason="thiếu kế hoạch")
        assert [portal.post(*form).status_code for form in (first, first)] == [303, 303]
        page = read(portal.post(*second))
        assert page.status == 409
        assert "thiếu kế hoạch" in page.text
        assert len(desk.facts(Returned)) == 1

    def test_a_duty_that_was_waived_meanwhile_takes_nothing(
        self, desk: Office, portal: Site
    ) -> None:
        late = portal.fill(desk.token(UNIT), "report", **GOOD)
        desk.record(KEY, Waive(UNIT, "Văn phòng", "Công văn 1"))
        page = read(portal.post(*late))
        assert page.status == 409
        assert "Nhiệm vụ này đã kết thúc" in page.text
        assert GOOD["text"] in page.text
        assert not desk.facts(Submitted)
        assert desk.count(Blob) == 0
