"""The register as a table for a spreadsheet: UTF-8 with its mark, no cell that is a formula."""

import csv
import io
import re
from collections.abc import Sequence

from audit.register import COLUMNS, Section

MARK = "\ufeff"
"""By which Excel knows UTF-8."""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%")
"""By which a spreadsheet takes a cell for something to calculate; wide ones where it is set so."""
_HIDDEN = re.compile(r"(?<=[;\t])\s*(?=[=+\-@＝＋－＠])")
"""Between a mark at which other countries' spreadsheets divide a line, and a formula."""


def as_csv(sections: Sequence[Section]) -> bytes:
    """Return all lines of all documents under one heading."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    number = 0
    for each in sections:
        for line in each.lines:
            number += 1
            writer.writerow([str(number), *map(_cell, line.cells())])
    return (MARK + out.getvalue()).encode()


def _cell(text: str) -> str:
    """Return *text* on one line; what a spreadsheet would calculate is marked as text."""
    flat = _HIDDEN.sub(" '", " ".join(text.split()))
    return f"'{flat}" if flat.startswith(_FORMULA) else flat
