"""The outermost layer: which requests are let in, what every answer carries, what is logged.

Nothing gets past it as an exception, because a server's traceback may quote an address with a
live token in it. The log names routes, never addresses.
"""

import logging
import re
import traceback
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.clock import stopwatch
from portal.action import Action
from portal.pages import Pages
from portal.texts import LANGS, Lang

LIMIT = 64 * 1024
"""Bytes of one request's body, where nothing else is said."""
WORDS = 1024 * 1024
"""For forms in which reasons are typed or pasted, longer ones too than may be recorded."""
FILES = 128 * 1024 * 1024
"""For forms that take files. More than these may hold (:mod:`portal.sent`), so that one who sends
too much gets a page with everything typed."""
LIMITS: dict[str, int] = {
    f"/c/{{token}}/{action.value}": FILES if action.takes_files else WORDS
    for action in Action
    if action not in (Action.ACKNOWLEDGE, Action.ACCEPT)
}
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

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?", re.ASCII)

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
                policy = headers.get("content-security-policy")
                for name, value in HEADERS.items():
                    headers[name] = value
                if policy is not None:  # of a file: stricter; of the auditors' page: its own script
                    headers["Content-Security-Policy"] = policy
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            refused = self._refused(scope)
            if refused is not None:
                await refused(scope, receive, answer)
            else:
                await self._app(scope, _limited(receive, limit_of(scope)), answer)
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
        # Two Host headers, or a length beside chunks, are how two servers are made to read one
        # request differently (RFC 9112 §3.2, §6.1).
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _hostname(hosts[0]) not in self._hosts:
            return self._page(400, scope)
        lengths = headers.getlist("content-length")
        if len(lengths) > 1 or (lengths and "transfer-encoding" in headers):
            return self._page(400, scope, Connection="close")
        if scope["method"] not in METHODS:
            return self._page(405, scope, Allow=", ".join(METHODS))
        if scope["method"] != "POST":
            return None
        # The second layer; the first is that nobody else knows the token and the nonce. Browsers
        # send this header on HTTPS and on loopback only.
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return self._page(403, scope)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:12]) > limit_of(scope):
            return self._page(413, scope)
        return None

    def _page(self, status: int, scope: Scope, **extra: str) -> Response:
        if status == 413:
            extra["Connection"] = "close"  # what is left of the body is not worth reading
        lang = LANG_QUERIES.get(scope["query_string"], self._pages.lang)
        return Response(
            self._pages.error(status, lang), status, extra, media_type="text/html; charset=utf-8"
        )


def limit_of(scope: Scope) -> int:
    """Return how many bytes the body of a request may have."""
    return LIMITS.get(route_of(scope), LIMIT)


def is_large(scope: Scope) -> bool:
    """Tell whether the body of a request is more than :data:`LIMIT`, or of unknown length."""
    headers = Headers(scope=scope)
    length = headers.get("content-length", "0")
    return "transfer-encoding" in headers or not length.isdecimal() or int(length) > LIMIT


def _limited(receive: Receive, limit: int) -> Receive:
    left = limit

    async def limited() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLarge
        return message

    return limited


def _hostname(host: str) -> str:
    """Return the name in a Host header without its port (RFC 9110 §7.2), empty if malformed."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""


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
    if path.startswith("/l/") and "/" not in path[3:]:
        return "/l/{token}"
    head, _, rest = path.removeprefix("/c/").partition("/")
    if rest.startswith("file/") and head != path:
        return "/c/{token}/file/{sha256}"
    if head == path or (rest and rest not in (*Action, "duties")):
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
