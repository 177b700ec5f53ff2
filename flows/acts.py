"""One real act is one task run, at its own time on the axis, with its edges.

A pass submits an act only if the database has it not recorded as shown; the identity of the task
run comes from the act's key, so even a second submission is the same task run.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from prefect import runtime
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun, TaskRunResult
from prefect.context import TagsContext
from prefect.states import Pending
from prefect.task_engine import run_task_sync
from prefect.tasks import Task

from flows.nodes import edges, node_id

P = ParamSpec("P")
R = TypeVar("R")


def act(
    task: Task[P, R],
    key: str,
    label: str,
    after: Iterable[str] = (),
    parameters: Mapping[str, Any] | None = None,
    *,
    children: Mapping[str, UUID] | None = None,
    tags: Iterable[str] = (),
) -> R:
    """Run *task* as the act *key* of the running flow, named *label*, and return its result.

    *after* are keys of nodes and acts, of this pass or any earlier one, that edges come from
    (*children* as for :func:`flows.nodes.project`). Nothing is cached or persisted: what has
    happened is known from the ledger alone. Retries, logs and time-outs of the task work as
    always.

    Raises:
        Exception: whatever the task raised, after its retries.
    """
    flow_run_id = UUID(str(runtime.flow_run.id))
    plain = task.with_options(
        task_run_name=label.replace("{", "{{").replace("}", "}}"),
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    # What Task.create_local_run makes, except for the ids: its dynamic key counts the calls of
    # one pass, and two passes that count alike would write over each other's task runs.
    state: State[None] = Pending()
    inputs = edges(flow_run_id, after, children or {})
    run = TaskRun(
        id=node_id(flow_run_id, key),
        name=label,
        flow_run_id=flow_run_id,
        task_key=task.task_key,
        dynamic_key=key,
        task_inputs={"after": [TaskRunResult(id=each) for each in inputs]} if inputs else {},
        tags=sorted({*task.tags, *tags, *(TagsContext.get().current_tags or ())}),
        expected_start_time=state.timestamp,
        state_id=state.id,
        state_type=state.type,
        state_name=state.name,
        state=state,
    )
    result: R = run_task_sync(plain, task_run=run, parameters=dict(parameters or {}))  # type: ignore[assignment]
    return result
