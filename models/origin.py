"""On whose run a fact is recorded: Prefect's ids, for the envelope of what is appended.

The flows say it (:func:`running`); the portal and the command line have no run. It is told beside
the call, not through it, because it concerns no rule: the same act is the same fact wherever it
was recorded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from models.domain.chain import Json


@dataclass(frozen=True, slots=True)
class Run:
    """A flow run, and the task run in it if there is one (Prefect's ids, as text)."""

    flow: str
    task: str | None = None

    def as_json(self) -> Json:
        """Return it as the envelope writes it."""
        return {"flow": self.flow, "task": self.task}


_RUN: ContextVar[Run | None] = ContextVar("run", default=None)


def current() -> Run | None:
    """Return the run that this is recorded on, if any."""
    return _RUN.get()


@contextmanager
def running(run: Run | None) -> Iterator[None]:
    """Within this block, what is recorded names *run*."""
    token = _RUN.set(run)
    try:
        yield
    finally:
        _RUN.reset(token)
