"""Whether a request may become a fact.

An expected *no* is a :class:`models.domain.errors.Refusal`, a value with a sentence for the person
who asked. ``answer`` is asked under the store's lock, with everything that fell due before *now*
already settled, so two people who press a button together get one fact and one refusal.
"""

from pendulum import DateTime

from models.domain.answers_on_bound import answer_on_bound
from models.domain.answers_on_copy import answer_on_copy
from models.domain.calendar import local
from models.domain.errors import Refusal
from models.domain.facts import Fact, Issued, NoticeAccepted, NoticeFailed, ReportedUp
from models.domain.refusals import DONE, NOT_YET, UNKNOWN
from models.domain.requests import Issue, MoveBound, NoteDelivery, ReportUp, Request
from models.domain.state import State


def answer(state: State, request: Request, now: DateTime) -> Fact | Refusal:
    """Return the fact that *request* makes at *now*, or why it does not."""
    match request:
        case Issue():
            return _issue(state, now)
        case MoveBound():
            return answer_on_bound(state, request, now)
        case ReportUp():
            return _report_up(state, now)
        case NoteDelivery():
            return _delivery(request)
        case _:
            progress = state.progress.get(request.assignment)
            if progress is None:
                return UNKNOWN
            return answer_on_copy(state, progress, request, now)


def _issue(state: State, now: DateTime) -> Fact | Refusal:
    if state.issued_at is not None:
        return DONE
    ready = state.issue_ready_at()
    if ready is None or ready > now:
        return NOT_YET
    return Issued(ready)


def _report_up(state: State, now: DateTime) -> Fact | Refusal:
    if state.plan is None or state.issued_at is None:
        return NOT_YET
    if state.reported_up_at is not None:
        return DONE
    parent = state.document.parent
    when = state.document.reports_when
    if parent is None or parent.report is None or when is None or state.reports_left:
        return NOT_YET
    consolidated = state.plan.obligations[when]
    copies = [state.progress[each] for each in consolidated.assignments()]
    closed = [copy.closed_at for copy in copies if copy.closed_at is not None]
    missing = tuple(
        assignment
        for obligation in consolidated.waits_for
        for assignment in state.plan.obligations[obligation].assignments()
        if not state.progress[assignment].closed
    )
    return ReportedUp(local(max(closed, default=now)), parent.document, parent.report, missing)


def _delivery(request: NoteDelivery) -> Fact:
    if request.failed:
        return NoticeFailed(
            request.at,
            request.message_id,
            request.kind,
            request.assignment,
            request.body,
            request.failed,
            request.code,
            request.detail,
        )
    return NoticeAccepted(
        request.at,
        request.message_id,
        request.kind,
        request.assignment,
        request.body,
        request.raw_sha256,
        request.code,
        request.detail,
    )
