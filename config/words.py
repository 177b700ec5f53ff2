"""The kinds of value in a package: a code, a name, a day, an hour; each says what it wants."""

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from config.errors import shown

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def wrong(code: str, vi: str, en: str) -> PydanticCustomError:
    """Return an error that carries its reason in both languages."""
    # The texts go in as context: a brace in a typed value must not be taken for a placeholder.
    return PydanticCustomError("reason", "{en}", {"code": code, "vi": vi, "en": en})


def _text(value: str) -> str:
    if any(unicodedata.category(c) in _INVISIBLE and c != "\n" for c in value):
        raise wrong(
            "control", "có ký tự điều khiển, không nhìn thấy được", "has control characters"
        )
    if not value.strip():
        raise wrong("blank", "đang để trống", "is blank")
    return value


def _line(longest: int) -> AfterValidator:
    def check(value: str) -> str:
        if "\n" in _text(value):
            raise wrong("control", "phải nằm trên một dòng", "must be on one line")
        if "://" in value:
            raise wrong("link", "không được chứa địa chỉ mạng (://)", "must not hold a link (://)")
        if len(value) > longest:
            vi = f"dài {len(value)} ký tự, tối đa {longest}"
            raise wrong("too-long", vi, f"has {len(value)} characters, at most {longest}")
        return value

    return AfterValidator(check)


def _likely(day: date) -> date:
    """Refuse years that can only be a slip, and that calendars cannot reckon with."""
    if 1900 <= day.year < 2200:
        return day
    raise wrong(
        "unlikely-year", f"năm {day.year} không hợp lý", f"the year {day.year} is not likely"
    )


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise wrong(
            "not-a-date", "phải là ngày viết năm-tháng-ngày: 2023-10-21", "must be like 2023-10-21"
        )
    try:
        return _likely(date.fromisoformat(value))
    except PydanticCustomError:
        raise
    except ValueError:
        year, month, day = value.split("-")
        vi = f"không có ngày {day}/{month}/{year} trong lịch"
        raise wrong("impossible-date", vi, f"there is no such date as {value}") from None


def _month(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d", value, re.ASCII):
        raise wrong(
            "not-a-month", "phải là tháng viết năm-tháng: 2023-10", "must be a month like 2023-10"
        )
    try:
        return _likely(date.fromisoformat(f"{value}-01"))
    except PydanticCustomError:
        raise
    except ValueError:
        raise wrong(
            "impossible-date", f"không có tháng {value}", f"there is no month {value}"
        ) from None


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is not None:
            _likely(instant.date())
            return instant
    except PydanticCustomError:
        raise
    except (ValueError, TypeError):
        pass
    raise wrong(
        "not-an-instant",
        "phải là thời điểm có múi giờ: 2023-10-21T00:00:00+07:00",
        "must be an instant with its zone: 2023-10-21T00:00:00+07:00",
    )


def _hour(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        raise wrong("not-an-hour", "phải là giờ:phút, ví dụ 08:00", "must be hour:minute, as 08:00")
    return value


def _matches(pattern: str, example: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if compiled.fullmatch(value):
            return value
        vi = f"“{shown(value)}” viết không đúng dạng; ví dụ đúng: {example}"
        raise wrong("bad-code", vi, f"“{shown(value)}” is not well formed; an example: {example}")

    return AfterValidator(check)


Text = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_text)]
"""Words for people, on one or more lines."""
Name = Annotated[str, _line(160)]
"""A name: one line, at most 160 characters, no link: it ends up in mail headers."""
Title = Annotated[str, _line(400)]
"""The subject of a document; real ones pass 160 characters."""
Summary = Annotated[str, _line(80)]
"""What is to be done, in one short line."""
Body = Annotated[str, _matches(r"[a-z0-9][a-z0-9.\-]{0,59}", "pr.bao-an")]
Key = Annotated[str, _matches(r"[^\s@|#]{1,60}", "256-KH/TU")]
Duty = Annotated[str, _matches(r"[^\s@|#/]{1,40}/[^\s@|#/]{1,40}", "256/III.1-c")]
Slug = Annotated[str, _matches(r"[a-z][a-z0-9_\-]{0,39}", "so_buoi")]
PackageId = Annotated[str, _matches(r"[a-z0-9][a-z0-9\-]{0,59}", "57-kl-tw")]
ConflictId = Annotated[str, _matches(r"[A-Z][0-9]{1,3}", "C1")]
Day = Annotated[date, BeforeValidator(_day)]
Month = Annotated[date, BeforeValidator(_month)]
"""The first day of the month."""
Instant = Annotated[datetime, BeforeValidator(_instant)]
Hour = Annotated[str, AfterValidator(_hour)]
