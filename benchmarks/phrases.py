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
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from models.domain.deadlines import parse as parsing
from models.domain.deadlines import read
from tests.domain.phrases import ISSUED, SAMPLES

FLOOR = 20_000
_SEED = 256


def varied(wording: str, chance: random.Random) -> str:
    """Return *wording* with other numbers of as many digits; dates stay dates, mostly."""
    day = ISSUED + timedelta(days=chance.randrange(1, 3_000))
    pieces = []
    for piece in _split(wording):
        if not piece.isdecimal():
            pieces.append(piece)
        elif len(piece) == 4:
            pieces.append(f"{day.year}")
        elif len(piece) == 2:
            pieces.append(f"{chance.randrange(1, 13):02d}")
        else:
            pieces.append("".join(chance.choice("123456789") for _ in piece))
    return "".join(pieces)


def _split(wording: str) -> list[str]:
    pieces = [""]
    for char in wording:
        same = pieces[-1][-1:].isdecimal() == char.isdecimal()
        if same:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


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
        phrases[f"{varied(wording, chance)}{'.' * (len(phrases) % 2)}"] = None
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
        "distinct": per_second(phrases, parsing.parse.cache_clear, rounds),
        "again": per_second(few, parsing.parse.cache_clear, 1)
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
