"""`python -m demo`: what `make demo` runs."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.shared import language
from cli.problems import guarded
from cli.streams import ready


def main(
    leave: Annotated[
        bool, typer.Option("--exit", help="Stop when the cascade is complete")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a killed demonstration stopped")
    ] = False,
    seed: Annotated[int, typer.Option(help="Who is late, and when")] = 57,
    pace: Annotated[
        float, typer.Option(min=0, help="Seconds to rest before time moves (0: none)")
    ] = 0.0,
    prefect_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of the Prefect server")
    ] = 4200,
    portal_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the portal")] = 8080,
    mail_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of the mail catcher's page")
    ] = 8025,
    smtp_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of the mail catcher")
    ] = 2525,
    folder: Annotated[Path, typer.Option(help="Where the data is kept")] = Path("var/demo"),
    lang: Annotated[str, typer.Option(help="vi | en", callback=language)] = "vi",
) -> None:
    """Run the real chain on virtual time, with simulated units, from 15/6/2023 to its end."""

    def play() -> int:
        from demo.show import Ports, run

        ports = Ports(prefect_port, portal_port, mail_port, smtp_port)
        return run(folder, ports, seed=seed, resume=resume, leave=leave, pace=pace, lang=lang)

    raise typer.Exit(guarded(play, lang))


if __name__ == "__main__":
    ready()
    typer.run(main)
