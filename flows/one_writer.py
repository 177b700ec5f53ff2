"""Let one request at a time write, where the database allows one writer at a time.

Prefect's server on SQLite takes up to a hundred requests at once. Each transaction spans several
turns of the event loop, so a dozen of them starve each other: SQLite's lock has no queue, and a
read that becomes a write fails at once. Measured on two busy cores, twenty runs started in a row:
87 s (one request waited 66 s) without this, 7-9 s with it. Reads are not held up.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

READS = ("/filter", "/count", "/paginate", "/history", "/lateness", "/count-task-runs")
"""Ends of the paths of requests that only read, though they are posted."""
UNAVAILABLE = 503
SOON = b"0.2"


class OneWriter:
    """An ASGI application around another one."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, in its turn if it may write."""
        if not writes(scope):
            await self._app(scope, receive, send)
            return
        async with self._turn:
            await self._app(scope, receive, _come_again_soon(send))


def writes(scope: Message) -> bool:
    """Say whether a request may write to the database."""
    if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return False
    return not scope["path"].endswith(READS)


def _come_again_soon(send: Send) -> Send:
    """Tell the client to try a refused write again in a moment, not after its usual 2 s.

    The server's own services write too, so a lock can still be in the way; it is short.
    """

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == UNAVAILABLE:
            message["headers"] = [*message.get("headers", ()), (b"retry-after", SOON)]
        await send(message)

    return told
