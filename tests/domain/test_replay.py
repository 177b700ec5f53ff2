"""Both axes of time: what counts when, what time had made due, and what is set aside."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import DateTime

from audit.bodies import Body
from audit.diff import Difference, between
from audit.reading import Row
from audit.replay import History, NoSuchDocument, state_at
from audit.timeline import Course, Status, timeline
from audit.told import diff_json, replay_json
from models.codec import encode, instant_of, instant_text
from models.domain.calendar import at, midnight
from models.domain.chain import canonical
from models.domain.errors import ImpossibleFact
from models.domain.facts import (
    Acknowledged,
    BecameOverdue,
    Escalated,
    Fact,
    GateOpened,
    Issued,
    Opened,
    Registered,
    Reminded,
    Report,
    Submitted,
    key_of,
)
from models.domain.state import Progress
from models.domain.terms import DocumentKey, Phase
from tests.builders import (
    BTG,
    CITY,
    ISSUE_AT,
    LINK,
    PERSON,
    REPORTS,
    REPORTS_DUE,
    SYNTHESIS,
    UNITS,
    city,
    copy,
)
from tests.histories import files

UNIT = copy(REPORTS)
TICK = timedelta(microseconds=1)
ENTERED = ISSUE_AT.subtract(days=3)
THE_DAY = at(date(2023, 10, 15), 8)


def ledger(*told: tuple[Fact, DateTime], stream: str = CITY) -> list[Row]:
    """Return rows of a ledger in which each fact was recorded at the instant beside it."""
    bodies = []
    for seq, (fact, recorded) in enumerate(told, start=1):
        body = {
            "at": instant_text(fact.at),
            "cause": None,
            "data": encode(fact),
            "dedup_key": f"{stream}|{key_of(fact)}",
            "kind": "I",
            "prev": "00" * 32,
            "recorded_at": instant_text(recorded),
            "rules": "1",
            "seq": seq,
            "stream": stream,
            "stream_seq": seq,
            "type": type(fact).__name__,
            "v": 1,
        }
        bodies.append(canonical(body))
    return [*files.rows_of(bodies)]


def opened(*more: tuple[Fact, DateTime], entered: DateTime = ENTERED) -> list[Row]:
    """Return a ledger in which one unit's report is owed, and *more*."""
    document = city(obligations=city().obligations[1:2], reports_when=None)
    return ledger(
        (Registered(entered, document, "vp"), entered),
        (Issued(ISSUE_AT), max(entered, ISSUE_AT)),
        *(
            (Opened(ISSUE_AT, copy(REPORTS, unit), REPORTS_DUE), max(entered, ISSUE_AT))
            for unit in UNITS
        ),
        *more,
    )


def told(when: DateTime) -> Fact:
    return Submitted(when, UNIT, 1, Report(), PERSON, LINK)


def test_before_anything_happened_the_text_is_known_and_nothing_is_owed() -> None:
    replayed = state_at(opened(), CITY, ENTERED.subtract(years=1))
    assert replayed.state.issued_at is None
    assert {each.phase for each in replayed.state.progress.values()} == {Phase.PENDING}


def test_before_the_text_was_entered_nothing_was_known() -> None:
    replayed = state_at(opened(), CITY, THE_DAY, ENTERED - TICK)
    assert replayed.state.plan is None
    assert replayed.items == ()
    assert json.dumps(replay_json(replayed))


def test_a_directive_that_was_entered_afterwards_is_replayed_as_it_was() -> None:
    entered = at(date(2024, 2, 1), 9)
    replayed = state_at(opened(entered=entered), CITY, THE_DAY)
    assert replayed.state.issued_at == ISSUE_AT
    assert replayed.state.progress[UNIT].phase is Phase.OPEN
    assert state_at(opened(entered=entered), CITY, THE_DAY, THE_DAY).state.plan is None


def test_a_fact_counts_from_its_own_instant_on_and_is_known_from_its_record_on() -> None:
    happened, recorded = at(date(2023, 10, 10), 9), at(date(2023, 10, 25), 9)
    history = History.read(opened((told(happened), recorded)), CITY)

    def phase(instant: DateTime, known: DateTime | None = None) -> Phase:
        return history.at(instant, known).state.progress[UNIT].phase

    assert phase(happened - TICK) is Phase.OPEN
    assert phase(happened) is Phase.SUBMITTED
    assert phase(happened, happened) is Phase.OPEN
    assert phase(happened, recorded - TICK) is Phase.OPEN
    assert phase(happened, recorded) is Phase.SUBMITTED


