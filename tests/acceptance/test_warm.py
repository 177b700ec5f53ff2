"""The warm worker against real processes that are killed."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.schemas.objects import StateType, WorkerStatus

from config.clock import wait_until
from flows import engine
from tests.engine_site import Site, opened


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened(tmp_path_factory.mktemp("warm")) as site:
        yield site


@pytest.fixture
def here(site: Site, request: pytest.FixtureRequest) -> Path:
    path = site.work / str(request.node.name)
    path.mkdir()
    return path


def begun(here: Path) -> int:
    path = here / "begun"
    return len(path.read_text().splitlines()) if path.exists() else 0


def online() -> list[str]:
    found = engine.api().read_workers_for_work_pool("cascade")
    return [each.name for each in found if each.status == WorkerStatus.ONLINE]


def test_no_run_can_take_the_worker_down(site: Site, here: Path) -> None:
    for how in ("error", "exit", "interrupt"):
        site.until_done(engine.start("broken/broken", {"how": how}))
    run = engine.start("quick/quick", {"folder": str(here)})
    assert site.until_done(run).state_type == StateType.COMPLETED
    assert site.workers[-1].poll() is None


def test_two_workers_execute_each_run_once(site: Site, here: Path) -> None:
    second = site.start_worker()
    assert wait_until(lambda: len(online()) == 2, seconds=60), "both serve the pool"
    runs = [engine.start("quick/quick", {"folder": str(here)}) for _ in range(12)]
    for run in runs:
        assert site.until_done(run).state_type == StateType.COMPLETED
    assert sorted((here / "quick").read_text().split()) == sorted(map(str, runs))
    second.send_signal(signal.SIGTERM)
    assert second.wait(60) == 0


def test_a_run_woken_while_its_last_pass_ends_is_not_forgotten(site: Site, here: Path) -> None:
    run = engine.start("parked/parked", {"folder": str(here)})
    site.until_parked(run, 1)
    for number in range(2, 6):
        assert engine.wake(run) is True
        site.until_parked(run, number)


def test_a_killed_workers_run_is_taken_up_again(site: Site, here: Path) -> None:
    run = engine.start("held/held", {"folder": str(here)})
    assert wait_until(lambda: begun(here) == 1, seconds=60)
    for each in site.workers:
        each.kill()  # those that ended before do not mind
        each.wait(60)
    assert engine.find(run).state_type == StateType.RUNNING

    site.start_worker()
    assert wait_until(lambda: begun(here) == 2, seconds=60), site.log()
    (here / "release").touch()
    assert site.until_done(run).state_type == StateType.COMPLETED


def test_asked_to_stop_it_finishes_what_it_does(site: Site, here: Path) -> None:
    worker = site.workers[-1]
    run = engine.start("held/held", {"folder": str(here)})
    assert wait_until(lambda: begun(here) == 1, seconds=60)
    worker.send_signal(signal.SIGTERM)
    assert not wait_until(lambda: worker.poll() is not None, seconds=1)
    (here / "release").touch()
    assert worker.wait(60) == 0
    assert site.until_done(run).state_type == StateType.COMPLETED
    site.start_worker()


def test_a_killed_server_changes_nothing(site: Site, here: Path) -> None:
    run = engine.start("parked/parked", {"folder": str(here)})
    site.until_parked(run, 1)
    site.kill_server()
    site.start_server()
    engine.close()
    site.until_parked(run, 1)
    assert engine.wake(run) is True
    site.until_parked(run, 2)
    assert site.workers[-1].poll() is None


def test_a_server_killed_during_a_run_does_not_lose_it(site: Site, here: Path) -> None:
    run = engine.start("held/held", {"folder": str(here)})
    assert wait_until(lambda: begun(here) == 1, seconds=60)
    site.kill_server()
    (here / "release").touch()
    assert wait_until((here / "ended").exists, seconds=20)
    site.start_server()
    engine.close()
    assert site.until_done(run).state_type == StateType.COMPLETED


def test_a_lost_database_is_furnished_again(site: Site, here: Path) -> None:
    site.kill_server()
    for path in site.server.home.glob("prefect.db*"):
        path.unlink()
    site.start_server()
    engine.close()
    site.wait_deployed()  # by the worker that was there all the time
    run = engine.start("quick/quick", {"folder": str(here)})
    assert site.until_done(run).state_type == StateType.COMPLETED
