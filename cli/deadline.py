"""`cascade deadline`: one phrase, its bound, and why."""

import json
import re
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

import pendulum
from pendulum import DateTime

from models.domain.calendar import ZONE, WorkCalendar
from models.domain.deadlines import BeforeDate, Deadline, Kind, Reading, Rollover, read
from models.domain.deadlines.moments import FIRST_YEAR, LAST_YEAR
from models.domain.deadlines.result import last_day

_DEFAULT = Reading()
_Choice = TypeVar("_Choice", bound=StrEnum)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UNDERSTOOD, REFUSED, UNUSABLE = 0, 1, 2
FORMATS = ("text", "json")

_KINDS: dict[Kind, tuple[str, str]] = {
    Kind.BOUND: ("hạn cuối", "bound"),
    Kind.WINDOW: ("khoảng thời gian", "window"),
    Kind.PERIODIC: ("định kỳ", "periodic"),
    Kind.STANDING: ("thường xuyên", "standing"),
    Kind.URGENT: ("khẩn, không có ngày", "urgent, no date"),
    Kind.TRIGGERED: ("tính từ một sự kiện", "counted from an event"),
    Kind.OPEN_END: ("không có ngày kết thúc", "open end"),
}
_WORDS: dict[str, tuple[str, str]] = {
    "phrase": ("Cụm từ", "Phrase"),
    "kind": ("Loại", "Kind"),
    "due": ("Hạn", "Due"),
    "none": ("chưa có ngày", "no date"),
    "rule": ("Quy tắc", "Rule"),
    "basis": ("Căn cứ", "Basis"),
    "occurrences": ("Các kỳ tới", "Next"),
    "readings": ("Các cách hiểu", "Readings"),
    "warning": ("Lưu ý", "Warning"),
    "error": ("Không tính được", "Refused"),
    "end_of": ("hết ngày {day}", "the end of {day}"),
    "before": ("trước {time} ngày {day}", "before {time} on {day}"),
    "up_to": ("{time} ngày {day}", "{time} on {day}"),
}


class Unusable(Exception):
    """An option whose value cannot be used, told in both languages."""

    def __init__(self, message_vi: str, message_en: str) -> None:
        super().__init__(message_vi, message_en)
        self.message_vi = message_vi
        self.message_en = message_en


def deadline(
    phrase: str,
    issued: str | None = None,
    event: str | None = None,
    *,
    settings: Reading = _DEFAULT,
    calendar: WorkCalendar = WorkCalendar(),
    today: date | None = None,
) -> Deadline:
    """Read *phrase* with the options as they were typed.

    *issued* is ``YYYY-MM-DD``; *event* the same (its hour is then unknown) or an ISO 8601 instant,
    in Viet Nam's zone unless it names another. *today* is where the occurrences of a periodic duty
    begin when no date of issue is given. Raises :class:`Unusable` for options of another form.
    """
    day = _date("--issued", issued) if issued is not None else None
    moment = _moment("--event", event) if event is not None else None
    return read(
        phrase,
        issued=day,
        event=moment,
        since=day or today,
        settings=settings,
        calendar=calendar,
    )


def reading(
    before_date: str | None = None,
    rollover_calendar: str | None = None,
    rollover_counted: str | None = None,
    term_end: str | None = None,
) -> Reading:
    """Return the settings as they were typed; what was not typed keeps its default.

    Raises :class:`Unusable` for a name that is none of the setting's, or a term end of another
    form than ``YYYY-MM-DD``.
    """
    return Reading(
        _choice("--before-date", before_date, BeforeDate, _DEFAULT.before_date),
        _choice("--rollover-calendar", rollover_calendar, Rollover, _DEFAULT.calendar_phrases),
        _choice("--rollover-counted", rollover_counted, Rollover, _DEFAULT.counted_periods),
        _date("--term-end", term_end) if term_end is not None else None,
    )


def exit_status(result: Deadline) -> int:
    """Return 0 for a phrase that was understood, with or without a date; else 1."""
    return UNDERSTOOD if result.understood else REFUSED


def render(result: Deadline, fmt: str = "text", lang: str = "vi") -> str:
    """Return *result* for people (``text``) or for programs (``json``, issue 3's keys)."""
    return _json(result, lang) if fmt == "json" else _text(result, lang)


