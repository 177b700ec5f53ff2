"""One effect for one submission, however many arrive at once; each request gets its own answer."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pendulum import DateTime

from models.domain.effects import Purpose
from models.domain.errors import Refusal
from models.domain.facts import (
    Accepted,
    Acknowledged,
    BoundMoved,
    Corrected,
    Disputed,
    DisputeRejected,
    ExtensionAsked,
    ExtensionRefused,
    Returned,
    Submitted,
    Supplemented,
)
from models.domain.requests import Acknowledge, Request
from models.record import Ask
from models.store import Transaction
from models.tables import Person
from portal.links import LinkGone
from portal.worker import Worker
from tests.factories import KEY, REPORT, Office, copy_of, document, office
from tests.portal_site import Site, site

UNITS = 12
UNIT = copy_of(REPORT, "u.1")
FIGURES = {"figure__so_buoi": "1", "figure__dang_vien_tham_gia": "1", "figure__tong_dang_vien": "1"}


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    with office(tmp_path, url=url) as value:
        value.issue(document(UNITS))
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


def send_at_once(portal: Site, forms: list[tuple[str, dict[str, str]]]) -> list[int]:
    """Send every form from a thread of its own, all let go together."""
    gate = threading.Barrier(len(forms))

    def send(form: tuple[str, dict[str, str]]) -> int:
        gate.wait()
        return portal.post(*form).status_code

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(send, forms))


def test_fifty_presses_of_one_button_are_one_fact(desk: Office, portal: Site) -> None:
    for action, typed, kind in (
        ("acknowledge", {"name": "A"}, Acknowledged),
        ("report", {"name": "A", "text": "xong", **FIGURES}, Submitted),
    ):
        form = portal.fill(desk.token(UNIT), action, **typed)
        assert send_at_once(portal, [form] * 50) == [303] * 50
        assert len(desk.facts(kind)) == 1
    assert desk.count(Person) == 2


def test_fifty_presses_of_every_other_button_are_one_fact_too(desk: Office, portal: Site) -> None:
    """Each on a unit of its own; the office's answers are pressed as often."""
    reason = {"reason": "lý do", "name": "A"}
    answer = {"authority": "1-CV", "reason": "lý do"}
    asked = {"until": "27/10/2023", **reason}

    def press(unit: int, action: str, purpose: Purpose = Purpose.ACT, /, **typed: str) -> None:
        form = portal.fill(desk.token(copy_of(REPORT, f"u.{unit}"), purpose), action, **typed)
        assert send_at_once(portal, [form] * 50) == [303] * 50

    reported = {"name": "A", "text": "xong", **FIGURES}
    portal.do(desk.token(UNIT), "report", **reported)
    press(1, "correct", **reported | {"text": "đã sửa"})
    press(1, "supplement", name="A", text="thêm")
    press(2, "nothing", **reason)
    press(3, "extension", **asked)
    press(3, "grant", Purpose.DECIDE, **answer)
    press(4, "extension", **asked)
    press(4, "refuse", Purpose.DECIDE, **answer)
    press(5, "dispute", **reason)
    press(5, "keep", Purpose.DECIDE, **answer)
    for kind in (Corrected, Supplemented, BoundMoved, ExtensionRefused, Disputed, DisputeRejected):
        assert len(desk.facts(kind)) == 1, kind
    assert len(desk.facts(ExtensionAsked)) == 2
    assert len(desk.facts(Submitted)) == 2
    # A name for each thing that a unit said; the office is named by its office.
    assert desk.count(Person) == 7


def test_granting_and_refusing_at_once_is_one_answer(desk: Office, portal: Site) -> None:
    asked = {"until": "27/10/2023", "reason": "lý do", "name": "A"}
    portal.do(desk.token(UNIT), "extension", **asked)
    decide = desk.token(UNIT, Purpose.DECIDE)
    grant = portal.fill(decide, "grant", authority="1-CV", reason="được")
    refuse = portal.fill(decide, "refuse", authority="2-CV", reason="không")
    answers = send_at_once(portal, [grant, refuse] * 8)
    given = (len(desk.facts(BoundMoved)), len(desk.facts(ExtensionRefused)))
    assert sorted(given) == [0, 1]
    assert sorted(set(answers)) == [303, 409]


