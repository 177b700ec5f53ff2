"""Addresses that are used no more, and returned mails that nothing proves.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add two columns; no row is touched."""
    op.add_column("contact", sa.Column("retired_at", sa.String(length=27), nullable=True))
    op.add_column("outbox", sa.Column("doubted", sa.Text(), nullable=True))
