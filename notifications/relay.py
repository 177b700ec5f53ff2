"""The relay as all senders see it: one row that says whether it may be tried, and how often.

A breaker. When the relay cannot be used, nobody connects until a pause is over; the pause grows
with each failure; then one sender alone tries with one mail, and a success opens it for all. What
waiting cannot mend (refused credentials, our own address refused) stops it until an operator has
looked or the settings have changed. Nothing of this is held against any mail or recipient.

All times here are the machine's.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from pendulum import DateTime
from sqlalchemy import Connection, RowMapping, bindparam, or_, select, update

from models.codec import instant_of, instant_text
from models.domain.calendar import local
from models.store import Store
from models.tables import MailRelay, table
from notifications import allowance
from notifications.allowance import DAY, MINUTE

FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 300
PROBE_SECONDS = 60
"""How long the others wait for the one that tries; if it dies, another one tries after that."""

_RELAY = table(MailRelay)
_ROW = select(_RELAY)
SHUT = or_(_RELAY.c.stopped.is_not(None), _RELAY.c.closed_until > bindparam("now"))
"""Nobody connects (``now``: the machine's time)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many mails may go in any minute and any day; 0 is no limit."""

    per_minute: int = 0
    per_day: int = 0


@dataclass(frozen=True, slots=True)
class Admission:
    """What the row says to somebody who wants to send."""

    open: bool
    probe: bool = False
    """Only this sender may try now, with one mail."""
    failures: int = 0
    stopped: bool = False
    """Waiting does not help: an operator must act."""
    reason: str = ""
    """Why nothing may be sent."""


def admit(store: Store, now: DateTime) -> Admission:
    """Ask whether mail may be sent *now*; where it has to be tried, take the turn."""
    text = instant_text(now)
    with store.reading() as connection:
        row = connection.execute(_ROW).mappings().one()
        if not _shut(row, text) and not row["failures"]:
            return Admission(open=True)
    with store.engine.begin() as connection:
        row = _locked(connection)
        if _shut(row, text):
            why = row["stopped"] or f"paused until {row['closed_until']}"
            stopped = row["stopped"] is not None
            return Admission(False, failures=row["failures"], stopped=stopped, reason=why)
        if not row["failures"]:
            return Admission(open=True)
        _write(connection, closed_until=instant_text(now.add(seconds=PROBE_SECONDS)))
        return Admission(open=True, probe=True, failures=row["failures"])


def give_back(store: Store, admission: Admission) -> None:
    """Let another one try: there was nothing to send."""
    with store.engine.begin() as connection:
        if _locked(connection)["failures"] == admission.failures:
            _write(connection, closed_until=None)


def recovered(store: Store) -> None:
    """Open the relay for all: it can be used again."""
    with store.engine.begin() as connection:
        _locked(connection)
        _write(connection, failures=0, closed_until=None)


def failed(store: Store, admission: Admission, now: DateTime) -> bool:
    """Pause: the relay could not be used. Return whether that is news.

    Several senders that meet one failure count it once.
    """
    with store.engine.begin() as connection:
        row = _locked(connection)
        if row["failures"] != admission.failures or row["stopped"] is not None:
            return False
        until = now.add(seconds=pause_seconds(row["failures"] + 1))
        _write(connection, failures=row["failures"] + 1, closed_until=instant_text(until))
        return not admission.failures


def stop(store: Store, reason: str, settings: str) -> bool:
    """Send nothing more until an operator acts; return whether that is news.

    *settings* stands for the settings that were refused (:func:`fingerprint`).
    """
    with store.engine.begin() as connection:
        if _locked(connection)["stopped"] is not None:
            return False
        _write(connection, stopped=reason[:500], stopped_for=settings)
        return True


def reopen(store: Store) -> None:
    """Let the relay be tried at once: an operator says so."""
    with store.engine.begin() as connection:
        _locked(connection)
        _write(connection, failures=0, closed_until=None, stopped=None, stopped_for=None)


def reopen_if_changed(store: Store, settings: Mapping[str, str]) -> bool:
    """Reopen what was stopped for other settings than these; return whether it was."""
    with store.reading() as connection:
        row = connection.execute(_ROW).mappings().one()
    if row["stopped"] is None or row["stopped_for"] == fingerprint(settings, store.log_id()):
        return False
    reopen(store)
    return True


def take(store: Store, limits: Limits, now: DateTime) -> bool:
    """Take a token for one mail; return whether there was one.

    When there was none, nobody asks again before the next one comes back.
    """
    if not limits.per_minute and not limits.per_day:
        return True
    seconds = now.timestamp()
    with store.engine.begin() as connection:
        row = _locked(connection)
        minute, day = allowance.read(row["minute"]), allowance.read(row["day"])
        longest = max(
            allowance.wait(MINUTE, limits.per_minute, minute, seconds),
            allowance.wait(DAY, limits.per_day, day, seconds),
        )
        if longest > 0:
            again = instant_text(now.add(seconds=longest))
            _write(connection, closed_until=max(again, row["closed_until"] or ""))
            return False
        _write(
            connection,
            minute=allowance.write(allowance.spend(MINUTE, minute, seconds)),
            day=allowance.write(allowance.spend(DAY, day, seconds)),
        )
        return True


@dataclass(frozen=True, slots=True)
class Standing:
    """How the relay stands, for people."""

    failures: int
    closed_until: DateTime | None
    stopped: str | None


def standing(store: Store) -> Standing:
    """Return how the relay stands."""
    with store.reading() as connection:
        row = connection.execute(_ROW).mappings().one()
    closed = row["closed_until"]
    until = local(instant_of(closed)) if closed else None
    return Standing(row["failures"], until, row["stopped"])


def pause_seconds(failures: int) -> int:
    """Return how long nobody connects after so many failures in a row (from 1)."""
    return int(min(FIRST_PAUSE_SECONDS * 2 ** min(failures - 1, 20), LONGEST_PAUSE_SECONDS))


def fingerprint(settings: Mapping[str, str], salt: str) -> str:
    """Return a value that changes with the settings and tells nothing of the secrets in them.

    Slow on purpose (scrypt): it is kept in the database while the relay is stopped.
    """
    text = "\0".join(f"{name}={settings[name]}" for name in sorted(settings))
    return hashlib.scrypt(text.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=16).hex()


def _locked(connection: Connection) -> RowMapping:
    return connection.execute(_ROW.with_for_update()).mappings().one()


def _write(connection: Connection, **values: object) -> None:
    connection.execute(update(_RELAY).values(values))


def _shut(row: RowMapping, now: str) -> bool:
    return row["stopped"] is not None or (row["closed_until"] or "") > now
