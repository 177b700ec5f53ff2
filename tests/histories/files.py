"""Histories on disk: the bodies of a ledger, one a line, compressed to the same bytes each time."""

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from audit.reading import Row
from models.domain.chain import leaf

FOLDER = Path(__file__).parent
ENDING = ".jsonl.gz"


def names() -> list[str]:
    """Return the names of all kept histories."""
    return sorted(path.name.removesuffix(ENDING) for path in FOLDER.glob(f"*{ENDING}"))


def write(name: str, bodies: Iterable[bytes]) -> None:
    """Keep a ledger under *name*."""
    raw = b"".join(body + b"\n" for body in bodies)
    # Neither a name nor a time in it: the same ledger is the same file.
    (FOLDER / f"{name}{ENDING}").write_bytes(gzip.compress(raw, 9, mtime=0))


def bodies(name: str) -> list[bytes]:
    """Return the bodies of a kept history, in the order of its ledger."""
    return gzip.decompress((FOLDER / f"{name}{ENDING}").read_bytes()).splitlines()


def rows(name: str) -> list[Row]:
    """Return a kept history as the auditor's reader gives it."""
    return [*rows_of(bodies(name))]


def rows_of(many: Iterable[bytes]) -> Iterator[Row]:
    """Yield rows whose columns say what their bodies say."""
    for body in many:
        said = json.loads(body)
        yield Row(
            **{name: said[name] for name in ("seq", "stream", "stream_seq", "type", "kind")},
            **{name: said[name] for name in ("at", "recorded_at", "cause", "rules", "dedup_key")},
            body=body,
            prev_hash=bytes.fromhex(said["prev"]),
            leaf_hash=leaf(body),
        )
