"""The quick pass over facts against a slow reading with the standard library alone."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.codes import Code
from audit.links import Chain, follow
from audit.shapes import shape_of
from audit.source import Source
from models.codec import encode
from models.domain.chain import canonical
from models.domain.facts import FACTS, Fact, Report, Submitted
from models.store import DERIVED, ENVELOPE, RULES
from tests.builders import CITY, ISSUE_AT, REPORTS, copy, one_of_each

COLUMNS = (
    "seq",
    "stream",
    "stream_seq",
    "type",
    "kind",
    "at",
    "recorded_at",
    "cause",
    "rules",
    "dedup_key",
)
EXAMPLES = one_of_each(copy(REPORTS), ISSUE_AT)


@dataclass
class Rows:
    """A source of some rows."""

    given: list[tuple[Any, ...]]

    def rows(self, query: str, *given: object) -> Iterator[tuple[Any, ...]]:
        yield from self.given


def envelope(fact: Fact, **changes: object) -> dict[str, Any]:
    at = cast(dict[str, Any], encode(fact))["at"]
    return {
        "at": at,
        "cause": None,
        "data": encode(fact),
        "dedup_key": f"{CITY}|x",
        "kind": "D" if isinstance(fact, DERIVED) else "I",
        "prev": bytes(32).hex(),
        "recorded_at": at,
        "rules": RULES,
        "run": None,
        "seq": 1,
        "stream": CITY,
        "stream_seq": 1,
        "sw": "0.1.0",
        "type": type(fact).__name__,
        "v": ENVELOPE,
        **changes,
    }


def row(said: dict[str, Any], raw: bytes | None = None) -> tuple[Any, ...]:
    body = canonical(said) if raw is None else raw
    link = hashlib.sha256(b"\0" + body).digest()
    return (*(said[name] for name in COLUMNS), body, bytes(32), link)


def codes(*rows: tuple[Any, ...], chain: Chain | None = None) -> set[Code]:
    source = cast(Source, Rows(list(rows)))
    return {each.code for each in follow(source, chain or Chain())}


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: type(fact).__name__)
def test_what_the_store_writes_is_taken_as_it_is(fact: Fact) -> None:
    assert codes(row(envelope(fact))) == set()
    shape = shape_of(type(fact).__name__)
    assert shape is not None
    fits = shape.fullmatch(canonical(encode(fact)).decode())
    assert fits is not None
    assert fits[1] == envelope(fact)["at"]


def test_most_facts_have_a_shape() -> None:
    assert {name for name in FACTS if shape_of(name) is None} == {"Registered"}
    assert shape_of("Unknown") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"run": {"flow": "00000000-0000-4000-8000-000000000000", "task": None}},
        {"run": {"flow": "00000000-0000-4000-8000-000000000000", "task": "x"}},
        {"sw": "2.0.0+khác"},
        {"dedup_key": 'a "quoted" \\ key\n'},
    ],
)
def test_what_is_unusual_is_good_as_well(changes: dict[str, Any]) -> None:
    chain = Chain()
    assert codes(row(envelope(EXAMPLES[0], **changes)), chain=chain) == set()
    run = changes.get("run")
    assert list(chain.runs) == ([run["flow"]] if run else [])


def test_the_first_version_of_the_envelope_is_good_and_half_of_the_second_is_not() -> None:
    said = envelope(EXAMPLES[0], v=1)
    del said["run"], said["sw"]
    assert codes(row(said)) == set()
    assert codes(row(said | {"run": None})) == {Code.FORM}
    assert codes(row(said | {"sw": "1"})) == {Code.FORM}
    assert codes(row(said | {"v": 2})) == {Code.FORM}
    assert codes(row(envelope(EXAMPLES[0], v=1))) == {Code.FORM}


def test_a_text_with_escapes_is_read_slowly_and_found_good() -> None:
    report = Report(plan_number='12 "KH"\t/TU \\ Đồng Nai')
    fact = Submitted(ISSUE_AT, copy(REPORTS), 1, report, "p_1", "a1")
    assert codes(row(envelope(fact))) == set()


def good(said: dict[str, Any], raw: bytes) -> bool:
    """Judge by the standard library: the same bytes again, and the columns' values."""
    try:
        value = json.loads(raw)
        again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except ValueError:
        return False
    return (
        again.encode() == raw
        and value.keys() == said.keys()
        and all(value[name] == said[name] for name in (*COLUMNS, "prev", "v"))
        and value["data"].keys() == said["data"].keys()
        and value["data"]["at"] == said["at"]
    )


@pytest.mark.parametrize("index", [1, 5, 11])
def test_every_single_bit(index: int) -> None:
    """With its hash computed anew: only another value of the same form may pass this pass."""
    said = envelope(EXAMPLES[index])
    raw = canonical(said)
    passed = 0
    for place in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[place] ^= 1 << bit
            found = codes(row(said, bytes(changed)))
            if not found:
                assert good(said, bytes(changed)), bytes(changed)
                passed += 1
    assert passed < len(raw) * 8 / 2


@given(st.text(max_size=8), st.text(max_size=8), st.integers(-5, 5))
def test_columns_are_never_taken_for_the_body(stream: str, key: str, number: int) -> None:
    """Whatever stands in the columns, however it is quoted: it must be what the body says."""
    said = envelope(EXAMPLES[0])
    columns = said | {"stream": stream, "dedup_key": key, "cause": number}
    assert Code.COLUMN in codes(row(columns, canonical(said)))


def test_a_column_cannot_be_made_to_read_like_the_body() -> None:
    """What is put together from columns must not be put together from quotation marks."""
    said = envelope(EXAMPLES[0])
    for name, value in (
        ("kind", 'D","kind":"D'),
        ("at", said["at"] + '","at":"' + said["at"]),
        ("rules", '1","rules":"1'),
        ("type", 'Opened","type":"Opened'),
    ):
        raw = canonical(said).replace(
            json.dumps({name: said[name]})[1:-1].replace(": ", ":").encode(),
            f'"{name}":"{value}"'.encode(),
        )
        assert codes(row(said | {name: value}, raw))
