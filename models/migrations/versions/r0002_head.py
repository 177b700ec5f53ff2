"""The head changes only with the number of facts.

Until now its hash and frontier could be altered while the size stayed, and nothing would have said
so before the next audit.

Revision ID: 0002
"""

from alembic import op

from models.triggers import HEAD_GROWS_POSTGRESQL, HEAD_GROWS_SQLITE

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Put the stricter trigger in the place of the old one; no row is touched."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in HEAD_GROWS_SQLITE if sqlite else HEAD_GROWS_POSTGRESQL:
        op.execute(statement)
