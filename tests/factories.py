"""Small, complete values for tests: documents, a policy, and an office with a real store.

Everything has a default, so that a test says only what it is about. Bodies and figures are made
up; addresses are on ``example`` domains.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from pendulum import DateTime
from sqlalchemy import func, select, update

from config.clock import FixedClock
from config.keys import vault
from config.settings import Settings
from models.domain.calendar import at, midnight
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
from models.domain.effects import Kind, Purpose
from models.domain.facts import Fact
from models.domain.requests import Issue, Request
from models.domain.state import Progress
from models.domain.terms import AssignmentId, BodyId, DocumentKey, ObligationId, Source
from models.record import Address, Outcome, Recorder
from models.store import Store
from models.tables import Link, Outbox, table

F = TypeVar("F", bound=Fact)

KEY = DocumentKey("256-KH/TU")
REPORT = ObligationId("256/III.1-c")
SYNTHESIS = ObligationId("256/III.1-d")
PLAN = ObligationId("256/II.2-c")
ISSUER, REVIEWER, OFFICE, BOARD = map(BodyId, ("pr.btv", "pr.btg", "pr.vp", "pr.thuongtruc"))

FIGURES = (
    Figure("so_buoi", "Số buổi, lớp học tập", "buổi"),
    Figure("dang_vien_tham_gia", "Số đảng viên tham gia", "người"),
    Figure("tong_dang_vien", "Tổng số đảng viên", "người"),
)


def vn(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> DateTime:
    """Return an instant on Viet Nam's clock."""
    moment = midnight(DateTime(year, month, day).date())
    return at(moment.date(), hour, minute)


ISSUED = vn(2023, 9, 19, 8)
DUE = vn(2023, 10, 21)
"""``trước ngày 21/10/2023``: the first instant that is late."""


def units(count: int) -> tuple[Body, ...]:
    """Return *count* bodies that report: ``u.1`` …"""
    return tuple(
        Body(BodyId(f"u.{number}"), f"Đảng ủy phường số {number}", "grassroots")
        for number in range(1, count + 1)
    )


def offices() -> tuple[Body, ...]:
    """Return the bodies that issue, review, watch and lead."""
    return (
        Body(ISSUER, "Ban Thường vụ Thành ủy", "city"),
        Body(REVIEWER, "Ban Tuyên giáo Thành ủy", "city"),
        Body(OFFICE, "Văn phòng Thành ủy", "city"),
        Body(BOARD, "Thường trực Thành ủy", "city"),
    )


def bound(due: DateTime = DUE, phrase: str = "trước ngày 21/10/2023", **changes: object) -> Bound:
    """Return a bound; *due* is the first instant that is late."""
    value = Bound(phrase, "before", "strict", due, "III.1")
    return replace(value, **changes)  # type: ignore[arg-type]


def obligation(assignees: Sequence[Body | str], **changes: object) -> Obligation:
    """Return the units' report of clause III.1, with figures, reviewed by Ban Tuyên giáo."""
    value = Obligation(
        id=REPORT,
        clause="III.1",
        quote=(
            "báo cáo học tập, quán triệt và xây dựng kế hoạch về Thường trực Thành ủy "
            "(qua Ban Tuyên giáo Thành ủy) trước ngày 21/10/2023."
        ),
        summary="Báo cáo kết quả học tập, quán triệt",
        kind="report",
        assignees=tuple(BodyId(each if isinstance(each, str) else each.id) for each in assignees),
        bound=bound(),
        reviewer=REVIEWER,
        receiver=BOARD,
        figures=FIGURES,
    )
    return replace(value, **changes)  # type: ignore[arg-type]


def synthesis(**changes: object) -> Obligation:
    """Return the duty that consolidates the units' reports."""
    return replace(
        obligation(
            [REVIEWER],
            id=SYNTHESIS,
            quote="Ban Tuyên giáo Thành ủy tổng hợp báo cáo trước ngày 31/10/2023.",
            summary="Tổng hợp báo cáo của các đơn vị",
            kind="synthesis-report",
            bound=bound(vn(2023, 10, 31), "trước ngày 31/10/2023"),
            reviewer=ISSUER,
            receiver=ISSUER,
            waits_for=(REPORT,),
            figures=(),
        ),
        **changes,  # type: ignore[arg-type]
    )


