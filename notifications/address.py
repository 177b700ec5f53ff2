"""Mailboxes: one address in the form that goes on the wire, with the name people read.

Addresses are ASCII only. A domain in Vietnamese is turned into its A-label (RFC 5891); a local part
that is not ASCII would need SMTPUTF8 (RFC 6531) on every relay of the way and is refused. Nothing
here asks the DNS.
"""

import re
import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from email_validator.syntax import validate_email_domain_name

from models.domain.errors import Refusal
from notifications.errors import BadAddress

NAME_LIMIT = 200
"""Characters of a display name; longer ones are a mistake or an attack."""

FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters (C0, DEL, C1), line and paragraph separators, lone surrogates: none may stand
in a header."""

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WIRE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address as it goes on the wire, and a display name (may be empty).

    Make one with :func:`mailbox`. The constructor only checks that the value can do no harm in a
    header or an SMTP command; it raises :exc:`BadAddress` otherwise.
    """

    address: str
    name: str = ""

    def __post_init__(self) -> None:
        if len(self.address) > 254 or not _WIRE.fullmatch(self.address):
            raise _malformed(self.address)
        if match := FORBIDDEN.search(self.name):
            raise BadAddress(
                Refusal(
                    "name-control-character",
                    f"Tên người nhận {shown(self.name)} có ký tự điều khiển "
                    f"U+{ord(match[0]):04X} ở vị trí {match.start() + 1}: hãy xóa ký tự đó.",
                    f"The name {shown(self.name)} has the control character "
                    f"U+{ord(match[0]):04X} at position {match.start() + 1}: remove it.",
                )
            )

    @property
    def domain(self) -> str:
        """The domain, as A-label."""
        return self.address.rpartition("@")[2]


def mailbox(address: str, name: str = "") -> Mailbox:
    """Return the mailbox for *address* as typed by a person, with *name* beside it.

    Surrounding blanks go, the domain becomes its lower-case A-label, the name is put into NFC
    without direction overrides and with single blanks. Special-use ``example`` domains are allowed.
    Raises :exc:`BadAddress`: ``address-malformed``, ``address-not-ascii``,
    ``name-control-character`` or ``name-too-long``.
    """
    typed = address.strip(" ")
    local = typed.rpartition("@")[0]
    if not FORBIDDEN.search(typed) and local and not local.isascii():
        raise BadAddress(
            Refusal(
                "address-not-ascii",
                f"Địa chỉ {shown(typed)} có dấu hoặc ký tự đặc biệt trước @: hệ thống chỉ gửi "
                "tới địa chỉ viết bằng chữ không dấu. Hãy hỏi lại đơn vị nhận.",
                f"The address {shown(typed)} is not plain ASCII before the @, which mail relays "
                "cannot be relied on to carry. Ask its owner for another one.",
            )
        )
    try:
        found = validate_email(typed, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise _malformed(typed, str(error)) from error
    if found.ascii_email is None:  # cannot be, as SMTPUTF8 is off
        raise _malformed(typed)
    return Mailbox(found.ascii_email, display(name))


def display(name: str) -> str:
    """Return *name* fit to stand beside an address: NFC, single blanks, no direction overrides.

    Raises :exc:`BadAddress` when it is longer than :data:`NAME_LIMIT`.
    """
    clean = without_overrides(unicodedata.normalize("NFC", name))
    clean = re.sub(" {2,}", " ", clean).strip(" ")
    if len(clean) > NAME_LIMIT:
        raise BadAddress(
            Refusal(
                "name-too-long",
                f"Tên {shown(clean)} dài {len(clean)} ký tự, tối đa {NAME_LIMIT}: hãy rút gọn.",
                f"The name {shown(clean)} has {len(clean)} characters, at most {NAME_LIMIT} are "
                "allowed: shorten it.",
            )
        )
    return clean


def without_overrides(text: str) -> str:
    """Return *text* without the marks that turn its reading direction (Unicode UAX #9).

    Vietnamese needs none, and with them a name can be made to read as another.
    """
    return _BIDI.sub("", text)


def ascii_domain(domain: str) -> str:
    """Return *domain* as its lower-case A-label; raise :exc:`BadAddress` when it is no domain."""
    try:
        return validate_email_domain_name(domain)["ascii_domain"]
    except EmailNotValidError as error:
        raise _malformed(domain, str(error)) from error


def mixed_scripts(box: Mailbox) -> tuple[str, ...]:
    """Return the scripts mixed within one label of the domain, or nothing when each has one.

    Two are worth an operator's look: ``LATIN`` beside ``CYRILLIC`` is how a domain is made to look
    like another.
    """
    for label in box.domain.split("."):
        text = label[4:].encode().decode("punycode") if label.startswith("xn--") else label
        scripts = {unicodedata.name(c, "?").split(" ")[0] for c in text if c.isalpha()}
        if len(scripts) > 1:
            return tuple(sorted(scripts))
    return ()


def shown(text: str) -> str:
    """Return *text* quoted, shortened and printable, to name it in an error."""
    short = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "“" + "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in short) + "”"


def _malformed(address: str, why: str = "it is not of the form name@domain") -> BadAddress:
    return BadAddress(
        Refusal(
            "address-malformed",
            f"Địa chỉ thư {shown(address)} không hợp lệ: hãy sửa trong danh bạ theo dạng "
            "ten@coquan.example, không dấu, không khoảng trắng.",
            f"The address {shown(address)} is not valid: {why}",
        )
    )
