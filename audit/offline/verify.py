#!/usr/bin/env python3
"""Kiểm tra gói bằng chứng, không cần mạng, không cần tin ai. Check a bundle of evidence, offline.

    python3 verify.py [FILE.zip | FOLDER] [--vkey KEY] [--trusted CHECKPOINT.note | MAIL.eml]

One file, the standard library of Python 3.8 or newer, nothing else. Read it from top to bottom:

1. Ed25519 (RFC 8032): is this the signature of that key?
2. Merkle tree (RFC 6962): are these facts the leaves under that root? Does one root extend another?
3. Signed notes (C2SP): a text, an empty line, signatures.
4. The archive: the zip must be, byte for byte, what the export writes; nothing can hide in it.
5. The proof: key -> manifest -> every file; key -> checkpoint -> every fact -> every text and
   file that a fact names by its SHA-256. What the key itself declared lost is told from forgery.

It says what it cannot prove. Exit status: 0 whole, 1 altered, 2 cannot be read.
The format is described in docs/evidence.md of the project that wrote the bundle.
"""

from __future__ import annotations

import argparse
import base64
import bisect
import email
import hashlib
import json
import re
import struct
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Finding(NamedTuple):
    """Something that is not as it must be: where, and what ("Vietnamese / English")."""

    where: str
    what: str


class Loss(NamedTuple):
    """Checkpoints that can no longer be met, as the key that signed them has declared."""

    fits: int  # the largest one of that line that is still met
    size: int  # the last one that was lost
    root: bytes  # of it
    keys: list[str]  # that signed the line
    words: str  # who declared it, on what decision, when

    def covers(self, size: int, root: bytes, signer: str) -> bool:
        """Tell whether a checkpoint is one of them."""
        last = size < self.size or (size, root) == (self.size, self.root)
        return self.fits < size and last and signer in self.keys


# ---- 1. Ed25519, RFC 8032, section 5.1 ----------------------------------------------------------
# Points (X, Y, Z, T) of the curve -x^2 + y^2 = 1 + D x^2 y^2 modulo P: x = X/Z, y = Y/Z, xy = T/Z.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(p: Sequence[int], q: Sequence[int]) -> Sequence[int]:
    """Return the sum of two points, which may be equal (section 5.1.4)."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_of(raw: bytes) -> Sequence[int]:
    """Return the point that 32 bytes stand for; only its one encoding is taken (5.1.3)."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not the encoding of a point")
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = point_of(b"\x58" + b"\x66" * 31)


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether *signature* of *message* was made with the private key of *public* (5.1.7)."""
    s = int.from_bytes(signature[32:], "little")
    if len(public) != 32 or len(signature) != 64 or s >= ORDER:
        return False
    try:
        x, y, z, t = point_of(public)
    except ValueError:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    minus = (P - x, y, z, P - t)
    # R must be s*BASE - h*public. Both products are made in one walk over the bits of s and h.
    summands = (None, BASE, minus, add(BASE, minus))
    r: Sequence[int] = (0, 1, 1, 0)
    for bit in range(252, -1, -1):
        r = add(r, r)
        summand = summands[(s >> bit & 1) + 2 * (h >> bit & 1)]
        if summand:
            r = add(r, summand)
    inverse = pow(r[2], -1, P)
    x, y = r[0] * inverse % P, r[1] * inverse % P
    return (y + ((x & 1) << 255)).to_bytes(32, "little") == signature[:32]


# ---- 2. The Merkle tree, RFC 6962, section 2.1 --------------------------------------------------


def leaf(body: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + body).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(size: int, places: list[int], leaves: list[bytes], others: list[bytes]) -> bytes:
    """Return the root of the tree of *size* leaves, of which those at *places* (from 0) are known.

    *others* are the roots of the largest subtrees without a known leaf, from left to right.
    Returns no bytes when they are too few or too many.
    """
    others = others[::-1]

    def hash_of(low: int, high: int) -> bytes:
        first = bisect.bisect_left(places, low)
        if first == len(places) or places[first] >= high:
            return others.pop()
        if high - low == 1:
            return leaves[first]
        middle = low + (1 << (high - low - 1).bit_length() - 1)  # the largest power of 2 < width
        return node(hash_of(low, middle), hash_of(middle, high))

    try:
        root = hash_of(0, size)
    except IndexError:
        return b""
    return b"" if others else root


def extends(m: int, old: bytes, n: int, new: bytes, proof: list[bytes]) -> bool:
    """Tell whether the tree of *n* leaves begins with that of *m* < *n* (RFC 9162, 2.1.4.2)."""
    path = proof if m & (m - 1) else [old, *proof]
    if not (0 < m < n and path):
        return False
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old and sr == new


# ---- 3. Keys and signed notes, c2sp.org/signed-note ---------------------------------------------


def base64_of(text: str) -> bytes:
    """Decode base64 in its one spelling."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not canonical base64")
    return raw


