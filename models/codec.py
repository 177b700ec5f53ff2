"""Facts to JSON and back.

One generic converter, compiled once for each type from its annotations, so that a new field of a
fact is stored without a second description of it. Instants are written in UTC with microseconds
and read back on Viet Nam's clock. Strings are NFC: the same name typed on two telephones must
give the same bytes.
"""

import dataclasses
import types
import typing
import unicodedata
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache, partial
from typing import Any, cast

import pendulum
from pendulum import DateTime

from models.domain.calendar import ZONE, local
from models.domain.chain import Json
from models.domain.facts import FACTS, Fact

_VIETNAM = pendulum.timezone(ZONE)


def instant_text(instant: datetime) -> str:
    """Return the 27 characters that the store sorts by: ``2023-10-20T17:00:00.000000Z``."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant_of(text: str) -> DateTime:
    """Read what :func:`instant_text` wrote, on Viet Nam's clock.

    Raises:
        ValueError: it is no instant, or one that Viet Nam's clock cannot show.
    """
    try:
        return local(datetime.fromisoformat(text))
    except OverflowError as error:
        raise ValueError(f"beyond the calendar: {text}") from error


def encode(fact: Fact) -> Json:
    """Return the data of *fact* as canonical-ready JSON."""
    return _encoder(cast(Hashable, type(fact)))(fact)


def decode(name: str, data: Json) -> Fact:
    """Return the fact called *name* with *data*.

    Raises:
        KeyError: for a name that no version of the rules knows.
        TypeError, ValueError: *data* is not of its kind.
    """
    return cast(Fact, _decoder(cast(Hashable, FACTS[name]))(data))


@cache
def _encoder(kind: Any) -> Callable[[Any], Json]:
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        parts = [(f.name, _encoder(hints[f.name])) for f in dataclasses.fields(kind)]
        return lambda value: {name: write(getattr(value, name)) for name, write in parts}
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = _encoder(_only(arguments))
        return lambda value: None if value is None else inner(value)
    if origin is tuple and arguments[-1] is Ellipsis:
        item = _encoder(arguments[0])
        return lambda value: [item(each) for each in value]
    if origin is tuple:
        items = [_encoder(each) for each in arguments]
        return lambda value: [write(each) for write, each in zip(items, value, strict=True)]
    if origin is frozenset:
        item = _encoder(arguments[0])
        return lambda value: [item(each) for each in sorted(value)]
    base = _base(kind)
    if issubclass(base, datetime):
        return instant_text
    if issubclass(base, date):
        return lambda value: value.isoformat()
    if issubclass(base, Enum):
        return lambda value: value.value
    if base is str:
        return lambda value: value if value.isascii() else unicodedata.normalize("NFC", value)
    if base in (int, bool):
        return lambda value: value
    raise TypeError(f"facts cannot hold {kind!r}")


@cache
def _decoder(kind: Any) -> Callable[[Any], Any]:
    if dataclasses.is_dataclass(kind):
        build = cast(Callable[..., Any], kind)
        hints = typing.get_type_hints(kind)
        parts = [(f.name, _decoder(hints[f.name])) for f in dataclasses.fields(kind)]
        # A field that an older version did not write keeps its default.
        return lambda data: build(**{n: read(data[n]) for n, read in parts if n in data})
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = _decoder(_only(arguments))
        return lambda data: None if data is None else inner(data)
    if origin is tuple and arguments[-1] is Ellipsis:
        item = _decoder(arguments[0])
        return lambda data: tuple(item(each) for each in data)
    if origin is tuple:
        items = [_decoder(each) for each in arguments]
        return lambda data: tuple(read(each) for read, each in zip(items, data, strict=True))
    if origin is frozenset:
        item = _decoder(arguments[0])
        return lambda data: frozenset(item(each) for each in data)
    base = _base(kind)
    if issubclass(base, datetime):
        return instant_of
    if issubclass(base, date):
        return date.fromisoformat
    if issubclass(base, Enum):
        return base
    return partial(_plain, base)


def _plain(kind: type, data: Any) -> Any:
    """Return a string, number or truth value as it is; whoever reads on relies on its kind."""
    if type(data) is not kind:
        raise TypeError(f"{kind.__name__} expected, not {type(data).__name__}")
    return data


def _only(arguments: tuple[Any, ...]) -> Any:
    (inner,) = (each for each in arguments if each is not type(None))
    return inner


def _base(kind: Any) -> type:
    while not isinstance(kind, type):
        kind = kind.__supertype__  # a NewType
    return kind
