"""The evidence of one document: a zip that an outsider checks without this system.

The format is described in ``docs/evidence.md``; :mod:`audit.offline.verify` goes along and is what
checks a bundle here as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from audit import archive
from audit.assembled import ADMIN, Parts, assemble, manifest
from audit.gathered import gather
from audit.offline import verify
from audit.refusals import TOO_LARGE, altered, uncovered, unknown
from audit.scope import chain, parents
from audit.seal import Seal, Signed
from audit.uncollected import uncollected
from models.domain.errors import ImpossibleFact, Refusal
from models.domain.terms import DocumentKey
from models.store import Store
from models.tables import LedgerEvent, table

_EVENT = table(LedgerEvent)


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle that was written."""

    path: Path
    sha256: str
    size: int
    """Of the zip, in bytes."""
    facts: int
    checkpoint: int
    documents: tuple[DocumentKey, ...]
    withheld: int
    """How many things that facts name were left out on purpose."""
    gone: int
    """How many are no longer kept."""


def export(
    store: Store, document: DocumentKey, path: Path, seal: Seal, parts: Parts
) -> Exported | Refusal:
    """Write the evidence of *document* to *path*, wholly or not at all.

    The same ledger, people and checkpoints give the same bytes. What is written was verified.

    Raises:
        OSError: *path* cannot be written; what was there is untouched.
        WillNotSign: as :func:`audit.checkpoint.make`.
        WrongKey: the names do not open with this installation's master key.
    """
    above = parents(store)
    if document not in above:
        return unknown(document, list(above))
    documents = chain(above, document)
    last = _last(store, documents)
    try:
        signed, sizes = _signed(seal, last)
        if sizes[-1:] < [last]:
            return uncovered(sizes[-1] if sizes else 0, last)
        with uncollected():
            found = gather(store, [*documents, ADMIN], sizes)
            contents, absent = assemble(found, documents, document, signed.vkeys[-1], parts)
    except (ImpossibleFact, ValueError, TypeError, KeyError) as error:
        return altered(f"{type(error).__name__}: {error}")
    for size, note in zip(sizes, signed.notes, strict=True):
        contents[f"checkpoints/{size:012d}.note"] = note.encode()
    contents["keys.txt"] = "".join(f"{vkey}\n" for vkey in signed.vkeys).encode()
    origin = signed.vkeys[-1].partition("+")[0]
    listed, text = manifest(found, document, origin, sizes[-1], contents, absent)
    contents["manifest.json"] = listed
    contents["manifest.note"] = seal.sign(text).encode()
    for finding in verify.Bundle(contents, signed.vkeys[-1:]).check():
        return altered(f"{finding.where}: {finding.what}")
    try:
        digest = archive.write(path, contents)
    except archive.TooLarge:
        return TOO_LARGE
    why = list(absent.values())
    return Exported(
        path,
        digest,
        path.stat().st_size,
        len(found.rows),
        sizes[-1],
        tuple(documents),
        why.count("withheld"),
        why.count("gone"),
    )


def verify_bundle(
    path: Path, vkeys: Sequence[str] = (), trusted: Sequence[bytes] = ()
) -> "Verdict":
    """Check the zip or the folder at *path* with the verifier that every bundle carries.

    *vkeys* are the keys that the caller trusts; *trusted* are notes of checkpoints kept elsewhere.

    Raises:
        OSError: there is nothing to read.
        ValueError: it is no zip, or a key is none.
    """
    for vkey in vkeys:
        verify.key_of(vkey)
    contents, findings, digest = verify.load(path)
    bundle = verify.Bundle(contents, vkeys)
    findings = [*findings, *bundle.check(trusted)]
    whole = not findings
    return Verdict(
        tuple(findings),
        tuple(bundle.proven()) if whole else (),
        tuple(bundle.unproven()) if whole else (),
        digest,
        whole and bool(bundle.losses),
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the check of a bundle."""

    findings: tuple[verify.Finding, ...]
    """What is wrong, each with its place; empty: whole."""
    proven: tuple[str, ...]
    unproven: tuple[str, ...]
    """What a whole bundle leaves out or cannot prove by itself."""
    sha256: str
    """Of the zip; empty for a folder."""
    declared: bool
    """Facts that were signed are lost, and the ledger's key has declared it."""

    def __iter__(self) -> Iterator[verify.Finding]:
        return iter(self.findings)


def _signed(seal: Seal, last: int) -> tuple[Signed, list[int]]:
    """Return what is signed and the sizes of it, after asking for more if *last* is not in it."""
    signed = seal.signed()
    sizes = signed.sizes()
    if sizes[-1:] < [last] and seal.checkpoint is not None:
        seal.checkpoint()
        signed = seal.signed()
        sizes = signed.sizes()
    return signed, sizes


def _last(store: Store, documents: Sequence[DocumentKey]) -> int:
    newest = select(func.max(_EVENT.c.seq)).where(_EVENT.c.stream.in_(documents))
    with store.reading() as connection:
        return int(connection.execute(newest).scalar_one())
