"""What stands ready to be sent: the frozen bytes of mails, and which mails go along in them.

The bytes are held to the hash beside them, to the Message-ID (which follows from the mail's key)
and to the secret of its link (whose hash the ledger names, where the policy asks for proofs).
Nothing of the ledger holds the rest of the letter until the relay has taken it.
"""

import base64
import email
import email.policy
import hashlib
from collections.abc import Iterator

from audit.codes import Code
from audit.envelope import short
from audit.finding import Finding
from audit.source import Source

_ROWS = (
    "SELECT o.key, o.seq, o.stream, o.message_id, o.state, o.contact, o.token, o.raw, o.raw_sha256,"
    " o.carrier, c.key, c.contact, c.raw, c.raw_sha256 FROM outbox o"
    " LEFT JOIN outbox c ON c.key = o.carrier"
    " WHERE o.raw IS NOT NULL OR o.carrier IS NOT NULL OR o.token IS NOT NULL"
)
_FINAL = ("sent", "failed", "cancelled")


def examine(source: Source) -> Iterator[Finding]:
    """Yield what is wrong with what is kept of mails until they are settled."""
    for key, seq, stream, message_id, state, contact, token, raw, sha256, *other in source.rows(
        _ROWS
    ):
        carrier, there, its_contact, its_raw, its_sha256 = other
        wrong: list[tuple[str, object, object]] = []
        if state in _FINAL:
            kept = (("raw", raw), ("token", token))
            wrong += [(name, "…", None) for name, value in kept if value is not None]
        if raw is not None:
            wrong += _bytes(raw, sha256, message_id)
        if carrier is not None and (there, its_contact, its_sha256) != (carrier, contact, sha256):
            said = (carrier, contact, sha256)
            wrong.append(("carrier", said, (there, its_contact, its_sha256)))
        held = raw if carrier is None else its_raw
        if token is not None and held is not None and not _carries(held, token):
            wrong.append(("raw", "…", "token"))
        for column, found, expected in wrong:
            data = {"column": column, "found": short(found), "expected": short(expected)}
            yield Finding(Code.MAIL_ALTERED, seq, stream or None, f"outbox:{key}", data=data)


def _bytes(raw: object, sha256: object, message_id: object) -> list[tuple[str, object, object]]:
    if not isinstance(raw, bytes):
        return [("raw", raw, sha256)]
    found = hashlib.sha256(raw).hexdigest()
    if found != sha256:
        return [("raw", found, sha256)]
    head = email.message_from_bytes(raw.partition(b"\r\n\r\n")[0], policy=email.policy.compat32)
    named = str(head["Message-ID"]).strip("<> ").partition("@")[0]
    on_the_wire = base64.b32encode(hashlib.sha256(str(message_id).encode()).digest()[:15])
    expected = on_the_wire.decode().lower()
    return [] if named == expected else [("raw", named, expected)]


def _carries(raw: object, token: object) -> bool:
    """Tell whether one of the texts of a mail holds the secret of its link."""
    if not isinstance(raw, bytes):
        return True  # named already
    secret = str(token).encode()
    for part in email.message_from_bytes(raw, policy=email.policy.compat32).walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and secret in content:
            return True
    return False
