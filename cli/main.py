"""The `cascade` command. Nothing heavy is imported before a command needs it."""

import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from cli.streams import drop_output, ready

app = typer.Typer(
    name="cascade",
    help="Theo dõi một văn bản chỉ đạo qua nhiều cấp. / A directive cascade on Prefect.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)


def language(value: str) -> str:
    """Return *value* if it is a language that we speak; nothing given stays so."""
    if value not in ("vi", "en", ""):
        raise typer.BadParameter(f"vi | en, không phải / not {value!r}")
    return value


def _settled_language(value: str) -> str:
    """Return the language: of the command line or the environment, else of the settings."""
    return language(value) or _language_of_the_settings()


def _language_of_the_settings() -> str:
    from config.settings import load

    try:
        return load().lang
    except Exception:  # the command will say what is wrong with them
        return "vi"


LANG_HELP = "vi | en (default: CASCADE_LANG, also in .env; else vi)"
Lang = Annotated[
    str,
    typer.Option("--lang", help=LANG_HELP, envvar="CASCADE_LANG", callback=_settled_language),
]
GivenLang = Annotated[
    str, typer.Option("--lang", help=LANG_HELP, envvar="CASCADE_LANG", callback=language)
]
"""For a process that stays: it does not read the settings itself."""
Format = Annotated[str, typer.Option("--format", help="text | json")]


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
def issue(
    package: Annotated[Path, typer.Argument(help="Folder of the directive package")],
    by: Annotated[str, typer.Option("--by", help="Who enters it")] = "operator",
    accept_past: Annotated[
        bool, typer.Option("--accept-past", help="Enter it although bounds have passed")
    ] = False,
    lang: Lang = "",
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
    lang: Lang = "",
) -> None:
    """Prove or refute that a package can be carried out; dates, gaps, the smallest settlement."""
    from cli.lint import run

    _exit(lambda: run(package, format_, lang, running=running), lang)


@app.command()
def status(
    document: Annotated[str | None, typer.Argument(help="Document, e.g. 256-KH/TU")] = None,
    format_: Format = "text",
    lang: Lang = "",
) -> None:
    """Show the 2×2 table, who is awaited, why and since when."""
    from cli.show import run

    _exit(lambda: run(document, format_, lang), lang)


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

    _exit(lambda: run(document, at, known_at, diff, format_, html, lang), lang)


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

    _exit(lambda: run(days, revoke, lang), lang)


@app.command()
def waive(
    document: Annotated[str, typer.Argument(help="Document, e.g. 256-KH/TU")],
    obligation: Annotated[str, typer.Argument(help="Obligation, e.g. 256/III.1-c")],
    body: Annotated[str, typer.Argument(help="Body, e.g. pr.bao-an")],
    by: Annotated[str, typer.Option("--by", help="The body that decided")],
    authority: Annotated[str, typer.Option("--authority", help="Number of the decision")],
    lang: Lang = "",
) -> None:
    """Lift a named duty from a named body: by whom, on what authority."""
    from cli.decide import waive as decide

    _exit(lambda: decide(document, obligation, body, by, authority, lang), lang)


Document = Annotated[str, typer.Argument(help="Document, e.g. 256-KH/TU")]
Duty = Annotated[str, typer.Argument(help="Obligation, e.g. 256/III.1-c")]
Owing = Annotated[str, typer.Argument(help="Body, e.g. pr.bao-an")]
By = Annotated[str, typer.Option("--by", help="The body that decided")]
Authority = Annotated[str, typer.Option("--authority", help="Number of the decision")]
Reason = Annotated[str, typer.Option("--reason", help="Why")]


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

    _exit(lambda: decide(document, obligation, body, to, by, authority, reason, lang), lang)


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

    _exit(lambda: decide(document, obligation, body, by, authority, reason, lang), lang)


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

    _exit(lambda: decide(document, obligation, body, by, authority, reason, lang), lang)


@app.command()
def paper(
    document: Annotated[str, typer.Argument(help="Document, e.g. 256-KH/TU")],
    obligation: Annotated[str, typer.Argument(help="Obligation, e.g. 256/III.1-c")],
    body: Annotated[str, typer.Argument(help="Body that sent the paper, e.g. pr.bao-an")],
    by: Annotated[str, typer.Option("--by", help="Who will enter it")],
    lang: Lang = "",
) -> None:
    """Open a page for two hours to enter what a body has sent on paper; print its address."""
    from cli.paper import paper as open_page

    _exit(lambda: open_page(document, obligation, body, by, lang), lang)


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
    lang: Lang = "",
) -> None:
    """Move one date by a recorded act; show what moves with it and what becomes impossible."""
    from cli.extend import extend as decide

    _exit(
        lambda: decide(document, obligation, body or [], to, by, authority, reason, earlier, lang),
        lang,
    )


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

    _exit(lambda: run(document, out, redact, redact_texts, lang), lang)


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
    lang: Lang = "",
) -> None:
    """Show the days that differ from their weekday."""
    from cli.calendar import show

    _exit(lambda: show(year, calendar, lang), lang)


