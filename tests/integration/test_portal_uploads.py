"""Files on the unit's page: what is taken, what is refused, who may open them, and how.

Numbers in brackets are those of the abuse catalogue.
"""

import http.client
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from config.clock import stopwatch
from models.domain.effects import Purpose
from models.domain.facts import Submitted, Supplemented
from models.tables import Attachment, AttachmentUse
from portal import guard, sent
from tests import papers
from tests.factories import (
    KEY,
    REPORT,
    REVIEWER,
    SYNTHESIS,
    Office,
    copy_of,
    document,
    office,
    vn,
)
from tests.portal_site import Page, Site, Upload, read, site

UNIT, OTHER = copy_of(REPORT, "u.1"), copy_of(REPORT, "u.2")
TYPED = {
    "name": "Nguyễn Văn A",
    "figure__so_buoi": "3",
    "figure__dang_vien_tham_gia": "1",
    "figure__tong_dang_vien": "1",
    "text": "giữ chữ này",
}
LINE = b"\r\n"


def pdf(name: str = "báo cáo.pdf", content: bytes = papers.PDF) -> Upload:
    return ("files", (name, content, "application/pdf"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as value:
        value.issue(document(2))
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


def folder(desk: Office) -> list[Path]:
    return [path for path in (desk.settings.var / "files").rglob("*") if path.is_file()]


def address_of(page: Page, label: str) -> str:
    return page.html.partition(f'" download>{label}</a>')[0].rpartition('href="')[2]


def test_files_are_recorded_with_the_report_and_given_back_to_be_saved(
    desk: Office, portal: Site
) -> None:
    files = [pdf(), ("files", ("ảnh hội nghị.JPG", papers.PICTURE, "image/jpeg"))]
    page = portal.send(desk.token(UNIT), "report", files, **TYPED)
    assert page.status == 200, page.text
    (fact,) = desk.facts(Submitted)
    assert [each.media for each in fact.report.files] == ["application/pdf", "image/jpeg"]
    assert [each.size for each in fact.report.files] == [len(papers.PDF), len(papers.PICTURE)]
    for token in (desk.token(UNIT), desk.token(UNIT, Purpose.REVIEW)):
        shown = portal.get(token)
        answer = portal.client.get(address_of(shown, "ảnh hội nghị.jpg"))
        assert answer.content == papers.PICTURE
        headers = answer.headers
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"].startswith("attachment; filename*=utf-8''")
        assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    with desk.store.reading() as connection:
        dump = " ".join(
            str(row)
            for row in connection.exec_driver_sql("SELECT CAST(body AS TEXT) FROM ledger_event")
        )
    assert "báo cáo.pdf" not in dump, "the name that a person gave a file is not in the ledger"


def test_a_polyglot_is_only_ever_given_back_as_an_attachment(desk: Office, portal: Site) -> None:
    """[38]"""
    page = portal.send(desk.token(UNIT), "report", [pdf("lạ.pdf", papers.POLYGLOT)], **TYPED)
    answer = portal.client.get(address_of(page, "lạ.pdf"))
    assert answer.content == papers.POLYGLOT
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("trang.pdf", b"<!doctype html><script>1</script>", "không đúng với đuôi tên"),
        ("hình.png", b"<svg onload='alert(1)'/>", "không đúng với đuôi tên"),
        ("chạy.pdf", b"MZ\x90\x00\x03", "không đúng với đuôi tên"),
        ("chạy.exe", b"MZ\x90\x00\x03", "không thuộc loại nhận được"),
        ("bom.docx", papers.bomb(), "không đúng với đuôi tên"),
        ("mã hóa.docx", papers.encrypted(), "không đúng với đuôi tên"),
        ("liên kết.docx", papers.linked(), "không đúng với đuôi tên"),
        ("rỗng.pdf", b"", "không có nội dung"),
    ],
)
def test_a_file_that_is_refused_is_named_and_everything_else_is_kept(
    desk: Office, portal: Site, name: str, content: bytes, words: str
) -> None:
    """[38] [39]"""
    token = desk.token(UNIT)
    page = portal.send(token, "report", [pdf("tốt.pdf"), pdf(name, content)], **TYPED)
    assert page.status == 422
    assert f"“{name}”" in page.text
    assert words in page.text
    assert page.forms["report"].values["text"] == "giữ chữ này"
    assert "Các tệp này đã được giữ lại" in page.text
    assert "tốt.pdf" in page.text
    assert not desk.facts(Submitted)
    assert [path.read_bytes() for path in folder(desk)] == [papers.PDF]
    # Sent again as it stands, the good file goes with it.
    again = page.forms["report"]
    assert portal.upload(again.action, again.values).status_code == 303
    (fact,) = desk.facts(Submitted)
    assert len(fact.report.files) == 1


