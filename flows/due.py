"""Which runs of a work pool are due, or will be soon."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from flows.connection import api

MANY = 200


class Pool:
    """One work pool, as a worker asks about it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._paused = False

    def poll(self, before: datetime) -> list[FlowRun]:
        """Return the runs due before an instant, in order, as a worker should ask.

        That tells the server that the pool's deployments are being served. It costs the server
        two writes, so do it now and then, and :meth:`glance` in between.

        Raises:
            prefect.exceptions.ObjectNotFound: there is no such pool.
        """
        client = api()
        self._paused = client.read_work_pool(self.name).is_paused
        found = client.get_scheduled_flow_runs_for_work_pool(self.name, scheduled_before=before)
        return sorted((each.flow_run for each in found), key=due_at)

    def glance(self, before: datetime) -> list[FlowRun]:
        """Return the same, only looking; nothing while an operator has paused the pool."""
        if self._paused:
            return []
        scheduled = FlowRunFilterStateType(any_=[StateType.SCHEDULED])
        found: list[FlowRun] = api().read_flow_runs(
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=scheduled),
                next_scheduled_start_time=FlowRunFilterNextScheduledStartTime(before_=before),
            ),
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[self.name])),
            sort=FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC,
            limit=MANY,
        )
        return found


def due_at(run: FlowRun) -> datetime:
    """Return when a scheduled run is to begin."""
    instant = run.next_scheduled_start_time or run.expected_start_time
    assert instant is not None, "a scheduled run has a time"
    return instant


def missed(due: Sequence[FlowRun]) -> set[UUID]:
    """Return the runs of a schedule that a later due run of the same schedule makes idle.

    After an hour without a worker sixty runs of a minute-by-minute schedule are due: one will
    do. Runs that somebody asked for are never among them. *due* is in order of time.
    """
    latest: dict[UUID, UUID] = {}
    idle: set[UUID] = set()
    for run in due:
        if run.auto_scheduled and run.deployment_id is not None:
            if run.deployment_id in latest:
                idle.add(latest[run.deployment_id])
            latest[run.deployment_id] = run.id
    return idle
