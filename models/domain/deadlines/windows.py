"""From one moment to another: ``từ ngày A đến hết ngày B``, ``từ nay đến cuối tháng M``."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from models.domain.deadlines.atoms import Line
from models.domain.deadlines.candidate import LAW, Candidate, Finding, Weight
from models.domain.deadlines.case import Case, end_of, midnight
from models.domain.deadlines.lexicon import fold
from models.domain.deadlines.markers import MACROS
from models.domain.deadlines.matcher import Matcher
from models.domain.deadlines.moments import (
    Clock,
    Day,
    MonthDay,
    Months,
    Stretch,
    Today,
    Value,
    Week,
)
from models.domain.deadlines.result import Kind

_MACROS = MACROS | {
    "LEAVE": """(?P<leave>nay|(?:ngày|khi|thời điểm|lúc)+ [^A-Z@]{1,10}?
        |(?P<aclock>[OG])? C? (?:của)? (?P<apart>đầu|cuối|giữa)? (?:ngày)? V?C?(?P<a>[ATBZFYW]))
        R? (?:(?:tháng|năm) trước)? (?:kỳ báo cáo)?""",
    "REACH": """C? (?:(?:cho)? (?:đến|tới)|sang|H|hết(?=ngày|A)) (?:khi|thời điểm)?
        (?P<until>hết|trước|cuối|giữa|đầu)? (?:ngày)?
        (?P<bclock>[OG])? C? (?:của|ngày)* V?C? (?P<b>[ATBZFYW]|(?:tháng|quý|năm)(?!<BLANK>))""",
    "DATA": "(?P<data>(?:liệu|tính|chốt|thời kỳ|kỳ báo cáo) [^A-JL-Z@%&]{0,7}?)?",
}
_FROM = Matcher(
    "<DATA> (?P<from>(?:kể|tính|bắt đầu)* từ) (?:sau)? <LEAVE> <REACH> (?P<of>của?tháng)?", _MACROS
)
_PLAIN = Matcher(
    "(?P<aclock>[OG])? C? ngày? (?P<apart>đầu)? (?P<a>A) (?:H|đến|tới) (?P<until>hết|trước)? ngày?"
    "(?P<bclock>[OG])? C? ngày? (?P<b>A)",
    _MACROS,
)
_HOURS = Matcher(
    "(?:từ)? (?P<aclock>[OG]) (?:đến|tới|H) (?P<bclock>[OG]) C? ngày? (?P<b>A)", MACROS
)
_EVERY = Matcher("C? (?:của)? @", MACROS)
_BACK = Matcher("(?:trước|<BY>(?:là|vào)*|hết|quá) (?:ngày)?$", MACROS)


class Window(NamedTuple):
    """A stretch with a last day; its beginning may be unknown."""

    start: Value | None
    end: Value
    until: str = ""
    start_clock: Value | None = None
    end_clock: Value | None = None
    data: bool = False
    from_issue: bool = False
    start_part: str = ""

    def solve(self, case: Case) -> Finding:
        """Work it out."""
        if self.data:
            case.warn("not_a_deadline", what="kỳ số liệu", what_en="a data period")
            return Finding(Kind.WINDOW, None, "data-period", "kỳ chốt số liệu")
        start_value, end_value = self._aligned(case)
        last = self._last(case, end_value)
        first = self._first(case, start_value, last)
        start = midnight(first) if first else None
        if first and isinstance(self.start_clock, Clock):
            start = case.at(first, self.start_clock)
        if isinstance(self.end_clock, Clock):
            due = case.at(last, self.end_clock)
            finding = Finding(Kind.WINDOW, due, "window", f"{LAW} Đ.147-148", start=start)
        else:
            due, named = case.settle([("end_of_day", last)], case.settings.calendar_phrases)
            finding = Finding(
                Kind.WINDOW, due, "window", f"{LAW} Đ.148 k.6", readings=named, start=start
            )
        if start is not None and (start >= due or (first and first > last)):
            raise case.refuse("reversed_window")
        return finding

    def _aligned(self, case: Case) -> tuple[Value | None, Value]:
        """Let an end without month or year take those of the other end."""
        start, end = self.start, self.end
        for value in (start, end, self.start_clock, self.end_clock):
            if value is not None:
                case.check(value)
        if isinstance(start, MonthDay):
            if not isinstance(end, Day) or end.month is None:
                raise case.refuse("no_month")
            start = end._replace(day=start.day)
        if isinstance(end, MonthDay):
            raise case.refuse("no_month")
        if isinstance(start, Day) and isinstance(end, Day):
            if end.year is None and end.shift_year is None and start.year and end.month:
                earlier = (end.month, end.day) < (start.month or 0, start.day)
                end = end._replace(year=start.year + earlier)
            elif start.year is None and start.shift_year is None and end.year and start.month:
                later = (start.month, start.day) > (end.month or 13, end.day)
                start = start._replace(year=end.year - later)
        if isinstance(start, Months) and isinstance(end, Months):
            if start.year is None and start.shift is None and end.year:
                start = start._replace(year=end.year - (start.first > end.first))
            elif end.year is None and end.shift is None and start.year:
                end = end._replace(year=start.year + (end.last < start.last))
        return start, end

    def _last(self, case: Case, end: Value) -> date:
        one = timedelta(days=1)
        if isinstance(end, Day | Today):
            day = case.day(end)
            return day - one if self.until == "truoc" else day
        if isinstance(end, Week):
            monday = case.week(end)
            return monday - one if self.until == "truoc" else monday + 6 * one
        if not isinstance(end, Months):
            raise case.refuse("not_understood")
        first, last = case.months(end)
        if self.until == "truoc":
            return first - one
        if self.until == "dau":
            case.warn("ambiguous_word", word="đầu")
            return first
        if self.until == "giua":
            case.warn("ambiguous_word", word="giữa")
            if end.length not in {1, 12}:
                raise case.refuse("not_understood")
            return first.replace(day=15) if end.length == 1 else date(first.year, 6, 30)
        if not self.until:
            case.warn("ambiguous_word", word="đến")
        return last

    def _first(self, case: Case, start: Value | None, last: date) -> date | None:
        if start is None:
            known = self.from_issue and case.issued is not None and case.issued <= last
            return case.issued if known else None
        if isinstance(start, Day) and start.year is None and start.shift_year is None:
            later = (start.month or 1, start.day) > (last.month, last.day)
            start = start._replace(year=last.year - later)
        if isinstance(start, Day | Today):
            return case.day(start, quiet=True)
        if isinstance(start, Week):
            return case.week(start)
        if isinstance(start, Months):
            first, end = case.months(start)
            return end if self.start_part == "cuoi" else first
        raise case.refuse("not_understood")


def find(line: Line, codes: str) -> list[Candidate]:
    """Return the windows of *line*."""
    found: list[Candidate] = []
    for source in (_FROM, _PLAIN, _HOURS):
        for match in source.all(codes):
            if source is not _FROM and _BACK.first(codes[: match.start()]):
                continue
            if codes[match.end() - 1] == "T" and _EVERY.opens(codes[match.end() :]):
                continue  # "từ ngày 20 đến ngày 25 hằng tháng" comes back
            found.append(_read(line, codes, match))
            codes = codes[: match.start()] + "~" * len(match[0]) + codes[match.end() :]
    return found


def _read(line: Line, codes: str, match: re.Match[str]) -> Candidate:
    groups = match.groupdict()

    def value(name: str) -> Value | None:
        place = match.start(name) if groups.get(name) is not None else -1
        return line.values.get(place)

    def word(name: str) -> str:
        return fold(line.words(*match.span(name))[0]) if groups.get(name) else ""

    end = value("b")
    if end is None:
        length = {"thang": 1, "quy": 3, "nam": 12}[word("b")]
        end = Months(1, length, None, shift=0)
    leave = word("leave")
    periodic = groups.get("of") is not None and isinstance(end, MonthDay)
    window = Window(
        start=value("a") if groups.get("a") else (end if "leave" not in groups else None),
        end=end,
        until=word("until"),
        start_clock=value("aclock"),
        end_clock=value("bclock"),
        data=periodic or groups.get("data") is not None,
        from_issue=leave == "nay" or (word("leave") == "ngay" and _signed(line, match)),
        start_part=word("apart"),
    )
    weight = Weight.ASIDE if window.data else Weight.FIRM
    return Candidate(match.start(), match.end(), weight, window)


def _signed(line: Line, match: re.Match[str]) -> bool:
    words = [fold(word) for word in line.words(*match.span("leave"))]
    return bool({"ky", "hanh"} & set(words[:3]))


__all__ = ["Stretch", "Window", "end_of", "find"]
