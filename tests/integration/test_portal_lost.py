"""What could get lost between two pages, two colleagues or on a full disk, and does not."""

import errno
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from models.domain.effects import Purpose
from models.domain.facts import ExtensionAsked, Submitted
from models.files import Files, Incoming
from models.store import Store
from models.tables import Draft
from portal.rate import Buckets
from tests.factories import Office, office, vn
from tests.papers import DOCX
from tests.portal_pictures import SCAN, TYPED, UNIT, town
from tests.portal_site import Page, Site, read, site


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as value:
        value.issue(town())
        value.clock.instant = vn(2023, 10, 3, 14, 5)
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


@pytest.mark.parametrize("files", [[], [SCAN]], ids=["words", "file"])
def test_a_draft_of_what_a_colleague_has_handed_in_is_given_back_and_not_put_away(
    desk: Office, portal: Site, files: list[object]
) -> None:
    token = desk.token(UNIT)
    address, values = portal.fill(token, "report", **TYPED | {"text": "lời của người sau"})
    portal.do(token, "report", **TYPED)
    answer = portal.upload(address.replace("/report", "/draft"), values, files)  # type: ignore[arg-type]
    page = read(answer)
    assert answer.status_code == 409
    assert "Đã có thay đổi từ lúc mở trang này" in page.text
    assert "Nội dung vừa nhập, chưa được ghi nhận" in page.text
    assert "lời của người sau" in page.text
    assert (SCAN[1][0] in page.text) == bool(files)
    assert desk.count(Draft) == 0
    # It does not come back by itself in the place of what was returned.
    portal.do(desk.token(UNIT, Purpose.REVIEW), "return", name="Lê Cường", reason="Thiếu.")
    assert portal.get(token).forms["report"].values["text"] == TYPED["text"]


def resent(portal: Site, answer: Page) -> Page:
    """Send again what a page that could not record holds, with the file that it asks for."""
    form = answer.forms["report"]
    assert "files" not in form.values
    assert 'type="file" multiple required' in answer.html
    assert 'enctype="multipart/form-data"' in answer.html
    assert "Riêng tệp phải chọn lại." in answer.text
    return read(portal.upload(form.action, form.values, [SCAN]))


def test_files_of_a_form_that_comes_too_often_are_asked_for_again(
    desk: Office, portal: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, values = portal.fill(desk.token(UNIT), "report", **TYPED)
    with monkeypatch.context() as patch:
        patch.setattr(Buckets, "wait", lambda *_: 60.0)
        refused = read(portal.upload(address, values, [SCAN]))
        without = read(portal.upload(address, values))
    assert refused.status == without.status == 429
    assert "phải chọn lại" not in without.text
    assert resent(portal, refused).status == 303
    (fact,) = desk.facts(Submitted)
    assert len(fact.report.files) == 1


def test_files_that_come_while_the_database_is_away_are_asked_for_again(
    desk: Office, portal: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, values = portal.fill(desk.token(UNIT), "report", **TYPED)

    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    with monkeypatch.context() as patch:
        patch.setattr("portal.seen.Lobby.remembered", lambda *_: None)
        patch.setattr(Store, "reading", away)
        refused = read(portal.upload(address, values, [SCAN]))
    assert refused.status == 503
    assert resent(portal, refused).status == 303
    (fact,) = desk.facts(Submitted)
    assert len(fact.report.files) == 1


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("where", "what"), [(Incoming, "write"), (Incoming, "settle"), (Files, "receive")]
)
def test_a_full_disk_loses_no_word_and_is_no_error_of_the_page(
    desk: Office, portal: Site, monkeypatch: pytest.MonkeyPatch, where: type, what: str
) -> None:
    token = desk.token(UNIT)
    address, values = portal.fill(token, "report", **TYPED)
    with monkeypatch.context() as patch:
        patch.setattr(where, what, full)
        page = read(portal.upload(address, values, [SCAN]))
    assert page.status == 422
    assert f"Hệ thống chưa giữ được tệp “{SCAN[1][0]}”" in page.text
    assert page.forms["report"].values["text"] == TYPED["text"]
    assert not desk.facts(Submitted)
    assert not list((desk.settings.var / "files" / "coming").glob("*"))
    assert portal.send(token, "report", [SCAN], **TYPED).status == 200


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("IMG_0012.HEIC", "định dạng của điện thoại"),
        ("báo cáo.doc", "bản Word, Excel cũ"),
        ("số liệu.XLS", "bản Word, Excel cũ"),
        ("ảnh.webp", "không thuộc loại nhận được"),
    ],
)
def test_a_clerk_hears_what_to_do_with_a_file_that_is_not_taken(
    desk: Office, portal: Site, name: str, words: str
) -> None:
    page = portal.send(desk.token(UNIT), "report", [("files", (name, b"x" * 99, ""))], **TYPED)
    assert page.status == 422
    assert words in page.text


