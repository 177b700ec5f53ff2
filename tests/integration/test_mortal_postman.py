"""Killed at every point, dropped at every phase: everything arrives, and is told once."""

import asyncio
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.domain.facts import NoticeAccepted, NoticeFailed
from notifications.outbox import counts, on_the_way
from notifications.wire import message_id_for
from tests.factories import Office, office
from tests.faulty_smtp import DROP, STALL, FaultySmtp
from tests.integration.mail_site import later, postman, proven, rows
from tests.mortal_postman import Nursery

REFUSED = {"u.1@": "550 5.1.1 no such user"}


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


async def settle(here: Office, server: FaultySmtp) -> None:
    """Let living postmen do the rest."""
    for _ in range(12):
        if not on_the_way(here.store, here.clock.instant):
            return
        later(here, minutes=16)
        await postman(here, server.port, timeout=0.5, final_timeout=0.5).deliver()
    raise AssertionError(f"still under way: {counts(here.store)}")


def check(here: Office, server: FaultySmtp, units: int) -> None:
    """Everything arrived, duplicates are the same bytes, and each fact was told once."""
    found = rows(here.store)
    assert Counter(str(row["state"]) for row in found) == {"sent": units, "failed": 1}
    arrived: dict[str, set[bytes]] = defaultdict(set)
    for raw in server.mails:
        head = raw.partition(b"Message-ID:")[2].split(b"\r\n")[0].strip()
        arrived[head.decode()].add(raw)
    sent = {str(row["message_id"]) for row in found if row["state"] == "sent"}
    assert set(arrived) == {message_id_for(each, "cascade.example") for each in sent}
    assert {len(versions) for versions in arrived.values()} == {1}, "a duplicate differs"
    told = Counter(fact.message_id for fact in here.facts(NoticeAccepted))
    assert told == dict.fromkeys(sent, 1)
    assert [(fact.body, fact.how) for fact in here.facts(NoticeFailed)] == [("u.1", "refused")]
    assert all(row["attested_at"] for row in found)
    assert all(row["raw"] is row["token"] is None for row in found)


def test_killed_at_every_point_nothing_is_lost_and_nothing_told_twice(
    memory: Path, nursery: Nursery
) -> None:
    with office(memory / "first") as here:
        here.issue(proven(3))
        now = here.clock.instant.isoformat()
    duplicates, kills, points, at = 0, 0, 1, 0

    async def life(folder: Path, at: int) -> tuple[int, bool, int]:
        with office(folder) as here:
            async with FaultySmtp(recipients=REFUSED) as server:
                given = (here.settings, server.port, now, at)
                lived = await asyncio.to_thread(nursery.live, *given)
                await settle(here, server)
                check(here, server, 3)  # two units, and the office hears of the third
                return lived.points, lived.killed, len(server.mails) - 3

    while at <= points:
        folder = memory / str(at)
        shutil.copytree(memory / "first", folder)
        lived, killed, twice = asyncio.run(life(folder, at))
        kills += killed
        duplicates += twice
        points = lived if at == 0 else points
        shutil.rmtree(folder)
        at += 1
    # How a reply is cut into packets may add or take a point or two at the end.
    assert kills > points - 5 > 60, "at every await and on both sides of every commit"
    assert duplicates > 0, "some were killed between the acceptance and its record"


def test_killed_here_and_there_on_postgresql(
    tmp_path: Path, postgresql_url: str, nursery: Nursery
) -> None:
    with office(tmp_path, url=postgresql_url) as here:
        here.issue(proven(6))

        async def main() -> None:
            async with FaultySmtp(recipients=REFUSED) as server:
                for at in (4, 13, 21, 34, 55):
                    now = here.clock.instant.isoformat()
                    await asyncio.to_thread(nursery.live, here.settings, server.port, now, at)
                    later(here, minutes=16)
                await settle(here, server)
                check(here, server, 6)

        asyncio.run(main())


PHASES = ("connect", "ehlo", "mail", "rcpt", "data", "dot", "rset", "quit")


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("fault", [DROP, STALL, "garbage"])
def test_dropped_at_every_phase_everything_arrives(memory: Path, phase: str, fault: str) -> None:
    friendly = {"connect": "220 hi", "ehlo": "250 faulty", "data": "354 go on", "quit": "221 bye"}

    async def main(which: int) -> None:
        with office(memory / f"{phase}{which}") as here:
            here.issue(proven(3))
            script = {phase: [friendly.get(phase, "250 ok")] * which + [fault]}
            async with FaultySmtp(script, recipients=REFUSED) as server:
                man = postman(here, server.port, timeout=0.2, final_timeout=0.2)
                await man.deliver()
                await settle(here, server)
                check(here, server, 3)

    for which in range(2):
        asyncio.run(main(which))
