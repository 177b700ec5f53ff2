"""Mails that came back after the relay had taken them: noted once, their address flagged.

A return counts only if it came to the mail's own return address (:mod:`notifications.verp`) and is
a notification of final failure (:mod:`notifications.returned`). Then the ledger is told, a proof
of notice falls, and nothing more is sent to that address until an operator has looked.

Where a provider writes another envelope sender, a return comes to a plain address and names the
mail by its Message-ID alone, which every recipient of the mail knows. Such a return is *doubted*:
it changes nothing but what operators see, until one of them has looked (:func:`settle`).
"""

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email.message import Message
from enum import StrEnum
from pathlib import Path

from sqlalchemy import or_, select, update

from models.codec import instant_text
from models.domain.requests import NoteDelivery
from models.domain.terms import DocumentKey
from models.record import Recorder
from models.store import Transaction
from models.tables import Contact, Outbox, table
from notifications.proof import request_of, untold
from notifications.returned import (
    MOST_BYTES,
    Notification,
    addressees,
    notification,
    original,
    parse,
)
from notifications.verp import ReturnPath

log = logging.getLogger(__name__)

LOOKED = ""
"""In place of a doubt: an operator has looked and does not believe it."""

_OUTBOX = table(Outbox)
_CONTACT = table(Contact)


class Noted(StrEnum):
    """What a returned message came to."""

    BOUNCED = "bounced"
    """The mail failed for good; the ledger knows and the address is flagged."""
    KNOWN = "known"
    """That was known."""
    DOUBTED = "doubted"
    """It says so of a mail of ours, and nothing proves it: an operator is to look."""
    TEMPORARY = "temporary"
    """A notification of delay, of success, or of a failure that may pass."""
    NOTHING = "nothing"
    """An automatic answer, a letter: it says nothing of the mail."""
    FOREIGN = "foreign"
    """It did not come to a return address of ours, or that was forged."""
    TOO_LARGE = "too-large"


class Bounces:
    """Reads what comes back for one ledger."""

    def __init__(self, recorder: Recorder, path: ReturnPath, folder: Path | None = None) -> None:
        """*folder*: a maildir in which returns arrive."""
        self._recorder = recorder
        self.path = path
        self._folder = folder

    def take(self, raw: bytes, recipient: str = "") -> Noted:
        """Judge one message. *recipient*: to which address it came, if the caller knows."""
        if len(raw) > MOST_BYTES:
            return Noted.TOO_LARGE
        message = parse(raw)
        if message is None:
            return Noted.NOTHING
        came_to = [recipient] if recipient else addressees(message)
        about = next(filter(None, map(self.path.message_id, came_to)), None)
        if about is None:
            forged = any(map(self.path.claimed, came_to))
            return Noted.FOREIGN if forged else self._doubted(message)
        said = notification(message)
        if said is None:
            return Noted.NOTHING
        return self._record(about, said) if said.final else Noted.TEMPORARY

    def _doubted(self, message: Message) -> Noted:
        """Show operators what a notification says of a mail that it names by its Message-ID."""
        said, about = notification(message), original(message)
        if said is None or about is None or not said.final:
            return Noted.FOREIGN
        sent = (
            _OUTBOX.c.message_id == about,
            _OUTBOX.c.state == "sent",
            _OUTBOX.c.bounced_at.is_(None),
        )
        with self._recorder.store.engine.begin() as connection:
            known = connection.execute(select(_OUTBOX.c.key).where(*sent)).first()
            marked = connection.execute(
                update(_OUTBOX)
                .where(*sent, _OUTBOX.c.doubted.is_(None))
                .values(doubted=said.status)
            ).rowcount
        if known is None:
            return Noted.FOREIGN
        return Noted.DOUBTED if marked else Noted.KNOWN

    def waiting(self) -> bool:
        """Tell whether something has arrived in the folder."""
        return next(self._arrived(), None) is not None

    def sweep(self) -> int:
        """Judge everything that arrived in the folder and put it aside; return how much it was."""
        count = 0
        for file in list(self._arrived()):
            large = file.stat().st_size > MOST_BYTES
            noted = Noted.TOO_LARGE if large else self.take(file.read_bytes())
            log.info("a returned mail: %s", noted.value)
            done = file.parent.parent / "cur" / f"{file.name.partition(':')[0]}:2,S"
            done.parent.mkdir(exist_ok=True)
            file.replace(done)
            count += 1
        return count

    def _arrived(self) -> Iterator[Path]:
        if self._folder is None or not (new := self._folder / "new").is_dir():
            return
        with os.scandir(new) as entries:
            yield from (Path(entry.path) for entry in entries if entry.is_file())

    def _record(self, message_id: str, said: Notification) -> Noted:
        return _recorded(self._recorder, message_id, said)


