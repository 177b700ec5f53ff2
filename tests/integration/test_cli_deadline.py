"""`cascade deadline`, as an operator or another program types it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from config.clock import FileClock
from tests.factories import vn

ROOT = Path(__file__).parents[2]
SCRIPT = Path(sys.executable).with_name("cascade")
KEYS = [
    "phrase", "kind", "due_exclusive", "rule", "basis", "occurrences", "readings", "warnings",
    "error",
]  # fmt: skip


class Terminal:
    """The command in this process: what it prints, what it complains of, how it ends."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def type(self, *words: str, status: int = 0) -> tuple[str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["deadline", *words])
        printed, complaints = self.capsys.readouterr()
        assert ended.value.code == status, (printed, complaints)
        return printed, complaints

    def json(self, *words: str, status: int = 0) -> dict[str, Any]:
        printed, complaints = self.type(*words, "--format", "json", status=status)
        assert complaints == ""
        value: dict[str, Any] = json.loads(printed)
        assert list(value) == KEYS
        return value

    def due(self, *words: str) -> str | None:
        due: str | None = self.json(*words)["due_exclusive"]
        return due


@pytest.fixture
def terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASCADE_CLOCK", f"file:{tmp_path / 'clock'}")
    monkeypatch.delenv("CASCADE_LANG", raising=False)
    FileClock(tmp_path / "clock").set(vn(2023, 9, 19))
    return Terminal(capsys)


def end_of(day: str) -> str:
    year, month, last = map(int, day.split("-"))
    return vn(year, month, last).add(days=1).isoformat()


@pytest.mark.parametrize(
    ("phrase", "last"),
    [
        # A
        ("trước ngày 15/12/2016", "2016-12-14"),
        ("Thời gian hoàn thành trước ngày 31/10/2023", "2023-10-30"),
        ("đến hết ngày 31/10/2023", "2023-10-31"),
        ("trước ngày 21/10/2023", "2023-10-20"),
        # B
        ("trong tháng 02/2024", "2024-02-29"),
        ("Trong tháng 10/2023", "2023-10-31"),
        ("trong tháng 11 năm 2023", "2023-11-30"),
        ("từ nay đến cuối tháng 2-2017", "2017-02-28"),
        # C
        ("10 ngày kể từ 23/8/2023", "2023-09-05"),
        ("05 ngày làm việc kể từ 20/10/2023", "2023-10-27"),
        ("05 ngày làm việc kể từ 25/4/2024", "2024-05-06"),
        ("05 ngày làm việc kể từ 31/12/2025", "2026-01-09"),
        ("01 tháng từ 31/01/2024", "2024-02-29"),
        ("05 ngày trước 31/10/2023", "2023-10-26"),
    ],
)
def test_the_worked_examples_of_the_practice_notes(
    terminal: Terminal, phrase: str, last: str
) -> None:
    assert terminal.due(phrase) == end_of(last)


def test_days_and_hours_of_the_notes_that_need_more_than_the_phrase(terminal: Terminal) -> None:
    assert terminal.due("Chậm nhất ngày 25 tháng 11", "--issued", "2023-09-19") == end_of(
        "2023-11-25"
    )
    assert terminal.due("trước 16 giờ 00 ngày 20/10/2023") == "2023-10-20T16:00:00+07:00"
    assert terminal.due("trước 15/12", "--issued", "2023-12-20") == end_of("2024-12-14")
    begins = terminal.json("sau 15 ngày kể từ ngày ban hành", "--issued", "1998-11-19")
    assert (begins["kind"], begins["due_exclusive"]) == ("open_end", None)


def test_the_choices_of_an_office(terminal: Terminal) -> None:
    phrase = "trước ngày 21/10/2023"
    inclusive = ("--before-date", "inclusive")
    assert terminal.due(phrase, *inclusive) == end_of("2023-10-21")
    assert terminal.due(phrase, *inclusive, "--rollover-calendar", "next") == end_of("2023-10-23")
    assert terminal.due(phrase, "--rollover-calendar", "previous") == end_of("2023-10-20")
    counted = "10 ngày kể từ 23/8/2023"
    assert terminal.due(counted, "--rollover-counted", "none") == end_of("2023-09-02")
    assert terminal.due(counted, "--rollover-counted", "previous") == end_of("2023-08-31")
    term = "đến hết nhiệm kỳ 2020-2025"
    assert terminal.due(term) is None
    assert terminal.due(term, "--term-end", "2025-08-31") == end_of("2025-08-31")


def test_an_event_and_its_hour(terminal: Terminal) -> None:
    phrase = "trong 05 ngày làm việc kể từ ngày nhận được văn bản"
    assert terminal.json(phrase)["kind"] == "triggered"
    assert terminal.due(phrase, "--event", "2024-04-25") == end_of("2024-05-06")
    hours = "trong 24 giờ kể từ khi nhận được"
    assert terminal.due(hours, "--event", "2023-10-20T08:30") == "2023-10-21T08:30:00+07:00"
    assert terminal.due(hours, "--event", "2023-10-20T01:30Z") == "2023-10-21T08:30:00+07:00"
    assert terminal.json(hours, "--event", "2023-10-20", status=1)["error"]["code"] == "needs_hour"