@calendar_app.command("seed")
def calendar_seed(
    years: Annotated[list[int], typer.Argument(help="Years to fill")],
    calendar: Calendar = "vn",
    write: Annotated[bool, typer.Option("--write", help="Write the file")] = False,
    lang: Lang = "",
) -> None:
    """Fill years from the library "holidays"; known reasons and corrections are kept."""
    from cli.calendar import seed

    _exit(lambda: seed(years, calendar, write, lang), lang)


@calendar_app.command("check")
def calendar_check(calendar: Calendar = "vn", lang: Lang = "") -> None:
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
    lang: Lang = "",
) -> None:
    """Move one announced date to where the calendar puts it; the ledger keeps old and new."""
    from cli.calendar import confirm

    _exit(lambda: confirm(document, obligation, by, authority, calendar, lang), lang)


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

    _exit(lambda: run(evidence, database, trusted or [], vkey, format_, lang), lang)


@app.command()
def checkpoint(lang: Lang = "") -> None:
    """Sign what the ledger holds now, if it has grown; print the newest note."""
    from cli.checkpoint import run

    _exit(lambda: run(lang), lang)


@app.command()
def restored(
    by: Annotated[str, typer.Option("--by", help="Who declares it")],
    authority: Annotated[str, typer.Option("--authority", help="On which decision")],
    lost_from: Annotated[
        int | None,
        typer.Option("--lost-from", min=1, help="First fact lost, if others were recorded since"),
    ] = None,
    lang: Lang = "",
) -> None:
    """Go on after a backup was put back that lacks what was signed: declare it, sign anew."""
    from cli.restored import run

    _exit(lambda: run(by, authority, lost_from, lang), lang)


