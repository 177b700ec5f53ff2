"""What came back: read as far as it can be believed, and no further.

Only a delivery status notification (RFC 3464) says something about a mail: its ``Status`` field,
not its words, tells whether the failure is final. Automatic answers, letters of people and
everything unreadable say nothing. No answer is ever written.
"""

import email
import email.policy
import email.utils
import re
from dataclasses import dataclass
from email.message import Message

MOST_BYTES = 1_000_000
"""A notification is small: what is larger is not even parsed."""
_STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")
_REPLY_CODE = re.compile(r"\b([45]\d\d)\b")
_MESSAGE_ID = re.compile(r"\s*<([0-9a-f]{40})@[A-Za-z0-9.-]+>\s*$")
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")


@dataclass(frozen=True, slots=True)
class Notification:
    """What a notification says of the one recipient that our mails have."""

    action: str
    """``failed``, ``delayed``, ``delivered``, ``relayed`` or ``expanded``."""
    status: str
    """Enhanced status (RFC 3463): ``5.1.1``; empty when there was none."""
    code: int | None = None
    """The SMTP code that the last server gave, where it is told."""

    @property
    def final(self) -> bool:
        """Tell whether the mail will never arrive: it failed, and with a permanent status.

        ``failed`` with ``4.x.x`` is a full mailbox or a server that was away for long: the next
        mail may arrive.
        """
        return self.action == "failed" and self.status.startswith("5.")


def addressees(message: Message) -> list[str]:
    """Return to which addresses a message came, as its headers tell."""
    headers = [str(value) for name in _TO for value in message.get_all(name, [])]
    try:
        return [address for _, address in email.utils.getaddresses(headers) if address]
    except (ValueError, LookupError, RecursionError):  # brackets a thousand deep
        return []


def parse(raw: bytes) -> Message | None:
    """Return the message, or ``None`` when it is too large or no mail at all."""
    if len(raw) > MOST_BYTES:
        return None
    try:
        return email.message_from_bytes(raw, policy=email.policy.compat32)
    except (ValueError, LookupError, RecursionError):
        return None


def notification(message: Message) -> Notification | None:
    """Return what *message* says of our mail; ``None`` when it is no notification."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    try:
        return next(filter(None, map(_of_part, message.walk())), None)
    except (ValueError, LookupError, RecursionError):
        return None


def original(message: Message) -> str | None:
    """Return the local part of the Message-ID of the mail that a notification gives back.

    Its addressee knows it, and whoever he showed the mail to: it proves nothing.
    """
    try:
        return next(filter(None, map(_called, message.walk())), None)
    except (ValueError, LookupError, RecursionError):
        return None


def _called(part: Message) -> str | None:
    if part.get_content_type() not in ("text/rfc822-headers", "message/rfc822"):
        return None
    given = part.get_payload()
    first = given[0] if isinstance(given, list) and given else given
    headers = first if isinstance(first, Message) else email.message_from_string(str(first))
    found = _MESSAGE_ID.match(str(headers.get("Message-ID", "")))
    return found[1] if found else None


def _of_part(part: Message) -> Notification | None:
    if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
        return None
    # The first group is about the message, each further one about a recipient. We have one.
    for group in part.get_payload():
        if isinstance(group, Message) and group.get("Action") is not None:
            found = _STATUS.match(str(group.get("Status", "")))
            said = _REPLY_CODE.search(str(group.get("Diagnostic-Code", "")))
            return Notification(
                action=str(group["Action"]).split(";")[0].split("(")[0].strip().lower(),
                status=".".join(found.groups()) if found else "",
                code=int(said[1]) if said else None,
            )
    return None
