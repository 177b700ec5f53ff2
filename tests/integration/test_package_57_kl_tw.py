"""The real package: what the document says is there, exact, and nothing else passes for it."""

import json
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import holidays
import pendulum
import pytest

from config.calendars import read_calendar
from config.errors import Report
from config.package import DIRECTIVES, Package, load
from config.yaml_file import Plain, read_yaml
from models.domain.directive import Document
from models.domain.terms import ObligationId, Source

FOLDER = DIRECTIVES / "57-kl-tw"

# id -> (clause, kind, bound of the duty itself, copies)
TRACKED = {
    "256/II.1-a": ("II.1", "study-conference", "2023-11-01", 1),
    "256/II.1-b": ("II.1", "study-conference", "2023-11-01", 16),
    "256/II.1-c": ("II.1", "study-conference", "2023-11-01", 0),
    "256/II.2-a": ("II.2", "issue-plan", "2023-12-01", 0),
    "256/II.2-b": ("II.2", "issue-plan", "2023-12-01", 6),
    "256/II.2-c": ("II.2", "issue-plan", "2023-12-01", 16),
    "256/II.2-d": ("II.2", "dissemination", None, 23),
    "256/II.3.3-d": ("II.3.3", "guide", None, 8),
    "256/III.1-a": ("III.1", "dissemination", "2023-11-01", 22),
    "256/III.1-b": ("III.1", "issue-plan", "2023-12-01", 0),
    "256/III.1-c": ("III.1", "report", "2023-10-21", 22),
    "256/III.1-d": ("III.1", "synthesis-report", "2023-10-31", 1),
    "256/III.2-a": ("III.2", "supervise", None, 1),
    "256/III.2-b": ("III.2", "issue-plan", "2023-10-31", 1),
    "256/III.3-a": ("III.3", "guide", None, 1),
    "256/III.3-b": ("III.3", "monitor", None, 1),
    "256/III.3-c": ("III.3", "periodic-review", None, 1),
    "256/III.3-d": ("III.3", "report", None, 1),
    "256/III.4-a": ("III.4", "monitor", None, 5),
    "256/III.4-b": ("III.4", "report", None, 5),
}
KINDS = {
    "issue-plan": 7,
    "standing-task": 21,
    "dissemination": 5,
    "monitor": 5,
    "periodic-review": 2,
    "report": 4,
    "study-conference": 3,
    "guide": 2,
    "synthesis-report": 1,
    "supervise": 1,
}
FORCES = {"purpose": 4, "requirement": 8, "operative": 19, "focus-task": 20}
RULES = {"standing": 36, "periodic": 4, "within-month": 8, "before": 3}


@pytest.fixture(scope="module")
def package() -> Package:
    return load(FOLDER)


@pytest.fixture(scope="module")
def city(package: Package) -> Document:
    return package.document("256-KH/TU")


def test_three_documents_in_the_order_of_the_cascade(package: Package) -> None:
    assert [(d.key, d.issuer, d.issue_at.isoformat()) for d in package.documents] == [
        ("57-KL/TW", "vn.bo-chinh-tri", "2023-06-15T08:00:00+07:00"),
        ("240-KH/TU", "nt.btv-tinhuy", "2023-09-13T08:00:00+07:00"),
        ("256-KH/TU", "pr.btv", "2023-09-19T08:00:00+07:00"),
    ]
    assert all(d.package == "57-kl-tw" for d in package.documents)
    assert all(d.package_sha256 == package.sha256 for d in package.documents)


