"""The `cascade` command. Nothing heavy is imported before a command needs it."""

import errno
import os
import sys
from typing import NoReturn

import typer

from cli.commands import (
    audit,
    calendar,
    contact,
    decisions,
    directive,
    erase,
    keys,
    mail,
    running,
)
from cli.commands.shared import language_of_the_settings
from cli.streams import drop_output, ready
from cli.usage import UsageError, show

app = typer.Typer(
    name="cascade",
    help="Theo dõi một văn bản chỉ đạo qua nhiều cấp. / A directive cascade on Prefect.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)


for commands in (
    running,
    directive,
    decisions,
    calendar,
    mail,
    contact,
    audit,
    keys,
    erase,
):
    app.add_typer(commands.app)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; return its exit status through ``SystemExit``."""
    ready()
    try:
        status = app(args=arguments, standalone_mode=False)
    except UsageError as error:
        typed = sys.argv[1:] if arguments is None else arguments
        show(error, typed, os.environ.get("CASCADE_LANG") or language_of_the_settings())
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        drop_output()
        sys.stderr.write(f"cascade: {error.strerror}\n")
        sys.exit(2)
    sys.exit(status or 0)


if __name__ == "__main__":
    main()
