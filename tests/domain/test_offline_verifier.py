"""The parts of the verifier that goes with a bundle, each against somebody else's."""

import ast
import base64
import hashlib
import io
import random
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import merkle, notes
from audit.offline import verify
from audit.proofs import prove, unknown_ranges

# RFC 8032, section 7.1: secret key, message, signature.
VECTORS = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)


@pytest.mark.parametrize(("secret", "message", "signature"), VECTORS)
def test_the_examples_of_the_rfc_are_right_and_nothing_else_is(
    secret: str, message: str, signature: str
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    public, raw = key.public_key().public_bytes_raw(), bytes.fromhex(message)
    good = bytes.fromhex(signature)
    assert key.sign(raw) == good
    assert verify.signed_by(public, raw, good)
    assert not verify.signed_by(public, raw + b"\0", good)
    for bit in random.Random(1).sample(range(512), 40):
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        assert not verify.signed_by(public, raw, bytes(flipped))


def test_more_members_than_a_zip_can_count_are_said_to_be_too_many() -> None:
    data = b"".join(verify.local_header(f"{number:05d}", 0, 0) for number in range(65_536))
    contents, (finding,) = verify.read_archive(data)
    assert len(contents) == 65_535
    assert "as exported" in finding.what


def test_a_proof_of_a_smaller_tree_is_none_of_a_larger_one_and_none_of_nothing() -> None:
    one, two = verify.leaf(b"1"), verify.leaf(b"2")
    both = verify.node(one, two)
    assert verify.extends(1, one, 2, both, [two])
    assert not verify.extends(1, one, 4, both, [two])
    assert not verify.extends(2, both, 2, both, [])
    assert not verify.extends(0, one, 1, one, [])


def test_a_second_spelling_of_a_good_signature_is_none() -> None:
    """The same signature with ``s + L`` is right by the equation alone (RFC 8032, 5.1.7)."""
    key = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
    public, good = key.public_key().public_bytes_raw(), key.sign(b"m")
    s = int.from_bytes(good[32:], "little") + verify.ORDER
    assert not verify.signed_by(public, b"m", good[:32] + s.to_bytes(32, "little"))
    assert not verify.signed_by(public, b"m", good + b"\0")
    assert not verify.signed_by(public + b"\0", b"m", good)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param((verify.P + 1).to_bytes(32, "little"), id="y is not below p"),
        pytest.param((1 | 1 << 255).to_bytes(32, "little"), id="x is zero and has a sign"),
        pytest.param((2).to_bytes(32, "little"), id="no point has this y"),
    ],
)
def test_a_key_that_is_no_canonical_point_verifies_nothing(raw: bytes) -> None:
    with pytest.raises(ValueError, match="encoding"):
        verify.point_of(raw)
    assert not verify.signed_by(raw, b"m", bytes(64))


@settings(max_examples=25)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.binary(max_size=64))
def test_signatures_are_judged_as_by_the_library(seed: bytes, message: bytes, noise: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, good = key.public_key().public_bytes_raw(), key.sign(message)
    forged = bytes(a ^ b for a, b in zip(good, noise.ljust(64, b"\0"), strict=True))
    for signature in (good, forged):
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
            expected = True
        except InvalidSignature:
            expected = False
        assert verify.signed_by(public, message, signature) is expected


@settings(max_examples=60)
@given(st.data())
def test_one_proof_for_many_facts_gives_the_root_and_only_with_those(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    places = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=0)))
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(size)]
    proofs = prove(leaves, places, [size])
    known, others = [leaves[n] for n in places], list(proofs.inclusion)
    root = merkle.root(leaves)
    assert proofs.root == root
    assert verify.root_of(size, places, known, others) == root
    assert len(others) == len(unknown_ranges(places, size))
    assert verify.root_of(size, places, known, [*others, root]) == b""
    if others:
        assert verify.root_of(size, places, known, others[1:]) == b""
    if places:
        other = [bytes(32), *known[1:]]
        assert verify.root_of(size, places, other, others) != root


def test_consistency_holds_between_all_sizes_and_for_no_other_root() -> None:
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(34)]
    roots = [merkle.root(leaves[:n]) for n in range(35)]
    for m in range(1, 34):
        for n in range(m + 1, 35):
            path = merkle.consistency_proof(leaves, m, n)
            assert verify.extends(m, roots[m], n, roots[n], path)
            assert not verify.extends(m, roots[m - 1], n, roots[n], path)
            assert not verify.extends(m, roots[m], n, roots[m], path)
            assert not verify.extends(m, roots[m], n, roots[n], [*path, bytes(32)])
            assert not verify.extends(m, roots[m], n, roots[n], path[:-1])
            assert not verify.extends(n, roots[n], m, roots[m], path)


@given(st.lists(st.integers(1, 90), min_size=1, max_size=6, unique=True))
@settings(max_examples=40)
def test_each_checkpoint_is_proven_to_extend_the_one_before(sizes: list[int]) -> None:
    sizes.sort()
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(sizes[-1])]
    proofs = prove(iter(leaves), [], sizes)
    for m, n, path in zip(sizes, sizes[1:], proofs.consistency, strict=False):
        assert list(path) == merkle.consistency_proof(leaves, m, n)


