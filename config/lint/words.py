"""Dates, names and lists as a clerk says them."""

from collections.abc import Iterable

from pendulum import DateTime

from config.lint.finding import Words
from models.domain.calendar import last_day, local

_VI = ("Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy")
_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def until(due: DateTime) -> Words:
    """Return a bound in words: "hết ngày thứ Sáu, 20/10/2023"."""
    day = last_day(due)
    name = f"thứ {_VI[day.weekday()]}" if day.weekday() < len(_VI) else "Chủ nhật"
    end = local(due)
    if end.hour or end.minute:
        vi = f"trước {end:%H:%M} {name}, {day:%d/%m/%Y}"
        return Words(vi, f"before {end:%H:%M} on {_EN[day.weekday()]} {day.day} {day:%B %Y}")
    return Words(
        f"hết ngày {name}, {day:%d/%m/%Y}",
        f"the end of {_EN[day.weekday()]} {day.day} {day:%B %Y}",
    )


def short(due: DateTime) -> str:
    """Return the last day alone: ``20/10/2023``."""
    return f"{last_day(due):%d/%m/%Y}"


def listed(items: Iterable[str], more: str = " và ") -> str:
    """Return "a, b và c"; names that hold a comma themselves are parted by semicolons."""
    all_ = list(dict.fromkeys(items))
    if any("," in each for each in all_):
        return "; ".join(all_)
    return more.join(filter(None, (", ".join(all_[:-1]), all_[-1]))) if all_ else ""


def both(items: Iterable[str]) -> Words:
    """Return the list in both languages."""
    all_ = list(items)
    return Words(listed(all_), listed(all_, " and "))
