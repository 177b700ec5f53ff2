"""The real package: exactly the conflicts that can be computed, each with its id, no false one."""

from pathlib import Path

import pendulum
import pytest

from config.lint import Finding, Severity, Verdict, lint
from config.package import DIRECTIVES
from models.domain.calendar import ZONE

REAL = DIRECTIVES / "57-kl-tw"
PLANS = {"256/II.2-b", "256/II.2-c"}
STUDY = {"256/II.1-b", "256/III.1-a"}

EXPECTED: dict[str, tuple[str, str, set[str]]] = {
    "C1": ("two-bounds", "warning", {"256/II.2-a", "256/III.2-b"}),
    "C2": ("report-before-work", "warning", {"256/III.1-c", *STUDY}),
    "C3": ("report-before-work", "warning", {"256/III.1-c", "256/III.1-b", *PLANS}),
    "C4": (
        "synthesis-incomplete",
        "warning",
        {"256/III.1-d", "256/III.1-c", *STUDY, *PLANS},
    ),
    "C5": ("scope-unclear", "warning", {"256/III.2-a", "256/III.2-b"}),
    "C6": ("readings-differ", "warning", {"256/III.1-c"}),
    "C7": ("report-without-duty", "warning", {"256/III.1-c", "256/II.1-b", "256/III.1-a"}),
    "C8": ("named-without-date", "info", {"256/I.1-a", "256/I.2-a", "256/I.2-b"}),
    "C9": ("no-report-line", "warning", {"256/III.2-a", "256/III.2-b", "256/II.2-a"}),
    "C10": (
        "distribution-differs",
        "warning",
        {
            "256/I.1-a",
            "256/I.2-a",
            "256/I.2-b",
            "256/II.3.2-a",
            "256/II.3.3-d",
            "256/II.3.3-h",
            "256/II.3.4-a",
        },
    ),
    "C11": (
        "period-missing",
        "warning",
        {"256/I.2-g", "256/I.2-h", "256/III.3-c", "256/III.3-d", "256/III.4-b"},
    ),
    "C12": (
        "receivers-differ",
        "info",
        {"256/III.1-c", "256/III.1-d", "256/III.3-d", "256/III.4-b"},
    ),
    "C13": ("no-date-no-owner", "warning", {"256/II.2-d"}),
    "C14": ("plans-after-last-report", "warning", {*PLANS, "256/III.1-d"}),
    "C16": ("same-sign", "info", set()),
    "C17": ("no-end", "warning", {"256/II.2-d"}),
}


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    return lint(REAL)


def of(verdict: Verdict, id_: str) -> Finding:
    return next(each for each in verdict.findings if each.id == id_)


def moves(finding: Finding, place: int = 0) -> dict[str, str]:
    return {key: due.to_date_string() for key, due in finding.remedies[place].moves.items()}


def test_exactly_these_findings(verdict: Verdict) -> None:
    found = {
        each.id: (each.code, each.severity.value, set(each.obligations))
        for each in verdict.findings
    }
    assert found == EXPECTED
    assert len(verdict.findings) == len(EXPECTED)
    assert [each.id for each in verdict.only_people_see] == ["C15"]


def test_every_finding_says_what_follows_how_to_settle_it_and_what_was_decided(
    verdict: Verdict,
) -> None:
    for finding in verdict.findings:
        assert finding.follows.vi.endswith(".")
        assert finding.follows.en.endswith(".")
        assert [each.minimal for each in finding.remedies].count(True) == 1
        assert finding.handling
        assert all(clause.quote for clause in finding.clauses)


def test_the_clauses_come_with_the_documents_own_words_and_dates(verdict: Verdict) -> None:
    report = of(verdict, "C2").clauses[0]
    assert report.obligation == "256/III.1-c"
    assert report.quote.startswith("báo cáo học tập, quán triệt và xây dựng kế hoạch")
    assert report.phrase == "trước ngày 21/10/2023"
    assert report.due == pendulum.datetime(2023, 10, 21, tz=ZONE)


