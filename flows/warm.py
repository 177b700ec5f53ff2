"""The warm worker: one process that imported everything once and executes due runs in threads.

Prefect's own process worker starts a Python for each pass, 6 s on two cores; this one begins
within milliseconds. It serves an ordinary work pool, so the other kind can be used beside it or
instead of it.
"""

import logging
import queue
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from uuid import UUID

import httpx
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import SyncClientContext
from prefect.exceptions import ObjectNotFound
from prefect.flows import Flow
from prefect.states import Cancelled

from config.clock import Clock, SystemClock, stopwatch, wait_until
from flows import lifeline
from flows.connection import api, impatient, without_heartbeats
from flows.deployments import DEPLOYMENTS, Deployment, deploy, load
from flows.due import Pool, due_at, missed
from flows.execution import claim, execute, settle
from flows.hints import Listener
from flows.ownership import Owner, heal

log = logging.getLogger(__name__)

LIMIT = 4
"""Runs at once. Passes are short and mostly wait for databases."""
POLL = 15.0
"""Seconds between polls while hints come in; runs due before the next one are known already."""
GLANCE_WITHOUT_HINTS = 1.0
EAGER = 0.1
"""Seconds from a hint to the second look, then four times as long each: the server may tell of a
run just before others can see it."""
HEARTBEAT = 30
"""Seconds; the UI shows a worker as offline after three missed ones."""
GRACE = 30.0
"""Seconds that runs in progress have to finish when the worker is asked to stop."""


