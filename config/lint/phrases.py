"""The words of dates: what they leave open."""

from collections.abc import Iterator
from datetime import date, timedelta

from config.bounds import NAMED, due_exclusive, said
from config.bundle import Part
from config.lint.finding import Change, Finding, Severity, Words
from config.lint.make import choice, finding
from config.lint.subject import Subject
from config.lint.words import both, until
from config.shapes import ObligationShape
from models.domain.calendar import last_day
from models.domain.deadlines import Deadline

_PERIODIC = frozenset({"report", "periodic-review"})
_READINGS = {
    "strict": ("không tính ngày được nêu", "the named day does not count"),
    "inclusive": ("tính cả ngày được nêu", "the named day counts"),
}
_ROLLED = {
    "_next_working_day": (", gặp ngày nghỉ thì lùi", ", moved on from a day off"),
    "_previous_working_day": (", gặp ngày nghỉ thì sớm lên", ", moved back from a day off"),
}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield dates whose words can be taken in more than one way, or in none."""
    for part, duties in subject.in_documents():
        for duty in duties:
            if duty.deadline.at == "ambiguous":
                yield _scope_unclear(subject, part, duty)
        yield from _readings_differ(subject, part, duties)
        for duty in duties:
            yield from _not_understood(subject, part, duty)
        yield from _period_missing(subject, duties)


def _scope_unclear(subject: Subject, part: Part, duty: ObligationShape) -> Finding:
    """A sentence that may or may not date the duty; the package marks it."""
    deadline, other = duty.deadline, duty.deadline.alternative
    sharing = [
        each.id
        for each in part.shape.obligations
        if each.id != duty.id and deadline.phrase and each.deadline.phrase == deadline.phrase
    ]
    label, due = subject.label(duty.id), subject.due(duty.id)
    outcomes = [_outcome(subject, due)]
    if other is not None:
        changed = deadline.model_copy(update={"rule": other.rule, "date": other.date})
        bundle = subject.bundle
        end = due_exclusive(changed, bundle.policy, bundle.calendar.work, part.shape.issued)
        outcomes.append(_outcome(subject, end))
    elif sharing:
        outcomes.append(_outcome(subject, subject.due(sharing[0])))
    shared = both(map(subject.label, sharing))
    vi = f"Không rõ câu “{deadline.phrase}” có tính cho {label} hay không"
    en = f"It is not clear whether “{deadline.phrase}” is about {label}"
    if sharing:
        vi, en = f"{vi}, hay chỉ cho {shared.vi}", f"{en}, or about {shared.en} only"
    vi = f"{vi}. Hai cách hiểu cho {label}: " + "; ".join(each.vi for each in outcomes) + "."
    en = f"{en}. What it may mean for {label}: " + "; ".join(each.en for each in outcomes) + "."
    scope = choice(
        "name-the-scope",
        f"ghi rõ hạn của {label}",
        f"say which it is for {label}",
        obligations=(duty.id,),
        options=[
            ("as-read" if place == 0 else "alternative", each.vi, each.en)
            for place, each in enumerate(outcomes)
        ],
    )
    ids = (duty.id, *sharing)
    bodies = subject.owners(duty.id)
    return finding(subject, "scope-unclear", ids, Words(vi, en), [[scope]], bodies=bodies)


def _outcome(subject: Subject, due: object) -> Words:
    from pendulum import DateTime

    if isinstance(due, DateTime):
        return until(due)
    return Words("việc thường xuyên, không có hạn", "a standing duty without a date")


def _readings_differ(
    subject: Subject, part: Part, duties: list[ObligationShape]
) -> Iterator[Finding]:
    """Where strict and inclusive lie more than a day apart, or have a day off between them."""
    bundle = subject.bundle
    groups: dict[str, list[str]] = {}
    told: dict[str, Deadline] = {}
    for duty in duties:
        deadline = duty.deadline
        if deadline.at == "inherited" or deadline.reading != "policy" or duty.id in subject.dues:
            continue  # it follows another clause, or a person has said how it is read
        words = said(deadline, bundle.policy, bundle.calendar.work, part.shape.issued)
        if words is None or words.error is not None or not deadline.phrase:
            continue
        days = [last_day(due) for name, due in words.readings if name.split("_")[0] in _READINGS]
        if len(set(days)) > 1 and _apart(subject, min(days), max(days)):
            groups.setdefault(deadline.phrase, []).append(duty.id)
            told[deadline.phrase] = words
    for phrase, ids in groups.items():
        options = [
            (name, f"{_reading(name).vi}: {until(due).vi}", f"{_reading(name).en}: {until(due).en}")
            for name, due in told[phrase].readings
        ]
        vi = f"“{phrase}” có thể hiểu là: " + "; ".join(vi for _, vi, _ in options)
        en = f"“{phrase}” can be read as: " + "; ".join(en for _, _, en in options)
        vi += ". Nộp giữa các ngày đó thì nơi nói đúng hạn, nơi nói quá hạn."
        en += ". What comes in between is in time for some and late for others."
        changes: list[Change] = [
            choice(
                "choose-reading",
                f"ghi rõ cách đọc hạn của {subject.label(each)}",
                f"say how the date of {subject.label(each)} is read",
                obligations=(each,),
                options=options,
            )
            for each in ids
        ]
        yield finding(subject, "readings-differ", ids, Words(vi, en), [changes])


def _apart(subject: Subject, first: date, last: date) -> bool:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    work = subject.bundle.calendar.work
    return len(days) > 2 or not all(work.is_working(day) for day in days)


def _reading(name: str) -> Words:
    for tail, (vi, en) in _ROLLED.items():
        if name.endswith(tail):
            first = _reading(name.removesuffix(tail))
            return Words(first.vi + vi, first.en + en)
    vi, en = _READINGS.get(name, (name, name))
    return Words(vi, en)


def _not_understood(subject: Subject, part: Part, duty: ObligationShape) -> Iterator[Finding]:
    bundle, deadline = subject.bundle, duty.deadline
    if deadline.rule not in (*NAMED, "phrase") or duty.id in subject.dues:
        return
    words = said(deadline, bundle.policy, bundle.calendar.work, part.shape.issued)
    if words is None or (words.error is None and deadline.rule != "phrase"):
        return
    if words.error is None and words.due_exclusive is not None:
        return
    label = subject.label(duty.id)
    why = Words(
        "không tính được ngày từ câu này", "the words are understood, but no date follows from them"
    )
    if words.error is not None:
        why = Words(words.error.message_vi, words.error.message_en)
    if deadline.rule == "phrase":
        severity = Severity.ERROR
        vi = f"{label}: “{deadline.phrase}”: {why.vi} Không có hạn để theo dõi."
        en = f"{label}: “{deadline.phrase}”: {why.en} There is no bound to follow up."
    else:
        severity = Severity.WARNING
        vi = f"{label}: “{deadline.phrase}”: {why.vi} Ngày do người nhập ghi chưa đối chiếu được."
        en = f"{label}: “{deadline.phrase}”: {why.en} The date that was entered is unchecked."
    way = choice(
        "write-date",
        f"viết lại thời hạn của {label} bằng ngày cụ thể, hoặc ghi ngày bắt đầu tính",
        f"write the date of {label} out, or name the day to count from",
        obligations=(duty.id,),
    )
    ids, ways = (duty.id,), [[way]]
    yield finding(subject, "phrase-not-understood", ids, Words(vi, en), ways, severity=severity)


def _period_missing(subject: Subject, duties: list[ObligationShape]) -> Iterator[Finding]:
    ids = [each.id for each in duties if each.kind in _PERIODIC and subject.due(each.id) is None]
    if not ids:
        return
    names = both(map(subject.label, ids))
    vi = (
        f"{names.vi} phải báo cáo hoặc đánh giá nhưng không nêu kỳ và không có hạn: không tính được"
    )
    vi += " ngày nào, không nhắc và không đôn đốc được."
    en = (
        f"{names.en} ask for reports or reviews without a period or a date: no day can be computed,"
    )
    en += " nobody can be reminded."
    changes: list[Change] = [
        choice(
            "set-period",
            f"đặt kỳ cho {subject.label(each)}",
            f"set a period for {subject.label(each)}",
            obligations=(each,),
        )
        for each in ids
    ]
    yield finding(subject, "period-missing", ids, Words(vi, en), [changes])
