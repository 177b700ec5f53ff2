"""What an SMTP server's answer means for the message, its recipient and ourselves."""

import re
from dataclasses import dataclass
from enum import StrEnum

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_QUEUED = re.compile(r"\bqueued\b(?:\s+as\b)?[\s:]*([\w.-]+)|\bid[=\s]+([\w.-]{6,})", re.IGNORECASE)
_TEXT_LIMIT = 500

_CLOSING = 421
_GREYLISTED = re.compile(r"gr[ea]y-?list", re.IGNORECASE)
_AUTHENTICATION_WANTED = 530
_MAILBOX_FULL = 552
_FULL = "5.2.2"
"""RFC 3463 section 3.3: the mailbox is full, which passes; many servers say it with 550."""
_ADDRESS_REFUSED = frozenset({501, 550, 551, 553, 556})


class Phase(StrEnum):
    """How far the conversation had come."""

    BEFORE = "before"
    """Nothing was said: we saw ourselves that it could not work."""
    CONNECT = "connect"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    """From the DATA command to the answer to the final dot."""


class Outcome(StrEnum):
    """What to do next."""

    SENT = "sent"
    """The server took responsibility."""
    RETRY = "retry"
    """Later, the same bytes; counts as an attempt of this message."""
    REFUSED = "refused"
    """The address does not work; tell whoever keeps it."""
    FAULT = "fault"
    """Our fault (sender, content, size, policy): park the message and tell the operator."""
    AMBIGUOUS = "ambiguous"
    """It may have been delivered: the same bytes again, much later, few times."""
    INFRA = "infra"
    """The server cannot be used: no message's attempts count, stop the batch."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of one attempt."""

    outcome: Outcome
    phase: Phase
    code: int | None = None
    """The SMTP code, when there was a clean answer."""
    enhanced: str | None = None
    """The enhanced status (RFC 3463), ``5.1.1``, when the server gave one."""
    text: str = ""
    """The server's words or the reason, one line; English as a rule."""
    queue_id: str | None = None
    """Under which name the server keeps it, for questions to its keeper."""

    @property
    def patient(self) -> bool:
        """Tell whether the server wants to see us again after some minutes, not sooner.

        RFC 6647: a mailbox that is "later" at RCPT is, as a rule, greylisted.
        """
        later = self.outcome is Outcome.RETRY
        return later and (self.phase is Phase.RCPT or _GREYLISTED.search(self.text) is not None)

    @property
    def closing(self) -> bool:
        """Tell whether the server went away (421), which is its own affair and not the mail's."""
        return self.code == _CLOSING

    @property
    def stops(self) -> bool:
        """Tell whether nothing can be sent before somebody changes our credentials."""
        refused = self.phase is Phase.AUTH or self.code == _AUTHENTICATION_WANTED
        return self.outcome is Outcome.INFRA and refused and (self.code or 0) >= 500

    @property
    def needs_operator(self) -> bool:
        """Tell whether waiting cannot help: our mistake, or credentials that are refused."""
        permanent = self.code is not None and self.code >= 500
        return self.outcome is Outcome.FAULT or (self.outcome is Outcome.INFRA and permanent)


def accepted(code: int, text: str) -> Delivery:
    """Return the delivery of a message whose final dot was answered with success."""
    line = _one_line(text)
    found = _QUEUED.search(line)
    queue_id = (found[1] or found[2]) if found else None
    return Delivery(Outcome.SENT, Phase.DATA, code, _enhanced(line), line, queue_id)


def replied(phase: Phase, code: int, text: str) -> Delivery:
    """Return the delivery when *phase* was answered with anything but success."""
    line = _one_line(text)
    if not 400 <= code < 600:  # garbage, or an answer that does not belong here
        return Delivery(_lost_in(phase), phase, None, None, f"unexpected answer {code}: {line}")
    enhanced = _enhanced(line)
    return Delivery(_meaning(phase, code, enhanced), phase, code, enhanced, line)


def lost(phase: Phase, error: Exception) -> Delivery:
    """Return the delivery when the connection failed, was lost or stalled in *phase*."""
    return Delivery(
        _lost_in(phase), phase, None, None, _one_line(f"{type(error).__name__}: {error}")
    )


def unsent(outcome: Outcome, text: str, *, code: int | None = None) -> Delivery:
    """Return the delivery of a message that was never begun."""
    return Delivery(outcome, Phase.BEFORE, code, None, _one_line(text))


def _meaning(phase: Phase, code: int, enhanced: str | None) -> Outcome:
    if phase in (Phase.CONNECT, Phase.AUTH) or code == _AUTHENTICATION_WANTED:
        return Outcome.INFRA
    if code < 500:
        return Outcome.RETRY
    # The enhanced code says what the plain one leaves open: 5.1 is the address (RFC 3463), while
    # 550 and 554 are also used for relaying, reputation and content (5.7).
    if phase is Phase.MAIL:
        return Outcome.FAULT
    if enhanced is not None and enhanced.startswith("5.1."):
        return Outcome.REFUSED
    if enhanced is not None and (enhanced.startswith("4.") or enhanced == _FULL):
        return Outcome.RETRY
    if phase is Phase.RCPT:
        if code == _MAILBOX_FULL:  # RFC 5321 section 4.5.3.1.10: to be treated as temporary
            return Outcome.RETRY
        if enhanced is not None and enhanced.startswith("5.7."):
            return Outcome.FAULT
        if code in _ADDRESS_REFUSED:
            return Outcome.REFUSED
    return Outcome.FAULT


def _lost_in(phase: Phase) -> Outcome:
    """MAIL says nothing of the recipient, so a loss there is the server's affair. From DATA on
    the message may have gone: the client cannot tell on which side of the final dot it was."""
    match phase:
        case Phase.RCPT:
            return Outcome.RETRY
        case Phase.DATA:
            return Outcome.AMBIGUOUS
        case _:
            return Outcome.INFRA


def _enhanced(text: str) -> str | None:
    found = _ENHANCED.match(text)
    return found[1] if found else None


def _one_line(text: str) -> str:
    """Return *text* as one printable line, short enough for a row and a log."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:_TEXT_LIMIT]
