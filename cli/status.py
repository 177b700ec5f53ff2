"""How a directive stands: the 2×2 table, who is awaited, why and since when."""

from typing import Any

from pendulum import DateTime
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from cli.prospects import prospect_words
from models.codec import instant_text
from models.domain.facts import ON_BEHALF, BoundMoved
from models.domain.prospects import infeasible
from models.domain.state import Progress, State
from models.domain.statistics import Awaited, Table, awaited, closing_copies, is_late, table
from models.domain.terms import Phase
from notifications.words import bound_words, instant_words

_PHASES = {
    "vi": {
        Phase.PENDING: "chưa bắt đầu",
        Phase.OPEN: "chưa xác nhận",
        Phase.ACKNOWLEDGED: "đã nhận",
        Phase.SUBMITTED: "chờ xem xét",
        Phase.ACCEPTED: "đã chấp nhận",
        Phase.WAIVED: "được miễn",
        Phase.SUPERSEDED: "chuyển đơn vị",
    },
    "en": {phase: phase.value for phase in Phase},
}


def as_json(state: State, now: DateTime | None = None) -> dict[str, Any]:
    """Return the status of one document for programs (documented in ``docs/commands.md``).

    *now* lets first bounds that have passed since they were moved count for the strict rate.
    """
    plan = state.plan
    assert plan is not None
    counts = table(closing_copies(state), now)
    gates = [
        {
            "obligation": gate.obligation,
            "opened_at": _text(gate.opened_at),
            "outstanding": gate.outstanding,
            "missing": [plan.name(plan.assignments[each][1]) for each in gate.missing],
        }
        for gate in sorted(state.gates.values(), key=lambda gate: gate.obligation)
    ]
    return {
        "document": plan.document.key,
        "issued_at": _text(state.issued_at),
        "completed_at": _text(state.completed_at),
        "reported_up_at": _text(state.reported_up_at),
        "table": {
            "done": {"in_time": counts.done_in_time, "late": counts.done_late},
            "not_done": {"in_time": counts.open_in_time, "late": counts.open_late},
            "waived": counts.waived,
            "superseded": counts.superseded,
        },
        "rates": {
            "strict": {"in_time": counts.strict[0], "of": counts.strict[1]},
            "lenient": {"in_time": counts.lenient[0], "of": counts.lenient[1]},
        },
        "late": [
            {
                "assignment": copy.id,
                "unit": plan.name(copy.body),
                "clause": plan.obligations[copy.obligation].clause,
                "due": _text(copy.due),
                "overdue_at": _text(copy.overdue_at),
                "submitted_at": _text(copy.submitted_at),
                "rung": copy.rung,
                "phase": copy.phase.value,
            }
            for copy in closing_copies(state)
            if is_late(copy)
        ],
        "awaited": [
            {
                "assignment": row.assignment,
                "unit": row.unit,
                "clause": row.clause,
                "phase": row.phase.value,
                "since": _text(row.since),
                "due": _text(row.due),
                "late": row.late,
                "rung": row.rung,
            }
            for row in awaited(state)
        ],
        "on_behalf": [
            {
                "assignment": copy.id,
                "unit": plan.name(copy.body),
                "clause": plan.obligations[copy.obligation].clause,
                "version": copy.version,
            }
            for copy in _entered(state)
        ],
        "gates": gates,
        "moved": [
            {
                "obligation": act.obligation,
                "units": [plan.name(body) for body in act.bodies],
                "was": _text(act.was),
                "due": _text(act.due),
                "phrase": act.phrase,
                "by": act.by,
                "authority": act.authority,
                "why": act.why,
                "at": _text(act.at),
            }
            for act in _acts(state)
        ],
        "infeasible": [
            {
                "obligation": each.obligation,
                "clause": plan.obligations[each.obligation].clause,
                "on": each.on,
                "tie": each.tie,
                "needs": _text(each.needs),
                "working_days_missing": each.days,
            }
            for each in infeasible(state)
        ],
        "wishes": [_wish(state, copy) for copy in _wishing(state)],
        "untold": [
            {
                "assignment": copy.id,
                "unit": plan.name(copy.body),
                "clause": plan.obligations[copy.obligation].clause,
                "rung": copy.withheld,
                "since": _text(copy.withheld_at),
            }
            for copy in _untold(state)
        ],
        "next": _text(state.next_due()),
    }


def _wishing(state: State) -> list[Progress]:
    """Return the copies about which a unit awaits an answer, in the order of the plan."""
    return [copy for copy in _copies(state) if copy.asked is not None or copy.disputed is not None]


def _untold(state: State) -> list[Progress]:
    """Return the copies whose ladder waits, because nothing proves that the body was told."""
    owing = (Phase.OPEN, Phase.ACKNOWLEDGED)
    return [copy for copy in _copies(state) if copy.withheld and copy.phase in owing]


