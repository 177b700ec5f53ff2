"""One mail as the bytes that go on the wire: pure, and the same bytes for the same mail, always.

The standard library is not used to write headers: on Python 3.11.7 its folding loses blanks in
long Vietnamese subjects, drops the quotes of display names and lets an encoded subject grow a
``Bcc:`` (gh-92081, gh-80222, CVE-2024-6923). So headers are written here, by few rules:

* names come from a fixed list, and values with control characters are refused;
* a value that is not short, plain ASCII goes as base64 encoded words (RFC 2047), whole;
* identifiers go raw, one a line, because Outlook does not thread what is encoded;
* bodies are quoted-printable, never 8bit, so that no relay re-encodes what was signed (RFC 6376
  section 5.3); attachments are base64 with a plain ASCII name.
"""

import binascii
import hashlib
import re
from base64 import b32encode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from models.domain.errors import Refusal
from notifications.address import FORBIDDEN, Mailbox, ascii_domain, shown, without_overrides
from notifications.errors import BadMail

AUTOMATIC = (
    ("Auto-Submitted", "auto-generated"),
    ("X-Auto-Response-Suppress", "OOF, AutoReply"),
)
"""Says that a program wrote (RFC 3834) and asks for no holiday notices (MS-OXCMAIL 2.1.3.2.20).
Not ``All``: that would suppress the reports of non-delivery too."""

KIND_HEADER = "X-Cascade-Kind"
"""Names the kind of mail, for rules in mail programs and for those who look after the system."""

EXTRA_ALLOWED = frozenset({*(name for name, _ in AUTOMATIC), "Content-Language", KIND_HEADER})
"""The headers that :attr:`Mail.extra` may name."""

LINE = 76
"""Characters of a line that we fold: RFC 5322 section 2.1.1 asks for 78, RFC 2047 section 2 for 76
where there are encoded words. 998 is what no line may exceed."""

_ENCODED_WORD = LINE - 1
_LONGEST_LINE = 998
_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")
_ID_LIMIT = LINE - 1
_PLAIN = re.compile(r"[!-~]([ -~]*[!-~])?")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_MEDIA = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")
_PARAMETER = re.compile(r"[A-Za-z0-9-]{1,40}")
_UNPRINTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail. Its text, where it is text, is UTF-8."""

    name: str
    """Letters, digits, dots, dashes of ASCII: mail programs disagree on every other name."""
    media: str
    """``text/calendar``."""
    content: bytes
    parameters: tuple[tuple[str, str], ...] = ()
    """Of the media type: ``(("method", "PUBLISH"),)``."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Everything that one mail says, to exactly one recipient."""

    sender: Mailbox
    to: Mailbox
    subject: str
    message_id: str
    """With its angle brackets, as :func:`message_id_for` gives it."""
    date: datetime
    """When it was written; needs a zone."""
    text: str
    html: str
    reply_to: Mailbox | None = None
    """The person to ask, when it is not the sender."""
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    """The thread, oldest first."""
    extra: tuple[tuple[str, str], ...] = AUTOMATIC
    """Further headers, from :data:`EXTRA_ALLOWED` only."""
    attachments: tuple[Attachment, ...] = ()


def message_id_for(key: str, domain: str) -> str:
    """Return the Message-ID of the mail that is known by *key*: the same for the same key.

    *domain* is one of ours (RFC 5322 section 3.6.4); raises :exc:`BadAddress` when it is none.
    The key itself cannot be read from the identifier.
    """
    digest = hashlib.sha256(key.encode()).digest()[:15]
    return f"<{b32encode(digest).decode().lower()}@{ascii_domain(domain)}>"


