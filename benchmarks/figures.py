"""What one round came to, as values that go into JSON and into the table of the documentation."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.meter import POSTGRES, Spent, Usage


@dataclass(frozen=True, slots=True)
class Times:
    """A distribution of durations, in milliseconds."""

    count: int
    p50: float
    p95: float
    slowest: float


def times_of(seconds: Sequence[float]) -> Times:
    """Return the distribution of *seconds* (at least two)."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return Times(
        len(seconds),
        round(1000 * cuts[49], 1),
        round(1000 * cuts[94], 1),
        round(1000 * max(seconds), 1),
    )


@dataclass(slots=True)
class Figures:
    """One round: one database, one number of units. Seconds, unless a name says otherwise."""

    database: str
    units: int
    at: str = ""
    """When the round began (ISO 8601)."""
    profiled: bool = False
    """Whether py-spy looked on, which costs a little."""
    registered: float = 0.0
    """From the request to issue until the document was entered."""
    issued: float = 0.0
    """… until all duties were open and all mails owed, committed."""
    waiting: float = 0.0
    """… and the run was parked as well: everything waits durably."""
    mailed: float = 0.0
    """… until the last mail was at the SMTP server."""
    calm: bool = False
    """Whether the system was at rest when it was watched."""
    window: float = 0.0
    usage: list[Usage] = field(default_factory=list)
    page: Times | None = None
    click: Times | None = None
    pages_opened: float = 0.0
    burst_count: int = 0
    burst_connections: int = 0
    burst: float = 0.0
    """From the first confirmation of the burst until the gate's opening was committed."""
    burst_client_cpu: float = 0.0
    """CPU of the client meanwhile: far below ``burst``, or the client was the bottleneck."""
    next_mail: float = 0.0
    """From the answer to the last report until the synthesis' mail was at the SMTP server."""
    shown: float = 0.0
    """From the answer to the last report until the run had dealt with every fact."""
    bytes_waiting: int = 0
    """The database of facts while everything waits."""
    bytes_end: int = 0
    prefect_bytes: int = 0
    """Prefect's own database at the end."""
    stages: dict[str, Spent] = field(default_factory=dict)

    @property
    def burst_rate(self) -> float:
        """Return confirmations a second."""
        return self.burst_count / self.burst if self.burst else 0.0

    @property
    def burst_all(self) -> float:
        """Return how long the burst would have taken for all units, at the same rate."""
        return self.units / self.burst_rate if self.burst_rate else 0.0

    def own(self) -> list[Usage]:
        """Return the usage of the system without PostgreSQL, which others bring along."""
        return [each for each in self.usage if each.name != POSTGRES]

    def postgres(self) -> list[Usage]:
        """Return the usage of PostgreSQL alone."""
        return [each for each in self.usage if each.name == POSTGRES]


def figures_of(data: Mapping[str, Any]) -> Figures:
    """Return the round that ``dataclasses.asdict`` made *data* of."""
    plain = dict(data)
    for name in ("page", "click"):
        plain[name] = None if plain[name] is None else Times(**plain[name])
    plain["usage"] = [Usage(**each) for each in plain["usage"]]
    plain["stages"] = {name: Spent(**each) for name, each in plain["stages"].items()}
    return Figures(**plain)


@dataclass(frozen=True, slots=True)
class Total:
    """The sum over several kinds of processes."""

    processes: int
    pss_mb: float | None
    rss_mb: float
    cpu_percent: float


def total(usage: Sequence[Usage]) -> Total:
    """Add up *usage*; PSS only if it is known for all."""
    pss = [each.pss_mb for each in usage]
    known = [each for each in pss if each is not None]
    return Total(
        sum(each.processes for each in usage),
        round(sum(known), 1) if len(known) == len(pss) else None,
        round(sum(each.rss_mb for each in usage), 1),
        round(sum(each.cpu_percent for each in usage), 2),
    )
