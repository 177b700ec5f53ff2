"""How many deadline phrases one core reads in a second.

``python -m benchmarks.phrases`` takes the understood wordings of the tests' collection and changes
their numbers, so that no phrase repeats. Three figures:

* *distinct*: every phrase new, its wording seen before (directives say the same with other dates);
* *again*: the same phrases once more;
* *first sight*: every wording new too, nothing remembered.

Processor time of this process is measured; garbage collection stays on. The floor that the product
promises is 20,000 a second, *distinct*.
"""

import argparse
import json
import random
import re
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from models.domain.deadlines import parse as parsing
from models.domain.deadlines import read
from tests.domain.phrases import ISSUED, SAMPLES

FLOOR = 20_000
_DATE = re.compile(
    r"\b(\d{1,2})([/.-]| tháng )(\d{1,2})([/.-]| năm )(20[12]\d)\b|(?P<year>\b20[12]\d\b)"
)
_NUMBER = re.compile(r"\b\d{1,2}\b(?! \()")
_SEED = 256
_ENDS = ("", ".", ";", " để tổng hợp.", " về Văn phòng.")


def varied(wording: str, chance: random.Random) -> str:
    """Return *wording* about another time: its dates moved by whole weeks, its years alike.

    Weekdays and the order of dates stay true, so what was understood is understood again. Without
    a date, the first number becomes another.
    """
    years = chance.randrange(1, 100)
    weeks = timedelta(weeks=round(years * 52.1775) + chance.randrange(4))

    def moved(match: re.Match[str]) -> str:
        if match["year"]:
            return str(int(match["year"]) + years)
        day = date(int(match[5]), int(match[3]), int(match[1])) + weeks
        return f"{day.day:02d}{match[2]}{day.month:02d}{match[4]}{day.year}"

    text, found = _DATE.subn(moved, wording)
    if found:
        return text
    return _NUMBER.sub(lambda match: str(chance.randrange(1, 28)).zfill(len(match[0])), text, 1)


def distinct(count: int) -> list[str]:
    """Return *count* phrases, no two alike."""
    chance = random.Random(_SEED)
    wordings = [
        sample.phrase
        for sample in SAMPLES
        if "error" not in sample.expected and any(map(str.isdecimal, sample.phrase))
    ]
    phrases: dict[str, None] = {}
    while len(phrases) < count:
        wording = wordings[chance.randrange(len(wordings))]
        phrases[varied(wording, chance) + chance.choice(_ENDS)] = None
    return list(phrases)


def per_second(phrases: Sequence[str], prepare: Callable[[], None], rounds: int) -> float:
    """Return the best rate of *rounds*; *prepare* runs before each, unmeasured."""
    best = 0.0
    for _ in range(rounds):
        prepare()
        begin = time.process_time()
        for phrase in phrases:
            read(phrase, issued=ISSUED)
        best = max(best, len(phrases) / (time.process_time() - begin))
    return best


def _nothing() -> None:
    """Prepare nothing: what was read stays remembered."""


def measure(count: int = 20_000, rounds: int = 3) -> dict[str, float]:
    """Return the three figures, phrases a second."""
    phrases = distinct(count)
    wordings = [sample.phrase for sample in SAMPLES]
    for phrase in phrases:
        read(phrase, issued=ISSUED)
    few = phrases[:2_000]
    for phrase in few:
        read(phrase, issued=ISSUED)
    return {
        "first sight": per_second(wordings, parsing.forget, 1),
        "distinct": per_second(phrases, parsing.read_anew.cache_clear, rounds),
        "again": per_second(few, parsing.read_anew.cache_clear, 1)
        and per_second(few, _nothing, rounds),
    }


def main() -> None:
    """Print the figures; exit 1 below the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--format", choices=["text", "json"], default="text")
    chosen = parser.parse_args()
    figures = measure(chosen.count)
    if chosen.format == "json":
        print(json.dumps({name: round(rate) for name, rate in figures.items()}))
    else:
        for name, rate in figures.items():
            print(f"{name:>12}: {rate:>9,.0f} phrases a second")
    raise SystemExit(figures["distinct"] < FLOOR)


if __name__ == "__main__":
    main()
