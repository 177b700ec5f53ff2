"""One round, stage by stage, on a running system: what happens, and how long it takes.

The round sees the system as others do: the ledger through the database, the run through Prefect's
API, mails through the catcher, pages through the portal. Nothing is timed inside the system.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import func, select

from benchmarks import units
from benchmarks.directive import KEY, REPORTS, SYNTHESIS, directive
from benchmarks.figures import Figures, times_of
from benchmarks.meter import CLIENT, Meter, Spent
from benchmarks.spy import Spy
from benchmarks.system import System
from config.clock import stopwatch, wait_until
from config.keys import vault
from flows import books
from models.domain.facts import Accepted, GateOpened, Opened
from models.store import Store
from models.tables import LedgerEvent, Outbox, Stream, table
from notifications.wiring import recorder_of

_EVENT, _OUTBOX, _STREAM = table(LedgerEvent), table(Outbox), table(Stream)
LONG = 1_800.0
"""Seconds after which a stage is given up."""
PARKED = "AwaitingReports"


class Failed(RuntimeError):
    """A stage did not come to its end, or came to another one than it should."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How one round is to be run."""

    database: str
    units: int
    window: float
    clicks: int
    connections: int
    profiles: Path | None = None
    py_spy: str = ""


def run(system: System, wanted: Wanted, say: Callable[[str], None]) -> Figures:
    """Run one round on a fresh *system*.

    Raises:
        Failed: something did not happen, or happened otherwise than it should.
    """
    store = Store(system.settings.store_url, vault(system.settings))
    try:
        return _Round(system, wanted, store, say).play()
    finally:
        store.close()


