"""What a fact of one document means to the documents above and below it.

A stream holds one document, so that a fold stays small at any national size; a report that a
document sends up is a fact of the stream above. Whatever is relayed is committed together with
its cause.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pendulum import DateTime

from models.domain.directive import Document
from models.domain.facts import (
    ChildIssued,
    Fact,
    Issued,
    ParentIssued,
    Report,
    ReportedUp,
    ReportExpected,
    ReportHeld,
    ReportUpExpected,
    Submitted,
)
from models.domain.state import State
from models.domain.terms import DocumentKey, Phase


@dataclass(frozen=True, slots=True)
class Relayed:
    """An input for another document's stream. ``make`` sees that stream's state, settled.

    It returns ``None`` when the fact has no place there any more (the duty was waived, say):
    an upper body's decision is not undone by a report that comes later.
    """

    stream: DocumentKey
    make: Callable[[State], Fact | None]


def relayed(document: Document, children: Iterable[DocumentKey], fact: Fact) -> tuple[Relayed, ...]:
    """Return the inputs that *fact* of *document* makes for its parent and *children*."""
    parent = document.parent
    match fact:
        case Issued(at=at):
            down = [Relayed(child, _parent_issued(document.key, at)) for child in children]
            up = []
            if parent is not None and parent.issue is not None:
                up = [
                    Relayed(
                        parent.document, _child_issued(ChildIssued(at, parent.issue, document.key))
                    )
                ]
            return (*up, *down)
        case ReportedUp():
            return (Relayed(fact.parent, _report(fact, document)),)
        case ReportUpExpected(at=at, number=number, due=due, planned=planned):
            if parent is None or parent.report is None:
                return ()
            news = ReportExpected(at, document.key, parent.report, number, due, planned)
            return (Relayed(parent.document, _expected(news)),)
        case _:
            return ()


def _parent_issued(parent: DocumentKey, at: DateTime) -> Callable[[State], Fact | None]:
    def make(state: State) -> Fact | None:
        if state.parent_issued_at is not None:
            return None
        return ParentIssued(at, parent)

    return make


def _child_issued(fact: ChildIssued) -> Callable[[State], Fact | None]:
    def make(state: State) -> Fact | None:
        progress = state.progress.get(fact.assignment)
        return None if progress is None or progress.closed else fact

    return make


def _report(fact: ReportedUp, document: Document) -> Callable[[State], Fact | None]:
    def make(state: State) -> Fact | None:
        progress = state.progress.get(fact.assignment)
        report = Report(plan_number=document.number, plan_date=document.issued_on)
        if progress is not None and progress.phase is Phase.PENDING:
            # The duty above still waits for others; what came for it must not be lost.
            return ReportHeld(fact.at, fact.assignment, document.key, report)
        if progress is None or progress.phase not in (Phase.OPEN, Phase.ACKNOWLEDGED):
            return None
        return Submitted(fact.at, fact.assignment, progress.version + 1, report, person="", link="")

    return make


def _expected(fact: ReportExpected) -> Callable[[State], Fact | None]:
    def make(state: State) -> Fact | None:
        progress = state.progress.get(fact.assignment)
        return None if progress is None or progress.closed else fact

    return make
