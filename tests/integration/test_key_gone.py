"""Without ``vault.key`` nothing goes on as if nothing had been sealed, and no other key is made."""

import shutil
from pathlib import Path

import pytest

from config.keys import vault
from config.settings import load
from models.vault import KeyGone
from notifications.wiring import open_store
from tests.desk import Desk

UNREADABLE = 2


@pytest.fixture
def key(desk: Desk) -> Path:
    """Return where the key was, now that it is gone."""
    desk.store().close()
    path = load().keys_folder / "vault.key"
    path.rename(desk.folder / "copy.key")
    return path


@pytest.mark.parametrize(
    "command",
    [
        ("export", "256-KH/TU", "--out", "x.zip"),
        ("erase", "find", "An"),
        ("erase", "person", "p_0000000000000001", "--basis", "yêu cầu", "--by", "tt"),
        ("status",),
        ("checkpoint",),
    ],
)
def test_a_command_refuses_and_makes_no_key(
    desk: Desk, key: Path, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _, complaints = desk.type(*command, status=UNREADABLE)
    assert f"Không còn khóa {key}" in complaints
    assert "không tạo khóa mới" in complaints
    assert not key.exists()
    assert "is gone" in desk.type(*command, "--lang", "en", status=UNREADABLE)[1]
    assert not (tmp_path / "x.zip").exists()


def test_it_does_not_start(desk: Desk, key: Path, capfd: pytest.CaptureFixture[str]) -> None:
    desk.type("up", status=UNREADABLE)
    assert f"Không còn khóa {key}" in capfd.readouterr().err
    assert not key.exists()


def test_what_worker_and_portal_open_refuses_too(desk: Desk, key: Path) -> None:
    with pytest.raises(KeyGone, match=r"vault\.key is gone"):
        open_store(load())
    assert not key.exists()
    shutil.copy(desk.folder / "copy.key", key)
    open_store(load()).close()


def test_an_installation_that_sealed_nothing_yet_makes_its_key(desk: Desk) -> None:
    path = load().keys_folder / "vault.key"
    assert not path.exists()
    vault(load())
    assert path.exists()
    open_store(load()).close()
