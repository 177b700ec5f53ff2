"""The postman: sends what the outbox owes, one mail at a time over one connection."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from models.domain.calendar import local
from models.domain.effects import Kind
from models.domain.state import State
from models.domain.terms import AssignmentId, DocumentKey
from models.store import Now, Store
from notifications.errors import NotificationError
from notifications.hand import Hand
from notifications.letters import Letters
from notifications.outbox import Claimed, cancel, claim, finish, freeze
from notifications.render import Sender, compose, outdated, raw
from notifications.smtp_settings import SmtpSettings
from notifications.transport import SmtpTransport
from notifications.verdict import Delivery, Outcome, Phase

BATCH = 50


@dataclass(slots=True)
class Round:
    """What one round of deliveries came to: how many mails ended in which state."""

    states: Counter[str] = field(default_factory=Counter)
    infra: bool = False
    """The relay cannot be used: the round stopped early."""

    @property
    def sent(self) -> int:
        """How many mails the relay took."""
        return self.states["sent"]


class Postman:
    """Delivers for one store through one relay."""

    def __init__(
        self,
        store: Store,
        smtp: SmtpSettings,
        sender: Sender,
        clock: Now,
        machine: Now,
        owner: str = "",
    ) -> None:
        """*clock* dates the letters (the directive's time), *machine* runs the queue."""
        self.store = store
        self.clock = clock
        self.smtp = smtp
        self.sender = sender
        self.machine = machine
        self.letters = Letters(store)
        self.owner = owner or f"pid-{os.getpid()}"

    async def deliver(self, progress: Callable[[Round], None] | None = None) -> Round:
        """Send everything that is owed now; stop early when the relay cannot be used.

        *progress* is called after each batch.
        """
        done = Round()
        async with SmtpTransport(self.smtp) as transport:
            while not done.infra:
                mails = claim(self.store, local(self.machine.now()), self.owner, BATCH)
                if not mails:
                    break
                ready = self._prepare(mails, done)
                hand = Hand(self.store, self.machine, [mail for mail, _ in ready])
                for mail, data in ready:
                    if done.infra:
                        # Give the rest back at once instead of keeping it until the lease ends.
                        nothing = Delivery(Outcome.INFRA, Phase.BEFORE, text="relay unavailable")
                        self._finish(mail, nothing, done)
                        continue
                    if not hand.holds(mail):
                        continue  # somebody else sends it
                    delivery = await hand.during(
                        transport.send(
                            self.sender.address, mail.address, data, envelope_id=mail.message_id
                        )
                    )
                    hand.drop(mail)
                    done.infra = delivery.outcome is Outcome.INFRA
                    self._finish(mail, delivery, done)
                if progress is not None:
                    progress(done)
        return done

    def _finish(self, mail: Claimed, delivery: Delivery, done: Round) -> None:
        done.states[finish(self.store, mail, delivery, local(self.machine.now()))] += 1

    def _prepare(self, mails: list[Claimed], done: Round) -> list[tuple[Claimed, bytes]]:
        """Return the bytes of each mail that is still wanted, frozen before the first attempt."""
        states: dict[str, State] = {
            stream: self.store.state(DocumentKey(stream)) for stream in {m.stream for m in mails}
        }
        ready: list[tuple[Claimed, bytes]] = []
        fresh: list[tuple[Claimed, bytes, str]] = []
        unwanted: list[Claimed] = []
        for mail in mails:
            state = states[mail.stream]
            if outdated(state, Kind(mail.kind), AssignmentId(mail.assignment), mail.detail):
                unwanted.append(mail)
                continue
            if mail.raw is not None:
                ready.append((mail, mail.raw))
                continue
            try:
                data, digest = raw(
                    compose(
                        self.letters.of(mail, states[mail.stream]),
                        states[mail.stream],
                        self.sender,
                        local(self.clock.now()),
                    )
                )
            except NotificationError as error:
                # An address or a name that cannot be put on the wire: a person must look.
                fault = Delivery(Outcome.FAULT, Phase.BEFORE, text=error.text("en"))
                self._finish(mail, fault, done)
                continue
            fresh.append((mail, data, digest))
            ready.append((mail, data))
        freeze(self.store, fresh)
        cancel(self.store, unwanted, "no longer needed", local(self.machine.now()))
        done.states["cancelled"] += len(unwanted)
        return ready
