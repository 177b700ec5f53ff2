"""To be filled by its own part of the work.

Revision ID: 0005
"""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nothing yet."""
