"""The units: they take their links from their mail and confirm on the page behind it, over HTTP.

One process, other than any of the system's; it knows of the system what a mail and a page say.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from benchmarks.connection import Connection
from config.clock import stopwatch
from demo.form import forms_of

_AT_ONCE = 500
_SEE_OTHER = 303


class Refused(RuntimeError):
    """The portal did not answer as it should."""


@dataclass(frozen=True, slots=True)
class Clicks:
    """Seconds that each page and each confirmation took, one after the other."""

    pages: list[float]
    confirmations: list[float]


@dataclass(frozen=True, slots=True)
class Burst:
    """Confirmations sent as fast as the client can."""

    count: int
    connections: int
    began: float
    """On the stopwatch: the first was sent."""
    ended: float
    """The last was answered."""


async def links(mail: str, first: int, last: int) -> list[str]:
    """Return the link in each of the mails *first* to *last*, as a path, in the order of arrival.

    Raises:
        Refused: a mail has no link.
    """
    found: list[str] = []
    async with Connection(mail) as catcher:
        after = first - 1
        while after < last:
            limit = min(_AT_ONCE, last - after)
            answer = await catcher.ask(catcher.get(f"/api/messages?after={after}&limit={limit}"))
            for each in json.loads(answer.body):
                link = next((url for url in each["links"] if "/c/" in url), None)
                if link is None:
                    raise Refused(f"mail {each['id']} to {each['to']} has no link")
                found.append(urlsplit(link).path)
                after = int(each["id"])
    return found


async def click(portal: str, paths: Sequence[str]) -> Clicks:
    """Open each page and confirm, one unit after the other, over one connection."""
    pages: list[float] = []
    confirmations: list[float] = []
    async with Connection(portal) as connection:
        for path in paths:
            began = stopwatch()
            page = await connection.ask(connection.get(path))
            pages.append(stopwatch() - began)
            request = _filled(connection, path, page.status, page.body)
            began = stopwatch()
            answer = await connection.ask(request)
            confirmations.append(stopwatch() - began)
            if answer.status != _SEE_OTHER:
                raise Refused(f"a confirmation was answered {answer.status}")
    return Clicks(pages, confirmations)


async def open_pages(portal: str, paths: Sequence[str], connections: int) -> list[bytes]:
    """Open the page behind each path; return the filled-in forms, ready to be sent."""
    waiting = iter(paths)
    ready: list[bytes] = []

    async def reader() -> None:
        async with Connection(portal) as connection:
            for path in waiting:
                page = await connection.ask(connection.get(path))
                ready.append(_filled(connection, path, page.status, page.body))

    await asyncio.gather(*(reader() for _ in range(connections)))
    return ready


async def burst(portal: str, requests: Sequence[bytes], connections: int) -> Burst:
    """Send all *requests*, each of *connections* as soon as its last was answered."""
    waiting: Iterator[bytes] = iter(requests)
    opened = [await Connection(portal).__aenter__() for _ in range(connections)]

    async def sender(connection: Connection) -> None:
        for request in waiting:
            answer = await connection.ask(request)
            if answer.status != _SEE_OTHER:
                raise Refused(f"a confirmation was answered {answer.status}")

    try:
        began = stopwatch()
        await asyncio.gather(*(sender(each) for each in opened))
        return Burst(len(requests), connections, began, stopwatch())
    finally:
        for each in opened:
            await each.__aexit__(None, None, None)


def _filled(connection: Connection, path: str, status: int, body: bytes) -> bytes:
    """Return the report that a clerk would send from this page."""
    form = forms_of(body.decode()).get("report") if status == 200 else None
    if form is None:
        raise Refused(f"the page was answered {status} and has no form for a report")
    values = dict(form.fields)
    for name, kind in form.kinds.items():
        if kind != "hidden":
            values[name] = {"name": "Nguyễn Thị Lan", "text": "Đã tổ chức."}.get(name, "120")
    return connection.post(urljoin(path, form.action), values)
