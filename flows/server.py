"""The embedded Prefect server: one quiet process on loopback, with the UI.

Larger installations run Prefect's own ``prefect server start`` elsewhere (with PostgreSQL and
Redis) and give its address in the settings; then nothing here is used.
"""

import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from config.clock import wait_until
from flows import lifeline
from flows.one_writer import OneWriter

SERVICES = "PREFECT_SERVER_SERVICES_"

DEFAULTS = {
    # Nothing leaves the machine.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
    # Services for things we do not use; each one wakes the process every few seconds.
    # Parked runs have no time-out, cancelled runs are settled by the warm worker, and no
    # deployment has a concurrency limit, so no lease can be left behind.
    SERVICES + "PAUSE_EXPIRATIONS_ENABLED": "false",
    SERVICES + "CANCELLATION_CLEANUP_ENABLED": "false",
    SERVICES + "CLEANUP_RECONCILER_ENABLED": "false",
    SERVICES + "REPOSSESSOR_ENABLED": "false",
    SERVICES + "TRIGGERS_ENABLED": "false",
    SERVICES + "LATE_RUNS_LOOP_SECONDS": "30",
    SERVICES + "LATE_RUNS_AFTER_SECONDS": "60",
    SERVICES + "SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "15",
    # A minute-by-minute schedule need not be laid out a hundred runs ahead.
    SERVICES + "SCHEDULER_MIN_SCHEDULED_TIME": "PT5M",
    SERVICES + "SCHEDULER_MAX_RUNS": "5",
    # Task runs (our nodes) and events are written in batches instead of one transaction each.
    SERVICES + "TASK_RUN_RECORDER_BATCH_SIZE": "200",
    SERVICES + "TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    SERVICES + "EVENT_PERSISTER_BATCH_SIZE": "200",
    # Blocks are a feature we do not use; registering them costs seconds at every first start.
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    # :func:`main` has it done by a process that ends.
    "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
}
"""What the embedded server is started with. A variable that is set already wins."""


_LISTENER_SECONDS = 0.1
"""How long the listener for cancellations waits at a time (``docket.worker``)."""


class ServerError(RuntimeError):
    """The Prefect server did not come up, or its port is taken."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where one embedded server lives: *home* holds its SQLite file and its log."""

    host: str
    port: int
    home: Path
    database_url: str = ""
    """``postgresql+asyncpg://…``; empty: SQLite in *home*."""

    @property
    def api_url(self) -> str:
        """Return what goes into ``PREFECT_API_URL``."""
        return f"http://{self.host}:{self.port}/api"

    @property
    def log(self) -> Path:
        """Return the file that the server's output is appended to."""
        return self.home / "server.log"

    def environment(self) -> dict[str, str]:
        """Return the environment for the server."""
        own = {
            **client_environment(self.api_url, self.home),
            # On a port other than 4200 the UI looks for its API in the wrong place without this.
            "PREFECT_UI_API_URL": self.api_url,
            "PREFECT_SERVER_API_HOST": self.host,
            "PREFECT_SERVER_API_PORT": str(self.port),
        }
        if self.database_url:
            own["PREFECT_API_DATABASE_CONNECTION_URL"] = self.database_url
        return {**DEFAULTS, **os.environ, **own}


def client_environment(api_url: str, home: Path) -> dict[str, str]:
    """Return what any process needs in its environment to talk to the server at *api_url*."""
    return {
        "PREFECT_HOME": str(home.absolute()),
        "PREFECT_API_URL": api_url,
        "PREFECT_PROFILES_PATH": str((home / "profiles.toml").absolute()),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    }


def start(server: Server) -> subprocess.Popen[bytes]:
    """Start the server; it ends when this process does. Follow with :func:`wait_healthy`.

    Raises:
        ServerError: the port is taken.
    """
    if not port_is_free(server.host, server.port):
        raise ServerError(
            f"port {server.port} on {server.host} is taken; choose another (CASCADE_PREFECT_PORT)"
        )
    server.home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "flows.server", server.host, str(server.port)]
    return lifeline.spawn(command, server.environment(), server.log)


def healthy(api_url: str) -> bool:
    """Say whether a Prefect server answers at *api_url*."""
    try:
        return httpx.get(f"{api_url}/health", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def wait_healthy(
    server: Server, process: subprocess.Popen[bytes] | None = None, *, seconds: float = 90
) -> None:
    """Wait until the server answers.

    Raises:
        ServerError: it ended, or did not answer within *seconds*; with the end of its log.
    """

    def settled() -> bool:
        return healthy(server.api_url) or (process is not None and process.poll() is not None)

    if wait_until(settled, seconds=seconds, every=0.1) and healthy(server.api_url):
        return
    ended = process is not None and process.poll() is not None
    what = "ended" if ended else f"did not answer within {seconds:.0f} s"
    raise ServerError(f"the Prefect server at {server.api_url} {what}: {_tail(server.log)}")


def port_is_free(host: str, port: int) -> bool:
    """Say whether a server could listen on *host*:*port*."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _tail(log: Path, size: int = 2000) -> str:
    return log.read_text(errors="replace")[-size:] if log.exists() else "(no log)"


def main(host: str, port: int) -> None:
    """Serve the API and the UI from this process until SIGTERM."""
    import uvicorn
    from prefect.server.api.server import create_app

    _migrate()
    lifeline.hold()
    _calm_the_scheduler()
    _calm_the_listener()
    app: Any = create_app(final=True)
    if os.environ.get("PREFECT_API_DATABASE_CONNECTION_URL", "sqlite").startswith("sqlite"):
        app = OneWriter(app)
    uvicorn.run(app, host=host, port=port, log_level="warning")


def _migrate() -> None:
    """Bring Prefect's schema up to date; what that takes (30 MB) goes with a process of its own.

    A fork, before there is any thread: a process that imports everything anew needs seconds.
    """
    from prefect.server.database import provide_database_interface

    def upgrade() -> None:
        asyncio.run(provide_database_interface().create_db())

    child = multiprocessing.get_context("fork").Process(target=upgrade)
    child.start()
    child.join()
    if child.exitcode:
        sys.exit(child.exitcode)


def _calm_the_scheduler() -> None:
    """Let the server's own task queue look every 2 s, not four times a second.

    That polling is most of what an idle server does (2.0 % of a core, 1.3 % with this). Prefect
    offers no setting for it; if a later version is built otherwise, nothing is changed.
    """
    from datetime import timedelta
    from functools import partial

    from prefect.server.api import background_workers

    worker = getattr(background_workers, "Worker", None)
    if worker is not None:
        pause = timedelta(seconds=2)
        calm = partial(worker, minimum_check_interval=pause, scheduling_resolution=pause)
        setattr(background_workers, "Worker", calm)  # noqa: B010


def _calm_the_listener() -> None:
    """Let the task queue's listener for cancellations wake once a second instead of ten times.

    It waits at a queue in memory, so it hears as soon as before; it took a third of what an idle
    server does (0.25 % of a core). If a later version is built otherwise, nothing is changed.
    """
    import queue

    from burner_redis.pubsub import PubSub  # type: ignore[import-untyped]

    usual = getattr(PubSub, "_queue_get", None)
    if usual is None:
        return

    async def patient(self: Any, timeout: float | None) -> Any:
        if timeout != _LISTENER_SECONDS or not hasattr(self, "_queue"):
            return await usual(self, timeout)
        try:
            return await asyncio.to_thread(self._queue.get, True, 1.0)
        except queue.Empty:
            return None

    setattr(PubSub, "_queue_get", patient)  # noqa: B010


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
