"""Abuse of links and of the state behind them; numbers are those of ``docs/abuse-cases.md``."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from config.clock import wait_until
from models.contacts import Address, keep
from models.domain.effects import Purpose
from models.domain.facts import Acknowledged, BecameOverdue, Submitted, Superseded
from models.domain.requests import Reassign, Request
from models.domain.terms import BodyId
from models.erasure import Erased, erase_contact
from models.owed import GRACE_DAYS
from models.store import Transaction
from models.tables import Contact, Person, table
from portal.limits import POSTS, UNKNOWN
from tests.factories import DUE, ISSUED, KEY, REPORT, Office, copy_of, document, office
from tests.portal_site import Site, read, site
from tests.snapshot import snapshot

UNIT, OTHER = copy_of(REPORT, "u.1"), copy_of(REPORT, "u.2")
FIGURES = {"figure__so_buoi": "1", "figure__dang_vien_tham_gia": "1", "figure__tong_dang_vien": "1"}
MOVE = Reassign(UNIT, BodyId("u.2"), "Ban Thường vụ", "12-QĐ/TU", "0" * 64)
BOTH = pytest.mark.parametrize("desk", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    which = getattr(request, "param", "sqlite")
    url = "" if which == "sqlite" else request.getfixturevalue("postgresql_url")
    with office(tmp_path, url=url) as value:
        # u.2 is a body of the document that does not owe this duty: it may be moved there.
        plain = document(3)
        duty, *rest = plain.obligations
        duty = replace(duty, assignees=(BodyId("u.1"), BodyId("u.3")))
        value.issue(replace(plain, obligations=(duty, *rest)))
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


@BOTH
def test_01_opening_a_link_two_hundred_times_changes_nothing(desk: Office, portal: Site) -> None:
    token, review = desk.token(UNIT), None
    portal.do(token, "report", name="A", text="xong", **FIGURES)
    review = desk.token(UNIT, Purpose.REVIEW)
    before = snapshot(desk.store.engine)
    for _ in range(100):
        for each in (token, review):
            assert portal.client.get(f"/c/{each}").status_code == 200
            head = portal.client.head(f"/c/{each}")
            assert (head.status_code, head.content) == (200, b"")
    assert snapshot(desk.store.engine) == before


def test_01b_head_and_get_of_every_route_change_nothing(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    actions = ("acknowledge", "report", "accept", "return")
    paths = [f"/c/{token}", f"/l/{token}", "/robots.txt", "/healthz", "/static/portal.css"]
    paths += [f"/c/{token}/{action}" for action in actions] + ["/", "/c/", f"/c/{'A' * 43}"]
    desk.clock.instant = DUE.add(days=1)  # there is something that time could do
    before = snapshot(desk.store.engine)
    for path in paths:
        shown, head = portal.client.get(path), portal.client.head(path)
        assert head.status_code == shown.status_code < 500
        assert head.content == b""
        assert head.headers.keys() == shown.headers.keys()
    assert snapshot(desk.store.engine) == before


@pytest.mark.parametrize(
    "purpose", ["prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"]
)
def test_05_prefetching_is_no_visit(desk: Office, portal: Site, purpose: str) -> None:
    token = desk.token(UNIT)
    before = snapshot(desk.store.engine)
    headers = {"Sec-Purpose": purpose, "Purpose": "prefetch", "X-Moz": "prefetch"}
    page = portal.client.get(f"/c/{token}", headers=headers)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert snapshot(desk.store.engine) == before


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_06_a_method_in_a_header_or_field_is_ignored(
    desk: Office, portal: Site, header: str
) -> None:
    token = desk.token(UNIT)
    before = snapshot(desk.store.engine)
    shown = portal.client.get(
        f"/c/{token}/acknowledge?_method=POST&name=A", headers={header: "POST"}
    )
    assert (shown.status_code, shown.headers["location"]) == (303, f"/c/{token}")
    assert (
        portal.client.get(f"/c/{token}?_method=POST", headers={header: "POST"}).status_code == 200
    )
    assert snapshot(desk.store.engine) == before
    address, values = portal.fill(token, "acknowledge", name="A")
    sent = portal.post(address, values | {"_method": "DELETE"}, {header: "DELETE"})
    assert sent.status_code == 303, "the form is what it is"


def test_10_a_moved_duty_takes_nothing_from_its_old_links(
    desk: Office, portal: Site, caplog: pytest.LogCaptureFixture
) -> None:
    token = desk.token(UNIT)
    acknowledge = portal.fill(token, "acknowledge", name="A")
    report = portal.fill(token, "report", name="A", text="xong", **FIGURES)
    uniform = portal.client.get("/c/" + "A" * 43).content
    assert desk.record(KEY, MOVE).refusal is None
    before = snapshot(desk.store.engine)
    with caplog.at_level("INFO", "portal"):
        for form in (acknowledge, report):
            answer = portal.post(*form)
            assert (answer.status_code, answer.content) == (404, uniform)
        portal.rest()
    assert portal.client.get(f"/c/{token}").content == uniform
    assert snapshot(desk.store.engine) == before
    assert "POST /c/{token}/acknowledge 404" in caplog.text
    assert token not in caplog.text


def test_10b_the_links_of_the_new_body_work_although_the_old_plan_is_known(
    desk: Office, portal: Site
) -> None:
    portal.get(desk.token(UNIT))  # the process remembers the document as it was
    assert desk.record(KEY, MOVE).refusal is None
    page = portal.do(desk.token(OTHER), "acknowledge", name="B")
    assert page.status == 200
    (fact,) = desk.facts(Acknowledged)
    assert fact.assignment == OTHER


def test_11_links_of_a_deleted_or_changed_address_are_dead(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    form = portal.fill(token, "acknowledge", name="A")
    erased = erase_contact(desk.store, desk.clock, "u.1", "u.1@units.example", "1-QĐ", "A")
    assert isinstance(erased, Erased)
    with desk.store.transaction(desk.clock) as transaction:
        keep(transaction, [Address("u.1", "new@units.example")])
    assert portal.get(token).status == 404
    assert portal.post(*form).status_code == 404
    assert not desk.facts(Acknowledged)


@pytest.mark.parametrize("change", [{"body": "u.3"}, {"ref": "c_other"}])
def test_11b_an_address_that_is_another_bodys_now_opens_nothing(
    desk: Office, portal: Site, change: dict[str, str]
) -> None:
    """Even where somebody changed the table by hand."""
    contact, token = table(Contact), desk.token(UNIT)
    with desk.store.engine.begin() as connection:
        connection.execute(contact.update().where(contact.c.body == "u.1").values(**change))
    assert portal.get(token).status == 404


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "UTC"])
def test_14_the_last_second_is_the_same_wherever_the_server_is(
    desk: Office, portal: Site, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = desk.token(UNIT)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        desk.clock.instant = DUE.add(days=GRACE_DAYS).subtract(seconds=1)
        assert portal.get(token).status == 200
        desk.clock.instant = desk.clock.instant.add(seconds=1)
        assert portal.get(token).status == 410
    finally:
        monkeypatch.undo()
        time.tzset()


@BOTH
def test_15_a_move_that_commits_first_lets_nothing_in(desk: Office, portal: Site) -> None:
    """The form has passed every check on its way and waits for the lock."""
    form = portal.fill(desk.token(UNIT), "acknowledge", name="A")
    answers: list[httpx.Response] = []
    sender = threading.Thread(target=lambda: answers.append(portal.post(*form)))

    def ask(transaction: Transaction) -> Request:
        sender.start()
        wait_until(lambda: bool(answers), seconds=0.4)  # it gets to the lock, and waits there
        return MOVE

    assert desk.recorder.record(KEY, ask).refusal is None
    sender.join()
    assert answers[0].status_code == 404
    assert not desk.facts(Acknowledged)
    assert desk.count(Person) == 0


@BOTH
def test_15b_a_move_that_commits_last_takes_nothing_back(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    portal.do(token, "acknowledge", name="A")
    assert desk.record(KEY, MOVE).refusal is None
    assert portal.get(token).status == 404
    kinds = [type(each.fact).__name__ for each in desk.store.events()]
    assert kinds.index("Acknowledged") < kinds.index("Superseded")


@BOTH
def test_15c_in_any_order_nothing_is_recorded_after_the_move(desk: Office, portal: Site) -> None:
    forms = [
        portal.fill(desk.token(UNIT), "report", name=f"Người {n}", text=f"bản {n}", **FIGURES)
        for n in range(6)
    ]
    gate = threading.Barrier(len(forms) + 1)
    dice = random.Random(15)

    def send(form: tuple[str, dict[str, str]]) -> int:
        gate.wait()
        wait_until(lambda: False, seconds=dice.random() / 50)
        return portal.post(*form).status_code

    with ThreadPoolExecutor(len(forms)) as pool:
        sent = pool.map(send, forms)
        gate.wait()
        outcome = desk.record(KEY, MOVE)
        answers = list(sent)
    assert outcome.refusal is None
    kinds = [type(each.fact) for each in desk.store.events()]
    at = kinds.index(Superseded)
    assert Submitted not in kinds[at:]
    assert answers.count(303) == kinds.count(Submitted) <= 1
    assert set(answers) <= {303, 404, 409}


@pytest.mark.parametrize(
    "path",
    [
        "/%63/{t}",
        "/C/{t}",
        "//c/{t}",
        "/c//{t}",
        "/c/{t};a=b",
        "/c/{t}%0a",
        "/c/{t}%0d%0aSet-Cookie:a=b",
        "/c/{t}\u200b",
        "/c/{t}/",
        "/c/{t}/acknowledge/",
        "/c/{t}/Acknowledge",
        "/c/{t}/acknowledge%20",
        "/c/{wide}",
        "/c/{digits}",
        "/c/%7B{t}%7D",
        "/c/{t}.html",
        "/c/{t},",
        "/c/{t}>",
        "/c/{t}%EF%BB%BF",
        "/l/{t}/x",
    ],
)
def test_16_an_address_that_we_did_not_send_is_none(desk: Office, portal: Site, path: str) -> None:
    token = desk.token(UNIT)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in token)
    digits = token.translate({ord(str(n)): chr(0x0660 + n) for n in range(10)}) + "\u0660"
    uniform = portal.client.get("/c/" + "A" * 43)
    answer = portal.client.get(path.format(t=token, wide=wide, digits=digits))
    assert (answer.status_code, answer.content) == (404, uniform.content)
    ours = {name: value for name, value in uniform.headers.items() if name != "date"}
    assert {name: value for name, value in answer.headers.items() if name != "date"} == ours


class TestClock:
    """23: the server's time decides when the form arrives, however it got there."""

    def test_23_a_page_that_was_open_over_the_bound_is_late(
        self, desk: Office, portal: Site
    ) -> None:
        form = portal.fill(desk.token(UNIT), "report", name="A", text="xong", **FIGURES)
        desk.clock.instant = DUE.add(minutes=1)
        assert portal.post(*form).status_code == 303
        kinds = [type(each.fact) for each in desk.store.events() if
                 getattr(each.fact, "assignment", "") == UNIT]  # fmt: skip
        assert kinds.index(BecameOverdue) < kinds.index(Submitted)
        assert desk.progress(UNIT).overdue_at == DUE

    def test_23b_a_directive_clock_set_back_does_not_turn_the_ledger_back(
        self, desk: Office, portal: Site
    ) -> None:
        desk.clock.instant = DUE.add(minutes=1)
        desk.recorder.let_time_act(KEY)
        form = portal.fill(desk.token(UNIT), "report", name="A", text="xong", **FIGURES)
        desk.clock.instant = DUE.subtract(hours=1)
        assert portal.post(*form).status_code == 303
        (fact,) = desk.facts(Submitted)
        assert fact.at == DUE.add(minutes=1)
        assert desk.progress(UNIT).overdue_at == DUE, "it stays late"

    @pytest.mark.parametrize(("hours", "status"), [(-1, 303), (1, 303), (3, 422), (24 * 400, 422)])
    def test_23c_the_machines_clock_may_jump(
        self, desk: Office, portal: Site, hours: int, status: int
    ) -> None:
        address, values = portal.fill(desk.token(UNIT), "acknowledge", name="Nguyễn Thị Ánh")
        desk.machine.instant = ISSUED.add(hours=hours)
        answer = portal.post(address, values)
        assert answer.status_code == status
        if status == 422:
            assert read(answer).forms["acknowledge"].values["name"] == "Nguyễn Thị Ánh"


