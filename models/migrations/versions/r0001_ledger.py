"""The ledger, the outbox, the links and the projections.

Revision ID: 0001
"""

from alembic import op
from sqlmodel import SQLModel

import models.tables
from models.triggers import POSTGRESQL, SQLITE

revision = "0001"
down_revision = None

TABLES = (
    models.tables.LedgerEvent,
    models.tables.LedgerHead,
    models.tables.Stream,
    models.tables.Contact,
    models.tables.Person,
    models.tables.Blob,
    models.tables.Outbox,
    models.tables.Link,
    models.tables.RuntimeRun,
    models.tables.RuntimeNode,
)


def upgrade() -> None:
    """Create everything. There is no way down: a ledger is not unmade."""
    bind = op.get_bind()
    SQLModel.metadata.create_all(
        bind, tables=[SQLModel.metadata.tables[str(t.__tablename__)] for t in TABLES]
    )
    for statement in SQLITE if bind.dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
