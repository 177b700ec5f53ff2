"""Family C, backwards: so many days before an event or a named day."""

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from models.domain.calendar import local
from models.domain.deadlines.atoms import Line
from models.domain.deadlines.candidate import LAW, Candidate, Finding, Weight, refused
from models.domain.deadlines.case import Case, add_months, end_of, midnight
from models.domain.deadlines.lexicon import fold
from models.domain.deadlines.markers import MACROS
from models.domain.deadlines.matcher import Matcher
from models.domain.deadlines.moments import Clock, Count, Day, Today, Value
from models.domain.deadlines.result import Kind
from models.domain.deadlines.settings import BeforeDate, Rollover

_MACROS = MACROS | {
    "LEAD": "(?:(?P<within>trong (?:vòng|thời hạn|thời gian|khoảng)*)"
    "|(?:ít nhất|tối thiểu|<BY>|trước)"
    "(?:là|vào|K)*)",
    "WHEN": "(?:thời điểm|thời hạn|khi|ngày|lúc|hạn)",
    "AT": "(?P<eclock>[OG])? C? ngày? (?P<eday>A)",
    "CLAUSE": "(?:(?!trong|kể|từ|sau|chậm|không|hết)[^A-Z@%&]){0,10}?",
}
_SOURCES = (
    # 05 ngày trước ngày 31/10/2023
    "(?:<LEAD>)? (?P<count>[UG%&]) (?:L[^R]*R)? (?:trước|so với) <WHEN>* <AT>",
    # trước ngày 31/10/2023 ít nhất 05 ngày
    "trước <WHEN>* <AT> [CL]? (?:ít nhất|tối thiểu)+ (?:là)? (?P<count>[UG%&])"
    "R? (?!kể|tính|từ|sau)",
    "trước <WHEN>* <AT> (?P<count>[U%&]) (?!kể|tính|từ|sau)",
    # chậm nhất 05 ngày trước khi khai mạc
    "(?:<LEAD>)? (?P<count>[UG%&]) (?:L[^R]*R)? (?P<open>trước (?:<WHEN>|<EVENTS>))",
    # trước khi khai mạc hội nghị 05 ngày
    "(?P<open>trước (?:<WHEN>+|<EVENTS>) <CLAUSE>) C? (?:ít nhất|tối thiểu|là)* (?P<count>[UG%&])"
    "(?!kể|tính|từ|sau|A)",
    # trước 05 ngày (so với …)
    "(?P<open>trước) (?P<count>U) (?!nữa|tới|kể|tính|từ|sau|đầu|cuối|của)",
)
_COUNTED = tuple(Matcher(source, _MACROS) for source in _SOURCES)
_BEFORE_EVENT = Matcher(
    "(?P<neg>không)? trước (?P<how>(?:khi|lúc|thời điểm)|ngày|<EVENTS>)"
    "(?![A-UW-Z@*]|x{1,2}[SDQH]|xA)",
    MACROS,
)
_REPORT = Matcher("(?:(?:báo|bao) (?:cáo|cao)|kết|kỳ|quả) (?:định kỳ)?$", _MACROS)
_TAIL = frozenset("CMEKRPSL~")


class Lead(NamedTuple):
    """So much time before an event: the bound is the end of the day that far ahead of it."""

    amount: Value
    event_day: Value | None = None
    event_clock: Value | None = None
    event: str = ""

    def solve(self, case: Case) -> Finding:
        """Work it out."""
        count = self.amount
        if isinstance(count, Clock):
            count = Count(count.hour, "hour")
        case.check(count)
        if not isinstance(count, Count):
            raise case.refuse("not_understood")
        for value in (self.event_day, self.event_clock):
            if value is not None:
                case.check(value)
        rule = f"{'working-' if count.working else ''}{count.unit}s-before"
        if count.unit in {"hour", "minute"}:
            return self._hours(case, count, rule)
        day = self._event(case)
        if day is None:
            case.warn("event_needed", event=self.event) if self.event else case.warn(
                "start_not_named"
            )
            return Finding(Kind.TRIGGERED, None, rule, f"{LAW} Đ.147-148")
        last = _earlier(case, day, count)
        due, readings = case.settle([("end_of_day", last)], Rollover.NONE)
        return Finding(Kind.BOUND, due, rule, f"{LAW} Đ.147-148, tính lùi", readings=readings)

    def _event(self, case: Case) -> date | None:
        if isinstance(self.event_day, Day | Today):
            return case.day(self.event_day)
        return case.event_day

    def _hours(self, case: Case, count: Count, rule: str) -> Finding:
        step = timedelta(**{f"{count.unit}s": count.number})
        if isinstance(self.event_day, Day | Today):
            if not isinstance(self.event_clock, Clock):
                raise case.refuse("needs_hour")
            start = case.at(case.day(self.event_day), self.event_clock)
        elif isinstance(case.event, datetime):
            start = local(case.event)
        elif case.event is not None:
            raise case.refuse("needs_hour")
        else:
            case.warn("event_needed", event=self.event) if self.event else case.warn(
                "start_not_named"
            )
            return Finding(Kind.TRIGGERED, None, rule, f"{LAW} Đ.147")
        return Finding(Kind.BOUND, local(start - step), rule, f"{LAW} Đ.147, tính lùi")


