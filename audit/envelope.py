"""The hashed envelope of one fact, read slowly: what is wrong with it, in words."""

import json
from collections.abc import Iterator
from typing import Any

from audit.codes import Code
from audit.finding import Finding
from audit.reading import Row
from models.codec import decode, encode
from models.domain.chain import Json, canonical
from models.domain.facts import FACTS
from models.store import ADMIN, ADMINISTRATIVE

INDEXED = (
    "seq",
    "stream",
    "stream_seq",
    "type",
    "kind",
    "at",
    "recorded_at",
    "cause",
    "rules",
    "dedup_key",
)
"""Columns that repeat what the body says."""

VERSIONS = {1: frozenset({*INDEXED, "data", "prev", "v"})}
VERSIONS[2] = VERSIONS[1] | {"run", "sw"}
"""Which names an envelope of each version has, no more and no less."""
_LONGEST = 80


def examine(row: Row) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Return the envelope of *row* (``None`` when it is none) and what is wrong with it."""

    def found(code: Code, **data: object) -> Finding:
        return Finding(code, row.seq, row.stream, data=data)

    try:
        envelope = json.loads(row.body.decode(), parse_float=_refuse, parse_constant=_refuse)
        again = canonical(envelope)
    except (ValueError, AttributeError, RecursionError) as error:
        return None, [found(Code.BODY, why=short(error))]
    if not isinstance(envelope, dict):
        return None, [found(Code.BODY, why="JSON")]
    problems = []
    if again != row.body:
        problems.append(found(Code.FORM, why="RFC 8785"))
    version = envelope.get("v")
    names = VERSIONS.get(version) if type(version) is int else None
    if names is None:
        problems.append(found(Code.UNKNOWN_VERSION, found=short(version)))
    elif names != envelope.keys():
        problems.append(found(Code.FORM, why=", ".join(sorted(names ^ envelope.keys()))))
    for column in INDEXED:
        held, said = getattr(row, column), envelope.get(column)
        if held != said or type(held) is not type(said):
            problems.append(
                found(Code.COLUMN, column=column, found=short(held), expected=short(said))
            )
    problems += (found(Code.FORM, why=why) for why in _data(envelope))
    known = ADMINISTRATIVE if envelope.get("stream") == ADMIN else FACTS
    if envelope.get("type") not in known:
        problems.append(found(Code.UNKNOWN_TYPE, found=short(envelope.get("type"))))
    return envelope, problems


def _data(envelope: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the fact's own data."""
    name, data = envelope.get("type"), envelope.get("data")
    if name in ADMINISTRATIVE:
        key = str(envelope.get("dedup_key"))
        if not key.startswith(f"{ADMIN}|{name}|"):
            yield "dedup_key"
        if not isinstance(data, dict) or data.get("at") != envelope.get("at"):
            yield "at"
        elif envelope.get("at") != envelope.get("recorded_at"):
            yield "recorded_at"  # what is done to the installation is written down as it is done
    if name not in FACTS:
        return
    try:
        again = encode(decode(str(name), data))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        yield f"data: {short(error)}"
        return
    if not within(data, again):
        yield "data"
    elif not isinstance(data, dict) or data.get("at") != envelope.get("at"):
        yield "at"


def within(said: Json, known: Json) -> bool:
    """Tell whether *said* is *known* but for fields that an older version did not write."""
    if isinstance(said, dict) and isinstance(known, dict):
        return all(name in known and within(said[name], known[name]) for name in said)
    if isinstance(said, list) and isinstance(known, list):
        return len(said) == len(known) and all(map(within, said, known))
    return type(said) is type(known) and said == known


def short(value: object) -> str:
    """Return *value* for a sentence, not longer than a line."""
    text = value if isinstance(value, str) else repr(value) if value is not None else "—"
    text = text.encode(errors="backslashreplace").decode()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _refuse(text: str) -> Any:
    raise ValueError(f"not canonical: {text}")
