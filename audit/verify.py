"""Verification of a whole ledger: every check, in the order of what rests on what.

One call, one report. Nothing is written, nothing is believed: hashes before contents, contents
before rules, rules before projections.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audit import (
    checkpoints_check,
    frozen,
    mails,
    opened,
    people_rows,
    plain_mails,
    projections,
    schema,
    witnesses,
)
from audit.codes import Code
from audit.contacts import Contacts
from audit.finding import Finding, Findings
from audit.held import Held
from audit.kept import Kept, loose_uses
from audit.links import Chain, follow
from audit.mails import Outbox, Owed
from audit.rederive import Derivation, Judged, recorded
from audit.relays import Relays
from audit.runs import Known, compare
from audit.source import NotText, Source, open_source
from models.codec import instant_text
from models.store import ADMIN

Progress = Callable[[str, int, int], None]
"""Told of the part under way (``facts``, ``rules``), how much is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to verify with, besides the database."""

    vkeys: Sequence[str] = ()
    """Public keys from outside the database."""
    trusted: Sequence[Held] = ()
    """Checkpoints from outside the database."""
    files: Path | None = None
    """Folder of the reports' files."""
    runs: Known | None = None
    """What Prefect says of runs; ``None``: nobody asks it."""
    rules: bool = True
    """Make again what the rules made; without, only hashes, checkpoints and simple projections."""


@dataclass(slots=True)
class Report:
    """What verification found."""

    log_id: str
    size: int = 0
    root: bytes = b""
    documents: int = 0
    derived: int = 0
    """How many facts were made again, or judged as what people may do."""
    anchored: int = 0
    """The largest number of facts that a good checkpoint from outside covers."""
    findings: Findings = field(default_factory=Findings)

    @property
    def whole(self) -> bool:
        """Tell whether nothing is altered."""
        return not self.findings.altered


def verify(url: str, wanted: Wanted, progress: Progress = lambda *_: None) -> Report:
    """Verify the ledger in the database at *url*.

    Raises:
        audit.source.Unreadable: there is nothing that could be verified.
    """
    with open_source(url) as source:
        try:
            return verify_source(source, wanted, progress)
        except NotText:
            # Somebody put bytes where text must be: read again with patience.
            source.tolerate()
            return verify_source(source, wanted, progress)


def verify_source(source: Source, wanted: Wanted, progress: Progress = lambda *_: None) -> Report:
    """Verify one snapshot."""
    report = Report(projections.log_id(source))
    add, chain = report.findings.add, Chain()
    for finding in (*schema.examine(source), *schema.whole(source)):
        add(finding)
    notes = checkpoints_check.collect(source, report.log_id, wanted.vkeys, wanted.trusted)
    total = _size(source)
    for finding in follow(source, chain, notes.sizes, lambda done: progress("facts", done, total)):
        add(finding)
    report.size, report.root = chain.count, chain.root()
    report.documents = len(chain.documents.keys() - {ADMIN})
    for finding in projections.head(source, chain):
        add(finding)
    for finding in projections.keys_once(source):
        add(finding)
    for finding in notes.judge(chain):
        add(finding)
    report.anchored = notes.anchored
    due: dict[str, str | None] = {}
    if wanted.rules:
        for said in _rules(source, report, chain, wanted, due, progress):
            add(said)
    for finding in projections.documents(source, chain, due):
        add(finding)
    for finding in (
        *projections.texts(source),
        *plain_mails.examine(source, report.log_id),
        *witnesses.examine(source),
        *frozen.examine(source),
        *people_rows.examine(source),
        *loose_uses(source),
    ):
        add(finding)
    if wanted.runs is not None:
        for finding in compare(source, chain, wanted.runs):
            add(finding)
    return report


def _rules(
    source: Source,
    report: Report,
    chain: Chain,
    wanted: Wanted,
    due: dict[str, str | None],
    progress: Progress,
) -> Iterator[Finding]:
    """Make every document again, and compare all that hangs on its facts; fill *due*."""
    relays, links = Relays(source, chain.documents), opened.read(source)
    outbox = Outbox(source, report.log_id, links)
    contacts, kept = Contacts(source), Kept(source, wanted.files)
    done = 0
    for stream in sorted(chain.documents.keys() - {ADMIN}):
        yield from map(mails.added, outbox.before(stream))
        derivation = Derivation(stream, relays.concerning(stream))
        owed = Owed(outbox, contacts, stream)
        found: list[Finding] = []
        for said in derivation.run(recorded(source, stream, found.append)):
            if isinstance(said, Judged):
                done += 1
                yield from owed.judge(said)
                yield from kept.of(said.recorded, stream)
                if not done % 1_000:
                    progress("rules", done, chain.count)
            else:
                yield said
            yield from found
            found.clear()
        yield from owed.end(derivation.last, whole=derivation.whole)
        if derivation.whole:
            following = derivation.state.next_due()
            due[stream] = None if following is None else instant_text(following)
            if following is not None and instant_text(following) < chain.recorded_at[:10]:
                yield Finding(
                    Code.TIME_WAITS, stream=stream, data={"since": instant_text(following)}
                )
    report.derived = done
    progress("rules", done, done)
    yield from map(mails.added, outbox.rest())
    yield from opened.examine(source, links)


def _size(source: Source) -> int:
    row = source.one("SELECT max(seq) FROM ledger_event")
    return 0 if row is None or row[0] is None else int(row[0])
