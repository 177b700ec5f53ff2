"""The directive round: ``python -m benchmarks.round`` (``make bench``).

One directive issued to N units, each told by mail, each confirming over HTTP, each report accepted,
one synthesis; on the real system (Prefect server, warm worker, portal, SMTP catcher) and the real
clock, in a folder that goes with it. Nothing is asserted about time.
"""

import dataclasses
import json
import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import page, stages
from benchmarks.figures import Figures, figures_of
from benchmarks.machine import machine
from benchmarks.system import POSTGRESQL, SQLITE, NotUp, running
from benchmarks.units import Refused
from config.clock import SystemClock

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def main(
    units: Annotated[
        str, typer.Option(help="Numbers of units; empty: run nothing")
    ] = "50,500,5000",
    databases: Annotated[str, typer.Option(help="Databases")] = f"{SQLITE},{POSTGRESQL}",
    window: Annotated[float, typer.Option(help="Seconds to watch the waiting system")] = 60.0,
    clicks: Annotated[int, typer.Option(help="Confirmations one by one, at most N/2")] = 200,
    connections: Annotated[int, typer.Option(help="Connections of the burst's client")] = 16,
    write: Annotated[bool, typer.Option("--write", help="Write docs/performance.md")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures")] = None,
    take: Annotated[str, typer.Option(help="JSON files of earlier runs, shown as well")] = "",
    profiles: Annotated[Path | None, typer.Option(help="Folder for py-spy's stacks")] = None,
    py_spy: Annotated[str, typer.Option(help="Path of a py-spy")] = "",
) -> None:
    """Run the directive round and print what it took."""
    # Ctrl-C and SIGTERM alike leave through the blocks that stop the system.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    where, day = machine(), SystemClock().now()
    typer.echo(f"{where.cpu}, {where.cores} cores, load {os.getloadavg()[0]:.2f}")
    done: list[Figures] = []
    try:
        for database in databases.split(","):
            for count in map(int, filter(None, units.split(","))):
                typer.echo(f"\n{database}, {count} units")
                wanted = stages.Wanted(
                    database, count, window, clicks, connections, profiles, py_spy
                )
                with running(database) as system:
                    done.append(stages.run(system, wanted, typer.echo))
    except (NotUp, Refused, stages.Failed) as error:
        typer.echo(f"failed: {error}", err=True)
        raise typer.Exit(1) from error
    finally:
        if json_file is not None:
            json_file.write_text(
                json.dumps(
                    {
                        "at": day.isoformat(),
                        "machine": dataclasses.asdict(where),
                        "rounds": [dataclasses.asdict(each) for each in done],
                    },
                    indent=1,
                )
            )
    shown = sorted(
        [*done, *_earlier(take, done)], key=lambda each: (each.database != SQLITE, each.units)
    )
    typer.echo("\n" + page.table(shown))
    if write:
        page.write(PAGE, shown, where, day)
        typer.echo(f"written: {PAGE}")


def _earlier(files: str, done: list[Figures]) -> list[Figures]:
    """Return the rounds of earlier runs that were not run again; the last file wins."""
    found: dict[tuple[str, int], Figures] = {}
    for file in filter(None, files.split(",")):
        for data in json.loads(Path(file).read_text())["rounds"]:
            figures = figures_of(data)
            found[figures.database, figures.units] = figures
    for each in done:
        found.pop((each.database, each.units), None)
    return list(found.values())


if __name__ == "__main__":
    typer.run(main)
