"""Headless Chromium, for what can only be seen."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from flows import books
from models.store import Store
from tests.acceptance.demonstration import Demonstration

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --window-size=1600,1000"
)


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """Give a browser with an empty profile."""
    options = Options()
    options.binary_location = shutil.which("chromium") or "/usr/bin/chromium"
    for flag in FLAGS.split():
        options.add_argument(flag)
    driver = webdriver.Chrome(
        options=options, service=Service(shutil.which("chromedriver") or "/usr/bin/chromedriver")
    )
    try:
        yield driver
    finally:
        driver.quit()


def look_at(demo: Demonstration) -> dict[str, str]:
    """Open the run of 256-KH/TU in the Prefect UI; return what it shows and what its graph holds.

    The picture is kept where ``CASCADE_PICTURES`` says, for people.
    """
    store = Store(demo.settings.store_url)
    run = books.read(store, books.CARRY_OUT + "256-KH/TU")
    root = books.read(store, books.CARRY_OUT + "57-KL/TW")
    store.close()
    assert run is not None
    assert root is not None
    graph = httpx.get(f"{demo.settings.api_url}/flow_runs/{run.flow_run_id}/graph-v2").json()
    nodes = [node for _, node in graph["nodes"]]
    pictures = os.environ.get("CASCADE_PICTURES", "")
    with chromium() as driver:
        driver.set_page_load_timeout(120)
        driver.get(f"{demo.settings.ui_url}/runs/flow-run/{run.flow_run_id}")
        WebDriverWait(driver, 120).until(
            lambda page: (
                "AwaitingReports" in page.find_element("tag name", "body").text
                and page.find_elements("tag name", "canvas")
            )
        )
        text = driver.find_element("tag name", "body").text
        if pictures:
            driver.save_screenshot(str(Path(pictures) / "ui-256.png"))
            driver.get(f"{demo.settings.ui_url}/runs/flow-run/{root.flow_run_id}")
            WebDriverWait(driver, 60).until(lambda page: page.find_elements("tag name", "canvas"))
            driver.save_screenshot(str(Path(pictures) / "ui-root.png"))
    return {
        "page": text,
        "nodes": str(len(nodes)),
        "edges": str(sum(len(node["parents"]) for node in nodes)),
        "labels": "\n".join(node["label"] for node in nodes),
    }
