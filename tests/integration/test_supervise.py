"""The supervisor with real processes: what dies is started again, and nothing is left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cli import plan, supervise
from cli.supervise import Answers, Child, PortTaken, Supervisor, free_ports, require_free
from config.clock import wait_until

ROOT = Path(__file__).parents[2]
WAITS = "import signal; signal.pause()"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: signal.pause()"
)
POLITE = """
import pathlib, signal, sys
def end(*given):
    pathlib.Path(sys.argv[1]).write_text("ended in good order")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
while True: signal.pause()
"""


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(supervise, "_BACKOFF", (0.0, 0.3, 0.3))
    made = Supervisor(said.append)
    try:
        yield made
    finally:
        made.stop(2.0)


def child(folder: Path, code: str, *arguments: str, name: str = "part") -> Child:
    return Child(
        name, [sys.executable, "-c", code, *arguments], {}, folder / "logs" / f"{name}.log"
    )


def started(supervisor: Supervisor, made: Child) -> Child:
    made.start()
    supervisor.children.append(made)
    return made


def pid_of(made: Child) -> int:
    assert made.process is not None
    return made.process.pid


def lives(pid: int) -> bool:
    """A zombie that nobody has waited for lives no more."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def soon(condition: object) -> bool:
    return wait_until(condition, seconds=20, every=0.02)  # type: ignore[arg-type]


