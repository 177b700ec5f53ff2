"""`cascade lint`: exit statuses, JSON for programs, both languages; no package breaks it."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cli.lint import run
from config.errors import PackageError
from config.lint import lint
from config.lint.codes import CODES
from config.package import load
from tests.integration.lint_site import SOURCE, build
from tests.integration.test_package_broken import (
    DROP,
    FILES,
    JUNK,
    KEYS,
    ORIGINAL,
    SCALARS,
    Workshop,
)


def data(capsys: pytest.CaptureFixture[str], package: Path, lang: str = "vi") -> dict[str, Any]:
    run(package, "json", lang)
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_warnings_only_are_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(SOURCE, "text", "vi") == 0
    out = capsys.readouterr().out
    assert "0 lỗi, 13 cảnh báo, 3 ghi chú: ban hành được." in out
    assert "CẢNH BÁO  C2  Báo cáo đến hạn trước khi việc phải báo cáo xong" in out
    assert "Chuỗi quyết định ngày xong: 256/III.1-c → 256/III.1-d → 240/2 → 57/2" in out


def test_an_error_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(tmp_path / "package", "input-too-late")
    assert run(tmp_path / "package", "text", "vi") == 1
    out = capsys.readouterr().out
    assert "1 lỗi, 13 cảnh báo, 3 ghi chú: chưa thực hiện được như đang viết." in out
    assert out.index("LỖI") < out.index("CẢNH BÁO")
    assert "hết ngày thứ Ba, 24/10/2023" in out


@pytest.mark.parametrize(
    ("raw", "said"), [(b"hour: [8\n", "sai cú pháp YAML"), (b"hour: 24\n", "policy.yaml")]
)
def test_what_cannot_be_read_is_two_and_told_as_by_issue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], raw: bytes, said: str
) -> None:
    shop = Workshop(tmp_path / "package")
    (shop.folder / "policy.yaml").write_bytes(raw)
    with pytest.raises(PackageError) as caught:
        load(shop.folder)
    assert run(shop.folder, "text", "vi") == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.strip() == str(caught.value)
    assert run(tmp_path / "nowhere", "json", "en") == 2
    assert run(SOURCE, "xml", "en") == 2


def test_english(capsys: pytest.CaptureFixture[str]) -> None:
    run(SOURCE, "text", "en")
    out = capsys.readouterr().out
    assert "0 errors, 13 warnings, 3 notes: it can be issued." in out
    assert "WARNING  C2  A report is due before what it reports on may be finished" in out
    assert "Friday 20 October 2023" in out
    assert "Critical path: " in out
    assert "Hệ quả" not in out


def test_the_json_has_the_documented_keys(capsys: pytest.CaptureFixture[str]) -> None:
    found = data(capsys, SOURCE)
    assert list(found) == ["package", "findings", "only_people_see", "critical_path", "slack"]
    assert found["package"] == "57-kl-tw"
    for finding in found["findings"]:
        assert list(finding) == [
            "code",
            "severity",
            "id",
            "title",
            "documents",
            "clauses",
            "bodies",
            "consequence",
            "remedies",
            "handling",
            "where",
        ]
        for clause in finding["clauses"]:
            assert list(clause) == ["obligation", "clause", "quote", "phrase", "due_exclusive"]
        for remedy in finding["remedies"]:
            assert list(remedy) == ["minimal", "changes", "text"]
            for change in remedy["changes"]:
                if "choice" in change:
                    assert list(change) == ["choice", "obligations", "bodies", "options"]
                else:
                    keys = ["obligation", "from", "to", "working_days", "decides"]
                    assert list(change) == keys
    c2 = next(each for each in found["findings"] if each["id"] == "C2")
    assert c2["remedies"][0]["changes"][0] == {
        "obligation": "256/III.1-c",
        "from": "2023-10-21T00:00:00+07:00",
        "to": "2023-11-01T00:00:00+07:00",
        "working_days": 7,
        "decides": "pr.btv",
    }
    assert found["slack"][0] == {
        "obligation": "57/2",
        "start": "2023-11-15T00:00:00+07:00",
        "due_exclusive": "2023-12-29T00:00:00+07:00",
        "room": 32,
        "lead": 2,
        "slack": 30,
    }
    assert [list(each) for each in found["only_people_see"]] == [
        ["id", "title", "obligations", "handling"]
    ]


def test_the_sentences_of_the_json_follow_the_language(
    capsys: pytest.CaptureFixture[str],
) -> None:
    vi, en = data(capsys, SOURCE), data(capsys, SOURCE, "en")
    for one, other in zip(vi["findings"], en["findings"], strict=True):
        assert one["code"] == other["code"]
        assert one["consequence"] != other["consequence"]
        assert one["clauses"] == other["clauses"]


def test_the_document_tells_every_code_with_its_severity() -> None:
    text = (Path(__file__).parents[2] / "docs" / "lint.md").read_text("utf-8")
    for code, (severity, said) in CODES.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{code}`"))
        assert f"| {severity.value} |" in row, code
        assert said.vi in row, code


def test_what_load_refuses_lint_tells_with_the_same_code(tmp_path: Path) -> None:
    """And what load takes, lint has no quarrel with beyond its own questions."""
    shop = Workshop(tmp_path / "package")
    changes: list[tuple[Any, ...]] = [
        ("contacts.yaml", "contacts", 0, "email", "x@y"),
        ("bodies.yaml", "bodies", 1, "parent", "nt.khong-co"),
        ("documents/256-kh-tu.yaml", "issued", "2023-09-12"),
        ("documents/256-kh-tu.yaml", "obligations", 0, "quote", "không có câu này"),
        ("documents/256-kh-tu.yaml", "carries_out", "document", "241-KH/TU"),
        ("documents/57-kl-tw.yaml", "carries_out", {"document": "256-KH/TU"}),
    ]
    for name, *change in changes:
        shop.change(name, *change)
        with pytest.raises(PackageError) as caught:
            load(shop.folder)
        refused = {each.code for each in caught.value.problems}
        found = {each.code for each in lint(shop.folder).findings if each.severity == "error"}
        assert refused <= found, change
        shop.reset(name)


# --- anything at all ---------------------------------------------------------------------------

MANY = settings(
    max_examples=80,
    phases=[Phase.reuse, Phase.generate],  # a failing package is small already
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("broken") / "package")


def refused(shop: Workshop) -> Iterator[str]:
    try:
        load(shop.folder)
    except PackageError as error:
        yield from (each.code for each in error.problems)


def check(shop: Workshop, name: str) -> None:
    """Whatever load refuses is an error of lint, or lint cannot read it either."""
    try:
        try:
            verdict = lint(shop.folder)
        except PackageError:
            assert list(refused(shop))
            return
        errors = [each for each in verdict.findings if each.severity == "error"]
        assert bool(errors) or not list(refused(shop))
        assert all(each.follows.vi and each.follows.en for each in verdict.findings)
    finally:
        shop.reset(name)


@MANY
@given(place=st.sampled_from(KEYS))
def test_any_key_may_be_missing(shop: Workshop, place: tuple[str, tuple[Any, ...]]) -> None:
    name, path = place
    shop.change(name, *path, DROP)
    check(shop, name)


@MANY
@given(place=st.sampled_from(SCALARS), junk=JUNK)
def test_any_value_may_be_junk(
    shop: Workshop, place: tuple[str, tuple[Any, ...]], junk: Any
) -> None:
    name, path = place
    try:
        shop.change(name, *path, junk)
    except (PackageError, UnicodeEncodeError):
        shop.reset(name)
        return
    check(shop, name)


NAMES = ["256/III.1-c", "256/III.1-d", "256/I.1-a", "256/II.2-a", "240/1", "57/1", "none/1"]
BODIES = ["pr.tccsd", "pr.bithu-capuy", "pr.btg", "pr.can-bo-chu-chot", "kh25.bao-an", "no.body"]
LINKS = ("waits_for", "also", "assignees", "receivers", "depends_on")


@MANY
@given(
    duty=st.integers(0, len(ORIGINAL["documents/256-kh-tu.yaml"]["obligations"]) - 1),
    link=st.sampled_from(LINKS),
    duties=st.lists(st.sampled_from(NAMES), max_size=3),
    bodies=st.lists(st.sampled_from(BODIES), max_size=3),
)
def test_duties_may_hang_together_in_any_way(
    shop: Workshop, duty: int, link: str, duties: list[str], bodies: list[str]
) -> None:
    name = FILES[-1]
    content = copy.deepcopy(ORIGINAL[name])
    if link == "depends_on":
        content["obligations"][duty][link] = [{"id": each, "basis": "text"} for each in duties]
    else:
        content["obligations"][duty][link] = (
            bodies if link in ("assignees", "receivers") else duties
        )
    shop.write(name, content)
    check(shop, name)
