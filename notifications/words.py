"""Dates and counts as people read them, in Vietnamese and English."""

from datetime import date

from pendulum import DateTime

from models.domain.calendar import last_day, local

_DAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def day_words(day: date, lang: str = "vi") -> str:
    """Return ``thứ Sáu, 20/10/2023`` (or ``Friday, 20/10/2023``)."""
    return f"{_DAYS[lang][day.weekday()]}, {day:%d/%m/%Y}"


def bound_words(due_exclusive: DateTime, lang: str = "vi") -> str:
    """Return until when something is in time: ``hết ngày thứ Sáu, 20/10/2023``.

    A bound inside a day names its hour: ``trước 16:00 thứ Sáu, 20/10/2023``.
    """
    due = local(due_exclusive)
    if (due.hour, due.minute, due.second) == (0, 0, 0):
        words = day_words(last_day(due), lang)
        return f"hết ngày {words}" if lang == "vi" else f"the end of {words}"
    words = f"{due:%H:%M} {day_words(due.date(), lang)}"
    return f"trước {words}" if lang == "vi" else f"before {words}"


def instant_words(instant: DateTime, lang: str = "vi") -> str:
    """Return ``08:00 thứ Sáu, 20/10/2023``, on Viet Nam's clock."""
    moment = local(instant)
    return f"{moment:%H:%M} {day_words(moment.date(), lang)}"


def days_left(due_exclusive: DateTime, now: DateTime, lang: str = "vi") -> str:
    """Return how the bound lies to *now*: ``còn 3 ngày``, ``hạn là hôm nay``, ``quá hạn 2 ngày``.

    Counted in calendar days on Viet Nam's clock, from today to the last day in time.
    """
    days = (last_day(due_exclusive) - local(now).date()).days
    if now >= due_exclusive:
        late = max(1, -days)
        return f"quá hạn {late} ngày" if lang == "vi" else f"{days_words(late)} late"
    if days == 0:
        return "hạn là hôm nay" if lang == "vi" else "due today"
    return f"còn {days} ngày" if lang == "vi" else f"{days_words(days)} left"


def days_words(days: int) -> str:
    """Return ``1 day``, ``2 days``."""
    return f"{days} day" if days == 1 else f"{days} days"


def count_words(number: int, lang: str = "vi") -> str:
    """Return ``1.234`` (or ``1,234``)."""
    grouped = f"{number:,}"
    return grouped.replace(",", ".") if lang == "vi" else grouped


def answer_words(answer: int | str, kind: str, lang: str = "vi") -> str:
    """Return what a unit answered to a field of *kind*, as people of *lang* write it."""
    if isinstance(answer, int):
        return count_words(answer, lang)
    if kind == "date":
        return f"{date.fromisoformat(answer):%d/%m/%Y}"
    if kind == "decimal" and lang == "vi":
        return answer.replace(".", ",")
    return answer
