"""Every page of the portal in every state that a person meets: walked through, kept as pictures.

``python -m tests.portal_pictures docs/images`` writes those of the documents anew; with widths
behind it (``… FOLDER 320 1000``) every page at each of them, to be looked at.
"""

import base64
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from models.domain.directive import Document, Figure
from models.domain.effects import Kind, Purpose
from models.domain.terms import Acceptance
from models.owed import LINK_DAYS
from portal.behalf import open_page
from portal.limits import POSTS
from tests.browser import chromium, screen
from tests.factories import (
    DUE,
    PLAN,
    REPORT,
    Office,
    copy_of,
    document,
    obligation,
    office,
    plan_duty,
    policy,
    synthesis,
    units,
    vn,
)
from tests.papers import PDF, PICTURE
from tests.portal_site import Site, site

UNIT, SECOND, THIRD, FOURTH = (copy_of(REPORT, f"u.{n}") for n in range(1, 5))
FORM = (
    Figure("so_buoi", "Số buổi, lớp học tập", "buổi"),
    Figure("dang_vien_tham_gia", "Số đảng viên tham gia", "người"),
    Figure("tong_dang_vien", "Tổng số đảng viên", "người"),
    Figure("hinh_thuc", "Hình thức", type="choice", choices=("Trực tiếp", "Trực tuyến")),
    Figure("ly_do_vang", "Lý do còn đảng viên chưa tham gia", required=False, type="text"),
)
TYPED = {
    "figure__so_buoi": "3",
    "figure__dang_vien_tham_gia": "1.190",
    "figure__tong_dang_vien": "1.204",
    "figure__hinh_thuc": "Trực tiếp",
    "figure__ly_do_vang": "14 đồng chí đi công tác và nghỉ ốm.",
    "text": "Đã tổ chức 3 buổi học tập cho đảng viên toàn phường; đã ban hành kế hoạch thực hiện.",
    "name": "Nguyễn Thị Lan",
}
SCAN = ("files", ("Báo cáo 12-BC.pdf", PDF, "application/pdf"))
PHOTO = ("files", ("hội nghị.jpg", PICTURE, "image/jpeg"))


def town() -> Document:
    """Return a document whose form has every kind of field."""
    bodies = units(4)
    return document(
        4,
        policy=policy(receipts=True),
        obligations=(
            obligation(bodies, figures=FORM),
            plan_duty(bodies, acceptance=Acceptance.RECEIVER),
            synthesis(),
        ),
    )


Shot = tuple[str, str]
"""A picture's name, and the address of what it shows."""
WIDTH = 540
DOCUMENTED = (
    "act",
    "draft",
    "correct",
    "supplement",
    "ask",
    "duties",
    "review",
    "compare",
    "decide",
    "behalf",
    "sent",
    "lapsed",
    "lapsed-sent",
    "wrong",
    "too-often",
)
UNFOLDED = {
    "correct": "correct",
    "supplement": "supplement",
    "ask": "extension",
    "accepted": "entries",
}
"""In these pictures a section stands open, as it does for a person who has pressed on it."""
PRESSED = {"too-often": "report"}
"""In these pictures a form was sent; what is shown is the answer."""


