"""Family C: so many days, working days, weeks, months, years or hours from an event."""

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from pendulum import DateTime

from models.domain.calendar import local
from models.domain.deadlines.atoms import Line
from models.domain.deadlines.candidate import LAW, Candidate, Finding, Weight, refused
from models.domain.deadlines.case import Case, add_months, midnight, show
from models.domain.deadlines.lexicon import fold
from models.domain.deadlines.markers import MACROS
from models.domain.deadlines.matcher import Matcher
from models.domain.deadlines.moments import Clock, Count, Day, Today, Value
from models.domain.deadlines.result import Kind

_MACROS = MACROS | {
    "LEAD": """(?:(?P<least>ít nhất|tối thiểu|không (?:ít hơn|dưới|sớm hơn)|không được ít hơn)
        |(?P<lead>(?:<BY> (?:là|vào|K|sau|không quá)*)?
            (?:ngay|chỉ)? trong (?:thời hạn|thời gian|khoảng|vòng|chậm nhất|tối đa|không quá|là|K)*
        |thời (?:hạn|gian) <GAP> (?:là|K|trong|không quá|tối đa|chậm nhất)*
        |hạn <GAP> (?:là|K|trong|không quá)+
        |<BY> (?:là|vào|K|trong|vòng|thời hạn|thời gian|khoảng|không quá|sau)*)
        |(?P<after>(?:chỉ|kể từ)? sau (?:thời hạn|thời gian|khoảng|đúng|đủ)*))""",
    "NOTE": "(?P<note>[LS][^R]{1,25}R"
    "|C (?:không|kể|trừ|tính) [^A-Z@]{0,3} ngày (?:nghỉ|lễ) [^A-Z@]{0,6}?)",
    "EVENT": "(?:ngày|khi|thời điểm|lúc|giờ)* (?P<eclock>[OG])? C? (?:của)? (?:ngày)? (?P<eday>A)?",
    "LINK": "C? (?:được)?"
    "(?P<link>(?:kể|tính|bắt đầu)+ (?:từ|tư)? (?:sau)?|từ (?:sau)?|sau|tiếp theo)",
}
_LINKED = Matcher(
    "(?:<LEAD>)? (?P<count>[UG%&]) (?:<NOTE>)? <LINK> <EVENT> (?:L ngày? (?P<eday2>A) R)?", _MACROS
)
_ALONE = Matcher(
    "<LEAD> (?P<count>[UG%&]) (?:<NOTE>)?"
    "(?P<next>tới|tiếp theo|nữa|kế tiếp)?"
    "(?P<past>qua|vừa|trước đây|gần đây|liền|liên tục|đầu|cuối)?",
    _MACROS,
)
_OF_PERIOD = Matcher("L? (?:của)? [XYBZF]", MACROS)
_NEGATIVE = Matcher("(?:trong|hạn|vòng|quá|nhất|là) H (?:U|G)", MACROS)
_TRAILING = Matcher(
    "<BY> (?:là|vào)? sau (?:(?:khi|ngày|thời điểm|lúc)+|<EVENTS>) [^A-Z@%&]{0,10}? C? là?"
    "(?P<count>[UG%&]) (?!kể|tính|từ|sau|trước)",
    MACROS,
)
_WHOLE = Matcher("^[*PH]* (?:[^A-Z@]{0,8}K)? (?P<count>[U%&]) (?:<NOTE>)? [*PEMCR]*$", _MACROS)
_BEFORE_IT = Matcher(
    "(?P<link>(?:kể|tính)+ từ|sau|từ) (?:ngày|khi|thời điểm)* (?P<eday>A)? [^ME]{0,30}$", _MACROS
)
_AFTER_IT = Matcher(
    "[^ME]{0,20}? (?P<link>(?:kể|tính)+ từ) (?:ngày|khi|thời điểm)* (?P<eday>A)?", _MACROS
)
_DUTY = Matcher("(?:phải|báo|gửi|nộp|thành|trình|xong|xuất|xử|giải|lời|ban hành)", _MACROS)
_MUST = Matcher("phải", MACROS)
_EFFECT = Matcher("(?:hiệu lực|thi hành)", _MACROS)
_OWN = re.compile(
    r"(?:ngay |khi |thoi diem )*(?:ky|ban hanh|phat hanh|co)(?: ky)?(?: ban hanh)?(?: va ban hanh)?"
    r"(?P<what> (?:ke hoach|van ban|quyet dinh|cong van|chi thi|thong bao|ket luan|chuong trinh"
    r"|huong dan|quy dinh|nghi quyet|quy che))?(?P<this> nay)?(?P<rest>.*)"
)
_UNIT_RULE = {"day": "days", "week": "weeks", "month": "months", "year": "years",
              "hour": "hours", "minute": "minutes"}  # fmt: skip