def _json(result: Deadline, lang: str) -> str:
    def message(noted: object) -> dict[str, str]:
        text = getattr(noted, f"message_{_language(lang)}")
        return {"code": getattr(noted, "code", ""), "message": text}

    fields = {
        "phrase": result.phrase,
        "kind": result.kind.value if result.kind else None,
        "due_exclusive": _iso(result.due_exclusive),
        "rule": result.rule,
        "basis": result.basis,
        "occurrences": [_iso(due) for due in result.occurrences],
        "readings": [{"name": name, "due_exclusive": _iso(due)} for name, due in result.readings],
        "warnings": [message(noted) for noted in result.warnings],
        "error": message(result.error) if result.error else None,
    }
    # A lone surrogate, as a broken terminal may send, must not break the output.
    return json.dumps(fields, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode()


def _text(result: Deadline, lang: str) -> str:
    place = ("vi", "en").index(_language(lang))

    def word(key: str) -> str:
        return _WORDS[key][place]

    lines = [(word("phrase"), result.phrase.strip())]
    if result.error is not None:
        message = getattr(result.error, f"message_{_language(lang)}")
        lines.append((word("error"), f"{message} [{result.error.code}]"))
    if result.kind is not None:
        lines.append((word("kind"), _KINDS[result.kind][place]))
        due = result.due_exclusive
        lines.append((word("due"), _moment_text(due, place) if due else word("none")))
        lines.append((word("rule"), f"{result.rule} ({result.basis})"))
    if len(result.occurrences) > 1:
        days = "; ".join(_moment_text(due, place) for due in result.occurrences)
        lines.append((word("occurrences"), days))
    if result.readings:
        named = "; ".join(f"{name}: {_moment_text(due, place)}" for name, due in result.readings)
        lines.append((word("readings"), named))
    for noted in result.warnings:
        message = getattr(noted, f"message_{_language(lang)}")
        lines.append((word("warning"), f"{message} [{noted.code}]"))
    text = "\n".join(f"{name}: {value}" for name, value in lines)
    return text.encode("utf-8", "replace").decode()


def _moment_text(due: DateTime, place: int) -> str:
    day = last_day(due)
    shown = f"{day.day:02d}/{day.month:02d}/{day.year}"
    if not (due.hour or due.minute or due.microsecond):
        return _WORDS["end_of"][place].format(day=shown)
    key = "up_to" if due.microsecond else "before"
    return _WORDS[key][place].format(day=shown, time=f"{due.hour:02d}:{due.minute:02d}")


def _iso(due: DateTime | None) -> str | None:
    return due.isoformat() if due is not None else None


def _language(lang: str) -> str:
    return "en" if lang == "en" else "vi"


def _choice(option: str, typed: str | None, names: type[_Choice], default: _Choice) -> _Choice:
    if typed is None:
        return default
    try:
        return names(typed)
    except ValueError:
        known = " | ".join(names)
        raise Unusable(
            f"{option}: {known}, không phải “{typed}”.", f"{option}: {known}, not “{typed}”."
        ) from None


def _date(option: str, text: str) -> date:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        day = date.fromisoformat(text)
    except ValueError:
        raise Unusable(
            f"{option}: “{text}” không phải ngày dạng YYYY-MM-DD.",
            f"{option}: “{text}” is no date of the form YYYY-MM-DD.",
        ) from None
    _check_year(option, text, day)
    return day


def _moment(option: str, text: str) -> date | datetime:
    try:
        if len(text) <= 10:
            return _date(option, text)
        moment = datetime.fromisoformat(text)
    except (ValueError, Unusable):
        raise Unusable(
            f"{option}: “{text}” không phải ngày hoặc thời điểm ISO 8601 (2023-10-20,"
            " 2023-10-20T08:30).",
            f"{option}: “{text}” is no ISO 8601 date or instant (2023-10-20, 2023-10-20T08:30).",
        ) from None
    _check_year(option, text, moment)
    return moment if moment.tzinfo else moment.replace(tzinfo=pendulum.timezone(ZONE))


def _check_year(option: str, text: str, day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Unusable(
            f"{option}: “{text}” ngoài các năm {FIRST_YEAR}–{LAST_YEAR}.",
            f"{option}: “{text}” is outside the years {FIRST_YEAR}–{LAST_YEAR}.",
        )
