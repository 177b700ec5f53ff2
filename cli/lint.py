"""`cascade lint`: what can be proved about a package, for a clerk or for a program."""

import json
from pathlib import Path

from pendulum import DateTime
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.problems import Terminal, say
from config.errors import PackageError
from config.lint import Finding, Move, Remedy, Severity, Verdict, lint
from config.lint.codes import headline
from config.lint.data import as_json
from config.lint.make import said
from config.lint.words import short, until
from config.settings import Settings
from config.settings import load as load_settings
from notifications.words import bound_words

_WORDS = {
    "vi": {
        Severity.ERROR: "LỖI",
        Severity.WARNING: "CẢNH BÁO",
        Severity.INFO: "GHI CHÚ",
    },
    "en": {
        Severity.ERROR: "ERROR",
        Severity.WARNING: "WARNING",
        Severity.INFO: "NOTE",
    },
}
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_QUOTED = 50
"""Of a quotation so much is shown even where it takes a second line; the rest is in the JSON."""
_MANY = 8


def run(package: Path, format_: str, lang: str, *, running: bool = False) -> int:
    """Print the verdict on *package*; return the exit status.

    *running*: with the bounds in force in the ledger of the settings, where acts have moved them.
    """
    if format_ not in ("text", "json"):
        say(f"--format: text | json, không phải / not {format_!r}")
        return 2
    settings = load_settings()
    try:
        dues = _in_force(settings) if running else {}
        verdict = lint(package, dues, lang=lang, calendars=settings.calendars)
    except PackageError as error:
        say(str(error))
        return 2
    if format_ == "json":
        print(json.dumps(as_json(verdict, lang), ensure_ascii=False, indent=1))
    else:
        out = Terminal(highlight=False)
        if running:
            moved = ", ".join(
                f"{key} {bound_words(due, lang)}" for key, due in sorted(dues.items())
            )
            head = "Moved by acts" if lang == "en" else "Đã dời theo quyết định"
            out.print(f"{head}: {moved or '—'}", markup=False, style="dim")
        show(verdict, out, lang)
    return 1 if verdict.count(Severity.ERROR) else 0


def _in_force(settings: Settings) -> dict[str, DateTime]:
    """Return the bounds that acts have moved, by obligation: the latest of those who owe it."""
    from models.domain.moving import hanging_on, latest
    from models.domain.terms import DocumentKey
    from notifications.wiring import open_store

    store = open_store(settings)
    found: dict[str, DateTime] = {}
    try:
        for row in store.streams():
            state = store.state(DocumentKey(row["id"]))
            for origin in state.moves:
                for obligation in hanging_on(state.plan, origin) if state.plan else ():
                    due = latest(state, obligation)
                    if due is not None:
                        found[obligation.id] = due
    finally:
        store.close()
    return found


def show(verdict: Verdict, out: Console, lang: str) -> None:
    """Print *verdict* for a clerk."""
    _summary(verdict, out, lang)
    for finding in verdict.findings:
        out.print()
        _finding(finding, out, lang)
    if verdict.only_people_see:
        out.print()
        head = "Only a person can see" if lang == "en" else "Chỉ người đọc thấy"
        out.print(Text(f"{head}:", style="bold"))
        for conflict in verdict.only_people_see:
            text = Text(f"{conflict.id}  {conflict.title}\n")
            text.append(f"→ {conflict.handling}", style="dim")
            _indented(out, text)
    out.print()
    _slack(verdict, out, lang)


def _summary(verdict: Verdict, out: Console, lang: str) -> None:
    errors, warnings, notes = (verdict.count(each) for each in Severity)
    out.print(Text(verdict.title, style="bold"))
    if lang == "en":
        ends = ["s" * (n != 1) for n in (errors, warnings, notes)]
        counts = f"{errors} error{ends[0]}, {warnings} warning{ends[1]}, {notes} note{ends[2]}"
        fit = "it cannot be carried out as it is worded" if errors else "it can be issued"
    else:
        counts = f"{errors} lỗi, {warnings} cảnh báo, {notes} ghi chú"
        fit = "chưa thực hiện được như đang viết" if errors else "ban hành được"
    out.print(Text(f"{counts}: {fit}.", style="red" if errors else "green"))


