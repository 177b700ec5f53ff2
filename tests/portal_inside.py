"""The portal inside the test's own process, asked without a socket: for tests of many requests."""

import asyncio
from types import TracebackType
from typing import Self

import httpx

from portal.app import make_app
from tests.factories import Office
from tests.portal_site import Page, read


class Inside:
    """The portal of *office*; used as a context."""

    def __init__(self, office: Office) -> None:
        self._loop = asyncio.new_event_loop()
        self._app = make_app(office.settings, office.store, office.recorder)
        self._life = self._app.router.lifespan_context(self._app)
        transport = httpx.ASGITransport(self._app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    def __enter__(self) -> Self:
        self._loop.run_until_complete(self._life.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.run_until_complete(self._life.__aexit__(kind, error, trace))
        self._loop.close()

    def get(self, path: str) -> Page:
        """Open an address."""
        return read(self._loop.run_until_complete(self._client.get(path)))

    def post(self, path: str, values: dict[str, str]) -> Page:
        """Send a form; what it leads to is not followed."""
        return read(self._loop.run_until_complete(self._client.post(path, data=values)))
