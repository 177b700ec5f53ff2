"""The auditors' page as a file: safe whatever the ledger holds, whole without scripts, no names."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any, cast

import pytest

from audit.coverage import Anchor, Checkpoint, covering
from audit.ledger import chain, histories
from audit.page import Ledger, Page, as_file, csp, page
from audit.page_data import from_micros, micros, named_by, page_data
from audit.page_texts import TEXTS
from audit.posted import Posted, mails
from audit.replay import History, NoSuchDocument
from audit.timeline import timeline
from audit.words import KINDS, MAILS, PHASES, bound_words, fact_words, instant_words
from models.codec import encode, instant_of
from models.domain.calendar import at
from models.domain.chain import Json
from models.domain.directive import Document
from models.domain.effects import Kind
from models.domain.facts import (
    FACTS,
    Attached,
    Fact,
    NoticeAccepted,
    NoticeFailed,
    Registered,
    Report,
    Submitted,
)
from models.domain.state import Plan
from models.domain.terms import BodyId, Phase
from tests.builders import LINK, PERSON, one_of_each
from tests.domain.test_replay import ENTERED, UNIT, ledger
from tests.histories import files

END = at(date(2023, 12, 8), 8)
EVIL = "</script><script>alert(1)</script><!-- & \u2028 ' \" <img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def found() -> list[History]:
    return histories(files.rows("demo-troubled"))


def made(found: list[History], lang: str = "vi", *checkpoints: Checkpoint) -> Page:
    size = sum(len(each.bodies) for each in found)
    return page(found, Ledger("abc", size, checkpoints), END, lang=lang)


class Parts(HTMLParser):
    """Scripts, styles, attributes and the table of a page, as a browser takes it apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.scripts: list[tuple[str, str]] = []
        self.styles: list[str] = []
        self.policy = ""
        self.attributes: list[tuple[str, str, str]] = []
        self.lines = 0
        self._in: tuple[str, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in given.items()]
        self.lines += tag == "tr"
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag in ("script", "style"):
            self._in = (tag, given.get("type", ""))

    def handle_data(self, text: str) -> None:
        if self._in is not None and self._in[0] == "script":
            self.scripts.append((self._in[1], text))
        elif self._in is not None:
            self.styles.append(text)

    def handle_endtag(self, tag: str) -> None:
        self._in = None


def data_of(html: str) -> dict[str, Any]:
    (text,) = [text for kind, text in Parts(html).scripts if kind == "application/json"]
    data: dict[str, Any] = json.loads(text)
    return data


