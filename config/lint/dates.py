"""Dates that cannot be kept together: what rests on what, and how much time that leaves."""

from collections.abc import Iterator

from pendulum import DateTime

from config.lint.finding import Finding, Words
from config.lint.make import choice, finding
from config.lint.settle import push, settle
from config.lint.subject import REPORTS, Subject
from config.lint.words import both, short, until
from models.domain.feasibility import Duty, Tie


def check(subject: Subject) -> Iterator[Finding]:
    """Yield the ties that cannot be kept if everybody uses all the time given."""
    for duty in subject.network.duties.values():
        if duty.due is not None:
            yield from _report_before_work(subject, duty, duty.due)
            yield from _synthesis_incomplete(subject, duty, duty.due)
            yield from _input_too_late(subject, duty, duty.due)
            yield from _too_short(subject, duty, duty.due)
    yield from _plans_after_last_report(subject)


def _report_before_work(subject: Subject, duty: Duty, due: DateTime) -> Iterator[Finding]:
    """One finding for each later bound of what the duty reports on."""
    later: dict[DateTime, list[str]] = {}
    for on in _content(subject, duty.key):
        end = subject.network.duties[on].due
        if end is not None and end > due:
            later.setdefault(end, []).append(on)
    for end, ons in sorted(later.items()):
        through = [
            each.id
            for each in subject.duties[duty.key].depends_on
            if each.basis == "text"
            and each.id in subject.duties
            and set(subject.standing_for(each.id)) & set(ons)
        ]
        label, work = subject.label(duty.key), both(map(subject.label, ons))
        days = max(1, subject.network.room(due, end))
        now, then = until(due), until(end)
        is_report = subject.duties[duty.key].kind in REPORTS
        vi = (
            f"Hạn của {label} là {now.vi}, nhưng việc mà nó nói tới ({work.vi}) được làm đến "
            f"{then.vi}: muộn hơn {days} ngày làm việc."
        )
        en = (
            f"{label} is due by {now.en}, but what it is about ({work.en}) may take until "
            f"{then.en}: {days} working days later."
        )
        if is_report:
            vi += " Báo cáo đúng hạn có thể chỉ nêu được việc đang làm dở."
            en += " A report in time may only be able to tell of work half done."
        ways = settle(subject.network, duty.key, ons, Tie.CONTENT)
        yield finding(
            subject,
            "report-before-work",
            (duty.key, *through, *ons),
            Words(vi, en),
            [subject.moves(each) for each in ways],
            bodies=subject.owners(duty.key),
        )


def _synthesis_incomplete(subject: Subject, duty: Duty, due: DateTime) -> Iterator[Finding]:
    """A gated duty whose inputs, however far down, report on work with a later bound."""
    inputs, work = _below(subject, duty.key)
    late = [w for w in work if (end := subject.network.duties[w].due) is not None and end > due]
    if not subject.duties[duty.key].waits_for or not late:
        return
    ends = [end for each in late if (end := subject.network.duties[each].due) is not None]
    label, names = subject.label(duty.key), both(map(subject.label, late))
    fed, now, then = both(map(subject.label, inputs)), until(due), until(max(ends))
    vi = (
        f"Hạn của {label} là {now.vi}, nhưng các báo cáo mà nó chờ ({fed.vi}) nói về việc được làm "
        f"đến {then.vi} ({names.vi}). Đúng hạn thì bản tổng hợp có thể chưa đầy đủ."
    )
    en = (
        f"{label} is due by {now.en}, but the reports it waits for ({fed.en}) are about work that "
        f"may take until {then.en} ({names.en}). In time, it may not be complete."
    )
    ways = settle(subject.network, duty.key, late, Tie.CONTENT)
    yield finding(
        subject,
        "synthesis-incomplete",
        (duty.key, *inputs, *late),
        Words(vi, en),
        [subject.moves(each) for each in ways],
        bodies=subject.owners(duty.key),
    )


def _input_too_late(subject: Subject, duty: Duty, due: DateTime) -> Iterator[Finding]:
    """Inputs, of this document or from below, that leave the duty too few working days."""
    network = subject.network
    late: dict[bool, list[str]] = {}
    for on in _inputs(subject, duty.key):
        end = network.duties[on].due or network.finish.get(on)
        if end is None or network.earliest(end, duty.lead) <= due:
            continue
        if duty.key in _reached(subject, on):
            continue  # told as a circle
        late.setdefault(subject.part_of[on] is subject.part_of[duty.key], []).append(on)
    for same, ons in late.items():
        end = max(end for each in ons if (end := network.finish.get(each)) is not None)
        needed = network.earliest(end, duty.lead)
        days = max(1, network.room(due, needed))
        label, names = subject.label(duty.key), both(map(subject.label, ons))
        now, then, first = until(due), until(end), until(needed)
        vi = (
            f"{names.vi} được gửi đến {then.vi}; {label} cần {duty.lead} ngày làm việc sau đó, sớm "
            f"nhất là {first.vi}, mà hạn là {now.vi}: thiếu {days} ngày làm việc."
        )
        en = (
            f"{names.en} may come until {then.en}; {label} needs {duty.lead} working days after "
            f"that, {first.en} at the earliest, and is due by {now.en}: {days} working days are "
            "missing."
        )
        yield finding(
            subject,
            "input-too-late" if same else "upper-needs-earlier",
            (duty.key, *ons),
            Words(vi, en),
            [subject.moves(each) for each in settle(network, duty.key, ons, Tie.INPUT)],
            bodies=subject.owners(duty.key),
        )


