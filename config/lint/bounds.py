"""Single dates that cannot be right, or that two clauses set differently."""

from collections.abc import Iterator
from datetime import timedelta

from pendulum import DateTime

from config.lint.finding import Change, Finding, Words
from config.lint.make import choice, finding
from config.lint.settle import whole_day_after
from config.lint.subject import Subject
from config.lint.words import both, short, until
from models.domain.calendar import last_day, midnight


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with single dates."""
    yield from _two_bounds(subject)
    yield from _before_issue(subject)
    yield from _dated_after_deadline(subject)
    yield from _on_day_off(subject)
    yield from _calendar_year(subject)


def _two_bounds(subject: Subject) -> Iterator[Finding]:
    """One product asked for by clauses with different dates."""
    for key in subject.network.duties:
        clauses = (key, *subject.duties[key].also)
        if key in subject.dues:
            continue  # one bound was set for all of it
        ends = {each: end for each in clauses if (end := subject.due(each)) is not None}
        if len(set(ends.values())) < 2:
            continue
        days = subject.network.room(min(ends.values()), max(ends.values()))
        told = {each: until(end) for each, end in ends.items()}
        vi_ends = "; ".join(f"{subject.label(each)}: {told[each].vi}" for each in ends)
        en_ends = "; ".join(f"{subject.label(each)}: {told[each].en}" for each in ends)
        strict = min(ends, key=lambda each: ends[each])
        vi = (
            f"Cùng một sản phẩm mà có hạn khác nhau ({vi_ends}), lệch {days} ngày làm việc. Áp dụng"
            f" hạn chặt hơn ({subject.label(strict)}); nộp giữa hai hạn thì đúng hạn theo mục này,"
            " quá hạn theo mục kia."
        )
        en = (
            f"One product has different bounds ({en_ends}), {days} working days apart. The stricter"
            f" one ({subject.label(strict)}) applies; between the two it is in time by one clause"
            " and late by the other."
        )
        ways: list[list[Change]] = []
        for end in sorted(set(ends.values())):
            way: dict[str, Change] = {}
            for clause, own in ends.items():
                if own != end:
                    for move in subject.shifted(clause, end) or ():
                        way.setdefault(move.obligation, move)
            ways.append(list(way.values()))
        yield finding(subject, "two-bounds", ends, Words(vi, en), ways, bodies=subject.owners(key))


def _before_issue(subject: Subject) -> Iterator[Finding]:
    for part, duties in subject.in_documents():
        issued = part.issue_at()
        for duty in duties:
            due = subject.due(duty.id)
            if due is None or due > issued:
                continue
            label, told = subject.label(duty.id), until(due)
            vi = (
                f"{label} hết hạn {told.vi}, trước khi văn bản được ban hành "
                f"({issued:%H:%M %d/%m/%Y}): ban hành ra là đã quá hạn."
            )
            en = (
                f"{label} is due by {told.en}, before the document is issued "
                f"({issued:%H:%M %d/%m/%Y}): it would be overdue at once."
            )
            move = subject.shifted(duty.id, whole_day_after(subject.network, issued))
            yield finding(
                subject,
                "before-issue",
                (duty.id,),
                Words(vi, en),
                [move] if move else [],
                bodies=subject.owners(duty.id),
            )


def _dated_after_deadline(subject: Subject) -> Iterator[Finding]:
    """A document issued after the bound of the duty above that it carries out."""
    for part in subject.parts:
        link = part.shape.carries_out
        if link is None or link.issue is None:
            continue
        duties = subject.network.duties
        due = duties[link.issue].due if link.issue in duties else subject.due(link.issue)
        issued = part.issue_at()
        if due is None or issued < due:
            continue
        label, told = subject.label(link.issue), until(due)
        key = part.shape.key
        vi = f"{key} ban hành {issued:%d/%m/%Y}, sau hạn mà {label} đặt ra ({told.vi})."
        en = f"{key} is issued on {issued:%d/%m/%Y}, after the bound that {label} sets ({told.en})."
        move = subject.shifted(link.issue, midnight(part.shape.issued + timedelta(days=1)))
        earlier = choice(
            "issue-earlier",
            f"ban hành {key} chậm nhất {short(due)}",
            f"issue {key} on {short(due)} at the latest",
            obligations=(link.issue,),
        )
        yield finding(
            subject,
            "dated-after-deadline",
            (link.issue,),
            Words(vi, en),
            [[earlier], *([move] if move else [])],
            documents=(key,),
            bodies=(part.shape.issuer,),
        )


def _on_day_off(subject: Subject) -> Iterator[Finding]:
    """One finding for all clauses that stand under the same words."""
    work = subject.bundle.calendar.work
    groups: dict[tuple[str, str, DateTime], list[str]] = {}
    for part, duties in subject.in_documents():
        for duty in duties:
            due = subject.due(duty.id)
            if due is not None and not work.is_working(last_day(due)):
                words = duty.deadline.phrase or ""
                groups.setdefault((part.shape.key, words, due), []).append(duty.id)
    for (_, _, due), ids in groups.items():
        labels, told = both(map(subject.label, ids)), until(due)
        vi = (
            f"Hạn của {labels.vi} là {told.vi}, một ngày nghỉ: không cơ quan nào tiếp nhận; có nơi"
            " sẽ hiểu là ngày làm việc kế tiếp."
        )
        en = (
            f"The last day of {labels.en} is {told.en}, a day off: no office takes papers in, and"
            " some will take it for the next working day."
        )
        ways: list[list[Change]] = []
        for step in (1, -1):
            end = midnight(work.shift(last_day(due), step) + timedelta(days=1))
            way: dict[str, Change] = {}
            for each in ids:
                for move in subject.shifted(each, end) or ():
                    way.setdefault(move.obligation, move)
            ways.append(list(way.values()))
        yield finding(subject, "on-day-off", ids, Words(vi, en), ways)


def _calendar_year(subject: Subject) -> Iterator[Finding]:
    years: dict[int, list[str]] = {}
    for key in subject.duties:
        due = subject.due(key)
        if due is not None and last_day(due).year not in subject.bundle.calendar.years:
            years.setdefault(last_day(due).year, []).append(key)
    name = subject.bundle.package.calendar
    for year, ids in years.items():
        vi = (
            f"Lịch “{name}” chưa được rà soát cho năm {year}: chỉ tính được thứ Bảy, Chủ nhật; số"
            " ngày làm việc quanh các hạn này có thể sai."
        )
        en = (
            f"The calendar “{name}” was not checked for {year}: only weekends are known, and the"
            " working days around these bounds may be wrong."
        )
        fill = choice(
            "check-calendar",
            f"rà soát ngày nghỉ năm {year} trong lịch “{name}”",
            f"check the days off of {year} in the calendar “{name}”",
        )
        yield finding(subject, "calendar-year-missing", ids, Words(vi, en), [[fill]])
