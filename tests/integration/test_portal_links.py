"""A link lets its bearer do one thing, for one body, for a time; everything else is one answer."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from config.clock import wait_until
from models.domain.effects import Purpose
from models.domain.facts import Acknowledged, Submitted
from models.owed import GRACE_DAYS
from models.tables import Link, Person, table
from portal import seen
from portal.drafts import Drafts
from portal.links import digest
from tests.factories import DUE, REPORT, Office, copy_of, document, office, vn
from tests.portal_site import Site, read, site

UNIT, OTHER = copy_of(REPORT, "u.1"), copy_of(REPORT, "u.2")
ENDS = DUE.add(days=GRACE_DAYS)
"""When the links of the first mail end."""
REPORTED = {"name": "A", "text": "xong", "figure__so_buoi": "1"}
REPORTED |= {"figure__dang_vien_tham_gia": "1", "figure__tong_dang_vien": "1"}


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
    """Return everything of an answer except the time of day."""
    headers = sorted((k, v) for k, v in response.headers.items() if k != "date")
    return response.status_code, response.content, headers


def wrong_ones(token: str) -> list[str]:
    flipped = token[:-1] + ("A" if token[-1] != "A" else "B")
    return [
        flipped,
        token[:-1],
        token + "A",
        token.swapcase(),
        f"%{ord(token[0]):02x}{token[1:]}",
        *(token + tail for tail in (".", ")", "%20", "=", "/", "%00", "/x", "%2F..", "?", "é")),
        "x",
        "a" * 70_000,
        "..%2f..%2fetc%2fpasswd",
        "' OR 1=1 --",
    ]


def test_wrong_and_revoked_links_are_one_answer(desk: Office, portal: Site) -> None:
    token, gone = desk.token(UNIT), desk.token(OTHER)
    desk.revoke(OTHER)
    uniform = shape(portal.client.get("/c/" + "A" * 43))
    assert uniform[0] == 404
    assert shape(portal.client.get(f"/c/{gone}")) == uniform
    for wrong in wrong_ones(token)[:-3]:
        if not wrong.endswith("?"):
            assert shape(portal.client.get(f"/c/{wrong}")) == uniform, wrong
    assert shape(portal.client.get(f"/c/{'a' * 30_000}")) == uniform
    assert portal.client.get(f"/c/{token}").status_code == 200


def test_a_form_of_a_wrong_link_is_the_same_answer(desk: Office, portal: Site) -> None:
    _, values = portal.fill(desk.token(UNIT), "acknowledge", name="A")
    gone = desk.token(OTHER)
    desk.revoke(OTHER)
    answers = {
        repr(shape(portal.post(f"/c/{token}/acknowledge", values)))
        for token in (gone, "A" * 43, "short", "a" * 3000)
    }
    assert len(answers) == 1
    assert "404" in answers.pop()
    assert not desk.facts(Acknowledged)


def test_a_link_lives_until_its_last_second(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    desk.clock.instant = ENDS.subtract(seconds=1)
    assert portal.get(token).status == 200
    desk.clock.instant = ENDS
    assert portal.get(token).status == 410


def test_a_page_that_was_open_when_the_link_expired_records_nothing(
    desk: Office, portal: Site
) -> None:
    form = portal.fill(desk.token(UNIT), "acknowledge", name="Nguyễn <i>Thị</i> Ánh")
    desk.clock.instant = ENDS
    page = read(portal.post(*form))
    assert page.status == 410
    assert "Nguyễn <i>Thị</i> Ánh" in page.text, "what was typed is not lost"
    assert not desk.facts(Acknowledged)


def test_a_page_that_was_open_when_the_link_was_revoked_is_good_for_nothing(
    desk: Office, portal: Site
) -> None:
    """What a link was good for is remembered; whether it still is, is looked at each time."""
    form, gaps = (portal.fill(desk.token(UNIT), "report", **each) for each in (REPORTED, {}))
    desk.revoke(UNIT)
    assert portal.post(*form).status_code == 404
    assert portal.post(*gaps).status_code == 404
    assert not desk.facts(Submitted)


def test_only_so_many_links_are_remembered(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "REMEMBERED", 1)
    lobby, now = seen.Lobby(desk.store, Drafts(b"k" * 32)), desk.recorder.clock.now()
    first, second = (digest(f"/c/{desk.token(each)}".encode()) or "" for each in (UNIT, OTHER))
    admitted = lobby.admit(first, now)
    assert admitted is not None
    assert lobby.remembered(first) == admitted
    lobby.admit(first, now)
    assert lobby.remembered(first) == admitted, "the same link takes no second place"
    lobby.admit(second, now)
    assert lobby.remembered(first) is None
    assert lobby.remembered(second) is not None


@pytest.mark.parametrize(
    ("purpose", "routes"),
    [
        (Purpose.ACT, ("accept", "return")),
        (Purpose.REVIEW, ("acknowledge", "report")),
        (Purpose.VIEW, ("acknowledge", "report", "accept", "return")),
    ],
)
def test_a_link_does_only_what_it_is_for(
    desk: Office, portal: Site, purpose: Purpose, routes: tuple[str, ...]
) -> None:
    if purpose is Purpose.REVIEW:
        portal.do(desk.token(UNIT), "report", **REPORTED)
    if purpose is Purpose.VIEW:
        desk.clock.instant = vn(2023, 10, 28)
        desk.recorder.let_time_act(document().key)
    size = desk.store.size()
    token = desk.token(UNIT, purpose)
    nonce = re.search(r'name="nonce" value="([^"]+)"', portal.get(token).html)
    fields = {"name": "A", "reason": "x", "nonce": nonce[1] if nonce else ""}
    uniform = shape(portal.client.get("/c/" + "A" * 43))
    for route in routes:
        assert shape(portal.post(f"/c/{token}/{route}", fields)) == uniform
    assert desk.store.size() == size


def test_identifiers_in_a_form_are_ignored(desk: Office, portal: Site) -> None:
    address, values = portal.fill(desk.token(UNIT), "acknowledge", name="A")
    values |= {"assignment": OTHER, "body": "u.2", "obligation": REPORT, "version": "7"}
    sent = portal.post(f"{address}?assignment={OTHER}&next=//evil.example", values)
    assert (sent.status_code, sent.headers["location"]) == (303, address.rpartition("/")[0])
    assert [fact.assignment for fact in desk.facts(Acknowledged)] == [UNIT]


def test_a_seal_of_one_link_is_no_good_for_another(desk: Office, portal: Site) -> None:
    _, values = portal.fill(desk.token(UNIT), "acknowledge", name="A")
    sent = portal.post(f"/c/{desk.token(OTHER)}/acknowledge", values)
    assert sent.status_code == 422
    assert not desk.facts(Acknowledged)


def test_a_link_of_a_body_that_has_no_part_in_the_duty_is_no_link(
    desk: Office, portal: Site
) -> None:
    link = table(Link)
    with desk.store.engine.begin() as connection:
        connection.execute(link.update().where(link.c.assignment == UNIT).values(body="u.2"))
    assert portal.get(desk.token(UNIT)).status == 404


def test_nothing_is_recorded_after_a_revocation_that_came_first(desk: Office, portal: Site) -> None:
    """The form has passed every check on its way and waits for the lock when the link goes."""
    form = portal.fill(desk.token(UNIT), "acknowledge", name="A")
    answers: list[httpx.Response] = []
    sender = threading.Thread(target=lambda: answers.append(portal.post(*form)))
    link = table(Link)
    with desk.store.engine.begin() as connection:
        sender.start()
        waiting = threading.Event()
        wait_until(waiting.is_set, seconds=0.5)  # long enough to get to the lock, and to wait there
        assert not answers
        connection.execute(
            link.update().where(link.c.assignment == UNIT).values(revoked_at="2023-09-19")
        )
    sender.join()
    assert answers[0].status_code == 404
    assert not desk.facts(Acknowledged)
    assert desk.count(Person) == 0


def test_a_revocation_that_came_last_changes_nothing_recorded(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    portal.do(token, "report", **REPORTED)
    desk.revoke(UNIT)
    assert portal.get(token).status == 404
    assert len(desk.facts(Submitted)) == 1


def test_a_token_is_read_as_it_came_over_the_wire() -> None:
    token = "A" * 43
    assert digest(f"/c/{token}".encode()) == digest(f"/c/{token}/report".encode()) is not None
    for raw in (f"/c/{token}x", f"/c/%41{token[1:]}", f"/c/{token}\n", "/c/", "/c", "/", ""):
        assert digest(raw.encode()) is None
