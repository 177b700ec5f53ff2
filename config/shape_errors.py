"""Lay a shape over what was read; tell what does not fit in words a clerk understands."""

from collections.abc import Iterator
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.errors import Path, Problem, Report, nearest, shown
from config.yaml_file import YamlFile

ShapeT = TypeVar("ShapeT", bound=BaseModel)

_TYPES = {
    "string_type": ("phải là chữ (nếu là số, đặt trong dấu nháy)", "must be text (quote a number)"),
    "int_type": ("phải là số nguyên", "must be a whole number"),
    "int_from_float": ("phải là số nguyên", "must be a whole number"),
    "bool_type": ("phải là true hoặc false", "must be true or false"),
    "list_type": ("phải là danh sách (mỗi dòng bắt đầu bằng “- ”)", "must be a list"),
    "model_type": ("phải gồm các mục dạng “tên: giá trị”", "must hold “name: value” entries"),
    "model_attributes_type": (
        "phải gồm các mục dạng “tên: giá trị”",
        "must hold “name: value” entries",
    ),
    "dict_type": ("phải gồm các mục dạng “tên: giá trị”", "must hold “name: value” entries"),
    "too_short": ("danh sách không được rỗng", "the list must not be empty"),
    "too_long": ("danh sách quá dài", "the list is too long"),
}
_LIMITS = {
    "greater_than_equal": ("ge", "nhỏ nhất là", "must be at least"),
    "less_than_equal": ("le", "lớn nhất là", "must be at most"),
    "string_too_long": ("max_length", "số ký tự tối đa là", "has too many characters; at most"),
}


def fit(file: YamlFile, shape: type[ShapeT], report: Report) -> ShapeT | None:
    """Return the file's data as *shape*, or report everything that does not fit."""
    try:
        return shape.model_validate(file.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            report.add(_problem(file, shape, detail))
        return None


def _problem(file: YamlFile, shape: type[BaseModel], detail: ErrorDetails) -> Problem:
    path: Path = tuple(detail["loc"])
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "reason":
        return file.problem(path, context["code"], context["vi"], context["en"])
    if kind == "missing":
        return file.problem(
            path, "missing", "thiếu mục bắt buộc này", "this required entry is missing"
        )
    if kind == "extra_forbidden":
        vi, en = nearest(path[-1], _fields_at(shape, path[:-1]))
        return file.problem(
            path, "unknown-key", f"không có mục nào tên như vậy{vi}", f"is not a known entry{en}"
        )
    if kind == "literal_error":
        allowed = [word.strip("'") for word in _words(context["expected"])]
        vi, en = nearest(detail["input"], allowed)
        value, listed = shown(detail["input"]), ", ".join(allowed)
        return file.problem(
            path,
            "not-allowed",
            f"“{value}” không dùng được; chọn một trong: {listed}{vi}",
            f"“{value}” is not allowed; one of: {listed}{en}",
        )
    if kind in _LIMITS:
        name, vi, en = _LIMITS[kind]
        return file.problem(path, "limit", f"{vi} {context[name]}", f"{en} {context[name]}")
    if detail["input"] is None:
        return file.problem(path, "blank", "đang để trống", "is blank")
    vi, en = _TYPES.get(kind, ("giá trị không dùng được", detail["msg"]))
    return file.problem(path, "wrong-type", vi, en)


def _words(expected: str) -> Iterator[str]:
    """Yield the words of pydantic's ``'a', 'b' or 'c'``."""
    for part in expected.split(", "):
        yield from part.split(" or ")


def _fields_at(shape: type[BaseModel], path: Path) -> tuple[str, ...]:
    """Return the names that may stand at *path*."""
    here = shape
    for part in path:
        if isinstance(part, int):
            continue
        inner = _model_in(here.model_fields[part].annotation)
        if inner is None:
            return ()
        here = inner
    return tuple(here.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
