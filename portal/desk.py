"""Where links are presented: GET shows what a link is about, POST records what was typed.

Every decision is the recorder's, by the version that the page showed. A form that is sent again
gets the receipt of the first time; one that comes too late gets a page that says so and holds
everything that was typed.
"""

import asyncio
import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from models.domain.errors import Refusal
from models.record import Recorder
from models.store import Store
from portal import assets, links, wishes
from portal.fields import Problem
from portal.guard import describe, route_of
from portal.links import Grant
from portal.nonce import Nonces
from portal.pages import Pages
from portal.seen import Lobby, Seen
from portal.texts import LANGS, TEXTS, Lang, number_words
from portal.wishes import Action, Wish
from portal.worker import Worker

FORM = "application/x-www-form-urlencoded"
FIELDS = 60
"""At most so many fields in a form."""
BODY_SECONDS = 20.0
"""How long a browser may take to send a form."""
RETRY_SECONDS = 30
FOREVER = "public, max-age=31536000, immutable"

log = logging.getLogger("portal")


class Desk:
    """The handlers of one portal, with the parts that they share."""

    def __init__(
        self, store: Store, recorder: Recorder, worker: Worker, nonces: Nonces, pages: Pages
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._worker = worker
        self._nonces = nonces
        self._pages = pages
        self._lobby = Lobby(store)

    async def show(self, request: Request) -> Response:
        """Show what the link is about. Records nothing, however often and by whom it is opened."""
        sha256 = _token(request)
        try:
            seen = await self._look(sha256)
        except DBAPIError as error:
            log.warning("%s %s", route_of(request.scope), describe(error))
            raise HTTPException(503, headers=_retry()) from None
        if seen is None:
            raise HTTPException(404)
        return self._page(request, seen)

    async def back(self, request: Request) -> Response:
        """Lead from the address of a form, opened like a page, to the page."""
        _token(request)
        return self._to_page(request)

    async def send(self, request: Request) -> Response:
        """Record what a form says, once."""
        action = Action(request.scope["path"].rpartition("/")[2])
        sha256 = _token(request)
        typed = await _typed(request)
        try:
            return await self._send(request, action, sha256, typed)
        except links.LinkGone:
            raise HTTPException(404) from None
        except DBAPIError as error:
            log.warning("%s %s", route_of(request.scope), describe(error))
            address = self._pages.path(
                request.path_params["token"], action, lang=self._lang(request)
            )
            page = self._pages.busy(address, _known(typed), self._lang(request))
            return HTMLResponse(page, 503, _retry())

    async def _send(
        self, request: Request, action: Action, sha256: str, typed: Mapping[str, str]
    ) -> Response:
        now = self._recorder.clock.now()
        # Every way from here looks at the link again: to record, or to show the page.
        admitted = self._lobby.remembered(sha256) or await self._worker.read(
            lambda: self._lobby.admit(sha256, now)
        )
        if admitted is None or admitted[0].purpose is not action.purpose:
            raise HTTPException(404)
        grant, obligation = admitted
        version = self._nonces.open(
            typed.get("nonce", ""), grant.ref, grant.purpose, self._recorder.machine.now()
        )
        wish = wishes.read(action, obligation, typed, now.date())
        if not isinstance(wish, Wish):
            return await self._again(request, 422, action, typed, sha256, problems=wish)
        if version is None:
            notice = TEXTS[self._lang(request)]["expired"]
            return await self._again(request, 422, action, typed, sha256, notice)
        try:
            outcome = await self._worker.record(grant.stream, wish.ask(grant, version))
        except DBAPIError as error:
            log.warning("%s %s", route_of(request.scope), describe(error))
            notice = TEXTS[self._lang(request)]["busy"]
            return await self._again(request, 503, action, typed, sha256, notice)
        if outcome.refusal is None or await self._repeated(grant, wish, version, outcome.refusal):
            return self._to_page(request)
        notice = outcome.refusal.text(self._lang(request))
        return await self._again(request, 409, action, typed, sha256, notice)

    async def _repeated(self, grant: Grant, wish: Wish, version: int, refusal: Refusal) -> bool:
        """Tell whether a refused form says no more than what is recorded already."""
        if wish.action is Action.ACKNOWLEDGE and refusal.code == "done-already":
            return True  # also by a report: it says "received" as well

        now = self._recorder.clock.now()

        def done() -> bool:
            with self._store.reading() as connection:
                return wish.was_done(connection, grant, version, now)

        return await self._worker.read(done)

    async def _again(
        self,
        request: Request,
        status: int,
        action: Action,
        typed: Mapping[str, str],
        sha256: str,
        notice: str = "",
        problems: Mapping[str, Problem] | None = None,
    ) -> Response:
        """Show the page as it is now, with everything that was typed and what is wrong with it."""
        seen = await self._look(sha256)
        if seen is None:
            raise HTTPException(404)
        sentences = self._sentences(problems or {}, self._lang(request))
        response = self._page(
            request, seen, status, action=action, typed=typed, problems=sentences, notice=notice
        )
        if status == 503:
            response.headers.update(_retry())
        return response

    def _sentences(self, problems: Mapping[str, Problem], lang: Lang) -> dict[str, str]:
        def shown(value: object) -> object:
            return number_words(value, lang) if isinstance(value, int) else value

        return {
            name: TEXTS[lang][problem.key].format(
                **{key: shown(value) for key, value in problem.given.items()}
            )
            for name, problem in problems.items()
        }

    def _page(
        self,
        request: Request,
        seen: Seen,
        status: int = 200,
        *,
        action: Action | None = None,
        typed: Mapping[str, str] | None = None,
        problems: Mapping[str, str] | None = None,
        notice: str = "",
    ) -> Response:
        grant = seen.grant
        nonce = self._nonces.seal(
            grant.ref, grant.purpose, seen.progress.version, self._recorder.machine.now()
        )
        page = self._pages.duty(
            seen,
            request.path_params["token"],
            nonce,
            self._lang(request),
            action=action,
            typed=typed,
            problems=problems,
            notice=notice,
        )
        return HTMLResponse(page, status)

    async def _look(self, sha256: str) -> Seen | None:
        now = self._recorder.clock.now()
        return await self._worker.read(lambda: self._lobby.look(sha256, now))

    def _to_page(self, request: Request) -> Response:
        path = self._pages.path(request.path_params["token"], lang=self._lang(request))
        return RedirectResponse(path, 303)

    def _lang(self, request: Request) -> Lang:
        return lang_of(request, self._pages.lang)

    async def healthz(self, request: Request) -> Response:
        """Say whether the portal and its database answer."""

        def ask() -> None:
            with self._store.reading() as connection:
                connection.execute(select(1))

        try:
            await self._worker.read(ask)
        except DBAPIError as error:
            log.warning("%s %s", route_of(request.scope), describe(error))
            return PlainTextResponse("database unavailable\n", 503, _retry())
        return PlainTextResponse("ok\n")

    async def robots(self, request: Request) -> Response:
        """Ask crawlers to stay away from links."""
        return PlainTextResponse("User-agent: *\nDisallow: /c/\nDisallow: /a/\n")

    async def static(self, request: Request) -> Response:
        """Serve the style sheet or the icon."""
        found = assets.content(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        return Response(found[0], headers={"Cache-Control": FOREVER}, media_type=found[1])


def lang_of(request: Request, usual: Lang) -> Lang:
    """Return the language that the address asks for, or the usual one."""
    asked = request.query_params.get("lang")
    return next((lang for lang in LANGS if lang == asked), usual)


def _token(request: Request) -> str:
    """Return the hash of the token; refuse one of a wrong form before anything is looked up."""
    sha256 = links.digest(request.scope.get("raw_path") or request.scope["path"].encode())
    if sha256 is None:
        raise HTTPException(404)
    return sha256


async def _typed(request: Request) -> dict[str, str]:
    """Return the fields of the form."""
    if Headers(scope=request.scope).get("content-type", "").partition(";")[0].strip() != FORM:
        raise HTTPException(400)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await request.body()
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS
        )
    except ValueError:
        raise HTTPException(400) from None
    return dict(pairs)


def _known(typed: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that a form of ours can have."""
    names = ("nonce", "name", "text", "reason", "plan_number", "plan_date")
    return {k: v for k, v in typed.items() if k in names or k.startswith(wishes.FIGURE)}


def _retry() -> dict[str, str]:
    return {"Retry-After": str(RETRY_SECONDS)}
