"""The installation's calendars of days off and make-up days (``config/calendars/*.yaml``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.errors import Report, nearest
from config.shape_errors import fit
from config.shapes import CalendarShape, DayOffShape
from config.yaml_file import YamlFile, read_yaml
from models.domain.calendar import WorkCalendar

CALENDARS = Path(__file__).parent / "calendars"
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar, the years it was checked for, and the file it comes from."""

    file: YamlFile
    years: frozenset[int]
    work: WorkCalendar


def read_calendar(name: str, report: Report, folder: Path = CALENDARS) -> Calendar | None:
    """Return the calendar *name*, or report what is wrong with its file."""
    file = read_yaml(folder, f"{name}.yaml", report)
    shape = fit(file, CalendarShape, report) if file is not None else None
    if file is None or shape is None:
        return None
    check_calendar(file, shape, report)
    off = frozenset(day.date for day in shape.off)
    worked = frozenset(day.date for day in shape.worked)
    return Calendar(file, frozenset(shape.years), WorkCalendar(off, worked))


def check_calendar(file: YamlFile, shape: CalendarShape, report: Report) -> None:
    """Report the days of *shape* that cannot stand in a calendar."""
    years = frozenset(shape.years)
    _check_days(file, "off", shape.off, years, report)
    _check_days(file, "worked", shape.worked, years, report)
    off = frozenset(day.date for day in shape.off)
    for index, day in enumerate(shape.worked):
        if day.date.weekday() < _SATURDAY or day.date in off:
            report.add(
                file.problem(
                    ("worked", index, "date"),
                    "not-a-weekend",
                    "ngày làm bù phải là thứ Bảy hoặc Chủ nhật, và không ở trong danh sách nghỉ",
                    "a make-up day must be a Saturday or Sunday that is not listed as off",
                )
            )


def known_calendars(folder: Path = CALENDARS) -> tuple[str, ...]:
    """Return the names of the calendars of this installation."""
    return tuple(sorted(file.stem for file in folder.glob("*.yaml")))


def unknown_calendar(name: str, folder: Path = CALENDARS) -> tuple[str, str]:
    """Return why *name* is refused, in Vietnamese and English."""
    vi, en = nearest(name, known_calendars(folder))
    where = str(folder)
    if folder.is_dir():
        return (
            f"không có lịch nào tên “{name}” trong {where} (CASCADE_CALENDARS){vi}",
            f"there is no calendar “{name}” in {where} (CASCADE_CALENDARS){en}",
        )
    return (
        f"không có lịch nào tên “{name}”: không có thư mục {where} (CASCADE_CALENDARS)",
        f"there is no calendar “{name}”: there is no folder {where} (CASCADE_CALENDARS)",
    )


def _check_days(
    file: YamlFile, part: str, days: Sequence[DayOffShape], years: frozenset[int], report: Report
) -> None:
    seen = set()
    for index, day in enumerate(days):
        path = (part, index, "date")
        if day.date in seen:
            report.add(file.problem(path, "duplicate", "ngày này ghi hai lần", "stands here twice"))
        if day.date.year not in years:
            vi = f"năm {day.date.year} không có trong mục years"
            report.add(
                file.problem(path, "year", vi, f"the year {day.date.year} is not among the years")
            )
        seen.add(day.date)
