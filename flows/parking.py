"""Park a flow run: it waits, visibly, without a process."""

from typing import NoReturn
from uuid import UUID

import httpx
from prefect import runtime
from prefect.client.schemas.objects import State, StateDetails, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import Abort, Pause

from flows.connection import api


def park(name: str, message: str) -> NoReturn:
    """Leave the running flow in a paused state of our own name, and end this pass.

    The operator reads *name* as the badge and *message* beside it. Works for a root and for a
    child: the state is set by force, because a child may not *propose* a suspension and a
    proposed pause with a key that was used before does nothing (Prefect 3.8). The state has no
    time-out, for the server would fail the run when it ran out; deadlines are ours.

    Raises:
        Pause: always, unless an operator is cancelling the run.
        Abort: an operator pressed Cancel meanwhile; the run is cancelled, not parked.
    """
    run_id = UUID(str(runtime.flow_run.id))
    client = api()
    if _being_cancelled(client.read_flow_run(run_id).state):
        cancelled: State[None] = State(type=StateType.CANCELLED, message="Cancelled in the UI.")
        client.set_flow_run_state(run_id, cancelled, force=True)
        raise Abort("the run was cancelled while it was busy")
    # pause_reschedule: otherwise a resume would mark the run as running, with no process.
    waiting: State[None] = State(
        type=StateType.PAUSED,
        name=name,
        message=message,
        state_details=StateDetails(pause_reschedule=True),
    )
    raise Pause(state=client.set_flow_run_state(run_id, waiting, force=True).state)


def wake(flow_run_id: UUID) -> bool:
    """Ask that a parked run go on; say whether it will.

    False means that the run was not waiting: it is busy (and will look again before it parks),
    already woken, or at its end. A wake-up is only a hint and may be lost; commit first.

    Raises:
        prefect.exceptions.ObjectNotFound: there is no such run.
        httpx.HTTPError: the server does not answer.
    """
    client = api()
    try:
        status: SetStateStatus = client.resume_flow_run(flow_run_id).status
    except httpx.HTTPStatusError:
        # Of a run that it does not know, Prefect 3.8 says 500 here and 404 only when read.
        client.read_flow_run(flow_run_id)
        raise
    return status == SetStateStatus.ACCEPT


def _being_cancelled(state: State | None) -> bool:
    return state is not None and state.type in {StateType.CANCELLING, StateType.CANCELLED}
