"""Links that have run out and limits, in a real browser; numbers as in ``docs/abuse-cases.md``.

A new page is added to :data:`PAGES` in one line; it is then looked at by a screen reader's checker,
on a telephone, at 400 % zoom, in the dark and in both languages.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Never

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import WebDriverWait

from config.clock import ClockUnreadable
from models.domain.effects import Purpose
from models.domain.facts import Acknowledged, Report, Submitted
from models.domain.requests import Return, Submit
from models.owed import GRACE_DAYS, RESENT
from models.resend import A_DAY
from models.tables import Outbox, table
from portal import limits
from tests.acceptance.test_portal_browser import CHECKS, press, see, type_into, unfold, url, words
from tests.acceptance.test_portal_pictures import AXE, RUN
from tests.browser import chromium, screen
from tests.factories import DUE, KEY, REPORT, Office, copy_of, document, obligation, office
from tests.factories import units as some_units
from tests.papers import PDF
from tests.portal_site import Site, site

UNIT = copy_of(REPORT, "u.1")
ENDS = DUE.add(days=GRACE_DAYS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as value:
        bodies = some_units(2)
        value.issue(document(2, obligations=(obligation(bodies),)))
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


def resent(desk: Office) -> int:
    outbox = table(Outbox)
    with desk.store.reading() as connection:
        return len(connection.execute(outbox.select().where(outbox.c.key.contains(RESENT))).all())


class NoTime:
    """A clock whose file is broken."""

    def now(self) -> Never:
        raise ClockUnreadable(Path("clock"))


def wrong(browser: Chrome, desk: Office, portal: Site) -> None:
    browser.get(url(portal, "A" * 43))
    see(browser, "Liên kết không dùng được")


def too_many_wrong(browser: Chrome, desk: Office, portal: Site) -> None:
    for _ in range(limits.UNKNOWN + 2):
        portal.client.get("/c/x")
    browser.get(url(portal, "A" * 43))
    see(browser, "Quá nhiều yêu cầu")


def lapsed(browser: Chrome, desk: Office, portal: Site) -> None:
    desk.clock.instant = ENDS
    browser.get(url(portal, desk.token(UNIT)))
    see(browser, "Liên kết đã hết hạn")


def sent(browser: Chrome, desk: Office, portal: Site) -> None:
    lapsed(browser, desk, portal)
    browser.find_element(By.CSS_SELECTOR, "main button").click()
    see(browser, "Đã ghi nhận yêu cầu")


def stale(browser: Chrome, desk: Office, portal: Site) -> None:
    lapsed(browser, desk, portal)
    desk.machine.instant = desk.machine.instant.add(hours=2)
    browser.find_element(By.CSS_SELECTOR, "main button").click()
    see(browser, "Trang đã mở quá lâu")


def enough(browser: Chrome, desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    desk.clock.instant = ENDS
    browser.get(url(portal, token))
    for number in range(1, A_DAY + 2):
        before = browser.find_element(By.CSS_SELECTOR, "main")
        browser.find_element(By.CSS_SELECTOR, "main button").click()
        # While the page goes, its driver may say so with an error of its own.
        wait = WebDriverWait(browser, 10, ignored_exceptions=[WebDriverException])
        wait.until(staleness_of(before))
        see(browser, "Đã ghi nhận yêu cầu" if number <= A_DAY else "Hôm nay đã gửi đủ")
    assert resent(desk) == A_DAY


def nothing_to_say(browser: Chrome, desk: Office, portal: Site) -> None:
    done = Report("0" * 64, (("so_buoi", 1), ("dang_vien_tham_gia", 1), ("tong_dang_vien", 1)))
    desk.record(KEY, Submit(UNIT, done, 0, "", "0" * 16))
    token = desk.token(UNIT, Purpose.REVIEW)
    desk.record(KEY, Return(UNIT, 1, "0" * 64, "", "0" * 16))
    desk.clock.instant = ENDS.add(days=30)
    browser.get(url(portal, token))
    browser.find_element(By.CSS_SELECTOR, "main button").click()
    see(browser, "không có thư nào được gửi")


def typed_too_late(browser: Chrome, desk: Office, portal: Site) -> None:
    browser.get(url(portal, desk.token(UNIT)))
    type_into(browser, "acknowledge-name", "Nguyễn Thị Ánh")
    desk.clock.instant = ENDS
    press(browser, "acknowledge")
    see(browser, "Liên kết đã hết hạn")
    assert "Nguyễn Thị Ánh" in words(browser)


def too_often(browser: Chrome, desk: Office, portal: Site) -> None:
    token = desk.token(UNIT)
    address, values = portal.fill(token, "acknowledge", name="")
    for number in range(limits.POSTS + 2):
        portal.post(address, values | {"name": " " * number})
    browser.get(url(portal, token))
    type_into(browser, "acknowledge-name", "Nguyễn Thị Ánh")
    press(browser, "acknowledge")
    see(browser, "Gửi quá nhiều lần")
    assert "Nguyễn Thị Ánh" in words(browser)


def busy(browser: Chrome, desk: Office, portal: Site) -> None:
    browser.get(url(portal, desk.token(UNIT)))
    type_into(browser, "acknowledge-name", "Nguyễn Thị Ánh")
    desk.recorder.clock = NoTime()
    press(browser, "acknowledge")
    see(browser, "Hệ thống đang bận")


def wrong_fields(browser: Chrome, desk: Office, portal: Site) -> None:
    browser.get(url(portal, desk.token(UNIT)))
    unfold(browser, "report")
    for field in ("figure.so_buoi", "figure.dang_vien_tham_gia", "figure.tong_dang_vien", "name"):
        type_into(browser, f"report-{field}", "x")
    press(browser, "report")
    see(browser, "Chưa ghi nhận được")


def wrong_fields_in_english(browser: Chrome, desk: Office, portal: Site) -> None:
    wrong_fields(browser, desk, portal)
    browser.find_element(By.CSS_SELECTOR, "button.switch").click()
    see(browser, "Not recorded yet")


def busy_with_files(browser: Chrome, desk: Office, portal: Site) -> None:
    browser.get(url(portal, desk.token(UNIT)) + "?lang=en")
    unfold(browser, "report")
    for field in ("figure.so_buoi", "figure.dang_vien_tham_gia", "figure.tong_dang_vien", "name"):
        type_into(browser, f"report-{field}", "1")
    paper = desk.settings.var / "báo cáo.pdf"
    paper.write_bytes(PDF)
    type_into(browser, "report-files", str(paper))
    desk.recorder.clock = NoTime()
    press(browser, "report")
    see(browser, "Files must be chosen again.")


PAGES: tuple[Callable[[Chrome, Office, Site], None], ...] = (
    wrong,
    too_many_wrong,
    lapsed,
    sent,
    stale,
    enough,
    nothing_to_say,
    typed_too_late,
    too_often,
    busy,
    wrong_fields,
    wrong_fields_in_english,
    busy_with_files,
)


def flaws(browser: Chrome) -> list[str]:
    """Return what is wrong with the page as it stands, on every screen."""
    axe, found = AXE.read_text() if AXE.is_file() else "", list[str]()
    for width, dark in ((320, False), (1280, True)):
        screen(browser, width, dark=dark)
        found += browser.execute_script(CHECKS)
        if axe:
            browser.execute_script(axe)
            found += browser.execute_async_script(RUN)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_32_every_page_can_be_read_by_everybody(
    desk: Office, portal: Site, browser: Chrome, page: Callable[[Chrome, Office, Site], None]
) -> None:
    """320 px is also what 400 % zoom leaves of a desktop's 1280."""
    page(browser, desk, portal)
    assert flaws(browser) == []
    assert len(browser.page_source.encode()) < 30_000


