"""The documents of a package hang together: one root, each below the one it carries out."""

from config.bundle import Bundle, Part
from config.errors import Path, Report
from config.roster import Roster


def check_chain(bundle: Bundle, report: Report) -> None:
    """Report documents that do not fit under the one above. Names are known already."""
    roots = [part for part in bundle.parts if part.shape.carries_out is None]
    for part in roots[1:]:
        vi = f"gói đã có văn bản gốc {roots[0].shape.key}; ghi văn bản này triển khai văn bản nào"
        en = f"{roots[0].shape.key} is the root already; say which document this one carries out"
        report.add(part.file.problem(("carries_out",), "two-roots", vi, en))
    roster = Roster(bundle.bodies.bodies)
    parts = {part.shape.key: part for part in bundle.parts}
    taken: dict[str, str] = {}
    for part in bundle.parts:
        if part.shape.carries_out is not None:
            _check_link(part, parts[part.shape.carries_out.document], roster, report)
            issue = part.shape.carries_out.issue
            if issue is not None and issue in taken:
                vi = f"{taken[issue]} đã triển khai “{issue}”"
                en = f"{taken[issue]} carries out “{issue}” already"
                report.add(part.file.problem(("carries_out", "issue"), "duplicate", vi, en))
            if issue is not None:
                taken.setdefault(issue, part.shape.key)


def _check_link(part: Part, above: Part, roster: Roster, report: Report) -> None:
    link = part.shape.carries_out
    assert link is not None

    def refuse(path: Path, code: str, vi: str, en: str) -> None:
        report.add(part.file.problem(path, code, vi, en))

    if part.issue_at() < above.issue_at():
        vi = f"ban hành trước văn bản mà nó triển khai ({above.shape.key})"
        refuse(
            ("issued",),
            "before-parent",
            vi,
            f"is issued before {above.shape.key}, which it carries out",
        )
    duties = {each.id: each for each in above.shape.obligations}
    for name, duty_id in (("issue", link.issue), ("report", link.report)):
        if duty_id is None:
            continue
        duty = duties[duty_id]
        path: Path = ("carries_out", name)
        owners = roster.expand(duty.assignees, above.shape.issued)
        if not duty.tracked or duty_id in above.covered:
            vi = f"“{duty_id}” không giao riêng cho ai"
            refuse(path, "no-copies", vi, f"nobody owes “{duty_id}” by itself")
        elif part.shape.issuer not in owners:
            vi = f"“{duty_id}” không giao cho cơ quan ban hành “{part.shape.issuer}”"
            refuse(
                path, "not-owed", vi, f"“{duty_id}” is not owed by the issuer “{part.shape.issuer}”"
            )
        elif name == "issue" and duty.realised_by != part.shape.key:
            vi = f"“{duty_id}” không ghi realised_by: {part.shape.key}"
            refuse(path, "one-sided", vi, f"“{duty_id}” does not say realised_by: {part.shape.key}")
    if link.report is not None and part.shape.reports_when is None:
        vi = "cần ghi khi nào thì báo cáo lên (nhiệm vụ nào được chấp nhận)"
        refuse(("reports_when",), "missing", vi, "must say which accepted duty sends the report up")
