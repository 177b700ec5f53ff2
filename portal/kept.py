"""What somebody typed, for a page that says why it was not recorded.

Nothing typed is lost because a link ran out, a limit was reached or the clock cannot be read: the
page that says so carries it.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

FORM = "application/x-www-form-urlencoded"
FIELDS = 80
"""At most so many fields in a form."""
SECONDS = 20.0
"""How long a browser may take to send a form."""


def keep(request: Request, typed: Mapping[str, str]) -> None:
    """Remember with the request what was read from its body; a body can be read only once."""
    request.state.typed = dict(typed)


def kept(request: Request) -> dict[str, str] | None:
    """Return what was read from the body; ``None`` if nobody has read it."""
    found: dict[str, str] | None = getattr(request.state, "typed", None)
    return found


async def typed_in(request: Request) -> dict[str, str]:
    """Return the fields of the form that *request* sent, read now unless they were; files are not.

    Nothing, if it is no form of ours.
    """
    known = kept(request)
    if known is not None or request.method != "POST":
        return known or {}
    kind = Headers(scope=request.scope).get("content-type", "").partition(";")[0].strip()
    if kind != FORM:
        return {}
    try:
        async with asyncio.timeout(SECONDS):
            body = await request.body()
        typed = dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS))
    except (ValueError, TimeoutError, RuntimeError, HTTPException, ClientDisconnect):
        return {}  # no form of ours, or its sender is gone
    keep(request, typed)
    return typed