def _finding(finding: Finding, out: Console, lang: str) -> None:
    head = Text(_WORDS[lang][finding.severity], style=_STYLES[finding.severity])
    if finding.id:
        head.append(f"  {finding.id}", style="bold")
    head.append(f"  {headline(finding.code).text(lang)}", style="bold")
    head.append(f"  [{finding.code}]", style="dim")
    out.print(head)
    _clauses(finding, out, lang)
    _labelled(out, "Follows" if lang == "en" else "Hệ quả", finding.follows.text(lang))
    for place, remedy in enumerate(_shown(finding)):
        if place == 0:
            name = "Smallest settlement" if lang == "en" else "Cách nhỏ nhất"
        else:
            home = finding.documents[0]
            name = f"Within {home} alone" if lang == "en" else f"Chỉ đổi trong {home}"
        _labelled(out, name, f"{said(remedy, finding.documents).text(lang)}.")
    if finding.handling:
        name = "Decided" if lang == "en" else "Đã ghi cách xử lý"
        _labelled(out, name, finding.handling)


def _clauses(finding: Finding, out: Console, lang: str) -> None:
    """Print the clauses; those with the same words and the same date together."""
    groups: dict[tuple[str, DateTime | None], list[str]] = {}
    for clause in finding.clauses:
        groups.setdefault((clause.quote, clause.due), []).append(clause.obligation)
    for (quote, due), ids in list(groups.items())[:_MANY]:
        names, end = ", ".join(ids), f"  {until(due).text(lang)}" if due is not None else ""
        line = Text(f"{names}  ", style="bold")
        room = out.width - len(names) - len(end) - 6
        line.append(f"“{_cut(quote, max(_QUOTED, room))}”", style="italic not bold")
        line.append(end, style="not bold")
        _indented(out, line)
    if len(groups) > _MANY:
        more = len(groups) - _MANY
        out.print(f"  … {more} more" if lang == "en" else f"  … và {more} mục nữa")


def _indented(out: Console, text: Text | Table) -> None:
    out.print(Padding(text, (0, 0, 0, 2), expand=False))


def _shown(finding: Finding) -> list[Remedy]:
    """Return the smallest settlement and, if it needs another issuer, the smallest without."""
    smallest = [each for each in finding.remedies if each.minimal]
    home = finding.documents[0] if finding.documents else ""
    if not any(_abroad(each, home) for each in smallest):
        return smallest
    return [*smallest, *[each for each in finding.remedies if not _abroad(each, home)][:1]]


def _abroad(remedy: Remedy, home: str) -> bool:
    return any(isinstance(each, Move) and each.document != home for each in remedy.changes)


def _labelled(out: Console, name: str, text: str) -> None:
    line = Text(f"{name}: ", style="bold")
    line.append(text, style="not bold")
    _indented(out, line)


def _cut(quote: str, room: int) -> str:
    quote = " ".join(quote.split())
    return quote if len(quote) <= room else quote[: room - 1].rsplit(" ", 1)[0] + " …"


def _slack(verdict: Verdict, out: Console, lang: str) -> None:
    en = lang == "en"
    if verdict.critical:
        name = "Critical path" if en else "Chuỗi quyết định ngày xong"
        out.print(Text(f"{name}: ", style="bold").append(" → ".join(verdict.critical), "not bold"))
    if not verdict.slack:
        return
    heads = ("Duty", "From", "Last day", "Room", "Needs", "Spare")
    if not en:
        heads = ("Nhiệm vụ", "Từ", "Ngày cuối", "Có", "Cần", "Dư")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place > 2 else "left", no_wrap=True)
    for each in verdict.slack:
        style = "red" if each.days < 0 else None
        start = f"{each.start:%d/%m/%Y}"
        cells = (each.duty, start, short(each.due), each.room, each.lead, each.days)
        table.add_row(*map(str, cells), style=style)
    name = "Working days to spare" if en else "Số ngày làm việc còn dư của từng nhiệm vụ có hạn"
    out.print(Text(f"{name}:", style="bold"))
    _indented(out, table)
    key = "Room: from the inputs' bounds to its own. Needs: for itself. Spare: the difference."
    if not en:
        key = "Có: từ khi các đầu vào đến hạn tới hạn của nó. Cần: cho riêng nó. Dư: có trừ cần."
    _indented(out, Text(key, style="dim"))