def settle(recorder: Recorder, key: str, *, came_back: bool) -> bool:
    """Say whether a doubted mail came back, as an operator knows; return whether there was one.

    What is not believed is not asked again, whatever else is returned of it.
    """
    doubted = (_OUTBOX.c.key == key, _OUTBOX.c.doubted != LOOKED, _OUTBOX.c.bounced_at.is_(None))
    with recorder.store.engine.begin() as connection:
        row = connection.execute(
            select(_OUTBOX.c.message_id, _OUTBOX.c.doubted).where(*doubted)
        ).first()
        if row is None:
            return False
        if not came_back:
            connection.execute(update(_OUTBOX).where(*doubted).values(doubted=LOOKED))
            return True
    said = Notification("failed", row.doubted)
    return _recorded(recorder, row.message_id, said) is Noted.BOUNCED


def _recorded(recorder: Recorder, message_id: str, said: Notification) -> Noted:
    noted = Noted.FOREIGN

    def gather(transaction: Transaction) -> Sequence[tuple[DocumentKey, NoteDelivery]]:
        nonlocal noted
        noted, asked = _bounced(transaction, message_id, said)
        return asked

    recorder.record_all(gather)
    return noted


def _bounced(
    transaction: Transaction, message_id: str, said: Notification
) -> tuple[Noted, list[tuple[DocumentKey, NoteDelivery]]]:
    """Mark the mail (and what went along with it) and flag its address."""
    connection = transaction.connection
    first = select(_OUTBOX).where(_OUTBOX.c.message_id == message_id)
    mail = connection.execute(first).mappings().one_or_none()
    if mail is None or mail["raw_sha256"] is None:
        return Noted.FOREIGN, []  # another installation's, or never sent
    if mail["bounced_at"] is not None:
        return Noted.KNOWN, []
    now = instant_text(transaction.now)
    rows = connection.execute(
        select(_OUTBOX).where(or_(_OUTBOX.c.key == mail["key"], _OUTBOX.c.carrier == mail["key"]))
    ).mappings()
    asked: list[tuple[DocumentKey, NoteDelivery]] = []
    for row in rows.all():
        values: dict[str, str | None] = {
            "bounced_at": now,
            "enhanced": said.status,
            "last_text": "bounced",
            "attested_at": now,
        }
        if row["state"] in ("pending", "unknown"):
            # Its answer was lost, and this is the answer: it was accepted and could not be brought.
            values |= {"state": "failed", "raw": None, "token": None, "finished_at": now}
        connection.execute(update(_OUTBOX).where(_OUTBOX.c.key == row["key"]).values(values))
        stream = DocumentKey(row["stream"])
        if row["stream"] and transaction.state(stream).document.policy.proof:
            about = request_of(row, transaction.now, "bounced")
            # The relay had taken it: if nobody has said so yet, that is said first.
            taken = replace(about, failed="", raw_sha256=row["raw_sha256"], detail="")
            told = replace(about, at=transaction.now, code=said.code, detail=said.status)
            asked += [(stream, taken), (stream, told)]
    connection.execute(
        update(_CONTACT)
        .where(_CONTACT.c.ref == mail["contact"], _CONTACT.c.flagged_at.is_(None))
        .values(flagged_at=now, flagged_why=f"bounced {said.status}")
    )
    return Noted.BOUNCED, untold(transaction, asked)
