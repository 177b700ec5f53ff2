"""The `cascade` command. Nothing heavy is imported before a command needs it."""

import errno
import sys
from typing import Any

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
from cli.streams import drop_output, ready

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
