"""`cascade deadline` as an operator types it: the installation's calendar and clock, the output."""

from datetime import date

from cli.deadline import (
    FORMATS,
    UNUSABLE,
    Unusable,
    deadline,
    exit_status,
    reading,
    render,
)
from cli.problems import say
from config.calendars import Calendar, known_calendars, read_calendar, unknown_calendar
from config.errors import Report
from config.settings import load as load_settings
from models.domain.deadlines import Deadline, Kind
from models.domain.deadlines.messages import caution
from models.domain.deadlines.result import last_day

CALENDAR = "vn"


def run(
    phrase: str,
    issued: str | None,
    event: str | None,
    settings: tuple[str | None, str | None, str | None, str | None],
    format_: str,
    lang: str,
) -> int:
    """Print how *phrase* is read; return the exit status.

    *settings* are the options of :func:`cli.deadline.reading`. A refusal as text goes to standard
    error; JSON always to standard output.
    """
    report, folder = Report(), load_settings().calendars
    if CALENDAR not in known_calendars(folder):
        vi, en = unknown_calendar(CALENDAR, folder)
        say(vi if lang == "vi" else en)
        return UNUSABLE
    calendar = read_calendar(CALENDAR, report, folder)
    try:
        if format_ not in FORMATS:
            known = " | ".join(FORMATS)
            raise Unusable(
                f"--format: {known}, không phải “{format_}”.",
                f"--format: {known}, not “{format_}”.",
            )
        chosen = reading(*settings)
        if calendar is None or report.problems:
            say("\n".join(each.text(lang) for each in report.problems))
            return UNUSABLE
        result = deadline(phrase, issued, event, settings=chosen, calendar=calendar.work)
        if result.kind is Kind.PERIODIC and issued is None:
            result = deadline(
                phrase, issued, event, settings=chosen, calendar=calendar.work, today=_today()
            )
    except Unusable as error:
        vi, en = error.message_vi, error.message_en
        say(f"{en}\n{vi}" if lang == "en" else f"{vi}\n{en}")
        return UNUSABLE
    if unchecked := _unchecked(result, calendar):
        noted = caution("calendar_not_checked", year=unchecked)
        result = result._replace(warnings=(*result.warnings, noted))
    text = render(result, format_, lang)
    if result.error is not None and format_ == "text":
        say(text)
    else:
        print(text)
    return exit_status(result)


def _today() -> date:
    from config.settings import load

    return load().domain_clock().now().date()


def _unchecked(result: Deadline, calendar: Calendar) -> int | None:
    """Return the year of a bound that hangs on days off which the calendar does not know."""
    counted = result.rule.startswith("working-") or result.rule.endswith("-from")
    if result.due_exclusive is None or not counted or result.due_exclusive.hour:
        return None
    year = last_day(result.due_exclusive).year
    return None if year in calendar.years else year
