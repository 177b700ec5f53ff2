"""Addresses: what is taken, what becomes of it, what is refused and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.address import Mailbox, mailbox, mixed_scripts
from notifications.errors import BadAddress


@pytest.mark.parametrize(
    ("typed", "wire"),
    [
        ("vp@thanh-uy.example", "vp@thanh-uy.example"),
        ("  vp@Thanh-Uy.Example ", "vp@thanh-uy.example"),
        ("vp+256@xa.bao-an.example", "vp+256@xa.bao-an.example"),
        ("an@xã-bảo-an.example", "an@xn--x-bo-an-xwa0669d.example"),
        ("o'brien@example.org", "o'brien@example.org"),
    ],
)
def test_a_good_address_gets_its_form_on_the_wire(typed: str, wire: str) -> None:
    assert mailbox(typed).address == wire


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "address-malformed"),
        ("an", "address-malformed"),
        ("an@", "address-malformed"),
        ("@x.vn", "address-malformed"),
        ("a@x.vn>\r\nRCPT TO:<e@e>", "address-malformed"),
        ("a@x.vn\r\nBcc: e@e.vn", "address-malformed"),
        ("a\x00@x.vn", "address-malformed"),
        ("a@x.vn\u2028", "address-malformed"),
        ('"a b"@x.vn', "address-malformed"),
        ("a@[1.2.3.4]", "address-malformed"),
        ("An <a@x.vn>", "address-malformed"),
        ("a@x.vn, b@x.vn", "address-malformed"),
        ("a..b@x.vn", "address-malformed"),
        ("a@localhost", "address-malformed"),
        ("a@" + "x" * 64 + ".vn", "address-malformed"),
        ("a" * 65 + "@x.vn", "address-malformed"),
        ("bảo-an@x.vn", "address-not-ascii"),
        ("bảo@an@x.vn", "address-not-ascii"),
    ],
)
def test_a_bad_address_is_refused_with_the_reason(typed: str, code: str) -> None:
    with pytest.raises(BadAddress) as refused:
        mailbox(typed)
    assert refused.value.code == code
    for lang in ("vi", "en"):
        assert refused.value.text(lang).isprintable()


def test_a_name_is_tidied() -> None:
    assert mailbox("a@x.vn", "  Ủy   ban ").name == "Ủy ban"
    assert mailbox("a@x.vn", "U\u0309y \u202eban").name == "Ủy ban"
    assert mailbox("a@x.vn").name == ""


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Ủy\r\nBcc: e@e.vn", "name-control-character"),
        ("Ủy\u2028ban", "name-control-character"),
        ("Ủy\ud800", "name-control-character"),
        ("x" * 201, "name-too-long"),
    ],
)
def test_a_bad_name_is_refused_with_the_reason(name: str, code: str) -> None:
    with pytest.raises(BadAddress) as refused:
        mailbox("a@x.vn", name)
    assert refused.value.code == code


@given(st.text())
def test_no_value_can_be_made_that_would_harm_a_header(text: str) -> None:
    try:
        box = Mailbox(text + "@x.vn", text)
    except BadAddress:
        return
    assert box.address.isascii()
    assert not set(box.address) & set(' \r\n<>"\\,;:()[]')
    assert not set(box.name) & set("\r\n\x00\u2028")


def test_a_domain_of_mixed_scripts_is_flagged() -> None:
    assert mixed_scripts(mailbox("a@thаnh-uy.example")) == ("CYRILLIC", "LATIN")
    assert mixed_scripts(mailbox("a@thành-ủy.example")) == ()
    assert mixed_scripts(mailbox("a@пример.example")) == ()
