"""Nothing in a bundle can be changed unnoticed: every bit, every byte, every order, every end."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from audit.offline import verify
from models.domain.chain import canonical
from tests.builders import CITY, UNITS, many_units
from tests.evidence import Keeper, exported, hand_in, tiny
from tests.evidence_oracle import accepts, packed
from tests.ledgers import office

Members = dict[str, bytes]
DERIVED = ("manifest.json", "manifest.note")


@pytest.fixture(autouse=True)
def _each_signature_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many damages leave a signed text as it was."""
    monkeypatch.setattr(verify, "signed_by", SIGNED_BY)


SIGNED_BY = cache(verify.signed_by)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Keeper, bytes]]:
    """Give a small bundle with two checkpoints, and who has signed it."""
    folder = tmp_path_factory.mktemp("ledger")
    with office(f"sqlite:///{folder / 'cascade.db'}") as place:
        place.issue(tiny())
        keeper = Keeper(place.store)
        keeper.checkpoint()
        hand_in(place)
        keeper.checkpoint()
        exported(place, folder / "e.zip", keeper, readable=False)
        yield keeper, (folder / "e.zip").read_bytes()


@pytest.fixture(scope="module")
def keeper(made: tuple[Keeper, bytes]) -> Keeper:
    return made[0]


@pytest.fixture(scope="module")
def data(made: tuple[Keeper, bytes]) -> bytes:
    return made[1]


@pytest.fixture(scope="module")
def members(data: bytes) -> Members:
    contents, findings = verify.read_archive(data)
    assert not findings
    return contents


def wrong(data: bytes) -> bool:
    """Tell whether the verifier finds something; it is asked no more than it needs."""
    contents, findings = verify.read_archive(data)
    return bool(findings) or wrong_in(contents)


def wrong_in(contents: Members) -> bool:
    return next(verify.Bundle(contents).check(), None) is not None


def flipped(content: bytes) -> Iterator[bytes]:
    """Yield *content* with each of its bits the other way round."""
    for place in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            yield bytes(changed)


def test_the_bundle_is_whole_to_begin_with(data: bytes) -> None:
    assert not wrong(data)
    assert accepts(data)
    assert len(data) > 4_000


def test_every_bit_of_the_zip_counts(data: bytes) -> None:
    assert all(wrong(each) for each in flipped(data))


def test_every_bit_of_every_unpacked_file_counts(members: Members) -> None:
    for name, content in members.items():
        missed = [each for each in flipped(content) if not wrong_in({**members, name: each})]
        assert not missed, name


class WithoutManifest(verify.Bundle):
    """A verifier that takes the manifest on trust: what the facts bind must hold by itself."""

    def check_files(self) -> Iterator[verify.Finding]:
        """Compare nothing."""
        return iter(())

    def check_note(self) -> None:
        """Check nothing."""


def test_facts_proofs_checkpoints_and_texts_are_bound_without_the_manifest(
    members: Members,
) -> None:
    bound = [name for name in members if name not in (*DERIVED, "people.jsonl", "keys.txt")]
    assert len(bound) >= 5
    assert not [*WithoutManifest(members).check()]
    for name in bound:
        for changed in flipped(members[name]):
            found = next(WithoutManifest({**members, name: changed}).check(), None)
            assert found is not None, (name, changed)


def test_every_end_every_lost_byte_and_every_new_byte_is_noticed(data: bytes) -> None:
    assert all(wrong(data[:end]) for end in range(len(data)))
    assert all(wrong(data[:at] + data[at + 1 :]) for at in range(len(data)))
    assert all(wrong(data[:at] + b"\0" + data[at:]) for at in range(len(data) + 1))


def edit_lines(members: Members, name: str) -> Iterator[Members]:
    """Yield the bundle with each line of a file lost, doubled, and swapped with the next."""
    lines = members[name].splitlines(keepends=True)
    for n, line in enumerate(lines):
        for changed in (
            lines[:n] + lines[n + 1 :],
            [*lines[:n], line, *lines[n:]],
            lines[:n] + lines[n + 1 : n + 2] + [line] + lines[n + 2 :],
        ):
            if changed != lines:
                yield {**members, name: b"".join(changed)}


def test_members_and_facts_that_are_lost_doubled_or_moved_are_noticed(members: Members) -> None:
    for name in members:
        rest = {key: value for key, value in members.items() if key != name}
        assert wrong(packed(rest)), name
        assert wrong(packed({**rest, f"x{name}": members[name]})), name
        for other in members:
            if other != name:
                swapped = {**members, name: members[other], other: members[name]}
                assert wrong(packed(swapped)), (name, other)
    assert wrong(packed({**members, "extra.txt": b"?"}))
    for changed in edit_lines(members, "facts.jsonl"):
        assert wrong(packed(changed))


