"""The postman: sends what the outbox owes, one mail at a time over one connection."""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from config.hours import ALWAYS, Hours
from models.domain.calendar import WorkCalendar, local
from models.domain.effects import Kind
from models.domain.state import State
from models.domain.terms import AssignmentId, DocumentKey
from models.owed import RESENT
from models.record import Recorder
from models.store import Now, Store
from notifications import outbox, plain, proof, relay, together
from notifications.address import mailbox
from notifications.bounces import Bounces
from notifications.errors import BadSettings, NotificationError
from notifications.hand import Hand
from notifications.letters import Letters
from notifications.outbox import (
    Carried,
    Claimed,
    cancel,
    claim,
    finish,
    freeze,
)
from notifications.relay import Admission, Limits
from notifications.render import Sender, compose, compose_digest, outdated, raw
from notifications.smtp_settings import SmtpSettings
from notifications.together import Group
from notifications.transport import SmtpTransport
from notifications.verdict import Delivery, Outcome, Phase

log = logging.getLogger(__name__)

BATCH = 50
PATIENCE = 3
"""So many mails in a row that the relay drops, or our own address refused: it is not the mails."""
URGENT = frozenset({Kind.RECEIVED.value})
"""Somebody waits for these: they go in quiet hours too, as do mails about no document and mails
that were asked for again."""


