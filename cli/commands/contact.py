"""Where bodies get their mail."""

from typing import Annotated

import typer

from cli.commands.shared import Lang, end, group

app = group(
    "contact", "Where a body gets its mail: show, add, replace, use no more; links go along."
)
Holder = Annotated[str, typer.Argument(help="Body, e.g. pr.bao-an")]
ContactBy = Annotated[str, typer.Option("--by", help="Who ordered it")]
Ordered = Annotated[str, typer.Option("--authority", help="Letter or order that says so; no names")]
Locale = Annotated[
    str, typer.Option("--locale", help="vi | en: the mails' language (default: as before, else vi)")
]
Lookalike = Annotated[
    bool, typer.Option("--accept-lookalike", help="The domain mixes scripts, and it is meant")
]


@app.command("list")
def list(
    body: Holder,
    show_addresses: Annotated[
        bool, typer.Option("--show-addresses", help="Whole addresses, not masked")
    ] = False,
    lang: Lang = "",
) -> None:
    """Show the addresses that a body has and had."""
    from cli.contact import list_

    end(lambda: list_(body, show_addresses, lang), lang)


@app.command("add")
def add(
    body: Holder,
    address: Annotated[str, typer.Argument(help="The new address")],
    by: ContactBy,
    authority: Ordered,
    locale: Locale = "",
    lookalike: Lookalike = False,
    lang: Lang = "",
) -> None:
    """Give a body an address more; what it owes is told there at once."""
    from cli.contact import add

    end(lambda: add(body, address, locale, by, authority, lookalike, lang), lang)


@app.command("replace")
def replace(
    body: Holder,
    old: Annotated[str, typer.Argument(help="The address that goes")],
    new: Annotated[str, typer.Argument(help="The address that comes")],
    by: ContactBy,
    authority: Ordered,
    locale: Locale = "",
    lookalike: Lookalike = False,
    lang: Lang = "",
) -> None:
    """Let a new address take an old one's place; links to the old one end at once."""
    from cli.contact import replace

    end(lambda: replace(body, old, new, locale, by, authority, lookalike, lang), lang)


@app.command("retire")
def retire(
    body: Holder,
    address: Annotated[str, typer.Argument(help="The address that goes")],
    by: ContactBy,
    authority: Ordered,
    lang: Lang = "",
) -> None:
    """Use an address no more; links to it end at once, mail that waits for it is given up."""
    from cli.contact import retire

    end(lambda: retire(body, address, by, authority, lang), lang)
