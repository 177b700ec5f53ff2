"""The portal under load: ``python -m benchmarks.portal``.

The portal is a process of its own on loopback, with the real clock and a fresh database; this
process is its visitors. First a mixture: 95 % open a page, 5 % confirm. Then every unit hands in
its report at once, which is the last minute before a bound at its worst; every report that was
answered must be in the ledger, once. Nothing is asserted about time.
"""

import asyncio
import dataclasses
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import httpx
import psutil
import psycopg
import typer
from pendulum import DateTime
from sqlalchemy import select

from benchmarks.connection import Connection
from benchmarks.figures import Times, times_of
from benchmarks.machine import machine
from benchmarks.system import HOST, POSTGRESQL, SQLITE
from cli.supervise import free_ports
from config.clock import SystemClock, stopwatch, wait_until
from config.settings import Settings, load
from models.domain.directive import Document
from models.domain.facts import Acknowledged, Submitted
from models.domain.requests import Issue
from models.store import Store
from models.tables import Outbox, table
from notifications.wiring import open_store, recorder_of
from tests import postgres
from tests.factories import addresses, bound, document, obligation, policy, units

GETS = 0.95
"""Share of requests that only look."""
_NONCE = re.compile(rb'name="nonce" value="([^"]+)"')
_START_SECONDS = 60.0
_REPORT = {
    "figure.so_buoi": "3",
    "figure.dang_vien_tham_gia": "41",
    "figure.tong_dang_vien": "42",
    "text": "Đã học tập, quán triệt đầy đủ.",
    "name": "Nguyễn Thị Ánh",
}


class Lost(RuntimeError):
    """Something that was answered is not in the ledger, or something was refused."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One run on one database."""

    database: str
    units: int
    connections: int
    at: str
    load_before: float
    load_after: float
    seconds: float
    """How long the mixture went on."""
    rate: float
    """Requests a second in the mixture."""
    gets: Times
    get_p99: float
    posts: Times
    post_p99: float
    rush: float
    """Seconds in which all units handed in their reports."""
    rush_rate: float
    rush_times: Times
    rush_p99: float
    portal_cpu: float
    """Seconds of CPU that the portal used in all."""
    client_cpu: float
    portal_mb: float
    """Memory of the portal at the end (RSS)."""


def main(
    databases: Annotated[str, typer.Option(help="Databases")] = f"{SQLITE},{POSTGRESQL}",
    count: Annotated[int, typer.Option("--units", help="Units that report")] = 1_000,
    seconds: Annotated[float, typer.Option(help="How long the mixture lasts")] = 20.0,
    connections: Annotated[int, typer.Option(help="Connections of the visitors")] = 16,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures")] = None,
) -> None:
    """Load the portal and print what it bore."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    where = machine()
    typer.echo(
        f"{where.cpu}, {where.cores} cores, {where.memory_gb} GB; Python {where.python}; SQLite "
        f"{where.sqlite} ({where.journal}); load {os.getloadavg()[0]:.2f}"
    )
    done: list[Figures] = []
    try:
        for database in databases.split(","):
            with _database(database) as url:
                done.append(_run(database, url, count, seconds, connections))
    except Lost as error:
        typer.echo(f"failed: {error}", err=True)
        raise typer.Exit(1) from error
    finally:
        if json_file is not None:
            runs = [dataclasses.asdict(each) for each in done]
            data = {"machine": dataclasses.asdict(where), "runs": runs}
            json_file.write_text(json.dumps(data, indent=1))
    typer.echo("\n" + table_of(done))


@contextmanager
def _database(name: str) -> Iterator[str]:
    if name == SQLITE:
        yield ""
        return
    with postgres.running() as server:
        url = server.fresh()
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            # What spares the tests a wait is taken back: a commit has reached the disk.
            connection.execute("ALTER SYSTEM RESET fsync")
            connection.execute("SELECT pg_reload_conf()")
        yield url


def _run(database: str, url: str, count: int, seconds: float, connections: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="cascade-portal-") as folder:
        (port,) = free_ports(HOST, 1)
        settings = load(
            var=Path(folder), database_url=url, clock="real", portal_host=HOST, portal_port=port,
            public_url="", proxies="",
        )  # fmt: skip
        now, before = SystemClock().now(), os.getloadavg()[0]
        client = psutil.Process().cpu_times()
        store = open_store(settings)
        try:
            tokens = _issued(settings, store, count, now)
            with _portal(settings) as process:
                mixture = _Mixture(settings.base_url, tokens, connections)
                asyncio.run(mixture.prepare())
                asyncio.run(mixture.run(seconds))
                asyncio.run(mixture.rush())
                used = process.cpu_times()
                memory = process.memory_info().rss / 2**20
            _nothing_lost(store, mixture)
        finally:
            store.close()
    spent = psutil.Process().cpu_times()
    return Figures(
        database, count, connections, now.isoformat(), round(before, 2),
        round(os.getloadavg()[0], 2), round(mixture.lasted, 2),
        round((len(mixture.gets) + len(mixture.posts)) / mixture.lasted, 1),
        times_of(mixture.gets), _p99(mixture.gets), times_of(mixture.posts), _p99(mixture.posts),
        round(mixture.rushed, 2), round(count / mixture.rushed, 1),
        times_of(mixture.reports), _p99(mixture.reports),
        round(used.user + used.system, 1),
        round(spent.user + spent.system - client.user - client.system, 1), round(memory, 1),
    )  # fmt: skip


def _issued(settings: Settings, store: Store, count: int, now: DateTime) -> dict[str, str]:
    """Issue a document to *count* units; return the secret of each unit's link."""
    bodies = units(count)
    due = bound(now.add(days=30).start_of("day"))
    duty = obligation(bodies, bound=due)
    made: Document = replace(
        document(count, obligations=(duty,), policy=policy(nudges=(), rungs=())), issue_at=now
    )
    recorder = recorder_of(settings, store)
    recorder.register([made], addresses(made), by="benchmark")
    recorder.record(made.key, Issue())
    outbox = table(Outbox)
    with store.reading() as connection:
        query = select(outbox.c.recipient, outbox.c.token).where(outbox.c.kind == "assigned")
        return {row.recipient: row.token for row in connection.execute(query)}