def resigned(keeper: Keeper, members: Members, **claims: str) -> Members:
    """Return *members* with a manifest that the key's holder has made to fit, and to claim more."""
    manifest = json.loads(members["manifest.json"]) | claims
    rest = {name: content for name, content in members.items() if name not in DERIVED}
    manifest["files"] = [
        [name, len(content), hashlib.sha256(content).hexdigest()]
        for name, content in sorted(rest.items())
    ]
    counted: dict[str, int] = {}
    for line in members["facts.jsonl"].split(b"\n")[:-1]:
        stream = json.loads(line)["stream"]
        counted[stream] = counted.get(stream, 0) + 1
    manifest["streams"] = [list(each) for each in sorted(counted.items())]
    listed = canonical(manifest) + b"\n"
    digest = hashlib.sha256(listed).hexdigest()
    note = keeper.sign(f"cascade-evidence/1\n{manifest['origin']}\n{digest}\n")
    return {**rest, "manifest.json": listed, "manifest.note": note.encode()}


def rechained(members: Members, old: bytes, new: bytes) -> Members:
    """Return *members* with *old* replaced in the facts and every later link made to fit."""
    lines, before = [], "0" * 64
    for line in members["facts.jsonl"].replace(old, new).splitlines():
        fact = json.loads(line)
        fact["prev"] = before
        lines.append(canonical(fact))
        before = verify.leaf(lines[-1]).hex()
    return {**members, "facts.jsonl": b"".join(line + b"\n" for line in lines)}


def test_whoever_has_the_key_cannot_change_what_a_checkpoint_holds(
    keeper: Keeper, members: Members
) -> None:
    """He signs every manifest, but the roots were given away."""
    assert not wrong_in(resigned(keeper, members))
    for changed in edit_lines(members, "facts.jsonl"):
        assert wrong_in(resigned(keeper, changed))
    assert not wrong_in(resigned(keeper, rechained(members, b"", b""))), "nothing was changed"
    changed = resigned(keeper, rechained(members, UNITS[0].encode(), b"ward-9"))
    (finding,) = verify.Bundle(changed).check()
    assert "root of checkpoint" in finding.what
    text = next(name for name in members if name.startswith("texts/"))
    changed = resigned(keeper, {**members, text: b"another text"})
    assert next(verify.Bundle(changed).check()).where == text


def test_no_fact_lies_beyond_the_checkpoint(keeper: Keeper, members: Members) -> None:
    """Else it would be told as proven, though no root holds it."""
    lines = members["facts.jsonl"].splitlines()
    last = json.loads(lines[-1])
    added = last | {
        "seq": last["seq"] + 1,
        "stream_seq": last["stream_seq"] + 1,
        "prev": verify.leaf(lines[-1]).hex(),
        "dedup_key": "forged",
    }
    facts = members["facts.jsonl"] + canonical(added) + b"\n"
    bundle = resigned(keeper, {**members, "facts.jsonl": facts})
    (finding,) = verify.Bundle(bundle).check()
    assert "beyond checkpoint" in finding.what
    assert not accepts(packed(bundle))


def test_proofs_and_checkpoints_are_complete_and_bear_their_names(
    keeper: Keeper, members: Members
) -> None:
    proofs = json.loads(members["proofs.json"])
    first, last = sorted(name for name in members if name.startswith("checkpoints/"))
    for changed in (
        {"proofs.json": canonical({**proofs, "consistency": []}) + b"\n"},
        {"proofs.json": canonical({**proofs, "more": []}) + b"\n"},
        {"checkpoints/000000000009.note": members[first]},
        {first: members[last]},
    ):
        bundle = resigned(keeper, {**members, **changed})
        assert wrong_in(bundle)
        assert not accepts(packed(bundle))


def test_a_trusted_key_must_have_signed_the_newest_checkpoint(
    keeper: Keeper, members: Members
) -> None:
    """The manifest alone would let an old key vouch for what another one has signed."""
    stranger = Keeper(keeper.store, b"\x0b" * 32)
    keys = members["keys.txt"] + f"{stranger.vkey}\n".encode()
    bundle = resigned(stranger, {**members, "keys.txt": keys})
    assert not [*verify.Bundle(bundle).check()]
    (finding,) = verify.Bundle(bundle, [stranger.vkey]).check()
    assert "not signed by a trusted key" in finding.what