def plan_duty(assignees: Sequence[Body | str], **changes: object) -> Obligation:
    """Return a duty to issue a plan: the report names its number and date."""
    return replace(
        obligation(
            assignees,
            id=PLAN,
            clause="II.2",
            quote="các tổ chức cơ sở đảng xây dựng chương trình, kế hoạch triển khai thực hiện",
            summary="Ban hành chương trình, kế hoạch thực hiện",
            kind="issue-plan",
            bound=bound(vn(2023, 12, 1), "trong tháng 11 năm 2023", source=Source.ASSUMED),
            figures=(),
            wants_plan=True,
        ),
        **changes,  # type: ignore[arg-type]
    )


def policy(**changes: object) -> Policy:
    """Return reminders before, on and after the last day, and a ladder of two rungs."""
    value = Policy(
        nudges=(
            Nudge("before", -5),
            Nudge("on-the-day", 0, working=False),
            Nudge("after", 1),
        ),
        rungs=(Rung(1, "Đôn đốc", 2, (REVIEWER,)), Rung(2, "Báo Văn phòng", 4, (OFFICE,))),
    )
    return replace(value, **changes)  # type: ignore[arg-type]


def document(count: int = 3, **changes: object) -> Document:
    """Return a document with *count* units that report and one body that consolidates."""
    bodies = units(count)
    value = Document(
        key=KEY,
        number="256-KH/TU",
        kind="kế hoạch",
        title="Kế hoạch thực hiện Kết luận số 57-KL/TW của Bộ Chính trị",
        issuer=ISSUER,
        issue_at=ISSUED,
        bodies=(*offices(), *bodies),
        obligations=(obligation(bodies), synthesis()),
        policy=policy(),
        clerk=OFFICE,
        package="sample",
        issued_on=ISSUED.date(),
    )
    return replace(value, **changes)  # type: ignore[arg-type]


def copy_of(duty: str, body: str) -> AssignmentId:
    """Return the identifier of *body*'s copy of *duty*."""
    return AssignmentId(f"{duty}@{body}")


def addresses(value: Document) -> list[Address]:
    """Return an address on an ``example`` domain for every body."""
    return [Address(body.id, f"{body.id}@units.example") for body in value.bodies]


@dataclass
class Office:
    """A store with its recorder and two clocks that a test moves."""

    store: Store
    recorder: Recorder
    clock: FixedClock
    """The directive's."""
    machine: FixedClock
    settings: Settings

    def issue(self, value: Document) -> Document:
        """Register and issue *value* at its own instant; return it."""
        self.recorder.register([value], addresses(value), by="test")
        outcome = self.record(value.key, Issue())
        assert outcome.refusal is None, outcome.refusal
        return value

    def record(self, key: DocumentKey, request: Request) -> Outcome:
        """Record one request."""
        return self.recorder.record(key, request)

    def token(
        self, assignment: str, purpose: Purpose = Purpose.ACT, kind: Kind | None = None
    ) -> str:
        """Return the secret of the newest link for *assignment*, before its mail is sent."""
        outbox, link = table(Outbox), table(Link)
        query = (
            select(outbox.c.token)
            .join(link, link.c.outbox == outbox.c.key)
            .where(link.c.assignment == assignment, link.c.purpose == purpose.value)
            .order_by(outbox.c.seq.desc())
        )
        if kind is not None:
            query = query.where(outbox.c.kind == kind.value)
        with self.store.reading() as connection:
            return str(connection.execute(query).scalars().first())

    def revoke(self, assignment: str) -> None:
        """Revoke every link for *assignment*."""
        link = table(Link)
        with self.store.engine.begin() as connection:
            connection.execute(
                update(link)
                .where(link.c.assignment == assignment)
                .values(revoked_at="2023-09-20T00:00:00.000000Z")
            )

    def progress(self, assignment: str, key: DocumentKey = KEY) -> Progress:
        """Return where *assignment* stands."""
        return self.store.state(key).progress[AssignmentId(assignment)]

    def facts(self, kind: type[F]) -> list[F]:
        """Return all recorded facts of one kind, in the ledger's order."""
        return [each.fact for each in self.store.events() if isinstance(each.fact, kind)]

    def count(self, model: type) -> int:
        """Return how many rows a table has."""
        with self.store.reading() as connection:
            rows = table(model)
            return int(connection.execute(select(func.count()).select_from(rows)).scalar_one())


@contextmanager
def office(folder: Path, now: DateTime = ISSUED, url: str = "") -> Iterator[Office]:
    """Give an office with an empty store in *folder* (or at *url*), both clocks at *now*."""
    settings = Settings(_env_file=None, var=folder, database_url=url)
    clock, machine = FixedClock(now), FixedClock(now)
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(settings.store_url, vault(settings))
    try:
        store.prepare(now)
        yield Office(store, Recorder(store, clock, machine), clock, machine, settings)
    finally:
        store.close()
