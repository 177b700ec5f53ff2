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

from models.domain.calendar import last_day, local
from models.domain.directive import Document, Obligation
from models.domain.effects import Kind
from models.domain.facts import Fact, FeasibilityChanged
from models.domain.feasibility import Tie
from models.domain.ladder import REMIND, RUNG
from models.domain.moving import in_force, latest
from models.domain.state import Plan, Progress, State
from models.domain.terms import AssignmentId, ObligationId, Phase, Source
from notifications.address import mailbox
from notifications.details import details, newest_act
from notifications.wire import Mail, message_id_for, serialise
from notifications.words import bound_words, days_left, instant_words

__all__ = [
    "THREADED",
    "Letter",
    "Sender",
    "compose",
    "newest_act",
    "raw",
    "stale",
    "view_of",
]

TEMPLATES = Path(__file__).parent / "templates"
THREADED = frozenset(
    {
        Kind.ASSIGNED,
        Kind.REMINDER,
        Kind.OVERDUE,
        Kind.RETURNED,
        Kind.ACCEPTED,
        Kind.WAIVED,
        Kind.EXTENDED,
        Kind.RECEIVED,
        Kind.MOVED,
        Kind.DISPUTE_REJECTED,
        Kind.EXTENSION_REFUSED,
    }
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
    """Why: the reviewing body's words for a return, the act's for a moved bound."""
    fact: Fact | None = None
    """What owes the mail; ``None`` where it is not at hand."""


def stale(
    letter_kind: Kind, progress: Progress, detail: str, said: FeasibilityChanged | None = None
) -> str | None:
    """Return why nobody needs this mail any more, or ``None``.

    *said* is the newest word on what moved dates do to the duty.
    """
    if letter_kind in (Kind.REMINDER, Kind.OVERDUE, Kind.ESCALATION):
        if progress.closed:
            return "closed in the meantime"
        if progress.phase is Phase.SUBMITTED:
            return "reported in the meantime"
    if letter_kind in (Kind.REMINDER, Kind.OVERDUE) and _outrun(progress, detail):
        return "a later one says more"
    if letter_kind is Kind.ESCALATION and progress.rung < int(detail):
        return "the bound was moved in the meantime"
    if letter_kind is Kind.EXTENDED:
        if progress.closed:
            return "closed in the meantime"
        if str(progress.moves) != detail:
            return "moved again in the meantime"
    if letter_kind is Kind.INFEASIBLE:
        if progress.closed:
            return "closed in the meantime"
        if said is None or said.needs is None or str(said.number) != detail:
            return "changed in the meantime"
    if letter_kind is Kind.ASSIGNED and progress.closed:
        return "closed in the meantime"
    if letter_kind is Kind.REVIEW and (
        progress.phase is not Phase.SUBMITTED or str(progress.version) != detail
    ):
        return "reviewed in the meantime"
    if letter_kind is Kind.RETURNED:
        if progress.closed:
            return "closed in the meantime"
        if progress.phase is Phase.SUBMITTED or str(progress.version) != detail:
            return "reported again in the meantime"
    return None


def _outrun(progress: Progress, detail: str) -> bool:
    """Tell whether a later reminder or rung told the body more than the one named *detail*.

    After an outage of the relay or of the system a body gets the newest word, not all of them.
    """
    fired = [each for each in progress.timers[: progress.timer] if each.kind in (REMIND, RUNG)]
    names = [each.name if each.kind == REMIND else f"rung-{each.number}" for each in fired]
    return bool(progress.timers) and detail not in names[-1:]


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
    announced = obligation.bound.due_exclusive if obligation.bound else None
    due, first = progress.due or announced, progress.first_due or announced
    standing = in_force(state, obligation, body) if progress.moves else first
    rung = next((r for r in document.policy.rungs if str(r.number) == letter.detail), None)
    return {
        "lang": lang,
        "recipient": letter.recipient_name,
        "unit": plan.name(body),
        "number": document.number,
        "document_kind": document.kind,
        "issuer": plan.name(document.issuer),
        "issued": f"{document.issued_on or local(document.issue_at).date():%d/%m/%Y}",
        "clause": obligation.clause,
        "quote": obligation.quote,
        "summary": obligation.summary,
        "basis": _basis(obligation, document, plan.name(document.issuer), lang),
        "origin": _origin(obligation, lang),
        "bound": bound_words(due, lang) if due else "",
        # For the subject, which one thread keeps: as announced, by the text or by an act since.
        "bound_day": f"{last_day(standing):%d/%m}" if standing else "",
        "moved": due != first,
        "first_bound": bound_words(first, lang) if first else "",
        "rung": rung.name if rung else "",
        "rung_number": letter.detail if rung else "",
        "since": instant_words(progress.overdue_at, lang) if progress.overdue_at else "",
        "left": _left(due, progress, lang, now),
        "reason": (letter.reason or "").strip().splitlines(),
        "reason_title": _REASONS[lang].get(letter.kind, ""),
        "blocked": _blocked(state, obligation, lang),
        "version": str(progress.version),
        "missing": _missing(state, obligation),
        "receiver": _receiver(plan, obligation, lang),
        "reviewer": plan.name(obligation.reviewer) if obligation.reviewer else "",
        **details(letter.kind, letter.fact, state, letter.assignment, lang),
        "url": f"{sender.base_url}/c/{letter.token}" if letter.token else "",
    }


_REASONS = {
    "vi": {Kind.RETURNED: "Lý do trả lại", Kind.EXTENDED: "Lý do dời hạn"},
    "en": {Kind.RETURNED: "Reason of the return", Kind.EXTENDED: "Reason of the new date"},
}


def _blocked(state: State, obligation: Obligation, lang: str) -> dict[str, str]:
    """Return what leaves the duty too little time, in words; empty when nothing does."""
    said = state.feasibility.get(obligation.id)
    if said is None or said.needs is None or state.plan is None:
        return {}
    vi = lang == "vi"
    before = state.plan.obligations.get(ObligationId(said.on))
    if before is not None:
        name, due = f"{before.clause} ({before.summary})", latest(state, before)
    else:
        assignment = AssignmentId(said.on.partition(":")[2])
        name, due = "báo cáo từ cấp dưới" if vi else "the report from below", None
        expected = state.expected.get(assignment)
        due = expected.due if expected else None
    return {
        "on": name,
        "on_bound": bound_words(due, lang) if due else "",
        "needs": bound_words(said.needs, lang),
        "days": str(said.days),
        "partly": "1" if said.tie == Tie.CONTENT else "",
    }


def _left(due: DateTime | None, progress: Progress, lang: str, now: DateTime) -> str:
    """How much time is left on the day that the mail bears; nothing once a report is in."""
    if due is None or progress.closed or progress.phase is Phase.SUBMITTED:
        return ""
    return days_left(due, now, lang)


def _receiver(plan: Plan, obligation: Obligation, lang: str) -> str:
    """To whom the report goes, and through whom."""
    to, channel = obligation.receiver, obligation.reviewer
    if to is None or channel is None or to == channel:
        return plan.name(to or channel) if to or channel else ""  # type: ignore[arg-type]
    return f"{plan.name(to)} ({'qua' if lang == 'vi' else 'through'} {plan.name(channel)})"


def _basis(obligation: Obligation, document: Document, issuer: str, lang: str) -> str:
    """Which clause of which document asks for it, or that nothing does."""
    issued = f"{document.issued_on or local(document.issue_at).date():%d/%m/%Y}"
    if lang == "en":
        paper = f"{document.kind} {document.number} of {issued} by {issuer}"
        if obligation.quote:
            return f"clause {obligation.clause}, {paper}"
        return f"{paper}, assumed: its text does not lay this duty down"
    paper = f"{document.kind} {document.number} ngày {issued} của {issuer}"
    if obligation.quote:
        return f"mục {obligation.clause}, {paper}"
    return f"{paper}, giả định: văn bản không nêu nhiệm vụ này"


def _origin(obligation: Obligation, lang: str) -> str:
    """Where the bound comes from: the document's own words, or an assumption of the package."""
    bound = obligation.bound
    if bound is None:
        return ""
    if obligation.source is Source.ASSUMED:
        return f"{'giả định' if lang == 'vi' else 'assumed'}: “{bound.phrase}”"
    words = f"{'theo văn bản' if lang == 'vi' else 'in the text'}: “{bound.phrase}”"
    if bound.source is Source.ASSUMED:
        doubt = "áp dụng cho việc này là giả định" if lang == "vi" else "assumed for this duty"
        words += f"; {doubt}"
    return words


def _missing(state: State, obligation: Obligation) -> list[str]:
    """Who was missing when the duty started, and still is."""
    gate = state.gates.get(obligation.id)
    if gate is None or state.plan is None:
        return []
    late = (state.progress[each] for each in gate.missing)
    return list(dict.fromkeys(state.plan.name(each.body) for each in late if not each.closed))


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
