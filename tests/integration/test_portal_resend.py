"""A link that has run out: sent again to the registered address only, and not without end."""

import asyncio
import re
from collections.abc import Iterator
from email import message_from_bytes
from email import policy as mail_policy
from pathlib import Path
from typing import Any

import pytest
from pendulum import DateTime
from sqlalchemy import event, insert, select, update

from audit.codes import Code, Weight
from audit.verify import Wanted, verify
from models.domain.effects import Kind, Purpose
from models.domain.facts import Acknowledged, NoticeQueued, Report
from models.domain.requests import AskExtension, MoveBound, Reassign, RefuseExtension, Submit, Waive
from models.domain.terms import BodyId
from models.erasure import Erased, erase_contact
from models.owed import GRACE_DAYS, LINK_DAYS, RESENT, expiry
from models.resend import A_DAY, Again, lapsed
from models.tables import Contact, Link, Outbox, table
from notifications.post import Postman
from notifications.render import Sender
from notifications.smtp_settings import Security, SmtpSettings
from portal.links import digest
from tests.factories import (
    DUE,
    ISSUED,
    KEY,
    OFFICE,
    REPORT,
    REVIEWER,
    Office,
    copy_of,
    document,
    office,
    policy,
)
from tests.faulty_smtp import FaultySmtp
from tests.portal_site import Page, Site, read, site

UNIT, OTHER = copy_of(REPORT, "u.1"), copy_of(REPORT, "u.2")
ENDS = DUE.add(days=GRACE_DAYS)
REPORTED = Report("0" * 64, (("so_buoi", 1), ("dang_vien_tham_gia", 1), ("tong_dang_vien", 1)))


