"""Hear at once that a run became due, instead of asking twice a second.

Asking the server for due runs costs it a write to its database; an open event stream costs
almost nothing and tells within milliseconds. It is a hint only: whoever misses one finds the run
at the next regular poll.
"""

import asyncio
import logging
import threading
from collections.abc import Callable

from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter, EventResourceFilter
from prefect.events.schemas.events import ResourceSpecification

log = logging.getLogger(__name__)
AGAIN = 1.0


class Listener:
    """Listens in a thread of its own and calls *poke* whenever some run was scheduled."""

    def __init__(self, poke: Callable[[], None]) -> None:
        self._poke = poke
        self._connected = threading.Event()

    @property
    def connected(self) -> bool:
        """Whether hints are coming; if not, poll more often."""
        return self._connected.is_set()

    def start(self) -> None:
        """Begin; the thread ends with the process."""
        threading.Thread(target=self._run, name="hints", daemon=True).start()

    def _run(self) -> None:
        asyncio.run(self._listen_for_ever())

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as problem:  # whatever it was, we only know less than before
                log.debug("no hints for now: %r", problem)
            finally:
                self._connected.clear()
            await asyncio.sleep(AGAIN)

    async def _listen(self) -> None:
        async with get_events_subscriber(scheduled_runs(), reconnection_attempts=0) as events:
            self._connected.set()
            self._poke()
            async for _ in events:
                self._poke()


def scheduled_runs() -> EventFilter:
    """Return the filter for events of flow runs that were scheduled, resumed or retried."""
    return EventFilter(
        event=EventNameFilter(prefix=["prefect.flow-run."]),
        resource=EventResourceFilter(
            labels=ResourceSpecification({"prefect.state-type": "SCHEDULED"})
        ),
    )
