"""Read a package, ask every question, sort the answers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pendulum import DateTime

from config.bundle import read_bundle
from config.calendars import CALENDARS
from config.lint import (
    bounds,
    dates,
    hanging,
    owners,
    phrases,
    problems,
    reports,
    signs,
)
from config.lint.declared import matched, only_people_see
from config.lint.finding import Clause, Finding, Severity
from config.lint.mend import joinable, mended
from config.lint.subject import Subject
from config.shapes import ConflictShape
from models.domain.feasibility import Slack

_FAMILIES = (dates, bounds, phrases, reports, owners, signs, hanging)
_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What lint says about a package."""

    package: str
    title: str
    findings: tuple[Finding, ...]
    only_people_see: tuple[ConflictShape, ...]
    """Declared conflicts that nothing can compute."""
    critical: tuple[str, ...]
    """The chain of inputs that decides when all is done, the first one first."""
    slack: tuple[Slack, ...]
    """What every dated duty has to live on, in the order of the documents."""
    clauses: Mapping[str, Clause]
    """Every obligation, for display."""
    names: Mapping[str, str]
    """The names of all bodies."""

    def count(self, severity: Severity) -> int:
        """Return how many findings are as grave as that."""
        return sum(each.severity is severity for each in self.findings)


def lint(
    package: Path | str,
    dues: Mapping[str, DateTime] | None = None,
    *,
    lang: str = "vi",
    calendars: Path = CALENDARS,
) -> Verdict:
    """Return the verdict on the package in the folder *package*.

    *dues*: bounds in force, by obligation, where they are not the package's any more.

    Raises:
        PackageError: when files are unreadable or of the wrong shape; *lang* is its language.
    """
    bundle = read_bundle(Path(package), lang, calendars)
    whole = mended(bundle)
    subject = Subject(joinable(whole), dues)
    found = [*problems.check(bundle, whole, subject)]
    for family in _FAMILIES:
        found.extend(family.check(subject))
    network = subject.network
    slack = [network.slack(key) for key in network.duties]
    return Verdict(
        bundle.package.id,
        bundle.package.title,
        tuple(_sorted(matched(subject, found))),
        only_people_see(subject),
        network.critical,
        tuple(each for each in slack if each is not None),
        {key: subject.clause(key) for key in subject.duties},
        {key: body.name for key, body in subject.roster.bodies.items()},
    )


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    """Return the gravest first; of equal ones the undeclared, then by the number declared."""

    def place(finding: Finding) -> tuple[int, int]:
        number = re.search(r"\d+", finding.id)
        return _GRAVITY[finding.severity], int(number[0]) if number else 0

    return sorted(findings, key=place)