def test_the_documents_hang_together(package: Package) -> None:
    top, province, city = package.documents
    assert top.parent is None
    assert top.reports_when is None
    assert province.parent is not None
    assert (province.parent.document, province.parent.issue, province.parent.report) == (
        "57-KL/TW",
        "57/1@nt.btv-tinhuy",
        "57/2@nt.btv-tinhuy",
    )
    assert city.parent is not None
    assert (city.parent.document, city.parent.issue, city.parent.report) == (
        "240-KH/TU",
        "240/1@pr.btv",
        "240/2@pr.btv",
    )
    assert (province.reports_when, city.reports_when) == ("240/2", "256/III.1-d")
    assert top.obligations[0].realised_by == "240-KH/TU"
    assert province.obligations[0].realised_by == "256-KH/TU"
    # every copy that a document below answers for does exist above
    for below, above in ((province, top), (city, province)):
        copies = {copy for each in above.obligations for copy in each.assignments()}
        assert below.parent is not None
        assert {below.parent.issue, below.parent.report} <= copies


def test_the_51_obligations_of_256(package: Package) -> None:
    clauses = [c for c in package.clauses if c.document == "256-KH/TU"]
    assert len(clauses) == 51
    assert len({c.id for c in clauses}) == 51
    assert Counter(c.kind for c in clauses) == KINDS
    assert Counter(c.force for c in clauses) == FORCES
    assert Counter(c.rule for c in clauses) == RULES
    assert {c.id for c in clauses if c.tracked} == set(TRACKED)
    assert len(package.untracked) == 31


def test_every_quotation_is_exact(package: Package) -> None:
    text = (FOLDER / "documents/256-kh-tu.vi.md").read_text(encoding="utf-8")
    text = text.replace("**", "").replace("*Kết luận số 57-KL/TW*", "Kết luận số 57-KL/TW")
    for clause in package.clauses:
        if clause.document == "256-KH/TU":
            assert clause.quote
            assert clause.quote in text, clause.id
            assert clause.words in clause.quote, clause.id
            assert clause.phrase in text, clause.id
    # what was added when the text was restored is not in it
    assert "[?]" not in text
    assert "OCR" not in text


def test_quotation_and_duty_say_the_same(city: Document, package: Package) -> None:
    for duty in city.obligations:
        (clause,) = [c for c in package.clauses if c.id == duty.id]
        assert duty.quote == clause.quote
        assert 0 < len(duty.summary) <= 80


@pytest.mark.parametrize("duty_id", TRACKED)
def test_clause_kind_bound_and_copies(city: Document, duty_id: str) -> None:
    clause, kind, due, copies = TRACKED[duty_id]
    (duty,) = [each for each in city.obligations if each.id == duty_id]
    assert (duty.clause, duty.kind, len(duty.assignments())) == (clause, kind, copies)
    bound = duty.bound.due_exclusive.isoformat() if duty.bound else None
    assert bound == (f"{due}T00:00:00+07:00" if due else None)


def test_one_product_asked_for_twice_is_owed_once_by_the_stricter_date(city: Document) -> None:
    duties = {each.id: each for each in city.obligations}
    also = {str(k): [str(x) for x in v.also] for k, v in duties.items() if v.also}
    assert also == {
        "256/II.1-b": ["256/II.1-c"],
        "256/II.2-b": ["256/III.1-b"],
        "256/II.2-c": ["256/III.1-b"],
        "256/III.2-b": ["256/II.2-a"],
    }
    plan, loose = (
        next(d for i, d in duties.items() if i == n) for n in ("256/III.2-b", "256/II.2-a")
    )
    assert plan.bound is not None
    assert loose.bound is not None
    assert plan.bound.due_exclusive < loose.bound.due_exclusive
    assert plan.bound.clause == "III.2"


def test_the_only_gate_is_before_the_synthesis(city: Document) -> None:
    assert {d.id: d.waits_for for d in city.obligations if d.waits_for} == {
        "256/III.1-d": ("256/III.1-c",)
    }


def test_edges_stay_within_the_document(city: Document) -> None:
    edges = {duty.id: duty.depends_on for duty in city.obligations}
    known = set(edges)
    assert all(set(ends) <= known for ends in edges.values())
    assert sum(map(len, edges.values())) == 15
    # that the city acts on the province's plan is said by the parent, not by an edge
    assert next(ends for duty, ends in edges.items() if duty == "256/II.1-a") == ()


