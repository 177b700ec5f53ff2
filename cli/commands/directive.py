"""A directive: entered, judged, looked at; dates in words."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.shared import Format, Lang, end

app = typer.Typer()


@app.command()
def issue(
    package: Annotated[Path, typer.Argument(help="Folder of the directive package")],
    by: Annotated[
        str, typer.Option("--by", help="The office that enters it; no person: it stays for ever")
    ] = "operator",
    accept_past: Annotated[
        bool, typer.Option("--accept-past", help="Enter it although bounds have passed")
    ] = False,
    lang: Lang = "",
) -> None:
    """Enter a directive package; its documents go out on their days."""
    from cli.issue import run

    end(lambda: run(package, by, accept_past, lang), lang)


@app.command()
def lint(
    package: Annotated[Path, typer.Argument(help="Folder of the directive package")],
    format_: Format = "text",
    running: Annotated[
        bool, typer.Option("--running", help="With the dates that acts have moved in the ledger")
    ] = False,
    lang: Lang = "",
) -> None:
    """Prove or refute that a package can be carried out; dates, gaps, the smallest settlement."""
    from cli.lint import run

    end(lambda: run(package, format_, lang, running=running), lang)


@app.command()
def status(
    document: Annotated[str | None, typer.Argument(help="Document, e.g. 256-KH/TU")] = None,
    format_: Format = "text",
    lang: Lang = "",
) -> None:
    """Show the 2×2 table, who is awaited, why and since when."""
    from cli.show import run

    end(lambda: run(document, format_, lang), lang)


@app.command(context_settings={"ignore_unknown_options": True})  # a bullet's dash is text
def deadline(
    phrase: Annotated[str, typer.Argument(help="Deadline phrase, alone or in its sentence")],
    issued: Annotated[
        str | None, typer.Option("--issued", help="Date of issue, YYYY-MM-DD")
    ] = None,
    event: Annotated[
        str | None, typer.Option("--event", help="What is counted from: ISO date or instant")
    ] = None,
    before_date: Annotated[
        str | None, typer.Option("--before-date", help="'trước ngày': strict (default) | inclusive")
    ] = None,
    rollover_calendar: Annotated[
        str | None,
        typer.Option(
            "--rollover-calendar", help="Calendar phrases: none (default) | next | previous"
        ),
    ] = None,
    rollover_counted: Annotated[
        str | None,
        typer.Option(
            "--rollover-counted", help="Counted periods: none | next (default) | previous"
        ),
    ] = None,
    term_end: Annotated[
        str | None, typer.Option("--term-end", help="Last day of the term, YYYY-MM-DD")
    ] = None,
    format_: Format = "text",
    lang: Lang = "",
) -> None:
    """Read a deadline phrase: its bound, the rule, other readings, warnings."""
    from cli.read_deadline import run

    chosen = (before_date, rollover_calendar, rollover_counted, term_end)
    end(lambda: run(phrase, issued, event, chosen, format_, lang), lang)
