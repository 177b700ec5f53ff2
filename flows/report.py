"""Tables for the Prefect UI: how a document stands, and what a synthesis is made of."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from models.domain.facts import ON_BEHALF
from models.domain.state import Progress, State
from models.domain.statistics import closing_copies, is_late, table
from models.domain.terms import ObligationId, Phase
from notifications.words import bound_words, instant_words

PHASES = {
    Phase.PENDING: "chưa bắt đầu",
    Phase.OPEN: "chưa báo cáo",
    Phase.ACKNOWLEDGED: "đã nhận, chưa báo cáo",
    Phase.SUBMITTED: "đã gửi, chờ xem xét",
    Phase.ACCEPTED: "đã chấp nhận",
    Phase.WAIVED: "được miễn",
    Phase.SUPERSEDED: "chuyển đơn vị khác",
}


def slug(text: str) -> str:
    """Return an artifact key: lower case, digits and dashes only (Prefect refuses others)."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")


def standing(state: State) -> str:
    """Return how the document stands, as Markdown: table, late units, what an office owes."""
    counts = table(closing_copies(state))
    plan = state.plan
    assert plan is not None
    lines = [
        f"# {plan.document.number}",
        "",
        "| | đúng/trong hạn | quá hạn | cộng |",
        "|---|---:|---:|---:|",
        f"| hoàn thành | {counts.done_in_time} | {counts.done_late} | {counts.done} |",
        f"| chưa hoàn thành | {counts.open_in_time} | {counts.open_late} | {counts.open} |",
    ]
    if counts.waived:
        lines.append(f"| được miễn | | | {counts.waived} |")
    late = [copy for copy in closing_copies(state) if is_late(copy)]
    if late:
        lines += ["", "**Quá hạn:**", ""]
        lines += [
            f"- {plan.name(copy.body)} · {plan.obligations[copy.obligation].clause}: "
            f"{PHASES[copy.phase]}"
            for copy in late
        ]
    waiting = list(_waiting(state))
    if waiting:
        lines += ["", "**Chờ quyết định** (deployment `decide`, “Custom run”):", "", *waiting]
    return "\n".join(lines)


def _waiting(state: State) -> Iterator[str]:
    """Yield what an office must answer, with the names that the form of `decide` asks for."""
    plan = state.plan
    assert plan is not None
    for copy in (state.progress[each] for each in plan.assignments):
        form = f"(obligation `{copy.obligation}`, body `{copy.body}`)"
        if copy.asked is not None:
            until = bound_words(copy.asked.until)
            yield f"- {plan.name(copy.body)} xin gia hạn đến {until} {form}"
        if copy.disputed is not None:
            yield f"- {plan.name(copy.body)} báo nhiệm vụ không thuộc đơn vị {form}"
        if copy.withheld and copy.phase in (Phase.OPEN, Phase.ACKNOWLEDGED):
            yield f"- Chưa có bằng chứng đã báo cho {plan.name(copy.body)} {form}"


def consolidation(state: State, obligation: ObligationId) -> list[dict[str, Any]]:
    """Return the table that the synthesis starts from: one row a unit, and the sums.

    Sums are over what was accepted, in whole numbers; a missing unit is named, never counted as
    zero. Texts stay where they are: Prefect keeps artifacts, and texts may name people.
    """
    plan = state.plan
    assert plan is not None
    rows: list[dict[str, Any]] = []
    sums: dict[str, int] = {}
    for source in plan.obligations[obligation].waits_for:
        figures = [each for each in plan.obligations[source].figures if each.type != "text"]
        for assignment in plan.obligations[source].assignments():
            copy = state.progress[assignment]
            report = copy.report if copy.phase is Phase.ACCEPTED else None
            row: dict[str, Any] = {
                "Đơn vị": plan.name(copy.body),
                "Tình trạng": _standing(copy),
                "Báo cáo lúc": instant_words(copy.submitted_at) if copy.submitted_at else "",
            }
            said: dict[str, int | str] = {}
            if report is not None:
                said = {**dict(report.figures), **dict(report.answers)}
            for figure in figures:
                value = said.get(figure.name, "")
                row[figure.label] = value
                if isinstance(value, int):
                    sums[figure.label] = sums.get(figure.label, 0) + value
            rows.append(row)
    if rows:
        rows.append({"Đơn vị": "Cộng", "Tình trạng": "", "Báo cáo lúc": "", **sums})
    return rows


def _standing(copy: Progress) -> str:
    """Return where a unit's report stands, and what a reader of the sums must know of it."""
    words = PHASES[copy.phase]
    if copy.phase is Phase.ACCEPTED and copy.report is not None and copy.report.nothing:
        words += ", không có gì để báo cáo"
    if copy.version and copy.trust == ON_BEHALF:
        words += ", nhập thay từ văn bản giấy"
    return words + (" (quá hạn)" if is_late(copy) else "")


_published: dict[str, str] = {}


def publish(state: State) -> None:
    """Put how the document stands into the UI, if it stands differently from the last time."""
    words = standing(state)
    if _published.get(state.key) != words:
        key = f"tinh-hinh-{slug(state.key)}"
        create_markdown_artifact(words, key=key, description=state.document.title)
        _published[state.key] = words


def publish_consolidation(
    rows: list[dict[str, Any]], document: str, obligation: str, words: str
) -> None:
    """Put the table of a synthesis into the UI."""
    create_table_artifact(
        rows, key=f"tong-hop-{slug(document + '-' + obligation)}", description=words
    )
