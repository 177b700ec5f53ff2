"""What every answer carries, what is not let in, and what never appears in a log."""

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import event

from config.clock import FileClock, wait_until
from models.domain.facts import Acknowledged, Submitted
from tests.factories import ISSUED, REPORT, Office, copy_of, document, office
from tests.portal_site import Site, read, site

UNIT = copy_of(REPORT, "u.1")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as value:
        value.issue(document(2))
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


@contextmanager
def raw(portal: Site) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(portal.url).netloc, timeout=10)
    try:
        yield connection
    finally:
        connection.close()


def test_every_answer_carries_the_security_headers(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    answers = [
        portal.client.get(f"/c/{token}"),
        portal.client.get("/c/nothing"),
        portal.client.get("/no/such/page"),
        portal.client.get("/healthz"),
        portal.client.request("DELETE", f"/c/{token}"),
        portal.client.post(f"/c/{token}/acknowledge", data={"name": ""}),
        portal.client.get("/", headers={"Host": "evil.example"}),
        portal.client.get("/static/portal.css"),
    ]
    for answer in answers:
        headers = answer.headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert "noindex" in headers["x-robots-tag"]
        assert "set-cookie" not in headers
    assert {answer.headers["cache-control"] for answer in answers[:-1]} == {"no-store"}
    assert "script" not in answers[0].text
    assert "style=" not in answers[0].text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(desk: Office, portal: Site, method: str) -> None:
    token = desk.token(UNIT)
    for path in (f"/c/{token}", f"/c/{token}/acknowledge", "/c/nothing"):
        answer = portal.client.request(method, path)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, POST"
    assert not desk.facts(Acknowledged)


def test_the_page_itself_takes_no_form(desk: Office, portal: Site) -> None:
    override = {"X-HTTP-Method-Override": "PUT"}
    assert portal.client.post(f"/c/{desk.token(UNIT)}", headers=override).status_code == 405


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:80"])
def test_a_strange_host_is_refused(desk: Office, portal: Site, host: str) -> None:
    token = desk.token(UNIT)
    answer = portal.client.get(f"/c/{token}", headers={"Host": host})
    assert answer.status_code == 400
    assert token not in answer.text


def test_forwarded_headers_change_nothing(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    assert "evil.example" not in portal.client.get(f"/c/{token}", headers=forwarded).text
    address, values = portal.fill(token, "acknowledge", name="A")
    sent = portal.post(address, values, forwarded)
    assert sent.headers["location"] == f"/c/{token}"


def test_the_configured_host_and_path_are_answered_to(tmp_path: Path) -> None:
    with office(tmp_path) as desk:
        desk.issue(document(1))
        public = "https://nhiem-vu.example/theo-doi/"
        desk.settings = desk.settings.model_copy(update={"public_url": public})
        with site(desk) as portal:
            token = desk.token(UNIT)
            page = portal.get(token, Host="nhiem-vu.example:443")
            assert page.status == 200
            assert page.forms["acknowledge"].action == f"/theo-doi/c/{token}/acknowledge"
            assert 'href="/theo-doi/static/portal.css' in page.html


@pytest.mark.parametrize("origin", ["cross-site", "same-site", "CROSS-SITE", "anything"])
def test_a_form_from_another_site_is_refused(desk: Office, portal: Site, origin: str) -> None:
    form = portal.fill(desk.token(UNIT), "acknowledge", name="A")
    answer = portal.post(*form, headers={"Sec-Fetch-Site": origin})
    assert answer.status_code == 403
    assert "Yêu cầu đến từ trang khác" in answer.text
    assert not desk.facts(Acknowledged)


def test_a_form_from_another_site_without_that_header_has_no_seal(
    desk: Office, portal: Site
) -> None:
    token = desk.token(UNIT)
    answer = portal.post(f"/c/{token}/acknowledge", {"name": "A"}, {"Origin": "null"})
    assert answer.status_code == 422
    assert not desk.facts(Acknowledged)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},  # what browsers send under no-referrer
        {"Origin": "null"},  # plain HTTP
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
def test_our_own_form_is_accepted(desk: Office, portal: Site, headers: dict[str, str]) -> None:
    form = portal.fill(desk.token(UNIT), "acknowledge", name="A")
    assert portal.post(*form, headers=headers).status_code == 303


class TestBodies:
    """Forms of a size and shape that no browser sends."""

    def test_a_long_text_of_vietnamese_still_fits(self, desk: Office, portal: Site) -> None:
        figures = {f"figure__{name}": "1" for name in ("so_buoi", "dang_vien_tham_gia")}
        page = portal.do(
            desk.token(UNIT), "report", name="ộ" * 120, text="ế" * 5000,
            figure__tong_dang_vien="1", **figures,
        )  # fmt: skip
        assert page.status == 200, page.text[:200]

    def test_a_large_body_is_refused_by_its_length(self, desk: Office, portal: Site) -> None:
        for length in (str(64 * 1024 + 1), "9" * 30):
            with raw(portal) as connection:
                connection.putrequest("POST", f"/c/{desk.token(UNIT)}/acknowledge")
                connection.putheader("Content-Type", FORM)
                connection.putheader("Content-Length", length)
                connection.endheaders()
                assert connection.getresponse().status in (400, 413)

    def test_a_large_body_is_refused_without_a_length(self, desk: Office, portal: Site) -> None:
        def endless() -> Iterator[bytes]:
            for _ in range(70):
                yield b"x" * 1024

        try:
            answer = portal.client.post(
                f"/c/{desk.token(UNIT)}/acknowledge",
                content=endless(),
                headers={"Content-Type": FORM},
            )
        except httpx.TransportError:
            return  # the portal has closed before the client was done sending
        assert answer.status_code == 413

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            (b"name=A", "application/json"),
            (b"name=A", "multipart/form-data; boundary=x"),
            (b"name=A", ""),
            (b"name=\xff\xfe", FORM),
            (b"name=%ff%fe", FORM),
            (b"&".join(b"a%d=1" % n for n in range(100)), FORM),
        ],
    )
    def test_what_is_no_form_is_refused(
        self, desk: Office, portal: Site, body: bytes, kind: str
    ) -> None:
        answer = portal.client.post(
            f"/c/{desk.token(UNIT)}/acknowledge", content=body, headers={"Content-Type": kind}
        )
        assert answer.status_code == 400
        assert "Chưa ghi nhận gì" in answer.text


