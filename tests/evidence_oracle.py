"""Another verifier of bundles, written from ``docs/evidence.md`` alone.

It shares nothing with the one that is under test: signatures by ``cryptography``, canonical JSON by
``rfc8785``, the archive by writing it with ``zipfile``, the tree bottom-up from single proofs.
"""

import base64
import hashlib
import io
import json
import re
import zipfile
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HEX64 = re.compile(r"[0-9a-f]{64}\Z")
REF = re.compile(r"[pc]_[0-9a-f]{16}\Z")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z", re.ASCII)


class Bad(Exception):
    """The bundle is not what it must be."""


def need(condition: object, why: str) -> None:
    if not condition:
        raise Bad(why)


def accepts(data: bytes) -> bool:
    """Tell whether the zip *data* is a whole bundle (by the keys that it brings)."""
    try:
        judge(unpacked(data))
    except (Bad, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return False
    return True


def unpacked(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Bad(str(error)) from error
    need(packed(members) == data, "not the archive that these members give")
    return members


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, members[name])
    return out.getvalue()


def judge(members: dict[str, bytes]) -> None:
    manifest = one_line(members["manifest.json"])
    need(
        set(manifest) == {"v", "origin", "document", "size", "root", "streams", "files", "absent"},
        "the manifest's members",
    )
    need(manifest["v"] == 1, "another version")
    origin = manifest["origin"]
    keys = [key(vkey.decode(), origin) for vkey in lines(members["keys.txt"])]
    listed = [
        [name, len(content), hashlib.sha256(content).hexdigest()]
        for name, content in sorted(members.items())
        if name not in ("manifest.json", "manifest.note")
    ]
    need(manifest["files"] == listed, "the files are not those of the manifest")
    text = note(members["manifest.note"], keys)
    digest = hashlib.sha256(members["manifest.json"]).hexdigest()
    need(text == f"cascade-evidence/1\n{origin}\n{digest}\n", "the note of the manifest")
    need(len(members["manifest.note"].split(b"\n")) == 6, "one signature and no more")
    facts = read_facts(lines(members["facts.jsonl"]))
    counted: dict[str, int] = {}
    for fact in facts:
        counted[fact["stream"]] = counted.get(fact["stream"], 0) + 1
    need([[s, n] for s, n in sorted(counted.items())] == manifest["streams"], "the streams")
    need(manifest["document"] in counted, "a document without facts")
    roots = {}
    for name, content in members.items():
        if name.startswith("checkpoints/"):
            first, size, root = note(content, keys).split("\n")[:-1]
            need(first == origin, "a checkpoint of another log")
            need(name == f"checkpoints/{int(size):012d}.note" and str(int(size)) == size, "size")
            roots[int(size)] = unbase64(root)
    need(max(roots) == manifest["size"], "the largest checkpoint")
    need(roots[manifest["size"]].hex() == manifest["root"], "the root")
    proofs = one_line(members["proofs.json"])
    need(set(proofs) == {"consistency", "inclusion"}, "the proofs' members")
    check_tree(lines(members["facts.jsonl"]), facts, proofs["inclusion"], roots, manifest["size"])
    sizes = sorted(roots)
    need(len(proofs["consistency"]) == len(sizes) - 1, "one proof for each step")
    for m, n, path in zip(sizes, sizes[1:], proofs["consistency"], strict=False):
        check_step(m, n, roots[m], roots[n], [unhex(each) for each in path])
    check_named(members, facts, manifest["absent"])


def lines(content: bytes) -> list[bytes]:
    need(content.endswith(b"\n") or not content, "an unfinished line")
    return content.split(b"\n")[:-1]


def one_line(content: bytes) -> Any:
    (line,) = lines(content)
    return canonical(line)


def canonical(line: bytes) -> Any:
    value = json.loads(line)
    try:
        need(rfc8785.dumps(value) == line, "not canonical")
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise Bad(str(error)) from error
    need(not has_float(value), "a float")
    return value


def has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(not name.isascii() or has_float(each) for name, each in value.items())
    if isinstance(value, list):
        return any(map(has_float, value))
    return isinstance(value, float)


def unbase64(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    need(base64.b64encode(raw).decode() == text, "another spelling of base64")
    return raw


def unhex(text: str) -> bytes:
    need(HEX64.match(text), "not a hash")
    return bytes.fromhex(text)


def key(vkey: str, origin: str) -> tuple[str, bytes, Ed25519PublicKey]:
    name, identifier, encoded = vkey.split("+", 2)
    raw = unbase64(encoded)
    need(name == origin and len(raw) == 33 and raw[0] == 1, "not a key of this log")
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    need(expected.hex() == identifier, "the id is not the key's")
    return name, expected, Ed25519PublicKey.from_public_bytes(raw[1:])


def note(content: bytes, keys: list[tuple[str, bytes, Ed25519PublicKey]]) -> str:
    text, separator, signatures = content.decode().rpartition("\n\n")
    need(separator and signatures.endswith("\n"), "not a note")
    good = 0
    for line in signatures[:-1].split("\n"):
        dash, name, encoded = line.split(" ")
        raw = unbase64(encoded)
        need(dash == "—" and len(raw) >= 5, "not a signature")
        for known, identifier, public in keys:
            if (known, identifier) == (name, raw[:4]):
                try:
                    public.verify(raw[4:], f"{text}\n".encode())
                except InvalidSignature as error:
                    raise Bad("a wrong signature") from error
                good += 1
    need(good, "no known key signed")
    return f"{text}\n"


def read_facts(rows: list[bytes]) -> list[Any]:
    facts = [canonical(row) for row in rows]
    places: dict[str, int] = {}
    recorded = ""
    leaves = {0: bytes(32)}
    for number, (row, fact) in enumerate(zip(rows, facts, strict=True)):
        seq = fact["seq"]
        need(isinstance(seq, int) and not isinstance(seq, bool) and seq >= 1, "seq")
        need(number == 0 or facts[number - 1]["seq"] < seq, "the order")
        places[fact["stream"]] = places.get(fact["stream"], 0) + 1
        need(fact["stream_seq"] == places[fact["stream"]], "a gap")
        need(HEX64.match(fact["prev"]), "prev")
        if seq - 1 in leaves:
            need(fact["prev"] == leaves[seq - 1].hex(), "the chain")
        leaves[seq] = hashlib.sha256(b"\0" + row).digest()
        need(INSTANT.match(fact["at"]) and INSTANT.match(fact["recorded_at"]), "instants")
        need(recorded <= fact["recorded_at"], "recorded time runs backwards")
        recorded = fact["recorded_at"]
        need(fact["kind"] in ("I", "D", "A"), "kind")
        need(fact["cause"] is None or 0 < fact["cause"] < seq, "cause")
        need({"data", "rules", "type", "v"} <= set(fact), "a member is missing")
    keys = [fact["dedup_key"] for fact in facts]
    need(len(keys) == len(set(keys)), "a key twice")
    return facts


def check_tree(
    rows: list[bytes], facts: list[Any], rest: list[str], roots: dict[int, bytes], size: int
) -> None:
    """Put every known node into its place, then join neighbours until one is left."""
    known = {fact["seq"] - 1 for fact in facts}
    nodes = {
        (fact["seq"] - 1, fact["seq"]): hashlib.sha256(b"\0" + row).digest()
        for fact, row in zip(facts, rows, strict=True)
    }
    need(known <= set(range(size)), "a fact beyond the checkpoint")
    spare = [unhex(each) for each in rest]
    for low, high in blanks(0, size, known):
        need(spare, "too few hashes")
        nodes[low, high] = spare.pop(0)
    need(not spare, "too many hashes")
    need(join(0, size, nodes) == roots[size], "not under the root")


def blanks(low: int, high: int, known: set[int]) -> list[tuple[int, int]]:
    if not any(low <= each < high for each in known):
        return [(low, high)]
    if high - low == 1:
        return []
    middle = low + split(high - low)
    return blanks(low, middle, known) + blanks(middle, high, known)


def join(low: int, high: int, nodes: dict[tuple[int, int], bytes]) -> bytes:
    if (low, high) not in nodes:
        need(high - low > 1, "a leaf is missing")
        middle = low + split(high - low)
        both = join(low, middle, nodes) + join(middle, high, nodes)
        nodes[low, high] = hashlib.sha256(b"\1" + both).digest()
    return nodes[low, high]


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def check_step(m: int, n: int, old: bytes, new: bytes, path: list[bytes]) -> None:
    """RFC 6962, 2.1.2, read as the definition of the proof: recompute both roots from it."""
    rest = list(path)

    def both(low: int, m: int, high: int, whole: bool) -> tuple[bytes, bytes]:
        """Return the hashes of [low, m) and [low, high), taking them from the end of the path."""
        if m == high:
            if whole:
                return old, old
            need(rest, "too short")
            each = rest.pop(0)
            return each, each
        middle = low + split(high - low)
        if m <= middle:
            before, left = both(low, m, middle, whole)
            need(rest, "too short")
            return before, hashlib.sha256(b"\1" + left + rest.pop(0)).digest()
        before, right = both(middle, m, high, False)
        need(rest, "too short")
        left = rest.pop(0)
        return (
            hashlib.sha256(b"\1" + left + before).digest(),
            hashlib.sha256(b"\1" + left + right).digest(),
        )

    was, now = both(0, m, n, True)
    need(not rest and was == old and now == new, "not an extension")


def check_named(members: dict[str, bytes], facts: list[Any], absent: list[list[str]]) -> None:
    named: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, str) and (HEX64.match(value) or REF.match(value)):
            named.add(value)
        elif isinstance(value, dict):
            for each in value.values():
                collect(each)
        elif isinstance(value, list):
            for each in value:
                collect(each)

    for fact in facts:
        collect(fact["data"])
    here = [what for what, _ in absent]
    need(all(why in ("withheld", "gone", "elsewhere") for _, why in absent), "an unknown reason")
    for name, content in members.items():
        if name.startswith(("texts/", "files/")):
            digest = hashlib.sha256(content).hexdigest()
            need(name.partition("/")[2].partition(".")[0] == digest, "a content is not its name's")
            here.append(digest)
    for line in lines(members.get("people.jsonl", b"")):
        here.append(canonical(line)["ref"])
    need(len(here) == len(set(here)) and set(here) == named, "what facts name")
