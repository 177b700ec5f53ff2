"""What was owed, known and done at an instant: a second opinion, written from the rules' words.

It reads the recorded bytes with ``json`` alone and knows nothing of the program's types, folding or
machine: everything is a dictionary, an instant is the text that the ledger holds, and time is let
act by looking at every open duty until nothing more is due. Slow, plain, and of no other use.
"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

_HANOI = timezone(timedelta(hours=7))
_TIMED = ("Reminded", "BecameOverdue", "Escalated")
Copy = dict[str, Any]
World = dict[str, Any]


def told(bodies: Iterable[bytes], document: str) -> list[dict[str, Any]]:
    """Return the recorded facts of a document as they were written."""
    read = [json.loads(body) for body in bodies]
    return [
        {"type": each["type"], "number": each["seq"], "recorded": each["recorded_at"]}
        | each["data"]
        for each in read
        if each["stream"] == document
    ]


def answer(facts: list[dict[str, Any]], at: str, known_at: str | None) -> World:
    """Return the document at *at* (27 characters of UTC) from what was recorded by *known_at*."""
    known = [each for each in facts if known_at is None or each["recorded"] <= known_at]
    everything = _world()
    for fact in known:
        assert _happens(everything, fact), f"the ledger holds what cannot be: {fact['number']}"
    due = _time_acts(everything, at)
    world = _world()
    for fact in [*known, *due]:
        if fact["type"] == "Registered" or fact["at"] <= at:
            _happens(world, fact)
    return world


def _world() -> World:
    return {"document": None, "issued": None, "completed": None, "copies": {}, "gates": {}}


def _happens(world: World, fact: dict[str, Any]) -> bool:
    """Let *fact* happen; return whether it could."""
    kind, when = fact["type"], fact["at"]
    if kind == "Registered":
        world["document"] = fact["document"]
        for duty in fact["document"]["obligations"]:
            for body in duty["assignees"]:
                world["copies"][f"{duty['id']}@{body}"] = _copy()
            if duty["waits_for"]:
                world["gates"][duty["id"]] = {"opened": None, "moved": None}
        return True
    if world["document"] is None:
        return False
    if kind in ("Issued", "Completed"):
        world[kind.lower()] = when
    elif kind == "GateOpened":
        gate = world["gates"][fact["obligation"]]
        if gate["opened"] is not None:
            return False
        gate["opened"] = when
    elif kind == "BoundMoved":
        if fact["obligation"] in world["gates"]:
            world["gates"][fact["obligation"]]["moved"] = (when, fact["due"])
    elif kind in ("NoticeAccepted", "NoticeFailed", "NoticeRecorded"):
        _is_told(world["copies"].get(fact["assignment"]), kind, when, fact)
    elif kind not in ("ParentIssued", "ReportedUp", "AddendumReceived", "ReportExpected"):
        if kind in ("FeasibilityChanged", "ReportUpExpected", "NoticeQueued", "Summarised"):
            return True
        return _befalls(world["copies"][fact["assignment"]], kind, when, fact)
    return True


def _copy() -> Copy:
    names = ("first_due", "due", "opened", "acknowledged", "submitted", "overdue", "closed")
    numbers = ("version", "rung", "rounds", "moves", "told", "withheld", "untold")
    return {
        "phase": "pending",
        **dict.fromkeys(names),
        **dict.fromkeys(numbers, 0),
        "answered": False,  # the body has used a link of its own
        "facts": [],
        "returned": None,  # when it was given back last
        "held": None,  # when the rung that waits for a proof was due
        "since": None,  # from when its reminders and rungs are counted
        "left": None,  # rungs and lateness that it had then
    }


def _befalls(copy: Copy, kind: str, when: str, fact: dict[str, Any]) -> bool:
    """Let *fact* befall one copy of a duty; return whether it could."""
    phase = copy["phase"]
    running, alive = ("open", "acknowledged"), phase not in ("accepted", "waived", "superseded")
    possible = {
        "Opened": phase == "pending",
        "Acknowledged": phase == "open",
        "Submitted": phase in running,
        "Accepted": phase == "submitted",
        "Returned": phase == "submitted",
        "Waived": alive,
        "ChildIssued": alive,
        "Rescheduled": alive,
        **dict.fromkeys((*_TIMED, "NotTold"), phase in running),
    }
    if not possible[kind]:
        return False
    copy["facts"].append((kind, when))
    if kind == "Opened":
        copy.update(phase="open", opened=when, due=fact["due"])
        copy["first_due"] = copy["first_due"] or fact["due"]
        copy.update(since=when, left=(0, False), done=set())
    elif kind == "Acknowledged":
        copy.update(phase="acknowledged", acknowledged=when)
        copy["answered"] |= fact.get("trust", "link") == "link"
    elif kind == "Submitted":
        copy.update(phase="submitted", submitted=when, version=fact["version"])
        copy["answered"] |= fact.get("trust", "link") == "link" and fact["link"] != ""
    elif kind == "Accepted" or kind == "ChildIssued":
        copy.update(phase="accepted", closed=when)
    elif kind == "Waived":
        copy.update(phase="waived", closed=when)
    elif kind == "Returned":
        copy.update(phase="open", submitted=None, rounds=copy["rounds"] + 1)
        if copy["due"] is not None:
            copy["due"] = "return"  # resolved by whoever knows the calendar
        copy.update(
            returned=when,
            withheld=0,
            since=when,
            left=(copy["rung"], copy["overdue"] is not None),
            done=set(),
        )
    elif kind == "Rescheduled":
        copy["first_due"] = copy["first_due"] or fact["was"]
        copy.update(due=fact["due"], overdue=None, rung=0, withheld=0, moves=copy["moves"] + 1)
        copy.update(since=when, left=(0, False), done=set())
    elif kind == "Reminded":
        copy["done"].add(f"remind {fact['nudge']}")
    elif kind == "BecameOverdue":
        copy["overdue"] = when
        copy["done"].add("overdue")
    elif kind == "Escalated":
        copy["rung"] = fact["rung"]
        copy["done"].add(f"rung {fact['rung']}")
    elif kind == "NotTold":
        copy.update(withheld=fact["rung"], held=when, untold=fact["number"])
    _goes_on(copy, when)
    return True


def _is_told(copy: Copy | None, kind: str, when: str, fact: dict[str, Any]) -> None:
    """Count a proof that the body which owes a duty was told of it, or that one came to nothing."""
    if copy is None or fact["body"] != fact["assignment"].rpartition("@")[2]:
        return
    if kind != "NoticeFailed":
        copy["told"] += 1
    elif fact["how"] == "bounced":
        copy["told"] = max(0, copy["told"] - 1)
    _goes_on(copy, when)


def _goes_on(copy: Copy, when: str) -> None:
    """Let the ladder go on that waited for a proof, if there is one now."""
    if copy["withheld"] and (copy["told"] or copy["answered"]):
        copy.update(withheld=0, since=max(when, copy["held"]), done=set())
        copy["left"] = (copy["rung"], copy["overdue"] is not None)


# --- time ----------------------------------------------------------------------------------------


def _time_acts(world: World, until: str) -> list[dict[str, Any]]:
    """Let everything happen in *world* that is due by *until*; return it, earliest first."""
    happened: list[dict[str, Any]] = []
    while world["document"] is not None and world["issued"] is not None:
        waiting = [each for each in _appointments(world) if each["at"] <= until]
        if not waiting:
            break
        fact = min(waiting, key=lambda each: each["at"])
        happened.append(fact)
        assert _happens(world, fact)
        if fact["type"] == "GateOpened":
            duty = next(
                d for d in world["document"]["obligations"] if d["id"] == fact["obligation"]
            )
            for body in duty["assignees"]:
                name = f"{duty['id']}@{body}"
                if world["copies"][name]["phase"] == "pending":
                    moved = world["gates"][duty["id"]]["moved"]
                    due = moved[1] if moved else duty["bound"]["due_exclusive"]
                    opened = {"type": "Opened", "at": fact["at"], "assignment": name, "due": due}
                    happened.append(opened)
                    assert _happens(world, opened)
    return happened


def _appointments(world: World) -> Iterable[dict[str, Any]]:
    document = world["document"]
    for name, copy in world["copies"].items():
        waits = copy["withheld"]  # for somebody to prove that the body was told
        if copy["phase"] in ("open", "acknowledged") and copy["due"] is not None and not waits:
            # Units share their dates; worked out once for each, or this would take minutes.
            key = copy["due"], copy["first_due"], copy["returned"], copy["since"], copy["left"]
            if key not in document.setdefault("worked out", {}):
                document["worked out"][key] = [*_schedule(document, copy)]
            for what, when in document["worked out"][key]:
                if what in copy["done"]:
                    continue
                kind, _, rest = what.partition(" ")
                if kind == "remind":
                    yield {"type": "Reminded", "at": when, "assignment": name, "nudge": rest}
                elif kind == "overdue":
                    yield {"type": "BecameOverdue", "at": when, "assignment": name}
                elif document["policy"].get("proof") and not (copy["told"] or copy["answered"]):
                    fact = {"type": "NotTold", "at": when, "assignment": name}
                    yield {**fact, "rung": int(rest), "number": copy["untold"] + 1}
                else:
                    fact = {"type": "Escalated", "at": when, "assignment": name}
                    yield {**fact, "rung": int(rest)}
    for duty in document["obligations"]:
        gate = world["gates"].get(duty["id"])
        if gate is None or gate["opened"] is not None or duty["bound"] is None:
            continue
        moved = gate["moved"]
        due = moved[1] if moved else duty["bound"]["due_exclusive"]
        days = document["policy"]["latest_start_working_days"]
        days = days if duty["lead"] is None else duty["lead"]
        start = _midnight(_shift(document, _day(due), -days))
        floor = max(world["issued"], moved[0] if moved else "")
        yield {"type": "GateOpened", "at": max(start, floor), "obligation": duty["id"]}


def _schedule(document: dict[str, Any], copy: Copy) -> Iterable[tuple[str, str]]:
    """Yield what time does to an open copy: reminders, the missed bound, the rungs."""
    policy, since = document["policy"], copy["since"]
    due = due_of(document, copy)
    last = _day(due, before=True)
    for nudge in policy["nudges"]:
        day = (
            _shift(document, last, nudge["days"])
            if nudge["working"]
            else last + timedelta(days=nudge["days"])
        )
        when = _morning(document, day)
        if when > since and (nudge["days"] > 0 or when < due):
            yield f"remind {nudge['name']}", when
    rungs, late = copy["left"]
    if not late:
        yield "overdue", max(due, since)
    floor = since
    for rung in policy["rungs"]:
        if rung["number"] <= rungs:
            continue
        when = _morning(document, _shift(document, last, rung["working_days"]))
        if when <= floor:
            when = _morning(document, _shift(document, _day(floor), 1))
        floor = when
        yield f"rung {rung['number']}", when


def due_of(document: dict[str, Any], copy: Copy) -> Any:
    """Return the bound in force; after a return not before the policy's days have passed."""
    if copy["due"] != "return":
        return copy["due"]
    days = document["policy"]["resubmit_working_days"]
    grace = _midnight(_shift(document, _day(copy["returned"]), days) + timedelta(days=1))
    return max(copy["first_due"], grace)


def _working(document: dict[str, Any], day: date) -> bool:
    calendar = document["calendar"]
    if day.isoformat() in calendar["worked"]:
        return True
    return day.weekday() < 5 and day.isoformat() not in calendar["off"]


def _shift(document: dict[str, Any], day: date, count: int) -> date:
    step = timedelta(days=1 if count >= 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not _working(document, day):
            day += step
    return day


def _day(instant: str, *, before: bool = False) -> date:
    """Return the day of an instant in Ha Noi; *before*: of the microsecond before it."""
    moment = datetime.fromisoformat(instant).astimezone(_HANOI)
    return (moment - timedelta(microseconds=1) if before else moment).date()


def _morning(document: dict[str, Any], day: date) -> str:
    hour = document["policy"]["hour"]
    return _text(datetime(day.year, day.month, day.day, hour, tzinfo=_HANOI))


def _midnight(day: date) -> str:
    return _text(datetime(day.year, day.month, day.day, tzinfo=_HANOI))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
