"""How fast a ledger is verified: ``python -m benchmarks.verify``.

A ledger is grown by the ordinary way of recording (or given), and verified in a process of its own:
hashes with all that one pass compares and folds, then what the rules say, with mails and links.
Seconds are CPU seconds of that one process, so that neighbours on the machine do not count. A
second ledger of a tenth of the facts shows whether memory grows with them. Nothing is asserted.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from audit.links import Chain, follow
from audit.source import open_source
from audit.verify import Wanted, verify
from benchmarks.grown import grow
from benchmarks.machine import machine

AIM = 100_000
"""Facts a second on one core, hashed and folded."""
app = typer.Typer()


@app.command()
def main(
    facts: Annotated[int, typer.Option(help="How many facts the ledger has at least")] = 300_000,
    units: Annotated[int, typer.Option(help="Units of each document")] = 2_000,
    database: Annotated[str, typer.Option(help="A ledger that is there already")] = "",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures")] = None,
) -> None:
    """Grow two ledgers, verify both, print figures and ratios."""
    where = machine()
    typer.echo(f"{where.cpu}, {where.cores} cores, Python {where.python}, SQLite {where.sqlite}")
    with tempfile.TemporaryDirectory(prefix="cascade-bench-") as folder:
        small = f"sqlite:///{folder}/small.db"
        grow(small, facts // 10, units)
        large = database
        if not large:
            large = f"sqlite:///{folder}/large.db"
            grow(large, facts, units, lambda size: typer.echo(f"  {size} facts", err=True))
        figures = [_apart(small), _apart(large)]
    for each in figures:
        typer.echo(
            f"{each['facts']:>9} facts: copied in {each['copy']:.2f} s;"
            f" hashed and folded {each['hash_fold']:>7.0f}/s ({each['hash_fold'] / AIM:.2f} × aim);"
            f" rules, mails, links {each['rules']:>6.0f}/s; whole {each['whole']};"
            f" peak {each['peak_mb']:.0f} MB"
        )
    less, more = figures
    typer.echo(
        f"{more['facts'] / less['facts']:.1f} × the facts: {more['peak_mb'] / less['peak_mb']:.2f}"
        f" × the memory"
    )
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=1))


@app.command()
def measure(url: str) -> None:
    """Verify the ledger at *url*; print the figures of this process as JSON."""
    began = time.process_time()
    with open_source(url) as source:
        copied, chain = time.process_time() - began, Chain()
        began = time.process_time()
        found = sum(1 for _ in follow(source, chain))
        hashed = time.process_time() - began
    marks: dict[str, float] = {}

    def mark(part: str, done: int, total: int) -> None:
        marks.setdefault(part, time.process_time())
        marks[f"{part}-end"] = time.process_time()

    report = verify(url, Wanted(), mark)
    rules = marks["rules-end"] - marks["facts-end"]
    typer.echo(
        json.dumps(
            {
                "facts": chain.count,
                "copy": copied,
                "hash_fold": chain.count / hashed,
                "rules": report.derived / rules,
                "whole": report.whole and not found,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def _apart(url: str) -> dict[str, float]:
    """Measure in a process of its own: its memory is nobody else's."""
    command = [sys.executable, "-m", "benchmarks.verify", "measure", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    app()
