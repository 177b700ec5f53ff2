"""The auditors' link: the whole ledger, read-only, behind a token of its own.

Such a token opens no duty, and a duty's token opens no ledger; what a wrong one gets is the answer
that every wrong link gets. The page is worked out once for each length of the ledger.
"""

import asyncio
import gzip
import logging
from dataclasses import dataclass

from pendulum import DateTime
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from audit import coverage
from audit.ledger import histories
from audit.page import Ledger, page
from audit.posted import posted
from audit.uncollected import uncollected
from models.codec import instant_text
from models.opened import open_link
from models.record import Recorder
from models.store import Now, Store
from models.tables import Link, table
from portal import links
from portal.guard import describe, route_of
from portal.texts import LANGS, Lang
from portal.worker import Worker

BODY = "@auditor"
_LINK = table(Link)
_RETRY = {"Retry-After": "30"}

log = logging.getLogger("portal")


def grant(store: Store, clock: Now, days: int) -> tuple[str, DateTime]:
    """Make a link that is good for *days* from now (the directive's clock).

    Returns its token, which is kept nowhere, and until when it is good. The ledger has an entry.
    """
    with store.transaction(clock) as transaction:
        until = transaction.now.add(days=days)
        token = open_link(transaction, links.AUDIT, until=instant_text(until), body=BODY)
    return token, until


def revoke(store: Store, now: DateTime) -> int:
    """End every auditors' link; return how many there were."""
    with store.engine.begin() as connection:
        ended = connection.execute(
            update(_LINK)
            .where(_LINK.c.purpose == links.AUDIT, _LINK.c.revoked_at.is_(None))
            .values(revoked_at=instant_text(now))
        )
    return ended.rowcount


def admitted(connection: Connection, sha256: str, now: DateTime) -> bool:
    """Tell whether the token with this hash lets its bearer see the ledger at *now*."""
    found = connection.execute(
        select(_LINK.c.expires_at, _LINK.c.revoked_at).where(
            _LINK.c.token_sha256 == sha256, _LINK.c.purpose == links.AUDIT
        )
    ).first()
    return found is not None and found.revoked_at is None and found.expires_at > instant_text(now)


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: tuple[int, int, str]
    plain: bytes
    small: bytes
    """The same, compressed: some four fifths of a large page need not travel."""
    csp: str


class Auditor:
    """Shows the auditors' page."""

    def __init__(self, store: Store, recorder: Recorder, worker: Worker, lang: Lang) -> None:
        self._store = store
        self._recorder = recorder
        self._worker = worker
        self._lang = lang
        self._kept: dict[Lang, _Kept] = {}
        self._lock = asyncio.Lock()

    async def show(self, request: Request) -> Response:
        """Show the whole ledger. Records nothing."""
        sha256 = links.digest(request.scope.get("raw_path") or request.scope["path"].encode())
        if sha256 is None:
            raise HTTPException(404)
        asked = request.query_params.get("lang")
        lang = next((each for each in LANGS if each == asked), self._lang)
        now = self._recorder.clock.now()
        try:
            if not await self._worker.read(lambda: self._admits(sha256, now)):
                raise HTTPException(404)
            async with self._lock:
                # Not on the database's own thread: no clerk waits for an auditor.
                found = await asyncio.to_thread(self._page, now, lang)
        except DBAPIError as error:
            log.warning("%s %s", route_of(request.scope), describe(error))
            raise HTTPException(503, headers=_RETRY) from None
        headers = {"Content-Security-Policy": found.csp, "Vary": "Accept-Encoding"}
        # There is no secret in the page, and nothing in it that a visitor chose.
        if not takes_gzip(request.headers.get("accept-encoding", "")):
            return HTMLResponse(found.plain, headers=headers)
        return HTMLResponse(found.small, headers=headers | {"Content-Encoding": "gzip"})

    def _admits(self, sha256: str, now: DateTime) -> bool:
        with self._store.reading() as connection:
            return admitted(connection, sha256, now)

    def _page(self, now: DateTime, lang: Lang) -> _Kept:
        checkpoints = coverage.read(self._store)
        # Between two facts only time passes; a page of the same ten minutes will do.
        stamp = (self._store.size(), len(checkpoints), instant_text(now)[:15])
        kept = self._kept.get(lang)
        if kept is None or kept.stamp != stamp:
            ledger = Ledger(self._store.log_id(), stamp[0], checkpoints)
            with uncollected():
                boxes = posted(self._store)
                made = page(histories(self._store), ledger, now, lang=lang, posted=boxes)
            plain = made.html.encode()
            kept = _Kept(stamp, plain, gzip.compress(plain, mtime=0), made.csp)
            self._kept[lang] = kept
        return kept


def takes_gzip(accepted: str) -> bool:
    """Tell whether whoever sent this ``Accept-Encoding`` can read gzip (RFC 9110, 12.5.3)."""
    for each in accepted.lower().split(","):
        name, _, weight = each.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "").removeprefix("q=").strip("0.") != "" or not weight
    return False
