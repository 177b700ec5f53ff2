"""Limits on what one client may ask for, at the door of the pages.

Wrong links count by network address, and only wrong ones: a link that works is never shut because
machines knock at the same door. Forms count by link and address. Opening pages is never counted.
"""

import hashlib
import logging
import math
from collections.abc import Awaitable, Callable, Iterable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from config.clock import stopwatch
from portal.kept import had_files, kept, typed_in
from portal.links import digest
from portal.pages import Pages
from portal.rate import Buckets, Network, client_of
from portal.texts import Lang

UNKNOWN, UNKNOWN_SECONDS = 60, 600.0
"""So many wrong links for each address, and in how many seconds."""
POSTS, POSTS_SECONDS = 20, 3600.0
"""So many forms for each link and address, and in how many seconds."""
REPEAT = 0.1
"""What a form counts that says the same as one before: a double click is no second form."""
_REMEMBERED = 8

Handler = Callable[[Request], Awaitable[Response]]

log = logging.getLogger("portal")


class Limits:
    """The counters of one process."""

    def __init__(self, pages: Pages, proxies: Iterable[Network], lang: Callable[[Request], Lang]):
        """*lang* tells which language a request is answered in."""
        self._pages = pages
        self._proxies = tuple(proxies)
        self._lang = lang
        self._unknown = Buckets(UNKNOWN, UNKNOWN_SECONDS)
        self._posts = Buckets(POSTS, POSTS_SECONDS)
        self._said: dict[str, list[bytes]] = {}

    def wrong(self, request: Request) -> float:
        """Count a link that is good for nothing; return the seconds to wait, 0 if within limits."""
        client, now = client_of(request.scope, self._proxies), stopwatch()
        wait = self._unknown.wait(client, now)
        if not wait:
            self._unknown.take(client, now)
        return wait

    def forms(self, handler: Handler) -> Handler:
        """Return *handler* behind the limit on forms."""

        async def limited(request: Request) -> Response:
            link = digest(request.scope.get("raw_path") or request.scope["path"].encode())
            if link is None:
                return await handler(request)
            key = f"{link}|{client_of(request.scope, self._proxies)}"
            wait = self._posts.wait(key, stopwatch())
            if wait:
                log.warning("link %s: too many forms", link[:16])
                return await self._too_often(request, wait)
            response = await handler(request)  # a link that is good for nothing raises
            self._posts.take(key, stopwatch(), self._cost(request, key))
            return response

        return limited

    def _cost(self, request: Request, key: str) -> float:
        typed = kept(request)
        if typed is None:
            return 1.0
        said = hashlib.sha256(repr((request.scope["path"], sorted(typed.items()))).encode())
        known = self._said.setdefault(key, [])
        if said.digest() in known:
            return REPEAT
        known.append(said.digest())
        del known[:-_REMEMBERED]
        if len(self._said) > len(self._posts) + _REMEMBERED:
            self._said = {key: known}  # the others' buckets are full again, or soon will be
        return 1.0

    async def _too_often(self, request: Request, wait: float) -> Response:
        typed = await typed_in(request)
        page = self._pages.too_often(
            request.path_params["token"],
            request.scope["path"].rpartition("/")[2],
            typed,
            math.ceil(wait / 60),
            self._lang(request),
            files=had_files(request),
        )
        return HTMLResponse(page, 429, {"Retry-After": str(math.ceil(wait))})
