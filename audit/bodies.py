"""A row's body, read: the only part of a row that is hashed, so the only one believed."""

import json
from dataclasses import dataclass

from pendulum import DateTime

from audit.reading import Row
from models.codec import decode, instant_of
from models.domain.chain import Json, leaf
from models.domain.facts import Fact


class Damaged(ValueError):
    """A row whose body is no fact that any version of the rules wrote."""

    def __init__(self, seq: int, why: Exception) -> None:
        super().__init__(f"fact {seq}: {type(why).__name__}: {why}")
        self.seq = seq


@dataclass(frozen=True, slots=True)
class Body:
    """One recorded fact with the envelope that was hashed with it."""

    seq: int
    stream: str
    type: str
    kind: str
    """``I`` from people or another document, ``D`` by the rules, ``A`` administrative."""
    recorded_at: DateTime
    cause: int | None
    rules: str
    fact: Fact
    data: dict[str, Json]
    """The fact as it was written."""
    hash: str
    """Of this body, computed anew (hex)."""
    prev: str
    """The hash before it, as the body names it (hex)."""

    @classmethod
    def of(cls, row: Row) -> "Body":
        """Read the body of *row*.

        Raises:
            Damaged: it is no fact, or of a name that no version of the rules knows.
        """
        try:
            said = json.loads(row.body)
            return cls(
                said["seq"],
                said["stream"],
                said["type"],
                said["kind"],
                instant_of(said["recorded_at"]),
                said["cause"],
                said["rules"],
                decode(said["type"], said["data"]),
                said["data"],
                leaf(row.body).hex(),
                said["prev"],
            )
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise Damaged(row.seq, error) from error
