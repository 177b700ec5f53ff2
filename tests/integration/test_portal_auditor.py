"""The auditors' link on the portal: everything to see, nothing to do, one answer for the wrong."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from models.domain.requests import Acknowledge
from models.tables import Link
from portal.auditor import grant, revoke, takes_gzip
from tests.builders import LINK, PERSON
from tests.factories import ISSUED, KEY, REPORT, Office, copy_of, document, office
from tests.portal_site import Site, site

UNIT = copy_of(REPORT, "u.1")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as value:
        value.issue(document(2))
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


def shape(response: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    headers = sorted((k, v) for k, v in response.headers.items() if k != "date")
    return response.status_code, response.content, headers


def test_the_link_shows_the_whole_ledger_under_a_policy_of_its_own(
    desk: Office, portal: Site
) -> None:
    token, _ = grant(desk.store, desk.clock, 7)
    size = desk.store.size()
    answer = portal.client.get(f"/a/{token}")
    assert answer.status_code == 200
    assert "Diễn biến theo sổ cái" in answer.text
    assert "Đảng ủy phường số 1" in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "What happened, by the ledger" in portal.client.get(f"/a/{token}?lang=en").text
    assert portal.client.head(f"/a/{token}").status_code == 200
    assert desk.store.size() == size
    # Every other page keeps the policy of the portal.
    assert "script-src" not in portal.client.get("/a/x").headers["content-security-policy"]


def test_a_large_page_travels_compressed(desk: Office, portal: Site) -> None:
    token, _ = grant(desk.store, desk.clock.now(), 7)
    plain = portal.client.get(f"/a/{token}", headers={"Accept-Encoding": "identity"})
    small = portal.client.get(f"/a/{token}", headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert small.text == plain.text
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    for answer in (plain, small):
        assert "Accept-Encoding" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("", False),
        ("br", False),
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("gzip; q=0", False),
        ("gzip;q=0.000, br", False),
        ("x-gzip", False),
    ],
)
def test_who_can_read_gzip(accepted: str, taken: bool) -> None:
    assert takes_gzip(accepted) is taken


def test_the_page_grows_with_the_ledger(desk: Office, portal: Site) -> None:
    token, _ = grant(desk.store, desk.clock, 7)
    assert f"({PERSON}" not in portal.client.get(f"/a/{token}").text
    desk.record(KEY, Acknowledge(UNIT, PERSON, LINK))
    assert f"({PERSON}" in portal.client.get(f"/a/{token}").text


def test_wrong_revoked_and_expired_links_are_one_answer(desk: Office, portal: Site) -> None:
    token, until = grant(desk.store, desk.clock, 2)
    assert until == ISSUED.add(days=2)
    uniform = shape(portal.client.get("/c/" + "A" * 43))
    assert uniform[0] == 404
    duty = desk.token(UNIT)
    for path in (
        "/a/" + "A" * 43,
        "/a/x",
        f"/a/{token}A",
        f"/a/{token}/",
        f"/a/{token}/x",
        f"/a/%{ord(token[0]):02x}{token[1:]}",
        f"/a/{duty}",  # a unit's link opens no ledger
        f"/c/{token}",  # an auditors' link opens no duty
        "/a/",
    ):
        assert shape(portal.client.get(path)) == uniform, path
    desk.clock.instant = until - timedelta(seconds=1)
    assert portal.client.get(f"/a/{token}").status_code == 200
    desk.clock.instant = until
    assert shape(portal.client.get(f"/a/{token}")) == uniform
    fresh, _ = grant(desk.store, desk.clock, 2)
    assert portal.client.get(f"/a/{fresh}").status_code == 200
    assert revoke(desk.store, until) == 2
    assert shape(portal.client.get(f"/a/{fresh}")) == uniform


def test_nothing_can_be_sent_through_it(desk: Office, portal: Site) -> None:
    token, _ = grant(desk.store, desk.clock, 2)
    size = desk.store.size()
    _, values = portal.fill(desk.token(UNIT), "acknowledge", name="A")
    assert portal.post(f"/a/{token}", values).status_code == 405
    assert portal.post(f"/c/{token}/acknowledge", values).status_code == 404
    assert desk.store.size() == size


def test_no_token_is_kept_or_logged(
    desk: Office, portal: Site, caplog: pytest.LogCaptureFixture
) -> None:
    token, _ = grant(desk.store, desk.clock, 2)
    with caplog.at_level(logging.INFO):
        portal.client.get(f"/a/{token}")
        portal.client.get(f"/a/{token}/x")
        portal.rest()
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name == "portal")
    assert "GET /a/{token} 200" in logged
    assert token not in logged
    assert token.encode() not in (desk.settings.var / "cascade.db").read_bytes()
    assert desk.count(Link) > 0
