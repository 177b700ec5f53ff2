"""Compare a quotation with the text it is taken from."""

import re

_ESCAPED = re.compile(r"\\([*_\[\]#\\-])")
_EMPHASIS = re.compile(r"(?<!\\)\*+")


def plain_text(markdown: str) -> str:
    """Return *markdown* without emphasis marks and escapes; nothing else is changed."""
    return _ESCAPED.sub(r"\1", _EMPHASIS.sub("", markdown))


def first_difference(quote: str, text: str) -> str:
    """Return the longest beginning of *quote* that stands in *text*, to show where it leaves it."""
    low, high = 0, len(quote)
    while low < high:
        middle = (low + high + 1) // 2
        if quote[:middle] in text:
            low = middle
        else:
            high = middle - 1
    return quote[:low]
