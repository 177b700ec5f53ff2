"""What the matches of the first pass are worth: dates, months, counts, hours, or a flaw."""

import re
from collections.abc import Callable

from models.domain.deadlines.case import longest
from models.domain.deadlines.lexicon import fold
from models.domain.deadlines.moments import (
    FIRST_YEAR,
    LAST_YEAR,
    Clock,
    Count,
    Day,
    Every,
    Flaw,
    MonthDay,
    Months,
    Stretch,
    Today,
    Value,
    Week,
    Weekday,
    Years,
)
from models.domain.deadlines.numerals import number, ordinal_quarter
from models.domain.deadlines.text import Text

_RELATIVE = {"nay": 0, "sau": 1, "toi": 1}
_UNITS = {"ngay": "day", "tuan": "week", "thang": "month", "quy": "quarter", "nam": "year",
          "gio": "hour", "phut": "minute", "ky": "period"}  # fmt: skip
_WEEKDAYS = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5}


class Found:
    """One match of the first pass, with its tokens."""

    def __init__(self, text: Text, match: re.Match[str]) -> None:
        self.text = text
        self.match = match
        self.words = text.words[match.start() : match.end()]

    @property
    def digits(self) -> list[int]:
        """Return its numbers in figures."""
        return [int(word) for word in self.words if word[0].isdecimal()]

    def group(self, name: str) -> list[str]:
        """Return the tokens of a named group; none if it took no part."""
        start, end = self.match.span(name)
        return self.text.words[start:end] if start >= 0 else []

    def june_or_next(self, month: list[str], year: tuple[int | None, int | None, bool]) -> bool:
        """Tell whether "thang sau" may be June (sáu) as well as the next month (sau)."""
        return month == ["sau"] and not self.text.marked and year == (None, None, False)

    def number(self, name: str) -> int | None:
        """Return the number that a named group says."""
        tokens = self.group(name)
        return number(tokens) if tokens else None

    def year(self, name: str) -> tuple[int | None, int | None, bool]:
        """Return year, years after that of issue, and whether two digits were written."""
        return read_year(self.group(name))


def read_year(tokens: list[str]) -> tuple[int | None, int | None, bool]:
    """Return year, years after that of issue, and whether two digits were written."""
    words = [token for token in tokens if token.isalnum()]
    words = [word for word in words if fold(word) not in {"cua"}]
    if len(words) > 1 and fold(words[0]) == "nam":
        words = words[1:]
    if not words:
        return None, None, False
    if words[0][0].isdecimal():
        short = len(words[0]) == 2
        return int(words[0]) + (2000 if short else 0), None, short
    if len(words) == 1:
        return None, _RELATIVE.get(fold(words[0]), 0), False
    said = number(words)
    return (said if said is not None else 0), None, False


def _day(day: int | None, month: int | None, year: tuple[int | None, int | None, bool]) -> Value:
    if day is None or month is None:
        return Flaw("invalid_number")
    value, shift, short = year
    if value is not None and not FIRST_YEAR <= value <= LAST_YEAR:
        return Flaw("year_out_of_range", value)
    if not (1 <= month <= 12 and 1 <= day <= longest(month, value)):
        return Flaw("invalid_date")
    return Day(day, month, value, shift_year=shift, short_year=short)


def _months(first: int, last: int, year: tuple[int | None, int | None, bool]) -> Value:
    value, shift, short = year
    if not (1 <= first <= last <= 12):
        return Flaw("invalid_date")
    if value is not None and not FIRST_YEAR <= value <= LAST_YEAR:
        return Flaw("year_out_of_range", value)
    return Months(first, last, value, None, shift, short)


def _numeric(found: Found) -> Value:
    *_, day, _, month, _, year = found.words
    if len(year) == 2:
        return _day(int(day), int(month), (2000 + int(year), None, True))
    return _day(int(day), int(month), (int(year), None, False))


def _iso(found: Found) -> Value:
    year, month, day = found.digits
    return _day(day, month, (year, None, False))


def _long(found: Found) -> Value:
    if relative := found.group("l_rel"):
        day = found.number("l_d")
        if day is None or not 1 <= day <= 31:
            return Flaw("invalid_date")
        return Day(day, None, None, shift_month=_RELATIVE[fold(relative[0])])
    return _spelt(found, "l")


def _spelt(found: Found, prefix: str) -> Value:
    month = found.group(f"{prefix}_m")
    if fold(month[0]) in {"gieng", "chap"}:
        return Flaw("lunar")
    year = found.year(f"{prefix}_y") if f"{prefix}_y" in found.match.re.groupindex else _NO_YEAR
    if found.june_or_next(month, year):
        return Flaw("vague")
    return _day(found.number(f"{prefix}_d"), number(month), year)


