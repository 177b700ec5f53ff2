"""Read and check a directive package: a folder of YAML that one installation runs.

``load`` either returns the whole package as the rules understand it or raises
:class:`~config.errors.PackageError` with everything that is wrong, so nothing half-checked is
ever stored. The format is described beside the files, in their own heads.
"""

from dataclasses import dataclass
from pathlib import Path

from config.bundle import Bundle, Part, digest, read_bundle
from config.calendars import CALENDARS
from config.check_chain import check_chain
from config.check_duties import check_duties
from config.check_forms import check_forms
from config.check_references import check_references
from config.check_texts import check_texts
from config.convert import documents_of
from config.errors import PackageError, Problem, Report
from config.notes import Note, notes_of
from models.domain.directive import Document
from models.domain.terms import BodyId, DocumentKey, ObligationId

__all__ = [
    "DIRECTIVES",
    "Clause",
    "Conflict",
    "Contact",
    "Delivery",
    "Note",
    "Package",
    "PackageError",
    "Problem",
    "load",
]

DIRECTIVES = Path(__file__).parent / "directives"
"""Where the packages of this installation lie."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a body gets its mail, and in which language."""

    body: BodyId
    email: str
    locale: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One obligation as the document puts it, tracked or not, for display."""

    document: DocumentKey
    id: ObligationId
    clause: str
    kind: str
    force: str
    tracked: bool
    quote: str
    words: str
    """The part of the quotation that lays down this very duty; the whole of it if not marked."""
    summary: str
    assignees: tuple[BodyId, ...]
    """As named: groups are not expanded."""
    implied: bool
    """The text names no doer; the assignees are inferred."""
    accountable: str
    receivers: tuple[BodyId, ...]
    via: BodyId | None
    phrase: str
    """The words of the date, if there are any."""
    rule: str
    covered_by: tuple[ObligationId, ...]
    """The obligations with which this one closes."""
    conflicts: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A line of the distribution list: who gets the document, not who must act."""

    document: DocumentKey
    text: str
    bodies: tuple[BodyId, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A contradiction or gap in the text, and how it is handled."""

    document: DocumentKey
    id: str
    title: str
    severity: str
    obligations: tuple[ObligationId, ...]
    handling: str


@dataclass(frozen=True, slots=True)
class Package:
    """A checked package."""

    id: str
    title: str
    sample: bool
    """It holds sample data: it must never write to real addresses."""
    sha256: str
    """Over the content of its files; the same for any layout, comment or order."""
    calendar_sha256: str
    documents: tuple[Document, ...]
    """In the order of the cascade, the root first."""
    contacts: tuple[Contact, ...]
    notes: tuple[Note, ...]
    """What is assumed, sample or policy, and where it says so."""
    clauses: tuple[Clause, ...]
    """All obligations of all documents."""
    distribution: tuple[Delivery, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def untracked(self) -> tuple[Clause, ...]:
        """Return the obligations that nobody follows up: aims, requirements, guidance."""
        return tuple(clause for clause in self.clauses if not clause.tracked)

    def document(self, key: str) -> Document:
        """Return one document; raise ``KeyError`` when the package has no such one."""
        for document in self.documents:
            if document.key == key:
                return document
        raise KeyError(key)


def load(path: Path | str, lang: str = "vi", *, calendars: Path = CALENDARS) -> Package:
    """Return the package in the folder *path*.

    *lang* (``vi`` or ``en``) is the language of the error's text.

    Raises:
        PackageError: with every problem that could be found. What is unreadable or of the wrong
            shape is told first; unknown names, quotations and dates next; then who owes what.
    """
    bundle = read_bundle(Path(path), lang, calendars)
    report = Report()
    check_texts(bundle, report)
    check_forms(bundle, report)
    references = Report()
    check_references(bundle, references)
    if not references.problems:
        check_duties(bundle, report)
        check_chain(bundle, report)
    report.problems.extend(references.problems)
    report.stop_if_any(lang)
    return _package(bundle)


def _package(bundle: Bundle) -> Package:
    notes = notes_of(bundle)
    return Package(
        id=bundle.package.id,
        title=bundle.package.title,
        sample=bundle.package.sample,
        sha256=bundle.sha256,
        calendar_sha256=digest(bundle.calendar.file.data),
        documents=documents_of(bundle, notes),
        contacts=tuple(
            Contact(BodyId(each.body), each.email, each.locale) for each in bundle.contacts.contacts
        ),
        notes=notes,
        clauses=tuple(clause for part in bundle.parts for clause in _clauses(part)),
        distribution=tuple(
            Delivery(DocumentKey(part.shape.key), each.text, tuple(map(BodyId, each.bodies)))
            for part in bundle.parts
            for each in part.shape.distribution
        ),
        conflicts=tuple(
            Conflict(
                DocumentKey(part.shape.key),
                each.id,
                each.title,
                each.severity,
                tuple(map(ObligationId, each.obligations)),
                each.handling,
            )
            for part in bundle.parts
            for each in part.shape.conflicts
        ),
    )


def _clauses(part: Part) -> tuple[Clause, ...]:
    duties = part.shape.obligations
    return tuple(
        Clause(
            document=DocumentKey(part.shape.key),
            id=ObligationId(each.id),
            clause=each.clause,
            kind=each.kind,
            force=each.force,
            tracked=each.tracked,
            quote=each.quote or "",
            words=each.words or each.quote or "",
            summary=each.summary or "",
            assignees=tuple(map(BodyId, each.assignees)),
            implied=each.assignees_basis == "implied",
            accountable=each.accountable or "",
            receivers=tuple(map(BodyId, each.receivers)),
            via=BodyId(each.via) if each.via else None,
            phrase=each.deadline.phrase or "",
            rule=each.deadline.rule,
            covered_by=tuple(ObligationId(d.id) for d in duties if each.id in d.also),
            conflicts=tuple(each.conflicts),
            note=each.note or "",
        )
        for each in duties
    )