def test_what_had_fallen_due_is_derived_although_nobody_had_looked() -> None:
    instant = at(date(2023, 10, 26), 12)
    replayed = state_at(opened(), CITY, instant)
    copy_then = replayed.state.progress[UNIT]
    assert (copy_then.overdue_at, copy_then.rung) == (REPORTS_DUE, 2)
    mine = [item.fact for item in replayed.derived if getattr(item.fact, "assignment", "") == UNIT]
    assert [type(fact) for fact in mine] == [
        Reminded,
        Reminded,
        BecameOverdue,
        Reminded,
        Escalated,
        Escalated,
    ]
    assert all(fact.at <= instant for fact in mine)
    assert all(item.seq is None for item in replayed.derived)
    assert len(replay_json(replayed)["derived"]) == len(replayed.derived)


def test_what_became_due_is_what_the_ledger_says_where_somebody_looked() -> None:
    """A report of 10/10 that was entered on 25/10: the missed bound of the 21st stays recorded."""
    happened, recorded = at(date(2023, 10, 10), 9), at(date(2023, 10, 25), 9)
    rows = opened(
        (BecameOverdue(REPORTS_DUE, UNIT), at(date(2023, 10, 22), 8)), (told(happened), recorded)
    )
    history = History.read(rows, CITY)
    before = history.at(at(date(2023, 10, 20), 8)).state.progress[UNIT]
    assert (before.phase, before.overdue_at) == (Phase.SUBMITTED, None)
    after = history.at(at(date(2023, 10, 22), 8)).state.progress[UNIT]
    assert (after.phase, after.overdue_at) == (Phase.SUBMITTED, REPORTS_DUE)
    # As it was known on the 22nd: owed, and late.
    then = history.at(at(date(2023, 10, 22), 8), at(date(2023, 10, 22), 8)).state.progress[UNIT]
    assert (then.phase, then.overdue_at) == (Phase.OPEN, REPORTS_DUE)


def test_what_is_backdated_beyond_its_cause_waits_for_it() -> None:
    gate = midnight(date(2023, 10, 27))
    early, synthesis = at(date(2023, 10, 20), 9), copy(SYNTHESIS, BTG)
    document = city(obligations=city().obligations[1:3])
    rows = ledger(
        (Registered(ENTERED, document, "vp"), ENTERED),
        (Issued(ISSUE_AT), ISSUE_AT),
        *((Opened(ISSUE_AT, copy(REPORTS, unit), REPORTS_DUE), ISSUE_AT) for unit in UNITS),
        (GateOpened(gate, SYNTHESIS, False, (), ()), gate),
        (Opened(gate, synthesis, None), gate),
        (Submitted(early, synthesis, 1, Report(), "", ""), gate),
    )
    history = History.read(rows, CITY)
    then = history.at(at(date(2023, 10, 21), 9))
    assert [item.seq for item in then.set_aside] == [len(rows)]
    assert then.state.progress[synthesis].phase is Phase.PENDING
    assert [each["seq"] for each in replay_json(then)["set_aside"]] == [len(rows)]
    now = history.at(gate)
    assert now.set_aside == ()
    assert now.state.progress[synthesis].phase is Phase.SUBMITTED


def test_a_ledger_that_holds_what_cannot_be_is_refused() -> None:
    rows = opened((told(THE_DAY), THE_DAY), (Acknowledged(THE_DAY, UNIT, PERSON, LINK), THE_DAY))
    with pytest.raises(ImpossibleFact):
        state_at(rows, CITY, THE_DAY)


def test_a_document_of_which_there_is_nothing_is_said_so() -> None:
    with pytest.raises(NoSuchDocument, match="999"):
        state_at(opened(), "999-KH/TU", THE_DAY)


def test_columns_are_not_believed() -> None:
    rows = [replace(row, at="2020-01-01T00:00:00.000000Z", type="Issued") for row in opened()]
    assert state_at(rows, CITY, THE_DAY).state == state_at(opened(), CITY, THE_DAY).state


def test_a_difference_names_what_is_otherwise_and_the_facts_that_did_it() -> None:
    acted = at(date(2023, 10, 16), 9)
    rows = opened((Acknowledged(acted, UNIT, PERSON, LINK), acted))
    history = History.read(rows, CITY)
    difference = between(history.at(acted - TICK), history.at(acted))
    (changed,) = difference.changed
    assert changed.assignment == UNIT
    assert {each.field: (each.before, each.after) for each in changed.changes} == {
        "phase": (Phase.OPEN, Phase.ACKNOWLEDGED),
        "acknowledged_at": (None, acted),
        "answered": (False, True),
    }
    assert [item.seq for item in changed.facts] == [len(rows)]
    told_in_json = diff_json(difference)["changed"][0]
    assert told_in_json["facts"][0]["type"] == "Acknowledged"
    assert between(history.at(acted), history.at(acted)).changed == ()


