"""The state machine as a picture: ``docs/state-machine.md`` is what this prints.

Generated from :data:`models.domain.transitions.TRANSITIONS`, so the picture cannot differ from the
code: ``python -m models.domain.diagram > docs/state-machine.md``; a test compares the two.
"""

from models.domain.terms import CLOSED, Phase
from models.domain.transitions import TRANSITIONS

VIETNAMESE = {
    Phase.PENDING: "chưa bắt đầu",
    Phase.OPEN: "đang thực hiện",
    Phase.ACKNOWLEDGED: "đã tiếp nhận",
    Phase.SUBMITTED: "đã gửi báo cáo",
    Phase.ACCEPTED: "được chấp nhận",
    Phase.WAIVED: "được miễn",
    Phase.SUPERSEDED: "đã chuyển đơn vị",
}
"""What clerks read for each phase."""

_HEAD = """\
# The life of one assignment

Generated from `models/domain/transitions.py` by `python -m models.domain.diagram`; do not edit.

An *assignment* is one body's copy of a duty. A fact that finds the assignment in a phase for which
the table has no entry is impossible (`ImpossibleFact`). Overdue is a fact, not a phase.
"""


def render() -> str:
    """Return the whole page: a Mermaid state diagram and the table (Markdown, UTF-8)."""
    return "\n".join((_HEAD, *_diagram(), "", *_table(), ""))


def _diagram() -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {Phase.PENDING}"]
    for phase in Phase:
        lines.append(f"    {phase}: {phase} ({VIETNAMESE[phase]})")
    for fact, row in TRANSITIONS.items():
        for before, after in row.items():
            lines.append(f"    {before} --> {after}: {fact.__name__}")
    lines += [f"    {phase} --> [*]" for phase in Phase if phase in CLOSED]
    return [*lines, "```"]


def _table() -> list[str]:
    lines = [
        "| Fact | " + " | ".join(f"`{phase}`" for phase in Phase) + " |",
        "|---" * (len(Phase) + 1) + "|",
    ]
    for fact, row in TRANSITIONS.items():
        cells = (f"`{row[phase]}`" if phase in row else "–" for phase in Phase)
        lines.append(f"| `{fact.__name__}` | " + " | ".join(cells) + " |")
    return lines


if __name__ == "__main__":
    print(render(), end="")
