"""Letters of every kind about the real package, without a database: a story that the rules tell.

Some weeks of one document are carried by the pure rules. Units confirm, ask, dispute, report and
are late; each kind of mail is then the first one that somebody was owed.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pendulum import DateTime

from models.domain.answers import answer
from models.domain.calendar import at
from models.domain.directive import Document, Policy, Summary
from models.domain.effects import Kind, Notify, effects_of
from models.domain.errors import Refusal
from models.domain.facts import Attached, Fact, Registered, Report
from models.domain.machine import advance
from models.domain.requests import (
    Accept,
    Acknowledge,
    AskExtension,
    Dispute,
    Issue,
    MoveBound,
    NoteDelivery,
    Reassign,
    RecordNotice,
    RefuseExtension,
    RejectDispute,
    Request,
    Return,
    Submit,
    Supplement,
    Waive,
)
from models.domain.state import State
from models.domain.terms import AssignmentId, BodyId, ObligationId, assignment_id
from notifications.details import reason_of
from notifications.letter import Letter

REPORT = ObligationId("256/III.1-c")
"""The units' report of the real package, due before 21/10/2023."""
PERSON, LINK = "p_sample", "sample"
TOKEN = "Qk3vZ8-pLr0Wd_7nXcB2yHfT5uJmE9sAaGi4RoKq1Vx"
"""Of the form of a real one, and good for nothing."""
OFFICE, BOARD, REVIEWER = BodyId("pr.vp"), BodyId("pr.thuongtruc"), BodyId("pr.btg")
HEIR = BodyId("pr.btc")
FIGURES = ("so_buoi", "dang_vien_tham_gia", "tong_dang_vien", "quan_chung_tham_gia")


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was owed a mail because of a fact; the state right after it."""

    notify: Notify
    fact: Fact
    state: State
    reason: str | None
    before: int = 0
    """How often it was told the same before; in a story everything arrives."""

    def letter(self, lang: str, number: int = 0) -> Letter:
        """Return it as a letter in *lang*; *number* tells letters of one digest apart."""
        notify = self.notify
        assert self.state.plan is not None
        answers = notify.kind is not Kind.ASSIGNED
        return Letter(
            kind=notify.kind,
            assignment=notify.assignment,
            detail=notify.detail,
            message_id=f"sample|{notify.key}|{lang}|{number}",
            address=f"van-thu@{notify.recipient.replace('.', '-')}.example",
            locale=lang,
            token=TOKEN[:-2] + f"{number:02d}" if notify.assignment else None,
            recipient_name=self.state.plan.name(notify.recipient),
            thread=f"sample|first|{notify.assignment}|{notify.recipient}" if answers else None,
            told=self.before,
            reason=self.reason,
            fact=self.fact,
            stream=self.state.key,
        )


@dataclass
class Story:
    """One document carried by the rules alone, with everything that somebody was to be told."""

    state: State = field(default_factory=State)
    told: list[Told] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    said: Counter[tuple[Kind, AssignmentId, BodyId]] = field(default_factory=Counter)

    def first(self, kind: Kind, which: Callable[[Told], bool] = lambda told: True) -> Told:
        """Return the first mail of *kind* that was owed (and is like *which*)."""
        return next(each for each in self.told if each.notify.kind is kind and which(each))

    def until(self, now: DateTime) -> None:
        """Let time act, one appointment after the other."""
        while (due := self.state.next_due()) is not None and due <= now:
            if self.state.issued_at is None:
                return
            self._happen([], due)

    def ask(self, request: Request, now: DateTime) -> None:
        """Ask for something that the rules grant."""
        self.until(now)
        given = answer(self.state, request, now)
        assert not isinstance(given, Refusal), given
        self._happen([given], now)

    def register(self, document: Document) -> None:
        """Enter *document* and issue it on its day."""
        issue = document.issue_at
        self._happen([Registered(issue.subtract(days=3), document, "mẫu")], issue.subtract(days=3))
        self.ask(Issue(), issue)

    def text(self, words: str) -> str:
        """Keep *words*; return their SHA-256."""
        digest = hashlib.sha256(words.encode()).hexdigest()
        self.texts[digest] = words
        return digest

    def _happen(self, events: Sequence[Fact], now: DateTime) -> None:
        step = advance(self.state, events, now)
        self.state = step.state
        for fact in step.facts:
            for notify in effects_of(step.state, fact):
                about = notify.assignment
                why = reason_of(notify.kind, fact, step.state, about) if about else None
                words = self.texts.get(why) if why else None
                said = (notify.kind, notify.assignment, notify.recipient)
                self.told.append(Told(notify, fact, step.state, words, self.said[said]))
                self.said[said] += 1


def sample_document(document: Document) -> Document:
    """Return *document* as its own beginning, with every kind of mail switched on."""
    policy: Policy = replace(
        document.policy,
        proof=True,
        receipts=True,
        digest=True,
        summary=Summary(weekday=0, recipients=(BOARD,)),
    )
    return replace(document, parent=None, policy=policy)


def story_of(document: Document) -> Story:
    """Return some weeks of *document* (256-KH/TU of the real package), with every kind of mail."""
    story = Story()
    document = sample_document(document)
    units = next(each for each in document.obligations if each.id == REPORT).assignees
    asks, wrong, moves, returned, waived, silent, late, lost = units[:8]
    everybody = [body for body in units if body not in (silent, moves)]
    story.register(document)
    day = document.issue_at

    def mine(body: BodyId) -> AssignmentId:
        return assignment_id(REPORT, body)

    for body in everybody:
        story.ask(Acknowledge(mine(body), PERSON, LINK), day.add(hours=2))
    _reports(story, mine(returned), at(day.add(days=3).date(), 9))
    why = story.text("Địa phương đang sắp xếp lại đơn vị hành chính, chưa tổng hợp đủ số liệu.")
    until = at(day.add(days=41).date(), 0)
    story.ask(AskExtension(mine(asks), until, why, PERSON, LINK), at(day.add(days=4).date(), 9))
    no = story.text("Số liệu đã có ở các chi bộ; đề nghị báo cáo đúng hạn.")
    refused = RefuseExtension(mine(asks), BOARD, "Công văn 118-CV/TU", no)
    story.ask(refused, at(day.add(days=5).date(), 9))
    why = story.text("Đơn vị không có tổ chức đảng trực thuộc thực hiện nội dung này.")
    story.ask(Dispute(mine(wrong), why, PERSON, LINK), at(day.add(days=6).date(), 9))
    stays = story.text("Đơn vị có chi bộ trực thuộc, thuộc diện thực hiện.")
    rejected = RejectDispute(mine(wrong), BOARD, "Công văn 121-CV/TU", stays)
    story.ask(rejected, at(day.add(days=7).date(), 9))
    why = story.text("Chuyển theo Nghị quyết sắp xếp đơn vị hành chính.")
    report = Report(figures=tuple(zip(FIGURES, (2, 64, 66, 310), strict=True)))
    story.ask(Submit(mine(moves), report, 0, PERSON, LINK), at(day.add(days=8).date(), 8))
    heir = Reassign(mine(moves), HEIR, BOARD, "Quyết định 45-QĐ/TU", why)
    story.ask(heir, at(day.add(days=8).date(), 9))
    story.ask(Waive(mine(waived), BOARD, "Công văn 130-CV/TU"), at(day.add(days=9).date(), 9))
    bounced = NoteDelivery(
        "sample", Kind.REMINDER, mine(lost), lost, at(day.add(days=10).date(), 9), "bounced"
    )
    story.ask(replace(bounced, code=550, detail="5.1.1"), at(day.add(days=10).date(), 9))
    why = story.text("Gia hạn để hoàn thành việc học tập ở các chi bộ.")
    moved = MoveBound(
        REPORT,
        at(day.add(days=40).date(), 0),
        "hết ngày 28/10/2023",
        BOARD,
        "Công văn 140-CV/TU",
        why,
        bodies=(asks,),
    )
    story.ask(moved, at(day.add(days=11).date(), 9))
    told = story.text("Báo bằng điện thoại cho văn thư lúc 9 giờ.")
    story.ask(RecordNotice(mine(late), OFFICE, told), at(day.add(days=12).date(), 9))
    story.until(at(day.add(days=45).date(), 9))
    _late_report(story, mine(late), at(day.add(days=46).date(), 9))
    return story


def _reports(story: Story, copy: AssignmentId, now: DateTime) -> None:
    """Let a unit report, get it back, report again, be accepted and add something."""
    files = (Attached("0" * 64, "application/pdf", 182_000),)
    figures = tuple(zip(FIGURES, (3, 182, 190, 1_240), strict=True))
    story.ask(Submit(copy, Report(figures=figures[:2]), 0, PERSON, LINK), now)
    why = story.text("Thiếu tổng số đảng viên và số quần chúng tham gia.\nĐề nghị bổ sung.")
    story.ask(Return(copy, 1, why, PERSON, LINK), now.add(hours=2))
    story.ask(Submit(copy, Report(figures=figures, files=files), 1, PERSON, LINK), now.add(hours=4))
    story.ask(Supplement(copy, Report(files=files), 0, PERSON, LINK), now.add(hours=5))
    story.ask(Accept(copy, 2, PERSON, LINK), now.add(hours=6))


def _late_report(story: Story, copy: AssignmentId, now: DateTime) -> None:
    """Let a unit report after the synthesis has started, and move a date that others rest on."""
    report = Report(figures=tuple(zip(FIGURES, (2, 77, 80, 300), strict=True)))
    story.ask(Submit(copy, report, 0, PERSON, LINK), now)


def impossible_of(document: Document) -> Story:
    """Return *document* with a date moved so far that the duty resting on it cannot be kept."""
    story = Story()
    story.register(sample_document(document))
    why = story.text("Gia hạn chung cho các đơn vị.")
    act = ("hết ngày 29/10/2023", BOARD, "Công văn 150-CV/TU", why)
    later = document.issue_at.add(days=14)
    story.ask(MoveBound(REPORT, at(later.date().add(days=27), 0), *act), later)
    return story


def sample_letters(document: Document) -> dict[Kind, Told]:
    """Return, for every kind of mail, somebody who is owed one; *document* is 256-KH/TU."""
    story, impossible = story_of(document), impossible_of(document)
    repeated = {Kind.REMINDER: "dung-ngay", Kind.OVERDUE: "rung-1"}

    def telling(kind: Kind) -> Told:
        wanted = repeated.get(kind, "")
        of = impossible if kind is Kind.INFEASIBLE else story
        due = REPORT if kind in (Kind.ASSIGNED, Kind.UNTOLD, *repeated) else ""
        last = kind in (Kind.SUMMARY, Kind.UNTOLD)
        found = [
            each
            for each in of.told
            if each.notify.kind is kind
            and each.notify.recipient != HEIR
            and each.notify.assignment.startswith(due)
            and wanted in each.notify.detail
        ]
        return found[-1 if last else 0]

    return {kind: telling(kind) for kind in Kind}


def digest_letters(document: Document) -> list[Told]:
    """Return what one unit is told on one day: several duties of one document."""
    story = Story()
    story.register(sample_document(document))
    unit = next(each for each in document.obligations if each.id == REPORT).assignees[0]
    story.until(document.issue_at.add(days=35))
    found: dict[str, Told] = {}
    for each in story.told:
        if each.notify.recipient == unit and each.notify.kind in (Kind.ASSIGNED, Kind.OVERDUE):
            found[each.notify.assignment] = replace(each, state=story.state)
    return list(found.values())
