"""What people type: every usual way of writing is understood, everything else is named."""

import unicodedata
from datetime import date
from decimal import Decimal

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.fields import LARGEST, TEXT, Fields, Problem
from portal.keyring import Key
from portal.nonce import LIFE_SECONDS, Nonces
from portal.texts import decimal_words

TODAY = date(2023, 10, 20)
NOW = pendulum.datetime(2023, 10, 20, 8, tz="Asia/Ho_Chi_Minh")


def problem(fields: Fields, name: str = "x") -> str | None:
    found = fields.problems.get(name)
    return found.key if found else None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0", 0),
        ("7", 7),
        ("007", 7),
        (" 12 ", 12),
        ("1.234", 1234),
        ("1 234", 1234),
        ("1\u00a0234", 1234),
        ("12.345.678", 12_345_678),
        ("999.999.999", LARGEST - 1),
    ],
)
def test_a_whole_number_is_read_as_offices_write_it(typed: str, number: int) -> None:
    fields = Fields({"x": typed})
    assert fields.whole("x", required=True) == number
    assert not fields.problems


@pytest.mark.parametrize(
    "typed",
    [
        "-1",
        "1,5",
        "1.5",
        "1.23",
        "1.2345",
        "1,234",
        "12a",
        "1e3",
        "٣",
        "1..234",
        ".5",
        "1_000",
        "+1",
    ],
)
def test_what_is_no_whole_number_is_named(typed: str) -> None:
    fields = Fields({"x": typed})
    assert fields.whole("x", required=True) is None
    assert problem(fields) == "figure_not_whole"


def test_a_figure_has_a_limit_and_may_be_missing_only_when_optional() -> None:
    assert problem_of_whole("1.000.000.000") == "figure_too_large"
    assert problem_of_whole("9" * 41) == "figure_not_whole"
    assert problem_of_whole("") == "figure_missing"
    fields = Fields({})
    assert fields.whole("x", required=False) is None
    assert not fields.problems


def problem_of_whole(typed: str) -> str | None:
    fields = Fields({"x": typed})
    fields.whole("x", required=True)
    return problem(fields)


@given(st.integers(min_value=0, max_value=LARGEST - 1))
def test_thousands_dots_never_change_the_number(number: int) -> None:
    fields = Fields({"x": f"{number:,}".replace(",", ".")})
    assert fields.whole("x", required=True) == number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0", "0"),
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("1.234,50", "1234.5"),
        ("1.234", "1234"),  # as offices write thousands
        ("1 234,0", "1234"),
        ("0,0001", "0.0001"),
    ],
)
def test_a_decimal_is_read_as_offices_write_it(typed: str, number: str) -> None:
    fields = Fields({"x": typed})
    assert fields.decimal("x", required=True) == number, fields.problems


@pytest.mark.parametrize("typed", ["-1", "1,", ",5", "1,2,3", "1.23,4.5", "1,00001", "1e3", "một"])
def test_what_is_no_decimal_is_named(typed: str) -> None:
    fields = Fields({"x": typed})
    assert fields.decimal("x", required=True) is None
    assert problem(fields) == "figure_not_decimal"


@given(st.decimals(min_value=0, max_value=LARGEST - 1, places=3))
def test_a_decimal_survives_being_shown_and_read_again(number: Decimal) -> None:
    plain = f"{number:f}"
    first = Fields({"x": plain.replace(".", ",")}).decimal("x", required=True)
    assert first is not None
    assert Decimal(first) == number
    for lang in ("vi", "en"):
        shown = decimal_words(first, lang, grouped=False)
        if lang == "vi":
            assert Fields({"x": shown}).decimal("x", required=True) == first


@given(st.text(max_size=30))
def test_anything_typed_is_a_number_a_date_a_choice_or_a_problem(typed: str) -> None:
    fields = Fields({"n": typed, "d": typed, "c": typed})
    assert fields.decimal("n", required=True) is not None or problem(fields, "n")
    assert fields.day("d") is not None or problem(fields, "d")
    assert fields.choice("c", ("Có", "Không"), required=True) or problem(fields, "c")


def test_a_choice_is_known_by_its_words_however_they_are_composed() -> None:
    choices = ("Trực tiếp", "Trực tuyến")
    for typed in ("Trực tuyến", unicodedata.normalize("NFD", "Trực tuyến"), " Trực  tuyến "):
        assert Fields({"x": typed}).choice("x", choices, required=True) == "Trực tuyến"
    assert Fields({}).choice("x", choices, required=False) is None