def visits(desk: Office, portal: Site) -> Iterator[Shot]:
    """Walk through the whole life of a few duties; yield each page when it stands there."""
    url = f"{portal.url}/c/"
    token = desk.token(UNIT)
    yield "act", url + token
    desk.clock.instant = vn(2023, 9, 20, 9, 5)
    portal.do(token, "acknowledge", name="Nguyễn Thị Lan")
    yield "acknowledged", url + token
    desk.clock.instant = vn(2023, 10, 3, 14, 5)
    portal.send(token, "draft", [SCAN], **TYPED | {"figure__so_buoi": "2"})
    yield "draft", url + token
    desk.clock.instant = vn(2023, 10, 18, 9, 5)
    portal.send(token, "report", [PHOTO], **TYPED)
    yield "sent", url + token
    yield "correct", url + token
    portal.do(token, "correct", **TYPED | {"figure__so_buoi": "4"})
    yield "corrected", url + token
    yield "supplement", url + token
    desk.clock.instant = vn(2023, 10, 18, 16)
    portal.send(token, "supplement", [SCAN], text="Gửi thêm danh sách lớp.", name="Nguyễn Thị Lan")
    yield "supplemented", url + token
    review = desk.token(UNIT, Purpose.REVIEW)
    yield "review", url + review
    desk.clock.instant = vn(2023, 10, 19, 8, 30)
    portal.do(review, "return", name="Lê Văn Cường", reason="Nêu rõ lý do vắng, bổ sung số buổi.")
    yield "returned", url + desk.token(UNIT, Purpose.ACT, Kind.RETURNED)
    desk.clock.instant = vn(2023, 10, 19, 15)
    again = TYPED | {
        "figure__so_buoi": "5",
        "figure__ly_do_vang": "12 đồng chí đi công tác, 2 đồng chí nghỉ ốm.",
        "text": "Đã tổ chức 5 buổi học tập cho đảng viên toàn phường; đã ban hành kế hoạch.",
    }
    portal.do(desk.token(UNIT), "report", **again)
    yield "compare", url + desk.token(UNIT, Purpose.REVIEW)
    portal.do(desk.token(UNIT, Purpose.REVIEW), "accept", name="Lê Văn Cường")
    yield "accepted", url + desk.token(UNIT)

    desk.clock.instant = vn(2023, 10, 19, 16)
    asking = desk.token(SECOND)
    yield "ask", url + asking
    portal.do(
        asking, "extension", until="27/10/2023", name="Trần Văn Minh",
        reason="Bão làm hỏng hội trường, dời lớp học sang tuần sau.",
    )  # fmt: skip
    yield "asked", url + asking
    decide = desk.token(SECOND, Purpose.DECIDE)
    yield "decide", url + decide
    answer = {"authority": "12-CV/VP", "reason": "Đồng ý, do thiên tai."}
    portal.do(decide, "grant", **answer)
    yield "settled", url + decide
    yield "granted", url + asking
    portal.do(desk.token(THIRD), "dispute", name="Lê Thị Hoa", reason="Phường không có chi bộ này.")
    yield "dispute", url + desk.token(THIRD, Purpose.DECIDE)
    portal.do(
        desk.token(THIRD, Purpose.DECIDE), "keep", authority="13-CV/VP", reason="Vẫn thuộc phường."
    )
    yield "kept", url + desk.token(THIRD)
    yield "duties", url + desk.token(THIRD) + "/duties"
    for number in range(POSTS):
        portal.do(desk.token(THIRD), "report", text=f"Lần {number}.")
    yield "too-often", url + desk.token(THIRD)
    state = desk.store.state(town().key)
    standing_in, _ = open_page(desk.recorder, state, FOURTH, "Phạm Quốc Bảo")
    yield "behalf", url + standing_in
    paper = {"paper_number": "07-BC/ĐU", "paper_date": "10/10/2023", "name": "Phạm Quốc Bảo"}
    portal.send(standing_in, "report", [SCAN], **TYPED | paper)
    yield "behalf-done", url + standing_in
    yield "behalf-review", url + desk.token(FOURTH, Purpose.REVIEW)
    desk.clock.instant = DUE.add(days=6)
    desk.recorder.let_time_act(replace(town()).key)
    yield "units", url + desk.token(copy_of("256/III.1-d", "pr.btg"))
    yield "plan", url + desk.token(copy_of(PLAN, "u.1"))
    yield "wrong", url + "A" * len(asking)
    desk.clock.instant = DUE.add(days=LINK_DAYS)
    yield "lapsed", url + asking
    form = portal.get(asking).forms[asking]
    yield "lapsed-sent", portal.url + portal.post(form.action, form.values).headers["location"]


PRESS = """
const form = document.querySelector(`form[action*='/${arguments[0]}']`);
form.querySelector("textarea[name=text]").value = arguments[1];
form.submit();
"""
OPEN = "document.querySelectorAll(`#${arguments[0]} details`).forEach(d => d.open = true)"


def picture(browser: Chrome, path: Path, width: int) -> None:
    """Keep the whole page, however long."""
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1}
    wanted = {"clip": clip, "captureBeyondViewport": True}
    taken = browser.execute_cdp_cmd("Page.captureScreenshot", wanted)
    path.write_bytes(base64.b64decode(taken["data"]))


def press(browser: Chrome, form: str) -> None:
    """Write something into the form, send it and wait for the answer."""
    before = browser.find_element(By.TAG_NAME, "html")
    browser.execute_script(PRESS, form, TYPED["text"])
    WebDriverWait(browser, 20).until(staleness_of(before))


def walk(look: Callable[[str, str, Site], None]) -> None:
    """Go through :func:`visits`; *look* gets name and address of each."""
    with (
        tempfile.TemporaryDirectory() as folder,
        office(Path(folder)) as desk,
        site(desk) as portal,
    ):
        desk.issue(town())
        for name, address in visits(desk, portal):
            look(name, address, portal)


def main(folder: Path, widths: list[int]) -> None:
    """Write every picture at every width, or those of the documents."""
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:

        def look(name: str, address: str, portal: Site) -> None:
            for width in widths or [WIDTH] * (name in DOCUMENTED):
                screen(browser, width)
                browser.get(address)
                if name in UNFOLDED:
                    browser.execute_script(OPEN, UNFOLDED[name])
                if name in PRESSED:
                    press(browser, PRESSED[name])
                ending = f"-{width}.png" if widths else ".png"
                picture(browser, folder / f"portal-{name}{ending}", width)

        walk(look)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(each) for each in sys.argv[2:]])
