"""The composition root: settings, store and recorder into an application."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from config.clock import ClockUnreadable
from config.keys import secret
from config.settings import Settings
from models.domain.terms import DocumentKey
from models.files import Files, sweep
from models.record import Recorder
from models.store import Store
from portal.action import Action
from portal.auditor import Auditor
from portal.desk import Desk, lang_of
from portal.drafts import Drafts, drop_closed
from portal.guard import Guard, describe, route_of
from portal.kept import had_files, typed_in
from portal.keyring import Ring
from portal.limits import Limits
from portal.nonce import Nonces
from portal.pages import Pages
from portal.rate import networks
from portal.resend import RETRY_SECONDS, Resend
from portal.texts import Lang
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
    clock_file = settings.clock.removeprefix("file:")
    nonces = Nonces(Ring(settings.var / "portal.key"))
    drafts = Drafts(secret(settings.var / "draft.key"))
    files = Files(settings.var / "files")
    desk = Desk(store, recorder, worker, nonces, pages, files, drafts)

    def lang(request: Request) -> Lang:
        return lang_of(request, pages.lang)

    resend = Resend(recorder, worker, nonces, pages, lang)
    limits = Limits(pages, networks(settings.proxies), lang)
    auditor = Auditor(store, recorder, worker, settings.lang)

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

    def error_page(
        request: Request, status: int, headers: Mapping[str, str] | None = None
    ) -> Response:
        content = pages.error(status, lang(request))
        return Response(content, status, headers, media_type="text/html; charset=utf-8")

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404 and request.scope["path"].startswith(("/c/", "/l/", "/a/")):
            try:
                offered = await resend.offer(request)
            except DBAPIError as away:
                log.warning("%s %s", route_of(request.scope), describe(away))
                return error_page(request, 503, {"Retry-After": str(RETRY_SECONDS)})
            if offered is not None:
                return offered
            if wait := limits.wrong(request):
                return error_page(request, 429, {"Retry-After": str(math.ceil(wait))})
        return error_page(request, error.status_code, error.headers)

    async def timeless(request: Request, error: Exception) -> Response:
        """Answer while the clock of a rehearsal cannot be read: nothing typed is lost."""
        if isinstance(error, OSError) and str(error.filename) != clock_file:
            raise error
        log.error("%s %s", route_of(request.scope), describe(error))
        retry = {"Retry-After": str(RETRY_SECONDS)}
        if request.method != "POST":
            return error_page(request, 503, retry)
        address = f"{pages.prefix}{request.scope['path']}"
        if lang(request) != pages.lang:
            address += f"?lang={lang(request)}"
        typed = await typed_in(request)
        page = pages.busy(address, typed, lang(request), files=had_files(request))
        return HTMLResponse(page, 503, retry)

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
                    Route(
                        f"/c/{{token}}/{action.value}", limits.forms(desk.send), methods=["POST"]
                    ),
                    Route(f"/c/{{token}}/{action.value}", desk.back, methods=["GET"]),
                )
            ),
            Route("/a/{token}", auditor.show, methods=["GET"]),
            Route("/l/{token}", resend.send, methods=["POST"]),
            Route("/l/{token}", resend.back, methods=["GET"]),
            Route("/static/{name}", desk.static, methods=["GET"]),
            Route("/robots.txt", desk.robots, methods=["GET"]),
            Route("/healthz", desk.healthz, methods=["GET"]),
        ],
        middleware=[
            Middleware(Guard, pages=pages, hosts=(*LOOPBACK, (base.hostname or "").lower()))
        ],
        exception_handlers={
            HTTPException: refused,
            ClockUnreadable: timeless,
            OSError: timeless,
        },
        lifespan=lifespan,
    )
    # A redirect to the address without its slash would tell well-formed tokens from others.
    app.router.redirect_slashes = False
    return app
