"""The files of a bundle, made from what was gathered.

Texts and files are bound by the hashes within the facts; what is made from the facts (register,
replay, instructions) by the manifest, which the ledger's key signs.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.bodies import Damaged
from audit.contents import Content, Named, People, named
from audit.gathered import Gathered
from audit.instructions import instructions
from audit.offline import verify
from audit.reading import Row
from audit.register import Numbered, section
from audit.register_csv import as_csv
from audit.register_pdf import as_pdf
from models.codec import decode, instant_of
from models.domain.chain import Json, canonical
from models.domain.facts import Fact
from models.domain.terms import DocumentKey

ADMIN = "@admin"
"""The stream of what was done to the installation itself; part of every bundle."""

FORM = 1
"""Version of the format."""

Replay = Callable[[Sequence[Row], int], str]
"""Gives the replay of documents as one HTML file, from all their facts under the checkpoint of a
size."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What goes in beside the facts."""

    people: People
    content: Content
    replay: Replay | None = None
    redact: bool = False
    """Leave out names and addresses."""
    redact_texts: bool = False
    """Leave out the texts and files that people handed in."""
    readable: bool = True
    """With register, replay, instructions and verifier; a program that reads needs none of them."""


def assemble(
    found: Gathered,
    documents: Sequence[DocumentKey],
    document: DocumentKey,
    vkey: str,
    parts: Parts,
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the files by their names, and what facts name and is not there, with its reason.

    Raises:
        models.domain.errors.ImpossibleFact, KeyError, ValueError: the facts are not in order.
    """
    contents = {
        "facts.jsonl": b"".join(row.body + b"\n" for row in found.rows),
        "proofs.json": _line(
            {
                "consistency": [[each.hex() for each in path] for path in found.proofs.consistency],
                "inclusion": [each.hex() for each in found.proofs.inclusion],
            }
        ),
    }
    absent: dict[str, str] = {}
    wanted = named([fact["data"] for fact in found.facts])
    own = named([fact["data"] for fact in found.facts if fact["stream"] != ADMIN])
    apart = wanted.keys() - own.keys()
    people = _people([each for each in wanted.values() if each.person], parts, absent, apart)
    if people:
        lines = [_line({**known, "ref": ref}) for ref, known in sorted(people.items())]
        contents["people.jsonl"] = b"".join(lines)
    for each in wanted.values():
        if not each.person:
            content = _content(each, parts, absent)
            if content is not None:
                contents[each.member] = content
    if parts.readable:
        names = {ref: known["name"] for ref, known in people.items() if "name" in known}
        contents |= _readable(found, documents, document, vkey, parts, names)
    return contents, dict(sorted(absent.items()))


def manifest(
    found: Gathered,
    document: DocumentKey,
    origin: str,
    size: int,
    contents: Mapping[str, bytes],
    absent: Mapping[str, str],
) -> tuple[bytes, str]:
    """Return the manifest of *contents*, and the text that the ledger's key signs for it."""
    files: list[Json] = [
        [name, len(content), hashlib.sha256(content).hexdigest()]
        for name, content in sorted(contents.items())
    ]
    listed = _line(
        {
            "absent": [[what, why] for what, why in sorted(absent.items())],
            "document": document,
            "files": files,
            "origin": origin,
            "root": found.proofs.root.hex(),
            "size": size,
            "streams": [[name, count] for name, count in sorted(found.streams().items())],
            "v": FORM,
        }
    )
    return listed, f"cascade-evidence/1\n{origin}\n{hashlib.sha256(listed).hexdigest()}\n"


def _people(
    persons: Sequence[Named], parts: Parts, absent: dict[str, str], apart: Collection[str]
) -> dict[str, Mapping[str, str]]:
    """Return who is behind the references *persons*.

    Those in *apart* are named by entries of the installation alone: an address among them may be
    that of a body with which the document has nothing to do, and stays here.
    """
    refs = [each.what for each in persons]
    known = parts.people(refs)
    kept: dict[str, Mapping[str, str]] = {}
    for ref in refs:
        if ref not in known:
            absent[ref] = "gone"
        elif parts.redact or (ref in apart and "address" in known[ref]):
            absent[ref] = "withheld"
        else:
            kept[ref] = known[ref]
    return kept


def _content(each: Named, parts: Parts, absent: dict[str, str]) -> bytes | None:
    content = parts.content(each.what)
    if content is None:
        absent[each.what] = "elsewhere" if each.outside else "gone"
    elif parts.redact_texts:
        absent[each.what], content = "withheld", None
    return content


def _readable(
    found: Gathered,
    documents: Sequence[DocumentKey],
    document: DocumentKey,
    vkey: str,
    parts: Parts,
    names: Mapping[str, str],
) -> dict[str, bytes]:
    own: dict[str, list[Numbered]] = {key: [] for key in documents}
    for fact in found.facts:
        if fact["stream"] in own:
            own[fact["stream"]].append((fact["seq"], _decoded(fact)))
    sections = [section(facts, names) for facts in own.values()]
    size, root = found.proofs.size, found.proofs.root.hex()
    basis = f"{document} · điểm kiểm tra {size} · gốc {root}"
    written = instant_of(found.facts[-1]["recorded_at"])
    readable = {
        **instructions(document, documents, size, root, vkey),
        "so-theo-doi.csv": as_csv(sections),
        "so-theo-doi.pdf": as_pdf(sections, basis, written),
        "verify.py": Path(verify.__file__).read_bytes(),
    }
    if parts.replay is not None:
        own_rows = [row for row in found.rows if row.stream in own]
        readable["dien-bien.html"] = parts.replay(own_rows, size).encode()
    return readable


def _decoded(fact: Mapping[str, Any]) -> Fact:
    try:
        return decode(fact["type"], fact["data"])
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise Damaged(fact["seq"], error) from error


def _line(value: Json) -> bytes:
    return canonical(value) + b"\n"
