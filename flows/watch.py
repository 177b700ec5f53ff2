"""Watch the ledger, so that what happened is acted on at once and not at the next schedule.

A thread of the warm worker. It looks at our own database several times a second (one small query)
and gives hints: start a follow-up because something fell due, a delivery because mail is owed,
wake a run that has not seen the newest fact. Every hint is repeated until it has had its effect,
and the scheduled follow-up gives the same ones when nobody watches.
"""

import logging
import threading
from dataclasses import dataclass
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

log = logging.getLogger(__name__)

EVERY = 0.25
"""Seconds between two looks."""
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


def look(parts: Hall) -> Glance:
    """Look once."""
    now = instant_text(parts.recorder.clock.now())
    with parts.store.reading() as connection:
        rows = connection.execute(_GLANCE, {"prefix": books.CARRY_OUT}).all()
    fell_due = [row for row in rows if row.next_due is not None and row.next_due <= now]
    return Glance(
        due=any(row.issued_at is not None for row in fell_due),
        behind=frozenset(
            {
                row.id
                for row in rows
                if (row.ready if row.seen is None else not row.finished)
                and row.seen != row.position
            }
            | {row.id for row in fell_due if row.issued_at is None}
        ),
        positions={row.id: row.position for row in rows},
        mail=parts.postman.has_work(),
    )


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
        with engine.impatient():
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
        glance = look(self._parts)
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
