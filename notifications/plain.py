"""Mails about no document: the signed checkpoint of the ledger, to those who audit.

Rows of the outbox with an empty stream; what such a mail says stands in its ``detail``, as JSON.
"""

import json

from pendulum import DateTime

from models.domain.calendar import local
from models.domain.errors import Refusal
from notifications.address import Mailbox, shown
from notifications.errors import BadMail
from notifications.inert import inert
from notifications.labels import KINDS
from notifications.letter import Recipient, Sender
from notifications.render import mail_of
from notifications.wire import Attachment, Mail
from notifications.words import count_words, instant_words

CHECKPOINT = "checkpoint"
NOTE_FILE = "checkpoint.txt"


def compose(
    kind: str,
    detail: str,
    recipient: Mailbox,
    message_id: str,
    sender: Sender,
    lang: str,
    now: DateTime,
) -> Mail:
    """Return the mail of *kind* that *detail* (JSON) describes, dated *now*.

    *message_id* is the local key of its Message-ID.

    ``checkpoint``: ``{"note": "<signed note, whole>"}``. The note goes along byte for byte as
    ``checkpoint.txt``; its first lines (origin, number of facts, root) are told in words.
    Raises :exc:`BadMail`: ``plain-unknown`` for another kind, ``plain-malformed`` for a detail
    without a note of that form.
    """
    lang = lang if lang in ("vi", "en") else "vi"
    if kind != CHECKPOINT:
        raise _bad("plain-unknown", f"không có loại thư {shown(kind)}", f"no mail {shown(kind)}")
    note, origin, size, root = _note(detail)
    vi = lang == "vi"
    view = {
        "lang": lang,
        "recipient": inert(recipient.name) or recipient.address,
        "kind_name": KINDS[lang][kind],
        "origin": origin,
        "size": count_words(size, lang),
        "at": instant_words(now, lang),
        "day": f"{local(now):%d/%m/%Y}",
        "rows": [
            ("Sổ cái" if vi else "Ledger", origin),
            ("Số sự kiện" if vi else "Facts", count_words(size, lang)),
            ("Mã gốc" if vi else "Root hash", root),
        ],
        "asks": bool(sender.reply_to),
    }
    to = Recipient(message_id, recipient.address, recipient.name)
    attached = (Attachment(NOTE_FILE, "text/plain", note.encode()),)
    return mail_of("plain", kind, to, view, sender, now, attached)


def _note(detail: str) -> tuple[str, str, int, str]:
    """Return the note with its origin, the number of facts and the root hash."""
    try:
        note = json.loads(detail)["note"]
        origin, size, root = note.split("\n")[:3]
        return note, origin, int(size), root
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad(
            "plain-malformed",
            f"bản xác nhận sổ cái không đúng dạng ({error})",
            f"the checkpoint is not of the form of a signed note ({error})",
        ) from error


def _bad(code: str, vi: str, en: str) -> BadMail:
    return BadMail(Refusal(code, f"Không viết được thư: {vi}.", en))
