"""A client of HTTP/1.1 over one kept connection that costs next to nothing itself.

``httpx`` needs about as much time for a request as the portal does for its answer; a benchmark
would measure it instead.
"""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """One response."""

    status: int
    body: bytes


class Connection:
    """One connection to the host of *base*, used for one request after the other."""

    def __init__(self, base: str) -> None:
        where = urlsplit(base)
        self._host, self._port = where.hostname or "", where.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        self._streams = await asyncio.open_connection(self._host, self._port, limit=2**24)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._streams is not None:
            self._streams[1].close()

    def get(self, target: str) -> bytes:
        """Return the bytes of a GET."""
        return f"GET {target} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n\r\n".encode()

    def post(self, target: str, form: dict[str, str]) -> bytes:
        """Return the bytes of a form that is sent."""
        body = urlencode(form)
        return (
            f"POST {target} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    async def ask(self, request: bytes) -> Answer:
        """Send *request* and return what is answered.

        Raises:
            ValueError: the answer has no length, or the server closed the connection.
        """
        assert self._streams is not None
        reader, writer = self._streams
        writer.write(request)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            raise ValueError("the server closed the connection") from error
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (each.partition(":") for each in lines)
        }
        if "content-length" not in headers:
            raise ValueError(f"an answer without a length: {first}")
        body = await reader.readexactly(int(headers["content-length"]))
        return Answer(int(first.split()[1]), body)
