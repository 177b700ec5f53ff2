"""`cascade issue`: enter a package, whole or not at all."""

from pathlib import Path

from pendulum import DateTime

from cli.problems import out, say
from cli.typed import Typed
from config.errors import PackageError
from config.package import Package, load
from config.settings import load as load_settings
from models.domain.calendar import last_day
from models.record import Address, AlreadyRegistered, Recorder
from notifications.wiring import open_store, recorder_of


def run(package: Path, by: str, accept_past: bool, lang: str) -> int:
    """Enter the package in the store of the settings; return the exit status."""
    typed = Typed(lang)
    by = typed.who("--by", by)
    if typed.refused():
        return 1
    settings = load_settings()
    try:
        found = load(package, lang=lang, calendars=settings.calendars)
    except PackageError as error:
        say(str(error))
        return 1
    store = open_store(settings)
    try:
        recorder = recorder_of(settings, store)
        past = passed(found, recorder.clock.now())
        if past and not accept_past:
            say(_past_text(past, lang))
            return 1
        register(recorder, found, by)
    except AlreadyRegistered as error:
        say(
            f"{error.key} đã được nhập trước đó; không có gì được lưu thêm."
            if lang == "vi"
            else f"{error.key} is in the ledger already; nothing more was stored."
        )
        return 1
    finally:
        store.close()
    for document in found.documents:
        out.print(f"{document.key}: {document.issue_at:%d/%m/%Y %H:%M}", markup=False)
    for note in found.notes:
        out.print(f"· {note.vi if lang == 'vi' else note.en}", markup=False, style="dim")
    return 0


def register(recorder: Recorder, package: Package, by: str) -> None:
    """Enter *package*; the flows issue its documents when their day comes."""
    recorder.register(
        package.documents,
        [Address(contact.body, contact.email, contact.locale) for contact in package.contacts],
        by,
    )


def passed(package: Package, now: DateTime) -> list[tuple[str, str, str]]:
    """Return the bounds that lie before *now*: document, clause, last day."""
    return [
        (document.key, obligation.clause, f"{last_day(obligation.bound.due_exclusive):%d/%m/%Y}")
        for document in package.documents
        for obligation in document.obligations
        if obligation.bound is not None and obligation.bound.due_exclusive <= now
    ]


def _past_text(past: list[tuple[str, str, str]], lang: str) -> str:
    rows = "\n".join(f"  {document} {clause}: {day}" for document, clause, day in past)
    if lang == "en":
        return (
            f"These bounds have passed already; every unit would be overdue at once:\n{rows}\n"
            "Correct the package, or add --accept-past to enter it as history."
        )
    return (
        f"Các hạn sau đã qua; nhập vào là mọi đơn vị quá hạn ngay:\n{rows}\n"
        "Hãy sửa gói văn bản, hoặc thêm --accept-past để nhập như dữ liệu đã qua."
    )
