"""What an auditor asks for."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.shared import Format, Lang, end

app = typer.Typer()


@app.command("verify")
def verify_(
    evidence: Annotated[
        Path | None, typer.Argument(help="Bundle of evidence (.zip); none: the ledger itself")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", help="Another ledger: sqlite:///…, postgresql+…")
    ] = None,
    trusted: Annotated[
        list[Path] | None,
        typer.Option("--trusted", help="Checkpoint held elsewhere: a note, a mail, a folder"),
    ] = None,
    vkey: Annotated[
        Path | None, typer.Option("--vkey", help="File of the ledger's public keys")
    ] = None,
    format_: Format = "text",
    lang: Lang = "",
) -> None:
    """Verify the ledger, or a bundle: 0 whole, 1 altered (where and what), 2 unreadable."""
    from cli.verify import run

    end(lambda: run(evidence, database, trusted or [], vkey, format_, lang), lang)


@app.command()
def replay(
    document: Annotated[str, typer.Argument(help="Document, e.g. 256-KH/TU")],
    at: Annotated[
        str, typer.Option("--at", help="Instant: '08:00 15/10/2023' (Viet Nam's time) or ISO")
    ],
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="Only from what was recorded by then")
    ] = None,
    diff: Annotated[
        str | None, typer.Option("--diff", help="What changed until this instant, and why")
    ] = None,
    format_: Format = "text",
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the auditors' page to this file too")
    ] = None,
    lang: Lang = "",
) -> None:
    """Show a document as it was at any instant, or as it was known then."""
    from cli.replay import run

    end(lambda: run(document, at, known_at, diff, format_, html, lang), lang)


@app.command("export")
def export_(
    document: Annotated[str, typer.Argument(help="Document, e.g. 256-KH/TU")],
    out: Annotated[Path, typer.Option("--out", help="The zip to write")],
    redact: Annotated[
        bool, typer.Option("--redact", help="Leave out names and addresses; all proofs hold")
    ] = False,
    redact_texts: Annotated[
        bool, typer.Option("--redact-texts", help="Leave out the texts and files that came in")
    ] = False,
    lang: Lang = "",
) -> None:
    """Write the evidence of a document: facts, proofs, register, and a verifier of its own."""
    from cli.export import run

    end(lambda: run(document, out, redact, redact_texts, lang), lang)


@app.command("auditor-link")
def auditor_link(
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How long it is good")] = 30,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="End every auditor's link instead of making one")
    ] = False,
    lang: Lang = "",
) -> None:
    """Make a link to the auditors' read-only page of the whole ledger."""
    from cli.auditor_link import run

    end(lambda: run(days, revoke, lang), lang)


@app.command()
def checkpoint(lang: Lang = "") -> None:
    """Sign what the ledger holds now, if it has grown; print the newest note."""
    from cli.checkpoint import run

    end(lambda: run(lang), lang)


@app.command()
def restored(
    by: Annotated[
        str, typer.Option("--by", help="The office that declares it; no person: it stays for ever")
    ],
    authority: Annotated[str, typer.Option("--authority", help="On which decision")],
    lost_from: Annotated[
        int | None,
        typer.Option("--lost-from", min=1, help="First fact lost, if others were recorded since"),
    ] = None,
    lang: Lang = "",
) -> None:
    """Go on after a backup was put back that lacks what was signed: declare it, sign anew."""
    from cli.restored import run

    end(lambda: run(by, authority, lost_from, lang), lang)
