"""A clerk's visit in a real browser, and what machines and other sites try with the link."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from models.domain.effects import Purpose
from models.domain.facts import Accepted, Acknowledged, Returned, Submitted
from models.domain.terms import Phase
from models.tables import Draft
from tests.browser import chromium, screen
from tests.factories import PLAN, REPORT, Office, copy_of, document, obligation, office, plan_duty
from tests.factories import units as some_units
from tests.portal_site import Site, site

UNIT = copy_of(REPORT, "u.1")


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as value:
        bodies = some_units(2)
        value.issue(document(2, obligations=(obligation(bodies), plan_duty(bodies))))
        yield value


@pytest.fixture
def portal(desk: Office) -> Iterator[Site]:
    with site(desk) as running:
        yield running


def url(portal: Site, token: str) -> str:
    return f"{portal.url}/c/{token}"


def type_into(browser: Chrome, field: str, words: str) -> None:
    browser.find_element(By.ID, field).send_keys(words)


def press(browser: Chrome, section: str) -> None:
    browser.find_element(By.CSS_SELECTOR, f"#{section} button").click()


def unfold(browser: Chrome, section: str) -> None:
    browser.find_element(By.CSS_SELECTOR, f"#{section} summary").click()


def words(browser: Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "body").text


def see(browser: Chrome, text: str) -> None:
    WebDriverWait(browser, 10).until(lambda b: text in _words_now(b))


def _words_now(browser: Chrome) -> str:
    """Return the page's words; none while one page gives way to the next."""
    try:
        return words(browser)
    except (StaleElementReferenceException, NoSuchElementException):
        return ""
    except WebDriverException as error:
        # The same moment, seen by the driver between finding the body and reading it.
        if "does not belong to the document" in (error.msg or ""):
            return ""
        raise


