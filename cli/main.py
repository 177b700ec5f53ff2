"""The `cascade` command. Nothing heavy is imported before a command needs it."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

app = typer.Typer(
    name="cascade",
    help="Theo dõi một văn bản chỉ đạo qua nhiều cấp. / A directive cascade on Prefect.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)


def _language(value: str) -> str:
    if value not in ("vi", "en"):
        raise typer.BadParameter(f"vi | en, không phải / not {value!r}")
    return value


Lang = Annotated[
    str, typer.Option("--lang", help="vi | en", envvar="CASCADE_LANG", callback=_language)
]
Format = Annotated[str, typer.Option("--format", help="text | json")]

FAILED, UNREADABLE = 1, 2


@app.command()
def up(
    prefect_port: Annotated[int | None, typer.Option(help="Port of the Prefect server")] = None,
    portal_port: Annotated[int | None, typer.Option(help="Port of the portal")] = None,
    mail_port: Annotated[int | None, typer.Option(help="Port of the mail catcher's page")] = None,
    smtp_port: Annotated[int | None, typer.Option(help="Port of the mail catcher")] = None,
) -> None:
    """Run the embedded system: Prefect server and UI, worker, portal, mail catcher."""
    from cli.up import run

    chosen = {
        "prefect_port": prefect_port,
        "portal_port": portal_port,
        "catcher_port": mail_port,
        "smtp_port": smtp_port,
    }
    raise typer.Exit(run({name: port for name, port in chosen.items() if port is not None}))


@app.command()
def issue(
    package: Annotated[Path, typer.Argument(help="Folder of the directive package")],
    by: Annotated[str, typer.Option("--by", help="Who enters it")] = "operator",
    accept_past: Annotated[
        bool, typer.Option("--accept-past", help="Enter it although bounds have passed")
    ] = False,
    lang: Lang = "vi",
) -> None:
    """Enter a directive package; its documents go out on their days."""
    from cli.issue import run

    _exit(lambda: run(package, by, accept_past, lang), lang)


@app.command()
def lint(
    package: Annotated[Path, typer.Argument(help="Folder of the directive package")],
    format_: Format = "text",
    running: Annotated[
        bool, typer.Option("--running", help="With the dates that acts have moved in the ledger")
    ] = False,
    lang: Lang = "vi",
) -> None:
    """Prove or refute that a package can be carried out; dates, gaps, the smallest settlement."""
    from cli.lint import run

    _exit(lambda: run(package, format_, lang, running=running), lang)


@app.command()
def status(
    document: Annotated[str | None, typer.Argument(help="Document, e.g. 256-KH/TU")] = None,
    format_: Format = "text",
    lang: Lang = "vi",
) -> None:
    """Show the 2×2 table, who is awaited, why and since when."""
    from cli.show import run

    _exit(lambda: run(document, format_, lang), lang)


@app.command()
def waive(
    document: Annotated[str, typer.Argument(help="Document, e.g. 256-KH/TU")],
    obligation: Annotated[str, typer.Argument(help="Obligation, e.g. 256/III.1-c")],
    body: Annotated[str, typer.Argument(help="Body, e.g. pr.bao-an")],
    by: Annotated[str, typer.Option("--by", help="The body that decided")],
    authority: Annotated[str, typer.Option("--authority", help="Number of the decision")],
    lang: Lang = "vi",
) -> None:
    """Lift a named duty from a named body: by whom, on what authority."""
    from cli.decide import waive as decide

    _exit(lambda: decide(document, obligation, body, by, authority, lang), lang)


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
    lang: Lang = "vi",
) -> None:
    """Read a deadline phrase: its bound, the rule, other readings, warnings."""
    from cli.read_deadline import run

    chosen = (before_date, rollover_calendar, rollover_counted, term_end)
    _exit(lambda: run(phrase, issued, event, chosen, format_, lang), lang)


@app.command()
def extend(
    document: Annotated[str, typer.Argument(help="Document, e.g. 256-KH/TU")],
    obligation: Annotated[str, typer.Argument(help="Obligation, e.g. 256/III.1-c")],
    to: Annotated[str, typer.Option("--to", help="New date in words: đến hết ngày 15/11/2023")],
    by: Annotated[str, typer.Option("--by", help="The body that decided")],
    authority: Annotated[str, typer.Option("--authority", help="Number of the decision")],
    reason: Annotated[str, typer.Option("--reason", help="Why")],
    body: Annotated[
        list[str] | None, typer.Option("--body", help="For this body only (repeat for more)")
    ] = None,
    earlier: Annotated[
        bool, typer.Option("--earlier", help="The new date may be earlier than the one in force")
    ] = False,
    lang: Lang = "vi",
) -> None:
    """Move one date by a recorded act; show what moves with it and what becomes impossible."""
    from cli.extend import extend as decide

    _exit(
        lambda: decide(document, obligation, body or [], to, by, authority, reason, earlier, lang),
        lang,
    )


calendar_app = typer.Typer(
    name="calendar",
    help="Days off and make-up days, and what a change of them means for announced dates.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(calendar_app)
Calendar = Annotated[str, typer.Option("--calendar", help="Name of the calendar file")]


@calendar_app.command("show")
def calendar_show(
    year: Annotated[int | None, typer.Argument(help="One year only")] = None,
    calendar: Calendar = "vn",
    lang: Lang = "vi",
) -> None:
    """Show the days that differ from their weekday."""
    from cli.calendar import show

    _exit(lambda: show(year, calendar, lang), lang)


@calendar_app.command("seed")
def calendar_seed(
    years: Annotated[list[int], typer.Argument(help="Years to fill")],
    calendar: Calendar = "vn",
    write: Annotated[bool, typer.Option("--write", help="Write the file")] = False,
    lang: Lang = "vi",
) -> None:
    """Fill years from the library "holidays"; known reasons and corrections are kept."""
    from cli.calendar import seed

    _exit(lambda: seed(years, calendar, write, lang), lang)


@calendar_app.command("check")
def calendar_check(calendar: Calendar = "vn", lang: Lang = "vi") -> None:
    """Show which announced dates the calendar file would move; move none."""
    from cli.calendar import check

    _exit(lambda: check(calendar, lang), lang)


@calendar_app.command("confirm")
def calendar_confirm(
    document: Annotated[str, typer.Argument(help="Document, e.g. 256-KH/TU")],
    obligation: Annotated[str, typer.Argument(help="Obligation, e.g. 256/III.1-c")],
    by: Annotated[str, typer.Option("--by", help="Who confirms")],
    authority: Annotated[str, typer.Option("--authority", help="Number of the announcement")],
    calendar: Calendar = "vn",
    lang: Lang = "vi",
) -> None:
    """Move one announced date to where the calendar puts it; the ledger keeps old and new."""
    from cli.calendar import confirm

    _exit(lambda: confirm(document, obligation, by, authority, calendar, lang), lang)


@app.command()
def worker() -> None:
    """Run the warm worker against the Prefect server of the settings."""
    from cli.up import worker as work

    raise typer.Exit(work())


@app.command(hidden=True)
def portal() -> None:
    """Run the portal alone (one of several behind a proxy)."""
    import runpy

    runpy.run_module("portal", run_name="__main__")


def _exit(command: Callable[[], int], lang: str) -> NoReturn:
    """End with the status of *command*; tell people of wrong settings instead of failing loudly."""
    from cli.problems import explained, say

    try:
        status = command()
    except Exception as error:
        text = explained(error, lang)
        if text is None:
            raise
        say(text)
        status = UNREADABLE
    raise typer.Exit(status)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; return its exit status through ``SystemExit``."""
    try:
        return app(args=arguments)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
