"""Replays and differences as JSON: stable names, instants in UTC with microseconds.

The forms are described in ``docs/replay.md``; what is added later is added, nothing is renamed.
"""

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from pendulum import DateTime

from audit.diff import FIELDS, Changed, Difference, about
from audit.replay import Item, Replayed
from models.codec import instant_text
from models.domain.calendar import local
from models.domain.statistics import is_late
from models.domain.terms import AssignmentId

REPLAY, DIFF = "cascade-replay/1", "cascade-replay-diff/1"


def replay_json(replayed: Replayed) -> dict[str, Any]:
    """Return the state of a document at an instant."""
    state, plan = replayed.state, replayed.state.plan
    facts: dict[AssignmentId | None, list[int]] = {}
    for item in replayed.items:
        if item.seq is not None:
            facts.setdefault(about(item), []).append(item.seq)
    return {
        "format": REPLAY,
        "document": replayed.document,
        "title": plan.document.title if plan else None,
        "at": plain(replayed.at),
        "known_at": plain(replayed.known_at),
        "facts": sum(not item.derived for item in replayed.items),
        "last": max((item.seq for item in replayed.items if item.seq is not None), default=None),
        "parent_issued_at": plain(state.parent_issued_at),
        "issued_at": plain(state.issued_at),
        "completed_at": plain(state.completed_at),
        "reported_up_at": plain(state.reported_up_at),
        "document_facts": facts.get(None, []),
        "assignments": [
            {
                "assignment": copy.id,
                "obligation": copy.obligation,
                "clause": plan.obligations[copy.obligation].clause,
                "body": copy.body,
                "unit": plan.name(copy.body),
                "late": is_late(copy),
                **{name: plain(getattr(copy, name)) for name in FIELDS},
                "facts": facts.get(copy.id, []),
            }
            for copy in (state.progress[each] for each in plan.assignments)
        ]
        if plan
        else [],
        "gates": [
            {
                "obligation": gate.obligation,
                "opened_at": plain(gate.opened_at),
                "outstanding": gate.outstanding,
                "missing": [*gate.missing],
            }
            for gate in sorted(state.gates.values(), key=lambda gate: gate.obligation)
        ],
        "derived": [item_json(item) for item in replayed.derived],
        "set_aside": [item_json(item) for item in replayed.set_aside],
    }


def diff_json(difference: Difference) -> dict[str, Any]:
    """Return what changed between two replays, and why."""
    return {
        "format": DIFF,
        "document": difference.first.document,
        "first": _when(difference.first),
        "second": _when(difference.second),
        "changed": [_changed(each) for each in difference.changed],
    }


def _when(replayed: Replayed) -> dict[str, Any]:
    return {"at": plain(replayed.at), "known_at": plain(replayed.known_at)}


def _changed(changed: Changed) -> dict[str, Any]:
    return {
        "assignment": changed.assignment,
        "changes": [
            {"field": each.field, "before": plain(each.before), "after": plain(each.after)}
            for each in changed.changes
        ],
        "facts": [item_json(item) for item in changed.facts],
        "gone": [item_json(item) for item in changed.gone],
    }


def item_json(item: Item) -> dict[str, Any]:
    """Return one fact: where it stands in the ledger, or that it was derived."""
    body = item.body
    return {
        "seq": item.seq,
        "type": type(item.fact).__name__,
        "key": item.key,
        "at": plain(item.fact.at),
        "derived": item.derived,
        "recorded_at": plain(body.recorded_at) if body else None,
        "cause": body.cause if body else None,
        "hash": body.hash if body else None,
    }


def plain(value: object) -> Any:
    """Return *value* as JSON has it."""
    if isinstance(value, DateTime):
        return instant_text(local(value))
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    return value
