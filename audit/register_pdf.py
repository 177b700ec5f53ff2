"""The register on paper: a table for each document."""

from collections.abc import Sequence

from pendulum import DateTime

from audit.paper import Paper
from audit.register import Line, Section, day_and_hour

_COLUMNS = (
    ("STT", 4),
    ("Mục", 6),
    ("Nhiệm vụ", 22),
    ("Đơn vị", 18),
    ("Hạn", 14),
    ("Xác nhận đã nhận", 13),
    ("Nộp báo cáo", 15),
    ("Kết quả", 15),
    ("Quá hạn, đôn đốc", 15),
    ("Bằng chứng đã báo; sự kiện", 18),
)
"""Headings and the shares of the width."""


def as_pdf(sections: Sequence[Section], basis: str, written: DateTime) -> bytes:
    """Return the register; *basis* stands on every page, *written* is the newest fact's instant."""
    paper = Paper("Sổ theo dõi nhiệm vụ", basis, written)
    paper.say("SỔ THEO DÕI THỰC HIỆN NHIỆM VỤ", 14, "B", "C")
    paper.say(f"Theo sổ cái sự kiện, đến {day_and_hour(written)}", 9, align="C")
    number = 0
    for section in sections:
        paper.ln(4)
        paper.say(f"{section.number} — {section.title}", 10, "B")
        issued = f"ban hành {section.issued}" if section.issued else "chưa ban hành"
        counted = ", ".join(f"{name}: {count}" for name, count in section.counts)
        paper.say(f"{section.issuer}, {issued}. {counted}.", 8)
        if not section.proof:
            paper.say("Văn bản này không yêu cầu ghi bằng chứng đã báo vào sổ.", 8)
        paper.ln(1)
        rows = [_cells(line, number + n) for n, line in enumerate(section.lines, start=1)]
        paper.table(_COLUMNS, rows)
        number += len(rows)
    return bytes(paper.output())


def _cells(line: Line, number: int) -> list[str]:
    return [
        str(number),
        line.clause,
        line.duty,
        line.body,
        _under(line.phrase, line.due, line.moved and f"Dời: {line.moved}".replace("; ", "\n")),
        _under(line.acknowledged, line.acknowledged_by),
        _under(line.submitted, line.version and f"bản {line.version}", line.submitted_by, line.way),
        _under(
            line.phase,
            line.accepted,
            line.accepted_by,
            line.returned and f"Trả lại: {line.returned}",
            line.lifted,
        ),
        _under(
            line.overdue and f"từ {line.overdue}",
            line.reminded and f"nhắc {line.reminded} lần",
            line.urged.replace("; ", "\n"),
        ),
        _under(line.told, line.facts and f"Sự kiện {line.facts}"),
    ]


def _under(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