def test_groups_are_what_they_were_on_the_day_of_issue(city: Document) -> None:
    report = next(d for d in city.obligations if d.id == "256/III.1-c")
    assert report.assignees[:3] == ("pr.bao-an", "pr.dai-son", "pr.dao-long")
    assert report.assignees[16:] == (
        "pr.mttq",
        "pr.ldld",
        "pr.hnd",
        "pr.thanhdoan",
        "pr.hlhpn",
        "pr.hccb",
    )
    assert (report.receiver, report.reviewer) == ("pr.thuongtruc", "pr.btg")
    assert not any(b.id.startswith(("pr24.", "kh25.")) for b in city.bodies)


def test_reports_carry_figures_and_plans_their_number(city: Document) -> None:
    names = ("so_buoi", "dang_vien_tham_gia", "tong_dang_vien", "quan_chung_tham_gia")
    forms = {d.id: {f.name: f.type for f in d.figures} for d in city.obligations if d.figures}
    for shared in map(ObligationId, ("256/II.1-b", "256/III.1-c")):
        assert tuple(forms[shared])[:4] == names
    assert {*forms} == {
        "256/II.1-a",
        "256/II.1-b",
        "256/II.2-d",
        "256/II.3.3-d",
        "256/III.1-a",
        "256/III.1-c",
    }
    assert {kind for form in forms.values() for kind in form.values()} == {
        "whole",
        "decimal",
        "text",
        "date",
        "choice",
    }
    for owed in city.obligations:
        # The text brings no form along: every form is our own, and says so.
        assert bool(owed.figures) == any(
            owed.id in note and "mẫu báo cáo" in note for note in city.notes
        )
    assert {d.id for d in city.obligations if d.wants_plan} == {
        i for i, (_, kind, _, _) in TRACKED.items() if kind == "issue-plan"
    }


def test_reviewers_are_others_and_reachable(package: Package) -> None:
    addresses = {contact.body for contact in package.contacts}
    for document in package.documents:
        roster = {body.id for body in document.bodies}
        for duty in document.obligations:
            assert duty.reviewer not in duty.assignees
            assert {*duty.assignees, duty.reviewer} - {None} <= addresses & roster
        for rung in document.policy.rungs:
            assert set(rung.recipients) <= addresses & roster
        assert document.body(document.issuer)


def test_policy(city: Document) -> None:
    assert [(n.days, n.working) for n in city.policy.nudges] == [
        (-5, True),
        (-1, True),
        (0, False),
        (1, True),
    ]
    assert [(r.number, r.working_days, r.recipients) for r in city.policy.rungs] == [
        (1, 2, ("pr.btg",)),
        (2, 4, ("pr.vp",)),
        (3, 6, ("pr.thuongtruc",)),
        (4, 10, ("nt.btg-tinhuy", "nt.thuongtruc-tinhuy")),
    ]
    policy = city.policy
    assert (policy.hour, policy.before_date) == (8, "strict")
    assert (policy.latest_start_working_days, policy.resubmit_working_days) == (2, 3)


def test_mail_can_reach_nobody_real(package: Package) -> None:
    assert package.sample
    for contact in package.contacts:
        assert contact.email.endswith((".example", "example.org"))
        assert contact.locale == "vi"


def test_sample_bodies_say_so(city: Document) -> None:
    sample = {body.id for body in city.bodies if body.source is Source.SAMPLE}
    assert "pr.truyen-thong-mau" in sample
    assert len(sample) == 17  # with the 16 wards: the list is a sample, the text gives no number


def unsure(data: Plain, path: str = "") -> list[tuple[str, str]]:
    """Return every place of a file that says it is assumed or sample."""
    found = []
    if isinstance(data, list):
        for index, item in enumerate(data):
            found += unsure(item, f"{path}[{index}]")
    elif isinstance(data, dict):
        for key, item in data.items():
            here = f"{path}.{key}" if path else key
            if item in ("assumed", "sample") or (key == "sample" and item is True):
                found.append((here, str(item)))
            found += unsure(item, here)
    return found