def test_a_note_that_the_library_signs_opens_and_its_damage_does_not() -> None:
    signer = notes.Signer.of("cascade/x", b"\x05" * 32)
    note = notes.sign("cascade/x\n3\n" + "A" * 43 + "=\n", [signer]).encode()
    vkey = signer.verifier.vkey
    assert verify.open_checkpoint(note, [vkey]) == (3, bytes(32), vkey)
    with pytest.raises(ValueError, match="expected key"):
        verify.open_note(note, [notes.Signer.of("cascade/x", b"\x06" * 32).verifier.vkey])
    with pytest.raises(ValueError, match="canonical base64"):
        # The last character of the signature has two bits that mean nothing.
        verify.open_note(note[:-3] + bytes([note[-3] ^ 1]) + note[-2:], [vkey])
    for damaged in (
        note + b"x",
        note + b"\n",
        note[:-1],
        note.replace(b"\n\n", b"\n"),
        b"",
        b"\n\n",
    ):
        with pytest.raises(ValueError, match=r"not a signed note|damaged line|unpack"):
            verify.open_note(damaged, [vkey])
    other = notes.sign("cascade/y\n3\n" + "A" * 43 + "=\n", [signer]).encode()
    with pytest.raises(ValueError, match="not a checkpoint"):
        verify.open_checkpoint(other, [vkey])


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":1.0}',
        b'{"a":NaN}',
        b'{"a":9007199254740992}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\ud800"}',
        b'{"a":01}',
        b'{"a":-0}',
        b"\xef\xbb\xbf{}",
        b"",
    ],
)
def test_json_in_another_form_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whose message differs from case to case
        verify.canonical(line)


def test_the_verifier_needs_python_3_8_and_nothing_else() -> None:
    path = Path(verify.__file__)
    tree = ast.parse(path.read_text(), feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    }
    assert imported <= sys.stdlib_module_names
    assert not imported & {"socket", "urllib", "http", "subprocess", "ctypes"}
    assert len(path.read_text().splitlines()) < 700, "an outsider reads it in half an hour"


def test_a_key_of_another_algorithm_or_with_another_id_is_none() -> None:
    raw = b"\x02" + bytes(32)
    encoded = base64.b64encode(raw).decode()
    identifier = hashlib.sha256(b"cascade/x\n" + raw).digest()[:4].hex()
    vkey = notes.Signer.of("cascade/x", b"\x05" * 32).verifier.vkey
    assert verify.key_of(vkey)[0] == "cascade/x"
    for other in (
        f"cascade/x+{identifier}+{encoded}",
        vkey.replace("cascade/x", "cascade/y"),
        vkey.replace("+", " ", 1),
        "nonsense",
    ):
        with pytest.raises(ValueError):  # noqa: PT011  # whose message differs
            verify.key_of(other)


def built(*members: tuple[str, bytes], crc: int = 0) -> bytes:
    """Return an archive in the right form, of any members in any order."""
    rows, parts, at = [], [], 0
    for name, content in members:
        checked = zlib.crc32(content) ^ crc
        parts += [verify.local_header(name, len(content), checked), content]
        rows.append((name, len(content), checked, at))
        at += sum(map(len, parts[-2:]))
    return b"".join(parts) + verify.directory(rows)


def test_an_archive_has_its_members_once_in_order_under_plain_names() -> None:
    good = built(("a.txt", b"1"), ("texts/b.txt", b"2"))
    assert verify.read_archive(good) == ({"a.txt": b"1", "texts/b.txt": b"2"}, [])
    assert zipfile.ZipFile(io.BytesIO(good)).testzip() is None
    for bad in (
        built(("b", b"1"), ("a", b"2")),
        built(("a", b"1"), ("a", b"2")),
        built(("../a", b"1")),
        built(("/a", b"1")),
        built(("a b", b"1")),
        built((".a", b"1")),
        built(("a", b"1"), crc=1),
        b"",
        good[:-1],
        good + b"\0",
    ):
        assert verify.read_archive(bad)[1], bad


@pytest.mark.parametrize("size", ["0", "03", "+3", "3 ", "-3", "x", ""])
def test_a_size_is_written_in_one_way(size: str) -> None:
    signer = notes.Signer.of("cascade/x", b"\x05" * 32)
    note = notes.sign(f"cascade/x\n{size}\n{'A' * 43}=\n", [signer]).encode()
    with pytest.raises(ValueError):  # noqa: PT011  # whose message differs
        verify.open_checkpoint(note, [signer.verifier.vkey])


def test_only_a_trusted_key_hands_over_and_only_in_the_words_for_it() -> None:
    old, new = (notes.Signer.of("cascade/x", seed * 32) for seed in (b"\x01", b"\x02"))
    other = notes.Signer.of("cascade/y", b"\x03" * 32)

    def trusted(what: str, known: notes.Signer, *both: notes.Signer) -> list[str]:
        rows = (both[0].name, what, *(each.verifier.vkey for each in both))
        note = notes.sign("".join(f"{row}\n" for row in rows), both)
        bundle = verify.Bundle({}, [known.verifier.vkey])
        bundle.follow(note.encode())
        return bundle.trusted[1:]

    assert trusted("key-rotation", old, old, new) == [new.verifier.vkey]
    assert not trusted("key-rotation", other, old, new), "the old key is not the reader's"
    assert not trusted("3", old, old, new), "a checkpoint hands nothing over"
    assert not trusted("key-rotation", old, old, other), "a key of another log"
    assert not trusted("key-rotation", old, old, old)
