"""Escalate: one run for each case, from its first rung until the report comes.

Or from the first rung that was withheld because nothing proves that the unit was told: then the
run is the operator's case, and asks for a proof.

The rungs fire by the rules (a fact with its own instant, its mails owed with it). This run is the
case's file: each rung is a task in it, it is named after the body, the duty and the rung reached,
and it is parked while the unit is awaited.
"""

from uuid import UUID

from prefect import State as PrefectState
from prefect import flow, get_run_logger, runtime, task
from prefect.states import Completed

from flows import books, engine, names
from flows.hall import hall
from models.domain.state import Progress
from models.domain.terms import AssignmentId, DocumentKey, Phase

OVER = 1_000
"""Mark of a case that has ended; rungs are far fewer."""

WITHHELD = 500
"""Mark of a case that waits for a proof that the body was told."""


def case_key(progress: Progress) -> str:
    """Return the key of the case that is open now: a return or a moved bound opens another one."""
    return f"{books.ESCALATE}{progress.id}:{progress.case}"


def mark(progress: Progress, number: int) -> int:
    """Return how far the case *number* has come, to compare with what was seen."""
    over = progress.closed or progress.phase is Phase.SUBMITTED or progress.case != number
    return progress.rung + (WITHHELD if progress.withheld else 0) + (OVER if over else 0)


@flow(
    name=names.ESCALATE,
    flow_run_name="{assignment}",
    validate_parameters=False,
    persist_result=False,
)
def escalate(document: str, assignment: str, number: int) -> PrefectState[None]:
    """Show the rungs of one case that have fired; wait for the next, or end with the report."""
    parts = hall()
    run_id = UUID(str(runtime.flow_run.id))
    state = parts.store.state(DocumentKey(document))
    plan = state.plan
    assert plan is not None
    progress = state.progress[AssignmentId(assignment)]
    key = f"{books.ESCALATE}{assignment}:{number}"
    books.keep(parts.store, key, document, str(run_id))
    obligation, body = plan.assignments[progress.id]
    drawn = engine.drawn(run_id)
    before: list[str] = []
    for rung in plan.document.policy.rungs:
        step = f"rung-{rung.number}"
        if rung.number <= progress.rung and engine.node_id(run_id, step) not in drawn:
            above = ", ".join(plan.name(each) for each in rung.recipients)
            label = f"Bước {rung.number} · {rung.name} → {above}"
            engine.act(raise_rung, step, label, before, {"label": label})
        before = [step]
    unit = plan.name(body)
    reached = f"bước {progress.rung}" if progress.rung else "quá hạn"
    if progress.withheld:
        reached = "chưa báo được"
    seen = mark(progress, number)
    over = seen >= OVER
    engine.retag(
        run_id,
        [document, "escalation", "done" if over else "overdue"],
        name=f"{unit} · {obligation.clause} · {reached}",
    )
    books.saw(parts.store, key, seen, finished=over)
    if not over and progress.withheld:
        engine.park(
            "CouldNotBeTold",
            f"Chưa có bằng chứng {unit} đã được báo việc {obligation.clause}. Hãy báo bằng cách "
            f"khác rồi ghi: cascade notice {document} {obligation.id} {body} --by … --how …",
        )
    if not over:
        since = f"{progress.overdue_at:%d/%m/%Y}" if progress.overdue_at else ""
        engine.park("AwaitingReport", f"Chờ {unit} báo cáo {obligation.clause}, quá hạn từ {since}")
    return Completed(message=f"{unit} đã báo cáo hoặc không còn phải thực hiện.")


@task(name="rung")
def raise_rung(label: str) -> None:
    """Show a rung that has fired; its mails are owed by the fact itself."""
    get_run_logger().info("%s", label)
