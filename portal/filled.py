"""The fields of a report, read as its duty asks for them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from models.domain.directive import Figure, Obligation
from models.domain.facts import Report
from models.files import Held
from portal.conditions import Broken, broken, conditions_of
from portal.fields import ANSWER, NUMBER, REASON, TEXT, Fields, Problem

FIGURE = "figure."
"""Prefix of a field's name in the form."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A report as it was filled in, with the texts that the store is to keep."""

    report: Report = field(default_factory=Report)
    texts: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()


def report_of(fields: Fields, obligation: Obligation, held: Sequence[Held], today: date) -> Filled:
    """Return the whole report. *today* is the directive's own day: a plan bears no later date."""
    numbers: dict[str, int] = {}
    answers: list[tuple[str, str]] = []
    texts: list[str] = []
    for figure in obligation.figures:
        name = FIGURE + figure.name
        if figure.type == "whole":
            number = fields.whole(name, required=figure.required)
            if number is not None:
                numbers[figure.name] = number
        elif answer := _answer(fields, name, figure):
            if figure.type == "text":
                texts.append(answer)
                answer = sha256_of(answer)
            answers.append((figure.name, answer))
    _compare(fields, obligation, numbers)
    number_of_plan, day = "", None
    if obligation.wants_plan:
        number_of_plan = fields.line("plan_number", NUMBER, missing="plan_missing")
        day = fields.day("plan_date", latest=today)
    text = fields.text("text", TEXT, missing="text_missing" if needs_text(obligation) else None)
    report = Report(
        sha256_of(text) if text else None,
        tuple(numbers.items()),
        number_of_plan or None,
        day,
        tuple(answers),
    )
    return _with(report, [*texts, text], held)


def addition_of(fields: Fields, held: Sequence[Held]) -> Filled:
    """Return what is added to a report that is in: words, or files, or both."""
    text = fields.text("text", TEXT, missing=None if held else "addition_missing")
    return _with(Report(sha256_of(text) if text else None), [text], held)


def nothing_of(fields: Fields) -> Filled:
    """Return the report that there is nothing to report, and why."""
    text = fields.text("reason", REASON, missing="nothing_missing")
    return _with(Report(sha256_of(text) if text else None, nothing=True), [text], ())


def _with(report: Report, texts: Sequence[str], held: Sequence[Held]) -> Filled:
    files = tuple(each.file for each in held)
    return Filled(replace(report, files=files), tuple(filter(None, texts)), tuple(held))


def _answer(fields: Fields, name: str, figure: Figure) -> str | None:
    match figure.type:
        case "decimal":
            return fields.decimal(name, required=figure.required)
        case "date":
            day = fields.day(name, required=figure.required)
            return day.isoformat() if day else None
        case "choice":
            return fields.choice(name, figure.choices, required=figure.required)
        case _:
            return fields.text(name, ANSWER, missing="missing" if figure.required else None)


def _compare(fields: Fields, obligation: Obligation, numbers: dict[str, int]) -> None:
    labels = {figure.name: figure.label for figure in obligation.figures}
    for check in conditions_of(obligation):
        found = broken(check, numbers)
        if found is not None:
            fields.note(FIGURE + found.field, _told(found, labels))


def _told(found: Broken, labels: dict[str, str]) -> Problem:
    check = found.check
    left, right = (
        " + ".join(f"“{labels[name]}”" for name in side) for side in (check.left, check.right)
    )
    if check.op == "<=" and len(check.left) == 1:
        return Problem("figure_above_total", {"label": right, "total": found.right})
    given = {"left": left, "sum": found.left, "right": right, "total": found.right}
    return Problem("sum_above_total" if check.op == "<=" else "sum_not_equal", given)


def needs_text(obligation: Obligation) -> bool:
    """Tell whether a report without words would say nothing at all."""
    return not obligation.wants_plan and not any(each.required for each in obligation.figures)


def sha256_of(text: str) -> str:
    """Return the SHA-256 (hex) by which the store keeps *text*."""
    return hashlib.sha256(text.encode()).hexdigest()
