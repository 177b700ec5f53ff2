"""What facts, phases and instants are called, in Vietnamese and English.

The auditor's own words: nothing is taken from the mails or pages that are audited.
"""

from dataclasses import fields

from pendulum import DateTime

from models.domain.calendar import last_day, local
from models.domain.facts import (
    Accepted,
    Acknowledged,
    AddendumReceived,
    BecameOverdue,
    BoundMoved,
    ChildIssued,
    Completed,
    Corrected,
    Disputed,
    DisputeRejected,
    Escalated,
    ExtensionAsked,
    ExtensionRefused,
    Fact,
    FeasibilityChanged,
    GateOpened,
    Issued,
    NoticeAccepted,
    NoticeFailed,
    NoticeQueued,
    NoticeRecorded,
    NotTold,
    Opened,
    ParentIssued,
    Registered,
    Reminded,
    ReportedUp,
    ReportExpected,
    ReportHeld,
    ReportUpExpected,
    Rescheduled,
    Returned,
    Submitted,
    Summarised,
    Superseded,
    Supplemented,
    Waived,
)
from models.domain.state import Plan
from models.domain.terms import AssignmentId, BodyId, Phase
from models.owed import ANEW

PHASES = {
    Phase.PENDING: ("chưa bắt đầu", "pending"),
    Phase.OPEN: ("chưa xác nhận", "open"),
    Phase.ACKNOWLEDGED: ("đã nhận", "acknowledged"),
    Phase.SUBMITTED: ("chờ xem xét", "submitted"),
    Phase.ACCEPTED: ("đã chấp nhận", "accepted"),
    Phase.WAIVED: ("được miễn", "waived"),
    Phase.SUPERSEDED: ("chuyển đơn vị", "superseded"),
}
"""Vietnamese, English."""

KINDS = {
    "I": ("do người hoặc văn bản khác", "by people or another document"),
    "D": ("do quy tắc suy ra", "by the rules"),
    "A": ("quản trị", "administrative"),
}

MAILS = {
    "assigned": ("giao việc", "assignment"),
    "reminder": ("nhắc việc", "reminder"),
    "overdue": ("báo quá hạn", "overdue notice"),
    "escalation": ("đôn đốc qua cấp trên", "escalation"),
    "review": ("mời xem xét báo cáo", "invitation to review"),
    "returned": ("trả lại báo cáo", "return"),
    "accepted": ("chấp nhận báo cáo", "acceptance"),
    "waived": ("miễn nhiệm vụ", "waiver"),
    "addendum": ("báo cáo bổ sung", "addendum"),
    "extended": ("dời hạn", "moved date"),
    "infeasible": ("không còn kịp hạn", "no longer possible in time"),
    "received": ("đã nhận báo cáo", "receipt"),
    "supplement": ("bổ sung báo cáo", "addition to a report"),
    "moved": ("chuyển nhiệm vụ", "moved duty"),
    "review-ended": ("thôi xem xét", "no review needed"),
    "disputed": ("ý kiến về nhiệm vụ", "disputed duty"),
    "dispute-rejected": ("trả lời ý kiến", "answer to a dispute"),
    "extension-asked": ("xin lùi hạn", "request for a later bound"),
    "extension-refused": ("không lùi hạn", "refusal of a later bound"),
    "untold": ("chưa báo được", "body not told"),
    "undelivered": ("thư không đến", "mail not delivered"),
    "summary": ("tổng hợp tuần", "weekly summary"),
    "checkpoint": ("điểm kiểm tra", "checkpoint"),
}

_DAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def instant_words(instant: DateTime, lang: str = "vi") -> str:
    """Return ``08:00 thứ Sáu, 20/10/2023``, on Viet Nam's clock; seconds only if there are any."""
    moment = local(instant)
    clock = f"{moment:%H:%M}"
    if moment.second or moment.microsecond:
        clock = f"{moment:%H:%M:%S}" + (f".{moment.microsecond:06d}" if moment.microsecond else "")
    return f"{clock} {_DAYS[lang][moment.weekday()]}, {moment:%d/%m/%Y}"


def bound_words(due: DateTime | None, lang: str = "vi") -> str:
    """Return until when something is in time: ``hết ngày thứ Sáu, 20/10/2023``."""
    vi = lang == "vi"
    if due is None:
        return "không ghi hạn" if vi else "no date"
    moment = local(due)
    if (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0):
        day = last_day(moment)
        words = f"{_DAYS[lang][day.weekday()]}, {day:%d/%m/%Y}"
        return f"hết ngày {words}" if vi else f"the end of {words}"
    return f"trước {instant_words(due)}" if vi else f"before {instant_words(due, lang)}"


def phase_words(phase: Phase, lang: str = "vi") -> str:
    """Return what a phase is called."""
    return PHASES[phase][lang != "vi"]


def fact_words(fact: Fact, plan: Plan | None, lang: str = "vi") -> str:
    """Return what happened, in one line; about whom and when stands beside it."""
    both = _words(fact, plan)
    if both is None:
        return _plain(fact)
    return both[lang != "vi"]


