"""The composition root: settings, store and recorder into an application."""

import asyncio
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

from config.keys import secret
from config.settings import Settings
from models.domain.terms import DocumentKey
from models.record import Recorder
from models.store import Store
from portal.auditor import Auditor
from portal.desk import Desk, lang_of
from portal.guard import Guard
from portal.nonce import Nonces
from portal.pages import Pages
from portal.wishes import Action
from portal.worker import Worker

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def make_app(settings: Settings, store: Store, recorder: Recorder) -> Starlette:
    """Return the portal. The store is the caller's to prepare and to close."""
    base = urlsplit(settings.base_url)
    pages = Pages(base.path.rstrip("/"), settings.lang)
    worker = Worker(recorder)
    nonces = Nonces(secret(settings.var / "portal.key"))
    desk = Desk(store, recorder, worker, nonces, pages)
    auditor = Auditor(store, recorder, worker, settings.lang)

    def warm() -> None:
        for stream in store.streams():
            store.state(DocumentKey(stream["id"]))

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
        yield
        with suppress(DBAPIError):
            await warming
        worker.close()

    app = Starlette(
        routes=[
            Route("/c/{token}", desk.show, methods=["GET"]),
            *(
                route
                for action in Action
                for route in (
                    Route(f"/c/{{token}}/{action.value}", desk.send, methods=["POST"]),
                    Route(f"/c/{{token}}/{action.value}", desk.back, methods=["GET"]),
                )
            ),
            Route("/a/{token}", auditor.show, methods=["GET"]),
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
