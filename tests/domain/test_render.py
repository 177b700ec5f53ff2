"""From a state to a mail: what it says, in both languages, for every kind and the real package."""

import email
import re
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from pendulum import DateTime

from config.package import Package, load
from demo.cast import read
from models.domain.directive import Document
from models.domain.effects import Kind
from models.domain.facts import Report
from models.domain.requests import Accept, Return, Submit, Waive
from models.domain.state import State
from models.domain.terms import AssignmentId, BodyId
from notifications import render
from notifications.inert import inert
from notifications.render import THREADED, Letter, Sender, compose, raw, view_of
from notifications.wire import Mail, message_id_for
from tests import factories
from tests.builders import LINK, PERSON, Life, issued
from tests.factories import DUE, KEY, REPORT, SYNTHESIS, copy_of, document, obligation, vn

PACKAGE = Path("config/directives/57-kl-tw")
SENDER = Sender(
    "theo-doi@cascade.example",
    "Theo dõi nhiệm vụ",
    "vp@thanhuy.example",
    "cascade.example",
    "https://td.example.org",
)
TOKEN = "t" * 43
URL = f"https://td.example.org/c/{TOKEN}"
ONE = copy_of(REPORT, "u.1")
SUM = copy_of(SYNTHESIS, "pr.btg")
LANGS = ("vi", "en")
DUTY_KINDS = [kind for kind in Kind if kind is not Kind.SUMMARY]
"""Kinds about one duty."""


@cache
def package() -> Package:
    return load(PACKAGE)


def alone(found: Document) -> Document:
    """*found* as if nothing stood above it, so that it can be issued by itself."""
    return replace(found, parent=None)


@cache
def real_states() -> tuple[State, ...]:
    states = []
    for found in package().documents:
        life = issued(alone(found))
        life.let_act(vn(2024, 2, 1))  # gates open, bounds pass, rungs fire
        states.append(life.state)
    return tuple(states)


def letter(state: State, assignment: str, kind: Kind = Kind.ASSIGNED, **changes: object) -> Letter:
    assert state.plan is not None
    known = AssignmentId(assignment)
    _, body = state.plan.assignments[known]
    value = Letter(
        kind=kind,
        assignment=known,
        detail="1",
        message_id=f"{kind}|{assignment}",
        address="van-thu@don-vi.example",
        locale="vi",
        token=TOKEN,
        recipient_name=state.plan.name(body),
    )
    return replace(value, **changes)  # type: ignore[arg-type]


def written(
    state: State, assignment: str = ONE, kind: Kind = Kind.ASSIGNED, **more: object
) -> Mail:
    now: DateTime = more.pop("now", factories.ISSUED)  # type: ignore[assignment]
    return compose(letter(state, assignment, kind, **more), state, SENDER, now)


def parsed(mail: Mail) -> Message:
    return email.message_from_bytes(raw(mail)[0])


