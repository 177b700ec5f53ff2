"""All bodies of a package, and what a group means on a given day."""

from collections.abc import Iterable
from datetime import date

from config.shapes import BodyShape
from models.domain.terms import BodyId


class Roster:
    """Look-ups over the bodies of a package. References are expected to be checked already."""

    def __init__(self, bodies: Iterable[BodyShape]) -> None:
        self.bodies: dict[str, BodyShape] = {body.id: body for body in bodies}

    def __getitem__(self, body: str) -> BodyShape:
        return self.bodies[body]

    def exists(self, body: str, day: date) -> bool:
        """Tell whether the body existed on *day*; the last day counts."""
        shape = self.bodies[body]
        if shape.valid_from is not None and day < shape.valid_from:
            return False
        return shape.valid_to is None or day <= shape.valid_to

    def expand(self, bodies: Iterable[str], day: date) -> tuple[BodyId, ...]:
        """Return *bodies* with every group and role replaced by its members on *day*.

        In the order of the text, each body once. A member that does not exist on *day* is left
        out; an audience has nobody who could owe a duty.
        """
        found: dict[BodyId, None] = {}
        for body in bodies:
            shape = self.bodies[body]
            if shape.kind == "body":
                if self.exists(body, day):
                    found[BodyId(body)] = None
            else:
                found.update(dict.fromkeys(self.expand(shape.members, day)))
        return tuple(found)
