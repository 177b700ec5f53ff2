"""`cascade calendar`: the file of days off, and what a change of it means for announced dates.

The file is the office's own (``config/calendars/*.yaml``); a document keeps the calendar that it
was issued with. So a change of the file moves nothing: ``check`` shows which announced dates it
would move, ``confirm`` moves one, by a recorded act.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from rich.markup import escape
from rich.table import Table as Grid

from cli.decide import unknown_document
from cli.extend import tell
from cli.problems import out, say
from cli.typed import Typed
from config.calendar_file import CalendarFile, Entry, dumps, load, seeded
from config.calendars import known_calendars, unknown_calendar
from config.errors import PackageError
from config.settings import load as load_settings
from models.domain.recalendar import CALENDAR, Proposal, proposals
from models.domain.requests import MoveBound
from models.domain.terms import DocumentKey
from models.store import Store, Transaction
from notifications.wiring import open_store, recorder_of
from notifications.words import bound_words, day_words


def _read(name: str, folder: Path, lang: str) -> CalendarFile | None:
    if name not in known_calendars(folder):
        vi, en = unknown_calendar(name, folder)
        say(vi if lang == "vi" else en)
        return None
    try:
        return load(name, folder)
    except PackageError as error:
        count = len(error.problems)
        head = (
            f"Không dùng được tệp lịch {folder / f'{name}.yaml'}: {count} lỗi."
            if lang == "vi"
            else f"The calendar file {folder / f'{name}.yaml'} cannot be used: {count} "
            f"problem{'s' if count != 1 else ''}."
        )
        say("\n".join((head, *(f"  - {each.text(lang)}" for each in error.problems))))
        return None


def show(year: int | None, name: str, lang: str) -> int:
    """Print the days that differ from their weekday; return the exit status."""
    vi, settings = lang == "vi", load_settings()
    calendar = _read(name, settings.calendars, lang)
    if calendar is None:
        return 1
    years = sorted(calendar.years)
    if year is not None and year not in years:
        listed = ", ".join(map(str, years))
        say(
            f"Lịch “{name}” chưa có năm {year} (có: {listed}). Thêm: cascade calendar seed {year}"
            if vi
            else f"“{name}” has no {year} (it has {listed}). Add it: cascade calendar seed {year}"
        )
        return 1
    grid = Grid(title=calendar.name, title_justify="left")
    for column in (
        ("Ngày", "Loại", "Lý do", "Văn bản") if vi else ("Day", "Kind", "Why", "Decision")
    ):
        grid.add_column(column)
    for day, working, entry in _days(calendar):
        if year in (None, day.year):
            grid.add_row(
                day_words(day, lang),
                _kind(working, vi),
                escape(entry.reason),
                escape(entry.decision),
            )
    out.print(grid)
    out.print(str(settings.calendars / f"{name}.yaml"), markup=False, style="dim")
    return 0


def _days(calendar: CalendarFile) -> Iterable[tuple[date, bool, Entry]]:
    rows = [(day, False, entry) for day, entry in calendar.off.items()]
    rows += [(day, True, entry) for day, entry in calendar.worked.items()]
    return sorted(rows, key=lambda row: row[0])


def seed(years: list[int], name: str, write: bool, lang: str) -> int:
    """Fill *years* from the library ``holidays``; print what changes, and *write* the file."""
    vi, settings = lang == "vi", load_settings()
    calendar = _read(name, settings.calendars, lang)
    if calendar is None:
        return 1
    unlikely = [year for year in years if not 1976 <= year < 2200]
    if unlikely:
        listed = ", ".join(map(str, unlikely))
        say(f"Năm không hợp lý: {listed}" if vi else f"Unlikely year: {listed}")
        return 1
    filled = seeded(years, calendar)
    before = {day: (working, entry) for day, working, entry in _days(calendar)}
    after = {day: (working, entry) for day, working, entry in _days(filled)}
    for day in sorted(before.keys() | after.keys()):
        old, new = before.get(day), after.get(day)
        if old == new:
            continue
        kind = _kind(new[0], vi) if new else ("bỏ" if vi else "removed")
        reason = (new or old or (False, Entry("")))[1].reason
        out.print(f"  {day_words(day, lang)}: {kind} · {reason}", markup=False)
    if before == after and set(filled.years) == set(calendar.years):
        out.print("Không có gì thay đổi." if vi else "Nothing changes.")
        return 0
    if not write:
        out.print(
            "Chưa ghi vào tệp. Thêm --write để ghi." if vi else "Not written. Add --write to write."
        )
        return 0
    (settings.calendars / f"{name}.yaml").write_text(dumps(filled), encoding="utf-8")
    out.print(
        "Đã ghi. Ngày hoán đổi của năm mới thường công bố muộn: hãy đối chiếu với thông báo."
        if vi
        else "Written. Swapped days are announced late: compare with the announcement."
    )
    return 0


def _kind(working: bool, vi: bool) -> str:
    if working:
        return "làm bù" if vi else "worked"
    return "nghỉ" if vi else "off"


def _found(store: Store, calendar: CalendarFile) -> list[tuple[DocumentKey, Proposal]]:
    return [
        (DocumentKey(row["id"]), proposal)
        for row in store.streams()
        for proposal in proposals(store.state(DocumentKey(row["id"])), calendar.work)
    ]


def check(name: str, lang: str) -> int:
    """Print the announced dates that the calendar file would move; return the exit status."""
    vi, settings = lang == "vi", load_settings()
    calendar = _read(name, settings.calendars, lang)
    if calendar is None:
        return 1
    store = open_store(settings)
    try:
        found = _found(store, calendar)
        plans = {key: store.state(key).plan for key, _ in found}
    finally:
        store.close()
    if not found:
        out.print(
            "Lịch không làm đổi thời hạn nào đã công bố."
            if vi
            else "The calendar moves no announced date."
        )
        return 0
    grid = Grid(
        title="Thời hạn đã công bố mà lịch mới sẽ làm đổi"
        if vi
        else "Announced dates that the calendar would move",
        title_justify="left",
    )
    for column in (
        ("Văn bản", "Mục", "Cho", "Nguyên văn", "Đang áp dụng", "Theo lịch mới")
        if vi
        else ("Document", "Obligation", "For", "Words", "In force", "By the calendar")
    ):
        grid.add_column(column)
    everybody = "mọi đơn vị" if vi else "everybody"
    for key, each in found:
        plan = plans[key]
        who = ", ".join(plan.name(body) if plan else body for body in each.bodies)
        grid.add_row(
            escape(key),
            escape(each.obligation),
            escape(who or everybody),
            escape(each.phrase),
            bound_words(each.was, lang),
            bound_words(each.due, lang),
        )
    out.print(grid)
    out.print(
        "Chưa có gì bị dời. Xác nhận từng thời hạn: cascade calendar confirm VĂN-BẢN MỤC --by … "
        "--authority …"
        if vi
        else "Nothing was moved. Confirm each: cascade calendar confirm DOCUMENT OBLIGATION --by … "
        "--authority …"
    )
    return 0


def confirm(document: str, obligation: str, by: str, authority: str, name: str, lang: str) -> int:
    """Move the date of *obligation* to where the calendar puts it; return the exit status."""
    vi, settings = lang == "vi", load_settings()
    calendar = _read(name, settings.calendars, lang)
    if calendar is None:
        return 1
    typed = Typed(lang)
    by, authority = typed.who("--by", by), typed.decision("--authority", authority)
    if typed.refused():
        return 1
    store = open_store(settings)
    try:
        key = DocumentKey(document)
        state = store.state(key)
        if state.plan is None:
            say(unknown_document(store, document, lang))
            return 1
        wanted = [p for p in proposals(state, calendar.work) if p.obligation == obligation]
        if not wanted:
            say(
                f"Lịch không làm đổi hạn của {obligation!r}. Xem: cascade calendar check"
                if vi
                else f"The calendar does not move {obligation!r}. See: cascade calendar check"
            )
            return 1
        recorder = recorder_of(settings, store)
        for each in wanted:

            def ask(transaction: Transaction, each: Proposal = each) -> MoveBound:
                reason = "Thay đổi lịch ngày nghỉ, ngày làm bù"
                return MoveBound(
                    each.obligation,
                    each.due,
                    each.phrase,
                    by,
                    authority,
                    transaction.text(reason),
                    each.bodies,
                    CALENDAR,
                    earlier=True,
                )

            outcome = recorder.record(key, ask)
            if outcome.refusal is not None:
                say(outcome.refusal.text(lang))
                return 1
            tell(store, outcome, lang)
    finally:
        store.close()
    return 0
