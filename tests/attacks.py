"""What somebody can do who may write the database, each with what must be found and where.

An attack changes the ledger and returns the place that the finding must name.
"""

import copy as copies
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from audit.codes import Code
from audit.held import Held
from audit.keyring import Keyring
from audit.notes import Checkpoint, Signer, sign
from audit.restored import Declaration
from models.domain.chain import canonical, frontier_root
from models.store import ADMIN
from tests.attacked import INDEXED, Body, Ledger, kept
from tests.builders import CITY, PLAN, PROVINCE, REPORTS, SYNTHESIS, UNITS

Place: TypeAlias = dict[str, Any]
Act: TypeAlias = Callable[[Ledger], Place]


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack in one sentence, and the code of the finding."""

    name: str
    sentence: str
    code: Code
    act: Act
    sqlite_only: bool = False


ATTACKS: list[Attack] = []

DUE_ABOVE = "2023-11-10T01:00:00.000000Z"
"""When the document above would have had something to do without the report from below."""


def attack(code: Code, sentence: str, *, sqlite_only: bool = False) -> Callable[[Act], Act]:
    """Enter a function in the table under its own name."""

    def enter(act: Act) -> Act:
        ATTACKS.append(Attack(act.__name__.strip("_"), sentence, code, act, sqlite_only))
        return act

    return enter


def column(name: str, value: Callable[[Any], Any], sentence: str) -> None:
    """Enter an attack on one column of ``ledger_event`` that repeats the body."""

    def act(ledger: Ledger) -> Place:
        seq = ledger.seq("Submitted", f"{PLAN}@{UNITS[0]}")
        old = ledger.value(f"SELECT {name} FROM ledger_event WHERE seq = :seq", seq=seq)
        new = value(bytes(old) if isinstance(old, memoryview) else old)
        ledger.run(f"UPDATE ledger_event SET {name} = :new WHERE seq = :seq", new=new, seq=seq)
        return {"seq": seq, "data": {"column": name}}

    ATTACKS.append(Attack(f"column_{name}", sentence, Code.COLUMN, act))


# --- The facts, clumsily ------------------------------------------------------------------------


def _figures(body: Body) -> None:
    body["data"]["report"]["figures"] = [["held", 99]]


@attack(Code.LEAF, "The number in a report is changed in the body, and nothing else.")
def edited(ledger: Ledger) -> Place:
    seq = ledger.seq("Submitted", f"{REPORTS}@{UNITS[0]}")
    body = ledger.body(seq)
    _figures(body)
    ledger.set_body(seq, body)
    return {"seq": seq}


@attack(Code.CHAIN, "The number is changed and the fact's own hash computed anew.")
def edited_and_hashed(ledger: Ledger) -> Place:
    seq = ledger.seq("Submitted", f"{REPORTS}@{UNITS[0]}")
    body = ledger.body(seq)
    _figures(body)
    ledger.set_body(seq, body, hashed=True)
    return {"seq": seq + 1}


@attack(Code.LEAF, "One bit of a body is flipped.")
def bit_of_a_body(ledger: Ledger) -> Place:
    seq = ledger.seq("Acknowledged")
    raw = bytearray(ledger.raws()[seq - 1])
    raw[len(raw) // 2] ^= 1
    ledger.set_body(seq, bytes(raw))
    return {"seq": seq}


@attack(Code.LEAF, "One bit of a recorded hash is flipped.")
def bit_of_a_hash(ledger: Ledger) -> Place:
    seq = ledger.seq("Acknowledged")
    old = bytes(ledger.value("SELECT leaf_hash FROM ledger_event WHERE seq = :seq", seq=seq))
    new = bytes([old[0] ^ 1]) + old[1:]
    ledger.run("UPDATE ledger_event SET leaf_hash = :new WHERE seq = :seq", new=new, seq=seq)
    return {"seq": seq}


@attack(Code.COLUMN, "One bit of a link to the fact before is flipped.")
def bit_of_a_link(ledger: Ledger) -> Place:
    seq = ledger.seq("Acknowledged")
    old = bytes(ledger.value("SELECT prev_hash FROM ledger_event WHERE seq = :seq", seq=seq))
    new = bytes([old[0] ^ 1]) + old[1:]
    ledger.run("UPDATE ledger_event SET prev_hash = :new WHERE seq = :seq", new=new, seq=seq)
    return {"seq": seq, "data": {"column": "prev_hash"}}


column("at", lambda _: "2023-09-27T01:00:00.000000Z", "A report is dated back in its column.")
column(
    "recorded_at",
    lambda old: old[:-2] + "1Z",
    "The moment of recording is changed in its column.",
)
column("type", lambda _: "Acknowledged", "The kind of a fact is changed in its column.")
column("kind", lambda _: "D", "An input is passed off as the rules' own, in its column.")
column("stream", lambda _: PROVINCE, "A fact is moved to another document, in its column.")
column("cause", lambda _: 3, "A cause is invented in its column.")
column("rules", lambda _: "0", "The version of the rules is changed in its column.")
column("dedup_key", lambda old: old + "x", "The key of a fact is changed in its column.")


@attack(Code.POSITION, "A fact gets another place in its document, in its column.")
def column_stream_seq(ledger: Ledger) -> Place:
    seq = ledger.seq("Accepted", f"{SYNTHESIS}")
    ledger.run("UPDATE ledger_event SET stream_seq = 900 WHERE seq = :seq", seq=seq)
    return {"seq": seq}


@attack(Code.GAP, "A fact is deleted.")
def deleted(ledger: Ledger) -> Place:
    seq = ledger.seq("Escalated")
    ledger.run("DELETE FROM ledger_event WHERE seq = :seq", seq=seq)
    return {"seq": seq + 1}


@attack(Code.CHAIN, "A fact is deleted and the later ones are numbered anew, columns and bodies.")
def deleted_and_renumbered(ledger: Ledger) -> Place:
    last = ledger.value("SELECT max(seq) FROM ledger_event")
    body = ledger.body(last)
    ledger.run(
        "DELETE FROM ledger_event WHERE seq = :one",
        "UPDATE ledger_event SET seq = :one WHERE seq = :last",
        one=last - 1,
        last=last,
    )
    ledger.set_body(last - 1, body | {"seq": last - 1}, hashed=True)
    return {"seq": last - 1}


@attack(Code.COLUMN, "Two facts change places, with their hashes.")
def swapped(ledger: Ledger) -> Place:
    seq = ledger.seq("Acknowledged")
    one, two = ledger.raws()[seq - 1 : seq + 1]
    ledger.set_body(seq, two, hashed=True)
    ledger.set_body(seq + 1, one, hashed=True)
    return {"seq": seq}


@attack(Code.COLUMN, "A fact is entered a second time, at the end.")
def duplicated(ledger: Ledger) -> Place:
    size = ledger.value("SELECT max(seq) FROM ledger_event")
    names = ", ".join(name for name in INDEXED if name not in ("seq", "stream_seq", "dedup_key"))
    ledger.run(
        "INSERT INTO ledger_event"
        f" (seq, stream_seq, dedup_key, prev_hash, body, leaf_hash, {names})"
        f" SELECT :seq, 900, 'again', leaf_hash, body, leaf_hash, {names} FROM ledger_event"
        " WHERE seq = :size",
        seq=size + 1,
        size=size,
    )
    return {"seq": size + 1, "data": {"column": "seq"}}


@attack(Code.HEAD_SIZE, "A fact is added at the end with good links, past the head.")
def added_past_the_head(ledger: Ledger) -> Place:
    bodies = ledger.bodies()
    head = ledger.rows("SELECT * FROM ledger_head")[0]
    ledger.rechain([*bodies, _another(bodies)])
    ledger.run(
        "UPDATE ledger_head SET size = :size, last_hash = :last, frontier = :frontier",
        size=head["size"],
        last=bytes(head["last_hash"]),
        frontier=bytes(head["frontier"]),
    )
    return {"row": "ledger_head"}


def _another(bodies: Sequence[Body]) -> Body:
    """An acknowledgement that nobody gave."""
    given = next(each for each in bodies if each["type"] == "Acknowledged")
    body = copies.deepcopy(given)
    body["seq"] = len(bodies) + 1
    body["data"]["assignment"] = f"256/IV@{UNITS[2]}"
    body["dedup_key"] = f"{CITY}|Acknowledged:256/IV@{UNITS[2]}"
    body["at"] = body["data"]["at"] = body["recorded_at"] = bodies[-1]["recorded_at"]
    return body


@attack(Code.CHAIN, "The last fact is linked to another one than that before it, well hashed.")
def linked_elsewhere(ledger: Ledger) -> Place:
    raws = ledger.raws()
    body = json.loads(raws[-1])
    other = bytes(range(32))
    raws[-1] = canonical(body | {"prev": other.hex()})
    ledger.reseal(raws)
    ledger.run("UPDATE ledger_event SET prev_hash = :o WHERE seq = :seq", o=other, seq=len(raws))
    return {"seq": len(raws)}


@attack(Code.GAP, "A fact is deleted and all is linked anew, but for the numbers.")
def number_skipped(ledger: Ledger) -> Place:
    seq = ledger.seq("Acknowledged", UNITS[3])
    bodies = [each for each in ledger.bodies() if each["seq"] != seq]
    ledger.rechain(bodies, renumber=False)
    return {"seq": seq + 1}


@attack(Code.POSITION, "A document's facts are numbered as if one had been there, well hashed.")
def position_skipped(ledger: Ledger) -> Place:
    last = ledger.value("SELECT max(seq) FROM ledger_event")
    ledger.rechain(ledger.bodies(), skip=last)
    return {"seq": last}


# --- The head -----------------------------------------------------------------------------------


@attack(Code.HEAD_SIZE, "The head says that there are fewer facts.")
def head_size(ledger: Ledger) -> Place:
    ledger.run("UPDATE ledger_head SET size = size - 1")
    return {"row": "ledger_head"}


@attack(Code.HEAD_HASH, "The head's last hash is replaced.")
def head_hash(ledger: Ledger) -> Place:
    ledger.run("UPDATE ledger_head SET last_hash = :new", new=bytes(32))
    return {"row": "ledger_head"}


@attack(Code.HEAD_FRONTIER, "The head's frontier is replaced: the next checkpoint would be wrong.")
def head_frontier(ledger: Ledger) -> Place:
    ledger.run("UPDATE ledger_head SET frontier = :new", new=bytes(64))
    return {"row": "ledger_head"}


@attack(Code.HEAD_TIME, "The head's clock is set back, so that the next fact may be dated back.")
def head_time(ledger: Ledger) -> Place:
    ledger.run("UPDATE ledger_head SET recorded_at = '2023-09-19T01:00:00.000000Z'")
    return {"row": "ledger_head"}


@attack(Code.HEAD_EPOCH, "The head says that a backup was put back, which nobody declared.")
def head_epoch(ledger: Ledger) -> Place:
    ledger.run("UPDATE ledger_head SET epoch = 2")
    return {"row": "ledger_head"}


# --- The facts, with every hash computed anew ---------------------------------------------------


def rechained(
    code: Code, sentence: str, of: Callable[[Ledger], int], *, thorough: bool = False
) -> Callable[[Any], Any]:
    """Enter an edit of one fact after which the whole chain is computed anew.

    *thorough*: and the roots in the rows of the checkpoints, as far as nobody signed them.
    """

    def enter(change: Callable[[Body], None]) -> Any:
        def act(ledger: Ledger) -> Place:
            seq = of(ledger)
            ledger.edit(seq, change, thorough=thorough)
            if code is Code.NOTE_ROOT:
                before = max((size for size in ledger.sizes if size < seq), default=0)
                after = min(size for size in ledger.sizes if size >= seq)
                return {"between": (before + 1, after)}
            return {"seq": seq}

        ATTACKS.append(Attack(change.__name__.strip("_"), sentence, code, act))
        return change

    return enter


@rechained(
    Code.NOTE_ROOT,
    "Who acknowledged is replaced, and all links, the head and the checkpoints' rows follow.",
    lambda ledger: ledger.seq("Acknowledged", UNITS[1]),
    thorough=True,
)
def another_person(body: Body) -> None:
    body["data"]["person"] = "p_00000000000000ff"


@rechained(
    Code.NOTE_ROOT,
    "A number in a report is changed, and everything is re-chained.",
    lambda ledger: ledger.seq("Submitted", f"{REPORTS}@{UNITS[2]}"),
)
def another_number(body: Body) -> None:
    _figures(body)


@rechained(
    Code.NOTE_ROOT,
    "An acknowledgement is given to another unit's duty, and everything is re-chained.",
    lambda ledger: ledger.seq("Acknowledged", UNITS[3]),
)
def another_unit(body: Body) -> None:
    body["data"]["assignment"] = f"{REPORTS}@{UNITS[3]}"
    body["dedup_key"] = f"{CITY}|Acknowledged:{REPORTS}@{UNITS[3]}"


@rechained(
    Code.NOTE_ROOT,
    "The software that recorded a fact is named otherwise, and everything is re-chained.",
    lambda ledger: ledger.seq("Escalated"),
)
def another_software(body: Body) -> None:
    body["sw"] = "9.9.9"


@rechained(
    Code.NOTE_ROOT,
    "A Prefect run is put under a fact that had none, and everything is re-chained.",
    lambda ledger: ledger.seq("GateOpened"),
)
def another_run(body: Body) -> None:
    body["run"] = {"flow": "00000000-0000-4000-8000-000000000000", "task": None}


@rechained(
    Code.NOTE_ROOT,
    "The basis of an erasure is changed, and everything is re-chained.",
    lambda ledger: ledger.seq("Erased"),
)
def another_basis(body: Body) -> None:
    body["data"]["basis"] = "không rõ"


@rechained(
    Code.UNKNOWN_RULES,
    "A fact is said to have been decided by other rules, and everything is re-chained.",
    lambda ledger: ledger.seq("Escalated"),
)
def other_rules(body: Body) -> None:
    body["rules"] = "77"


@rechained(
    Code.KEY,
    "The key of a fact is changed in its body, so that it could be recorded again.",
    lambda ledger: ledger.seq("Acknowledged"),
)
def other_key(body: Body) -> None:
    body["dedup_key"] += ":2"


@rechained(
    Code.CAUSE,
    "A consequence gets another cause, and everything is re-chained.",
    lambda ledger: ledger.seq("Opened", f"{SYNTHESIS}"),
)
def other_cause(body: Body) -> None:
    body["cause"] = 7


@rechained(
    Code.CAUSE,
    "A fact is said to be caused by one that came after it.",
    lambda ledger: ledger.seq("Opened", f"{SYNTHESIS}"),
)
def cause_in_the_future(body: Body) -> None:
    body["cause"] = body["seq"] + 5


@rechained(
    Code.KIND,
    "An acknowledgement is passed off as the rules' own in its body.",
    lambda ledger: ledger.seq("Acknowledged"),
)
def other_kind(body: Body) -> None:
    body["kind"] = "D"


@rechained(
    Code.UNKNOWN_TYPE,
    "A fact is renamed to one that no rules know.",
    lambda ledger: ledger.seq("Acknowledged"),
)
def other_type(body: Body) -> None:
    body["type"] = "Confirmed"


@rechained(
    Code.UNKNOWN_VERSION,
    "A fact claims a form that does not exist.",
    lambda ledger: ledger.seq("Acknowledged"),
)
def other_version(body: Body) -> None:
    body["v"] = 9


@rechained(
    Code.FORM,
    "Something more is written into a fact, where readers look past it.",
    lambda ledger: ledger.seq("Acknowledged"),
)
def smuggled(body: Body) -> None:
    body["data"]["remark"] = "đã báo trước"


@rechained(
    Code.FORM,
    "A fact says one instant outside and another one inside.",
    lambda ledger: ledger.seq("Acknowledged"),
)
def two_instants(body: Body) -> None:
    body["data"]["at"] = "2023-09-19T02:00:00.000000Z"


@attack(Code.TIME, "The clock is set back: a fact is recorded before the one that precedes it.")
def clock_set_back(ledger: Ledger) -> Place:
    seq, then = ledger.seq("Acknowledged", UNITS[3]), "2023-09-19T09:00:00.000000Z"

    def change(body: Body) -> None:
        body["recorded_at"] = body["at"] = body["data"]["at"] = then

    ledger.run("UPDATE person SET created_at = :then", then=then)
    ledger.edit(seq, change)
    return {"seq": seq}


@rechained(
    Code.INPUT,
    "A report is dated back within its own fact; it was recorded later.",
    lambda ledger: ledger.seq("Submitted", f"{PLAN}@{UNITS[2]}"),
)
def dated_back(body: Body) -> None:
    body["at"] = body["data"]["at"] = "2023-09-29T03:00:00.000000Z"


@rechained(
    Code.INPUT,
    "A document is said to have been issued before it could be.",
    lambda ledger: ledger.seq("Issued", CITY),
)
def issued_earlier(body: Body) -> None:
    body["at"] = body["data"]["at"] = "2023-09-18T01:00:00.000000Z"


@rechained(
    Code.INPUT,
    "An acceptance loses the person who gave it, as if the rules had accepted.",
    lambda ledger: ledger.seq("Accepted", f"{REPORTS}@{UNITS[0]}"),
)
def nobody_accepted(body: Body) -> None:
    body["data"]["person"] = ""


@rechained(
    Code.RULE_DIFFERS,
    "A gate is said to have opened with all reports in.",
    lambda ledger: ledger.seq("GateOpened"),
)
def gate_complete(body: Body) -> None:
    body["data"]["complete"], body["data"]["missing"] = True, []


@rechained(
    Code.RULE_DIFFERS,
    "Lateness is said to have begun a day later.",
    lambda ledger: ledger.seq("BecameOverdue", UNITS[2]),
)
def late_later(body: Body) -> None:
    body["at"] = body["data"]["at"] = "2023-10-01T17:00:00.000000Z"


def as_issued(code: Code, sentence: str, first: Callable[[Ledger], int]) -> Callable[[Any], Any]:
    """Enter a change of what the document laid down when it was issued, re-chained."""

    def enter(change: Callable[[Body], None]) -> Any:
        def act(ledger: Ledger) -> Place:
            seq = first(ledger)
            ledger.edit(
                ledger.seq("Registered", CITY), lambda body: change(body["data"]["document"])
            )
            return {"seq": seq}

        ATTACKS.append(Attack(change.__name__, sentence, code, act))
        return change

    return enter


@as_issued(
    Code.RULE_ADDED,
    "The policy as issued is made milder: the first rung comes after thirty days.",
    lambda ledger: ledger.seq("Escalated", UNITS[2]),
)
def policy_as_issued(document: Body) -> None:
    document["policy"]["rungs"][0]["working_days"] = 30


@as_issued(
    Code.RULE_ADDED,
    "A day off is put into the calendar as issued, so that a rung came too early.",
    lambda ledger: ledger.seq("Escalated", UNITS[2]),
)
def calendar_as_issued(document: Body) -> None:
    document["calendar"]["off"] = sorted([*document["calendar"]["off"], "2023-10-02"])


@as_issued(
    Code.RULE_DIFFERS,
    "The bound as issued is put later: whoever was late was in time.",
    lambda ledger: ledger.seq("Opened", f"{PLAN}@{UNITS[0]}"),
)
def bound_as_issued(document: Body) -> None:
    for duty in document["obligations"]:
        if duty["id"] == PLAN:
            duty["bound"]["due_exclusive"] = "2023-12-31T17:00:00.000000Z"


@as_issued(
    Code.RULE_ADDED,
    "A unit is taken out of the roster as issued: it never owed anything.",
    lambda ledger: ledger.seq("Opened", f"{PLAN}@{UNITS[3]}"),
)
def roster_as_issued(document: Body) -> None:
    for duty in document["obligations"]:
        duty["assignees"] = [each for each in duty["assignees"] if each != UNITS[3]]


@attack(Code.FORM, "A body says the same in other bytes, with all its hashes.")
def other_bytes(ledger: Ledger) -> Place:
    raws = ledger.raws()
    raws[-1] = json.dumps(json.loads(raws[-1]), ensure_ascii=False, sort_keys=True).encode()
    ledger.reseal(raws)
    return {"seq": len(raws)}


@attack(Code.FORM, "A body says a thing twice, differently; readers take one or the other.")
def said_twice(ledger: Ledger) -> Place:
    raws = ledger.raws()
    raws[-1] = raws[-1].replace(b'{"at":', b'{"at":"2020-01-01T00:00:00.000000Z","at":', 1)
    ledger.reseal(raws)
    return {"seq": len(raws)}


@attack(Code.BODY, "A body is replaced by bytes that are no JSON, with all their hashes.")
def no_json(ledger: Ledger) -> Place:
    raws = ledger.raws()
    raws[-1] = b"\xff\xfe"
    ledger.reseal(raws)
    return {"seq": len(raws)}


@attack(Code.RULE_ADDED, "A report is moved before its bound and the lateness taken out.")
def in_time_after_all(ledger: Ledger) -> Place:
    bodies = ledger.bodies()
    late = ledger.seq("BecameOverdue", UNITS[2])
    report = ledger.seq("Submitted", f"{PLAN}@{UNITS[2]}")
    body = bodies[report - 1]
    before = bodies[late - 4]
    body["at"] = body["data"]["at"] = body["recorded_at"] = before["recorded_at"]
    accepted = bodies[report]
    accepted["at"] = accepted["data"]["at"] = accepted["recorded_at"] = before["recorded_at"]
    gone = {
        each["seq"]
        for each in bodies
        if each["type"] in ("BecameOverdue", "Escalated") and UNITS[2] in each["dedup_key"]
    }
    moved = [body, accepted]
    rest = [each for each in bodies if each["seq"] not in gone and each not in moved]
    at = next(i for i, each in enumerate(rest) if each["seq"] == before["seq"]) + 1
    ledger.rechain([*rest[:at], *moved, *rest[at:]])
    # It would not have been reminded on the day.
    return {"seq": ledger.seq("Reminded", f"{PLAN}@{UNITS[2]}:on-the-day")}


@attack(Code.RULE_MISSING, "That a unit became late is taken out, and everything is re-chained.")
def lateness_removed(ledger: Ledger) -> Place:
    seq = ledger.seq("BecameOverdue", UNITS[2])
    ledger.rechain([each for each in ledger.bodies() if each["seq"] != seq])
    return {"seq": seq, "stream": CITY}


@attack(Code.RULE_MISSING, "A rung of the ladder is taken out, and everything is re-chained.")
def rung_removed(ledger: Ledger) -> Place:
    seq = ledger.seq("Escalated", f"{UNITS[3]}:2")
    ledger.rechain([each for each in ledger.bodies() if each["seq"] != seq])
    return {"seq": seq, "stream": CITY}


@attack(Code.CAUSE, "What time made is laid to an act, and everything is re-chained.")
def cause_invented(ledger: Ledger) -> Place:
    bodies = ledger.bodies()
    late = bodies[ledger.seq("BecameOverdue", UNITS[2]) - 1]
    assert late["cause"] is None
    late["cause"] = ledger.seq("Acknowledged")
    ledger.rechain(bodies)
    return {"seq": late["seq"]}


@attack(Code.RULE_ADDED, "A unit that answered is declared late, and everything is re-chained.")
def lateness_forged(ledger: Ledger) -> Place:
    bodies = ledger.bodies()
    late = bodies[ledger.seq("BecameOverdue", UNITS[3]) - 1]
    forged = copies.deepcopy(late)
    forged["data"]["assignment"] = f"{PLAN}@{UNITS[0]}"
    forged["dedup_key"] = f"{CITY}|BecameOverdue:{PLAN}@{UNITS[0]}"
    forged["seq"] = -1
    at = late["seq"]
    ledger.rechain([*bodies[:at], forged, *bodies[at:]])
    return {"seq": at + 1}


@attack(Code.INPUT, "A waiver is slipped in for a duty that was done already, re-chained.")
def waiver_forged(ledger: Ledger) -> Place:
    bodies = ledger.bodies()
    given = bodies[ledger.seq("Waived") - 1]
    forged = copies.deepcopy(given)
    forged["data"]["assignment"] = f"{PLAN}@{UNITS[0]}"
    forged["dedup_key"] = f"{CITY}|Waived:{PLAN}@{UNITS[0]}"
    forged["seq"] = -1
    at = given["seq"] - 1
    ledger.rechain([*bodies[:at], forged, *bodies[at:]])
    return {"seq": at + 1}


@attack(Code.IMPOSSIBLE, "A document is entered a second time in its own stream, re-chained.")
def registered_again(ledger: Ledger) -> Place:
    bodies = ledger.bodies()
    again = copies.deepcopy(bodies[1]) | {"seq": -1, "dedup_key": f"{CITY}|Registered:2"}
    again["recorded_at"] = again["at"] = again["data"]["at"] = bodies[-1]["recorded_at"]
    ledger.rechain([*bodies, again])
    return {"seq": len(bodies) + 1}


@attack(Code.UNKNOWN_TYPE, "What a unit would do is written among the administration's entries.")
def fact_among_entries(ledger: Ledger) -> Place:
    bodies = ledger.bodies()
    entry = copies.deepcopy(next(each for each in bodies if each["type"] == "Acknowledged"))
    entry |= {"stream": ADMIN, "recorded_at": bodies[-1]["recorded_at"]}
    entry["dedup_key"] = f"{ADMIN}|Acknowledged|x"
    ledger.rechain([*bodies, entry])
    return {"seq": len(bodies) + 1, "stream": ADMIN}


@attack(Code.FORM, "An erasure is entered that is said to have happened earlier.")
def entry_dated_back(ledger: Ledger) -> Place:
    bodies = ledger.bodies()
    entry = copies.deepcopy(next(each for each in bodies if each["type"] == "Erased"))
    entry["recorded_at"] = bodies[-1]["recorded_at"]
    entry["dedup_key"] += "x"
    ledger.rechain([*bodies, entry])
    return {"seq": len(bodies) + 1, "stream": ADMIN}


@attack(Code.KEY_TWICE, "The guard of the keys is removed and a fact recorded twice, re-chained.")
def key_twice(ledger: Ledger) -> Place:
    _drop_unique(ledger, "dedup_key")
    bodies = ledger.bodies()
    again = copies.deepcopy(bodies[ledger.seq("Acknowledged") - 1]) | {"seq": -1}
    again["recorded_at"] = bodies[-1]["recorded_at"]
    ledger.rechain([*bodies, again])
    return {"seq": len(bodies) + 1}


def _drop_unique(ledger: Ledger, column_: str) -> None:
    name = f"uq_ledger_event_{column_}"
    if not ledger.sqlite:
        ledger.run(f"ALTER TABLE ledger_event DROP CONSTRAINT {name}")
        return
    sql = ledger.value("SELECT sql FROM sqlite_master WHERE name = 'ledger_event'")
    words = f"CONSTRAINT {name} UNIQUE ({column_})"
    assert words in sql
    new = sql.replace(f"\t{words}, \n", "").replace(f", \n\t{words}", "")
    assert words not in new
    with ledger.unguarded() as connection:
        connection.exec_driver_sql("ALTER TABLE ledger_event RENAME TO old")
        connection.exec_driver_sql(new)
        connection.exec_driver_sql("INSERT INTO ledger_event SELECT * FROM old")
        connection.exec_driver_sql("DROP TABLE old")


@attack(Code.NOTE_ROOT, "Two facts of one moment change places, and everything is re-chained.")
def reordered(ledger: Ledger) -> Place:
    bodies = ledger.bodies()
    seq = ledger.seq("Acknowledged")
    bodies[seq - 1], bodies[seq] = bodies[seq], bodies[seq - 1]
    ledger.rechain(bodies)
    return {"between": (1, ledger.sizes[0])}


@attack(Code.NOTE_ROOT, "The whole history of a unit's moved bound is taken out, re-chained.")
def extension_removed(ledger: Ledger) -> Place:
    seq = ledger.seq("BoundMoved")
    bodies = ledger.bodies()
    ledger.rechain([each for each in bodies if each["seq"] not in (seq, seq + 1)])
    return {"between": (ledger.sizes[1] + 1, ledger.sizes[2])}


@attack(Code.NOTE_AHEAD, "The last facts are cut off, with head and checkpoints to match.")
def cut(ledger: Ledger) -> Place:
    size = ledger.sizes[2] - 2
    ledger.rechain(ledger.bodies()[:size])
    ledger.run("DELETE FROM ledger_checkpoint WHERE size > :size", size=size)
    return {"between": (size + 1, ledger.sizes[2])}


@attack(Code.NOTE_ROOT, "The last facts are cut off, and others recorded in their place.")
def cut_and_grown(ledger: Ledger) -> Place:
    size = ledger.sizes[1]
    bodies = ledger.bodies()
    kept_ = bodies[:size]
    while len(kept_) <= ledger.sizes[-1]:
        more = _another(kept_)
        number = len(kept_) - size
        more["data"]["assignment"] = f"x/{number}@x"
        more["dedup_key"] = f"{CITY}|Acknowledged:x/{number}@x"
        kept_.append(more)
    ledger.rechain(kept_)
    return {"between": (size + 1, ledger.sizes[2])}


@attack(Code.NOTE_AHEAD, "The backup of an earlier day is put back.", sqlite_only=True)
def backup_restored(ledger: Ledger) -> Place:
    size = ledger.restore()
    return {"between": (size + 1, min(each for each in ledger.sizes if each > size))}


@attack(Code.INPUT, "A document gets another name everywhere, and everything is re-chained.")
def stream_renamed(ledger: Ledger) -> Place:
    new = "999-KH/TU"
    bodies = ledger.bodies()
    for body in bodies:
        if body["stream"] == CITY:
            body["stream"] = new
            body["dedup_key"] = body["dedup_key"].replace(CITY, new, 1)
    ledger.rechain(bodies)
    ledger.run("UPDATE stream SET id = :new WHERE id = :old", new=new, old=CITY)
    return {"seq": ledger.seq("Registered", new), "stream": new}


# --- From document to document ------------------------------------------------------------------


@attack(Code.RELAY_MISSING, "That the document below went out is taken out above, re-chained.")
def relay_removed(ledger: Ledger) -> Place:
    seq = ledger.seq("ChildIssued")
    ledger.rechain([each for each in ledger.bodies() if each["seq"] != seq])
    return {"stream": PROVINCE, "row": f"#{ledger.seq('Issued', CITY)}"}


@attack(Code.RELAY_MISSING, "What came of a report above is taken out wholly, re-chained.")
def report_above_removed(ledger: Ledger) -> Place:
    seq = ledger.seq("Submitted", PROVINCE)
    bodies = ledger.bodies()
    ledger.rechain(
        [
            each
            for each in bodies
            if each["seq"] < seq or (each["stream"] != PROVINCE and not each["data"].get("mail"))
        ],
        thorough=False,
    )
    ledger.run(
        f"DELETE FROM outbox WHERE stream = :id AND seq >= {seq}",
        "DELETE FROM link WHERE stream = :id AND outbox NOT IN (SELECT key FROM outbox)",
        "UPDATE stream SET completed_at = NULL, next_due = :due WHERE id = :id",
        due=DUE_ABOVE,
        id=PROVINCE,
    )
    return {"stream": PROVINCE, "row": f"#{ledger.seq('ReportedUp')}"}


@attack(Code.RELAY_ADDED, "A report from below is said to follow from another fact, re-chained.")
def relay_forged(ledger: Ledger) -> Place:
    seq = ledger.seq("Submitted", PROVINCE)

    def change(body: Body) -> None:
        body["cause"] = ledger.seq("Issued", CITY)

    ledger.edit(seq, change)
    return {"seq": seq}


@attack(Code.RELAY_ADDED, "The number of the plan that was reported up is changed, re-chained.")
def relay_altered(ledger: Ledger) -> Place:
    seq = ledger.seq("Submitted", PROVINCE)

    def change(body: Body) -> None:
        body["data"]["report"]["plan_number"] = "257-KH/TU"

    ledger.edit(seq, change)
    return {"seq": seq}


# --- Mails and links ----------------------------------------------------------------------------


def _mail(ledger: Ledger, kind: str = "assigned", stream: str = CITY) -> Any:
    return ledger.rows(
        "SELECT * FROM outbox WHERE kind = :kind AND stream = :stream AND contact IS NOT NULL"
        " ORDER BY seq, key",
        kind=kind,
        stream=stream,
    )[0]


@attack(Code.MAIL_MISSING, "A mail is deleted with its link, as if it had never been owed.")
def mail_deleted(ledger: Ledger) -> Place:
    mail = _mail(ledger)
    ledger.run(
        "DELETE FROM link WHERE outbox = :key", "DELETE FROM outbox WHERE key = :key",
        key=mail["key"],
    )  # fmt: skip
    return {"row": f"outbox:{mail['key']}"}


@attack(Code.MAIL_MISSING, "Of two addresses of a body, one is passed over in one mail.")
def mail_to_one_of_two(ledger: Ledger) -> Place:
    rows = ledger.rows(
        "SELECT key, seq FROM outbox WHERE stream = :city AND recipient = 'vp' ORDER BY seq, key",
        city=CITY,
    )
    last = [row["key"] for row in rows if row["seq"] == rows[-1]["seq"]]
    assert len(last) == 2
    ledger.run(
        "DELETE FROM link WHERE outbox = :key", "DELETE FROM outbox WHERE key = :key", key=last[1]
    )
    return {"row": f"outbox:{last[1]}"}


@attack(Code.MAIL_ADDED, "A mail is invented, as proof that somebody was told.")
def mail_invented(ledger: Ledger) -> Place:
    mail = _mail(ledger)
    key = mail["key"].replace("assigned", "waived")
    ledger.run(
        "INSERT INTO outbox (key, seq, message_id, stream, assignment, kind, detail, recipient,"
        " contact, state, attempts, ambiguous, tries, next_at, created_at)"
        " SELECT :key, seq, 'x', stream, assignment, 'waived', detail, recipient, contact, state,"
        " attempts, ambiguous, tries, next_at, created_at FROM outbox WHERE key = :of",
        key=key,
        of=mail["key"],
    )
    return {"row": f"outbox:{key}", "seq": mail["seq"]}


def _retargeted(ledger: Ledger, mail: Any) -> Place:
    other = ledger.value("SELECT ref FROM contact WHERE body = 'btg'")
    key = mail["key"].replace(mail["contact"], other)
    message = hashlib.sha256(f"{_log_id(ledger)}|{key}".encode()).hexdigest()[:40]
    ledger.run(
        "UPDATE outbox SET key = :key, contact = :other, message_id = :message WHERE key = :old",
        "UPDATE link SET outbox = :key, contact = :other WHERE outbox = :old",
        key=key,
        other=other,
        message=message,
        old=mail["key"],
    )
    return {"row": f"outbox:{key}", "data": {"column": "contact"}}


@attack(Code.MAIL_ALTERED, "A mail is turned to the address of another body, key and all.")
def mail_retargeted(ledger: Ledger) -> Place:
    return _retargeted(ledger, _mail(ledger))


@attack(Code.MAIL_ALTERED, "The same where the policy asks for no proof of notice.")
def mail_retargeted_unproven(ledger: Ledger) -> Place:
    return _retargeted(ledger, _mail(ledger, "review", PROVINCE))


def _log_id(ledger: Ledger) -> str:
    return str(ledger.value("SELECT log_id FROM ledger_head"))


def of_a_mail(name: str, value: object, sentence: str) -> None:
    """Enter an attack on one column of a mail."""

    def act(ledger: Ledger) -> Place:
        mail = _mail(ledger, stream=PROVINCE if name == "created_at" else CITY)
        ledger.run(f"UPDATE outbox SET {name} = :new WHERE key = :key", new=value, key=mail["key"])
        return {"row": f"outbox:{mail['key']}", "data": {"column": name}}

    ATTACKS.append(Attack(f"mail_{name}", sentence, Code.MAIL_ALTERED, act))


of_a_mail("detail", "x", "What a mail was about is changed.")
of_a_mail("message_id", "x", "A mail gets another Message-ID, so that the relay's log fits it.")
of_a_mail("recipient", "vp", "A mail is said to have gone to another body.")
of_a_mail("assignment", "x", "A mail is said to have been about another duty.")


@attack(Code.MAIL_ADDED, "A mail is laid to the charge of another fact.")
def mail_of_another_fact(ledger: Ledger) -> Place:
    mail = _mail(ledger)
    seq = ledger.seq("Acknowledged")
    ledger.run("UPDATE outbox SET seq = :seq WHERE key = :key", seq=seq, key=mail["key"])
    return {"row": f"outbox:{mail['key']}", "seq": seq}


@attack(Code.MAIL_MISSING, "An acceptance by the relay is forged for a mail that never was.")
def delivery_forged(ledger: Ledger) -> Place:
    seq = ledger.seq("NoticeAccepted")
    ledger.run(
        "UPDATE outbox SET state = 'pending', attested_at = NULL WHERE message_id = :told",
        told=ledger.body(seq)["data"]["message_id"],
    )

    def change(body: Body) -> None:
        body["data"]["message_id"] = "0" * 40
        body["dedup_key"] = f"{CITY}|NoticeAccepted:{'0' * 40}"

    ledger.edit(seq, change)
    return {"seq": seq}


@attack(Code.RULE_MISSING, "That mails were queued is taken out, and everything is re-chained.")
def queue_removed(ledger: Ledger) -> Place:
    seq = ledger.seq("NoticeQueued", ":18")
    ledger.rechain([each for each in ledger.bodies() if each["seq"] != seq])
    return {"stream": CITY}


@attack(Code.MAIL_ADDED, "One mail is struck from the list of those that were queued, re-chained.")
def queue_shortened(ledger: Ledger) -> Place:
    seq = ledger.seq("NoticeQueued")

    def change(body: Body) -> None:
        del body["data"]["notices"][0]

    ledger.edit(seq, change)
    return {"seq": seq}


def _frozen(ledger: Ledger) -> tuple[str, bytes]:
    row = ledger.rows("SELECT key, raw FROM outbox WHERE raw IS NOT NULL")[0]
    return row["key"], bytes(row["raw"])


@attack(Code.MAIL_ALTERED, "The bytes of a mail that stands ready to be sent are changed.")
def frozen_bytes(ledger: Ledger) -> Place:
    key, raw = _frozen(ledger)
    new = raw.replace(b"Subject:", b"Subject: x", 1)
    ledger.run("UPDATE outbox SET raw = :raw WHERE key = :key", raw=new, key=key)
    return {"row": f"outbox:{key}", "data": {"column": "raw"}}


def _refrozen(ledger: Ledger, new: bytes) -> Place:
    key, _ = _frozen(ledger)
    ledger.run(
        "UPDATE outbox SET raw = :raw, raw_sha256 = :sha256 WHERE key = :key",
        raw=new,
        sha256=hashlib.sha256(new).hexdigest(),
        key=key,
    )
    return {"row": f"outbox:{key}", "data": {"column": "raw"}}


@attack(Code.MAIL_ALTERED, "The bytes of another mail are put in their place, hash and all.")
def frozen_bytes_of_another(ledger: Ledger) -> Place:
    raw = _frozen(ledger)[1]
    return _refrozen(ledger, raw.replace(b"Message-ID: <", b"Message-ID: <a", 1))


@attack(Code.MAIL_ALTERED, "A letter of one's own is frozen under a mail's name, hash and all.")
def frozen_letter(ledger: Ledger) -> Place:
    head = _frozen(ledger)[1].partition(b"\r\n\r\n")[0]
    kept_ = [line for line in head.split(b"\r\n") if line.startswith((b"Message-ID", b"To"))]
    return _refrozen(ledger, b"\r\n".join([*kept_, b"", b"https://mine.example/"]))


@attack(Code.MAIL_ALTERED, "The secret of a link is put back into a mail that has gone.")
def secret_put_back(ledger: Ledger) -> Place:
    key = ledger.rows("SELECT key FROM outbox WHERE state = 'sent' ORDER BY key")[0]["key"]
    ledger.run("UPDATE outbox SET token = 'x' WHERE key = :key", key=key)
    return {"row": f"outbox:{key}", "data": {"column": "token"}}


@attack(Code.MAIL_ALTERED, "A mail is said to go along in one to somebody else.")
def carried_elsewhere(ledger: Ledger) -> Place:
    mail = _mail(ledger)
    other = ledger.rows("SELECT key FROM outbox WHERE recipient = 'btg' ORDER BY key")[0]["key"]
    ledger.run("UPDATE outbox SET carrier = :by WHERE key = :key", by=other, key=mail["key"])
    return {"row": f"outbox:{mail['key']}", "data": {"column": "carrier"}}


def of_a_delivery(name: str, value: object, sentence: str) -> None:
    """Enter an attack on one column of a mail that the relay took, of which a fact tells."""

    def act(ledger: Ledger) -> Place:
        key = ledger.rows("SELECT key FROM outbox WHERE state = 'sent' ORDER BY key")[0]["key"]
        ledger.run(f"UPDATE outbox SET {name} = :new WHERE key = :key", new=value, key=key)
        return {"row": f"outbox:{key}", "data": {"column": name}}

    ATTACKS.append(Attack(f"delivery_{name}", sentence, Code.MAIL_ALTERED, act))


of_a_delivery("raw_sha256", "cd" * 32, "Other bytes are said to have gone out.")
of_a_delivery("last_code", 550, "The relay is said to have answered otherwise.")
of_a_delivery("queue_id", "X1", "The relay is said to keep a mail under another name.")
of_a_delivery("settled_at", "2023-09-18T01:00:00.000000Z", "A mail is said to have gone earlier.")
of_a_delivery("attested_at", "2023-09-19T00:59:00.000000Z", "It is said to be attested earlier.")
of_a_delivery("bounced_at", "2023-09-20T01:00:00.000000Z", "A mail is said to have come back.")
of_a_delivery("state", "failed", "A mail that the relay took is said to have been refused.")


def _pending(ledger: Ledger) -> str:
    return str(
        ledger.rows(
            "SELECT key FROM outbox WHERE state = 'pending' AND stream = :city AND raw IS NULL"
            " ORDER BY key",
            city=CITY,
        )[0]["key"]
    )


@attack(Code.MAIL_ALTERED, "A mail that never went is said to have gone, and to be proven.")
def delivery_claimed(ledger: Ledger) -> Place:
    key = _pending(ledger)
    ledger.run(
        "UPDATE outbox SET state = 'sent', token = NULL, attested_at = created_at WHERE key = :key",
        key=key,
    )
    return {"row": f"outbox:{key}", "data": {"column": "state"}}


@attack(Code.MAIL_ALTERED, "A failure is marked so that the ledger is never told of it.")
def failure_hidden(ledger: Ledger) -> Place:
    key = _pending(ledger)
    ledger.run("UPDATE outbox SET state = 'parked', attested_at = '' WHERE key = :key", key=key)
    return {"row": f"outbox:{key}", "data": {"column": "attested_at"}}


@attack(Code.MAIL_ADDED, "A mail asked for again is invented where no proof of notice is kept.")
def resent_invented(ledger: Ledger) -> Place:
    mail = ledger.rows(
        "SELECT o.key, l.token_sha256 FROM outbox o JOIN link l ON l.outbox = o.key"
        " WHERE o.stream = :above AND o.key LIKE '%|resent:1'",
        above=PROVINCE,
    )[0]
    key = mail["key"].replace("resent:1", "resent:2")
    message = hashlib.sha256(f"{_log_id(ledger)}|{key}".encode()).hexdigest()[:40]
    ledger.run(
        "INSERT INTO outbox (key, seq, message_id, stream, assignment, kind, detail, recipient,"
        " contact, token, state, attempts, ambiguous, tries, next_at, created_at)"
        " SELECT :key, seq, :message, stream, assignment, kind, detail, recipient, contact, 'mine',"
        " state, attempts, ambiguous, tries, next_at, created_at FROM outbox WHERE key = :of",
        "INSERT INTO link (token_sha256, stream, assignment, body, contact, purpose, outbox,"
        " created_at, expires_at) SELECT :token, stream, assignment, body, contact, purpose,"
        " :key, created_at, expires_at FROM link WHERE token_sha256 = :hung",
        key=key,
        message=message,
        of=mail["key"],
        token=hashlib.sha256(b"mine").hexdigest(),
        hung=mail["token_sha256"],
    )
    return {"row": f"outbox:{key}"}


def _link(ledger: Ledger) -> Any:
    return ledger.rows(
        "SELECT * FROM link WHERE stream = :city AND outbox <> '' ORDER BY outbox", city=CITY
    )[0]


@attack(Code.LINK_MISSING, "The link of a mail is deleted.")
def link_deleted(ledger: Ledger) -> Place:
    link = _link(ledger)
    ledger.run("DELETE FROM link WHERE outbox = :key", key=link["outbox"])
    return {"row": f"outbox:{link['outbox']}"}


@attack(Code.LINK_ADDED, "A link is made for oneself, to act in the name of a unit.")
def link_invented(ledger: Ledger) -> Place:
    link = _link(ledger)
    token = hashlib.sha256(b"mine").hexdigest()
    ledger.run(
        "INSERT INTO link (token_sha256, stream, assignment, body, contact, purpose, outbox,"
        " created_at, expires_at) SELECT :token, stream, assignment, body, contact, purpose,"
        " 'none', created_at, expires_at FROM link WHERE token_sha256 = :of",
        token=token,
        of=link["token_sha256"],
    )
    return {"row": f"link:{token}"}


@attack(Code.LINK_ADDED, "A second link is hung on a mail.")
def link_doubled(ledger: Ledger) -> Place:
    link = _link(ledger)
    ledger.run(
        "INSERT INTO link (token_sha256, stream, assignment, body, contact, purpose, outbox,"
        " created_at, expires_at) SELECT :token, stream, assignment, body, contact, purpose,"
        " outbox, created_at, expires_at FROM link WHERE token_sha256 = :of",
        token="f" * 64,
        of=link["token_sha256"],
    )
    return {"row": f"link:{'f' * 64}"}


@attack(Code.LINK_ADDED, "A link to act is hung on a mail that is about no document.")
def link_on_a_plain_mail(ledger: Ledger) -> Place:
    ledger.run(
        "INSERT INTO link (token_sha256, stream, assignment, body, contact, purpose, outbox,"
        " created_at, expires_at) SELECT :token, stream, assignment, body, contact, purpose,"
        " (SELECT min(key) FROM outbox WHERE stream = ''), created_at, expires_at"
        " FROM link WHERE token_sha256 = :of",
        token="e" * 64,
        of=_link(ledger)["token_sha256"],
    )
    return {"row": f"link:{'e' * 64}"}


def of_a_link(name: str, value: object, sentence: str) -> None:
    """Enter an attack on one column of a link."""

    def act(ledger: Ledger) -> Place:
        token = _link(ledger)["token_sha256"]
        ledger.run(
            f"UPDATE link SET {name} = :new WHERE token_sha256 = :token", new=value, token=token
        )
        return {"row": f"link:{token}", "data": {"column": name}}

    ATTACKS.append(Attack(f"link_{name}", sentence, Code.LINK_ALTERED, act))


of_a_link("person", "p_0000000000000001", "Somebody is said to have asked for a mail's link.")
of_a_link("revoked_at", "2023-09-20T01:00:00.000000Z", "A unit's link is ended by nobody's word.")
of_a_link("body", "ward-9", "A link is turned to another body.")
of_a_link("assignment", f"{REPORTS}@{UNITS[1]}", "A link is turned to another duty.")
of_a_link("purpose", "review", "A link to look becomes a link to judge.")
of_a_link("expires_at", "2099-01-01T00:00:00.000000Z", "A link is made to live for ever.")


@attack(Code.LINK_ALTERED, "The link of a mail that has gone is bound to a secret of one's own.")
def link_rebound(ledger: Ledger) -> Place:
    row = ledger.rows(
        "SELECT o.key AS key FROM outbox o JOIN link l ON l.outbox = o.key"
        " WHERE o.stream IN (SELECT stream FROM ledger_event WHERE type = 'NoticeQueued')"
        " ORDER BY o.seq DESC, o.key"
    )[0]
    token = hashlib.sha256(b"mine").hexdigest()
    ledger.run("UPDATE outbox SET token = NULL WHERE key = :key", key=row["key"])
    ledger.run(
        "UPDATE link SET token_sha256 = :token WHERE outbox = :key", token=token, key=row["key"]
    )
    return {"row": f"link:{token}"}


@attack(Code.LINK_ALTERED, "The secret of a mail that is still to go is replaced by one's own.")
def link_secret(ledger: Ledger) -> Place:
    row = ledger.rows("SELECT key FROM outbox WHERE token IS NOT NULL ORDER BY key")[0]
    ledger.run("UPDATE outbox SET token = 'mine' WHERE key = :key", key=row["key"])
    token = ledger.value("SELECT token_sha256 FROM link WHERE outbox = :key", key=row["key"])
    return {"row": f"link:{token}", "data": {"column": "token_sha256"}}


def _behalf(ledger: Ledger, token: str, expires: str) -> None:
    office = _opened(ledger)
    ledger.run(
        "INSERT INTO link (token_sha256, stream, assignment, body, contact, purpose, outbox,"
        " created_at, expires_at, person) SELECT :token, stream, assignment, body, contact,"
        " purpose, outbox, created_at, :expires, person FROM link WHERE token_sha256 = :of",
        token=token,
        expires=expires,
        of=office["token_sha256"],
    )


def _opened(ledger: Ledger) -> Any:
    return ledger.rows("SELECT * FROM link WHERE purpose = 'behalf'")[0]


@attack(Code.LINK_ADDED, "A page to enter papers is opened that no entry tells of.")
def behalf_invented(ledger: Ledger) -> Place:
    _behalf(ledger, "a" * 64, "2099-01-01T00:00:00.000000Z")
    return {"row": f"link:{'a' * 64}"}


@attack(Code.LINK_ADDED, "The same, and it is said to have run out before anybody looks.")
def behalf_invented_and_over(ledger: Ledger) -> Place:
    _behalf(ledger, "b" * 64, "2023-11-20T04:00:00.000000Z")
    return {"row": f"link:{'b' * 64}"}


@attack(Code.LINK_ADDED, "A link is made that shows the whole ledger.")
def auditor_invented(ledger: Ledger) -> Place:
    ledger.run(
        "INSERT INTO link (token_sha256, stream, assignment, body, contact, purpose, outbox,"
        " created_at, expires_at) SELECT :token, '', '', '@auditor', '', 'audit', '', created_at,"
        " '2099-01-01T00:00:00.000000Z' FROM link WHERE token_sha256 = :of",
        token="c" * 64,
        of=_opened(ledger)["token_sha256"],
    )
    return {"row": f"link:{'c' * 64}"}


@attack(Code.LINK_MISSING, "That an office opened a page for papers is deleted.")
def behalf_deleted(ledger: Ledger) -> Place:
    token = _opened(ledger)["token_sha256"]
    ledger.run("DELETE FROM link WHERE token_sha256 = :token", token=token)
    return {"row": f"link:{token}", "stream": ADMIN}


@attack(Code.LINK_ALTERED, "A page for one unit's paper is turned to another's.")
def behalf_turned(ledger: Ledger) -> Place:
    token = _opened(ledger)["token_sha256"]
    ledger.run(
        "UPDATE link SET assignment = :other WHERE token_sha256 = :token",
        other=f"{REPORTS}@{UNITS[1]}",
        token=token,
    )
    return {"row": f"link:{token}", "data": {"column": "assignment"}}


@attack(Code.LINK_ALTERED, "Another person is said to have opened a page for papers.")
def behalf_of_another(ledger: Ledger) -> Place:
    token = _opened(ledger)["token_sha256"]
    ledger.run("UPDATE link SET person = 'p_0000000000000001' WHERE token_sha256 = :t", t=token)
    return {"row": f"link:{token}", "data": {"column": "person"}}


# --- Names and addresses ------------------------------------------------------------------------


def _person_of(ledger: Ledger) -> tuple[int, str]:
    seq = ledger.seq("Accepted", f"{SYNTHESIS}")
    return seq, str(ledger.body(seq)["data"]["person"])


@attack(Code.PERSON_ROW, "A name is destroyed without an entry that says so.")
def person_key_deleted(ledger: Ledger) -> Place:
    _, ref = _person_of(ledger)
    ledger.run("DELETE FROM vault_key WHERE ref = :ref", ref=ref)
    return {"row": f"person:{ref}"}


@attack(Code.PERSON_ROW, "The row of a name disappears.")
def person_deleted(ledger: Ledger) -> Place:
    seq, ref = _person_of(ledger)
    ledger.run(
        "DELETE FROM person WHERE ref = :ref", "DELETE FROM vault_key WHERE ref = :ref", ref=ref
    )
    return {"row": f"person:{ref}", "seq": seq}


@attack(Code.PERSON_ROW, "A name is said to have been typed after the act that bears it.")
def person_later(ledger: Ledger) -> Place:
    seq, ref = _person_of(ledger)
    ledger.run("UPDATE person SET created_at = '2024-01-01T00:00:00.000000Z' WHERE ref = :r", r=ref)
    return {"row": f"person:{ref}", "seq": seq}


@attack(Code.PERSON_ROW, "A name that was erased is put back from a backup.")
def person_put_back(ledger: Ledger) -> Place:
    seq = ledger.seq("Erased")
    ref = ledger.body(seq)["data"]["ref"]
    ledger.run("INSERT INTO vault_key (ref, wrapped) VALUES (:ref, :key)", ref=ref, key=b"x")
    return {"row": f"person:{ref}", "seq": seq}


@attack(Code.PERSON_ROW, "An address is destroyed without an entry.")
def contact_emptied(ledger: Ledger) -> Place:
    ref = ledger.value("SELECT min(ref) AS ref FROM contact")
    ledger.run("UPDATE contact SET sealed = NULL, mark = NULL WHERE ref = :ref", ref=ref)
    return {"row": f"contact:{ref}"}


@attack(Code.PERSON_ROW, "An address is put out of use without an entry.")
def contact_retired(ledger: Ledger) -> Place:
    ref = ledger.value("SELECT min(ref) AS ref FROM contact")
    when = "2023-10-01T00:00:00.000000Z"
    ledger.run("UPDATE contact SET retired_at = :at WHERE ref = :ref", at=when, ref=ref)
    return {"row": f"contact:{ref}"}


# --- Projections, texts and files ---------------------------------------------------------------


def of_a_document(name: str, value: object, sentence: str) -> None:
    """Enter an attack on one column of the table of documents."""

    def act(ledger: Ledger) -> Place:
        ledger.run(f"UPDATE stream SET {name} = :new WHERE id = :city", new=value, city=CITY)
        return {"row": f"stream:{CITY}", "data": {"column": name}}

    ATTACKS.append(Attack(f"document_{name}", sentence, Code.STREAM_ROW, act))


of_a_document("position", 3, "A document is said to stand where it stood before.")
of_a_document("next_due", "2099-01-01T00:00:00.000000Z", "Time is kept from acting on a document.")
of_a_document("issued_at", None, "A document is shown as not issued.")
of_a_document("completed_at", "2023-10-01T00:00:00.000000Z", "A document is shown as done early.")
of_a_document("number", "1-KH/TU", "A document is shown under another number.")
of_a_document("package", "other", "A document is shown in another package.")
of_a_document("parent", None, "A document is cut loose from the one above.")


@attack(Code.STREAM_MISSING, "A document disappears from the table of documents.")
def document_deleted(ledger: Ledger) -> Place:
    ledger.run("DELETE FROM stream WHERE id = :city", city=CITY)
    return {"stream": CITY}


@attack(Code.STREAM_ADDED, "A document is shown that was never entered.")
def document_invented(ledger: Ledger) -> Place:
    ledger.run("INSERT INTO stream (id, package, number, position) VALUES ('1-KH', 'x', '1-KH', 0)")
    return {"stream": "1-KH"}


def _text_of(ledger: Ledger) -> tuple[int, str]:
    seq = ledger.seq("Submitted", f"{REPORTS}@{UNITS[0]}")
    return seq, ledger.body(seq)["data"]["report"]["text_sha256"]


@attack(Code.TEXT_ALTERED, "The text of a report is replaced.")
def text_replaced(ledger: Ledger) -> Place:
    _, digest = _text_of(ledger)
    ledger.run("UPDATE blob SET content = :new WHERE sha256 = :d", new=b"khac", d=digest)
    return {"row": f"blob:{digest}"}


@attack(Code.TEXT_MISSING, "The text of a report is deleted.")
def text_deleted(ledger: Ledger) -> Place:
    seq, digest = _text_of(ledger)
    ledger.run("DELETE FROM blob WHERE sha256 = :d", d=digest)
    return {"seq": seq, "row": f"blob:{digest}"}


@attack(Code.NOTE_ROOT, "A text is replaced under a new hash, its fact follows, re-chained.")
def text_replaced_thoroughly(ledger: Ledger) -> Place:
    seq, digest = _text_of(ledger)
    new = hashlib.sha256(b"khac").hexdigest()
    ledger.run(
        "UPDATE blob SET content = :content, sha256 = :new WHERE sha256 = :d",
        content=b"khac",
        new=new,
        d=digest,
    )

    def change(body: Body) -> None:
        body["data"]["report"]["text_sha256"] = new

    ledger.edit(seq, change)
    return {"between": (ledger.sizes[0] + 1, ledger.sizes[1])}


def _file_of(ledger: Ledger) -> tuple[int, str]:
    seq = ledger.seq("Submitted", f"{SYNTHESIS}")
    return seq, ledger.body(seq)["data"]["report"]["files"][0]["sha256"]


@attack(Code.FILE_ALTERED, "A file of a report is replaced.")
def file_replaced(ledger: Ledger) -> Place:
    seq, digest = _file_of(ledger)
    kept(ledger.folder / "files", digest).write_bytes(b"%PDF-1.7 khac")
    return {"seq": seq, "row": f"file:{digest}"}


@attack(Code.FILE_MISSING, "A file of a report is deleted.")
def file_deleted(ledger: Ledger) -> Place:
    seq, digest = _file_of(ledger)
    kept(ledger.folder / "files", digest).unlink()
    return {"seq": seq, "row": f"file:{digest}"}


@attack(Code.FILE_ALTERED, "A file is said to be of another kind, so that it opens otherwise.")
def file_relabelled(ledger: Ledger) -> Place:
    seq, digest = _file_of(ledger)
    ledger.run("UPDATE attachment SET media = 'text/html' WHERE sha256 = :d", d=digest)
    return {"seq": seq, "row": f"attachment:{digest}"}


@attack(Code.FILE_MISSING, "A file is struck from the table of files.")
def file_unlisted(ledger: Ledger) -> Place:
    seq, digest = _file_of(ledger)
    ledger.run("DELETE FROM attachment WHERE sha256 = :d", d=digest)
    return {"seq": seq, "row": f"attachment:{digest}"}


@attack(Code.FILE_ALTERED, "A file is taken from the version of the report that it came with.")
def file_taken_away(ledger: Ledger) -> Place:
    seq, _ = _file_of(ledger)
    ledger.run("DELETE FROM attachment_use")
    return {"seq": seq, "row": f"attachment_use:{SYNTHESIS}@btg|report|1"}


@attack(Code.FILE_ALTERED, "A file is said to have come after the report that names it.")
def file_later(ledger: Ledger) -> Place:
    seq, digest = _file_of(ledger)
    ledger.run(
        "UPDATE attachment SET created_at = '2024-01-01T00:00:00.000000Z' WHERE sha256 = :d",
        d=digest,
    )
    return {"seq": seq, "row": f"attachment:{digest}"}


def _use(ledger: Ledger, assignment: str, number: int) -> None:
    ledger.run(
        "INSERT INTO attachment_use (stream, assignment, part, number, position, sha256, label)"
        " SELECT stream, :a, part, :n, position, sha256, label FROM attachment_use",
        a=assignment,
        n=number,
    )


@attack(Code.FILE_ALTERED, "A file is hung on a report that came without any.")
def file_given(ledger: Ledger) -> Place:
    _use(ledger, f"{REPORTS}@{UNITS[0]}", 1)
    return {"row": f"attachment_use:{REPORTS}@{UNITS[0]}|report|1"}


@attack(Code.FILE_ALTERED, "A file is hung on a version of a report that was never handed in.")
def file_of_no_report(ledger: Ledger) -> Place:
    _use(ledger, f"{REPORTS}@{UNITS[0]}", 9)
    return {"row": f"attachment_use:{REPORTS}@{UNITS[0]}|report|9"}


# --- What guards the ledger ---------------------------------------------------------------------


@attack(Code.SCHEMA_MISSING, "A guard of the ledger is removed and not put back.")
def guard_removed(ledger: Ledger) -> Place:
    name = "ledger_event_next_only"
    with ledger.unguarded() as connection:
        if not ledger.sqlite:
            connection.exec_driver_sql(f"DROP TRIGGER {name} ON ledger_event")
    if ledger.sqlite:
        with ledger.unguarded(restore=False):
            pass
    return {"row": f"trigger {name}"}


@attack(Code.SCHEMA_ALTERED, "A guard is replaced by one of the same name that guards nothing.")
def guard_replaced(ledger: Ledger) -> Place:
    if ledger.sqlite:
        name = "ledger_event_no_update"
        with ledger.unguarded() as connection:
            pass
        with ledger._engine.begin() as connection:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON ledger_event BEGIN SELECT 1; END"
            )
        return {"row": f"trigger {name}"}
    ledger.run(
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$"
    )
    return {"row": "function ledger_refuse"}


@attack(Code.SCHEMA_ADDED, "A trigger is added that changes what is written elsewhere.")
def guard_added(ledger: Ledger) -> Place:
    if ledger.sqlite:
        with ledger._engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER quietly AFTER INSERT ON outbox BEGIN"
                " UPDATE outbox SET state = 'cancelled' WHERE key = NEW.key; END"
            )
    else:
        ledger.run(
            "CREATE TRIGGER quietly BEFORE INSERT ON outbox FOR EACH ROW"
            " EXECUTE FUNCTION ledger_refuse()"
        )
    return {"row": "trigger quietly"}


@attack(Code.SCHEMA_ADDED, "A trigger is added under a name that looks like the database's own.")
def guard_added_in_disguise(ledger: Ledger) -> Place:
    if ledger.sqlite:
        name = "sqlite0quietly"  # "_" in LIKE is any letter
        with ledger._engine.begin() as connection:
            connection.exec_driver_sql(
                f"CREATE TRIGGER {name} AFTER INSERT ON outbox BEGIN"
                " UPDATE outbox SET state = 'cancelled' WHERE key = NEW.key; END"
            )
    else:
        name = "ledger_event_no_change"
        ledger.run(
            f"CREATE TRIGGER {name} BEFORE INSERT ON outbox FOR EACH ROW"
            " EXECUTE FUNCTION ledger_refuse()"
        )
    return {"row": f"trigger {name}"}


@attack(Code.SCHEMA_ADDED, "A trigger is called as a table is that nobody compares.")
def guard_added_as_a_table(ledger: Ledger) -> Place:
    body = (
        "AFTER INSERT ON outbox BEGIN DELETE FROM outbox WHERE key = NEW.key; END"
        if ledger.sqlite
        else "BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION ledger_refuse()"
    )
    with ledger._engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TRIGGER alembic_version {body}")
    return {"row": "trigger alembic_version"}


def of_the_schema(name: str, what: str, statement: str, sentence: str) -> None:
    """Enter an attack that adds something of the insider's own to the database."""

    def act(ledger: Ledger) -> Place:
        with ledger._engine.begin() as connection:
            connection.exec_driver_sql(statement)
        return {"row": what}

    ATTACKS.append(Attack(f"guard_{name}", sentence, Code.SCHEMA_ADDED, act))


