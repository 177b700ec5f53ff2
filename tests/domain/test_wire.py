"""What is serialised is read back the same by a reader that shares no code with the writer."""

import base64
import email
import quopri
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.address import Mailbox, mailbox
from notifications.errors import BadAddress, BadMail
from notifications.wire import Attachment, Mail, message_id_for, serialise

ID = message_id_for("k", "thanh-uy.example")
MAIL = Mail(
    sender=Mailbox("vp@thanh-uy.example", "Văn phòng Thành ủy"),
    to=Mailbox("bao-an@xa.example", "UBND xã Bảo An"),
    subject="Đôn đốc",
    message_id=ID,
    date=datetime(2023, 10, 1, 1, tzinfo=UTC),
    text="Kính gửi",
    html="<p>Kính gửi</p>",
)

VOCABULARY = """
Ban Giám hiệu Đảng ủy phường Nghĩa Lộ báo cáo kết quả thực hiện số 57-KL/TW 📮 👩‍👩‍👧 𝔘
, ; : ( ) . ' ? = @ \\ [x] "tôi" From Bcc: a@b.example <b@c.d> attacker@evil.example,
=?x?= =?utf-8?q?=0ABcc=3A_evil=40example=2Eorg?=
"""
WORDS = st.sampled_from([*VOCABULARY.split(), ""])
TEXTS = st.lists(WORDS, min_size=1, max_size=60).map(" ".join).filter(str.strip)
ANY = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf")), min_size=1)
VALUES = (TEXTS | ANY).filter(lambda each: bool(each.strip()))

ENCODED = r"=\?utf-8\?b\?[A-Za-z0-9+/=]+\?="
QUOTED = r'"(?:\\["\\]|[^"\\])*"'


