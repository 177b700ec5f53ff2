"""The facts and courses of a page, made small for its file: columns of numbers instead of rows.

Five thousand bodies have some 25,000 facts; written as rows, most of their bytes would be names
that repeat and instants of sixteen digits. Here an instant is its place in one list, a hash is 32
bytes of one base64 string, and what few facts have stands apart by the fact's place. The script
takes a fact apart when somebody opens it (``templates/model.js``).
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def packed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the *data* of :func:`audit.page_data.page_data` with small facts and courses."""
    facts: Sequence[Sequence[Any]] = data["facts"]
    instants = sorted(_instants(data))
    place = {instant: number for number, instant in enumerate(instants)} | {None: -1}
    types = sorted({fact[2] for fact in facts})
    return {
        **data,
        "instants": instants,
        "types": types,
        "copies": [
            [name, duty, owes, *(_course(each, place) for each in courses)]
            for name, duty, owes, *courses in data["copies"]
        ],
        "facts": {
            "seq": [fact[0] for fact in facts],
            "doc": [fact[1] for fact in facts],
            "type": [types.index(fact[2]) for fact in facts],
            "kind": "".join(fact[3] for fact in facts),
            "at": [place[fact[4]] for fact in facts],
            "recorded": [place[fact[5]] for fact in facts],
            # Those that are derived have none; they come last.
            "hash": base64.b64encode(bytes.fromhex("".join(fact[6] for fact in facts))).decode(),
            "prev": {n: fact[7] for n, fact in enumerate(facts) if fact[7]},
            "cause": [fact[8] for fact in facts],
            "words": [fact[9] for fact in facts],
            "about": [fact[10][0] if len(fact[10]) == 1 else fact[10] for fact in facts],
            "duty": [fact[11] for fact in facts],
            "mails": {n: fact[12] for n, fact in enumerate(facts) if fact[12]},
            "named": {n: fact[13] for n, fact in enumerate(facts) if fact[13]},
        },
    }


def _instants(data: Mapping[str, Any]) -> set[int]:
    found = {each for fact in data["facts"] for each in (fact[4], fact[5])}
    found |= {when for copy in data["copies"] for course in copy[3:] for when, _ in course}
    return found - {None}


def _course(course: Iterable[tuple[int | None, int]], place: Mapping[int | None, int]) -> list[int]:
    """Return instant and status by turns."""
    return [number for when, status in course for number in (place[when], status)]
