"""How the command line tells people what is wrong: on standard error, without a stack trace."""

import errno
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from cli.streams import drop_output
from config.typed import visible

if TYPE_CHECKING:
    from pydantic import ValidationError

UNREADABLE = 2


class Terminal(Console):
    """A console that lets no value do anything to the terminal: control characters are shown."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return *text* to be printed, in a cell or by itself."""
        return super().render_str(visible(text), **options)


out = Terminal(highlight=False, soft_wrap=True)
err = Terminal(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print an error message."""
    err.print(text, style="red", markup=False)


def guarded(command: Callable[[], int], lang: str) -> int:
    """Return the status of *command*; tell of wrong settings and surroundings instead of failing.

    What cannot be explained is our own mistake, and is raised.
    """
    try:
        status = command()
        sys.stdout.flush()
    except Exception as error:
        text = explained(error, lang)
        if text is None:
            raise
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            drop_output()
        say(text)
        return UNREADABLE
    return status


def explained(error: Exception, lang: str = "vi") -> str | None:
    """Return what an operator must know of *error*, or ``None`` when it is our own mistake.

    Known are wrong settings and a database, a folder or a clock file that cannot be used.
    """
    from pydantic import ValidationError
    from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

    from config.clock import ClockUnreadable
    from config.settings import FileUnreadable
    from models.keyfile import KeyUnreadable
    from models.vault import KeyGone, WrongKey

    vi = lang == "vi"
    match error:
        case ValidationError(title="Settings"):
            return _wrong_settings(error, lang)
        case ArgumentError() | NoSuchModuleError() | OperationalError():
            return _no_database(error, vi)
        case DatabaseError() if type(error) is DatabaseError:  # "file is not a database"
            return _no_database(error, vi)
        case ClockUnreadable():
            return (
                f"Tệp đồng hồ {error.path} (CASCADE_CLOCK) không ghi một thời điểm có múi giờ, "
                "ví dụ 2023-06-15T08:00:00+07:00"
                if vi
                else f"The clock file {error.path} (CASCADE_CLOCK) holds no instant with its "
                "offset, such as 2023-06-15T08:00:00+07:00"
            )
        case FileUnreadable():
            return (
                f"Tệp {error.path} không phải là văn bản UTF-8. Hãy lưu lại bằng UTF-8."
                if vi
                else f"The file {error.path} is not UTF-8 text. Save it as UTF-8."
            )
        case KeyUnreadable():
            return (
                f"Tệp khóa {error.path} (CASCADE_KEYS) không chứa khóa. Hãy đặt lại bản sao của nó."
                if vi
                else f"The key file {error.path} (CASCADE_KEYS) holds no key. Put your copy back."
            )
        case KeyGone():
            return (
                f"Không còn khóa {error.path} (CASCADE_KEYS), mà họ tên và địa chỉ trong cơ sở dữ "
                "liệu được niêm phong bằng khóa đó. Hãy đặt lại bản sao của khóa; "
                "không tạo khóa mới."
                if vi
                else f"The key {error.path} (CASCADE_KEYS) is gone, and the names and addresses in "
                "the database were sealed with it. Put your copy back; no new key is made."
            )
        case WrongKey():
            return (
                "Khóa vault.key (CASCADE_KEYS) không phải là khóa của cơ sở dữ liệu này. "
                "Hãy đặt lại bản sao của khóa đã dùng."
                if vi
                else "The key vault.key (CASCADE_KEYS) is not the one of this database. "
                "Put your copy of the right one back."
            )
        case UnicodeEncodeError():  # what was typed reached the database as half a surrogate
            return (
                f"Có tham số không phải là UTF-8: {visible(error.object)[:80]}"
                if vi
                else f"Something that was typed is not UTF-8: {visible(error.object)[:80]}"
            )
        case OSError(errno=errno.ENOSPC):
            return (
                "Không ghi được: nơi ghi đã đầy."
                if vi
                else "Nothing more can be written: there is no space left."
            )
        case OSError(filename=name) if name is not None:
            return _no_file(error, lang)
        case _:
            return None


_FILES: tuple[tuple[type[OSError], str, str], ...] = (
    (FileNotFoundError, "Không có tệp", "There is no file"),
    (IsADirectoryError, "Phải là tệp, không phải thư mục:", "This must be a file, not a folder:"),
    (FileExistsError, "Phải là thư mục, không phải tệp:", "This must be a folder, not a file:"),
    (NotADirectoryError, "Phải là thư mục, không phải tệp:", "This must be a folder, not a file:"),
    (PermissionError, "Không có quyền đọc, ghi", "There is no permission to use"),
)


def _no_file(error: OSError, lang: str) -> str | None:
    for kind, vi, en in _FILES:
        if isinstance(error, kind):
            return f"{vi if lang == 'vi' else en} {error.filename} (CASCADE_CLOCK, CASCADE_VAR)"
    return None


def why(error: OSError, lang: str) -> str:
    """Return why a file cannot be used, to stand behind its name."""
    if lang == "vi":
        for kind, words in _REASONS:
            if isinstance(error, kind):
                return words
    return error.strerror or str(error)


_REASONS: tuple[tuple[type[OSError], str], ...] = (
    (FileNotFoundError, "không có tệp hay thư mục này"),
    (IsADirectoryError, "là thư mục, không phải tệp"),
    (NotADirectoryError, "là tệp, không phải thư mục"),
    (PermissionError, "không có quyền"),
)


def _no_database(error: Exception, vi: bool) -> str:
    cause = getattr(error, "orig", None) or error
    head = (
        "Không mở được cơ sở dữ liệu (CASCADE_DATABASE_URL, CASCADE_VAR)"
        if vi
        else "The database cannot be opened (CASCADE_DATABASE_URL, CASCADE_VAR)"
    )
    return f"{head}: {str(cause).strip()}"


_VIETNAMESE = {
    "int_parsing": "phải là số nguyên",
    "int_type": "phải là số nguyên",
    "int_from_float": "phải là số nguyên",
    "int_parsing_size": "số quá lớn",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than_equal": "không được quá {le}",
    "literal_error": "phải là một trong các giá trị {expected}",
    "bool_parsing": "phải là true hoặc false",
    "bool_type": "phải là true hoặc false",
    "string_type": "phải là chữ",
    "path_type": "phải là đường dẫn",
}
"""The library's sentences; one that is not here stays English."""


def _wrong_settings(error: "ValidationError", lang: str) -> str:
    rows = [
        "  "
        + "".join(f"CASCADE_{str(name).upper()}: " for name in each["loc"])
        + _sentence(each, lang)
        for each in error.errors()
    ]
    return "\n".join(("Cấu hình sai:" if lang == "vi" else "Wrong settings:", *rows))


def _sentence(problem: Mapping[str, Any], lang: str) -> str:
    given = {
        name: str(value).replace(" or ", ", ") for name, value in problem.get("ctx", {}).items()
    }
    own = _VIETNAMESE.get(problem["type"]) or given.get("vi")
    if lang == "vi" and own:
        # Our own sentences come ready: only the library's have something to be put in.
        return own if "vi" in given else own.format(**given)
    return str(problem["msg"])
