"""The tables. The ledger is the truth; everything else is a projection, a queue or a hint.

Instants are text of 27 characters in UTC, so that both databases sort and keep them alike (SQLite
has no zones). Every check is named: Alembic drops unnamed ones when it rebuilds a table.
"""

from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

# SQLite gives a rowid only to INTEGER; PostgreSQL needs BIGINT for a national ledger.
_Big = BigInteger().with_variant(Integer, "sqlite")


def table(model: type[SQLModel]) -> Table:
    """Return the table of a model, for statements that touch many rows at once."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


class LedgerEvent(SQLModel, table=True):
    """One fact. ``body`` holds the bytes that were hashed; the columns are only its index."""

    __tablename__: ClassVar[str] = "ledger_event"
    __table_args__ = (
        UniqueConstraint("stream", "stream_seq", name="uq_ledger_event_stream_seq"),
        UniqueConstraint("dedup_key", name="uq_ledger_event_dedup_key"),
        UniqueConstraint("prev_hash", name="uq_ledger_event_prev_hash"),
        CheckConstraint("seq >= 1", name="seq_from_one"),
        CheckConstraint("kind IN ('I', 'D', 'A')", name="kind_known"),
    )

    seq: int = Field(sa_column=Column(_Big, primary_key=True, autoincrement=False))
    stream: str = Field(sa_column=Column(Text, nullable=False))
    stream_seq: int = Field(sa_column=Column(Integer, nullable=False))
    type: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(String(1), nullable=False))
    at: str = Field(sa_column=Column(String(27), nullable=False))
    recorded_at: str = Field(sa_column=Column(String(27), nullable=False))
    cause: int | None = Field(default=None, sa_column=Column(_Big, nullable=True))
    rules: str = Field(sa_column=Column(Text, nullable=False))
    dedup_key: str = Field(sa_column=Column(Text, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    prev_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    leaf_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LedgerHead(SQLModel, table=True):
    """The one row whose lock gives all writers one order."""

    __tablename__: ClassVar[str] = "ledger_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    size: int = Field(sa_column=Column(_Big, nullable=False))
    last_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    frontier: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    recorded_at: str = Field(sa_column=Column(String(27), nullable=False))
    epoch: int = Field(sa_column=Column(Integer, nullable=False))
    log_id: str = Field(sa_column=Column(Text, nullable=False))


class LedgerCheckpoint(SQLModel, table=True):
    """A signed tree head: the same note as in the file outside the database. Append-only."""

    __tablename__: ClassVar[str] = "ledger_checkpoint"

    size: int = Field(sa_column=Column(_Big, primary_key=True, autoincrement=False))
    root: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    note: str = Field(sa_column=Column(Text, nullable=False))
    key_id: str = Field(sa_column=Column(String(8), nullable=False))
    signed_at: str = Field(sa_column=Column(String(27), nullable=False))
    frontier: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """The subtrees that the root is made of, so that the next one is found to continue it."""


class LedgerAnchor(SQLModel, table=True):
    """To whom a checkpoint was handed, and what became of it (mail: the outbox's state)."""

    __tablename__: ClassVar[str] = "ledger_anchor"
    __table_args__ = (UniqueConstraint("channel", "ref", name="uq_ledger_anchor_channel_ref"),)

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    size: int = Field(sa_column=Column(_Big, nullable=False))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    """``mail:<contact>``"""
    ref: str = Field(sa_column=Column(Text, nullable=False))
    """The key of the mail in the outbox."""
    state: str = Field(sa_column=Column(Text, nullable=False))
    at: str = Field(sa_column=Column(String(27), nullable=False))


class LedgerKey(SQLModel, table=True):
    """A public key that signs checkpoints, from which size on. Append-only; ended once."""

    __tablename__: ClassVar[str] = "ledger_key"

    key_id: str = Field(sa_column=Column(String(8), primary_key=True))
    vkey: str = Field(sa_column=Column(Text, nullable=False))
    from_size: int = Field(sa_column=Column(_Big, nullable=False))
    until_size: int | None = Field(default=None, sa_column=Column(_Big, nullable=True))
    """The last size that it may have signed."""


class VaultKey(SQLModel, table=True):
    """The wrapped data key of one name or address. Deleting the row destroys what it seals."""

    __tablename__: ClassVar[str] = "vault_key"

    ref: str = Field(sa_column=Column(Text, primary_key=True))
    wrapped: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Stream(SQLModel, table=True):
    """One document: where its facts stand and when time acts next (a projection)."""

    __tablename__: ClassVar[str] = "stream"

    id: str = Field(sa_column=Column(Text, primary_key=True))
    package: str = Field(sa_column=Column(Text, nullable=False))
    number: str = Field(sa_column=Column(Text, nullable=False))
    parent: str | None = Field(default=None, sa_column=Column(Text, nullable=True, index=True))
    position: int = Field(sa_column=Column(Integer, nullable=False))
    next_due: str | None = Field(
        default=None, sa_column=Column(String(27), nullable=True, index=True)
    )
    issued_at: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    completed_at: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))