class Counted(NamedTuple):
    """A period that is counted from an event."""

    amount: Value
    event_day: Value | None = None
    event_clock: Value | None = None
    event: str = ""
    own: bool = False
    """The event is the issue of this very document."""
    after: bool = False
    duty: bool = False
    note: str = ""
    from_now: bool = False
    linked: bool = True

    def solve(self, case: Case) -> Finding:
        """Work it out."""
        count = self._count(case)
        for value in (self.event_day, self.event_clock):
            if value is not None:
                case.check(value)
        if self.after and self.duty:
            raise case.refuse("ambiguous_after")
        rule = f"{'working-' if count.working else ''}{_UNIT_RULE[count.unit]}-from"
        if count.unit in {"hour", "minute"}:
            return self._hours(case, count, rule)
        first = self._event(case)
        if first is None:
            return self._waiting(case, rule)
        last, clipped = _later(case, first, count)
        if clipped:
            case.warn("no_such_day", date=show(last))
        if self.after:
            case.warn("not_a_deadline", what="mốc bắt đầu", what_en="a start")
            return Finding(
                Kind.OPEN_END, None, f"begins-{rule}", f"{LAW} Đ.147", start=midnight(last)
            )
        due, readings = case.settle([("end_of_period", last)], case.settings.counted_periods)
        return Finding(Kind.BOUND, due, rule, f"{LAW} Đ.147-148", readings=readings)

    def _count(self, case: Case) -> Count:
        if isinstance(self.amount, Clock):
            if self.amount.minute or not self.amount.hour:
                raise case.refuse("not_understood")
            return Count(self.amount.hour, "hour")
        case.check(self.amount)
        if not isinstance(self.amount, Count):
            raise case.refuse("not_understood")
        count = self.amount
        if count.unit == "day" and not count.working and "nghi" in self.note.split():
            if re.search(r"\b(?:khong|tru)\b", self.note):
                case.warn("working_days_by_note")
                return Count(count.number, "day", working=True)
            case.warn("calendar_days_by_note")
        elif self.note and re.search(r"\b(?:tru|khong (?:ke|tinh))\b", self.note):
            raise case.refuse("not_understood")
        return count

    def _event(self, case: Case) -> date | None:
        if isinstance(self.event_day, Day | Today):
            return case.day(self.event_day)
        if case.event_day is not None and not self.from_now:
            if not self.linked:
                case.warn("start_not_named")
            return case.event_day
        if (self.own or self.from_now) and case.issued is not None:
            case.warn("event_is_issue_date", date=show(case.issued))
            return case.issued
        return None

    def _hours(self, case: Case, count: Count, rule: str) -> Finding:
        start: datetime | None = None
        if isinstance(self.event_day, Day | Today):
            if not isinstance(self.event_clock, Clock):
                raise case.refuse("needs_hour")
            start = case.at(case.day(self.event_day), self.event_clock)
        elif isinstance(case.event, datetime):
            start = local(case.event)
        elif case.event is not None or (self.own and case.issued is not None):
            raise case.refuse("needs_hour")
        if start is None:
            return self._waiting(case, rule)
        step = timedelta(**{_UNIT_RULE[count.unit]: count.number})
        end = start + step
        if self.after:
            case.warn("not_a_deadline", what="mốc bắt đầu", what_en="a start")
            return Finding(Kind.OPEN_END, None, f"begins-{rule}", f"{LAW} Đ.147", start=local(end))
        return Finding(Kind.BOUND, local(end), rule, f"{LAW} Đ.147 (tính từ thời điểm)")

    def _waiting(self, case: Case, rule: str) -> Finding:
        if self.linked and self.event:
            case.warn("event_needed", event=self.event)
        else:
            case.warn("start_not_named")
        if self.after:
            case.warn("not_a_deadline", what="mốc bắt đầu", what_en="a start")
        return Finding(Kind.TRIGGERED, None, rule, f"{LAW} Đ.147-148")


def _later(case: Case, first: date, count: Count) -> tuple[date, bool]:
    if count.working:
        return case.calendar.shift(first, count.number), False
    if count.unit == "day":
        return first + timedelta(days=count.number), False
    if count.unit == "week":
        return first + timedelta(weeks=count.number), False
    return add_months(first, count.number * (12 if count.unit == "year" else 1))


