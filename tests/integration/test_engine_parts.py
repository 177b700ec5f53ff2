"""The parts of the engine that need no Prefect server."""

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime as instant
from prefect.client.schemas.objects import FlowRun

from config.clock import wait_until
from flows import lifeline, names
from flows.deployments import DEPLOYMENTS, full_name
from flows.due import missed
from flows.one_writer import Message, OneWriter, Receive, Send, writes
from flows.ownership import PREFIX, NameTaken, Owner

NOON = instant(2026, 1, 5, 12, tz="UTC")


def run(number: int, deployment: int, auto: bool) -> FlowRun:
    return FlowRun(
        id=UUID(int=number),
        flow_id=UUID(int=0),
        deployment_id=UUID(int=deployment),
        auto_scheduled=auto,
        next_scheduled_start_time=NOON + timedelta(minutes=number),
    )


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=12))
def test_of_a_schedule_only_the_latest_due_run_is_executed(kinds: list[tuple[int, bool]]) -> None:
    runs = [run(number, *kind) for number, kind in enumerate(kinds, 1)]
    kept = [each for each in runs if each.id not in missed(runs)]
    assert [each for each in runs if not each.auto_scheduled] == [
        each for each in kept if not each.auto_scheduled
    ]
    for deployment in {each.deployment_id for each in runs if each.auto_scheduled}:
        scheduled = [
            each for each in runs if each.auto_scheduled and each.deployment_id == deployment
        ]
        assert [each for each in kept if each in scheduled] == scheduled[-1:]


def test_a_name_is_held_by_one_and_freed_by_death(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from flows.ownership import Owner;"
        f"o = Owner(Path({str(tmp_path)!r}), 'w-1'); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(NameTaken):
        Owner(tmp_path, "w-1")
    mine = Owner(tmp_path, "w-2")
    assert list(mine.dead()) == []

    other.kill()
    other.wait()
    other.stdin.close()
    other.stdout.close()
    assert list(mine.dead()) == [PREFIX + "w-1"]
    assert list(mine.dead()) == []  # once healed, not again
    Owner(tmp_path, "w-1").release()
    assert list(mine.dead()) == []  # one that left in order leaves nothing to heal


def test_what_could_not_be_healed_is_offered_again(tmp_path: Path) -> None:
    (tmp_path / "w-1.lock").write_text("4711")
    mine = Owner(tmp_path, "w-2")
    dead = mine.dead()
    assert next(dead) == PREFIX + "w-1"
    dead.close()  # the server did not answer
    assert list(mine.dead()) == [PREFIX + "w-1"]


def test_a_child_ends_with_its_killed_parent(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    child = (
        "import os, threading; from pathlib import Path; from flows import lifeline;"
        f"Path({str(pid)!r}).write_text(str(os.getpid())); lifeline.hold();"
        "threading.Event().wait()"
    )
    parent = (
        "import os, sys, threading; from flows import lifeline;"
        f"lifeline.spawn([sys.executable, '-c', {child!r}], os.environ);"
        "threading.Event().wait()"
    )
    process = subprocess.Popen([sys.executable, "-c", parent])
    assert wait_until(lambda: pid.exists() and pid.read_text() != "", seconds=20)
    process.kill()
    process.wait()
    assert wait_until(lambda: not _alive(int(pid.read_text())), seconds=10)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
    except OSError:
        return False


def test_stopping_takes_force_when_asking_does_not_help() -> None:
    code = "import signal, sys, threading; signal.signal(15, lambda *_: None); print(1, flush=True)"
    process = subprocess.Popen(
        [sys.executable, "-c", code + "\nwhile True: threading.Event().wait(1)"],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert lifeline.stop(process, seconds=0.3) == -9


@pytest.mark.parametrize(
    ("kind", "method", "path", "expected"),
    [
        ("http", "POST", "/api/flow_runs/", True),
        ("http", "PATCH", "/api/flow_runs/1", True),
        ("http", "GET", "/api/flow_runs/1", False),
        ("http", "POST", "/api/flow_runs/filter", False),
        ("websocket", "", "/api/events/in", False),
        ("lifespan", "", "", False),
    ],
)
def test_which_requests_may_write(kind: str, method: str, path: str, expected: bool) -> None:
    assert writes({"type": kind, "method": method, "path": path}) is expected


def test_writers_take_turns_and_readers_do_not_wait() -> None:
    inside: list[str] = []
    most = 0

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        nonlocal most
        inside.append(scope["path"])
        most = max(most, sum(not each.endswith("/filter") for each in inside))
        if scope["path"].endswith("/filter"):
            assert inside.count("/w") == 1  # a reader came in beside the writer
        await asyncio.sleep(0.01)
        await send({"type": "http.response.start", "status": 503, "headers": []})
        inside.remove(scope["path"])

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {}

    async def all_at_once() -> None:
        one = OneWriter(app)
        paths = ["/w", "/w", "/x/filter", "/w"]
        scopes = [{"type": "http", "method": "POST", "path": path} for path in paths]
        await asyncio.gather(*(one(scope, receive, send) for scope in scopes))

    asyncio.run(all_at_once())
    assert most == 1
    assert sum((b"retry-after", b"0.2") in each["headers"] for each in sent) == 3


def test_the_deployments_are_those_of_the_file() -> None:
    """What `cascade up` registers and what `prefect deploy --all` reads."""
    file = yaml.safe_load((Path(__file__).parents[2] / "prefect.yaml").read_text("utf-8"))
    told = {
        each["name"]: (
            each["entrypoint"],
            [
                (timedelta(seconds=every["interval"]), every.get("anchor_date"))
                for every in each.get("schedules", [])
            ],
        )
        for each in file["deployments"]
    }
    assert told == {
        each.name: (
            each.entrypoint,
            [(each.every, each.since and each.since.isoformat())] if each.every else [],
        )
        for each in DEPLOYMENTS
    }
    for each in DEPLOYMENTS:
        assert full_name(each) == names.deployment(each.name)
