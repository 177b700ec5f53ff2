"""A paper entered by an office: for two hours, with its scan, and recorded as less sure."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import load
from models.domain.effects import Kind, Purpose
from models.domain.facts import BY_LINK, ON_BEHALF, Acknowledged, Submitted, Supplemented
from models.tables import Link, Person, table
from notifications.wiring import recorder_of
from portal.behalf import HOURS, open_page
from tests.desk import CITY, Desk
from tests.factories import (
    KEY,
    OFFICE,
    REPORT,
    REVIEWER,
    SYNTHESIS,
    Office,
    copy_of,
    document,
    office,
    vn,
)
from tests.papers import PDF
from tests.portal_site import Site, read, site

UNIT = copy_of(REPORT, "u.1")
SCAN = [("files", ("quét.pdf", PDF, "application/pdf"))]
PAPER = {"paper_number": "07-BC/ĐU", "paper_date": "18/9/2023", "name": "Phạm Quốc Bảo"}
REPORTED = {
    "figure__so_buoi": "3",
    "figure__dang_vien_tham_gia": "1",
    "figure__tong_dang_vien": "1",
    "text": "Đã học tập.",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as value:
        value.issue(document(2))
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


@pytest.fixture
def token(desk: Office) -> str:
    return open_page(desk.recorder, desk.store.state(KEY), UNIT, "Phạm Quốc Bảo")[0]


def test_a_paper_is_recorded_as_such_and_shown_as_less_sure(
    desk: Office, portal: Site, token: str
) -> None:
    page = portal.get(token)
    assert "Nhập thay cho Đảng ủy phường số 1" in page.text
    assert list(page.forms) == ["report", "acknowledge"], "no requests in the name of a unit"
    page = portal.send(token, "report", SCAN, **REPORTED | PAPER)
    assert page.status == 200
    (fact,) = desk.facts(Submitted)
    assert (fact.trust, fact.paper) == (ON_BEHALF, "07-BC/ĐU, 18/09/2023")
    assert len(fact.report.files) == 1
    told = "Nhập thay từ văn bản giấy số 07-BC/ĐU, 18/09/2023"
    for shown in (page, portal.get(desk.token(UNIT, Purpose.REVIEW)), portal.get(desk.token(UNIT))):
        assert told in shown.text
        assert "độ tin cậy thấp hơn" in shown.text
        assert "quét.pdf" in shown.text
    assert not desk.progress(UNIT).answered, "nothing proves that the unit itself was told"
    page = portal.send(token, "supplement", SCAN, text="thêm", **PAPER | {"paper_number": "08"})
    (fact_added,) = desk.facts(Supplemented)
    assert (fact_added.trust, fact_added.paper) == (ON_BEHALF, "08, 18/09/2023")
    desk.clock.instant = vn(2023, 10, 27)
    desk.recorder.let_time_act(KEY)
    assert "đang xem xét nhập thay" in portal.get(desk.token(copy_of(SYNTHESIS, REVIEWER))).text


def test_what_the_unit_puts_right_itself_is_its_own_word(
    desk: Office, portal: Site, token: str
) -> None:
    portal.send(token, "report", SCAN, **REPORTED | PAPER)
    assert desk.progress(UNIT).trust == ON_BEHALF
    page = portal.do(desk.token(UNIT), "correct", **REPORTED | {"name": "Lan", "text": "Đã sửa."})
    assert page.status == 200
    assert desk.progress(UNIT).trust == BY_LINK


def test_an_acknowledgement_by_telephone_is_less_sure_too(
    desk: Office, portal: Site, token: str
) -> None:
    page = portal.do(token, "acknowledge", name="Phạm Quốc Bảo")
    assert "không qua liên kết của đơn vị: độ tin cậy thấp hơn" in page.text
    (fact,) = desk.facts(Acknowledged)
    assert fact.trust == ON_BEHALF
    assert not desk.progress(UNIT).answered
    assert "nhập thay" in portal.get(desk.token(UNIT)).text


def test_number_date_and_scan_are_needed(desk: Office, portal: Site, token: str) -> None:
    typed = REPORTED | PAPER | {"paper_number": "", "paper_date": "20/9/2023"}
    page = portal.send(token, "report", **typed)
    assert page.status == 422
    for words in (
        "Xin ghi số, ký hiệu báo cáo giấy.",
        "Ngày này không thể sau hôm nay (19/09/2023).",
        "Xin kèm bản quét (scan) của báo cáo giấy.",
    ):
        assert page.text.count(words) == 2
    assert page.forms["report"].values["text"] == REPORTED["text"]
    assert not desk.facts(Submitted)


def test_the_page_is_good_for_two_hours(desk: Office, portal: Site, token: str) -> None:
    desk.clock.instant = desk.clock.instant.add(hours=HOURS, seconds=-1)
    assert portal.get(token).status == 200
    desk.clock.instant = desk.clock.instant.add(seconds=1)
    assert portal.get(token).status == 404


def test_its_drafts_are_not_the_units(desk: Office, portal: Site, token: str) -> None:
    portal.send(token, "draft", SCAN, **REPORTED | PAPER)
    form = portal.get(token).forms["report"]
    assert (form.values["paper_number"], form.values["name"]) == ("07-BC/ĐU", "")
    assert portal.get(desk.token(UNIT)).forms["report"].values["text"] == ""


@pytest.mark.parametrize("action", ["correct", "nothing", "extension", "dispute", "accept", "keep"])
def test_it_does_nothing_else(desk: Office, portal: Site, token: str, action: str) -> None:
    size = desk.store.size()
    assert portal.post(f"/c/{token}/{action}", {"name": "A", "reason": "x"}).status_code == 404
    assert portal.client.get(f"/c/{token}/duties").status_code == 404
    assert desk.store.size() == size


def test_a_unit_without_its_own_link_cannot_use_another_offices(
    desk: Office, portal: Site, token: str
) -> None:
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE link SET body = 'u.2' WHERE purpose = 'behalf'")
    assert portal.get(token).status == 404


def test_who_asked_for_the_page_is_kept_beside_the_ledger(desk: Office, token: str) -> None:
    link, person = table(Link), table(Person)
    with desk.store.reading() as connection:
        row = connection.execute(select(link).where(link.c.purpose == "behalf")).mappings().one()
        known = connection.execute(select(person.c.ref)).scalars().all()
    assert (row["body"], row["contact"], row["outbox"]) == (OFFICE, "", "")
    assert known == [row["person"]], "a reference; the name is kept with the names of others"
    assert token not in str(dict(row))
    assert "Phạm" not in str(dict(row))


class TestCommand:
    """`cascade paper` prints the address of such a page."""

    DUTY = ("256-KH/TU", "256/III.1-c", "pr.bao-an")

    def test_it_opens_the_page(self, desk_of_operator: Desk) -> None:
        out, _ = desk_of_operator.type("paper", *self.DUTY, "--by", "Phạm Quốc Bảo")
        assert "Nhập thay cho" in out
        assert "Dùng đến" in out
        token = re.search(r"http://127\.0\.0\.1:8080/c/([A-Za-z0-9_-]{43})\n", out)
        assert token is not None
        english, _ = desk_of_operator.type("paper", *self.DUTY, "--by", "B", "--lang", "en")
        assert "Good until" in english

    def test_it_names_what_is_wrong(self, desk_of_operator: Desk) -> None:
        document_, duty, body = self.DUTY
        for words, told in (
            (("257", duty, body), "Không có văn bản"),
            ((document_, "256/X", body), "Không có nhiệm vụ"),
            ((document_, duty, "pr.nobody"), "không có nhiệm vụ 256/III.1-c"),
            ((document_, "256/III.1-d", "pr.btg"), "chưa bắt đầu"),
        ):
            _, err = desk_of_operator.type("paper", *words, "--by", "A", status=1)
            assert told in err
        _, err = desk_of_operator.type("paper", *self.DUTY, "--by", " ", status=1)
        assert "--by" in err

    def test_a_lifted_duty_takes_no_paper(self, desk_of_operator: Desk) -> None:
        decision = ("--by", "Thường trực", "--authority", "1-CV")
        desk_of_operator.type("waive", *self.DUTY, *decision)
        _, err = desk_of_operator.type("paper", *self.DUTY, "--by", "A", status=1)
        assert "đã kết thúc" in err

    def test_the_status_tells_what_was_entered(self, desk_of_operator: Desk) -> None:
        settings = load()
        store = desk_of_operator.store()
        made = Office(
            store,
            recorder_of(settings, store),
            settings.domain_clock(),  # type: ignore[arg-type]
            settings.machine_clock(),  # type: ignore[arg-type]
            settings,
        )
        copy = copy_of(*self.DUTY[1:])
        token, _ = open_page(made.recorder, store.state(CITY), copy, "A")
        with site(made) as portal:
            form = portal.get(token).forms["report"]
            values = {name: "1" for name in form.values if name.startswith("figure.")}
            values |= {"figure.tinh_trang_ke_hoach": "Đã ban hành", "figure.ly_do_vang": ""}
            typed = form.values | values | PAPER | {"text": "x"}
            answer = portal.upload(form.action, typed, SCAN)
            assert answer.status_code == 303, read(answer).text
        store.close()
        out, _ = desk_of_operator.type("status", "256-KH/TU")
        assert "Nhập thay từ văn bản giấy, độ tin cậy thấp hơn:" in out
        out, _ = desk_of_operator.type("status", "256-KH/TU", "--format", "json")
        (row,) = json.loads(out)["on_behalf"]
        assert row["assignment"] == copy

    @pytest.fixture
    def desk_of_operator(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("CASCADE_VAR", str(tmp_path / "var"))
        monkeypatch.setenv("CASCADE_CLOCK", f"file:{tmp_path / 'clock'}")
        monkeypatch.setenv("COLUMNS", "300")
        monkeypatch.delenv("CASCADE_LANG", raising=False)
        made = Desk(tmp_path)
        made.issue_all()
        return made


def test_a_report_on_paper_ends_the_mails_that_ask_for_it(
    desk: Office, portal: Site, token: str
) -> None:
    portal.send(token, "report", SCAN, **REPORTED | PAPER)
    desk.clock.instant = vn(2023, 10, 16)
    desk.recorder.let_time_act(KEY)
    with desk.store.reading() as connection:
        kinds = connection.exec_driver_sql(
            f"SELECT kind FROM outbox WHERE assignment = '{UNIT}'"
        ).scalars()
        assert Kind.REMINDER.value not in set(kinds)
