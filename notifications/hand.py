"""The mails that a postman has in hand: kept as long as the work lasts, let go when they are lost.

A lease is short, so that what a dead sender held is soon sent by another. A living one prolongs
it, however slow the relay is; what it lost all the same (the machine slept) it must not send.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from pendulum import DateTime

from models.codec import instant_text
from models.domain.calendar import local
from models.store import Now, Store
from notifications.outbox import LEASE_SECONDS, Claimed, hold

T = TypeVar("T")

RENEW_SECONDS = LEASE_SECONDS / 4
"""How often a long conversation with the relay is looked after."""


class Hand:
    """Claimed mails, in the order in which they are sent."""

    def __init__(self, store: Store, machine: Now, mails: Sequence[Claimed]) -> None:
        self._store = store
        self._machine = machine
        self._mails = {mail.key: mail for mail in mails}
        self._until = min((mail.lease_until for mail in mails), default="")

    def holds(self, mail: Claimed) -> bool:
        """Tell whether *mail* is still ours to send."""
        self._renew()
        return mail.key in self._mails

    def drop(self, mail: Claimed) -> None:
        """Let go of a mail that is dealt with."""
        self._mails.pop(mail.key, None)

    async def during(self, work: Coroutine[Any, Any, T]) -> T:
        """Do *work* and keep the mails meanwhile."""
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=RENEW_SECONDS)
                self._renew()
            return await task
        finally:
            if not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    def _renew(self) -> None:
        """Prolong the leases when half of their time is over."""
        now: DateTime = local(self._machine.now())
        if not self._mails or instant_text(now.add(seconds=LEASE_SECONDS // 2)) < self._until:
            return
        kept = hold(self._store, [*self._mails.values()], now)
        self._mails = {key: mail for key, mail in self._mails.items() if key in kept}
        self._until = instant_text(now.add(seconds=LEASE_SECONDS))