BOTH = pytest.mark.parametrize("desk", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    which = getattr(request, "param", "sqlite")
    url = "" if which == "sqlite" else request.getfixturevalue("postgresql_url")
    with office(tmp_path, url=url) as value:
        value.issue(document(3))
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


def sha256(token: str) -> str:
    found = digest(f"/c/{token}".encode())
    assert found is not None
    return found


def mails(desk: Office, body: str = "u.1") -> list[dict[str, Any]]:
    """Return the mails that were sent again to *body*, oldest first."""
    outbox = table(Outbox)
    with desk.store.reading() as connection:
        rows = connection.execute(
            select(outbox)
            .where(outbox.c.recipient == body, outbox.c.key.contains(RESENT))
            .order_by(outbox.c.key)
        )
        return [dict(row) for row in rows.mappings()]


def ask(portal: Site, token: str) -> Page:
    """Open the page of a link that has run out, press its button, follow."""
    page = portal.get(token)
    assert page.status == 410, page.text
    form = page.forms[token]
    response = portal.post(form.action, form.values)
    if response.status_code == 303:
        response = portal.client.get(response.headers["location"])
    return read(response)


class TestExpiry:
    """A link lasts as long as its duty and a grace, within a season."""

    @pytest.mark.parametrize(
        ("due", "end"),
        [
            (DUE, ENDS),
            (ISSUED.add(days=200), ISSUED.add(days=LINK_DAYS)),
            (ISSUED.subtract(days=3), ISSUED.add(days=GRACE_DAYS)),
            (None, ISSUED.add(days=LINK_DAYS)),
        ],
    )
    def test_it_is_the_bound_and_a_grace(self, due: DateTime | None, end: DateTime) -> None:
        assert expiry(ISSUED, due) == end

    @BOTH
    def test_a_moved_bound_carries_the_links_that_are_out(self, desk: Office, portal: Site) -> None:
        token, other = desk.token(UNIT), desk.token(OTHER)
        later = DUE.add(days=20)
        desk.clock.instant = DUE.subtract(days=1)
        moved = MoveBound(REPORT, later, "đến hết ngày 09/11/2023", "A", "1-QĐ", "0" * 64,
                          (BodyId("u.1"),))  # fmt: skip
        assert desk.record(KEY, moved).refusal is None
        desk.clock.instant = later.add(days=GRACE_DAYS).subtract(seconds=1)
        assert portal.get(token).status == 200
        assert portal.get(other).status == 410
        desk.clock.instant = later.add(days=GRACE_DAYS)
        assert portal.get(token).status == 410

    def test_no_move_carries_a_link_beyond_its_season(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        desk.clock.instant = ISSUED.add(days=1)
        moved = MoveBound(REPORT, ISSUED.add(days=100), "…", "A", "1-QĐ", "0" * 64)
        assert desk.record(KEY, moved).refusal is None
        desk.clock.instant = ISSUED.add(days=LINK_DAYS).subtract(seconds=1)
        assert portal.get(token).status == 200
        desk.clock.instant = ISSUED.add(days=LINK_DAYS)
        assert portal.get(token).status == 410


class TestPage:
    """What the bearer of an old link sees: nothing of the duty, and one button."""

    def test_it_tells_nothing_and_asks_for_nothing(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        desk.clock.instant = ENDS
        page = portal.get(token)
        assert page.status == 410
        assert "Liên kết đã hết hạn" in page.text
        assert page.forms[token].action == f"/l/{token}"
        assert page.forms[token].values.keys() == {"nonce"}, "no address can be typed"
        for secret in ("u.1", "@", "Đảng ủy", "III.1", "256-KH"):
            assert secret not in page.text
        assert page.headers["cache-control"] == "no-store"
        english = portal.client.get(f"/c/{token}?lang=en")
        assert "This link has run out" in english.text

    def test_a_press_sends_one_mail_with_a_link_that_works(
        self, desk: Office, portal: Site
    ) -> None:
        token = desk.token(UNIT)
        desk.clock.instant = ENDS
        before = desk.count(Outbox)
        page = ask(portal, token)
        assert page.status == 410
        assert "Đã ghi nhận yêu cầu lúc" in page.text
        assert "xem cả mục thư rác, rồi mới bấm lại" in page.text
        (mail,) = mails(desk)
        with desk.store.reading() as connection:
            owed = connection.execute(select(table(Contact)).where(table(Contact).c.body == "u.1"))
            assert owed.mappings().one()["ref"] == mail["contact"]
        assert mail["state"] == "pending"
        assert desk.count(Outbox) >= before + 1
        fresh = str(mail["token"])
        assert fresh != token
        shown = portal.get(fresh)
        assert shown.status == 200
        assert "acknowledge" in shown.forms
        assert portal.do(fresh, "acknowledge", name="A").status == 200
        assert len(desk.facts(Acknowledged)) == 1
        assert portal.get(token).status == 410, "the old one stays old"

    @BOTH
    def test_two_presses_of_one_page_are_one_mail(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        desk.clock.instant = ENDS
        form = portal.get(token).forms[token]
        answers = [portal.post(form.action, form.values).status_code for _ in range(5)]
        assert answers == [303] * 5
        assert len(mails(desk)) == 1

    @BOTH
    def test_the_fourth_of_a_day_is_refused_for_the_whole_body(
        self, desk: Office, portal: Site
    ) -> None:
        token, other = desk.token(UNIT), desk.token(OTHER)
        desk.clock.instant = ENDS
        # Another mailbox of the same body, and another link of the same mailbox, are the same body.
        for _ in range(A_DAY):
            assert "Đã ghi nhận" in ask(portal, token).text
        page = ask(portal, token)
        assert page.status == 429
        assert int(page.headers["retry-after"]) > 0
        assert len(mails(desk)) == A_DAY
        assert ask(portal, other).status == 410, "another body is not concerned"
        assert len(mails(desk, "u.2")) == 1
        desk.clock.instant = ENDS.add(days=1)
        assert "Đã ghi nhận" in ask(portal, token).text
        assert len(mails(desk)) == A_DAY + 1

    def test_a_page_that_was_open_too_long_sends_nothing(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        desk.clock.instant = ENDS
        form = portal.get(token).forms[token]
        desk.machine.instant = desk.machine.instant.add(hours=2)
        page = read(portal.post(form.action, form.values))
        assert page.status == 422
        assert not mails(desk)
        assert read(portal.post(form.action, page.forms[token].values)).status == 303
        assert len(mails(desk)) == 1

    @pytest.mark.parametrize("body", [b"", b"nonce=", b"nonce=x", b"email=me%40evil.example"])
    def test_without_its_seal_nothing_is_sent(
        self, desk: Office, portal: Site, body: bytes
    ) -> None:
        token = desk.token(UNIT)
        desk.clock.instant = ENDS
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert portal.client.post(f"/l/{token}", content=body, headers=headers).status_code == 422
        assert not mails(desk)

    def test_an_address_in_the_form_is_ignored(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        desk.clock.instant = ENDS
        form = portal.get(token).forms[token]
        typed = {"email": "me@evil.example", "address": "me@evil.example", "to": "u.2"}
        assert portal.post(form.action, form.values | typed).status_code == 303
        (mail,) = mails(desk)
        assert mail["recipient"] == "u.1"

    def test_a_seal_of_a_duty_page_is_none_here(self, desk: Office, portal: Site) -> None:
        token = desk.token(UNIT)
        _, values = portal.fill(token, "acknowledge", name="A")
        desk.clock.instant = ENDS
        assert portal.post(f"/l/{token}", values).status_code == 422
        assert not mails(desk)


def test_a_request_that_was_decided_meanwhile_is_no_mail(desk: Office, portal: Site) -> None:
    """The postman would drop it, and the page would have promised it."""
    asked = AskExtension(UNIT, DUE.add(days=7), "0" * 64, "", "")
    assert desk.record(KEY, asked).refusal is None
    decide = desk.token(UNIT, Purpose.DECIDE)
    desk.clock.instant = DUE.add(days=90)
    page = portal.get(decide)
    assert page.status == 410
    refused = RefuseExtension(UNIT, "A", "1-CV", "0" * 64)
    assert desk.record(KEY, refused).refusal is None
    assert desk.recorder.send_again(sha256(decide), 0) is Again.NOTHING
    assert not mails(desk, OFFICE)


def test_where_proofs_of_notice_are_kept_what_is_owed_again_is_a_fact(tmp_path: Path) -> None:
    with office(tmp_path) as desk:
        desk.issue(document(1, policy=policy(proof=True)))
        token = desk.token(UNIT)
        desk.clock.instant = ENDS
        assert desk.recorder.send_again(sha256(token), 0) is Again.OWED
        (mail,) = mails(desk)
        queued = [notice for fact in desk.facts(NoticeQueued) for notice in fact.notices]
        (notice,) = [each for each in queued if each.message_id == mail["message_id"]]
        assert (notice.body, notice.contact) == ("u.1", mail["contact"])
        assert mail["key"].startswith(f"{KEY}|{notice.key.partition(RESENT)[0]}")
        assert notice.key.endswith("|resent:1")


def test_a_second_link_on_a_mail_sent_again_is_found(desk: Office) -> None:
    """Once the mail has gone, its own link is known by a hash alone."""
    token = desk.token(UNIT)
    desk.clock.instant = ENDS
    assert desk.recorder.send_again(sha256(token), 0) is Again.OWED
    (mail,) = mails(desk)
    desk.recorder.let_time_act(KEY)
    url = desk.store.engine.url.render_as_string(hide_password=False)
    assert verify(url, Wanted()).whole
    outbox, link = table(Outbox), table(Link)
    with desk.store.engine.begin() as connection:
        connection.execute(update(outbox).values(token=None))
        own = connection.execute(select(link).where(link.c.outbox == mail["key"])).mappings().one()
        connection.execute(insert(link).values({**own, "token_sha256": "f" * 64}))
    altered = verify(url, Wanted()).findings.of(Weight.ALTERED)
    assert [each.code for each in altered] == [Code.LINK_ADDED]


def gone(desk: Office, token: str, how: str) -> None:
    """Make the link of *token* (of UNIT) good for nothing, in one of many ways."""
    if how == "revoked":
        desk.revoke(UNIT)
    elif how == "moved":
        moved = Reassign(UNIT, BodyId("u.2"), "A", "1-QĐ", "0" * 64)
        assert desk.record(KEY, moved).refusal is None
    else:
        erased = erase_contact(desk.store, desk.clock, "u.1", "u.1@units.example", "1-QĐ", "A")
        assert isinstance(erased, Erased)


@BOTH
@pytest.mark.parametrize("how", ["revoked", "moved", "forgotten"])
def test_what_is_gone_for_good_is_never_sent_again(desk: Office, portal: Site, how: str) -> None:
    token = desk.token(UNIT)
    desk.clock.instant = ENDS
    form = portal.get(token).forms[token]
    wrong = portal.client.get("/c/" + "A" * 43)
    gone(desk, token, how)
    shapes = [
        (answer.status_code, answer.content, sorted(answer.headers.items()))
        for answer in (
            wrong,
            portal.client.get(f"/c/{token}"),
            portal.post(form.action, form.values),
            portal.post("/l/" + "A" * 43, form.values),
            portal.post("/l/short", form.values),
        )
    ]
    for status, content, headers in shapes:
        assert status == 404
        assert content == shapes[0][1]
        assert [each for each in headers if each[0] != "date"] == [
            each for each in shapes[0][2] if each[0] != "date"
        ]
    assert not mails(desk)


def test_a_link_that_works_is_not_sent_again(desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    assert portal.post(f"/l/{token}", {"nonce": "x"}).status_code == 404
    assert portal.client.get(f"/l/{token}").headers["location"] == f"/c/{token}"
    assert desk.recorder.send_again(sha256(token), 0) is Again.GONE
    assert not mails(desk)


def test_wrong_and_revoked_links_cost_the_same_look_ups(desk: Office, portal: Site) -> None:
    """No clock can tell what a token was: the same statements are run for all of them."""
    revoked = desk.token(UNIT)
    desk.revoke(UNIT)
    asked: list[str] = []
    event.listen(
        desk.store.engine, "before_cursor_execute", lambda *given: asked.append(str(given[2]))
    )
    costs = []
    for token in ("A" * 43, revoked, "B" * 43):
        for method, path in (("GET", "/c/"), ("POST", "/l/")):
            asked.clear()
            status = portal.client.request(method, path + token, data={"nonce": "x"}).status_code
            costs.append((method, status, tuple(asked)))
    assert len(set(costs)) == 2, "one for each method"


class TestWords:
    """The mail says the newest thing that is still true."""

    def asked(self, desk: Office, token: str) -> list[dict[str, Any]]:
        with desk.store.reading() as connection:
            link = lapsed(connection, sha256(token), desk.clock.now())
        assert link is not None
        assert desk.recorder.send_again(sha256(token), link.times) in (Again.OWED, Again.NOTHING)
        return mails(desk)

    def test_an_open_duty_is_told_with_its_newest_reminder(self, desk: Office) -> None:
        token = desk.token(UNIT, kind=Kind.ASSIGNED)
        desk.clock.instant = ENDS
        (mail,) = self.asked(desk, token)
        assert (mail["kind"], mail["detail"]) == ("overdue", "rung-2")

    def test_a_report_that_is_in_is_not_dunned(self, desk: Office) -> None:
        token = desk.token(UNIT)
        desk.clock.instant = DUE.add(days=8)
        assert desk.record(KEY, Submit(UNIT, REPORTED, 0, "", "0" * 16)).refusal is None
        desk.clock.instant = ENDS
        (mail,) = self.asked(desk, token)
        assert mail["kind"] == Kind.ASSIGNED

    def test_a_review_that_is_over_is_not_asked_for(self, desk: Office) -> None:
        assert desk.record(KEY, Submit(UNIT, REPORTED, 0, "", "0" * 16)).refusal is None
        token = desk.token(UNIT, Purpose.REVIEW)
        desk.clock.instant = ENDS.add(days=30)
        with desk.store.reading() as connection:
            link = lapsed(connection, sha256(token), desk.clock.now())
        assert link is not None
        assert desk.recorder.send_again(sha256(token), 0) is Again.OWED
        (mail,) = mails(desk, REVIEWER)
        assert (mail["kind"], mail["detail"]) == ("review", "1")

    def test_a_duty_that_is_lifted_is_told_so(self, desk: Office) -> None:
        token = desk.token(UNIT)
        assert desk.record(KEY, Waive(UNIT, "A", "1-QĐ")).refusal is None
        desk.clock.instant = ENDS
        (mail,) = self.asked(desk, token)
        assert mail["kind"] == Kind.WAIVED
        with desk.store.reading() as connection:
            link = table(Link)
            found = connection.execute(select(link.c.purpose).where(link.c.outbox == mail["key"]))
            assert found.scalar_one() == "view", "no more than that mail let its bearer do"

    def test_a_page_that_knows_more_than_happened_is_no_page_of_ours(self, desk: Office) -> None:
        token = desk.token(UNIT)
        desk.clock.instant = ENDS
        assert desk.recorder.send_again(sha256(token), 5) is Again.GONE

    def test_a_resent_link_that_runs_out_is_sent_again_too(self, desk: Office) -> None:
        token = desk.token(UNIT)
        desk.clock.instant = ENDS
        (mail,) = self.asked(desk, token)
        desk.clock.instant = ENDS.add(days=GRACE_DAYS)
        first, second = self.asked(desk, str(mail["token"]))
        assert first["key"].endswith("|resent:1")
        assert second["key"].endswith("|resent:2")


async def deliver(desk: Office, port: int) -> None:
    sender = Sender("a@cascade.example", "A", "", "cascade.example", "http://portal.example")
    smtp = SmtpSettings("127.0.0.1", port, Security.NONE)
    await Postman(desk.store, smtp, sender, desk.clock, desk.machine, "test").deliver()


async def mailed(desk: Office, wanted: str) -> list[bytes]:
    async with FaultySmtp() as server:
        await deliver(desk, server.port)
        to = [command for command in server.commands if command.startswith("RCPT")]
        return [raw for raw, command in zip(server.mails, to, strict=True) if wanted in command]


@BOTH
def test_the_mail_goes_to_the_registered_address_and_its_link_works(
    desk: Office, portal: Site
) -> None:
    token = desk.token(UNIT)
    asyncio.run(mailed(desk, ""))
    desk.clock.instant = ENDS
    desk.recorder.let_time_act(KEY)
    asyncio.run(mailed(desk, ""))
    ask(portal, token)
    (raw,) = asyncio.run(mailed(desk, "u.1@units.example"))
    body = message_from_bytes(raw, policy=mail_policy.default).get_body(("plain",))
    assert body is not None
    found = re.search(r"/c/([A-Za-z0-9_-]{43})", body.get_content())
    assert found is not None
    assert portal.get(found[1]).status == 200
    (mail,) = mails(desk)
    assert (mail["state"], mail["token"], mail["raw"]) == ("sent", None, None)