def test_a_difference_can_be_what_was_learned_later() -> None:
    happened, recorded = at(date(2023, 10, 10), 9), at(date(2023, 10, 25), 9)
    history = History.read(opened((told(happened), recorded)), CITY)
    instant = at(date(2023, 10, 23), 7)
    difference = between(history.at(instant, instant), history.at(instant))
    (changed,) = [each for each in difference.changed if each.assignment == UNIT]
    assert {type(item.fact) for item in changed.gone} == {Reminded, BecameOverdue}
    assert [type(item.fact) for item in changed.facts] == [Submitted]


def test_differences_of_two_documents_have_no_meaning() -> None:
    rows = files.rows("demo")
    with pytest.raises(ValueError, match="is not"):
        between(state_at(rows, "57-KL/TW", THE_DAY), state_at(rows, CITY, THE_DAY))


def status_at(course: Course, instant: DateTime) -> Status | None:
    found = [status for when, status in course if when <= instant]
    return found[-1] if found else None


@pytest.mark.parametrize("name", files.names())
def test_a_timeline_says_at_every_instant_what_a_replay_says(name: str) -> None:
    rows = files.rows(name)
    for document in dict.fromkeys(row.stream for row in rows):
        history = History.read(rows, document)
        moments = sorted(
            {each for body in history.bodies for each in (body.fact.at, body.recorded_at)}
        )
        end = moments[-1].add(days=30)
        courses = timeline(history, end)
        some = moments[:: max(1, len(moments) // 12)]
        for instant in [each + shift for each in (*some, end) for shift in (-TICK, timedelta(0))]:
            for course, replayed in (
                (courses.own, history.at(instant)),
                (courses.known, history.at(instant, instant)),
            ):
                for assignment in courses.own:
                    progress = replayed.state.progress.get(assignment)
                    expected = None if progress is None else Status.of(progress)
                    assert status_at(course.get(assignment, []), instant) == expected, (
                        assignment,
                        instant,
                    )


def test_one_fact_that_was_recorded_late_does_not_make_every_instant_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between its own instant and its record, only what each instant touches is looked at."""
    whole = History.read(files.rows("demo"), CITY)
    about = Counter(getattr(body.fact, "assignment", None) for body in whole.bodies)
    late = next(
        body
        for body in whole.bodies
        if isinstance(body.fact, Acknowledged) and about[body.fact.assignment] == 2
    )
    rest = [body for body in whole.bodies if body is not late]
    history = History(whole.document, [*rest, replace(late, recorded_at=rest[-1].recorded_at)])
    end = rest[-1].recorded_at
    expected = timeline(whole, end).own
    seen: list[Progress] = []
    status_of = Status.of

    def looked_at(copy: Progress) -> Status:
        seen.append(copy)
        return status_of(copy)

    monkeypatch.setattr(Status, "of", looked_at)
    assert timeline(history, end).own == expected
    instants = {body.fact.at for body in history.bodies}
    assert len(seen) < 6 * len(history.bodies) < len(instants) * len(expected) / 2


HISTORIES = [
    History.read(files.rows(name), document)
    for name in files.names()
    if name.startswith("generated-")
    for document in {row.stream for row in files.rows(name)}
]


@settings(max_examples=60)
@given(st.sampled_from(HISTORIES), st.integers(-5, 200), st.integers(0, 1440), st.data())
def test_laws_of_a_replay(history: History, days: int, minutes: int, data: st.DataObject) -> None:
    begin = history.bodies[0].fact.at
    instant = begin.add(days=days, minutes=minutes)
    known = begin.add(days=data.draw(st.integers(-5, 200)))
    replayed, then = history.at(instant), history.at(instant, known)
    # What is known later includes what was known; what counts lies not after the instant.
    assert all(counts <= instant for counts in map(_counts, replayed.items))
    recorded = {item.seq for item in (*then.items, *then.set_aside) if not item.derived}
    everything = {item.seq for item in (*replayed.items, *replayed.set_aside)}
    assert recorded <= everything
    # Nothing is derived that the ledger, as far as it is known, holds.
    keys = {key_of(body.fact) for body in history.bodies[: history.known(known)]}
    assert not keys & {item.key for item in then.derived}
    # With all knowledge of the far future, it is the ledger's own state.
    last = max(body.recorded_at for body in history.bodies)
    assert history.at(last).state.position >= len(history.bodies)
    assert isinstance(between(then, replayed), Difference)


def _counts(item: object) -> DateTime:
    fact = item.fact  # type: ignore[attr-defined]
    return DateTime.min.replace(tzinfo=fact.at.tzinfo) if isinstance(fact, Registered) else fact.at


def test_a_body_that_was_changed_has_another_hash() -> None:
    (row, *_) = files.rows("demo")
    changed = replace(row, body=row.body.replace(b'"by":"demo"', b'"by":"dem0"'))
    assert Body.of(changed).hash != row.leaf_hash.hex() == Body.of(row).hash
    assert instant_of(row.at) == Body.of(row).fact.at
    assert DocumentKey(row.stream) in {"57-KL/TW", "240-KH/TU", "256-KH/TU"}
