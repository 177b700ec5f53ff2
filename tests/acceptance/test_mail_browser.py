"""Mail and the catcher as people see them, in Chromium: on a telephone and on a desktop.

``CASCADE_PICTURES=FOLDER`` keeps the pictures of the documentation there (``docs/images``).
"""

import asyncio
import base64
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from cli import preview
from models.domain.effects import Kind
from notifications.catcher import Addresses, running
from notifications.labels import DIGEST, KINDS
from notifications.render import raw
from notifications.transport import Outcome, Security, SmtpSettings, SmtpTransport
from tests.browser import chromium, screen

PHONE, DESKTOP, SMALL = 390, 1100, 320


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium() as running_browser:
        yield running_browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of mail, as `cascade mail preview` writes it."""
    found = tmp_path_factory.mktemp("preview")
    assert preview.run(found, None) == 0
    return found


def keep(browser: Chrome, name: str, *, whole: bool = True) -> None:
    """Keep a picture of the page (or of the window) where people want pictures."""
    pictures = os.environ.get("CASCADE_PICTURES", "")
    if not pictures:
        return
    command: dict[str, Any] = {}
    if whole:
        size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        command = {"clip": {**size, "scale": 1}, "captureBeyondViewport": True}
    data = browser.execute_cdp_cmd("Page.captureScreenshot", command)["data"]
    (Path(pictures) / name).write_bytes(base64.b64decode(data))


def open_mail(browser: Chrome, folder: Path, name: str, width: int, *, dark: bool = False) -> None:
    screen(browser, width, 800, dark=dark)
    browser.get((folder / f"{name}.html").as_uri())


def measure(browser: Chrome, script: str) -> Any:
    return browser.execute_script(f"return {script.strip()}")


@pytest.mark.parametrize("width", [SMALL, 360])
def test_no_mail_is_wider_than_a_telephone(browser: Chrome, folder: Path, width: int) -> None:
    for kind in KINDS["vi"]:
        for lang in ("vi", "en"):
            open_mail(browser, folder, f"{kind}.{lang}", width)
            assert measure(browser, "document.documentElement.scrollWidth") == width, (kind, lang)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SUMMARY])
def test_what_until_when_and_the_button_are_on_the_first_screen(
    browser: Chrome, folder: Path, kind: Kind
) -> None:
    open_mail(browser, folder, f"{kind}.vi", PHONE)
    button = browser.find_element(By.CSS_SELECTOR, "a.button")
    assert button.rect["height"] >= 44
    assert button.rect["width"] >= 44
    assert button.rect["y"] + button.rect["height"] <= 800, "without scrolling"
    for part in (".duty", ".due b", "h1"):
        found = browser.find_element(By.CSS_SELECTOR, part)
        assert 0 < found.rect["y"] < button.rect["y"]


CONTRAST = """
(() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number)
  const lum = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor)
      if (found.length < 4 || found[3] > 0) return found
    }
    return [255, 255, 255]
  }
  let worst = [21, '']
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(each => each.nodeType === 3 && each.textContent.trim())
    if (!own || getComputedStyle(node).display === 'none' || !node.getClientRects().length) continue
    const a = lum(rgb(getComputedStyle(node).color)), b = lum(ground(node))
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < worst[0]) worst = [ratio, node.outerHTML.slice(0, 200)]
  }
  return worst
})()
"""


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_is_legible_in_the_light_and_in_the_dark(
    browser: Chrome, folder: Path, dark: bool
) -> None:
    for kind in KINDS["vi"]:
        open_mail(browser, folder, f"{kind}.vi", PHONE, dark=dark)
        ratio, where = measure(browser, CONTRAST)
        assert ratio >= 4.5, (kind, where)


def test_a_summary_is_two_screens_of_a_telephone_at_most(browser: Chrome, folder: Path) -> None:
    open_mail(browser, folder, f"{Kind.SUMMARY}.vi", PHONE)
    assert measure(browser, "document.documentElement.scrollHeight") <= 2 * 844


def test_pictures_for_people(browser: Chrome, folder: Path) -> None:
    open_mail(browser, folder, f"{Kind.ASSIGNED}.vi", 700)
    keep(browser, "mail-desktop.png")
    open_mail(browser, folder, f"{Kind.REMINDER}.vi", PHONE)
    keep(browser, "mail-phone.png")
    open_mail(browser, folder, f"{DIGEST}.vi", PHONE)
    keep(browser, "mail-digest.png")
    open_mail(browser, folder, f"{Kind.SUMMARY}.vi", PHONE)
    keep(browser, "mail-summary.png")


# --- The catcher ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caught:
    """A catcher that holds every kind of mail, and a page that a mail's link leads to."""

    where: Addresses

    def page(self, path: str = "") -> str:
        return self.where.url + path