def _copies(state: State) -> list[Progress]:
    assert state.plan is not None
    return [state.progress[each] for each in state.plan.assignments]


def _wish(state: State, copy: Progress) -> dict[str, Any]:
    plan = state.plan
    assert plan is not None
    asked, disputed = copy.asked, copy.disputed
    return {
        "assignment": copy.id,
        "unit": plan.name(copy.body),
        "clause": plan.obligations[copy.obligation].clause,
        "asks_until": _text(asked.until) if asked else None,
        "asked_at": _text(asked.at) if asked else None,
        "disputed_at": _text(disputed.at) if disputed else None,
    }


def show(state: State, console: Console, lang: str = "vi", now: DateTime | None = None) -> None:
    """Print the status of one document for people; *now* as for :func:`as_json`."""
    vi = lang == "vi"
    plan = state.plan
    assert plan is not None
    document = plan.document
    console.print(f"[bold]{escape(document.key)}[/bold] · {escape(document.title)}")
    if state.issued_at is None:
        console.print("Chưa ban hành." if vi else "Not issued yet.")
        return
    issued = instant_words(state.issued_at, lang)
    console.print((f"Ban hành: {issued}") if vi else f"Issued: {issued}")
    counts = table(closing_copies(state), now)
    console.print(_grid(counts, vi))
    strict, lenient = _rate(*counts.strict, vi), _rate(*counts.lenient, vi)
    console.print(
        f"Đúng hạn theo hạn đầu: {strict} · theo hạn đang áp dụng: {lenient}"
        if vi
        else f"In time by the first bound: {strict} · by the bound in force: {lenient}"
    )
    thanks = counts.done_in_time - counts.strict_in_time
    if thanks > 0:
        console.print(
            f"Trong đó {thanks} nhiệm vụ đúng hạn sau khi được dời hạn hoặc trả lại."
            if vi
            else f"Of these {thanks} in time by a moved date or after a return."
        )
    _show_late(state, console, vi)
    _show_moved(state, console, lang)
    _show_wishes(state, console, lang)
    entered = ", ".join(
        f"{plan.name(copy.body)} ({plan.obligations[copy.obligation].clause})"
        for copy in _entered(state)
    )
    if entered:
        console.print(
            f"Nhập thay từ văn bản giấy, độ tin cậy thấp hơn: {entered}"
            if vi
            else f"Entered on behalf from paper, less sure: {entered}",
            style="yellow",
            markup=False,
        )
    waiting = awaited(state)
    if waiting:
        console.print(_waiting(waiting, lang))
    for gate in sorted(state.gates.values(), key=lambda each: each.obligation):
        clause = plan.obligations[gate.obligation].clause
        missing = ", ".join(plan.name(plan.assignments[each][1]) for each in gate.missing)
        if gate.opened_at is None:
            console.print(
                f"Tổng hợp {clause}: còn chờ {gate.outstanding} báo cáo"
                if vi
                else f"Synthesis {clause}: waits for {gate.outstanding} reports"
            )
        else:
            opened = instant_words(gate.opened_at, lang)
            text = f"Tổng hợp {clause}: bắt đầu {opened}" if vi else f"Synthesis {clause}: {opened}"
            if missing:
                text += f"; thiếu: {missing}" if vi else f"; missing: {missing}"
            console.print(text, markup=False)
    if state.completed_at is not None:
        done = instant_words(state.completed_at, lang)
        console.print(
            f"[green]Hoàn thành mọi nhiệm vụ có thời hạn: {done}[/green]"
            if vi
            else f"[green]Every dated duty closed: {done}[/green]"
        )


def _grid(counts: Table, vi: bool) -> Grid:
    grid = Grid(title="Nhiệm vụ có thời hạn" if vi else "Dated duties", title_justify="left")
    grid.add_column("")
    for column in ("đúng/trong hạn", "quá hạn") if vi else ("in time", "late"):
        grid.add_column(column, justify="right")
    grid.add_column("cộng" if vi else "sum", justify="right")
    grid.add_row(
        "hoàn thành" if vi else "done",
        str(counts.done_in_time),
        str(counts.done_late),
        str(counts.done),
    )
    grid.add_row(
        "chưa hoàn thành" if vi else "not done",
        str(counts.open_in_time),
        str(counts.open_late),
        str(counts.open),
    )
    if counts.waived:
        grid.add_row("được miễn" if vi else "waived", "", "", str(counts.waived))
    if counts.superseded:
        grid.add_row("chuyển đơn vị" if vi else "superseded", "", "", str(counts.superseded))
    return grid


