"""Every phrase of the collection, in every spelling a scanner, a keyboard or a shout may give."""

import unicodedata
from datetime import date
from typing import Any

import pytest

from models.domain.deadlines import Deadline, read
from models.domain.deadlines.result import last_day
from tests.domain.phrases import ISSUED, SAMPLES, Sample

BY_PHRASE = pytest.mark.parametrize("sample", SAMPLES, ids=str)

# Without diacritics "tháng sau" (next month) and "tháng sáu" (June) are the same letters.
TWO_MEANINGS = "tháng sau"


def seen(result: Deadline, expected: dict[str, Any]) -> dict[str, Any]:
    """Return of *result* what *expected* speaks of, and always an error, a kind or a date."""
    if result.error is not None:
        return {"error": result.error.code}
    shown: dict[str, Any] = {"kind": str(result.kind), "rule": result.rule}
    due = result.due_exclusive
    if result.occurrences:
        hours = any(each.hour or each.minute for each in result.occurrences)
        shown["occurrences"] = [
            each.isoformat()[:16] if hours else last_day(each) for each in result.occurrences
        ]
    elif due is not None:
        key = "at" if due.hour or due.minute else "last"
        shown[key] = due.isoformat()[:16] if key == "at" else last_day(due)
    if result.warnings:
        shown["warnings"] = sorted(noted.code for noted in result.warnings)
    return shown


def core(result: Deadline) -> tuple[object, ...]:
    code = result.error.code if result.error else None
    return result.kind, result.due_exclusive, result.occurrences, result.rule, code


def bare(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in letters if not unicodedata.combining(char))


def test_the_collection_is_large_and_says_something_of_every_kind() -> None:
    assert len(SAMPLES) >= 250
    assert len({sample.phrase for sample in SAMPLES}) == len(SAMPLES)
    kinds = {sample.expected.get("kind") for sample in SAMPLES}
    assert kinds >= {
        "bound", "window", "periodic", "standing", "urgent", "triggered", "open_end"
    }  # fmt: skip


@BY_PHRASE
def test_a_phrase_is_read_as_expected(sample: Sample) -> None:
    assert seen(read(sample.phrase, issued=ISSUED), sample.expected) == sample.expected


@BY_PHRASE
def test_decomposed_letters_change_nothing(sample: Sample) -> None:
    decomposed = unicodedata.normalize("NFD", sample.phrase)
    assert core(read(decomposed, issued=ISSUED)) == core(read(sample.phrase, issued=ISSUED))


@BY_PHRASE
def test_capitals_change_nothing(sample: Sample) -> None:
    shouted = read(sample.phrase.upper(), issued=ISSUED)
    assert core(shouted) == core(read(sample.phrase, issued=ISSUED))


@BY_PHRASE
def test_lost_diacritics_change_nothing_or_are_refused(sample: Sample) -> None:
    plain, full = (read(text, issued=ISSUED) for text in (bare(sample.phrase), sample.phrase))
    if TWO_MEANINGS in sample.phrase:
        assert plain.error is not None
    elif sample.group == "misspelt":
        assert full.error is not None, "its diacritics make another word, or none"
    else:
        assert core(plain) == core(full)


@BY_PHRASE
def test_a_refusal_has_a_reason_in_both_languages_and_no_date(sample: Sample) -> None:
    result = read(sample.phrase, issued=ISSUED)
    if result.error is not None:
        assert result.kind is None
        assert result.due_exclusive is None
        assert result.occurrences == ()
        assert result.error.message_vi
        assert result.error.message_en


@BY_PHRASE
def test_a_sentence_around_a_firm_phrase_does_not_move_it(sample: Sample) -> None:
    firm = {"before", "by", "until", "within-month", "within-quarter", "before-hour", "by-hour"}
    alone = read(sample.phrase, issued=ISSUED)
    if alone.error or alone.rule not in firm or "bare_date" in [w.code for w in alone.warnings]:
        return
    sentence = (
        "Thực hiện Kế hoạch số 240-KH/TU ngày 13/9/2023 của Ban Thường vụ Tỉnh ủy, đề nghị các"
        f" đơn vị gửi báo cáo {sample.phrase} về Ban Tuyên giáo Thành ủy"
    )
    inside = read(sentence, issued=ISSUED)
    assert core(inside) == core(alone)
    start, end = inside.span
    assert sentence[start:end] == inside.found
    assert inside.found.lower() in sample.phrase.lower()


@pytest.mark.parametrize("issued", [date(2023, 9, 19), date(2024, 2, 29), date(2025, 12, 31)])
@BY_PHRASE
def test_a_periodic_duty_shows_four_rising_bounds_not_before_issue(
    sample: Sample, issued: date
) -> None:
    result = read(sample.phrase, issued=issued)
    if result.occurrences:
        assert len(result.occurrences) == 4
        assert sorted(set(result.occurrences)) == list(result.occurrences)
        assert result.due_exclusive == result.occurrences[0]
        assert last_day(result.occurrences[0]) >= issued