def test_the_smallest_settlements(verdict: Verdict) -> None:
    assert moves(of(verdict, "C1")) == {"256/II.2-a": "2023-10-31"}
    assert moves(of(verdict, "C1"), 1) == {"256/III.2-b": "2023-12-01"}
    # the synthesis is dragged along; the conference would have to come first, the other way round
    assert moves(of(verdict, "C2")) == {"256/III.1-c": "2023-11-01", "256/III.1-d": "2023-11-03"}
    assert moves(of(verdict, "C2"), 1) == dict.fromkeys(("256/II.1-a", *STUDY), "2023-10-21")
    # as late as the plans, it needs the province's date moved too; without it, four dates meet
    assert moves(of(verdict, "C3")) == {
        "256/III.1-c": "2023-12-01",
        "256/III.1-d": "2023-12-05",
        "240/2": "2023-12-07",
    }
    assert moves(of(verdict, "C3"), 1) == {
        "256/III.1-c": "2023-11-09",
        "256/II.2-b": "2023-11-09",
        "256/II.2-c": "2023-11-09",
        "256/III.1-d": "2023-11-11",
    }
    assert moves(of(verdict, "C4")) == {"256/III.1-d": "2023-12-01", "240/2": "2023-12-05"}


@pytest.mark.parametrize("id_", ["C1", "C2", "C3", "C4", "C14"])
def test_settled_dates_settle_it_and_break_nothing(verdict: Verdict, id_: str) -> None:
    finding = of(verdict, id_)
    dated = [each for each in finding.remedies if each.moves]
    assert dated
    for remedy in dated:
        after = lint(REAL, remedy.moves)
        assert id_ not in {each.id for each in after.findings if each.code != "settled"}
        for each in after.findings:
            # what is left of a conflict may be less than was declared, never more
            before = [one.obligations for one in verdict.findings if one.code == each.code]
            assert each.id or any(each.obligations < one for one in before), remedy.moves


def test_a_declared_conflict_that_is_gone_is_told_as_stale(verdict: Verdict) -> None:
    after = lint(REAL, of(verdict, "C1").remedies[0].moves)
    (stale,) = [each for each in after.findings if each.code == "settled"]
    assert (stale.id, stale.severity) == ("C1", Severity.WARNING)
    assert "không còn" in stale.follows.vi
    assert stale.handling


def test_readings_are_told_with_their_days(verdict: Verdict) -> None:
    (change,) = of(verdict, "C6").remedies[0].changes
    values = [each.value for each in change.options]  # type: ignore[union-attr]
    assert values == ["strict", "inclusive", "inclusive_next_working_day"]
    assert "thứ Hai, 23/10/2023" in of(verdict, "C6").follows.vi


def test_both_lists_of_the_distribution(verdict: Verdict) -> None:
    assert of(verdict, "C10").bodies == (
        "pr.co-quan-don-vi",
        "pr.phong-ban-nganh",
        "pr.dia-phuong",
        "pr.truyen-thong",
        "pr.bcd35",
        "nt.thuongtruc-tinhuy",
        "nt.btg-tinhuy",
    )


def test_who_must_report_on_what_others_were_given(verdict: Verdict) -> None:
    assert of(verdict, "C7").bodies == (
        "pr.mttq",
        "pr.ldld",
        "pr.hnd",
        "pr.thanhdoan",
        "pr.hlhpn",
        "pr.hccb",
    )


def test_the_critical_path_and_the_slack_of_every_dated_duty(verdict: Verdict) -> None:
    assert verdict.critical == ("256/III.1-c", "256/III.1-d", "240/2", "57/2")
    slack = {each.duty: (each.room, each.lead, each.days) for each in verdict.slack}
    assert slack == {
        "57/2": (32, 2, 30),
        "240/2": (11, 2, 9),
        "256/II.1-a": (30, 0, 30),
        "256/II.1-b": (30, 0, 30),
        "256/II.2-b": (52, 0, 52),
        "256/II.2-c": (52, 0, 52),
        "256/III.1-a": (30, 0, 30),
        "256/III.1-c": (23, 0, 23),
        "256/III.1-d": (6, 2, 4),
        "256/III.2-b": (29, 0, 29),
    }


def test_bounds_in_force_are_laid_over_those_of_the_package() -> None:
    """After an extension of the unit reports to the end of October, C2 is gone, others come."""
    moved = {"256/III.1-c": pendulum.datetime(2023, 11, 1, tz=ZONE)}
    after = lint(REAL, moved)
    codes = {(each.code, each.id) for each in after.findings}
    assert ("report-before-work", "C3") in codes
    assert ("report-before-work", "C2") not in codes
    assert ("settled", "C2") in codes
    assert ("settled", "C6") in codes  # the words are not what binds any more
    late = next(each for each in after.findings if each.code == "input-too-late")
    assert late.obligations == {"256/III.1-d", "256/III.1-c"}
    assert late.severity is Severity.ERROR


def test_the_package_is_left_as_it_is(verdict: Verdict) -> None:
    assert lint(Path(REAL)).findings == verdict.findings