def serialise(mail: Mail) -> bytes:
    """Return *mail* as it is sent: ASCII, CRLF only, no line over 998 characters.

    Direction overrides vanish from subject and names; control characters other than tab and line
    end vanish from the bodies. Raises :exc:`BadMail`: ``header-control-character``,
    ``header-empty``, ``header-unknown``, ``message-id-malformed``, ``date-without-zone``,
    ``body-surrogate``, ``attachment-malformed``.
    """
    head = "\r\n".join([*_headers(mail), "MIME-Version: 1.0\r\n"]).encode("ascii")
    bodies = (_part("plain", mail.text), _part("html", mail.html))
    content = _multipart("alternative", mail.message_id, bodies)
    if mail.attachments:
        files = (_file(each) for each in mail.attachments)
        content = _multipart("mixed", "mixed " + mail.message_id, (content, *files))
    return _sound(head + content)


def _multipart(subtype: str, seed: str, parts: tuple[bytes, ...]) -> bytes:
    """Return the parts with their own header; *seed* makes the boundary, the same every time."""
    # "=_" occurs in no quoted-printable text (RFC 2045 section 6.7) and no base64, so no part
    # holds the boundary.
    boundary = "=_" + hashlib.sha256(seed.encode()).hexdigest()[:40]
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'
    dashes = b"--" + boundary.encode()
    body = b"".join(dashes + b"\r\n" + part + b"\r\n" for part in parts)
    return head.encode() + body + dashes + b"--\r\n"


def _headers(mail: Mail) -> Iterator[str]:
    if mail.date.tzinfo is None:
        raise _bad(
            "date-without-zone",
            f"Ngày của thư ({mail.date}) thiếu múi giờ.",
            f"the date of the mail ({mail.date}) has no zone",
        )
    yield f"Date: {format_datetime(mail.date)}"
    yield _mailbox("From", mail.sender)
    yield _mailbox("To", mail.to)
    if mail.reply_to:
        yield _mailbox("Reply-To", mail.reply_to)
    yield f"Message-ID: {_id('Message-ID', mail.message_id)}"
    yield _text("Subject", mail.subject)
    if mail.in_reply_to:
        yield _ids("In-Reply-To", (mail.in_reply_to,))
    if mail.references:
        yield _ids("References", mail.references)
    for name, value in mail.extra:
        if name not in EXTRA_ALLOWED:
            raise _bad(
                "header-unknown",
                f"Không được đặt tiêu đề {shown(name)} cho thư.",
                f"the header {shown(name)} may not be set",
            )
        yield _text(name, value)


def _text(name: str, value: str) -> str:
    clean = _clean(name, value)
    if not clean.strip():
        raise _bad(
            "header-empty", f"Thư thiếu {name}: hãy ghi nội dung.", f"the header {name} is empty"
        )
    if _is_plain(clean) and len(name) + 2 + len(clean) <= LINE:
        return f"{name}: {clean}"
    return f"{name}: " + "\r\n ".join(_encoded_words(clean, len(name) + 2))


def _mailbox(name: str, box: Mailbox) -> str:
    display = _clean(name, box.name)
    if not display.strip():
        return f"{name}: {box.address}"
    address = f"<{box.address}>"
    quoted = '"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if _is_plain(display) and len(name) + 2 + len(quoted) <= LINE:
        words = [quoted]
    else:
        words = list(_encoded_words(display, len(name) + 2))
    lines = f"{name}: " + "\r\n ".join(words)
    last = len(lines) - lines.rfind("\n") - 1
    return lines + (" " if last + 1 + len(address) <= LINE else "\r\n ") + address


def _ids(name: str, ids: tuple[str, ...]) -> str:
    first, *rest = (_id(name, each) for each in ids)
    gap = " " if len(name) + 2 + len(first) <= LINE else "\r\n "
    return f"{name}:{gap}" + "\r\n ".join([first, *rest])


def _id(name: str, value: str) -> str:
    if len(value) > _ID_LIMIT or not _ID.fullmatch(value):
        raise _bad(
            "message-id-malformed",
            f"{name}: mã thư {shown(value)} không hợp lệ (dạng <a@b>, tối đa {_ID_LIMIT} ký tự).",
            f"{name}: {shown(value)} is not of the form <a@b> in at most {_ID_LIMIT} characters",
        )
    return value


