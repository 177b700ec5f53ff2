"""What lint looks at: a package as far as it can be read, with the bounds in force."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from pendulum import DateTime

from config.bounds import due_exclusive
from config.bundle import Bundle, Part
from config.convert import documents_of
from config.lint.finding import Clause, Move
from config.lint.settle import Settlement, pull, push
from config.roster import Roster
from config.shapes import ObligationShape
from models.domain.directive import Document
from models.domain.feasibility import Network
from models.domain.ties import network

REPORTS = frozenset({"report", "synthesis-report"})


class Subject:
    """Look-ups over a package whose names all point somewhere (:mod:`config.lint.mend`).

    *dues* are bounds in force by obligation, laid over those of the package: what an extension
    has moved since the issue.
    """

    def __init__(self, bundle: Bundle, dues: Mapping[str, DateTime] | None = None) -> None:
        self.bundle = bundle
        self.dues: Mapping[str, DateTime] = dues or {}
        self.roster = Roster(bundle.bodies.bodies)
        self.parts: Sequence[Part] = bundle.parts
        self.duties: dict[str, ObligationShape] = {}
        self.part_of: dict[str, Part] = {}
        for part in bundle.parts:
            for each in part.shape.obligations:
                self.duties[each.id] = each
                self.part_of[each.id] = part

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The documents as the rules understand them."""
        return documents_of(self.bundle, ())

    @cached_property
    def network(self) -> Network:
        """The dates of all duties, those in force."""
        plain = network(self.documents)
        moved = {}
        for key in plain.duties:
            ends = [end for each in (key, *self.duties[key].also) if (end := self.due(each))]
            if key in self.dues:
                moved[key] = self.dues[key]
            elif ends:
                moved[key] = min(ends)
        return plain.with_dues(moved)

    @cached_property
    def _own_dues(self) -> Mapping[str, DateTime | None]:
        bundle = self.bundle
        return {
            key: due_exclusive(
                each.deadline, bundle.policy, bundle.calendar.work, self.part_of[key].shape.issued
            )
            for key, each in self.duties.items()
        }

    def due(self, duty: str) -> DateTime | None:
        """Return the bound in force of one clause, by itself."""
        return self.dues.get(duty, self._own_dues[duty])

    def joining(self, duty: str) -> tuple[str, ...]:
        """Return the duties that close the clause *duty* together with themselves."""
        part = self.part_of[duty]
        return tuple(each.id for each in part.shape.obligations if duty in each.also)

    def standing_for(self, duty: str) -> tuple[str, ...]:
        """Return the duties that bodies owe for *duty*: itself, or those that close it."""
        return self.joining(duty) or (duty,)

    def owners(self, duty: str) -> tuple[str, ...]:
        """Return who owes the clause, groups expanded on the day of issue."""
        return self.expand(self.duties[duty].assignees, self.part_of[duty])

    def expand(self, bodies: Iterable[str], part: Part) -> tuple[str, ...]:
        """Return *bodies* with groups expanded on the day of issue of *part*."""
        return tuple(self.roster.expand(bodies, part.shape.issued))

    def name(self, body: str) -> str:
        """Return the name of *body*."""
        return self.roster[body].name if body in self.roster.bodies else body

    def names(self, bodies: Iterable[str]) -> list[str]:
        """Return the names of *bodies*."""
        return [self.name(body) for body in bodies]

    def clause(self, duty: str) -> Clause:
        """Return *duty* as a finding shows it."""
        shape, part = self.duties[duty], self.part_of[duty]
        quote = shape.words or shape.quote or shape.summary or ""
        phrase = shape.deadline.phrase or ""
        return Clause(duty, part.shape.key, shape.clause, quote, phrase, self.due(duty))

    def clauses(self, duties: Iterable[str]) -> tuple[Clause, ...]:
        """Return *duties* as a finding shows them, each once."""
        return tuple(self.clause(each) for each in dict.fromkeys(duties))

    def label(self, duty: str) -> str:
        """Return how people name the duty: its clause, with its letter where it has one."""
        shape = self.duties[duty]
        return duty if shape.clause.startswith("(") else duty.partition("/")[2] or duty

    def issuer(self, duty: str) -> str:
        """Return the body whose date it is."""
        return self.part_of[duty].shape.issuer

    def move(self, duty: str, after: DateTime, before: DateTime | None = None) -> Move:
        """Return the change of the date of *duty* to *after*."""
        old = before or (self.network.duties[duty].due if duty in self.network.duties else None)
        old = old or self.due(duty)
        days = 0 if old is None else self.network.room(old, after)
        part = self.part_of[duty]
        issuer = part.shape.issuer
        return Move(
            duty,
            self.label(duty),
            part.shape.key,
            issuer,
            self.name(issuer),
            old,
            after,
            days,
        )

    def moves(self, settlement: Settlement) -> tuple[Move, ...]:
        """Return the changes of *settlement*, in the order of their new dates."""
        ordered = sorted(settlement.dues.items(), key=lambda each: (each[1], each[0]))
        return tuple(self.move(duty, due) for duty, due in ordered)

    def in_documents(self) -> Iterator[tuple[Part, list[ObligationShape]]]:
        """Yield each document with its obligations."""
        for part in self.parts:
            yield part, list(part.shape.obligations)

    def shifted(self, clause: str, due: DateTime) -> tuple[Move, ...] | None:
        """Return the move of one clause's date, with all that it drags along."""
        drag = {}
        for key in self.standing_for(clause):
            joined = (key, *self.duties[key].also) if key in self.network.duties else ()
            ends = [due if each == clause else self.due(each) for each in joined]
            known = [end for end in ends if end is not None]
            if known and min(known) != self.network.duties[key].due:
                drag[key] = min(known)
        back = any(
            (old := self.network.duties[key].due) is not None and new < old
            for key, new in drag.items()
        )
        settlement = (pull if back else push)(self.network, drag)
        if settlement is None:
            return None
        others = {key: end for key, end in settlement.dues.items() if key not in drag}
        first = self.move(clause, due, self.due(clause))
        return (first, *self.moves(Settlement(others, 0, later=True)))
