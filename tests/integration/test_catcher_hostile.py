"""Mails that nobody can take apart: they are shown as they came, and shut no other away."""

import asyncio
import random
import smtplib
from pathlib import Path

import httpx
import pytest

from notifications.catcher import Addresses
from notifications.catcher_pages.reading import content_of, headers_of, opening_outside
from tests.integration.test_catcher import LINK, mail, run, send


def deep(parts: int) -> bytes:
    levels = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(parts)
    )
    return b"Subject: =?utf-8?q?s=C3=A2u?=\r\n" + levels + b"\r\nch\xe1\xbb\xaf\r\n"


HOSTILE = {
    "idna": b"Subject: x\r\nContent-Type: text/plain; charset=idna\r\n\r\nh\xe9llo",
    "undefined": b"Subject: x\r\nContent-Type: text/plain; charset=undefined\r\n\r\nhello",
    "punycode": b"Subject: x\r\nContent-Type: text/html; charset=punycode\r\n\r\n\xff\xfe",
    "deep": deep(2_000),
    "name": b"Content-Disposition: attachment; filename*=idna''%ff\r\n\r\nx",
    "comments": b"From: "
    + b"\r\n ".join([b"(" * 900] * 3)
    + b"\r\nTo: "
    + b"(" * 900
    + b"\r\n\r\n",
    "date": b"Date: Mon, 99 Jan 99999 00:00:00 +999999999999\r\n\r\nx",
    "nothing": b"",
}


def throw_in(where: Addresses) -> None:
    for raw in HOSTILE.values():
        with smtplib.SMTP(where.host, where.smtp_port, timeout=20) as smtp:
            smtp.sendmail("a@example.org", ["b@example.org"], raw)


def test_one_of_them_shuts_no_other_away(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        await asyncio.to_thread(throw_in, where)
        await send(where, "bao-an@example.org", mail())
        listed = (await http.get("/api/messages")).json()
        assert len(listed) == len(HOSTILE) + 1
        assert listed[-1]["links"] == [LINK]
        assert (await http.get("/")).status_code == 200
        for number in range(1, len(HOSTILE) + 1):
            for view in ("", "?view=text", "?view=headers", "?view=raw", "/html", "/raw"):
                answer = await http.get(f"/mail/{number}{view}")
                assert answer.status_code == 200, (number, view)
            assert (await http.get(f"/mail/{number}/file/9")).status_code == 404

    run(tmp_path, act)


def test_what_cannot_be_taken_apart_is_shown_as_it_came() -> None:
    content = content_of(HOSTILE["deep"])
    assert content.headers[0] == ("Subject", " =?utf-8?q?s=C3=A2u?=")
    assert content.text.rstrip().endswith("chữ")
    assert (content.html, content.files) == ("", ())


def test_a_large_source_is_cut_on_the_page_and_whole_in_the_file(tmp_path: Path) -> None:
    async def act(where: Addresses, http: httpx.AsyncClient) -> None:
        await send(where, "bao-an@example.org", mail(html="<p>" + "x\n" * 400_000))
        shown = await http.get("/mail/1?view=raw")
        assert len(shown.content) < 300_000
        assert len((await http.get("/mail/1/raw")).content) > 800_000

    run(tmp_path, act)


WORDS = (
    b"Subject: ", b"From: ", b"To: ", b"Date: ", b"Content-Type: ", b"text/html; charset=",
    b"multipart/mixed; boundary=b", b"message/rfc822", b"\r\n", b"\r\n\r\n", b"--b", b"--b--",
    b"=?utf-8?b?", b"?=", b"=?idna?q?x?=", b"idna", b"undefined", b"filename*=", b"utf-8''%ff",
    b"filename*0*=", b"filename*1=", b"Content-Disposition: attachment; ", b"base64", b"x-uuencode",
    b"Content-Transfer-Encoding: ", b"begin 644 x", b"(", b'"', b"<", b">", b"@", b",", b"\xff",
    b"\0", b"Mon, 1 Jan 2024 00:00:00 +9999", b"message/delivery-status", b" ", b"\t", b";", b"=",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_any_bytes_can_be_shown(seed: int) -> None:
    pick = random.Random(seed)
    for _ in range(300):
        raw = b"".join(pick.choices(WORDS, k=pick.randint(1, 40)))
        headers, content = headers_of(raw), content_of(raw)
        words = [headers.subject, headers.recipient, content.text, opening_outside(content.html)]
        words += [each for pair in content.headers for each in pair]
        assert all(word.encode() is not None for word in words)