of_the_schema(
    "table_added",
    "table quietly",
    "CREATE TABLE quietly (secret TEXT)",
    "A table is added, in which copies of secrets are kept.",
)
of_the_schema(
    "index_added",
    "index quietly",
    "CREATE UNIQUE INDEX quietly ON outbox (key, state)",
    "A unique index is added, by which a mail will be refused.",
)
of_the_schema(
    "view_added",
    "view quietly",
    "CREATE VIEW quietly AS SELECT * FROM ledger_event WHERE type <> 'Escalated'",
    "A view is added that shows less than the table.",
)


@attack(
    Code.DAMAGED, "An index of the file is altered, so that look-ups miss a fact.", sqlite_only=True
)
def index_altered(ledger: Ledger) -> Place:
    ledger.damage_index()
    return {}


# --- Checkpoints --------------------------------------------------------------------------------


@attack(Code.CHECKPOINT_MISSING, "A checkpoint is deleted from the database.")
def checkpoint_deleted(ledger: Ledger) -> Place:
    size = ledger.sizes[2]
    ledger.run("DELETE FROM ledger_checkpoint WHERE size = :size", size=size)
    return {"row": f"ledger_checkpoint:{size}"}


def _mine(ledger: Ledger) -> Signer:
    """The attacker's own key, under the ledger's name."""
    return Signer.of(f"cascade/{_log_id(ledger)}", bytes(range(32)))


