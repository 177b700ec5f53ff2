"""The body of a form, read as it comes: fields into memory, files to the disk, both within bounds.

A browser sends a form with files as ``multipart/form-data`` (RFC 7578) and any other one
url-encoded; both are read from every form. What is too much is read on and thrown away as far as
:mod:`portal.guard` lets it: so the person gets a page with everything typed instead of a broken
connection.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from config.clock import stopwatch
from models.domain.facts import Attached
from models.files import Files, Held, Incoming
from portal.fields import Problem
from portal.sniff import Kind, judge, label_of

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
FIELDS = 80
"""At most so many fields in a form."""
FIELD_BYTES = 1024 * 1024
"""All fields of a form together, as they are typed."""
FILE_BYTES = 10 * 1024 * 1024
FILES = 5
"""Files with one report."""
HEADER_BYTES = 4096
BODY_SECONDS = 20.0
"""How long a browser may take to send a form; a longer one must keep up :data:`SLOWEST`."""
SLOWEST = 8 * 1024
"""Bytes a second."""
NAME = "files"
"""What the field with the files is called."""

log = logging.getLogger("portal")


@dataclass
class Sent:
    """What came with a form."""

    values: dict[str, str] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    """Files that are good, and kept."""
    problems: dict[str, Problem] = field(default_factory=dict)
    """What is wrong with the others."""
    thrown_away: bool = False
    """There were files, and nowhere to keep them."""

    @property
    def had_files(self) -> bool:
        """Tell whether files came with it that a page without them would lose."""
        return self.thrown_away or bool(self.held)


async def receive(request: Request, files: Files | None, *, multipart: bool) -> Sent:
    """Return what was sent; *multipart*: files may come with it.

    *files* is where they are kept; without it they are read and thrown away.

    Raises:
        HTTPException: 400 for what is no form, 408 for one that comes too slowly, 413 for one
            that holds more than a person types.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == URLENCODED.encode():
        return Sent(await _fields(request))
    if kind == MULTIPART.encode() and multipart:
        boundary = options.get(b"boundary", b"")
        if boundary:
            with ExitStack() as open_files:
                return await _parts(request, boundary, files, open_files)
    raise HTTPException(400)


async def _fields(request: Request) -> dict[str, str]:
    body = bytearray()
    async for chunk in _paced(request):
        body += chunk
        # Percent signs make three bytes of one.
        if len(body) > 3 * FIELD_BYTES:
            raise HTTPException(413, headers={"Connection": "close"})
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS
        )
    except ValueError:
        raise HTTPException(400) from None
    return dict(pairs)


async def _paced(request: Request) -> AsyncIterator[bytes]:
    """Yield the body in pieces; give up on one that comes in drops."""
    began, received = stopwatch(), 0
    stream = request.stream()
    try:
        while True:
            left = BODY_SECONDS + received / SLOWEST - (stopwatch() - began)
            async with asyncio.timeout(max(left, 0.0)):
                chunk = await anext(stream)
            received += len(chunk)
            yield chunk
    except StopAsyncIteration:
        return
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None


@dataclass
class _Part:
    """One part while it comes."""

    disposition: bytearray = field(default_factory=bytearray)
    media: bytearray = field(default_factory=bytearray)
    name: str = ""
    label: str | None = None
    """The name of a file; ``None`` for a field."""
    value: bytearray = field(default_factory=bytearray)
    file: Incoming | None = None
    unkept: bool = False
    """The disk did not take it."""
    size: int = 0


class _Broken(Exception):
    """The body is no form that a browser sends."""


