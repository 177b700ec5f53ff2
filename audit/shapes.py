"""What the data of each kind of fact looks like in canonical JSON, as one expression to match.

Reading JSON and writing it again costs more than hashing it. Whatever matches the shape of its kind
is canonical and has every field of today's rules; what does not (older versions, strings that need
an escape, a whole document) is read and written again (:mod:`audit.envelope`).
"""

import dataclasses
import re
import types
import typing
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any

from models.domain.facts import FACTS

_TEXT = r'"[^"\\\x00-\x1f]*"'
_INSTANT = r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"'
_DAY = r'"\d{4}-\d\d-\d\d"'
_NUMBER = r"(?:0|-?[1-9]\d{0,14})"
"""Fifteen digits are surely below 2^53."""


class _NoShape(TypeError):
    """A kind of value that is better read than matched."""


@cache
def shape_of(name: str) -> re.Pattern[str] | None:
    """Return the shape of the fact called *name*; its first group is the fact's instant.

    ``None`` where there is none: an unknown name, or a kind that holds a document.
    """
    kind = FACTS.get(name)
    if kind is None:
        return None
    try:
        return re.compile(_fields(kind, outermost=True), re.ASCII)
    except _NoShape:
        return None


def _fields(kind: type[Any], *, outermost: bool = False) -> str:
    hints = typing.get_type_hints(kind)
    parts = []
    for name in sorted(field.name for field in dataclasses.fields(kind)):
        if name == "at" and outermost:
            parts.append(rf'"at":"({_INSTANT[1:-1]})"')
        else:
            parts.append(f'"{name}":{_value(hints[name])}')
    return r"\{" + ",".join(parts) + r"\}"


def _value(kind: Any) -> str:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = [_value(each) for each in arguments if each is not type(None)]
        return f"(?:null|{'|'.join(inner)})"
    if origin is tuple and arguments[-1] is Ellipsis:
        item = _value(arguments[0])
        return rf"\[(?:{item}(?:,{item})*)?\]"
    if origin is tuple:
        return r"\[" + ",".join(_value(each) for each in arguments) + r"\]"
    while not isinstance(kind, type):
        if not hasattr(kind, "__supertype__"):
            raise _NoShape(kind)
        kind = kind.__supertype__  # a NewType
    if kind is bool:
        return "(?:true|false)"
    if kind is int:
        return _NUMBER
    if issubclass(kind, datetime):
        return _INSTANT
    if issubclass(kind, date):
        return _DAY
    if issubclass(kind, Enum):
        return "(?:" + "|".join(re.escape(f'"{each.value}"') for each in kind) + ")"
    if kind is str:
        return _TEXT
    if dataclasses.is_dataclass(kind) and kind.__name__ != "Document":
        return _fields(kind)
    raise _NoShape(kind)
