"""What a flow records names the run that recorded it (``models.origin``)."""

from collections.abc import Iterator
from contextlib import contextmanager

from prefect import runtime

from models.origin import Run, running


@contextmanager
def attributed() -> Iterator[None]:
    """Within this block, facts name the flow run and the task run that are executing."""
    flow, task = runtime.flow_run.id, runtime.task_run.id
    with running(Run(str(flow), str(task) if task else None) if flow else None):
        yield