def _too_short(subject: Subject, duty: Duty, due: DateTime) -> Iterator[Finding]:
    """From the issue to the bound are fewer working days than the duty needs for itself."""
    network = subject.network
    room = network.room(duty.ready, due)
    if room >= duty.lead or due <= duty.ready:
        return
    needed = network.earliest(duty.ready, duty.lead)
    label, now, first = subject.label(duty.key), until(due), until(needed)
    vi = (
        f"Từ ngày ban hành đến {now.vi} chỉ có {room} ngày làm việc; {label} cần {duty.lead} ngày, "
        f"sớm nhất là {first.vi}."
    )
    en = (
        f"From the issue to {now.en} there are only {room} working days; {label} needs "
        f"{duty.lead}, {first.en} at the earliest."
    )
    pushed = push(network, {duty.key: needed})
    yield finding(
        subject,
        "too-short",
        (duty.key,),
        Words(vi, en),
        [subject.moves(pushed)] if pushed else [],
        bodies=subject.owners(duty.key),
    )


def _plans_after_last_report(subject: Subject) -> Iterator[Finding]:
    """Plans that a report covers, due after the last dated report of the document."""
    duties = subject.network.duties
    for part, shapes in subject.in_documents():
        reports = [
            (due, each.id)
            for each in shapes
            if each.kind in REPORTS and each.id in duties and (due := duties[each.id].due)
        ]
        if not reports:
            continue
        last, report = max(reports)
        covered = {on for _, each in reports for on in _content(subject, each)}
        after = [
            each.id
            for each in shapes
            if each.id in covered
            and each.kind == "issue-plan"
            and (due := duties[each.id].due)
            and due > last
        ]
        if not after:
            continue
        end = max(due for each in after if (due := duties[each].due))
        names, label = both(map(subject.label, after)), subject.label(report)
        then, now = until(end), until(last)
        vi = (
            f"{names.vi} được ban hành đến {then.vi}, sau báo cáo cuối cùng có hạn ({label}, "
            f"{now.vi}). Kế hoạch ban hành sau đó không ai phải báo cáo."
        )
        en = (
            f"{names.en} may be issued until {then.en}, after the last dated report ({label}, "
            f"{now.en}). Nobody has to report on a plan issued after that."
        )
        extra = choice(
            "add-report",
            f"thêm một báo cáo về việc ban hành kế hoạch, có hạn sau ngày {short(end)}",
            f"add a report on the plans issued, due after {short(end)}",
            obligations=after,
        )
        ways = settle(subject.network, report, after, Tie.CONTENT)
        yield finding(
            subject,
            "plans-after-last-report",
            (*after, report),
            Words(vi, en),
            [[extra], *(subject.moves(each) for each in ways)],
            documents=(part.shape.key,),
            bodies=[body for each in after for body in subject.owners(each)],
        )


def _content(subject: Subject, duty: str) -> list[str]:
    return _tied(subject, duty, Tie.CONTENT)


def _inputs(subject: Subject, duty: str) -> list[str]:
    return _tied(subject, duty, Tie.INPUT)


def _tied(subject: Subject, duty: str, tie: Tie) -> list[str]:
    duties = subject.network.duties
    return [need.on for need in duties[duty].needs if need.tie is tie and need.on in duties]


def _below(subject: Subject, duty: str) -> tuple[list[str], list[str]]:
    """Return the inputs of *duty* within its document, and the work they report on."""
    part = subject.part_of[duty]
    inputs: dict[str, None] = {}
    work: dict[str, None] = {}
    ahead = [(on, False) for on in _inputs(subject, duty) if subject.part_of[on] is part]
    seen = {(duty, False), (duty, True)}
    while ahead:
        key, is_work = ahead.pop(0)
        if (key, is_work) in seen:
            continue
        seen.add((key, is_work))
        (work if is_work else inputs)[key] = None
        ahead.extend((on, True) for on in _content(subject, key))
        ahead.extend((on, is_work) for on in _inputs(subject, key))
    return list(inputs), [each for each in work if each not in inputs]


def _reached(subject: Subject, duty: str) -> set[str]:
    seen: set[str] = set()
    ahead = [duty]
    while ahead:
        key = ahead.pop()
        if key not in seen:
            seen.add(key)
            ahead.extend(_inputs(subject, key))
    return seen
