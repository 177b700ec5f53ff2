"""The ledger, the outbox, the links and the projections.

Everything is written out, so that a later change of the models does not change what this revision
made; :mod:`models.triggers` belongs to this revision as well. Every constraint has its name:
Alembic drops unnamed checks when it rebuilds a table on SQLite.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from models.triggers import POSTGRESQL, SQLITE

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.String(length=27)
SHA256 = sa.String(length=64)


def upgrade() -> None:
    """Create everything. There is no way down: a ledger is not unmade."""
    _ledger()
    _streams()
    _people()
    _mail()
    _runtime()
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def _ledger() -> None:
    op.create_table(
        "ledger_event",
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("stream_seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("cause", BIG, nullable=True),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('I', 'D', 'A')", name=op.f("ck_ledger_event_kind_known")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_ledger_event_seq_from_one")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_event")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_ledger_event_dedup_key")),
        sa.UniqueConstraint("prev_hash", name=op.f("uq_ledger_event_prev_hash")),
        sa.UniqueConstraint("stream", "stream_seq", name=op.f("uq_ledger_event_stream_seq")),
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("last_hash", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("log_id", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )


def _streams() -> None:
    op.create_table(
        "stream",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("next_due", INSTANT, nullable=True),
        sa.Column("issued_at", INSTANT, nullable=True),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream")),
    )
    op.create_index(op.f("ix_stream_next_due"), "stream", ["next_due"], unique=False)
    op.create_index(op.f("ix_stream_parent"), "stream", ["parent"], unique=False)
    op.create_table(
        "blob",
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )


def _people() -> None:
    op.create_table(
        "contact",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_contact")),
        sa.UniqueConstraint("body", "address", name=op.f("uq_contact_body_address")),
    )
    op.create_index(op.f("ix_contact_body"), "contact", ["body"], unique=False)
    op.create_table(
        "person",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_person")),
    )


def _mail() -> None:
    op.create_table(
        "outbox",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("raw_sha256", SHA256, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ambiguous", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("last_code", sa.Integer(), nullable=True),
        sa.Column("last_text", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending','sending','unknown','sent','failed','parked','cancelled')",
            name=op.f("ck_outbox_state_known"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index("ix_outbox_owed", "outbox", ["state", "next_at"], unique=False)
    op.create_index("ix_outbox_thread", "outbox", ["assignment", "recipient"], unique=False)
    op.create_table(
        "link",
        sa.Column("token_sha256", SHA256, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("outbox", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_link")),
    )
    op.create_index(op.f("ix_link_assignment"), "link", ["assignment"], unique=False)


def _runtime() -> None:
    op.create_table(
        "runtime_run",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("flow_run_id", sa.Text(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_runtime_run")),
    )
    op.create_index(op.f("ix_runtime_run_stream"), "runtime_run", ["stream"], unique=False)
