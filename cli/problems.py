"""How the command line tells people what is wrong: on standard error, without a stack trace."""

from rich.console import Console

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print an error message."""
    err.print(text, style="red", markup=False)
