"""Conditions between the numbers of one report: sums that must not exceed, or must equal, others.

A field that was left empty is a number that nobody knows, from 0: a condition is broken only when
no such number could make it true.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from models.domain.directive import Check, Obligation


@dataclass(frozen=True, slots=True)
class Broken:
    """A condition that cannot hold, with the sums as they are."""

    check: Check
    field: str
    """Beside which it is told: the last of the left side that was filled in, or of the right."""
    left: int
    right: int


def conditions_of(obligation: Obligation) -> tuple[Check, ...]:
    """Return the conditions of a report.

    A package of before there were any has them by name: ``X_tham_gia`` is at most ``tong_X`` (who
    took part, of how many), or in English ``participants`` and ``total``.
    """
    if obligation.checks:
        return obligation.checks
    names = {figure.name for figure in obligation.figures}
    pairs = [
        (name, f"tong_{name.removesuffix('_tham_gia')}")
        for name in sorted(names)
        if name.endswith("_tham_gia")
    ]
    pairs.append(("participants", "total"))
    return tuple(Check((part,), "<=", (total,)) for part, total in pairs if {part, total} <= names)


def broken(check: Check, values: Mapping[str, int]) -> Broken | None:
    """Return how *values* break *check*, or ``None``."""
    left = [values[name] for name in check.left if name in values]
    right = [values[name] for name in check.right if name in values]
    left_known, right_known = len(left) == len(check.left), len(right) == len(check.right)
    above = right_known and sum(left) > sum(right)
    below = check.op == "==" and left_known and sum(right) > sum(left)
    if not above and not below:
        return None
    filled = [name for name in check.left if name in values] or [
        name for name in check.right if name in values
    ]
    return Broken(check, filled[-1], sum(left), sum(right))
