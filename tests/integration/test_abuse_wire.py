"""Abuse of HTTP itself; numbers are those of ``docs/abuse-cases.md``."""

import asyncio
import contextlib
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.types import Message

from models.domain.facts import Acknowledged
from portal import protocol
from portal.app import make_app
from portal.guard import HEADERS
from tests.factories import REPORT, Office, copy_of, document, office
from tests.portal_site import Site, site
from tests.snapshot import snapshot

UNIT = copy_of(REPORT, "u.1")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("wire")) as value:
        value.issue(document(2))
        yield value


@pytest.fixture(scope="module")
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


@pytest.fixture(autouse=True)
def _nothing_is_recorded(desk: Office, portal: Site) -> Iterator[None]:
    before = snapshot(desk.store.engine)
    yield
    assert snapshot(desk.store.engine) == before
    assert portal.client.get("/healthz").status_code == 200, "the portal serves others"


WAITS = b"\0 nobody has closed the connection"


def say(portal: Site, request: bytes, seconds: float = 3) -> bytes:
    """Send bytes as they are; return all that comes back until the server closes or waits.

    :data:`WAITS` at the end tells that it waits.
    """
    where = urlsplit(portal.url)
    with socket.create_connection(
        (where.hostname or "", where.port or 80), timeout=seconds
    ) as connection:
        with contextlib.suppress(ConnectionError):  # it may have closed already
            connection.sendall(request)
        answer = b""
        with contextlib.suppress(ConnectionError):
            try:
                while got := connection.recv(65_536):
                    answer += got
            except TimeoutError:
                answer += WAITS
        return answer


