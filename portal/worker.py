"""The one thread of this process that talks to the database.

SQLite lets one connection write at a time and punishes the others with waiting, so requests queue
here instead, and those that wait together are committed together: each still gets its own answer,
and fifty cost little more than one.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from models.domain.terms import DocumentKey
from models.record import Ask, Outcome, Recorder

T = TypeVar("T")
BATCH = 64
"""At most so many requests in one commit: a large one would make the first wait for the last."""
READS = 8
"""At most so many reads between two commits."""

_Write = tuple[DocumentKey, Ask, "Future[Outcome]"]
_Read = Callable[[], None]


class Worker:
    """Runs reads one by one and writes in groups. The thread starts with the first job."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._wake = threading.Condition()
        self._reads: deque[_Read] = deque()
        self._writes: deque[_Write] = deque()
        self._thread: threading.Thread | None = None
        self._closed = False

    async def read(self, job: Callable[[], T]) -> T:
        """Run *job* on the database's thread and return what it returns."""
        future: Future[T] = Future()

        def run() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(job())
                except BaseException as error:
                    future.set_exception(error)

        self._put(lambda: self._reads.append(run))
        return await asyncio.wrap_future(future)

    async def record(self, stream: DocumentKey, ask: Ask) -> Outcome:
        """Record *ask*, perhaps in one commit with others, and return its own outcome.

        A client that goes away does not take its request back: it may be committed already.
        """
        future: Future[Outcome] = Future()
        self._put(lambda: self._writes.append((stream, ask, future)))
        return await asyncio.shield(asyncio.wrap_future(future))

    def close(self) -> None:
        """Finish what was asked for, then end the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()

    def _put(self, append: Callable[[], None]) -> None:
        with self._wake:
            if self._closed:
                raise RuntimeError("the portal is closing")
            append()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="portal-db", daemon=True)
                self._thread.start()
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._reads or self._writes or self._closed):
                    self._wake.wait()
                if not self._reads and not self._writes:
                    return
                writes = [self._writes.popleft() for _ in range(min(len(self._writes), BATCH))]
                # A few reads between two commits: neither kind can starve the other.
                reads = [self._reads.popleft() for _ in range(min(len(self._reads), READS))]
            if writes:
                self._commit(writes)
            for read in reads:
                read()

    def _commit(self, writes: list[_Write]) -> None:
        try:
            outcomes = self._recorder.record_all([(stream, ask) for stream, ask, _ in writes])
        except OperationalError as error:
            # The database is locked or gone: trying each alone would only add up the waits.
            for _, _, future in writes:
                future.set_exception(error)
        except BaseException as error:
            if len(writes) == 1:
                writes[0][2].set_exception(error)
                return
            for write in writes:  # one bad request must not take the others with it
                self._commit([write])
        else:
            for (_, _, future), outcome in zip(writes, outcomes, strict=True):
                future.set_result(outcome)
