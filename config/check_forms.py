"""The forms of a package can be filled in: fields that fit their type, conditions that can hold.

Needs no references: a form is whole within its duty.
"""

from graphlib import CycleError, TopologicalSorter

from config.bundle import Bundle
from config.errors import Path, Report, nearest, shown
from config.shapes import CheckShape, FigureShape, ObligationShape
from config.yaml_file import YamlFile

NUMBERS = ("whole", "decimal")
FEWEST = 2
"""A choice between fewer things is none."""


def check_forms(bundle: Bundle, report: Report) -> None:
    """Report fields and conditions that no clerk could satisfy or that say nothing."""
    for part in bundle.parts:
        for index, duty in enumerate(part.shape.obligations):
            here: Path = ("obligations", index)
            for place, figure in enumerate(duty.figures):
                _check_field(part.file, (*here, "figures", place), figure, report)
            _check_conditions(part.file, (*here, "checks"), duty, report)


def _check_field(file: YamlFile, path: Path, figure: FigureShape, report: Report) -> None:
    if figure.type == "choice":
        if len(figure.choices) < FEWEST:
            vi = f"kiểu choice cần ít nhất {FEWEST} lựa chọn (choices)"
            en = f"a choice needs at least {FEWEST} choices"
            report.add(file.problem((*path, "choices"), "too-few", vi, en))
        for place, choice in enumerate(figure.choices):
            if choice in figure.choices[:place]:
                vi = f"“{shown(choice)}” đã có ở trên"
                en = f"“{shown(choice)}” stands above already"
                report.add(file.problem((*path, "choices", place), "duplicate", vi, en))
    elif figure.choices:
        vi = f"chỉ kiểu choice mới có lựa chọn; ô này là kiểu {figure.type}"
        en = f"only a choice has choices; this field is of type {figure.type}"
        report.add(file.problem((*path, "choices"), "not-a-choice", vi, en))
    if figure.unit is not None and figure.type not in NUMBERS:
        vi = f"chỉ ô số mới có đơn vị tính; ô này là kiểu {figure.type}"
        en = f"only a number has a unit; this field is of type {figure.type}"
        report.add(file.problem((*path, "unit"), "not-a-number", vi, en))


def _check_conditions(file: YamlFile, path: Path, duty: ObligationShape, report: Report) -> None:
    types: dict[str, str] = {figure.name: figure.type for figure in duty.figures}
    sound = True
    for index, check in enumerate(duty.checks):
        here: Path = (*path, index)
        for side in ("left", "right"):
            names: list[str] = getattr(check, side)
            for place, name in enumerate(names):
                found = _wrong_name(name, names[:place], check, side, types)
                if found is not None:
                    sound = False
                    report.add(file.problem((*here, side, place), *found))
        if check in duty.checks[:index]:
            vi, en = "điều kiện này đã có ở trên", "this condition stands above already"
            report.add(file.problem(here, "duplicate", vi, en))
            sound = False
    if sound and (circle := _circle(duty.checks)):
        shown_circle = " ≤ ".join(circle)
        vi = f"các điều kiện tạo thành vòng ({shown_circle}), nên các ô đó buộc phải bằng nhau"
        en = f"the conditions run in a circle ({shown_circle}): those fields could only be equal"
        report.add(file.problem(path, "circle", vi, en))


def _wrong_name(
    name: str, before: list[str], check: CheckShape, side: str, types: dict[str, str]
) -> tuple[str, str, str] | None:
    """Return why *name* cannot stand here (code, Vietnamese, English), or ``None``."""
    if name not in types:
        vi, en = nearest(name, types)
        return (
            "unknown",
            f"không có ô “{shown(name)}” trong figures{vi}",
            f"figures has no field “{shown(name)}”{en}",
        )
    if types[name] != "whole":
        vi = f"chỉ so sánh được các ô số nguyên; “{name}” là kiểu {types[name]}"
        en = f"only whole numbers are compared; “{name}” is of type {types[name]}"
        return "not-whole", vi, en
    if name in before:
        return "duplicate", f"“{name}” đã có ở vế này", f"“{name}” is on this side already"
    if side == "right" and name in check.left:
        return "both-sides", f"“{name}” có ở cả hai vế", f"“{name}” is on both sides"
    return None


def _circle(checks: list[CheckShape]) -> list[str]:
    """Return fields that the conditions force to be equal, or nothing.

    Numbers are from 0: each part of a sum is at most the one field that the sum is compared with.
    """
    above: dict[str, set[str]] = {}
    for check in checks:
        if len(check.right) == 1:
            for part in check.left:
                above.setdefault(part, set()).add(check.right[0])
        if check.op == "==" and len(check.left) == 1:
            for part in check.right:
                above.setdefault(part, set()).add(check.left[0])
    try:
        TopologicalSorter(above).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []
