"""Calendars of days off as files that people edit: read with reasons, first filled, written.

``config.calendars`` gives the rules their :class:`WorkCalendar`; here a file keeps what stands
behind it (reason, decision number), so that a year can be added or corrected and written back. The
first filling comes from the library ``holidays``, which knows lunar dates but learns swaps late:
:data:`CORRECTIONS` holds what it has wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from config.calendars import CALENDARS, check_calendar
from config.errors import PackageError, Report
from config.shape_errors import fit
from config.shapes import CalendarShape
from config.yaml_file import YamlFile, parse_yaml, read_yaml
from models.domain.calendar import WorkCalendar

_SATURDAY = 5
_HEADER = """\
# Ngày nghỉ và ngày làm bù của Việt Nam, khối cơ quan nghỉ thứ Bảy và Chủ nhật.
#
# off     ngày nghỉ rơi vào thứ Hai đến thứ Sáu (cuối tuần không cần ghi)
# worked  thứ Bảy, Chủ nhật đi làm bù; instead_of: làm bù cho ngày nghỉ nào
# decision  số, ngày của văn bản, khi biết
# years   các năm đã rà soát; năm khác chỉ tính được cuối tuần
#
# Ngày âm lịch các năm lấy từ thư viện "holidays"; riêng 02/01/2026 và 10/01/2026 sửa theo văn bản.
# Đổi lịch này làm đổi cách đếm ngày làm việc, không tự ý đổi thời hạn đã công bố.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One day that differs from its weekday, and why."""

    reason: str
    decision: str = ""
    instead_of: date | None = None
    """The day off that a make-up day is worked for."""


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """A calendar with its reasons. ``years`` were checked by a person."""

    id: str
    name: str
    years: tuple[int, ...]
    off: Mapping[date, Entry] = field(default_factory=dict)
    worked: Mapping[date, Entry] = field(default_factory=dict)

    @property
    def work(self) -> WorkCalendar:
        """Return the days alone, as the rules use them."""
        return WorkCalendar(frozenset(self.off), frozenset(self.worked))

    def corrected(self, day: date, working: bool, entry: Entry) -> "CalendarFile":
        """Return the calendar with *day* set to *working* for the reason of *entry*.

        A weekday that is worked and a weekend day that is off need no entry: they are removed.
        """
        off = {each: why for each, why in self.off.items() if each != day}
        worked = {each: why for each, why in self.worked.items() if each != day}
        if working != (day.weekday() < _SATURDAY):
            (worked if working else off)[day] = entry
        return replace(self, off=off, worked=worked)


CORRECTIONS: tuple[tuple[date, bool, Entry], ...] = (
    (
        date(2026, 1, 2),
        False,
        Entry("Nghỉ hoán đổi, làm bù ngày 10/01/2026", "12729/VPCP-KGVX ngày 25/12/2025"),
    ),
    (
        date(2026, 1, 10),
        True,
        Entry("Làm bù cho ngày 02/01/2026", "12729/VPCP-KGVX ngày 25/12/2025", date(2026, 1, 2)),
    ),
)
"""Day, whether it is worked, why: where the library does not know what was announced."""


def load(name: str, folder: Path = CALENDARS) -> CalendarFile:
    """Return the calendar *name* with its reasons; raise :class:`PackageError` if unusable."""
    report = Report()
    file = read_yaml(folder, f"{name}.yaml", report)
    shape = fit(file, CalendarShape, report) if file is not None else None
    return _known(file, shape, report)


def loads(text: str, name: str = "calendar.yaml") -> CalendarFile:
    """Return the calendar in *text*; raise :class:`PackageError` if unusable."""
    report = Report()
    file = parse_yaml(name, text, report)
    shape = fit(file, CalendarShape, report) if file is not None else None
    return _known(file, shape, report)


def _known(file: YamlFile | None, shape: CalendarShape | None, report: Report) -> CalendarFile:
    if file is not None and shape is not None:
        check_calendar(file, shape, report)
    if shape is None or report.problems:
        raise PackageError(report.problems)
    off = {day.date: Entry(day.reason, day.decision or "") for day in shape.off}
    worked = {
        day.date: Entry(day.reason, day.decision or "", day.instead_of) for day in shape.worked
    }
    return CalendarFile(shape.id, shape.name, tuple(shape.years), off, worked)


def dumps(calendar: CalendarFile) -> str:
    """Return *calendar* as the text of its file; :func:`loads` gives it back."""
    lines = [
        _HEADER,
        f"id: {calendar.id}",
        f"name: {_quoted(calendar.name)}",
        f"years: [{', '.join(map(str, sorted(calendar.years)))}]",
    ]
    for part, days in (("off", calendar.off), ("worked", calendar.worked)):
        lines += ["", f"{part}:" if days else f"{part}: []"]
        for day, entry in sorted(days.items()):
            lines.append(f"  - date: {day.isoformat()}")
            if entry.instead_of is not None:
                lines.append(f"    instead_of: {entry.instead_of.isoformat()}")
            lines.append(f"    reason: {_quoted(entry.reason)}")
            if entry.decision:
                lines.append(f"    decision: {_quoted(entry.decision)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return *text* as a YAML scalar; plain where that is safe."""
    plain = text and text[0].isalnum() and not any(sign in text for sign in ":#\"'\n\\{}[]&*!|>%@`")
    if plain and text == text.strip() and not text.replace("-", "").isdecimal():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def seeded(years: Iterable[int], calendar: CalendarFile) -> CalendarFile:
    """Return *calendar* with *years* filled from the library and :data:`CORRECTIONS` applied.

    Days that the calendar already knows in those years keep their reasons; days that the library
    does not have are dropped.
    """
    import holidays

    wanted = sorted(set(years))
    found = holidays.country_holidays("VN", years=wanted, language="vi")
    off = {day: why for day, why in calendar.off.items() if day.year not in wanted}
    worked = {day: why for day, why in calendar.worked.items() if day.year not in wanted}
    for year in wanted:
        day = date(year, 1, 1)
        while day.year == year:
            weekday = day.weekday() < _SATURDAY
            if weekday and not found.is_working_day(day):
                off[day] = calendar.off.get(day, Entry(found.get(day) or "Nghỉ hoán đổi"))
            elif not weekday and found.is_working_day(day):
                worked[day] = calendar.worked.get(day, Entry("Làm bù"))
            day += timedelta(days=1)
    known = tuple(sorted(set(calendar.years) | set(wanted)))
    filled = replace(calendar, years=known, off=off, worked=worked)
    for day, working, entry in CORRECTIONS:
        if day.year in wanted:
            kept = (calendar.worked if working else calendar.off).get(day, entry)
            filled = filled.corrected(day, working, kept)
    return filled
