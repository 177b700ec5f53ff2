"""From what a visit sees to what a template shows: plain words, numbers and flags.

Pure: the same state, texts and instant give the same view.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.domain.effects import Purpose
from models.domain.terms import BodyId, Phase, Source
from notifications.words import bound_words, days_left, instant_words
from portal.history import Mark, Version
from portal.seen import Seen
from portal.texts import TEXTS, Lang
from portal.wishes import Action

OWING = (Phase.OPEN, Phase.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Duty:
    """The duty, in words."""

    issuer: str
    document: str
    title: str
    summary: str
    clause: str
    quote: str
    unit: str
    unit_sample: bool
    reports_to: str
    bound: str
    """Empty for a standing duty."""
    bound_label: str
    left: str
    phrase: str
    first_due: str
    assumed: bool
    bound_assumed: bool


@dataclass(frozen=True, slots=True)
class Status:
    """Where the duty stands. ``tone`` is one of wait, warn, late, good, calm."""

    words: str
    tone: str
    overdue: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the bearer of the link did last."""

    mark: Mark
    words: str
    version: Version | None = None
    final: bool = False
    """Nothing more is to be done with this link."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of the page, with what is to stand in its fields."""

    action: Action
    folded: bool
    """Offered below the main one, and closed until somebody wants it."""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def duty_of(seen: Seen, lang: Lang) -> Duty:
    """Return the duty in words."""
    t, plan, document = TEXTS[lang], seen.plan, seen.document
    obligation, progress = seen.obligation, seen.progress
    due = progress.due or (obligation.bound.due_exclusive if obligation.bound else None)
    moved = progress.first_due is not None and due != progress.first_due
    body = plan.bodies.get(progress.body)
    owing = progress.phase in OWING
    kind = document.kind[:1].upper() + document.kind[1:]
    issued = document.issued_on or document.issue_at.date()
    return Duty(
        issuer=plan.name(document.issuer),
        document=t["from_document"].format(
            kind=kind,
            number=document.number,
            day=f"{issued:%d/%m/%Y}",
            clause=obligation.clause,
        ),
        title=t["title"].format(title=document.title),
        summary=obligation.summary,
        clause=t["clause"].format(clause=obligation.clause),
        quote=obligation.quote,
        unit=plan.name(progress.body),
        unit_sample=body is not None and body.source is Source.SAMPLE,
        reports_to=_reports_to(seen, lang),
        bound=bound_words(due, lang) if due else "",
        bound_label=t["due_new" if moved else "due"],
        left=days_left(due, seen.now, lang) if due and owing else "",
        phrase=t["phrase"].format(phrase=obligation.bound.phrase) if obligation.bound else "",
        first_due=(
            t["due_first"].format(bound=bound_words(progress.first_due, lang))
            if moved and progress.first_due
            else ""
        ),
        assumed=obligation.source is Source.ASSUMED,
        bound_assumed=obligation.bound is not None and obligation.bound.source is Source.ASSUMED,
    )


def _reports_to(seen: Seen, lang: Lang) -> str:
    obligation, plan = seen.obligation, seen.plan
    receiver: BodyId | None = obligation.receiver or obligation.reviewer
    if receiver is None:
        return ""
    if obligation.reviewer is None or obligation.reviewer == receiver:
        return plan.name(receiver)
    through = TEXTS[lang]["via"].format(reviewer=plan.name(obligation.reviewer))
    return f"{plan.name(receiver)} ({through})"


def status_of(seen: Seen, lang: Lang) -> Status:
    """Return where the duty stands, as it is now even if time was not let act yet."""
    t, progress = TEXTS[lang], seen.progress
    overdue = ""
    if progress.phase in OWING and progress.due is not None and seen.now >= progress.due:
        since = progress.overdue_at or progress.due
        overdue = t["overdue_since"].format(since=instant_words(since, lang))
    late = t["was_late"] if progress.overdue_at and progress.version else ""
    match progress.phase:
        case Phase.PENDING:
            return Status(t["st_pending"], "calm")
        case Phase.OPEN | Phase.ACKNOWLEDGED:
            if progress.returned_at is not None:
                return Status(t["st_returned"], "late" if overdue else "warn", overdue)
            key = "st_open" if progress.acknowledged_at is None else "st_acknowledged"
            return Status(t[key], "late" if overdue else "wait", overdue)
        case Phase.SUBMITTED:
            return Status(t["st_submitted"], "wait", note=late)
        case Phase.ACCEPTED:
            return Status(t["st_accepted" if progress.version else "st_done"], "good", note=late)
        case Phase.WAIVED:
            waived = seen.history.waived
            note = t["waived_by"].format(by=waived.person, authority=waived.text) if waived else ""
            return Status(t["st_waived"], "calm", note=note)
        case Phase.SUPERSEDED:
            return Status(t["st_superseded"], "calm")


def receipt_of(seen: Seen, lang: Lang) -> Receipt | None:
    """Return what was last done through links of this kind, if it still stands."""
    t, history, phase = TEXTS[lang], seen.history, seen.progress.phase
    newest = history.versions[0] if history.versions else None
    if seen.grant.purpose is Purpose.ACT:
        if newest is not None and newest.returned is None:
            words = t["rc_report"].format(version=newest.number)
            return Receipt(newest.submitted, words, newest, final=phase not in OWING)
        if newest is None and history.acknowledged is not None:
            return Receipt(history.acknowledged, t["rc_acknowledge"], final=phase not in OWING)
    if seen.grant.purpose is Purpose.REVIEW and newest is not None:
        if newest.accepted is not None:
            words = t["rc_accept"].format(version=newest.number)
            return Receipt(newest.accepted, words, final=True)
        if newest.returned is not None:
            return Receipt(newest.returned, t["rc_return"].format(version=newest.number))
    return None


def forms_of(
    seen: Seen,
    action: Action | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> tuple[Form, ...]:
    """Return the forms that may be used now, the main one first.

    *action* names the one that was sent and comes back, with what was *typed* and its *errors*.
    """
    progress = seen.progress
    offered: list[Action] = []
    if seen.grant.purpose is Purpose.ACT and progress.phase in OWING:
        if progress.acknowledged_at is None and progress.version == 0:
            offered.append(Action.ACKNOWLEDGE)
        offered.append(Action.REPORT)
    if seen.grant.purpose is Purpose.REVIEW and progress.phase is Phase.SUBMITTED:
        offered = [Action.ACCEPT, Action.RETURN]
    forms: list[Form] = []
    for index, each in enumerate(offered):
        if each is action:
            forms.append(Form(each, False, typed or {}, errors or {}))
        else:
            values = earlier(seen) if each is Action.REPORT else {}
            forms.append(Form(each, index > 0, values))
    return tuple(forms)


def earlier(seen: Seen) -> Mapping[str, str]:
    """Return what the returned version said, to be corrected instead of typed again."""
    if not seen.history.versions:
        return {}
    version = seen.history.versions[0]
    values = {f"figure.{name}": str(value) for name, value in version.report.figures}
    values["text"] = version.text or ""
    values["plan_number"] = version.plan_number or ""
    values["plan_date"] = f"{version.plan_date:%d/%m/%Y}" if version.plan_date else ""
    return values
