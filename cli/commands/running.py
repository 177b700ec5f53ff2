"""The parts of the system: all of them on one machine, or one alone."""

from typing import Annotated

import typer

from cli.commands.shared import GivenLang, Lang, end

app = typer.Typer()


@app.command()
def up(
    prefect_port: Annotated[int | None, typer.Option(help="Port of the Prefect server")] = None,
    portal_port: Annotated[int | None, typer.Option(help="Port of the portal")] = None,
    mail_port: Annotated[int | None, typer.Option(help="Port of the mail catcher's page")] = None,
    smtp_port: Annotated[int | None, typer.Option(help="Port of the mail catcher")] = None,
    lang: GivenLang = "",
) -> None:
    """Run the embedded system: Prefect server and UI, worker, portal, mail catcher."""
    from cli.up import run

    chosen = {
        "prefect_port": prefect_port,
        "portal_port": portal_port,
        "catcher_port": mail_port,
        "smtp_port": smtp_port,
    }
    given = {name: port for name, port in chosen.items() if port is not None}
    raise typer.Exit(run(given, lang or None))


@app.command()
def worker(lang: Lang = "") -> None:
    """Run the warm worker against the Prefect server of the settings."""
    from cli.up import worker as work

    end(work, lang)


@app.command(hidden=True)
def portal(lang: Lang = "") -> None:
    """Run the portal alone (one of several behind a proxy)."""
    from portal.__main__ import main as serve

    end(serve, lang)
