"""The demonstration around its play: what it may delete, and when a moment of time is over."""

import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pendulum import DateTime
from rich.console import Console

from cli.supervise import free_ports
from config.clock import FileClock
from config.settings import load
from demo import show
from demo.ground import MARK, Ground, Refused
from demo.show import Keeper, Ports, Stuck, run
from tests.factories import vn

ROOT = Path(__file__).parents[2]
NOW = vn(2023, 11, 30, 8)


class Reached(Exception):
    """The system would have been started."""


@pytest.fixture(autouse=True)
def _nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def bring_up(*given: object) -> None:
        raise Reached

    monkeypatch.setattr(show, "bring_up", bring_up)
    signals = {"SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT}
    deaf = SimpleNamespace(signal=lambda number, handler: None, **signals)
    monkeypatch.setattr(show, "signal", deaf)


def begin(folder: Path, *, resume: bool = False, lang: str = "vi", **ports: int) -> int:
    free = dict(zip(("prefect", "portal", "mail", "smtp"), free_ports("127.0.0.1", 4), strict=True))
    given = Ports(**{**free, **ports})
    return run(folder, given, seed=1, resume=resume, leave=True, pace=0.0, lang=lang)


def left_behind(folder: Path) -> Path:
    """A folder with what an earlier demonstration made."""
    Ground(folder).let_go()
    (folder / "logs").mkdir()
    (folder / "logs" / "worker.log").write_text("x")
    (folder / "cascade.db").write_text("x")
    return folder


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize(("lang", "words"), [("vi", "không xóa gì"), ("en", "nothing is deleted")])
def test_a_folder_that_no_demonstration_made_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, words: str, resume: bool
) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("precious")
    assert begin(tmp_path, lang=lang, resume=resume) == 2
    told = capsys.readouterr().err
    assert words in told
    assert "--folder" in told
    assert (tmp_path / "letters" / "one.txt").read_text() == "precious"
    assert [each.name for each in tmp_path.iterdir()] == ["letters"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("precious")
    assert begin(tmp_path / "a") == 2
    assert (tmp_path / "a").read_text() == "precious"


@pytest.mark.parametrize("made", [False, True])
def test_a_missing_or_empty_folder_is_taken(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "a" / "b"
    if made:
        folder.mkdir(parents=True)
    with pytest.raises(Reached):
        begin(folder)


def test_what_a_demonstration_left_is_deleted_by_the_next_and_kept_by_resume(
    tmp_path: Path,
) -> None:
    folder = left_behind(tmp_path / "demo")
    with pytest.raises(Reached):
        begin(folder, resume=True)
    assert (folder / "logs" / "worker.log").exists()
    with pytest.raises(Reached):
        begin(folder)
    assert sorted(each.name for each in folder.iterdir()) == [MARK, "clock"]


def test_a_link_in_the_folder_is_deleted_and_not_what_it_shows(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "one.txt").write_text("precious")
    folder = left_behind(tmp_path / "demo")
    (folder / "link").symlink_to(tmp_path / "other")
    ground = Ground(folder)
    ground.clear()
    ground.let_go()
    assert [each.name for each in folder.iterdir()] == [MARK]
    assert (tmp_path / "other" / "one.txt").read_text() == "precious"


@pytest.fixture
def another(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A demonstration of somebody else that runs in ``demo``."""
    folder = left_behind(tmp_path / "demo")
    code = (
        "import signal; from pathlib import Path; from demo.ground import Ground;"
        f"ground = Ground(Path({str(folder)!r})); print('held', flush=True); signal.pause()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize(("lang", "words"), [("vi", "đang chạy"), ("en", "is running")])
def test_a_running_demonstration_is_neither_deleted_nor_resumed(
    tmp_path: Path,
    another: "subprocess.Popen[bytes]",
    capsys: pytest.CaptureFixture[str],
    lang: str,
    words: str,
    resume: bool,
) -> None:
    folder = tmp_path / "demo"
    assert begin(folder, resume=resume, lang=lang) == 2
    assert words in capsys.readouterr().err
    assert (folder / "cascade.db").exists()
    assert (folder / "logs" / "worker.log").exists()
    another.kill()
    another.wait()
    with pytest.raises(Reached):
        begin(folder, resume=resume)
    assert (folder / "cascade.db").exists() is resume


def test_nothing_is_deleted_while_a_port_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show, "FREE_PORTS_SECONDS", 0.1)
    folder = left_behind(tmp_path / "demo")
    (port,) = free_ports("127.0.0.1", 1)
    assert begin(folder, portal=port, mail=port) == 1
    assert "--mail-port" in capsys.readouterr().err
    assert (folder / "cascade.db").exists()


def demo(*words: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "demo", *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **env},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("words", "env", "told"),
    [
        (["--lang", "fr"], {}, "vi | en"),
        (["--portal-port", "99999"], {}, "--portal-port"),
        ([], {"CASCADE_GRAPH_UNITS": "x"}, "CASCADE_GRAPH_UNITS: phải là số nguyên"),
        (["--lang", "en"], {"CASCADE_GRAPH_UNITS": "x"}, "CASCADE_GRAPH_UNITS: Input should be"),
    ],
)
def test_wrong_options_and_settings_are_told_before_anything_is_deleted(
    tmp_path: Path, words: list[str], env: dict[str, str], told: str
) -> None:
    folder = left_behind(tmp_path / "demo")
    done = demo("--folder", str(folder), *words, **env)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert (folder / "cascade.db").exists()


# --- When a moment of virtual time is over -------------------------------------------------------


class World:
    """A store, its outbox, a catcher and clerks, as far as the keeper of time looks at them."""

    def __init__(self) -> None:
        self.facts = 0
        self.counts: dict[str, int] = {}
        self.unread = 0
        self.done = 0
        self.next_at: DateTime | None = None
        self.held_until: DateTime | None = None
        self.after_reading: list[Any] = []
        """What happens behind the back of who reads mail, just after it was read."""

    def read_mail(self, now: DateTime, wait: float = 0.0) -> int:
        read, self.unread = self.unread, 0
        if self.after_reading:
            self.after_reading.pop(0)()
        return read

    def act(self, now: DateTime) -> int:
        return 0

    def size(self) -> int:
        return self.facts

    def due(self) -> list[str]:
        return []

    def streams(self) -> list[dict[str, object]]:
        return [{"id": "a", "completed_at": None, "issued_at": None, "parent": "b"}]

    def on_the_way(self) -> int:
        return sum(count for state, count in self.counts.items() if state != "sent")

    def sent(self) -> None:
        """The mail that was owed reaches the catcher."""
        self.counts = {"sent": sum(self.counts.values())}
        self.unread += 1

    def recorded_and_sent(self) -> None:
        """A fact is recorded, and its mail is out before anybody looks again."""
        self.facts += 1
        self.counts = {"sent": self.counts.get("sent", 0) + 1}
        self.unread += 1


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr("demo.show.outbox.counts", lambda store: dict(made.counts))
    monkeypatch.setattr("demo.show.outbox.on_the_way", lambda store, at: made.on_the_way())
    monkeypatch.setattr("demo.show.outbox.held_until", lambda store, at: made.held_until)
    monkeypatch.setattr(show, "LOOK_AGAIN_SECONDS", 0.2)
    return made


def keeper(world: World, folder: Path, lang: str = "vi") -> Keeper:
    clock = FileClock(folder / "clock")
    clock.set(NOW)
    given: Any = world
    made = Keeper(given, given, clock, given, Console(), lang, threading.Event(), 0.0)
    made._progress = lambda: None  # type: ignore[method-assign]
    made._seen = lambda: True  # type: ignore[method-assign]
    return made


def test_a_mail_that_is_sent_just_after_the_mail_was_read_is_read(
    world: World, tmp_path: Path
) -> None:
    world.counts = {"pending": 1}
    world.after_reading = [world.sent]
    keeper(world, tmp_path)._settle()
    assert world.unread == 0


def test_a_fact_and_its_mail_behind_the_readers_back_are_read(world: World, tmp_path: Path) -> None:
    world.after_reading = [world.recorded_and_sent, world.recorded_and_sent]
    keeper(world, tmp_path)._settle()
    assert world.unread == 0
    assert not world.after_reading


def test_it_looks_again_before_it_gives_up(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keeper(world, tmp_path)
    asked = 0

    def following() -> DateTime | None:
        nonlocal asked
        asked += 1
        if asked == 1:
            world.recorded_and_sent()  # the last mail of the chain comes at the last moment
            return None
        return NOW

    monkeypatch.setattr(made, "_next", following)
    monkeypatch.setattr(made, "_complete", lambda: asked > 1)
    monkeypatch.setattr(made, "_last_passes", lambda: True)
    assert made.play()
    assert world.unread == 0


@pytest.mark.parametrize(("lang", "words"), [("vi", "Không còn gì để chờ"), ("en", "Nothing is")])
def test_it_gives_up_in_the_readers_language(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    made = keeper(world, tmp_path, lang)
    monkeypatch.setattr(made, "_next", lambda: None)
    with pytest.raises(Stuck, match=words):
        made.play()
    monkeypatch.setattr(show, "STUCK_SECONDS", 0.0)
    world.counts = {"pending": 1}
    with pytest.raises(Stuck, match="chuyển động" if lang == "vi" else "has moved"):
        made._settle()


def test_a_stop_is_no_giving_up(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keeper(world, tmp_path)

    def following() -> None:
        made.stop.set()

    monkeypatch.setattr(made, "_next", following)
    assert not made.play()


def test_what_cannot_be_deleted_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = left_behind(tmp_path / "demo")
    ground = Ground(folder)
    monkeypatch.setattr("demo.ground._EMPTYING_SECONDS", 0.1)
    monkeypatch.setattr("demo.ground.shutil.rmtree", lambda *given, **options: None)
    with pytest.raises(Refused):
        ground.clear()
    ground.let_go()


def test_the_next_demonstration_waits_for_the_parts_of_a_killed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = left_behind(tmp_path / "demo")
    (port,) = free_ports("127.0.0.1", 1)
    listening = socket.create_server(("127.0.0.1", port))
    timer = threading.Timer(0.2, listening.close)
    timer.start()
    with pytest.raises(Reached):
        begin(folder, portal=port)
    timer.join()
    assert not (folder / "cascade.db").exists()


def test_a_shell_is_told_how_to_use_the_commands_on_its_data(tmp_path: Path) -> None:
    folder = tmp_path / "thử nghiệm"
    settings = load(var=folder, clock=f"file:{folder / 'clock'}", portal_port=8191)
    told = show.onward(settings, "vi")
    assert told.startswith("Dùng các lệnh với dữ liệu này:")
    words = shlex.split(told.splitlines()[1])
    assert words[0] == "export"
    assert dict(each.split("=", 1) for each in words[1:]) == {
        "CASCADE_VAR": str(folder),
        "CASCADE_CLOCK": f"file:{folder / 'clock'}",
        "CASCADE_PORTAL_PORT": "8191",
        "CASCADE_PREFECT_PORT": "4200",
    }
    assert show.onward(settings, "en").startswith("The commands, on this data:")
