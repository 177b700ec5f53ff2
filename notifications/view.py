"""What a mail about one duty shows: strings and lists of strings, taken from the state.

Everything that somebody typed or a package states is made inert here (:mod:`notifications.inert`),
so that a template can show nothing else.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pendulum import DateTime

from models.domain.calendar import last_day, local
from models.domain.directive import Document, Obligation
from models.domain.effects import Kind
from models.domain.feasibility import Tie
from models.domain.moving import in_force, latest
from models.domain.state import Plan, Progress, State
from models.domain.terms import AssignmentId, ObligationId, Phase, Source
from notifications.details import details_of, rows_of
from notifications.inert import inert, inert_lines
from notifications.labels import KINDS, REASONS, TONES
from notifications.letter import Letter, Sender
from notifications.words import bound_words, count_words, days_left, instant_words

NAMED = 8
"""How many missing units are named; the rest are counted."""

SOON_DAYS = 2
"""From when on a bound is shown as close."""


def view_of(
    letter: Letter, state: State, sender: Sender, lang: str, now: DateTime
) -> dict[str, object]:
    """Return everything that a template may show of *letter*, written at *now*."""
    plan = state.plan
    assert plan is not None
    obligation, body = plan.assignments[letter.assignment]
    progress = state.progress[letter.assignment]
    document = plan.document
    announced = obligation.bound.due_exclusive if obligation.bound else None
    due, first = progress.due or announced, progress.first_due or announced
    standing = in_force(state, obligation, body) if progress.moves else first
    rung = next((r for r in document.policy.rungs if str(r.number) == letter.detail), None)
    missing = _missing(state, obligation)
    left = _left(due, progress, lang, now)
    view = {
        **document_view(document, plan, lang),
        "lang": lang,
        "recipient": letter.recipient_name,
        "unit": plan.name(body),
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
        "tone": _tone(due, left, now),
        "rung": rung.name if rung else "",
        "rung_number": letter.detail if rung else "",
        "since": instant_words(progress.overdue_at, lang) if progress.overdue_at else "",
        "left": left,
        "repeat": _repeat(letter),
        "kind_name": KINDS[lang][letter.kind],
        "tag_tone": TONES.get(letter.kind, ""),
        "reason_title": REASONS[lang].get(letter.kind, ""),
        "blocked": _blocked(state, obligation, lang),
        "version": str(getattr(letter.fact, "version", "") or progress.version),
        "missing": missing[:NAMED],
        "missing_more": count_words(len(missing) - NAMED, lang) if missing[NAMED:] else "",
        "receiver": _receiver(plan, obligation, lang),
        "reviewer": plan.name(obligation.reviewer) if obligation.reviewer else "",
        "rows": rows_of(letter.fact, obligation, lang),
        **asdict(details_of(letter.kind, letter.fact, state, letter.assignment, lang)),
    }
    return {
        **{name: harmless(value) for name, value in view.items()},
        "reason": inert_lines(letter.reason or ""),
        **address_view(letter.token, sender),
    }


def document_view(document: Document, plan: Plan, lang: str) -> dict[str, object]:
    """Return what names a document at the head of a mail."""
    return {
        "number": document.number,
        "document_kind": document.kind,
        "issuer": plan.name(document.issuer),
        "issued": _issued(document),
    }


def address_view(token: str | None, sender: Sender) -> dict[str, object]:
    """Return where the mail's button leads, and whether it can be answered."""
    return {
        "url": f"{sender.base_url}/c/{token}" if token else "",
        "asks": bool(sender.reply_to),
    }


def harmless(value: Any) -> Any:
    """Return *value* with every text in it made inert."""
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, Mapping):
        return {name: harmless(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(harmless(each) for each in value)
    return value


def _issued(document: Document) -> str:
    return f"{document.issued_on or local(document.issue_at).date():%d/%m/%Y}"


def _repeat(letter: Letter) -> str:
    """Return the how-manieth time the mailbox is told the same, from the second on."""
    counted = letter.kind in (Kind.REMINDER, Kind.OVERDUE) and letter.told
    return str(letter.told + 1) if counted else ""


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


def _tone(due: DateTime | None, left: str, now: DateTime) -> str:
    if due is None or not left:
        return "calm"
    if now >= due:
        return "late"
    return "warn" if (last_day(due) - local(now).date()).days <= SOON_DAYS else ""


def _receiver(plan: Plan, obligation: Obligation, lang: str) -> str:
    """To whom the report goes, and through whom."""
    to, channel = obligation.receiver, obligation.reviewer
    if to is None or channel is None or to == channel:
        return plan.name(to or channel) if to or channel else ""  # type: ignore[arg-type]
    return f"{plan.name(to)} ({'qua' if lang == 'vi' else 'through'} {plan.name(channel)})"


def _basis(obligation: Obligation, document: Document, issuer: str, lang: str) -> str:
    """Which clause of which document asks for it, or that nothing does."""
    issued = _issued(document)
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