@attack(Code.NOTE_SIGNATURE, "The past is rewritten and its checkpoints signed with another key.")
def checkpoints_signed_anew(ledger: Ledger) -> Place:
    ledger.edit(ledger.seq("Acknowledged"), another_person)
    signer = _mine(ledger)
    for row in ledger.rows("SELECT size, root FROM ledger_checkpoint"):
        said = Checkpoint(signer.name, row["size"], bytes(row["root"]))
        ledger.run(
            "UPDATE ledger_checkpoint SET note = :note, key_id = :key WHERE size = :size",
            note=sign(said.text(), [signer]),
            key=signer.verifier.key_id.hex(),
            size=row["size"],
        )
    ledger.run(
        "DELETE FROM ledger_key",
        "INSERT INTO ledger_key (key_id, vkey, from_size) VALUES (:key, :vkey, :size)",
        key=signer.verifier.key_id.hex(),
        vkey=signer.verifier.vkey,
        size=ledger.sizes[0],
    )
    return {"row": f"ledger_checkpoint:{ledger.sizes[0]}"}


@attack(Code.KEY_ROW, "The row of the key is replaced by another key.")
def key_replaced(ledger: Ledger) -> Place:
    signer = _mine(ledger).verifier
    ledger.run(
        "UPDATE ledger_key SET key_id = :key, vkey = :vkey WHERE until_size IS NULL",
        key=signer.key_id.hex(),
        vkey=signer.vkey,
    )
    return {"row": f"ledger_key:{signer.key_id.hex()}"}


