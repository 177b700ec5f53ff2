"""The commands, as an operator types them."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest
from rich.console import Console

from cli.problems import explained
from cli.status import as_json, show
from config.settings import FileUnreadable, load
from models.domain.facts import Issued, Report, Waived
from models.domain.requests import Accept, Submit
from notifications.wiring import open_store, recorder_of
from tests.builders import LINK, PERSON, issued
from tests.desk import CITY, Desk
from tests.factories import DUE, REPORT, copy_of, document, vn

ROOT = Path(__file__).parents[2]
BAO_AN = copy_of("256/III.1-c", "pr.bao-an")


def test_a_package_is_entered_and_says_when_its_documents_go_out(desk: Desk) -> None:
    printed, complaints = desk.type("issue", str(desk.package))
    assert complaints == ""
    for line in ("57-KL/TW: 15/06/2023 08:00", "240-KH/TU: 13/09/2023", "256-KH/TU: 19/09/2023"):
        assert line in printed
    assert "giả định" in printed, "what is assumed is said"
    assert desk.facts() == 3
    store = desk.store()
    assert [row["id"] for row in store.streams()] == ["57-KL/TW", "240-KH/TU", "256-KH/TU"]
    store.close()


def test_a_broken_package_is_refused_whole(desk: Desk) -> None:
    path = desk.package / "documents" / "256-kh-tu.yaml"
    path.write_text(path.read_text().replace("reviewer: pr.btg", "reviewer: pr.nobody", 1))
    printed, complaints = desk.type("issue", str(desk.package), status=1)
    assert printed == ""
    assert "256-kh-tu.yaml" in complaints
    assert "reviewer" in complaints
    assert "pr.nobody" in complaints
    assert "obligations[" in complaints
    assert not (desk.folder / "var").exists(), "nothing is stored, not even a database"
    _, english = desk.type("issue", str(desk.package), "--lang", "en", status=1)
    assert "The package cannot be used" in english


@pytest.mark.parametrize("where", ["nowhere", "clock"])
def test_what_is_no_package_is_refused(desk: Desk, where: str) -> None:
    _, complaints = desk.type("issue", where, status=1)
    assert where in complaints
    assert "Traceback" not in complaints


def test_a_package_is_not_entered_twice(desk: Desk) -> None:
    desk.type("issue", str(desk.package))
    before = desk.facts()
    _, complaints = desk.type("issue", str(desk.package), status=1)
    assert "57-KL/TW đã được nhập trước đó" in complaints
    assert desk.facts() == before


def test_bounds_that_have_passed_are_refused_unless_accepted(desk: Desk) -> None:
    desk.at(vn(2023, 10, 21))
    _, complaints = desk.type("issue", str(desk.package), status=1)
    assert "256-KH/TU III.1: 20/10/2023" in complaints
    assert "30/10/2023" not in complaints, "what is still to come is not named"
    assert "--accept-past" in complaints
    assert desk.facts() == 0
    desk.type("issue", str(desk.package), "--accept-past")
    assert desk.facts() == 3


def test_a_bound_that_ends_now_has_passed(desk: Desk) -> None:
    desk.at(vn(2023, 10, 21).subtract(seconds=1))
    desk.type("issue", str(desk.package))


def test_the_status_of_nothing(desk: Desk) -> None:
    assert "Chưa có văn bản nào" in desk.type("status")[0]
    assert json.loads(desk.type("status", "--format", "json")[0]) == []


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_an_unknown_document_lists_the_known_ones(desk: Desk, lang: str) -> None:
    _, complaints = desk.type("status", "999-KH/TU", "--lang", lang, status=1)
    assert "999-KH/TU" in complaints
    desk.type("issue", str(desk.package))
    for command in (
        ["status", "999-KH/TU"],
        ["waive", "999-KH/TU", "a", "b", "--by=c", "--authority=d"],
    ):
        _, complaints = desk.type(*command, "--lang", lang, status=1)
        assert "57-KL/TW, 240-KH/TU, 256-KH/TU" in complaints


def test_the_status_shows_the_table_the_late_and_the_awaited(desk: Desk) -> None:
    desk.issue_all()
    desk.tell_all()
    settings = load()
    store = open_store(settings)
    recorder = recorder_of(settings, store)
    desk.at(DUE.subtract(days=1))
    recorder.record(CITY, Submit(BAO_AN, Report(), 0, PERSON, LINK))
    recorder.record(CITY, Accept(BAO_AN, 1, PERSON, LINK))
    desk.at(vn(2023, 10, 24, 9))
    recorder.let_time_act(CITY)
    store.close()

    printed, _ = desk.type("status", CITY)
    assert "Ban hành: 08:00 thứ Ba, 19/09/2023" in printed
    assert "Đơn vị quá hạn" in printed
    assert "hết ngày thứ Sáu, 20/10/2023" in printed
    assert "Đảng bộ phường Đài Sơn" in printed
    assert "Tổng hợp III.1: còn chờ 21 báo cáo" in printed

    english, _ = desk.type("status", CITY, "--lang", "en")
    assert "Late units" in english
    assert "waits for 21 reports" in english

    value = json.loads(desk.type("status", CITY, "--format", "json")[0])
    table = value["table"]
    assert table["done"] == {"in_time": 1, "late": 0}
    assert table["not_done"]["late"] == 21
    assert len(value["late"]) == 21
    assert value["rates"]["strict"] == value["rates"]["lenient"] == {"in_time": 1, "of": 22}
    assert {row["rung"] for row in value["late"]} == {1}
    assert value["awaited"][0]["late"] is True
    assert value["awaited"][0]["since"] == "2023-10-20T17:00:00.000000Z"
    assert value["gates"] == [
        {"obligation": "256/III.1-d", "opened_at": None, "outstanding": 21, "missing": []}
    ]
    everything = json.loads(desk.type("status", "--format", "json")[0])
    assert [each["document"] for each in everything] == ["57-KL/TW", "240-KH/TU", CITY]


def test_a_document_that_is_not_out_yet_says_so(desk: Desk) -> None:
    desk.type("issue", str(desk.package))
    assert "Chưa ban hành" in desk.type("status", CITY)[0]
    value = json.loads(desk.type("status", CITY, "--format", "json")[0])
    assert value["issued_at"] is None


def test_an_unknown_format_is_refused(desk: Desk) -> None:
    assert "--format" in desk.type("status", "--format", "xml", status=2)[1]


def waiving(*changed: str, by: str = "pr.thuongtruc", authority: str = "Công văn 12") -> list[str]:
    given = [*changed, *[CITY, "256/III.1-c", "pr.bao-an"][len(changed) :]]
    return ["waive", *given, "--by", by, "--authority", authority]


def test_a_duty_is_waived_by_whom_and_on_what_authority(desk: Desk) -> None:
    desk.issue_all()
    printed, _ = desk.type(*waiving())
    assert f"{BAO_AN} được miễn (Công văn 12)" in printed
    store = desk.store()
    (found,) = [each for each in store.events(CITY) if isinstance(each.fact, Waived)]
    assert (found.fact.by, found.fact.authority) == ("pr.thuongtruc", "Công văn 12")  # type: ignore[union-attr]
    assert f"Sự kiện số {found.seq}." in printed
    store.close()
    _, complaints = desk.type(*waiving(), status=1)
    assert "đã kết thúc" in complaints
    value = json.loads(desk.type("status", CITY, "--format", "json")[0])
    assert value["table"]["waived"] == 1


def test_the_number_of_the_fact_is_the_waivers_own(desk: Desk) -> None:
    """Whatever follows from it (a gate, the end) has other numbers."""
    desk.issue_all()
    desk.at(vn(2023, 11, 1))
    printed, _ = desk.type(*waiving(CITY, "256/III.1-d", "pr.btg"))
    store = desk.store()
    (found,) = [each for each in store.events(CITY) if isinstance(each.fact, Waived)]
    assert f"Sự kiện số {found.seq}." in printed
    store.close()


def test_a_waiver_without_authority_is_refused(desk: Desk) -> None:
    desk.issue_all()
    before = desk.facts()
    assert "--authority" in desk.type(*waiving(authority="  "), status=1)[1]
    assert "--by" in desk.type(*waiving(by=""), status=1)[1]
    desk.type("waive", CITY, "256/III.1-c", "pr.bao-an", "--by", "pr.thuongtruc", status=2)
    assert desk.facts() == before


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_an_unknown_duty_or_body_lists_the_known_ones(desk: Desk, lang: str) -> None:
    desk.issue_all()
    _, duties = desk.type(*waiving(CITY, "256/IX"), "--lang", lang, status=1)
    assert "256/III.1-c" in duties
    assert "256/III.1-d" in duties
    _, bodies = desk.type(*waiving(CITY, "256/III.1-c", "pr.btg"), "--lang", lang, status=1)
    assert "pr.bao-an" in bodies
    assert "pr.van-hai" in bodies


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CASCADE_SMTP_PORT", "abc", "CASCADE_SMTP_PORT"),
        ("CASCADE_SMTP_HOST", "mx.example.org", "CASCADE_CATCHER=false"),
        ("CASCADE_CLOCK", "sundial", "CASCADE_CLOCK"),
        ("CASCADE_CLOCK", "file:/nowhere/clock", "/nowhere/clock"),
        ("CASCADE_DATABASE_URL", "postgresql+psycopg://u:geheim@127.0.0.1:1/x", "cơ sở dữ liệu"),
        ("CASCADE_DATABASE_URL", "nonsense", "cơ sở dữ liệu"),
        ("CASCADE_DATABASE_URL", "mysql://u:geheim@x/y", "postgresql+psycopg://"),
        ("CASCADE_DATABASE_URL", "postgresql://u:geheim@x/y", "postgresql+psycopg://"),
        ("CASCADE_DATABASE_URL", "sqlite:///clock", "cơ sở dữ liệu"),
        ("CASCADE_CLOCK", "file:.", "Phải là tệp"),
        ("CASCADE_CLOCK", "file:garbage", "Tệp đồng hồ garbage"),
        ("CASCADE_CLOCK", "file:package/package.yaml", "CASCADE_CLOCK"),
        ("CASCADE_VAR", "clock", "Phải là thư mục, không phải tệp: clock"),
        ("CASCADE_VAR", "clock/below", "clock"),
        ("CASCADE_SMTP_PORT", "abc", "CASCADE_SMTP_PORT: phải là số nguyên"),
        ("CASCADE_SMTP_PORT", "0", "CASCADE_SMTP_PORT: phải từ 1 trở lên"),
        ("CASCADE_SMTP_PORT", "70000", "CASCADE_SMTP_PORT: không được quá 65535"),
        ("CASCADE_SMTP_SECURITY", "ssl", "phải là một trong các giá trị 'starttls', 'tls', 'none'"),
        ("CASCADE_CATCHER", "x", "CASCADE_CATCHER: phải là true hoặc false"),
        ("CASCADE_SMTP_HOST", "mx.example.org", "chỉ giữ thư trên máy này"),
        ("CASCADE_CLOCK", "sundial", "“file:ĐƯỜNG-DẪN”"),
    ],
)
def test_wrong_settings_are_told_without_a_trace_of_python(
    desk: Desk, name: str, value: str, told: str
) -> None:
    (desk.folder / "garbage").write_bytes(b"\xff\x00")
    printed, complaints = desk.type("status", status=2, **{name: value})
    assert told in complaints
    assert "Traceback" not in complaints
    assert "geheim" not in complaints
    assert printed == ""
    _, english = desk.type("status", "--lang", "en", status=2, **{name: value})
    assert not set("ảậệốừẽ") & set(english)


@pytest.mark.parametrize(
    ("error", "vi", "en"),
    [
        (PermissionError(13, "denied", "/x"), "Không có quyền", "no permission"),
        (OSError(28, "No space left on device"), "đã đầy", "no space"),
        (FileUnreadable(Path(".env")), ".env không phải là văn bản UTF-8", ".env is not UTF-8"),
    ],
)
def test_surroundings_that_fail_are_explained(error: Exception, vi: str, en: str) -> None:
    assert vi in str(explained(error, "vi"))
    assert en in str(explained(error, "en"))
    assert explained(ValueError("ours")) is None
    assert explained(OSError(5, "of no file")) is None


def test_a_file_of_settings_that_is_not_text_is_told(desk: Desk) -> None:
    (desk.folder / ".env").write_bytes(b"CASCADE_MAIL_FROM_NAME=V\xe3n\n")
    assert ".env" in desk.type("status", status=2)[1]


def test_the_language_may_stand_in_the_file_of_settings(desk: Desk) -> None:
    (desk.folder / ".env").write_text("CASCADE_LANG=en\n")
    assert "No document yet" in desk.type("status")[0]
    assert "Chưa có văn bản" in desk.type("status", CASCADE_LANG="vi")[0]
    assert "Chưa có văn bản" in desk.type("status", "--lang", "vi")[0]
    (desk.folder / ".env").write_text("CASCADE_LANG=en\nCASCADE_SMTP_PORT=x\n")
    assert "Cấu hình sai" in desk.type("status", status=2)[1]


def typed(
    folder: Path, env: dict[str, str], *words: str, out: int | IO[str] = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """Type a command in a shell of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **env},
        stdout=out,
        stderr=subprocess.PIPE,
        encoding=env.get("PYTHONIOENCODING", "utf-8"),
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_vietnamese_is_written_under_any_encoding(desk: Desk, encoding: str) -> None:
    desk.type("issue", str(desk.package))
    env = {name: value for name, value in os.environ.items() if name.startswith("CASCADE_")}
    env["PYTHONIOENCODING"] = encoding
    done = typed(desk.folder, env, "status")
    assert (done.returncode, done.stderr) == (0, "")
    assert "256-KH/TU" in done.stdout
    done = typed(desk.folder, env, "lint", str(desk.package), "--format", "json")
    assert json.loads(done.stdout)["findings"] is not None
    assert "Traceback" not in typed(desk.folder, env, "status", "999").stderr