def statuses(answer: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 ([0-9]{3})", answer)]


def host(portal: Site) -> bytes:
    return urlsplit(portal.url).netloc.encode()


CLOSE = b"Connection: close\r\n"


class TestFraming:
    """60: requests that two servers in a row might read differently."""

    @pytest.mark.parametrize(
        "headers",
        [
            b"Content-Length: 6\r\nContent-Length: 7\r\n",
            b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n",
            b"Transfer-Encoding: chunked, identity\r\n",
            b"Transfer-Encoding: xchunked\r\n",
            b"Transfer-Encoding : chunked\r\n",
            b"Content-Length: -1\r\n",
            b"Content-Length: +6\r\n",
            b"Content-Length: 0x6\r\n",
            b"Content-Length: 6, 6, 7\r\n",
            b"Content-Length: \xb2\r\n",
            b" Content-Length: 6\r\n",
            b"X: a\rb\r\n",
            b"X: a\x00b\r\n",
            b": a\r\n",
        ],
    )
    def test_60_an_ambiguous_body_is_refused(
        self, desk: Office, portal: Site, headers: bytes
    ) -> None:
        token = desk.token(UNIT).encode()
        smuggled = b"GET /c/%s HTTP/1.1\r\nHost: %s\r\n\r\n" % (token, host(portal))
        answer = say(
            portal,
            b"POST /c/%s/acknowledge HTTP/1.1\r\nHost: %s\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n%s%s\r\nname=A%s"
            % (token, host(portal), CLOSE, headers, smuggled),
        )
        found = statuses(answer)
        assert found, "an answer, not silence"
        assert 400 <= found[0] < 500
        assert 200 not in found, "what stood in the body is not a request"

    @pytest.mark.parametrize(
        "hosts",
        [
            b"",
            b"Host: {h}\r\nHost: {h}\r\n",
            b"Host: {h}\r\nHost: evil.example\r\n",
            b"Host: evil.example\r\nHost: {h}\r\n",
            b"Host: {h}.\r\n",
            b"Host: 127.0.0.1.\r\n",
            b"Host: {h}@evil.example\r\n",
            b"Host: evil.example@{h}\r\n",
            b"Host: {h},evil.example\r\n",
            b"Host: {h} evil.example\r\n",
            b"Host: {h}/evil\r\n",
            b"Host: http://{h}\r\n",
            b"Host: [{h}]\r\n",
            b"Host: 127.0.0.1:port\r\n",
            b"Host: 127.1\r\n",
            b"Host: 0x7f.0.0.1\r\n",
            b"Host: \xd9\xa1\r\n",
        ],
    )
    def test_61_a_strange_or_second_host_is_refused(
        self, desk: Office, portal: Site, hosts: bytes
    ) -> None:
        token = desk.token(UNIT).encode()
        lines = hosts.replace(b"{h}", host(portal))
        answer = say(portal, b"GET /c/%s HTTP/1.1\r\n%s%s\r\n" % (token, lines, CLOSE))
        assert statuses(answer) == [400]
        assert b"evil" not in answer
        assert token not in answer

    @pytest.mark.parametrize(
        "target",
        ["http://evil.example/c/{t}", "http://{h}/c/{t}", "evil.example:443", "*", "//e/c/{t}"],
    )
    def test_62_a_target_in_another_form_leads_nowhere(
        self, desk: Office, portal: Site, target: str
    ) -> None:
        where = target.format(t=desk.token(UNIT), h=host(portal).decode()).encode()
        answer = say(
            portal, b"GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (where, host(portal), CLOSE)
        )
        assert statuses(answer) in ([400], [404])
        assert b"evil.example" not in answer
        assert b"\r\nlocation:" not in answer.lower()

    @pytest.mark.parametrize("method", ["CONNECT", "TRACE", "get", "GETS", "M-SEARCH", "A" * 300])
    def test_63_other_methods_are_refused(self, desk: Office, portal: Site, method: str) -> None:
        line = f"{method} /c/{desk.token(UNIT)} HTTP/1.1\r\n".encode()
        answer = say(
            portal, line + b"Host: %s\r\nX-Secret: mirror\r\n%s\r\n" % (host(portal), CLOSE)
        )
        assert statuses(answer)[0] in (400, 405)
        assert b"mirror" not in answer

    @pytest.mark.parametrize(
        "line", [b"", b"GET", b"GET / HTTP/3.0", b"\x16\x03\x01\x02", b"GET /c/\xff\xfe HTTP/1.1"]
    )
    def test_64_what_is_no_request_is_refused(self, portal: Site, line: bytes) -> None:
        answer = say(portal, line + b"\r\nHost: %s\r\n%s\r\n" % (host(portal), CLOSE))
        assert all(400 <= status < 600 for status in statuses(answer))
        assert b"Traceback" not in answer

    @pytest.mark.parametrize("where", ["path", "query", "header", "cookie", "many"])
    def test_65_huge_requests_are_refused(self, desk: Office, portal: Site, where: str) -> None:
        huge = b"a" * 200_000
        path, headers = b"/c/" + desk.token(UNIT).encode(), b""
        if where == "path":
            path = b"/c/" + huge
        elif where == "query":
            path += b"?lang=" + huge
        elif where == "many":
            headers = b"".join(b"X-%d: %s\r\n" % (n, b"a" * 90) for n in range(3_000))
        else:
            headers = (b"X-Big: " if where == "header" else b"Cookie: a=") + huge + b"\r\n"
        answer = say(
            portal,
            b"GET %s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n" % (path, host(portal), CLOSE, headers),
        )
        assert all(400 <= status < 500 for status in statuses(answer))
        assert len(answer) < 20_000

    def test_66_a_body_is_not_asked_for_when_it_is_too_large(
        self, desk: Office, portal: Site
    ) -> None:
        answer = say(
            portal,
            b"POST /c/%s/acknowledge HTTP/1.1\r\nHost: %s\r\nContent-Length: 10000000000\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n"
            % (desk.token(UNIT).encode(), host(portal)),
        )
        assert statuses(answer) == [413]

    def test_67_pipelined_requests_are_answered_in_order(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT).encode()
        first = b"GET /c/%s HTTP/1.1\r\nHost: %s\r\n\r\n" % (token, host(portal))
        second = b"GET /c/nothing HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (host(portal), CLOSE)
        assert statuses(say(portal, first + second)) == [200, 404]

    def test_68_an_upgrade_is_no_way_in(self, desk: Office, portal: Site) -> None:
        for upgrade in (b"websocket", b"h2c"):
            answer = say(
                portal,
                b"GET /c/%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade, close\r\nUpgrade: %s\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                % (desk.token(UNIT).encode(), host(portal), upgrade),
            )
            assert 101 not in statuses(answer)


class TestBeforeARequest:
    """76: connections on which no request, or a broken one, is said."""

    @pytest.mark.parametrize(
        "said",
        [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x", b"POST /x HTTP/1.1"],
        ids=["nothing", "line", "header", "half"],
    )
    def test_76_half_a_request_is_not_waited_for(
        self, portal: Site, monkeypatch: pytest.MonkeyPatch, said: bytes
    ) -> None:
        monkeypatch.setattr(protocol, "SAID_SECONDS", 0.2)
        assert say(portal, said, seconds=10) == b""

    def test_76b_what_is_left_of_a_body_is_not_waited_for(
        self, portal: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(protocol, "SAID_SECONDS", 0.2)
        head = b"POST /c/x/report HTTP/1.1\r\nHost: %s\r\nContent-Length: 99\r\n\r\nx"
        answer = say(portal, head % host(portal), seconds=10)
        assert statuses(answer) == [404]
        assert not answer.endswith(WAITS)

    def test_76c_many_of_them_stand_in_nobodys_way(self, desk: Office, portal: Site) -> None:
        where = urlsplit(portal.url)
        with contextlib.ExitStack() as slow:
            for _ in range(200):
                to = socket.create_connection((where.hostname or "", where.port or 80), timeout=3)
                slow.enter_context(to).sendall(b"GET /c/x HTTP/1.1\r\nX-A: ")
            assert portal.get(desk.token(UNIT)).status == 200

    @pytest.mark.parametrize("said", [b"\x16\x03\x01\x02\x00", b"GET  / HTTP/1.1"])
    def test_76d_what_is_no_request_is_answered_with_every_header(
        self, portal: Site, said: bytes
    ) -> None:
        answer = say(portal, said + b"\r\n\r\n")
        assert statuses(answer) == [400]
        head = answer.partition(b"\r\n\r\n")[0].decode().lower()
        for name, value in (HEADERS | {"Cache-Control": "no-store"}).items():
            assert f"{name}: {value}".lower() in head

    def test_76e_a_body_that_breaks_after_its_answer_is_no_second_answer(
        self, portal: Site, caplog: pytest.LogCaptureFixture
    ) -> None:
        head = b"POST /c/x/report HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
        where = urlsplit(portal.url)
        with socket.create_connection((where.hostname or "", where.port or 80), timeout=5) as to:
            to.sendall(head % host(portal) + b"1\r\nx\r\n")
            answer = to.recv(65_536)
            while b"</html>" not in answer:
                answer += to.recv(65_536)
            to.sendall(b"zz\r\n")
            with contextlib.suppress(ConnectionError):
                while got := to.recv(65_536):
                    answer += got
        assert statuses(answer) == [404]
        assert "Fatal error" not in caplog.text
        assert "Traceback" not in caplog.text


class TestAnswers:
    """What can be put into an answer, a cache or a log from outside."""

    @pytest.mark.parametrize(
        "query",
        [
            "lang=EN",
            "lang=en%00",
            "lang=en%0d%0aX-Evil:1",
            "lang=..%2f..%2fetc",
            "lang=<script>",
            "lang[]=en",
            "lang=%F0%9F%87%BB",
            "LANG=en",
            "lang=",
            "lang=" + "e" * 3_000,
            "next=//evil.example&return=https://evil.example&url=javascript:alert(1)",
        ],
    )
    def test_70_a_strange_query_changes_nothing(
        self, desk: Office, portal: Site, query: str
    ) -> None:
        path = f"/c/{desk.token(UNIT)}"
        usual = re.sub(r'value="[^"]*"', "", portal.client.get(path).text)
        answer = portal.client.get(f"{path}?{query}")
        assert answer.status_code == 200
        assert re.sub(r'value="[^"]*"', "", answer.text) == usual
        assert "x-evil" not in answer.headers
        sent = portal.client.get(f"{path}/acknowledge?{query}")
        assert (sent.status_code, sent.headers["location"]) == (303, path)

    def test_70b_the_first_language_counts(self, desk: Office, portal: Site) -> None:
        both = portal.client.get(f"/c/{desk.token(UNIT)}?lang=vi&lang=en").status_code
        assert both == 200

    @pytest.mark.parametrize(
        "header",
        [
            "X-Forwarded-Host",
            "X-Forwarded-Server",
            "X-Forwarded-Prefix",
            "X-Forwarded-Proto",
            "X-Forwarded-Port",
            "X-Host",
            "X-Original-URL",
            "X-Rewrite-URL",
            "Forwarded",
            "Referer",
            "Origin",
        ],
    )
    def test_71_no_header_of_a_proxy_reaches_the_page(
        self, desk: Office, portal: Site, header: str
    ) -> None:
        path = f"/c/{desk.token(UNIT)}"
        usual = re.sub(r'value="[^"]*"', "", portal.client.get(path).text)
        answer = portal.client.get(path, headers={header: "https://evil.example/x"})
        assert re.sub(r'value="[^"]*"', "", answer.text) == usual
        assert answer.headers["cache-control"] == "no-store"
        assert "evil.example" not in str(answer.headers)

    @pytest.mark.parametrize(
        "headers",
        [
            {"Range": "bytes=0-10"},
            {"If-None-Match": "*"},
            {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
            {"If-Match": '"x"', "If-Range": '"x"', "Range": "bytes=5-"},
            {"Accept": "application/json"},
            {"Accept-Encoding": "gzip, br"},
            {"Cookie": "session=1; lang=en"},
            {"Authorization": "Bearer x"},
        ],
    )
    def test_72_a_page_is_always_whole_and_fresh(
        self, desk: Office, portal: Site, headers: dict[str, str]
    ) -> None:
        answer = portal.client.get(f"/c/{desk.token(UNIT)}", headers=headers)
        assert answer.status_code == 200
        assert answer.text.endswith("</html>")
        for name in ("etag", "last-modified", "set-cookie", "content-encoding", "accept-ranges"):
            assert name not in answer.headers
        assert portal.client.get("/static/portal.css", headers=headers).status_code == 200

    @pytest.mark.parametrize(
        "path", ["/static/..%2fapp.py", "/static/%00", "/static/portal.css%00"]
    )
    def test_73_a_static_name_is_one_of_ours(self, portal: Site, path: str) -> None:
        assert portal.client.get(path).status_code == 404

    def test_74_no_line_of_the_log_is_a_strangers(
        self, desk: Office, portal: Site, caplog: pytest.LogCaptureFixture
    ) -> None:
        token = desk.token(UNIT)
        agent = {"User-Agent": "evil\tPOST /c/{token}/report 303", "X-Forwarded-For": "evil"}
        with caplog.at_level("INFO", "portal"):
            for path in (
                f"/c/{token}%0aPOST%20forged",
                "/%1b[31mred",
                f"/c/{token}/\u202ereport",
                f"/nowhere/{token}?{token}",
                f"/static/{token}",
                f"/l/{token}%0d",
            ):
                portal.client.get(path, headers=agent)
            portal.rest()
        shape = re.compile(
            r"(GET|HEAD|POST|other) (-|/c/\{token\}(/[a-z]+)?|/l/\{token\}|/static/\{name\}|"
            r"/healthz|/robots\.txt) [0-9]{3} [0-9.]+ ms"
        )
        lines = [record.getMessage() for record in caplog.records if record.name == "portal"]
        assert len(lines) == 6
        assert [line for line in lines if not shape.fullmatch(line)] == []
        assert token not in caplog.text

    @pytest.mark.parametrize(
        "body",
        [
            b"name=A&nonce=%00",
            b"name=%ED%A0%80",
            b"name=%F4%90%80%80",
            b"name=A;nonce=B",
            b"&&&&=&=",
            b"name=%u0041",
            b"nonce=" + b"9" * 60_000,
        ],
    )
    def test_75_a_strange_form_records_nothing(
        self, desk: Office, portal: Site, body: bytes
    ) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-16"}
        for path in (f"/c/{desk.token(UNIT)}/acknowledge", f"/l/{desk.token(UNIT)}"):
            answer = portal.client.post(path, content=body, headers=headers)
            assert 400 <= answer.status_code < 500
        assert not desk.facts(Acknowledged)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"host", b"127.0.0.1"), (b"host", b"127.0.0.1")],
        [(b"host", b"127.0.0.1"), (b"content-length", b"3"), (b"content-length", b"3")],
        [(b"host", b"127.0.0.1"), (b"content-length", b"3"), (b"transfer-encoding", b"chunked")],
    ],
)
def test_61b_behind_a_server_that_lets_more_through_the_same_is_refused(
    desk: Office, portal: Site, headers: list[tuple[bytes, bytes]]
) -> None:
    """The portal's own look, without that of the server in front of it."""
    path = f"/c/{desk.token(UNIT)}"
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode()}
    scope |= {"query_string": b"", "headers": headers, "client": ("127.0.0.1", 1)}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    app = make_app(desk.settings, desk.store, desk.recorder)
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 400
