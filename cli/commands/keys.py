"""Keys of the ledger and of the portal."""

from typing import Annotated

import typer

from cli.commands.shared import Lang, end, group

app = group("keys", "The keys that sign the ledger's checkpoints and seal the portal's forms.")


@app.command("show")
def show(lang: Lang = "") -> None:
    """Print the public keys, as auditors need them."""
    from cli.checkpoint import show_keys

    end(lambda: show_keys(lang), lang)


@app.command("rotate")
def rotate(
    which: Annotated[str, typer.Argument(help="ledger | portal")],
    by: Annotated[
        str, typer.Option("--by", help="The office that ordered it; no person: it stays for ever")
    ] = "operator",
    lang: Lang = "",
) -> None:
    """Let a new key take over: of the checkpoints (ledger), or of the portal's forms (portal)."""
    if which == "portal":
        from cli.keys import rotate_portal

        end(lambda: rotate_portal(lang), lang)
    from cli.checkpoint import rotate_key

    end(lambda: rotate_key(which, by, lang), lang)