def test_32b_a_link_is_sent_again_without_scripts_or_cookies(desk: Office, portal: Site) -> None:
    with chromium(scripts=False) as browser:
        screen(browser, 320)
        sent(browser, desk, portal)
        assert browser.get_cookies() == []
    assert resent(desk) == 1


def test_32c_the_whole_visit_by_keyboard_alone(desk: Office, portal: Site, browser: Chrome) -> None:
    """From the expired page over the new link to the receipt of a report; no mouse."""
    screen(browser, 1280)
    keys = ActionChains(browser)

    def walk_to(wanted: Callable[[], bool], *, most: int = 60) -> None:
        for _ in range(most):
            if wanted():
                return
            keys.send_keys(Keys.TAB).perform()
        raise AssertionError(f"not to be reached by keyboard: {browser.current_url}")

    def at(name: str) -> Callable[[], bool]:
        return lambda: browser.switch_to.active_element.get_attribute("id") == name

    lapsed(browser, desk, portal)
    walk_to(lambda: browser.switch_to.active_element.tag_name == "button")
    keys.send_keys(Keys.ENTER).perform()
    see(browser, "Đã ghi nhận yêu cầu")
    browser.get(url(portal, desk.token(UNIT)))
    walk_to(lambda: browser.switch_to.active_element.tag_name == "summary")
    keys.send_keys(Keys.ENTER).perform()
    for field, value in (
        ("report-figure.so_buoi", "14"),
        ("report-figure.dang_vien_tham_gia", "1.190"),
        ("report-figure.tong_dang_vien", "1.204"),
        ("report-text", "Đã học tập."),
        ("report-name", "Nguyễn Thị Ánh"),
    ):
        walk_to(at(field))
        keys.send_keys(value).perform()
    keys.send_keys(Keys.ENTER).perform()
    see(browser, "Đã ghi nhận: Báo cáo, bản thứ 1")
    assert len(desk.facts(Submitted)) == 1


