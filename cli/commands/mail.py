"""Mails that need a person."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.shared import (
    Format,
    Lang,
    end,
    group,
    language,
    language_of_the_settings,
)

app = group(
    "mail", "Mails: how they look, what is stuck and why; try again, give up, read returns."
)


@app.command("preview")
def preview(
    folder: Annotated[Path, typer.Option("--out", help="Folder for the files")] = Path(
        "var/mail-preview"
    ),
    lang: Annotated[
        str, typer.Option("--lang", help="vi | en (default: both)", callback=language)
    ] = "",
) -> None:
    """Write every kind of mail with sample data, as HTML, text and .eml, into a folder."""
    from cli.preview import run

    end(lambda: run(folder, lang or None), lang or language_of_the_settings())


@app.command("list")
def list(
    state: Annotated[
        str, typer.Option("--state", help="pending, held, sent, parked, failed, bounced, …")
    ] = "",
    document: Annotated[str, typer.Option("--document", help="Of this document only")] = "",
    show_addresses: Annotated[
        bool, typer.Option("--show-addresses", help="Whole addresses, not masked")
    ] = False,
    format_: Format = "text",
    lang: Lang = "",
) -> None:
    """Show the mails that need a person or wait for their hour; with --state, others."""
    from cli.mail import list_mails

    end(lambda: list_mails(state, document, show_addresses, format_, lang), lang)


@app.command("retry")
def retry(
    key: Annotated[str, typer.Argument(help="Key of a parked mail")] = "",
    all_parked: Annotated[bool, typer.Option("--all-parked", help="All of them")] = False,
    lang: Lang = "",
) -> None:
    """Try parked mails again, and the relay if it was stopped."""
    from cli.mail import retry

    end(lambda: retry(key, all_parked, lang), lang)


@app.command("drop")
def drop(
    key: Annotated[str, typer.Argument(help="Key of a mail that was not sent")],
    reason: Annotated[str, typer.Option("--reason", help="Why")],
    lang: Lang = "",
) -> None:
    """Give up a mail for good; the ledger says that it was."""
    from cli.mail import drop

    end(lambda: drop(key, reason, lang), lang)


@app.command("returned")
def returned(
    key: Annotated[str, typer.Argument(help="Key of a mail that is said to have come back")],
    believed: Annotated[
        bool, typer.Option("--yes/--no", help="Whether it did, as far as you know")
    ] = True,
    lang: Lang = "",
) -> None:
    """Say whether a mail came back of which nothing proves it (shown as doubted)."""
    from cli.mail import returned

    end(lambda: returned(key, believed, lang), lang)


@app.command("bounce")
def bounce(
    recipient: Annotated[
        str, typer.Option("--recipient", help="To which address it came, if the server tells")
    ] = "",
    lang: Lang = "",
) -> None:
    """Read one returned message from standard input (for a pipe alias)."""
    from cli.mail import bounce

    end(lambda: bounce(recipient, lang), lang)
