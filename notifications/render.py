"""A mail owed into a mail: what the recipient must know, in her language, from the facts.

The text is pure in the state and the row of the outbox, so a mail can be previewed and tested
without a database. Templates hold sentences only; everything they show is a string.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from pendulum import DateTime

from models.domain.effects import Kind
from models.domain.stale import outdated, stale
from models.domain.state import State
from notifications.address import Mailbox, mailbox
from notifications.details import newest_act
from notifications.digest import digest_view
from notifications.invite import PUBLISHED, invitation
from notifications.labels import DIGEST
from notifications.letter import THREADED, Letter, Recipient, Sender
from notifications.summary import summary_view
from notifications.templating import TEMPLATES, html_of, sentences, text_of
from notifications.view import view_of
from notifications.week import week_of
from notifications.wire import AUTOMATIC, KIND_HEADER, Attachment, Mail, message_id_for, serialise

__all__ = [
    "TEMPLATES",
    "THREADED",
    "Letter",
    "Recipient",
    "Sender",
    "compose",
    "compose_digest",
    "mail_of",
    "newest_act",
    "outdated",
    "raw",
    "stale",
    "view_of",
]


def compose(letter: Letter, state: State, sender: Sender, written_at: DateTime) -> Mail:
    """Return the mail. *written_at* becomes its Date.

    Raises:
        NotificationError: for an address or a name that cannot be put on the wire.
    """
    lang = letter.lang
    if letter.kind is Kind.SUMMARY:
        assert state.plan is not None, "a summary is of a registered document"
        week = letter.week or week_of(state, written_at)
        view = summary_view(letter, week, state.plan, sender, lang)
        return mail_of("summary", letter.kind, letter.to, view, sender, written_at)
    view = view_of(letter, state, sender, lang, written_at)
    mail = mail_of("mail", letter.kind, letter.to, view, sender, written_at)
    return replace(mail, attachments=invitation(letter, state, view, sender, written_at))


def compose_digest(
    letters: Sequence[Letter],
    states: Mapping[str, State],
    sender: Sender,
    lang: str,
    now: DateTime,
) -> Mail:
    """Return one mail that carries *letters*, all to one address; the first one's Message-ID.

    *states* are the documents by their keys (:attr:`Letter.stream`). Duties are grouped by
    document, the soonest bound first, each with a link of its own and, if it begins, with its
    calendar file. A digest begins no thread that later mails go on with: they answer the mails
    about their own duty.
    """
    view = digest_view(letters, states, sender, lang, now)
    to = replace(letters[0].to, thread=None)
    files = _calendar_files(letters, states, sender, lang, now)
    return mail_of("digest", DIGEST, to, view, sender, now, tuple(files))


def _calendar_files(
    letters: Sequence[Letter],
    states: Mapping[str, State],
    sender: Sender,
    lang: str,
    now: DateTime,
) -> Iterator[Attachment]:
    """Yield one file a duty: programs that show several entries of one file are few."""
    names: Counter[str] = Counter()
    for letter in letters:
        if letter.kind not in PUBLISHED:
            continue  # a digest of reminders need not be worked out twice
        state = states[letter.stream]
        view = view_of(letter, state, sender, lang, now)
        for file in invitation(letter, state, view, sender, now):
            names[file.name] += 1
            again = names[file.name]
            stem, dot, ending = file.name.rpartition(".")
            yield replace(file, name=f"{stem}-{again}{dot}{ending}") if again > 1 else file


def mail_of(
    shape: str,
    kind: str,
    to: Recipient,
    view: Mapping[str, object],
    sender: Sender,
    written_at: DateTime,
    attachments: tuple[Attachment, ...] = (),
) -> Mail:
    """Return the mail that says *view* in the layout *shape* with the sentences of *kind*."""
    lang = str(view["lang"])
    full = sentences(lang, kind, view)
    thread = message_id_for(to.thread, sender.domain) if to.thread else None
    return Mail(
        sender=_office(sender.address, sender.name),
        to=mailbox(to.address, to.name),
        subject=str(full["subject"]),
        message_id=message_id_for(to.message_id, sender.domain),
        date=written_at,
        text=text_of(shape, full),
        html=html_of(shape, full),
        reply_to=_office(sender.reply_to) if sender.reply_to else None,
        in_reply_to=thread,
        references=(thread,) if thread else (),
        extra=(*AUTOMATIC, ("Content-Language", lang), (KIND_HEADER, kind)),
        attachments=attachments,
    )


@lru_cache(maxsize=16)
def _office(address: str, name: str = "") -> Mailbox:
    """Return one of our own mailboxes: the same few in every mail."""
    return mailbox(address, name)


def raw(mail: Mail) -> tuple[bytes, str]:
    """Return the bytes that go on the wire and their SHA-256 (hex)."""
    data = serialise(mail)
    return data, hashlib.sha256(data).hexdigest()