def key_of(vkey: str) -> tuple[str, bytes, bytes]:
    """Return name, key id (4 bytes) and public key of a verifier key: ``name+id+base64``."""
    name, key_id, encoded = [*vkey.split("+", 2), "", ""][:3]
    raw = base64_of(encoded)
    digest = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if not re.fullmatch(r"[^\s+]+", name) or digest.hex() != key_id or raw[:1] != b"\x01":
        raise ValueError(f"not an Ed25519 verifier key: {vkey}")
    return name, digest, raw[1:]


def open_note(note: bytes, vkeys: Sequence[str]) -> tuple[list[str], str]:
    """Return the lines of a signed text, and the first of *vkeys* found to have signed it."""
    text, blank, signatures = note.decode().rpartition("\n\n")
    *lines, rest = signatures.split("\n")
    if rest or not blank or not lines:
        raise ValueError("không phải văn bản có chữ ký / not a signed note")
    signers = []
    for line in lines:
        dash, name, encoded = line.split(" ")
        raw = base64_of(encoded)
        if dash != "\u2014" or len(raw) < 5:
            raise ValueError("dòng chữ ký hỏng / a damaged line of a signature")
        for vkey in vkeys:
            if key_of(vkey)[:2] == (name, raw[:4]):
                if not signed_by(key_of(vkey)[2], text.encode() + b"\n", raw[4:]):
                    raise ValueError("chữ ký sai / the signature is wrong")
                signers.append(vkey)
    if not signers:
        raise ValueError("không do khóa cần có ký / not signed by an expected key")
    return text.split("\n"), signers[0]


def open_checkpoint(note: bytes, vkeys: Sequence[str]) -> tuple[int, bytes, str]:
    """Return size and root that a checkpoint of the signer's own log states, and the signer."""
    lines, signer = open_note(note, vkeys)
    origin, size, root = lines
    if origin != key_of(signer)[0] or not re.fullmatch("[1-9][0-9]*", size):
        raise ValueError("không phải điểm kiểm tra / not a checkpoint")
    return int(size), base64_of(root), signer


NOTE = re.compile(rb"[^\n]+\n[0-9]+\n[A-Za-z0-9+/=]+\n([^\n]+\n)*\n(\xe2\x80\x94 [^\n]+\n)+")


def notes_in(path: Path) -> list[bytes]:
    """Return the checkpoints in a note, in a saved mail, or in a folder of them."""
    files = [path] if not path.is_dir() else sorted(p for p in path.rglob("*") if p.is_file())
    found = []
    for raw in (each.read_bytes() for each in files):
        attached = (part.get_payload(decode=True) for part in email.message_from_bytes(raw).walk())
        for part in (raw, *attached):  # editors and mail change the ends of lines
            raw = part if isinstance(part, bytes) else b""
            clean = b"\n".join(raw.lstrip(b"\xef\xbb\xbf").splitlines()).strip() + b"\n"
            if NOTE.fullmatch(clean) and clean not in found:
                found.append(clean)
    if not found:
        raise ValueError(f"không có điểm kiểm tra nào / no checkpoint in: {path}")
    return found


# ---- 4. The archive -----------------------------------------------------------------------------
# Members in the order of their names, stored without compression, dated 1 January 1980, no extra
# field, comment or attribute: one content has one archive, and reading means writing it again.

MODE = 0o100644 << 16  # a plain file, as Unix says it
NAME = re.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


