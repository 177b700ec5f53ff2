"""Simulated clerks at a portal: what they read, press, and do when nobody answers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from pendulum import DateTime

from demo.cast import Cast
from demo.people import NAMES, People
from models.domain.calendar import WorkCalendar
from models.domain.effects import Kind, Purpose
from models.domain.facts import Accepted, Acknowledged, Returned, Submitted
from tests.factories import (
    ISSUED,
    REPORT,
    Office,
    copy_of,
    document,
    office,
    plan_duty,
    units,
    vn,
)
from tests.portal_site import Site, site

MAIL = "http://mail.example"
PORTAL = "http://portal.example"
TOKEN = "t" * 43


def text(token: str, clause: str = "III.1", more: str = "", base: str = PORTAL) -> str:
    return (
        f"Kính gửi: A\n\n{more}\n\nHẠN: hết ngày thứ Sáu, 20/10/2023\n\nVIỆC: Báo cáo kết quả\n"
        f"CĂN CỨ: mục {clause}, kế hoạch 256-KH/TU\n\nXem và xác nhận:\n{base}/c/{token}\n"
    )


def form(verb: str, *fields: str) -> str:
    inputs = "".join(f'<input name="{name}" type="text">' for name in fields)
    return (
        f'<form method="post" action="/c/{TOKEN}/{verb}">'
        f'<input type="hidden" name="nonce" value="n1">{inputs}</form>'
    )


@dataclass
class World:
    """A catcher and a portal that do as a test says."""

    mails: list[dict[str, str]] = field(default_factory=list)
    page: str = form("acknowledge", "name") + form("report", "text", "name", "f.tong_dang_vien")
    faults: list[object] = field(default_factory=list)
    """What the portal does before it works again: statuses and exceptions."""
    posted: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answer: int = 303

    def mail(self, body: str, to: str = "Phường <van-thu@phuong-mot.example>") -> None:
        number = str(len(self.mails) + 1)
        subject = "[256-KH/TU] III.1: Báo cáo kết quả"
        self.mails.append({"id": number, "to": to, "subject": subject, "text": body})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "mail.example":
            after = int(request.url.params["after"])
            return httpx.Response(200, json=[m for m in self.mails if int(m["id"]) > after])
        if self.faults:
            fault = self.faults.pop(0)
            if isinstance(fault, Exception):
                raise fault
            return httpx.Response(int(str(fault)))
        if request.method == "GET":
            return httpx.Response(200, html=self.page)
        values = parse_qs(request.content.decode(), keep_blank_values=True)
        self.posted.append((request.url.path, {key: value[0] for key, value in values.items()}))
        return httpx.Response(self.answer, headers={"location": "/done"})


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def people(world: World) -> People:
    cast = Cast(57, WorkCalendar())
    return People(MAIL, cast, httpx.Client(transport=httpx.MockTransport(world)))


def later(people: People) -> DateTime:
    assert people.next_at is not None
    return people.next_at


def act_all(people: People) -> int:
    done = 0
    while people.next_at is not None:
        done += people.act(later(people))
    return done


def test_a_clerk_confirms_and_reports_in_time(world: World, people: People) -> None:
    world.mail(text(TOKEN))
    assert people.read_mail(ISSUED) == 1
    assert people.read_mail(ISSUED) == 0, "a mail is read once"
    assert later(people) == vn(2023, 9, 19, 9)
    assert people.act(ISSUED) == 0, "nobody acts before the time"
    assert act_all(people) == people.done == 2
    (first, known), (second, told) = world.posted
    assert (first, second) == (f"/c/{TOKEN}/acknowledge", f"/c/{TOKEN}/report")
    assert known["nonce"] == told["nonce"] == "n1"
    assert known["name"] == told["name"]
    assert known["name"] in NAMES
    assert told["f.tong_dang_vien"].isdecimal()
    assert "học tập" in told["text"]


def test_a_reminder_makes_nobody_do_things_twice(world: World, people: People) -> None:
    for _ in range(3):
        world.mail(text(TOKEN))
    people.read_mail(ISSUED)
    assert act_all(people) == 2


@pytest.mark.parametrize("fault", [503, httpx.ConnectError("killed"), httpx.ReadTimeout("slow")])
def test_a_mail_whose_page_does_not_answer_is_read_again(
    world: World, people: People, fault: object
) -> None:
    """The portal is being restarted when the mail comes."""
    world.mail(text(TOKEN))
    world.mail(text("u" * 43, clause="II.2"))
    world.faults = [fault]
    with pytest.raises(httpx.HTTPError):
        people.read_mail(ISSUED)
    assert people.read_mail(ISSUED) == 2
    assert act_all(people) == 4


@pytest.mark.parametrize(
    "faults",
    [[503], [httpx.ConnectError("killed")], [httpx.ReadTimeout("lost answer"), 500]],
)
def test_a_button_that_gets_no_answer_is_pressed_again(
    world: World, people: People, faults: list[object]
) -> None:
    world.mail(text(TOKEN))
    people.read_mail(ISSUED)
    world.faults = list(faults)
    now = later(people)
    for _ in faults:
        assert people.act(now) == 0
        assert later(people) == now, "meant still"
    assert people.act(now) == 1
    assert len(world.posted) == 1


def test_what_a_colleague_did_already_is_left_alone(world: World, people: People) -> None:
    world.mail(text(TOKEN))
    people.read_mail(ISSUED)
    world.page = "<p>Đã ghi nhận</p>"
    assert act_all(people) == 0
    assert world.posted == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_link_that_leads_nowhere_is_given_up(world: World, people: People, status: int) -> None:
    world.mail(text(TOKEN))
    world.faults = [status]
    assert people.read_mail(ISSUED) == 1
    assert people.next_at is None


def test_what_the_page_refuses_is_not_repeated_for_ever(world: World, people: People) -> None:
    world.mail(text(TOKEN))
    people.read_mail(ISSUED)
    world.answer = 422
    assert act_all(people) == 0
    assert len(world.posted) == 2


def test_a_returned_report_is_amended_on_another_day(world: World, people: People) -> None:
    world.mail(text(TOKEN))
    people.read_mail(ISSUED)
    act_all(people)
    world.page = form("report", "text", "name")
    world.mail(text(TOKEN, more="Báo cáo của A được trả lại để bổ sung."))
    now = vn(2023, 10, 18, 10)
    people.read_mail(now)
    assert later(people).date() > now.date()
    assert act_all(people) == 1
    assert world.posted[-1][0].endswith("/report")


@pytest.mark.parametrize(
    ("page", "verb"),
    [
        ("Đã tổ chức học tập.", "accept"),
        ("Đã học; ch&#432;a c&#243; s&#7889; li&#7879;u.", "return"),
    ],
)
def test_a_reviewer_returns_what_says_itself_that_it_is_lacking(
    world: World, people: People, page: str, verb: str
) -> None:
    world.page = f"<p>{page}</p>" + form("accept", "name") + form("return", "reason", "name")
    world.mail(text(TOKEN), to="van-thu@btg.example")
    people.read_mail(ISSUED)
    assert act_all(people) == 1
    path, values = world.posted[0]
    assert path.endswith(f"/{verb}")
    assert ("reason" in values) is (verb == "return")


def test_a_mail_without_a_link_asks_nothing_of_anybody(world: World, people: People) -> None:
    world.mail("Chào các đồng chí")
    assert people.read_mail(ISSUED) == 1
    assert people.next_at is None


@pytest.fixture
def real(tmp_path: Path) -> Iterator[tuple[Office, Site]]:
    with office(tmp_path) as here, site(here) as running:
        yield here, running


def test_clerks_and_reviewers_get_on_with_the_real_portal(real: tuple[Office, Site]) -> None:
    here, running = real
    wards = units(2)
    duties = (document(2).obligations[0], plan_duty([wards[1]]))
    here.issue(document(2, obligations=duties))
    world = World()
    cast = Cast(57, WorkCalendar())
    cast.assign(["u.1@phuong-mot.example"])
    portal = httpx.HTTPTransport()

    def route(request: httpx.Request) -> httpx.Response:
        if request.url.host == "mail.example":
            return world(request)
        return portal.handle_request(request)

    one, plan = copy_of(REPORT, "u.1"), copy_of(duties[1].id, "u.2")
    base = running.url
    with portal:
        people = People(MAIL, cast, httpx.Client(transport=httpx.MockTransport(route)))
        world.mail(text(here.token(one), base=base))
        world.mail(text(here.token(plan), clause="II.2", base=base), to="u.2@xa-hai.example")
        people.read_mail(ISSUED)
        while people.next_at is not None:
            here.clock.instant = later(people)
            people.act(here.clock.instant)
        assert len(here.facts(Acknowledged)) == 2
        reports = {each.assignment: each.report for each in here.facts(Submitted)}
        figures = dict(reports[one].figures)
        assert figures["dang_vien_tham_gia"] <= figures["tong_dang_vien"]
        assert reports[plan].plan_number
        assert reports[plan].plan_date is not None
        for assignment in (one, plan):
            token = here.token(assignment, Purpose.REVIEW, Kind.REVIEW)
            world.mail(text(token, base=base), to="btg@thanhuy.example")
        people.read_mail(here.clock.instant)
        while people.next_at is not None:
            here.clock.instant = later(people)
            people.act(here.clock.instant)
    assert len(here.facts(Accepted)) + len(here.facts(Returned)) == 2
