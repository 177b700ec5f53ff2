"""What operators decide about duties and their dates."""

from typing import Annotated

import typer

from cli.commands.shared import Lang, end

app = typer.Typer()
Document = Annotated[str, typer.Argument(help="Document, e.g. 256-KH/TU")]
Duty = Annotated[str, typer.Argument(help="Obligation, e.g. 256/III.1-c")]
Owing = Annotated[str, typer.Argument(help="Body, e.g. pr.bao-an")]
By = Annotated[
    str, typer.Option("--by", help="The office that decided; no person: it stays for ever")
]
Authority = Annotated[str, typer.Option("--authority", help="Number of the decision")]
Reason = Annotated[str, typer.Option("--reason", help="Why")]


@app.command()
def extend(
    document: Document,
    obligation: Duty,
    to: Annotated[str, typer.Option("--to", help="New date in words: đến hết ngày 15/11/2023")],
    by: By,
    authority: Authority,
    reason: Reason,
    body: Annotated[
        list[str] | None, typer.Option("--body", help="For this body only (repeat for more)")
    ] = None,
    earlier: Annotated[
        bool, typer.Option("--earlier", help="The new date may be earlier than the one in force")
    ] = False,
    lang: Lang = "",
) -> None:
    """Move one date by a recorded act; show what moves with it and what becomes impossible."""
    from cli.extend import extend as decide

    end(
        lambda: decide(document, obligation, body or [], to, by, authority, reason, earlier, lang),
        lang,
    )


@app.command()
def waive(
    document: Document,
    obligation: Duty,
    body: Owing,
    by: By,
    authority: Authority,
    lang: Lang = "",
) -> None:
    """Lift a named duty from a named body: by whom, on what authority."""
    from cli.decide import waive as decide

    end(lambda: decide(document, obligation, body, by, authority, lang), lang)


@app.command()
def reassign(
    document: Document,
    obligation: Duty,
    body: Owing,
    to: Annotated[str, typer.Option("--to", help="The body that owes it from now on")],
    by: By,
    authority: Authority,
    reason: Reason,
    lang: Lang = "",
) -> None:
    """Move a duty from one body to another; the old body's links end at once."""
    from cli.decide import reassign as decide

    end(lambda: decide(document, obligation, body, to, by, authority, reason, lang), lang)


@app.command()
def refuse(
    document: Document,
    obligation: Duty,
    body: Owing,
    by: By,
    authority: Authority,
    reason: Reason,
    lang: Lang = "",
) -> None:
    """Answer no to a unit that asked for more time (yes: cascade extend --body)."""
    from cli.decide import refuse as decide

    end(lambda: decide(document, obligation, body, by, authority, reason, lang), lang)


@app.command()
def uphold(
    document: Document,
    obligation: Duty,
    body: Owing,
    by: By,
    authority: Authority,
    reason: Reason,
    lang: Lang = "",
) -> None:
    """Leave a duty with the unit that says it is not its own (else: cascade reassign, waive)."""
    from cli.decide import uphold as decide

    end(lambda: decide(document, obligation, body, by, authority, reason, lang), lang)


@app.command()
def notice(
    document: Document,
    obligation: Duty,
    body: Owing,
    by: Annotated[
        str,
        typer.Option("--by", help="The office that vouches for it; no person: it stays for ever"),
    ],
    how: Annotated[str, typer.Option("--how", help="How it was told: by whom, to whom, when")],
    lang: Lang = "",
) -> None:
    """Record that a body was told of its duty by other means than mail."""
    from cli.notice import notice as record

    end(lambda: record(document, obligation, body, by, how, lang), lang)


@app.command()
def paper(
    document: Document,
    obligation: Duty,
    body: Annotated[str, typer.Argument(help="Body that sent the paper, e.g. pr.bao-an")],
    by: Annotated[str, typer.Option("--by", help="Who will enter it")],
    lang: Lang = "",
) -> None:
    """Open a page for two hours to enter what a body has sent on paper; print its address."""
    from cli.paper import paper as open_page

    end(lambda: open_page(document, obligation, body, by, lang), lang)
