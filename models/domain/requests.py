"""What somebody asks for, and whether it may become a fact.

An expected *no* is a :class:`models.domain.errors.Refusal`, a value with a sentence for the person
who asked. ``answer`` is asked under the store's lock, with everything that fell due before *now*
already settled, so two people who press a button together get one fact and one refusal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from pendulum import DateTime

from models.domain.calendar import local
from models.domain.errors import Refusal
from models.domain.facts import (
    Accepted,
    Acknowledged,
    BoundMoved,
    Fact,
    Issued,
    Report,
    ReportedUp,
    Returned,
    Submitted,
    Waived,
)
from models.domain.moving import current, hanging_on, own_dates, to_be_moved
from models.domain.state import Progress, State
from models.domain.terms import AssignmentId, BodyId, ObligationId, Phase


@dataclass(frozen=True, slots=True)
class Issue:
    """Let the document go out, if its time has come and the document above is out."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A unit confirms that it received the duty."""

    assignment: AssignmentId
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class Submit:
    """A unit hands in a report. ``version`` is the one it saw on its page (0: none yet)."""

    assignment: AssignmentId
    report: Report
    version: int
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class Accept:
    """The reviewing body accepts version ``version``."""

    assignment: AssignmentId
    version: int
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class Return:
    """The reviewing body gives version ``version`` back."""

    assignment: AssignmentId
    version: int
    reason_sha256: str
    person: str
    link: str


@dataclass(frozen=True, slots=True)
class Waive:
    """A named authority lifts the duty from one body."""

    assignment: AssignmentId
    by: str
    authority: str


@dataclass(frozen=True, slots=True)
class MoveBound:
    """A named authority moves the date of one obligation, for everybody or for some bodies."""

    obligation: ObligationId
    due: DateTime
    """The new half-open bound."""
    phrase: str
    """The words of the new date."""
    by: str
    authority: str
    reason_sha256: str
    bodies: tuple[BodyId, ...] = ()
    why: str = "extension"
    earlier: bool = False
    """Say so to move a date forward: it takes time away from those who rely on it."""


@dataclass(frozen=True, slots=True)
class ReportUp:
    """Send the document's result to the document above."""


Request = Issue | Acknowledge | Submit | Accept | Return | Waive | MoveBound | ReportUp

NOT_OPEN = Refusal(
    "not-open",
    "Nhiệm vụ này chưa bắt đầu, nên chưa ghi nhận gì.",
    "This duty has not started yet; nothing was recorded.",
)
UNKNOWN = Refusal(
    "unknown-assignment",
    "Không có nhiệm vụ này trong văn bản.",
    "The document has no such assignment.",
)
CLOSED = Refusal(
    "closed",
    "Nhiệm vụ này đã kết thúc, nên không ghi nhận thêm.",
    "This duty is closed; nothing more was recorded.",
)
DONE = Refusal(
    "done-already",
    "Việc này đã được ghi nhận trước đó; không ghi nhận lần thứ hai.",
    "This was recorded before; it was not recorded a second time.",
)
UNDER_REVIEW = Refusal(
    "under-review",
    "Báo cáo đã gửi và đang được xem xét; chưa thể gửi bản khác.",
    "The report is in and being reviewed; another version cannot be sent yet.",
)
STALE = Refusal(
    "stale-version",
    "Đã có phiên bản khác của báo cáo này. Hãy mở lại trang để xem bản mới nhất.",
    "There is another version of this report. Open the page again to see the newest.",
)
NOTHING_TO_REVIEW = Refusal(
    "nothing-to-review",
    "Chưa có báo cáo nào đang chờ xem xét.",
    "No report is waiting for review.",
)
NO_BOUND = Refusal(
    "no-bound",
    "Nhiệm vụ này không có thời hạn trong văn bản, nên không có gì để dời.",
    "The text sets no date for this duty; there is nothing to move.",
)
NOT_OWED = Refusal(
    "not-owed",
    "Có đơn vị không được giao nhiệm vụ này, nên chưa ghi nhận gì.",
    "A named body does not owe this duty; nothing was recorded.",
)
IN_THE_PAST = Refusal(
    "in-the-past",
    "Thời hạn mới đã qua; hãy chọn một ngày còn ở phía trước.",
    "The new date has passed already; choose one that lies ahead.",
)
SAME_BOUND = Refusal(
    "same-bound",
    "Thời hạn mới trùng với thời hạn đang áp dụng; không có gì thay đổi.",
    "The new date is the one in force already; nothing changed.",
)
EARLIER = Refusal(
    "earlier",
    "Thời hạn mới sớm hơn thời hạn đang áp dụng của ít nhất một đơn vị."
    " Nếu đúng là rút ngắn, hãy nói rõ (--earlier).",
    "The new date is earlier than the one in force for somebody."
    " To shorten it, say so (--earlier).",
)
NOT_YET = Refusal(
    "not-yet",
    "Chưa đến lúc: văn bản cấp trên chưa ban hành hoặc chưa đến ngày ban hành.",
    "Not yet: the document above is not issued, or the day of issue has not come.",
)


