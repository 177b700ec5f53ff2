"""Many writers at once: no gap, nothing lost, nothing twice; and nothing of what failed."""

import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from models.domain.facts import Acknowledged, Report, Submitted
from models.domain.folding import fold
from models.domain.requests import Acknowledge, Submit
from models.domain.state import State
from models.domain.terms import DocumentKey, Phase
from tests.builders import (
    CITY,
    ISSUE_AT,
    LINK,
    PERSON,
    REPORTS,
    copy,
    many_units,
)
from tests.ledgers import acknowledge_each, audit, office

WRITERS, EACH = 4, 60


def test_processes_append_at_once(database_url: str, processes: ProcessPoolExecutor) -> None:
    document = many_units(WRITERS * EACH)
    assignments = [str(each) for each in document.obligations[0].assignments()]
    with office(database_url) as place:
        place.issue(document, addresses=())
        shares = [assignments[n::WRITERS] for n in range(WRITERS)]
        tasks = [processes.submit(acknowledge_each, database_url, CITY, each) for each in shares]
        assert [task.result(timeout=120) for task in tasks] == [EACH] * WRITERS
        bodies = audit(place)
        acknowledged = [b["data"]["assignment"] for b in bodies if b["type"] == "Acknowledged"]
        assert sorted(acknowledged) == sorted(assignments)
        # This process remembered the state from before; it catches up with what others did.
        state = place.store.state(CITY)
        assert {each.phase for each in state.progress.values()} == {Phase.ACKNOWLEDGED}
        assert state == fold(State(), [stored.fact for stored in place.store.events(CITY)])


def test_processes_that_press_the_same_buttons(
    database_url: str, processes: ProcessPoolExecutor
) -> None:
    document = many_units(30)
    assignments = [str(each) for each in document.obligations[0].assignments()]
    with office(database_url) as place:
        place.issue(document, addresses=())
        tasks = [
            processes.submit(acknowledge_each, database_url, CITY, assignments)
            for _ in range(WRITERS)
        ]
        granted = [task.result(timeout=120) for task in tasks]
        assert sum(granted) == len(assignments)
        bodies = audit(place)
        assert sum(body["type"] == "Acknowledged" for body in bodies) == len(assignments)


def test_threads_share_one_store(database_url: str) -> None:
    document = many_units(80)
    assignments = document.obligations[0].assignments()
    with office(database_url) as place:
        place.issue(document, addresses=())
        place.clock.instant = ISSUE_AT.add(days=1)
        start = threading.Barrier(4)

        def work(number: int) -> int:
            start.wait(timeout=20)
            granted = 0
            for assignment in assignments[number % 2 :: 2]:
                wish = Acknowledge(assignment, PERSON, LINK)
                granted += place.recorder.record(CITY, wish).refusal is None
            return granted

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(work, range(4))) == len(assignments)
        audit(place)
        facts = [stored.fact for stored in place.store.events(CITY)]
        assert sum(isinstance(fact, Acknowledged) for fact in facts) == len(assignments)
        assert place.store.state(CITY) == fold(State(), facts)


def test_readers_do_not_wait_for_a_writer(database_url: str) -> None:
    with office(database_url) as place:
        place.issue(many_units(3), addresses=())
        before = place.store.size()
        with place.store.transaction(place.clock) as transaction:
            transaction.text("held")
            assert place.store.size() == before
            assert place.store.state(CITY).issued_at is not None


def test_recording_while_reading_the_ledger(database_url: str) -> None:
    """The reader is half-way through when the same process records; nobody waits for the other."""
    with office(database_url) as place:
        place.issue(many_units(3), addresses=())
        reading = place.store.events()
        first = next(reading)
        unit = copy(REPORTS, many_units(3).obligations[0].assignees[0])
        wish = Submit(unit, Report(), 0, PERSON, LINK)
        with ThreadPoolExecutor(1) as pool:
            task = pool.submit(place.recorder.record, DocumentKey(CITY), wish)
            outcome = task.result(timeout=10)
        assert outcome.refusal is None
        rest = list(reading)
        assert [first.seq, *(stored.seq for stored in rest)] == list(range(1, rest[-1].seq + 1))
        assert not any(isinstance(stored.fact, Submitted) for stored in rest)
        (new,) = place.store.events(CITY, after=rest[-1].seq)
        assert isinstance(new.fact, Submitted)
