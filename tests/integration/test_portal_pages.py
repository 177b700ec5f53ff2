"""What a person sees behind a link, and that looking changes nothing."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.domain.effects import Purpose
from models.domain.facts import Acknowledged, Report
from models.domain.requests import Acknowledge, Submit, Waive
from models.domain.terms import Source
from models.erasure import Erased, erase_person
from models.store import Transaction
from portal import pages
from tests.factories import (
    KEY,
    PLAN,
    REPORT,
    REVIEWER,
    SYNTHESIS,
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
from tests.portal_site import Site, site

UNIT = copy_of(REPORT, "u.1")
FIGURES = {"figure__so_buoi": "3", "figure__dang_vien_tham_gia": "1.190"}
FIGURES |= {"figure__tong_dang_vien": "1.204"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as value:
        bodies = units(3)
        duties = (obligation(bodies), plan_duty(bodies[:1]), synthesis())
        value.issue(document(3, obligations=duties))
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


def fingerprint(desk: Office) -> str:
    """Return a hash over every row of every table."""
    with sqlite3.connect(desk.settings.var / "cascade.db") as connection:
        dump = "\n".join(connection.iterdump())
    connection.close()
    return hashlib.sha256(dump.encode()).hexdigest()


def test_the_page_says_what_is_asked_by_whom_by_when_and_on_what_clause(
    desk: Office, portal: Site
) -> None:
    page = portal.get(desk.token(UNIT))
    assert page.status == 200
    for words in (
        "Ban Thường vụ Thành ủy",
        "Kế hoạch số 256-KH/TU, ngày 19/09/2023, mục III.1",
        "Kế hoạch thực hiện Kết luận số 57-KL/TW của Bộ Chính trị",
        "Báo cáo kết quả học tập, quán triệt",
        "hết ngày thứ Sáu, 20/10/2023",
        "còn 31 ngày",
        "Theo văn bản: “trước ngày 21/10/2023”",
        "báo cáo học tập, quán triệt và xây dựng kế hoạch về Thường trực Thành ủy",
        "Thường trực Thành ủy (qua Ban Tuyên giáo Thành ủy)",
        "Đảng ủy phường số 1",
    ):
        assert words in page.text
    assert list(page.forms) == ["acknowledge", "report", "extension", "nothing", "dispute"]
    assert "giả định" not in page.text


def test_what_is_assumed_is_shown_so(desk: Office, portal: Site) -> None:
    page = portal.get(desk.token(copy_of(PLAN, "u.1")))
    assert "“trong tháng 11 năm 2023” giả định" in page.text
    assert "đơn vị theo dõi tự hiểu như vậy" in page.text


def test_looking_changes_nothing(desk: Office, portal: Site) -> None:
    tokens = [desk.token(UNIT), desk.token(copy_of(PLAN, "u.1"))]
    desk.clock.instant = vn(2023, 11, 2)  # much has fallen due, and a visit must not settle it
    before = fingerprint(desk)
    for token in tokens:
        for _ in range(50):
            assert portal.client.get(f"/c/{token}").status_code == 200
            head = portal.client.head(f"/c/{token}")
            assert (head.status_code, head.content) == (200, b"")
        prefetch = portal.get(token, **{"Sec-Purpose": "prefetch;prerender"})
        assert prefetch.status == 200
        for action in ("acknowledge", "report", "accept", "return"):
            back = portal.client.get(f"/c/{token}/{action}")
            assert (back.status_code, back.headers["location"]) == (303, f"/c/{token}")
    assert fingerprint(desk) == before


def test_a_missed_bound_is_shown_before_anybody_recorded_it(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    desk.clock.instant = vn(2023, 10, 20, 23, 59)
    assert "hạn là hôm nay" in portal.get(token).text
    desk.clock.instant = vn(2023, 10, 21)
    assert "Quá hạn từ 00:00 thứ Bảy, 21/10/2023" in portal.get(token).text


def test_a_receipt_names_number_time_and_what_was_recorded(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    desk.clock.instant = vn(2023, 9, 20, 9, 5)
    page = portal.do(token, "acknowledge", name="Nguyễn Văn A")
    (seq,) = [each.seq for each in desk.store.events() if isinstance(each.fact, Acknowledged)]
    assert f"Biên nhận số {seq} · 09:05 thứ Tư, 20/09/2023" in page.text
    assert "Đã ghi nhận: Xác nhận đã nhận việc" in page.text
    assert "Người ghi tên: Nguyễn Văn A" in page.text
    assert list(page.forms) == ["report", "extension", "nothing", "dispute"]
    page = portal.do(token, "report", name="Nguyễn Văn A", text="Đã học\nxong", **FIGURES)
    assert "Đã ghi nhận: Báo cáo, bản thứ 1" in page.text
    assert "Số đảng viên tham gia 1.190 người" in page.text
    assert "Đã học xong" in page.text
    assert "Đã gửi báo cáo, đang được xem xét" in page.text
    # What is in can be put right for some minutes, and added to at any time.
    assert list(page.forms) == ["correct", "supplement"]


def test_the_reviewer_sees_the_report_and_the_versions_before(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    portal.do(token, "report", name="Nguyễn Văn A", text="bản đầu", **FIGURES)
    review = portal.get(desk.token(UNIT, Purpose.REVIEW))
    assert "Báo cáo của Đảng ủy phường số 1" in review.text
    assert "Tổng số đảng viên 1.204 người" in review.text
    assert "bản đầu" in review.text
    assert set(review.forms) == {"accept", "return"}
    portal.do(desk.token(UNIT, Purpose.REVIEW), "return", name="Lê Văn C", reason="thiếu số liệu")
    back = portal.get(token)
    assert "Báo cáo bị trả lại, cần gửi lại" in back.text
    assert "thiếu số liệu" in back.text
    # What was said before is there to be corrected; the name is not.
    assert back.forms["report"].values["figure.dang_vien_tham_gia"] == "1190"
    assert back.forms["report"].values["text"] == "bản đầu"
    assert back.forms["report"].values["name"] == ""
    portal.do(token, "report", name="Nguyễn Văn A", text="bản sau", **FIGURES)
    review = portal.get(desk.token(UNIT, Purpose.REVIEW))
    assert review.text.index("bản sau") < review.text.index("bản đầu")
    assert "Các bản trước (1)" in review.text
    assert "thiếu số liệu" in review.text


def test_a_link_to_look_offers_nothing_to_do(desk: Office, portal: Site) -> None:
    desk.clock.instant = vn(2023, 10, 28)
    desk.recorder.let_time_act(KEY)
    page = portal.get(desk.token(UNIT, Purpose.VIEW))
    assert page.status == 200
    assert not page.forms
    assert "Chưa có báo cáo nào" in page.text


def test_whoever_consolidates_sees_units_by_name_and_sums(desk: Office, portal: Site) -> None:
    report = {"name": "Nguyễn Văn A", "figure__so_buoi": "2", "figure__dang_vien_tham_gia": "1000"}
    report |= {"figure__tong_dang_vien": "1.100"}
    portal.do(desk.token(UNIT), "report", **report)
    portal.do(desk.token(copy_of(REPORT, "u.2")), "report", **report)
    portal.do(desk.token(UNIT, Purpose.REVIEW), "accept", name="Lê Văn C")
    second = desk.token(copy_of(REPORT, "u.2"), Purpose.REVIEW)
    portal.do(second, "return", name="Lê Văn C", reason="sai")
    desk.clock.instant = vn(2023, 10, 27)  # the latest start of the synthesis
    desk.recorder.let_time_act(KEY)
    page = portal.get(desk.token(copy_of(SYNTHESIS, REVIEWER)))
    assert "1/3 đơn vị đã báo cáo; thiếu 2; quá hạn 2." in page.text
    assert "Số đảng viên tham gia 1.000 người" in page.text
    assert "Đảng ủy phường số 1 đã chấp nhận" in page.text
    assert "Đảng ủy phường số 2 bị trả lại, quá hạn" in page.text
    assert "Đảng ủy phường số 3 chưa gửi, quá hạn" in page.text
    # A later version replaces the figures of an earlier one.
    portal.do(desk.token(copy_of(REPORT, "u.2")), "report", **report | {"figure__so_buoi": "40"})
    page = portal.get(desk.token(copy_of(SYNTHESIS, REVIEWER)))
    assert "Số buổi, lớp học tập 42 buổi" in page.text
    assert "Đảng ủy phường số 2 đang xem xét, gửi muộn" in page.text


def test_a_waived_duty_says_by_whom_and_on_what_authority(desk: Office, portal: Site) -> None:
    desk.record(KEY, Waive(UNIT, "Văn phòng Thành ủy", "Công văn 12-CV/VP"))
    page = portal.get(desk.token(UNIT))
    assert "Văn phòng Thành ủy cho miễn, căn cứ: Công văn 12-CV/VP." in page.text
    assert not page.forms


def test_english_is_one_link_away_and_stays(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    assert f'href="/c/{token}?lang=en"' in portal.get(token).html
    page = portal.client.get(f"/c/{token}", params={"lang": "en"}).text
    assert "the end of Friday, 20/10/2023" in page
    assert f'action="/c/{token}/acknowledge?lang=en"' in page
    address, values = portal.fill(token, "acknowledge", name="A")
    done = portal.post(f"{address}?lang=en", values)
    assert done.headers["location"] == f"/c/{token}?lang=en"


def test_data_is_never_markup(desk: Office, portal: Site) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    token = desk.token(UNIT)
    page = portal.do(token, "report", name=f"A {hostile}", text=hostile, **FIGURES)
    assert page.status == 200
    assert "<script" not in page.html
    assert "<img" not in page.html
    assert hostile in page.text


def test_a_page_is_light(tmp_path: Path) -> None:
    bodies = tuple(replace(body, source=Source.SAMPLE) for body in units(300))
    long = replace(document(300, obligations=(obligation(bodies), synthesis())))
    with office(tmp_path) as desk, site(desk) as portal:
        desk.issue(long)
        desk.clock.instant = vn(2023, 10, 27)
        desk.recorder.let_time_act(KEY)
        page = portal.get(desk.token(copy_of(SYNTHESIS, REVIEWER)))
        assert "… và 200 đơn vị nữa." in page.text
        style = portal.client.get(page.html.partition('stylesheet" href="')[2].partition('"')[0])
        assert style.headers["cache-control"].endswith("immutable")
        assert len(page.html.encode()) + len(style.content) < 30_000


def test_a_name_that_is_no_longer_kept_is_not_missed(desk: Office, portal: Site) -> None:
    desk.record(KEY, Acknowledge(UNIT, "p_unknown", "0" * 16))
    assert "Người ghi tên" not in portal.get(desk.token(UNIT)).text
    desk.record(KEY, Submit(UNIT, Report(text_sha256="ab" * 32), 0, "", ""))
    assert "(Nội dung không còn được lưu.)" in portal.get(desk.token(UNIT)).text


def test_a_name_that_was_erased_is_said_to_be(desk: Office, portal: Site) -> None:
    refs: list[str] = []

    def named(transaction: Transaction) -> Acknowledge:
        refs.append(transaction.person("Phạm Thị Dung"))
        return Acknowledge(UNIT, refs[0], "0" * 16)

    desk.recorder.record(KEY, named)
    assert "Phạm Thị Dung" in portal.get(desk.token(UNIT)).text
    erased = erase_person(desk.store, desk.clock, refs[0], "Đơn ngày 20/10/2023", "vp")
    assert isinstance(erased, Erased)
    page = portal.get(desk.token(UNIT)).text
    assert "Phạm Thị Dung" not in page
    assert "(Họ tên đã được xóa.)" in page


def test_what_was_typed_and_not_recorded_is_shown_by_one_template() -> None:
    folder = Path(pages.__file__).parent / "templates"
    holders = [
        path.name for path in folder.glob("*.html") if "t.unsaved" in path.read_text("utf-8")
    ]
    assert holders == ["unsaved.html"]
