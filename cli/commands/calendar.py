"""Calendars of days off."""

from typing import Annotated

import typer

from cli.commands.shared import Lang, end, group

app = group(
    "calendar", "Days off and make-up days, and what a change of them means for announced dates."
)
Calendar = Annotated[str, typer.Option("--calendar", help="Name of the calendar file")]


@app.command("show")
def show(
    year: Annotated[int | None, typer.Argument(help="One year only")] = None,
    calendar: Calendar = "vn",
    lang: Lang = "",
) -> None:
    """Show the days that differ from their weekday."""
    from cli.calendar import show

    end(lambda: show(year, calendar, lang), lang)


@app.command("seed")
def seed(
    years: Annotated[list[int], typer.Argument(help="Years to fill")],
    calendar: Calendar = "vn",
    write: Annotated[bool, typer.Option("--write", help="Write the file")] = False,
    lang: Lang = "",
) -> None:
    """Fill years from the library "holidays"; known reasons and corrections are kept."""
    from cli.calendar import seed

    end(lambda: seed(years, calendar, write, lang), lang)


@app.command("check")
def check(calendar: Calendar = "vn", lang: Lang = "") -> None:
    """Show which announced dates the calendar file would move; move none."""
    from cli.calendar import check

    end(lambda: check(calendar, lang), lang)


@app.command("confirm")
def confirm(
    document: Annotated[str, typer.Argument(help="Document, e.g. 256-KH/TU")],
    obligation: Annotated[str, typer.Argument(help="Obligation, e.g. 256/III.1-c")],
    by: Annotated[
        str, typer.Option("--by", help="The office that confirms; no person: it stays for ever")
    ],
    authority: Annotated[str, typer.Option("--authority", help="Number of the announcement")],
    calendar: Calendar = "vn",
    lang: Lang = "",
) -> None:
    """Move one announced date to where the calendar puts it; the ledger keeps old and new."""
    from cli.calendar import confirm

    end(lambda: confirm(document, obligation, by, authority, calendar, lang), lang)