def test_a_file_is_not_chosen_twice_because_of_another_field(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    page = portal.send(token, "report", [pdf()], **TYPED | {"figure__so_buoi": "x"})
    assert page.status == 422
    assert [name for name in page.forms["report"].values if name.startswith("keep.")]
    page.forms["report"].values["figure.so_buoi"] = "4"
    again = page.forms["report"]
    assert portal.upload(again.action, again.values).status_code == 303
    (fact,) = desk.facts(Submitted)
    assert len(fact.report.files) == 1
    assert "báo cáo.pdf" in portal.get(token).text


def test_a_kept_file_can_be_left_out(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    page = portal.send(token, "report", [pdf()], **TYPED | {"name": ""})
    values = {
        name: value
        for name, value in page.forms["report"].values.items()
        if not name.startswith("keep.")
    }
    assert portal.upload(page.forms["report"].action, values | {"name": "A"}).status_code == 303
    assert desk.facts(Submitted)[0].report.files == ()


def test_five_files_are_taken_and_a_sixth_is_named(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    files = [pdf(f"{n}.pdf", papers.PDF + b"%" * n) for n in range(6)]
    page = portal.send(token, "report", files, **TYPED)
    assert page.status == 422
    assert "Tối đa 5 tệp một lần gửi." in page.text
    assert len(folder(desk)) == 5
    again = page.forms["report"]
    more = read(portal.upload(again.action, again.values, [pdf("7.pdf", papers.PDF + b"7")]))
    assert more.status == 422, "those that are kept count too"
    assert portal.upload(again.action, again.values).status_code == 303
    assert len(desk.facts(Submitted)[0].report.files) == 5


def test_a_file_of_more_than_ten_megabytes_is_named_and_not_kept(
    desk: Office, portal: Site
) -> None:
    large = papers.PDF + bytes(sent.FILE_BYTES)
    page = portal.send(desk.token(UNIT), "report", [pdf("lớn.pdf", large), pdf()], **TYPED)
    assert page.status == 422
    assert "Tệp “lớn.pdf” lớn hơn 10 MB" in page.text
    assert page.forms["report"].values["text"] == "giữ chữ này"
    assert [path.read_bytes() for path in folder(desk)] == [papers.PDF]


def test_too_much_altogether_still_leads_to_a_page_with_what_was_typed(
    desk: Office, portal: Site
) -> None:
    large = papers.PDF + bytes(sent.FILE_BYTES - 100)
    files = [pdf(f"{n}.pdf", large) for n in range(7)]
    page = portal.send(desk.token(UNIT), "report", files, **TYPED)
    assert page.status == 422
    assert page.forms["report"].values["text"] == "giữ chữ này"
    assert not list((desk.settings.var / "files" / "coming").iterdir())


def test_texts_of_five_thousand_characters_and_longer_ones_are_not_lost(
    desk: Office, portal: Site
) -> None:
    token = desk.token(UNIT)
    page = portal.do(token, "report", **TYPED | {"text": "ế" * 5000})
    assert page.status == 200
    typed = {"text": "ế" * 30_000, "name": "Nguyễn Văn A"}
    page = portal.send(token, "supplement", **typed)
    assert page.status == 422
    assert "Dài 30.000 ký tự; tối đa 5.000." in page.text
    assert page.forms["supplement"].values["text"] == typed["text"]
    page = portal.do(token, "supplement", **typed)
    assert page.forms["supplement"].values["text"] == typed["text"], "url-encoded too"


class TestWhoMaySee:
    """[40] A file belongs to a duty; its hash opens nothing."""

    def test_another_unit_cannot_fetch_it_by_its_hash(self, desk: Office, portal: Site) -> None:
        page = portal.send(desk.token(UNIT), "report", [pdf()], **TYPED)
        sha256 = address_of(page, "báo cáo.pdf").rpartition("/")[2]
        other = desk.token(OTHER)
        uniform = portal.client.get("/c/" + "A" * 43)
        for path in (f"/c/{other}/file/{sha256}", f"/c/{'A' * 43}/file/{sha256}"):
            answer = portal.client.get(path)
            assert (answer.status_code, answer.content) == (404, uniform.content)
        assert portal.client.get(f"/c/{other}/file/{'0' * 64}").content == uniform.content

    def test_two_units_with_the_same_bytes_have_one_file_and_two_uses(
        self, desk: Office, portal: Site
    ) -> None:
        for unit, name in ((UNIT, "một.pdf"), (OTHER, "hai.pdf")):
            page = portal.send(desk.token(unit), "report", [pdf(name)], **TYPED)
            assert portal.client.get(address_of(page, name)).status_code == 200
        assert len(folder(desk)) == 1
        assert (desk.count(Attachment), desk.count(AttachmentUse)) == (1, 2)
        assert "hai.pdf" not in portal.get(desk.token(UNIT)).text

    def test_a_link_for_looking_opens_them_for_those_who_read_the_report(
        self, desk: Office, portal: Site
    ) -> None:
        desk.clock.instant = vn(2023, 10, 27)  # rungs have told those above, the synthesis is open
        desk.recorder.let_time_act(KEY)
        page = portal.send(desk.token(UNIT), "report", [pdf()], **TYPED)
        sha256 = address_of(page, "báo cáo.pdf").rpartition("/")[2]
        answers = {}
        with desk.store.reading() as connection:
            rows = connection.exec_driver_sql(
                "SELECT o.token, l.body FROM outbox o JOIN link l ON l.outbox = o.key"
                f" WHERE l.assignment = '{UNIT}' AND l.purpose = 'view'"
            ).all()
        for token, body in rows:
            assert "báo cáo.pdf" in portal.get(token).text
            answers[body] = portal.client.get(f"/c/{token}/file/{sha256}").status_code
        assert answers == {"pr.btg": 200, "pr.vp": 404}

    def test_a_file_of_a_draft_is_the_units_own(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        portal.send(token, "draft", [pdf()], **TYPED)
        (path,) = folder(desk)
        assert portal.client.get(f"/c/{token}/file/{path.name}").status_code == 200
        portal.do(token, "report", **TYPED)
        review = desk.token(UNIT, Purpose.REVIEW)
        assert "báo cáo.pdf" not in portal.get(review).text or desk.facts(Submitted)
        assert portal.client.get(f"/c/{desk.token(OTHER)}/file/{path.name}").status_code == 404

    def test_a_file_that_is_no_longer_kept_is_a_plain_404(self, desk: Office, portal: Site) -> None:
        page = portal.send(desk.token(UNIT), "report", [pdf()], **TYPED)
        (path,) = folder(desk)
        path.unlink()
        assert portal.client.get(address_of(page, "báo cáo.pdf")).status_code == 404

    def test_a_file_that_was_replaced_on_the_disk_is_given_to_nobody(
        self, desk: Office, portal: Site
    ) -> None:
        page = portal.send(desk.token(UNIT), "report", [pdf()], **TYPED)
        address = address_of(page, "báo cáo.pdf")
        assert portal.client.get(address).status_code == 200
        (path,) = folder(desk)
        path.write_bytes(papers.POLYGLOT)
        assert portal.client.get(address).status_code == 404

    def test_nobody_consolidates_what_he_may_not_see(self, desk: Office, portal: Site) -> None:
        portal.send(desk.token(UNIT), "report", [pdf()], **TYPED)
        (path,) = folder(desk)
        desk.clock.instant = vn(2023, 10, 27)
        desk.recorder.let_time_act(KEY)
        token = desk.token(copy_of(SYNTHESIS, REVIEWER))
        assert portal.client.get(f"/c/{token}/file/{path.name}").status_code == 404


class TestTogether:
    """A file and its record appear together or not at all."""

    def test_a_file_swept_away_in_between_is_asked_for_again(
        self, desk: Office, portal: Site
    ) -> None:
        token = desk.token(UNIT)
        portal.send(token, "draft", [pdf()], **TYPED)
        address, values = portal.fill(token, "report", **TYPED)
        (path,) = folder(desk)
        path.unlink()
        page = read(portal.upload(address, values))
        assert page.status == 422
        assert "xin chọn lại tệp" in page.text
        assert page.forms["report"].values["text"] == "giữ chữ này"
        assert not desk.facts(Submitted)
        assert desk.count(Attachment) == desk.count(AttachmentUse) == 0

    def test_a_hash_that_nobody_sent_brings_no_file(self, desk: Office, portal: Site) -> None:
        portal.send(desk.token(OTHER), "report", [pdf()], **TYPED)
        (path,) = folder(desk)
        address, values = portal.fill(desk.token(UNIT), "report", **TYPED)
        page = read(portal.upload(address, values | {f"keep.{path.name}": "1"}))
        assert page.status == 422
        assert [fact.assignment for fact in desk.facts(Submitted)] == [OTHER]

    def test_fifty_presses_with_a_file_are_one_fact(self, desk: Office, portal: Site) -> None:
        address, values = portal.fill(desk.token(UNIT), "report", **TYPED)
        gate = threading.Barrier(20)

        def press(_: int) -> int:
            gate.wait()
            return portal.upload(address, values, [pdf()]).status_code

        with ThreadPoolExecutor(20) as pool:
            assert set(pool.map(press, range(20))) == {303}
        assert len(desk.facts(Submitted)) == 1
        assert (desk.count(Attachment), desk.count(AttachmentUse)) == (1, 1)
        assert len(folder(desk)) == 1

    def test_a_form_sent_twice_with_kept_files_leads_to_the_receipt(
        self, desk: Office, portal: Site
    ) -> None:
        token = desk.token(UNIT)
        portal.send(token, "draft", [pdf()], **TYPED)
        form = portal.fill(token, "report", **TYPED)
        assert [portal.upload(*form).status_code for _ in range(2)] == [303, 303]
        assert len(desk.facts(Submitted)) == 1

    def test_an_addition_may_be_a_file_alone(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        portal.do(token, "report", **TYPED)
        page = portal.send(token, "supplement", name="A")
        assert page.status == 422
        assert "Xin viết nội dung bổ sung hoặc kèm ít nhất một tệp." in page.text
        assert portal.send(token, "supplement", [pdf()], name="A").status == 200
        (fact,) = desk.facts(Supplemented)
        assert len(fact.report.files) == 1
        assert fact.report.text_sha256 is None


class TestBodies:
    """Bodies that no browser sends. [34] [35] [36]"""

    KIND = "multipart/form-data; boundary=xyz"

    def post(
        self, portal: Site, token: str, body: bytes, kind: str = KIND, **headers: str
    ) -> httpx.Response:
        return portal.client.post(
            f"/c/{token}/report", content=body, headers={"Content-Type": kind, **headers}
        )

    @staticmethod
    def part(name: str, content: bytes, more: bytes = b"") -> bytes:
        head = b'--xyz\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + more
        return head + LINE + LINE + content + LINE

    def test_ten_gigabytes_are_refused_before_they_are_sent(
        self, desk: Office, portal: Site
    ) -> None:
        connection = http.client.HTTPConnection(urlsplit(portal.url).netloc, timeout=10)
        connection.putrequest("POST", f"/c/{desk.token(UNIT)}/report")
        connection.putheader("Content-Type", self.KIND)
        connection.putheader("Content-Length", str(10 * 1024**3))
        connection.endheaders()
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status == 413
        assert "tối đa 5 tệp, mỗi tệp" in text
        assert "quay lại" in text

    def test_an_endless_body_is_cut_off_and_its_room_given_back(
        self, desk: Office, portal: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(guard.LIMITS, "/c/{token}/report", 3_000_000)

        def endless() -> Iterator[bytes]:
            yield self.part("files", b"", b'; filename="a.pdf"').removesuffix(LINE) + papers.PDF
            for _ in range(100):
                yield bytes(65_536)

        try:
            answer = portal.client.post(
                f"/c/{desk.token(UNIT)}/report",
                content=endless(),
                headers={"Content-Type": self.KIND},
            )
            assert answer.status_code == 413
        except httpx.TransportError:
            pass  # the portal has closed before the client was done sending
        assert folder(desk) == []

    def test_a_length_that_lies_is_no_form(self, desk: Office, portal: Site) -> None:
        body = self.part("text", b"x" * 500) + b"--xyz--\r\n"
        connection = http.client.HTTPConnection(urlsplit(portal.url).netloc, timeout=10)
        connection.putrequest("POST", f"/c/{desk.token(UNIT)}/report")
        connection.putheader("Content-Type", self.KIND)
        connection.putheader("Content-Length", "100")
        connection.endheaders()
        connection.send(body)
        answer = connection.getresponse()
        connection.close()
        assert answer.status == 400

    def test_a_link_that_is_good_for_nothing_takes_no_file(
        self, desk: Office, portal: Site
    ) -> None:
        form = portal.fill(desk.token(UNIT), "report", **TYPED)
        for token in ("A" * 43, desk.token(UNIT, Purpose.ACT)[::-1]):
            address = f"/c/{token}/report"
            large = [pdf("lớn.pdf", papers.PDF + bytes(200_000))]
            try:
                assert portal.upload(address, form[1], large).status_code == 404
            except httpx.TransportError:
                continue  # it was told before it was done sending
        assert folder(desk) == []

    def test_one_byte_a_second_is_given_up_and_others_are_served(
        self, desk: Office, portal: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """[35]"""
        monkeypatch.setattr(sent, "BODY_SECONDS", 0.5)
        token = desk.token(UNIT)
        connection = http.client.HTTPConnection(urlsplit(portal.url).netloc, timeout=20)
        connection.putrequest("POST", f"/c/{token}/report")
        connection.putheader("Content-Type", self.KIND)
        connection.putheader("Content-Length", "1000000")
        connection.endheaders()
        connection.send(self.part("files", b"", b'; filename="a.pdf"').removesuffix(LINE))
        began = stopwatch()
        connection.send(papers.PDF[:9])
        assert portal.get(desk.token(OTHER)).status == 200, "others do not wait"
        answer = connection.getresponse()
        assert answer.status == 408
        assert 0.3 < stopwatch() - began < 10
        connection.close()
        assert folder(desk) == [], "its room is given back"

    @pytest.mark.parametrize("case", ["parts", "header", "headers", "nested", "open", "latin"])
    def test_what_is_no_form_is_refused(self, desk: Office, portal: Site, case: str) -> None:
        """[36]"""
        end = b"--xyz--\r\n"
        bodies = {
            "parts": b"".join(self.part(f"f{n}", b"x") for n in range(10_000)) + end,
            "header": self.part("text", b"x", b"; x=" + b"y" * 1_000_000) + end,
            "headers": self.part("text", b"x", (LINE + b"X-A: 1") * 100) + end,
            "nested": self.part(
                "text",
                b"--in\r\n\r\nx\r\n--in--",
                LINE + b"Content-Type: multipart/mixed; boundary=in",
            )
            + end,
            "open": self.part("text", b"x"),
            "latin": self.part("text", b"\xff\xfe") + end,
        }
        answer = self.post(portal, desk.token(UNIT), bodies[case])
        assert answer.status_code == 400
        assert "Chưa ghi nhận gì" in answer.text
        assert folder(desk) == []

    @pytest.mark.parametrize(
        "kind",
        [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=" + "b" * 300,
            "multipart/mixed; boundary=xyz",
            "text/plain",
            "",
        ],
    )
    def test_a_body_without_its_boundary_is_refused(
        self, desk: Office, portal: Site, kind: str
    ) -> None:
        body = self.part("text", b"x") + b"--xyz--\r\n"
        assert self.post(portal, desk.token(UNIT), body, kind).status_code == 400

    def test_words_without_end_are_refused(self, desk: Office, portal: Site) -> None:
        body = self.part("text", b"x" * (sent.FIELD_BYTES + 1)) + b"--xyz--\r\n"
        assert self.post(portal, desk.token(UNIT), body).status_code == 413

    def test_a_form_for_words_alone_takes_no_files(self, desk: Office, portal: Site) -> None:
        address, values = portal.fill(desk.token(UNIT), "acknowledge", name="A")
        assert portal.upload(address, values, [pdf()]).status_code == 400
        assert folder(desk) == []
