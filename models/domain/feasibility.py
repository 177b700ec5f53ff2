"""Whether the dates can be kept: what each duty rests on, and how much time that leaves it.

Three kinds of tie, because they promise different things:

* *input*: the duty cannot start before (a gate; the report that a document below sends up). It
  needs its own working days after the last of them.
* *content*: the duty reports on something. Due before that may be finished, it can only say how
  far things are.
* *order*: one thing sensibly follows another; nothing is proved by it.

The reckoning is for the worst lawful case: everybody uses all the time that the text gives. So a
duty starts when the bounds of its inputs have passed, and its slack is the number of working days
from there to its own bound, less those that it needs for itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from graphlib import TopologicalSorter

from pendulum import DateTime

from models.domain.calendar import WorkCalendar, last_day, local, midnight


class Tie(StrEnum):
    """How one duty rests on another."""

    INPUT = "input"
    CONTENT = "content"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Need:
    """One tie: the duty *on* comes first."""

    on: str
    tie: Tie


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty with a place in time. ``key`` is unique over all documents looked at together."""

    key: str
    ready: DateTime
    """When it is laid down: the issue of its document."""
    due: DateTime | None
    """The half-open bound in force; ``None`` for a duty that no date follows from."""
    lead: int = 0
    """Working days that it needs for itself once its inputs are there."""
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One tie that cannot be kept if everybody uses all the time given."""

    duty: str
    on: str
    tie: Tie
    due: DateTime
    needs: DateTime
    """The earliest bound of ``duty`` that would do (half-open)."""
    days: int
    """How many working days are missing, at least one."""


@dataclass(frozen=True, slots=True)
class Slack:
    """What one dated duty has to live on. Days are working days."""

    duty: str
    start: DateTime
    """When it can start at the latest lawful pace of everything before it."""
    due: DateTime
    room: int
    """Working days from start to bound; negative when the bound comes first."""
    lead: int
    binding: str | None
    """The input that decides the start; ``None``: the issue of its document."""

    @property
    def days(self) -> int:
        """Return the working days to spare; negative: so many are missing."""
        return self.room - self.lead


class Network:
    """Duties and their ties. Ties to unknown duties, and circles, bind nothing."""

    def __init__(self, duties: Iterable[Duty], calendar: WorkCalendar) -> None:
        self.duties: Mapping[str, Duty] = {duty.key: duty for duty in duties}
        self.calendar = calendar

    def with_dues(self, moved: Mapping[str, DateTime]) -> "Network":
        """Return the same duties with some bounds elsewhere."""
        return Network(
            (
                Duty(each.key, each.ready, moved.get(each.key, each.due), each.lead, each.needs)
                for each in self.duties.values()
            ),
            self.calendar,
        )

    def earliest(self, after: DateTime, lead: int) -> DateTime:
        """Return the earliest half-open bound that leaves *lead* working days after *after*.

        The day on which *after* ends is not counted (Civil Code 2015, Article 147): after
        21/10/2023 00:00 (a Saturday) two days are Monday and Tuesday, the bound 25/10 00:00.
        """
        if lead <= 0:
            return after
        day = self.calendar.shift(_plain(last_day(after)), lead)
        return midnight(day + timedelta(days=1))

    def latest(self, due: DateTime, lead: int) -> DateTime:
        """Return the latest instant from which *lead* working days fit before *due*."""
        if lead <= 0:
            return due
        # A last day that ends before 24:00 is no whole day.
        return midnight(self.calendar.shift(_plain(local(due).date()), -lead))

    def room(self, start: DateTime, due: DateTime) -> int:
        """Count the whole working days from *start* to *due*; negative: they are the other way."""
        (early, late), sign = ((start, due), 1) if start <= due else ((due, start), -1)
        first = _plain(last_day(early)) + timedelta(days=1)
        last = _plain(local(late).date()) - timedelta(days=1)
        return sign * sum(1 for _ in self.calendar.working_days(first, last))

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All duties, each after its inputs; those in a circle of inputs are left out."""
        graph = {key: {need.on for need in self._inputs(key)} for key in self.duties}
        while graph:
            sorter = TopologicalSorter(graph)
            try:
                return tuple(key for key in sorter.static_order() if key in graph)
            except ValueError as error:  # CycleError
                circle = set(error.args[1])
                graph = {k: v - circle for k, v in graph.items() if k not in circle}
        return ()

    @cached_property
    def finish(self) -> Mapping[str, DateTime]:
        """When each duty with a date is finished at the latest, inputs and own days considered.

        Its own bound, or later where its inputs leave it less than the days it needs. A duty
        without a date passes on what its inputs need; without any it is left out.
        """
        found: dict[str, DateTime] = {}
        for key in self.order:
            duty = self.duties[key]
            ends = [
                self.earliest(found[need.on], duty.lead)
                for need in self._inputs(key)
                if need.on in found
            ]
            if duty.due is not None:
                ends.append(duty.due)
            if ends:
                found[key] = max(ends)
        return found

    @cached_property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """Every tie that cannot be kept, in the order of the duties."""
        found = []
        for duty in self.duties.values():
            if duty.due is None:
                continue
            for need in duty.needs:
                needed = self._needed(duty, need)
                if needed is not None and needed > duty.due:
                    days = max(1, self.room(duty.due, needed))
                    found.append(Shortfall(duty.key, need.on, need.tie, duty.due, needed, days))
        return tuple(found)

    def slack(self, key: str) -> Slack | None:
        """Return what the duty *key* has to live on; ``None`` without a date."""
        duty = self.duties[key]
        if duty.due is None:
            return None
        start, binding = self._start(key)
        return Slack(key, start, duty.due, self.room(start, duty.due), duty.lead, binding)

    def path_to(self, key: str) -> tuple[str, ...]:
        """Return the chain of binding inputs that ends in *key*, the first one first."""
        chain = [key]
        while (binding := self._start(chain[-1])[1]) is not None and binding not in chain:
            chain.append(binding)
        return tuple(reversed(chain))

    @cached_property
    def critical(self) -> tuple[str, ...]:
        """The chain that decides when all is done: it ends in the duty that is finished last."""
        if not self.finish:
            return ()
        last = max(self.finish, key=lambda key: (self.finish[key], len(self.path_to(key))))
        return self.path_to(last)

    def _start(self, key: str) -> tuple[DateTime, str | None]:
        """Return when the duty can start, and the input that decides it."""
        start, binding = local(self.duties[key].ready), None
        for need in self._inputs(key):
            end = self.finish.get(need.on)
            if end is not None and end > start:
                start, binding = end, need.on
        return start, binding

    def _needed(self, duty: Duty, need: Need) -> DateTime | None:
        """Return the earliest bound that *need* leaves to *duty*; ``None`` if it binds nothing."""
        before = self.duties.get(need.on)
        if before is None or need.on == duty.key:
            return None
        if need.tie is not Tie.INPUT:
            return before.due
        end = self.finish.get(need.on, before.due)
        return None if end is None else self.earliest(end, duty.lead)

    def _inputs(self, key: str) -> tuple[Need, ...]:
        return tuple(
            need
            for need in self.duties[key].needs
            if need.tie is Tie.INPUT and need.on in self.duties and need.on != key
        )


def _plain(day: date) -> date:
    """Return *day* as the standard library's own: pendulum's counts days ten times slower."""
    return date(day.year, day.month, day.day)
