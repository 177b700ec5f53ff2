"""Which Prefect run carries what: hints in our own database.

They say which run to wake and how much of its stream it has dealt with. If they are lost, or
Prefect's own database is, they are made anew; no truth is kept here.
"""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from models.store import Store
from models.tables import RuntimeRun, table

_RUN = table(RuntimeRun)

CARRY_OUT = "carry-out:"
ESCALATE = "escalate:"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of ours."""

    key: str
    """``carry-out:256-KH/TU`` or ``escalate:<assignment>:<round>``."""
    stream: str
    flow_run_id: str
    seen: int
    """The stream's position that its last finished pass had dealt with."""
    finished: bool


def read(store: Store, key: str) -> Run | None:
    """Return the run known by *key*."""
    with store.reading() as connection:
        row = connection.execute(select(_RUN).where(_RUN.c.key == key)).mappings().first()
    return None if row is None else Run(**row)


def of_streams(store: Store) -> dict[str, Run]:
    """Return all runs by their key."""
    with store.reading() as connection:
        rows = connection.execute(select(_RUN)).mappings().all()
    return {row["key"]: Run(**row) for row in rows}


def keep(store: Store, key: str, stream: str, flow_run_id: str) -> None:
    """Remember that *flow_run_id* carries *key*; another run than before has seen nothing yet."""
    with store.engine.begin() as connection:
        make = sqlite_insert if connection.dialect.name == "sqlite" else pg_insert
        known = connection.execute(
            select(_RUN.c.flow_run_id).where(_RUN.c.key == key)
        ).scalar_one_or_none()
        if known == flow_run_id:
            return
        values = {"flow_run_id": flow_run_id, "seen": 0, "finished": False}
        connection.execute(
            make(_RUN)
            .values(key=key, stream=stream, **values)
            .on_conflict_do_update(index_elements=["key"], set_=values)
        )


def saw(store: Store, key: str, position: int, *, finished: bool = False) -> None:
    """Remember that the run has dealt with everything up to *position* of its stream."""
    with store.engine.begin() as connection:
        connection.execute(
            update(_RUN).where(_RUN.c.key == key).values(seen=position, finished=finished)
        )
