"""Mails about no document: what an auditor gets to keep."""

import json

import pytest

from cli.preview import NOTE, SENDER
from notifications import plain
from notifications.address import mailbox
from notifications.errors import BadMail
from notifications.render import raw
from notifications.wire import Mail, message_id_for
from tests.domain.test_render import parsed, visible
from tests.factories import vn

TO = mailbox("kiem-toan@kttt.example", "Ủy ban Kiểm tra")


def written(detail: object = None, kind: str = "checkpoint", lang: str = "vi") -> Mail:
    text = json.dumps({"note": NOTE} if detail is None else detail)
    return plain.compose(kind, text, TO, "m", SENDER, lang, vn(2023, 10, 23, 8))


def test_the_signed_note_goes_along_byte_for_byte() -> None:
    message = parsed(written())
    (note,) = [part for part in message.walk() if part.get_filename() == "checkpoint.txt"]
    assert note.get_content_type() == "text/plain"
    assert note.get_content_charset() == "utf-8"
    assert note.get_payload(decode=True) == NOTE.encode()


@pytest.mark.parametrize(
    ("lang", "count", "when"),
    [("vi", "1.284 sự kiện", "08:00 thứ Hai, 23/10/2023"), ("en", "1,284 facts", "08:00 Monday")],
)
def test_it_says_in_words_what_it_is_and_what_to_do_with_it(
    lang: str, count: str, when: str
) -> None:
    mail = written(lang=lang)
    for part in (mail.text, visible(mail.html)):
        assert count in part
        assert when in part
        assert "cascade.example/thanhuy" in part
        assert "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=" in part
        assert "checkpoint.txt" in part
    assert count in mail.subject
    assert mail.message_id == message_id_for("m", SENDER.domain)
    assert raw(mail) == raw(written(lang=lang))


@pytest.mark.parametrize("detail", [{}, [], {"note": "x"}, {"note": "a\nb\nc\n"}, {"note": None}])
def test_a_detail_without_a_note_is_refused(detail: object) -> None:
    with pytest.raises(BadMail) as refused:
        written(detail)
    assert refused.value.code == "plain-malformed"


def test_another_kind_is_refused() -> None:
    with pytest.raises(BadMail) as refused:
        written(kind="other")
    assert refused.value.code == "plain-unknown"
