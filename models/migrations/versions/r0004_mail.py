"""Proof of notice, quiet hours, mails that go along with another, bounces, and the relay's row.

What was settled before this revision stays unattested: its documents ask for no proof.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.String(length=27)


def upgrade() -> None:
    """Add columns and a table; nothing that was owed is changed."""
    for name, kind in (
        ("enhanced", sa.Text()),
        ("queue_id", sa.Text()),
        ("later_since", INSTANT),
        ("held_until", INSTANT),
        ("carrier", sa.Text()),
        ("settled_at", INSTANT),
        ("attested_at", INSTANT),
        ("bounced_at", INSTANT),
    ):
        op.add_column("outbox", sa.Column(name, kind, nullable=True))
    op.create_index("ix_outbox_unattested", "outbox", ["attested_at", "state"], unique=False)
    op.create_index("ix_outbox_carrier", "outbox", ["carrier"], unique=False)
    op.execute("UPDATE outbox SET attested_at = '' WHERE state IN ('sent', 'failed', 'parked')")
    op.add_column("contact", sa.Column("flagged_at", INSTANT, nullable=True))
    op.add_column("contact", sa.Column("flagged_why", sa.Text(), nullable=True))
    relay = op.create_table(
        "mail_relay",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("closed_until", INSTANT, nullable=True),
        sa.Column("stopped", sa.Text(), nullable=True),
        sa.Column("stopped_for", sa.Text(), nullable=True),
        sa.Column("minute", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_relay_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_relay")),
    )
    op.bulk_insert(relay, [{"id": 1, "failures": 0, "minute": "", "day": ""}])
