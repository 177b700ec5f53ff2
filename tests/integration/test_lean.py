"""What a process that stays does not use, it does not load."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("portal.__main__", ("aiosmtplib", "css_inline", "icalendar", "notifications.post")),
        ("cli.keep", ("typer", "pydantic", "sqlalchemy", "rich")),
    ],
)
def test_what_it_does_not_use_is_not_loaded(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
