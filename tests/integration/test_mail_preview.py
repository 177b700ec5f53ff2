"""``cascade mail preview`` as an operator runs it."""

import re
from pathlib import Path

import pytest

from cli.main import main
from notifications.labels import KINDS


def preview(folder: Path, *more: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["mail", "preview", "--out", str(folder), *more])
    return int(str(ended.value.code or 0))


def test_every_kind_in_both_languages_is_written_for_every_way_to_read_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "thư mẫu"
    assert preview(folder) == 0
    assert str(folder / "index.html") in capsys.readouterr().out
    index = (folder / "index.html").read_text()
    for kind in KINDS["vi"]:
        for lang in ("vi", "en"):
            for ending in ("html", "txt", "eml"):
                assert (folder / f"{kind}.{lang}.{ending}").stat().st_size > 200
                assert f'href="{kind}.{lang}.{ending}"' in index
    for linked in re.findall(r'href="([^"]+)"', index):
        assert (folder / linked).exists(), linked
    written = {each.name: each.read_bytes() for each in folder.iterdir()}
    assert preview(folder) == 0
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == written


def test_one_language_alone(tmp_path: Path) -> None:
    assert preview(tmp_path, "--lang", "en") == 0
    assert (tmp_path / "assigned.en.html").exists()
    assert not list(tmp_path.glob("*.vi.*"))
    assert "Sample mails" in (tmp_path / "index.html").read_text()


def test_a_folder_that_cannot_be_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    assert preview(tmp_path / "file") == 2
    told = capsys.readouterr()
    assert "file" in told.err + told.out
    assert "Traceback" not in told.err + told.out