keys_app = typer.Typer(
    name="keys",
    help="The keys that sign the ledger's checkpoints and seal the portal's forms.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(keys_app)


@keys_app.command("show")
def keys_show(lang: Lang = "") -> None:
    """Print the public keys, as auditors need them."""
    from cli.checkpoint import show_keys

    _exit(lambda: show_keys(lang), lang)


@keys_app.command("rotate")
def keys_rotate(
    which: Annotated[str, typer.Argument(help="ledger | portal")],
    by: Annotated[str, typer.Option("--by", help="Who ordered it")] = "operator",
    lang: Lang = "",
) -> None:
    """Let a new key take over: of the checkpoints (ledger), or of the portal's forms (portal)."""
    if which == "portal":
        from cli.keys import rotate_portal

        _exit(lambda: rotate_portal(lang), lang)
    from cli.checkpoint import rotate_key

    _exit(lambda: rotate_key(which, by, lang), lang)


erase_app = typer.Typer(
    name="erase",
    help="Destroy a name or an address for ever; the ledger's proofs stay whole.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(erase_app)
Basis = Annotated[str, typer.Option("--basis", help="Law, request or decision; no names")]
Eraser = Annotated[str, typer.Option("--by", help="The body that decided")]


@erase_app.command("find")
def erase_find(
    name: Annotated[str, typer.Argument(help="Part of a name")], lang: Lang = ""
) -> None:
    """Show the references of the names that were typed."""
    from cli.erase import find

    _exit(lambda: find(name, lang), lang)


@erase_app.command("person")
def erase_person(
    ref: Annotated[str, typer.Argument(help="Reference: p_…")],
    basis: Basis,
    by: Eraser = "operator",
    lang: Lang = "",
) -> None:
    """Destroy the name behind a reference."""
    from cli.erase import person

    _exit(lambda: person(ref, basis, by, lang), lang)


@erase_app.command("contact")
def erase_contact(
    body: Annotated[str, typer.Argument(help="Body, e.g. pr.bao-an")],
    address: Annotated[str, typer.Argument(help="Its address")],
    basis: Basis,
    by: Eraser = "operator",
    lang: Lang = "",
) -> None:
    """Destroy an address of a body; mail still owed to it is parked."""
    from cli.erase import contact

    _exit(lambda: contact(body, address, basis, by, lang), lang)


contact_app = typer.Typer(
    name="contact",
    help="Where a body gets its mail: show, add, replace, use no more; links go along.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(contact_app)
Holder = Annotated[str, typer.Argument(help="Body, e.g. pr.bao-an")]
ContactBy = Annotated[str, typer.Option("--by", help="Who ordered it")]
Ordered = Annotated[str, typer.Option("--authority", help="Letter or order that says so; no names")]
Locale = Annotated[
    str, typer.Option("--locale", help="vi | en: the mails' language (default: as before, else vi)")
]
Lookalike = Annotated[
    bool, typer.Option("--accept-lookalike", help="The domain mixes scripts, and it is meant")
]


@contact_app.command("list")
def contact_list(
    body: Holder,
    show_addresses: Annotated[
        bool, typer.Option("--show-addresses", help="Whole addresses, not masked")
    ] = False,
    lang: Lang = "",
) -> None:
    """Show the addresses that a body has and had."""
    from cli.contact import list_

    _exit(lambda: list_(body, show_addresses, lang), lang)


@contact_app.command("add")
def contact_add(
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

    _exit(lambda: add(body, address, locale, by, authority, lookalike, lang), lang)


@contact_app.command("replace")
def contact_replace(
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

    _exit(lambda: replace(body, old, new, locale, by, authority, lookalike, lang), lang)


@contact_app.command("retire")
def contact_retire(
    body: Holder,
    address: Annotated[str, typer.Argument(help="The address that goes")],
    by: ContactBy,
    authority: Ordered,
    lang: Lang = "",
) -> None:
    """Use an address no more; links to it end at once, mail that waits for it is given up."""
    from cli.contact import retire

    _exit(lambda: retire(body, address, by, authority, lang), lang)


@app.command()
def notice(
    document: Annotated[str, typer.Argument(help="Document, e.g. 256-KH/TU")],
    obligation: Annotated[str, typer.Argument(help="Obligation, e.g. 256/III.1-c")],
    body: Annotated[str, typer.Argument(help="Body, e.g. pr.bao-an")],
    by: Annotated[str, typer.Option("--by", help="Who vouches for it")],
    how: Annotated[str, typer.Option("--how", help="How it was told: by whom, to whom, when")],
    lang: Lang = "",
) -> None:
    """Record that a body was told of its duty by other means than mail."""
    from cli.notice import notice as record

    _exit(lambda: record(document, obligation, body, by, how, lang), lang)


mail_app = typer.Typer(
    name="mail",
    help="Mails: how they look, what is stuck and why; try again, give up, read returns.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(mail_app)


@mail_app.command("preview")
def mail_preview(
    folder: Annotated[Path, typer.Option("--out", help="Folder for the files")] = Path(
        "var/mail-preview"
    ),
    lang: Annotated[
        str, typer.Option("--lang", help="vi | en (default: both)", callback=language)
    ] = "",
) -> None:
    """Write every kind of mail with sample data, as HTML, text and .eml, into a folder."""
    from cli.preview import run

    _exit(lambda: run(folder, lang or None), lang or _language_of_the_settings())


@mail_app.command("list")
def mail_list(
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

    _exit(lambda: list_mails(state, document, show_addresses, format_, lang), lang)


@mail_app.command("retry")
def mail_retry(
    key: Annotated[str, typer.Argument(help="Key of a parked mail")] = "",
    all_parked: Annotated[bool, typer.Option("--all-parked", help="All of them")] = False,
    lang: Lang = "",
) -> None:
    """Try parked mails again, and the relay if it was stopped."""
    from cli.mail import retry

    _exit(lambda: retry(key, all_parked, lang), lang)


@mail_app.command("drop")
def mail_drop(
    key: Annotated[str, typer.Argument(help="Key of a mail that was not sent")],
    reason: Annotated[str, typer.Option("--reason", help="Why")],
    lang: Lang = "",
) -> None:
    """Give up a mail for good; the ledger says that it was."""
    from cli.mail import drop

    _exit(lambda: drop(key, reason, lang), lang)


@mail_app.command("returned")
def mail_returned(
    key: Annotated[str, typer.Argument(help="Key of a mail that is said to have come back")],
    believed: Annotated[
        bool, typer.Option("--yes/--no", help="Whether it did, as far as you know")
    ] = True,
    lang: Lang = "",
) -> None:
    """Say whether a mail came back of which nothing proves it (shown as doubted)."""
    from cli.mail import returned

    _exit(lambda: returned(key, believed, lang), lang)


@mail_app.command("bounce")
def mail_bounce(
    recipient: Annotated[
        str, typer.Option("--recipient", help="To which address it came, if the server tells")
    ] = "",
    lang: Lang = "",
) -> None:
    """Read one returned message from standard input (for a pipe alias)."""
    from cli.mail import bounce

    _exit(lambda: bounce(recipient, lang), lang)


@app.command()
def worker(lang: Lang = "") -> None:
    """Run the warm worker against the Prefect server of the settings."""
    from cli.up import worker as work

    _exit(work, lang)


@app.command(hidden=True)
def portal(lang: Lang = "") -> None:
    """Run the portal alone (one of several behind a proxy)."""
    from portal.__main__ import main as serve

    _exit(serve, lang)


def _exit(command: Callable[[], int], lang: str) -> NoReturn:
    """End with the status of *command*; tell people of wrong settings instead of failing loudly."""
    from cli.problems import guarded

    raise typer.Exit(guarded(command, lang))


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; return its exit status through ``SystemExit``."""
    ready()
    try:
        return app(args=arguments)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        drop_output()
        sys.stderr.write(f"cascade: {error.strerror}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
