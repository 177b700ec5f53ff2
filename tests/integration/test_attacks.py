"""Every attack is found, named and located; nothing done is nothing found."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.codes import Code
from audit.finding import Finding
from audit.verify import Report
from tests.attacked import Ledger, lived
from tests.attacks import ATTACKS, Attack, Place
from tests.postgres import Postgres


@pytest.fixture(scope="session")
def lived_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lived")
    lived(f"sqlite:///{folder / 'cascade.db'}", folder)
    return folder


@pytest.fixture(scope="session")
def lived_postgresql(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("lived")
    url = postgres.fresh()
    lived(url, folder)
    return url, folder


@pytest.fixture
def ledger(lived_sqlite: Path, tmp_path: Path) -> Iterator[Ledger]:
    folder = tmp_path / "ledger"
    shutil.copytree(lived_sqlite, folder)
    made = Ledger(f"sqlite:///{folder / 'cascade.db'}", folder)
    yield made
    made.close()


@pytest.fixture
def on_postgresql(
    lived_postgresql: tuple[str, Path], postgres: Postgres, tmp_path: Path
) -> Iterator[Ledger]:
    url, lived_folder = lived_postgresql
    folder = tmp_path / "ledger"
    shutil.copytree(lived_folder, folder)
    copy = postgres.copy(url)
    made = Ledger(copy, folder)
    yield made
    made.close()
    postgres.drop(copy)


def fits(finding: Finding, code: Code, place: Place) -> bool:
    """Tell whether *finding* has the code and names the place."""
    data = place.get("data", {})
    return (
        finding.code is code
        and all(getattr(finding, name) == value for name, value in place.items() if name != "data")
        and all(finding.data.get(name) == value for name, value in data.items())
    )


def told(report: Report) -> str:
    return "\n".join(
        f"{each.code.value} | {each.place('en')} | {each.text('en')}"
        for each in report.findings.kept
    )


def found(ledger: Ledger, attack: Attack) -> None:
    place = attack.act(ledger)
    report = ledger.verify()
    assert not report.whole
    assert any(fits(each, attack.code, place) for each in report.findings.kept), (
        f"{attack.code.value} at {place} is not among\n{told(report)}"
    )


def test_there_are_enough_attacks_and_each_has_a_name_of_its_own() -> None:
    assert len(ATTACKS) >= 40
    assert len({each.name for each in ATTACKS}) == len(ATTACKS)
    assert len({each.sentence for each in ATTACKS}) == len(ATTACKS)


def test_nothing_done_is_nothing_found(ledger: Ledger) -> None:
    report = ledger.verify()
    assert report.whole, told(report)
    assert set(report.findings.counts) == {Code.NOT_ANCHORED}
    assert report.anchored == ledger.sizes[-1]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda each: each.name)
def test_an_attack_on_sqlite_is_found_and_located(ledger: Ledger, attack: Attack) -> None:
    found(ledger, attack)


@pytest.mark.parametrize(
    "attack", [each for each in ATTACKS if not each.sqlite_only], ids=lambda each: each.name
)
def test_an_attack_on_postgresql_is_found_and_located(
    on_postgresql: Ledger, attack: Attack
) -> None:
    found(on_postgresql, attack)


def test_nothing_done_on_postgresql_is_nothing_found(on_postgresql: Ledger) -> None:
    report = on_postgresql.verify()
    assert report.whole, told(report)
