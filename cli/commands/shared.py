"""What all commands share: the language, the format, how a command ends."""

from collections.abc import Callable
from typing import Annotated, NoReturn

import typer


def language(value: str) -> str:
    """Return *value* if it is a language that we speak; nothing given stays so."""
    if value not in ("vi", "en", ""):
        raise typer.BadParameter(f"vi | en, không phải / not {value!r}")
    return value


def _settled_language(value: str) -> str:
    """Return the language: of the command line or the environment, else of the settings."""
    return language(value) or language_of_the_settings()


def language_of_the_settings() -> str:
    """Return the language of the settings; Vietnamese where they cannot be read."""
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


def group(name: str, about: str) -> typer.Typer:
    """Return a group of commands: ``cascade NAME …``."""
    return typer.Typer(name=name, help=about, no_args_is_help=True, rich_markup_mode=None)


def end(command: Callable[[], int], lang: str) -> NoReturn:
    """End with the status of *command*; tell people of wrong settings instead of failing loudly."""
    from cli.problems import guarded

    raise typer.Exit(guarded(command, lang))
