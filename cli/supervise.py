"""Keeps the processes of one installation alive: starts them, restarts what dies, stops them all.

Nothing is lost when a process dies, so the supervisor's whole duty is to start it again. When the
supervisor itself is killed, its children are told to end (Linux), so that a second start finds
free ports.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from config.clock import stopwatch, wait_until

_PR_SET_PDEATHSIG = 1
_BACKOFF = (0.2, 1.0, 3.0, 10.0)
_CALM_SECONDS = 60.0


class PortTaken(Exception):
    """A port that we need is in use by somebody else."""

    def __init__(self, name: str, port: int, option: str) -> None:
        super().__init__(name, port, option)
        self.name, self.port, self.option = name, port, option

    def text(self, lang: str = "vi") -> str:
        """Return what is wrong and what to do."""
        if lang == "en":
            return (
                f"Port {self.port} for {self.name} is in use. "
                f"Stop the other program or choose another port: {self.option}"
            )
        return (
            f"Cổng {self.port} cho {self.name} đang được dùng. "
            f"Hãy dừng chương trình kia hoặc chọn cổng khác: {self.option}"
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """A check whether a part answers 200 at *url*; an HTTP client would cost more than the rest."""

    url: str

    def __call__(self) -> bool:
        """Ask once."""
        where = urlsplit(self.url)
        # By this name every part knows itself, whatever it binds.
        question = f"GET {where.path} HTTP/1.0\r\nHost: localhost\r\n\r\n"
        try:
            with socket.create_connection((where.hostname or "", where.port or 80), 2.0) as asked:
                asked.sendall(question.encode())
                return asked.makefile("rb").readline(100).split()[1:2] == [b"200"]
        except OSError:
            return False


@dataclass(slots=True)
class Child:
    """One process of the installation."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log: Path
    healthy: Callable[[], bool] | None = None
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started: float = 0.0
    again_at: float = 0.0
    pids: list[int] = field(default_factory=list)

    def start(self) -> None:
        """Start the process; its output goes to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.argv,
                env={**os.environ, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self.pids.append(self.process.pid)
        self.started = stopwatch()

    @property
    def alive(self) -> bool:
        """Tell whether the process runs."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Runs children until it is told to stop."""

    def __init__(self, say: Callable[[str], None] = lambda text: None) -> None:
        self.children: list[Child] = []
        self.stopping = threading.Event()
        self._ended = threading.Event()
        self._reviving = threading.Lock()
        self._say = say
        self._watch: threading.Thread | None = None

    def wait_healthy(self, child: Child, seconds: float = 300.0) -> bool:
        """Wait until *child* answers; return whether it does. One without a check always does."""
        if child.healthy is None:
            return child.alive
        check, answered = child.healthy, False

        def settled() -> bool:
            nonlocal answered
            # Asked once: a busy machine may be slow to answer a second time.
            answered = check()
            return answered or not child.alive

        wait_until(settled, seconds=seconds, stop=self.stopping)
        return answered

    def watch(self) -> None:
        """Restart in the background whatever dies from now on."""
        self._watch = threading.Thread(target=self._keep_alive, name="supervisor", daemon=True)
        self._watch.start()

    def _keep_alive(self) -> None:
        while not self.stopping.wait(0.1):
            for child in self.children:
                with self._reviving:
                    if not child.alive and not self.stopping.is_set():
                        self._revive(child)
        # Linux ends a child with the thread that started it: they have their own time to end.
        self._ended.wait()

    def _revive(self, child: Child) -> None:
        now = stopwatch()
        if child.again_at == 0.0:
            if now - child.started > _CALM_SECONDS:
                child.deaths = 0
            wait = _BACKOFF[min(child.deaths, len(_BACKOFF) - 1)]
            child.deaths += 1
            child.again_at = now + wait
            code = child.process.returncode if child.process else None
            self._say(f"{child.name} ended (code {code}); starting it again")
        if now >= child.again_at:
            child.again_at = 0.0
            try:
                child.start()
            except OSError as error:  # no memory, no disk: the others must still be watched
                self._say(f"{child.name} could not be started: {error}")
                child.started, child.again_at = now, now + _BACKOFF[-1]

    def stop(self, seconds: float = 10.0) -> None:
        """End all children, the last started first; kill those that do not listen."""
        self.stopping.set()
        with self._reviving:
            pass  # nothing is started from here on
        for child in reversed(self.children):
            _signal(child, signal.SIGTERM)
        for child in reversed(self.children):
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.process.wait()
        self._ended.set()
        if self._watch is not None:
            self._watch.join(timeout=5)


def _signal(child: Child, number: int) -> None:
    """Signal the child's whole group: it may have children of its own."""
    if child.process is None:
        return
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        return


def _die_with_parent() -> None:  # pragma: no cover - runs in the child before exec
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def require_free(host: str, ports: Sequence[tuple[str, int, str]]) -> None:
    """Check that ports (name, number, option that changes it) can be bound.

    Raises:
        PortTaken: for the first that cannot, or that an earlier one needs as well.
    """
    wanted: set[int] = set()
    for name, port, option in ports:
        if port in wanted:
            raise PortTaken(name, port, option)
        wanted.add(port)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise PortTaken(name, port, option) from error


def free_ports(host: str, count: int) -> list[int]:
    """Return *count* ports that are free now."""
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((host, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