@contextmanager
def other_site(page: str) -> Iterator[int]:
    """Serve *page* from a port of its own: another origin, and by ``localhost`` another site."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_the_whole_visit_without_scripts_or_cookies(desk: Office, portal: Site) -> None:
    with chromium(scripts=False) as browser:
        screen(browser, 360)
        browser.get(url(portal, desk.token(UNIT)))
        assert "hết ngày thứ Sáu, 20/10/2023" in words(browser)
        type_into(browser, "acknowledge-name", "Nguyễn Thị Ánh")
        press(browser, "acknowledge")
        see(browser, "Đã ghi nhận: Xác nhận đã nhận việc")
        type_into(browser, "report-figure.so_buoi", "14")
        type_into(browser, "report-figure.dang_vien_tham_gia", "1.190")
        type_into(browser, "report-figure.tong_dang_vien", "1.204")
        type_into(browser, "report-text", "Đã học tập.\nĐã xây dựng kế hoạch.")
        type_into(browser, "report-name", "Nguyễn Thị Ánh")
        press(browser, "report")
        see(browser, "Đã ghi nhận: Báo cáo, bản thứ 1")

        browser.get(url(portal, desk.token(UNIT, Purpose.REVIEW)))
        unfold(browser, "return")
        type_into(browser, "return-reason", "Bổ sung số buổi.")
        type_into(browser, "return-name", "Lê Văn Cường")
        press(browser, "return")
        see(browser, "Đã ghi nhận: Trả lại báo cáo bản thứ 1")

        browser.get(url(portal, desk.token(UNIT)))
        see(browser, "Bổ sung số buổi.")
        field = browser.find_element(By.ID, "report-figure.so_buoi")
        assert field.get_attribute("value") == "14"
        field.clear()
        field.send_keys("15")
        type_into(browser, "report-name", "Nguyễn Thị Ánh")
        press(browser, "report")
        see(browser, "Đã ghi nhận: Báo cáo, bản thứ 2")

        browser.get(url(portal, desk.token(UNIT, Purpose.REVIEW)))
        type_into(browser, "accept-name", "Lê Văn Cường")
        press(browser, "accept")
        see(browser, "Đã ghi nhận: Chấp nhận báo cáo bản thứ 2")
        assert browser.get_cookies() == []
    (first, second) = desk.facts(Submitted)
    assert desk.store.blob(first.report.text_sha256 or "") == "Đã học tập.\nĐã xây dựng kế hoạch."
    assert dict(second.report.figures)["so_buoi"] == 15
    assert (len(desk.facts(Returned)), len(desk.facts(Accepted))) == (1, 1)
    assert desk.progress(UNIT).phase is Phase.ACCEPTED


def test_a_visit_by_keyboard_alone(desk: Office, portal: Site, browser: Chrome) -> None:
    screen(browser, 1200)
    browser.get(url(portal, desk.token(UNIT)))
    for _ in range(12):
        if browser.switch_to.active_element.get_attribute("id") == "acknowledge-name":
            break
        ActionChains(browser).send_keys(Keys.TAB).perform()
    ActionChains(browser).send_keys("Nguyễn Thị Ánh", Keys.ENTER).perform()
    see(browser, "Đã ghi nhận")
    assert len(desk.facts(Acknowledged)) == 1


def test_a_scanner_that_opens_and_clicks_everything_records_nothing(
    desk: Office, portal: Site, browser: Chrome
) -> None:
    address = url(portal, desk.token(UNIT))
    size = desk.store.size()
    browser.get(address)
    for index in range(len(browser.find_elements(By.TAG_NAME, "a"))):
        browser.get(address)
        link = browser.find_elements(By.TAG_NAME, "a")[index]
        browser.execute_script("arguments[0].click()", link)
    browser.get(address)
    for index in range(len(browser.find_elements(By.TAG_NAME, "button"))):
        browser.get(address)
        button = browser.find_elements(By.TAG_NAME, "button")[index]
        drafting = button.get_attribute("formaction")
        browser.execute_script("arguments[0].closest('details')?.setAttribute('open', '')", button)
        button.click()
        if not drafting:
            # The browser itself points to the field that a person must fill in.
            pointed = browser.switch_to.active_element.get_attribute("name")
            assert pointed in ("name", "figure.so_buoi", "until", "reason")
        assert browser.current_url.partition("#")[0] == address
    assert desk.store.size() == size
    assert desk.count(Draft) == 0, "whoever has typed nothing has no draft"
    assert desk.progress(UNIT).phase is Phase.OPEN


def test_a_double_click_is_one_fact(desk: Office, portal: Site, browser: Chrome) -> None:
    browser.get(url(portal, desk.token(UNIT)))
    type_into(browser, "acknowledge-name", "A")
    button = browser.find_element(By.CSS_SELECTOR, "#acknowledge button")
    ActionChains(browser).double_click(button).perform()
    see(browser, "Đã ghi nhận")
    assert len(desk.facts(Acknowledged)) == 1


def test_back_and_reload_after_success_show_the_receipt(
    desk: Office, portal: Site, browser: Chrome
) -> None:
    address = url(portal, desk.token(UNIT))
    browser.get(address)
    type_into(browser, "acknowledge-name", "A")
    press(browser, "acknowledge")
    see(browser, "Đã ghi nhận")
    browser.refresh()
    see(browser, "Đã ghi nhận")
    browser.back()
    see(browser, "Đã ghi nhận")
    assert not browser.find_elements(By.ID, "acknowledge")
    assert len(desk.facts(Acknowledged)) == 1


def test_what_is_wrong_gets_the_focus_and_leads_to_the_field(
    desk: Office, portal: Site, browser: Chrome
) -> None:
    screen(browser, 360)
    address = url(portal, desk.token(copy_of(PLAN, "u.1")))
    browser.get(address)
    unfold(browser, "report")
    type_into(browser, "report-plan_number", "12-KH/ĐU")
    type_into(browser, "report-plan_date", "31/9/2023")
    type_into(browser, "report-name", "Nguyễn Thị Ánh")
    press(browser, "report")
    see(browser, "Không có ngày này trong lịch")
    assert browser.switch_to.active_element.get_attribute("id") == "errors"
    browser.find_element(By.CSS_SELECTOR, "#errors a").click()
    active = browser.switch_to.active_element
    ActionChains(browser).send_keys(Keys.TAB).perform()
    assert "report-plan_date" in (
        active.get_attribute("id"),
        browser.switch_to.active_element.get_attribute("id"),
    )
    assert browser.find_element(By.ID, "report-plan_number").get_attribute("value") == "12-KH/ĐU"
    # Opening the form's address like a page leads back to the page.
    browser.get(browser.current_url.partition("#")[0])
    assert browser.current_url == address


AUTO = """<form id="f" method="post" action="{target}">
<input name="name" value="Kẻ Lạ"></form><script>document.getElementById("f").submit()</script>"""


def test_a_form_of_another_site_is_refused(desk: Office, portal: Site, browser: Chrome) -> None:
    target = f"{url(portal, desk.token(UNIT))}/acknowledge"
    with other_site(AUTO.format(target=target)) as port:
        browser.get(f"http://localhost:{port}/")
        see(browser, "Yêu cầu đến từ trang khác")
    assert not desk.facts(Acknowledged)


def test_a_form_in_a_sandbox_is_refused(desk: Office, portal: Site, browser: Chrome) -> None:
    target = f"{url(portal, desk.token(UNIT))}/acknowledge"
    inner = AUTO.format(target=target).replace('"', "&quot;")
    frame = f'<iframe sandbox="allow-forms allow-scripts allow-top-navigation" srcdoc="{inner}">'
    frame = frame.replace("method=", "target=_top method=")
    with other_site(f"{frame}</iframe>") as port:
        browser.get(f"http://127.0.0.1:{port}/")
        see(browser, "Yêu cầu đến từ trang khác")
    assert not desk.facts(Acknowledged)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_page_cannot_be_framed(desk: Office, portal: Site, browser: Chrome, host: str) -> None:
    address = url(portal, desk.token(UNIT))
    with other_site(f'<p>khung</p><iframe src="{address}"></iframe>') as port:
        browser.get(f"http://{host}:{port}/")
        browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
        assert not browser.find_elements(By.ID, "acknowledge")
        browser.switch_to.default_content()


CHECKS = r"""
const problems = [];
const say = (what, e) => problems.push(`${what}: ${e.outerHTML.slice(0, 90)}`);
const rgb = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
const linear = v => v <= 10 ? v / 3294.6 : ((v / 255 + .055) / 1.055) ** 2.4;
const light = c => .2126 * linear(c[0]) + .7152 * linear(c[1]) + .0722 * linear(c[2]);
const behind = e => {
  for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor);
    if (c[3] > 0) return c;
  }
  return [255, 255, 255, 1];
};
const all = what => [...document.querySelectorAll(what)].filter(e => e.checkVisibility());
for (const e of all("body *")) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
  const style = getComputedStyle(e);
  const [a, b] = [light(rgb(style.color)), light(behind(e))];
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  if (ratio < 4.5) say(`contrast ${ratio.toFixed(2)}`, e);
  if (parseFloat(style.fontSize) < 13) say("small letters", e);
}
const pressed = e => e.type === "checkbox" ? e.closest("label") : e;  // its words press it too
const fields = "input:not([type=hidden]), textarea, select";
for (const e of all(`button, summary, ${fields}, .top a, .files a`))
  if (pressed(e).getBoundingClientRect().height < 44) say("too low to press", e);