def visible(html: str) -> str:
    """What a person reads of the HTML part, blanks collapsed."""
    body = re.sub(r"<style.*?</style>|<title>.*?</title>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def small(**changes: object) -> Life:
    return issued(document(3, **changes))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", DUTY_KINDS)
def test_every_kind_is_written_for_every_duty_of_the_real_package(kind: Kind, lang: str) -> None:
    for state in real_states():
        assert state.plan is not None
        seen: set[str] = set()
        for assignment, (duty, _) in state.plan.assignments.items():
            if duty.id in seen:
                continue
            seen.add(duty.id)
            reason = "Thiếu số liệu.\nĐề nghị bổ sung." if kind is Kind.RETURNED else None
            mail = written(state, assignment, kind, locale=lang, reason=reason)
            message = parsed(mail)
            assert str(make_header(decode_header(message["Subject"]))) == mail.subject
            assert mail.subject.startswith(f"[{state.document.number}] ")
            assert len(mail.subject) < 200
            for part in (mail.text, visible(mail.html)):
                assert "None" not in part
                assert "{{" not in part
                assert duty.summary in part
            assert "\n\n\n" not in mail.text, "no odd blank runs"
            assert not re.search(r"[ \t]+$", mail.text, re.MULTILINE)
            assert mail.text == mail.text.strip() or mail.text == mail.text.strip() + "\n"
            assert duty.quote in mail.text
            assert duty.quote in unescape(mail.html)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", DUTY_KINDS)
def test_all_urls_and_bounds_of_the_html_part_stand_in_the_text(kind: Kind, lang: str) -> None:
    life = small()
    life.ask(Submit(ONE, Report(), 0, PERSON, LINK), DUE.subtract(days=1))
    life.ask(Return(ONE, 1, "f" * 64, PERSON, LINK), DUE.subtract(hours=2))
    assert life.state.progress[ONE].due != DUE, "a moved bound is shown beside the first"
    mail = written(life.state, ONE, kind, locale=lang)
    urls = set(re.findall(r"https?://[^\s\"'<>]+", mail.html))
    assert urls == {URL}
    assert set(re.findall(r"https?://\S+", mail.text)) == urls
    days = set(re.findall(r"\d{2}/\d{2}/\d{4}", visible(mail.html)))
    assert len(days) >= 3
    assert set(re.findall(r"\d{2}/\d{2}/\d{4}", mail.text)) == days
    assert visible(mail.html).count("20/10/2023") >= 1


def test_headers_say_who_wrote_to_whom_and_that_a_program_did() -> None:
    state = small().state
    now = vn(2023, 10, 13, 8)
    message = parsed(written(state, kind=Kind.REMINDER, thread="first", now=now))
    assert parsedate_to_datetime(message["Date"]) == now
    assert message["Date"].endswith("+0700")
    sender = str(make_header(decode_header(message["From"])))
    assert sender == "Theo dõi nhiệm vụ <theo-doi@cascade.example>"
    assert message.get_all("To") is not None
    assert len(message.get_all("To", [])) == 1
    assert message["To"].count("@") == 1
    assert not (set(message.keys()) & {"Cc", "Bcc"})
    assert message["Reply-To"] == "vp@thanhuy.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    first = message_id_for("first", "cascade.example")
    assert message["In-Reply-To"].strip() == first
    assert message["References"].strip() == first
    assert message["Message-ID"] != first


def test_the_same_mail_has_the_same_bytes_and_another_key_another_message_id() -> None:
    state = small().state
    one, again = written(state), written(state)
    assert raw(one) == raw(again)
    later = written(state, now=vn(2023, 10, 1))
    assert later.message_id == one.message_id, "of the key, not of the time"
    assert written(state, message_id="other").message_id != one.message_id


def test_one_thread_keeps_one_subject_even_when_the_bound_moves() -> None:
    life = small()
    subjects = {written(life.state, kind=kind).subject for kind in THREADED}
    life.ask(Submit(ONE, Report(), 0, PERSON, LINK), DUE.subtract(days=1))
    life.ask(Return(ONE, 1, "f" * 64, PERSON, LINK), DUE.subtract(hours=1))
    subjects |= {written(life.state, kind=kind).subject for kind in THREADED}
    life.let_act(DUE.add(days=30))
    subjects |= {written(life.state, kind=kind).subject for kind in THREADED}
    assert len(subjects) == 1
    assert subjects.pop().endswith("hạn 20/10")


@pytest.mark.parametrize("kind", sorted(set(DUTY_KINDS) - THREADED))
def test_what_goes_to_others_starts_a_thread_of_its_own(kind: Kind) -> None:
    life = small()
    life.let_act(DUE.add(days=5))
    message = parsed(written(life.state, kind=kind, thread="first"))
    assert message["In-Reply-To"] is None
    assert message["References"] is None
    assert written(life.state, kind=kind).subject != written(life.state).subject


def test_the_first_mail_answers_nothing() -> None:
    assert parsed(written(small().state))["In-Reply-To"] is None


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% include 'mail.html.j2' %}",
    "Phường \u202e<b>đậm</b> & 'nháy'",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_and_reasons_stay_text(name: str) -> None:
    value = document(3)
    bodies = tuple(replace(body, name=name) if body.id == "u.1" else body for body in value.bodies)
    state = issued(replace(value, bodies=bodies)).state
    for kind in DUTY_KINDS:
        mail = written(state, kind=kind, reason=name, recipient_name="Văn thư")
        assert "<script" not in mail.html
        assert "<img" not in mail.html
        assert "<b>đậm" not in mail.html
        assert "49" not in mail.html
        assert inert(name) in visible(mail.html)
        parsed(mail)


def test_a_reason_cannot_look_like_the_rest_of_the_mail() -> None:
    reason = "Thiếu số liệu\n\nHẠN: hết ngày 01/01/2030\nhttps://evil.example"
    text = written(small().state, kind=Kind.RETURNED, reason=reason).text
    assert len(re.findall(r"^HẠN:", text, re.MULTILINE)) == 1
    assert not re.search(r"^https://evil", text, re.MULTILINE)
    assert "  Thiếu số liệu\n" in text


