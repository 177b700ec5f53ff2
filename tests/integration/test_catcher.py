"""The catcher over real sockets: what is sent is kept, shown and found again."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pendulum
import pytest

from notifications.address import mailbox
from notifications.catcher import Addresses, running
from notifications.errors import BadSettings
from notifications.transport import Outcome, Security, SmtpSettings, SmtpTransport
from notifications.wire import (
    AUTOMATIC,
    KIND_HEADER,
    Attachment,
    Mail,
    message_id_for,
    serialise,
)

LINK = "https://portal.example/c/" + "Ab_-" * 10 + "xyz"
ROOT = Path(__file__).parents[2]


def mail(number: int = 1, to: str = "bao-an@example.org", html: str | None = None) -> bytes:
    return serialise(
        Mail(
            sender=mailbox("vp@example.org", "Văn phòng Thành ủy"),
            to=mailbox(to, "UBND xã Bảo An"),
            subject=f"Đôn đốc thực hiện Kế hoạch số 256-KH/TU, lần {number}",
            message_id=message_id_for(f"{number}|{to}", "example.org"),
            date=pendulum.datetime(2023, 10, 1, 8, tz="Asia/Ho_Chi_Minh"),
            text=f"Kính gửi đồng chí,\n.\nMở liên kết: {LINK}.\n",
            html=html or f"<html><head></head><body><a href='{LINK}'>Mở</a></body></html>",
        )
    )


NOTE = "cascade.example\n7\nabc=\n\n— ký\n".encode()


def filed(number: int, to: str, name: str, kind: str) -> bytes:
    """A mail of ours of one kind, with two files."""
    return serialise(
        Mail(
            sender=mailbox("vp@example.org", "Văn phòng Thành ủy"),
            to=mailbox(to, name),
            subject=f"[256-KH/TU] Việc số {number}",
            message_id=message_id_for(f"{number}|{to}", "example.org"),
            date=pendulum.datetime(2023, 10, 1, 8, tz="Asia/Ho_Chi_Minh"),
            text="Kính gửi",
            html="<p>Kính gửi</p>",
            extra=(*AUTOMATIC, (KIND_HEADER, kind)),
            attachments=(
                Attachment("han.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n"),
                Attachment("checkpoint.txt", "text/plain", NOTE),
            ),
        )
    )


def run(
    folder: Path,
    act: Callable[[Addresses, httpx.AsyncClient], Awaitable[None]],
    durable: bool = True,
) -> None:
    async def main() -> None:
        async with opened(folder, durable) as (where, http):
            await act(where, http)

    asyncio.run(main())


@asynccontextmanager
async def opened(folder: Path, durable: bool) -> AsyncIterator[tuple[Addresses, httpx.AsyncClient]]:
    async with (
        running(folder, durable=durable) as where,
        httpx.AsyncClient(base_url=where.url, timeout=30.0) as http,
    ):
        yield where, http


async def send(where: Addresses, to: str, *raws: bytes) -> None:
    settings = SmtpSettings(where.host, where.smtp_port, Security.NONE, timeout=10.0)
    async with SmtpTransport(settings) as transport:
        for raw in raws:
            delivery = await transport.send("vp@example.org", to, raw)
            assert delivery.outcome is Outcome.SENT, delivery
            assert delivery.queue_id


def test_a_mail_that_was_sent_is_read_by_programs(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        await send(where, "Bao-An@example.org", mail())
        (found,) = (await http.get("/api/messages")).json()
        assert re.fullmatch(r"[0-9a-f]{16}", found.pop("sha256"))
        assert found == {
            "id": 1,
            "to": "bao-an@example.org",
            "from": "Văn phòng Thành ủy <vp@example.org>",
            "subject": "Đôn đốc thực hiện Kế hoạch số 256-KH/TU, lần 1",
            "date": "2023-10-01T08:00:00+07:00",
            "message_id": message_id_for("1|bao-an@example.org", "example.org"),
            "text": f"Kính gửi đồng chí,\n.\nMở liên kết: {LINK}.\n",
            "links": [LINK],
        }
        assert (await http.get("/api/messages/1")).json()["subject"] == found["subject"]
        assert (await http.get("/mail/1/raw")).content == mail()

    run(tmp_path, act)


@pytest.mark.parametrize("durable", [True, False])
def test_mails_survive_a_restart_and_numbers_go_on(tmp_path: Path, durable: bool) -> None:
    async def first(where: Addresses, http: httpx.AsyncClient) -> None:
        await send(where, "a@example.org", mail(1), mail(2))

    async def second(where: Addresses, http: httpx.AsyncClient) -> None:
        kept = (await http.get("/api/messages")).json()
        assert [each["id"] for each in kept] == [1, 2]
        assert kept[1]["subject"].endswith("lần 2")
        assert (await http.get("/mail/2/raw")).content == mail(2)
        await send(where, "a@example.org", mail(3))
        assert (await http.get("/api/health")).json() == {
            "status": "ok",
            "messages": 3,
            "last_id": 3,
            "waiting": 0,
        }

    run(tmp_path, first, durable)
    (tmp_path / ".00000003-0000000000000000.eml.tmp").write_bytes(b"torn by a crash")
    (tmp_path / "notes.eml").write_bytes(b"not ours")
    run(tmp_path, second, durable)
    assert list(tmp_path.glob(".*.tmp")) == []
    assert (tmp_path / "notes.eml").exists()


def test_a_program_asks_for_what_is_new_and_its_own(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        for number in range(1, 4):
            await send(where, "a@example.org", mail(number))
            await send(where, "b@example.org", mail(number))

        async def ids(query: str) -> list[int]:
            return [each["id"] for each in (await http.get(f"/api/messages?{query}")).json()]

        assert await ids("after=2") == [3, 4, 5, 6]
        assert await ids("after=2&limit=2") == [3, 4]
        assert await ids("to=B@example.org") == [2, 4, 6]
        assert await ids("to=b@example.org&after=2") == [4, 6]
        assert await ids("to=nobody@example.org") == []
        assert await ids("after=6") == []

    run(tmp_path, act)


async def until_someone_waits(http: httpx.AsyncClient) -> None:
    while not (await http.get("/api/health")).json()["waiting"]:
        await asyncio.sleep(0)


def test_a_program_can_wait_for_its_mail(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        waiting = asyncio.create_task(http.get("/api/messages?to=a@example.org&wait=30"))
        await until_someone_waits(http)
        await send(where, "b@example.org", mail(1))
        await until_someone_waits(http)
        assert not waiting.done()
        await send(where, "a@example.org", mail(2))
        (found,) = (await waiting).json()
        assert found["to"] == "a@example.org"

    run(tmp_path, act)


def test_closing_answers_those_who_wait(tmp_path: Path) -> None:
    async def main() -> None:
        async with httpx.AsyncClient(timeout=30.0) as http:
            async with running(tmp_path) as where:
                http.base_url = httpx.URL(where.url)
                waiting = asyncio.create_task(http.get("/api/messages?wait=60"))
                await until_someone_waits(http)
            assert (await waiting).json() == []

    asyncio.run(main())


def test_several_recipients_get_a_copy_each(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        reader, writer = await asyncio.open_connection(where.host, where.smtp_port)
        lines = ["EHLO x", "MAIL FROM:<>", "RCPT TO:<a@x.vn>", "RCPT TO:<b@x.vn>", "DATA"]
        for line in [*lines, "Subject: hi\r\n\r\nthere\r\n."]:
            writer.write(line.encode() + b"\r\n")
        while not (await reader.readline()).startswith(b"250 2.0.0 Ok: queued"):
            pass
        writer.close()
        kept = (await http.get("/api/messages")).json()
        assert [each["to"] for each in kept] == ["a@x.vn", "b@x.vn"]
        assert kept[0]["sha256"] == kept[1]["sha256"]
        assert kept[0]["text"] == "there\n"

    run(tmp_path, act)


def test_the_list_is_small_newest_first_and_turns_its_pages(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        await send(where, "a@example.org", *(mail(number) for number in range(1, 91)))
        page = await http.get("/")
        shown = [int(each) for each in re.findall(r'href="/mail/(\d+)"', page.text)]
        assert shown == list(range(90, 50, -1))
        assert len(page.content) < 30_000
        assert "không rời máy này" in page.text
        seen = list(shown)
        while following := re.search(r'rel="next" href="([^"]+)"', page.text):
            page = await http.get(following[1].replace("&amp;", "&"))
            seen += [int(each) for each in re.findall(r'href="/mail/(\d+)"', page.text)]
        assert seen == list(range(90, 0, -1))
        nobody = await http.get("/?to=b@example.org")
        assert "Chưa có thư nào gửi tới b@example.org" in nobody.text

    run(tmp_path, act)


def test_a_page_shows_hostile_content_as_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"

    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        raw = mail(html=f"<head></head><a href='javascript:x()'>x</a>{evil}")
        hostile = raw.replace(b"Subject: ", b"Subject: " + evil.encode() + b" ")
        await send(where, "a@example.org", hostile)
        for path in ("/", "/mail/1"):
            page = await http.get(path)
            assert evil not in page.text
            assert "&lt;script&gt;" in page.text
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "javascript:" not in (await http.get("/mail/1")).text
        part = await http.get("/mail/1/html")
        policy = part.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox;")
        assert "default-src 'none'" in policy
        assert '<head><base target="_blank">' in part.text

    run(tmp_path, act)


def test_a_person_finds_mails_by_words_kind_and_address(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        units = [("a@bao-an.example", "Bảo An"), ("b@my-binh.example", "Mỹ Bình")]
        for number, kind in enumerate(("assigned", "reminder", "assigned"), 1):
            for to, name in units:
                await send(where, to, filed(number, to, name, kind))

        async def ids(**query: str) -> list[int]:
            page = (await http.get("/", params=query)).text
            return [int(each) for each in re.findall(r'href="/mail/(\d+)"', page)]

        assert await ids() == [6, 5, 4, 3, 2, 1], "newest first"
        assert await ids(q="bảo AN") == [5, 3, 1]
        assert await ids(q="my-binh.example 3") == [6], "all words, wherever they stand"
        assert await ids(q="Văn phòng số 3") == [6, 5]
        assert await ids(kind="reminder") == [4, 3]
        assert await ids(kind="reminder", to="A@Bao-an.example") == [3]
        assert await ids(kind="nothing") == []
        page = (await http.get("/")).text
        assert "giao việc (4)" in page
        assert "nhắc việc (2)" in page
        assert page.count("Từ Văn phòng Thành ủy") == 6

    run(tmp_path, act)


def test_filters_stay_while_pages_are_turned(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        for number in range(1, 91):
            kind = "reminder" if number % 2 else "assigned"
            await send(where, "a@x.example", filed(number, "a@x.example", "Bảo An", kind))
        page = await http.get("/", params={"kind": "reminder", "q": "bảo an"})
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        assert following
        second = await http.get(following[1].replace("&amp;", "&"))
        shown = [int(each) for each in re.findall(r'href="/mail/(\d+)"', second.text)]
        assert shown == [9, 7, 5, 3, 1]
        assert len(page.content) < 60_000

    run(tmp_path, act)


def test_a_mail_is_looked_at_in_five_ways(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        for number in (1, 2, 3):
            await send(where, "a@x.example", filed(number, "a@x.example", "Bảo An", "assigned"))
        for view, shown in (
            ("desktop", 'class="desktop" title="Nội dung thư" src="/mail/2/html" sandbox="allow-'),
            ("phone", 'class="phone" title="Nội dung thư"'),
            ("text", "<pre>Kính gửi</pre>"),
            ("headers", '<th scope="row">X-Cascade-Kind</th><td>assigned</td>'),
            ("raw", "Content-Transfer-Encoding: quoted-printable"),
        ):
            page = (await http.get(f"/mail/2?view={view}")).text
            assert shown in page
            assert f'view={view}" aria-current="page"' in page
            assert f'href="/mail/3?view={view}">Thư mới hơn' in page
            assert f'href="/mail/1?view={view}">Thư cũ hơn' in page
            assert "<script" not in page
        assert 'aria-current="page">Máy tính' in (await http.get("/mail/2?view=x")).text

    run(tmp_path, act)


def test_files_are_saved_and_never_opened(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        await send(where, "a@x.example", filed(1, "a@x.example", "Bảo An", "assigned"))
        page = (await http.get("/mail/1")).text
        assert 'href="/mail/1/file/1">⭳ han.ics</a>' in page
        assert "— ký" in page, "a short text is shown at once"
        note = await http.get("/mail/1/file/2")
        assert note.content == NOTE
        assert note.headers["Content-Disposition"] == 'attachment; filename="checkpoint.txt"'
        assert note.headers["Content-Type"] == "application/octet-stream"
        assert note.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert note.headers["X-Content-Type-Options"] == "nosniff"
        for number in (0, 3, 99):
            assert (await http.get(f"/mail/1/file/{number}")).status_code == 404
        evil = filed(2, "a@x.example", "x", "assigned").replace(
            b'filename="han.ics"', b'filename="../../e vil\\"<b>.html"'
        )
        await send(where, "a@x.example", evil)
        saved = await http.get("/mail/2/file/1")
        assert re.fullmatch(
            r'attachment; filename="[A-Za-z0-9][\w.-]*"', saved.headers["Content-Disposition"]
        )
        assert "<b>.html" not in (await http.get("/mail/2")).text

    run(tmp_path, act)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed_from_a_page(tmp_path: Path, method: str) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        await send(where, "a@x.example", mail())
        for path in ("/", "/mail/1", "/mail/1/html", "/mail/1/raw", "/api/messages"):
            assert (await http.request(method, path)).status_code == 405
        assert (await http.get("/api/health")).json()["messages"] == 1

    run(tmp_path, act)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/mail/7", 404), ("/api/messages/7", 404), ("/api/messages?after=x", 400), ("/x", 404)],
)
def test_a_wrong_request_gets_a_reason(tmp_path: Path, path: str, status: int) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        answer = await http.get(path)
        assert answer.status_code == status
        if path.startswith("/api"):
            assert answer.json()["error"]

    run(tmp_path, act)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", ""])
def test_another_host_name_reads_nothing(tmp_path: Path, host: str) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        answer = await http.get("/api/health", headers={"Host": host})
        assert answer.status_code == 421

    run(tmp_path, act)


def test_nothing_but_loopback_is_bound(tmp_path: Path) -> None:
    async def main(host: str) -> None:
        async with running(tmp_path, host=host):
            pass

    for host in ("0.0.0.0", "::", "192.0.2.1", "mail.example.org"):
        with pytest.raises(BadSettings) as refused:
            asyncio.run(main(host))
        assert refused.value.code == "catcher-not-loopback"


def test_a_folder_and_a_port_have_one_user(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        with pytest.raises(BadSettings, match="used by another catcher"):
            async with running(tmp_path):
                pass
        with pytest.raises(BadSettings) as refused:
            async with running(tmp_path / "other", http_port=where.http_port):
                pass
        assert refused.value.code == "port-in-use"
        assert str(where.http_port) in refused.value.text("vi")

    run(tmp_path, act)


def test_a_mail_that_cannot_be_kept_is_not_taken(tmp_path: Path) -> None:
    folder = tmp_path / "mails"

    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        folder.rename(tmp_path / "gone")
        settings = SmtpSettings(where.host, where.smtp_port, Security.NONE)
        async with SmtpTransport(settings) as transport:
            delivery = await transport.send("", "a@example.org", mail())
            assert (delivery.outcome, delivery.code) == (Outcome.RETRY, 452)
            (tmp_path / "gone").rename(folder)
            assert (await transport.send("", "a@example.org", mail())).outcome is Outcome.SENT

    run(folder, act)


def test_the_program_says_where_it_listens_and_stops_when_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "notifications.catcher", "--smtp-port", "0", "--http-port"]
    with subprocess.Popen(
        [*command, "0", "--folder", str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        smtp, page = process.stdout.readline(), process.stdout.readline()
        assert re.fullmatch(r"SMTP 127\.0\.0\.1:\d+\n", smtp)
        url = page.split(": ")[-1].strip()
        assert json.loads(httpx.get(url + "api/health").content)["status"] == "ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    refused = subprocess.run(
        [*command, "0", "--folder", str(tmp_path), "--host", "0.0.0.0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert refused.returncode == 2
    assert "không được mở ở 0.0.0.0" in refused.stderr
