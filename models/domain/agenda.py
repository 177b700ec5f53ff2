"""When time will act next: a persistent calendar of appointments.

Thousands of units share a handful of instants (one bound, a few reminders), so the agenda is a
short sorted tuple of instants, each with a persistent map of those who have an appointment then.
Adding and removing cost the same for five units and for five thousand.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace

from immutables import Map
from pendulum import DateTime


@dataclass(frozen=True, slots=True)
class Agenda:
    """Appointments by instant. ``instants`` is sorted and has no empty slots."""

    instants: tuple[DateTime, ...] = ()
    slots: Map[DateTime, Map[str, None]] = Map()

    def add(self, instant: DateTime, key: str) -> "Agenda":
        """Return the agenda with an appointment for *key* at *instant*."""
        slot = self.slots.get(instant)
        if slot is not None:
            return replace(self, slots=self.slots.set(instant, slot.set(key, None)))
        at = bisect_left(self.instants, instant)
        return Agenda(
            (*self.instants[:at], instant, *self.instants[at:]),
            self.slots.set(instant, Map({key: None})),
        )

    def remove(self, instant: DateTime, key: str) -> "Agenda":
        """Return the agenda without that appointment; without change if there was none."""
        slot = self.slots.get(instant)
        if slot is None or key not in slot:
            return self
        if len(slot) > 1:
            return replace(self, slots=self.slots.set(instant, slot.delete(key)))
        at = bisect_left(self.instants, instant)
        return Agenda(self.instants[:at] + self.instants[at + 1 :], self.slots.delete(instant))

    def first(self) -> DateTime | None:
        """Return the earliest instant at which somebody has an appointment."""
        return self.instants[0] if self.instants else None

    def at(self, instant: DateTime) -> tuple[str, ...]:
        """Return who has an appointment at *instant*, in a fixed order."""
        return tuple(sorted(self.slots.get(instant, Map())))

    def has(self, instant: DateTime, key: str) -> bool:
        """Tell whether *key* has an appointment at *instant*."""
        return key in self.slots.get(instant, Map())
