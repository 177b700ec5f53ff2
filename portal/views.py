"""From what a visit sees to what a template shows of the duty: plain words and flags.

Pure: the same state and instant give the same view.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from pendulum import DateTime

from models.domain.calendar import last_day
from models.domain.facts import Superseded, Waived
from models.domain.state import Progress
from models.domain.terms import BodyId, Phase, Source
from notifications.words import bound_words, days_left, instant_words
from portal.seen import Seen
from portal.texts import TEXTS, Lang

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
    office: str
    """Which body answers what the unit asks for."""
    unit_sample: bool
    reports_to: str
    bound: str
    """Empty for a standing duty."""
    bound_label: str
    left: str
    phrase: str
    first_due: str
    later: str
    """A day after the bound, as an example of what may be asked for."""
    assumed: bool
    bound_assumed: bool


@dataclass(frozen=True, slots=True)
class Status:
    """Where the duty stands. ``tone`` is one of wait, warn, late, good, calm."""

    words: str
    tone: str
    overdue: str = ""
    note: str = ""


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
        office=plan.name(document.clerk or document.issuer),
        unit_sample=body is not None and body.source is Source.SAMPLE,
        reports_to=_reports_to(seen, lang),
        bound=bound_words(due, lang) if due else "",
        bound_label=t[_bound_key(progress, moved)],
        left=days_left(due, seen.now, lang) if due and owing else "",
        phrase=t["phrase"].format(phrase=obligation.bound.phrase) if obligation.bound else "",
        first_due=(
            t["due_first"].format(bound=bound_words(progress.first_due, lang))
            if moved and progress.first_due
            else ""
        ),
        later=f"{_later(due or seen.now, seen.now):%d/%m/%Y}",
        assumed=obligation.source is Source.ASSUMED,
        bound_assumed=obligation.bound is not None and obligation.bound.source is Source.ASSUMED,
    )


def _later(due: DateTime, now: DateTime) -> date:
    return last_day(max(due, now)) + timedelta(days=7)


def _bound_key(progress: Progress, moved: bool) -> str:
    if not moved:
        return "due"
    return "due_moved" if progress.moves and progress.returned_at is None else "due_new"


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
    waits = ""
    if progress.asked is not None:
        waits = t["st_asked"].format(bound=bound_words(progress.asked.until, lang))
    if progress.disputed is not None:
        waits = " ".join(filter(None, (waits, t["st_disputed"])))
    match progress.phase:
        case Phase.PENDING:
            return Status(t["st_pending"], "calm")
        case Phase.OPEN | Phase.ACKNOWLEDGED:
            if progress.returned_at is not None:
                return Status(t["st_returned"], "late" if overdue else "warn", overdue)
            key = "st_open" if progress.acknowledged_at is None else "st_acknowledged"
            return Status(t[key], "late" if overdue else "wait", overdue, waits)
        case Phase.SUBMITTED:
            return Status(t["st_submitted"], "wait", note=late)
        case Phase.ACCEPTED:
            return Status(t["st_accepted" if progress.version else "st_done"], "good", note=late)
        case Phase.WAIVED:
            waived = seen.history.last(Waived)
            note = t["waived_by"].format(by=waived.person, authority=waived.text) if waived else ""
            return Status(t["st_waived"], "calm", note=note)
        case Phase.SUPERSEDED:
            return Status(t["st_superseded"], "calm", note=_successor(seen, lang))


def _successor(seen: Seen, lang: Lang) -> str:
    """Return to whom the duty went, and on what authority."""
    mark = seen.history.last(Superseded)
    if mark is None or not isinstance(mark.fact, Superseded):
        return ""
    body = BodyId(mark.fact.successor.removeprefix(f"{seen.progress.obligation}@"))
    return TEXTS[lang]["moved_to"].format(
        body=seen.plan.name(body), by=mark.person or "–", authority=mark.fact.authority or "–"
    )
