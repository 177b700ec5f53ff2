"""Follow up: let time act, and heal what was lost. Scheduled; the one clock of the directive."""

from collections import Counter

from prefect import State as PrefectState
from prefect import flow, get_run_logger, task
from prefect.states import Completed

from flows import engine, names
from flows.attributed import attributed
from flows.hall import hall
from flows.tending import tend
from models.domain.facts import BecameOverdue, Escalated, GateOpened, Reminded
from models.domain.requests import Issue
from models.domain.terms import DocumentKey

WORDS = {
    Reminded: "nhắc",
    BecameOverdue: "quá hạn",
    Escalated: "đôn đốc",
    GateOpened: "mở tổng hợp",
}


@flow(name=names.FOLLOW_UP, validate_parameters=False, persist_result=False)
def follow_up() -> PrefectState[None]:
    """Record what fell due in every document, then bring all runs up to the ledger."""
    parts = hall()
    said: list[str] = []
    due = parts.recorder.due()
    waiting = [each for each in due if parts.store.state(each).issued_at is None]
    for document in waiting:
        # After an outage a document's day may have come while nobody issued it. It goes out first:
        # the duty above to issue it was done on that day, and must not be called overdue.
        with attributed():
            parts.recorder.record(document, Issue())
    for document in (each for each in due if each not in waiting):
        counts = engine.act(let_time_act, f"time:{document}", document, (), {"document": document})
        if counts:
            said.append(f"{document}: {counts}")
    tended = tend(parts, thorough=True)
    if tended.started or tended.revived:
        get_run_logger().info("started %s, revived %s", tended.started, tended.revived)
    return Completed(message="; ".join(said) or "Không có gì đến hạn.")


@task(name="let-time-act", persist_result=False)
def let_time_act(document: str) -> str:
    """Record what fell due in one document by now; return it in words."""
    with attributed():
        outcome = hall().recorder.let_time_act(DocumentKey(document))
    counts = Counter(type(stored.fact) for stored in outcome.facts)
    words = ", ".join(f"{WORDS[kind]} {counts[kind]}" for kind in WORDS if counts[kind])
    get_run_logger().info("%s: %s", document, words or "nothing")
    return words
