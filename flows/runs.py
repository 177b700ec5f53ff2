"""Start runs of our deployments, nest them, find them, and keep their labels true."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any
from uuid import UUID

from prefect import runtime
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterParentFlowRunId
from prefect.client.schemas.objects import FlowRun, State, StateType, TaskRunResult
from prefect.states import Pending, Scheduled
from prefect.tasks import Task

from flows.connection import api
from flows.nodes import AT_ONCE, edges, node_id

RESTARTABLE = frozenset({StateType.FAILED, StateType.CRASHED})


def start(
    deployment: str,
    parameters: Mapping[str, Any],
    *,
    idempotency_key: str | None = None,
    name: str | None = None,
    tags: Iterable[str] = (),
) -> UUID:
    """Start a top-level run of *deployment* (``flow/deployment``); return its id.

    The same *idempotency_key* gives the same run for ever, even one that has ended; its
    parameters are then those of the first call.

    Raises:
        prefect.exceptions.ObjectNotFound: there is no such deployment.
    """
    return _create(deployment, parameters, idempotency_key, name, tags, None)


def start_child(
    deployment: str,
    parameters: Mapping[str, Any],
    *,
    key: str,
    idempotency_key: str,
    name: str,
    tags: Iterable[str] = (),
    after: Iterable[str] = (),
) -> UUID:
    """Start a run of *deployment* below the running flow, where it shows as a bar that unfolds.

    *key* names the bar among the parent's nodes and *after* the nodes that it follows. Calling
    it again with the same key and idempotency key gives the same run. This is what Prefect's
    ``run_deployment(as_subflow=True)`` does, except that the bar's identity does not depend on
    how many children this pass has started before it.

    Raises:
        prefect.exceptions.ObjectNotFound: there is no such deployment.
    """
    parent = UUID(str(runtime.flow_run.id))
    inputs = edges(parent, after, {})
    bar: Task[Any, Any] = Task(fn=_bar, name=deployment)
    bar.task_key = f"child.{deployment}"
    tracking = api().create_task_run(
        bar,
        flow_run_id=parent,
        dynamic_key=key,
        id=node_id(parent, key),
        name=name,
        state=Pending(),
        task_inputs={"after": [TaskRunResult(id=each) for each in inputs]} if inputs else {},
    )
    return _create(deployment, parameters, idempotency_key, name, tags, tracking.id)


def children(flow_run_id: UUID) -> dict[UUID, UUID]:
    """Return the child runs of a run: id of the bar's node → id of the child run."""
    below = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[flow_run_id]))
    return {run.parent_task_run_id: run.id for run in listed(below) if run.parent_task_run_id}


def listed(chosen: FlowRunFilter) -> Iterator[FlowRun]:
    """Yield all runs that a filter chooses, however many."""
    for offset in count(0, AT_ONCE):
        page = api().read_flow_runs(flow_run_filter=chosen, limit=AT_ONCE, offset=offset)
        yield from page
        if len(page) < AT_ONCE:
            return


def find(flow_run_id: UUID) -> FlowRun:
    """Return a run with its present state.

    Raises:
        prefect.exceptions.ObjectNotFound: there is no such run.
    """
    return api().read_flow_run(flow_run_id)


def retag(flow_run_id: UUID, tags: Iterable[str], name: str | None = None) -> None:
    """Set all tags of a run anew (and its name), so that operators' saved searches stay true."""
    if name is None:
        api().update_flow_run(flow_run_id, tags=sorted(set(tags)))
    else:
        api().update_flow_run(flow_run_id, tags=sorted(set(tags)), name=name)


def revive(flow_run_id: UUID) -> bool:
    """Schedule a run anew that failed or crashed; say whether it was one.

    A run that an operator cancelled is left alone.
    """
    state = find(flow_run_id).state
    if state is None or state.type not in RESTARTABLE:
        return False
    again: State[None] = Scheduled(name="AwaitingRetry", message="Restarted by the follow-up.")
    api().set_flow_run_state(flow_run_id, again, force=True)
    return True


def _bar() -> None:
    """Stand in for the child in its parent's graph."""


def _create(
    deployment: str,
    parameters: Mapping[str, Any],
    idempotency_key: str | None,
    name: str | None,
    tags: Iterable[str],
    bar: UUID | None,
) -> UUID:
    client = api()
    run = client.create_flow_run_from_deployment(
        client.read_deployment_by_name(deployment).id,
        parameters=dict(parameters),
        state=Scheduled(),
        name=name,
        tags=sorted(set(tags)),
        idempotency_key=idempotency_key,
        parent_task_run_id=bar,
    )
    return run.id
