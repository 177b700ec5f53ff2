"""Small flows for the tests of the engine and the warm worker; no part of the product."""

import os
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from prefect import flow, runtime, task

from flows import engine
from flows.deployments import Deployment

BLOCKED = engine.Node("gate", "Tổng hợp III.1", "PENDING", "Blocked", "chờ đơn vị", ("u1", "u2"))


@task
def note(words: str) -> str:
    """Do one act."""
    print(words)
    return words


def plan(done: int) -> list[engine.Node]:
    """Return a plan of which the first *done* units have reported."""
    units = [
        engine.Node(
            f"u{number}",
            f"Đơn vị {number} báo cáo",
            "COMPLETED" if number <= done else "PAUSED",
            "Accepted" if number <= done else "AwaitingReport",
            "",
            ("issue",),
        )
        for number in (1, 2)
    ]
    return [engine.Node("issue", "Ban hành 256", "COMPLETED", "Issued"), *units, BLOCKED]


@flow(name="parked", log_prints=True)
def parked(folder: str, child: bool = False) -> str:
    """Wait until the file ``go`` is in *folder*; write one line for each pass."""
    here = UUID(str(runtime.flow_run.id))
    passes = Path(folder) / f"{here}.passes"
    with passes.open("a") as file:
        file.write(f"{os.getpid()}\n")
    number = len(passes.read_text().splitlines())
    drawn = engine.drawn(here)
    below = engine.children(here).get(engine.node_id(here, "below"))
    children = {} if below is None else {"below": below}
    if child and not children:
        run = engine.start_child(
            "parked/parked",
            {"folder": folder},
            key="below",
            idempotency_key=f"{here}:below",
            name="con",
            after=["issue"],
        )
        children = {"below": run}
    nodes = plan(number - 1)
    known = engine.known_among(here, [each.key for each in nodes], drawn)
    engine.project(here, nodes, known, children=children)
    if engine.node_id(here, f"act-{number}") not in drawn:
        engine.act(
            note,
            f"act-{number}",
            f"Ghi nhận lần {number} {{ngoặc}}",
            ["issue" if number == 1 else f"act-{number - 1}"],
            {"words": "ghi"},
        )
    if not (Path(folder) / "go").exists():
        engine.park("AwaitingReports", f"Chờ lần {number}")
    return "xong"


@flow(name="quick")
def quick(folder: str) -> None:
    """Write one line and end."""
    with (Path(folder) / "quick").open("a") as file:
        file.write(f"{runtime.flow_run.id}\n")


@flow(name="held")
def held(folder: str) -> None:
    """Say that it runs, then wait for the file ``release``: for killing its worker meanwhile."""
    path = Path(folder)
    with (path / "begun").open("a") as file:
        file.write(f"{os.getpid()}\n")
    pause = threading.Event()
    while not (path / "release").exists():
        pause.wait(0.05)
    (path / "ended").write_text(str(runtime.flow_run.id))


@flow(name="broken")
def broken(how: str) -> None:
    """Fail in one of several ways."""
    ways: Mapping[str, BaseException] = {
        "error": ValueError("hỏng"),
        "exit": SystemExit(3),
        "interrupt": KeyboardInterrupt(),
    }
    raise ways[how]


@flow(name="tick")
def tick() -> None:
    """Do nothing, by schedule."""


HERE = "tests.engine_flows."
DEPLOYMENTS = (
    Deployment("parked", HERE + "parked"),
    Deployment("quick", HERE + "quick"),
    Deployment("held", HERE + "held"),
    Deployment("broken", HERE + "broken"),
    Deployment("tick", HERE + "tick", every=timedelta(seconds=60)),
)