def local_header(name: str, size: int, crc: int) -> bytes:
    """Return the bytes before a member."""
    fixed = (b"PK\3\4", 20, 0, 0, 0, 33, crc, size, size, len(name), 0)
    return struct.pack("<4s5H3I2H", *fixed) + name.encode()


def directory(members: Sequence[tuple[str, int, int, int]]) -> bytes:
    """Return the bytes after the last member; *members* are name, size, CRC-32 and offset."""
    rows, start, count = b"", 0, len(members)
    for name, size, crc, at in members:
        fixed = (b"PK\1\2", 788, 20, 0, 0, 0, 33, crc, size, size, len(name), 0, 0, 0, 0, MODE, at)
        rows += struct.pack("<4s6H3I5H2I", *fixed) + name.encode()
        start = at + 30 + len(name) + size
    return rows + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(rows), start, 0)


def read_archive(data: bytes) -> tuple[dict[str, bytes], list[Finding]]:
    """Return the members of a zip, and where it is not what the export writes."""
    contents: dict[str, bytes] = {}
    members: list[tuple[str, int, int, int]] = []
    findings = []
    at, last = 0, ""
    while data[at : at + 4] == b"PK\3\4" and at + 30 <= len(data):
        crc, size, _, length = struct.unpack_from("<3IH", data, at + 14)
        start, name = at + 30 + length, data[at + 30 : at + 30 + length].decode("ascii", "replace")
        content = data[start : start + size]
        exact = data[at:start] == local_header(name, size, crc) and len(content) == size
        if not exact or not NAME.fullmatch(name) or name <= last or len(members) == 65_535:
            break
        if zlib.crc32(content) != crc:
            findings.append(Finding(name, "khác mã CRC / the content is not its CRC's"))
        members.append((name, size, crc, at))
        contents[name] = content
        at, last = start + size, name
    if data[at:] != directory(members):
        what = "không đúng từng byte như khi xuất / not byte for byte as exported"
        findings.append(Finding(f"zip, byte {at}, sau/after '{last}'", what))
    return contents, findings


# ---- 5. The proof -------------------------------------------------------------------------------

MANIFEST = {"absent", "document", "files", "origin", "root", "size", "streams", "v"}
FACT = {"at", "cause", "data", "dedup_key", "kind", "prev", "recorded_at"}
FACT |= {"rules", "seq", "stream", "stream_seq", "type", "v"}
HASH = re.compile("[0-9a-f]{64}")
NAMED = re.compile("[0-9a-f]{64}|[pc]_[0-9a-f]{16}")  # a content by its hash; a person, an address
CONTENT = re.compile(r"(?:texts|files)/([0-9a-f]{64})(\.[a-z0-9]+)?")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
SHOWN = 3  # so many of what is left out are named on the screen; the manifest names all
ABSENT = {
    "withheld": "được giữ lại khi xuất / withheld at the export",
    "gone": "không còn được lưu / no longer kept",
    "elsewhere": "sổ chỉ ghi mã băm / only the hash is recorded, the content is elsewhere",
}


def canonical(line: bytes) -> Any:
    """Return the value of a line of canonical JSON (RFC 8785, without floats)."""

    def refuse(text: str) -> Any:
        raise ValueError(f"a number that is not allowed: {text[:40]}")

    def whole(text: str) -> int:
        return int(text) if len(text) < 18 and abs(int(text)) < 2**53 else refuse(text)

    value = json.loads(line.decode(), parse_float=refuse, parse_constant=refuse, parse_int=whole)
    again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if again.encode() != line:
        raise ValueError("not canonical JSON")
    return value


def named_in(data: Any) -> Iterator[str]:
    """Yield what a fact names but does not hold: hashes of contents, references to persons."""
    if isinstance(data, str):
        if NAMED.fullmatch(data):
            yield data
    elif isinstance(data, (list, dict)):
        for each in data.values() if isinstance(data, dict) else data:
            yield from named_in(each)


def unhex(text: str) -> bytes:
    """Return the 32 bytes of a hash."""
    if not HASH.fullmatch(text):
        raise ValueError(f"not a hash: {text}")
    return bytes.fromhex(text)