def read(raw: bytes) -> tuple[dict[str, str], bytes]:
    """Return the unfolded headers and the body, by nothing but the rules of RFC 5322."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("ascii").replace("\r\n ", " ").split("\r\n")
    headers = [(line.split(": ", 1)[0], line.split(": ", 1)[1]) for line in lines]
    names = [name for name, _ in headers]
    assert len(names) == len(set(names)), "no header stands twice"
    return dict(headers), body


def decoded(value: str) -> str:
    return str(make_header(decode_header(value)))


def name_of(value: str) -> str:
    """Return the display name of a header that must hold exactly one mailbox."""
    found = re.fullmatch(rf"({QUOTED}|{ENCODED}(?: {ENCODED})*) <[!-;=?-~]+@[a-z0-9.-]+>", value)
    assert found, value
    phrase = found[1]
    if phrase.startswith('"'):
        return re.sub(r"\\(.)", r"\1", phrase[1:-1])
    return decoded(phrase)


def bodies(raw: bytes) -> list[str]:
    headers, body = read(raw)
    boundary = re.search(r'boundary="([^"]+)"', headers["Content-Type"])
    assert boundary
    dashes = b"--" + boundary[1].encode()
    first, *parts, end = (b"\r\n" + body).split(b"\r\n" + dashes)
    assert (first, end) == (b"", b"--\r\n")
    return [quopri.decodestring(part.partition(b"\r\n\r\n")[2]).decode() for part in parts]


def assert_sound(raw: bytes) -> None:
    assert raw.isascii()
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert max(map(len, body.split(b"\r\n"))) <= 76
    for line in head.split(b"\r\n"):
        for word in re.findall(rb"=\?utf-8\S*\?=", line):
            assert len(word) <= 75
            base64.b64decode(word[10:-2], validate=True).decode()


@settings(max_examples=400)
@given(subject=VALUES, name=VALUES)
def test_subject_and_name_are_read_back_as_they_were(subject: str, name: str) -> None:
    raw = serialise(replace(MAIL, subject=subject, to=Mailbox("bao-an@xa.example", name)))
    assert_sound(raw)
    headers, _ = read(raw)
    assert decoded(headers["Subject"]) == subject
    assert name_of(headers["To"]) == name
    assert list(headers) == [
        "Date",
        "From",
        "To",
        "Message-ID",
        "Subject",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
    ]


AWKWARD = [".", "..", ".a", "=3D=", "--", "=", "From x", "", " ", "\t", "x" * 1500, "đ" * 400]
LINES = st.sampled_from(AWKWARD) | st.text(
    st.characters(exclude_categories=("Cc", "Cs")), max_size=90
)


@settings(max_examples=200)
@given(
    text=st.lists(LINES, max_size=8),
    html=st.lists(LINES, max_size=8),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_bodies_are_read_back_as_they_were(text: list[str], html: list[str], end: str) -> None:
    raw = serialise(replace(MAIL, text=end.join(text), html=end.join(html)))
    assert_sound(raw)
    assert bodies(raw) == ["\r\n".join(text), "\r\n".join(html)]


def test_a_boundary_in_a_body_divides_nothing() -> None:
    other = serialise(replace(MAIL, message_id="<other@thanh-uy.example>"))
    boundary = re.search(rb'boundary="([^"]+)"', serialise(MAIL))
    assert boundary
    assert boundary[1] not in other, "mail within mail has a boundary of its own"
    hostile = f"--{boundary[1].decode()}--\n--{boundary[1].decode()}\n"
    raw = serialise(replace(MAIL, text=hostile))
    assert bodies(raw)[0] == hostile.replace("\n", "\r\n")


def test_a_subject_that_would_become_a_recipient_is_inert() -> None:
    subject = "=?utf-8?q?hi=0ABcc=3A_evil=40example=2Eorg?="
    headers, _ = read(serialise(replace(MAIL, subject=subject)))
    assert "Bcc" not in headers
    assert re.fullmatch(rf"{ENCODED}( {ENCODED})*", headers["Subject"])
    assert decoded(headers["Subject"]) == subject


@pytest.mark.parametrize("name", ['say "hi"', "back\\slash", '\\"', "a, b <c@d.example>", "(x)"])
def test_a_short_plain_name_is_quoted(name: str) -> None:
    headers, _ = read(serialise(replace(MAIL, to=Mailbox("bao-an@xa.example", name))))
    assert headers["To"].startswith('"')
    assert name_of(headers["To"]) == name


def test_a_name_with_commas_and_addresses_is_one_recipient() -> None:
    name = "Ban Giám hiệu, attacker@evil.example, Phòng Giáo dục và Đào tạo thành phố"
    headers, _ = read(serialise(replace(MAIL, to=Mailbox("bao-an@xa.example", name))))
    assert name_of(headers["To"]) == name


@pytest.mark.parametrize(
    "evil", ["\r\nBcc: e@e.example", "\n", "\r", "\x00", "\t", "\x7f", "\x85", "\u2028", "\u2029"]
)
def test_control_characters_are_refused_wherever_they_stand(evil: str) -> None:
    value = f"Đôn đốc{evil} x"
    for mail in (
        replace(MAIL, subject=value),
        replace(MAIL, extra=(("Content-Language", value),)),
    ):
        with pytest.raises(BadMail) as refused:
            serialise(mail)
        assert refused.value.code == "header-control-character"
        assert f"U+{ord(evil[0]):04X}" in refused.value.text("vi")
        assert "vị trí 8" in refused.value.text("vi")
        assert "position 8" in refused.value.text("en")
    with pytest.raises(BadAddress):
        Mailbox("bao-an@xa.example", value)
    for mail in (
        replace(MAIL, in_reply_to=f"<a{evil}@b.example>"),
        replace(MAIL, references=(f"<a@b{evil}>",)),
    ):
        with pytest.raises(BadMail) as refused:
            serialise(mail)
        assert refused.value.code == "message-id-malformed"


@pytest.mark.parametrize("mark", "\u202a\u202e\u2066\u2069\u200f\u061c")
def test_direction_overrides_vanish(mark: str) -> None:
    headers, _ = read(
        serialise(replace(MAIL, subject=f"Đôn{mark} đốc", to=Mailbox("a@b.example", f"x{mark}y")))
    )
    assert decoded(headers["Subject"]) == "Đôn đốc"
    assert headers["To"] == '"xy" <a@b.example>'


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject": ""}, "header-empty"),
        ({"subject": "  \u202e"}, "header-empty"),
        ({"extra": (("Bcc", "e@e.example"),)}, "header-unknown"),
        ({"extra": (("To", "e@e.example"),)}, "header-unknown"),
        ({"message_id": "no-brackets@x.example"}, "message-id-malformed"),
        ({"message_id": "<a@b> <c@d>"}, "message-id-malformed"),
        ({"references": ("<" + "a" * 70 + "@b.example>",)}, "message-id-malformed"),
        ({"date": datetime(2023, 10, 1)}, "date-without-zone"),  # noqa: DTZ001
        ({"text": "\ud800"}, "body-surrogate"),
        ({"subject": "\ud800"}, "header-control-character"),
    ],
)
def test_what_cannot_be_written_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(BadMail) as refused:
        serialise(replace(MAIL, **change))  # type: ignore[arg-type]
    assert refused.value.code == code
    assert refused.value.text("vi") != refused.value.text("en")


def test_control_characters_vanish_from_bodies() -> None:
    assert bodies(serialise(replace(MAIL, text="a\x00b\x0bc\td\x1b[31m")))[0] == "abc\td[31m"


def test_a_thread_is_named_raw_one_identifier_a_line() -> None:
    ids = tuple("<" + "a" * size + "@thanh-uy.example>" for size in (20, 40, 56))
    raw = serialise(replace(MAIL, in_reply_to=ids[2], references=ids))
    assert_sound(raw)
    headers, _ = read(raw)
    assert headers["References"] == " ".join(ids)
    assert b"References: " + "\r\n ".join(ids).encode() + b"\r\n" in raw
    assert b"In-Reply-To:\r\n " + ids[2].encode() + b"\r\n" in raw


def test_the_person_to_ask_and_the_date_are_named() -> None:
    headers, _ = read(serialise(replace(MAIL, reply_to=Mailbox("an@xa.example", "Nguyễn An"))))
    assert name_of(headers["Reply-To"]) == "Nguyễn An"
    assert headers["Date"] == "Sun, 01 Oct 2023 01:00:00 +0000"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["X-Auto-Response-Suppress"] == "OOF, AutoReply"


def test_a_mailbox_without_name_is_its_address() -> None:
    headers, _ = read(serialise(replace(MAIL, to=mailbox("a@b.example"))))
    assert headers["To"] == "a@b.example"


def test_the_same_mail_is_always_the_same_bytes() -> None:
    assert serialise(MAIL) == serialise(replace(MAIL))
    other = replace(MAIL, message_id=message_id_for("other", "thanh-uy.example"))
    assert serialise(MAIL) != serialise(other)


def test_an_identifier_is_stable_and_says_nothing_of_its_key() -> None:
    key = "256/III.1-c@pr.bao-an|reminder|1"
    made = message_id_for(key, "Thành-Ủy.example")
    assert made == message_id_for(key, "thành-ủy.example")
    assert made != message_id_for(key + "1", "thành-ủy.example")
    assert re.fullmatch(r"<[a-z2-7]{24}@xn--[a-z0-9-]+\.example>", made)
    with pytest.raises(BadAddress):
        message_id_for(key, "no domain")


NOTE = Attachment("checkpoint.txt", "text/plain", "— ký\n".encode() * 40)
DATES = Attachment("han.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n", (("method", "PUBLISH"),))


def test_files_stand_beside_the_bodies_and_are_read_back_byte_for_byte() -> None:
    raw = serialise(replace(MAIL, attachments=(NOTE, DATES)))
    assert_sound(raw)
    parts = list(email.message_from_bytes(raw).walk())
    assert [part.get_content_type() for part in parts] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/plain",
        "text/calendar",
    ]
    files = parts[4:]
    for attachment, part in zip((NOTE, DATES), files, strict=True):
        assert part.get_content_type() == attachment.media
        assert part.get_filename() == part.get_param("name") == attachment.name
        assert part.get_content_disposition() == "attachment"
        assert part.get_content_charset() == "utf-8"
        assert part.get_payload(decode=True) == attachment.content
    assert files[1].get_param("method") == "PUBLISH"
    assert len(set(re.findall(rb"boundary=\"([^\"]+)\"", raw))) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"name": "báo cáo.ics"},
        {"name": 'a".ics'},
        {"name": "a.ics\r\nBcc: e@e.example"},
        {"name": "../a.ics"},
        {"name": ""},
        {"name": "a" * 61},
        {"media": "text/calendar; x=y"},
        {"media": "text"},
        {"parameters": (("method", "PUBLISH; x"),)},
        {"parameters": (("me thod", "PUBLISH"),)},
    ],
)
def test_a_file_that_could_break_the_mail_is_refused(change: dict[str, object]) -> None:
    attachment = replace(DATES, **change)  # type: ignore[arg-type]
    with pytest.raises(BadMail) as refused:
        serialise(replace(MAIL, attachments=(attachment,)))
    assert refused.value.code == "attachment-malformed"


def test_a_mail_without_files_has_none_of_their_structure() -> None:
    assert b"multipart/mixed" not in serialise(MAIL)