def _clean(name: str, value: str) -> str:
    if match := FORBIDDEN.search(value):
        raise _bad(
            "header-control-character",
            f"{name}: {shown(value)} có ký tự điều khiển U+{ord(match[0]):04X} ở vị trí "
            f"{match.start() + 1}: hãy xóa ký tự đó.",
            f"{name}: {shown(value)} has the control character U+{ord(match[0]):04X} at position "
            f"{match.start() + 1}: remove it",
        )
    return without_overrides(value)


def _is_plain(value: str) -> bool:
    # "=?" would be read as an encoded word, so text that holds it is encoded and stays inert.
    return bool(_PLAIN.fullmatch(value)) and "=?" not in value


def _encoded_words(value: str, used: int) -> Iterator[str]:
    """Yield *value* as encoded words, the first for a line of which *used* characters are taken.

    Words are split between code points, never within one (RFC 2047 section 5).
    """
    room = _octets(LINE - used)
    word = b""
    for character in value:
        octets = character.encode()
        if len(word) + len(octets) > room:
            yield f"=?utf-8?b?{b64encode(word).decode()}?="
            word, room = b"", _octets(_ENCODED_WORD)
        word += octets
    yield f"=?utf-8?b?{b64encode(word).decode()}?="


def _octets(characters: int) -> int:
    """Return how many octets an encoded word of so many characters holds."""
    return (characters - len("=?utf-8?b??=")) // 4 * 3


def _part(subtype: str, body: str) -> bytes:
    try:
        octets = _UNPRINTED.sub("", body).encode()
    except UnicodeEncodeError as error:
        raise _bad(
            "body-surrogate",
            f"Nội dung thư ({subtype}) có ký tự hỏng ở vị trí {error.start + 1}: hãy gõ lại.",
            f"the {subtype} body has a lone surrogate at position {error.start + 1}",
        ) from error
    lines = b"\n".join(re.split(rb"\r\n|\r|\n", octets))
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode() + binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")


def _file(attachment: Attachment) -> bytes:
    named = {"charset": "utf-8"} if attachment.media.startswith("text/") else {}
    named |= dict(attachment.parameters)
    words = [attachment.name, attachment.media, *named, *named.values()]
    if not (
        _FILE_NAME.fullmatch(attachment.name)
        and _MEDIA.fullmatch(attachment.media)
        and all(map(_PARAMETER.fullmatch, words[2:]))
    ):
        raise _bad(
            "attachment-malformed",
            f"Tệp đính kèm {shown(attachment.name)} ({shown(attachment.media)}) có tên hoặc loại "
            "không hợp lệ.",
            f"the attachment {shown(attachment.name)} ({shown(attachment.media)}) has a name or a "
            "type that may not stand in a mail",
        )
    parameters = "".join(f";\r\n {name}={value}" for name, value in named.items())
    head = (
        f"Content-Type: {attachment.media}{parameters};\r\n"
        f' name="{attachment.name}"\r\n'
        f'Content-Disposition: attachment;\r\n filename="{attachment.name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    encoded = b64encode(attachment.content).decode()
    lines = [encoded[at : at + LINE] for at in range(0, len(encoded), LINE)]
    return "\r\n".join([head.removesuffix("\r\n"), *lines]).encode()


def _sound(raw: bytes) -> bytes:
    """Return *raw*, after checking what every mail of ours must keep, whatever it says."""
    if not raw.isascii() or re.search(rb"\r(?!\n)|(?<!\r)\n", raw):
        raise AssertionError("a serialised mail is ASCII with CRLF line ends")
    if max(map(len, raw.split(b"\r\n"))) > _LONGEST_LINE:
        raise AssertionError(f"a serialised mail has no line over {_LONGEST_LINE} characters")
    return raw


def _bad(code: str, vi: str, en: str) -> BadMail:
    return BadMail(Refusal(code, vi, en))
