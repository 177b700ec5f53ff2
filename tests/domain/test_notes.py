"""Signed notes: the published example, our own, and everything that is none."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.notes import (
    BadNote,
    Checkpoint,
    Signer,
    Verifier,
    key_id,
    open_checkpoint,
    open_note,
    sign,
    unverified_text,
    vkey_of,
)

# The example of the format's first implementation (golang.org/x/mod/sumdb/note).
SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
NOTE = (
    f"{TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
    "qdngotpRZb6KE6RyyBwJnAM=\n"
)

# C2SP's own examples (signed-note, tlog-checkpoint); their keys are not published.
C2SP_NOTE = """\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0\
xMcXxj99ihAQwaqP3ZekRwNtIc=
"""
C2SP_CHECKPOINT = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1\
gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""

OURS = Signer.of("cascade/0011223344556677", bytes(range(32)))
THEIRS = Signer.of("witness.example/one", bytes(range(1, 33)))


def test_the_published_example() -> None:
    opened = open_note(NOTE, [VKEY])
    assert opened.text == TEXT
    assert [each.vkey for each in opened.signed_by] == [VKEY]
    signer = Signer.of("PeterNeumann", base64.b64decode(SECRET)[1:])
    assert signer.verifier.vkey == VKEY == vkey_of("PeterNeumann", signer.verifier.public)
    assert sign(TEXT, [signer]) == NOTE  # Ed25519 is deterministic


def test_the_examples_of_the_specification_are_read() -> None:
    assert unverified_text(C2SP_NOTE).endswith("\n\ned è subito sera.\n")
    checkpoint = Checkpoint.parse(unverified_text(C2SP_CHECKPOINT))
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text() == unverified_text(C2SP_CHECKPOINT)
    with pytest.raises(BadNote, match="no known key"):
        open_note(C2SP_NOTE, [VKEY])


def test_signatures_of_unknown_keys_are_passed_over_and_every_known_one_must_fit() -> None:
    note = sign(TEXT, [OURS, THEIRS])
    assert open_note(note, [OURS.verifier]).signed_by == (OURS.verifier,)
    assert open_note(note, [THEIRS.verifier, OURS.verifier]).signed_by == (
        OURS.verifier,
        THEIRS.verifier,
    )
    twice = note + note.split("\n")[-3] + "\n"
    assert open_note(twice, [OURS.verifier]).signed_by == (OURS.verifier,)
    # The same name with another key is another key.
    namesake = Signer.of(OURS.name, bytes(32))
    with pytest.raises(BadNote, match="no known key"):
        open_note(note, [namesake.verifier])
    # One known signature that does not fit spoils the note, however good the others are.
    forged = note.replace(note.split("\n")[-2], sign("x\n", [THEIRS]).split("\n")[-2])
    assert open_note(forged, [OURS.verifier])
    with pytest.raises(BadNote, match="does not fit"):
        open_note(forged, [OURS.verifier, THEIRS.verifier])


def test_every_flipped_bit_is_noticed() -> None:
    note = sign(Checkpoint(OURS.name, 7, bytes(32)).text(), [OURS]).encode()
    for at in range(len(note)):
        for bit in range(8):
            damaged = bytearray(note)
            damaged[at] ^= 1 << bit
            with pytest.raises(BadNote):
                open_note(bytes(damaged), [OURS.verifier])
    for end in range(len(note)):
        with pytest.raises(BadNote):
            open_note(note[:end], [OURS.verifier])


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "\n",
        TEXT,
        NOTE[:-1],
        NOTE + "\n",
        NOTE + "x\n",
        NOTE.replace("— ", "- "),
        NOTE.replace("— ", "—"),
        NOTE.replace("PeterNeumann x08", "PeterNeumann  x08"),
        NOTE.replace("— PeterNeumann", "— Peter+Neumann"),
        NOTE.replace("x08g", "x08g=="),
        NOTE.replace("your problem is", "your\tproblem is"),
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("AM=\n", "AN=\n"),  # other padding bits, the same bytes
        NOTE + NOTE.split("\n")[-2] + "\n— x AAAA\n",
        "a" * 1_000_001,
        NOTE + "— a AAAAAAA=\n" * 100,
    ],
)
def test_what_is_no_note_is_refused(damaged: str) -> None:
    with pytest.raises(BadNote):
        open_note(damaged, [VKEY])


def test_what_is_signed_but_no_note_is_refused() -> None:
    with pytest.raises(BadNote, match="too long"):
        open_note(sign("x" * 1_000_000 + "\n", [OURS]), [OURS.verifier])
    with pytest.raises(BadNote, match="control characters"):
        unverified_text(NOTE.replace("your problem is", "your\tproblem is"))


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        VKEY.replace("c74f20a3", "c74f20a4"),
        VKEY.replace("PeterNeumann", "Peter Neumann"),
        VKEY.replace("PeterNeumann", ""),
        VKEY.replace("+AR", "+BR"),
        VKEY[:-4],
        VKEY + "=",
    ],
)
def test_what_is_no_key_is_refused(vkey: str) -> None:
    with pytest.raises(BadNote):
        Verifier.parse(vkey)


@pytest.mark.parametrize(
    "text", ["", "no end", "tab\t\n", "bell\x07\n", "half \ud800\n", "carriage\r\n"]
)
def test_what_no_note_can_carry_is_not_signed(text: str) -> None:
    with pytest.raises(BadNote):
        sign(text, [OURS])
    with pytest.raises(BadNote, match="nobody"):
        sign("text\n", [])


@settings(max_examples=100)
@given(
    st.lists(
        st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=30),
        min_size=1,
        max_size=6,
    )
)
def test_any_text_survives(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    note = sign(text, [OURS])
    assert open_note(note, [OURS.verifier]).text == text
    assert open_note(note.encode(), [OURS.verifier.vkey]).text == text


def test_a_checkpoint_is_signed_by_its_own_log() -> None:
    checkpoint = Checkpoint(OURS.name, 12, bytes(range(32)))
    assert open_checkpoint(sign(checkpoint.text(), [OURS]), [OURS.verifier]) == checkpoint
    with pytest.raises(BadNote, match="not the log"):
        open_checkpoint(sign(checkpoint.text(), [THEIRS]), [OURS.verifier, THEIRS.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "a\n1\n",
        "a\n1\nAAAA\n",
        f"a\n01\n{'A' * 43}=\n",
        f"a\n-1\n{'A' * 43}=\n",
        f"a\n١\n{'A' * 43}=\n",
        f"\n1\n{'A' * 43}=\n",
        f"a\n1\n{'A' * 43}=\n\nx\n",
        f"a\n1\n{'A' * 43}=",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


def test_the_id_of_a_key() -> None:
    assert key_id("PeterNeumann", base64.b64decode(VKEY.split("+", 2)[2])[1:]).hex() == "c74f20a3"
