"""Style sheet and icon, read once and addressed by content, so that browsers may keep them."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def content(name: str) -> tuple[bytes, str] | None:
    """Return bytes and media type of a static file, or ``None`` for any other name."""
    return _files().get(name)


@cache
def address(name: str) -> str:
    """Return the path of a static file; it changes when the file does."""
    data, _ = _files()[name]
    return f"/static/{name}?v={hashlib.sha256(data).hexdigest()[:12]}"


@cache
def _files() -> Mapping[str, tuple[bytes, str]]:
    return {
        path.name: (path.read_bytes(), _TYPES[path.suffix])
        for path in _STATIC.iterdir()
        if path.suffix in _TYPES
    }
