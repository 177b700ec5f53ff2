"""Codes of verification: each explained, each with its sentence in both languages."""

import string
from pathlib import Path

import pytest

from audit.codes import Code, Weight
from audit.finding import MOST, Finding, Findings

PAGE = Path(__file__).parents[2] / "docs" / "verify.md"


@pytest.mark.parametrize("code", Code)
def test_every_code_is_explained(code: Code) -> None:
    assert f"`{code.value}`" in PAGE.read_text("utf-8")
    vi, en = code.words("vi"), code.words("en")
    assert vi != en
    places = [
        {name for _, name, _, _ in string.Formatter().parse(each) if name} for each in (vi, en)
    ]
    assert places[0] == places[1]


def test_a_finding_says_where_in_both_languages() -> None:
    finding = Finding(Code.LEAF, 7, "256-KH/TU", "outbox:x", (3, 9))
    assert finding.place() == "sự kiện 7, văn bản 256-KH/TU, outbox:x, trong các sự kiện 3–9"
    assert finding.place("en") == "fact 7, document 256-KH/TU, outbox:x, among the facts 3–9"
    assert Finding(Code.NO_NOTE).place() == ""


def test_a_report_keeps_some_of_each_code_and_counts_all() -> None:
    findings = Findings()
    for seq in range(MOST + 3):
        findings.add(Finding(Code.LEAF, seq))
    findings.add(Finding(Code.NO_NOTE))
    assert len(findings.of(Weight.ALTERED)) == MOST
    assert findings.dropped() == [(Code.LEAF, 3)]
    assert findings.altered


def test_notes_alone_alter_nothing() -> None:
    findings = Findings()
    findings.add(Finding(Code.NO_NOTE))
    assert not findings.altered
