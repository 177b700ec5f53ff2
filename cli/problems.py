"""How the command line tells people what is wrong: on standard error, without a stack trace."""

from rich.console import Console

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print an error message."""
    err.print(text, style="red", markup=False)


def explained(error: Exception, lang: str = "vi") -> str | None:
    """Return what an operator must know of *error*, or ``None`` when it is our own mistake.

    Known are wrong settings and a database or a clock file that cannot be reached.
    """
    from pydantic import ValidationError
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

    vi = lang == "vi"
    match error:
        case ValidationError(title="Settings"):
            rows = [
                "  "
                + "".join(f"CASCADE_{str(name).upper()}: " for name in each["loc"])
                + each["msg"].removeprefix("Value error, ")
                for each in error.errors()
            ]
            head = "Cấu hình sai:" if vi else "Wrong settings:"
            return "\n".join((head, *rows))
        case ArgumentError() | NoSuchModuleError() | OperationalError():
            cause = getattr(error, "orig", None) or error
            head = (
                "Không mở được cơ sở dữ liệu (CASCADE_DATABASE_URL, CASCADE_VAR)"
                if vi
                else "The database cannot be opened (CASCADE_DATABASE_URL, CASCADE_VAR)"
            )
            return f"{head}: {str(cause).strip()}"
        case FileNotFoundError(filename=name) if name is not None:
            head = "Không có tệp" if vi else "There is no file"
            return f"{head} {name} (CASCADE_CLOCK, CASCADE_VAR)"
        case _:
            return None