class Bundle:
    """The files of a bundle, and what has been found out about them so far."""

    def __init__(self, contents: Mapping[str, bytes], vkeys: Sequence[str] = ()) -> None:
        self.contents = contents
        self.trusted = list(vkeys)  # the keys that the reader trusts; none: those of the bundle
        self.keys: list[str] = []
        self.manifest: dict[str, Any] = {}
        self.places: list[int] = []  # where each fact stands in the tree, from 0
        self.leaves: list[bytes] = []
        self.streams: dict[str, int] = {}  # how many facts of each document
        self.named: set[str] = set()  # by the facts
        self.roots: dict[int, bytes] = {}  # of the checkpoints, by their size
        self.restored: list[dict[str, Any]] = []  # the facts that declare a loss
        self.losses: list[Loss] = []
        self.agreed: list[str] = []  # with checkpoints that the reader kept
        self.abandoned: list[str] = []
        self.newer: list[str] = []
        self.at = ""  # what is being read

    def check(self, kept: Sequence[bytes] = ()) -> Iterator[Finding]:
        """Yield what is wrong. *kept* are checkpoints that the reader has from elsewhere."""
        try:
            self.read_manifest()
            yield from self.check_files()
            self.check_note()
            yield from self.check_facts()
            yield from self.check_checkpoints()
            yield from self.check_restored()
            yield from self.check_named()
            yield from self.check_kept(kept)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            # What follows from a part that cannot be read cannot be checked.
            yield Finding(self.at, f"không đọc được / cannot be read: {error}")

    def read(self, name: str) -> bytes:
        """Return a file that every bundle has."""
        self.at = name
        if name not in self.contents:
            raise ValueError("thiếu tệp / the file is missing")
        return self.contents[name]

    def lines(self, name: str) -> list[bytes]:
        """Return the lines of such a file; each ends with a line feed."""
        *lines, rest = self.read(name).split(b"\n")
        if rest:
            raise ValueError("dòng cuối bị cắt / the last line is cut off")
        return lines

    def read_manifest(self) -> None:
        """Read the manifest and the keys."""
        (line,) = self.lines("manifest.json")
        self.manifest = canonical(line)
        if set(self.manifest) != MANIFEST or self.manifest["v"] != 1:
            raise ValueError("dạng khác / another form")
        self.keys = [line.decode() for line in self.lines("keys.txt")]
        if any(key_of(vkey)[0] != self.manifest["origin"] for vkey in self.keys):
            raise ValueError("khóa của sổ khác / the key of another log")
        for line in self.lines("facts.jsonl") if self.trusted else ():
            if b'"type":"KeyRotated"' in line:
                self.follow(canonical(line)["data"]["note"].encode())

    def follow(self, note: bytes) -> None:
        """Trust a key to which a trusted one has handed over, in a note that both have signed."""
        origin, what, old, new, _ = note.decode().split("\n", 4)
        both = {open_note(note, [each])[1] for each in (old, new)}
        names = {origin, key_of(old)[0], key_of(new)[0]}
        if what == "key-rotation" and len(both) == 2 and len(names) == 1 and old in self.trusted:
            self.trusted.append(new)

    def check_files(self) -> Iterator[Finding]:
        """Compare every file with the manifest."""
        self.at = "manifest.json"
        listed = {name: [size, digest] for name, size, digest in self.manifest["files"]}
        for name in sorted({*listed, *self.contents} - {"manifest.json", "manifest.note"}):
            content = self.contents.get(name)
            if content is None:
                yield Finding(name, "thiếu tệp / the file is missing")
            elif name not in listed:
                yield Finding(name, "tệp thừa / a file that is not in the manifest")
            elif listed[name] != [len(content), hashlib.sha256(content).hexdigest()]:
                yield Finding(name, "nội dung đã bị thay đổi / the content was altered")

    def check_note(self) -> None:
        """Check the signature of the manifest."""
        digest = hashlib.sha256(self.read("manifest.json")).hexdigest()
        lines, _ = open_note(self.read("manifest.note"), self.trusted or self.keys)
        expected = ["cascade-evidence/1", self.manifest["origin"], digest]
        if lines != expected or self.read("manifest.note").count(b"\n") != 5:  # one signature
            raise ValueError("ký cho danh mục khác / it signs another manifest")

    def check_facts(self) -> Iterator[Finding]:
        """Check the form of every fact, the chain, and the numbers within each document."""
        seq, recorded, keys = 0, "", set()
        for number, line in enumerate(self.lines("facts.jsonl"), start=1):
            where = f"facts.jsonl:{number}"
            try:
                fact = canonical(line)
                if not set(fact) >= FACT or fact["seq"] <= seq:
                    raise ValueError("a field is missing, or seq is not in order")
                where += f" (seq {fact['seq']}, {fact['stream']})"
                in_order = (
                    HASH.fullmatch(fact["prev"])
                    and INSTANT.fullmatch(fact["at"])
                    and INSTANT.fullmatch(fact["recorded_at"])
                    and recorded <= fact["recorded_at"]
                    and fact["kind"] in ("I", "D", "A")
                    and (fact["cause"] is None or 0 < fact["cause"] < fact["seq"])
                    and fact["dedup_key"] not in keys
                )
            except (ValueError, TypeError, RecursionError) as error:
                yield Finding(where, f"không phải sự kiện / not a fact: {error}")
                continue
            if not in_order:
                yield Finding(where, "phong bì sai / the envelope is not in order")
            before = self.leaves[-1].hex() if self.leaves else "0" * 64
            if fact["seq"] == seq + 1 and fact["prev"] != before:
                yield Finding(where, "đứt chuỗi với sự kiện trước / not linked to the one before")
            count = self.streams[fact["stream"]] = self.streams.get(fact["stream"], 0) + 1
            if fact["stream_seq"] != count:
                yield Finding(where, "thiếu hoặc thừa sự kiện trước đó / a gap before this fact")
            seq, recorded = fact["seq"], fact["recorded_at"]
            keys.add(fact["dedup_key"])
            self.places.append(seq - 1)
            self.leaves.append(leaf(line))
            self.named.update(named_in(fact["data"]))
            if (fact["stream"], fact["type"]) == ("@admin", "Restored"):
                self.restored.append(fact)
        if [list(each) for each in sorted(self.streams.items())] != self.manifest["streams"]:
            yield Finding("facts.jsonl", "số sự kiện khác danh mục / not as many facts as listed")
        if self.manifest["document"] not in self.streams:
            yield Finding("manifest.json", "văn bản không có sự kiện / a document without facts")

    def check_checkpoints(self) -> Iterator[Finding]:
        """Check that each checkpoint extends the one before, and that the last has all facts."""
        signer, size = "", self.manifest["size"]
        for name in sorted(self.contents):
            if name.startswith("checkpoints/"):
                n, self.roots[n], signer = open_checkpoint(self.read(name), self.keys)
                if name != f"checkpoints/{n:012d}.note":
                    yield Finding(name, "điểm kiểm tra khác / another checkpoint")
        sizes = sorted(self.roots)
        if sizes[-1:] != [size] or self.roots[size].hex() != self.manifest["root"]:
            raise ValueError("thiếu điểm kiểm tra cuối / the last checkpoint is missing")
        if self.trusted and signer not in self.trusted:
            raise ValueError("không do khóa được tin ký / not signed by a trusted key")
        (line,) = self.lines("proofs.json")
        proofs = canonical(line)
        steps = [[unhex(each) for each in path] for path in proofs["consistency"]]
        others = [unhex(each) for each in proofs["inclusion"]]
        if len(proofs) != 2 or len(steps) != len(sizes) - 1:
            raise ValueError("thiếu hoặc thừa / missing or too many")
        for number, path in enumerate(steps):
            m, n = sizes[number : number + 2]
            if not extends(m, self.roots[m], n, self.roots[n], path):
                what = f"không nối tiếp điểm kiểm tra {m} / does not extend checkpoint {m}"
                yield Finding(f"checkpoints/{n:012d}.note", what)
        if self.places[-1:] >= [size]:
            yield Finding("facts.jsonl", f"vượt điểm kiểm tra / beyond checkpoint {size}")
        if root_of(size, self.places, self.leaves, others) != self.roots[size]:
            what = f"không thuộc gốc của điểm kiểm tra / not under the root of checkpoint {size}"
            yield Finding("facts.jsonl", what)

    def root_at(self, size: int) -> bytes | None:
        """Return the root over the first facts, where a checkpoint or all of them tell it."""
        if size not in self.roots and 0 < size < self.manifest["size"] == len(self.leaves):
            return root_of(size, self.places[:size], self.leaves[:size], [])
        return self.roots.get(size)

    def keys_before(self, vkey: str) -> list[str]:
        """Return the keys of the line that ended when *vkey* took over."""
        for known in (self.trusted, self.keys):
            if vkey in known[1:]:
                return known[: known.index(vkey)]
        return self.trusted or self.keys

    def check_restored(self) -> Iterator[Finding]:
        """Check the declarations of a loss: of this history, by the key that signed what is lost.

        The note has eight lines: origin, "restored", size and root of the last checkpoint lost, the
        largest size still met, number and root of the facts that were left, the key that follows.
        """
        for fact in self.restored:
            where = f"facts.jsonl (seq {fact['seq']}, Restored)"
            try:
                note = fact["data"]["note"].encode()
                vkeys = self.keys_before(note.decode().split("\n")[7])
                lines, _ = open_note(note, vkeys)
                origin, what, size, root, fits, left, left_root, _ = lines
                words = f"{fact['data']['by']} ({fact['data']['authority']}), {fact['recorded_at']}"
                loss = Loss(int(fits), int(size), base64_of(root), vkeys, words)
                known = self.root_at(int(left)) in (None, base64_of(left_root))
                said = (origin, what, int(left) + 1)
                if not known or said != (self.manifest["origin"], "restored", fact["seq"]):
                    raise ValueError("của sổ khác / of another history")
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                yield Finding(where, f"không phải khai báo mất / declares no loss: {error}")
            else:
                self.losses.append(loss)

    def check_named(self) -> Iterator[Finding]:
        """Check every text, file and person against what the facts name."""
        found = [what for what, why in self.manifest["absent"] if why in ABSENT]
        for name, content in self.contents.items():
            if name.startswith(("texts/", "files/")):
                found.append(hashlib.sha256(content).hexdigest())
                match = CONTENT.fullmatch(name)
                if not match or match.group(1) != found[-1]:
                    yield Finding(name, "nội dung khác mã băm / the content is not its hash's")
        if "people.jsonl" in self.contents:
            found += [canonical(line)["ref"] for line in self.lines("people.jsonl")]
        for what in sorted(self.named.symmetric_difference(found)):
            yield Finding(what, "sự kiện nêu mà thiếu, hoặc thừa / named, not here; or not named")
        if len(found) != len(set(found)):
            yield Finding("manifest.json", "nội dung nêu hai lần / a content is listed twice")

    def check_kept(self, kept: Sequence[bytes]) -> Iterator[Finding]:
        """Compare with checkpoints that the reader got by another way, and before."""
        size = self.manifest["size"]
        for number, note in enumerate(kept, start=1):
            self.at = f"--trusted {number}"
            m, root, signer = open_checkpoint(note, [*self.trusted, *self.keys])
            lost = [each.words for each in self.losses if each.covers(m, root, signer)]
            if m <= size and self.root_at(m) == root:
                self.agreed.append(f"khớp điểm kiểm tra bạn giữ / agrees with your checkpoint {m}")
            elif lost:
                what = f"điểm kiểm tra {m} thuộc dòng đã bỏ / is of the line that was abandoned"
                self.abandoned.append(f"{what}: {', '.join(lost)}")
            elif m > size:
                self.newer.append(f"mới hơn gói, chưa đối chiếu / newer, not compared: {m}")
            else:
                what = f"điểm kiểm tra {m} không thuộc lịch sử này / is not of this history (FORK)"
                yield Finding(self.at, what)

    def proven(self) -> Iterator[str]:
        """Yield what is proven of a bundle that was checked and found whole."""
        size, root = self.manifest["size"], self.manifest["root"]
        yield f"{len(self.leaves)} sự kiện / facts, điểm kiểm tra / checkpoint {size}, {root}"
        yield from (f"  {name}: 1..{last}" for name, last in self.manifest["streams"])
        yield f"{len(self.roots)} điểm kiểm tra nối tiếp nhau / checkpoints, each extends the last"
        yield f"{len(self.contents)} tệp đúng danh mục có chữ ký / files as in the signed manifest"
        yield from self.agreed

    def unproven(self) -> Iterator[str]:
        """Yield what this bundle leaves out, and what it cannot prove by itself."""
        for loss in self.losses:
            yield f"đã khai báo mất / declared lost: {loss.fits + 1}..{loss.size}, {loss.words}"
        yield from self.abandoned
        for why, words in ABSENT.items():
            left = [what for what, reason in self.manifest["absent"] if reason == why]
            if left:
                more = " …" if left[SHOWN:] else ""
                yield f"{len(left)} × {words}: {' '.join(left[:SHOWN])}{more}"
        if not self.trusted:
            yield "khóa lấy từ chính gói này: hãy so với khóa in trên giấy, hoặc dùng --vkey"
            yield "the key comes from the bundle itself: compare it with the one on paper (--vkey):"
            yield from (f"  {vkey}" for vkey in self.keys)
        if not self.agreed:
            yield "ai giữ khóa có thể viết lịch sử khác: hãy đối chiếu điểm kiểm tra trong thư"
            yield "the key's holder could write another history: compare your own mail (--trusted)"
        if len(self.leaves) < self.manifest["size"]:
            yield "một phần của sổ: sự kiện cuối của mỗi văn bản là lời xác nhận có chữ ký"
            yield "a part of the log: where each document ends is stated and signed, not proven"
        yield from self.newer


