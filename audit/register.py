"""The register of a document as a clerk keeps it: one line for each duty of each body.

Read from the facts of the bundle alone, so everybody who has the bundle can make it again. Words
are Vietnamese; instants are Viet Nam's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from pendulum import DateTime

from audit.notified import Told, told_of
from models.domain.calendar import last_day, local
from models.domain.directive import Obligation
from models.domain.errors import ImpossibleFact
from models.domain.facts import (
    BY_LINK,
    Accepted,
    Acknowledged,
    BecameOverdue,
    BoundMoved,
    ChildIssued,
    Corrected,
    Escalated,
    Fact,
    OnAssignment,
    Reminded,
    Report,
    Rescheduled,
    Returned,
    Submitted,
    Superseded,
    Waived,
)
from models.domain.folding import evolve
from models.domain.moving import hanging_on
from models.domain.state import Progress, State
from models.domain.terms import AssignmentId, Phase

PHASES = {
    Phase.PENDING: "Chưa bắt đầu",
    Phase.OPEN: "Chưa xác nhận",
    Phase.ACKNOWLEDGED: "Đã nhận",
    Phase.SUBMITTED: "Chờ xem xét",
    Phase.ACCEPTED: "Đã chấp nhận",
    Phase.WAIVED: "Được miễn",
    Phase.SUPERSEDED: "Đã chuyển đơn vị",
}

Numbered = tuple[int, Fact]
"""A fact with its number in the ledger."""

Names = Mapping[str, str]
"""Names that people typed, by their reference; what is missing was withheld or erased."""

UNNAMED = "(không nêu tên)"


@dataclass(frozen=True, slots=True)
class Line:
    """One duty of one body. Everything is text, ready to be read; the order is that of columns."""

    document: str
    clause: str
    duty: str
    body: str
    phrase: str
    due: str
    moved: str
    phase: str
    acknowledged: str
    acknowledged_by: str
    submitted: str
    version: str
    submitted_by: str
    way: str
    report: str
    accepted: str
    accepted_by: str
    returned: str
    overdue: str
    reminded: str
    urged: str
    told: str
    lifted: str
    facts: str

    def cells(self) -> tuple[str, ...]:
        """Return what stands under :data:`COLUMNS`, after the running number."""
        return tuple(getattr(self, each.name) for each in fields(self))


COLUMNS = (
    "STT",
    "Văn bản",
    "Mục",
    "Nhiệm vụ",
    "Đơn vị",
    "Hạn theo văn bản",
    "Hạn hiện hành",
    "Dời hạn",
    "Trạng thái",
    "Xác nhận đã nhận",
    "Người xác nhận",
    "Nộp báo cáo",
    "Bản số",
    "Người nộp",
    "Cách nộp",
    "Nội dung báo cáo",
    "Chấp nhận",
    "Người chấp nhận",
    "Trả lại",
    "Quá hạn từ",
    "Đã nhắc",
    "Đôn đốc",
    "Bằng chứng đã báo",
    "Miễn, chuyển",
    "Sự kiện số",
)


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one document, and how many of them stand how."""

    number: str
    title: str
    issuer: str
    issued: str
    lines: tuple[Line, ...]
    counts: tuple[tuple[str, int], ...]
    proof: bool
    """The document's policy records proofs of notice."""


def section(facts: Sequence[Numbered], names: Names) -> Section:
    """Return the register of one document from all its *facts*.

    Raises:
        models.domain.errors.ImpossibleFact: they are not the facts of a document.
    """
    state = _folded(facts)
    document = state.document
    own: dict[AssignmentId, list[Numbered]] = defaultdict(list)
    for seq, fact in facts:
        if isinstance(fact, OnAssignment):
            own[fact.assignment].append((seq, fact))
    told = told_of(facts)
    copies = [
        (obligation, state.progress[each])
        for obligation in document.obligations
        for each in obligation.assignments()
        if each in state.progress
    ]
    lines = tuple(
        _line(state, obligation, copy, own[copy.id], told.get(copy.id, Told()), names)
        for obligation, copy in copies
    )
    counted = Counter(PHASES[copy.phase] for _, copy in copies)
    late = sum(bool(line.overdue) for line in lines)
    counts = [("Nhiệm vụ", len(lines)), *((each, counted[each]) for each in PHASES.values())]
    return Section(
        document.number,
        document.title,
        state.plan.name(document.issuer) if state.plan else document.issuer,
        day_and_hour(state.issued_at),
        lines,
        tuple((name, count) for name, count in (*counts, ("Từng quá hạn", late)) if count),
        document.policy.proof,
    )


def _folded(facts: Sequence[Numbered]) -> State:
    state = State()
    for seq, fact in facts:
        try:
            state = evolve(state, fact)
        except ImpossibleFact as error:
            raise ImpossibleFact(f"fact {seq}: {error}") from error
    return state


def day_and_hour(instant: DateTime | None) -> str:
    """Return ``20/10/2023 08:15`` on Viet Nam's clock, or nothing."""
    return "" if instant is None else f"{local(instant):%d/%m/%Y %H:%M}"


