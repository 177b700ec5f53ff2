"""Text of others made harmless before it stands in a mail.

Mail programs turn what looks like an address into a link. A mail of ours holds exactly one address
that can be followed (a digest one for each duty), so in everything that somebody typed or a package
states, addresses are taken apart with a blank: ``http: //evil. example``. Marks that turn the
reading direction and characters that nobody sees go too.
"""

import re
import unicodedata

from notifications.address import FORBIDDEN, without_overrides

_UNSEEN = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_SCHEME = re.compile(r"://")
_DOMAIN = re.compile(r"(?<![\w@.-])(?:[\w-]+[.。．｡])+[^\W\d_]{2,24}(?![\w@-])")
"""What mail programs take for an address without a scheme. Addresses of people stay whole."""
_DOT = re.compile(r"[.。．｡](?=\w)")


def inert(text: str) -> str:
    """Return *text* as one line that no mail program makes a link of, in NFC."""
    return " ".join(_apart(FORBIDDEN.sub(" ", _seen(text))).split())


def inert_lines(text: str, longest: int = 1_200) -> list[str]:
    """Return the lines of a typed *text*, shortened to *longest* characters.

    Empty lines at both ends go; more than one in a row become one.
    """
    short = text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
    lines = [inert(line) for line in short.strip().splitlines()]
    return [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]


def _seen(text: str) -> str:
    return _UNSEEN.sub("", without_overrides(unicodedata.normalize("NFC", text)))


def _apart(text: str) -> str:
    text = _DOMAIN.sub(lambda found: _DOT.sub(". ", found[0]), text)
    return _SCHEME.sub(": //", text)
