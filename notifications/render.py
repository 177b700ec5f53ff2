"""A mail owed into a mail: what the recipient must know, in her language, from the facts.

The text is pure in the state and the row of the outbox, so a mail can be previewed and tested
without a database. Templates hold sentences only; everything they show is a string.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pendulum import DateTime

from models.domain.directive import Obligation
from models.domain.effects import Kind
from models.domain.state import Progress, State
from models.domain.terms import AssignmentId, Phase, Source
from notifications.address import mailbox
from notifications.wire import Mail, message_id_for, serialise
from notifications.words import bound_words, day_words, days_left, instant_words

TEMPLATES = Path(__file__).parent / "templates"
THREADED = frozenset(
    {Kind.ASSIGNED, Kind.REMINDER, Kind.OVERDUE, Kind.RETURNED, Kind.ACCEPTED, Kind.WAIVED}
)
"""Kinds of one conversation with the unit: one subject, one thread. Others start their own."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, and where links lead."""

    address: str
    name: str
    reply_to: str
    domain: str
    base_url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What one mail is about."""

    kind: Kind
    assignment: AssignmentId
    detail: str
    message_id: str
    """Local key of the Message-ID."""
    address: str
    locale: str
    token: str | None
    recipient_name: str
    thread: str | None = None
    reason: str | None = None
    """Words of the reviewing body, for a returned report."""


def stale(letter_kind: Kind, progress: Progress, detail: str) -> str | None:
    """Return why nobody needs this mail any more, or ``None``."""
    if letter_kind in (Kind.REMINDER, Kind.OVERDUE, Kind.ESCALATION):
        if progress.closed:
            return "closed in the meantime"
        if progress.phase is Phase.SUBMITTED:
            return "reported in the meantime"
    if letter_kind is Kind.ASSIGNED and progress.closed:
        return "closed in the meantime"
    if letter_kind is Kind.REVIEW and (
        progress.phase is not Phase.SUBMITTED or str(progress.version) != detail
    ):
        return "reviewed in the meantime"
    if letter_kind is Kind.RETURNED and progress.closed:
        return "closed in the meantime"
    return None


def compose(letter: Letter, state: State, sender: Sender, written_at: DateTime) -> Mail:
    """Return the mail. *written_at* becomes its Date."""
    lang = letter.locale if letter.locale in ("vi", "en") else "vi"
    view = view_of(letter, state, sender, lang, written_at)
    words = _words(lang, letter.kind)
    subject = " ".join(_block(words, "subject", view).split())
    view |= {
        name: " ".join(_block(words, name, view).split()) for name in ("lead", "button", "after")
    }
    text = _layout("mail.txt.j2").render(view)
    html = _inliner().inline(_layout("mail.html.j2").render(view, subject=subject))
    thread = (
        message_id_for(letter.thread, sender.domain)
        if letter.thread and letter.kind in THREADED
        else None
    )
    return Mail(
        sender=mailbox(sender.address, sender.name),
        to=mailbox(letter.address, letter.recipient_name),
        subject=subject,
        message_id=message_id_for(letter.message_id, sender.domain),
        date=written_at,
        text=text,
        html=html,
        reply_to=mailbox(sender.reply_to) if sender.reply_to else None,
        in_reply_to=thread,
        references=(thread,) if thread else (),
    )


def raw(mail: Mail) -> tuple[bytes, str]:
    """Return the bytes that go on the wire and their SHA-256 (hex)."""
    data = serialise(mail)
    return data, hashlib.sha256(data).hexdigest()


def view_of(
    letter: Letter, state: State, sender: Sender, lang: str, now: DateTime
) -> dict[str, object]:
    """Return everything a template may show, as strings (and lists of strings)."""
    plan = state.plan
    assert plan is not None
    obligation, body = plan.assignments[letter.assignment]
    progress = state.progress[letter.assignment]
    document = plan.document
    due = progress.due or (obligation.bound.due_exclusive if obligation.bound else None)
    rung = next((r for r in document.policy.rungs if str(r.number) == letter.detail), None)
    return {
        "lang": lang,
        "kind": letter.kind.value,
        "recipient": letter.recipient_name,
        "unit": plan.name(body),
        "number": document.number,
        "title": document.title,
        "document_kind": document.kind,
        "issuer": plan.name(document.issuer),
        "issued": _day(document.issued_on or document.issue_at.date()),
        "clause": obligation.clause,
        "quote": obligation.quote,
        "summary": obligation.summary,
        "phrase": obligation.bound.phrase if obligation.bound else "",
        "bound": bound_words(due, lang) if due else "",
        "bound_day": f"{(due.subtract(microseconds=1)):%d/%m}" if due else "",
        "moved": bool(due and progress.first_due and due != progress.first_due),
        "first_bound": bound_words(progress.first_due, lang) if progress.first_due else "",
        "assumed": (
            obligation.source is Source.ASSUMED
            or (obligation.bound is not None and obligation.bound.source is Source.ASSUMED)
        ),
        "rung": rung.name if rung else "",
        "rung_number": letter.detail if rung else "",
        "since": instant_words(progress.overdue_at, lang) if progress.overdue_at else "",
        "left": _left(due, progress, lang),
        "reason": letter.reason or "",
        "version": str(progress.version),
        "missing": _missing(state, obligation),
        "reviewer": plan.name(obligation.reviewer) if obligation.reviewer else "",
        "receiver": plan.name(obligation.receiver) if obligation.receiver else "",
        "url": f"{sender.base_url}/c/{letter.token}" if letter.token else "",
        "opened": day_words(progress.opened_at.date(), lang) if progress.opened_at else "",
    }


def _left(due: DateTime | None, progress: Progress, lang: str) -> str:
    """How much time is left, seen from the instant that the mail is about."""
    if due is None or progress.closed:
        return ""
    # The mail may go out later than its fact; the fact's own day is the honest one to count from.
    last = progress.timers[progress.timer - 1].at if progress.timer else progress.opened_at
    return days_left(due, last, lang) if last else ""


def _missing(state: State, obligation: Obligation) -> list[str]:
    gate = state.gates.get(obligation.id)
    if gate is None or state.plan is None:
        return []
    return [state.plan.name(state.plan.assignments[each][1]) for each in gate.missing]


def _day(day: object) -> str:
    return f"{day:%d/%m/%Y}"


@cache
def _environment(html: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _words(lang: str, kind: Kind) -> Template:
    # Sentences are text; the layout escapes them when it puts them into HTML.
    return _environment(False).get_template(f"{lang}/{kind.value}.j2")


@cache
def _layout(name: str) -> Template:
    return _environment(".html" in name).get_template(name)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _block(template: Template, name: str, view: dict[str, object]) -> str:
    block = template.blocks.get(name)
    if block is None:
        return ""
    return "".join(block(template.new_context(view)))
