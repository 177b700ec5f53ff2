"""Several duties in one mail: by document, the soonest first, a link for each."""

import re
from dataclasses import replace
from functools import cache

from cli.preview import SENDER
from cli.samples import Told, digest_letters
from config.package import DIRECTIVES, load
from models.domain.effects import Kind
from models.domain.state import State
from models.domain.terms import AssignmentId
from notifications.letter import Letter
from notifications.render import compose, compose_digest, raw
from notifications.wire import Mail, message_id_for
from tests.builders import issued
from tests.domain.test_render import visible
from tests.factories import REPORT, copy_of, document, vn

NOW = vn(2023, 10, 23, 8)


@cache
def told() -> tuple[Told, ...]:
    return tuple(digest_letters(load(DIRECTIVES / "57-kl-tw").documents[-1]))


def letters(lang: str = "vi") -> list[Letter]:
    return [each.letter(lang, number) for number, each in enumerate(told(), 1)]


def states() -> dict[str, State]:
    return {each.state.key: each.state for each in told()}


def written(lang: str = "vi", *extra: Letter, **more: State) -> Mail:
    return compose_digest([*letters(lang), *extra], states() | more, SENDER, lang, NOW)


def test_the_soonest_duty_stands_first_and_each_has_its_own_link() -> None:
    mail = written()
    dues = re.findall(r"^HẠN: .*?(\d\d)/(\d\d)/(\d{4})", mail.text, re.MULTILINE)
    days = [(year, month, day) for day, month, year in dues]
    assert days == sorted(days)
    assert "không có thời hạn" in mail.text.split("HẠN: ")[-1], "without a date comes last"
    links = re.findall(r"^https://\S+", mail.text, re.MULTILINE)
    assert len(links) == len(set(links)) == len(told()) == 5
    assert re.findall(r'class="button" href="([^"]+)"', mail.html) == links
    for each in told():
        assert each.state.plan is not None
        duty = each.state.plan.assignments[each.notify.assignment][0]
        assert duty.summary in mail.text
        assert duty.summary in visible(mail.html)


def test_every_clause_is_quoted_once_below_what_is_to_be_done() -> None:
    mail = written()
    for each in told():
        assert each.state.plan is not None
        duty = each.state.plan.assignments[each.notify.assignment][0]
        assert mail.text.count(duty.quote) == 1
        assert visible(mail.html).count(duty.quote) == 1
        assert mail.text.index(duty.quote) > mail.text.rindex("VIỆC: ")
        assert f"mục {duty.clause}, kế hoạch 256-KH/TU" in mail.text


def test_the_subject_says_how_many_and_the_nearest_date() -> None:
    assert written().subject == "[256-KH/TU] 5 việc, 1 quá hạn – hạn gần nhất 31/10"
    assert written("en").subject == "[256-KH/TU] 5 duties, 1 overdue – nearest date 31/10"


def test_each_document_holds_its_own_duties_together() -> None:
    other = issued(replace(document(3), number="99-KH/TU", key="99-KH/TU")).state  # type: ignore[arg-type]
    own = AssignmentId(copy_of(REPORT, "u.1"))
    extra = replace(letters()[0], assignment=own, stream="99-KH/TU", token="x" * 43)
    mail = written("vi", extra, **{"99-KH/TU": other})
    assert mail.subject.startswith("[256-KH/TU, 99-KH/TU] 6 việc")
    assert len(re.findall(r"^Kế hoạch 256-KH/TU", mail.text, re.MULTILINE)) == 1
    assert len(re.findall(r"^Kế hoạch 99-KH/TU", mail.text, re.MULTILINE)) == 1
    assert mail.text.index("256-KH/TU ngày") < mail.text.index("99-KH/TU ngày"), "soonest first"


def test_it_goes_as_the_first_of_its_letters_and_answers_none() -> None:
    mail = written()
    assert mail.message_id == message_id_for(letters()[0].message_id, SENDER.domain)
    assert mail.in_reply_to is None
    assert mail.references == ()
    assert mail.to.address == letters()[0].address
    assert raw(mail) == raw(written()), "the same bytes for the same letters"


def test_what_could_not_be_told_goes_together_too() -> None:
    state = issued(document(3)).state
    base = letters()[0]
    untold = [
        replace(
            base,
            kind=Kind.UNTOLD,
            assignment=AssignmentId(copy_of(REPORT, f"u.{number}")),
            stream=state.key,
            recipient_name="Văn phòng Thành ủy",
            token=f"{number}" * 43,
        )
        for number in (1, 2, 3)
    ]
    mail = compose_digest(untold, {state.key: state}, SENDER, "vi", NOW)
    for number in (1, 2, 3):
        assert f"ĐƠN VỊ: Đảng ủy phường số {number}" in mail.text
        assert f"chưa có gì chứng tỏ Đảng ủy phường số {number}" in visible(mail.html)


def test_each_duty_that_begins_brings_its_calendar_file() -> None:
    begun = [each for each in letters() if each.kind is Kind.ASSIGNED]
    twin = replace(begun[0], message_id="twin")
    files = written("vi", twin).attachments
    alone = [
        compose(each, states()[each.stream], SENDER, NOW).attachments for each in [*begun, twin]
    ]
    assert [file.content for file in files] == [file.content for one in alone for file in one]
    assert len(files) == len({file.name for file in files}) > 1
    assert all(file.name.endswith(".ics") for file in files)
    others = [each for each in letters() if each.kind is not Kind.ASSIGNED]
    assert compose_digest(others, states(), SENDER, "vi", NOW).attachments == ()
