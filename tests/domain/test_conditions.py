"""Conditions between figures: broken only when no number in the empty fields could keep them."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain.directive import Check, Figure
from portal.conditions import broken, conditions_of
from portal.fields import Fields
from portal.filled import FIGURE, report_of
from tests.factories import FIGURES, ISSUED, obligation

NAMES = ("a", "b", "c", "d")


@st.composite
def checks(draw: st.DrawFn) -> Check:
    names = draw(st.permutations(NAMES))
    cut = draw(st.integers(1, 3))
    op = draw(st.sampled_from(["<=", "=="]))
    return Check(tuple(names[:cut]), op, tuple(names[cut : cut + draw(st.integers(1, 2))]))


def holds(check: Check, values: dict[str, int]) -> bool:
    left, right = (sum(values[name] for name in side) for side in (check.left, check.right))
    return left <= right if check.op == "<=" else left == right


@settings(max_examples=150)
@given(checks(), st.dictionaries(st.sampled_from(NAMES), st.integers(0, 4)))
def test_a_condition_is_broken_when_nothing_in_the_empty_fields_keeps_it(
    check: Check, values: dict[str, int]
) -> None:
    """The empty fields are tried out, as far as any sum of the filled ones can reach."""
    names = (*check.left, *check.right)
    known = {name: value for name, value in values.items() if name in names}
    empty = [name for name in names if name not in known]
    tried = (
        known | dict(zip(empty, numbers, strict=True))
        for numbers in product(range(13), repeat=len(empty))
    )
    possible = any(holds(check, each) for each in tried)
    assert (broken(check, values) is None) == possible


@given(checks(), st.fixed_dictionaries({name: st.integers(0, 9) for name in NAMES}))
def test_with_every_field_filled_in_a_condition_says_what_it_says(
    check: Check, values: dict[str, int]
) -> None:
    found = broken(check, values)
    assert (found is None) == holds(check, values)
    if found is not None:
        assert found.field in check.left
        assert found.left == sum(values[name] for name in check.left)
        assert found.right == sum(values[name] for name in check.right)


def test_an_old_package_has_its_conditions_by_name() -> None:
    old = obligation([])
    assert conditions_of(old) == (Check(("dang_vien_tham_gia",), "<=", ("tong_dang_vien",)),)
    told = (Check(("so_buoi",), "<=", ("tong_dang_vien",)),)
    assert conditions_of(obligation([], checks=told)) == told
    english = (Figure("participants", "P"), Figure("total", "T"))
    assert conditions_of(obligation([], figures=english)) == (
        Check(("participants",), "<=", ("total",)),
    )
    assert conditions_of(obligation([], figures=())) == ()


SUMS = (
    Figure("truc_tiep", "Dự trực tiếp"),
    Figure("truc_tuyen", "Dự trực tuyến", required=False),
    Figure("tong", "Tổng số"),
)


@pytest.mark.parametrize(
    ("op", "typed", "field", "key"),
    [
        ("==", ("7", "4", "10"), "truc_tuyen", "sum_not_equal"),
        ("==", ("7", "3", "10"), None, ""),
        ("==", ("7", "", "10"), None, ""),  # three came online, perhaps
        ("==", ("11", "", "10"), "truc_tiep", "sum_not_equal"),
        ("<=", ("7", "4", "10"), "truc_tuyen", "sum_above_total"),
        ("<=", ("7", "2", "10"), None, ""),
        ("<=", ("7", "4", "x"), "tong", "figure_not_whole"),  # told once, where it is wrong
    ],
)
def test_a_broken_condition_is_told_beside_one_field_with_the_sums(
    op: str, typed: tuple[str, str, str], field: str | None, key: str
) -> None:
    check = Check(("truc_tiep", "truc_tuyen"), op, ("tong",))
    duty = obligation([], figures=SUMS, checks=(check,))
    names = [FIGURE + figure.name for figure in SUMS]
    fields = Fields(dict(zip(names, typed, strict=True)))
    report_of(fields, duty, (), ISSUED.date())
    assert {name: each.key for name, each in fields.problems.items()} == (
        {} if field is None else {FIGURE + field: key}
    )
    if key.startswith("sum"):
        given_ = fields.problems[f"{FIGURE}{field}"].given
        assert given_["left"] == "“Dự trực tiếp” + “Dự trực tuyến”"
        assert given_["right"] == "“Tổng số”"


def test_the_factories_figures_are_those_of_an_old_package() -> None:
    assert all(figure.type == "whole" for figure in FIGURES)