def find(line: Line, codes: str) -> list[Candidate]:
    """Return the counts of *line* whose event is named beside them."""
    found = [refused(match, "invalid_number") for match in _NEGATIVE.all(codes)]
    for match in _LINKED.all(codes):
        if match["least"]:
            found.append(refused(match, "not_before"))
            continue
        if (
            not match["lead"]
            and match["link"]
            and fold(line.words(*match.span("link"))[0]) == "tiep"
        ):
            continue
        place = match.start("eday") if match["eday"] else match.start("eday2")
        event, end = "", match.end()
        if place < 0:
            event, end = _event_words(line, codes, match.end())
        around = codes[match.end() :].split("E")[0]
        before = codes[: match.start()].rsplit("E", 1)[-1]
        link = " ".join(map(fold, line.words(*match.span("link"))))
        if not match["lead"] and not match["after"] and link == "sau" and not _plain(codes, match):
            found.append(refused(match, "ambiguous_after"))
            continue
        effect = bool(_EFFECT.first(before) or _EFFECT.first(around))
        form = Counted(
            amount=line.values[match.start("count")],
            event_day=line.values.get(place),
            event_clock=line.values.get(match.start("eclock")) if match["eclock"] else None,
            event=event,
            own=_is_own(line, match, end),
            after=match["after"] is not None,
            duty=bool(_DUTY.first(before) or _DUTY.first(around if place >= 0 else _unsaid(around)))
            and not effect,
            note=_note(line, match),
        )
        found.append(Candidate(match.start(), end, Weight.FIRM, form))
    for match in _TRAILING.all(codes):
        event = " ".join(line.words(match.start(), match.start("count")))
        form = Counted(line.values[match.start("count")], event=event)
        found.append(Candidate(match.start(), match.end(), Weight.FIRM, form))
    return found


def find_alone(line: Line, codes: str) -> list[Candidate]:
    """Return the counts of *line* whose event stands elsewhere in the sentence, or nowhere."""
    found = []
    for match in list(_ALONE.all(codes)) or list(_WHOLE.all(codes)):
        groups = match.groupdict()
        if groups.get("past"):
            continue
        if groups.get("least"):
            found.append(refused(match, "not_before", Weight.LOOSE))
            continue
        if _OF_PERIOD.opens(codes[match.end() :]):
            found.append(refused(match, "not_understood", Weight.LOOSE))
            continue
        hours = codes[match.start("count")] == "G"
        if hours and "trong" not in map(fold, line.words(match.start(), match.end())):
            continue
        near = _BEFORE_IT.first(line.codes[: match.start()])
        link = near or _AFTER_IT.opens(line.codes[match.end() :])
        event, event_day = "", None
        if link is not None:
            offset = 0 if near else match.end()
            end = match.start() if near else offset + link.end()
            event = " ".join(line.words(offset + link.start("link"), end))
            if near is None:
                event += " " + _event_words(line, line.codes, end)[0]
            if link["eday"]:
                event_day = line.values.get(offset + link.start("eday"))
        if groups.get("after") and link is None:
            found.append(refused(match, "ambiguous_after", Weight.LOOSE))
            continue
        form = Counted(
            amount=line.values[match.start("count")],
            event_day=event_day,
            event=event.strip(" ,"),
            own=_own_words(event),
            note=_note(line, match),
            from_now=bool(groups.get("next")),
            linked=link is not None,
        )
        weight = Weight.FIRM if "lead" in groups else Weight.LOOSE
        found.append(Candidate(match.start(), match.end(), weight, form))
    return found


def _plain(codes: str, match: re.Match[str]) -> bool:
    """Tell whether "N ngày sau …" is the whole phrase, so that it can only be a term."""
    return not codes[: match.start()].strip("*PH")


def _note(line: Line, match: re.Match[str]) -> str:
    if not match.groupdict().get("note"):
        return ""
    return " ".join(map(fold, line.words(*match.span("note"))))


def _unsaid(after: str) -> str:
    """Return what follows the event's own words: a duty named there, not inside the event."""
    must = _MUST.first(after)
    if must and must.start():
        return after[must.start() :]
    return after.split("C", 1)[1] if "C" in after else ""


_STOP = frozenset("CMEKRP~")


def _event_words(line: Line, codes: str, start: int) -> tuple[str, int]:
    """Return the words that name the event, up to the next sign, and where they end."""
    end = start
    while end < len(codes) and end - start < 14 and codes[end] not in _STOP:
        end += 1
    return " ".join(line.words(start, end)), end


def _is_own(line: Line, match: re.Match[str], end: int) -> bool:
    return _own_words(" ".join(line.words(match.start("link"), end)))


def _own_words(words: str) -> bool:
    """Tell whether the event is the signing or issue of this document."""
    folded = " ".join(map(fold, words.split()))
    folded = re.sub(r"^(?:ke |tinh |bat dau )*(?:tu |sau )*", "", folded)
    match = _OWN.fullmatch(folded)
    if match is None:
        return False
    if folded.split()[-1:] == ["co"] or re.match(
        r"(?:ngay |khi )*co(?! (?:van ban|cong van|ke hoach|quyet dinh|thong bao) nay)", folded
    ):
        return False
    rest = match["rest"].strip()
    if match["this"]:
        return True
    return match["what"] is None and not rest


__all__ = ["Counted", "DateTime", "find", "find_alone"]
