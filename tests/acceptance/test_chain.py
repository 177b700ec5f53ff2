"""The chain end to end, with everything killed on the way.

One demonstration, real processes. While it runs, each part is killed with SIGKILL, then all at
once with the launcher, then Prefect's database is deleted; each time it goes on. The assertions at
the end are those of a run that nobody disturbed: the ledger knows nothing of such troubles.
"""

import email
import email.policy
import json
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import httpx
import pytest

from audit.checkpoint import make
from audit.keyring import Keyring
from audit.merkle import leaf_hash, root
from audit.notes import open_checkpoint
from audit.outside import of_installation
from audit.reading import rows
from audit.verify import verify
from config.clock import SystemClock
from flows.known_runs import asking
from models.domain.chain import GENESIS, frontier_add, frontier_root, leaf
from models.domain.facts import (
    Accepted,
    Acknowledged,
    AddendumReceived,
    ChildIssued,
    Completed,
    Escalated,
    ExtensionAsked,
    Fact,
    GateOpened,
    Issued,
    NoticeAccepted,
    ReportedUp,
    Rescheduled,
    Returned,
    Submitted,
)
from models.domain.state import State
from models.domain.statistics import closing_copies, is_late, table
from models.domain.terms import CLOSED, DocumentKey
from models.store import Store, Stored
from tests.acceptance.browser import look_at
from tests.acceptance.demonstration import Demonstration, demonstration

CITY = DocumentKey("256-KH/TU")
PROVINCE = DocumentKey("240-KH/TU")
ROOT = DocumentKey("57-KL/TW")

F = TypeVar("F", bound=Fact)

pytestmark = pytest.mark.timeout(900)


class Played:
    """What a demonstration left behind."""

    def __init__(self, demo: Demonstration, status: int, seen: dict[str, str]) -> None:
        self.demo = demo
        self.status = status
        self.seen = seen
        self.store = Store(demo.settings.store_url)
        self.stored: list[Stored] = list(self.store.events())

    def facts(self, kind: type[F], document: DocumentKey = CITY) -> list[F]:
        """Return the facts of one kind in one document."""
        return [
            each.fact
            for each in self.stored
            if each.stream == document and isinstance(each.fact, kind)
        ]

    def state(self, document: DocumentKey) -> State:
        """Return the final state of one document."""
        return self.store.state(document)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("chain") / "demo"
    with demonstration(folder) as demo:
        demo.start()
        demo.until(date(2023, 9, 28))
        demo.kill("worker")
        demo.until(date(2023, 10, 3))
        demo.kill("portal")
        demo.until(date(2023, 10, 9))
        demo.kill("prefect")
        demo.until(date(2023, 10, 13))
        demo.kill("mail")
        demo.until(date(2023, 10, 20))
        with demo.held():
            seen = look_at(demo)
        demo.kill("worker")  # in the middle of the busiest days
        demo.until(date(2023, 10, 26))
        demo.kill_everything()
        demo.start("--resume")
        demo.until(date(2023, 11, 3))
        demo.kill_everything()
        shutil.rmtree(folder / "prefect")  # Prefect's database, with everything Prefect knew
        demo.start("--resume")
        status = demo.wait()
        result = Played(demo, status, seen)
        yield result
        result.store.close()


def test_it_ends_complete(played: Played) -> None:
    assert played.status == 0, played.demo.said()[-4000:]
    for document in (ROOT, PROVINCE, CITY):
        assert len(played.facts(Completed, document)) == 1
        assert all(copy.phase in CLOSED for copy in closing_copies(played.state(document)))


def test_what_the_synthesis_starts_from_is_signed(played: Played) -> None:
    """By the checkpoint run that the opened gate started; it holds to the end."""
    settings = played.demo.settings
    known = Keyring(settings.keys_folder).verifiers()
    notes = sorted(settings.checkpoints_folder.glob("*.note"))
    assert notes
    signed = open_checkpoint(notes[-1].read_text(), known)
    gate = next(each.seq for each in played.stored if isinstance(each.fact, GateOpened))
    assert gate <= signed.size <= played.store.size()
    leaves = [leaf_hash(row.body) for row in rows(played.store, until=signed.size)]
    assert root(leaves) == signed.root
    made = make(
        played.store, Keyring(settings.keys_folder), settings.checkpoints_folder, SystemClock()
    )
    assert made is not None
    assert made.checkpoint.size == played.store.size()