def _show_late(state: State, console: Console, vi: bool) -> None:
    plan = state.plan
    assert plan is not None
    lang = "vi" if vi else "en"
    late = [copy for copy in closing_copies(state) if is_late(copy)]
    if not late:
        return
    grid = Grid(title="Đơn vị quá hạn" if vi else "Late units", title_justify="left")
    for column in (
        ("Đơn vị", "Mục", "Hạn", "Báo cáo lúc", "Bước")
        if vi
        else ("Unit", "Clause", "Due", "Reported", "Rung")
    ):
        grid.add_column(column)
    for copy in late:
        grid.add_row(
            escape(plan.name(copy.body)),
            escape(copy.obligation),
            bound_words(copy.due, lang) if copy.due else "",
            instant_words(copy.submitted_at, lang) if copy.submitted_at else "—",
            str(copy.rung or ""),
        )
    console.print(grid)


def _entered(state: State) -> list[Progress]:
    """Return the copies whose newest report an office has entered from paper."""
    return sorted(
        (copy for copy in state.progress.values() if copy.version and copy.trust == ON_BEHALF),
        key=lambda copy: copy.id,
    )


def _acts(state: State) -> list[BoundMoved]:
    return sorted(
        (act for acts in state.moves.values() for act in acts), key=lambda act: (act.at, act.number)
    )


def _show_moved(state: State, console: Console, lang: str) -> None:
    """Print the dates that acts have moved, and the duties that thereby lack time."""
    vi = lang == "vi"
    plan = state.plan
    assert plan is not None
    acts = _acts(state)
    if acts:
        grid = Grid(title="Thời hạn đã dời" if vi else "Moved dates", title_justify="left")
        for column in (
            ("Mục", "Cho", "Hạn cũ", "Hạn mới", "Theo")
            if vi
            else ("Clause", "For", "Was", "Is", "Authority")
        ):
            grid.add_column(column)
        everybody = "mọi đơn vị" if vi else "everybody"
        for act in acts:
            grid.add_row(
                escape(act.obligation),
                escape(", ".join(plan.name(body) for body in act.bodies) or everybody),
                bound_words(act.was, lang) if act.was else "—",
                bound_words(act.due, lang),
                escape(f"{act.authority}, {act.by}"),
            )
        console.print(grid)
    for each in infeasible(state):
        console.print(prospect_words(state, each, lang), style="red", markup=False)


def _show_wishes(state: State, console: Console, lang: str) -> None:
    """Print what units ask for and wait for, and whom nothing proves to have been told."""
    vi = lang == "vi"
    plan = state.plan
    assert plan is not None
    wishing, untold = _wishing(state), _untold(state)
    if wishing:
        grid = Grid(title="Chờ trả lời" if vi else "Waiting for an answer", title_justify="left")
        for column in ("Đơn vị", "Mục", "Đề nghị") if vi else ("Unit", "Clause", "Asks"):
            grid.add_column(column)
        for copy in wishing:
            words = []
            if copy.asked is not None:
                until = bound_words(copy.asked.until, lang)
                words.append(f"gia hạn đến {until}" if vi else f"until {until}")
            if copy.disputed is not None:
                words.append("không thuộc đơn vị" if vi else "not its own")
            unit = escape(f"{plan.name(copy.body)} ({copy.body})")
            grid.add_row(unit, escape(copy.obligation), "; ".join(words))
        console.print(grid)
    for copy in untold:
        name = plan.name(copy.body)
        command = f"{state.key} {copy.obligation} {copy.body} --by … --how …"
        console.print(
            f"Chưa có bằng chứng đã báo cho {name} ({copy.obligation}): bước {copy.withheld} chưa "
            f"được thực hiện. Báo bằng cách khác rồi ghi lại: cascade notice {command}"
            if vi
            else f"Nothing proves that {name} was told ({copy.obligation}): rung {copy.withheld} "
            f"waits. Tell it by other means and record it: cascade notice {command}",
            style="yellow",
            markup=False,
        )


def _waiting(rows: list[Awaited], lang: str) -> Grid:
    vi = lang == "vi"
    grid = Grid(title="Đang chờ" if vi else "Awaited", title_justify="left")
    for column in (
        ("Đơn vị", "Mục", "Tình trạng", "Từ lúc", "Hạn", "Bước")
        if vi
        else ("Unit", "Clause", "Status", "Since", "Due", "Rung")
    ):
        grid.add_column(column)
    for row in rows:
        name = _PHASES[lang][row.phase]
        grid.add_row(
            escape(row.unit),
            escape(row.obligation),
            (f"quá hạn, {name}" if vi else f"late, {name}") if row.late else name,
            instant_words(row.since, lang) if row.since else "",
            bound_words(row.due, lang) if row.due else "",
            str(row.rung or ""),
        )
    return grid


def _rate(part: int, whole: int, vi: bool) -> str:
    if whole == 0:
        return "—"
    text = f"{part}/{whole} ({100 * part / whole:.1f} %)"
    return text.replace(".", ",") if vi else text


def _text(instant: Any) -> str | None:
    return None if instant is None else instant_text(instant)