class Worker:
    """Claims due runs of one work pool and executes them, until told to stop."""

    def __init__(
        self,
        pool: str,
        locks: Path,
        *,
        deployments: Sequence[Deployment] = DEPLOYMENTS,
        limit: int = LIMIT,
        poll: float = POLL,
        clock: Clock | None = None,
    ) -> None:
        """Prepare; *locks* is the folder that all workers of this machine share."""
        self.pool = pool
        self._runs = Pool(pool)
        self._deployments = deployments
        self._limit = limit
        self._poll = poll
        self._clock = clock or SystemClock()
        self._owner = Owner.first_free(locks)
        self._listener = Listener(self.poke)
        self._stop = threading.Event()
        self._poked = threading.Event()
        self._work: queue.SimpleQueue[FlowRun | None] = queue.SimpleQueue()
        self._state = threading.Lock()
        self._busy: set[UUID] = set()
        self._unsettled: set[UUID] = set()
        self._upcoming: list[FlowRun] = []
        self._flows: dict[UUID, Flow[..., object]] = {}
        self._ready = False
        self._next_poll = self._next_glance = self._next_beat = 0.0
        self._eager = EAGER

    @cached_property
    def name(self) -> str:
        """Return the name that the UI shows."""
        return self._owner.name

    def poke(self) -> None:
        """Look for due runs now. From any thread."""
        self._eager = EAGER
        self._next_glance = 0.0
        self._poked.set()

    def stop(self) -> None:
        """Finish the runs in progress, then return from :meth:`run`. From any thread or signal."""
        self._stop.set()
        self._poked.set()

    def run(self) -> bool:
        """Work until :meth:`stop`; return whether all runs in progress were finished."""
        for deployment in self._deployments:
            load(deployment.entrypoint)
        self._listener.start()
        for number in range(self._limit):
            threading.Thread(target=self._serve, name=f"run-{number}", daemon=True).start()
        with impatient():
            self._loop()
            done = wait_until(lambda: not self._busy, seconds=GRACE)
            if done and not self._unsettled:
                self._owner.release()
        return done

    # -- the loop: one thread asks the server and hands out work ------------------------------

    def _loop(self) -> None:
        reachable = True
        while not self._stop.is_set():
            self._poked.clear()
            try:
                self._turn()
                if not reachable:
                    log.warning("the Prefect server answers again")
                reachable = True
            except (ObjectNotFound, httpx.HTTPError) as problem:
                if reachable:
                    log.warning("the Prefect server does not serve us: %r; trying on", problem)
                reachable = False
                # It may come back as another one, or with an empty database.
                self._ready = False
            self._poked.wait(self._pause(reachable))

    def _turn(self) -> None:
        now = stopwatch()
        if not self._ready:
            deploy(self.pool, self._deployments)
            self._flows.clear()
            heal(frozenset({self._owner.mark}), spare=frozenset(self._busy))
            self._ready = True
            self._next_poll = self._next_beat = 0.0
        if now >= self._next_beat:
            api().send_worker_heartbeat(self.pool, self.name, HEARTBEAT)
            for mark in self._owner.dead():
                heal(frozenset({mark}))
            self._next_beat = now + HEARTBEAT
        self._settle()
        self._look(now)
        self._hand_out()

    def _look(self, now: float) -> None:
        horizon = self._clock.now() + timedelta(seconds=2 * self._poll)
        if now >= self._next_poll:
            self._upcoming = self._runs.poll(horizon)
            self._next_poll = now + self._poll
        elif now >= self._next_glance:
            self._upcoming = self._runs.glance(horizon)
        else:
            return
        longest = self._poll if self._listener.connected else GLANCE_WITHOUT_HINTS
        self._next_glance = now + min(self._eager, longest)
        self._eager = min(4 * self._eager, longest)

    def _hand_out(self) -> None:
        now = self._clock.now()
        due = [run for run in self._upcoming if due_at(run) <= now]
        idle = missed(due)
        for run in due:
            with self._state:
                if len(self._busy) >= self._limit:
                    return  # a run that ends wakes this loop
                if run.id in self._busy:
                    continue  # woken before its last pass was quite over
            self._upcoming.remove(run)
            if run.id in idle:
                late: State[None] = Cancelled(
                    name="Missed", message="A later run of its schedule is due."
                )
                api().set_flow_run_state(run.id, late)
                continue
            with self._state:
                self._busy.add(run.id)
            self._work.put(run)

    def _settle(self) -> None:
        with self._state:
            doubtful = self._unsettled - self._busy
        for flow_run_id in doubtful:
            settle(flow_run_id, self._owner.mark)
            self._unsettled.discard(flow_run_id)

    def _pause(self, reachable: bool) -> float:
        """Return how long to wait if nobody pokes us."""
        if not reachable:
            return GLANCE_WITHOUT_HINTS
        waits = [min(self._next_poll, self._next_glance, self._next_beat) - stopwatch()]
        with self._state:
            full = len(self._busy) >= self._limit
            free = [run for run in self._upcoming if run.id not in self._busy]
        if free and not full:
            waits.append((due_at(free[0]) - self._clock.now()).total_seconds())
        return max(0.0, min(waits))

    # -- the threads that execute -------------------------------------------------------------

    def _serve(self) -> None:
        """Execute what is handed out, one run at a time, over one connection of this thread."""
        with ExitStack() as connection, without_heartbeats():
            connected = False
            while (run := self._work.get()) is not None:
                settled = False
                try:
                    if not connected:
                        connection.enter_context(SyncClientContext.get_or_create())
                        connected = True
                    claimed = claim(run.id, self._owner.mark)
                    settled = claimed is None or execute(claimed, partial(self._flow, run))
                except Exception:
                    log.exception("flow run %s was left to be settled", run.id)
                self._done(run.id, settled)

    def _flow(self, run: FlowRun) -> Flow[..., object]:
        deployment_id = run.deployment_id
        if deployment_id is None:
            raise LookupError("the run has no deployment")
        if deployment_id not in self._flows:
            entrypoint = api().read_deployment(deployment_id).entrypoint
            self._flows[deployment_id] = load(entrypoint or "")
        return self._flows[deployment_id]

    def _done(self, flow_run_id: UUID, settled: bool) -> None:
        with self._state:
            if not settled:
                self._unsettled.add(flow_run_id)
            self._busy.discard(flow_run_id)
        self._poked.set()


def main(pool: str, locks: Path, deployments: Sequence[Deployment] = DEPLOYMENTS) -> int:
    """Run one worker until SIGTERM or Ctrl-C; return 0 when it could finish everything."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    worker = Worker(pool, locks, deployments=deployments)
    lifeline.hold()
    handler: Callable[..., None] = lambda *_: worker.stop()  # noqa: E731
    signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGINT, handler)
    return 0 if worker.run() else 1


def _named(path: str) -> Sequence[Deployment]:
    module, _, name = path.rpartition(".")
    value: Sequence[Deployment] = getattr(import_module(module), name)
    return value


if __name__ == "__main__":
    given = _named(sys.argv[3]) if len(sys.argv) > 3 else DEPLOYMENTS
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), given))
