"""Names and addresses, destroyed for ever."""

from typing import Annotated

import typer

from cli.commands.shared import Lang, end, group

app = group("erase", "Destroy a name or an address for ever; the ledger's proofs stay whole.")
Basis = Annotated[str, typer.Option("--basis", help="Law, request or decision; no names")]
Eraser = Annotated[
    str, typer.Option("--by", help="The office that decided; no person: it stays for ever")
]


@app.command("find")
def find(name: Annotated[str, typer.Argument(help="Part of a name")], lang: Lang = "") -> None:
    """Show the references of the names that were typed."""
    from cli.erase import find

    end(lambda: find(name, lang), lang)


@app.command("person")
def person(
    ref: Annotated[str, typer.Argument(help="Reference: p_…")],
    basis: Basis,
    by: Eraser = "operator",
    lang: Lang = "",
) -> None:
    """Destroy the name behind a reference."""
    from cli.erase import person

    end(lambda: person(ref, basis, by, lang), lang)


@app.command("contact")
def contact(
    body: Annotated[str, typer.Argument(help="Body, e.g. pr.bao-an")],
    address: Annotated[str, typer.Argument(help="Its address")],
    basis: Basis,
    by: Eraser = "operator",
    lang: Lang = "",
) -> None:
    """Destroy an address of a body; mail still owed to it is parked."""
    from cli.erase import contact

    end(lambda: contact(body, address, basis, by, lang), lang)
