"""Which links ended, with a duty that moved or an address that was retired, and which did not."""

import json
from collections.abc import Sequence

from audit.source import Source
from models.domain.effects import Purpose

_SUPERSEDED = (
    "SELECT stream, seq, recorded_at, body FROM ledger_event WHERE type = 'Superseded' ORDER BY seq"
)
_STAY = (Purpose.VIEW.value, Purpose.DECIDE.value)
"""Links of these purposes go on: they say what was decided."""


class Ended:
    """When the links about each duty were ended; few duties move."""

    def __init__(self, source: Source) -> None:
        self._at: dict[tuple[str, str], tuple[int, str]] = {}
        for stream, seq, recorded_at, body in source.rows(_SUPERSEDED):
            try:
                about = str(json.loads(body)["data"]["assignment"])
            except (ValueError, KeyError, TypeError):
                continue  # named by the pass over all facts
            self._at.setdefault((str(stream), about), (seq, str(recorded_at)))

    def good(
        self,
        about: tuple[str, str, str],
        retired: Sequence[tuple[int, str]],
        seq: int | None,
        created_at: str,
        revoked_at: object,
    ) -> bool:
        """Tell whether a link was ended when it had to be, and not otherwise.

        *about* are its document, duty and purpose; *retired*: when its address went out of use, as
        number and instant of each entry; *seq* is the fact or entry by which its mail was owed,
        ``None`` for one that somebody asked for later.
        """
        *duty, purpose = about
        moved = None if purpose in _STAY else self._at.get((duty[0], duty[1]))
        for number, at in sorted([*retired, *([] if moved is None else [moved])]):
            if seq is None and created_at == at:
                if revoked_at == at:
                    return True  # which of the two came first is not said
            elif created_at < at if seq is None else seq < number:
                return revoked_at == at
        return revoked_at is None
