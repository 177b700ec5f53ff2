"""Watch the ledger, so that what happened is acted on at once and not at the next schedule.

A thread of the warm worker. It asks our own database several times a second whether anything was
committed, looks only then, and gives hints: start a follow-up because something fell due, a
delivery because mail is owed, wake a run that has not seen the newest fact. What time alone brings
is known from the last look. Every hint is repeated until it has had its effect, and the scheduled
follow-up gives the same ones when nobody watches.
"""

import logging
import threading
from contextlib import closing
from dataclasses import dataclass
from itertools import takewhile
from uuid import UUID

import httpx
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound
from sqlalchemy import text

from config.clock import stopwatch
from flows import books, engine, names
from flows.hall import Hall
from flows.tending import tend
from models.codec import instant_text
from models.database import Changes
from notifications.outbox import Outlook

log = logging.getLogger(__name__)

EVERY = 0.25
"""Seconds between two questions whether there is news."""
PATIENCE = 60.0
"""Seconds after which an errand that has not ended is given again."""
AGAIN = 2.0
"""Seconds between two hints to the same document: what comes meanwhile is one pass's work."""
AFTER_ERROR = 1.0

_GLANCE = text(
    """
    SELECT s.id, s.position, s.issued_at, s.next_due, r.seen, r.finished,
           s.parent IS NULL OR p.issued_at IS NOT NULL AS ready
    FROM stream s
    LEFT JOIN stream p ON p.id = s.parent
    LEFT JOIN runtime_run r ON r.key = :prefix || s.id
    """
)


@dataclass(frozen=True, slots=True)
class Glance:
    """What one look at the database shows."""

    due: bool
    """Time has something to do in an issued document."""
    behind: frozenset[str]
    """Documents whose run has not seen everything, or whose day of issue has come."""
    positions: dict[str, int]
    mail: bool
    """A delivery would find something to do."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the database showed. It is true until the next commit; what it means, time decides."""

    positions: dict[str, int]
    behind: frozenset[str]
    """Documents whose run has not seen everything."""
    dues: tuple[tuple[str, str, bool], ...]
    """When time has something to do next, in which document, and whether that is issued; sorted."""
    mail: Outlook


def sight(parts: Hall) -> Sight:
    """Read once."""
    with parts.store.reading() as connection:
        rows = connection.execute(_GLANCE, {"prefix": books.CARRY_OUT}).all()
        mail = parts.postman.outlook(connection)
    return Sight(
        positions={row.id: row.position for row in rows},
        behind=frozenset(
            row.id
            for row in rows
            if (row.ready if row.seen is None else not row.finished) and row.seen != row.position
        ),
        dues=tuple(
            sorted(
                (row.next_due, row.id, row.issued_at is not None)
                for row in rows
                if row.next_due is not None
            )
        ),
        mail=mail,
    )


def meaning(parts: Hall, seen: Sight) -> Glance:
    """Return what *seen* means now."""
    now = instant_text(parts.recorder.clock.now())
    fell_due = list(takewhile(lambda due: due[0] <= now, seen.dues))
    return Glance(
        due=any(issued for _, _, issued in fell_due),
        behind=seen.behind | {document for _, document, issued in fell_due if not issued},
        positions=seen.positions,
        mail=seen.mail.work or parts.postman.returned(),
    )


def look(parts: Hall) -> Glance:
    """Look once, whatever was seen before."""
    return meaning(parts, sight(parts))


class Lookout:
    """Looks, and reads only what may have changed since."""

    def __init__(self, parts: Hall) -> None:
        self._parts = parts
        self._changes = Changes(parts.store.engine)
        self._mark: object = None
        self._seen: Sight | None = None

    def look(self) -> Glance:
        """Return what :func:`look` would."""
        # Asked first: what is committed from here on is news at the next look.
        mark, seen = self._changes.mark(), self._seen
        if seen is None or mark != self._mark or not self._parts.postman.holds(seen.mail):
            seen = sight(self._parts)
            self._mark, self._seen = mark, seen
        return meaning(self._parts, seen)

    def close(self) -> None:
        """Let go of the database."""
        self._changes.close()


class Errand:
    """A run of a deployment that is started when wanted, one at a time."""

    def __init__(self, flow: str) -> None:
        self._deployment = names.deployment(flow)
        self._run: UUID | None = None
        self._started = 0.0

    def want(self) -> bool:
        """Start a run unless the last one is still under way; return whether one was started."""
        if self._run is not None and not self._ended():
            return False
        self._run = engine.start(self._deployment, {})
        self._started = stopwatch()
        return True

    def _ended(self) -> bool:
        if stopwatch() - self._started > PATIENCE:
            return True
        try:
            state = engine.find(self._run).state if self._run else None
        except ObjectNotFound:
            return True
        return state is not None and (state.is_final() or state.type is StateType.CANCELLING)


class Watch:
    """Looks until it is told to stop."""

    def __init__(self, parts: Hall) -> None:
        self._parts = parts
        self._lookout = Lookout(parts)
        self._follow_up = Errand(names.FOLLOW_UP)
        self._deliver = Errand(names.DELIVER)
        self._hinted: dict[str, tuple[int, float]] = {}
        self._stop = threading.Event()

    def start(self) -> None:
        """Watch in a thread of its own."""
        threading.Thread(target=self.run, name="watch", daemon=True).start()

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()

    def run(self) -> None:
        """Look, give hints, and try again after any trouble."""
        pause = EVERY
        with engine.impatient(), closing(self._lookout):
            while not self._stop.wait(pause):
                pause = EVERY
                try:
                    self.turn()
                except httpx.HTTPError as problem:
                    log.info("Prefect does not answer: %r", problem)
                    pause = AFTER_ERROR
                except ObjectNotFound:
                    pause = AFTER_ERROR  # not deployed yet, or a new Prefect database
                except Exception:
                    log.exception("the watch goes on")
                    pause = AFTER_ERROR

    def turn(self) -> Glance:
        """Look once and give the hints that are needed."""
        glance = self._lookout.look()
        if glance.mail:
            self._deliver.want()
        if glance.due:
            self._follow_up.want()
        if wanting := self._wanting(glance):
            tend(self._parts, wanting)
            now = stopwatch()
            self._hinted |= {stream: (glance.positions[stream], now) for stream in wanting}
        return glance

    def _wanting(self, glance: Glance) -> set[str]:
        """Return the documents that have something new, or have not answered a hint in time."""
        now = stopwatch()
        wanting: set[str] = set()
        for stream, position in glance.positions.items():
            hinted, at = self._hinted.get(stream, (-1, -AGAIN))
            if (position != hinted or stream in glance.behind) and now - at >= AGAIN:
                wanting.add(stream)
        return wanting
