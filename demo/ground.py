"""The folder of a demonstration: whose it is, who uses it, and when it may be emptied.

A demonstration that starts clean deletes what an earlier one left. So it deletes only in a folder
that a demonstration made itself, and only while no other one runs there: both are told by one file
in it, which marks the folder and is locked for as long as its demonstration lives.
"""

import fcntl
import os
import shutil
from pathlib import Path

from config.clock import wait_until

MARK = ".cascade-demo"
_WORDS = "This folder belongs to `make demo`, which deletes what is in it when it starts.\n"
_EMPTYING_SECONDS = 10.0


class Refused(Exception):
    """The folder cannot be used; nothing in it was touched."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi, self.en = vi, en

    def text(self, lang: str = "vi") -> str:
        """Return what is wrong and what to do."""
        return self.en if lang == "en" else self.vi


class Ground:
    """A folder that is ours for as long as this process lives, or until it is let go."""

    def __init__(self, folder: Path) -> None:
        """Take *folder*, which is made when it is missing.

        Raises:
            Refused: it holds what no demonstration made, or another one runs in it.
        """
        self.folder = folder
        if folder.exists() and not folder.is_dir():
            raise Refused(
                f"{folder} không phải là thư mục. Hãy chọn thư mục khác: --folder",
                f"{folder} is no folder. Choose another one: --folder",
            )
        mark = folder / MARK
        if folder.exists() and not mark.is_file() and any(folder.iterdir()):
            raise Refused(
                f"{folder} có dữ liệu không phải do make demo tạo, nên không xóa gì ở đó. "
                "Hãy tự dọn thư mục này, hoặc chọn thư mục khác: --folder",
                f"{folder} holds what `make demo` did not make, so nothing is deleted there. "
                "Clear it yourself, or choose another folder: --folder",
            )
        folder.mkdir(parents=True, exist_ok=True)
        self._held = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._held)
            raise Refused(
                f"Một cuộc trình diễn đang chạy trong {folder}. "
                "Hãy dừng nó (Ctrl-C), hoặc chọn thư mục và các cổng khác: --folder "
                "--prefect-port --portal-port --mail-port --smtp-port",
                f"A demonstration is running in {folder}. Stop it (Ctrl-C), or choose another "
                "folder and other ports: --folder --prefect-port --portal-port --mail-port "
                "--smtp-port",
            ) from error
        mark.write_text(_WORDS)

    def clear(self) -> None:
        """Delete everything in the folder but its mark."""

        def empty() -> bool:
            # What a killed demonstration started may be writing its last lines.
            for each in self.folder.iterdir():
                if each.name == MARK:
                    continue
                if each.is_dir() and not each.is_symlink():
                    shutil.rmtree(each, ignore_errors=True)
                else:
                    each.unlink(missing_ok=True)
            return [each.name for each in self.folder.iterdir()] == [MARK]

        if not wait_until(empty, seconds=_EMPTYING_SECONDS):
            raise Refused(
                f"Không xóa được hết dữ liệu cũ trong {self.folder}.",
                f"What an earlier demonstration left in {self.folder} cannot be deleted.",
            )

    def let_go(self) -> None:
        """Let another demonstration have the folder."""
        os.close(self._held)
