"""Where links are presented: GET shows what a link is about, POST records what was typed.

Every decision is the recorder's, by the version that the page showed. A form that is sent again
gets the receipt of the first time; one that comes too late gets a page that says so and holds
everything that was typed.
"""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)

from models.domain.directive import Obligation
from models.domain.errors import Refusal
from models.files import FileGone, Files, Held
from models.record import Recorder
from models.store import Store
from portal import assets, links, wanted
from portal.action import Action
from portal.drafts import Drafts, drop
from portal.fields import Problem
from portal.filled import FIGURE
from portal.forms import is_as_shown, is_offered
from portal.guard import describe, is_large, route_of
from portal.kept import keep
from portal.links import Grant
from portal.nonce import Nonces
from portal.pages import LOOK, Pages
from portal.seen import Admitted, Lobby, Seen
from portal.sent import FILES, Sent, receive
from portal.sent import NAME as FILES_FIELD
from portal.shelf import HEADERS, KEEP, OPAQUE, may_open, name_of
from portal.texts import LANGS, TEXTS, Lang, number_words
from portal.wishes import Outdated, Wish
from portal.worker import Worker

RETRY_SECONDS = 30
FOREVER = "public, max-age=31536000, immutable"
_FIELDS = (
    "nonce",
    "name",
    "text",
    "reason",
    "until",
    "authority",
    "plan_number",
    "plan_date",
    "paper_number",
    "paper_date",
)
"""What the fields of our forms are called, besides those of a report (:data:`FIGURE`)."""
_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
OUTDATED = Refusal(
    "outdated",
    "Đã có thay đổi từ lúc mở trang này, nên chưa ghi nhận gì. Xin xem lại trang rồi gửi lại.",
    "Something has changed since this page was opened, so nothing was recorded. Please look at the "
    "page again and send it once more.",
)
_BESIDE = {"not-later": "until", "in-the-past": "until", "same-bound": "until", "earlier": "until"}
"""Refusals that are about one field, and which."""

log = logging.getLogger("portal")


@dataclass(frozen=True, slots=True)
class _Form:
    """A form that was sent through a link."""

    action: Action
    sha256: str
    """Of the link's token."""
    grant: Grant
    obligation: Obligation
    typed: Mapping[str, str]
    held: tuple[Held, ...]
    """Files that are to go with it: those sent now, and those kept for it."""
    problems: Mapping[str, Problem]
    """What is wrong with files that were sent now."""
    fresh: bool
    """Files were sent with it now."""


