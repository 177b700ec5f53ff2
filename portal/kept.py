"""What somebody typed, read once more from a request that could not be served.

Nothing typed is lost because a link ran out, a limit was reached or the clock cannot be read: the
page that says so carries it.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from portal.fields import NAME, TEXT

FORM = "application/x-www-form-urlencoded"
FIELDS = 60
"""At most so many fields in a form."""
SECONDS = 20.0
"""How long a browser may take to send a form."""
_LONGEST = {"nonce": 200, "name": 4 * NAME}


async def typed_in(request: Request) -> dict[str, str]:
    """Return the fields of the form that *request* sent; nothing if it is none that we sent.

    A form with files gives its fields only when they were read before: files are not kept.
    """
    if request.method != "POST":
        return {}
    kind = Headers(scope=request.scope).get("content-type", "").partition(";")[0].strip()
    try:
        if kind == FORM:
            async with asyncio.timeout(SECONDS):
                body = await request.body()
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS)
            return _bounded(dict(pairs))
        if kind == "multipart/form-data":
            async with asyncio.timeout(SECONDS):
                form = await request.form(max_files=5, max_fields=FIELDS)
            return _bounded({k: v for k, v in form.multi_items() if isinstance(v, str)})
    except (ValueError, TimeoutError, RuntimeError, HTTPException, ClientDisconnect):
        return {}  # no form of ours, or gone already: there is nothing to keep
    return {}


def _bounded(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what a form of ours can hold; a page does not carry more back than that."""
    return {
        name: value
        for name, value in typed.items()
        if len(name) <= 80 and len(value) <= _LONGEST.get(name, 4 * TEXT)
    }
