"""Every broken package is found out: for what it is, in the words it is in, and nothing else."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from config.lint import Finding, Severity, Verdict, lint
from config.lint.codes import CODES
from tests.integration.lint_site import SOURCE, apply, build, names, slip

REAL = Counter((each.code, each.id) for each in lint(SOURCE).findings)


def told(verdict: Verdict) -> "Counter[tuple[str, str]]":
    return Counter((each.code, each.id) for each in verdict.findings)


def wanted(verdict: Verdict, expect: dict[str, Any]) -> Finding:
    id_ = expect.get("id", "")
    found = [
        each
        for each in verdict.findings
        if (each.code, each.id) == (expect["code"], id_) and expect["follows"] in each.follows.vi
    ]
    assert len(found) == 1, [each.follows.vi for each in verdict.findings if not each.id]
    return found[0]


@pytest.fixture(params=names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_it_is_found_with_its_words_and_nothing_else_is(name: str, tmp_path: Path) -> None:
    build(tmp_path / "package", name)
    verdict, expect = lint(tmp_path / "package"), slip(name)["expect"]
    finding = wanted(verdict, expect)
    assert finding.severity is Severity(expect["severity"])
    assert finding.obligations == set(expect["obligations"])
    assert expect.get("quote", "") in " ".join(each.quote for each in finding.clauses)
    if "bodies" in expect:
        assert finding.bodies == tuple(expect["bodies"])
    new = told(verdict)
    new[expect["code"], expect.get("id", "")] -= 1
    new.subtract((code, "") for code in expect.get("also", []))
    kept = REAL - Counter({(code, id_): 1 for code, id_ in REAL if code in expect.get("gone", [])})
    assert {key: n for key, n in new.items() if n} == dict(kept)


def test_its_settlement_settles_it(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    build(folder, name)
    verdict, said = lint(folder), slip(name)
    expect = said["expect"]
    finding = wanted(verdict, expect)
    minimal, *others = finding.remedies
    assert minimal.minimal
    assert not any(each.minimal for each in others)
    assert all(len(each.changes) >= len(minimal.changes) for each in others)
    if "moves" in expect:
        days = {key: due.to_date_string() for key, due in minimal.moves.items()}
        assert days == expect["moves"]
    else:
        assert minimal.changes[0].name == expect["choice"]  # type: ignore[union-attr]
        apply(folder, said["settle"])
        after = lint(folder)
        assert (finding.code, finding.follows.vi) not in pairs(after)
        assert not pairs(after, new=True) - pairs(verdict, new=True)
    for each in finding.remedies:
        if each.moves:
            moved = lint(_again(tmp_path, name), each.moves)
            assert (finding.code, finding.id, finding.obligations) not in about(moved)
            assert about(moved) <= about(verdict), each.moves
    if "other_moves" in expect:
        assert expect["other_moves"] in [
            {key: due.to_date_string() for key, due in each.moves.items()}
            for each in finding.remedies
        ]


def pairs(verdict: Verdict, *, new: bool = False) -> set[tuple[str, str]]:
    return {
        (each.code, "" if new else each.follows.vi)
        for each in verdict.findings
        if not each.id or not new
    }


def about(verdict: Verdict) -> set[tuple[str, str, frozenset[str]]]:
    """What is found of the dates; a declared conflict that is settled on the way is no news."""
    return {
        (each.code, each.id, each.obligations)
        for each in verdict.findings
        if each.code != "settled" and not each.id
    }


def _again(folder: Path, name: str) -> Path:
    place = folder / f"again-{len(list(folder.iterdir()))}"
    build(place, name)
    return place


def test_every_code_has_a_package() -> None:
    proved = {slip(each)["expect"]["code"] for each in names()}
    real = {code for code, _ in REAL}
    assert set(CODES) - proved - {"same-sign"} == set()
    assert "same-sign" in real
    assert len(names()) >= 15