@attack(Code.KEY_ROW, "A key is said to have signed for longer than it did.")
def key_prolonged(ledger: Ledger) -> Place:
    key = ledger.value("SELECT key_id FROM ledger_key WHERE until_size IS NOT NULL")
    ledger.run("UPDATE ledger_key SET until_size = 9999 WHERE key_id = :key", key=key)
    return {"row": f"ledger_key:{key}"}


@attack(Code.KEY_ROW, "The row of a key that has signed is deleted.")
def key_deleted(ledger: Ledger) -> Place:
    key = ledger.value("SELECT key_id FROM ledger_key WHERE until_size IS NOT NULL")
    ledger.run("DELETE FROM ledger_key WHERE key_id = :key", key=key)
    return {"row": f"ledger_key:{key}"}


@attack(Code.KEY_ROW, "A checkpoint is laid to a key that had handed over before.")
def key_used_again(ledger: Ledger) -> Place:
    size = ledger.sizes[-1] + 1
    key = ledger.value("SELECT key_id FROM ledger_key WHERE until_size IS NOT NULL")
    ledger.run(
        "INSERT INTO ledger_checkpoint (size, root, note, key_id, signed_at, frontier)"
        " SELECT :size, root, note, :key, signed_at, frontier FROM ledger_checkpoint"
        " WHERE size = :last",
        size=size,
        key=key,
        last=ledger.sizes[-1],
    )
    why = f"ledger_checkpoint:{size} > {size - 2}"
    return {"row": f"ledger_key:{key}", "data": {"why": why}}