class Contact(SQLModel, table=True):
    """Where a body gets its mail. May change and be deleted; the ledger never names it.

    The address is sealed (``models.vault``). An erased contact keeps its reference and no more.
    """

    __tablename__: ClassVar[str] = "contact"
    __table_args__ = (UniqueConstraint("body", "mark", name="uq_contact_body_mark"),)

    ref: str = Field(sa_column=Column(Text, primary_key=True))
    body: str = Field(sa_column=Column(Text, nullable=False, index=True))
    mark: str | None = Field(default=None, sa_column=Column(String(64), nullable=True))
    """HMAC of body and address: the same address of the same body is known again."""
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    locale: str = Field(sa_column=Column(Text, nullable=False))
    flagged_at: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    """Mail to it came back for good; nothing more is sent there until an operator has looked."""
    flagged_why: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    retired_at: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    """From when on it is none of the body's any more (``models.readdress``)."""


class Person(SQLModel, table=True):
    """The name that somebody typed, sealed. The ledger holds the reference only."""

    __tablename__: ClassVar[str] = "person"

    ref: str = Field(sa_column=Column(Text, primary_key=True))
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    created_at: str = Field(sa_column=Column(String(27), nullable=False))


class Blob(SQLModel, table=True):
    """A text by its SHA-256: reports and reasons of return. The ledger holds the hash."""

    __tablename__: ClassVar[str] = "blob"

    sha256: str = Field(sa_column=Column(String(64), primary_key=True))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Outbox(SQLModel, table=True):
    """A mail owed, written in the transaction of the fact that owes it."""

    __tablename__: ClassVar[str] = "outbox"
    __table_args__ = (
        UniqueConstraint("message_id", name="uq_outbox_message_id"),
        CheckConstraint(
            "state IN ('pending','sending','unknown','sent','failed','parked','cancelled')",
            name="state_known",
        ),
        Index("ix_outbox_owed", "state", "next_at"),
        Index("ix_outbox_thread", "assignment", "recipient"),
        Index("ix_outbox_unattested", "attested_at", "state"),
        Index("ix_outbox_carrier", "carrier"),
    )

    key: str = Field(sa_column=Column(Text, primary_key=True))
    seq: int = Field(sa_column=Column(_Big, nullable=False))
    """The fact that owes it."""
    message_id: str = Field(sa_column=Column(Text, nullable=False))
    stream: str = Field(sa_column=Column(Text, nullable=False))
    assignment: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    detail: str = Field(sa_column=Column(Text, nullable=False))
    recipient: str = Field(sa_column=Column(Text, nullable=False))
    contact: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    token: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    """The link's secret, until the mail is final; then only its hash is left (``link``)."""
    raw: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    raw_sha256: str | None = Field(default=None, sa_column=Column(String(64), nullable=True))
    state: str = Field(sa_column=Column(Text, nullable=False))
    attempts: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    """Also the fencing token: a late result of an older attempt changes nothing."""
    ambiguous: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    tries: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    """How often the relay said "later". An outage of the relay itself does not count."""
    lease_owner: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    lease_until: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    next_at: str = Field(sa_column=Column(String(27), nullable=False))
    created_at: str = Field(sa_column=Column(String(27), nullable=False))
    finished_at: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    last_code: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    last_text: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    enhanced: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    """Enhanced status (RFC 3463) of the last answer."""
    queue_id: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    """Under which name the relay keeps it."""
    later_since: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    """When the relay first said "later" (the machine's time)."""
    held_until: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    """Not before this, for quiet hours and days off (the directive's time)."""
    carrier: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    """Key of the mail in whose message this one goes along."""
    settled_at: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    """When it was accepted, refused or given up, on the directive's clock."""
    attested_at: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    """When the ledger was told of that; empty where there was nothing to tell."""
    bounced_at: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    """When it came back after the relay had accepted it (the directive's time)."""
    doubted: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    """What a return that nothing proves says of it (a status, RFC 3463): a person decides."""


