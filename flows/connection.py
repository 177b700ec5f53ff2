"""One connection to the Prefect API, reused."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.context import SyncClientContext
from prefect.settings import (
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)

_kept = threading.local()


def api() -> SyncPrefectClient:
    """Return a client: the running flow's own, else one that this thread keeps open.

    Keeping it saves the 20 ms that opening a connection costs, and a socket per call.
    """
    context = SyncClientContext.get()
    if context is not None:
        return context.client
    client: SyncPrefectClient | None = getattr(_kept, "client", None)
    if client is None:
        client = get_client(sync_client=True)
        client.__enter__()
        _kept.client = client
    return client


@contextmanager
def impatient() -> Iterator[None]:
    """Within this block a request that fails, fails at once.

    By default Prefect's client tries again for a minute, asleep. That is right for a flow and
    wrong for whoever answers a person, or has a loop of its own.
    """
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
        yield


@contextmanager
def without_heartbeats() -> Iterator[None]:
    """Within this block runs send no heartbeats.

    The engine's heartbeat thread sleeps in whole seconds and is waited for at the end of a run:
    half a second for each pass, in vain, since :mod:`flows.ownership` knows who is alive.
    """
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def close() -> None:
    """Close what :func:`api` keeps for this thread."""
    client: SyncPrefectClient | None = getattr(_kept, "client", None)
    if client is not None:
        _kept.client = None
        client.__exit__(None, None, None)