def test_the_auditor_finds_it_whole(played: Played) -> None:
    """After all that was killed: every hash, every rule, every mail; and Prefect, which forgot."""
    settings = played.demo.settings
    wanted = of_installation(
        settings.keys_folder,
        settings.checkpoints_folder,
        settings.var / "files",
        asking(settings.api_url),
    )
    report = verify(settings.store_url, wanted)
    assert report.whole, [(each.place("en"), each.text("en")) for each in report.findings.kept]
    assert report.size == played.store.size()


def test_what_flows_record_names_their_runs(played: Played) -> None:
    """The portal and the command line have none."""
    envelopes = [json.loads(row.body) for row in rows(played.store)]
    runs = {
        kind: {body["run"] is not None for body in envelopes if body["type"] == kind}
        for kind in ("Registered", "Issued", "Acknowledged", "ReportedUp")
    }
    assert runs == {
        "Registered": {False},
        "Issued": {True},
        "Acknowledged": {False},
        "ReportedUp": {True},
    }
    issued = next(body for body in envelopes if body["type"] == "Issued")
    assert UUID(issued["run"]["flow"]) != UUID(issued["run"]["task"])


def test_documents_go_out_in_order_and_each_issue_reaches_the_one_above(played: Played) -> None:
    order = [each.stream for each in played.stored if isinstance(each.fact, Issued)]
    assert order == [ROOT, PROVINCE, CITY]
    assert [f.child for f in played.facts(ChildIssued, ROOT)] == [PROVINCE]
    assert [f.child for f in played.facts(ChildIssued, PROVINCE)] == [CITY]
    assert len(played.facts(ReportedUp, CITY)) == 1
    assert len(played.facts(ReportedUp, PROVINCE)) == 1


def test_the_synthesis_opens_at_its_latest_start_and_names_the_silent_unit(played: Played) -> None:
    (gate,) = played.facts(GateOpened)
    assert f"{gate.at:%d/%m/%Y %H:%M}" == "27/10/2023 00:00"
    assert len(gate.missing) == 1
    addenda = played.facts(AddendumReceived)
    assert [each.assignment for each in addenda] == list(gate.missing)


def test_at_least_three_units_were_late_and_one_reached_the_third_rung(played: Played) -> None:
    late = [copy for copy in closing_copies(played.state(CITY)) if is_late(copy)]
    assert len({copy.body for copy in late}) >= 3
    assert max(copy.rung for copy in late) >= 3


def test_no_rung_fired_twice_and_none_after_the_report(played: Played) -> None:
    rungs = Counter((each.assignment, each.rung) for each in played.facts(Escalated))
    assert rungs
    assert set(rungs.values()) == {1}
    for each in played.facts(Escalated):
        first = min(
            report.at for report in played.facts(Submitted) if report.assignment == each.assignment
        )
        assert each.at < first


def test_one_report_was_returned_and_sent_again(played: Played) -> None:
    returned = played.facts(Returned)
    assert len(returned) == 1
    again = [
        each
        for each in played.facts(Submitted)
        if each.assignment == returned[0].assignment and each.version == 2
    ]
    assert len(again) == 1


def test_one_unit_asked_for_time_and_was_given_it(played: Played) -> None:
    (asked,) = played.facts(ExtensionAsked)
    (moved,) = played.facts(Rescheduled)
    assert moved.assignment == asked.assignment
    assert moved.due == asked.until
    copy = played.state(CITY).progress[asked.assignment]
    assert not is_late(copy)
    assert copy.missed_first or copy.submitted_at > copy.first_due  # type: ignore[operator]


def test_every_mail_that_the_relay_took_is_a_fact(played: Played) -> None:
    connection = sqlite3.connect(played.demo.folder / "cascade.db")
    sent = {
        row[0]
        for row in connection.execute(
            "SELECT message_id FROM outbox WHERE state = 'sent' AND stream = ?", (CITY,)
        )
    }
    connection.close()
    assert {each.message_id for each in played.facts(NoticeAccepted)} == sent


def test_every_acceptance_stands_on_a_report_and_every_fact_is_there_once(played: Played) -> None:
    reports = {(each.assignment, each.version) for each in played.facts(Submitted)}
    for each in played.facts(Accepted):
        assert (each.assignment, each.version) in reports
    acknowledged = Counter(each.assignment for each in played.facts(Acknowledged))
    assert max(acknowledged.values()) == 1