for (const e of all(fields)) {
  if (!e.labels.length) say("no label", e);
  for (const id of (e.getAttribute("aria-describedby") || "").split(" ").filter(Boolean))
    if (!document.getElementById(id)) say("described by nothing", e);
}
const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
if (new Set(ids).size !== ids.length) problems.push("an id stands twice");
if (document.querySelectorAll("h1").length !== 1) problems.push("not one h1");
if (document.documentElement.scrollWidth > innerWidth) problems.push("wider than the screen");
if (!document.title || !document.documentElement.lang) problems.push("no title or language");
return problems;
"""


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 1200])
def test_every_page_can_be_read_and_pressed(
    desk: Office, portal: Site, browser: Chrome, width: int, dark: bool
) -> None:
    """320 px is also what 400 % zoom leaves of a desktop's 1280."""
    screen(browser, width, dark=dark)
    act, plan = desk.token(UNIT), desk.token(copy_of(PLAN, "u.1"))
    figures = {"figure__so_buoi": "1", "figure__dang_vien_tham_gia": "1"}
    figures |= {"figure__tong_dang_vien": "1"}

    def check(address: str) -> None:
        browser.get(address)
        browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert browser.execute_script(CHECKS) == []

    check(f"{url(portal, act)}?lang=en")
    check(url(portal, act))
    check(url(portal, plan))
    portal.do(act, "report", name="A", text="x" * 200, **figures)
    check(url(portal, act))
    review = desk.token(UNIT, Purpose.REVIEW)
    check(url(portal, review))
    portal.do(review, "return", name="C", reason="sai")
    check(url(portal, act))
    check(f"{portal.url}/c/nothing")
    browser.get(url(portal, plan))
    unfold(browser, "report")
    for field in ("plan_number", "plan_date", "name"):
        type_into(browser, f"report-{field}", "!")
    press(browser, "report")
    see(browser, "Chưa ghi nhận được")
    assert browser.execute_script(CHECKS) == []
