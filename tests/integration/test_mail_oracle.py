"""An independent parser (npm ``mailparser``) reads exactly what was written: 5,000 random mails in
Vietnamese, every hostile one, and every kind of the real package."""

import hashlib
import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.preview import samples
from notifications.address import ascii_domain, mailbox
from notifications.errors import BadAddress, BadMail
from notifications.wire import Attachment, Mail, message_id_for, serialise

NODE = Path(__file__).parents[1] / "node"
COUNT = 5_000
VOCABULARY = """
Đảng ủy phường Bảo An Mỹ Bình Đô Vinh báo cáo kết quả học tập quán triệt Kết luận số 57-KL/TW của Bộ
Chính trị Ban Thường vụ Thành ủy Kế hoạch 256-KH/TU hạn hết ngày thứ Sáu 20/10/2023 nghĩa
Ủy ban nhân dân huyện Krông Nô xã Đắk R’Măng Trường THPT Nguyễn Thị Minh Khai ưỡn ẹo ỷ lại ngoèo
"Ban Giám hiệu" (Văn phòng) , ; : . ' & < > @ \\ = ? ! % # / | ~ ^ ` * _ - – — … “tr” 📮 👩‍👩‍👧 𝔘 ﬁ
"""
WORDS = VOCABULARY.split()
SHARP = (
    "=?utf-8?q?hi=0ABcc=3A_evil=40example=2Eorg?=",
    "=?x?=",
    "=?utf-8?b?QmNjOiBhQGIu?=",
    "Bcc: evil@example.org",
    "evil@example.org, b@example.org",
    "<evil@example.org>",
    '"',
    "\\",
    '\\"',
    "a, b <c@d.example>;",
    "undisclosed-recipients:;",
    "()",
    "=20=3D",
    ".",
    "аdmin",  # a Cyrillic a
    "e\u0301\u0323",  # not composed
    "x" * 120,
    "đ" * 200,
)
LINES = (
    ".",
    "..",
    ".a",
    "From the office",
    "From: a@b.example",
    "--",
    "--=_0",
    "=",
    "=3D=",
    "",
    " ",
    "\tTab",
    "x" * 1_500,
    "ư" * 1_500,
    "Content-Type: text/html",
    "begin 644 a.txt",
    "a bare\rreturn",
    "- đầu dòng  hai dấu cách  ",
)
ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n"


def made(count: int, seed: int = 57) -> Iterator[Mail]:
    """Yield *count* mails, the same for the same seed."""
    dice = random.Random(seed)

    def words(least: int, most: int, sharp: float = 0.15) -> str:
        found = [
            dice.choice(SHARP) if dice.random() < sharp else dice.choice(WORDS)
            for _ in range(dice.randint(least, most))
        ]
        return " ".join(found)

    def lines() -> str:
        return "\n".join(
            dice.choice(LINES) if dice.random() < 0.3 else words(1, 25)
            for _ in range(dice.randint(1, 8))
        )

    def identifier() -> str:
        local = "".join(dice.choices("abcdefghijklmnop0123456789", k=dice.randint(1, 50)))
        return f"<{local}@thanh-uy.example>"

    for number in range(count):
        thread = tuple(identifier() for _ in range(dice.randint(0, 4)))
        files = (
            Attachment("han-256-kh-tu.ics", "text/calendar", ICS, (("method", "PUBLISH"),)),
            Attachment("checkpoint.txt", "text/plain", "— ký\n".encode() * dice.randint(0, 90)),
        )
        yield Mail(
            sender=mailbox("theo-doi@thanh-uy.example", words(1, 9)[:150]),
            to=mailbox(f"van-thu.{number}@phuong-{number % 50}.example", words(1, 14)[:150]),
            subject=words(1, 30),
            message_id=message_id_for(str(number), "thanh-uy.example"),
            date=datetime(2023, 10, 1, tzinfo=UTC) + timedelta(minutes=number),
            text=lines(),
            html=f"<p>{lines()}</p>",
            reply_to=mailbox("vp@thanh-uy.example", words(1, 5)[:150]) if number % 3 else None,
            in_reply_to=thread[-1] if thread else None,
            references=thread,
            attachments=files[: dice.randint(0, 2)] if number % 4 == 0 else (),
        )


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Mail, dict[str, Any]]]:
    """Every mail beside what the other parser made of it; the parser runs once for all."""
    if shutil.which("node") is None or not (NODE / "node_modules" / "mailparser").exists():
        pytest.skip("no node with mailparser here: run tests/prepare.sh")
    mails = [*made(COUNT), *(each.mail for each in samples()), *addressed()]
    folder = tmp_path_factory.mktemp("mails")
    for number, mail in enumerate(mails):
        (folder / f"{number:05d}.eml").write_bytes(serialise(mail))
    answer = subprocess.run(
        ["node", "read-mails.js", str(folder)], cwd=NODE, capture_output=True, check=True
    )
    found = json.loads(answer.stdout)
    return [(mail, found[f"{number:05d}.eml"]) for number, mail in enumerate(mails)]


