"""Family D: duties that come back every week, month, quarter or year."""

import re

from models.domain.deadlines.atoms import Line
from models.domain.deadlines.candidate import Candidate, Form, Weight, refused
from models.domain.deadlines.lexicon import fold
from models.domain.deadlines.markers import MACROS, hours_mark, mark_of
from models.domain.deadlines.matcher import Matcher
from models.domain.deadlines.moments import (
    Day,
    Every,
    Flaw,
    MonthDay,
    Months,
    Value,
    Weekday,
)
from models.domain.deadlines.points import Point
from models.domain.deadlines.recurrence import (
    FIRST_WORKING,
    LAST,
    LAST_WORKING,
    NoDay,
    Recurring,
    Review,
)

_MACROS = MACROS | {
    "TERM": "(?:kỳ (?:báo cáo)?|quý|năm|nửa năm|nhiệm kỳ)",
    "NEXT": "(?:sau|tiếp theo|(?:kế|kê) tiếp|(?:liền|liên) (?:kề|sau)|kế)",
    "POS": "tháng (?P<pos>cuối|đầu|giữa|thứ (?:D|<U9>)) (?:cùng|tiên)? (?:của|trong)? (?:mỗi|từng)?"
    "(?P<of>@|Z|<TERM>(?!<ROMAN>|[SKJDNQ*=])) (?:<NEXT>)?",
    "EACH": "(?:(?P<each>@)|<POS>|(?P<month>(?:mỗi)? tháng"
    "(?:báo cáo|đó|<NEXT>|(?=[PECMR]|$|x(?!x?(?:Y|năm|nam|[SHDNQ*=]))|đối|hoặc|và|gửi|về|để))))",
    "DAY": "(?:(?P<day>T)|(?P<edge>ngày làm việc (?:cuối|đầu) (?:cùng|tiên)?"
    "|ngày (?:cuối cùng?|đầu tiên)"
    "|cuối|đầu|giữa|hết))",
    "CLK": "(?P<clock>[OG](?!kể|tính|từ|sau))? C? (?:của)?",
}
_MONTHLY = Matcher(
    "(?:<MARKS>)? <CLK> <DAY> (?:L[^R]*R)? C? (?:của|trong|vào)? (?:<EACH>)? <LATE>", _MACROS
)
_SPREAD_DAYS = Matcher(
    "từ? (?P<a>T) (?:đến|tới|H) hết? (?P<day>T|ngày?D) C? (?:của)? (?P<each>@)", _MACROS
)
_YEARLY = Matcher(
    "(?:<MARKS>)? <CLK> (?P<list>[AB] (?:(?:L[^R]*R)? (?:C|M|và|H|C và)"
    "(?:<BY>|trước|vào|là|trong|ngày)*"
    "[AB])*) (?:L[^R]*R)? C? (?:của)? (?P<each>@|(?:năm|nam) (?:(?:báo|bao) cáo|kế hoạch|<NEXT>)"
    "|(?=L? (?:hằng|mỗi) năm))? <LATE>",
    _MACROS,
)
_PERIODS = Matcher(
    "<MARKS>? (?P<edge>cuối|đầu|giữa|hết)? (?P<period>[BZFY]) C? (?P<each>@)", _MACROS
)
_POSITION = Matcher("<MARKS> <POS>", _MACROS)
_WEEKLY = Matcher(
    "(?:<MARKS>)? <CLK> (?P<pod>(?:cuối|đầu)? (?:giờ|buổi)? <POD>)? (?:các|mỗi|ngày)*"
    "(?P<wd>V (?:(?:C|và|hoặc) (?:ngày)? V)*)"
    "(?P<pod2>(?:buổi)? <POD>)? C? (?:của|trong)? (?P<each>@)? <LATE>",
    _MACROS,
)
_DAILY = Matcher("(?:<MARKS>)? <CLK> (?P<each>@)", _MACROS)
_MORE_NUMBERS = Matcher(
    "(?:L[^R]*R)? (?:C|và|M)+ (?:[TO]|(?:ngày|ngay)? (?:D (?:[SPHKJ=*]?D|C D|và D|@|$)|[NQ]@))",
    MACROS,
)
_FEWER_NUMBERS = Matcher("(?:[DN](?:C|và|M)*|[QOG](?:C|và|M)+) ngày?$", MACROS)
_EACH_DAY = Matcher("<MARKS> (?P<clock>[OG]) (?!kể|tính|từ|sau|trước|ngày|[ATV])", _MACROS)
_BARE = Matcher("(?:(?:chế độ)? (?:báo cáo)? định kỳ)? C? @", _MACROS)
_LOOSE = Matcher("định kỳ|(?P<review>sơ kết|tổng kết) (?P<count>U)?", _MACROS)
_NOT_PERIODIC = Matcher("(?:không|chưa)$", _MACROS)


