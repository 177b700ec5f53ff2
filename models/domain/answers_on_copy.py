"""Whether what is asked about one body's copy of an obligation may become a fact."""

from typing import assert_never

from pendulum import DateTime

from models.domain.errors import Refusal
from models.domain.facts import (
    Accepted,
    Acknowledged,
    Corrected,
    Disputed,
    DisputeRejected,
    ExtensionAsked,
    ExtensionRefused,
    Fact,
    NoticeRecorded,
    Returned,
    Submitted,
    Superseded,
    Supplemented,
    Waived,
)
from models.domain.folding import obligation_of
from models.domain.refusals import (
    ASKED_ALREADY,
    CLOSED,
    DONE,
    HAD_IT_BEFORE,
    NO_BOUND,
    NOT_LATER,
    NOT_OPEN,
    NOTHING_ASKED,
    NOTHING_IN,
    NOTHING_TO_REVIEW,
    OWN_DOCUMENT,
    OWN_REVIEWER,
    SAME_BODY,
    STALE,
    TOO_LATE_TO_CORRECT,
    UNDER_DISPUTE,
    UNDER_REVIEW,
    UNKNOWN_BODY,
)
from models.domain.requests import (
    Accept,
    Acknowledge,
    AskExtension,
    Correct,
    Dispute,
    OnCopy,
    Reassign,
    RecordNotice,
    RefuseExtension,
    RejectDispute,
    Return,
    Submit,
    Supplement,
    Waive,
)
from models.domain.state import Progress, State
from models.domain.terms import Acceptance, Phase, assignment_id

OWING = (Phase.OPEN, Phase.ACKNOWLEDGED)


def answer_on_copy(
    state: State, progress: Progress, request: OnCopy, now: DateTime
) -> Fact | Refusal:
    """Return the fact that *request* makes of one copy at *now*, or why it does not."""
    match request:
        case Waive():
            if progress.closed:
                return CLOSED
            return Waived(now, progress.id, request.by, request.authority, _reviewed(progress))
        case Reassign():
            return _reassign(state, progress, request, now)
        case _ if progress.phase is Phase.PENDING:
            return NOT_OPEN
        case Acknowledge():
            if progress.phase is not Phase.OPEN or progress.acknowledged_at is not None:
                return CLOSED if progress.closed else DONE
            return Acknowledged(now, progress.id, request.person, request.link, request.trust)
        case Submit():
            return _submit(progress, request, now)
        case Correct():
            return _correct(state, progress, request, now)
        case Supplement():
            return _supplement(progress, request, now)
        case Accept() | Return():
            return _review(progress, request, now)
        case Dispute() | RejectDispute():
            return _dispute(progress, request, now)
        case AskExtension() | RefuseExtension():
            return _extension(progress, request, now)
        case RecordNotice():
            if progress.closed:
                return CLOSED
            return NoticeRecorded(
                now,
                progress.id,
                progress.notices + 1,
                progress.body,
                request.by,
                request.how_sha256,
            )
        case _:  # pragma: no cover
            assert_never(request)


def _submit(progress: Progress, request: Submit, now: DateTime) -> Fact | Refusal:
    # The same page sent again: only if it says the same, or a colleague's other report would seem
    # to be recorded.
    again = request.version == progress.version - 1 and request.report == progress.report
    if progress.closed:
        return DONE if again and progress.phase is Phase.ACCEPTED else CLOSED
    if progress.phase is Phase.SUBMITTED:
        return DONE if again else UNDER_REVIEW
    if request.version != progress.version:
        return STALE
    return Submitted(
        now,
        progress.id,
        progress.version + 1,
        request.report,
        request.person,
        request.link,
        request.trust,
        request.paper,
    )


def _correct(state: State, progress: Progress, request: Correct, now: DateTime) -> Fact | Refusal:
    """Only what nobody has judged yet can be put right, and only for some minutes."""
    if progress.submitted_at is None or progress.phase not in (Phase.SUBMITTED, Phase.ACCEPTED):
        return NOTHING_IN if not progress.closed else CLOSED
    if request.report == progress.report and request.version in (
        progress.version,
        progress.version - 1,
    ):
        return DONE
    judged = obligation_of(state, progress.obligation).acceptance is not Acceptance.AUTOMATIC
    if progress.phase is Phase.ACCEPTED and judged:
        return CLOSED
    if request.version != progress.version:
        return STALE
    minutes = state.document.policy.correct_minutes
    if now >= progress.submitted_at.add(minutes=minutes):
        return TOO_LATE_TO_CORRECT
    return Corrected(
        now, progress.id, progress.version + 1, request.report, request.person, request.link
    )