@dataclass(slots=True)
class Round:
    """What one round of deliveries came to: how many mails ended in which state."""

    states: Counter[str] = field(default_factory=Counter)
    infra: bool = False
    """The relay cannot be used: the round stopped early."""
    limited: bool = False
    """No more may be sent for now: a limit of the settings."""
    alert: bool = False
    """An operator is to be told, for the first time in this outage."""
    reason: str = ""
    """Why the relay is not used, in its words."""
    facts: int = 0
    """How many proofs the ledger was given."""

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
        *,
        hours: Hours = ALWAYS,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        bounces: Bounces | None = None,
    ) -> None:
        """*clock* dates the letters (the directive's time), *machine* runs the queue."""
        self.store = store
        self.clock = clock
        self.smtp = smtp
        self.sender = sender
        self.machine = machine
        self.owner = owner or f"pid-{os.getpid()}"
        self.hours = hours
        self.limits = limits
        self.bounces = bounces
        self._letters = Letters(store)
        self._recorder = Recorder(store, clock, machine)

    def has_work(self) -> bool:
        """Tell whether a round would find anything to do."""
        with self.store.reading() as connection:
            owed = self.outlook(connection).work
        return owed or self.returned()

    def outlook(self, connection: Connection) -> outbox.Outlook:
        """Tell the same of what is owed, and how long it stays so."""
        return outbox.outlook(connection, local(self.machine.now()), local(self.clock.now()))

    def holds(self, outlook: outbox.Outlook) -> bool:
        """Tell whether *outlook* is still true if nothing was committed since."""
        return outlook.holds(local(self.machine.now()), local(self.clock.now()))

    def returned(self) -> bool:
        """Tell whether mail came back that nobody has read."""
        return self.bounces is not None and self.bounces.waiting()

    async def deliver(self, progress: Callable[[Round], None] | None = None) -> Round:
        """Send everything that is owed now; stop early when the relay cannot be used.

        What a killed sender left untold is told to the ledger first, and what came back is read.
        *progress* is called after each batch.
        """
        done = Round()
        if self.bounces is not None:
            self.bounces.sweep()
        done.facts += proof.attest(self._recorder)
        try:
            transport = SmtpTransport(self.smtp)
        except BadSettings as error:
            done.infra, done.reason = True, error.text("en")
            done.alert = self.stop(done.reason)
            return done
        digests = together.streams(self.store)
        async with transport:
            while not done.infra and not done.limited:
                admission = relay.admit(self.store, local(self.machine.now()))
                if not admission.open:
                    done.infra = admission.failures > 0 or admission.stopped
                    done.limited, done.reason = not done.infra, admission.reason
                    break
                mails = self._claimed(1 if admission.probe else BATCH, digests)
                if not mails:
                    if admission.probe:
                        relay.give_back(self.store, admission)
                    break
                await self._send(mails, admission, transport, done)
                done.facts += proof.attest(self._recorder)
                if progress is not None:
                    progress(done)
        return done

    def _claimed(self, limit: int, digests: Iterable[str]) -> list[Claimed]:
        at = local(self.clock.now())
        return claim(self.store, local(self.machine.now()), self.owner, limit, at, digests)

    async def _send(
        self,
        mails: list[Claimed],
        admission: Admission,
        transport: SmtpTransport,
        done: Round,
    ) -> None:
        ready = self._prepare(mails, done)
        hand = Hand(self.store, self.machine, [mail for mail, _ in ready])
        watch = _Watch(self, admission, done)
        if admission.probe and not ready:
            relay.give_back(self.store, admission)
        for mail, data in ready:
            if done.infra:
                # Give the rest back at once instead of keeping it until the lease ends.
                nothing = Delivery(Outcome.INFRA, Phase.BEFORE, text="relay unavailable")
                self._finish(mail, nothing, done)
                continue
            if done.limited:
                outbox.release(self.store, [mail])
                continue
            if not hand.holds(mail):
                continue  # somebody else sends it
            if not relay.take(self.store, self.limits, local(self.machine.now())):
                done.limited = True
                outbox.release(self.store, [mail])
                continue
            delivery = await hand.during(
                transport.send(
                    self._envelope(mail), mail.address, data, envelope_id=mail.message_id
                )
            )
            hand.drop(mail)
            self._finish(mail, delivery, done)
            watch.saw(delivery)

    def _envelope(self, mail: Claimed) -> str:
        """Return where the mail comes back to if it cannot be brought."""
        if self.bounces is None:
            return self.sender.address
        return self.bounces.path.address(mail.message_id)

    def _finish(self, mail: Claimed, delivery: Delivery, done: Round) -> None:
        now, at = local(self.machine.now()), local(self.clock.now())
        done.states[finish(self.store, mail, delivery, now, at)] += 1

    def stop(self, reason: str) -> bool:
        """Send nothing more before an operator has acted; return whether that is news."""
        log.warning("mail is stopped until an operator acts: %s", reason)
        print_ = relay.fingerprint(self.smtp.identity(), self.store.log_id())
        return relay.stop(self.store, reason, print_)

    def _prepare(self, mails: list[Claimed], done: Round) -> list[tuple[Claimed, bytes]]:
        """Return the bytes of each mail that may go now, frozen before the first attempt."""
        along = outbox.going_along(self.store, mails)
        streams = {mail.stream for mail in mails if mail.stream}
        streams |= {each.stream for carried in along.values() for each in carried}
        states = {stream: self.store.state(DocumentKey(stream)) for stream in streams}
        wanted = self._in_hours(self._wanted(mails, along, states, done), states, done)
        groups = together.grouped([mail for mail in wanted if mail.raw is None], states)
        fresh: dict[str, bytes] = {}
        frozen: list[tuple[Claimed, bytes, str]] = []
        carried: list[tuple[Claimed, Claimed]] = []
        for group in groups:
            mail = group.carrier
            try:
                data, sha256 = self._composed(group, states)
            except NotificationError as error:
                # An address or a name that cannot be put on the wire: a person must look.
                self._give_up(group, error.text("en"), done)
                continue
            except Exception as error:
                # Our own mistake, about this mail alone: the others must not wait for its mending.
                log.exception("a mail of kind %s cannot be written", mail.kind)
                self._give_up(group, f"it cannot be written: {type(error).__name__}", done)
                continue
            fresh[mail.key] = data
            frozen.append((mail, data, sha256))
            carried += [(each, mail) for each in group.along]
        freeze(self.store, frozen, carried)
        gone = {each.key for each, _ in carried}
        ready = ((mail, fresh.get(mail.key, mail.raw)) for mail in wanted if mail.key not in gone)
        return [(mail, whole) for mail, whole in ready if whole is not None]

    def _give_up(self, group: Group, why: str, done: Round) -> None:
        fault = Delivery(Outcome.FAULT, Phase.BEFORE, text=why)
        for mail in (group.carrier, *group.along):
            self._finish(mail, fault, done)

    def _in_hours(
        self, mails: Sequence[Claimed], states: Mapping[str, State], done: Round
    ) -> list[Claimed]:
        """Return the mails that may go at this hour; the others are held until theirs."""
        now = local(self.clock.now())
        held = {}
        for mail in mails:
            if mail.stream == "" or mail.kind in URGENT or RESENT in mail.key:
                continue
            state = states[mail.stream]
            calendar = state.document.calendar if state.plan else WorkCalendar()
            free = self.hours.free_at(now, calendar)
            if free > now:
                held[mail.key] = free
        outbox.release(self.store, [mail for mail in mails if mail.key in held], held)
        if held:
            done.states["held"] += len(held)
        return [mail for mail in mails if mail.key not in held]

    def _wanted(
        self,
        mails: Sequence[Claimed],
        along: Mapping[str, Sequence[Carried]],
        states: Mapping[str, State],
        done: Round,
    ) -> list[Claimed]:
        """Return the mails that somebody still needs; the others are cancelled."""
        wanted: list[Claimed] = []
        unwanted: list[Claimed] = []
        for mail in mails:
            parts: list[Claimed | Carried] = [mail, *along.get(mail.key, ())]
            needless = [_stale(each, states) for each in parts]
            if all(needless):
                unwanted.append(mail)
                done.states["cancelled"] += len(needless)
            elif any(needless) and not mail.ambiguous:
                outbox.thaw(self.store, mail)  # nobody has got it: it is written anew
            else:
                wanted.append(mail)
        cancel(self.store, unwanted, "no longer needed", local(self.machine.now()))
        return wanted

    def _composed(self, group: Group, states: Mapping[str, State]) -> tuple[bytes, str]:
        mail, now = group.carrier, local(self.clock.now())
        if mail.stream == "":
            box = mailbox(mail.address)
            words = (mail.kind, mail.detail, box, mail.message_id)
            return raw(plain.compose(*words, self.sender, mail.locale, now))
        whole = (mail, *group.along)
        letters = [self._letters.of(each, states[each.stream]) for each in whole]
        if group.along:
            return raw(compose_digest(letters, states, self.sender, mail.locale, now))
        return raw(compose(letters[0], states[mail.stream], self.sender, now))


