"""What Prefect knows of flow runs, for the auditor's comparison (``audit.runs``)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterId, FlowRunFilter, FlowRunFilterId
from prefect.settings import PREFECT_API_URL, temporary_settings

from audit.runs import Known, Run, Unreachable
from flows import engine


def known_runs(ids: Sequence[str]) -> Mapping[str, Run]:
    """Return the flow runs with these *ids* (200 at most) that this process's server still has.

    Raises:
        Unreachable: it does not answer.
    """
    return _known(engine.api(), ids)


def asking(api_url: str) -> Known:
    """Return :func:`known_runs` for the server at *api_url*, whatever this process is set to."""

    def known(ids: Sequence[str]) -> Mapping[str, Run]:
        # Without an address the client would start a server of its own.
        with temporary_settings({PREFECT_API_URL: api_url}):
            try:
                with get_client(sync_client=True) as client:
                    return _known(client, ids)
            except (httpx.HTTPError, RuntimeError) as error:  # the server's version is asked first
                raise Unreachable(_why(error)) from error

    return known


def _known(client: SyncPrefectClient, ids: Sequence[str]) -> Mapping[str, Run]:
    wanted = [found for each in ids if (found := _uuid(each)) is not None]
    if not wanted:
        return {}
    try:
        with engine.impatient():
            runs = client.read_flow_runs(
                flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=wanted))
            )
            flows = {run.flow_id for run in runs}
            chosen = FlowFilter(id=FlowFilterId(any_=list(flows)))
            names = {flow.id: flow.name for flow in client.read_flows(flow_filter=chosen)}
    except httpx.HTTPError as error:
        raise Unreachable(_why(error)) from error
    return {
        str(run.id): Run(
            names.get(run.flow_id, ""),
            run.parameters,
            run.state is not None and run.state.is_final(),
        )
        for run in runs
    }


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
