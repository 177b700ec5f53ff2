"""Files that come with reports, drafts, and who asked for a link to enter a paper.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SHA256 = sa.String(length=64)
INSTANT = sa.String(length=27)


def upgrade() -> None:
    """Add three tables and a column; no row is touched."""
    op.add_column("link", sa.Column("person", sa.Text(), nullable=True))
    op.create_table(
        "attachment",
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachment_size_positive")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_attachment")),
    )
    op.create_table(
        "attachment_use",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "part IN ('report', 'supplement')", name=op.f("ck_attachment_use_part_known")
        ),
        sa.PrimaryKeyConstraint(
            "stream",
            "assignment",
            "part",
            "number",
            "position",
            name=op.f("pk_attachment_use"),
        ),
    )
    op.create_index(op.f("ix_attachment_use_sha256"), "attachment_use", ["sha256"], unique=False)
    op.create_table(
        "draft",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("stream", "assignment", "purpose", "form", name=op.f("pk_draft")),
    )
