"""The outermost layer: which requests are let in, what every answer carries, what is logged.

Nothing gets past it as an exception, because a server's traceback may quote an address with a
live token in it. The log names routes, never addresses.
"""

import logging
import traceback
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.clock import stopwatch
from portal.pages import Pages
from portal.texts import LANGS, Lang
from portal.wishes import Action

LIMIT = 64 * 1024
"""Bytes of one request's body."""
METHODS = ("GET", "HEAD", "POST")
LANG_QUERIES: dict[bytes, Lang] = {f"lang={lang}".encode(): lang for lang in LANGS}

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    # With no-referrer browsers send "Origin: null" on our own forms, so Origin is never asked.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

log = logging.getLogger("portal")


class TooLarge(Exception):
    """A body grew beyond the limit while it was read."""


class Guard:
    """Wraps the application. *hosts* are the only names it answers to."""

    def __init__(self, app: ASGIApp, pages: Pages, hosts: Iterable[str]) -> None:
        self._app = app
        self._pages = pages
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self._app(scope, receive, send)
            return
        began, status = stopwatch(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    # The auditors' page names its own script and style; nothing else has any.
                    if name != "Content-Security-Policy" or name not in headers:
                        headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            refused = self._refused(scope)
            if refused is not None:
                await refused(scope, receive, answer)
            else:
                await self._app(scope, _limited(receive), answer)
        except TooLarge:
            if not status:
                await self._page(413, scope)(scope, receive, answer)
        except ClientDisconnect:
            pass
        except Exception as error:
            log.error("%s %s", route_of(scope), describe(error))
            if not status:
                await self._page(500, scope)(scope, receive, answer)
        finally:
            if log.isEnabledFor(logging.INFO):
                spent = (stopwatch() - began) * 1000
                log.info("%s %s %d %.1f ms", _method(scope), route_of(scope), status, spent)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if _hostname(headers.get("host", "")) not in self._hosts:
            return self._page(400, scope)
        if scope["method"] not in METHODS:
            return self._page(405, scope, Allow=", ".join(METHODS))
        if scope["method"] != "POST":
            return None
        # The second layer; the first is that nobody else knows the token and the nonce. Browsers
        # send this header on HTTPS and on loopback only.
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return self._page(403, scope)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:12]) > LIMIT:
            return self._page(413, scope)
        return None

    def _page(self, status: int, scope: Scope, **extra: str) -> Response:
        if status == 413:
            extra["Connection"] = "close"  # what is left of the body is not worth reading
        lang = LANG_QUERIES.get(scope["query_string"], self._pages.lang)
        return Response(
            self._pages.error(status, lang), status, extra, media_type="text/html; charset=utf-8"
        )


def _limited(receive: Receive) -> Receive:
    left = LIMIT

    async def limited() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLarge
        return message

    return limited


def _hostname(host: str) -> str:
    """Return the name in a Host header, without its port (RFC 9110 §7.2)."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _method(scope: Scope) -> str:
    return str(scope["method"]) if scope["method"] in METHODS else "other"


def route_of(scope: Scope) -> str:
    """Return the template of the route (``/c/{token}/report``), or ``-`` for anything else."""
    path = str(scope["path"])
    if path in ("/healthz", "/robots.txt"):
        return path
    if path.startswith("/static/"):
        return "/static/{name}"
    if path.startswith("/a/") and "/" not in path.removeprefix("/a/"):
        return "/a/{token}"
    head, _, rest = path.removeprefix("/c/").partition("/")
    if head == path or (rest and rest not in list(Action)):
        return "-"
    return "/c/{token}" + (f"/{rest}" if rest else "")


def describe(error: BaseException) -> str:
    """Return what an operator needs of an error: its types and places, and no values.

    Messages are left out: those of a database quote the parameters, and with them names and texts.
    """
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[::-1])
    origin = getattr(error, "orig", None) or error.__cause__
    kind = type(error).__name__ + (f"({type(origin).__name__})" if origin is not None else "")
    return f"{kind} at {places}"
