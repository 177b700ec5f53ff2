"""What proves that a body was told of its duty: the notices among the facts of a document."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pendulum import DateTime

from models.domain.facts import Fact, NoticeAccepted, NoticeFailed, NoticeQueued, NoticeRecorded
from models.domain.terms import AssignmentId


@dataclass(frozen=True, slots=True)
class Told:
    """The notices about one assignment to the body that owes it."""

    owed: int = 0
    """Mails that were to go out."""
    accepted: tuple[NoticeAccepted, ...] = ()
    failed: tuple[NoticeFailed, ...] = ()
    recorded: tuple[NoticeRecorded, ...] = ()

    def words(self, when: Callable[[DateTime], str]) -> str:
        """Return it in a line of Vietnamese; *when* writes an instant."""
        parts = []
        if self.owed or self.accepted:
            parts.append(f"{len(self.accepted)}/{self.owed} thư đã được máy chủ nhận")
        if self.accepted:
            first = self.accepted[0]
            queued = f", mã {first.queue_id}" if first.queue_id else ""
            parts.append(f"thư đầu lúc {when(first.at)}{queued}, SHA-256 {first.raw_sha256[:8]}…")
        parts += [f"báo trực tiếp lúc {when(each.at)} ({each.by})" for each in self.recorded]
        parts += [f"không đến: {_FAILED.get(each.how, each.how)}" for each in self.failed[:1]]
        return "; ".join(parts)


_FAILED = {
    "no-contact": "không có địa chỉ",
    "refused": "bị từ chối",
    "parked": "đã thử nhiều lần",
    "bounced": "thư bị trả lại",
}


def told_of(facts: Sequence[tuple[int, Fact]]) -> dict[AssignmentId, Told]:
    """Return for each assignment the notices to the body that owes it."""
    found: dict[AssignmentId, Told] = defaultdict(Told)
    for _, fact in facts:
        notices = fact.notices if isinstance(fact, NoticeQueued) else ()
        for notice in notices:
            if _owes(notice.assignment, notice.body):
                told = found[notice.assignment]
                found[notice.assignment] = replace(told, owed=told.owed + 1)
        if not isinstance(fact, NoticeAccepted | NoticeFailed | NoticeRecorded):
            continue
        if not _owes(fact.assignment, fact.body):
            continue
        told = found[fact.assignment]
        match fact:
            case NoticeAccepted():
                found[fact.assignment] = replace(told, accepted=(*told.accepted, fact))
            case NoticeFailed():
                found[fact.assignment] = replace(told, failed=(*told.failed, fact))
            case NoticeRecorded():
                found[fact.assignment] = replace(told, recorded=(*told.recorded, fact))
    return dict(found)


def _owes(assignment: AssignmentId, body: str) -> bool:
    """Tell whether it is *body*'s own duty (a reviewer hears of it as well)."""
    return assignment.endswith(f"@{body}")
