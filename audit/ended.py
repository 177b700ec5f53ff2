"""Which links ended with a duty that moved to another body, and which did not."""

import json

from audit.source import Source
from models.domain.effects import Purpose

_SUPERSEDED = (
    "SELECT stream, recorded_at, body FROM ledger_event WHERE type = 'Superseded' ORDER BY seq"
)
_STAY = (Purpose.VIEW.value, Purpose.DECIDE.value)
"""Links of these purposes go on: they say what was decided."""


class Ended:
    """When the links about each duty were ended; few duties move."""

    def __init__(self, source: Source) -> None:
        self._at: dict[tuple[str, str], str] = {}
        for stream, recorded_at, body in source.rows(_SUPERSEDED):
            try:
                about = str(json.loads(body)["data"]["assignment"])
            except (ValueError, KeyError, TypeError):
                continue  # named by the pass over all facts
            self._at.setdefault((str(stream), about), str(recorded_at))

    def good(
        self, stream: str, assignment: str, purpose: str, created_at: str, revoked_at: object
    ) -> bool:
        """Tell whether a link was ended when it had to be, and not otherwise."""
        at = None if purpose in _STAY else self._at.get((stream, assignment))
        if at is None or created_at > at:
            return revoked_at is None
        # What was owed in the very commit that moved the duty came after it.
        return revoked_at == at or (created_at == at and revoked_at is None)
