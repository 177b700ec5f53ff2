"""A real Prefect server and a real warm worker, for the tests of the engine."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import httpx
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings

from config.clock import wait_until
from flows import engine, lifeline, server

DEPLOYMENTS = "tests.engine_flows.DEPLOYMENTS"
PATIENCE = 90.0


class Site:
    """One server and its workers, in processes of their own, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = server.Server("127.0.0.1", _free_port(), folder / "prefect")
        self.work = folder / "work"
        self.work.mkdir()
        self._server: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def start_server(self) -> None:
        self._server = server.start(self.server)
        server.wait_healthy(self.server, self._server, seconds=PATIENCE)

    def kill_server(self) -> None:
        assert self._server is not None
        self._server.kill()
        lifeline.stop(self._server)
        self._server = None

    def start_worker(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "flows.warm", "cascade", str(self.folder / "locks")]
        env = {**os.environ, **server.client_environment(self.server.api_url, self.server.home)}
        log = self.folder / "worker.log"
        self.workers.append(lifeline.spawn([*command, DEPLOYMENTS], env, log))
        return self.workers[-1]

    def wait_deployed(self) -> None:
        assert wait_until(self._deployed, seconds=PATIENCE), self.log()

    def _deployed(self) -> bool:
        try:
            engine.api().read_deployment_by_name("tick/tick")
        except ObjectNotFound:
            return False
        return True

    def close(self) -> None:
        for each in self.workers:
            if each.poll() is None:
                each.send_signal(signal.SIGKILL)
            lifeline.stop(each)
        if self._server is not None:
            lifeline.stop(self._server)

    def log(self) -> str:
        path = self.folder / "worker.log"
        return path.read_text()[-4000:] if path.exists() else ""

    def until(self, run: UUID, holds: Callable[[State[object]], bool]) -> FlowRun:
        """Wait until the state of *run* is as wanted; return the run."""
        found: list[FlowRun] = []

        def settled() -> bool:
            try:
                found.append(engine.find(run))
            except httpx.HTTPError:
                return False  # the server is being restarted
            state = found[-1].state
            return state is not None and holds(state)

        if not wait_until(settled, seconds=PATIENCE):
            raise AssertionError(f"{found[-1].state if found else None!r}\n{self.log()}")
        return found[-1]

    def until_parked(self, run: UUID, number: int) -> FlowRun:
        return self.until(run, lambda state: state.message == f"Chờ lần {number}")

    def until_done(self, run: UUID) -> FlowRun:
        return self.until(run, lambda state: state.is_final())

    def lines(self, name: str) -> list[str]:
        path = self.work / name
        return path.read_text().splitlines() if path.exists() else []


@contextmanager
def opened(folder: Path, workers: int = 1) -> Iterator[Site]:
    """A site that is up, with this process talking to it."""
    site = Site(folder)
    settings = {PREFECT_API_URL: site.server.api_url, PREFECT_HOME: site.server.home}
    with temporary_settings(settings):
        try:
            site.start_server()
            for _ in range(workers):
                site.start_worker()
            if workers:
                site.wait_deployed()
            yield site
        finally:
            engine.close()
            site.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
