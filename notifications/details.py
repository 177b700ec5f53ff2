"""What a mail says beyond its duty: taken from the fact that owes it, or else from the state.

The fact is of its own instant; a state may know of more by the time a mail is written. A mail
whose fact is not at hand (a preview, an old row) says what the state still knows.
"""

from collections.abc import Mapping

from models.domain.effects import Kind
from models.domain.facts import (
    BoundMoved,
    DisputeRejected,
    ExtensionAsked,
    ExtensionRefused,
    Fact,
    NoticeFailed,
    Submitted,
    Superseded,
    Waived,
)
from models.domain.moving import acts_on
from models.domain.state import State
from models.domain.terms import AssignmentId, BodyId
from notifications.words import bound_words, instant_words

EMPTY = {
    "decided_by": "",
    "decided_authority": "",
    "successor": "",
    "until": "",
    "received": "",
    "failed_kind": "",
    "failed_body": "",
    "failed_how": "",
}
"""Everything that :func:`details` may say, said of nothing."""

_HOW = {
    "vi": {
        "no-contact": "chưa có địa chỉ thư",
        "refused": "hộp thư đích từ chối",
        "parked": "đã thử nhiều lần",
        "bounced": "bị trả về",
    },
    "en": {
        "no-contact": "it has no address",
        "refused": "the mailbox refused it",
        "parked": "given up after many attempts",
        "bounced": "it came back",
    },
}

KINDS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        Kind.ASSIGNED: "giao nhiệm vụ",
        Kind.REMINDER: "nhắc việc",
        Kind.OVERDUE: "báo quá hạn",
        Kind.ESCALATION: "đôn đốc",
        Kind.REVIEW: "đề nghị xem xét",
        Kind.RETURNED: "trả lại báo cáo",
        Kind.ACCEPTED: "chấp nhận báo cáo",
        Kind.WAIVED: "miễn nhiệm vụ",
        Kind.ADDENDUM: "báo cáo bổ sung",
        Kind.EXTENDED: "dời hạn",
        Kind.INFEASIBLE: "không còn kịp hạn",
        Kind.RECEIVED: "biên nhận báo cáo",
        Kind.SUPPLEMENT: "gửi thêm cho báo cáo",
        Kind.MOVED: "chuyển nhiệm vụ",
        Kind.DISPUTED: "báo không thuộc nhiệm vụ",
        Kind.DISPUTE_REJECTED: "giữ nguyên nhiệm vụ",
        Kind.EXTENSION_ASKED: "xin dời hạn",
        Kind.EXTENSION_REFUSED: "không dời hạn",
        Kind.UNTOLD: "chưa báo được",
        Kind.UNDELIVERED: "thư không đến nơi",
        Kind.SUMMARY: "tổng hợp tuần",
    },
    "en": {kind: kind.value for kind in Kind},
}
"""What a kind of mail is called among people."""


def details(
    kind: Kind, fact: Fact | None, state: State, assignment: AssignmentId, lang: str
) -> dict[str, str]:
    """Return what *kind* of mail says about *assignment* because of *fact*."""
    assert state.plan is not None
    plan = state.plan
    progress = state.progress[assignment]
    found = dict(EMPTY)
    match fact:
        case Superseded(successor=successor):
            body = BodyId(successor.removeprefix(f"{progress.obligation}@"))
            found["successor"] = plan.name(body)
        case ExtensionAsked(until=until):
            found["until"] = bound_words(until, lang)
        case Submitted(at=at):
            found["received"] = instant_words(at, lang)
        case NoticeFailed():
            found["failed_kind"] = KINDS[lang].get(fact.kind, fact.kind)
            found["failed_body"] = plan.name(fact.body)
            found["failed_how"] = _HOW[lang].get(fact.how, fact.how)
        case _:
            pass
    match kind:
        case Kind.EXTENDED:
            fact = newest_act(state, assignment)
        case Kind.WAIVED if fact is None and progress.waived_by:
            found["decided_by"] = plan.name(BodyId(progress.waived_by))
        case Kind.EXTENSION_ASKED if not found["until"] and progress.asked is not None:
            found["until"] = bound_words(progress.asked.until, lang)
        case Kind.RECEIVED if not found["received"] and progress.submitted_at is not None:
            found["received"] = instant_words(progress.submitted_at, lang)
        case _:
            pass
    if isinstance(fact, BoundMoved | Waived | Superseded | DisputeRejected | ExtensionRefused):
        found["decided_by"] = plan.name(BodyId(fact.by)) if fact.by else ""
        found["decided_authority"] = fact.authority
    return found


def newest_act(state: State, assignment: AssignmentId) -> BoundMoved | None:
    """Return the newest act that moved the bound of *assignment*, if any did."""
    assert state.plan is not None
    obligation, body = state.plan.assignments[assignment]
    acts = [act for act in acts_on(state, obligation) if not act.bodies or body in act.bodies]
    return acts[-1] if acts else None
