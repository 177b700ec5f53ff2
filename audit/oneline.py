"""A fact in one line, for people who compare what the rules say with what the ledger says."""

import json

from models.codec import encode
from models.domain.facts import Fact, Registered

_LONGEST = 240


def told(fact: Fact) -> str:
    """Return *fact* as its name and its data, cut where that is longer than a few lines."""
    name = type(fact).__name__
    if isinstance(fact, Registered):
        return f"{name} {fact.document.key}"
    text = json.dumps(encode(fact), ensure_ascii=False, separators=(",", ":"))
    return f"{name} {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}"
