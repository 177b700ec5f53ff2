"""What an operator should see of a document: its whole plan as nodes, and each act as a task.

Pure: from the state (and the facts) to what the graph shows. The plan is there from the first day:
what is done, what waits and on whom, what is still held back. A document with very many
assignments shows groups, because a graph of thousands of nodes helps nobody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.domain.calendar import last_day
from models.domain.directive import Obligation
from models.domain.facts import (
    ON_BEHALF,
    Accepted,
    Acknowledged,
    AddendumReceived,
    BoundMoved,
    ChildIssued,
    Corrected,
    Disputed,
    DisputeRejected,
    ExtensionAsked,
    ExtensionRefused,
    Fact,
    NoticeRecorded,
    NotTold,
    Returned,
    Submitted,
    Superseded,
    Supplemented,
    Waived,
    key_of,
)
from models.domain.moving import hanging_on
from models.domain.state import Plan, Progress, State
from models.domain.terms import AssignmentId, BodyId, ObligationId, Phase

ISSUE, REPORT_UP, COMPLETE = "issue", "report-up", "complete"
GATE = "gate:"
GROUP = "group:"
SHORT = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """One node of the plan. ``type`` is a Prefect state type, ``name`` the badge."""

    key: str
    label: str
    type: str
    name: str
    message: str = ""
    deps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """One real act, to be shown as a task run of its own, after the node or act before it."""

    key: str
    kind: str
    label: str
    after: tuple[str, ...]
    assignment: AssignmentId


def nodes(state: State, limit: int) -> tuple[Shown, ...]:
    """Return the plan's nodes in an order in which every dependency stands before its user.

    *limit* is the number of assignments above which units are shown as groups.
    """
    plan = state.plan
    if plan is None:
        return ()
    shown: list[Shown] = [_issue(state)]
    grouped = len(plan.assignments) > limit
    shown += [
        _standing(state, each) for each in plan.document.obligations if each.id not in plan.closing
    ]
    closing = [each for each in plan.document.obligations if each.id in plan.closing]
    for obligation in _in_order(closing):
        if obligation.waits_for:
            shown.append(_gate(state, obligation, grouped))
        if grouped and len(obligation.assignees) > 1:
            shown.append(_group(state, obligation))
        else:
            shown += [
                _assignment(state, obligation, state.progress[each], grouped)
                for each in obligation.assignments()
            ]
    if plan.document.parent is not None and plan.document.reports_when is not None:
        shown.append(_report_up(state, grouped))
    shown.append(_complete(state, shown))
    return tuple(shown)


def is_grouped(state: State, limit: int) -> bool:
    """Tell whether the document has too many assignments to show each."""
    return state.plan is not None and len(state.plan.assignments) > limit


def acts(state: State, facts: Sequence[Fact], limit: int) -> Iterator[Act]:
    """Yield the acts of people among *facts*, each after the node or act that it follows.

    Nothing is yielded for documents that are shown in groups; their numbers are in the nodes.
    """
    plan = state.plan
    if plan is None or len(plan.assignments) > limit:
        return
    last: dict[AssignmentId, str] = {}
    for fact in facts:
        match fact:
            case Accepted(person=""):
                continue  # the policy accepted, nobody acted
            case BoundMoved(obligation=obligation):
                first = next(hanging_on(plan, obligation), None)
                if first is not None:
                    label = _act_label(plan, fact, first.assignments()[0])
                    yield Act(key_of(fact), "BoundMoved", label, (ISSUE,), first.assignments()[0])
                continue
            case (
                Acknowledged()
                | Submitted()
                | Accepted()
                | Returned()
                | Waived()
                | Superseded()
                | ChildIssued()
                | AddendumReceived()
                | Corrected()
                | Supplemented()
                | Disputed()
                | DisputeRejected()
                | ExtensionAsked()
                | ExtensionRefused()
                | NoticeRecorded()
                | NotTold()
            ):
                assignment = fact.assignment
            case _:
                continue
        if plan.assignments[assignment][0].id not in plan.closing:
            continue
        key = key_of(fact)
        yield Act(
            key,
            type(fact).__name__,
            _act_label(plan, fact, assignment),
            (last.get(assignment, assignment),),
            assignment,
        )
        last[assignment] = key


def awaited(state: State) -> tuple[str, str]:
    """Return what the document waits for: the name of the waiting state, and a sentence."""
    if state.issued_at is None:
        ready = state.issue_ready_at()
        if ready is None:
            parent = state.document.parent
            above = parent.document if parent else ""
            return "AwaitingIssue", f"Chờ ban hành {above}"
        return "AwaitingIssue", f"Chờ đến ngày ban hành {ready:%d/%m/%Y %H:%M}"
    counts = _open_counts(state)
    if not counts:
        return "AwaitingReports", "Các nhiệm vụ có thời hạn đã xong"
    parts = [
        f"{obligation.clause} {_short(obligation.summary, 40)}: chờ {waiting}"
        + (f" (quá hạn {late})" if late else "")
        for obligation, waiting, late in counts
    ]
    below = all(obligation.realised_by for obligation, _, _ in counts)
    name = "AwaitingDocument" if below else "AwaitingReports"
    upcoming = state.next_due()
    tail = f". Mốc tiếp theo: {upcoming:%d/%m/%Y %H:%M}" if upcoming else ""
    return name, "; ".join(parts) + tail


def _open_counts(state: State) -> list[tuple[Obligation, int, int]]:
    plan = state.plan
    assert plan is not None
    waiting: dict[ObligationId, list[int]] = {}
    for progress in state.progress.values():
        if progress.obligation in plan.closing and not progress.closed:
            count = waiting.setdefault(progress.obligation, [0, 0])
            count[0] += 1
            count[1] += progress.overdue_at is not None
    return [(each, *waiting[each.id]) for each in plan.document.obligations if each.id in waiting]  # type: ignore[misc]


def _issue(state: State) -> Shown:
    document = state.document
    day = document.issued_on or document.issue_at.date()
    label = f"Ban hành {document.number} · {day:%d/%m/%Y}"
    if state.issued_at is not None:
        return Shown(ISSUE, label, "COMPLETED", "Issued")
    name, message = awaited(state)
    return Shown(ISSUE, label, "PENDING", name, message)


def _assignment(state: State, obligation: Obligation, progress: Progress, grouped: bool) -> Shown:
    plan = state.plan
    assert plan is not None
    type_, name, remark = _standing_of(progress)
    if progress.moves and progress.due is not None and not progress.closed:
        moved = f"hạn dời sang {last_day(progress.due):%d/%m}"
        remark = f"{remark}, {moved}" if remark else moved
    label = f"{obligation.clause} {_short(obligation.summary)} · {plan.name(progress.body)}"
    return Shown(
        progress.id,
        label + (f" — {remark}" if remark else ""),
        type_,
        name,
        remark,
        _deps(plan, obligation, progress, grouped),
    )


def _standing_of(progress: Progress) -> tuple[str, str, str]:
    """Return state type, badge and remark for one assignment."""
    late = progress.overdue_at is not None
    match progress.phase:
        case Phase.PENDING:
            return "PENDING", "Blocked", "chưa bắt đầu"
        case Phase.ACCEPTED:
            return "COMPLETED", "AcceptedLate" if late else "Accepted", "xong, muộn" if late else ""
        case Phase.WAIVED:
            return "COMPLETED", "Waived", "được miễn"
        case Phase.SUPERSEDED:
            return "COMPLETED", "Superseded", "chuyển đơn vị khác"
        case Phase.SUBMITTED:
            return "PAUSED", "AwaitingReview", "chờ xem xét"
        case _ if progress.withheld:
            return "PAUSED", "CouldNotBeTold", "chưa có bằng chứng đã báo"
        case _ if progress.disputed is not None:
            return "PAUSED", "Disputed", "báo không thuộc đơn vị"
        case _ if progress.asked is not None:
            return "PAUSED", "AsksForTime", "xin gia hạn"
        case _ if late:
            rung = f", bước {progress.rung}" if progress.rung else ""
            return "PAUSED", "Overdue", f"quá hạn{rung}"
        case _ if progress.returned_at is not None:
            return "PAUSED", "Returned", "trả lại"
        case Phase.ACKNOWLEDGED:
            return "PAUSED", "Acknowledged", "đã nhận"
        case _:
            return "PAUSED", "AwaitingReport", ""


def _deps(plan: Plan, obligation: Obligation, progress: Progress, grouped: bool) -> tuple[str, ...]:
    if obligation.waits_for:
        return (GATE + obligation.id,)
    deps: list[str] = [ISSUE]
    for other in obligation.depends_on:
        before = plan.obligations.get(other)
        if before is None or before.id not in plan.closing or before.waits_for:
            continue
        if progress.body in before.assignees and not (grouped and len(before.assignees) > 1):
            deps.append(f"{before.id}@{progress.body}")
        elif len(before.assignees) == 1:
            deps.append(before.assignments()[0])
        elif grouped and before.assignees:
            deps.append(GROUP + before.id)
    return tuple(deps)


def _group(state: State, obligation: Obligation) -> Shown:
    plan = state.plan
    assert plan is not None
    copies = [state.progress[each] for each in obligation.assignments()]
    closed = sum(copy.closed for copy in copies)
    late = sum(copy.overdue_at is not None and not copy.closed for copy in copies)
    blocked = all(copy.phase is Phase.PENDING for copy in copies)
    name = "Accepted" if closed == len(copies) else "Overdue" if late else "AwaitingReports"
    if blocked:
        name = "Blocked"
    label = f"{obligation.clause} {_short(obligation.summary)}: {closed}/{len(copies)}"
    return Shown(
        GROUP + obligation.id,
        label + (f" — quá hạn {late}" if late else ""),
        "COMPLETED" if closed == len(copies) else "PENDING" if blocked else "PAUSED",
        name,
        f"{closed}/{len(copies)}, quá hạn {late}",
        _group_deps(plan, obligation),
    )


def _group_deps(plan: Plan, obligation: Obligation) -> tuple[str, ...]:
    if obligation.waits_for:
        return (GATE + obligation.id,)
    deps = [ISSUE]
    for other in obligation.depends_on:
        before = plan.obligations.get(other)
        if before is not None and before.id in plan.closing and not before.waits_for:
            deps += _keys(plan, before, grouped=True)
    return tuple(deps)


def _gate(state: State, obligation: Obligation, grouped: bool) -> Shown:
    gate = state.gates[obligation.id]
    plan = state.plan
    assert plan is not None
    total = sum(len(plan.obligations[each].assignees) for each in obligation.waits_for)
    label = f"Điều kiện bắt đầu {obligation.clause} · {total - gate.outstanding}/{total} báo cáo"
    deps = tuple(
        key for each in obligation.waits_for for key in _keys(plan, plan.obligations[each], grouped)
    )
    key = GATE + obligation.id
    if gate.opened_at is None:
        return Shown(key, label, "PENDING", "AwaitingReports", label, deps)
    missing = len(gate.missing)
    label = f"Điều kiện bắt đầu {obligation.clause} · mở {gate.opened_at:%d/%m/%Y}"
    if missing:
        label += f", thiếu {missing}"
    return Shown(key, label, "COMPLETED", "Opened", label, deps)


def _keys(plan: Plan, obligation: Obligation, grouped: bool) -> tuple[str, ...]:
    """Return the nodes that stand for *obligation*."""
    if obligation.id not in plan.closing or (grouped and len(obligation.assignees) > 1):
        return (GROUP + obligation.id,)
    return obligation.assignments()


def _standing(state: State, obligation: Obligation) -> Shown:
    """Standing duties never end: one node each, with how many confirmed them."""
    copies = [state.progress[each] for each in obligation.assignments()]
    known = sum(copy.acknowledged_at is not None for copy in copies)
    label = (
        f"{obligation.clause} {_short(obligation.summary)} (thường xuyên) · {known}/{len(copies)}"
    )
    opened = state.issued_at is not None
    return Shown(
        GROUP + obligation.id,
        label,
        "PAUSED" if opened else "PENDING",
        "Standing" if opened else "Blocked",
        f"đã xác nhận {known}/{len(copies)}",
        (ISSUE,),
    )


def _report_up(state: State, grouped: bool) -> Shown:
    document = state.document
    assert document.parent is not None
    assert document.reports_when is not None
    plan = state.plan
    assert plan is not None
    deps = _keys(plan, plan.obligations[document.reports_when], grouped)
    label = f"Báo cáo lên {document.parent.document}"
    if state.reported_up_at is not None:
        return Shown(REPORT_UP, label, "COMPLETED", "ReportedUp", "", deps)
    return Shown(REPORT_UP, label, "PENDING", "Blocked", "", deps)


def _complete(state: State, shown: Sequence[Shown]) -> Shown:
    plan = state.plan
    assert plan is not None
    used = {dep for node in shown for dep in node.deps}
    standing = {
        GROUP + each.id for each in plan.document.obligations if each.id not in plan.closing
    }
    ends = tuple(node.key for node in shown if node.key not in used | standing)
    label = "Hoàn thành các nhiệm vụ có thời hạn"
    if state.completed_at is not None:
        return Shown(COMPLETE, label, "COMPLETED", "Completed", "", ends)
    return Shown(COMPLETE, label, "PENDING", "Blocked", f"còn {state.open_closing}", ends)


def _in_order(obligations: Sequence[Obligation]) -> list[Obligation]:
    """Order obligations so that what others depend on stands before them."""
    ids = {each.id: each for each in obligations}
    done: list[Obligation] = []
    visiting: set[str] = set()

    def visit(each: Obligation) -> None:
        if each in done or each.id in visiting:
            return
        visiting.add(each.id)
        # What waits at a gate is nobody's predecessor in the drawing, so no circle can arise.
        plain = (other for other in each.depends_on if other in ids and not ids[other].waits_for)
        for before in (*plain, *each.waits_for):
            if before in ids:
                visit(ids[before])
        done.append(each)

    for obligation in obligations:
        visit(obligation)
    return done


def _act_label(plan: Plan, fact: Fact, assignment: AssignmentId) -> str:
    obligation, body = plan.assignments[assignment]
    who = plan.name(body)
    reviewer = plan.name(obligation.reviewer) if obligation.reviewer else "Cấp trên"
    match fact:
        case Acknowledged():
            text = f"{who} đã nhận"
        case Submitted(version=version, trust=trust, report=report):
            text = f"{who} báo cáo" + (f" lần {version}" if version > 1 else "")
            text += " (nhập hộ)" if trust == ON_BEHALF else ""
            text += ": không có gì để báo cáo" if report.nothing else ""
        case Accepted():
            text = f"{reviewer} chấp nhận: {who}"
        case Returned():
            text = f"{reviewer} trả lại: {who}"
        case Waived(by=by):
            text = f"{by} miễn: {who}"
        case ChildIssued(child=child):
            text = f"{who} ban hành {child}"
        case AddendumReceived():
            text = f"Báo cáo đến sau tổng hợp: {who}"
        case Corrected(version=version):
            text = f"{who} sửa báo cáo (bản {version})"
        case Supplemented(number=number):
            text = f"{who} bổ sung lần {number}"
        case Disputed():
            text = f"{who}: không thuộc đơn vị"
        case DisputeRejected(by=by, authority=authority):
            text = f"{_office(plan, by)}: vẫn thuộc {who} ({authority})"
        case ExtensionAsked(until=until):
            text = f"{who} xin gia hạn đến {last_day(until):%d/%m/%Y}"
        case ExtensionRefused(by=by, authority=authority):
            text = f"{_office(plan, by)} không gia hạn: {who} ({authority})"
        case NoticeRecorded(by=by):
            text = f"{_office(plan, by)} ghi nhận đã báo {who}"
        case NotTold(rung=rung):
            text = f"Chưa có bằng chứng đã báo {who}: bước {rung} chờ"
        case Superseded(successor=successor, authority=authority):
            to = plan.name(BodyId(successor.rpartition("@")[2]))
            text = f"{who} → {to}" + (f" ({authority})" if authority else "")
        case BoundMoved(due=due, bodies=bodies, authority=authority):
            whom = ", ".join(plan.name(each) for each in bodies[:2]) + (" …" if bodies[2:] else "")
            text = f"Dời hạn sang {last_day(due):%d/%m/%Y} ({authority})"
            text += f": {whom}" if whom else ""
        case _:
            text = f"{type(fact).__name__}: {who}"
    return f"{obligation.clause} · {text} · {fact.at:%d/%m}"


def _office(plan: Plan, by: str) -> str:
    return plan.name(BodyId(by))


def _short(text: str, length: int = SHORT) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
