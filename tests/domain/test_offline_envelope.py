"""What every fact of a bundle must be, though a checkpoint covers it: one rule broken at a time."""

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from audit import merkle
from audit.notes import Checkpoint, Signer, sign
from audit.offline import verify
from models.domain.chain import canonical
from tests.evidence_oracle import accepts, packed

SIGNER = Signer.of("cascade/x", b"\x07" * 32)
AT = "2023-10-20T17:00:00.000000Z"


def fact(seq: int, **changes: Any) -> dict[str, Any]:
    return {
        "at": AT,
        "cause": None,
        "data": {"at": AT, "n": seq},
        "dedup_key": f"s|{seq}",
        "kind": "I",
        "recorded_at": AT,
        "rules": "1",
        "seq": seq,
        "stream": "s",
        "stream_seq": seq,
        "type": "Issued",
        "v": 1,
        **changes,
    }


def bundle(
    *facts: Mapping[str, Any],
    size: int | None = None,
    keys: str = f"{SIGNER.verifier.vkey}\n",
    **manifest: Any,
) -> dict[str, bytes]:
    """Return the members of a bundle over *facts*, all signed, whatever they are."""
    lines: list[bytes] = []
    before = "0" * 64
    for each in facts:
        lines.append(canonical({"prev": before, **each}))
        before = merkle.leaf_hash(lines[-1]).hex()
    leaves = [merkle.leaf_hash(line) for line in lines]
    size = size or len(leaves)
    root = merkle.root(leaves)
    members = {
        "facts.jsonl": b"".join(line + b"\n" for line in lines),
        "keys.txt": keys.encode(),
        "proofs.json": b'{"consistency":[],"inclusion":[]}\n',
        f"checkpoints/{size:012d}.note": sign(
            Checkpoint(SIGNER.name, size, root).text(), [SIGNER]
        ).encode(),
    }
    streams: dict[str, int] = {}
    for each in facts:
        name = each["stream"]
        streams[name] = streams.get(name, 0) + 1
    listed = canonical(
        {
            "absent": [],
            "document": "s",
            "files": [
                [name, len(content), hashlib.sha256(content).hexdigest()]
                for name, content in sorted(members.items())
            ],
            "origin": SIGNER.name,
            "root": root.hex(),
            "size": size,
            "streams": [list(each) for each in sorted(streams.items())],
            "v": 1,
            **manifest,
        }
    )
    members["manifest.json"] = listed + b"\n"
    digest = hashlib.sha256(members["manifest.json"]).hexdigest()
    text = f"cascade-evidence/1\n{SIGNER.name}\n{digest}\n"
    return {**members, "manifest.note": sign(text, [SIGNER]).encode()}


def agreed(members: dict[str, bytes]) -> bool:
    """Return whether both verifiers find the bundle whole."""
    whole = next(verify.Bundle(members).check(), None) is None
    assert whole is accepts(packed(members))
    return whole


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in fact(2).items() if key != name}


def test_facts_in_order_are_whole() -> None:
    assert agreed(bundle(fact(1), fact(2, cause=1, kind="D"), fact(3, kind="A", sw="0.2", v=2)))


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(without("rules"), id="a member is missing"),
        pytest.param(without("type"), id="another is missing"),
        pytest.param(without("data"), id="it says nothing"),
        pytest.param(fact(2, kind="X"), id="an unknown kind"),
        pytest.param(fact(2, cause=2), id="its own cause"),
        pytest.param(fact(2, cause=0), id="a cause that is no fact"),
        pytest.param(fact(2, dedup_key="s|1"), id="recorded twice"),
        pytest.param(fact(2, at="2023-10-20"), id="no instant"),
        pytest.param(fact(2, recorded_at="2023-10-21"), id="recorded at no instant"),
        pytest.param(fact(2, recorded_at=AT.replace("17", "16")), id="time runs backwards"),
        pytest.param(fact(2, stream_seq=3), id="a gap in its document"),
        pytest.param(fact(2, stream="t"), id="another document does not begin with one"),
        pytest.param({**fact(2), "seq": 1}, id="the same number"),
        pytest.param(fact(2, prev="00"), id="a link that is none"),
        pytest.param(fact(2, prev="f" * 64), id="a link to something else"),
        pytest.param(fact(2, data={"at": AT, "x_sha256": "a" * 64}), id="names what is not there"),
        pytest.param(fact(2, data={"at": AT, "person": "p_" + "0" * 16}), id="names a stranger"),
    ],
)
def test_a_fact_that_breaks_one_rule_is_found(second: dict[str, Any]) -> None:
    assert not agreed(bundle(fact(1), second))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"absent": [["a" * 64, "gone"]]}, id="what no fact names is absent"),
        pytest.param({"streams": [["s", 3]]}, id="more facts than there are"),
        pytest.param({"size": 3}, id="another size"),
        pytest.param({"root": "0" * 64}, id="another root"),
        pytest.param({"origin": "cascade/y"}, id="another log"),
        pytest.param({"files": []}, id="no files"),
        pytest.param({"files": {}}, id="files of another form"),
    ],
)
def test_a_manifest_that_says_something_else_is_found(changes: dict[str, Any]) -> None:
    assert not agreed(bundle(fact(1), fact(2), **changes))


def test_what_is_absent_is_named_once_and_for_a_known_reason() -> None:
    naming = fact(2, data={"at": AT, "text_sha256": "a" * 64})
    assert agreed(bundle(fact(1), naming, absent=[["a" * 64, "gone"]]))
    assert not agreed(bundle(fact(1), naming, absent=[["a" * 64, "lost"]]))
    assert not agreed(bundle(fact(1), naming, absent=[["a" * 64, "gone"]] * 2))


def test_a_checkpoint_under_the_name_of_another_size_is_found() -> None:
    members = bundle(fact(1), fact(2), size=2)
    note = members.pop("checkpoints/000000000002.note")
    assert not agreed({**members, "checkpoints/000000000003.note": note})
    members = bundle(fact(1), fact(2), size=3)
    assert not agreed(members), "a tree of three leaves needs three"


def test_a_signature_for_something_else_and_a_key_of_another_log_are_found() -> None:
    members, other = bundle(fact(1)), bundle(fact(1), fact(2))
    for note in (other["manifest.note"], members["checkpoints/000000000001.note"]):
        assert not agreed({**members, "manifest.note": note})
    foreign = Signer.of("cascade/y", b"\x08" * 32).verifier.vkey
    assert not agreed(bundle(fact(1), keys=f"{SIGNER.verifier.vkey}\n{foreign}\n"))
