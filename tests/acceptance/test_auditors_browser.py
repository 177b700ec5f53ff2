"""The auditors' page in a real browser: from a file without a network, by keyboard, and served."""

import json
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pendulum import DateTime
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from audit.coverage import Anchor, Checkpoint
from audit.ledger import histories
from audit.page import Ledger, page
from audit.replay import History
from audit.timeline import Status
from audit.words import instant_words
from models.domain.calendar import at
from portal.auditor import grant
from tests.browser import chromium, screen
from tests.factories import document, office
from tests.histories import files
from tests.portal_site import site

END = at(date(2023, 12, 8), 8)
AXE = Path(__file__).parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"
POINT = Checkpoint(
    500, "00" * 32, "k1", "2023-11-20T16:00:00.000000Z", (Anchor("mail:kiem-toan", "sent", ""),)
)


@pytest.fixture(scope="module")
def found() -> list[History]:
    return histories(files.rows("demo-troubled"))


@pytest.fixture(scope="module")
def file(found: list[History], tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "replay.html"
    size = sum(len(each.bodies) for each in found)
    made = page(found, Ledger("5742402561", size, (POINT,)), END)
    path.write_text(made.html, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def offline() -> Iterator[Chrome]:
    # No name is known to this browser: whatever the page wanted to fetch would fail loudly.
    with chromium(arguments=("--host-resolver-rules=MAP * ~NOTFOUND",)) as running:
        yield running


@pytest.fixture
def browser(offline: Chrome, file: str) -> Iterator[Chrome]:
    screen(offline, 1440, 900)
    offline.get(file)
    yield offline
    assert complaints(offline) == []


def complaints(browser: Chrome) -> list[str]:
    """Return what the browser wrote to its console since the last time."""
    entries: list[dict[str, str]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in entries]


def words(browser: Chrome, element: str) -> str:
    return browser.find_element(By.ID, element).text


def wait_for(browser: Chrome, text: str, element: str = "now") -> None:
    WebDriverWait(browser, 10).until(lambda b: text in words(b, element))


def go_to(browser: Chrome, instant: DateTime) -> None:
    browser.execute_script(
        "const e = document.getElementById('exact'); e.value = arguments[0];"
        "e.dispatchEvent(new Event('change'));",
        f"{instant:%Y-%m-%dT%H:%M}",
    )
    wait_for(browser, instant_words(instant))


def unfold(browser: Chrome, duty: str) -> int:
    """Open the list of a duty's bodies; return its number on the page."""
    number: int = browser.execute_script(
        "const data = JSON.parse(document.getElementById('data').textContent);"
        "return data.duties.findIndex((duty) => duty.id === arguments[0]);",
        duty,
    )
    browser.find_element(By.CSS_SELECTOR, f"[aria-controls=copies-{number}]").click()
    return number


def press(browser: Chrome, *keys: str) -> None:
    ActionChains(browser).send_keys(*keys).perform()


def test_the_slider_goes_by_keyboard_from_event_to_event(
    browser: Chrome, found: list[History]
) -> None:
    go_to(browser, at(date(2023, 10, 20), 18))
    slider = browser.find_element(By.ID, "slider")
    slider.send_keys(Keys.ARROW_RIGHT)
    wait_for(browser, "00:00 thứ Bảy, 21/10/2023")
    assert slider.get_attribute("aria-valuetext") == "00:00 thứ Bảy, 21/10/2023"
    assert "quá hạn" in words(browser, "counts")
    slider.send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    WebDriverWait(browser, 10).until(lambda b: "20/10/2023" in words(b, "now"))
    slider.send_keys(Keys.PAGE_UP)
    WebDriverWait(browser, 10).until(lambda b: "27/10/2023" in words(b, "now"))
    slider.send_keys(Keys.HOME)
    wait_for(browser, "14/06/2023")
    assert "135 chưa bắt đầu" in words(browser, "counts")
    slider.send_keys(Keys.END)
    wait_for(browser, instant_words(END))


def test_a_bar_opens_its_facts_by_keyboard_and_gives_the_focus_back(browser: Chrome) -> None:
    go_to(browser, at(date(2023, 10, 26), 10))
    number = unfold(browser, "256/III.1-c")
    browser.execute_script("document.querySelector(`#copies-${arguments[0]} .bar`).focus()", number)
    press(browser, Keys.ARROW_DOWN, Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda b: b.find_element(By.ID, "details").is_displayed())
    said = words(browser, "details")
    assert "Đảng bộ phường Đài Sơn" in said
    assert "III.1 (256/III.1-c, 256-KH/TU)" in said
    assert "báo cáo học tập, quán triệt và xây dựng kế hoạch" in said
    assert "“trước ngày 21/10/2023” (III.1): hết ngày thứ Sáu, 20/10/2023" in said
    assert "Bắt đầu nhiệm vụ" in said
    assert "Phải báo: giao việc → Đảng bộ phường Đài Sơn · sổ cái không có bằng chứng" in said
    assert "nằm trong điểm kiểm tra 500, ký lúc 23:00 thứ Hai, 20/11/2023" in said
    focused = browser.switch_to.active_element.get_attribute("id")
    assert focused == "details-title"
    browser.find_element(By.CSS_SELECTOR, "#details summary").click()
    said = words(browser, "details")
    assert "Mã băm trước" in said
    assert "thư gửi kiểm toán kiem-toan (đã gửi)" in said
    press(browser, Keys.ESCAPE)
    assert not browser.find_element(By.ID, "details").is_displayed()
    label = browser.switch_to.active_element.get_attribute("aria-label") or ""
    assert label.startswith("Đảng bộ phường Đài Sơn, 256/III.1-c")


def test_hash_and_place_of_every_fact_are_those_of_the_ledger(
    browser: Chrome, found: list[History]
) -> None:
    browser.execute_script("document.querySelector('.row.document .bar').click()")
    shown = browser.execute_script(
        "return [...document.querySelectorAll('#details details')].map((one) =>"
        " [...one.querySelectorAll('code')].map((code) => code.textContent))"
    )
    about = [
        body
        for body in found[0].bodies
        if not any(hasattr(body.fact, name) for name in ("assignment", "obligation"))
    ]
    assert [each[0] for each in shown] == [body.hash for body in about]
    assert [each[1] for each in shown] == [body.prev for body in about]


def test_the_tail_that_nothing_covers_is_said_first_and_with_each_fact(browser: Chrome) -> None:
    strip = browser.find_element(By.CSS_SELECTOR, ".strip.tail").text
    assert "41 sự kiện cuối, từ số 501, chưa được điểm kiểm tra nào bao phủ." in strip
    browser.execute_script("[...document.querySelectorAll('.row.document .bar')].at(-1).click()")
    last = browser.find_elements(By.CSS_SELECTOR, "#details .facts > li")[-1].text
    assert "chưa được điểm kiểm tra nào bao phủ" in last


def test_the_two_clocks_show_what_was_and_what_was_known(browser: Chrome) -> None:
    """The city's report of 30/10 reached the province's ledger on 20/11."""
    go_to(browser, at(date(2023, 11, 10), 8))
    number = unfold(browser, "240/2")
    row = browser.find_element(By.CSS_SELECTOR, f"#copies-{number} .row")
    assert "chờ xem xét" in row.text
    browser.find_element(By.CSS_SELECTOR, "[name=clock][value=known]").click()
    WebDriverWait(browser, 10).until(lambda _: "đã nhận" in row.text)
    row.find_element(By.CSS_SELECTOR, ".bar").send_keys(Keys.ENTER)
    said = words(browser, "details")
    assert "đã xảy ra, nhưng sổ cái khi đó chưa biết" in said
    assert "ghi sau 20 ngày" in said


def test_what_the_page_shows_at_random_instants_is_what_a_replay_says(
    browser: Chrome, found: list[History]
) -> None:
    data: dict[str, Any] = json.loads(
        browser.execute_script("return document.getElementById('data').textContent")
    )
    drawn = random.Random(57)
    moments = sorted({body.fact.at for each in found for body in each.bodies})
    for number, duty in enumerate(data["duties"]):
        if len(duty["copies"]) < 30:
            browser.execute_script(
                "document.querySelector(`[aria-controls=copies-${arguments[0]}]`).click()", number
            )
    for clock in ("own", "known"):
        browser.find_element(By.CSS_SELECTOR, f"[name=clock][value={clock}]").click()
        for instant in drawn.sample(moments, 6):
            exact = instant.start_of("minute").add(minutes=drawn.randrange(2_000))
            exact = min(exact, END)
            go_to(browser, exact)
            chips = browser.execute_script(
                "return [...document.querySelectorAll('.row.copy')].map((row) =>"
                " [row.querySelector('.bar').dataset.key, row.querySelector('.chip').title])"
            )
            shown = {data["copies"][int(key[1:])][0]: chip for key, chip in chips}
            for history in found:
                replayed = history.at(exact, exact if clock == "known" else None)
                for copy in replayed.state.progress.values():
                    expected = said_of(data, Status.of(copy))
                    assert shown[copy.id] == expected, (clock, exact, copy.id)


def said_of(data: dict[str, Any], status: Status) -> str:
    texts, closed = data["texts"]["vi"], status.phase in ("accepted", "waived", "superseded")
    said = [data["phases"][status.phase][0]]
    if status.late:
        said.append(texts["slow" if closed else "late"])
        if status.rung and not closed:
            said.append(texts["rung"].replace("{n}", str(status.rung)))
    return " · ".join(said)


def test_the_language_changes_without_loading_anything(browser: Chrome) -> None:
    browser.find_element(By.ID, "language").click()
    wait_for(browser, "Friday, 08/12/2023")
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    assert "Status at this instant" in words(browser, "counts")
    assert "are covered by no checkpoint yet" in words(browser, "strip-words")
    browser.find_element(By.ID, "language").click()
    wait_for(browser, "thứ Sáu, 08/12/2023")


def test_on_paper_an_open_bar_has_its_proofs_and_every_bar_its_colour(browser: Chrome) -> None:
    go_to(browser, at(date(2023, 10, 26), 10))
    number = unfold(browser, "256/III.1-c")
    browser.execute_script("document.querySelector(`#copies-${arguments[0]} .bar`).click()", number)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
        details = browser.find_element(By.ID, "details")
        assert details.is_displayed()
        assert "Mã băm trước" in details.text
        # After the chart, not over it, and wholly.
        top, end, hidden = browser.execute_script(
            "const d = document.getElementById('details'), c = document.getElementById('chart');"
            "return [d.getBoundingClientRect().top, c.getBoundingClientRect().bottom,"
            " d.scrollHeight - d.clientHeight]"
        )
        assert top >= end
        assert hidden <= 0
        assert not browser.find_element(By.ID, "slider").is_displayed()
        kept = browser.execute_script(
            "return getComputedStyle(document.querySelector('.seg')).printColorAdjust"
        )
        assert kept == "exact"
        browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
        assert not browser.find_elements(By.CSS_SELECTOR, "#details details[open]")
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_policy_is_active_and_nothing_was_fetched(browser: Chrome) -> None:
    fetched = browser.execute_script("return performance.getEntriesByType('resource').length")
    assert fetched == 0
    ran = browser.execute_script(
        "const script = document.createElement('script'); script.textContent = 'window.ran = 1';"
        "document.body.append(script); return window.ran === 1;"
    )
    assert not ran
    (refused,) = complaints(browser)
    assert "Content Security Policy" in refused


def test_narrow_and_dark_screens_need_no_sideways_scrolling(browser: Chrome) -> None:
    for width in (390, 320):
        screen(browser, width, 844, dark=True)
        browser.refresh()
        number = unfold(browser, "256/III.1-c")
        browser.execute_script(
            "document.querySelector(`#copies-${arguments[0]} .bar`).click()", number
        )
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("opened", [False, True])
def test_an_accessibility_checker_finds_nothing(browser: Chrome, dark: bool, opened: bool) -> None:
    if not AXE.exists():
        pytest.skip("no axe-core here: run tests/prepare.sh")
    screen(browser, 1440, 900, dark=dark)
    go_to(browser, at(date(2023, 10, 26), 10))
    number = unfold(browser, "256/III.1-c")
    if opened:
        browser.execute_script(
            "document.querySelector(`#copies-${arguments[0]} .bar`).click()", number
        )
    # Through the driver, not as a script of the page: its policy would refuse it.
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = browser.execute_async_script(
        "const done = arguments[0];"
        "axe.run(document, {resultTypes: ['violations']}).then((result) => done(result.violations))"
    )
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found] == []


def test_without_scripts_it_is_a_table_of_facts(file: str) -> None:
    with chromium(scripts=False) as browser:
        browser.get(file)
        said = browser.find_element(By.TAG_NAME, "main").text
        assert "Quá hạn: hết hạn mà chưa báo cáo" in said
        assert "chưa được điểm kiểm tra nào bao phủ" in said
        assert not browser.find_element(By.ID, "app").is_displayed()
        assert len(browser.find_elements(By.CSS_SELECTOR, "tbody tr")) == 541


def test_the_same_page_is_served_behind_its_link(tmp_path: Path) -> None:
    with office(tmp_path) as desk:
        desk.issue(document(3))
        token, _ = grant(desk.store, desk.clock, 7)
        with site(desk) as portal, chromium() as browser:
            screen(browser, 1440, 900)
            browser.get(f"{portal.url}/a/{token}")
            WebDriverWait(browser, 10).until(lambda b: "đơn vị" in words(b, "rows"))
            browser.execute_script("document.querySelector('.row.copy .bar').click()")
            assert "Bắt đầu nhiệm vụ" in words(browser, "details")
            # What the outbox says stands beside it, as what it is.
            assert "hộp thư đi (ngoài sổ cái): đang chờ gửi" in words(browser, "details")
            assert [each for each in complaints(browser) if "favicon" not in each] == []
            assert browser.get_cookies() == []
