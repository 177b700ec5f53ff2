"""A mail as people and programs read it: headers decoded, text, HTML, links and files taken out.

Forgiving on purpose: what cannot be decoded is shown as it came.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr, parsedate_to_datetime
from sys import intern

from notifications.wire import KIND_HEADER

_URL = re.compile(r"https?://[^\s<>\"'`]+")
_HREF = re.compile(r"<a\b[^>]*?\bhref\s*=\s*[\"'](https?://[^\"']+)[\"']", re.IGNORECASE)
_NOT_OF_URL = ".,;:!?)]}»”…"
_HEAD_TAG = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_UNPLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_SHOWN = 20_000
"""Bytes of a text file that a page shows."""
_UNREADABLE = (
    MessageError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
)
"""What the standard parser raises for mails that are none: unknown or impossible charsets, bad
parameters, parts a thousand deep. One such mail must not shut the others away."""
_BASE = '<base target="_blank">'


@dataclass(frozen=True, slots=True)
class Headers:
    """What a list of mails shows."""

    sender: str
    to: str
    subject: str
    message_id: str
    date: datetime | None
    kind: str = ""
    """What our own mails say that they are; empty for others."""

    @property
    def recipient(self) -> str:
        """Whose mail it is: the name beside the address, or the address."""
        try:
            name, address = parseaddr(self.to)
        except _UNREADABLE:
            return self.to
        return name or address


@dataclass(frozen=True, slots=True)
class File:
    """Something attached."""

    name: str
    """Letters, digits, dots and dashes of ASCII only, whatever the mail calls it."""
    media: str
    content: bytes

    @property
    def text(self) -> str:
        """Return the text of a short text file; empty for others."""
        if not self.media.startswith("text/") or len(self.content) > _SHOWN:
            return ""
        return _text(self.content, "utf-8")


@dataclass(frozen=True, slots=True)
class Content:
    """What the mail says."""

    text: str
    """The text part, with ``\\n`` line ends; empty when there is none."""
    html: str
    headers: tuple[tuple[str, str], ...]
    """All of them, decoded, in their order."""
    links: tuple[str, ...]
    """Every http(s) address of text and HTML, once, in order."""
    files: tuple[File, ...] = ()


def headers_of(start: bytes) -> Headers:
    """Return the headers of the mail that begins with *start*."""
    message = BytesHeaderParser().parsebytes(start.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    return Headers(
        # Thousands of mails say the same here: it is kept once.
        sender=intern(_decoded(message["From"])),
        to=_decoded(message["To"]),
        subject=intern(_decoded(message["Subject"])),
        message_id=_decoded(message["Message-ID"]),
        date=_date(message["Date"]),
        kind=intern(_decoded(message[KIND_HEADER])),
    )


def content_of(raw: bytes) -> Content:
    """Return what *raw* says; as plain text what is no mail that can be taken apart."""
    try:
        return _content_of(message_from_bytes(raw))
    except _UNREADABLE:
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = _text(head, "utf-8").splitlines()
        headers = tuple((name, value) for name, _, value in (each.partition(":") for each in lines))
        return Content(_text(body, "utf-8"), "", headers, ())


def _content_of(message: Message) -> Content:
    text, markup = _body(message, "text/plain"), _body(message, "text/html")
    return Content(
        text=text,
        html=markup,
        headers=tuple((name, _decoded(value)) for name, value in message.items()),
        links=tuple(dict.fromkeys([*links_in(text), *map(html.unescape, _HREF.findall(markup))])),
        files=tuple(_files(message)),
    )


def links_in(text: str) -> Iterator[str]:
    """Yield the http(s) addresses in *text* without the punctuation that follows them."""
    for match in _URL.finditer(text):
        yield match[0].rstrip(_NOT_OF_URL)


def opening_outside(markup: str) -> str:
    """Return *markup* so that its links open in a window of their own, not in the frame."""
    if found := _HEAD_TAG.search(markup):
        return markup[: found.end()] + _BASE + markup[found.end() :]
    return _BASE + markup


def _body(message: Message, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
            octets = part.get_payload(decode=True)
            if isinstance(octets, bytes):
                return _text(octets, part.get_content_charset("utf-8")).replace("\r\n", "\n")
    return ""


def _files(message: Message) -> Iterator[File]:
    for number, part in enumerate(message.walk(), 1):
        if part.get_content_disposition() == "attachment":
            octets = part.get_payload(decode=True)
            name = _UNPLAIN.sub("-", part.get_filename() or "").strip(".-")[-60:]
            content = octets if isinstance(octets, bytes) else b""
            yield File(name or f"tep-{number}", part.get_content_type(), content)


def _text(octets: bytes, charset: str) -> str:
    try:
        return octets.decode(charset, "replace")
    except (LookupError, UnicodeError):  # unknown, or one that replaces nothing (idna)
        return octets.decode("utf-8", "replace")


def _decoded(value: object) -> str:
    raw = re.sub(r"\r?\n(?=[ \t])", "", str(value or ""))
    try:
        text = str(make_header(decode_header(raw)))
    except _UNREADABLE:
        text = raw
    return text.encode("utf-8", "replace").decode()  # surrogates cannot be shown


def _date(value: object) -> datetime | None:
    try:
        return parsedate_to_datetime(str(value or ""))
    except _UNREADABLE:
        return None
