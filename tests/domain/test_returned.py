"""What came back is believed as far as its Status goes, whatever else it says."""

import pytest

from notifications.returned import (
    MOST_BYTES,
    Notification,
    addressees,
    notification,
    original,
    parse,
)

TO = "bounce+1@cascade.example"


def report(action: str = "failed", status: str = "5.1.1", code: str = "550 5.1.1 no user") -> bytes:
    return f"""From: MAILER-DAEMON@mx.example
To: {TO}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your mail did not arrive. 5.1.1 xác nhận
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Original-Envelope-Id: abc

Final-Recipient: rfc822; xa@units.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {code}

--b
Content-Type: text/rfc822-headers

Subject: x
--b--
""".replace("\n", "\r\n").encode()


OUT_OF_OFFICE = f"""From: xa@units.example
To: {TO}
Subject: Automatic reply: 550 5.1.1 failed
Auto-Submitted: auto-replied
Content-Type: text/plain

Action: failed
Status: 5.1.1
""".encode()


def read(raw: bytes) -> Notification | None:
    message = parse(raw)
    assert message is not None
    return notification(message)


@pytest.mark.parametrize(
    ("action", "status", "final"),
    [
        ("failed", "5.1.1", True),
        ("Failed (no user)", "5.2.2", True),
        ("failed", "5.7.1 (policy)", True),
        ("failed", "4.2.2", False),
        ("failed", "4.4.7", False),
        ("failed", "2.0.0", False),
        ("failed", "", False),
        ("failed", "5", False),
        ("failed", "5.1.1111", False),
        ("delayed", "5.1.1", False),
        ("delayed", "4.4.1", False),
        ("delivered", "2.1.5", False),
        ("relayed", "5.0.0", False),
    ],
)
def test_only_a_failure_with_a_permanent_status_is_final(
    action: str, status: str, final: bool
) -> None:
    said = read(report(action, status))
    assert said is not None
    assert said.final is final


def test_the_code_of_the_last_server_is_kept() -> None:
    assert read(report()) == Notification("failed", "5.1.1", 550)
    assert read(report(code="x-unix; unknown")) == Notification("failed", "5.1.1", None)


@pytest.mark.parametrize(
    "raw",
    [
        OUT_OF_OFFICE,
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nno status\r\n--b--",
        b"Content-Type: multipart/report\r\n\r\nStatus: 5.1.1",
        report().replace(b"Action: failed", b"Aktion: failed"),
        report().replace(b"multipart/report", b"multipart/mixed"),
    ],
)
def test_everything_else_says_nothing(raw: bytes) -> None:
    assert read(raw) is None


def test_a_message_nested_without_end_says_nothing() -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(3_000)
    )
    message = parse(b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n" + deep)
    assert message is None or notification(message) is None


def test_what_is_too_large_is_not_even_parsed() -> None:
    assert parse(b"x" * (MOST_BYTES + 1)) is None


def test_it_came_to_whom_the_headers_say() -> None:
    message = parse(b"Delivered-To: a@x.example\r\nTo: B <b@x.example>, c@x.example\r\n\r\n")
    assert message is not None
    assert addressees(message) == ["a@x.example", "b@x.example", "c@x.example"]


@pytest.mark.parametrize("deep", [b"(" * 5_000, b"\r\n ".join([b"(" * 900] * 5), b"<" * 5_000])
def test_an_address_that_is_none_names_nobody_and_stops_no_delivery(deep: bytes) -> None:
    message = parse(b"To: " + deep + b"\r\n\r\n")
    assert message is not None
    assert addressees(message) == []


ID = "0123456789abcdef" * 2 + "01234567"


def naming(line: str, part: str = "text/rfc822-headers") -> bytes:
    given = f"Content-Type: {part}\r\n\r\nSubject: x\r\n{line}\r\n"
    return report().replace(
        b"Content-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n", given.encode()
    )


@pytest.mark.parametrize(
    ("line", "part", "found"),
    [
        (f"Message-ID: <{ID}@cascade.example>", "text/rfc822-headers", ID),
        (f"message-id:  <{ID}@cascade.example> ", "text/rfc822-headers", ID),
        (f"Message-ID: <{ID}@cascade.example>", "message/rfc822", ID),
        (f"Message-ID:\r\n <{ID}@cascade.example>", "text/rfc822-headers", ID),
        (f"Message-ID: <{ID[1:]}@cascade.example>", "text/rfc822-headers", None),
        (f"Message-ID: <{ID.upper()}@cascade.example>", "text/rfc822-headers", None),
        (f"Message-ID: <x{ID}@cascade.example>", "text/rfc822-headers", None),
        (f"Message-ID: {ID}@cascade.example", "text/rfc822-headers", None),
        (f"References: <{ID}@cascade.example>", "text/rfc822-headers", None),
        (f"Message-ID: <{ID}@cascade.example>", "text/plain", None),
    ],
)
def test_the_mail_that_came_back_is_named_by_its_own_header(
    line: str, part: str, found: str | None
) -> None:
    message = parse(naming(line, part))
    assert message is not None
    assert original(message) == found


def test_the_header_of_the_notification_itself_names_nothing() -> None:
    raw = f"Message-ID: <{ID}@cascade.example>\r\n".encode() + report()
    message = parse(raw)
    assert message is not None
    assert original(message) is None