@contextmanager
def _portal(settings: Settings) -> Iterator[psutil.Process]:
    """Run the portal as a process; its log goes where it would go, to a file."""
    environment = {
        **os.environ,
        "CASCADE_VAR": str(settings.var),
        "CASCADE_DATABASE_URL": settings.database_url,
        "CASCADE_CLOCK": "real",
        "CASCADE_PORTAL_HOST": HOST,
        "CASCADE_PORTAL_PORT": str(settings.portal_port),
        "CASCADE_PUBLIC_URL": "",
        "CASCADE_PROXIES": "",
    }
    with (settings.var / "portal.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal"], env=environment, stdout=log, stderr=log
        )
        try:
            with httpx.Client(trust_env=False, timeout=5) as client:

                def up() -> bool:
                    try:
                        return client.get(f"{settings.base_url}/healthz").is_success
                    except httpx.TransportError:
                        return False

                if not wait_until(up, seconds=_START_SECONDS):
                    raise Lost(f"the portal did not start: {log.name}")
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(30)


class _Mixture:
    """The visitors, and how long each of them waited (seconds)."""

    def __init__(self, base: str, tokens: dict[str, str], connections: int) -> None:
        self._base = base
        self._tokens = [*tokens.values()]
        self._bodies = {token: body for body, token in tokens.items()}
        self._connections = connections
        self._dice = random.Random(1)
        self._seals: dict[str, str] = {}
        self._waiting: list[str] = []
        self.gets: list[float] = []
        self.posts: list[float] = []
        self.reports: list[float] = []
        self.confirmed: set[str] = set()
        self.reported: set[str] = set()
        self.lasted = self.rushed = 0.0

    async def prepare(self) -> None:
        """Open every unit's page once: the forms that will be sent."""
        left = [*self._tokens]

        async def visitor() -> None:
            async with Connection(self._base) as connection:
                while left:
                    token = left.pop()
                    answer = await connection.ask(connection.get(f"/c/{token}"))
                    found = _NONCE.search(answer.body)
                    if answer.status != 200 or found is None:
                        raise Lost(f"a page was answered with {answer.status}")
                    self._seals[token] = found[1].decode()

        await asyncio.gather(*(visitor() for _ in range(self._connections)))
        self._waiting = [*self._tokens]
        self._dice.shuffle(self._waiting)

    async def run(self, seconds: float) -> None:
        """Visit for *seconds*, each connection one request after the other."""
        began = stopwatch()
        end = began + seconds

        async def visitor() -> None:
            async with Connection(self._base) as connection:
                while stopwatch() < end:
                    if self._waiting and self._dice.random() >= GETS:
                        await self._confirm(connection, self._waiting.pop())
                    else:
                        request = connection.get(f"/c/{self._dice.choice(self._tokens)}")
                        sent = stopwatch()
                        answer = await connection.ask(request)
                        self.gets.append(stopwatch() - sent)
                        if answer.status != 200:
                            raise Lost(f"a page was answered with {answer.status}")

        await asyncio.gather(*(visitor() for _ in range(self._connections)))
        self.lasted = stopwatch() - began

    async def _confirm(self, connection: Connection, token: str) -> None:
        form = {"nonce": self._seals[token], "name": "Nguyễn Thị Ánh"}
        request = connection.post(f"/c/{token}/acknowledge", form)
        sent = stopwatch()
        answer = await connection.ask(request)
        self.posts.append(stopwatch() - sent)
        if answer.status != 303:
            raise Lost(f"a confirmation was answered with {answer.status}")
        self.confirmed.add(self._bodies[token])

    async def rush(self) -> None:
        """Let every unit hand in its report, as fast as the connections carry it."""
        left = [*self._tokens]
        began = stopwatch()

        async def visitor() -> None:
            async with Connection(self._base) as connection:
                while left:
                    token = left.pop()
                    form = {**_REPORT, "nonce": self._seals[token]}
                    request = connection.post(f"/c/{token}/report", form)
                    sent = stopwatch()
                    answer = await connection.ask(request)
                    self.reports.append(stopwatch() - sent)
                    if answer.status != 303:
                        raise Lost(f"a report was answered with {answer.status}")
                    self.reported.add(self._bodies[token])

        await asyncio.gather(*(visitor() for _ in range(self._connections)))
        self.rushed = stopwatch() - began