def same_lines(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text)


def test_both_agree_on_every_mail(read: Sequence[tuple[Mail, dict[str, Any]]]) -> None:
    assert len(read) > COUNT + 40
    for mail, found in read:
        assert found["subject"] == mail.subject.strip()
        assert found["from"] == [[mail.sender.name, mail.sender.address]]
        ((name, address),) = found["to"]  # exactly one recipient
        assert (name, on_wire(address)) == (mail.to.name, mail.to.address)
        assert found["cc"] == found["bcc"] == []
        answer = mail.reply_to
        assert found["replyTo"] == ([[answer.name, answer.address]] if answer else [])
        assert datetime.fromisoformat(found["date"]) == mail.date
        assert found["messageId"] == mail.message_id
        assert found["inReplyTo"] == mail.in_reply_to
        assert found["references"] == list(mail.references)
        assert same_lines(found["text"]).rstrip("\n") == same_lines(mail.text).rstrip("\n")
        assert same_lines(found["html"]).rstrip("\n") == same_lines(mail.html).rstrip("\n")
        assert [
            (each["name"], each["media"], each["method"], each["disposition"], each["sha256"])
            for each in found["attachments"]
        ] == [
            (
                each.name,
                each.media,
                dict(each.parameters).get("method"),
                "attachment",
                hashlib.sha256(each.content).hexdigest(),
            )
            for each in mail.attachments
        ]
        assert len(set(found["headers"])) == len(found["headers"]), "no header stands twice"


HOSTILE_ADDRESSES = [
    "a@x.vn>\r\nRCPT TO:<e@e.example>",
    '"a b"@x.example',
    "a@[1.2.3.4]",
    "a@x.example,b@y.example",
    "a@x.example\x00",
    "a b@x.example",
    "@x.example",
    "a@",
    "a@-x.example",
    "đ@x.example",
    "a@x.example\u2028Bcc: b@y.example",
    "a" * 65 + "@x.example",
]


ODD_ADDRESSES = (
    "a@thành-ủy.vn",
    "A@BẢO-AN.Example",
    "a@раураl.example",  # Cyrillic but for the last letter
    "o'neil+x@a.example",
)


def on_wire(address: str) -> str:
    """Undo what the other parser does for its readers: it shows A-labels as they are meant."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"


def addressed() -> Iterator[Mail]:
    """Yield a mail for every address that is odd and still one that relays carry."""
    plain = next(made(1))
    for address in ODD_ADDRESSES:
        yield replace(plain, to=mailbox(address, "UBND phường"))


def test_international_domains_go_as_a_labels(read: list[tuple[Mail, dict[str, Any]]]) -> None:
    for (mail, found), shown in zip(read[-4:], ODD_ADDRESSES, strict=True):
        assert mail.to.address.isascii()
        local, _, domain = shown.rpartition("@")
        assert found["to"][0][1] == f"{local}@{domain.lower()}", "read back as it was meant"


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_what_is_no_mailbox_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        mailbox(address)


@pytest.mark.parametrize("evil", ["\r\nBcc: e@e.example", "\n", "\r", "\x00", "\x85", "\u2028"])
def test_a_line_break_never_reaches_a_header(evil: str) -> None:
    plain = next(made(1))
    with pytest.raises(BadMail):
        serialise(replace(plain, subject=f"Đôn đốc{evil}x"))
    with pytest.raises(BadAddress):
        mailbox("a@x.example", f"Bảo An{evil}x")
    files = (Attachment(f"a{evil}.ics", "text/calendar", ICS),)
    with pytest.raises(BadMail):
        serialise(replace(plain, attachments=files))
    kinds = (Attachment("a.ics", "text/calendar", ICS, (("method", f"PUBLISH{evil}"),)),)
    with pytest.raises(BadMail):
        serialise(replace(plain, attachments=kinds))
