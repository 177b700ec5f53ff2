"""Nothing typed is lost on the way: back from another page, and in the other language."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from models.domain.facts import ExtensionAsked
from tests.acceptance.test_portal_browser import press, see, type_into, unfold, url, words
from tests.browser import chromium, screen
from tests.factories import Office, office
from tests.portal_pictures import UNIT, town
from tests.portal_site import Site, site

TYPED = {
    "report-figure.so_buoi": "3",
    "report-text": "Đã tổ chức 3 buổi.",
    "report-name": "Nguyễn Thị Lan",
    "extension-until": "27/10/2023",
    "extension-reason": "Bão làm hỏng hội trường.",
}


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[tuple[Office, Site]]:
    with office(tmp_path) as desk, site(desk) as running:
        desk.issue(town())
        yield desk, running


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    """Give a browser without scripts that keeps no page in memory, as on a small telephone."""
    with chromium(scripts=False, arguments=["--disable-features=BackForwardCache"]) as running:
        screen(running, 360)
        yield running


def standing(browser: Chrome) -> dict[str, str | None]:
    return {name: browser.find_element(By.ID, name).get_attribute("value") for name in TYPED}


def fill(browser: Chrome) -> None:
    unfold(browser, "report")
    unfold(browser, "extension")
    for name, value in TYPED.items():
        type_into(browser, name, value)


def test_what_was_typed_is_still_there_on_the_way_back(
    portal: tuple[Office, Site], browser: Chrome
) -> None:
    desk, running = portal
    browser.get(url(running, desk.token(UNIT)))
    for link in (".top a", ".more a"):
        fill(browser)
        browser.find_element(By.CSS_SELECTOR, link).click()
        see(browser, "Duty follow-up" if link == ".top a" else "Trở lại nhiệm vụ đang mở")
        browser.back()
        see(browser, "Xác nhận đã nhận việc")
        assert standing(browser) == TYPED
        browser.get(url(running, desk.token(UNIT)))


def test_the_other_language_keeps_what_was_typed_and_records_nothing(
    portal: tuple[Office, Site], browser: Chrome
) -> None:
    desk, running = portal
    browser.get(url(running, desk.token(UNIT)))
    fill(browser)
    type_into(browser, "extension-name", "Nguyễn Thị Lan")
    type_into(browser, "extension-until", "?")
    press(browser, "extension")
    see(browser, "Chưa ghi nhận được.")
    before = desk.store.size()
    browser.find_element(By.CSS_SELECTOR, "button.switch").click()
    see(browser, "Not recorded yet.")
    browser.find_element(By.ID, "extension-until").send_keys(Keys.BACKSPACE)
    browser.find_element(By.CSS_SELECTOR, "button.switch").click()
    see(browser, "Nhiệm vụ này không phải của đơn vị?")
    kept = {name: value for name, value in standing(browser).items() if "extension" in name}
    assert kept == {name: TYPED[name] for name in kept}
    assert "Chưa ghi nhận được." not in words(browser)
    assert desk.store.size() == before
    # The Enter key is for the form, not for the language.
    browser.find_element(By.ID, "extension-name").send_keys(Keys.ENTER)
    see(browser, "Đã ghi nhận: Xin gia hạn")
    assert len(desk.facts(ExtensionAsked)) == 1
