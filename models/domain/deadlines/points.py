"""Family A: a day that is named, with or without an hour."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from models.domain.deadlines.atoms import Line
from models.domain.deadlines.candidate import LAW, Candidate, Finding, Weight, refused
from models.domain.deadlines.case import Case, end_of, midnight, show, weekday_name
from models.domain.deadlines.lexicon import fold
from models.domain.deadlines.markers import MACROS, hours_mark, is_due_label, mark_of
from models.domain.deadlines.matcher import Matcher
from models.domain.deadlines.moments import Clock, Day, Flaw, Today, Value, Week, Weekday
from models.domain.deadlines.result import Kind
from models.domain.deadlines.settings import BeforeDate

_ONE = timedelta(days=1)

_MACROS = MACROS | {
    "WHEN": """(?P<clock>[OG](?!kể|tính|từ|sau|trước))? C? (?:của|trong|vào)? ngày?
        (?P<pod>(?:đầu|cuối|hết)? (?:giờ (?:làm việc|hành chính)? <POD>? |buổi? <POD>)
            (?:của)? ngày?|cuối ngày?)?
        (?:(?P<wd>V) [CL]? (?:của)? ngày? )?
        (?:(?P<day>A) (?:(?<=LA)R|(?<=LngàyA)R)?|(?<=V)(?:trong)?(?P<week>W))
        (?:[LC]? (?P<wd2>V) R?)? <LATE>""",
    "NOTE": "[LCSHJ=*]? (?P<note>(?:không)? (?:kể|kê|bao gồm|tính|gồm) cả?"
    "(?:ngày|ngay)? (?:A|này|đó|cuối)* R?)",
}
_POINT = Matcher("<MARKS> (?:ngày)? <WHEN> (?:<NOTE>)?", _MACROS)
_WHOLE = Matcher("^[*PH]* (?:(?P<label>[^A-Z@]{0,8}) K)? (?:ngày)? <WHEN> [*PEMCR]*$", _MACROS)
_NAMED_LAST = Matcher(
    "(?:(?P<wd>V)C?)? (?P<day>A) (?:là|K|L) (?:ngày|thời)* hạn <GAP> (?:chót|cuối)", _MACROS
)
_LUNAR = Matcher("[LC]? (?:tết)? âm|[LC]? al", MACROS)
_OTHER_DATE = Matcher(
    "R? C? (?:(?P<or>hoặc|hay)|(?P<to>H|đến|tới)|(?P<and>và)) (?:hết|trước|ngày)* [AT]", MACROS
)
_LISTED = Matcher("C (?:ngày)? [AT] (?:[PE]|$)", MACROS)
_ONWARD = Matcher("trở (?:về trước|lên)", MACROS)
_HAPPENED = Matcher("(?:sinh|nạp|ra|thành lập|đã <GAP>)$", MACROS)
_MORE_NUMBERS = Matcher("(?:C|và)+ ngày? D (?:[SPH]D|C D|và D|@|$)", MACROS)
_TORN = Matcher(  # digits that no number took
    "(?P<number>(?:<TO>|lúc|vòng)+ D [DGOU]|D D (?:ngày|tuần|giờ))|(?:<TO>)+ ngày? D [SPHAD=]"
    "|(?:<TO>)+ ngày [NQ]|(?:<TO>)+ ngày? = [DA]"
    "|(?:từ|O|G) ngày (?:D [SPHKJ=*AD]|[NQ])|ngày O S|ngày D D|(?:từ|lúc|<TO>) [OG] D(?!ngày)"
    "|(?:từ|O|G|<TO>) ngày? (?P<flaw>A) (?=D(?!<UNIT>))",
    MACROS
    | {
        "TO": "(?:trước|nhất|là|đến|tới|hết|quá|hạn|trong|vào)",
        "UNIT": "(?:ngày|tuần|tháng|quý|năm|giờ)",
    },
)
_FRACTION = Matcher("(?:x|chỉ|kế hoạch|nhiệm|nội|công|việc)", MACROS)
_STAYS = Matcher(
    "[^A-Z@]{0,4} (?:tiếp tục|vẫn|được|còn) [^A-Z@]{0,2} (?:hiệu lực|áp dụng|thi hành)", MACROS
)
_FORBIDDEN = Matcher(
    "(?:không|chưa) (?:được|nên|thể|phải) [^A-Z@]{0,5}$|(?:cấm|đừng) [^A-Z@]{0,5}$", MACROS
)
_HOURLESS = Matcher(
    "(?P<lead>trước|<BY>(?:là|vào|lúc)*|đến|hết) [OG](?!kể|tính|từ|sau|trước|ngày|@)", MACROS
)
_HOUR_ASIDE = Matcher(
    "(?:trước|đến) [OG](?!kể|tính|từ|sau|trước|ngày|@)|<BY>(?:là|vào|lúc)* O", MACROS
)
_APPROXIMATE = re.compile(r"\b(?:khoảng|khoang|dự kiến|du kien|tầm|chừng)\b")


class Point(NamedTuple):
    """A named day and how it binds."""

    mark: str
    day: Value
    clock: Value | None = None
    clock_after: bool = False
    weekday: Value | None = None
    week: Value | None = None
    part: str = ""
    note: str = ""
    approximate: str = ""
    word: str = ""

    def solve(self, case: Case) -> Finding:
        """Work it out."""
        day = self._day(case)
        if self.approximate:
            case.warn("approximate", word=self.approximate)
        clock = self.clock
        if clock is not None:
            case.check(clock)
        if self.mark in {"from", "after", "at", "cut"}:
            return self._aside(case, day, clock if isinstance(clock, Clock) else None)
        self._check_part(case)
        if isinstance(clock, Clock):
            return self._hour(case, day, clock)
        if self.mark == "before":
            return self._before(case, day)
        if self.mark == "to":
            case.warn("ambiguous_word", word=self.word)
            return self._until(case, day, [("end_of_day", day), ("before_day", day - _ONE)])
        if self.mark in {"", "done", "due"}:
            case.warn("bare_date")
        return self._until(case, day, [("end_of_day", day)])

    def _day(self, case: Case) -> date:
        if self.week is not None and isinstance(self.weekday, Weekday):
            case.check(self.week)
            assert isinstance(self.week, Week)
            return case.week(self.week) + self.weekday.number * _ONE
        case.check(self.day)
        if self.weekday is not None:
            case.check(self.weekday)
        if not isinstance(self.day, Day | Today):
            raise case.refuse("not_understood")
        day = case.day(self.day)
        if isinstance(self.weekday, Weekday) and day.weekday() != self.weekday.number:
            raise case.refuse(
                "weekday_mismatch", date=show(day), weekday=weekday_name(day.weekday())
            )
        return day

    def _check_part(self, case: Case) -> None:
        if not self.part or self.clock is not None:
            return
        words = self.part.split()
        if "gio" in words:
            raise case.refuse("office_hours")
        if set(words) <= {"cuoi", "ngay"}:
            return
        if self.mark == "before" or not {"chieu", "toi", "dem"} & set(words):
            raise case.refuse("part_of_day")
        case.warn("part_of_day", word=self.part)

    def _aside(self, case: Case, day: date, clock: Clock | None) -> Finding:
        what, what_en, kind, rule = {
            "from": ("mốc bắt đầu", "a start", Kind.OPEN_END, "start"),
            "after": ("mốc bắt đầu", "a start", Kind.OPEN_END, "start-after"),
            "at": ("thời điểm diễn ra", "the time of an event", Kind.WINDOW, "event-time"),
            "cut": ("mốc chốt số liệu", "a data cut-off", Kind.WINDOW, "data-cut-off"),
        }[self.mark]
        case.warn("not_a_deadline", what=what, what_en=what_en)
        start = end_of(day) if self.mark == "after" else midnight(day)
        if clock is not None:
            start = case.at(day, clock)
        readings = (("as_deadline", end_of(day)),) if self.mark == "at" else ()
        return Finding(
            kind, None, rule, "nghĩa của từ", readings=readings,
            start=None if self.mark == "cut" else start,
        )  # fmt: skip

    def _hour(self, case: Case, day: date, clock: Clock) -> Finding:
        if self.clock_after:
            case.warn("hour_after_date")
        exclusive = self.mark == "before"
        if self.mark == "to":
            case.warn("ambiguous_word", word=self.word)
        if self.mark in {"", "done", "due"}:
            case.warn("bare_date")
        due = case.at(day, clock, inclusive=not exclusive)
        rule = "before-hour" if exclusive else "by-hour"
        return Finding(Kind.BOUND, due, rule, f"{LAW} Đ.147 (giờ nêu trong văn bản)")

    def _before(self, case: Case, day: date) -> Finding:
        options = [("strict", day - _ONE), ("inclusive", day)]
        inclusive = case.settings.before_date is BeforeDate.INCLUSIVE
        if self.note:
            options = options[:1] if self.note.startswith("khong") else options[1:]
        elif inclusive:
            options.reverse()
        due, readings = case.settle(options, case.settings.calendar_phrases)
        basis = f"cách đọc “trước ngày”: {options[0][0]}; {LAW} Đ.148 k.6"
        rule = "before" if options[0][0] == "strict" else "before-inclusive"
        return Finding(Kind.BOUND, due, rule, basis, readings=readings)

    def _until(self, case: Case, day: date, options: list[tuple[str, date]]) -> Finding:
        rule = {
            "within": "within-day", "until": "until", "through": "until", "to": "until",
            "by": "by", "due": "by", "done": "by", "": "by",
        }[self.mark]  # fmt: skip
        due, readings = case.settle(options, case.settings.calendar_phrases)
        return Finding(Kind.BOUND, due, rule, f"{LAW} Đ.148 k.6", readings=readings)


def find(line: Line, codes: str) -> list[Candidate]:
    """Return the named days of *line* that some word binds."""
    found: list[Candidate] = []
    for match in _POINT.all(codes):
        found.extend(_read(line, codes, match, mark_of(match)))
    for match in _NAMED_LAST.all(codes) if not found else ():
        value = line.values[match.start("day")]
        weekday = line.values[match.start("wd")] if match["wd"] else None
        form = Point("by", value, weekday=weekday)
        found.append(Candidate(match.start(), match.end(), Weight.FIRM, form))
    if not found and (whole := _WHOLE.first(codes)) and is_due_label(whole["label"]):
        found.extend(_read(line, codes, whole, ""))
    for each in found:
        codes = codes[: each.first] + "~" * (each.last - each.first) + codes[each.last :]
    hourless = _HOUR_ASIDE if found else _HOURLESS
    found.extend(refused(hour, "no_date_for_hour") for hour in hourless.all(codes))
    return found


def find_torn(line: Line, codes: str) -> list[Candidate]:
    """Return where a number is torn ("trước ngày 1 5/6"): what is left of it is no date."""
    found = []
    for torn in _TORN.all(codes):
        whole = torn["flaw"] is not None and not isinstance(line.values[torn.start("flaw")], Flaw)
        if not whole:
            found.append(refused(torn, "invalid_number" if torn["number"] else "not_understood"))
    return found


def _read(line: Line, codes: str, match: re.Match[str], mark: str) -> list[Candidate]:
    rest = codes[match.end() :]
    groups = match.groupdict()
    if _LUNAR.opens(rest):
        return [refused(match, "lunar")]
    if _MORE_NUMBERS.opens(rest):
        return [refused(match, "either_or")]
    if _ONWARD.opens(rest) or (mark == "before" and _STAYS.opens(rest)):
        return [refused(match, "past")]
    if groups.get("neg") is not None or mark == "least":
        return [refused(match, "not_before")]
    firm = Weight.ASIDE if mark in {"from", "after", "at", "cut"} else Weight.FIRM
    if mark in {"", "done"}:
        firm = Weight.LOOSE
    if mark in {"before", "after"} and _FORBIDDEN.first(codes[: match.start()]):
        return [refused(match, "not_before" if mark == "before" else "not_understood")]
    if (firm is Weight.FIRM or mark == "done") and _HAPPENED.first(codes[: match.start()]):
        return [refused(match, "past", Weight.ASIDE)]
    point = _point(line, codes, match, mark)
    if mark == "done" and _FRACTION.opens(rest) and len(line.words(*match.span("day"))) == 3:
        return []  # "hoàn thành 8/10 chỉ tiêu"
    if mark == "before" and groups.get("by2"):
        return [refused(match, "not_understood")]  # before that day, and by an hour of it
    if point.mark != mark:
        firm = Weight.FIRM
    other = _OTHER_DATE.opens(rest)
    if other and firm is not Weight.ASIDE:
        second = line.values.get(match.end() + other.end() - 1)
        if other["and"] is None or not isinstance(second, Day):
            return [refused(match, "either_or")]
        return _two(match, point, second, firm, match.end() + other.end())
    if firm is not Weight.ASIDE and _LISTED.opens(rest):
        return [refused(match, "either_or")]
    return [Candidate(match.start(), match.end(), firm, point)]


def _two(
    match: re.Match[str], point: Point, second: Day, weight: Weight, end: int
) -> list[Candidate]:
    """ "trước ngày 15/6 và 15/12/2023": two bounds; the first takes the year of the second."""
    first = point.day
    if isinstance(first, Day) and first.year is None and first.shift_year is None:
        first = first._replace(year=second.year, shift_year=second.shift_year)
    return [
        Candidate(match.start(), match.end(), weight, point._replace(day=first)),
        Candidate(match.end(), end, weight, point._replace(day=second)),
    ]


def _point(line: Line, codes: str, match: re.Match[str], mark: str) -> Point:
    groups = match.groupdict()

    def value(name: str) -> Value | None:
        place = match.start(name)
        return line.values[place] if place >= 0 else None

    clock = value("clock") or value("clock2")
    pod = match.span("pod")
    note = match.span("note") if "note" in match.re.groupindex else (-1, -1)
    near = " ".join(line.words(max(0, match.start() - 2), match.end()))
    vague = _APPROXIMATE.search(near)
    mark = hours_mark(match, mark)
    return Point(
        mark=mark,
        day=value("day") or Flaw("not_understood"),
        clock=clock,
        clock_after=value("clock") is None and clock is not None,
        weekday=value("wd") or value("wd2"),
        week=value("week"),
        part=" ".join(map(fold, line.words(*pod))) if pod[0] >= 0 else "",
        note=" ".join(map(fold, line.words(*note))).lstrip("(, ") if note[0] >= 0 else "",
        approximate=vague[0] if vague else "",
        word=" ".join(line.words(*match.span(mark))) if groups.get(mark) else "",
    )
