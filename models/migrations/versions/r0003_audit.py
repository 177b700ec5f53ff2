"""To be filled by its own part of the work.

Revision ID: 0003
"""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Nothing yet."""