def _words(fact: Fact, plan: Plan | None) -> tuple[str, str] | None:
    match fact:
        case Registered(by=by):
            return f"Nhập văn bản vào sổ cái ({by})", f"Entered in the ledger ({by})"
        case ParentIssued(parent=parent):
            return f"Cấp trên đã ban hành {parent}", f"The document above, {parent}, was issued"
        case Issued():
            return "Ban hành văn bản", "The document was issued"
        case GateOpened(complete=True):
            return "Đủ báo cáo, bắt đầu tổng hợp", "All reports are in: the duty may start"
        case GateOpened(missing=missing):
            return (
                f"Đến lúc phải bắt đầu, còn thiếu {len(missing)}: {_units(plan, missing)}",
                f"The latest start has come; {len(missing)} missing: {_units(plan, missing)}",
            )
        case Opened(due=None):
            return "Bắt đầu nhiệm vụ, không ghi hạn", "The duty opened; it has no date"
        case Opened(due=due):
            return (
                f"Bắt đầu nhiệm vụ, hạn {bound_words(due)}",
                f"The duty opened, due by {bound_words(due, 'en')}",
            )
        case Reminded(nudge=nudge):
            return f"Đến lúc nhắc việc ({nudge})", f"A reminder was due ({nudge})"
        case BecameOverdue():
            return "Quá hạn: hết hạn mà chưa báo cáo", "Overdue: the bound passed without a report"
        case Escalated(rung=rung):
            name = _rung(plan, rung)
            return f"Đôn đốc bước {rung}: {name}", f"Rung {rung} of the ladder: {name}"
        case Acknowledged(person=person, link=link):
            return (
                f"Xác nhận đã nhận việc ({_by(person, link, 'vi')})",
                f"Acknowledged ({_by(person, link, 'en')})",
            )
        case Submitted(version=version, person=person, trust="on-behalf", paper=paper):
            return (
                f"Nhập báo cáo giấy {paper} thay đơn vị, bản thứ {version} ({person})",
                f"Paper report {paper} entered on behalf, version {version} ({person})",
            )
        case Submitted(version=version, person=person, link=link):
            return (
                f"Gửi báo cáo, bản thứ {version} ({_by(person, link, 'vi')})",
                f"Report, version {version} ({_by(person, link, 'en')})",
            )
        case AddendumReceived(assignment=assignment, version=version):
            unit = _units(plan, (assignment,))
            return (
                f"Báo cáo bổ sung của {unit}, bản thứ {version}, đến sau khi đã bắt đầu tổng hợp",
                f"Addendum of {unit}, version {version}, came after the start",
            )
        case Accepted(version=version, person=person, link=link):
            return (
                f"Chấp nhận bản thứ {version} ({_by(person, link, 'vi')})",
                f"Version {version} accepted ({_by(person, link, 'en')})",
            )
        case Returned(version=version, person=person, link=link):
            return (
                f"Trả lại bản thứ {version} ({_by(person, link, 'vi')})",
                f"Version {version} returned ({_by(person, link, 'en')})",
            )
        case Waived(by=by, authority=authority):
            name = _body(plan, by)
            return f"Miễn nhiệm vụ: {authority}, {name}", f"Waived: {authority}, {name}"
        case BoundMoved(was=was, due=due, by=by, authority=authority, bodies=bodies):
            who = ", ".join(_body(plan, each) for each in bodies)
            return (
                f"Dời hạn từ {bound_words(was)} sang {bound_words(due)}"
                f" cho {who or 'mọi đơn vị'}: {authority}, {_body(plan, by)}",
                f"Moved from {bound_words(was, 'en')} to {bound_words(due, 'en')}"
                f" for {who or 'everybody'}: {authority}, {_body(plan, by)}",
            )
        case Rescheduled(was=was, due=due):
            return (
                f"Hạn mới: {bound_words(due)} (trước đó {bound_words(was)})",
                f"New bound: {bound_words(due, 'en')} (before: {bound_words(was, 'en')})",
            )
        case FeasibilityChanged(needs=None):
            return "Lại kịp hạn", "Possible in time again"
        case FeasibilityChanged(on=on, needs=needs, days=days):
            return (
                f"Không còn kịp hạn do {on}: cần {bound_words(needs)}, thiếu {days} ngày làm việc",
                f"No longer possible in time because of {on}: needs {bound_words(needs, 'en')},"
                f" {days} working day(s) missing",
            )
        case ReportUpExpected(due=due):
            return (
                f"Báo cáo lên cấp trên dự kiến chậm nhất {bound_words(due)}",
                f"The report up can be expected by {bound_words(due, 'en')}",
            )
        case ReportExpected(child=child, due=due):
            return (
                f"Báo cáo của {child} dự kiến chậm nhất {bound_words(due)}",
                f"The report of {child} can be expected by {bound_words(due, 'en')}",
            )
        case ReportHeld(child=child):
            return (
                f"Báo cáo của {child} đến trước khi nhiệm vụ bắt đầu, đang giữ lại",
                f"The report of {child} came before the duty could start; it is held",
            )
        case Superseded(successor=successor):
            unit = _units(plan, (successor,))
            return f"Chuyển nhiệm vụ cho {unit}", f"The duty moved to {unit}"
        case ChildIssued(child=child):
            return f"Hoàn thành bằng việc ban hành {child}", f"Done by the issue of {child}"
        case ReportedUp(parent=parent, missing=missing):
            return (
                f"Báo cáo kết quả lên {parent}"
                + (f", còn thiếu {len(missing)}" if missing else ""),
                f"Reported up to {parent}" + (f", {len(missing)} missing" if missing else ""),
            )
        case Corrected(version=version, person=person, link=link):
            return (
                f"Sửa lại báo cáo vừa gửi, nay là bản thứ {version} ({_by(person, link, 'vi')})",
                f"Report put right, now version {version} ({_by(person, link, 'en')})",
            )
        case Supplemented(number=number, person=person, link=link):
            return (
                f"Bổ sung báo cáo, lần {number} ({_by(person, link, 'vi')})",
                f"Addition {number} to the report ({_by(person, link, 'en')})",
            )
        case Disputed(person=person, link=link):
            return (
                f"Đơn vị cho rằng không phải nhiệm vụ của mình ({_by(person, link, 'vi')})",
                f"The body says that the duty is not its own ({_by(person, link, 'en')})",
            )
        case DisputeRejected(by=by, authority=authority):
            name = _body(plan, by)
            return (
                f"Giữ nguyên nhiệm vụ: {authority}, {name}",
                f"The duty stays where it is: {authority}, {name}",
            )
        case ExtensionAsked(until=until, person=person, link=link):
            return (
                f"Xin lùi hạn đến {bound_words(until)} ({_by(person, link, 'vi')})",
                f"A later bound is asked for, {bound_words(until, 'en')}"
                f" ({_by(person, link, 'en')})",
            )
        case ExtensionRefused(by=by, authority=authority):
            name = _body(plan, by)
            return f"Không lùi hạn: {authority}, {name}", f"The bound stays: {authority}, {name}"
        case NoticeQueued(notices=notices) if any(ANEW in each.key for each in notices):
            return (
                f"Đổi địa chỉ thư: phải gửi {len(notices)} thư đến địa chỉ mới",
                f"An address changed: {len(notices)} mail(s) owed to the new one",
            )
        case NoticeQueued(notices=notices):
            return f"Phải gửi {len(notices)} thư", f"{len(notices)} mail(s) owed"
        case NoticeAccepted(kind=kind, body=body):
            mail = _mail(kind)
            return (
                f"Máy chủ thư đã nhận thư {mail[0]} gửi {_body(plan, body)}",
                f"The relay accepted the mail ({mail[1]}) to {_body(plan, body)}",
            )
        case NoticeFailed(kind=kind, body=body, how=how):
            mail = _mail(kind)
            return (
                f"Không gửi được thư {mail[0]} đến {_body(plan, body)} ({how})",
                f"The mail ({mail[1]}) to {_body(plan, body)} failed ({how})",
            )
        case NoticeRecorded(body=body, by=by):
            return (
                f"{_body(plan, by)} ghi nhận đã báo cho {_body(plan, body)} bằng cách khác",
                f"{_body(plan, by)} vouches that {_body(plan, body)} was told by other means",
            )
        case NotTold(rung=rung):
            return (
                f"Chưa đôn đốc bước {rung}: không có bằng chứng đơn vị đã được báo",
                f"Rung {rung} withheld: nothing proves that the body was told",
            )
        case Summarised(number=number):
            return f"Đến kỳ tổng hợp tuần, lần {number}", f"Weekly summary {number} was due"
        case Completed():
            return "Mọi nhiệm vụ có hạn đã kết thúc", "Every duty with a date is closed"
        case _:
            return None