@pytest.fixture(scope="module")
def caught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caught]:
    """Run the catcher in a thread of its own, as its process would."""
    ready: list[Addresses] = []
    up, down = threading.Event(), threading.Event()

    async def serve() -> None:
        kept = tmp_path_factory.mktemp("mails")
        async with running(kept, durable=False) as where:
            settings = SmtpSettings(where.host, where.smtp_port, Security.NONE)
            async with SmtpTransport(settings) as transport:
                for sample in preview.samples(("en", "vi")):  # newest, so first: Vietnamese
                    to, data = sample.mail.to.address, raw(sample.mail)[0]
                    sent = await transport.send("theo-doi@cascade.example", to, data)
                    assert sent.outcome is Outcome.SENT
            ready.append(where)
            up.set()
            await asyncio.to_thread(down.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert up.wait(60)
    yield Caught(ready[0])
    down.set()
    thread.join()


@pytest.mark.parametrize("width", [SMALL, PHONE, DESKTOP])
def test_the_catcher_fits_every_screen(browser: Chrome, caught: Caught, width: int) -> None:
    screen(browser, width, 800)
    mail = f"mail/{len(KINDS['vi']) + 1}"  # the first one in Vietnamese
    paths = ["", "?q=khong-co", *(f"{mail}?view={view}" for view in ("desktop", "phone", "text"))]
    for path in [*paths, f"{mail}?view=headers", f"{mail}?view=raw"]:
        browser.get(caught.page(path))
        assert measure(browser, "document.documentElement.scrollWidth") == width, path
        ratio, where = measure(browser, CONTRAST)
        assert ratio >= 4.5, (path, where)
        for control in browser.find_elements(By.CSS_SELECTOR, "button, .button, select, .tabs a"):
            assert control.rect["height"] >= 44
    if width != SMALL:
        browser.get(caught.page())
        name = "catcher.png" if width == DESKTOP else "catcher-phone.png"
        keep(browser, name, whole=False)
        browser.get(caught.page(mail))
        keep(browser, "catcher-mail.png", whole=False)


def test_a_person_finds_a_mail_and_its_link_opens_outside(browser: Chrome, caught: Caught) -> None:
    screen(browser, DESKTOP, 900)
    browser.get(caught.page())
    search = browser.find_element(By.NAME, "q")
    search.send_keys("Bảo An giao VIỆC")
    search.submit()
    assert "Chưa có thư nào như vậy" in browser.page_source, "the kind is not among the words"
    browser.get(caught.page("?kind=assigned"))
    first = browser.find_element(By.CSS_SELECTOR, ".mails a.open")
    first.click()
    frame = browser.find_element(By.TAG_NAME, "iframe")
    browser.switch_to.frame(frame)
    link = browser.find_element(By.CSS_SELECTOR, "a.button")
    assert "/c/" in str(link.get_attribute("href"))
    before = set(browser.window_handles)
    link.click()
    WebDriverWait(browser, 10).until(lambda page: set(page.window_handles) - before)
    (opened,) = set(browser.window_handles) - before
    browser.switch_to.window(opened)
    browser.close()
    browser.switch_to.window(before.pop())
    browser.switch_to.default_content()
