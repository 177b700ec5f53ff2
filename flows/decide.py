"""Decide: what an operator decides in the Prefect UI (a deployment's form "Custom run").

The same acts as on the command line, recorded in the same way; the run is the receipt. Prefect
keeps parameters of runs, so they name offices and numbers of decisions, and no persons.
"""

from collections.abc import Callable
from typing import Literal

from prefect import State as PrefectState
from prefect import flow, get_run_logger
from prefect.states import Completed, Failed

from config.typed import DECISION, NAME, REASON, clean, flaw, one_line
from flows import names
from flows.attributed import attributed
from flows.hall import Hall, hall
from models.domain.deadlines import read, reading_under
from models.domain.requests import (
    MoveBound,
    Reassign,
    RecordNotice,
    RefuseExtension,
    RejectDispute,
    Request,
    Waive,
)
from models.domain.state import State
from models.domain.terms import BodyId, DocumentKey, ObligationId, assignment_id
from models.store import Transaction

Decision = Literal["gia-han", "khong-gia-han", "giu-nguyen", "chuyen-don-vi", "mien", "da-bao"]
"""Extend, do not, leave with the unit, move to another body, waive, told by other means."""

MANUAL = """\
Ghi một quyết định về nhiệm vụ của một đơn vị. Bấm **Run**, chọn **Custom run**, điền biểu mẫu.
Mã nhiệm vụ và mã đơn vị của việc chờ quyết định có trong bảng `tinh-hinh-…` (Artifacts).

- `gia-han`: cho thêm thời gian; ghi hạn mới ở ô `to`
- `khong-gia-han`: không cho, kèm lý do
- `giu-nguyen`: nhiệm vụ vẫn thuộc đơn vị đã báo “không phải của đơn vị”, kèm lý do
- `chuyen-don-vi`: giao cho đơn vị khác; ghi mã đơn vị nhận ở ô `to`, kèm lý do
- `mien`: đơn vị không còn phải thực hiện
- `da-bao`: đã báo cho đơn vị bằng cách khác; ghi cách báo ở ô `reason`

Quyết định đã ghi vào sổ cái thì ở đó mãi. Điền sai thì lần chạy là Failed, nêu lý do, không ghi gì.
"""
"""What the Prefect UI shows of this deployment, in the operators' language."""

DONE = {
    "gia-han": "đã gia hạn",
    "khong-gia-han": "không gia hạn",
    "giu-nguyen": "nhiệm vụ vẫn thuộc đơn vị",
    "chuyen-don-vi": "đã chuyển đơn vị",
    "mien": "đã miễn",
    "da-bao": "đã ghi nhận việc báo cho đơn vị",
}


@flow(
    name=names.DECIDE,
    description=MANUAL,
    flow_run_name="{decision} · {obligation} · {body}",
    persist_result=False,
)
def decide(
    document: str,
    obligation: str,
    body: str,
    decision: Decision,
    by: str,
    authority: str,
    reason: str = "",
    to: str = "",
) -> PrefectState[None]:
    """Record one decision about one unit's duty.

    The form in the Prefect UI shows the lines below, so they are in the operators' language.

    Args:
        document: Văn bản, ví dụ 256-KH/TU
        obligation: Nhiệm vụ, ví dụ 256/III.1-c
        body: Đơn vị, ví dụ pr.bao-an
        decision: Quyết định; ý nghĩa từng chữ ở thẻ Description
        by: Cơ quan quyết định, ví dụ Thường trực Thành ủy
        authority: Số văn bản, ví dụ 15-CV/TU
        reason: Lý do; với "da-bao" là đã báo cho đơn vị bằng cách nào
        to: Với "gia-han" là hạn mới (đến hết ngày 25/10/2023); với "chuyen-don-vi" là đơn vị nhận
    """
    parts = hall()
    key = DocumentKey(document.strip())
    state = parts.store.state(key)
    wrong = _wrong(state, document, obligation, body, decision, by, authority, reason, to)
    if wrong:
        return Failed(message=wrong)
    made = _request(parts, state, obligation.strip(), body.strip(), decision, to.strip())
    if isinstance(made, str):
        return Failed(message=made)
    by, authority, reason = (one_line(clean(each)) for each in (by, authority, reason))
    with attributed():
        outcome = parts.recorder.record(
            key, lambda transaction: made(by, authority, reason, transaction)
        )
    if outcome.refusal is not None:
        return Failed(message=outcome.refusal.vi)
    get_run_logger().info("%s %s %s: %s", document, obligation, body, decision)
    return Completed(message=f"{DONE[decision]}: {obligation} · {body} ({authority})")


Make = Callable[[str, str, str, Transaction], Request]


def _request(
    parts: Hall, state: State, obligation: str, body: str, decision: Decision, to: str
) -> Make | str:
    """Return what makes the request from (by, authority, reason), or what is wrong with *to*."""
    copy = assignment_id(obligation, body)
    match decision:
        case "gia-han":
            found = read(
                to,
                issued=parts.recorder.clock.now().date(),
                settings=reading_under(state.document.policy),
                calendar=state.document.calendar,
            )
            due = found.due_exclusive
            if found.error is not None or due is None or len(found.occurrences) > 1:
                return f"“{to}” không cho ra một ngày cụ thể. Ví dụ: đến hết ngày 15/11/2023"
            return lambda by, authority, reason, now: MoveBound(
                ObligationId(obligation),
                due,
                to,
                by,
                authority,
                now.text(reason),
                (BodyId(body),),
            )
        case "khong-gia-han":
            return lambda by, authority, reason, now: RefuseExtension(
                copy, by, authority, now.text(reason)
            )
        case "giu-nguyen":
            return lambda by, authority, reason, now: RejectDispute(
                copy, by, authority, now.text(reason)
            )
        case "chuyen-don-vi":
            return lambda by, authority, reason, now: Reassign(
                copy, BodyId(to), by, authority, now.text(reason)
            )
        case "mien":
            return lambda by, authority, reason, now: Waive(copy, by, authority)
        case "da-bao":
            return lambda by, authority, reason, now: RecordNotice(copy, by, now.text(reason))


def _wrong(
    state: State,
    document: str,
    obligation: str,
    body: str,
    decision: Decision,
    by: str,
    authority: str,
    reason: str,
    to: str,
) -> str:
    """Return what is wrong with what was typed, all of it; empty when nothing is."""
    if state.plan is None:
        return f"Không có văn bản “{document}”."
    copy = assignment_id(obligation.strip(), body.strip())
    problems: list[str] = []
    if copy not in state.progress:
        problems.append(f"“{body}” không có nhiệm vụ “{obligation}”.")
    needed = [("Cơ quan quyết định", by, NAME), ("Số văn bản", authority, DECISION)]
    if decision != "mien":
        needed.append(("Lý do", reason, REASON))
    if decision in ("gia-han", "chuyen-don-vi"):
        needed.append(("Hạn mới hoặc đơn vị nhận", to, NAME))
    for name, value, longest in needed:
        cleaned = clean(value)
        found = flaw(cleaned, one_line(cleaned), longest, lines=False)
        if found is not None:
            problems.append(f"{name}: quá dài hoặc có ký tự ẩn.")
        elif not one_line(cleaned):
            problems.append(f"{name}: chưa ghi.")
    return " ".join(problems)
