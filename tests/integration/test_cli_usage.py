"""Words that the command line cannot take: what is wrong, and how it is used, in Vietnamese."""

import pytest

from cli.main import main
from cli.problems import why
from cli.usage import vietnamese


def told(capsys: pytest.CaptureFixture[str], *typed: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*typed])
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("replay", "256-KH/TU"), "Sai: Thiếu '--at'."),
        (("status", "--khong"), "Sai: Không có tùy chọn --khong."),
        (("kieu-gi",), "Sai: Không có lệnh 'kieu-gi'."),
        (("calendar", "kieu-gi"), "Sai: Không có lệnh 'kieu-gi'."),
        (("status", "a", "b"), "Sai: Thừa: b."),
        (("replay", "x", "--at"), "Sai: Sau '--at' phải ghi giá trị."),
        (("auditor-link", "--days", "0"), "Sai: Giá trị của '--days' không dùng được: phải từ 1"),
        (("auditor-link", "--days", "x"), "không dùng được: phải là số nguyên"),
    ],
)
def test_it_is_said_in_vietnamese_with_the_way_to_the_manual(
    capsys: pytest.CaptureFixture[str], typed: tuple[str, ...], words: str
) -> None:
    said = told(capsys, *typed)
    assert words in said
    assert said.startswith(("Cách dùng: ", "Hướng dẫn: cascade --help"))
    assert "--help\n" in said
    assert "Error" not in said
    assert "Usage" not in said


@pytest.mark.parametrize("language", [("--lang", "en"), ("--lang=en",)])
def test_it_is_said_in_english_where_that_was_asked_for(
    capsys: pytest.CaptureFixture[str], language: tuple[str, ...]
) -> None:
    assert "Error: Missing option '--at'." in told(capsys, "replay", "256-KH/TU", *language)


def test_the_settings_decide_where_nothing_was_typed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASCADE_LANG", "en")
    assert "Error: Missing option" in told(capsys, "replay", "256-KH/TU")
    assert "Sai: Thiếu" in told(capsys, "replay", "256-KH/TU", "--lang", "vi")


def test_a_command_by_itself_shows_its_manual(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Commands:" in told(capsys, "mail")


def test_a_sentence_that_nobody_translated_stays() -> None:
    assert vietnamese("Something new.") == "Something new."


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(2, "No such file or directory"), "không có tệp hay thư mục này"),
        (PermissionError(13, "Permission denied"), "không có quyền"),
        (OSError(5, "Input/output error"), "Input/output error"),
    ],
)
def test_why_a_file_cannot_be_used_is_said_in_vietnamese(error: OSError, words: str) -> None:
    assert why(error, "vi") == words
    assert why(error, "en") == error.strerror
