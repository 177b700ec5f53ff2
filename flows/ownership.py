"""Who executes a run, and whether its executor is still alive: known, never guessed by time.

A worker has a name and holds an exclusive lock on a file of that name for as long as it lives;
the kernel takes the lock away when the process ends, ``kill -9`` included. Each run that a worker
claims carries the worker's name: in the message of the Pending state, which is set atomically
with the claim, and then as the run's ``infrastructure_pid``. So a run that is pending or running
under a name whose lock is free has no executor, and may be scheduled again.

The folder of locks must be shared by all workers of one machine and by nobody else: the machine's
name is part of the worker's.
"""

import fcntl
import os
import re
import socket
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Self
from uuid import UUID

from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Scheduled

from flows.connection import api
from flows.runs import listed

PREFIX = "warm:"
SUFFIX = ".lock"
BUSY = frozenset({StateType.PENDING, StateType.RUNNING})


class NameTaken(RuntimeError):
    """Another living worker has this name."""


class Owner:
    """One worker's name, held for as long as the process lives."""

    def __init__(self, folder: Path, name: str) -> None:
        """Take *name*.

        Raises:
            NameTaken: another living process holds it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.name = name
        self._file = os.open(folder / (name + SUFFIX), os.O_RDWR | os.O_CREAT, 0o600)
        if not _lock(self._file):
            os.close(self._file)
            raise NameTaken(name)
        os.truncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    @classmethod
    def first_free(cls, folder: Path) -> Self:
        """Take the first free name of this machine: ``host-1``, ``host-2`` …"""
        host = re.sub(r"[^A-Za-z0-9.-]+", "-", socket.gethostname()) or "localhost"
        number = 1
        while True:
            try:
                return cls(folder, f"{host}-{number}")
            except NameTaken:
                number += 1

    @property
    def mark(self) -> str:
        """Return what the runs of this worker carry."""
        return PREFIX + self.name

    def release(self) -> None:
        """Give the name up, leaving nothing behind: no run of ours is pending or running."""
        os.truncate(self._file, 0)
        os.close(self._file)

    def dead(self) -> Generator[str, None, None]:
        """Yield the marks of workers of this machine that ended without :meth:`release`.

        While one is being yielded its lock is ours, so nobody can come to life under its name;
        once the caller asks for the next, it counts as healed.
        """
        for path in sorted(self.folder.glob("*" + SUFFIX)):
            name = path.name.removesuffix(SUFFIX)
            if name == self.name:
                continue
            file = os.open(path, os.O_RDWR)
            try:
                if _lock(file) and os.fstat(file).st_size:
                    yield PREFIX + name
                    os.truncate(file, 0)
            finally:
                os.close(file)


def owner_of(run: FlowRun) -> str:
    """Return the mark of the worker that claimed *run*; empty if it was not one of ours."""
    state = run.state
    claim = (state.message if state is not None else None) or ""
    if state is not None and state.type == StateType.PENDING and claim.startswith(PREFIX):
        return claim
    mark = run.infrastructure_pid or ""
    pending = state is not None and state.type == StateType.PENDING
    return mark if mark.startswith(PREFIX) and not pending else ""


def busy_runs() -> Iterator[FlowRun]:
    """Return all runs that are pending or running."""
    types = FlowRunFilterStateType(any_=sorted(BUSY))
    return listed(FlowRunFilter(state=FlowRunFilterState(type=types)))


def reschedule(flow_run_id: UUID, reason: str) -> None:
    """Make a run without an executor runnable again."""
    again: State[None] = Scheduled(name="AwaitingRetry", message=reason)
    api().set_flow_run_state(flow_run_id, again, force=True)


def heal(marks: frozenset[str], spare: frozenset[UUID] = frozenset()) -> list[UUID]:
    """Schedule again what workers with these *marks* left behind, but none of *spare*.

    Call it only with marks whose owner is known to be dead, or with one's own mark and all runs
    that one is executing as *spare*.
    """
    if not marks:
        return []
    left = [run.id for run in busy_runs() if run.id not in spare and owner_of(run) in marks]
    for flow_run_id in left:
        reschedule(flow_run_id, "Its worker ended without finishing it.")
    return left


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
