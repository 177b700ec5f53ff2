"""Keep runs and ledger together: start what is missing, wake what is behind, revive what fell.

Called by the scheduled follow-up and, for speed, by the warm worker's watch. All of it may be done
twice or not at all: a wake-up is a hint, and the next round gives it again.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound

from flows import books, engine, names
from flows.escalate import OVER, case_key, mark
from flows.hall import Hall
from models.domain.state import State
from models.domain.terms import AssignmentId, DocumentKey

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Tended:
    """What a round of tending did."""

    started: list[str] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)
    revived: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Runs that Prefect has forgotten."""


def tend(parts: Hall, streams: Iterable[str] | None = None, *, thorough: bool = False) -> Tended:
    """Bring the runs of *streams* (default: all) up to the ledger.

    *thorough* also asks Prefect about runs that seem up to date: one may have been lost with
    Prefect's database, or have crashed while it waited.
    """
    done = Tended()
    rows = parts.store.streams()
    wanted = set(streams) if streams is not None else None
    runs = books.of_streams(parts.store)
    for row in rows:
        if wanted is not None and row["id"] not in wanted:
            continue
        _tend_document(parts, row, runs, done, thorough)
        if row["issued_at"] is not None:
            _tend_cases(parts, parts.store.state(DocumentKey(row["id"])), runs, done, thorough)
    if done.unknown and not thorough:
        return tend(parts, streams, thorough=True)
    return done


def _tend_document(
    parts: Hall, row: dict[str, object], runs: dict[str, books.Run], done: Tended, thorough: bool
) -> None:
    document = str(row["id"])
    run = runs.get(books.CARRY_OUT + document)
    if run is None or (thorough and not run.finished and not _exists(run)):
        above = runs.get(books.CARRY_OUT + str(row["parent"])) if row["parent"] else None
        if row["parent"] is None:
            _start_document(parts, document, run)
            done.started.append(document)
        elif above is not None and not above.finished and _issued(parts, str(row["parent"])):
            # A child is started by its parent's run, so that it hangs below it.
            _wake(above, done)
        return
    if run.finished:
        return
    position = row["position"]
    ready = parts.store.state(DocumentKey(document)).issue_ready_at()
    may_issue = ready is not None and ready <= parts.recorder.clock.now()
    if run.seen != position or may_issue:
        _wake(run, done)
    elif thorough:
        _revive(run, done)
        if row["completed_at"] is not None:
            _wake(run, done)


def _issued(parts: Hall, document: str) -> bool:
    return parts.store.state(DocumentKey(document)).issued_at is not None


def _start_document(parts: Hall, document: str, lost: books.Run | None) -> None:
    key = f"{_log_id(parts)}:{books.CARRY_OUT}{document}"
    if lost is not None:
        key += f":after:{lost.flow_run_id}"
    run = engine.start(
        names.deployment(names.CARRY_OUT),
        {"document": document},
        idempotency_key=key,
        name=document,
        tags=[document],
    )
    books.keep(parts.store, books.CARRY_OUT + document, document, str(run))


def _tend_cases(
    parts: Hall, state: State, runs: dict[str, books.Run], done: Tended, thorough: bool
) -> None:
    for progress in state.progress.values():
        if not progress.rung and not progress.withheld:
            continue
        key = case_key(progress)
        run = runs.get(key)
        if run is None and mark(progress, progress.case) >= OVER:
            continue
        if run is None or (thorough and not run.finished and not _exists(run)):
            _start_case(parts, state.key, progress.id, progress.case, run)
            done.started.append(key)
    prefix = books.ESCALATE
    for key, run in runs.items():
        if run.finished or not key.startswith(prefix) or run.stream != state.key:
            continue
        assignment, _, number = key.removeprefix(prefix).rpartition(":")
        if mark(state.progress[AssignmentId(assignment)], int(number)) != run.seen:
            _wake(run, done)
        elif thorough:
            _revive(run, done)


def _start_case(
    parts: Hall, document: str, assignment: str, number: int, lost: books.Run | None
) -> None:
    key = f"{_log_id(parts)}:{books.ESCALATE}{assignment}:{number}"
    if lost is not None:
        key += f":after:{lost.flow_run_id}"
    run = engine.start(
        names.deployment(names.ESCALATE),
        {"document": document, "assignment": assignment, "number": number},
        idempotency_key=key,
        tags=[document, "escalation", "overdue"],
    )
    books.keep(parts.store, f"{books.ESCALATE}{assignment}:{number}", document, str(run))


def _wake(run: books.Run, done: Tended) -> None:
    try:
        if engine.wake(UUID(run.flow_run_id)):
            done.woken.append(run.key)
        elif engine.revive(UUID(run.flow_run_id)):
            done.revived.append(run.key)
    except ObjectNotFound:
        log.info("%s is unknown to Prefect", run.key)
        done.unknown.append(run.key)


def _revive(run: books.Run, done: Tended) -> None:
    try:
        if engine.revive(UUID(run.flow_run_id)):
            done.revived.append(run.key)
    except ObjectNotFound:
        return


def _exists(run: books.Run) -> bool:
    try:
        state = engine.find(UUID(run.flow_run_id)).state
    except ObjectNotFound:
        return False
    except httpx.HTTPError:
        return True
    # A run that Prefect calls completed although work is left was ended by hand: start anew.
    return state is None or state.type is not StateType.COMPLETED


def _log_id(parts: Hall) -> str:
    return parts.store.log_id()
