"""Tell a Prefect server of our deployments: the same as ``prefect.yaml`` says, in a second.

``prefect deploy --all`` does this too, for larger installations; it takes 8 s. Doing it again
changes nothing (a schedule that an operator paused stays paused), so the embedded system does it
at every start and after the loss of Prefect's database.
"""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flows import Flow
from prefect.utilities.callables import parameter_schema

from flows.connection import api

POOL_TYPE = "process"
"""So that Prefect's own ``prefect worker start`` can serve the same pool."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One flow that can be started by name, now and then or by schedule."""

    name: str
    entrypoint: str
    """Dotted: ``flows.carry_out.carry_out``; found wherever the package is installed."""
    every: timedelta | None = None
    since: datetime | None = None
    """An instant at which it runs, by its schedule; the others follow from it."""
    description: str = ""
    tags: tuple[str, ...] = ()


DEPLOYMENTS = (
    Deployment("carry-out", "flows.carry_out.carry_out"),
    Deployment("follow-up", "flows.follow_up.follow_up", every=timedelta(seconds=60)),
    Deployment("escalate", "flows.escalate.escalate"),
    Deployment("deliver", "flows.deliver.deliver"),
    Deployment(
        "verify",
        "flows.verify.verify_ledger",
        every=timedelta(days=1),
        since=datetime(2024, 1, 1, 19, 30, tzinfo=UTC),  # 02:30 in Viet Nam
    ),
    Deployment("checkpoint", "flows.checkpoint.checkpoint", every=timedelta(hours=1)),
    Deployment("decide", "flows.decide.decide"),
)


@cache
def load(entrypoint: str) -> Flow[..., Any]:
    """Return the flow that a dotted *entrypoint* names; imported once in this process.

    Raises:
        ImportError: there is no such module.
        TypeError: what it names is not a flow.
    """
    module, _, name = entrypoint.rpartition(".")
    flow = getattr(import_module(module), name, None)
    if not isinstance(flow, Flow):
        raise TypeError(f"{entrypoint} is not a Prefect flow")
    return flow


def full_name(deployment: Deployment) -> str:
    """Return the name to start a run by: ``flow/deployment``."""
    return f"{load(deployment.entrypoint).name}/{deployment.name}"


def deploy(pool: str, deployments: Sequence[Deployment] = DEPLOYMENTS) -> None:
    """Make the server know the work pool and *deployments*; safe to repeat.

    Raises:
        httpx.HTTPError: the server does not answer.
    """
    client = api()
    try:
        client.read_work_pool(pool)
    except ObjectNotFound:
        with suppress(ObjectAlreadyExists):  # another process was quicker
            client.create_work_pool(
                WorkPoolCreate(name=pool, type=POOL_TYPE, base_job_template=_template())
            )
    for each in deployments:
        flow = load(each.entrypoint)
        schema = parameter_schema(flow).model_dump_for_openapi()
        version = _fingerprint(pool, each, schema)
        if _version_there(full_name(each)) == version:
            continue
        client.create_deployment(
            flow_id=client.create_flow_from_name(flow.name),
            name=each.name,
            version=version,
            entrypoint=each.entrypoint,
            path=str(Path.cwd()),
            work_pool_name=pool,
            schedules=_schedules(each),
            parameter_openapi_schema=schema,
            enforce_parameter_schema=True,
            description=each.description or flow.description,
            tags=list(each.tags),
            pull_steps=[],
        )


def _fingerprint(pool: str, deployment: Deployment, schema: dict[str, Any]) -> str:
    """Return a version that changes exactly when the server must be told."""
    text = json.dumps([pool, repr(deployment), str(Path.cwd()), schema], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _version_there(name: str) -> str | None:
    try:
        return api().read_deployment_by_name(name).version
    except ObjectNotFound:
        return None


def _template() -> dict[str, Any]:
    """Return Prefect's own job template for the process worker."""
    from prefect.workers.process import ProcessWorker

    return ProcessWorker.get_default_base_job_template()


def _schedules(deployment: Deployment) -> list[DeploymentScheduleCreate]:
    if deployment.every is None:
        return []
    schedule = IntervalSchedule(interval=deployment.every)
    if deployment.since is not None:
        schedule = IntervalSchedule(interval=deployment.every, anchor_date=deployment.since)
    return [
        DeploymentScheduleCreate(
            schedule=schedule,
            slug=deployment.name,
        )
    ]
