"""To be filled by its own part of the work.

Revision ID: 0004
"""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Nothing yet."""