def test_a_line_break_in_a_name_breaks_no_subject() -> None:
    value = document(3)
    duties = (obligation(["u.1"], summary="Báo cáo\r\nBcc: a@b.example"), *value.obligations[1:])
    mail = written(issued(replace(value, obligations=duties)).state)
    assert "\n" not in mail.subject
    assert parsed(mail)["Bcc"] is None


def test_what_a_template_does_not_know_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    state = small().state
    full = view_of(letter(state, ONE), state, SENDER, "vi", factories.ISSUED)

    def lacking(name: str) -> None:
        rest = {key: value for key, value in full.items() if key != name}
        monkeypatch.setattr(render, "view_of", lambda *given: dict(rest))

    for name in ("unit", "summary", "bound", "url"):
        lacking(name)
        with pytest.raises(UndefinedError):
            written(state)


def test_nothing_is_handed_to_templates_that_none_of_them_shows() -> None:
    state = small().state
    names = set(view_of(letter(state, ONE), state, SENDER, "vi", factories.ISSUED))
    sources = "".join(path.read_text() for path in render.TEMPLATES.rglob("*.j2"))
    shown = " ".join(re.findall(r"{[{%](.*?)[%}]}", sources))
    assert {name for name in names if not re.search(rf"\b{name}\b", shown)} == set()


def test_the_synthesis_names_the_units_that_are_missing() -> None:
    life = small()
    life.ask(Submit(ONE, Report(), 0, PERSON, LINK), DUE.subtract(days=1))
    life.ask(Accept(ONE, 1, PERSON, LINK), DUE.subtract(hours=1))
    life.let_act(vn(2023, 10, 27))
    mail = written(life.state, SUM)
    for part in (mail.text, visible(mail.html)):
        assert "Đảng ủy phường số 2" in part
        assert "Đảng ủy phường số 3" in part
        assert "Đảng ủy phường số 1" not in part
        assert "dù chưa đủ báo cáo" in part


def test_a_unit_whose_late_report_was_accepted_is_missing_no_more() -> None:
    life = small()
    life.let_act(vn(2023, 10, 27))
    life.ask(Submit(ONE, Report(), 0, PERSON, LINK), vn(2023, 10, 28))
    life.ask(Accept(ONE, 1, PERSON, LINK), vn(2023, 10, 28, 9))
    text = written(life.state, SUM, Kind.REMINDER).text
    assert "- Đảng ủy phường số 1\n" not in text
    assert "- Đảng ủy phường số 2\n" in text


def test_a_synthesis_with_all_reports_names_nobody() -> None:
    life = small()
    for number in (1, 2, 3):
        assignment = copy_of(REPORT, f"u.{number}")
        life.ask(Submit(assignment, Report(), 0, PERSON, LINK), DUE.subtract(days=1))
        life.ask(Accept(assignment, 1, PERSON, LINK), DUE.subtract(hours=1))
    assert "CHƯA CÓ" not in written(life.state, SUM).text


def test_a_duty_that_no_text_lays_down_is_called_assumed() -> None:
    for state, duty in zip(real_states()[:2], ("57/2", "240/2"), strict=True):
        assert state.plan is not None
        assignment = state.plan.obligations[duty].assignments()[0]  # type: ignore[index]
        assert state.plan.obligations[duty].quote == ""  # type: ignore[index]
        for lang, word, claim in (("vi", "giả định", "theo văn bản"), ("en", "assumed", "in the")):
            mail = written(state, assignment, locale=lang)
            for part in (mail.text, visible(mail.html)):
                assert part.count(word) >= 2, "the bound and the basis"
                assert claim not in part
                assert "“”" not in part
                assert "clause (" not in part
                assert "mục (" not in part


def test_an_assumed_bound_of_a_real_clause_is_marked() -> None:
    state = real_states()[2]
    assumed = written(state, "256/III.1-a@pr.bao-an")
    stated = written(state, "256/III.1-c@pr.bao-an")
    for part in ("text", "html"):
        assert "giả định" in getattr(assumed, part)
        assert "giả định" not in getattr(stated, part)
    assert "theo văn bản: “trước ngày 21/10/2023”" in stated.text


def test_time_left_is_counted_from_the_day_that_the_mail_bears() -> None:
    life = small()
    assert "(còn 31 ngày)" in written(life.state).text
    assert "(còn 1 ngày)" in written(life.state, kind=Kind.REMINDER, now=vn(2023, 10, 19, 8)).text
    life.let_act(DUE.add(days=2))
    late = written(life.state, kind=Kind.OVERDUE, now=DUE.add(days=2)).text
    assert "(quá hạn 3 ngày)" in late
    assert "đã quá hạn từ 00:00 thứ Bảy, 21/10/2023" in late


