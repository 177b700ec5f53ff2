"""What an operator types for the ledger is cleaned and limited as on the portal's pages."""

import io
import unicodedata
from dataclasses import replace

import pytest

from cli.problems import Terminal
from cli.status import show
from config.typed import DECISION, NAME, REASON
from models.domain.facts import BoundMoved, Registered, Waived
from models.domain.terms import DocumentKey
from tests.builders import issued as issued_life
from tests.desk import CITY, Desk
from tests.factories import document, vn

REPORT = "256/III.1-c"
TYPED = {"--by": "Thường trực Thành ủy", "--authority": "15-CV/TU", "--reason": "Mưa lũ"}
WORDS = {
    "waive": ("waive", CITY, REPORT, "pr.bao-an"),
    "extend": ("extend", CITY, REPORT, "--to", "đến hết ngày 28/10/2023"),
    "calendar": ("calendar", "confirm", CITY, REPORT),
}


@pytest.fixture
def issued(desk: Desk) -> Desk:
    desk.issue_all()
    desk.at(vn(2023, 10, 16, 9))
    return desk


def typed(command: str, **changed: str) -> list[str]:
    options = {**TYPED, **{f"--{name}": value for name, value in changed.items()}}
    if command != "extend":
        del options["--reason"]
    words = [*WORDS[command]]
    return words + [word for option in options.items() for word in option]


@pytest.mark.parametrize("command", ["waive", "extend", "calendar"])
@pytest.mark.parametrize("option", ["by", "authority"])
@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        ("Văn phòng\x1b[2J", "ký tự ẩn", "hidden characters"),
        ("Văn phòng\u202e", "ký tự ẩn", "hidden characters"),
        ("Văn\nphòng", "một dòng", "one line"),
        ("Văn phòng \udcff", "UTF-8", "UTF-8"),
        ("ă" * 121, "tối đa 120", "at most 120"),
        (" \u200b ", "chưa được ghi", "say it"),
    ],
)
def test_what_must_not_stand_in_the_ledger_is_refused_by_its_option(
    issued: Desk, command: str, option: str, value: str, vi: str, en: str
) -> None:
    before = issued.facts()
    for lang, told in (("vi", vi), ("en", en)):
        words = [*typed(command, **{option: value}), "--lang", lang]
        _, complaints = issued.type(*words, status=1)
        assert f"--{option}: " in complaints
        assert told in complaints
        assert not set("\x1b\u202e\udcff") & set(complaints)
    assert issued.facts() == before


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("reason", "ă" * (REASON + 1)),
        ("reason", "Mưa\u202e lũ"),
        ("reason", " "),
        ("to", "đến hết ngày\n28/10/2023"),
        ("to", "đến hết ngày 28/10/2023\x1b[0m"),
    ],
)
def test_reasons_and_dates_as_well(issued: Desk, option: str, value: str) -> None:
    before = issued.facts()
    words = typed("extend", **{option: value})
    assert f"--{option}: " in issued.type(*words, status=1)[1]
    assert issued.facts() == before


def test_who_enters_a_package_as_well(desk: Desk) -> None:
    _, complaints = desk.type("issue", str(desk.package), "--by", "x\x1b[2J", status=1)
    assert "--by: " in complaints
    assert desk.facts() == 0
    desk.type("issue", str(desk.package), "--by", " Văn  phòng\u200b ")
    store = desk.store()
    (fact,) = [s.fact for s in store.events(CITY) if isinstance(s.fact, Registered)]
    store.close()
    assert fact.by == "Văn phòng"


def test_what_is_harmless_is_cleaned_away(issued: Desk) -> None:
    by, number = " Thường trực\u200b  Thành ủy ", "15-CV/TU\ufeff"
    decomposed = unicodedata.normalize("NFD", by)
    issued.type(*typed("extend", by=decomposed, authority=number, reason="Mưa\nlũ "))
    issued.type(*typed("waive", by=decomposed, authority=number))
    store = issued.store()
    facts = [s.fact for s in store.events(DocumentKey(CITY))]
    store.close()
    kinds = (BoundMoved, Waived)
    acts = [fact for fact in facts if isinstance(fact, kinds)]
    assert [type(each) for each in acts] == list(kinds)
    assert {(each.by, each.authority) for each in acts} == {("Thường trực Thành ủy", "15-CV/TU")}


def test_the_longest_values_are_taken(issued: Desk) -> None:
    issued.type(*typed("extend", by="ă" * NAME, authority="ă" * DECISION, reason="ă" * REASON))


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_an_argument_that_is_not_utf_8_is_told(issued: Desk, lang: str) -> None:
    words = ["waive", "256\udcff", *typed("waive")[2:]]
    _, complaints = issued.type(*words, "--lang", lang, status=2)
    assert "UTF-8" in complaints


def test_a_stored_value_does_nothing_to_the_terminal() -> None:
    value = document(2, title="Kế hoạch \x1b[2J\u202eđỏ")
    bodies = tuple(replace(body, name=f"{body.name}\x1b]0;x\x07") for body in value.bodies)
    life = issued_life(replace(value, bodies=bodies))
    life.let_act(vn(2023, 10, 28))
    terminal = Terminal(width=200, file=io.StringIO(), force_terminal=False)
    show(life.state, terminal)
    text = terminal.file.getvalue()  # type: ignore[attr-defined]
    assert not set("\x1b\x07\u202e") & set(text)
    assert "\\x1b[2J" in text
    assert "Đơn vị quá hạn" in text
