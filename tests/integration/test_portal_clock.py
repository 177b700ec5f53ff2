"""The clock of a rehearsal goes bad while the portal runs: nobody loses what was typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.clock import FileClock
from models.domain.facts import Acknowledged, Submitted
from models.record import Recorder
from portal.resend import RETRY_SECONDS
from tests.factories import DUE, ISSUED, REPORT, Office, copy_of, document, office
from tests.portal_site import Site, read, site

UNIT = copy_of(REPORT, "u.1")
FIGURES = {"figure__so_buoi": "1", "figure__dang_vien_tham_gia": "1", "figure__tong_dang_vien": "1"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as value:
        value.issue(document(1))
        clock = FileClock(tmp_path / "clock")
        clock.set(ISSUED)
        value.settings = value.settings.model_copy(update={"clock": f"file:{clock.path}"})
        value.recorder = Recorder(value.store, clock, value.machine)
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


def harm(desk: Office, how: str) -> None:
    path = desk.settings.var / "clock"
    if how == "gone":
        path.unlink()
    elif how == "folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes({"empty": b"", "words": b"soon", "bytes": b"\xff\xfe"}[how])


@pytest.mark.parametrize("how", ["gone", "folder", "empty", "words", "bytes"])
def test_pages_say_later_and_forms_keep_what_was_typed(
    desk: Office, portal: Site, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = desk.token(UNIT)
    address, values = portal.fill(token, "report", name="Nguyễn Ánh", text="một\nhai", **FIGURES)
    harm(desk, how)
    shown = portal.client.get(f"/c/{token}")
    assert shown.status_code == 503
    assert shown.headers["retry-after"] == str(RETRY_SECONDS)
    assert "Hệ thống đang bận" in shown.text
    answer = portal.post(f"{address}?lang=en", values)
    page = read(answer)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == str(RETRY_SECONDS)
    assert "What you typed is still here" in page.text
    assert page.forms["report"].values == values
    assert page.forms["report"].action == f"{address}?lang=en"
    assert "ClockUnreadable" in caplog.text or "Error at" in caplog.text
    assert token not in caplog.text
    path = desk.settings.var / "clock"
    if path.is_dir():
        path.rmdir()
    FileClock(path).set(ISSUED)
    again = page.forms["report"]
    assert portal.post(again.action, again.values).status_code == 303
    assert len(desk.facts(Submitted)) == 1


def test_the_page_of_a_link_that_has_run_out_says_later_as_well(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    FileClock(desk.settings.var / "clock").set(DUE.add(days=20))
    form = portal.get(token).forms[token]
    harm(desk, "words")
    assert portal.get(token).status == 503
    page = read(portal.post(form.action, form.values))
    assert page.status == 503
    assert page.forms[token].values == form.values


def test_another_error_of_files_is_ours(
    desk: Office, portal: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the clock's file is known to be somebody's rehearsal."""

    def broken() -> None:
        raise FileNotFoundError(2, "gone", "/somewhere/else")

    token = desk.token(UNIT)
    monkeypatch.setattr(desk.recorder.clock, "now", broken)
    assert portal.get(token).status == 500
    assert not desk.facts(Acknowledged)
