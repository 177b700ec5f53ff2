"""What a unit can do besides handing in: keep a draft, put right, add, ask, dispute, look."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from config.clock import wait_until
from models.domain.directive import Document, Figure
from models.domain.effects import Kind, Purpose
from models.domain.facts import (
    Acknowledged,
    BoundMoved,
    Corrected,
    Disputed,
    DisputeRejected,
    ExtensionAsked,
    ExtensionRefused,
    Submitted,
    Supplemented,
)
from models.domain.requests import Reassign, Waive
from models.domain.terms import Acceptance, BodyId, DocumentKey, ObligationId
from models.tables import Draft, Outbox, table
from portal.drafts import drop_closed
from portal.links import Grant
from portal.shelf import may_open
from portal.wishes import binding
from tests.factories import (
    BOARD,
    DUE,
    KEY,
    OFFICE,
    REPORT,
    REVIEWER,
    SYNTHESIS,
    Office,
    bound,
    copy_of,
    document,
    obligation,
    office,
    plan_duty,
    policy,
    synthesis,
    units,
    vn,
)
from tests.papers import PDF
from tests.portal_site import Site, read, site

UNIT, OTHER = copy_of(REPORT, "u.1"), copy_of(REPORT, "u.2")
FORM = (
    Figure("so_buoi", "Số buổi", "buổi"),
    Figure("thoi_luong", "Thời lượng", "giờ", required=False, type="decimal"),
    Figure("ngay", "Ngày tổ chức", type="date"),
    Figure("hinh_thuc", "Hình thức", type="choice", choices=("Trực tiếp", "Trực tuyến")),
    Figure("kho_khan", "Khó khăn", required=False, type="text", hint="Nêu ngắn gọn"),
)
GOOD = {
    "name": "Nguyễn Thị Lan",
    "figure__so_buoi": "3",
    "figure__thoi_luong": "1.012,50",
    "figure__ngay": "18/9/2023",
    "figure__hinh_thuc": "Trực tuyến",
    "figure__kho_khan": "Thiếu hội trường",
    "text": "Đã tổ chức học tập.",
}
ASKED = {"until": "27/10/2023", "reason": "Bão làm hỏng hội trường.", "name": "Trần Văn Minh"}
ANSWER = {"authority": "12-CV/VP", "reason": "Đồng ý."}
SAID = {"reason": "Phường không có chi bộ này.", "name": "Lê Thị Hoa"}


def town(**changes: object) -> Document:
    bodies = units(3)
    duties = (obligation(bodies, figures=FORM), plan_duty(bodies), synthesis())
    return document(3, obligations=duties, **changes)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as value:
        value.issue(town())
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


def kinds(desk: Office) -> list[str]:
    """Return the kinds of mail owed, in the order in which they became so."""
    outbox = table(Outbox)
    with desk.store.reading() as connection:
        return [row.kind for row in connection.execute(outbox.select().order_by(outbox.c.seq))]


def test_every_kind_of_field_is_recorded_and_shown(desk: Office, portal: Site) -> None:
    page = portal.do(desk.token(UNIT), "report", **GOOD)
    assert page.status == 200
    (fact,) = desk.facts(Submitted)
    assert dict(fact.report.figures) == {"so_buoi": 3}
    answers = dict(fact.report.answers)
    assert (answers["thoi_luong"], answers["ngay"]) == ("1012.5", "2023-09-18")
    assert answers["hinh_thuc"] == "Trực tuyến"
    assert desk.store.blob(answers["kho_khan"]) == "Thiếu hội trường", "a text is kept apart"
    for words in ("1.012,5 giờ", "18/09/2023", "Trực tuyến", "Khó khăn Thiếu hội trường"):
        assert words in page.text
    assert "Nêu ngắn gọn" in page.html, "the form says what the package says of a field"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"figure__thoi_luong": "nhiều"}, "Xin ghi một số không âm, ví dụ 12,5"),
        ({"figure__ngay": "31/9/2023"}, "Không có ngày này trong lịch"),
        ({"figure__ngay": ""}, "Xin ghi ngày."),
        ({"figure__hinh_thuc": ""}, "Xin chọn một mục."),
        ({"figure__hinh_thuc": "Qua thư"}, "Xin chọn lại một mục trong danh sách."),
        ({"figure__kho_khan": "x" * 2001}, "Dài 2.001 ký tự; tối đa 2.000."),
    ],
)
def test_a_wrong_answer_is_told_beside_its_field(
    desk: Office, portal: Site, wrong: dict[str, str], words: str
) -> None:
    page = portal.do(desk.token(UNIT), "report", **GOOD | wrong)
    assert page.status == 422
    assert page.text.count(words) == 2, "in the summary and beside the field"
    ((name, value),) = wrong.items()
    assert page.forms["report"].values.get(name.replace("__", "."), "") == value
    assert not desk.facts(Submitted)


class TestDraft:
    """What is typed is kept for days and handed in by nobody but a person."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def desk(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
        url = "" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
        with office(tmp_path, url=url) as value:
            value.issue(town())
            yield value

    def test_it_is_there_days_later_and_from_another_mail(self, desk: Office, portal: Site) -> None:
        first = desk.token(UNIT)
        desk.clock.instant = vn(2023, 10, 3, 14, 5)
        typed = {**GOOD, "figure__ngay": "chưa rõ"}
        page = portal.send(first, "draft", [("files", ("a.pdf", PDF, ""))], **typed)
        assert page.status == 200
        assert "Bản nháp lưu lúc 14:05 thứ Ba, 03/10/2023. Chưa gửi cho ai" in page.text
        desk.clock.instant = vn(2023, 10, 16, 9)
        desk.recorder.let_time_act(KEY)
        reminder = desk.token(UNIT, Purpose.ACT, Kind.REMINDER)
        assert reminder != first
        form = portal.get(reminder).forms["report"]
        assert form.values["figure.ngay"] == "chưa rõ"
        assert form.values["text"] == GOOD["text"]
        assert form.values["name"] == "", "a page is not complete before a person has typed on it"
        assert not desk.facts(Submitted)
        assert portal.do(reminder, "report", **GOOD).status == 200
        (fact,) = desk.facts(Submitted)
        assert len(fact.report.files) == 1
        assert desk.count(Draft) == 0

    def test_it_is_the_units_own(self, desk: Office, portal: Site) -> None:
        portal.send(desk.token(UNIT), "draft", **GOOD)
        assert portal.get(desk.token(OTHER)).forms["report"].values["text"] == ""

    def test_it_is_sealed(self, desk: Office, portal: Site) -> None:
        portal.send(desk.token(UNIT), "draft", **GOOD)
        with desk.store.reading() as connection:
            (row,) = connection.execute(table(Draft).select()).mappings()
        assert "học tập".encode() not in bytes(row["sealed"])
        (desk.settings.var / "draft.key").unlink()
        with site(desk) as other:  # another key: as good as none
            assert other.get(desk.token(UNIT)).forms["report"].values["text"] == ""

    def test_the_newest_one_counts(self, desk: Office, portal: Site) -> None:
        for words in ("một", "hai"):
            portal.send(desk.token(UNIT), "draft", text=words)
        assert portal.get(desk.token(UNIT)).forms["report"].values["text"] == "hai"
        assert desk.count(Draft) == 1

    def test_a_page_as_it_came_is_none(self, desk: Office, portal: Site) -> None:
        """A machine that presses every button has typed nothing."""
        token = desk.token(UNIT)
        portal.send(token, "draft")
        assert desk.count(Draft) == 0
        portal.send(token, "draft", text="một\r\nhai")
        desk.clock.instant = vn(2023, 10, 3)
        page = portal.send(token, "draft")
        assert "19/09/2023. Chưa gửi cho ai" in page.text, "nobody has saved it again"
        portal.send(token, "draft", text=" ")
        assert desk.count(Draft) == 0, "what was emptied is gone"

    def test_it_needs_our_own_form(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        address = f"/c/{token}/draft"
        answer = portal.upload(address, {"text": "fremd", "nonce": "1.0.x"})
        assert answer.status_code == 422
        assert desk.count(Draft) == 0
        desk.revoke(UNIT)
        assert portal.upload(address, {"text": "x"}).status_code == 404

    def test_it_goes_when_the_duty_is_closed(self, desk: Office, portal: Site) -> None:
        portal.send(desk.token(UNIT), "draft", **GOOD)
        portal.send(desk.token(OTHER), "draft", **GOOD)
        desk.record(KEY, Waive(UNIT, "Văn phòng", "Công văn 1"))
        with desk.store.engine.begin() as connection:
            assert drop_closed(connection, {KEY: desk.store.state(KEY)}) == 1
        assert desk.count(Draft) == 1

    def test_a_portal_that_starts_cleans_up(self, desk: Office, portal: Site) -> None:
        portal.send(desk.token(UNIT), "draft", **GOOD)
        desk.record(KEY, Waive(UNIT, "Văn phòng", "Công văn 1"))
        left = desk.settings.var / "files" / "ab" / "cd" / ("ab" + "cd" + "0" * 60)
        left.parent.mkdir(parents=True)
        left.write_bytes(PDF)
        os.utime(left, (1, 1))
        with site(desk):
            assert wait_until(lambda: not left.exists(), seconds=20)
        assert desk.count(Draft) == 0


class TestCorrect:
    """A slip is put right within the policy's minutes, and counts as sent when it was."""

    def test_within_its_minutes_and_not_after(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        desk.clock.instant = DUE.subtract(minutes=1)
        page = portal.do(token, "report", **GOOD)
        assert "Gửi nhầm? Sửa báo cáo (đến 00:14)" in page.text
        form = page.forms["correct"]
        assert form.values["figure.thoi_luong"] == "1012,5"
        assert form.values["figure.hinh_thuc"] == "Trực tuyến"
        late = form.action, form.values | {"name": "A", "text": "lần ba"}
        desk.clock.instant = DUE.add(minutes=10)
        page = portal.do(token, "correct", **GOOD | {"text": "đã sửa"})
        assert "Đã ghi nhận: Báo cáo đã sửa, bản thứ 2" in page.text
        (fact,) = desk.facts(Corrected)
        assert fact.version == 2
        assert desk.progress(UNIT).overdue_at is None, "it was sent in time"
        assert read(portal.post(*late)).status == 409, "that page is about the version before"
        again = portal.fill(token, "correct", **GOOD | {"text": "lần ba"})
        desk.clock.instant = DUE.add(minutes=14)
        page = read(portal.post(*again))
        assert page.status == 409
        assert "Đã quá thời gian được sửa báo cáo" in page.text
        assert "lần ba" in page.text, "what was typed is shown"
        assert "correct" not in portal.get(token).forms

    def test_not_after_a_verdict(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        portal.do(token, "report", **GOOD)
        form = portal.fill(token, "correct", **GOOD | {"text": "đã sửa"})
        portal.do(desk.token(UNIT, Purpose.REVIEW), "accept", name="C")
        assert portal.post(*form).status_code == 409
        assert "correct" not in portal.get(token).forms
        assert not desk.facts(Corrected)

    def test_a_report_that_the_policy_accepts_can_be_put_right(self, tmp_path: Path) -> None:
        duty = obligation(units(1), figures=(), acceptance=Acceptance.AUTOMATIC, reviewer=None)
        with office(tmp_path / "o") as desk, site(desk) as portal:
            desk.issue(document(1, obligations=(duty,)))
            portal.do(desk.token(UNIT), "report", name="A", text="xong")
            assert portal.do(desk.token(UNIT), "correct", name="A", text="xong cả").status == 200
            assert len(desk.facts(Corrected)) == 1

    def test_files_stay_with_the_report_that_is_put_right(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        portal.send(token, "report", [("files", ("a.pdf", PDF, ""))], **GOOD)
        portal.do(token, "correct", **GOOD | {"text": "đã sửa"})
        (fact,) = desk.facts(Corrected)
        assert len(fact.report.files) == 1
        assert portal.get(token).text.count("a.pdf") >= 2

    def test_a_correction_of_an_earlier_version_is_not_offered_for_the_next_one(
        self, desk: Office, portal: Site
    ) -> None:
        token = desk.token(UNIT)
        portal.do(token, "report", **GOOD)
        slip = GOOD | {"name": "", "text": "bản đầu, sửa dở"}
        assert portal.send(token, "correct", [("files", ("a.pdf", PDF, ""))], **slip).status == 422
        portal.do(desk.token(UNIT, Purpose.REVIEW), "return", name="C", reason="Có đấy")
        portal.do(token, "report", **GOOD | {"text": "bản hai"})
        assert portal.get(token).forms["correct"].values["text"] == "bản hai"

    def test_a_correction_sent_twice_leads_to_the_receipt(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        portal.do(token, "report", **GOOD)
        form = portal.fill(token, "correct", **GOOD | {"text": "đã sửa"})
        assert [portal.post(*form).status_code for _ in range(2)] == [303, 303]
        assert len(desk.facts(Corrected)) == 1


class TestSupplement:
    """More comes later; what was handed in stays."""

    def test_before_and_after_the_verdict_and_the_reviewer_sees_it(
        self, desk: Office, portal: Site
    ) -> None:
        token = desk.token(UNIT)
        portal.do(token, "report", **GOOD)
        page = portal.do(token, "supplement", name="A", text="thêm một")
        assert "Đã ghi nhận: Bổ sung lần 1" in page.text
        assert "Báo cáo đã gửi: bản thứ 1" in page.text
        review = desk.token(UNIT, Purpose.REVIEW)
        assert "thêm một" in portal.get(review).text
        portal.do(review, "accept", name="C")
        portal.do(token, "supplement", name="A", text="thêm hai")
        page = portal.get(review)
        assert page.text.index("thêm một") < page.text.index("thêm hai")
        assert [fact.number for fact in desk.facts(Supplemented)] == [1, 2]
        assert kinds(desk).count(Kind.SUPPLEMENT.value) == 2

    def test_a_report_that_came_back_is_no_receipt_of_what_was_added(
        self, desk: Office, portal: Site
    ) -> None:
        """Whoever opens the page must see that it is to be sent again, not that all is done."""
        token = desk.token(UNIT)
        portal.do(token, "report", **GOOD)
        portal.do(token, "supplement", name="A", text="thêm một")
        portal.do(desk.token(UNIT, Purpose.REVIEW), "return", name="C", reason="Có đấy")
        page = portal.get(token)
        assert "Đã ghi nhận: Bổ sung" not in page.text
        assert "Báo cáo bị trả lại, cần gửi lại" in page.text
        assert "thêm một" in page.text

    def test_whoever_consolidates_no_more_is_told_and_shown_no_more(self, tmp_path: Path) -> None:
        with office(tmp_path / "o") as desk, site(desk) as portal:
            duties = (obligation(units(1), figures=FORM), synthesis(assignees=(OFFICE,)))
            desk.issue(document(1, obligations=duties))
            token = desk.token(UNIT)
            portal.send(token, "report", [("files", ("a.pdf", PDF, ""))], **GOOD)
            portal.do(desk.token(UNIT, Purpose.REVIEW), "accept", name="C")
            portal.do(token, "supplement", name="A", text="thêm một")
            moved = Reassign(copy_of(SYNTHESIS, OFFICE), BOARD, "A", "1-QĐ", "0" * 64)
            assert desk.record(KEY, moved).refusal is None
            portal.do(token, "supplement", name="A", text="thêm hai")
            outbox = table(Outbox)
            told = select(outbox.c.recipient, outbox.c.detail).where(
                outbox.c.kind == Kind.SUPPLEMENT.value
            )
            with desk.store.reading() as connection:
                found = set(connection.execute(told).tuples())
            assert found == {(REVIEWER, "1"), (OFFICE, "1"), (REVIEWER, "2"), (BOARD, "2")}
            state = desk.store.state(KEY)
            for body, may in ((OFFICE, False), (BOARD, True)):
                grant = Grant("0" * 64, KEY, UNIT, body, Purpose.VIEW)
                assert may_open(state, grant) is may

    def test_the_same_addition_twice_is_one(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        portal.do(token, "report", **GOOD)
        form = portal.fill(token, "supplement", name="A", text="thêm")
        other = portal.fill(token, "supplement", name="A", text="khác")
        assert [portal.post(*form).status_code for _ in range(2)] == [303, 303]
        page = read(portal.post(*other))
        assert page.status == 409
        assert "khác" in page.forms["supplement"].values["text"]
        assert len(desk.facts(Supplemented)) == 1


def test_nothing_to_report_is_a_report_with_its_reason(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    page = portal.do(token, "nothing", name="A", reason=" ")
    assert page.status == 422
    assert "Xin nêu vì sao không có gì để báo cáo." in page.text
    page = portal.do(token, "nothing", name="A", reason="Không có đảng viên.")
    assert "Báo không có gì để báo cáo (bản thứ 1)" in page.text
    (fact,) = desk.facts(Submitted)
    assert fact.report.nothing
    assert desk.store.blob(fact.report.text_sha256 or "") == "Không có đảng viên."
    review = portal.get(desk.token(UNIT, Purpose.REVIEW))
    assert "Đơn vị báo không có gì để báo cáo." in review.text
    portal.do(desk.token(UNIT, Purpose.REVIEW), "return", name="C", reason="Có đấy")
    assert portal.get(token).forms["report"].values["text"] == "", "a reason is no report"


class TestExtension:
    """A later date is asked for by the unit and granted or refused by the office."""

    def test_it_is_asked_for_and_granted(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        page = portal.do(token, "extension", **ASKED)
        assert "Xin gia hạn đến hết ngày thứ Sáu, 27/10/2023" in page.text
        assert "đang chờ trả lời" in page.text
        assert "extension" not in page.forms
        (asked,) = desk.facts(ExtensionAsked)
        assert asked.until == vn(2023, 10, 28), "the end of that day"
        decide = desk.token(UNIT, Purpose.DECIDE)
        page = portal.get(decide)
        assert "Bão làm hỏng hội trường." in page.text
        assert list(page.forms) == ["grant", "refuse"]
        assert page.forms["grant"].values["until"] == "27/10/2023"
        assert page.forms["grant"].values["authority"] == ""
        page = portal.do(decide, "grant", **ANSWER)
        assert "Đã giải quyết: Hạn mới: hết ngày thứ Sáu, 27/10/2023" in page.text
        assert not page.forms
        (moved,) = desk.facts(BoundMoved)
        assert (moved.bodies, moved.due, moved.authority) == (("u.1",), asked.until, "12-CV/VP")
        assert moved.by == "Văn phòng Thành ủy", "the ledger names the office, no person"
        assert desk.progress(UNIT).due == asked.until
        assert desk.progress(OTHER).due == DUE
        page = portal.get(token)
        assert "Trả lời đề nghị của đơn vị" in page.text
        assert "Hạn mới hết ngày thứ Sáu, 27/10/2023" in page.text

    def test_another_date_may_be_granted(self, desk: Office, portal: Site) -> None:
        portal.do(desk.token(UNIT), "extension", **ASKED)
        decide = desk.token(UNIT, Purpose.DECIDE)
        for wrong, words in (
            ("20/10/2023", "Ngày này chính là hạn đang áp dụng."),
            ("18/10/2023", "Ngày này sớm hơn hạn đang áp dụng."),
            ("18/9/2023", "Ngày này đã qua."),
            ("31/9/2023", "Không có ngày này trong lịch"),
        ):
            page = portal.do(decide, "grant", **ANSWER, until=wrong)
            assert page.status in (409, 422)
            assert page.text.count(words) == 2
            assert page.forms["grant"].values["authority"] == "12-CV/VP"
        portal.do(decide, "grant", **ANSWER, until="25/10/2023")
        assert desk.progress(UNIT).due == vn(2023, 10, 26)

    def test_it_is_refused_with_a_reason(self, desk: Office, portal: Site) -> None:
        portal.do(desk.token(UNIT), "extension", **ASKED)
        decide = desk.token(UNIT, Purpose.DECIDE)
        page = portal.do(decide, "refuse", authority="13-CV/VP", reason=" ")
        assert page.status == 422
        page = portal.do(decide, "refuse", authority="13-CV/VP", reason="Đã gia hạn một lần.")
        assert "Đã giải quyết: Không gia hạn" in page.text
        (fact,) = desk.facts(ExtensionRefused)
        assert (fact.authority, fact.by) == ("13-CV/VP", "Văn phòng Thành ủy")
        page = portal.get(desk.token(UNIT))
        assert "Không gia hạn" in page.text
        assert "Đã gia hạn một lần." in page.text
        assert "Căn cứ: 13-CV/VP" in page.text
        assert "extension" in page.forms, "it may ask again"
        assert desk.progress(UNIT).due == DUE

    def test_a_date_within_what_a_return_gave_grants_nothing(
        self, desk: Office, portal: Site
    ) -> None:
        """It would be recorded, move no bound and leave the request without an answer."""
        portal.do(desk.token(UNIT), "report", **GOOD)
        desk.clock.instant = vn(2023, 10, 25, 9)
        portal.do(desk.token(UNIT, Purpose.REVIEW), "return", name="C", reason="Có đấy")
        due = desk.progress(UNIT).due
        assert due == vn(2023, 10, 31)
        portal.do(desk.token(UNIT), "extension", **ASKED | {"until": "10/11/2023"})
        decide = desk.token(UNIT, Purpose.DECIDE)
        page = portal.do(decide, "grant", **ANSWER, until="26/10/2023")
        assert page.status == 409
        assert page.text.count("Ngày này sớm hơn hạn đang áp dụng.") == 2
        page = portal.do(decide, "grant", **ANSWER, until="30/10/2023")
        assert page.text.count("Ngày này chính là hạn đang áp dụng.") == 2
        assert not desk.facts(BoundMoved)
        portal.do(decide, "grant", **ANSWER, until="31/10/2023")
        assert desk.progress(UNIT).due == vn(2023, 11, 1)
        assert desk.progress(UNIT).asked is None

    @pytest.mark.parametrize("until", ["31/12/9999", "28/12/9999", "20/10/2203"])
    def test_a_date_beyond_all_calendars_is_a_slip(
        self, desk: Office, portal: Site, until: str
    ) -> None:
        page = portal.do(desk.token(UNIT), "extension", **ASKED | {"until": until})
        assert page.status == 422
        assert page.text.count("Không có ngày này trong lịch") == 2
        assert page.forms["extension"].values["reason"] == ASKED["reason"]

    def test_a_date_that_is_not_later_is_told_beside_the_field(
        self, desk: Office, portal: Site
    ) -> None:
        page = portal.do(desk.token(UNIT), "extension", **ASKED | {"until": "20/10/2023"})
        assert page.status == 409
        assert page.text.count("Ngày xin gia hạn phải sau hạn đang áp dụng") == 2
        assert page.forms["extension"].values["reason"] == ASKED["reason"]

    def test_an_answer_to_what_was_answered_changes_nothing(
        self, desk: Office, portal: Site
    ) -> None:
        portal.do(desk.token(UNIT), "extension", **ASKED)
        decide = desk.token(UNIT, Purpose.DECIDE)
        grant = portal.fill(decide, "grant", **ANSWER)
        refuse = portal.fill(decide, "refuse", authority="13-CV/VP", reason="Không.")
        assert [portal.post(*refuse).status_code for _ in range(2)] == [303, 303]
        page = read(portal.post(*grant))
        assert page.status == 409
        assert "Đã có thay đổi từ lúc mở trang này" in page.text
        assert "12-CV/VP" in page.text, "what was typed is shown"
        assert not desk.facts(BoundMoved)
        # Nor is it taken for an answer to a later request.
        portal.do(desk.token(UNIT), "extension", **ASKED | {"until": "30/10/2023"})
        assert portal.post(*grant).status_code == 409
        assert portal.post(*refuse).status_code == 303, "this very answer is recorded"
        assert len(desk.facts(ExtensionRefused)) == 1

    def test_a_granted_form_sent_twice_is_one_act(self, desk: Office, portal: Site) -> None:
        portal.do(desk.token(UNIT), "extension", **ASKED)
        grant = portal.fill(desk.token(UNIT, Purpose.DECIDE), "grant", **ANSWER)
        assert [portal.post(*grant).status_code for _ in range(3)] == [303] * 3
        assert len(desk.facts(BoundMoved)) == 1

    def test_a_request_sent_twice_is_one_even_after_the_answer(
        self, desk: Office, portal: Site
    ) -> None:
        form = portal.fill(desk.token(UNIT), "extension", **ASKED)
        other = portal.fill(desk.token(UNIT), "extension", **ASKED | {"reason": "khác"})
        assert [portal.post(*form).status_code for _ in range(2)] == [303, 303]
        assert portal.post(*other).status_code == 409
        refuse = {"authority": "13-CV/VP", "reason": "Không."}
        portal.do(desk.token(UNIT, Purpose.DECIDE), "refuse", **refuse)
        assert portal.post(*form).status_code == 303
        assert portal.post(*other).status_code == 409
        assert len(desk.facts(ExtensionAsked)) == 1

    def test_a_standing_duty_has_no_date_to_move(self, tmp_path: Path) -> None:
        with office(tmp_path / "o") as desk, site(desk) as portal:
            desk.issue(document(1, obligations=(obligation(units(1), bound=None),)))
            assert "extension" not in portal.get(desk.token(UNIT)).forms

    def test_the_strictest_of_several_dates_is_moved_and_the_others_are_named(
        self, tmp_path: Path
    ) -> None:
        early = bound(vn(2023, 10, 21), of="256/III.1-b", clause="III.1")
        late = bound(vn(2023, 10, 25), of="256/II.2-b", clause="II.2")
        duty = obligation(units(1), figures=(), bound=early, bounds=(late, early))
        with office(tmp_path / "o") as desk, site(desk) as portal:
            desk.issue(document(1, obligations=(duty,)))
            portal.do(desk.token(UNIT), "extension", **ASKED)
            state = desk.store.state(KEY)
            assert binding(state, duty, BodyId("u.1")) == "256/III.1-b"
            page = portal.get(desk.token(UNIT, Purpose.DECIDE))
            assert "Dời hạn ở mục III.1 cho riêng" in page.text
            assert "Mục II.2 còn đặt hạn sớm hơn ngày xin" in page.text
            portal.do(desk.token(UNIT, Purpose.DECIDE), "grant", **ANSWER)
            (moved,) = desk.facts(BoundMoved)
            assert moved.obligation == ObligationId("256/III.1-b")
            assert desk.progress(UNIT).due == vn(2023, 10, 25)


class TestDispute:
    """That the duty is not its own is decided by the office: it stays, moves on, or is lifted."""

    def test_it_stays(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        page = portal.do(token, "dispute", **SAID)
        assert "Đã báo nhiệm vụ không thuộc đơn vị; đang chờ trả lời." in page.text
        assert "dispute" not in page.forms
        assert "report" in page.forms, "until it is decided the duty stands"
        decide = desk.token(UNIT, Purpose.DECIDE)
        page = portal.get(decide)
        assert SAID["reason"] in page.text
        assert list(page.forms) == ["keep"]
        page = portal.do(decide, "keep", authority="14-CV/VP", reason="Theo danh sách.")
        assert "Đã giải quyết: Nhiệm vụ vẫn thuộc đơn vị" in page.text
        (fact,) = desk.facts(DisputeRejected)
        assert (fact.number, fact.authority) == (1, "14-CV/VP")
        assert "Theo danh sách." in portal.get(token).text
        assert "dispute" in portal.get(token).forms

    def test_the_same_one_twice_is_one(self, desk: Office, portal: Site) -> None:
        form = portal.fill(desk.token(UNIT), "dispute", **SAID)
        other = portal.fill(desk.token(UNIT), "dispute", **SAID | {"reason": "khác"})
        assert [portal.post(*form).status_code for _ in range(2)] == [303, 303]
        assert portal.post(*other).status_code == 409
        keep = portal.fill(
            desk.token(UNIT, Purpose.DECIDE), "keep", authority="1", reason="Vẫn thuộc."
        )
        assert [portal.post(*keep).status_code for _ in range(2)] == [303, 303]
        assert (len(desk.facts(Disputed)), len(desk.facts(DisputeRejected))) == (1, 1)

    def test_it_is_settled_when_the_duty_moves_on(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        portal.do(token, "dispute", **SAID)
        decide = desk.token(UNIT, Purpose.DECIDE)
        keep = portal.fill(decide, "keep", authority="1", reason="x")
        moved = Reassign(UNIT, BodyId("pr.vp"), "Thường trực", "15-QĐ/TU", "")
        assert desk.record(KEY, moved).refusal is None
        assert portal.get(token).status == 404, "the unit's own link is revoked"
        page = portal.get(decide)
        assert "Đã giải quyết: Chuyển sang đầu mối khác" in page.text
        assert (
            "Chuyển cho Văn phòng Thành ủy; Thường trực quyết định, căn cứ: 15-QĐ/TU." in page.text
        )
        assert not page.forms
        assert portal.post(*keep).status_code == 409
        successor = desk.token(copy_of(REPORT, "pr.vp"))
        assert "report" in portal.get(successor).forms, "the successor's link works at once"
        assert portal.do(successor, "acknowledge", name="B").status == 200

    def test_it_is_settled_when_the_duty_is_lifted(self, desk: Office, portal: Site) -> None:
        portal.do(desk.token(UNIT), "dispute", **SAID)
        desk.record(KEY, Waive(UNIT, "Văn phòng Thành ủy", "16-CV/VP"))
        page = portal.get(desk.token(UNIT, Purpose.DECIDE))
        assert "Đã giải quyết: Được miễn thực hiện" in page.text
        assert not page.forms

    def test_a_report_settles_it_too(self, desk: Office, portal: Site) -> None:
        portal.do(desk.token(UNIT), "dispute", **SAID)
        portal.do(desk.token(UNIT), "report", **GOOD)
        page = portal.get(desk.token(UNIT, Purpose.DECIDE))
        assert "Đã giải quyết: Báo cáo, bản thứ 1" in page.text
        assert not page.forms


def test_only_the_office_decides(desk: Office, portal: Site) -> None:
    portal.do(desk.token(UNIT), "dispute", **SAID)
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE link SET body = 'u.2' WHERE purpose = 'decide'")
    assert portal.get(desk.token(UNIT, Purpose.DECIDE)).status == 404


class TestDuties:
    """All duties of the body, to look at."""

    def test_they_are_listed_with_date_and_standing_and_open_nothing(
        self, desk: Office, portal: Site
    ) -> None:
        token = desk.token(UNIT)
        assert f'href="/c/{token}/duties"' in portal.get(token).html
        portal.do(token, "report", **GOOD)
        size = desk.store.size()
        page = read(portal.client.get(f"/c/{token}/duties"))
        assert page.status == 200
        assert "Nhiệm vụ của Đảng ủy phường số 1" in page.text
        assert "Báo cáo kết quả học tập, quán triệt đang mở" in page.text
        assert "đã gửi, đang xem xét · Mục III.1, văn bản 256-KH/TU" in page.text
        assert "Ban hành chương trình, kế hoạch thực hiện" in page.text
        assert "Hạn: hết ngày thứ Năm, 30/11/2023" in page.text
        assert "phường số 2" not in page.text
        assert not page.forms
        linked = {part.partition('"')[0] for part in page.html.split('href="')[1:]}
        assert {each for each in linked if "/c/" in each} == {
            f"/c/{token}",
            f"/c/{token}/duties?lang=en",
        }
        assert desk.store.size() == size

    def test_late_ones_are_marked(self, desk: Office, portal: Site) -> None:
        desk.clock.instant = DUE
        page = read(portal.client.get(f"/c/{desk.token(UNIT)}/duties"))
        assert "Hạn: hết ngày thứ Sáu, 20/10/2023 (quá hạn)" in page.text

    def test_documents_of_the_same_package_are_listed_and_others_are_not(
        self, desk: Office, portal: Site
    ) -> None:
        for key, package in (("7-KH/TU", "sample"), ("8-KH/TU", "other")):
            extra = replace(
                plan_duty(units(1)), id=ObligationId(f"{key[0]}/I"), summary=f"Việc của {key}"
            )
            lower = document(1, key=DocumentKey(key), number=key, obligations=(extra,))
            desk.issue(replace(lower, package=package))
        page = read(portal.client.get(f"/c/{desk.token(UNIT)}/duties"))
        assert "Việc của 7-KH/TU" in page.text
        assert "Việc của 8-KH/TU" not in page.text

    @pytest.mark.parametrize("purpose", [Purpose.REVIEW, Purpose.VIEW, Purpose.DECIDE])
    def test_they_are_nobody_elses(self, desk: Office, portal: Site, purpose: Purpose) -> None:
        portal.do(desk.token(UNIT), "dispute", **SAID)
        portal.do(desk.token(UNIT), "report", **GOOD)
        desk.clock.instant = vn(2023, 10, 28)
        desk.recorder.let_time_act(KEY)
        token = desk.token(OTHER if purpose is Purpose.VIEW else UNIT, purpose)
        assert portal.get(token).status == 200
        answer = portal.client.get(f"/c/{token}/duties")
        assert answer.content == portal.client.get("/c/" + "A" * 43).content


def test_receipts_name_number_instant_what_and_by_whom(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    desk.clock.instant = vn(2023, 9, 20, 9, 5)
    portal.do(token, "acknowledge", name="Nguyễn Thị Lan")
    desk.clock.instant = vn(2023, 10, 3, 14)
    portal.do(token, "report", **GOOD)
    page = portal.do(token, "supplement", name="Lê Thị Hoa", text="thêm")
    seqs = {type(each.fact): each.seq for each in desk.store.events()}
    assert "Những việc đã ghi nhận (3)" in page.text
    for words in (
        f"Xác nhận đã nhận việc Số {seqs[Acknowledged]}, 09:05 thứ Tư, 20/09/2023 · Nguyễn Thị Lan",
        f"Báo cáo, bản thứ 1 Số {seqs[Submitted]}, 14:00 thứ Ba, 03/10/2023 · Nguyễn Thị Lan",
        f"Bổ sung lần 1 Số {seqs[Supplemented]}, 14:00 thứ Ba, 03/10/2023 · Lê Thị Hoa",
    ):
        assert words in page.text


def test_a_new_version_is_compared_with_the_one_before(desk: Office, portal: Site) -> None:
    portal.do(desk.token(UNIT), "report", **GOOD)
    review = desk.token(UNIT, Purpose.REVIEW)
    assert "Khác gì so với" not in portal.get(review).text
    portal.do(review, "return", name="C", reason="thiếu")
    again = {"figure__so_buoi": "4", "text": "Đã tổ chức học tập, quán triệt."}
    portal.do(desk.token(UNIT), "report", **GOOD | again)
    page = portal.get(desk.token(UNIT, Purpose.REVIEW))
    assert "Khác gì so với bản thứ 1" in page.text
    assert "Số buổi trước 3 → nay 4" in page.text
    assert "Đã tổ chức học bỏ: tập. thêm: tập, quán triệt." in page.text, "without any colour"
    compared = page.html.partition('id="compare"')[2].partition("</section>")[0]
    assert "<del>" in compared
    assert "Hình thức" not in compared, "what stayed is not repeated"


def test_pages_are_light(desk: Office, portal: Site) -> None:
    """The heaviest page of a unit: everything offered, with what it has said so far."""
    token = desk.token(UNIT)
    portal.send(token, "draft", [("files", ("a.pdf", PDF, ""))], **GOOD)
    page = portal.get(token)
    style = portal.client.get(page.html.partition('stylesheet" href="')[2].partition('"')[0])
    heaviest = len(page.html.encode())
    portal.do(token, "report", **GOOD)
    heaviest = max(heaviest, len(portal.get(token).html.encode()))
    assert heaviest + len(style.content) < 30_000


def test_the_policy_decides_how_long_a_report_can_be_put_right(tmp_path: Path) -> None:
    with office(tmp_path / "o") as desk, site(desk) as portal:
        desk.issue(town(policy=policy(correct_minutes=0)))
        page = portal.do(desk.token(UNIT), "report", **GOOD)
        assert list(page.forms) == ["supplement"]


def test_what_is_kept_and_compared_is_never_markup(desk: Office, portal: Site) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    token = desk.token(UNIT)
    typed = GOOD | {"text": hostile, "figure__kho_khan": hostile}
    upload = ("files", ("<img src=x>.pdf", PDF, ""))
    pages = [portal.send(token, "draft", [upload], **typed | {"figure__hinh_thuc": hostile})]
    pages.append(portal.do(token, "report", **typed))
    portal.do(desk.token(UNIT, Purpose.REVIEW), "return", name="C", reason=hostile)
    portal.do(token, "report", **typed | {"text": f"{hostile} thêm"})
    pages.append(portal.get(desk.token(UNIT, Purpose.REVIEW)))
    asked = desk.token(OTHER)
    portal.do(asked, "extension", **ASKED | {"reason": hostile})
    pages.append(portal.get(desk.token(OTHER, Purpose.DECIDE)))
    for page in pages:
        assert page.status == 200
        assert "<script" not in page.html
        assert "<img" not in page.html