@attack(Code.KEY_ROW, "A rotation to the attacker's key is recorded, signed by that key alone.")
def rotation_forged(ledger: Ledger) -> Place:
    bodies = ledger.bodies()
    given = bodies[ledger.seq("KeyRotated") - 1]
    signer = _mine(ledger)
    old = Keyring(ledger.folder / "keys").verifiers()[-1]
    lines = (signer.name, "key-rotation", old.vkey, signer.verifier.vkey)
    forged = copies.deepcopy(given) | {"seq": -1, "dedup_key": f"{ADMIN}|KeyRotated|x"}
    forged["recorded_at"] = forged["at"] = forged["data"]["at"] = bodies[-1]["recorded_at"]
    forged["data"]["note"] = sign("".join(f"{line}\n" for line in lines), [signer])
    ledger.rechain([*bodies, forged])
    return {"seq": len(bodies) + 1}


@attack(Code.FORK, "The signer was shown two histories, and signed both.")
def forked(ledger: Ledger) -> Place:
    # The only one who can: with the key in hand. The auditors hold one note each.
    keyring = Keyring(ledger.folder / "keys")
    signer = keyring.signer(f"cascade/{_log_id(ledger)}")
    size = ledger.sizes[-1]
    other = Checkpoint(signer.name, size, hashlib.sha256(b"another past").digest())
    ledger.held.append(Held("second-auditor.note", sign(other.text(), [signer]).encode()))
    return {"row": "second-auditor.note", "between": (1, size)}


