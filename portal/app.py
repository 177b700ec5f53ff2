"""The composition root: settings, store and recorder into an application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from config.settings import Settings
from models.domain.terms import DocumentKey
from models.files import Files, sweep
from models.record import Recorder
from models.store import Store
from portal.action import Action
from portal.desk import Desk, lang_of
from portal.drafts import Drafts, drop_closed
from portal.guard import Guard, describe
from portal.nonce import Nonces, load_key
from portal.pages import Pages
from portal.worker import Worker

TEND_SECONDS = 60 * 60
"""How often drafts of closed duties and files that nothing names are removed."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")

log = logging.getLogger("portal")


def make_app(settings: Settings, store: Store, recorder: Recorder) -> Starlette:
    """Return the portal. The store is the caller's to prepare and to close."""
    base = urlsplit(settings.base_url)
    pages = Pages(base.path.rstrip("/"), settings.lang)
    worker = Worker(recorder)
    nonces = Nonces(load_key(settings.var / "portal.key"))
    drafts = Drafts(load_key(settings.var / "draft.key"))
    files = Files(settings.var / "files")
    desk = Desk(store, recorder, worker, nonces, pages, files, drafts)

    def warm() -> None:
        for stream in store.streams():
            store.state(DocumentKey(stream["id"]))

    def clean_up() -> None:
        states = {row["id"]: store.state(DocumentKey(row["id"])) for row in store.streams()}
        with store.engine.begin() as connection:
            drop_closed(connection, states)
        sweep(store.engine, files, recorder.machine.now().timestamp())

    async def tend() -> None:
        while True:
            try:
                await worker.read(clean_up)
            except (DBAPIError, OSError) as error:
                log.warning("cleaning up: %s", describe(error))
            await asyncio.sleep(TEND_SECONDS)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        content = pages.error(error.status_code, lang_of(request, pages.lang))
        return Response(
            content, error.status_code, error.headers, media_type="text/html; charset=utf-8"
        )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        # Fold what is recorded so far now, so that the first visitor does not wait for it.
        warming = asyncio.ensure_future(worker.read(warm))
        tending = asyncio.ensure_future(tend())
        yield
        tending.cancel()
        with suppress(DBAPIError):
            await warming
        with suppress(asyncio.CancelledError):
            await tending
        worker.close()

    app = Starlette(
        routes=[
            Route("/c/{token}", desk.show, methods=["GET"]),
            Route("/c/{token}/duties", desk.duties, methods=["GET"]),
            Route("/c/{token}/file/{sha256}", desk.file, methods=["GET"]),
            *(
                route
                for action in Action
                for route in (
                    Route(f"/c/{{token}}/{action.value}", desk.send, methods=["POST"]),
                    Route(f"/c/{{token}}/{action.value}", desk.back, methods=["GET"]),
                )
            ),
            Route("/static/{name}", desk.static, methods=["GET"]),
            Route("/robots.txt", desk.robots, methods=["GET"]),
            Route("/healthz", desk.healthz, methods=["GET"]),
        ],
        middleware=[
            Middleware(Guard, pages=pages, hosts=(*LOOPBACK, (base.hostname or "").lower()))
        ],
        exception_handlers={HTTPException: refused},
        lifespan=lifespan,
    )
    # A redirect to the address without its slash would tell well-formed tokens from others.
    app.router.redirect_slashes = False
    return app
