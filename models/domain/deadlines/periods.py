"""Family B: months, quarters, half-years, years, weeks, terms, and parts of them."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from models.domain.deadlines.atoms import Line
from models.domain.deadlines.candidate import LAW, Candidate, Finding, Weight, refused
from models.domain.deadlines.case import Case, end_of, last_of_month, midnight, show
from models.domain.deadlines.lexicon import fold
from models.domain.deadlines.markers import MACROS, is_due_label, mark_of
from models.domain.deadlines.matcher import Matcher
from models.domain.deadlines.moments import Count, Months, Stretch, Value, Week, Years
from models.domain.deadlines.result import Kind
from models.domain.deadlines.settings import BeforeDate

_ONE = timedelta(days=1)
_MACROS = MACROS | {
    "PART": """(?P<part>ngày làm việc (?:cuối|đầu) (?:cùng|tiên)?|ngày (?:cuối cùng?|đầu tiên)
        |thượng tuần|trung tuần|hạ tuần|tuần lễ? (?:đầu|cuối|giữa) (?:tiên|cùng)?
        |tuần (?:lễ)? thứ (?:D|<U9>)|nửa (?:đầu|cuối)|U (?:đầu|cuối) (?:tiên|cùng)?
        |cuối|đầu|giữa) (?:của|trong)?""",
    "SELF": "(?:tháng|quý|năm|tuần) (?!<BAD>)",
    "BAD": """(?:học|tài|ngân|kế|nhiệm|thứ|đầu|cuối|giữa|âm|nhuận|qua|trước|ngoái|vừa|gần|liên
        |liền|tiếp|sinh|đại|của|<U9>|mười|mươi|báo|cao|lễ|lần|ngày|tháng|nay|đó|ấy|rồi|từ|<BLANK>)""",
    "PERIOD": "(?:giai đoạn|thời kỳ)? (?P<period>[BZFYIWX]|<SELF>)",
}
_PERIOD = Matcher("<MARKS> (?:<PART>)? <PERIOD>", _MACROS)
_PART = Matcher("<PART> <PERIOD>", _MACROS)
_WHOLE = Matcher("^[*PH]* (?:(?P<label>[^A-Z@]{0,8}) K)? (?:<PART>)? <PERIOD> [*PEMCR]*$", _MACROS)
_TERM = Matcher(
    "(?:trong|hết|cuối|toàn|cả|trước khi (?:hết|kết thúc)|đến|tới)+ (?:cả|toàn)? nhiệm kỳ X?"
    "|^[*PH]* nhiệm kỳ X? [*PEMCR]*$",
    MACROS,
)
_OTHER = Matcher("C? (?:(?:hoặc|hay)|H|đến|tới) (?:hết|trước|cuối|đầu)* [BZFYA]", MACROS)
_STAGE = Matcher("(?:giai đoạn|thời kỳ|trong|hết|cuối)$", MACROS)
_AFTER_MONTH = Matcher("sau tháng$", MACROS)
_AGO = Matcher("(?:vừa)? qua|trước đây|trở về trước", MACROS)
_AROUND = {"thang": (1, "month"), "quy": (3, "quarter"), "nam": (12, "year")}
_TENTHS = {"thuong": 10, "trung": 20}
_TENTHS_BEFORE = {"thuong": 1, "trung": 11, "ha": 21}
"""Last days of the first two parts of a month; first days of all three."""


class Period(NamedTuple):
    """A calendar period, or part of one, and how it binds."""

    mark: str
    part: str
    period: Value
    word: str = ""
    amount: Value | None = None

    def solve(self, case: Case) -> Finding:
        """Work it out."""
        case.check(self.period)
        if isinstance(self.period, Week):
            return self._week(case, case.week(self.period))
        first, last = _limits(case, self.period)
        if self.mark in {"from", "after", "cut"}:
            return self._aside(case, first, last)
        if self.mark == "at":
            case.warn("ambiguous_word", word=self.word)
        if self.part.startswith("tuan"):
            return self._week(case, _week_of(self.part, first, last))
        if self.part:
            return self._part(case, self._end_of_part(case, first, last))
        if self.mark == "before":
            bound = [("end_of_previous", first - _ONE)]
            return _bound(case, bound, f"before-{_name(self.period)}")
        if self.mark in {"", "done", "due"}:
            case.warn("bare_date")
        options = [("end_of_period", last)]
        if self.mark == "to":
            case.warn("ambiguous_word", word=self.word)
            options.append(("start_of_period", first - _ONE))
        if isinstance(self.period, Stretch | Years) and self.mark in {"within", ""}:
            return _bound(case, options, "window", midnight(first))
        return _bound(case, options, f"within-{_name(self.period)}")

    def _aside(self, case: Case, first: date, last: date) -> Finding:
        if self.mark == "cut":
            case.warn("not_a_deadline", what="mốc chốt số liệu", what_en="a data cut-off")
            return Finding(Kind.WINDOW, None, "data-cut-off", "nghĩa của từ")
        case.warn("not_a_deadline", what="mốc bắt đầu", what_en="a start")
        start = midnight(first) if self.mark == "from" else end_of(last)
        return Finding(Kind.OPEN_END, None, "start", "nghĩa của từ", start=start)

    def _week(self, case: Case, monday: date) -> Finding:
        if self.part == "giua" or (self.part == "dau" and self.mark != "before"):
            raise case.refuse("vague")
        if self.mark == "before":
            if self.part == "cuoi":
                raise case.refuse("vague")
            return _bound(case, [("end_of_previous", monday - _ONE)], "before-week")
        case.warn("ambiguous_word", word="tuần")
        options = [("sunday", monday + 6 * _ONE), ("friday", monday + 4 * _ONE)]
        readings = tuple((name, end_of(day)) for name, day in options)
        basis = "tuần ISO (thứ Hai – Chủ nhật)"
        return Finding(Kind.BOUND, readings[0][1], "within-week", basis, readings=readings)

    def _end_of_part(self, case: Case, first: date, last: date) -> date:
        """Return the day that the part names (Civil Code 2015, Article 146)."""
        words = self.part.split()
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        at_end = "cuoi" in words
        if words[:3] == ["ngay", "lam", "viec"]:
            if at_end:
                return case.calendar.shift(last + _ONE, -1)
            return case.calendar.shift(first - _ONE, 1)
        if isinstance(self.amount, Count):
            return self._counted_part(case, self.amount, first, last, at_end)
        if words[-1] == "tuan":
            if months != 1:
                raise case.refuse("not_understood")
            return first.replace(day=_TENTHS[words[0]]) if words[0] in _TENTHS else last
        if words[0] == "nua" and not at_end:
            return _middle(case, first, months)
        if at_end:
            return last
        if "dau" in words:
            return first
        return _middle(case, first, months)

    def _counted_part(
        self, case: Case, count: Count, first: date, last: date, at_end: bool
    ) -> date:
        if at_end:
            return last
        if count.working:
            return case.calendar.shift(first - _ONE, count.number)
        if count.unit == "month" and first.month + count.number - 1 <= last.month:
            return last_of_month(first.year, first.month + count.number - 1)
        days = {"day": 1, "week": 7}.get(count.unit, 0) * count.number
        end = first + (days - 1) * _ONE
        if not days or end > last:
            raise case.refuse("not_understood")
        return end

    def _part(self, case: Case, day: date) -> Finding:
        words = self.part.split()
        plain = words == ["cuoi"] or words[0] in {"nua", "thuong", "ha"} or words[-1] != words[0]
        if words[-1] == "tuan" or not plain:
            case.warn("ambiguous_word", word=" ".join((self.part, _name(self.period))))
        if self.mark in {"", "done", "due"} and plain:
            case.warn("bare_date")
        options = [("end_of_day", day)]
        if self.mark == "before":
            case.warn("ambiguous_word", word=self.word)
            if words[-1] == "tuan" and words[0] in _TENTHS_BEFORE:
                start = day.replace(day=_TENTHS_BEFORE[words[0]])
                return _bound(
                    case, [("end_of_previous", start - _ONE)], "part-of-period",
                    basis=f"{LAW} Đ.148 k.6",
                )  # fmt: skip
            options = [("strict", day - _ONE), ("inclusive", day)]
            if case.settings.before_date is BeforeDate.INCLUSIVE:
                options.reverse()
        return _bound(case, options, "part-of-period", basis=f"{LAW} Đ.146 k.2-3")


class Term(NamedTuple):
    """The term of office (nhiệm kỳ); its end is a setting."""

    years: Value | None = None

    def solve(self, case: Case) -> Finding:
        """Work it out."""
        if self.years is not None:
            case.check(self.years)
        end = case.settings.term_end
        if end is None:
            case.warn("term_end_not_set")
            return Finding(Kind.OPEN_END, None, "term", "cần người ấn định ngày hết nhiệm kỳ")
        if isinstance(self.years, Years) and self.years.last != end.year:
            case.warn("term_differs", year=self.years.last, date=show(end))
        return _bound(case, [("term_end", end)], "term", basis="ngày hết nhiệm kỳ đã ấn định")


def _bound(
    case: Case,
    options: list[tuple[str, date]],
    rule: str,
    start: object = None,
    basis: str = f"{LAW} Đ.148 k.6",
) -> Finding:
    due, readings = case.settle(options, case.settings.calendar_phrases)
    kind = Kind.WINDOW if start is not None else Kind.BOUND
    begin = midnight(start) if isinstance(start, date) else None
    return Finding(kind, due, rule, basis, readings=readings, start=begin)


def _middle(case: Case, first: date, months: int) -> date:
    if months == 1:
        return first.replace(day=15)
    if months == 12:
        return date(first.year, 6, 30)
    raise case.refuse("not_understood")


def _limits(case: Case, value: Value) -> tuple[date, date]:
    if isinstance(value, Months):
        return case.months(value)
    if isinstance(value, Years):
        return date(value.first, 1, 1), date(value.last, 12, 31)
    if isinstance(value, Stretch):
        if value.listed:
            raise case.refuse("either_or")
        if isinstance(value.first, Months) and isinstance(value.last, Months):
            return case.months(value.first)[0], case.months(value.last)[1]
        if not isinstance(value.first, Months) and not isinstance(value.last, Months):
            return case.day(value.first), case.day(value.last)
    raise case.refuse("not_understood")


def _name(value: Value) -> str:
    if isinstance(value, Months):
        return {1: "month", 3: "quarter", 6: "half-year", 12: "year"}.get(value.length, "months")
    return "period"


def _week_of(part: str, first: date, last: date) -> date:
    words = part.split()
    if "cuoi" in words:
        day = last
    elif "thu" in words:
        names = {"hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "nhat": 1, "mot": 1}
        number = int(words[-1]) if words[-1].isdecimal() else names.get(words[-1], 1)
        day = first + 7 * (number - 1) * _ONE
    else:
        day = first if "dau" in words else first + 14 * _ONE
    return day - day.weekday() * _ONE


def find(line: Line, codes: str) -> list[Candidate]:
    """Return the calendar periods of *line* that some word binds."""
    found: list[Candidate] = []
    for match in _TERM.all(codes):
        place = codes.find("X", match.start(), match.end())
        years = line.values[place] if place >= 0 else None
        found.append(Candidate(match.start(), match.end(), Weight.FIRM, Term(years)))
        codes = codes[: match.start()] + "~" * len(match[0]) + codes[match.end() :]
    for match in _PERIOD.all(codes):
        if candidate := _read(line, codes, match, mark_of(match)):
            found.append(candidate)
            codes = codes[: match.start()] + "~" * len(match[0]) + codes[match.end() :]
    for match in _PART.all(codes):
        if codes[match.start() - 1 : match.start()] == "V":
            found.append(refused(match, "vague"))  # "thứ Hai đầu tháng"
        elif _AFTER_MONTH.first(codes[: match.start()]):
            found.append(refused(match, "vague"))  # "sau tháng đầu năm": six, or after it?
        elif candidate := _read(line, codes, match, ""):
            found.append(candidate)
    if not found and (whole := _WHOLE.first(codes)) and is_due_label(whole["label"]):
        read = _read(line, codes, whole, "")
        found.extend([read] if read else [])
    return found


def _read(line: Line, codes: str, match: re.Match[str], mark: str) -> Candidate | None:
    part = " ".join(map(fold, line.words(*match.span("part")))) if match["part"] else ""
    part = part.removesuffix(" cua").removesuffix(" trong")
    place = match.start("period")
    period = line.values.get(place)
    rest = codes[match.end() :]
    if _AGO.opens(rest):
        return None
    if period is None:
        period = _around(fold(line.words(place, place + 1)[0]))
        if not part and mark not in {"within", "until", "by"}:
            return None
    if isinstance(period, Stretch) and not isinstance(period.first, Months):
        # "trước ngày 20-25/10/2023" has two ends; only "trong", "từ" and "vào" make it one stretch
        if mark not in {"within", "from", "", "at"}:
            return refused(match, "either_or")
        mark = "within" if mark == "from" else mark
    if isinstance(period, Years) and mark != "from" and not _STAGE.first(codes[:place]):
        return None
    if match.groupdict().get("neg") is not None or mark == "least":
        return refused(match, "not_before")
    if _OTHER.opens(rest) and mark not in {"from", "after", "cut"}:
        return refused(match, "either_or")
    if isinstance(period, Stretch | Years) and mark == "from":
        mark = "within"
    weight = Weight.FIRM
    if mark in {"from", "after", "cut"}:
        weight = Weight.ASIDE
    elif mark in {"", "done", "at"}:
        weight = Weight.LOOSE
    count = line.values.get(match.start("part")) if match["part"] else None
    word = " ".join(line.words(*match.span(mark))) if mark else ""
    form = Period(mark, part, period, word, count)
    return Candidate(match.start(), match.end(), weight, form)


def _around(unit: str) -> Value:
    if unit == "tuan":
        return Week(0)
    length, _ = _AROUND[unit]
    return Months(1, length, None, shift=0)
