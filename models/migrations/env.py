"""Alembic's environment: the connection comes from :func:`models.store.migrate`."""

from alembic import context
from sqlmodel import SQLModel

import models.tables

LEDGER = {"ledger_event", "ledger_head", "ledger_checkpoint", "ledger_key"}


def _include(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
    """Keep autogenerate away from the ledger: a batch rebuild drops its triggers silently."""
    return not (kind == "table" and name in LEDGER)


assert models.tables  # registers the metadata
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    include_object=_include,
)
with context.begin_transaction():
    context.run_migrations()
