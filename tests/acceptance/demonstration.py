"""The demonstration as a subprocess: dates to wait for, parts to kill."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psutil

from cli.supervise import free_ports
from config.clock import wait_until
from config.settings import Settings, load

PARTS = {
    "worker": "flows.work",
    "prefect": "flows.server",
    "portal": "portal",
    "mail": "notifications.catcher",
}
_LINE = re.compile(r"^(\d{2})/(\d{2})/(\d{4}) \d{2}:\d{2}", re.MULTILINE)
LONG = 600.0


class Demonstration:
    """One demonstration in a folder of its own, on ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = free_ports("127.0.0.1", 4)
        self.log = folder.parent / f"{folder.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        prefect, portal, mail, smtp = self.ports
        self.settings: Settings = load(
            var=folder,
            clock=f"file:{folder / 'clock'}",
            prefect_port=prefect,
            portal_port=portal,
            catcher_port=mail,
            smtp_port=smtp,
        )

    def start(self, *options: str) -> None:
        """Start it; ``--resume`` goes on with what the folder holds."""
        prefect, portal, mail, smtp = self.ports
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "demo",
                    "--exit",
                    f"--folder={self.folder}",
                    f"--prefect-port={prefect}",
                    f"--portal-port={portal}",
                    f"--mail-port={mail}",
                    f"--smtp-port={smtp}",
                    *options,
                ],
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "COLUMNS": "200"},
                start_new_session=True,
            )

    def said(self) -> str:
        """Return everything printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def day(self) -> date | None:
        """Return the virtual day of the newest progress line."""
        found = _LINE.findall(self.said())
        return date(*(int(part) for part in reversed(found[-1]))) if found else None

    def until(self, day: date) -> None:
        """Wait until virtual time has come to *day*."""

        def there() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, f"the demonstration ended:\n{self.said()[-3000:]}"
            now = self.day()
            return now is not None and now >= day

        assert wait_until(there, seconds=LONG, every=0.1), self.said()[-3000:]

    def part(self, name: str) -> psutil.Process | None:
        """Return the running process of one part."""
        assert self.process is not None
        try:
            below = psutil.Process(self.process.pid).children(recursive=True)
            for child in below:
                if child.cmdline()[1:3] == ["-m", PARTS[name]]:
                    return child
        except psutil.NoSuchProcess:
            return None
        return None

    def kill(self, name: str) -> None:
        """Kill -9 one part, and wait until the supervisor has started another."""
        victim = self.part(name)
        assert victim is not None, f"{name} does not run"
        victim.kill()

        def back() -> bool:
            other = self.part(name)
            return other is not None and other.pid != victim.pid

        assert wait_until(back, seconds=60, every=0.1), f"{name} was not started again"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let virtual time stand still: whoever moves it is stopped, the system goes on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def kill_everything(self) -> None:
        """Kill -9 every process at once, and wait until they are gone."""
        assert self.process is not None
        root = psutil.Process(self.process.pid)
        victims = [root, *root.children(recursive=True)]
        for victim in victims:
            victim.send_signal(signal.SIGKILL)
        psutil.wait_procs(victims, timeout=20)
        self.process.wait(timeout=20)

    def wait(self) -> int:
        """Wait for the end; return the exit status."""
        assert self.process is not None
        return self.process.wait(timeout=LONG)

    def stop(self) -> None:
        """End it, however it stands."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill_everything()


@contextmanager
def demonstration(folder: Path) -> Iterator[Demonstration]:
    """Give a demonstration that is stopped at the end."""
    demo = Demonstration(folder)
    try:
        yield demo
    finally:
        demo.stop()
