"""The directive of the round: one report owed by each of N units, one synthesis that waits for it.

A unit's report is accepted as it comes (``Acceptance.AUTOMATIC``), so its confirmation itself
counts; reminders, the ladder and the gate are those of the real package.
"""

from datetime import timedelta

from pendulum import DateTime

from models.domain.calendar import midnight
from models.domain.directive import (
    Body,
    Bound,
    Document,
    Figure,
    Nudge,
    Obligation,
    Policy,
    Rung,
)
from models.domain.terms import Acceptance, BodyId, DocumentKey, ObligationId, Source
from models.record import Address

KEY = DocumentKey("1-KH/BM")
REPORTS, SYNTHESIS = ObligationId("1/III.1"), ObligationId("1/III.1-b")
COMMITTEE, OFFICE, DEPARTMENT = BodyId("committee"), BodyId("office"), BodyId("department")
DAYS = 30
"""How long the units have."""

_POLICY = Policy(
    nudges=(
        Nudge("5-days-before", -5),
        Nudge("1-day-before", -1),
        Nudge("on-the-day", 0, working=False),
        Nudge("1-day-after", 1),
    ),
    rungs=(
        Rung(1, "department urges", 2, (DEPARTMENT,)),
        Rung(2, "office", 4, (OFFICE,)),
        Rung(3, "committee", 6, (COMMITTEE,)),
    ),
)


def directive(units: int, now: DateTime) -> tuple[Document, list[Address]]:
    """Return a document that may go out at *now*, and one contact for each body that gets mail."""
    bodies = [BodyId(f"unit-{number:05d}") for number in range(1, units + 1)]
    offices = (COMMITTEE, OFFICE, DEPARTMENT)
    today = now.date()
    document = Document(
        key=KEY,
        number="1-KH/BM",
        kind="Kế hoạch",
        title="Kế hoạch học tập, quán triệt và triển khai thực hiện Kết luận",
        issuer=COMMITTEE,
        issue_at=now,
        bodies=tuple(
            Body(each, f"Đơn vị {each}", "grassroots", COMMITTEE, Source.SAMPLE)
            for each in (*offices, *bodies)
        ),
        obligations=(
            Obligation(
                id=REPORTS,
                clause="III.1",
                quote="Các đơn vị tổ chức học tập, quán triệt và báo cáo kết quả thực hiện.",
                summary="Báo cáo kết quả học tập, quán triệt",
                kind="report",
                assignees=tuple(bodies),
                bound=_bound(midnight(today + timedelta(days=DAYS)), "III.1"),
                reviewer=DEPARTMENT,
                receiver=COMMITTEE,
                acceptance=Acceptance.AUTOMATIC,
                figures=(Figure("participants", "Số đảng viên đã học tập", "người"),),
            ),
            Obligation(
                id=SYNTHESIS,
                clause="III.1-b",
                quote="Ban Tuyên giáo tổng hợp kết quả thực hiện, báo cáo Ban Thường vụ.",
                summary="Tổng hợp kết quả thực hiện",
                kind="synthesis",
                assignees=(DEPARTMENT,),
                bound=_bound(midnight(today + timedelta(days=DAYS + 10)), "III.1-b"),
                reviewer=COMMITTEE,
                receiver=COMMITTEE,
                waits_for=(REPORTS,),
            ),
        ),
        policy=_POLICY,
        clerk=OFFICE,
        package="benchmark",
        package_sha256="0" * 64,
        issued_on=today,
    )
    return document, [Address(each, f"clerk@{each}.example") for each in (*offices, *bodies)]


def _bound(due: DateTime, clause: str) -> Bound:
    return Bound(f"trước ngày {due:DD/MM/YYYY}", "before-date", "strict", due, clause)