def test_crawlers_are_asked_to_stay_away(portal: Site) -> None:
    assert "Disallow: /c/" in portal.client.get("/robots.txt").text
    assert portal.client.get("/healthz").text == "ok\n"
    assert portal.client.get("/static/../app.py").status_code == 404
    assert portal.client.get("/static/%2e%2e/app.py").status_code == 404


class TestDatabaseAway:
    """The person hears that nothing was recorded, and finds everything typed."""

    @pytest.fixture
    def impatient(self, desk: Office) -> None:
        @event.listens_for(desk.store.engine, "checkout")
        def _checkout(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
            connection.execute("PRAGMA busy_timeout=50")

    def test_a_locked_database_keeps_the_form(
        self, desk: Office, portal: Site, impatient: None
    ) -> None:
        typed = {"name": "Nguyễn Văn A", "text": "giữ chữ này", "figure__so_buoi": "3"}
        typed |= {"figure__dang_vien_tham_gia": "1", "figure__tong_dang_vien": "1"}
        form = portal.fill(desk.token(UNIT), "report", **typed)
        with desk.store.engine.begin():
            page = read(portal.post(*form))
        assert page.status == 503
        assert int(page.headers["retry-after"]) > 0
        assert "chưa ghi nhận gì" in page.text
        assert '<textarea id="report-text"' in page.html  # the page itself, to look at and send
        assert page.forms["report"].values["text"] == "giữ chữ này"
        assert page.forms["report"].values["name"] == "Nguyễn Văn A"
        assert not desk.facts(Submitted)
        again = page.forms["report"]
        assert portal.post(again.action, again.values).status_code == 303
        assert len(desk.facts(Submitted)) == 1

    def test_a_database_that_cannot_even_be_read_keeps_the_form(
        self, desk: Office, portal: Site, impatient: None
    ) -> None:
        token = desk.token(UNIT)
        form = portal.fill(token, "acknowledge", name="Nguyễn <b>Văn</b> A")
        with sqlite3.connect(desk.settings.var / "cascade.db") as other:
            other.execute("BEGIN EXCLUSIVE")
            page = read(portal.post(*form))
            looked = portal.client.get(f"/c/{token}")
            healthy = portal.client.get("/healthz").status_code
            other.rollback()
        other.close()
        assert page.status == looked.status_code == 503
        assert "retry-after" in looked.headers
        assert "Hệ thống đang bận" in looked.text
        assert healthy in (200, 503)
        assert page.forms["acknowledge"].values == form[1]
        again = page.forms["acknowledge"]
        assert portal.post(again.action, again.values).status_code == 303

    def test_an_error_of_ours_shows_no_trace(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        with desk.store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE link SET purpose = 'unheard-of'")
        page = portal.get(token)
        assert page.status == 500
        assert "Có lỗi phía hệ thống" in page.text
        assert "Traceback" not in page.html
        assert token not in page.html.replace(f"/c/{token}", "")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_no_token_and_no_name_is_ever_logged(tmp_path: Path) -> None:
    """The portal as a process, with everything that can go wrong for a request."""
    with office(tmp_path) as desk:
        desk.issue(document(2))
        token, gone = desk.token(UNIT), desk.token(copy_of(REPORT, "u.2"))
        desk.revoke(copy_of(REPORT, "u.2"))
    FileClock(tmp_path / "clock").set(ISSUED)
    port, log = free_port(), tmp_path / "portal.log"
    environment = {
        **os.environ,
        "CASCADE_VAR": str(tmp_path),
        "CASCADE_CLOCK": f"file:{tmp_path / 'clock'}",
        "CASCADE_PORTAL_PORT": str(port),
        "CASCADE_DATABASE_URL": "",
        "CASCADE_PUBLIC_URL": "",
    }
    name = "Tên Rất Riêng"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal"], env=environment, stdout=out, stderr=out
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:

                def up() -> bool:
                    try:
                        return client.get("/healthz").status_code == 200
                    except httpx.TransportError:
                        return False

                assert wait_until(up, seconds=30)
                page = client.get(f"/c/{token}?lang=en&x={token}")
                nonce = re.search(r'name="nonce" value="([^"]+)"', page.text)
                assert nonce is not None
                body = {"name": name, "nonce": nonce[1]}
                assert client.post(f"/c/{token}/acknowledge", data=body).status_code == 303
                assert client.post(f"/c/{token}/report", data=body).status_code == 422
                assert client.post(f"/c/{gone}/acknowledge", data=body).status_code == 404
                assert client.put(f"/c/{token}").status_code == 405
                assert client.get(f"/c/{token}.").status_code == 404
                assert client.get(f"/c/{token}/no/such").status_code == 404
                assert client.get(f"/nowhere/{token}").status_code == 404
                hostile = {"Host": f"{token}.example"}
                assert client.get(f"/c/{token}", headers=hostile).status_code == 400
                with sqlite3.connect(tmp_path / "cascade.db") as other:
                    other.execute("DROP TABLE blob")
                    other.execute("DROP TABLE person")
                other.close()
                # A database error quotes its parameters; its message must not be logged.
                assert client.get(f"/c/{token}").status_code == 503
                assert client.post(f"/c/{token}/report?{urlencode({'t': token})}", data=body)
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(f"GET /c/{token} HTTP/9.9\r\nbroken {token}\r\n\r\n".encode())
                connection.recv(1000)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) in (0, -signal.SIGTERM)
    text = log.read_text()
    assert "POST /c/{token}/acknowledge 303" in text
    assert "OperationalError" in text
    for private in (token, gone, name, name.encode("unicode_escape").decode(), nonce[1]):
        assert private not in text
