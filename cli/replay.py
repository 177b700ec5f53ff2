"""`cascade replay`: a document at any instant, what changed between two, and the auditors' page."""

import json
import os
from pathlib import Path

from pendulum import DateTime
from rich.markup import escape
from rich.table import Table as Grid

from audit import coverage
from audit.bodies import Damaged
from audit.diff import Change, Changed, Difference, between
from audit.ledger import chain, histories
from audit.page import Ledger, page
from audit.posted import posted
from audit.replay import History, Item, NoSuchDocument, Replayed
from audit.told import diff_json, replay_json
from audit.uncollected import uncollected
from audit.words import bound_words, fact_words, instant_words, phase_words
from cli.decide import unknown_document
from cli.instants import read_instant
from cli.problems import out, say
from cli.status import show
from config.settings import load as load_settings
from models.domain.errors import ImpossibleFact
from models.domain.state import Plan
from models.domain.terms import AssignmentId, Phase
from models.store import Store
from notifications.wiring import open_store

FIELDS = {
    "phase": ("tình trạng", "status"),
    "first_due": ("hạn ban đầu", "first bound"),
    "due": ("hạn", "bound"),
    "opened_at": ("bắt đầu", "opened"),
    "acknowledged_at": ("xác nhận", "acknowledged"),
    "submitted_at": ("gửi báo cáo", "reported"),
    "version": ("bản thứ", "version"),
    "overdue_at": ("quá hạn từ", "overdue since"),
    "rung": ("bước đôn đốc", "rung"),
    "returned_at": ("trả lại", "returned"),
    "rounds": ("số lần trả lại", "times returned"),
    "moves": ("số lần dời hạn", "times moved"),
    "closed_at": ("kết thúc", "closed"),
    "waived_by": ("nơi miễn", "waived by"),
    "issued_at": ("ban hành", "issued"),
    "parent_issued_at": ("cấp trên ban hành", "issued above"),
    "completed_at": ("hoàn thành", "complete"),
    "reported_up_at": ("báo cáo lên", "reported up"),
    "told": ("số lần đã báo có bằng chứng", "proven notices"),
    "answered": ("đơn vị đã trả lời", "body answered"),
}
"""What the table calls them, Vietnamese and English; others keep their names."""


def run(
    document: str,
    at: str,
    known_at: str | None,
    diff: str | None,
    format_: str,
    html: Path | None,
    lang: str,
) -> int:
    """Replay *document*; return the exit status."""
    try:
        with uncollected():
            return _run(document, at, known_at, diff, format_, html, lang)
    except (Damaged, ImpossibleFact) as error:
        say(
            f"Sổ cái có điều không thể có ({error}). Hãy chạy “cascade verify”."
            if lang == "vi"
            else f"The ledger holds what cannot be ({error}). Run 'cascade verify'."
        )
        return 1


def _run(
    document: str,
    at: str,
    known_at: str | None,
    diff: str | None,
    format_: str,
    html: Path | None,
    lang: str,
) -> int:
    if format_ not in ("text", "json"):
        say(f"--format: text | json, không phải / not {format_!r}")
        return 2
    given = {"--at": at, "--known-at": known_at, "--diff": diff}
    instants = {name: read_instant(text) for name, text in given.items() if text is not None}
    wrong = [name for name, instant in instants.items() if instant is None]
    if wrong:
        say("\n".join(_not_an_instant(name, str(given[name]), lang) for name in wrong))
        return 2
    first, known, second = (instants.get(name) for name in given)
    assert first is not None
    settings = load_settings()
    store = open_store(settings)
    try:
        try:
            history = History.read(store, document)
        except NoSuchDocument:
            say(unknown_document(store, document, lang))
            return 1
        replayed = history.at(first, known)
        now = settings.domain_clock().now()
        if html is not None and not _written(store, document, html, now, lang):
            return 1
    finally:
        store.close()
    if second is None:
        return _tell(replayed, history, format_, lang, now)
    # The same instant twice has no difference but in what was known of it.
    hindsight = None if second == first else known
    return _tell_difference(between(replayed, history.at(second, hindsight)), format_, lang)


def _not_an_instant(option: str, text: str, lang: str) -> str:
    return (
        f"{option}: không hiểu thời điểm {text!r}. Ví dụ: “08:00 15/10/2023”, “2023-10-15T08:00”."
        if lang == "vi"
        else f"{option}: no instant: {text!r}. For example: “08:00 15/10/2023”, “2023-10-15T08:00”."
    )