def of_a_checkpoint(name: str, value: object, code: Code, sentence: str) -> None:
    """Enter an attack on one column of a checkpoint that was mailed to nobody."""

    def act(ledger: Ledger) -> Place:
        size = ledger.sizes[2]
        ledger.run(
            f"UPDATE ledger_checkpoint SET {name} = :new WHERE size = :size", new=value, size=size
        )
        return {"row": f"ledger_checkpoint:{size}"}

    ATTACKS.append(Attack(f"checkpoint_{name}", sentence, code, act))


of_a_checkpoint("root", bytes(32), Code.CHECKPOINT_ROW, "The root of a checkpoint is changed.")
of_a_checkpoint(
    "frontier", bytes(64), Code.CHECKPOINT_ROW, "The subtrees of a checkpoint are changed."
)


@attack(Code.CHECKPOINT_ROW, "Root and subtrees of a checkpoint are those of another one.")
def checkpoint_of_another_size(ledger: Ledger) -> Place:
    size = ledger.sizes[2]
    other = ledger.rows(
        "SELECT root, frontier FROM ledger_checkpoint WHERE size = :size", size=ledger.sizes[1]
    )[0]
    ledger.run(
        "UPDATE ledger_checkpoint SET root = :root, frontier = :frontier WHERE size = :size",
        root=other["root"],
        frontier=other["frontier"],
        size=size,
    )
    return {"row": f"ledger_checkpoint:{size}"}