def until(due_exclusive: DateTime | None) -> str:
    """Return the last day in time, ``hết 20/10/2023``; a bound within a day names its hour."""
    if due_exclusive is None:
        return ""
    due = local(due_exclusive)
    if (due.hour, due.minute, due.second) == (0, 0, 0):
        return f"hết {last_day(due):%d/%m/%Y}"
    return f"trước {due:%H:%M %d/%m/%Y}"


def _line(
    state: State,
    obligation: Obligation,
    copy: Progress,
    facts: Sequence[Numbered],
    told: Told,
    names: Names,
) -> Line:
    def last(*kinds: type[Fact]) -> Fact | None:
        return next((fact for _, fact in reversed(facts) if isinstance(fact, kinds)), None)

    def person(ref: str) -> str:
        return names.get(ref, UNNAMED) if ref else ""

    plan = state.plan
    assert plan is not None
    acknowledged, accepted = last(Acknowledged), last(Accepted)
    submitted = last(Submitted, Corrected)
    first = next((fact for _, fact in facts if isinstance(fact, BecameOverdue)), None)
    bound = obligation.bound
    return Line(
        document=state.document.number,
        clause=obligation.clause,
        duty=obligation.summary,
        body=plan.name(copy.body),
        phrase=bound.phrase if bound else _without_bound(obligation),
        due=until(copy.due or (bound.due_exclusive if bound else None)),
        moved="; ".join(_moves(state, obligation, facts)),
        phase=PHASES[copy.phase],
        acknowledged=day_and_hour(acknowledged.at if acknowledged else None),
        acknowledged_by=(
            person(acknowledged.person) if isinstance(acknowledged, Acknowledged) else ""
        ),
        submitted=day_and_hour(submitted.at if submitted else None),
        version=str(copy.version or ""),
        submitted_by=(
            person(submitted.person) if isinstance(submitted, Submitted | Corrected) else ""
        ),
        way=_way(submitted),
        report=_report(obligation, copy.report),
        accepted=day_and_hour(accepted.at if accepted else None),
        accepted_by=(
            (person(accepted.person) or "theo quy định") if isinstance(accepted, Accepted) else ""
        ),
        returned="; ".join(
            f"bản {fact.version} lúc {day_and_hour(fact.at)}"
            for _, fact in facts
            if isinstance(fact, Returned)
        ),
        overdue=day_and_hour(first.at if first else None),
        reminded=str(sum(isinstance(fact, Reminded) for _, fact in facts) or ""),
        urged="; ".join(
            f"bước {fact.rung}: {day_and_hour(fact.at)}"
            for _, fact in facts
            if isinstance(fact, Escalated)
        ),
        told=told.words(day_and_hour),
        lifted="; ".join(_lifted(state, facts)),
        facts=" ".join(str(seq) for seq, _ in facts),
    )


def _without_bound(obligation: Obligation) -> str:
    return "khi ban hành văn bản cấp dưới" if obligation.realised_by else "thường xuyên"


def _moves(state: State, obligation: Obligation, facts: Sequence[Numbered]) -> Iterator[str]:
    acts = [
        act
        for origin, moved in state.moves.items()
        for act in moved
        if state.plan and obligation in hanging_on(state.plan, origin)
    ]
    for _, fact in facts:
        if isinstance(fact, Rescheduled):
            act: BoundMoved | None = next((each for each in acts if each.at == fact.at), None)
            why = f" theo {act.authority}" if act else ""
            yield f"từ {until(fact.was)} sang {until(fact.due)}{why}"


def _way(fact: Fact | None) -> str:
    match fact:
        case Submitted(person="", link=""):
            return "từ văn bản cấp dưới"
        case Submitted(trust=trust, paper=paper) if trust != BY_LINK:
            return f"văn phòng nhập thay: {paper}".removesuffix(": ")
        case Submitted() | Corrected():
            return "qua liên kết của đơn vị"
        case _:
            return ""


def _report(obligation: Obligation, report: Report | None) -> str:
    if report is None:
        return ""
    labels = {figure.name: figure.label for figure in obligation.figures}
    parts = [f"{labels.get(name, name)}: {value}" for name, value in report.figures]
    parts += [f"{labels.get(name, name)}: {value}" for name, value in report.answers]
    if report.plan_number:
        day = f" ngày {report.plan_date:%d/%m/%Y}" if report.plan_date else ""
        parts.append(f"số {report.plan_number}{day}")
    if report.nothing:
        parts.append("không có nội dung phải báo cáo")
    if report.text_sha256:
        parts.append(f"văn bản texts/{report.text_sha256[:8]}…")
    parts += [f"tệp files/{each.sha256[:8]}…" for each in report.files]
    return "; ".join(parts)


def _lifted(state: State, facts: Sequence[Numbered]) -> Iterator[str]:
    plan = state.plan
    assert plan is not None
    for _, fact in facts:
        match fact:
            case Waived():
                yield f"được miễn theo {fact.authority} lúc {day_and_hour(fact.at)}"
            case Superseded():
                successor = state.progress.get(fact.successor)
                body = plan.name(successor.body) if successor else fact.successor
                authority = f" theo {fact.authority}" if fact.authority else ""
                yield f"chuyển cho {body}{authority} lúc {day_and_hour(fact.at)}"
            case ChildIssued():
                yield f"hoàn thành do ban hành {fact.child} lúc {day_and_hour(fact.at)}"
            case _:
                pass
