"""The catalogue of abuse cases names tests that exist, and every numbered test is in it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "docs" / "abuse-cases.md"
FOLDERS = {"i": "integration", "a": "acceptance", "d": "domain"}
_NAMED = re.compile(r"`(?:([iad])/(test_\w+\.py))?(?:::(test_\w+))?`")


def named() -> set[tuple[Path, str]]:
    found: set[tuple[Path, str]] = set()
    for line in CATALOGUE.read_text().splitlines():
        file = Path()
        for folder, name, test in _NAMED.findall(line):
            if name:
                file = ROOT / "tests" / FOLDERS[folder] / name
            if name or test:
                found.add((file, test))
    return found


def test_every_test_that_it_names_exists() -> None:
    cases = named()
    assert len(cases) > 80
    missing = [
        f"{file.name}::{test}"
        for file, test in cases
        if not file.is_file() or (test and f"def {test}(" not in file.read_text())
    ]
    assert not missing


def test_every_numbered_case_is_in_it() -> None:
    listed = {test for _, test in named()}
    numbered = {
        test
        for file in (ROOT / "tests").glob("*/test_abuse_*.py")
        for test in re.findall(r"def (test_[0-9]\w+)\(", file.read_text())
    }
    assert numbered <= listed, numbered - listed