class _Watch:
    """Judges the relay by how it treats one mail after the other."""

    def __init__(self, postman: Postman, admission: Admission, done: Round) -> None:
        self._postman = postman
        self._admission = admission
        self._done = done
        self._dropped = 0
        self._faults = 0

    def saw(self, delivery: Delivery) -> None:
        """Note what came of one attempt; close the relay for all when it is not the mail's."""
        dropped = delivery.closing or delivery.outcome is Outcome.AMBIGUOUS
        self._dropped = self._dropped + 1 if dropped else 0
        ours = delivery.outcome is Outcome.FAULT and delivery.phase is Phase.MAIL
        self._faults = self._faults + 1 if ours else 0
        patience = 1 if self._admission.probe else PATIENCE
        if delivery.stops or self._faults >= PATIENCE:
            self._shut(delivery)
            self._done.alert = self._postman.stop(delivery.text)
        elif delivery.outcome is Outcome.INFRA or self._dropped >= patience:
            self._shut(delivery)
            now = local(self._postman.machine.now())
            self._done.alert = relay.failed(self._postman.store, self._admission, now)
            if self._done.alert:
                log.warning("the relay cannot be used: %s", delivery.text)
        elif self._admission.probe:
            relay.recovered(self._postman.store)
            log.warning("the relay can be used again")

    def _shut(self, delivery: Delivery) -> None:
        self._done.infra, self._done.reason = True, delivery.text


def _stale(mail: Claimed | Carried, states: Mapping[str, State]) -> bool:
    """Tell whether nobody needs this mail any more."""
    if mail.stream == "":
        return False
    about = (Kind(mail.kind), AssignmentId(mail.assignment), mail.detail)
    return outdated(states[mail.stream], *about) is not None
