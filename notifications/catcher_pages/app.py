"""The catcher's pages for people and its JSON for programs.

``GET /api/messages?after=N&to=ADDRESS&limit=N&wait=SECONDS`` gives mails oldest first as a list of
``{id, to, from, subject, date, message_id, sha256, text, links}``; with ``wait`` it answers as soon
as there is one. ``GET /api/messages/ID`` gives one of them, ``GET /api/health`` counts.
Nothing here changes anything, so no site elsewhere can make it.
"""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notifications.catcher_pages.kept import Folder, Kept, Wanted
from notifications.catcher_pages.reading import content_of, opening_outside
from notifications.labels import KINDS, TONES
from notifications.smtp_settings import is_loopback

PAGE = 40
"""Mails on one page of the list; keeps it under 30 kB."""

SHOWN = 200_000
"""Bytes of a mail's source on a page; the whole of it can be saved."""

_HERE = Path(__file__).parent
_MOST = 1000
_LONGEST_WAIT = 60.0
_END = 2**62
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# Links of a mail must open as they would from a mail program: in a window of their own, with forms
# that work (allow-popups-to-escape-sandbox). Nothing else of the mail may run or load.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'"
)
_FILE_POLICY = "sandbox; default-src 'none'"
# Ways to look at one mail, and what they are called.
_VIEWS = {
    "desktop": "Máy tính",
    "phone": "Điện thoại",
    "text": "Chữ thường",
    "headers": "Tiêu đề kỹ thuật",
    "raw": "Bản gốc",
}


def application(folder: Folder) -> Starlette:
    """Return the pages over *folder*."""
    pages = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    pages.globals["tones"] = TONES

    def page(name: str, status: int = 200, **values: object) -> Response:
        return HTMLResponse(pages.get_template(name).render(**values), status)

    async def overview(request: Request) -> Response:
        asked = request.query_params
        wanted = Wanted(*(asked.get(name, "").strip()[:200] for name in ("to", "kind", "q")))
        mails = folder.before(_number(request, "before", _END), wanted, PAGE)
        older = mails[-1].id if mails and folder.before(mails[-1].id, wanted, 1) else None
        kinds = [(kind, _called(kind), count) for kind, count in folder.kinds.most_common()]
        given = {"to": wanted.to, "kind": wanted.kind, "q": wanted.words}
        query = urlencode({name: value for name, value in given.items() if value})
        return page(
            "list.html",
            mails=mails,
            wanted=wanted,
            kinds=kinds,
            called=_called,
            older=older,
            query=query,
            count=len(folder),
        )

    async def detail(request: Request) -> Response:
        kept = _found(folder, request)
        octets = await asyncio.to_thread(folder.read, kept)
        content = await asyncio.to_thread(content_of, octets)
        view = request.query_params.get("view", "")
        if view not in _VIEWS or (not content.html and view in ("desktop", "phone")):
            view = "desktop" if content.html else "text"
        newer = folder.after(kept.id, None, 1)
        older = folder.before(kept.id, Wanted(), 1)
        return page(
            "mail.html",
            mail=kept,
            content=content,
            called=_called(kept.headers.kind),
            view=view,
            views=_VIEWS,
            raw=octets[:SHOWN].decode("utf-8", "replace") if view == "raw" else "",
            cut=len(octets) > SHOWN,
            newer=newer[0].id if newer else None,
            older=older[0].id if older else None,
        )

    async def markup(request: Request) -> Response:
        content = content_of(folder.read(_found(folder, request)))
        policy = {"Content-Security-Policy": _MAIL_POLICY}
        return HTMLResponse(opening_outside(content.html), headers=policy)

    async def raw(request: Request) -> Response:
        kept = _found(folder, request)
        name = f'attachment; filename="{kept.name}"'
        octets = folder.read(kept)
        return Response(octets, 200, {"Content-Disposition": name}, "message/rfc822")

    async def attached(request: Request) -> Response:
        files = content_of(folder.read(_found(folder, request))).files
        number = request.path_params["number"]
        if not 1 <= number <= len(files):
            raise HTTPException(404, "Thư này không có tệp đó.")
        name = f'attachment; filename="{files[number - 1].name}"'
        headers = {"Content-Disposition": name, "Content-Security-Policy": _FILE_POLICY}
        return Response(files[number - 1].content, 200, headers, "application/octet-stream")

    async def style(request: Request) -> Response:
        return FileResponse(_HERE / "style.css", media_type="text/css")

    async def messages(request: Request) -> Response:
        after, limit = _number(request, "after", 0), _number(request, "limit", 200)
        wait = _seconds(request, "wait")
        to = request.query_params.get("to") or None
        mails = folder.after(after, to, min(limit, _MOST))
        if not mails and wait:
            try:
                async with asyncio.timeout(wait):
                    mails = await folder.wait_after(after, to, min(limit, _MOST))
            except TimeoutError:
                mails = []
        found = await asyncio.to_thread(lambda: [_as_json(folder, each) for each in mails])
        return JSONResponse(found)

    async def message(request: Request) -> Response:
        return JSONResponse(_as_json(folder, _found(folder, request)))

    async def health(request: Request) -> Response:
        counts = {"messages": len(folder), "last_id": folder.last_id, "waiting": folder.waiting}
        return JSONResponse({"status": "ok", **counts})

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": error.detail}, error.status_code)
        return page("refused.html", error.status_code, reason=error.detail)

    return Starlette(
        routes=[
            Route("/", overview),
            Route("/mail/{id:int}", detail),
            Route("/mail/{id:int}/html", markup),
            Route("/mail/{id:int}/raw", raw),
            Route("/mail/{id:int}/file/{number:int}", attached),
            Route("/style.css", style),
            Route("/api/messages", messages),
            Route("/api/messages/{id:int}", message),
            Route("/api/health", health),
        ],
        exception_handlers={HTTPException: refused},
        middleware=[Middleware(_OnlyHere)],
    )


