"""Deadline phrases in real wording, each with what must follow from it (issued 19/9/2023)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

ISSUED = date(2023, 9, 19)


@dataclass(frozen=True)
class Sample:
    group: str
    phrase: str
    expected: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.group}: {self.phrase}"


def samples() -> Iterator[Sample]:
    """Yield every phrase of every file."""
    for file in sorted(Path(__file__).parent.glob("*.yaml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
            phrase = entry.pop("phrase")
            yield Sample(file.stem, phrase, entry)


SAMPLES = tuple(samples())