def test_nobody_is_told_of_time_left_once_the_report_is_in() -> None:
    life = small()
    life.ask(Submit(ONE, Report(), 0, PERSON, LINK), DUE.subtract(days=1))
    text = written(life.state, kind=Kind.REVIEW, now=DUE.add(days=3)).text
    assert "quá hạn" not in text
    assert "ngày)" not in text


def test_a_returned_report_says_why_and_until_when() -> None:
    life = small()
    life.ask(Submit(ONE, Report(), 0, PERSON, LINK), DUE.subtract(days=1))
    life.ask(Return(ONE, 1, "f" * 64, PERSON, LINK), DUE.add(hours=10))
    now = DUE.add(hours=10)
    mail = written(life.state, kind=Kind.RETURNED, reason="Thiếu số liệu đảng viên.", now=now)
    assert "LÝ DO TRẢ LẠI:\n  Thiếu số liệu đảng viên.\n" in mail.text
    assert "HẠN: hết ngày thứ Tư, 25/10/2023 (còn 4 ngày)" in mail.text
    assert "Hạn ban đầu: hết ngày thứ Sáu, 20/10/2023" in mail.text


def test_a_waiver_says_who_decided() -> None:
    life = small()
    life.ask(Waive(ONE, "pr.thuongtruc", "Công văn 12"), vn(2023, 10, 1))
    assert "theo quyết định của Thường trực Thành ủy." in written(life.state, kind=Kind.WAIVED).text


def test_an_escalation_names_the_unit_the_step_and_since_when() -> None:
    life = small()
    life.let_act(DUE.add(days=5))
    mail = written(life.state, kind=Kind.ESCALATION, recipient_name="Ban Tuyên giáo Thành ủy")
    assert mail.subject == ("[256-KH/TU] Chưa có báo cáo: Đảng ủy phường số 1 – III.1 (bước 1)")
    assert "quá hạn từ 00:00 thứ Bảy, 21/10/2023" in mail.text
    assert "Kính chuyển Ban Tuyên giáo Thành ủy" in mail.text
    assert "ĐƠN VỊ: Đảng ủy phường số 1" in mail.text


def test_a_mail_without_a_link_talks_of_none() -> None:
    mail = written(small().state, token=None)
    assert "http" not in mail.text
    assert "iên kết trên" not in mail.text
    assert 'class="button"' not in mail.html


def test_an_unknown_language_gets_vietnamese() -> None:
    state = small().state
    assert written(state, locale="fr").text == written(state).text


def test_the_report_goes_to_its_receiver_through_the_channel() -> None:
    text = written(small().state).text
    assert "NƠI NHẬN BÁO CÁO: Thường trực Thành ủy (qua Ban Tuyên giáo Thành ủy)" in text
    straight = document(3, obligations=(obligation(["u.1"], reviewer=None),))
    assert "NƠI NHẬN BÁO CÁO: Thường trực Thành ủy\n" in written(issued(straight).state).text
    nobody = document(3, obligations=(obligation(["u.1"], reviewer=None, receiver=None),))
    assert "NƠI NHẬN" not in written(issued(nobody).state).text


def test_a_standing_duty_has_no_bound() -> None:
    value = document(3, obligations=(obligation(["u.1"], bound=None),))
    mail = written(issued(value).state)
    assert "HẠN" not in mail.text
    assert "hạn" not in mail.subject
    assert "\n\n\n" not in mail.text


def test_bodies_unknown_to_the_roster_are_shown_by_their_identifier() -> None:
    value = document(3, obligations=(obligation([BodyId("u.9")]),))
    assert "u.9" in written(issued(value).state, copy_of(REPORT, "u.9")).text
    assert value.key == KEY


def test_styles_are_in_the_elements_and_nothing_is_loaded_from_elsewhere() -> None:
    html = written(small().state).html
    assert re.search(r'class="button"[^>]*style="[^"]*background', html)
    assert "@media (prefers-color-scheme: dark)" in html
    assert not re.search(r"<(script|link|img|iframe)|url\(|@import", html)


def test_a_clerk_finds_in_it_who_what_and_until_when() -> None:
    state, bao_an = real_states()[2], "256/III.1-c@pr.bao-an"
    for kind in DUTY_KINDS:
        mail = written(state, bao_an, kind)
        found = read("van-thu@phuong-bao-an.example", mail.subject, mail.text)
        assert (found.number, found.clause) == ("256-KH/TU", "III.1")
        assert found.due == DUE.subtract(days=1).date()
    assert "được trả lại để bổ sung" in written(state, bao_an, Kind.RETURNED).text