of_a_checkpoint("key_id", "00000000", Code.CHECKPOINT_ROW, "A checkpoint is laid to another key.")
of_a_checkpoint("note", "không", Code.NOTE_DAMAGED, "The note of a checkpoint is made unreadable.")


@attack(Code.NOTE_SIGNATURE, "A checkpoint is signed anew, by another key under the same name.")
def checkpoint_signature(ledger: Ledger) -> Place:
    size = ledger.sizes[2]
    row = ledger.rows("SELECT root FROM ledger_checkpoint WHERE size = :size", size=size)[0]
    said = Checkpoint(_mine(ledger).name, size, bytes(row["root"]))
    ledger.run(
        "UPDATE ledger_checkpoint SET note = :note WHERE size = :size",
        note=sign(said.text(), [_mine(ledger)]),
        size=size,
    )
    return {"row": f"ledger_checkpoint:{size}"}


@attack(Code.NOTE_ORIGIN, "The checkpoint of another ledger is put in the place of one's own.")
def checkpoint_of_another(ledger: Ledger) -> Place:
    signer = Signer.of("cascade/0000000000000000", bytes(range(32)))
    size = ledger.sizes[2]
    root = bytes(ledger.value("SELECT root FROM ledger_checkpoint WHERE size = :size", size=size))
    ledger.run(
        "UPDATE ledger_checkpoint SET note = :note WHERE size = :size",
        note=sign(Checkpoint(signer.name, size, root).text(), [signer]),
        size=size,
    )
    return {"row": f"ledger_checkpoint:{size}"}


