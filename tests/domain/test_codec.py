"""Facts to JSON and back, for every fact that can be built."""

import types
import typing
import unicodedata
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import DateTime

from models.codec import decode, encode, instant_of, instant_text
from models.domain.calendar import ZONE, local
from models.domain.chain import canonical
from models.domain.directive import Parent
from models.domain.facts import FACTS, Fact, Registered, Report, Submitted, Waived
from tests.builders import CITY, ISSUE_AT, REPORTS, city_below_province, copy

_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
_NFC = _TEXT.map(lambda text: unicodedata.normalize("NFC", text))
_EPOCH = local(datetime(1970, 1, 1, tzinfo=UTC))
_INSTANT = st.integers(0, 4 * 10**15).map(lambda micro: _EPOCH.add(microseconds=micro))
_DATES = st.dates(date(1900, 1, 1), date(2200, 1, 1))
_LEAVES: dict[object, st.SearchStrategy[Any]] = {
    DateTime: _INSTANT,
    date: _DATES,
    str: _NFC,
    int: st.integers(-(2**53) + 1, 2**53 - 1),
    bool: st.booleans(),
}


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of an annotation, built from the annotation alone."""
    while hasattr(kind, "__supertype__"):
        kind = kind.__supertype__
    if kind in _LEAVES:
        return _LEAVES[kind]
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        (some,) = (each for each in inner if each is not type(None))
        return st.none() | any_of(some)
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(any_of(inner[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(any_of, inner))
    if origin is frozenset:
        return st.frozensets(any_of(inner[0]), max_size=2)
    if issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{field.name: any_of(hints[field.name]) for field in fields(kind)})


@pytest.mark.parametrize("kind", list(FACTS.values()), ids=list(FACTS))
@settings(max_examples=25)
@given(data=st.data())
def test_every_fact_comes_back(kind: type[Fact], data: st.DataObject) -> None:
    fact = data.draw(any_of(kind))
    written = encode(fact)
    again = decode(kind.__name__, written)
    assert again == fact
    assert type(again) is kind
    assert canonical(encode(again)) == canonical(written)
    assert isinstance(written, dict)
    assert set(written) == {field.name for field in fields(kind)}


def test_the_whole_document_travels_in_the_ledger() -> None:
    fact = Registered(ISSUE_AT, city_below_province(), "vp")
    again = decode("Registered", encode(fact))
    assert again == fact
    assert isinstance(again, Registered)
    assert again.document.policy == fact.document.policy
    assert isinstance(again.document.parent, Parent)
    assert is_dataclass(again.document.obligations[0].bound)
    assert hash(again) == hash(fact)


def test_an_instant_is_27_characters_of_utc_that_sort_as_time_does() -> None:
    assert instant_text(ISSUE_AT) == "2023-09-19T01:00:00.000000Z"
    assert instant_of("2023-10-20T17:00:00.000001Z").isoformat() == (
        "2023-10-21T00:00:00.000001+07:00"
    )


@given(_INSTANT, _INSTANT)
def test_instants_sort_as_their_texts(one: DateTime, other: DateTime) -> None:
    assert (one < other) == (instant_text(one) < instant_text(other))
    assert len(instant_text(one)) == 27
    assert instant_of(instant_text(one)) == one
    assert instant_of(instant_text(one)).timezone_name == ZONE


@given(_TEXT)
def test_strings_are_nfc(text: str) -> None:
    fact = Waived(ISSUE_AT, copy(REPORTS), "tt", text)
    decomposed = Waived(ISSUE_AT, copy(REPORTS), "tt", unicodedata.normalize("NFD", text))
    composed = Waived(ISSUE_AT, copy(REPORTS), "tt", unicodedata.normalize("NFC", text))
    assert canonical(encode(decomposed)) == canonical(encode(composed)) == canonical(encode(fact))


def test_vietnamese_typed_on_two_telephones_gives_the_same_bytes() -> None:
    word = "Sở Giáo dục và Đào tạo"
    two = [unicodedata.normalize(form, word) for form in ("NFC", "NFD")]
    assert two[0] != two[1]
    bodies = {canonical(encode(Waived(ISSUE_AT, copy(REPORTS), "tt", each))) for each in two}
    assert len(bodies) == 1


def test_a_field_that_an_older_version_did_not_write_keeps_its_default() -> None:
    written = encode(Submitted(ISSUE_AT, copy(REPORTS), 1, Report(plan_number="1"), "p_1", "l"))
    assert isinstance(written, dict)
    report = written["report"]
    assert isinstance(report, dict)
    del report["plan_number"]
    again = decode("Submitted", written)
    assert isinstance(again, Submitted)
    assert again.report == Report()


def test_an_unknown_fact_is_an_error() -> None:
    with pytest.raises(KeyError):
        decode("Teleported", {"at": "2023-09-19T01:00:00.000000Z", "document": CITY})


def test_a_number_that_json_cannot_hold_is_refused_before_it_is_hashed() -> None:
    fact = Submitted(ISSUE_AT, copy(REPORTS), 1, Report(figures=(("n", 2**53),)), "p_1", "l")
    with pytest.raises(ValueError, match="out of range"):
        canonical(encode(fact))