def test_a_child_that_dies_is_started_again(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    made = started(supervisor, child(tmp_path, WAITS))
    supervisor.watch()
    first = pid_of(made)
    os.kill(first, signal.SIGKILL)
    assert soon(lambda: made.alive and pid_of(made) != first)
    assert made.pids == [first, pid_of(made)]
    assert said == ["part ended (code -9); starting it again"]


def test_one_that_keeps_dying_is_started_ever_later(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    made = started(supervisor, child(tmp_path, "raise SystemExit(3)"))
    other = started(supervisor, child(tmp_path, WAITS, name="other"))
    supervisor.watch()
    assert soon(lambda: len(made.pids) >= 3)
    assert made.deaths >= 2
    assert said[0] == "part ended (code 3); starting it again"
    assert other.alive
    assert len(other.pids) == 1, "the others are left alone"


def test_one_that_cannot_be_started_does_not_end_the_watch(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    made = started(supervisor, child(tmp_path, WAITS))
    other = started(supervisor, child(tmp_path, WAITS, name="other"))
    made.argv = [str(tmp_path / "gone")]
    supervisor.watch()
    os.kill(pid_of(made), signal.SIGKILL)
    assert soon(lambda: any("could not be started" in text for text in said))
    first = pid_of(other)
    os.kill(first, signal.SIGKILL)
    assert soon(lambda: other.alive and pid_of(other) != first)


def test_the_output_of_a_child_goes_to_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    code = "import os, sys; print('xin chào', os.environ['MARK']); print('lỗi', file=sys.stderr)"
    made = child(tmp_path, code)
    made.env = {"MARK": "here", "PYTHONIOENCODING": "utf-8"}
    started(supervisor, made)
    assert soon(lambda: not made.alive)
    assert "xin chào here" in made.log.read_text()
    assert "lỗi" in made.log.read_text()


def test_stopping_ends_everything_in_good_order(supervisor: Supervisor, tmp_path: Path) -> None:
    made = started(supervisor, child(tmp_path, POLITE, str(tmp_path / "one"), name="one"))
    stubborn = started(supervisor, child(tmp_path, STUBBORN, name="stubborn"))
    grand = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', sys.argv[1]]).pid,"
    )
    grand += " flush=True); import signal; signal.pause()"
    parent = started(supervisor, child(tmp_path, grand, WAITS, name="parent"))
    assert soon(lambda: made.log.read_text().startswith("ready"))
    assert soon(lambda: parent.log.read_text().strip())
    grandchild = int(parent.log.read_text())
    supervisor.watch()
    supervisor.stop(0.5)
    assert (tmp_path / "one").read_text() == "ended in good order"
    assert not stubborn.alive
    assert soon(lambda: not lives(grandchild)), "the whole group is told"
    assert all(len(each.pids) == 1 for each in supervisor.children), "nothing is started again"


def test_what_was_restarted_ends_in_good_order_too(supervisor: Supervisor, tmp_path: Path) -> None:
    """Linux ends a child with the thread that started it: that thread must outlive it."""
    made = started(supervisor, child(tmp_path, POLITE, str(tmp_path / "end")))
    assert soon(lambda: "ready" in made.log.read_text())
    supervisor.watch()
    os.kill(pid_of(made), signal.SIGKILL)
    assert soon(lambda: made.log.read_text().count("ready") == 2)
    supervisor.stop()
    assert (tmp_path / "end").read_text() == "ended in good order"


def test_stopping_twice_or_before_the_start_does_no_harm(tmp_path: Path) -> None:
    supervisor = Supervisor()
    supervisor.children.append(child(tmp_path, WAITS))
    supervisor.stop()
    supervisor.stop()
    assert not supervisor.children[0].alive


def test_waiting_for_health_ends_with_health_or_with_death(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    mark = tmp_path / "ready"
    made = child(tmp_path, f"open({str(mark)!r}, 'w').close(); {WAITS}")
    made.healthy = mark.exists
    assert supervisor.wait_healthy(started(supervisor, made), seconds=20)
    dead = child(tmp_path, "raise SystemExit(1)", name="dead")
    dead.healthy = lambda: False
    assert not supervisor.wait_healthy(started(supervisor, dead), seconds=20)
    supervisor.stopping.set()
    slow = child(tmp_path, WAITS, name="slow")
    slow.healthy = lambda: False
    assert not supervisor.wait_healthy(started(supervisor, slow), seconds=60)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells children of their parent's death")
@pytest.mark.parametrize("restarted", [False, True])
def test_children_end_when_the_supervisor_is_killed(tmp_path: Path, restarted: bool) -> None:
    code = f"""
        import os, signal, sys
        from pathlib import Path
        from cli.supervise import Child, Supervisor
        from config.clock import wait_until
        supervisor = Supervisor()
        argv = [sys.executable, "-c", {WAITS!r}]
        child = Child("part", argv, {{}}, Path({str(tmp_path)!r}, "log"))
        child.start()
        supervisor.children.append(child)
        supervisor.watch()
        if {restarted}:
            os.kill(child.process.pid, signal.SIGKILL)
            assert wait_until(lambda: len(child.pids) == 2, seconds=20)
        print(child.pids[-1], flush=True)
        signal.pause()
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert lives(pid)
        parent.kill()
        parent.wait()
        assert soon(lambda: not lives(pid))
    finally:
        parent.kill()
        parent.communicate()


def test_a_port_in_use_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            require_free("127.0.0.1", [("Prefect", port, "--prefect-port")])
    for lang, words in (("vi", "đang được dùng"), ("en", "is in use")):
        text = caught.value.text(lang)
        assert str(port) in text
        assert "Prefect" in text
        assert "--prefect-port" in text
        assert words in text


def test_a_port_that_everybody_listens_on_is_in_use_here_too() -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        with pytest.raises(PortTaken):
            require_free("127.0.0.1", [("portal", taken.getsockname()[1], "--portal-port")])


def test_two_parts_cannot_have_one_port() -> None:
    (port,) = free_ports("127.0.0.1", 1)
    with pytest.raises(PortTaken) as caught:
        require_free("127.0.0.1", [("Prefect", port, "--prefect-port"), ("portal", port, "--x")])
    assert caught.value.name == "portal"


def test_free_ports_are_free_and_different() -> None:
    ports = free_ports("127.0.0.1", 5)
    assert len(set(ports)) == 5
    require_free("127.0.0.1", [("part", port, "--port") for port in ports])


@pytest.mark.parametrize(
    ("answer", "well"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", True),
        (b"HTTP/1.0 503 Service Unavailable\r\n\r\n", False),
        (b"220 localhost SMTP\r\n", False),
        (b"", False),
    ],
)
def test_a_part_is_well_when_it_answers_200(answer: bytes, well: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:

        def serve() -> bytes:
            peer, _ = server.accept()
            with peer:
                asked = peer.recv(1000)
                peer.sendall(answer)
            return asked

        asked = pool.submit(serve)
        port = server.getsockname()[1]
        assert Answers(f"http://127.0.0.1:{port}/api/health")() is well
        assert asked.result(20).startswith(b"GET /api/health HTTP/1.0\r\n")
    assert not Answers(f"http://127.0.0.1:{port}/")(), "nobody is there any more"


def test_the_supervisor_keeps_in_memory_only_what_it_needs() -> None:
    code = "import sys, cli.keep; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"alembic", "httpx", "prefect", "pydantic", "rich", "sqlalchemy", "typer"}
    assert not heavy & set(done.stdout.split())


@pytest.mark.parametrize("ends", [signal.SIGTERM, signal.SIGINT])
def test_the_command_line_makes_way_for_the_supervisor(
    tmp_path: Path, ends: signal.Signals
) -> None:
    argv = [sys.executable, "-c", f"import os; print(os.environ['WORD']); {WAITS}"]
    log = str(tmp_path / "log")
    part = {"name": "part", "argv": argv, "env": {"WORD": "ready"}, "log": log, "url": None}
    planned = json.dumps({"parts": [part], "addresses": ["Ở đây: http://x"], "lang": "vi"})
    code = f"import typer; from cli import keep; keep.become({planned.encode()!r})"
    up = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        assert up.stdout is not None
        assert up.stdout.readline() == "Ở đây: http://x\n", "who starts it sees one process"
        words = Path(f"/proc/{up.pid}/cmdline").read_bytes().split(b"\0")
        assert words[1:3] == [b"-m", b"cli.keep"]
        assert soon(lambda: (tmp_path / "log").exists())
        up.send_signal(ends)
        assert up.wait(20) == 0
    finally:
        up.kill()
        up.communicate()


def test_what_does_not_start_is_told(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "raise SystemExit('out of tea')"]
    log, url = str(tmp_path / "log"), "http://127.0.0.1:9/"
    part = {"name": "part", "argv": argv, "env": {}, "log": log, "url": url}
    planned = json.dumps({"parts": [part], "addresses": [], "lang": "en"})
    code = f"from cli import keep; keep.become({planned.encode()!r})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "part did not start" in done.stderr
    assert "out of tea" in done.stderr


def test_the_plan_of_an_installation(tmp_path: Path) -> None:
    prefect, portal, mail, smtp = free_ports("127.0.0.1", 4)
    chosen = {
        "prefect_port": prefect,
        "portal_port": portal,
        "catcher_port": mail,
        "smtp_port": smtp,
    }
    env = {**os.environ, "CASCADE_VAR": str(tmp_path)}

    def planned(**other: int) -> "subprocess.CompletedProcess[bytes]":
        wanted = plan.command({**chosen, **other}, "en")
        return subprocess.run(wanted, capture_output=True, env=env, cwd=ROOT)

    done = planned()
    assert done.returncode == 0, done.stderr.decode()
    made = plan.read(done.stdout)
    assert [part.name for part in made.parts] == ["mail", "portal", "prefect", "worker"]
    assert made.parts[1].healthy == Answers(f"http://127.0.0.1:{portal}/healthz")
    assert made.parts[3].healthy is None
    assert made.parts[0].env["CASCADE_VAR"] == str(tmp_path)
    assert f"http://127.0.0.1:{mail}" in made.addresses[2]
    assert (tmp_path / "cascade.db").exists(), "the schema is there before anybody starts"

    taken = planned(portal_port=prefect)
    assert (taken.returncode, taken.stdout) == (1, b"")
    assert f"Port {prefect} for portal is in use" in taken.stderr.decode()
    wrong = planned(portal_port=-1)
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert "CASCADE_PORTAL_PORT" in wrong.stderr.decode()