def _supplement(progress: Progress, request: Supplement, now: DateTime) -> Fact | Refusal:
    if progress.phase not in (Phase.SUBMITTED, Phase.ACCEPTED) or not progress.version:
        return CLOSED if progress.closed else NOTHING_IN
    if request.number == progress.supplements - 1 and request.report == progress.supplement:
        return DONE
    if request.number != progress.supplements:
        return STALE
    return Supplemented(
        now,
        progress.id,
        progress.supplements + 1,
        request.report,
        request.person,
        request.link,
        request.trust,
        request.paper,
    )


def _review(progress: Progress, request: Accept | Return, now: DateTime) -> Fact | Refusal:
    same = request.version == progress.version
    if progress.closed:
        accepted = progress.phase is Phase.ACCEPTED and isinstance(request, Accept)
        return DONE if accepted and same else CLOSED
    if progress.phase is not Phase.SUBMITTED:
        returned = progress.returned_at is not None and isinstance(request, Return)
        return DONE if returned and same else NOTHING_TO_REVIEW
    if not same:
        return STALE
    if isinstance(request, Accept):
        return Accepted(now, progress.id, progress.version, request.person, request.link)
    return Returned(
        now,
        progress.id,
        progress.version,
        request.reason_sha256,
        request.person,
        request.link,
    )


def _dispute(progress: Progress, request: Dispute | RejectDispute, now: DateTime) -> Fact | Refusal:
    if progress.closed:
        return CLOSED
    said = progress.disputed
    if isinstance(request, RejectDispute):
        if said is None:
            return NOTHING_ASKED
        return DisputeRejected(
            now, progress.id, said.number, request.by, request.authority, request.reason_sha256
        )
    if progress.phase not in OWING:
        return UNDER_REVIEW
    if said is not None:
        return DONE if said.reason_sha256 == request.reason_sha256 else UNDER_DISPUTE
    return Disputed(
        now,
        progress.id,
        progress.disputes + 1,
        request.reason_sha256,
        request.person,
        request.link,
    )


def _extension(
    progress: Progress, request: AskExtension | RefuseExtension, now: DateTime
) -> Fact | Refusal:
    if progress.closed:
        return CLOSED
    said = progress.asked
    if isinstance(request, RefuseExtension):
        if said is None:
            return NOTHING_ASKED
        return ExtensionRefused(
            now, progress.id, said.number, request.by, request.authority, request.reason_sha256
        )
    if progress.phase not in OWING:
        return UNDER_REVIEW
    if progress.due is None:
        return NO_BOUND
    if said is not None:
        same = (said.until, said.reason_sha256) == (request.until, request.reason_sha256)
        return DONE if same else ASKED_ALREADY
    if request.until <= max(now, progress.due):
        return NOT_LATER
    return ExtensionAsked(
        now,
        progress.id,
        progress.asks + 1,
        request.until,
        request.reason_sha256,
        request.person,
        request.link,
    )


def _reassign(state: State, progress: Progress, request: Reassign, now: DateTime) -> Fact | Refusal:
    plan = state.plan
    assert plan is not None, "a copy belongs to a plan"
    successor = assignment_id(progress.obligation, request.successor)
    if progress.phase is Phase.SUPERSEDED:
        return DONE if successor in state.progress else CLOSED
    if progress.closed:
        return CLOSED
    if request.successor == progress.body:
        return SAME_BODY
    if request.successor not in plan.bodies:
        return UNKNOWN_BODY
    if plan.obligations[progress.obligation].realised_by is not None:
        return OWN_DOCUMENT
    if plan.obligations[progress.obligation].reviewer == request.successor:
        return OWN_REVIEWER
    theirs = state.progress.get(successor)
    if theirs is not None and theirs.closed:
        return HAD_IT_BEFORE
    return Superseded(
        now,
        progress.id,
        successor,
        request.by,
        request.authority,
        request.reason_sha256,
        _reviewed(progress),
    )


def _reviewed(progress: Progress) -> int:
    """Return the version that waits for a verdict; 0: none does."""
    return progress.version if progress.phase is Phase.SUBMITTED else 0