def test_everything_assumed_or_sample_is_told(package: Package) -> None:
    told = {(note.file, note.field) for note in package.notes}
    count = 0
    for file in sorted(FOLDER.rglob("*.yaml")):
        name = file.relative_to(FOLDER).as_posix()
        read = read_yaml(FOLDER, name, Report())
        assert read is not None
        marks = [(name, path) for path, _ in unsure(read.data) if path != "sample"]
        assert set(marks) <= told
        count += len(marks)
    assert count > 70


def test_what_the_upper_documents_ask_is_assumed(package: Package) -> None:
    for document in package.documents[:2]:
        for duty in document.obligations:
            assert duty.source is Source.ASSUMED
            assert duty.quote == ""
            assert duty.bound is None or duty.bound.source is Source.ASSUMED
            assert any(duty.id in note and "giả định" in note for note in document.notes)
    bounds = [d.obligations[1].bound for d in package.documents[:2]]
    assert [b and b.due_exclusive.isoformat() for b in bounds] == [
        "2023-12-29T00:00:00+07:00",
        "2023-11-15T00:00:00+07:00",
    ]
    assert package.documents[2].obligations[0].source is Source.TEXT


def test_distribution_is_apart_from_the_assignees(package: Package, city: Document) -> None:
    lines = [d for d in package.distribution if d.document == "256-KH/TU"]
    assert len(lines) == 8
    listed = {body for line in lines for body in line.bodies}
    owed = {body for clause in package.clauses for body in clause.assignees if clause.tracked}
    assert "nt.thuongtruc-tinhuy" in listed - owed
    assert "pr.truyen-thong" in owed - listed


def test_seventeen_conflicts(package: Package) -> None:
    assert [c.id for c in package.conflicts] == [f"C{n}" for n in range(1, 18)]


def test_the_files_are_nfc_and_name_no_person() -> None:
    for file in FOLDER.rglob("*.*"):
        text = file.read_text(encoding="utf-8")
        assert unicodedata.is_normalized("NFC", text), file
        assert "http" not in text


def test_layout_comments_and_order_do_not_change_the_hash(package: Package, tmp_path: Path) -> None:
    copy = tmp_path / "package"
    shutil.copytree(FOLDER, copy)
    for file in copy.rglob("*.yaml"):
        read = read_yaml(copy, file.relative_to(copy).as_posix(), Report())
        assert read is not None
        assert isinstance(read.data, dict)
        backwards = dict(reversed(read.data.items()))
        file.write_text("# other\r\n" + json.dumps(backwards, indent=1), encoding="utf-8")
    again = load(copy)
    assert again.sha256 == package.sha256
    assert again.documents == package.documents
    policy = copy / "policy.yaml"
    policy.write_text(policy.read_text().replace('"hour": 8', '"hour": 9'), encoding="utf-8")
    assert load(copy).sha256 != package.sha256


def test_the_calendar_agrees_with_the_library_but_for_its_known_errors() -> None:
    report = Report()
    calendar = read_calendar("vn", report)
    assert calendar is not None
    assert report.problems == []
    library = holidays.country_holidays("VN", years=range(2023, 2027))
    day, differing = date(2023, 1, 1), []
    while day < date(2027, 1, 1):
        if calendar.work.is_working(day) != library.is_working_day(day):
            differing.append(day)
        day += timedelta(days=1)
    assert differing == [date(2026, 1, 2), date(2026, 1, 10)]
    assert not calendar.work.is_working(date(2026, 1, 2))
    # 5 working days from 31/12/2025 end on 9/1/2026
    assert calendar.work.shift(date(2025, 12, 31), 5) == date(2026, 1, 9)


def test_the_documents_use_the_calendar(city: Document) -> None:
    assert not city.calendar.is_working(date(2023, 9, 4))
    assert city.calendar.is_working(pendulum.date(2024, 5, 4))


def test_importing_the_folder_loads_nothing_heavy() -> None:
    heavy = ("yaml", "pydantic", "pendulum")
    code = f"import sys, config; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
