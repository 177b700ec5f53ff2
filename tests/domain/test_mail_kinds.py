"""Every kind of mail, as a story of the real package brings it about."""

import re
from functools import cache

import pytest
from icalendar import Calendar

from cli.preview import SENDER, Sample, samples
from cli.samples import sample_document, story_of
from config.package import DIRECTIVES, load
from models.domain.effects import Kind
from notifications.labels import DIGEST, HOW, KINDS, REASONS
from notifications.render import raw
from notifications.templating import TEMPLATES
from notifications.wire import KIND_HEADER
from tests.domain.test_render import visible


@cache
def found() -> tuple[Sample, ...]:
    return tuple(samples())


def one(kind: str, lang: str = "vi") -> Sample:
    return next(each for each in found() if (each.kind, each.lang) == (kind, lang))


every = pytest.mark.parametrize(
    "name", [f"{k}.{lang}" for k in KINDS["vi"] for lang in ("vi", "en")]
)


def named(name: str) -> Sample:
    return one(*name.rsplit(".", 1))


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+(?:[-/.][^\W_]+)*", text.casefold()))


@every
def test_html_says_nothing_that_the_text_does_not_say(name: str) -> None:
    mail = named(name).mail
    shown = visible(mail.html)
    assert words(shown) - words(mail.text) - {"clause", "mục"} == set()
    urls = re.findall(r"https?://[^\s\"'<>]+", mail.html)
    assert set(urls) == set(re.findall(r"https?://\S+", mail.text))
    for pattern in (r"\d{2}/\d{2}/\d{4}", r"\d{2}:\d{2}", r"“[^”]+”"):
        assert set(re.findall(pattern, shown)) == set(re.findall(pattern, mail.text))


@every
def test_the_first_line_is_what_lists_of_mail_show(name: str) -> None:
    mail = named(name).mail
    first = mail.text.splitlines()[0]
    assert 20 <= len(first) <= 220
    assert visible(mail.html).startswith(first), "before the letterhead"
    assert re.search(r'<div class="hidden" style="[^"]*display: none', mail.html)


@every
def test_one_clear_button_for_each_duty_and_none_without_a_link(name: str) -> None:
    sample = named(name)
    buttons = re.findall(r'<a class="button" href="([^"]+)"', sample.mail.html)
    expected = {DIGEST: 5, Kind.SUMMARY: 0, "checkpoint": 0}.get(sample.kind, 1)
    assert len(buttons) == expected
    assert len(set(buttons)) == expected, "every duty has a link of its own"
    assert all(url.startswith(f"{SENDER.base_url}/c/") for url in buttons)


@every
def test_nothing_is_loaded_counted_or_run(name: str) -> None:
    html = named(name).mail.html
    assert not re.search(r"(?i)<(script|link|img|iframe|object|form|input)", html)
    assert not re.search(r"(?i)url\(|@import|\son\w+=", html)


@every
def test_the_kind_and_the_language_stand_in_the_headers(name: str) -> None:
    sample = named(name)
    head = raw(sample.mail)[0].partition(b"\r\n\r\n")[0].decode()
    assert f"{KIND_HEADER}: {sample.kind}\r\n" in head
    assert f"Content-Language: {sample.lang}\r\n" in head
    assert len(raw(sample.mail)[0]) < 60_000, "small enough for any network"


@every
def test_a_file_that_goes_along_holds_no_secret(name: str) -> None:
    for attachment in named(name).mail.attachments:
        assert b"/c/" not in attachment.content
        assert attachment.name.isascii()


def test_phrase_clause_quotation_bound_and_who_asks_are_in_every_mail_about_a_duty() -> None:
    for kind in (Kind.ASSIGNED, Kind.REMINDER, Kind.OVERDUE, Kind.ESCALATION, Kind.RETURNED):
        mail = one(kind).mail
        for part in (mail.text, visible(mail.html)):
            assert "hết ngày thứ Sáu, 20/10/2023" in part
            assert "theo văn bản: “trước ngày 21/10/2023”" in part
            assert "mục III.1" in part
            assert "báo cáo học tập, quán triệt và xây dựng kế hoạch về Thường trực" in part
            assert "Ban Thường vụ Thành ủy" in part