def test_accepting_and_returning_at_once_is_one_verdict(desk: Office, portal: Site) -> None:
    portal.do(desk.token(UNIT), "report", name="A", **FIGURES)
    review = desk.token(UNIT, Purpose.REVIEW)
    accept = portal.fill(review, "accept", name="C")
    give_back = portal.fill(review, "return", name="D", reason="thiếu")
    answers = send_at_once(portal, [accept, give_back] * 8)
    verdicts = (len(desk.facts(Accepted)), len(desk.facts(Returned)))
    assert sorted(verdicts) == [0, 1]
    assert sorted(set(answers)) == [303, 409]


def test_many_units_at_once_are_all_recorded(desk: Office, portal: Site) -> None:
    tokens = [desk.token(copy_of(REPORT, f"u.{number}")) for number in range(1, UNITS + 1)]
    forms = [
        portal.fill(token, "report", name=f"Người {at}", text=f"bản {at}", **FIGURES)
        for at, token in enumerate(tokens)
    ]
    assert send_at_once(portal, forms) == [303] * UNITS
    facts = desk.facts(Submitted)
    assert len({fact.assignment for fact in facts}) == UNITS
    assert len({fact.person for fact in facts}) == UNITS
    for at, token in enumerate(tokens):
        assert f"bản {at}" in portal.get(token).text


class Ticking:
    """A clock that is a second later whenever somebody looks at it."""

    def __init__(self, instant: DateTime) -> None:
        self._instant = instant

    def now(self) -> DateTime:
        self._instant = self._instant.add(seconds=1)
        return self._instant


class TestWorker:
    """The thread behind it: what waits together is committed together."""

    @staticmethod
    def ask(number: int) -> Ask:
        def ask(transaction: Transaction) -> Request:
            person = transaction.person(f"Người {number}")
            return Acknowledge(copy_of(REPORT, f"u.{number}"), person, "0" * 16)

        return ask

    @staticmethod
    def gone(_: Transaction) -> Request:
        raise LinkGone

    def test_a_bad_request_fails_alone(self, desk: Office) -> None:
        worker = Worker(desk.recorder)
        held = threading.Event()

        async def main() -> list[object]:
            # Everything queues up behind this read, so it is one group.
            reading = asyncio.ensure_future(worker.read(held.wait))
            await asyncio.sleep(0)
            asked = [
                worker.record(KEY, self.ask(1)),
                worker.record(KEY, self.gone),
                worker.record(KEY, self.ask(2)),
                worker.record(KEY, self.ask(2)),
            ]
            waiting = asyncio.gather(*asked, return_exceptions=True)
            await asyncio.sleep(0)
            held.set()
            await reading
            return list(await waiting)

        try:
            first, second, third, fourth = asyncio.run(main())
        finally:
            worker.close()
        assert isinstance(second, LinkGone)
        refusals = [getattr(each, "refusal", "none") for each in (first, third, fourth)]
        assert refusals[:2] == [None, None]
        assert isinstance(refusals[2], Refusal)
        assert len(desk.facts(Acknowledged)) == 2
        assert desk.count(Person) == 3  # the worker itself keeps what it is asked to keep

    def test_what_waits_together_is_one_commit(self, desk: Office) -> None:
        desk.recorder.clock = Ticking(desk.clock.instant)  # another time for each transaction
        worker = Worker(desk.recorder)
        begun, held = threading.Event(), threading.Event()

        def hold() -> None:
            begun.set()
            held.wait()

        async def main() -> None:
            reading = asyncio.ensure_future(worker.read(hold))
            await asyncio.to_thread(begun.wait)
            asked = [worker.record(KEY, self.ask(number)) for number in range(1, 11)]
            waiting = asyncio.gather(*asked)
            await asyncio.sleep(0)
            held.set()
            await reading
            await waiting

        try:
            asyncio.run(main())
        finally:
            worker.close()
        assert len({fact.at for fact in desk.facts(Acknowledged)}) == 1

    def test_closing_finishes_what_was_asked_for(self, desk: Office) -> None:
        worker = Worker(desk.recorder)

        async def main() -> None:
            asked = asyncio.ensure_future(worker.record(KEY, self.ask(1)))
            await asyncio.sleep(0)
            worker.close()
            await asked
            with pytest.raises(RuntimeError):
                await worker.record(KEY, self.ask(2))

        asyncio.run(main())
        assert len(desk.facts(Acknowledged)) == 1