class BeforeEvent(NamedTuple):
    """Before something that has no date in the phrase."""

    event: str
    by_day: bool

    def solve(self, case: Case) -> Finding:
        """Work it out: before the event's instant, or before its day if only a day is known."""
        basis = f"{LAW} Đ.147-148"
        if case.event is None:
            case.warn("event_needed", event=self.event)
            return Finding(Kind.TRIGGERED, None, "before-event", basis)
        if isinstance(case.event, datetime) and not self.by_day:
            return Finding(Kind.BOUND, local(case.event), "before-event", basis)
        day = case.event_day or date.min
        strict, inclusive = ("strict", midnight(day)), ("inclusive", end_of(day))
        order = (strict, inclusive)
        if case.settings.before_date is BeforeDate.INCLUSIVE:
            order = (inclusive, strict)
        return Finding(Kind.BOUND, order[0][1], "before-event", basis, readings=order)


def _earlier(case: Case, day: date, count: Count) -> date:
    if count.working:
        return case.calendar.shift(day, -count.number)
    if count.unit == "day":
        return day - timedelta(days=count.number)
    if count.unit == "week":
        return day - timedelta(weeks=count.number)
    return add_months(day, -count.number * (12 if count.unit == "year" else 1))[0]


def find(line: Line, codes: str) -> list[Candidate]:
    """Return the counts back from an event in *line*."""
    found = []
    for source in _COUNTED:
        for match in source.all(codes):
            groups = match.groupdict()
            opening = match["count"] is not None and match.start("count") == match.start()
            named = opening and _REPORT.first(codes[: match.start()])
            count = line.values[match.start("count")]
            if named and isinstance(count, Count) and count.unit in {"month", "year"}:
                continue  # "báo cáo 6 tháng trước ngày 15/6/2024": a report's name
            if named or groups.get("within"):
                found.append(refused(match, "not_understood"))
            else:
                found.append(_read(line, codes, match))
            codes = codes[: match.start()] + "~" * len(match[0]) + codes[match.end() :]
    return found


def _read(line: Line, codes: str, match: re.Match[str]) -> Candidate:
    groups = match.groupdict()
    event, end = "", match.end()
    if groups.get("open"):
        if match.end("open") >= match.end("count"):
            while end < len(codes) and end - match.end() < 12 and codes[end] not in _TAIL:
                end += 1
        event = " ".join(line.words(match.start("open"), max(end, match.end("open"))))
        if match.end("open") <= match.start("count"):
            event = " ".join(line.words(*match.span("open")))
            event = "" if len(event.split()) < 2 else event
    clock = line.values.get(match.start("eclock")) if groups.get("eclock") else None
    day = line.values.get(match.start("eday")) if groups.get("eday") else None
    form = Lead(line.values[match.start("count")], day, clock, event)
    return Candidate(match.start(), end, Weight.FIRM, form)


def find_event(line: Line, codes: str) -> list[Candidate]:
    """Return what must happen before an event without a date, "trước khi khai mạc"."""
    found = []
    for match in _BEFORE_EVENT.all(codes):
        if match["neg"]:
            found.append(refused(match, "not_before", Weight.LOOSE))
            continue
        end = match.end()
        while end < len(codes) and end - match.end() < 12 and codes[end] not in _TAIL:
            end += 1
        words = line.words(match.start(), end)
        form = BeforeEvent(" ".join(words), by_day=fold(words[1]) == "ngay")
        found.append(Candidate(match.start(), end, Weight.LOOSE, form))
    return found
