"""Small documents for tests: the shape of 256-KH/TU with four units instead of fifty."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from pendulum import DateTime

from models.domain.answers import answer
from models.domain.calendar import WorkCalendar, at, midnight
from models.domain.directive import (
    Body,
    Bound,
    Document,
    Nudge,
    Obligation,
    Parent,
    Policy,
    Rung,
    Summary,
)
from models.domain.errors import Refusal
from models.domain.facts import (
    Accepted,
    Acknowledged,
    AddendumReceived,
    BecameOverdue,
    ChildIssued,
    Completed,
    Corrected,
    Disputed,
    DisputeRejected,
    Escalated,
    ExtensionAsked,
    ExtensionRefused,
    Fact,
    FeasibilityChanged,
    GateOpened,
    Issued,
    NotTold,
    Opened,
    Registered,
    Reminded,
    Report,
    ReportUpExpected,
    Rescheduled,
    Returned,
    Submitted,
    Summarised,
    Superseded,
    Supplemented,
    Waived,
)
from models.domain.machine import advance
from models.domain.requests import Issue, Request
from models.domain.state import State
from models.domain.terms import (
    Acceptance,
    AssignmentId,
    BodyId,
    DocumentKey,
    ObligationId,
    Source,
    assignment_id,
)

CITY = DocumentKey("256-KH/TU")
PROVINCE = DocumentKey("240-KH/TU")
UNITS = tuple(BodyId(f"ward-{n}") for n in range(1, 5))
BTG, VP, TT = BodyId("btg"), BodyId("vp"), BodyId("tt")
CITY_COMMITTEE, PROVINCE_COMMITTEE = BodyId("tu-city"), BodyId("tu-province")

PLAN = ObligationId("256/II.1")
REPORTS = ObligationId("256/III.1")
SYNTHESIS = ObligationId("256/III.1-b")
STANDING = ObligationId("256/IV")
PROVINCE_ISSUE = ObligationId("240/III.1")
PROVINCE_REPORT = ObligationId("240/III.2")

ISSUE_AT = at(date(2023, 9, 19), 8)
PLAN_DUE = midnight(date(2023, 10, 1))
REPORTS_DUE = midnight(date(2023, 10, 21))
SYNTHESIS_DUE = midnight(date(2023, 10, 31))
LATEST_START = midnight(date(2023, 10, 27))
"""Two working days before 31/10/2023 00:00: Monday 30/10 and Friday 27/10."""
FAR = midnight(date(2024, 3, 1))

CALENDAR = WorkCalendar(off=frozenset({date(2024, 1, 1), date(2024, 2, 9)}))
POLICY = Policy(
    nudges=(Nudge("before-3", -3), Nudge("on-the-day", 0), Nudge("after-1", 1)),
    rungs=(
        Rung(1, "urged by the department", 1, (BTG,)),
        Rung(2, "office", 3, (VP,)),
        Rung(3, "standing committee", 5, (VP, TT)),
        Rung(4, "superior level", 10, (PROVINCE_COMMITTEE,)),
    ),
)

ASKING = replace(POLICY, proof=True, receipts=True, summary=Summary(0, (TT,)), correct_minutes=15)
"""The same ladder, which waits for a proof of notice; with receipts and a weekly summary."""

PERSON, LINK = "p_0000000000000001", "a1"


def bound(due: DateTime, clause: str = "III.1") -> Bound:
    return Bound(f"trước {due:DD/MM/YYYY}", "before-date", "strict", due, clause)


def duty(
    key: ObligationId, assignees: Sequence[BodyId], due: DateTime | None = None, **more: object
) -> Obligation:
    plain = Obligation(
        id=key,
        clause=key.partition("/")[2],
        quote=f"Báo cáo kết quả thực hiện mục {key}.",
        summary="Báo cáo kết quả",
        kind="report",
        assignees=tuple(assignees),
        bound=bound(due) if due else None,
        reviewer=BTG,
        receiver=TT,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def bodies(*more: BodyId) -> tuple[Body, ...]:
    named = (*UNITS, BTG, VP, TT, CITY_COMMITTEE, PROVINCE_COMMITTEE, *more)
    return tuple(Body(each, f"Đơn vị {each}", "city", source=Source.SAMPLE) for each in named)


def city(**changes: object) -> Document:
    """The city's plan: plans and reports of the units, a synthesis behind a gate."""
    plain = Document(
        key=CITY,
        number="256-KH/TU",
        kind="Kế hoạch",
        title="Kế hoạch của Thành ủy",
        issuer=CITY_COMMITTEE,
        issue_at=ISSUE_AT,
        bodies=bodies(),
        obligations=(
            duty(PLAN, UNITS, PLAN_DUE, acceptance=Acceptance.AUTOMATIC, wants_plan=True),
            duty(REPORTS, UNITS, REPORTS_DUE),
            duty(SYNTHESIS, (BTG,), SYNTHESIS_DUE, waits_for=(REPORTS,), reviewer=TT),
            duty(STANDING, UNITS),
        ),
        policy=POLICY,
        calendar=CALENDAR,
        reports_when=SYNTHESIS,
        clerk=VP,
        package="57-kl-tw",
        package_sha256="0" * 64,
        issued_on=date(2023, 9, 19),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def province(**changes: object) -> Document:
    """The document above: the city issues its own plan, and reports."""
    plain = Document(
        key=PROVINCE,
        number="240-KH/TU",
        kind="Kế hoạch",
        title="Kế hoạch của Tỉnh ủy",
        issuer=PROVINCE_COMMITTEE,
        issue_at=at(date(2023, 9, 13), 8),
        bodies=bodies(),
        obligations=(
            duty(
                PROVINCE_ISSUE,
                (CITY_COMMITTEE,),
                midnight(date(2023, 10, 1)),
                realised_by=CITY,
            ),
            duty(PROVINCE_REPORT, (CITY_COMMITTEE,), midnight(date(2023, 11, 16)), reviewer=TT),
        ),
        policy=POLICY,
        calendar=CALENDAR,
        package="57-kl-tw",
        package_sha256="0" * 64,
        issued_on=date(2023, 9, 13),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def city_below_province(**changes: object) -> Document:
    """The city's plan as a child of the province's."""
    return city(
        parent=Parent(
            PROVINCE,
            assignment_id(PROVINCE_ISSUE, CITY_COMMITTEE),
            assignment_id(PROVINCE_REPORT, CITY_COMMITTEE),
        ),
        **changes,
    )


def many_units(count: int, document: Document | None = None) -> Document:
    """One duty for *count* units, all with the same bound."""
    units = tuple(BodyId(f"unit-{n:04d}") for n in range(count))
    return city(
        key=document.key if document else CITY,
        bodies=bodies(*units),
        obligations=(duty(REPORTS, units, REPORTS_DUE),),
        reports_when=None,
    )


def copy(obligation: ObligationId, body: BodyId = UNITS[0]) -> AssignmentId:
    return assignment_id(obligation, body)


@dataclass
class Life:
    """One document carried by the pure rules alone, as the recorder does it."""

    state: State = field(default_factory=State)
    facts: list[Fact] = field(default_factory=list)

    def let_act(self, now: DateTime) -> tuple[Fact, ...]:
        return self._take([], now)

    def ask(self, request: Request, now: DateTime) -> Fact | Refusal:
        self.let_act(now)
        given = answer(self.state, request, now)
        if not isinstance(given, Refusal):
            self._take([given], now)
        return given

    def happen(self, fact: Fact, now: DateTime) -> tuple[Fact, ...]:
        return self._take([fact], now)

    def _take(self, events: Sequence[Fact], now: DateTime) -> tuple[Fact, ...]:
        step = advance(self.state, events, now)
        self.state = step.state
        self.facts.extend(step.facts)
        return step.facts


def registered(document: Document | None = None) -> Life:
    life = Life()
    document = document or city()
    life.happen(Registered(document.issue_at.subtract(days=3), document, "vp"), document.issue_at)
    return life


def issued(document: Document | None = None) -> Life:
    document = document or city()
    life = registered(document)
    assert life.ask(Issue(), document.issue_at) == Issued(document.issue_at)
    return life


def one_of_each(assignment: AssignmentId, when: DateTime) -> tuple[Fact, ...]:
    """Every fact that can be about one assignment."""
    return (
        Opened(when, assignment, REPORTS_DUE),
        Reminded(when, assignment, "before-3", 0),
        BecameOverdue(when, assignment),
        Escalated(when, assignment, 1),
        Acknowledged(when, assignment, PERSON, LINK),
        Submitted(when, assignment, 1, Report(), PERSON, LINK),
        Accepted(when, assignment, 1, PERSON, LINK),
        Returned(when, assignment, 1, "f" * 64, PERSON, LINK),
        Waived(when, assignment, "tt", "Công văn 12"),
        Superseded(when, assignment, copy(REPORTS, UNITS[1])),
        ChildIssued(when, assignment, CITY),
        Rescheduled(when, assignment, 1, REPORTS_DUE, SYNTHESIS_DUE),
        Corrected(when, assignment, 2, Report(), PERSON, LINK),
        Supplemented(when, assignment, 1, Report(), PERSON, LINK),
        Disputed(when, assignment, 1, "f" * 64, PERSON, LINK),
        DisputeRejected(when, assignment, 1, "tt", "Công văn 12", "f" * 64),
        ExtensionAsked(when, assignment, 1, SYNTHESIS_DUE, "f" * 64, PERSON, LINK),
        ExtensionRefused(when, assignment, 1, "tt", "Công văn 12", "f" * 64),
        NotTold(when, assignment, 1, 1),
    )


DERIVED = (
    Opened,
    Reminded,
    BecameOverdue,
    Escalated,
    GateOpened,
    AddendumReceived,
    Rescheduled,
    FeasibilityChanged,
    ReportUpExpected,
    Completed,
    NotTold,
    Summarised,
)


def is_input(fact: Fact) -> bool:
    """Tell whether *fact* came from a person or another stream, by the definition of the rules.

    An acceptance that nobody signed follows from the policy.
    """
    if isinstance(fact, Accepted):
        return bool(fact.person)
    return not isinstance(fact, DERIVED)
