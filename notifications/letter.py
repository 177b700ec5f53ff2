"""What one mail is about, before a word of it is written."""

from dataclasses import dataclass

from models.domain.effects import Kind
from models.domain.facts import Fact
from models.domain.terms import AssignmentId
from notifications.week import Week

THREADED = frozenset(
    {
        Kind.ASSIGNED,
        Kind.REMINDER,
        Kind.OVERDUE,
        Kind.RECEIVED,
        Kind.RETURNED,
        Kind.ACCEPTED,
        Kind.WAIVED,
        Kind.MOVED,
        Kind.EXTENDED,
        Kind.EXTENSION_REFUSED,
        Kind.DISPUTE_REJECTED,
    }
)
"""Kinds of one conversation with the unit: one subject, one thread. Others start their own."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, and where links lead."""

    address: str
    name: str
    reply_to: str
    domain: str
    base_url: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom one mail goes, and what its Message-ID is made of."""

    message_id: str
    """Local key of the Message-ID."""
    address: str
    name: str
    thread: str | None = None
    """Local key of the mail that it answers."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one mail is about."""

    kind: Kind
    assignment: AssignmentId
    """Empty for a mail about the whole document."""
    detail: str
    message_id: str
    """Local key of the Message-ID."""
    address: str
    locale: str
    token: str | None
    recipient_name: str
    thread: str | None = None
    told: int = 0
    """How often this mailbox got a mail of this kind about the duty before, in the same case."""
    reason: str | None = None
    """Why, in the words of whoever decided or asked."""
    fact: Fact | None = None
    """What owes the mail; ``None`` where it is not at hand."""
    stream: str = ""
    """The document's key; a digest may be about several."""
    week: Week | None = None
    """What a weekly summary says; worked out from the state given when ``None``."""

    @property
    def to(self) -> Recipient:
        """Return to whom it goes, in the thread that its kind goes on with."""
        thread = self.thread if self.kind in THREADED else None
        return Recipient(self.message_id, self.address, self.recipient_name, thread)

    @property
    def lang(self) -> str:
        """The language to write in: Vietnamese unless English is wished."""
        return self.locale if self.locale in ("vi", "en") else "vi"