@pytest.mark.parametrize("words", [["status"], ["status", "--format", "json"], ["--help"]])
def test_an_output_that_is_full_is_told(desk: Desk, words: list[str]) -> None:
    env = {name: value for name, value in os.environ.items() if name.startswith("CASCADE_")}
    with Path("/dev/full").open("w") as full:
        done = typed(desk.folder, env, *words, out=full)
    assert done.returncode == 2, done.stderr
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("command", ["up", "worker", "portal"])
def test_the_parts_tell_of_wrong_settings_as_well(desk: Desk, command: str) -> None:
    for lang, head in (("vi", "Cấu hình sai"), ("en", "Wrong settings")):
        done = typed(desk.folder, {"CASCADE_SMTP_PORT": "x"}, command, "--lang", lang)
        assert done.returncode == 2
        assert done.stderr.startswith(head)
        assert "Traceback" not in done.stderr


def test_the_portal_ends_with_a_sentence_when_the_clock_is_unreadable(desk: Desk) -> None:
    done = typed(desk.folder, {"CASCADE_CLOCK": "file:package/package.yaml"}, "portal")
    assert done.returncode == 2
    assert "CASCADE_CLOCK" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_language_is_refused(desk: Desk) -> None:
    assert "vi | en" in desk.type("status", "--lang", "fr", status=2)[1]
    assert "vi | en" in desk.type("status", status=2, CASCADE_LANG="fr")[1]


