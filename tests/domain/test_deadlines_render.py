"""What `cascade deadline` prints: the agreed JSON for programs, a few lines for people."""

import json
from datetime import date
from typing import Any

import pytest

from cli.deadline import Unusable, deadline, exit_status, render

KEYS = [
    "phrase", "kind", "due_exclusive", "rule", "basis", "occurrences", "readings", "warnings",
    "error",
]  # fmt: skip


def shown(phrase: str, **options: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(render(deadline(phrase, **options), "json"))
    return loaded


def test_the_json_has_the_agreed_keys_in_their_order() -> None:
    assert list(shown("trước ngày 21/10/2023")) == KEYS
    assert list(shown("vô nghĩa")) == KEYS


def test_a_bound_in_json() -> None:
    result = shown("trước ngày 21/10/2023", issued="2023-09-19")
    assert result["phrase"] == "trước ngày 21/10/2023"
    assert result["kind"] == "bound"
    assert result["due_exclusive"] == "2023-10-21T00:00:00+07:00"
    assert result["error"] is None
    assert result["occurrences"] == []
    assert result["readings"][1] == {
        "name": "inclusive",
        "due_exclusive": "2023-10-22T00:00:00+07:00",
    }
    assert [set(noted) for noted in result["warnings"]] == [{"code", "message"}]


def test_a_refusal_in_json() -> None:
    result = shown("trước ngày 31/11/2023")
    assert result["kind"] is None
    assert result["due_exclusive"] is None
    assert result["error"]["code"] == "invalid_date"
    assert "31/11/2023" in result["error"]["message"]


def test_occurrences_begin_at_issue_or_else_today() -> None:
    phrase = "chậm nhất ngày 25 hằng tháng"
    assert shown(phrase, issued="2023-09-19")["occurrences"] == [
        "2023-09-26T00:00:00+07:00",
        "2023-10-26T00:00:00+07:00",
        "2023-11-26T00:00:00+07:00",
        "2023-12-26T00:00:00+07:00",
    ]
    today = shown(phrase, today=date(2024, 1, 1))["occurrences"]
    assert today[0] == "2024-01-26T00:00:00+07:00"


@pytest.mark.parametrize(
    ("phrase", "status"),
    [
        ("trước ngày 21/10/2023", 0),
        ("thường xuyên", 0),
        ("kể từ ngày 01/10/2023", 0),
        ("trước ngày 31/11/2023", 1),
        ("vô nghĩa", 1),
        ("", 1),
    ],
)
def test_the_exit_status_tells_understood_from_refused(phrase: str, status: int) -> None:
    assert exit_status(deadline(phrase)) == status


def test_people_read_the_last_day_and_not_the_midnight_after_it() -> None:
    vietnamese = render(deadline("trước ngày 21/10/2023"))
    assert "Hạn: hết ngày 20/10/2023" in vietnamese
    assert "Due: the end of 20/10/2023" in render(deadline("trước ngày 21/10/2023"), lang="en")


def test_people_read_whether_an_hour_itself_counts() -> None:
    assert "trước 17:00 ngày 20/10/2023" in render(deadline("trước 17h00 ngày 20/10/2023"))
    assert "Hạn: 17:00 ngày 20/10/2023" in render(deadline("chậm nhất 17h00 ngày 20/10/2023"))


def test_a_refusal_says_why_in_the_language_asked_for() -> None:
    assert "Ngày không có thật" in render(deadline("trước ngày 31/11/2023"))
    assert "There is no such date" in render(deadline("trước ngày 31/11/2023"), lang="en")


def test_an_event_may_have_an_hour_and_is_viet_nams_without_a_zone() -> None:
    phrase = "trong 24 giờ kể từ khi nhận được"
    assert shown(phrase, event="2023-10-20T08:30")["due_exclusive"] == "2023-10-21T08:30:00+07:00"
    assert shown(phrase, event="2023-10-20")["error"]["code"] == "needs_hour"


@pytest.mark.parametrize(
    "options", [{"issued": "19/9/2023"}, {"event": "hôm qua"}, {"event": "2023-13-01T00:00"}]
)
def test_an_option_that_is_no_date_is_said_to_be_none(options: dict[str, Any]) -> None:
    with pytest.raises(Unusable) as refused:
        deadline("trước ngày 21/10/2023", **options)
    assert next(iter(options.values())) in refused.value.message_vi
    assert next(iter(options.values())) in refused.value.message_en


def test_a_broken_terminals_letters_do_not_break_the_output() -> None:
    assert json.loads(render(deadline("trước \udce9 ngày"), "json"))["error"]
    assert render(deadline("trước \udce9 ngày"))