def hash_of(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_policy_names_the_page_s_own_script_and_style_and_nothing_else(
    found: list[History],
) -> None:
    built = made(found)
    parts = Parts(built.html)
    (script,) = [text for kind, text in parts.scripts if not kind]
    (style,) = parts.styles
    assert parts.policy == csp()
    assert parts.policy.split("; ") == [
        "default-src 'none'",
        f"script-src '{hash_of(script)}'",
        f"style-src '{hash_of(style)}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert built.csp == f"{parts.policy}; frame-ancestors 'none'"


def test_nothing_is_fetched_and_no_attribute_runs_anything(found: list[History]) -> None:
    parts = Parts(made(found).html)
    for tag, name, value in parts.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in ("style", "src", "action", "srcset"), (tag, name, value)
        assert name != "href" or value.startswith("#")
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", made(found).html)


def test_what_the_ledger_holds_cannot_leave_its_place() -> None:
    document = replace(_document(), title=EVIL, kind=EVIL)
    duties = tuple(replace(each, quote=EVIL, summary=EVIL) for each in document.obligations)
    bodies = tuple(replace(each, name=EVIL) for each in document.bodies)
    document = replace(document, obligations=duties, bodies=bodies)
    built = made(histories(ledger((Registered(ENTERED, document, EVIL), ENTERED))))
    parts = Parts(built.html)
    assert len(parts.scripts) == 2
    assert not any(tag == "img" for tag, _, _ in parts.attributes)
    data = data_of(built.html)
    assert data["documents"][0]["title"] == EVIL
    assert data["duties"][0]["quote"] == EVIL


def _document() -> Document:
    fact = History.read(files.rows("demo"), "256-KH/TU").bodies[0].fact
    assert isinstance(fact, Registered)
    return fact.document


def test_the_table_for_browsers_without_scripts_has_every_fact(found: list[History]) -> None:
    html = made(found).html
    assert Parts(html).lines == 1 + sum(len(each.bodies) for each in found)
    assert "Quá hạn: hết hạn mà chưa báo cáo" in html


def test_a_long_table_has_the_newest_facts_and_says_so(
    found: list[History], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.page.TABLE_ROWS", 20)
    html = made(found, "en").html
    assert Parts(html).lines == 21
    assert "only the newest 20 of 541 facts" in html


def test_the_data_is_that_of_the_ledger(found: list[History]) -> None:
    data = data_of(made(found).html)
    bodies = sorted((body for each in found for body in each.bodies), key=lambda body: body.seq)
    facts, instants, before = data["facts"], data["instants"], ""
    hashes = base64.b64decode(facts["hash"])
    assert len(hashes) == 32 * len(bodies)
    assert facts["seq"][len(bodies) :] == [None] * (len(facts["seq"]) - len(bodies))
    for place, body in enumerate(bodies):
        assert facts["seq"][place] == body.seq
        assert data["documents"][facts["doc"][place]]["key"] == body.stream
        assert data["types"][facts["type"][place]] == body.type
        assert facts["kind"][place] == body.kind
        assert instants[facts["at"][place]] == micros(body.fact.at)
        assert instants[facts["recorded"][place]] == micros(body.recorded_at)
        assert facts["cause"][place] == body.cause
        assert facts["prev"].get(str(place), before) == body.prev
        before = hashes[32 * place :][:32].hex()
        assert before == body.hash
    assert len(data["copies"]) == 135


def test_the_courses_are_those_of_the_timeline(found: list[History]) -> None:
    data, history = data_of(made(found).html), found[-1]
    courses = timeline(history, END)
    instants, seen = [*data["instants"], None], 0
    for name, _, _, own, known in data["copies"]:
        for course, shown in ((courses.own, own), (courses.known, known)):
            if name not in course:
                continue
            seen += 1
            pairs = [
                (None if when.year == 1 else micros(when), status.phase, int(status.late))
                for when, status in course[name]
            ]
            assert [
                (instants[shown[at]], *data["statuses"][shown[at + 1]][:2])
                for at in range(0, len(shown), 2)
            ] == pairs
    assert seen == 2 * len(courses.own)


def test_a_fact_says_which_mail_and_which_content_it_names(found: list[History]) -> None:
    history = found[-1]
    unit = next(iter(history.upto(len(history.bodies)).progress))
    text, file = "ab" * 32, "cd" * 32
    report = Report(text, files=(Attached(file, "application/pdf", 9),))
    facts: tuple[Fact, ...] = (
        NoticeAccepted(END, "m1", "assigned", unit, BodyId("x"), "ef" * 32, 250, "4F1A"),
        NoticeFailed(END, "m2", "assigned", unit, BodyId("x"), "bounced"),
        Submitted(END, unit, 1, report, PERSON, LINK),
    )
    written = [cast(dict[str, Json], encode(fact)) for fact in facts]
    bodies = [
        replace(history.bodies[-1], fact=fact, data=data)
        for fact, data in zip(facts, written, strict=True)
    ]
    assert [[*named_by(body.fact, body)] for body in bodies] == [
        [("message_id", "m1"), ("queue_id", "4F1A"), ("raw_sha256", "ef" * 32)],
        [("message_id", "m2")],
        [("text_sha256", text), ("sha256", file)],
    ]
    for field in ("message_id", "queue_id", "raw_sha256", "text_sha256", "sha256"):
        assert f"named_{field}" in TEXTS["vi"]


def test_micros_are_exact() -> None:
    for text in ("2023-10-20T16:59:59.999999Z", "1969-12-31T23:59:59.000001Z"):
        instant = instant_of(text)
        assert micros(instant) == round(instant.int_timestamp * 1_000_000 + instant.microsecond)
        assert from_micros(micros(instant)) == instant


def test_a_page_writes_down_once_what_repeats(found: list[History]) -> None:
    data = page_data(found, END)
    assert len({*map(tuple, data["words"])}) == len(data["words"]) < len(data["facts"])
    assert len({*data["statuses"]}) == len(data["statuses"]) < 100
    assert len(made(found).html) < 420_000


def test_the_strip_says_how_much_is_covered_and_whether_outside(found: list[History]) -> None:
    size = sum(len(each.bodies) for each in found)
    point = Checkpoint(size, "00", "k", "2023-12-02T16:00:00.000000Z")
    sent = replace(point, anchors=(Anchor("mail:kiem-toan", "sent", ""),))
    assert 'class="strip none"' in made(found).html
    inside = made(found, "vi", point).html
    assert 'class="strip tail"' in inside
    assert "Chưa gửi được bản sao nào cho kiểm toán" in inside
    whole = made(found, "vi", sent).html
    assert 'class="strip all"' in whole
    assert "thư gửi kiểm toán kiem-toan" in whole
    early = made(found, "vi", replace(sent, size=size - 41)).html
    assert 'class="strip tail"' in early
    assert f"41 sự kiện cuối, từ số {size - 40}" in early
    # The newest has no copy outside yet: what an earlier copy covers is said.
    later = made(found, "vi", replace(sent, size=100), point).html
    assert 'class="strip tail"' in later
    assert "Bản sao bên ngoài, đến số 100: thư gửi kiểm toán kiem-toan." in later
    assert covering((replace(sent, size=10), sent), 10) == replace(sent, size=10)
    assert covering((replace(sent, size=10), sent), 11) == sent
    assert covering((sent,), size + 1) is None


def test_a_file_for_a_bundle_is_the_same_each_time() -> None:
    rows = files.rows("demo")
    html = as_file(rows, Ledger("abc", len(rows)))
    assert html == as_file(iter(rows), Ledger("abc", len(rows)))
    assert data_of(html)["until"] == micros(max(instant_of(row.recorded_at) for row in rows))


def test_no_person_is_named_and_no_address(found: list[History]) -> None:
    html = made(found).html
    assert "p_" in html
    assert "@btg-thanhuy" not in html
    for name in ("Nguyễn Thị Lan", "Trần Văn Minh", ".example"):
        assert name not in html


def test_both_languages_have_the_same_texts() -> None:
    assert TEXTS["vi"].keys() == TEXTS["en"].keys()
    holes = re.compile(r"\{\w+\}")
    for key, text in TEXTS["vi"].items():
        assert sorted(holes.findall(text)) == sorted(holes.findall(TEXTS["en"][key])), key
    assert {*PHASES} == {*Phase}
    assert {kind.value for kind in Kind} <= {*MAILS}
    assert {*KINDS} == {"I", "D", "A"}


def test_every_fact_has_a_sentence_in_both_languages(found: list[History]) -> None:
    plan = Plan(_document())
    told = {type(fact).__name__ for fact in one_of_each(UNIT, END)}
    facts = [body.fact for each in found for body in each.bodies] + [*one_of_each(UNIT, END)]
    for fact in facts:
        told.add(type(fact).__name__)
        vi, en = fact_words(fact, plan), fact_words(fact, plan, "en")
        assert vi != en, type(fact).__name__
        assert type(fact).__name__ not in vi.split(":")[0] or vi[0].islower()
    assert len(told) > 20
    assert told <= {*FACTS}


def test_instants_and_bounds_in_words() -> None:
    assert instant_words(instant_of("2023-10-20T01:00:00.000000Z")) == "08:00 thứ Sáu, 20/10/2023"
    exact = instant_of("2023-10-20T10:00:00.000001Z")
    assert instant_words(exact, "en") == "17:00:00.000001 Friday, 20/10/2023"
    assert bound_words(instant_of("2023-10-20T17:00:00.000000Z")) == "hết ngày thứ Sáu, 20/10/2023"
    assert bound_words(None, "en") == "no date"


def test_a_chain_is_what_lies_above_and_below(found: list[History]) -> None:
    names = ["57-KL/TW", "240-KH/TU", "256-KH/TU"]
    for name in names:
        assert [each.document for each in chain(found, name)] == names
    assert [each.document for each in chain(found[:1], "57-KL/TW")] == names[:1]
    with pytest.raises(NoSuchDocument):
        chain(found, "1-KH/TU")


def test_owed_mails_stand_with_their_fact_and_the_outbox_beside_them(found: list[History]) -> None:
    history = found[-1]
    opened = next(body for body in history.bodies if body.type == "Opened")
    (owed,) = mails(history)[opened.seq]
    assert (owed.kind, owed.message_id, owed.posted) == ("assigned", "", None)
    key = f"{history.document}|Opened:{opened.data['assignment']}|assigned|{owed.to}"
    box = Posted("sent", "2023-09-19T01:00:05.000000Z", "m1", "ff")
    (seen,) = mails(history, {key: [box]})[opened.seq]
    assert (seen.message_id, seen.posted) == ("m1", box)
    # A rung is told to those above and to the unit.
    escalated = next(body for body in history.bodies if body.type == "Escalated")
    assert {mail.kind for mail in mails(history)[escalated.seq]} == {"escalation", "overdue"}
