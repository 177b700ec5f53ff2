"""The HTTP server before there is a request: what is no HTTP, and who takes for ever to say it.

The application limits how slowly a body may come (:mod:`portal.sent`); nobody but the server sees
a connection on which no request, or half of one, was said.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from portal.guard import HEADERS

SAID_SECONDS = 20.0
"""How long a client may take to say a whole request head, or what is left after its answer."""
_UNREADABLE = "Yêu cầu không đọc được. · The request cannot be read.\n".encode()
_UNREADABLE_HEADERS = {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": str(len(_UNREADABLE)),
    "Cache-Control": "no-store",
    "Connection": "close",
    **HEADERS,
}


class Protocol(H11Protocol):
    """One connection."""

    _hurry: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what came. A little of a request earns no time for the rest of it."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        super().connection_lost(exc)
        self._calm()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, with the headers of every answer."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            events = (
                h11.Response(status_code=400, headers=list(_UNREADABLE_HEADERS.items())),
                h11.Data(data=_UNREADABLE),
                h11.EndOfMessage(),
            )
            self.transport.write(b"".join(filter(None, map(self.conn.send, events))))
        # Else the answer is under way or given: two on one request would be read as two.
        self.transport.close()

    def _watch(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._calm()  # the application's turn
        elif self._hurry is None and not self.transport.is_closing():
            self._hurry = self.loop.call_later(SAID_SECONDS, self.transport.close)

    def _calm(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None
