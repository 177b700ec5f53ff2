"""The plan of a document as nodes of its flow run's graph, there from the first day.

A node is a task run that nobody executes: its identity comes from its key, and its state says
what is waited for. Nodes are written the way Prefect's own engine writes task runs: as
state-change events, which the server stores in bulk (``server/services/task_run_recorder.py``).
One event makes, renames and moves a node, and hundreds go in one request; one REST call for
each change manages about 35 a second.

The server applies an event only if it is newer than what it has, so late, repeated and
reordered deliveries are harmless. It may lose the last second when it is killed; so what is
drawn is read back at the start of a pass (:func:`drawn`), not remembered.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import State, StateType, TaskRun

from flows.connection import api

TASK_KEY = "plan-node"
AT_ONCE = 200
NOT_BEGUN = frozenset({StateType.PENDING, StateType.SCHEDULED})
FINAL = frozenset({StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED})


@dataclass(frozen=True, slots=True)
class Node:
    """What an operator should see of one step of the plan."""

    key: str
    """Stable for the life of the flow run."""
    label: str
    state_type: str
    """A Prefect state type (``PENDING``, ``PAUSED``, ``COMPLETED`` …): the node's colour."""
    state_name: str
    """The badge: any words of our own."""
    message: str = ""
    deps: tuple[str, ...] = ()
    """Keys of nodes, acts or children that an edge comes from."""


@dataclass(frozen=True, slots=True)
class KnownNode:
    """What Prefect shows of one node now."""

    label: str
    state_type: str
    state_name: str
    message: str
    inputs: frozenset[UUID]
    started_at: datetime | None = None


def node_id(flow_run_id: UUID, key: str) -> UUID:
    """Return the task run id of the node or act *key*: the same in every pass and process."""
    return uuid5(flow_run_id, key)


def edges(flow_run_id: UUID, keys: Iterable[str], children: Mapping[str, UUID]) -> list[UUID]:
    """Return what the edges from *keys* start at.

    The graph knows a child by the id of its flow run, anything else by that of its task run.
    """
    return [children.get(key, node_id(flow_run_id, key)) for key in keys]


def drawn(flow_run_id: UUID) -> dict[UUID, KnownNode]:
    """Return all task runs of a run as Prefect has them now: nodes, acts and children's bars."""
    return {run.id: _known(run) for run in _task_runs(flow_run_id)}


def project(
    flow_run_id: UUID,
    nodes: Sequence[Node],
    known: Mapping[str, KnownNode],
    *,
    children: Mapping[str, UUID] | None = None,
) -> dict[str, KnownNode]:
    """Make Prefect show *nodes*, sending only what differs from *known*; return what it shows.

    *known* is what an earlier call returned, or :func:`known_among` of what is drawn. *children*
    maps keys of child bodies to their flow runs: Prefect itself keeps the state of their bars,
    so nodes with these keys are left alone, and edges from them start at the child.

    Raises:
        httpx.HTTPError: the server does not answer, or refuses an event.
    """
    below = children or {}
    shown = dict(known)
    events: list[dict[str, Any]] = []
    for node in nodes:
        if node.key in below:
            continue
        before = known.get(node.key)
        state: State[None] = State(
            type=StateType(node.state_type), name=node.state_name, message=node.message
        )
        after = KnownNode(
            node.label,
            node.state_type,
            node.state_name,
            node.message,
            frozenset(edges(flow_run_id, node.deps, below)),
            _start(before, state),
        )
        if after != before:
            events.append(_event(flow_run_id, node.key, after, state))
            shown[node.key] = after
    for begin in range(0, len(events), AT_ONCE):
        api().request("POST", "/events", json=events[begin : begin + AT_ONCE])
    return shown


def known_among(
    flow_run_id: UUID, keys: Iterable[str], present: Mapping[UUID, KnownNode]
) -> dict[str, KnownNode]:
    """Return those of *keys* that are among the drawn task runs *present*."""
    ids = ((key, node_id(flow_run_id, key)) for key in keys)
    return {key: present[each] for key, each in ids if each in present}


def _start(before: KnownNode | None, state: State[None]) -> datetime | None:
    """A bar begins when its step did, and the begin is kept."""
    if state.type in NOT_BEGUN:
        return None
    return (before.started_at if before else None) or state.timestamp


def _event(flow_run_id: UUID, key: str, node: KnownNode, state: State[None]) -> dict[str, Any]:
    """Return the event by which Prefect's engine tells of a task run's new state."""
    at = state.timestamp.isoformat()
    return {
        "id": str(state.id),
        "occurred": at,
        "event": f"prefect.task-run.{node.state_name}",
        "resource": {
            "prefect.resource.id": f"prefect.task-run.{node_id(flow_run_id, key)}",
            "prefect.resource.name": node.label,
            "prefect.state-type": node.state_type,
            "prefect.state-name": node.state_name,
            "prefect.state-message": node.message,
            "prefect.state-timestamp": at,
            # Without this label the recorder takes the event for an echo of its own.
            "prefect.orchestration": "client",
        },
        "related": [
            {
                "prefect.resource.id": f"prefect.flow-run.{flow_run_id}",
                "prefect.resource.role": "flow-run",
            }
        ],
        "payload": {
            "intended": {"from": None, "to": node.state_type},
            "initial_state": None,
            "validated_state": {
                "type": node.state_type,
                "name": node.state_name,
                "message": node.message,
                "state_details": {},
                "data": None,
            },
            "task_run": {
                "name": node.label,
                "task_key": TASK_KEY,
                "dynamic_key": key,
                "task_inputs": inputs_of(sorted(node.inputs)),
                "expected_start_time": (node.started_at or state.timestamp).isoformat(),
                "start_time": node.started_at.isoformat() if node.started_at else None,
                "end_time": at if state.type in FINAL else None,
            },
        },
    }


def inputs_of(ids: Sequence[UUID]) -> dict[str, list[dict[str, str]]]:
    """Return the ``task_inputs`` that draw edges from *ids*."""
    return {"after": [{"input_type": "task_run", "id": str(each)} for each in ids]} if ids else {}


def _task_runs(flow_run_id: UUID) -> Iterator[TaskRun]:
    chosen = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
    for offset in count(0, AT_ONCE):
        page = api().read_task_runs(flow_run_filter=chosen, limit=AT_ONCE, offset=offset)
        yield from page
        if len(page) < AT_ONCE:
            return


def _known(run: TaskRun) -> KnownNode:
    state = run.state
    inputs = (each for given in run.task_inputs.values() for each in given)
    return KnownNode(
        run.name,
        state.type.value if state else "",
        (state.name if state else None) or "",
        (state.message if state else None) or "",
        frozenset(each.id for each in inputs if each.input_type in {"task_run", "flow_run"}),
        run.start_time,
    )