def _nothing_lost(store: Store, visitors: _Mixture) -> None:
    facts = [each.fact for each in store.events()]
    for kind, answered in ((Acknowledged, visitors.confirmed), (Submitted, visitors.reported)):
        recorded = [fact.assignment.rpartition("@")[2] for fact in facts if isinstance(fact, kind)]
        if sorted(recorded) != sorted(answered):
            raise Lost(f"{kind.__name__}: {len(answered)} answered, {len(recorded)} recorded")


def _p99(seconds: list[float]) -> float:
    return round(1000 * sorted(seconds)[max(0, int(len(seconds) * 0.99) - 1)], 1)


def table_of(done: list[Figures]) -> str:
    """Return the figures as a Markdown table, one column for each database."""

    def times(times: Times, p99: float) -> str:
        return f"{times.p50:.1f} / {times.p95:.1f} / {p99:.1f} / {times.slowest:.1f}"

    rows: list[tuple[str, Callable[[Figures], str]]] = [
        ("requests a second, 95 % GET and 5 % POST", lambda f: f"**{f.rate:.0f}**"),
        ("opening a page: p50 / p95 / p99 / slowest, ms", lambda f: times(f.gets, f.get_p99)),
        ("confirming: p50 / p95 / p99 / slowest, ms", lambda f: times(f.posts, f.post_p99)),
        ("requests in the mixture", lambda f: f"{f.gets.count + f.posts.count:,}"),
        ("**all units report at once**: seconds", lambda f: f"**{f.rush:.1f}**"),
        ("reports a second", lambda f: f"{f.rush_rate:.0f}"),
        ("a report: p50 / p95 / p99 / slowest, ms", lambda f: times(f.rush_times, f.rush_p99)),
        ("reports answered / in the ledger", lambda f: f"{f.units:,} / {f.units:,}"),
        ("CPU of the portal / the visitors, s", lambda f: f"{f.portal_cpu} / {f.client_cpu}"),
        ("memory of the portal, RSS, MB", lambda f: f"{f.portal_mb:.0f}"),
        ("load average before / after", lambda f: f"{f.load_before} / {f.load_after}"),
    ]
    head = "| | " + " | ".join(
        f"{f.database}, {f.units:,} units, {f.connections} connections" for f in done
    )
    lines = [f"{head} |", "|---|" + "---:|" * len(done)]
    lines += [f"| {name} | " + " | ".join(of(each) for each in done) + " |" for name, of in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    typer.run(main)