def test_the_other_language_records_nothing_and_keeps_words_and_files(
    desk: Office, portal: Site
) -> None:
    token, wrong = desk.token(UNIT), {"figure__so_buoi": "một"}
    page = portal.send(token, "report", [SCAN], **TYPED | wrong)
    form, size = page.forms["report"], desk.store.size()
    english = read(portal.upload(f"{form.action}?lang=en", form.values | {"look": "1"}))
    assert english.status == 422
    assert "Please give a whole number" in english.text
    form = english.forms["report"]
    assert form.action.endswith("/report?lang=en")
    form.values["figure.so_buoi"] = "3"
    again = read(portal.upload(form.action.partition("?")[0], form.values | {"look": "1"}))
    assert again.status == 200
    assert desk.store.size() == size
    form = again.forms["report"]
    assert form.values["text"] == TYPED["text"]
    assert portal.upload(form.action, form.values).status_code == 303
    (fact,) = desk.facts(Submitted)
    assert len(fact.report.files) == 1


def test_names_of_our_own_fields_are_shown_to_nobody(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    portal.send(token, "draft", [SCAN, ("files", ("b.docx", DOCX, ""))], **TYPED)
    address, values = portal.fill(token, "report", **TYPED)
    assert any(name.startswith("keep.") for name in values)
    desk.clock.instant = vn(2024, 3, 1)
    page = read(portal.upload(address, values | {"look": "1"}))
    assert "Liên kết đã hết hạn" in page.text
    assert TYPED["text"] in page.text
    assert "keep." not in page.text
    assert "look" not in page.text


def test_an_extension_can_be_asked_for_once_and_the_second_clerk_keeps_her_words(
    desk: Office, portal: Site
) -> None:
    token = desk.token(UNIT)
    asking = {"until": "27/10/2023", "reason": "Bão.", "name": "Lan"}
    address, values = portal.fill(token, "extension", **asking | {"reason": "Lý do khác."})
    portal.do(token, "extension", **asking)
    page = read(portal.post(address, values))
    assert page.status == 409
    assert "Lý do khác." in page.text
    assert len(desk.facts(ExtensionAsked)) == 1


def test_what_is_wrong_is_listed_in_the_order_of_the_page(desk: Office, portal: Site) -> None:
    wrong = {"figure__hinh_thuc": "", "figure__dang_vien_tham_gia": "1.300", "figure__so_buoi": "x"}
    page = portal.do(desk.token(UNIT), "report", **TYPED | wrong | {"name": " "})
    listed = re.findall(r'<li><a href="#report-([^"]+)"', page.html)
    fields = re.findall(r'<(?:input|select|textarea) id="report-([^"]+)"', page.html)
    assert len(listed) == 4
    assert listed == [field for field in fields if field in listed]


def test_earlier_versions_stand_with_their_beginning_and_in_full_when_asked(
    desk: Office, portal: Site
) -> None:
    texts = [f"Bản {n}. " + "Đã học tập nghị quyết. " * 65 + f"Hết bản {n}." for n in (1, 2, 3)]
    for text in texts:
        portal.do(desk.token(UNIT), "report", **TYPED | {"text": text})
        portal.do(desk.token(UNIT, Purpose.REVIEW), "return", name="Lê Cường", reason="Thiếu.")
    token = desk.token(UNIT)
    page = portal.get(token)
    style = portal.client.get(page.html.partition('stylesheet" href="')[2].partition('"')[0])
    assert len(page.html.encode()) + len(style.content) < 30_000
    assert "Hết bản 3." in page.forms["report"].values["text"]
    assert "Hết bản 1." not in page.text
    for lang in ("", "?lang=en"):
        html = portal.client.get(f"/c/{token}{lang}").text
        address = unescape(re.findall(r'href="([^"]+)#version-1"', html)[0])
        whole = read(portal.client.get(address))
        assert texts[0].split(". ")[-1] in whole.text
        assert "Hết bản 2." not in whole.text
        assert ("Read version 2 in full" if lang else "Xem toàn văn bản thứ 2") in whole.text
    for odd in ("0", "-1", "x", "9" * 7, "٣", "99"):
        same = read(portal.client.get(f"/c/{token}", params={"version": odd}))
        assert "Hết bản 1." not in same.text
        assert same.status == 200
