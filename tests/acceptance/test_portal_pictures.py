"""Every page in every state: fits a small telephone, is read by a screen reader, and is light."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium.webdriver import Chrome

from tests.acceptance.test_portal_browser import CHECKS
from tests.browser import chromium, screen
from tests.portal_pictures import OPEN, PRESSED, UNFOLDED, press, walk
from tests.portal_site import Site

AXE = Path(__file__).parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(
  found => done(found.violations.map(v => v.id + ": " + v.nodes[0].html.slice(0, 160))),
  error => done(["axe: " + error]));
"""
LIGHT = 30_000
"""Bytes of a page with its style sheet."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium() as running:
        yield running


def test_every_page_in_every_state(browser: Chrome) -> None:
    """320 px is also what 400 % zoom leaves of a desktop's 1280."""
    axe = AXE.read_text() if AXE.is_file() else ""
    wrong: dict[str, Any] = {}
    seen: list[str] = []

    def look(name: str, address: str, portal: Site) -> None:
        seen.append(name)
        html = httpx.get(address).text
        style = httpx.get(portal.url + html.partition('stylesheet" href="')[2].partition('"')[0])
        weight = len(html.encode()) + len(style.content)
        if weight >= LIGHT:
            wrong[f"{name}: weight"] = weight
        for width, dark, tail in ((320, False, ""), (1000, True, "?lang=en")):
            screen(browser, width, dark=dark)
            browser.get(address + tail)
            if name in PRESSED:
                press(browser, PRESSED[name])
            browser.execute_script(OPEN, "main")
            problems = browser.execute_script(CHECKS)
            if axe:
                browser.execute_script(axe)
                problems += browser.execute_async_script(RUN)
            if problems:
                wrong[f"{name}: {width} px"] = problems

    walk(look)
    assert wrong == {}
    assert {*UNFOLDED, *PRESSED} <= set(seen)
    if not axe:
        pytest.skip("no axe-core here (run tests/prepare.sh): the rest was looked at and is well")