def test_the_ledger_is_whole(played: Played) -> None:
    connection = sqlite3.connect(played.demo.folder / "cascade.db")
    rows = connection.execute(
        "SELECT seq, prev_hash, leaf_hash, body, stream, stream_seq FROM ledger_event ORDER BY seq"
    ).fetchall()
    size, last, frontier = connection.execute(
        "SELECT size, last_hash, frontier FROM ledger_head"
    ).fetchone()
    connection.close()
    assert len(rows) == size
    previous, peaks = GENESIS, b""
    positions: Counter[str] = Counter()
    for expected, (seq, prev, link, body, stream, stream_seq) in enumerate(rows, start=1):
        positions[stream] += 1
        assert (seq, prev, stream_seq) == (expected, previous, positions[stream])
        assert link == leaf(body)
        assert json.loads(body)["prev"] == prev.hex()
        peaks = frontier_add(peaks, seq - 1, link)
        previous = link
    assert (previous, peaks) == (last, frontier)
    assert len(frontier_root(peaks)) == 32


def test_no_mail_was_sent_twice_on_purpose(played: Played) -> None:
    connection = sqlite3.connect(played.demo.folder / "cascade.db")
    ambiguous = dict(connection.execute("SELECT message_id, ambiguous FROM outbox").fetchall())
    states = Counter(
        state for (state,) in connection.execute("SELECT state FROM outbox").fetchall()
    )
    along = connection.execute("SELECT count(*) FROM outbox WHERE carrier IS NOT NULL").fetchone()
    connection.close()
    assert set(states) <= {"sent", "cancelled"}, states
    copies: Counter[str] = Counter()
    bytes_of: dict[str, set[bytes]] = {}
    for path in sorted((played.demo.folder / "mail").glob("*.eml")):
        raw = path.read_bytes()
        ident = email.message_from_bytes(raw, policy=email.policy.default)["Message-ID"]
        copies[ident] += 1
        bytes_of.setdefault(ident, set()).add(raw)
    # A kill between the server's "OK" and our note of it may repeat a mail; nothing else may.
    assert sum(count - 1 for count in copies.values()) <= sum(ambiguous.values())
    assert len(copies) == states["sent"] - along[0], "what goes along is no mail of its own"


def test_operators_saw_the_city_parked_with_its_units(played: Played) -> None:
    assert "AwaitingReports" in played.seen["page"]
    assert "256-KH/TU" in played.seen["page"]
    assert int(played.seen["edges"]) > 100
    assert int(played.seen["nodes"]) > 100
    assert "Đảng bộ phường" in played.seen["labels"]


def test_the_final_status_shows_the_table_with_the_late_units(played: Played) -> None:
    counts = table(closing_copies(played.state(CITY)))
    said = played.demo.said()
    assert counts.open == 0
    assert counts.done_late >= 3
    assert "Đơn vị quá hạn" in said
    for copy in closing_copies(played.state(CITY)):
        if is_late(copy):
            plan = played.state(CITY).plan
            assert plan is not None
            assert plan.name(copy.body) in said


def test_everything_is_stopped_at_the_end(played: Played) -> None:
    prefect, portal, mail, _ = played.demo.ports
    for port in (prefect, portal, mail):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/", timeout=1)


def test_nothing_secret_is_left(played: Played) -> None:
    """No token of a link, in any log, in Prefect's database or in ours once its mail is final."""
    folder: Path = played.demo.folder
    tokens = {
        part for path in (folder / "mail").glob("*.eml") for part in _tokens(path.read_bytes())
    }
    assert tokens
    for path in folder.glob("logs/*.log"):
        content = path.read_text(errors="replace")
        assert not [token for token in tokens if token in content], path
    for path in (folder / "cascade.db", *folder.glob("prefect/*.db")):
        connection = sqlite3.connect(path)
        dump = "\n".join(connection.iterdump())
        connection.close()
        assert not [token for token in tokens if token in dump], path


def _tokens(raw: bytes) -> Iterator[str]:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain",))
    if body is not None:
        yield from re.findall(r"/c/([A-Za-z0-9_-]{43})", body.get_content())