@pytest.mark.parametrize(
    "typed",
    [
        "05/10/2023",
        "5/10/2023",
        " 5-10-2023 ",
        "5.10.2023",
        "05 10 2023",
        "2023-10-05",
        "ngày 5 tháng 10 năm 2023",
        "05 tháng 10 năm 2023",
    ],
)
def test_a_date_is_read_in_every_usual_form(typed: str) -> None:
    fields = Fields({"x": typed})
    assert fields.day("x", latest=TODAY) == date(2023, 10, 5), fields.problems


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "day_missing"),
        ("31/09/2023", "day_unreadable"),
        ("29/02/2023", "day_unreadable"),
        ("10/13/2023", "day_unreadable"),
        ("5/10/23", "day_unreadable"),
        ("hôm qua", "day_unreadable"),
        ("01/01/0001", "day_unreadable"),
        ("21/10/2023", "day_ahead"),
    ],
)
def test_a_date_that_cannot_be_is_named(typed: str, key: str) -> None:
    fields = Fields({"x": typed})
    assert fields.day("x", latest=TODAY) is None
    assert problem(fields) == key


@given(st.text(max_size=60))
def test_a_name_is_one_clean_line_or_a_problem(typed: str) -> None:
    fields = Fields({"x": typed})
    name = fields.name("x")
    if not fields.problems:
        assert name == unicodedata.normalize("NFC", name)
        assert name == " ".join(name.split())
        assert any(character.isalpha() for character in name)
        hidden = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        assert not any(unicodedata.category(character) in hidden for character in name)


def test_the_same_name_from_two_telephones_is_the_same_name() -> None:
    composed, decomposed = "Nguyễn Thị Ánh", unicodedata.normalize("NFD", "Nguyễn Thị Ánh")
    assert composed != decomposed
    names = {
        Fields({"x": each}).name("x") for each in (composed, decomposed, f"  {composed}\u200b ")
    }
    assert names == {composed}


@pytest.mark.parametrize("typed", ["", "   ", "\u200b", "...", "123"])
def test_a_name_has_letters(typed: str) -> None:
    fields = Fields({"x": typed})
    fields.name("x")
    assert problem(fields) == "name_missing"


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x1b", "\x85", "\u202e", "\u2066", "\u2028"])
def test_hidden_characters_are_refused_in_names_and_texts(bad: str) -> None:
    fields = Fields({"x": f"A{bad}B", "y": f"A{bad}B"})
    fields.name("x")
    fields.text("y", TEXT)
    assert problem(fields) == problem(fields, "y") == "hidden_characters"


def test_a_text_keeps_its_lines_and_has_a_limit() -> None:
    fields = Fields({"x": " một\r\nhai\n\n ba \n", "y": "x" * (TEXT + 1)})
    assert fields.text("x", TEXT) == "một\nhai\n\n ba"
    fields.text("y", TEXT)
    assert fields.problems == {"y": Problem("too_long", {"length": TEXT + 1, "longest": TEXT})}


class OneKey:
    """A ring with one key in it."""

    def __init__(self, secret: bytes) -> None:
        self._key = Key("0123abcd", secret)

    def newest(self) -> Key:
        return self._key

    def find(self, kid: str) -> Key | None:
        return self._key if kid == self._key.kid else None


class TestNonce:
    nonces = Nonces(OneKey(b"k" * 32))

    def test_it_gives_back_the_version_until_two_hours_have_passed(self) -> None:
        nonce = self.nonces.seal("link", "act", 3, NOW)
        last = NOW.add(seconds=LIFE_SECONDS - 1)
        assert self.nonces.open(nonce, "link", "act", last) == 3
        assert self.nonces.open(nonce, "link", "act", last.add(seconds=1)) is None

    def test_it_survives_a_clock_that_was_set_back(self) -> None:
        nonce = self.nonces.seal("link", "act", 3, NOW)
        assert self.nonces.open(nonce, "link", "act", NOW.subtract(hours=1)) == 3

    def test_it_is_good_for_one_link_one_purpose_and_one_key(self) -> None:
        nonce = self.nonces.seal("link", "act", 0, NOW)
        assert self.nonces.open(nonce, "other", "act", NOW) is None
        assert self.nonces.open(nonce, "link", "review", NOW) is None
        assert Nonces(OneKey(b"j" * 32)).open(nonce, "link", "act", NOW) is None

    @given(st.data())
    def test_any_change_breaks_it(self, data: st.DataObject) -> None:
        nonce = self.nonces.seal("link", "act", 1, NOW)
        at = data.draw(st.integers(0, len(nonce) - 1))
        put = data.draw(st.characters(codec="ascii").filter(lambda c: c != nonce[at]))
        assert self.nonces.open(nonce[:at] + put + nonce[at + 1 :], "link", "act", NOW) is None

    @given(st.text(max_size=80))
    def test_anything_else_is_no_nonce(self, text: str) -> None:
        assert self.nonces.open(text, "link", "act", NOW) is None
