"""A row's body, read: the only part of a row that is hashed, so the only one believed."""

import json
from dataclasses import dataclass

from pendulum import DateTime

from audit.reading import Row
from models.codec import decode, instant_of
from models.domain.chain import Json, leaf
from models.domain.facts import Fact


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
            KeyError: for a fact whose name no version of the rules knows.
        """
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
