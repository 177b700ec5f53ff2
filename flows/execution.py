"""Execute one scheduled run in this process, exactly when it could be claimed."""

import contextvars
import logging
from collections.abc import Callable
from uuid import UUID

from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound, Pause
from prefect.flow_engine import run_flow
from prefect.flows import Flow
from prefect.states import Cancelled, Crashed, Pending

from flows.connection import api
from flows.ownership import BUSY, owner_of, reschedule

log = logging.getLogger(__name__)


def claim(flow_run_id: UUID, mark: str) -> FlowRun | None:
    """Make a scheduled run ours; return it, or None when somebody else has it.

    A claim is a proposed Pending state, which the server refuses to a second worker. It would
    accept one for a run that has ended, so the run's state is looked at first.
    """
    client = api()
    try:
        run = client.read_flow_run(flow_run_id)
    except ObjectNotFound:
        return None
    if run.state is None or run.state.type != StateType.SCHEDULED:
        return None
    ours: State[None] = Pending(message=mark)
    answer = client.set_flow_run_state(flow_run_id, ours)
    if answer.status != SetStateStatus.ACCEPT or answer.state is None:
        return None
    client.update_flow_run(flow_run_id, infrastructure_pid=mark)
    # Without a deployment id the engine does not open an event stream of its own to watch for
    # suspensions (0.3 s for each pass); it reads the full run again before the flow begins.
    return run.model_copy(update={"state": answer.state, "deployment_id": None})


def execute(run: FlowRun, flow_of: Callable[[], Flow[..., object]]) -> bool:
    """Execute a claimed run; say whether it has surely been left in a settled state.

    Never raises: whatever happens to one run, the worker goes on.
    """
    try:
        flow = flow_of()
    except Exception as problem:
        log.exception("flow run %s has no flow", run.id)
        return _crash(run.id, f"Its flow could not be loaded: {problem!r}")
    try:
        state = contextvars.copy_context().run(run_flow, flow, flow_run=run, return_type="state")
    except Pause:
        return True
    except BaseException:
        # The engine has told the server, if that was possible; settle() finds out.
        log.exception("flow run %s ended outside its own rules", run.id)
        return False
    return isinstance(state, State) and state.is_final()


def settle(flow_run_id: UUID, mark: str) -> None:
    """Put right a run that we executed, execute no longer, and may not have left in order.

    Raises:
        httpx.HTTPError: the server does not answer; try again later.
    """
    try:
        run = api().read_flow_run(flow_run_id)
    except ObjectNotFound:
        return
    if run.state is None:
        return
    if run.state.type == StateType.CANCELLING:
        api().set_flow_run_state(flow_run_id, Cancelled(), force=True)
    elif run.state.type in BUSY and owner_of(run) == mark:
        reschedule(flow_run_id, "Its worker lost contact with the server.")


def _crash(flow_run_id: UUID, message: str) -> bool:
    try:
        api().set_flow_run_state(flow_run_id, Crashed(message=message), force=True)
    except Exception:
        log.exception("flow run %s could not be marked as crashed", flow_run_id)
        return False
    return True
