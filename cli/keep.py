"""What stays of ``cascade up``: it starts the parts, says where they are, and keeps them alive.

The command line replaces itself with ``python -m cli.keep``. What reading a command line takes
(typer, and pydantic behind it: 11 MB) would otherwise stay in memory for months.
"""

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import IO, NoReturn

from cli import plan
from cli.supervise import Child, Supervisor

_RED, _YELLOW = 31, 33


class NotStarted(Exception):
    """A part of the system did not come up."""

    def __init__(self, child: Child) -> None:
        super().__init__(child.name)
        self.child = child

    def text(self, lang: str = "vi") -> str:
        """Return what failed, and the end of its log."""
        log = self.child.log
        tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
        if lang == "en":
            return f"{self.child.name} did not start; the end of {log}:\n{tail}"
        return f"{self.child.name} không khởi động được; cuối tệp {log}:\n{tail}"


def start(parts: Sequence[Child], tell: Callable[[str], None]) -> Supervisor:
    """Start *parts* and keep them alive.

    Raises:
        NotStarted: when one did not come up; the others are stopped again.
    """
    supervisor = Supervisor(tell)
    for child in parts:
        child.start()  # all at once: each imports for seconds
        supervisor.children.append(child)
    for child in parts:
        if not supervisor.wait_healthy(child):
            supervisor.stop()
            raise NotStarted(child)
    supervisor.watch()
    return supervisor


def become(planned: bytes) -> NoReturn:
    """Replace this process with the one that stays. *planned*: what ``cli.plan`` printed."""
    with tempfile.TemporaryFile() as file:  # without a name: it tells addresses and settings
        file.write(planned)
        file.seek(0)
        os.set_inheritable(file.fileno(), True)
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(sys.executable, [sys.executable, "-m", "cli.keep", str(file.fileno())])


def main(descriptor: int) -> int:
    """Start what was planned and run until Ctrl-C or SIGTERM; return the exit status."""
    from cli.streams import ready

    ready()
    with os.fdopen(descriptor, "rb") as file:
        planned = plan.read(file.read())
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        supervisor = start(planned.parts, lambda text: _say(text, _YELLOW, sys.stdout))
    except NotStarted as error:
        _say(error.text(planned.lang), _RED, sys.stderr)
        return 1
    try:
        for line in planned.addresses:
            print(line, flush=True)
        stop.wait()
    finally:
        supervisor.stop()
    return 0


def _say(text: str, colour: int, out: IO[str]) -> None:
    print(f"\x1b[{colour}m{text}\x1b[0m" if out.isatty() else text, file=out, flush=True)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