class _OnlyHere:
    """Answers only those who ask for this machine by name, and adds the headers of every page.

    A site on the net may have its own name resolve to 127.0.0.1 and read along (DNS rebinding);
    its ``Host`` gives it away.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        if not is_loopback(name):
            await Response("Hộp thư này chỉ đọc được trên máy này.", 421)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] += [each for each in _HEADERS if each[0] not in present]
            await send(message)

        await self._app(scope, receive, with_headers)


_HEADERS = [
    (b"content-security-policy", _PAGE_POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]


def _called(kind: str) -> str:
    """Return what a kind of mail is called among people."""
    return KINDS["vi"].get(kind, kind[:40])


def _found(folder: Folder, request: Request) -> Kept:
    kept = folder.find(request.path_params["id"])
    if kept is None:
        raise HTTPException(404, "Không có thư này.")
    return kept


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise HTTPException(400, f"Tham số {name} phải là số nguyên không âm.")
    return int(text)


def _seconds(request: Request, name: str) -> float:
    """Return a waiting time; fractions are welcome, and nobody waits for ever."""
    text = request.query_params.get(name, "") or "0"
    whole, _, part = text.partition(".")
    if not (text.isascii() and f"{whole}{part}".isdecimal() and len(text) < 19):
        raise HTTPException(400, f"Tham số {name} phải là số giây không âm.")
    return min(float(text), _LONGEST_WAIT)


def _as_json(folder: Folder, kept: Kept) -> dict[str, Any]:
    content = content_of(folder.read(kept))
    headers = kept.headers
    return {
        "id": kept.id,
        "to": kept.to,
        "from": headers.sender,
        "subject": headers.subject,
        "date": headers.date.isoformat() if headers.date else None,
        "message_id": headers.message_id,
        "sha256": kept.sha256,
        "text": content.text,
        "links": content.links,
    }
