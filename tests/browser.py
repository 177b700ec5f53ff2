"""Headless Chromium for acceptance tests, as a telephone or a desktop, without its own network."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium(*, scripts: bool = True, arguments: Sequence[str] = ()) -> Iterator[Chrome]:
    """Give a fresh browser; skip the test, with the reason, where none is installed.

    *scripts* false forbids JavaScript and cookies to pages, as some offices do.
    """
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("no Chromium with chromedriver here: run tests/prepare.sh")
    options = ChromeOptions()
    options.binary_location = browser
    for argument in (
        "--headless=new",
        "--no-sandbox",  # the tests may run as root; they open their own pages only
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--disable-background-networking",
        "--no-first-run",
        "--lang=vi",
        *arguments,
    ):
        options.add_argument(argument)
    if not scripts:
        blocked = {"javascript": 2, "cookies": 2}
        options.add_experimental_option(
            "prefs", {"profile.managed_default_content_settings": blocked}
        )
    running = Chrome(options=options, service=Service(driver))
    try:
        running.set_page_load_timeout(30)
        yield running
    finally:
        running.quit()


def screen(browser: Chrome, width: int, height: int = 800, *, dark: bool = False) -> None:
    """Make the browser's window *width* × *height* CSS pixels, in the light or dark scheme."""
    command: dict[str, Any] = {"width": width, "height": height, "deviceScaleFactor": 1}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", command | {"mobile": width < 500})
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
