"""The auditors' page over the recorded demonstration, kept as pictures.

``python -m tests.replay_pictures docs/images`` writes those of the documents anew.
"""

import sys
import tempfile
from datetime import date
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from audit.coverage import Anchor, Checkpoint
from audit.ledger import histories
from audit.page import Ledger, page
from models.domain.calendar import at
from tests.browser import chromium, screen
from tests.histories import files

DUTY = "256/III.1-c"
BODY = "Đảng bộ xã Thành Hải"
SHOWN = "2023-10-26T10:00"
SET = """
const field = document.getElementById(arguments[0]);
field.value = arguments[1];
field.dispatchEvent(new Event("change"));
"""


def written(folder: Path) -> str:
    """Write the page into *folder*; return its address."""
    found = histories(files.rows("demo-proven"))
    size = sum(len(each.bodies) for each in found)
    sent = (Anchor("mail:kiem-toan", "sent", ""),)
    note = Checkpoint(size, "00" * 32, "k1", "2023-12-01T16:00:00.000000Z", sent)
    made = page(found, Ledger("5742402561", size, (note,)), at(date(2023, 12, 2), 8))
    path = folder / "replay.html"
    path.write_text(made.html, encoding="utf-8")
    return path.as_uri()


def named(browser: Chrome, selector: str, text: str) -> None:
    """Press what stands for *text* by its spoken name."""
    for each in browser.find_elements(By.CSS_SELECTOR, selector):
        if text in (each.get_attribute("aria-label") or ""):
            browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", each)
            each.click()
            return
    raise LookupError(text)


def main(folder: Path) -> None:
    """Write the whole cascade at an instant, and one bar with its facts open."""
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        screen(browser, 1440, 900)
        browser.get(written(Path(place)))
        browser.execute_script(SET, "exact", SHOWN)
        browser.save_screenshot(str(folder / "replay.png"))
        browser.execute_script(SET, "range", "90")
        named(browser, ".fold", DUTY)
        named(browser, ".row.copy .bar", f"{BODY}, {DUTY}")
        browser.execute_script("document.querySelector('.details details').open = true")
        browser.save_screenshot(str(folder / "replay-open.png"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
