"""What a database holds, as one value: whoever says that nothing was changed is held to it."""

import hashlib

from sqlalchemy import Engine, select
from sqlmodel import SQLModel


def snapshot(engine: Engine) -> dict[str, str]:
    """Return the SHA-256 of every table's rows, by the table's name."""
    hashes: dict[str, str] = {}
    with engine.execution_options(reading=True).begin() as connection:
        for table in SQLModel.metadata.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns))
            digest = hashlib.sha256()
            for row in rows:
                digest.update(repr(tuple(row)).encode())
            hashes[table.name] = digest.hexdigest()
    return hashes