@attack(Code.ANCHOR_ROW, "That a checkpoint was handed to the auditors is deleted.")
def witness_deleted(ledger: Ledger) -> Place:
    row = ledger.rows("SELECT * FROM ledger_anchor ORDER BY id")[0]
    ledger.run("DELETE FROM ledger_anchor WHERE id = :id", id=row["id"])
    return {"row": f"outbox:{row['ref']}"}


@attack(Code.ANCHOR_ROW, "A witness is invented who was handed a checkpoint.")
def witness_invented(ledger: Ledger) -> Place:
    ledger.run(
        "INSERT INTO ledger_anchor (id, size, channel, ref, state, at)"
        " SELECT 900, size, channel, 'x', state, at FROM ledger_anchor WHERE id ="
        " (SELECT min(id) FROM ledger_anchor)"
    )
    return {"row": "ledger_anchor:900"}


@attack(Code.MAIL_ALTERED, "The note in a mail to the auditors is exchanged before it goes.")
def mailed_note_exchanged(ledger: Ledger) -> Place:
    mail = ledger.rows("SELECT key, detail FROM outbox WHERE kind = 'checkpoint' ORDER BY key")[0]
    said = json.loads(mail["detail"]) | {"note": "không"}
    ledger.run(
        "UPDATE outbox SET detail = :detail WHERE key = :key",
        detail=canonical(said).decode(),
        key=mail["key"],
    )
    return {"row": f"outbox:{mail['key']}", "data": {"column": "detail"}}


@attack(Code.ANCHOR_ROW, "An auditor is said to have got a checkpoint whose mail still waits.")
def witness_state(ledger: Ledger) -> Place:
    number = ledger.value("SELECT min(id) AS id FROM ledger_anchor")
    ledger.run("UPDATE ledger_anchor SET state = 'sent' WHERE id = :id", id=number)
    return {"row": f"ledger_anchor:{number}"}


@attack(Code.ANCHOR_ROW, "A checkpoint is said to have been handed out on another day.")
def witness_at(ledger: Ledger) -> Place:
    number = ledger.value("SELECT min(id) AS id FROM ledger_anchor")
    at = "2023-09-18T03:00:00.000000Z"
    ledger.run("UPDATE ledger_anchor SET at = :at WHERE id = :id", at=at, id=number)
    return {"row": f"ledger_anchor:{number}"}


@attack(Code.ANCHOR_ROW, "A second witness is said to have got the mail of the first.")
def witness_doubled(ledger: Ledger) -> Place:
    ledger.run(
        "INSERT INTO ledger_anchor (id, size, channel, ref, state, at)"
        " SELECT 901, size, 'mail:c_00000000000000ff', ref, state, at FROM ledger_anchor WHERE id ="
        " (SELECT min(id) FROM ledger_anchor)"
    )
    return {"row": "ledger_anchor:901"}


@attack(Code.CHECKPOINT_ROW, "A checkpoint is said to have been signed before a smaller one.")
def checkpoint_signed_at(ledger: Ledger) -> Place:
    size = ledger.sizes[1]
    ledger.run(
        "UPDATE ledger_checkpoint SET signed_at = '2023-09-01T00:00:00.000000Z' WHERE size = :size",
        size=size,
    )
    return {"row": f"ledger_checkpoint:{size}"}


@attack(Code.CHECKPOINT_ROW, "A checkpoint is said to have been signed after it was handed out.")
def checkpoint_signed_later(ledger: Ledger) -> Place:
    size = ledger.sizes[-1]
    ledger.run(
        "UPDATE ledger_checkpoint SET signed_at = '2024-09-01T00:00:00.000000Z' WHERE size = :size",
        size=size,
    )
    return {"row": f"ledger_checkpoint:{size}"}


@attack(Code.RESTORED_FORGED, "A restoration is declared, signed by the attacker's key alone.")
def restoration_forged(ledger: Ledger) -> Place:
    bodies = ledger.bodies()
    left, root = len(bodies), frontier_root(bytes(ledger.value("SELECT frontier FROM ledger_head")))
    mine = _mine(ledger)
    said = Declaration(mine.name, 999, bytes(32), 0, left, root, mine.verifier.vkey)
    forged = copies.deepcopy(bodies[ledger.seq("KeyRotated") - 1])
    forged |= {"seq": -1, "type": "Restored", "dedup_key": f"{ADMIN}|Restored|x"}
    forged["recorded_at"] = forged["at"] = forged["data"]["at"] = bodies[-1]["recorded_at"]
    forged["data"] |= {"authority": "1-QĐ/TU", "note": said.note(mine)}
    ledger.rechain([*bodies, forged])
    ledger.run("UPDATE ledger_head SET epoch = 2")
    return {"seq": left + 1}
