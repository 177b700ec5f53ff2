"""Random schedules: who asks for what, when, and when time is let act in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st
from pendulum import DateTime

from models.domain.calendar import midnight
from models.domain.directive import Document
from models.domain.facts import Fact, Registered, Report
from models.domain.requests import (
    Accept,
    Acknowledge,
    AskExtension,
    Correct,
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
from models.domain.terms import AssignmentId, BodyId, ObligationId
from tests.builders import (
    FAR,
    ISSUE_AT,
    LATEST_START,
    LINK,
    PERSON,
    PLAN_DUE,
    REPORTS_DUE,
    SYNTHESIS_DUE,
    UNITS,
    Life,
    is_input,
)

TICK = timedelta(microseconds=1)
EDGES = (PLAN_DUE, REPORTS_DUE, LATEST_START, SYNTHESIS_DUE)


@dataclass(frozen=True)
class Wish:
    """Somebody does something to one assignment; ``skew`` makes a page older than the state."""

    at: DateTime
    verb: str
    assignment: AssignmentId
    skew: int = 0
    days: int = 7
    """How far from now a date is moved; one copy only for odd numbers."""

    def request(self, state: State) -> Request:
        progress = state.progress[self.assignment]
        version = max(0, progress.version - self.skew)
        report = Report(plan_number=f"{self.days}-BC")
        match self.verb:
            case "issue":
                return Issue()
            case "acknowledge":
                return Acknowledge(self.assignment, PERSON, LINK)
            case "submit":
                return Submit(self.assignment, Report(), version, PERSON, LINK)
            case "accept":
                return Accept(self.assignment, version, PERSON, LINK)
            case "return":
                return Return(self.assignment, version, "a" * 64, PERSON, LINK)
            case "move":
                duty, _, body = self.assignment.rpartition("@")
                return MoveBound(
                    ObligationId(duty),
                    midnight(self.at.date() + timedelta(days=self.days)),
                    "đến hết ngày …",
                    "tt",
                    f"{self.days}-CV/TU",
                    "b" * 64,
                    (BodyId(body),) if self.days % 2 else (),
                    earlier=True,
                )
            case "correct":
                return Correct(self.assignment, report, version, PERSON, LINK)
            case "supplement":
                number = max(0, progress.supplements - self.skew)
                return Supplement(self.assignment, report, number, PERSON, LINK)
            case "dispute":
                return Dispute(self.assignment, "c" * 64, PERSON, LINK)
            case "keep":
                return RejectDispute(self.assignment, "tt", "9-CV/TU", "d" * 64)
            case "ask":
                until = midnight(self.at.date() + timedelta(days=self.days))
                return AskExtension(self.assignment, until, "c" * 64, PERSON, LINK)
            case "refuse":
                return RefuseExtension(self.assignment, "tt", "9-CV/TU", "d" * 64)
            case "reassign":
                successor = UNITS[self.days % len(UNITS)]
                return Reassign(self.assignment, successor, "tt", "8-QĐ/TU", "e" * 64)
            case "told" | "bounced":
                return NoteDelivery(
                    f"m{state.position}",
                    "assigned",
                    self.assignment,
                    progress.body,
                    self.at,
                    failed="bounced" if self.verb == "bounced" else "",
                )
            case "record":
                return RecordNotice(self.assignment, "vp", "f" * 64)
            case _:
                return Waive(self.assignment, "tt", "Công văn 12-CV/TU")


VERBS = (
    *("acknowledge", "submit", "submit", "submit", "accept", "accept", "return", "waive"),
    "move",
)
UNIT_VERBS = (
    *VERBS,
    *("correct", "supplement", "dispute", "keep", "ask", "refuse", "reassign"),
    *("told", "told", "bounced", "record"),
)
"""Everything that can be asked about one body's copy."""


def instants(first: DateTime = ISSUE_AT, last: DateTime = FAR) -> st.SearchStrategy[DateTime]:
    """Any minute between *first* and *last*, with the bounds themselves often."""
    minutes = int((last - first).total_seconds() // 60)
    anywhere = st.integers(0, minutes).map(lambda n: first.add(minutes=n))
    edges = [edge + shift for edge in EDGES for shift in (-TICK, timedelta(0), TICK)]
    at_eight = st.integers(0, minutes // 1440).map(lambda n: first.add(days=n))
    return st.one_of(st.sampled_from(edges), anywhere, at_eight)


def wishes(
    document: Document,
    max_size: int = 25,
    first: DateTime = ISSUE_AT,
    verbs: Sequence[str] = VERBS,
) -> st.SearchStrategy[list[Wish]]:
    """A schedule in order of time."""
    copies = [each for duty in document.obligations for each in duty.assignments()]
    one = st.builds(
        Wish,
        instants(first),
        st.sampled_from(verbs),
        st.sampled_from(copies),
        st.sampled_from((0, 0, 0, 0, 1)),
        st.integers(1, 40),
    )
    return st.lists(one, max_size=max_size).map(lambda many: sorted(many, key=lambda w: w.at))


def live(
    document: Document,
    schedule: Sequence[Wish],
    looks: Sequence[DateTime] = (),
    *,
    until: DateTime = FAR,
    issue_at: DateTime | None = None,
) -> Life:
    """Carry *document* through *schedule*, letting time act at *looks* besides."""
    life = Life()
    start = document.issue_at.subtract(days=3)
    life.happen(Registered(start, document, "vp"), start)
    issue = Wish(issue_at or document.issue_at, "issue", AssignmentId(""))
    order: list[tuple[DateTime, int, Wish | None]] = [(issue.at, 1, issue)]
    order += [(wish.at, 2, wish) for wish in schedule]
    order += [(look, 0, None) for look in looks]
    for now, _, wish in sorted(order, key=lambda each: each[:2]):
        life.let_act(now)
        if wish is issue:
            life.ask(Issue(), now)
        elif wish is not None:
            life.ask(wish.request(life.state), now)
    life.let_act(until)
    return life


def inputs(facts: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in facts if is_input(fact)]