def test_what_was_told_before_is_counted() -> None:
    for part in (one(Kind.REMINDER).mail.text, visible(one(Kind.REMINDER).mail.html)):
        assert "Nhắc việc lần 3" in part
    # Of those, only the ones since it was overdue: reminders before had not called it so.
    assert "Quá hạn lần 2" in one(Kind.OVERDUE).mail.text
    assert "no. 2" in one(Kind.OVERDUE, "en").mail.text
    assert " lần " not in one(Kind.ASSIGNED).mail.text


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Kind.RECEIVED, "(lần 1) đã được tiếp nhận lúc 09:00 thứ Sáu, 22/09/2023, đang chờ Ban T"),
        (Kind.RECEIVED, "Số đảng viên tham gia: 182 người"),
        (Kind.REVIEW, "Đề nghị Ban Tuyên giáo Thành ủy xem xét"),
        (Kind.RETURNED, "LÝ DO TRẢ LẠI:\n  Thiếu tổng số đảng viên"),
        (Kind.SUPPLEMENT, "vừa gửi thêm cho báo cáo đã nộp"),
        (Kind.SUPPLEMENT, "Tệp kèm theo: 1"),
        (
            Kind.MOVED,
            "chuyển cho Ban Tổ chức Thành ủy, theo Quyết định 45-QĐ/TU của Thường",
        ),
        (Kind.MOVED, "LÝ DO CHUYỂN:\n  Chuyển theo Nghị quyết"),
        (Kind.WAIVED, "theo quyết định của Thường trực Thành ủy (Công văn 130-CV/TU)"),
        (Kind.DISPUTED, "LÝ DO ĐƠN VỊ NÊU:\n  Đơn vị không có tổ chức đảng"),
        (Kind.DISPUTED, "Đề nghị Văn phòng Thành ủy quyết định"),
        (Kind.DISPUTE_REJECTED, "theo Công văn 121-CV/TU của Thường trực Thành ủy"),
        (Kind.EXTENSION_ASKED, "xin gia hạn nhiệm vụ dưới đây đến hết ngày Chủ nhật, 29/10/2023"),
        (
            Kind.EXTENSION_REFUSED,
            "theo Công văn 118-CV/TU của Thường trực Thành ủy. Hạn vẫn là",
        ),
        (Kind.EXTENDED, "được dời sang hết ngày thứ Bảy, 28/10/2023, theo Công văn 140-CV/TU"),
        (Kind.EXTENDED, "Hạn ban đầu: hết ngày thứ Sáu, 20/10/2023"),
        (Kind.UNTOLD, "chưa có gì chứng tỏ"),
        (Kind.UNTOLD, "đơn vị chưa bị đôn đốc"),
        (
            Kind.UNDELIVERED,
            "Thư “nhắc việc” gửi Đảng bộ phường Mỹ Đông không đến nơi: thư bị trả",
        ),
        (Kind.UNDELIVERED, "Mã trả lời: 550 5.1.1"),
        ("checkpoint", "1.284 sự kiện"),
    ],
)
def test_each_kind_says_what_was_decided_by_whom_and_why(kind: str, told: str) -> None:
    assert told in one(kind).mail.text


def test_every_kind_has_its_words_in_both_languages() -> None:
    for lang in ("vi", "en"):
        assert set(KINDS[lang]) == {*Kind, DIGEST, "checkpoint"}
        files = {path.stem for path in (TEMPLATES / lang).glob("*.j2")} - {"thread"}
        assert files == set(KINDS[lang])
    assert set(HOW["vi"]) == set(HOW["en"])
    assert set(REASONS["vi"]) == set(REASONS["en"])


def test_a_calendar_file_goes_with_what_sets_moves_or_lifts_a_date() -> None:
    methods = {
        each.kind: str(Calendar.from_ical(file.content)["METHOD"])
        for each in found()
        for file in each.mail.attachments
        if file.media == "text/calendar"
    }
    sets = (Kind.ASSIGNED, Kind.EXTENDED, Kind.RETURNED, DIGEST)
    publish = dict.fromkeys(sets, "PUBLISH")
    assert methods == publish | dict.fromkeys((Kind.MOVED, Kind.WAIVED, Kind.ACCEPTED), "CANCEL")


def test_the_story_owes_every_kind() -> None:
    document = load(DIRECTIVES / "57-kl-tw").documents[-1]
    assert {each.notify.kind for each in story_of(document).told} == set(Kind)
    assert sample_document(document).policy.rungs == document.policy.rungs