def test_a_signature_does_not_make_another_form_right(keeper: Keeper, members: Members) -> None:
    for name in ("facts.jsonl", "proofs.json", "keys.txt"):
        assert wrong_in(resigned(keeper, {**members, name: members[name] + b"{}"})), name
    manifest = json.loads(members["manifest.json"])
    for other in ({**manifest, "more": 1}, {**manifest, "v": 2}):
        listed = canonical(other) + b"\n"
        digest = hashlib.sha256(listed).hexdigest()
        note = keeper.sign(f"cascade-evidence/1\n{manifest['origin']}\n{digest}\n").encode()
        changed = {**members, "manifest.json": listed, "manifest.note": note}
        assert wrong_in(changed)
        assert not accepts(packed(changed))


def test_the_note_of_the_manifest_has_one_signature_and_nothing_more(members: Members) -> None:
    """Nothing else binds that file: a line that no known key made would be passed over."""
    note = members["manifest.note"]
    foreign = "— ai-do AAAAAA==\n".encode()
    for more in (foreign, note.splitlines(keepends=True)[-1]):
        bundle = {**members, "manifest.note": note + more}
        assert wrong_in(bundle)
        assert not accepts(packed(bundle))


def test_a_bundle_is_of_a_document_that_it_has(keeper: Keeper, members: Members) -> None:
    bundle = resigned(keeper, members, document="9-KH/X")
    assert wrong_in(bundle)
    assert not accepts(packed(bundle))


def with_comment(data: bytes) -> bytes:
    return data[:-2] + b"\x02\x00hi"


def with_second_end(data: bytes) -> bytes:
    return data + data[-22:]


def with_hidden_bytes(data: bytes) -> bytes:
    """Put bytes between the last member and the directory, as appended malware does."""
    directory = data.rindex(b"PK\5\6")
    start = int.from_bytes(data[directory + 16 : directory + 20], "little")
    end = bytearray(data[directory:])
    end[16:20] = (start + 4).to_bytes(4, "little")
    return data[:start] + b"evil" + data[start:directory] + bytes(end)


@pytest.mark.parametrize(
    "attack", [with_comment, with_second_end, with_hidden_bytes, lambda data: b"MZ" + data]
)
def test_nothing_hides_in_the_zip_itself(data: bytes, attack: Callable[[bytes], bytes]) -> None:
    assert wrong(attack(data))
    assert not accepts(attack(data))


def damaged(content: bytes, dice: random.Random) -> bytes:
    """Return *content* with one random damage."""
    at = dice.randrange(len(content))
    length = dice.choice((1, 1, 2, 16, 300))
    other = dice.randrange(len(content))
    match dice.randrange(6):
        case 0:
            changed = bytearray(content)
            changed[at] ^= 1 << dice.randrange(8)
            return bytes(changed)
        case 1:
            return content[:at]
        case 2:
            return content[:at] + content[at + length :]
        case 3:
            return content[:at] + dice.randbytes(length) + content[at:]
        case 4:
            return content[:at] + content[other : other + length] + content[at + length :]
        case _:
            return content[:at] + dice.randbytes(length) + content[at + length :]


def test_both_verifiers_say_the_same_of_random_damage(data: bytes, members: Members) -> None:
    dice = random.Random(20231015)
    for _ in range(150):
        changed = damaged(data, dice)
        assert wrong(changed) is (not accepts(changed)) is (changed != data)
    names = sorted(members)
    for _ in range(250):
        name = dice.choice(names)
        content = damaged(members[name], dice)
        changed = packed({**members, name: content})
        assert wrong(changed) is (not accepts(changed)) is (content != members[name]), name


def test_both_verifiers_say_the_same_of_what_the_keys_holder_does(
    keeper: Keeper, members: Members
) -> None:
    """With a fitting manifest each damage meets the rule that is meant for it."""
    dice = random.Random(57)
    inner = [name for name in members if name not in DERIVED]
    for _ in range(250):
        name = dice.choice(inner)
        content = damaged(members[name], dice)
        try:
            changed = resigned(keeper, {**members, name: content})
        except (ValueError, KeyError, TypeError):
            continue  # no manifest can be made to fit
        assert wrong_in(changed) is not accepts(packed(changed)), (name, content)


def test_random_damage_of_a_large_bundle_is_always_noticed(tmp_path: Path) -> None:
    with office(f"sqlite:///{tmp_path / 'cascade.db'}") as place:
        place.issue(many_units(400))
        place.clock.instant = place.clock.instant.add(months=3)
        place.recorder.let_time_act(CITY)
        exported(place, tmp_path / "e.zip", Keeper(place.store))
    data = (tmp_path / "e.zip").read_bytes()
    assert len(data) > 1_000_000
    assert not wrong(data)
    dice = random.Random(256)
    for _ in range(120):
        changed = damaged(data, dice)
        assert wrong(changed) is (changed != data)
    contents, _ = verify.read_archive(data)
    for _ in range(40):
        name = dice.choice(sorted(contents))
        content = damaged(contents[name], dice)
        assert wrong_in({**contents, name: content}) is (content != contents[name]), name
