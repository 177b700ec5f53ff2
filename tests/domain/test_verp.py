"""Return addresses: made by us or worth nothing."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.address import Mailbox
from notifications.verp import ReturnPath, keys_in

KEY, OLD = b"k" * 32, b"o" * 32
MAIL = "0123456789abcdef" * 2 + "01234567"
PATH = ReturnPath("Cascade.example", [KEY])


def test_an_address_names_its_mail_and_fits_on_the_wire() -> None:
    address = PATH.address(MAIL)
    assert Mailbox(address).address == address == address.lower()
    assert len(address.partition("@")[0]) <= 64
    assert PATH.message_id(address) == MAIL
    assert PATH.message_id(f" {address.upper()} ") == MAIL, "relays change the case"


@settings(max_examples=80)
@given(st.text(alphabet="0123456789abcdef", min_size=1, max_size=40), st.data())
def test_no_other_address_is_believed(mail: str, data: st.DataObject) -> None:
    address = PATH.address(mail)
    at = data.draw(st.integers(0, len(address) - 1))
    changed = data.draw(st.sampled_from("abcdef234567+.@-")).join((address[:at], address[at + 1 :]))
    if changed != address:
        assert PATH.message_id(changed) is None
    assert PATH.message_id(address[:at]) is None


@pytest.mark.parametrize(
    "address",
    ["", "bounce+1.aaaaaaaaaa@cascade.example", "x@cascade.example", f"bounce+{MAIL}@x.example"],
)
def test_what_we_did_not_make_says_nothing(address: str) -> None:
    assert PATH.message_id(address) is None


def test_a_key_is_replaced_without_losing_what_is_under_way() -> None:
    before = ReturnPath("cascade.example", [OLD]).address(MAIL)
    both = ReturnPath("cascade.example", [KEY, OLD])
    assert both.message_id(before) == MAIL
    assert both.address(MAIL) == PATH.address(MAIL)
    assert PATH.message_id(before) is None, "the old key is gone"


def test_another_domain_is_another_installation() -> None:
    address = ReturnPath("other.example", [KEY]).address(MAIL)
    assert PATH.message_id(address) is None
    assert PATH.message_id(address.replace("other", "cascade")) is None


def test_keys_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "bounces.key"
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(keys_in, [file] * 8))
    ((key,),) = found
    assert len(key) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    file.write_text("11" * 32 + "\n" + file.read_text())
    assert keys_in(file) == (b"\x11" * 32, key)
    file.write_text("short")
    with pytest.raises(ValueError, match=r"keys|hex"):
        keys_in(file)
