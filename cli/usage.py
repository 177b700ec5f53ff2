"""What the command line says of words that it cannot take: the library's sentences, in Vietnamese.

The library knows them in English only. A sentence that is not here stays English; it still stands
below how the command is used and where its manual is.
"""

import re
from collections.abc import Sequence

import typer

# The library keeps the class to itself, and names only some of those below it.
from typer._click.exceptions import NoArgsIsHelpError
from typer._click.exceptions import UsageError as UsageError

_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"Missing (?:option|argument|parameter) (.+?)\.?", "Thiếu {0}."),
    (r"No such option: (\S+) \(Possible options: (.+)\)", "Không có tùy chọn {0}. Có: {1}."),
    (r"No such option: (\S+)", "Không có tùy chọn {0}."),
    (r"No such command (.+?)\.?", "Không có lệnh {0}."),
    (r"Got unexpected extra argument\(?s?\)? \((.+)\)", "Thừa: {0}."),
    (r"Option (.+) requires an argument\.?", "Sau {0} phải ghi giá trị."),
    (r"Invalid value for (.+?): (.+)", "Giá trị của {0} không dùng được: {1}"),
)
_REASONS: tuple[tuple[str, str], ...] = (
    (r"Input should be greater than or equal to (\S+)", "phải từ {0} trở lên"),
    (r"Input should be less than or equal to (\S+)", "không được quá {0}"),
    (r"Input should be a valid integer.*", "phải là số nguyên"),
)


def show(error: UsageError, arguments: Sequence[str], lang: str) -> None:
    """Tell on standard error what is wrong, how the command is used, and where its manual is.

    *lang* is that of the settings; one that was typed among *arguments* wins.
    """
    typed = " ".join(arguments).replace("--lang=", "--lang ")
    english = "--lang en" in typed or (lang == "en" and "--lang vi" not in typed)
    if english or isinstance(error, NoArgsIsHelpError):
        error.show()
        return
    lines = []
    if error.ctx is None:
        lines.append("Hướng dẫn: cascade --help\n")
    else:
        lines.append(error.ctx.get_usage().replace("Usage:", "Cách dùng:", 1))
        lines.append(f"Hướng dẫn: {error.ctx.command_path} --help\n")
    lines.append(f"Sai: {vietnamese(error.format_message())}")
    typer.echo("\n".join(lines), err=True)


def vietnamese(sentence: str) -> str:
    """Return the library's *sentence* in Vietnamese, or as it is."""
    for pattern, words in _SENTENCES:
        found = re.fullmatch(pattern, sentence, re.DOTALL)
        if found:
            return words.format(*map(_reason, found.groups()))
    return sentence


def _reason(words: str) -> str:
    for pattern, said in _REASONS:
        found = re.fullmatch(pattern, words, re.DOTALL)
        if found:
            return said.format(*found.groups())
    return words