def test_56_a_robot_that_presses_everything_sends_no_more_than_a_day_allows(
    desk: Office, portal: Site, browser: Chrome
) -> None:
    token = desk.token(UNIT)
    desk.clock.instant = ENDS
    for _ in range(A_DAY + 3):
        browser.get(url(portal, token))
        for button in browser.find_elements(By.TAG_NAME, "button")[:1]:
            button.click()
    assert resent(desk) == A_DAY
    assert not desk.facts(Acknowledged)


def test_33_back_and_reload_after_a_request_send_no_second_mail(
    desk: Office, portal: Site, browser: Chrome
) -> None:
    sent(browser, desk, portal)
    browser.refresh()
    see(browser, "Đã ghi nhận yêu cầu")
    browser.back()
    see(browser, "Liên kết đã hết hạn")
    assert resent(desk) == 1


def test_55_a_tab_from_before_is_told_what_happened(
    desk: Office, portal: Site, browser: Chrome
) -> None:
    """Two tabs with the same page; the second is sent when the first is recorded."""
    address = url(portal, desk.token(UNIT))
    browser.get(address)
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    try:
        browser.get(address)
        unfold(browser, "report")
        type_into(browser, "report-text", "bản của thẻ thứ hai")
        for name in ("so_buoi", "dang_vien_tham_gia", "tong_dang_vien"):
            type_into(browser, f"report-figure.{name}", "2")
        type_into(browser, "report-name", "Trần B")
        figures = {f"figure__{name}": "1" for name in ("so_buoi", "dang_vien_tham_gia")}
        token = desk.token(UNIT)
        portal.do(token, "report", name="A", text="thẻ một", figure__tong_dang_vien="1", **figures)
        press(browser, "report")
        see(browser, "đang được xem xét")
        assert "bản của thẻ thứ hai" in browser.page_source
    finally:
        browser.close()
        browser.switch_to.window(first)
    assert len(desk.facts(Submitted)) == 1
