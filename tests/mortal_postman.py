"""Postmen that are killed (``kill -9``) at a chosen point, and leave nothing but the database.

A point is every suspension of every coroutine and both sides of every commit; nothing in the
product knows of it. One process imports everything and forks a child for each postman.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pendulum
from sqlalchemy import event

from config.clock import FixedClock
from config.keys import vault
from config.settings import Settings
from models.store import Store
from notifications.post import Postman
from notifications.smtp_settings import Security, SmtpSettings
from tests.integration.mail_site import SENDER


@dataclass(frozen=True, slots=True)
class Life:
    """How one postman's life went."""

    killed: bool
    points: int
    """How many points it passed, if it lived to tell."""


class Nursery:
    """The process that forks postmen."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mortal_postman"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def live(self, settings: Settings, port: int, now: str, at: int = 0) -> Life:
        """Let a postman do one round, killed at its *at*-th point (0: never)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        where = str(settings.var), settings.database_url
        self._process.stdin.write(json.dumps([*where, port, now, at]) + "\n")
        self._process.stdin.flush()
        killed, points = json.loads(self._process.stdout.readline())
        return Life(killed, points)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class Points:
    """Counts points, and ends the process at one of them."""

    def __init__(self, at: int) -> None:
        self.passed = 0
        self._at = at

    def pass_(self, *_: object) -> None:
        self.passed += 1
        if self.passed == self._at:
            os.kill(os.getpid(), signal.SIGKILL)

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return a loop in which every suspension of every task is a point."""
        made = asyncio.new_event_loop()
        made.set_task_factory(self._task)
        return made

    def _task(self, loop: asyncio.AbstractEventLoop, work: Any, **given: Any) -> asyncio.Task[Any]:
        return asyncio.Task(_watched(work, self.pass_), loop=loop, **given)


async def _watched(work: Coroutine[Any, Any, Any], point: Callable[[], None]) -> Any:
    return await _Steps(work, point)


class _Steps:
    def __init__(self, work: Coroutine[Any, Any, Any], point: Callable[[], None]) -> None:
        self._work = work
        self._point = point

    def __await__(self) -> Generator[Any, Any, Any]:
        value, error = None, None
        while True:
            try:
                waits_for = self._work.throw(error) if error else self._work.send(value)
            except StopIteration as done:
                return done.value
            self._point()
            try:
                value, error = (yield waits_for), None
            except BaseException as raised:
                error = raised


def _live(folder: str, url: str, port: int, now: str, at: int) -> int:
    points = Points(at)
    settings = Settings(_env_file=None, var=Path(folder), database_url=url)
    store = Store(settings.store_url, vault(settings))
    event.listen(store.engine, "commit", points.pass_)
    event.listen(store.engine, "checkin", points.pass_)
    instant = pendulum.parse(now)
    assert isinstance(instant, pendulum.DateTime)
    clock = FixedClock(instant)
    smtp = SmtpSettings("127.0.0.1", port, Security.NONE, timeout=5.0, final_timeout=5.0)
    with asyncio.Runner(loop_factory=points.loop) as runner:
        runner.run(Postman(store, smtp, SENDER, clock, clock, "mortal").deliver())
    return points.passed


def main() -> None:
    """Fork a postman for each line of standard input."""
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            status = 1
            try:
                os.write(writing, str(_live(*json.loads(line))).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(writing)
        with os.fdopen(reading) as told:
            points = told.read()
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and not points:
            raise SystemExit(f"a postman failed by itself: {line}")
        print(json.dumps([killed, int(points or 0)]), flush=True)


if __name__ == "__main__":
    main()
