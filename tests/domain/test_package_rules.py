"""The pure parts of reading a package: YAML, dates, quotations, groups, words."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config.bounds import due_exclusive, reading_of
from config.errors import PackageError, Problem, Report, field_path, nearest, shown
from config.quotes import first_difference, plain_text
from config.roster import Roster
from config.shapes import BodyShape, DeadlineShape, PolicyShape
from config.words import Body, Duty, Month, Name
from config.yaml_file import YamlFile, parse_yaml
from models.domain.calendar import midnight


def parsed(text: str) -> YamlFile:
    report = Report()
    file = parse_yaml("a.yaml", text, report)
    assert report.problems == []
    assert file is not None
    return file


def refused(text: str) -> Problem:
    report = Report()
    assert parse_yaml("a.yaml", text, report) is None
    (problem,) = report.problems
    return problem


def policy(reading: str = "strict") -> PolicyShape:
    return PolicyShape.model_validate(
        {
            "source": "policy",
            "before_date": reading,
            "rollover": "none",
            "hour": 8,
            "latest_start_working_days": 2,
            "resubmit_working_days": 3,
        }
    )


def deadline(**values: object) -> DeadlineShape:
    return DeadlineShape.model_validate({"at": "own", "phrase": "x", **values})


# --- YAML -------------------------------------------------------------------------------------


def test_only_plain_words_are_converted() -> None:
    file = parsed(
        'a: 08:00\nb: no\nc: 2023-10-21\nd: 7\ne: "7"\nf: true\ng:\nh: 007\ni: 1.5\nj: -3'
    )
    assert file.data == {
        "a": "08:00",
        "b": "no",
        "c": "2023-10-21",
        "d": 7,
        "e": "7",
        "f": True,
        "g": None,
        "h": "007",
        "i": "1.5",
        "j": -3,
    }


def test_lines_are_known_for_everything_and_a_missing_key_has_its_holders_line() -> None:
    file = parsed("a:\n  - b: 1\n\n  - b: 2\n    c: 3\n")
    assert file.problem(("a", 1, "c"), "x", "", "").line == 5
    assert file.problem(("a", 1, "zz"), "x", "", "").line == 4
    assert file.problem((), "x", "", "").line == 1


def test_text_is_brought_to_nfc() -> None:
    assert parsed('n: "Ba\\u0309o"').data == {"n": "B\u1ea3o"}
    assert parsed("ba\u0309o: x").data == {"b\u1ea3o": "x"}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\n\tb: 2\nc: 3", "yaml", 2),
        ("a: 1\nb: 2\na: 3", "key-twice", 3),
        ("a: &x 1\nb: *x", "anchor", 1),
        ("a: 1\nb: !!python/object:os.system {}", "tag", 2),
        ("a: 1\n---\nb: 2", "two-documents", 2),
        ("? [1, 2]\n: 3", "key", 1),
        ("[" * 40 + "]" * 40, "too-deep", 1),
        ("a: \x07", "yaml", None),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(
    text: str, code: str, line: int | None
) -> None:
    problem = refused(text)
    assert (problem.code, problem.line) == (code, line)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    report = Report()
    assert (parse_yaml("a.yaml", text, report) is None) == bool(report.problems)


# --- dates ------------------------------------------------------------------------------------

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 30))


@given(DAYS)
def test_before_is_strict_or_counts_the_day(day: date) -> None:
    before = deadline(rule="before", date=day)
    assert due_exclusive(before, policy("strict")) == midnight(day)
    assert due_exclusive(before, policy("inclusive")) == midnight(day + timedelta(days=1))
    # the duty's own reading wins over the policy's
    own = deadline(rule="before", date=day, reading="inclusive")
    assert due_exclusive(own, policy("strict")) == midnight(day + timedelta(days=1))
    assert reading_of(own, policy("strict")) == "inclusive"


@given(DAYS)
def test_by_ends_with_the_day_and_a_month_with_its_last_day(day: date) -> None:
    by = deadline(rule="by", date=day)
    assert due_exclusive(by, policy()) == midnight(day + timedelta(days=1))
    month = due_exclusive(deadline(rule="within-month", month=day.replace(day=1)), policy())
    assert month is not None
    assert (month.day, month.hour) == (1, 0)
    last = (month - timedelta(days=1)).date()
    assert (last.year, last.month) == (day.year, day.month)


@pytest.mark.parametrize("rule", ["standing", "periodic"])
def test_no_date_follows_from_standing_and_periodic(rule: str) -> None:
    assert due_exclusive(deadline(rule=rule), policy()) is None
    assert reading_of(deadline(rule=rule), policy()) == ""


def test_december_ends_in_the_next_year() -> None:
    december = deadline(rule="within-month", month="2023-12")
    assert due_exclusive(december, policy()) == midnight(date(2024, 1, 1))


# --- quotations -------------------------------------------------------------------------------


def test_only_emphasis_and_escapes_are_taken_out() -> None:
    assert plain_text("về **trước ngày** *x*\n\n\\* Thời gian") == "về trước ngày x\n\n* Thời gian"


@given(st.text("abc ", max_size=30), st.text("abc ", max_size=30))
def test_the_first_difference_is_the_longest_common_beginning(quote: str, text: str) -> None:
    same = first_difference(quote, text)
    assert quote.startswith(same)
    assert same in text
    assert len(same) == len(quote) or quote[: len(same) + 1] not in text


# --- groups -----------------------------------------------------------------------------------


def body(id_: str, **values: object) -> BodyShape:
    shape = {"id": id_, "name": id_, "level": "city", "source": "source", **values}
    return BodyShape.model_validate(shape)


def test_a_group_is_its_members_on_the_day_each_once_in_order() -> None:
    roster = Roster(
        [
            body("g", kind="group", members=["b", "inner", "a"]),
            body("inner", kind="group", members=["a", "c"]),
            body("a"),
            body("b", valid_to="2024-10-31"),
            body("c", valid_from="2024-11-01"),
            body("x", kind="audience"),
        ]
    )
    assert roster.expand(["g", "x", "a"], date(2024, 10, 31)) == ("b", "a")
    assert roster.expand(["g"], date(2024, 11, 1)) == ("a", "c")


# --- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (Name, "a\nb", "control"),
        (Name, "a\u202eb", "control"),
        (Name, "a\x07b", "control"),
        (Name, "xem http://x.vn", "link"),
        (Name, "x" * 161, "too-long"),
        (Name, "  ", "blank"),
        (Body, "PR Bảo An", "bad-code"),
        (Duty, "256/III.1-c@pr.x", "bad-code"),
        (Month, "2023-13", "impossible-date"),
        (Month, "10/2023", "not-a-month"),
    ],
)
def test_words_that_would_do_harm_are_refused(kind: Any, value: str, code: str) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(kind)
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(value, strict=True)
    (error,) = caught.value.errors()
    assert error["ctx"]["code"] == code


def test_a_name_of_160_characters_is_fine() -> None:
    assert TypeAdapter(Name).validate_python("x" * 160, strict=True) == "x" * 160


# --- errors -----------------------------------------------------------------------------------


def test_the_error_lists_every_problem_in_the_chosen_language() -> None:
    problems = [
        Problem("a.yaml", "x[1].y", "c", "sai rồi", "is wrong", 7),
        Problem("b.yaml", "", "c", "không có", "is missing"),
    ]
    assert str(PackageError(problems)) == (
        "Không dùng được gói văn bản: 2 lỗi.\n"
        "  - a.yaml, dòng 7, x[1].y: sai rồi\n"
        "  - b.yaml: không có"
    )
    assert str(PackageError(problems[:1], "en")) == (
        "The package cannot be used: 1 problem.\n  - a.yaml, line 7, x[1].y: is wrong"
    )


@given(st.text(st.characters(), max_size=100))
def test_whatever_was_typed_is_shown_printable_and_short(text: str) -> None:
    assert shown(text).isprintable()
    shown(text).encode()


def test_paths_and_suggestions() -> None:
    assert field_path(("obligations", 12, "assignees", 0)) == "obligations[12].assignees[0]"
    assert nearest("pr.bao-ann", ["pr.bao-an", "pr.van-hai"])[1] == "; did you mean “pr.bao-an”?"
    assert nearest("zzz", ["pr.bao-an"]) == ("", "")