_NO_YEAR: tuple[int | None, int | None, bool] = (None, None, False)


def _day_month(found: Found) -> Value:
    name = "dm_y" if found.match.lastgroup == "dm" else "d2_y"
    day, month = found.digits[:2]
    year = found.year(name)
    if "-" in found.words and year == _NO_YEAR and (month > 12 or day <= 12):
        return Flaw("either_or")
    return _day(day, month, year)


def _spread(found: Found) -> Value:
    first, last, *rest = found.digits
    tail = found.words[found.words.index("/") + 1 :] if "/" in found.words else []
    if not rest or "/" not in found.words:
        words = [fold(word) for word in found.words]
        start = words.index("thang") + 1
        stop = words.index("nam", start) if "nam" in words[start:] else len(words)
        if "/" in found.words:
            stop = found.words.index("/")
        month = number([word for word in found.words[start:stop] if word.isalnum()])
        tail = found.words[stop:]
    else:
        month = rest[0]
        tail = tail[1:]
    year = read_year([word for word in tail if word.isalnum()])
    begin, end = _day(first, month, year), _day(last, month, year)
    if isinstance(begin, Day) and isinstance(end, Day):
        return Stretch(begin, end) if first < last else Flaw("reversed_window")
    return begin if isinstance(begin, Flaw) else end


def _month_list(found: Found) -> Value:
    first, last, year = found.digits[0], found.digits[1], found.digits[-1]
    return _stretch(found, "ms_j", first, last, 1, (year, None, False))


def _quarter_list(found: Found) -> Value:
    first, last = (ordinal_quarter(found.group(name)[0]) for name in ("qs_a", "qs_b"))
    if first is None or last is None:
        return Flaw("invalid_number")
    return _stretch(found, "qs_j", first, last, 3, found.year("qs_y"))


def _stretch(
    found: Found,
    join: str,
    first: int,
    last: int,
    size: int,
    year: tuple[int | None, int | None, bool],
) -> Value:
    begin = _months((first - 1) * size + 1, first * size, year)
    end = _months((last - 1) * size + 1, last * size, year)
    if isinstance(begin, Months) and isinstance(end, Months):
        listed = fold(found.group(join)[0]) in {",", "va"}
        return Stretch(begin, end, listed) if first < last else Flaw("reversed_window")
    return begin if isinstance(begin, Flaw) else end


def _month(found: Found) -> Value:
    if relative := found.group("m_rel"):
        return Months(1, 1, None, _RELATIVE[fold(relative[0])])
    name = found.group("m_m")
    if fold(name[0]) in {"gieng", "chap"}:
        return Flaw("lunar")
    month = number(name)
    if month is None:
        return Flaw("invalid_number")
    year = found.year("m_y")
    if found.june_or_next(name, year):
        return Flaw("vague")
    if year[2] and (year[0] or 0) < 2020:
        return Flaw("either_or")
    return _months(month, month, year)


def _numeric_month(found: Found) -> Value:
    month, year = found.digits
    return _months(month, month, (year, None, False))


def _quarter(found: Found) -> Value:
    if relative := found.group("q_rel"):
        return Months(1, 3, None, _RELATIVE[fold(relative[0])])
    quarter = ordinal_quarter(found.group("q_n")[0])
    if quarter is None or not 1 <= quarter <= 4:
        return Flaw("invalid_date")
    return _months(quarter * 3 - 2, quarter * 3, found.year("q_y"))


def _part(found: Found) -> Value:
    months = 6 if found.group("p_h") else found.number("p_n") if found.group("p_n") else 3
    if months is None or not 1 <= months <= 11:
        return Flaw("invalid_number")
    at_start = fold(found.group("p_w")[0]) == "dau"
    place = found.match.start("p_w") - found.match.start()
    year = read_year([word for word in found.words[place + 1 :] if word.isalnum()])
    if year == (None, 0, False) and fold(found.words[-1]) == "nam":
        year = _NO_YEAR
    return _months(1, months, year) if at_start else _months(13 - months, 12, year)


def _times(found: Found) -> Value:
    folded = [fold(word) for word in found.words]
    place = next(index for index, word in enumerate(folded) if word in _UNITS)
    unit = _UNITS[folded[place]]
    many = number(found.words[:place]) if "lan" not in folded[:place] else 1
    return Every(unit, many or 1)


def _every(found: Found) -> Value:
    folded = [fold(word) for word in found.words]
    place = next(
        index
        for index, word in enumerate(folded)
        if (word in _UNITS and (index, word) != (1, "ky")) or (word == "ky" and folded[0] != "dinh")
    )
    between = [word for word in found.words[1:place] if word.isalnum()]
    between = [word for word in between if fold(word) not in {"ky", "moi", "cu", "la"}]
    many = number(between) if between else 1
    return Every(_UNITS[folded[place]], many) if many else Flaw("invalid_number")