def load(path: Path) -> tuple[dict[str, bytes], list[Finding], str]:
    """Return the files of a zip or a folder, what is wrong with the zip, and its SHA-256."""
    if path.is_dir():
        files = [each for each in path.rglob("*") if not each.is_dir()]
        return {each.relative_to(path).as_posix(): each.read_bytes() for each in files}, [], ""
    data = path.read_bytes()
    if data[:4] != b"PK\3\4" and b"PK\5\6" not in data[-66000:]:
        raise ValueError(f"không phải tệp zip / not a zip file: {path}")
    return (*read_archive(data), hashlib.sha256(data).hexdigest())


def main() -> int:
    """Check what the command line names, and say what was found."""
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(encoding="utf-8", errors="replace")
    parser = argparse.ArgumentParser(description="Kiểm tra gói bằng chứng / check evidence")
    parser.add_argument("path", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--vkey", action="append", default=[], help="khóa / key, or its file")
    parser.add_argument("--trusted", nargs="+", type=Path, default=[], help="điểm kiểm tra / notes")
    given = parser.parse_args()
    try:
        vkeys: list[str] = []
        for each in given.vkey:
            vkeys += Path(each).read_text().split() if Path(each).is_file() else [each]
        for vkey in vkeys:
            key_of(vkey)
        kept = [note for each in given.trusted for note in notes_in(each)]
        contents, findings, digest = load(given.path)
    except (OSError, ValueError) as error:
        print(f"KHÔNG ĐỌC ĐƯỢC / CANNOT BE READ: {error}", file=sys.stderr)
        return 2
    bundle = Bundle(contents, vkeys)
    findings += bundle.check(kept)
    if digest:
        print(f"SHA-256 {digest}")
    if findings:
        for where, what in findings:
            print(f"SAI / WRONG   {where}: {what}")
        print(f"KHÔNG NGUYÊN VẸN / ALTERED ({len(findings)})")
        return 1
    for line in bundle.proven():
        print(f"ĐÚNG / PROVEN {line}")
    for line in bundle.unproven():
        print(f"LƯU Ý / NOTE  {line}")
    if bundle.losses:
        print("NGUYÊN VẸN, TRỪ PHẦN ĐÃ KHAI BÁO LÀ MẤT / WHOLE, BUT FOR A DECLARED LOSS")
    else:
        print("NGUYÊN VẸN / WHOLE")
    return 0


if __name__ == "__main__":
    sys.exit(main())
