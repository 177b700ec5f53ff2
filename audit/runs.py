"""What Prefect says of the runs that our database and the facts name; differences, explained.

Prefect is the engine, not the truth: it forgets after some days, its database may be deleted, and
a run that it does not know proves nothing. So whatever is found here is a note. The question is
asked through a callable, because this package knows no Prefect.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.codes import Code
from audit.finding import Finding
from audit.links import Chain
from audit.source import Source

_RUNS = "SELECT key, stream, flow_run_id, finished FROM runtime_run ORDER BY key"
_AT_ONCE = 200
MOST = 2_000
"""How many of the newest runs are asked about: the question costs Prefect more than us."""


@dataclass(frozen=True, slots=True)
class Run:
    """One flow run as Prefect tells of it."""

    flow: str
    """The name of its flow."""
    parameters: Mapping[str, object]
    final: bool
    """It has ended."""


class Unreachable(Exception):
    """Prefect does not answer."""


Known = Callable[[Sequence[str]], Mapping[str, Run]]
"""Gives what Prefect knows of flow runs by their ids; those that it has forgotten are left out.

Raises :class:`Unreachable`.
"""


def compare(source: Source, chain: Chain, known: Known) -> Iterator[Finding]:
    """Yield where Prefect and the ledger differ, or that they cannot be compared."""
    books = [*source.rows(_RUNS)]
    named = [flow for _, _, flow, _ in books]
    newest = sorted(chain.runs, key=lambda flow: -chain.runs[flow])
    asked = list(dict.fromkeys([*named, *newest]))[:MOST]
    if not asked:
        return
    try:
        found: dict[str, Run] = {}
        for at in range(0, len(asked), _AT_ONCE):
            found |= known(asked[at : at + _AT_ONCE])
    except Unreachable as error:
        yield Finding(Code.RUNS_UNKNOWN, data={"why": str(error)})
        return
    if forgotten := len(asked) - len(found):
        yield Finding(Code.RUN_FORGOTTEN, data={"count": forgotten})
    for key, stream, flow, finished in books:
        run = found.get(flow)
        if run is None:
            continue
        name = key.partition(":")[0]
        if run.flow != name:
            yield _differs(flow, key, stream, f"{key} ≠ {run.flow}")
        elif run.parameters.get("document") != stream:
            yield _differs(flow, key, stream, f"{stream} ≠ {run.parameters.get('document')}")
        elif finished and not run.final:
            yield _differs(flow, key, stream, "finished ≠ running")
        elif run.final and not finished:
            yield _differs(flow, key, stream, "running ≠ finished")


def _differs(run: str, key: str, stream: str, why: str) -> Finding:
    return Finding(Code.RUN_DIFFERS, None, stream, f"runtime_run:{key}", data={
        "run": run, "why": why,
    })  # fmt: skip