def find(line: Line, codes: str) -> list[Candidate]:
    """Return the recurring duties of *line*."""
    every = _every(line, codes)
    found: list[Candidate] = []

    def take(match: re.Match[str], candidate: Candidate | None) -> None:
        nonlocal codes
        if candidate is not None:
            if match.groupdict().get("by2") and mark_of(match) == "before":
                candidate = refused(
                    match, "not_understood"
                )  # before that day, and by an hour of it
            found.append(candidate)
            codes = codes[: match.start()] + "~" * len(match[0]) + codes[match.end() :]

    if "V" in codes:
        for match in _WEEKLY.all(codes):
            take(match, _weekly(line, match, every))
    for match in _SPREAD_DAYS.all(codes):
        take(match, _spread(line, match))
    if "T" in codes or "@" in codes or "X" not in codes:
        for match in _MONTHLY.all(codes):
            take(match, _monthly(line, match, every))
    for match in _POSITION.all(codes):
        take(match, _position(line, match, every))
    for match in _YEARLY.all(codes):
        take(match, _yearly(line, match, every))
    if "@" in codes:
        for match in _PERIODS.all(codes):
            take(match, _periods(line, match))
        for match in _DAILY.all(codes):
            take(match, _daily(line, match))
        if Every("day") in every:
            for match in _EACH_DAY.all(codes):
                take(match, _hour_of_day(line, match))
    return found


def find_bare(line: Line, codes: str) -> list[Candidate]:
    """Return what recurs without a day."""
    found = []
    for match in _BARE.all(codes):
        value = line.values[match.end() - 1]
        unit = value.unit if isinstance(value, Every) else ""
        form: Form
        if unit == "day" and isinstance(value, Every) and value.number == 1:
            form = Recurring("", daily=True)
        else:
            number = value.number if isinstance(value, Every) else 1
            form = NoDay("" if unit == "period" else unit, number)
        found.append(Candidate(match.start(), match.end(), Weight.LOOSE, form))
    if not found:
        for match in _LOOSE.all(codes):
            if not _NOT_PERIODIC.first(codes[: match.start()]):
                form = Review() if match["review"] else NoDay()
                found.append(Candidate(match.start(), match.end(), Weight.LOOSE, form))
    return found


def _every(line: Line, codes: str) -> tuple[Every, ...]:
    return tuple(
        value for place, value in line.values.items()
        if isinstance(value, Every) and codes[place] == "@"
    )  # fmt: skip


def _months_of(every: Every) -> tuple[int, ...] | None:
    """Return the last months of its periods within a year, ``None`` if they do not fit one."""
    size = {"month": 1, "quarter": 3, "year": 12}.get(every.unit, 0) * every.number
    if not size or 12 % size:
        return None
    return tuple(range(size, 13, size))


def _clock_of(line: Line, match: re.Match[str]) -> Value | None:
    late = match.groupdict().get("clock2") is not None and not match["clock"]
    name = "clock2" if late else "clock"
    return line.values.get(match.start(name)) if match[name] else None