class Desk:
    """The handlers of one portal, with the parts that they share."""

    def __init__(
        self,
        store: Store,
        recorder: Recorder,
        worker: Worker,
        nonces: Nonces,
        pages: Pages,
        files: Files,
        drafts: Drafts,
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._worker = worker
        self._nonces = nonces
        self._pages = pages
        self._files = files
        self._drafts = drafts
        self._lobby = Lobby(store, drafts)

    async def show(self, request: Request) -> Response:
        """Show what the link is about. Records nothing, however often and by whom it is opened."""
        sha256 = _token(request)
        try:
            seen = await self._look(sha256)
        except DBAPIError as error:
            raise _busy(request, error) from None
        if seen is None:
            raise HTTPException(404)
        asked = request.query_params.get("version", "")
        return self._page(request, seen, whole=int(asked) if _NUMBER.fullmatch(asked) else 0)

    async def duties(self, request: Request) -> Response:
        """Show all duties of the body, to look at."""
        sha256, now = _token(request), self._recorder.clock.now()
        try:
            found = await self._worker.read(lambda: self._lobby.duties(sha256, now))
        except DBAPIError as error:
            raise _busy(request, error) from None
        if found is None:
            raise HTTPException(404)
        token, lang = request.path_params["token"], self._lang(request)
        return HTMLResponse(self._pages.duties(found, token, now, lang))

    async def file(self, request: Request) -> Response:
        """Give a file of the report to whoever may see it, to be saved and not to be shown."""
        sha256, wanted_file = _token(request), request.path_params["sha256"]
        now = self._recorder.clock.now()

        def find() -> Held | None:
            admitted = self._lobby.admit(sha256, now)
            if admitted is None or not may_open(self._store.state(admitted[0].stream), admitted[0]):
                return None
            return self._lobby.kept(*admitted).get(wanted_file)

        try:
            held = await self._worker.read(find)
        except DBAPIError as error:
            raise _busy(request, error) from None
        if held is None:
            raise HTTPException(404)
        # What the ledger names by its hash is given back, or nothing.
        path = await asyncio.to_thread(self._files.unchanged, wanted_file)
        if path is None:
            log.error("a file is gone or altered: %s", wanted_file)
            raise HTTPException(404)
        return FileResponse(path, 200, HEADERS, OPAQUE, filename=name_of(held))

    async def back(self, request: Request) -> Response:
        """Lead from the address of a form, opened like a page, to the page."""
        _token(request)
        return self._to_page(request)

    async def send(self, request: Request) -> Response:
        """Record what a form says, once."""
        action = Action(request.scope["path"].rpartition("/")[2])
        sha256 = _token(request)
        came: Sent | None = None
        try:
            admitted = await self._admitted(action, sha256)
            if admitted is None and is_large(request.scope):
                # Nothing that takes room is read for a link that is good for nothing.
                raise HTTPException(404, headers={"Connection": "close"})
            came = await receive(request, self._files, multipart=action.takes_files)
            keep(request, came)
            if admitted is None:
                raise HTTPException(404)
            return await self._send(request, await self._form(action, sha256, admitted, came))
        except links.LinkGone:
            raise HTTPException(404) from None
        except DBAPIError as error:
            log.warning("%s %s", route_of(request.scope), describe(error))
            if came is None:
                came = await receive(request, None, multipart=action.takes_files)
            address = self._pages.path(
                request.path_params["token"], action, lang=self._lang(request)
            )
            typed = _known(came.values)
            page = self._pages.busy(address, typed, self._lang(request), files=came.had_files)
            return HTMLResponse(page, 503, _retry())

    async def _admitted(self, action: Action, sha256: str) -> Admitted | None:
        """Return what a link is good for, if it is for *action*.

        Every way from here looks at the link again: to record, or to show the page.
        """
        now = self._recorder.clock.now()
        found = self._lobby.remembered(sha256) or await self._worker.read(
            lambda: self._lobby.admit(sha256, now)
        )
        return found if found is not None and found[0].purpose in action.purposes else None

    async def _form(self, action: Action, sha256: str, admitted: Admitted, came: Sent) -> _Form:
        """Return the form with its files: those sent now, and those kept for it that it names."""
        names = [name.removeprefix(KEEP) for name in came.values if name.startswith(KEEP)]
        held: dict[str, Held] = {}
        problems = dict(came.problems)
        if names and action.takes_files:
            kept = await self._worker.read(lambda: self._lobby.kept(*admitted))
            held = {name: kept[name] for name in names if name in kept}
            if len(held) < len(names):
                problems.setdefault(FILES_FIELD, Problem("file_gone"))
        held |= {each.file.sha256: each for each in came.held if each.file.sha256 not in held}
        if len(held) > FILES:
            problems.setdefault(FILES_FIELD, Problem("files_too_many", {"files": FILES}))
        chosen = tuple(held.values())[:FILES]
        return _Form(action, sha256, *admitted, came.values, chosen, problems, bool(came.held))

    async def _send(self, request: Request, form: _Form) -> Response:
        grant, lang = form.grant, self._lang(request)
        count = self._nonces.open(
            form.typed.get("nonce", ""), grant.ref, grant.purpose, self._recorder.machine.now()
        )
        if form.action is Action.DRAFT:
            return await self._keep(request, form, sealed=count is not None)
        today = self._recorder.clock.now().date()
        wish = wanted.read(
            form.action, grant.purpose, form.obligation, form.typed, form.held, today
        )
        if not isinstance(wish, Wish) or form.problems:
            problems = {} if isinstance(wish, Wish) else wish
            return await self._again(request, 422, form, problems={**problems, **form.problems})
        if count is None:
            return await self._again(request, 422, form, TEXTS[lang]["expired"])
        if LOOK in form.typed:
            return await self._again(request, 200, form)
        try:
            ask = wish.ask(grant, count, self._files)
            outcome = await self._worker.record(grant.stream, ask)
            refusal = outcome.refusal
        except DBAPIError as error:
            log.warning("%s %s", route_of(request.scope), describe(error))
            return await self._again(request, 503, form, TEXTS[lang]["busy"])
        except FileGone:
            gone = {FILES_FIELD: Problem("file_gone")}
            return await self._again(request, 422, form, problems=gone)
        except Outdated:
            refusal = OUTDATED
        if refusal is None or await self._repeated(form, wish, count, refusal):
            return self._to_page(request)
        field = _BESIDE.get(refusal.code)
        if field is not None and field in form.typed:
            beside = {field: Problem(f"until_{refusal.code.replace('-', '_')}")}
            return await self._again(request, 409, form, problems=beside)
        return await self._again(request, 409, form, refusal.text(lang))

    async def _keep(self, request: Request, form: _Form, *, sealed: bool) -> Response:
        """Keep what is typed for another day; hand nothing in."""
        if not sealed:
            return await self._again(request, 422, form, TEXTS[self._lang(request)]["expired"])
        if form.problems:
            return await self._again(request, 422, form, problems=form.problems)
        seen = await self._look(form.sha256)
        if seen is None:
            raise HTTPException(404)
        if not is_offered(seen, form.action):
            # A colleague has handed in meanwhile: a draft would be kept where nobody sees it.
            return await self._again(request, 409, form, OUTDATED.text(self._lang(request)))
        # Whoever presses the button on a page as it came (a machine does) has typed nothing.
        if not is_as_shown(seen, form.action.form, _worth_keeping(form.typed), form.held):
            await self._save(form)
        return self._to_page(request, f"#{form.action.form}")

    async def _save(self, form: _Form) -> None:
        """Keep a form as a draft, if its link still is what it was."""
        values, now = _worth_keeping(form.typed), self._recorder.clock.now()

        def save() -> None:
            with self._store.engine.begin() as connection:
                if links.find(connection, form.grant.sha256, now, lock=True) is None:
                    raise links.LinkGone
                of, held = form.action.form, form.held
                if values or held:
                    self._drafts.save(connection, form.grant, of, values, held, now)
                else:
                    drop(connection, form.grant, (of,))

        await self._worker.read(save)

    async def _repeated(self, form: _Form, wish: Wish, count: int, refusal: Refusal) -> bool:
        """Tell whether a refused form says no more than what is recorded already."""
        if wish.action is Action.ACKNOWLEDGE and refusal.code == "done-already":
            return True  # also by a report: it says "received" as well

        now, grant = self._recorder.clock.now(), form.grant

        def done() -> bool:
            state = self._store.state(grant.stream)
            with self._store.reading() as connection:
                return wish.was_done(connection, grant, count, state, now)

        return await self._worker.read(done)

    async def _again(
        self,
        request: Request,
        status: int,
        form: _Form,
        notice: str = "",
        problems: Mapping[str, Problem] | None = None,
    ) -> Response:
        """Show the page as it is now, with everything that was typed and what is wrong with it."""
        held = form.held
        if status == 503 and form.fresh:  # they cannot be kept now
            held, notice = (), f"{notice} {TEXTS[self._lang(request)]['busy_files']}"
        seen = await self._look(form.sha256)
        if seen is not None and held and status != 503 and is_offered(seen, form.action):
            await self._save(form)  # files are not to be chosen again
            seen = await self._look(form.sha256)
        if seen is None:
            raise HTTPException(404)
        sentences = self._sentences(problems or {}, self._lang(request))
        response = self._page(
            request,
            seen,
            status,
            action=form.action,
            typed=form.typed,
            held=held,
            problems=sentences,
            notice=notice,
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
        held: Sequence[Held] = (),
        problems: Mapping[str, str] | None = None,
        notice: str = "",
        whole: int = 0,
    ) -> Response:
        grant = seen.grant
        machine_now = self._recorder.machine.now()

        def nonce(each: Action) -> str:
            count = each.counted(seen.progress)
            return self._nonces.seal(grant.ref, grant.purpose, count, machine_now)

        page = self._pages.duty(
            seen,
            request.path_params["token"],
            nonce,
            self._lang(request),
            action=action,
            typed=typed,
            held=held,
            problems=problems,
            notice=notice,
            whole=whole,
        )
        return HTMLResponse(page, status)

    async def _look(self, sha256: str) -> Seen | None:
        now = self._recorder.clock.now()
        return await self._worker.read(lambda: self._lobby.look(sha256, now))

    def _to_page(self, request: Request, place: str = "") -> Response:
        path = self._pages.path(request.path_params["token"], lang=self._lang(request))
        return RedirectResponse(path + place, 303)

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
        return PlainTextResponse("User-agent: *\nDisallow: /a/\nDisallow: /c/\nDisallow: /l/\n")

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


def _known(typed: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that a form of ours can have."""
    return {k: v for k, v in typed.items() if k in _FIELDS or k.startswith((FIGURE, KEEP))}


def _worth_keeping(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what a draft keeps: what a person typed, but not who."""
    return {
        name: value
        for name, value in _known(typed).items()
        if name not in ("nonce", "name") and not name.startswith(KEEP) and value.strip()
    }


def _busy(request: Request, error: DBAPIError) -> HTTPException:
    log.warning("%s %s", route_of(request.scope), describe(error))
    return HTTPException(503, headers=_retry())


def _retry() -> dict[str, str]:
    return {"Retry-After": str(RETRY_SECONDS)}