class _Round:
    def __init__(
        self, system: System, wanted: Wanted, store: Store, say: Callable[[str], None]
    ) -> None:
        self.system = system
        self.wanted = wanted
        self.store = store
        self.say = say
        self.meter = Meter(system.pid, system.postmaster)
        self.spy = Spy(self.meter, wanted.py_spy, wanted.profiles)
        self.figures = Figures(wanted.database, wanted.units)
        self.api = httpx.Client(base_url=system.settings.api_url, trust_env=False, timeout=30)

    def play(self) -> Figures:
        with self.api:
            self._issue()
            self._wait()
            paths = asyncio.run(units.links(self.system.mail, 1, self.wanted.units))
            clicks = min(self.wanted.clicks, self.wanted.units // 2)
            self._click(paths[:clicks])
            self._burst(paths[clicks:])
        return self.figures

    def _issue(self) -> None:
        """Ask for the issue; wait until everything waits, and until all mails have arrived."""
        count, figures = self.wanted.units, self.figures
        recorder = recorder_of(self.system.settings, self.store)
        figures.at = recorder.machine.now().isoformat(timespec="seconds")
        figures.profiled = bool(self.wanted.py_spy)
        last = Arrival(self.system.mail, count)
        # The system is warm: it looked for work before there was any.
        self.meter.rest(30.0)
        with self._stage("issue"):
            began = stopwatch()
            document, addresses = directive(count, recorder.clock.now())
            recorder.register([document], addresses, "benchmark")
            figures.registered = stopwatch() - began
            self._until(lambda: self._issued_at() is not None, "the document was not issued", 0.02)
            figures.issued = stopwatch() - began
            self._until(self._parked, "the run was not parked", 0.05)
            figures.waiting = stopwatch() - began
        self._count(_EVENT, _EVENT.c.type == Opened.__name__, count)
        self._count(_OUTBOX, _OUTBOX.c.stream == KEY, count)
        self.say(
            f"  entered after {figures.registered:.1f} s, duties open and mails owed after "
            f"{figures.issued:.1f} s, all {count} wait durably after {figures.waiting:.1f} s"
        )
        with self._stage("mail"):
            figures.mailed = last.at() - began
        self.say(f"  all {count} mails at the SMTP server after {figures.mailed:.1f} s")

    def _wait(self) -> None:
        """Watch the system while everything waits."""
        figures = self.figures
        figures.calm = self.meter.rest(90.0)
        figures.window = self.wanted.window
        figures.usage = self.meter.watch(self.wanted.window)
        figures.bytes_waiting = self.system.ours_bytes()
        for each in figures.usage:
            pss = "" if each.pss_mb is None else f"PSS {each.pss_mb:7.1f} MB, "
            self.say(
                f"  {each.name:<11} {each.processes:>2} processes, {pss}RSS {each.rss_mb:7.1f} MB, "
                f"CPU {each.cpu_percent:5.2f} %"
            )

    def _click(self, paths: list[str]) -> None:
        with self._stage("click"):
            clicks = asyncio.run(units.click(self.system.settings.base_url, paths))
        self._count(_EVENT, _EVENT.c.type == Accepted.__name__, len(paths))
        self.figures.page = times_of(clicks.pages)
        self.figures.click = times_of(clicks.confirmations)
        for name, times in (("page", self.figures.page), ("click", self.figures.click)):
            self.say(f"  {name:<5} p50 {times.p50:.1f} ms, p95 {times.p95:.1f} ms ({times.count})")

    def _burst(self, paths: list[str]) -> None:
        figures, base = self.figures, self.system.settings.base_url
        connections = min(self.wanted.connections, len(paths))
        with self._stage("pages") as opening:
            forms = asyncio.run(units.open_pages(base, paths, connections))
        figures.pages_opened = opening.seconds
        self._until(self._shown, "the run did not see all confirmations", 0.1)
        self.meter.rest(30.0)
        mail = Arrival(self.system.mail, self.wanted.units + 1)
        with self._stage("burst") as spent:
            burst = asyncio.run(units.burst(base, forms, connections))
        figures.burst = burst.ended - burst.began
        figures.burst_count, figures.burst_connections = burst.count, burst.connections
        figures.burst_client_cpu = spent.cpu[CLIENT]
        self._gate_is_open()
        self.say(
            f"  {burst.count} confirmations in {figures.burst:.1f} s over {connections} "
            f"connections ({figures.burst_rate:.0f} a second; the client used "
            f"{figures.burst_client_cpu:.1f} s of CPU), the synthesis is open"
        )
        with self._stage("next mail"):
            figures.next_mail = mail.at() - burst.ended
        self.say(f"  the next mail was at the SMTP server {figures.next_mail:.2f} s later")
        self._until(self._shown, "the run did not see all confirmations", 0.05)
        figures.shown = stopwatch() - burst.ended
        figures.bytes_end = self.system.ours_bytes()
        figures.prefect_bytes = self.system.prefect_bytes()
        self.say(
            f"  {figures.bytes_end / self.wanted.units:.0f} bytes per unit; the run has dealt "
            f"with everything {figures.shown:.1f} s after the last report"
        )

    @contextmanager
    def _stage(self, name: str) -> Iterator[Spent]:
        watched = self.spy.on(f"{self.wanted.database}-{self.wanted.units}-{name}")
        with watched, self.meter.stage() as spent:
            yield spent
        self.figures.stages[name] = spent
        used = ", ".join(f"{who} {seconds:.1f}" for who, seconds in spent.cpu.items() if seconds)
        self.say(f"[{name}] {spent.seconds:.1f} s; CPU seconds: {used}; load {spent.load}")

    def _until(self, condition: Callable[[], bool], otherwise: str, every: float) -> None:
        if not wait_until(condition, seconds=LONG, every=every):
            raise Failed(f"{otherwise} within {LONG:.0f} s: {self.system.logs()}")

    def _issued_at(self) -> str | None:
        with self.store.reading() as connection:
            return connection.execute(
                select(_STREAM.c.issued_at).where(_STREAM.c.id == KEY)
            ).scalar_one_or_none()

    def _run(self) -> books.Run | None:
        return books.read(self.store, books.CARRY_OUT + KEY)

    def _parked(self) -> bool:
        """Tell whether Prefect shows the run parked, awaiting reports."""
        run = self._run()
        if run is None or not run.seen:
            return False
        state = self.api.get(f"/flow_runs/{run.flow_run_id}").raise_for_status().json()["state"]
        return bool(state["type"] == "PAUSED" and state["name"] == PARKED)

    def _shown(self) -> bool:
        """Tell whether the run has dealt with the newest fact."""
        run = self._run()
        with self.store.reading() as connection:
            position = connection.execute(
                select(_STREAM.c.position).where(_STREAM.c.id == KEY)
            ).scalar_one()
        return run is not None and run.seen == position

    def _gate_is_open(self) -> None:
        """Check that the gate opened because every report was accepted.

        The last confirmation and the gate's opening are one transaction, so the answer to the
        confirmation says that both are committed.
        """
        opened = [
            stored.fact
            for stored in self.store.events(KEY, after=self.store.size() - 10)
            if isinstance(stored.fact, GateOpened)
        ]
        match opened:
            case [GateOpened(obligation=obligation, complete=True, missing=())]:
                if obligation == SYNTHESIS:
                    self._count(_EVENT, _EVENT.c.type == Accepted.__name__, self.wanted.units)
                    return
        raise Failed(f"{SYNTHESIS} is not open after all reports of {REPORTS}: {opened}")

    def _count(self, of: object, where: object, wanted: int) -> None:
        with self.store.reading() as connection:
            found = connection.execute(
                select(func.count()).select_from(of).where(where)  # type: ignore[arg-type]
            ).scalar_one()
        if found != wanted:
            raise Failed(f"{found} rows instead of {wanted}: {where}")


class Arrival:
    """Notes when the mail number *number* arrives, from the moment that this is made."""

    def __init__(self, mail: str, number: int) -> None:
        self._url = f"{mail}/api/messages?after={number - 1}&limit=1&wait=60"
        self._number = number
        self._at: float | None = None
        self._thread = threading.Thread(target=self._ask, name="arrival", daemon=True)
        self._thread.start()

    def at(self) -> float:
        """Return when it arrived, on the stopwatch; wait for it if need be.

        Raises:
            Failed: it did not come.
        """
        self._thread.join(LONG)
        if self._at is None:
            raise Failed(f"mail {self._number} did not come")
        return self._at

    def _ask(self) -> None:
        end = stopwatch() + LONG
        with httpx.Client(trust_env=False, timeout=90) as client:
            while stopwatch() < end:
                try:
                    found = client.get(self._url).raise_for_status().json()
                except httpx.HTTPError:
                    return
                if found:
                    self._at = stopwatch()
                    return