def _years(found: Found) -> Value:
    first, last = found.digits
    if not FIRST_YEAR <= first < last <= LAST_YEAR:
        return Flaw("year_out_of_range", last)
    return Years(first, last)


def _year(found: Found) -> Value:
    value, shift, short = found.year("y_y")
    if value is not None and not FIRST_YEAR <= value <= LAST_YEAR:
        return Flaw("year_out_of_range", value)
    return Months(1, 12, value, None, shift, short)


def _count(found: Found) -> Value:
    many = found.number("c_n")
    unit = [fold(word) for word in found.group("c_u")]
    if many is None:
        return Flaw("invalid_number")
    if unit[0] == "gio":
        return Flaw("office_hours")
    name = _UNITS[unit[0]]
    if name == "quarter":
        name, many = "month", many * 3
    if found.group("c_h"):
        if name != "year":
            return Flaw("vague")
        name, many = "month", many * 12 + 6
    return _checked(Count(many, name, unit[1:3] == ["lam", "viec"]))


_MOST = {"day": 3660, "week": 520, "month": 600, "year": 70, "hour": 8784, "minute": 100_000}


def _checked(count: Count) -> Value:
    return count if 0 < count.number <= _MOST[count.unit] else Flaw("count_out_of_range")


def _half(found: Found) -> Value:
    unit = fold(found.group("h_u")[0])
    if unit == "nam":
        return Count(6, "month")
    return Count(15, "day") if unit == "thang" else Flaw("vague")


def _clock(found: Found) -> Value:
    if ":" in found.words:
        hour, minute = found.digits[:2]
        if len(found.digits) > 2:
            return Flaw("invalid_time")
        return _time(hour, minute, "")
    said = found.number("k_h")
    if said is None:
        return Flaw("invalid_time")
    minutes = found.group("k_m")
    part = found.group("k_p")
    half = bool(minutes) and fold(minutes[0]) == "ruoi"
    minute_said = 30 if half else found.number("k_n") if minutes else 0
    if minute_said is None or (minutes and len(minutes) == 1 and len(minutes[0]) == 1):
        return Flaw("invalid_time")  # "16h3": a digit is missing
    time = _time(said, minute_said, fold(part[0]) if part else "")
    if isinstance(time, Clock) and not minutes and not part:
        return Clock(time.hour, time.minute, whole=True)
    if isinstance(time, Flaw) and not minutes and not part and said <= _MOST["hour"]:
        return Clock(said, 0, whole=True)
    return time


def _time(hour: int, minute: int, part: str) -> Value:
    afternoon = part in {"chieu", "toi"} or (part == "dem" and hour >= 6)
    if part == "sang" and hour > 12:
        return Flaw("invalid_time")
    if afternoon and hour <= 12:
        hour = hour + 12 if hour < 12 else (24 if part in {"dem", "toi"} else 12)
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        return Flaw("invalid_time")
    return Clock(hour, minute)


def _weekday(found: Found) -> Value:
    folded = [fold(word) for word in found.words]
    if folded[0] == "chu":
        return Weekday(6)
    if folded[1].isdecimal():
        day = int(folded[1])
        return Weekday(day - 2) if 2 <= day <= 7 else Flaw("invalid_date")
    return Weekday(_WEEKDAYS[folded[1]])


def _monthday(found: Found) -> Value:
    day = found.number("t_d")
    return MonthDay(day) if day is not None and 1 <= day <= 31 else Flaw("invalid_date")


def _today(found: Found) -> Value:
    return Today(0 if fold(found.words[-1]) == "nay" else 1)


def _week(found: Found) -> Value:
    return Week(_RELATIVE[fold(found.group("w_rel")[0])])


READERS: dict[str, Callable[[Found], Value]] = {
    "iso": _iso, "dmy": _numeric, "mixed": _numeric, "spread": _spread, "long": _long,
    "long2": lambda found: _spelt(found, "l2"), "long3": lambda found: _spelt(found, "l3"),
    "rev": lambda found: _spelt(found, "r"), "dm": _day_month, "dm2": _day_month,
    "months": _month_list, "month": _month, "tmonth": _numeric_month, "my": _numeric_month,
    "quarters": _quarter_list, "quarter": _quarter, "part": _part, "times": _times,
    "every": _every, "years": _years, "year": _year, "some": lambda _: Flaw("vague"),
    "counts": lambda _: Flaw("either_or"), "decimal": lambda _: Flaw("invalid_number"),
    "compound": lambda _: Flaw("not_understood"),
    "half": _half, "count": _count, "clock": _clock,
    "weekday": _weekday, "monthday": _monthday, "today": _today, "week": _week,
}  # fmt: skip
