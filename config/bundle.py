"""All files of a package, read and of the right shape; nothing said yet about their meaning."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pendulum import DateTime

from config.calendars import CALENDARS, Calendar, known_calendars, read_calendar, unknown_calendar
from config.errors import Problem, Report, shown
from config.quotes import plain_text
from config.shape_errors import fit
from config.shapes import (
    FORMAT,
    BodiesShape,
    ContactsShape,
    DocumentShape,
    ObligationShape,
    PackageShape,
    PolicyShape,
)
from config.yaml_file import Plain, YamlFile, read_text, read_yaml
from models.domain.calendar import at

MAIN = "package.yaml"


@dataclass(frozen=True, slots=True)
class Part:
    """One document's file, its shape, and the plain text that its quotations come from."""

    file: YamlFile
    shape: DocumentShape
    text: str | None

    @property
    def tracked(self) -> Iterator[tuple[int, ObligationShape]]:
        """Yield the tracked obligations with their place in the file."""
        return ((i, each) for i, each in enumerate(self.shape.obligations) if each.tracked)

    @property
    def covered(self) -> frozenset[str]:
        """The obligations that another one closes; nobody gets a copy of their own."""
        return frozenset(also for each in self.shape.obligations for also in each.also)

    def issue_at(self) -> DateTime:
        """Return when the document is issued."""
        hour, minute = self.shape.time.split(":")
        return at(self.shape.issued, int(hour), int(minute))


@dataclass(frozen=True, slots=True)
class Bundle:
    """A package whose files all have the right shape."""

    file: YamlFile
    package: PackageShape
    bodies_file: YamlFile
    bodies: BodiesShape
    contacts_file: YamlFile
    contacts: ContactsShape
    policy_file: YamlFile
    policy: PolicyShape
    calendar: Calendar
    parts: tuple[Part, ...]
    sha256: str


def read_bundle(folder: Path, lang: str, calendars: Path = CALENDARS) -> Bundle:
    """Return what stands in *folder*.

    Raises:
        PackageError: with everything that is missing, unreadable or of the wrong shape.
    """
    report = Report()
    if not _is_folder(folder):
        vi = "không phải thư mục; hãy chỉ tới thư mục có tệp package.yaml"
        en = "is not a folder; name the folder that holds package.yaml"
        report.add(Problem(shown(folder), "", "not-a-folder", vi, en))
    report.stop_if_any(lang)
    file = read_yaml(folder, MAIN, report)
    report.stop_if_any(lang)
    assert file is not None
    _check_format(file, report)
    report.stop_if_any(lang)
    package = fit(file, PackageShape, report)
    report.stop_if_any(lang)
    assert package is not None

    bodies_file = read_yaml(folder, package.bodies, report)
    contacts_file = read_yaml(folder, package.contacts, report)
    policy_file = read_yaml(folder, package.policy, report)
    bodies = fit(bodies_file, BodiesShape, report) if bodies_file else None
    contacts = fit(contacts_file, ContactsShape, report) if contacts_file else None
    policy = fit(policy_file, PolicyShape, report) if policy_file else None
    calendar = None
    if package.calendar in known_calendars(calendars):
        calendar = read_calendar(package.calendar, report, calendars)
    else:
        vi, en = unknown_calendar(package.calendar, calendars)
        report.add(file.problem(("calendar",), "unknown-calendar", vi, en))
    content: dict[str, Plain] = {}
    parts = []
    for name in dict.fromkeys(package.documents):
        part = _read_part(folder, name, content, report)
        if part is not None:
            parts.append(part)
    report.stop_if_any(lang)
    # Whatever is missing has been reported: these lines are for the type checker.
    assert bodies_file is not None
    assert contacts_file is not None
    assert policy_file is not None
    assert bodies is not None
    assert contacts is not None
    assert policy is not None
    assert calendar is not None
    for each in (file, bodies_file, contacts_file, policy_file):
        content[each.name] = each.data
    return Bundle(
        file,
        package,
        bodies_file,
        bodies,
        contacts_file,
        contacts,
        policy_file,
        policy,
        calendar,
        tuple(parts),
        digest(content),
    )


def _is_folder(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:  # a name too long, say
        return False


def digest(content: Plain) -> str:
    """Return SHA-256 over *content*: the same for any layout, comment or order of keys."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _check_format(file: YamlFile, report: Report) -> None:
    """Refuse another format before anything else: its other entries may mean other things."""
    if not isinstance(file.data, dict) or "format" not in file.data:
        return
    stated = file.data["format"]
    if stated is not True and stated == FORMAT:
        return
    vi = f"phiên bản “{shown(stated)}” không đọc được; bản này đọc phiên bản {FORMAT}"
    en = f"version “{shown(stated)}” cannot be read; this release reads version {FORMAT}"
    report.add(file.problem(("format",), "format", vi, en))


def _read_part(folder: Path, name: str, content: dict[str, Plain], report: Report) -> Part | None:
    file = read_yaml(folder, name, report)
    shape = fit(file, DocumentShape, report) if file is not None else None
    if file is None or shape is None:
        return None
    content[file.name] = file.data
    text = None
    if shape.text is not None:
        raw = read_text(folder, shape.text, report)
        if raw is None:
            return None
        content[shape.text] = raw
        text = plain_text(raw)
    return Part(file, shape, text)