def answer(state: State, request: Request, now: DateTime) -> Fact | Refusal:
    """Return the fact that *request* makes at *now*, or why it does not."""
    match request:
        case Issue():
            return _issue(state, now)
        case MoveBound():
            return _move_bound(state, request, now)
        case ReportUp():
            return _report_up(state, now)
        case Acknowledge() | Submit() | Accept() | Return() | Waive():
            progress = state.progress.get(request.assignment)
            if progress is None:
                return UNKNOWN
            return _on_assignment(progress, request, now)
        case _:  # pragma: no cover
            assert_never(request)


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


def _move_bound(state: State, request: MoveBound, now: DateTime) -> Fact | Refusal:
    if state.plan is None:
        return UNKNOWN
    acts = state.moves.get(request.obligation, ())
    if acts and _says(acts[-1]) == _says(request):
        return DONE
    standing = current(state, request.obligation)
    hanging = [*hanging_on(state.plan, request.obligation)]
    if not hanging and (elsewhere := to_be_moved(state.plan, request.obligation)):
        return stands_elsewhere(request.obligation, elsewhere)
    if standing is None:
        return NO_BOUND
    copies = [
        state.progress[assignment]
        for obligation in hanging
        for assignment in obligation.assignments()
    ]
    if set(request.bodies) - {copy.body for copy in copies}:
        return NOT_OWED
    concerned = [copy for copy in copies if not request.bodies or copy.body in request.bodies]
    if all(copy.closed for copy in concerned):
        return CLOSED
    if request.due <= now:
        return IN_THE_PAST
    if request.bodies:
        named = (current(state, request.obligation, body) for body in request.bodies)
        were = {was for was in named if was is not None}
    else:
        # Everybody: those who have a date of their own too.
        were = {standing, *own_dates(state, request.obligation).values()}
    if were == {request.due}:
        return SAME_BOUND
    if not request.earlier and any(request.due < was for was in were):
        return EARLIER
    return BoundMoved(
        now,
        request.obligation,
        len(acts) + 1,
        min(were) if request.bodies else standing,
        request.due,
        request.phrase,
        request.by,
        request.authority,
        request.reason_sha256,
        tuple(sorted(request.bodies)),
        request.why,
    )


def stands_elsewhere(obligation: str, where: Sequence[str]) -> Refusal:
    """Return that the date of *obligation* stands in the words of others, which can be moved."""
    names = ", ".join(where)
    return Refusal(
        "stands-elsewhere",
        f"Hạn của {obligation} ghi ở {names}; hãy dời hạn của mục đó.",
        f"The date of {obligation} stands in {names}; move that one.",
    )


def _says(act: MoveBound | BoundMoved) -> tuple[object, ...]:
    """Return what makes two acts the same decision."""
    return act.due, act.authority, act.by, tuple(sorted(act.bodies)), act.why


def _on_assignment(
    progress: Progress, request: Acknowledge | Submit | Accept | Return | Waive, now: DateTime
) -> Fact | Refusal:
    if isinstance(request, Waive):
        if progress.closed:
            return CLOSED
        return Waived(now, progress.id, request.by, request.authority)
    if progress.phase is Phase.PENDING:
        return NOT_OPEN
    match request:
        case Acknowledge():
            if progress.phase is not Phase.OPEN or progress.acknowledged_at is not None:
                return CLOSED if progress.closed else DONE
            return Acknowledged(now, progress.id, request.person, request.link)
        case Submit():
            # The same page sent again: only if it says the same, or a colleague's other report
            # would seem to be recorded.
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
            )
        case Accept() | Return():
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
        case _:  # pragma: no cover
            assert_never(request)
