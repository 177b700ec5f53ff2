"""A link that has run out: its page, and the one thing that it still offers.

The page says nothing about the duty, and nothing is typed: whoever holds an old link can have a new
one sent to the address that the old one went to, three times a day for each body, and never learns
which address that is. Wrong and revoked links are told apart from this by nobody: they have no such
page, and asking for them costs the same look-up.
"""

import logging
from collections.abc import Callable

from pendulum import DateTime
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models.codec import instant_of
from models.domain.effects import Purpose
from models.record import Recorder
from models.resend import Again, Lapsed, lapsed
from notifications.words import instant_words
from portal.guard import describe, route_of
from portal.kept import typed_in
from portal.links import Grant, digest
from portal.nonce import Nonces
from portal.pages import Pages
from portal.texts import TEXTS, Lang
from portal.worker import Worker

RETRY_SECONDS = 30
PURPOSE = "resend"
"""What the seal of this form is for; no other form has such a seal."""
_SHOWN_HOURS = 24

log = logging.getLogger("portal")


class Resend:
    """The handlers for links that have run out."""

    def __init__(
        self,
        recorder: Recorder,
        worker: Worker,
        nonces: Nonces,
        pages: Pages,
        lang: Callable[[Request], Lang],
    ) -> None:
        """*lang* tells which language a request is answered in."""
        self._recorder = recorder
        self._worker = worker
        self._nonces = nonces
        self._pages = pages
        self._lang = lang

    async def offer(self, request: Request) -> Response | None:
        """Return the page of a link that has run out; ``None`` for any other link.

        For whoever found the link good for nothing. What was typed meanwhile is on the page.
        """
        sha256 = _sha256(request)
        link = await self._lapsed(sha256) if sha256 else None
        if link is None or sha256 is None:
            return None
        return self._page(request, sha256, link, typed=await typed_in(request))

    async def back(self, request: Request) -> Response:
        """Lead from the address of the form, opened like a page, to the page."""
        if _sha256(request) is None:
            raise HTTPException(404)
        return self._to_page(request)

    async def send(self, request: Request) -> Response:
        """Owe the mail once more, to the registered address."""
        sha256 = _sha256(request)
        if sha256 is None:
            raise HTTPException(404)
        typed = await typed_in(request)
        try:
            link = await self._lapsed(sha256)
            if link is None:
                raise HTTPException(404)
            seen = self._nonces.open(
                typed.get("nonce", ""), sha256[:16], PURPOSE, self._recorder.machine.now()
            )
            if seen is None:
                return self._page(request, sha256, link, 422, "lapsed_stale")
            became = await self._worker.read(lambda: self._recorder.send_again(sha256, seen))
        except DBAPIError as error:
            log.warning("%s %s", route_of(request.scope), describe(error))
            address = self._pages.resend_path(request.path_params["token"], self._lang(request))
            page = self._pages.busy(address, typed, self._lang(request))
            return HTMLResponse(page, 503, {"Retry-After": str(RETRY_SECONDS)})
        log.info("link %s: sent again: %s", sha256[:16], became.value)
        match became:
            case Again.OWED | Again.DONE:
                return self._to_page(request)
            case Again.NOTHING:
                return self._page(request, sha256, link, 200, "lapsed_nothing")
            case Again.ENOUGH:
                return self._page(request, sha256, link, 429, "lapsed_enough")
            case Again.GONE:
                raise HTTPException(404)

    async def _lapsed(self, sha256: str) -> Lapsed | None:
        now = self._recorder.clock.now()
        store = self._recorder.store

        def look() -> Lapsed | None:
            with store.reading() as connection:
                link = lapsed(connection, sha256, now)
            if link is None:
                return None
            grant = Grant(sha256, link.stream, link.assignment, link.body, Purpose(link.purpose))
            plan = store.state(link.stream).plan
            return link if plan is not None and grant.fits(plan) else None

        return await self._worker.read(look)

    def _page(
        self,
        request: Request,
        sha256: str,
        link: Lapsed,
        status: int = 410,
        notice: str = "",
        typed: dict[str, str] | None = None,
    ) -> Response:
        lang = self._lang(request)
        sentence = TEXTS[lang][notice] if notice else self._sent(link, lang)
        nonce = self._nonces.seal(sha256[:16], PURPOSE, link.times, self._recorder.machine.now())
        page = self._pages.lapsed(
            request.path_params["token"],
            nonce,
            lang,
            notice=sentence,
            good=not notice,
            typed=typed or {},
        )
        headers = {"Retry-After": str(_SHOWN_HOURS * 3600)} if status == 429 else None
        return HTMLResponse(page, status, headers)

    def _sent(self, link: Lapsed, lang: Lang) -> str:
        if link.last is None:
            return ""
        at: DateTime = instant_of(link.last)
        if self._recorder.clock.now() >= at.add(hours=_SHOWN_HOURS):
            return ""
        return TEXTS[lang]["lapsed_sent"].format(at=instant_words(at, lang))

    def _to_page(self, request: Request) -> Response:
        path = self._pages.path(request.path_params["token"], lang=self._lang(request))
        return RedirectResponse(path, 303)


def _sha256(request: Request) -> str | None:
    return digest(request.scope.get("raw_path") or request.scope["path"].encode())