def test_occurrences_begin_at_issue_or_else_today(terminal: Terminal) -> None:
    phrase = "trước ngày 20 tháng cuối quý"
    bounds = [end_of(day) for day in ("2023-12-19", "2024-03-19", "2024-06-19", "2024-09-19")]
    issued = terminal.json(phrase, "--issued", "2023-10-01")
    assert issued["occurrences"] == bounds
    assert (issued["kind"], issued["due_exclusive"]) == ("periodic", bounds[0])
    today = terminal.json(phrase)["occurrences"]
    assert today == [end_of("2023-09-19"), *bounds[:3]]


@pytest.mark.parametrize("phrase", ["thường xuyên", "kịp thời", "đến khi có văn bản thay thế"])
def test_a_phrase_without_a_date_is_understood(terminal: Terminal, phrase: str) -> None:
    value = terminal.json(phrase)
    assert value["due_exclusive"] is None
    assert value["error"] is None
    assert [set(noted) for noted in value["warnings"]] == [{"code", "message"}]


@pytest.mark.parametrize(
    ("phrase", "code"),
    [
        ("trước ngày 31/11/2023", "invalid_date"),
        ("Kế hoạch số 256-KH/TU ngày 19/9/2023", "no_marker"),
        ("trước ngày 25/10/20 23", "not_understood"),
        ("vô nghĩa", "no_deadline"),
        ("", "empty"),
    ],
)
def test_a_refusal_has_a_reason_and_ends_with_1(terminal: Terminal, phrase: str, code: str) -> None:
    value = terminal.json(phrase, status=1)
    assert (value["kind"], value["due_exclusive"], value["occurrences"]) == (None, None, [])
    assert set(value["error"]) == {"code", "message"}
    assert value["error"]["code"] == code
    printed, complaints = terminal.type(phrase, status=1)
    assert printed == ""
    assert f"[{code}]" in complaints


def test_people_read_it_in_their_language(terminal: Terminal) -> None:
    assert "Hạn: hết ngày 20/10/2023" in terminal.type("trước ngày 21/10/2023")[0]
    english, _ = terminal.type("trước ngày 21/10/2023", "--lang", "en")
    assert "Due: the end of 20/10/2023" in english
    refused = terminal.json("trước ngày 31/11/2023", "--lang", "en", status=1)
    assert refused["error"]["message"].startswith("There is no such date")


def test_the_dash_of_a_bullet_is_text(terminal: Terminal) -> None:
    assert terminal.due("- Hoàn thành trước ngày 31/10/2023") == end_of("2023-10-30")
    assert terminal.due("--issued", "2023-09-19", "-Trước ngày 31/10") == end_of("2023-10-30")


def test_a_year_whose_days_off_nobody_checked_is_flagged(terminal: Terminal) -> None:
    def codes(phrase: str) -> list[str]:
        return [noted["code"] for noted in terminal.json(phrase)["warnings"]]

    assert codes("05 ngày làm việc kể từ 31/12/2035") == ["calendar_not_checked"]
    assert codes("05 ngày làm việc kể từ 31/12/2025") == []
    assert codes("chậm nhất ngày 31/12/2035") == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--issued", "19/9/2023"),
        ("--issued", "20230919"),
        ("--issued", "2023-02-30"),
        ("--issued", "1900-01-01"),
        ("--event", "hôm qua"),
        ("--event", "9999-12-31T23:59-10:00"),
        ("--before-date", "sometimes"),
        ("--rollover-calendar", "later"),
        ("--rollover-counted", ""),
        ("--term-end", "2025"),
        ("--format", "xml"),
    ],
)
def test_a_wrong_option_is_told_in_both_languages(
    terminal: Terminal, option: str, value: str
) -> None:
    for lang in ("vi", "en"):
        printed, complaints = terminal.type(
            "trước ngày 21/10/2023", option, value, "--lang", lang, status=2
        )
        assert printed == ""
        vietnamese, english = complaints.splitlines()[:: 1 if lang == "vi" else -1]
        assert option in vietnamese
        assert option in english
        assert value in english
        assert vietnamese != english


@pytest.mark.parametrize("words", [[], ["a", "b"], ["a", "--lang", "fr"], ["a", "--isued", "b"]])
def test_wrong_usage_ends_with_2(terminal: Terminal, words: list[str]) -> None:
    assert terminal.type(*words, status=2)[1]


def test_the_installed_command(tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SCRIPT), "deadline", *words], cwd=tmp_path, capture_output=True, text=True
        )

    done = run("05 ngày làm việc kể từ 25/4/2024", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["due_exclusive"] == "2024-05-07T00:00:00+07:00"
    refused = run("trước ngày 31/11/2023")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "31/11/2023" in refused.stderr
    assert run("x", "--issued", "?").returncode == 2
    assert "--term-end" in run("--help").stdout
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind"


def test_neither_prefect_nor_sqlalchemy_is_imported() -> None:
    code = (
        "import sys\nfrom cli.main import main\n"
        "try: main(['deadline', 'trước ngày 25 hằng tháng'])\n"
        "except SystemExit as ended: assert ended.code == 0, ended.code\n"
        "print([name for name in ('prefect', 'sqlalchemy', 'fastapi') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