def _plain(fact: Fact) -> str:
    """Return a fact that has no sentence here yet: its name and its plain values."""
    values = {each.name: getattr(fact, each.name) for each in fields(fact)}
    said = [
        f"{name} {value}"
        for name, value in values.items()
        if isinstance(value, str | int) and name != "assignment" and value not in ("", None)
    ]
    return f"{type(fact).__name__}: {', '.join(said)}" if said else type(fact).__name__


def _by(person: str, link: str, lang: str) -> str:
    """Return who did it, by reference only."""
    vi = lang == "vi"
    if not person:
        return link or ("theo quy định vận hành" if vi else "by policy")
    return f"{person}, {'liên kết' if vi else 'link'} {link}" if link else person


def _mail(kind: str) -> tuple[str, str]:
    return MAILS.get(kind, (kind, kind))


def _units(plan: Plan | None, assignments: tuple[AssignmentId, ...]) -> str:
    names = [_body(plan, each.rpartition("@")[2]) for each in assignments[:4]]
    return ", ".join(names) + (" …" if len(assignments) > 4 else "")


def _body(plan: Plan | None, body: str) -> str:
    return body if plan is None else plan.name(BodyId(body))


def _rung(plan: Plan | None, number: int) -> str:
    rungs = plan.document.policy.rungs if plan else ()
    return next((rung.name for rung in rungs if rung.number == number), str(number))
