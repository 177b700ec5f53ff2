"""What somebody typed, for a page that says why it was not recorded.

Nothing typed is lost because a link ran out, a limit was reached or the clock cannot be read: the
page that says so carries it.
"""

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from portal.sent import Sent, receive


def keep(request: Request, came: Sent) -> None:
    """Remember with the request what was read from its body; a body can be read only once."""
    request.state.typed = dict(came.values)
    request.state.had_files = came.had_files


def kept(request: Request) -> dict[str, str] | None:
    """Return what was read from the body; ``None`` if nobody has read it."""
    found: dict[str, str] | None = getattr(request.state, "typed", None)
    return found


def had_files(request: Request) -> bool:
    """Tell whether files came with what was read: a page that holds only words must ask again."""
    return bool(getattr(request.state, "had_files", False))


async def typed_in(request: Request) -> dict[str, str]:
    """Return the fields of the form that *request* sent, read now unless they were; files are not.

    Nothing, if it is no form of ours.
    """
    known = kept(request)
    if known is not None or request.method != "POST":
        return known or {}
    try:
        came = await receive(request, None, multipart=True)
    except (HTTPException, ClientDisconnect, RuntimeError):
        return {}  # no form of ours, its sender is gone, or it was read in vain already
    keep(request, came)
    return came.values