class _Reader:
    """Takes what the parser finds. Fields stay here, files go to the disk."""

    def __init__(self, files: Files | None, open_files: ExitStack) -> None:
        self._files, self._open = files, open_files
        self.values: dict[str, bytes] = {}
        self.parts: list[_Part] = []
        self.problems: dict[str, Problem] = {}
        self.thrown_away = False
        self.ended = False
        self._part = _Part()
        self._count = self._bytes = 0
        self._header = bytearray()
        self._into: bytearray | None = None

    def part_begin(self) -> None:
        self._part = _Part()
        self._count += 1
        if self._count > FIELDS + FILES:
            raise _Broken

    def header_begin(self) -> None:
        self._header = bytearray()

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        match bytes(self._header).lower():
            case b"content-disposition":
                self._part.disposition += data[start:end]
            case b"content-type":
                self._part.media += data[start:end]
            case _:
                pass

    def headers_finished(self) -> None:
        part = self._part
        kind, options = parse_options_header(bytes(part.disposition))
        if kind != b"form-data" or bytes(part.media).lower().startswith(b"multipart/"):
            raise _Broken
        try:
            part.name = options.get(b"name", b"").decode()
            label = options.get(b"filename")
            part.label = None if label is None else label.decode()
        except UnicodeDecodeError:
            raise _Broken from None

    def part_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        part.size += end - start
        if part.label is None:
            self._bytes += end - start
            if self._bytes > FIELD_BYTES:
                raise HTTPException(413, headers={"Connection": "close"})
            part.value += data[start:end]
        elif part.name == NAME and part.label and part.size <= FILE_BYTES and not part.unkept:
            try:
                self._write(part, data[start:end])
            except OSError as error:
                # A full disk is no fault of the form: all else in it is read on.
                part.unkept = True
                self._refuse(part, _unkept(error, label_of(part.label)))

    def _write(self, part: _Part, data: bytes) -> None:
        if part.file is None and self._files is not None and len(self.parts) < FILES:
            part.file = self._open.enter_context(self._files.receive())
            self.parts.append(part)
        if part.file is not None:
            part.file.write(data)

    def part_end(self) -> None:
        part = self._part
        if part.label is None:
            self.values[part.name] = bytes(part.value)
            return
        if part.name != NAME or not part.label:
            return  # a browser sends an empty part when no file was chosen
        label = label_of(part.label)
        self.thrown_away |= self._files is None
        if part.size > FILE_BYTES:
            self._refuse(part, Problem("file_too_large", {"file": label}))
        elif not part.size:
            self._refuse(part, Problem("file_empty", {"file": label}))
        elif part.file is None and self._files is not None and not part.unkept:
            self._refuse(part, Problem("files_too_many", {"files": FILES}))

    def _refuse(self, part: _Part, problem: Problem) -> None:
        self.problems.setdefault(NAME, problem)
        if part in self.parts:
            self.parts.remove(part)
        if part.file is not None:
            part.file.close()

    def end(self) -> None:
        self.ended = True


async def _parts(
    request: Request, boundary: bytes, files: Files | None, open_files: ExitStack
) -> Sent:
    reader = _Reader(files, open_files)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": reader.part_begin,
                "on_part_data": reader.part_data,
                "on_part_end": reader.part_end,
                "on_header_begin": reader.header_begin,
                "on_header_field": reader.header_field,
                "on_header_value": reader.header_value,
                "on_headers_finished": reader.headers_finished,
                "on_end": reader.end,
            },
            max_header_size=HEADER_BYTES,
        )
        async for chunk in _paced(request):
            parser.write(chunk)
        if not reader.ended:
            raise _Broken
        values = {name: value.decode() for name, value in reader.values.items()}
    except (FormParserError, _Broken, UnicodeDecodeError):
        raise HTTPException(400) from None
    sent = Sent(values, problems=reader.problems, thrown_away=reader.thrown_away)
    for part in reader.parts:
        assert part.file is not None
        assert files is not None
        kept = await asyncio.to_thread(_kept, files, part.file, label_of(part.label or ""))
        if isinstance(kept, Problem):
            sent.problems.setdefault(NAME, kept)
        elif kept.file.sha256 not in {each.file.sha256 for each in sent.held}:
            sent.held.append(kept)
    return sent


def _kept(files: Files, incoming: Incoming, label: str) -> Held | Problem:
    """Keep a file if it is what it may be; the disk makes this slow."""
    try:
        incoming.settle()
        with incoming.path.open("rb") as file:
            found = judge(file, incoming.size, label)
        if not isinstance(found, Kind):
            return found
        return Held(Attached(files.keep(incoming), found.media, incoming.size), label)
    except OSError as error:
        return _unkept(error, label)


def _unkept(error: OSError, label: str) -> Problem:
    """Return what is told of a file that the disk did not take; the operator hears why."""
    log.error("a file could not be kept: %s (%s)", type(error).__name__, error.strerror)
    return Problem("file_unkept", {"file": label})