class TestLimits:
    """Noise is limited; a link that works is never shut by it."""

    def test_50_the_sixty_first_wrong_link_is_too_many_and_a_right_one_still_opens(
        self, desk: Office, portal: Site
    ) -> None:
        token = desk.token(UNIT)
        desk_revoked = desk.token(copy_of(REPORT, "u.3"))
        desk.revoke(copy_of(REPORT, "u.3"))
        wrong = ["A" * 43, "short", desk_revoked, "%41" * 5]
        answers = [portal.client.get(f"/c/{wrong[n % 4]}").status_code for n in range(UNKNOWN)]
        assert set(answers) == {404}
        for _ in range(4):  # on a slow machine some have flowed in meanwhile
            portal.client.get("/c/x")
        refused = [portal.client.get(f"/c/{each}") for each in wrong]
        assert {answer.status_code for answer in refused} == {429}
        assert len({answer.content for answer in refused}) == 1, "one answer for all of them"
        assert int(refused[0].headers["retry-after"]) > 0
        assert portal.get(token).status == 200
        assert portal.do(token, "acknowledge", name="A").status == 200

    def test_51_the_twenty_first_form_is_too_many_and_keeps_what_was_typed(
        self, desk: Office, portal: Site
    ) -> None:
        token = desk.token(UNIT)
        for number in range(POSTS):
            form = portal.fill(token, "report", name="", text=f"bản {number}", **FIGURES)
            assert portal.post(*form).status_code == 422
        typed = {"name": "Nguyễn <b>Thị</b> Ánh", "text": "dòng một\ndòng hai"}
        address, values = portal.fill(token, "report", **typed, **FIGURES)
        answer = portal.post(address, values)
        page = read(answer)
        assert page.status == 429
        assert int(answer.headers["retry-after"]) > 0
        assert "Nguyễn <b>Thị</b> Ánh" in page.text
        assert page.forms["report"].action == address
        kept = {name: value.replace("\r\n", "\n") for name, value in values.items()}
        assert page.forms["report"].values == kept
        assert not desk.facts(Submitted)
        assert portal.get(token).status == 200, "looking is not limited"
        other = copy_of(REPORT, "u.3")
        assert portal.do(desk.token(other), "acknowledge", name="B").status == 200

    def test_52_a_farm_of_scanners_shuts_no_link(self, tmp_path: Path) -> None:
        with office(tmp_path) as desk:
            desk.issue(document(1))
            desk.settings = desk.settings.model_copy(update={"proxies": "127.0.0.1"})
            with site(desk) as portal:
                token = desk.token(UNIT)
                farm = {"X-Forwarded-For": "192.0.2.66"}
                address, values = portal.fill(token, "acknowledge", name="")
                for number in range(POSTS + 5):
                    portal.post(address, values | {"name": " " * number}, farm)
                assert portal.post(address, values, farm).status_code == 429
                mine = {"X-Forwarded-For": "198.51.100.7"}
                assert portal.post(address, values | {"name": "A"}, mine).status_code == 303
                assert len(desk.facts(Acknowledged)) == 1

    def test_53_a_stranger_cannot_pretend_to_be_many(self, desk: Office, portal: Site) -> None:
        """``X-Forwarded-For`` of somebody who is no proxy of ours."""
        answers = [
            portal.client.get("/c/x", headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code
            for n in range(UNKNOWN + 5)
        ]
        assert 429 in answers

    def test_54_what_no_link_asks_for_fills_no_memory(self, desk: Office, portal: Site) -> None:
        _, values = portal.fill(desk.token(UNIT), "acknowledge", name="A")
        answers = {
            portal.post(f"/c/{number:043d}/acknowledge", values).status_code
            for number in range(POSTS + 5)
        }
        assert answers == {404}, "each is a link of its own that is good for nothing"


def test_55_two_tabs_of_one_page_are_one_effect(desk: Office, portal: Site) -> None:
    """7, 33: tabs that were restored hold old seals; each gets the receipt or its words back."""
    token = desk.token(UNIT)
    first = portal.fill(token, "report", name="A", text="xong", **FIGURES)
    second = portal.fill(token, "report", name="B", text="khác", **FIGURES)
    assert portal.post(*first).status_code == 303
    assert portal.post(*first).status_code == 303, "sent again by the back button"
    late = read(portal.post(*second))
    assert late.status == 409
    assert "khác" in late.text
    assert len(desk.facts(Submitted)) == 1