class MailRelay(SQLModel, table=True):
    """The one relay as all senders see it: whether it may be tried, and what was sent of late."""

    __tablename__: ClassVar[str] = "mail_relay"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    failures: int = Field(sa_column=Column(Integer, nullable=False))
    """How often in a row it could not be used."""
    closed_until: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    """Nobody connects before this (the machine's time)."""
    stopped: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    """Why nothing is sent until an operator has changed something."""
    stopped_for: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    """The settings that were refused, as a salted and slow hash."""
    minute: str = Field(sa_column=Column(Text, nullable=False))
    """Mails of the last minute and day, for the limits (:mod:`notifications.allowance`)."""
    day: str = Field(sa_column=Column(Text, nullable=False))


class Link(SQLModel, table=True):
    """What a token in a mail is good for. Only its SHA-256 (hex) is kept."""

    __tablename__: ClassVar[str] = "link"

    token_sha256: str = Field(sa_column=Column(String(64), primary_key=True))
    stream: str = Field(sa_column=Column(Text, nullable=False))
    assignment: str = Field(sa_column=Column(Text, nullable=False, index=True))
    body: str = Field(sa_column=Column(Text, nullable=False))
    contact: str = Field(sa_column=Column(Text, nullable=False))
    purpose: str = Field(sa_column=Column(Text, nullable=False))
    outbox: str = Field(sa_column=Column(Text, nullable=False))
    created_at: str = Field(sa_column=Column(String(27), nullable=False))
    expires_at: str = Field(sa_column=Column(String(27), nullable=False))
    revoked_at: str | None = Field(default=None, sa_column=Column(String(27), nullable=True))
    person: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    """Who asked for a link that no mail carries (a reference): to enter a paper on behalf."""


class Attachment(SQLModel, table=True):
    """A file that came with a report. Its bytes are in a folder, by the same SHA-256 (hex)."""

    __tablename__: ClassVar[str] = "attachment"
    __table_args__ = (CheckConstraint("size > 0", name="size_positive"),)

    sha256: str = Field(sa_column=Column(String(64), primary_key=True))
    media: str = Field(sa_column=Column(Text, nullable=False))
    size: int = Field(sa_column=Column(Integer, nullable=False))
    created_at: str = Field(sa_column=Column(String(27), nullable=False))


class AttachmentUse(SQLModel, table=True):
    """Under which name a file came with a version of a report, or with an addition to it."""

    __tablename__: ClassVar[str] = "attachment_use"
    __table_args__ = (CheckConstraint("part IN ('report', 'supplement')", name="part_known"),)

    stream: str = Field(sa_column=Column(Text, primary_key=True))
    assignment: str = Field(sa_column=Column(Text, primary_key=True))
    part: str = Field(sa_column=Column(Text, primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """The version, or the number of the addition."""
    position: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    sha256: str = Field(sa_column=Column(String(64), nullable=False, index=True))
    label: str = Field(sa_column=Column(Text, nullable=False))


class Draft(SQLModel, table=True):
    """What somebody has typed and not handed in, sealed. Deleted when it is handed in."""

    __tablename__: ClassVar[str] = "draft"

    stream: str = Field(sa_column=Column(Text, primary_key=True))
    assignment: str = Field(sa_column=Column(Text, primary_key=True))
    purpose: str = Field(sa_column=Column(Text, primary_key=True))
    """Of the links that show it: the unit's own, or those of an office that enters a paper."""
    form: str = Field(sa_column=Column(Text, primary_key=True))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    files: str = Field(sa_column=Column(Text, nullable=False))
    """SHA-256 of the files that are kept with it, so that nobody sweeps them away."""
    saved_at: str = Field(sa_column=Column(String(27), nullable=False))


class RuntimeRun(SQLModel, table=True):
    """Which Prefect run carries what, and how much it has seen. A hint; rebuilt at will."""

    __tablename__: ClassVar[str] = "runtime_run"

    key: str = Field(sa_column=Column(Text, primary_key=True))
    """``carry-out:256-KH/TU``, ``escalate:<assignment>``."""
    stream: str = Field(sa_column=Column(Text, nullable=False, index=True))
    flow_run_id: str = Field(sa_column=Column(Text, nullable=False))
    seen: int = Field(sa_column=Column(Integer, nullable=False))
    """The stream's position at its last finished pass."""
    finished: bool = Field(default=False)