def _checked_mark(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    mark = mark_of(match) if groups.get("neg") is None else "neg"
    if "clock2" in groups:
        mark = hours_mark(match, mark)
    return None if mark in {"cut", "from", "after"} else mark


def _monthly(line: Line, match: re.Match[str], every: tuple[Every, ...]) -> Candidate | None:
    mark = _checked_mark(match)
    if mark is None:
        return None
    if match["day"] and not match["each"] and _MORE_NUMBERS.opens(line.codes[match.end("day") :]):
        return refused(match, "either_or")
    day, ambiguous = _day_of(line, match)
    if isinstance(day, Flaw):
        return refused(match, day.code)
    if match["of"] == "Z" and match["day"]:
        return _in_quarter(line, match, every, day, mark)
    months = _months_named(line, match, every)
    if months is None:
        if match["day"] and mark and not match["each"]:
            return refused(match, "no_month")
        return None
    if mark == "neg":
        return refused(match, "not_before")
    if isinstance(months, str):
        return _unknown(match, months)
    clock = _clock_of(line, match)
    recurring = Recurring(mark, months, day, clock=clock, ambiguous=ambiguous)
    return Candidate(match.start(), match.end(), Weight.FIRM, recurring)


def _in_quarter(
    line: Line, match: re.Match[str], every: tuple[Every, ...], day: Value | int, mark: str
) -> Candidate:
    """One day, "… quý IV/2023"; four a year, "… quý sau" of a duty that recurs."""
    quarter = line.values[match.start("of")]
    words = [fold(word) for word in line.words(*match.span("pos"))]
    place = {"dau": 1, "giua": 2, "cuoi": 3}.get(words[0]) or _ordinal(words[-1])
    if mark == "neg":
        return refused(match, "not_before")
    if not (isinstance(quarter, Months) and isinstance(day, MonthDay) and 1 <= place <= 3):
        return refused(match, "invalid_date")
    form: Form
    clock = _clock_of(line, match)
    if quarter.shift is None:
        month, year = quarter.first + place - 1, quarter.year
        named = Day(day.day, month, year, None, quarter.shift_year, quarter.short_year)
        form = Point(mark, named, clock)
    elif every:
        months = tuple(month + place for month in (0, 3, 6, 9))
        form = Recurring(mark, months, day, clock=clock)
    else:
        return refused(match, "vague")
    return Candidate(match.start(), match.end(), Weight.FIRM, form)


def _unknown(match: re.Match[str], unit: str) -> Candidate:
    return Candidate(match.start(), match.end(), Weight.FIRM, NoDay(unit))


def _day_of(line: Line, match: re.Match[str]) -> tuple[Value | int, str]:
    if match["day"]:
        return line.values[match.start("day")], ""
    words = [fold(word) for word in line.words(*match.span("edge"))]
    at_end = "cuoi" in words or "het" in words
    if "viec" in words:
        return (LAST_WORKING if at_end else FIRST_WORKING), ""
    if at_end:
        return LAST, ""
    return (15, "giữa") if "giua" in words else (1, "đầu")


def _months_named(
    line: Line, match: re.Match[str], every: tuple[Every, ...]
) -> tuple[int, ...] | str | None:
    """Return the months, the name of a period that says too little, or ``None``."""
    if match["each"]:
        value = line.values[match.start("each")]
        if not isinstance(value, Every):
            return None
        if match["edge"]:
            return _edge_months(line, match, value)
        if value.unit == "month" and value.number == 1:
            return tuple(range(1, 13))
        return None if match["day"] is None else (value.unit if value.unit != "day" else None)
    if match["of"]:
        return _positioned(line, match, every)
    if match["edge"]:
        return None
    if match["month"] or any(each == Every("month") for each in every):
        return tuple(range(1, 13))
    return None


def _edge_months(line: Line, match: re.Match[str], every: Every) -> tuple[int, ...] | None:
    months = _months_of(every)
    words = {fold(word) for word in line.words(*match.span("edge"))}
    if months is None or every.unit == "period":
        return None
    size = months[0]
    if "giua" in words:
        return months if size == 1 else None
    if words & {"dau", "tien"} and "cuoi" not in words:
        return tuple(month - size + 1 for month in months)
    return months


def _positioned(
    line: Line, match: re.Match[str], every: tuple[Every, ...]
) -> tuple[int, ...] | str | None:
    words = [fold(word) for word in line.words(*match.span("pos"))]
    of = [fold(word) for word in line.words(*match.span("of"))]
    value = line.values.get(match.start("of"))
    if isinstance(value, Months):
        return None
    if isinstance(value, Every):
        ends = _months_of(value)
    elif of[0] == "quy":
        ends = (3, 6, 9, 12)
    elif of[0] == "nam":
        ends = (12,)
    elif of[0] == "nua":
        ends = (6, 12)
    else:
        ends = next((months for each in every if (months := _months_of(each))), None)
        if ends is None:
            return ""
    if ends is None:
        return ""
    size = ends[0]
    if words[0] == "cuoi":
        return ends
    if words[0] == "dau":
        return tuple(month - size + 1 for month in ends)
    place = 2 if words[0] == "giua" else _ordinal(words[-1])
    return tuple(month - size + place for month in ends) if 1 <= place <= size else None


def _ordinal(word: str) -> int:
    names = {"nhat": 1, "mot": 1, "hai": 2, "ba": 3}
    return int(word) if word.isdecimal() else names.get(word, 0)


def _position(line: Line, match: re.Match[str], every: tuple[Every, ...]) -> Candidate | None:
    months = _positioned(line, match, every)
    mark = _checked_mark(match)
    if not months or isinstance(months, str) or mark not in {"within", "by", "until", "before"}:
        return None
    day = 1 if mark == "before" else LAST
    return Candidate(match.start(), match.end(), Weight.FIRM, Recurring(mark, months, day))


def _spread(line: Line, match: re.Match[str]) -> Candidate | None:
    every = line.values[match.start("each")]
    day = line.values.get(match.start("day"))
    if not isinstance(every, Every) or every != Every("month") or not isinstance(day, MonthDay):
        return None
    recurring = Recurring("until", tuple(range(1, 13)), day)
    return Candidate(match.start(), match.end(), Weight.FIRM, recurring)


def _yearly(line: Line, match: re.Match[str], every: tuple[Every, ...]) -> Candidate | None:
    start, end = match.span("list")
    days = [line.values[place] for place in range(start, end) if line.codes[place] in "AB"]
    mark = _checked_mark(match)
    if mark is None:
        return None
    rest, before = line.codes[match.end("list") :], line.codes[: match.start()]
    if _MORE_NUMBERS.opens(rest) or (not mark_of(match) and _FEWER_NUMBERS.first(before)):
        return refused(match, "either_or")
    yearly = match["each"] is not None
    if match["each"] == "@":
        value = line.values[match.start("each")]
        yearly = isinstance(value, Every) and value.unit == "year"
        if not yearly and isinstance(value, Every):
            return _next_month(match, days, (value,), mark, _clock_of(line, match))
    named = any(each.unit == "year" or each.number == 6 for each in every)
    dated = [day for day in days if not isinstance(day, Day | Months) or day.year is not None]
    if dated:
        if not yearly or match["each"] != "@":
            return None
        flaws = [day.code for day in dated if isinstance(day, Flaw)]
        return refused(match, flaws[0] if flaws else "not_understood")
    if not yearly and not (named and mark):
        return _next_month(match, days, every, mark, _clock_of(line, match))
    if mark == "neg":
        return refused(match, "not_before")
    recurring = Recurring(mark, dates=tuple(days), clock=_clock_of(line, match))
    return Candidate(match.start(), match.end(), Weight.FIRM, recurring)


def _next_month(
    match: re.Match[str],
    days: list[Value],
    every: tuple[Every, ...],
    mark: str,
    clock: Value | None,
) -> Candidate | None:
    """ "hằng tháng … trước ngày 05 tháng sau": the fifth of every month."""
    day = days[0]
    if len(days) > 1 or not isinstance(day, Day) or day.month is not None:
        return None
    if not any(each == Every("month") for each in every):
        return None
    if mark == "neg":
        return refused(match, "not_before")
    recurring = Recurring(mark, tuple(range(1, 13)), MonthDay(day.day), clock=clock)
    return Candidate(match.start(), match.end(), Weight.FIRM, recurring)


def _periods(line: Line, match: re.Match[str]) -> Candidate | None:
    value, every = line.values[match.start("period")], line.values[match.start("each")]
    mark = _checked_mark(match)
    if not isinstance(value, Months) or not isinstance(every, Every) or every.unit != "year":
        return None
    if value.year is not None or mark is None:
        return None
    words = [fold(word) for word in line.words(*match.span("edge"))] if match["edge"] else []
    recurring = Recurring(mark, dates=(value,))
    if mark != "before" and ("dau" in words or "giua" in words):
        if "giua" in words and value.length != 1:
            return None
        recurring = Recurring(mark, (value.first,), 15 if "giua" in words else 1)
    return Candidate(match.start(), match.end(), Weight.FIRM, recurring)


def _weekly(line: Line, match: re.Match[str], every: tuple[Every, ...]) -> Candidate | None:
    start, end = match.span("wd")
    days = [line.values[place] for place in range(start, end) if place in line.values]
    words = [fold(word) for word in line.words(match.start(), match.end())]
    each = line.values[match.start("each")] if match["each"] else None
    weekly = isinstance(each, Every) and each.unit == "week"
    weekly = weekly or (each is None and (Every("week") in every or "moi" in words))
    mark = _checked_mark(match)
    if not weekly or mark is None:
        return None
    if mark == "neg" or any(not isinstance(day, Weekday) for day in days):
        return refused(match, "not_before" if mark == "neg" else "invalid_date")
    part = match["pod"] or match["pod2"]
    clock = _clock_of(line, match)
    name = "pod" if match["pod"] else "pod2"
    said = " ".join(line.words(*match.span(name))) if part and clock is None else ""
    if said and (mark == "before" or {"sáng", "trưa", "sang", "trua"} & set(said.split())):
        return refused(match, "part_of_day")
    form = Recurring(mark, weekdays=tuple(days), clock=clock, part=said)
    return Candidate(match.start(), match.end(), Weight.FIRM, form)


def _daily(line: Line, match: re.Match[str]) -> Candidate | None:
    every = line.values[match.start("each")]
    mark = _checked_mark(match)
    if every != Every("day") or match["clock"] is None or mark is None:
        return None
    recurring = Recurring(mark, daily=True, clock=_clock_of(line, match))
    return Candidate(match.start(), match.end(), Weight.FIRM, recurring)


def _hour_of_day(line: Line, match: re.Match[str]) -> Candidate | None:
    """ "hằng ngày, … trước 16h30": the hour of a duty that is owed every day."""
    mark = _checked_mark(match)
    if mark is None or mark == "neg":
        return None
    recurring = Recurring(mark, daily=True, clock=_clock_of(line, match))
    return Candidate(match.start(), match.end(), Weight.FIRM, recurring)
