"""Read one YAML file of a package: plain data, with the line of everything in it.

A package is written by people, so only the plain part of YAML is read: no tags, no anchors, no
key twice. Dates and times stay text (YAML 1.1 would read ``08:00`` as a number and ``no`` as
false); the shapes say what each must be. All text is brought to Unicode NFC.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TypeAlias

import yaml

from config.errors import Path, Problem, Report, field_path, shown

Plain: TypeAlias = "bool | int | str | list[Plain] | dict[str, Plain] | None"

MAX_BYTES = 2_000_000
_MAX_DEPTH = 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file that was read. ``lines`` counts from 1."""

    name: str
    data: Plain
    lines: Mapping[Path, int]

    def problem(self, path: Path, code: str, vi: str, en: str) -> Problem:
        """Return a problem at *path*, with the line of it or of what holds it."""
        upper = path
        while upper not in self.lines and upper:
            upper = upper[:-1]
        return Problem(self.name, field_path(path), code, vi, en, self.lines.get(upper))


class _Refused(Exception):
    def __init__(self, path: Path, line: int, code: str, vi: str, en: str) -> None:
        super().__init__(code)
        self.problem = (path, line, code, vi, en)


def read_text(folder: FilePath, name: str, report: Report) -> str | None:
    """Return the text of a file inside *folder*, NFC and with plain line ends; else report."""

    def refuse(code: str, vi: str, en: str) -> None:
        report.add(Problem(shown(name), "", code, vi, en))

    try:
        file = (folder / name).resolve()
        inside = file.is_relative_to(folder.resolve())
        if not inside:
            refuse("outside", "tệp phải nằm trong thư mục của gói", "must be inside the package")
            return None
        if not file.is_file():
            refuse("no-file", "không có tệp này", "there is no such file")
            return None
        if file.stat().st_size > MAX_BYTES:
            refuse("too-big", "tệp lớn hơn 2 MB", "is larger than 2 MB")
            return None
        raw = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = shown(getattr(error, "strerror", None) or error)
        refuse("unreadable", f"không đọc được tệp: {reason}", f"cannot be read: {reason}")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        vi = "không phải văn bản UTF-8; hãy lưu lại với bảng mã UTF-8"
        report.add(
            Problem(shown(name), "", "not-utf8", vi, "is not UTF-8 text; save it as UTF-8", line)
        )
        return None
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def read_yaml(folder: FilePath, name: str, report: Report) -> YamlFile | None:
    """Return the data of a YAML file inside *folder*, or report why not."""
    text = read_text(folder, name, report)
    return None if text is None else parse_yaml(name, text, report)


def parse_yaml(name: str, text: str, report: Report) -> YamlFile | None:
    """Return the data of *text*, the content of the file *name*, or report why not."""
    lines: dict[Path, int] = {}
    try:
        data = _document(yaml.parse(text, Loader=_LOADER), lines)
    except _Refused as refused:
        path, line, code, vi, en = refused.problem
        report.add(Problem(name, field_path(path), code, vi, en, line))
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        reason = shown(getattr(error, "problem", None) or getattr(error, "reason", "") or "?")
        report.add(
            Problem(
                name,
                "",
                "yaml",
                f"sai cú pháp YAML (kiểm tra thụt đầu dòng, dấu hai chấm, dấu nháy): {reason}",
                f"is not valid YAML (check indentation, colons, quotes): {reason}",
                mark.line + 1 if mark else None,
            )
        )
        return None
    return YamlFile(name, data, lines)


def _document(events: Iterator[yaml.Event], lines: dict[Path, int]) -> Plain:
    """Return the one document of the stream; an empty file is ``None``."""
    next(events)  # stream start
    if isinstance(next(events), yaml.StreamEndEvent):
        return None
    data = _value(next(events), events, (), lines)
    next(events)  # document end
    after = next(events)
    if not isinstance(after, yaml.StreamEndEvent):
        line = _line(after)
        raise _Refused((), line, "two-documents", "chỉ được một phần YAML", "has two documents")
    return data


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else mark.line + 1


def _value(
    event: yaml.Event, events: Iterator[yaml.Event], path: Path, lines: dict[Path, int]
) -> Plain:
    line = _line(event)
    lines.setdefault(path, line)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _Refused(
            path, line, "anchor", "không dùng & và * của YAML", "YAML anchors are not used here"
        )
    if getattr(event, "tag", None):
        raise _Refused(path, line, "tag", "không dùng ! của YAML", "YAML tags are not used here")
    if len(path) > _MAX_DEPTH:
        raise _Refused(path[:3], line, "too-deep", "lồng quá sâu", "is nested too deeply")
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Plain] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_value(event, events, (*path, len(items)), lines))
        return items
    mapping: dict[str, Plain] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        line = _line(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise _Refused(path, line, "key", "tên mục phải là chữ", "a key must be text")
        key = unicodedata.normalize("NFC", event.value)
        here = (*path, key)
        if key in mapping:
            raise _Refused(here, line, "key-twice", "mục này ghi hai lần", "stands here twice")
        lines[here] = line
        mapping[key] = _value(next(events), events, here, lines)
    return mapping


def _scalar(event: yaml.ScalarEvent) -> Plain:
    text = unicodedata.normalize("NFC", event.value)
    if event.style is not None and event.style != "":
        return text
    if text in _WORDS:
        return _WORDS[text]
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= 15 and str(int(text)) == text:
        return int(text)
    return text