def test_names_with_brackets_are_shown_as_they_are() -> None:
    value = document(2, title="Kế hoạch [bản 2] [/bold]")
    bodies = tuple(
        replace(body, name=f"{body.name} [/red] [mẫu]") if body.level == "grassroots" else body
        for body in value.bodies
    )
    life = issued(replace(value, bodies=bodies))
    life.let_act(vn(2023, 10, 28))
    console = Console(width=200, file=io.StringIO())
    show(life.state, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Kế hoạch [bản 2] [/bold]" in text
    assert text.count("Đảng ủy phường số 1 [/red] [mẫu]") == 3, "late, awaited, missing"


def test_rates_are_written_in_the_readers_way() -> None:
    life = issued(document(3))
    assert Issued in {type(fact) for fact in life.facts}
    assignment = copy_of(REPORT, "u.1")
    life.ask(Submit(assignment, Report(), 0, PERSON, LINK), DUE.subtract(days=1))
    life.ask(Accept(assignment, 1, PERSON, LINK), DUE.subtract(days=1))
    life.let_act(DUE)
    for lang, rate in (("vi", "1/3 (33,3 %)"), ("en", "1/3 (33.3 %)")):
        console = Console(width=200, file=io.StringIO())
        show(life.state, console, lang)
        assert rate in console.file.getvalue()  # type: ignore[attr-defined]
    assert as_json(life.state)["rates"]["strict"] == {"in_time": 1, "of": 3}


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    heavy = ("prefect", "sqlalchemy", "sqlmodel", "jinja2", "pendulum", "pydantic", "httpx", "yaml")
    code = f"import sys, cli.main; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", [[], ["issue"], ["status"], ["waive"], ["up"], ["worker"]])
def test_help_is_there_for_every_command(desk: Desk, command: list[str]) -> None:
    printed, _ = desk.type(*command, "--help")
    assert "Usage" in printed
    assert not (desk.folder / "var").exists()
