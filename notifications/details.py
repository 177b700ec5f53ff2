"""What a mail says beyond its duty: taken from the fact that owes it, or else from the state.

The fact is of its own instant; a state may know of more by the time a mail is written. A mail
whose fact is not at hand (an old row) says what the state still knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from models.domain.directive import Obligation
from models.domain.effects import Kind
from models.domain.facts import (
    ON_BEHALF,
    BoundMoved,
    DisputeRejected,
    ExtensionAsked,
    ExtensionRefused,
    Fact,
    NoticeFailed,
    Report,
    Submitted,
    Superseded,
    Supplemented,
    Waived,
)
from models.domain.moving import acts_on
from models.domain.state import State
from models.domain.terms import AssignmentId, BodyId
from notifications.labels import HOW, KINDS
from notifications.words import answer_words, bound_words, instant_words

Row = tuple[str, str]
"""A label and what stands beside it."""


@dataclass(frozen=True, slots=True)
class Details:
    """What sentences may say; empty where there is nothing to say."""

    decided_by: str = ""
    decided_authority: str = ""
    successor: str = ""
    until: str = ""
    received: str = ""
    paper: str = ""
    """The paper from which an office entered the report on the unit's behalf."""
    failed_kind: str = ""
    failed_body: str = ""
    failed_how: str = ""


def details_of(
    kind: Kind, fact: Fact | None, state: State, assignment: AssignmentId, lang: str
) -> Details:
    """Return what *kind* of mail says about *assignment* because of *fact*."""
    assert state.plan is not None
    plan = state.plan
    progress = state.progress[assignment]
    found = Details()
    unnumbered = "không ghi số" if lang == "vi" else "without number"
    if kind is Kind.EXTENDED:
        fact = newest_act(state, assignment)
    match fact:
        case Superseded(successor=successor):
            body = BodyId(successor.removeprefix(f"{progress.obligation}@"))
            found = replace(found, successor=plan.name(body))
        case ExtensionAsked(until=until):
            found = replace(found, until=bound_words(until, lang))
        case Submitted(at=at, trust=trust, paper=paper):
            found = replace(
                found,
                received=instant_words(at, lang),
                paper=(paper or unnumbered) if trust == ON_BEHALF else "",
            )
        case NoticeFailed():
            found = replace(
                found,
                failed_kind=KINDS[lang].get(fact.kind, fact.kind),
                failed_body=plan.name(fact.body),
                failed_how=HOW[lang].get(fact.how, fact.how),
            )
        case None if kind is Kind.WAIVED and progress.waived_by:
            found = replace(found, decided_by=plan.name(BodyId(progress.waived_by)))
        case None if kind is Kind.EXTENSION_ASKED and progress.asked is not None:
            found = replace(found, until=bound_words(progress.asked.until, lang))
        case None if kind is Kind.RECEIVED and progress.submitted_at is not None:
            found = replace(found, received=instant_words(progress.submitted_at, lang))
        case _:
            pass
    if isinstance(fact, BoundMoved | Waived | Superseded | DisputeRejected | ExtensionRefused):
        by = plan.name(BodyId(fact.by)) if fact.by else ""
        found = replace(found, decided_by=by, decided_authority=fact.authority)
    return found


def rows_of(fact: Fact | None, duty: Obligation, lang: str) -> list[Row]:
    """Return further lines about *fact*: what a receipt lists, what the relay answered."""
    vi = lang == "vi"
    match fact:
        case Submitted(report=report) | Supplemented(report=report):
            return list(_report(report, duty, lang))
        case NoticeFailed(code=code, status=status) if code or status:
            words = " ".join(filter(None, (str(code or ""), status)))
            return [("Mã trả lời" if vi else "Answer", words)]
        case _:
            return []


def _report(report: Report, duty: Obligation, lang: str) -> Iterator[Row]:
    """Yield what a report holds, except texts and names: those stay on the page."""
    vi = lang == "vi"
    if report.nothing:
        yield ("Nội dung" if vi else "Content", "không có gì để báo cáo" if vi else "nothing")
    given = dict(report.figures) | dict(report.answers)
    for figure in duty.figures:
        if figure.type == "text" or figure.name not in given:
            continue
        words = answer_words(given[figure.name], figure.type, lang)
        yield figure.label, f"{words} {figure.unit}".strip()
    if report.plan_number:
        day = f" ({report.plan_date:%d/%m/%Y})" if report.plan_date else ""
        yield ("Số kế hoạch" if vi else "Plan number", report.plan_number + day)
    if report.files:
        yield ("Tệp kèm theo" if vi else "Files", str(len(report.files)))


def newest_act(state: State, assignment: AssignmentId) -> BoundMoved | None:
    """Return the newest act that moved the bound of *assignment*, if any did."""
    assert state.plan is not None
    obligation, body = state.plan.assignments[assignment]
    acts = [act for act in acts_on(state, obligation) if not act.bodies or body in act.bodies]
    return acts[-1] if acts else None


def reason_of(kind: Kind, fact: Fact | None, state: State, assignment: AssignmentId) -> str | None:
    """Return the SHA-256 of the words that say why, or ``None`` where nobody gave any."""
    if kind is Kind.EXTENDED:
        fact = newest_act(state, assignment)
    found = getattr(fact, "reason_sha256", "") or ""
    if kind is Kind.RETURNED and not found:
        found = state.progress[assignment].returned_reason or ""
    return found or None