def _written(store: Store, document: str, path: Path, now: DateTime, lang: str) -> bool:
    """Write the auditors' page of the chain of *document*; return whether that was possible."""
    found = chain(histories(store), document)
    ledger = Ledger(store.log_id(), store.size(), coverage.read(store))
    made = page(found, ledger, now, lang=lang, posted=posted(store))
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(made.html, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        said = error.strerror or str(error)
        say(f"Không ghi được {path}: {said}" if lang == "vi" else f"Cannot write {path}: {said}")
        return False
    return True


def _tell(replayed: Replayed, history: History, format_: str, lang: str, now: DateTime) -> int:
    if format_ == "json":
        print(json.dumps(replay_json(replayed), ensure_ascii=False, indent=1))
        return 0
    vi = lang == "vi"
    out.print(_when(replayed, lang), style="bold", markup=False)
    if replayed.at > now:
        out.print(
            "Thời điểm này chưa tới: phần suy ra là dự báo nếu không ai làm gì thêm."
            if vi
            else "This instant has not come: what is derived is a forecast if nobody acts.",
            style="yellow",
        )
    if replayed.state.plan is None:
        out.print("Khi đó chưa có gì trong sổ cái." if vi else "Nothing was in the ledger then.")
        return 0
    show(replayed.state, out, lang, replayed.at)
    if replayed.state.issued_at is not None:
        out.print(_phases(replayed, lang))
    plan = history.upto(len(history.bodies)).plan
    _list(
        "Suy ra từ quy tắc, chưa ai ghi" if vi else "Derived from the rules, recorded by nobody",
        replayed.derived,
        plan,
        lang,
    )
    _list(
        "Để riêng: chưa thể xảy ra trước điều kiện của nó" if vi else "Set aside: not yet possible",
        replayed.set_aside,
        plan,
        lang,
    )
    return 0


def _when(replayed: Replayed, lang: str) -> str:
    vi = lang == "vi"
    instant = instant_words(replayed.at, lang)
    if replayed.known_at is None:
        return (
            f"{replayed.document} lúc {instant}, theo mọi điều sổ cái biết đến nay"
            if vi
            else f"{replayed.document} at {instant}, from all that the ledger knows today"
        )
    known = instant_words(replayed.known_at, lang)
    return (
        f"{replayed.document} lúc {instant}, theo những gì đã ghi đến {known}"
        if vi
        else f"{replayed.document} at {instant}, from what was recorded by {known}"
    )


def _phases(replayed: Replayed, lang: str) -> Grid:
    """Return how many bodies stand where, duty by duty."""
    vi = lang == "vi"
    plan = replayed.state.plan
    assert plan is not None
    grid = Grid(title="Từng nhiệm vụ" if vi else "Duty by duty", title_justify="left")
    grid.add_column("Mục" if vi else "Clause")
    grid.add_column("Nhiệm vụ" if vi else "Duty")
    for phase in Phase:
        grid.add_column(phase_words(phase, lang), justify="right")
    grid.add_column("quá hạn" if vi else "late", justify="right")
    for obligation in plan.document.obligations:
        copies = [replayed.state.progress[each] for each in obligation.assignments()]
        if copies:
            counts = [sum(copy.phase is phase for copy in copies) for phase in Phase]
            late = sum(copy.overdue_at is not None for copy in copies)
            grid.add_row(
                escape(obligation.id),
                escape(obligation.summary),
                *(str(count or "") for count in (*counts, late)),
            )
    return grid


def _list(title: str, items: tuple[Item, ...], plan: Plan | None, lang: str) -> None:
    if not items:
        return
    out.print(f"{title} ({len(items)})", style="bold", markup=False)
    for item in items:
        out.print(f"  {_line(item, plan, lang)}", markup=False)


def _line(item: Item, plan: Plan | None, lang: str) -> str:
    about = getattr(item.fact, "assignment", None) or getattr(item.fact, "obligation", "")
    number = "—" if item.seq is None else str(item.seq)
    who = f" {about}" if about else ""
    return (
        f"{number}  {instant_words(item.fact.at, lang)}{who}: {fact_words(item.fact, plan, lang)}"
    )


def _tell_difference(difference: Difference, format_: str, lang: str) -> int:
    if format_ == "json":
        print(json.dumps(diff_json(difference), ensure_ascii=False, indent=1))
        return 0
    vi = lang == "vi"
    for replayed in (difference.first, difference.second):
        out.print(_when(replayed, lang), style="bold", markup=False)
    plan = difference.second.state.plan or difference.first.state.plan
    if not difference.changed:
        out.print("Không có gì khác." if vi else "Nothing is otherwise.")
    for changed in difference.changed:
        out.print()
        out.print(_who(changed.assignment, plan, lang), style="bold", markup=False)
        for change in changed.changes:
            out.print(f"  {_change(change, lang)}", markup=False)
        _facts(changed, plan, lang)
    return 0


def _facts(changed: Changed, plan: Plan | None, lang: str) -> None:
    for item in changed.facts:
        out.print(f"    + {_line(item, plan, lang)}", markup=False, style="green")
    for item in changed.gone:
        out.print(f"    - {_line(item, plan, lang)}", markup=False, style="red")


def _who(assignment: AssignmentId | None, plan: Plan | None, lang: str) -> str:
    if assignment is None:
        return "Văn bản" if lang == "vi" else "The document"
    if plan is None or assignment not in plan.assignments:
        return assignment
    obligation, body = plan.assignments[assignment]
    return f"{plan.name(body)} · {obligation.id} {obligation.summary}"


def _change(change: Change, lang: str) -> str:
    name = FIELDS.get(change.field, (change.field, change.field))[lang != "vi"]
    before, after = (_value(change.field, each, lang) for each in (change.before, change.after))
    return f"{name}: {before} → {after}"


def _value(name: str, value: object, lang: str) -> str:
    if value is None:
        return "—"
    if isinstance(value, DateTime):
        return (
            bound_words(value, lang) if name in ("due", "first_due") else instant_words(value, lang)
        )
    if isinstance(value, Phase):
        return phase_words(value, lang)
    if isinstance(value, bool):
        yes, no = ("có", "không") if lang == "vi" else ("yes", "no")
        return yes if value else no
    return str(value)
