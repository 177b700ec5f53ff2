"""Every attack is found, named and located; nothing done is nothing found."""

import copy as copies
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.codes import Code, Weight
from audit.finding import Finding, Findings
from audit.source import Unreadable
from audit.verify import Report
from tests.attacked import Body, Ledger, lived
from tests.attacks import ATTACKS, Attack, Place
from tests.builders import CITY
from tests.postgres import Postgres


@pytest.fixture(scope="session")
def lived_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lived")
    lived(f"sqlite:///{folder / 'cascade.db'}", folder)
    return folder


@pytest.fixture(scope="session")
def lived_postgresql(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("lived")
    url = postgres.fresh()
    lived(url, folder)
    return url, folder


@pytest.fixture
def ledger(lived_sqlite: Path, tmp_path: Path) -> Iterator[Ledger]:
    folder = tmp_path / "ledger"
    shutil.copytree(lived_sqlite, folder)
    made = Ledger(f"sqlite:///{folder / 'cascade.db'}", folder)
    yield made
    made.close()


@pytest.fixture
def on_postgresql(
    lived_postgresql: tuple[str, Path], postgres: Postgres, tmp_path: Path
) -> Iterator[Ledger]:
    url, lived_folder = lived_postgresql
    folder = tmp_path / "ledger"
    shutil.copytree(lived_folder, folder)
    copy = postgres.copy(url)
    made = Ledger(copy, folder)
    yield made
    made.close()
    postgres.drop(copy)


def fits(finding: Finding, code: Code, place: Place) -> bool:
    """Tell whether *finding* has the code and names the place."""
    data = place.get("data", {})
    return (
        finding.code is code
        and all(getattr(finding, name) == value for name, value in place.items() if name != "data")
        and all(finding.data.get(name) == value for name, value in data.items())
    )


def told(report: Report) -> str:
    return "\n".join(
        f"{each.code.value} | {each.place('en')} | {each.text('en')}"
        for each in report.findings.kept
    )


def found(ledger: Ledger, attack: Attack) -> None:
    place = attack.act(ledger)
    report = ledger.verify()
    assert not report.whole
    assert any(fits(each, attack.code, place) for each in report.findings.kept), (
        f"{attack.code.value} at {place} is not among\n{told(report)}"
    )


def test_there_are_enough_attacks_and_each_has_a_name_of_its_own() -> None:
    assert len(ATTACKS) >= 40
    assert len({each.name for each in ATTACKS}) == len(ATTACKS)
    assert len({each.sentence for each in ATTACKS}) == len(ATTACKS)


def test_nothing_done_is_nothing_found(ledger: Ledger) -> None:
    report = ledger.verify()
    assert report.whole, told(report)
    assert set(report.findings.counts) == {Code.NOT_ANCHORED}
    assert report.anchored == ledger.sizes[-1]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda each: each.name)
def test_an_attack_on_sqlite_is_found_and_located(ledger: Ledger, attack: Attack) -> None:
    found(ledger, attack)


def test_a_checkpoint_that_does_not_fit_anchors_nothing(ledger: Ledger) -> None:
    BY_NAME["another_number"].act(ledger)
    assert ledger.verify().anchored < ledger.sizes[-1]


def of_each_kind() -> list[Attack]:
    """One attack for each code and all on the guards: a database of its own takes its time."""
    chosen: dict[Code, Attack] = {}
    for each in ATTACKS:
        if not each.sqlite_only:
            chosen.setdefault(each.code, each)
    guards = [each for each in ATTACKS if each.name.startswith(("guard", "column"))]
    return [*dict.fromkeys([*chosen.values(), *guards])]


@pytest.mark.parametrize("attack", of_each_kind(), ids=lambda each: each.name)
def test_an_attack_on_postgresql_is_found_and_located(
    on_postgresql: Ledger, attack: Attack
) -> None:
    found(on_postgresql, attack)


def test_nothing_done_on_postgresql_is_nothing_found(on_postgresql: Ledger) -> None:
    report = on_postgresql.verify()
    assert report.whole, told(report)


# --- Every check is needed ----------------------------------------------------------------------

BY_NAME = {each.name: each for each in ATTACKS}

QUIETLY = {
    # Found by this code alone, once the database has forgotten its checkpoints and nobody else
    # holds one.
    Code.GAP: "number_skipped",
    Code.FORM: "smuggled",
    Code.TIME: "clock_set_back",
    Code.CAUSE: "other_cause",
    Code.KEY: "other_key",
    Code.UNKNOWN_TYPE: "other_type",
    Code.UNKNOWN_VERSION: "other_version",
    Code.UNKNOWN_RULES: "other_rules",
    Code.KIND: "other_kind",
    Code.RULE_MISSING: "lateness_removed",
    Code.RULE_ADDED: "lateness_forged",
    Code.RULE_DIFFERS: "gate_complete",
    Code.INPUT: "nobody_accepted",
    Code.RELAY_MISSING: "report_above_removed",
    Code.RELAY_ADDED: "relay_altered",
}
OPENLY = {
    Code.POSITION: "position_skipped",
    Code.COLUMN: "column_at",
    Code.LEAF: "bit_of_a_hash",
    Code.CHAIN: "linked_elsewhere",
    Code.HEAD_SIZE: "head_size",
    Code.HEAD_HASH: "head_hash",
    Code.HEAD_FRONTIER: "head_frontier",
    Code.HEAD_TIME: "head_time",
    Code.HEAD_EPOCH: "head_epoch",
    Code.SCHEMA_MISSING: "guard_removed",
    Code.SCHEMA_ALTERED: "guard_replaced",
    Code.SCHEMA_ADDED: "guard_added",
    Code.DAMAGED: "index_altered",
    Code.NOTE_DAMAGED: "checkpoint_note",
    Code.NOTE_SIGNATURE: "checkpoint_signature",
    Code.NOTE_ORIGIN: "checkpoint_of_another",
    Code.NOTE_ROOT: "another_number",
    Code.NOTE_AHEAD: "backup_restored",
    Code.CHECKPOINT_ROW: "checkpoint_frontier",
    Code.CHECKPOINT_MISSING: "checkpoint_deleted",
    Code.KEY_ROW: "rotation_forged",
    Code.RESTORED_FORGED: "restoration_forged",
    Code.ANCHOR_ROW: "witness_deleted",
    Code.STREAM_ROW: "document_next_due",
    Code.STREAM_MISSING: "document_deleted",
    Code.STREAM_ADDED: "document_invented",
    Code.MAIL_MISSING: "mail_to_one_of_two",
    Code.MAIL_ADDED: "mail_invented",
    Code.MAIL_ALTERED: "mail_detail",
    Code.LINK_MISSING: "link_deleted",
    Code.LINK_ADDED: "link_invented",
    Code.LINK_ALTERED: "link_purpose",
    Code.TEXT_MISSING: "text_deleted",
    Code.TEXT_ALTERED: "text_replaced",
    Code.FILE_MISSING: "file_deleted",
    Code.FILE_ALTERED: "file_replaced",
    Code.PERSON_ROW: "person_key_deleted",
}
NEVER_ALONE = {
    Code.BODY: "what cannot be read is missed by the rules as well",
    Code.KEY_TWICE: "the second fact is impossible, and the guard against it must be taken away",
    Code.IMPOSSIBLE: "an impossible input was not to be taken either",
    Code.FORK: "the ledger cannot fit both notes",
    Code.HEAD_ROWS: "without its head a ledger has no name, and its keys fit no more",
}


def test_each_code_is_needed_or_said_why_not() -> None:
    altered = {code for code in Code if code.weight is Weight.ALTERED}
    assert {*QUIETLY, *OPENLY, *NEVER_ALONE} == altered


@pytest.mark.parametrize(
    ("code", "name", "quietly"),
    [
        *((code, name, True) for code, name in QUIETLY.items()),
        *((code, name, False) for code, name in OPENLY.items()),
    ],
)
def test_without_one_check_an_attack_passes(
    ledger: Ledger, code: Code, name: str, quietly: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    BY_NAME[name].act(ledger)
    if quietly:
        ledger.forget()
    assert not ledger.verify(notes=not quietly).whole
    add = Findings.add
    monkeypatch.setattr(
        Findings,
        "add",
        lambda self, finding: None if finding.code is code else add(self, finding),
    )
    report = ledger.verify(notes=not quietly)
    assert report.whole, told(report)


def nothing(*_: object, **__: object) -> Iterator[Finding]:
    yield from ()


@pytest.mark.parametrize(
    ("check", "name", "quietly"),
    [
        ("audit.schema.examine", "guard_removed", False),
        ("audit.schema.whole", "index_altered", False),
        ("audit.projections.head", "head_time", False),
        ("audit.projections.documents", "document_position", False),
        ("audit.projections.texts", "text_replaced", False),
        ("audit.kept.Kept.of", "text_deleted", False),
        ("audit.kept.Kept.of", "file_replaced", False),
        ("audit.plain_mails.examine", "mailed_note_exchanged", False),
        ("audit.checkpoints_check._roots", "another_number", False),
        ("audit.checkpoints_check.Notes._row", "checkpoint_root", False),
        ("audit.checkpoints_check.Notes._missing", "checkpoint_deleted", False),
        ("audit.checkpoints_check.Notes._key_rows", "key_replaced", False),
        ("audit.mails.Owed._row", "mail_detail", False),
        ("audit.mails.Owed._addressee", "mail_retargeted_unproven", False),
        ("audit.mails.Owed._unasked", "resent_invented", False),
        ("audit.ended.Ended.good", "link_revoked_at", False),
        ("audit.opened.examine", "link_invented", False),
        ("audit.opened.examine", "behalf_invented", False),
        ("audit.opened.examine", "behalf_turned", False),
        ("audit.frozen.examine", "frozen_bytes", False),
        ("audit.frozen._bytes", "frozen_bytes_of_another", False),
        ("audit.witnesses.examine", "witness_state", False),
        ("audit.witnesses.examine", "witness_doubled", False),
        ("audit.people_rows.examine", "person_key_deleted", False),
        ("audit.kept.Kept._person", "person_deleted", False),
        ("audit.verify.loose_uses", "file_of_no_report", False),
        ("audit.checkpoints_check.Notes._signed_in_order", "checkpoint_signed_at", False),
        ("audit.deliveries.Deliveries.end", "delivery_claimed", False),
        ("audit.deliveries.Deliveries.row", "failure_hidden", False),
        ("audit.deliveries.Deliveries._lacking", "delivery_forged", True),
        ("audit.rederive.Derivation._asked", "nobody_accepted", True),
        ("audit.relays.Waiting.unanswered", "report_above_removed", True),
        ("audit.verify._rules", "lateness_forged", True),
    ],
)
def test_without_one_function_an_attack_passes(
    ledger: Ledger, check: str, name: str, quietly: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    BY_NAME[name].act(ledger)
    if quietly:
        ledger.forget()
    assert not ledger.verify(notes=not quietly).whole
    monkeypatch.setattr(check, nothing)
    report = ledger.verify(notes=not quietly)
    assert report.whole, told(report)


# --- What is unreadable -------------------------------------------------------------------------


def test_a_ledger_without_its_name_does_not_fit_its_keys(ledger: Ledger) -> None:
    ledger.run("DELETE FROM ledger_head")
    with pytest.raises(Unreadable, match=r"this ledger is cascade/\.$"):
        ledger.verify()


def test_a_ledger_under_another_name_does_not_fit_its_keys(ledger: Ledger) -> None:
    ledger.run("UPDATE ledger_head SET log_id = '0000000000000000'")
    with pytest.raises(Unreadable, match="this ledger is cascade/0000"):
        ledger.verify()


def test_bytes_where_text_must_be_are_found_and_stop_nothing(ledger: Ledger) -> None:
    seq = ledger.seq("Acknowledged")
    ledger.run("UPDATE ledger_event SET rules = CAST(x'ff31' AS TEXT) WHERE seq = :seq", seq=seq)
    report = ledger.verify()
    assert [
        (each.seq, each.data["column"]) for each in report.findings.kept if each.code is Code.COLUMN
    ] == [(seq, "rules")]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("ledger_event", "stream", b"\x00\xff"),
        ("ledger_event", "cause", "null"),
        ("outbox", "seq", "x"),
        ("outbox", "stream", b"\xff"),
        ("outbox", "key", b"\xff"),
        ("outbox", "created_at", "x"),
        ("link", "expires_at", b"\xff"),
    ],
)
def test_values_of_another_kind_are_found_and_stop_nothing(
    ledger: Ledger, table: str, column: str, value: object
) -> None:
    """SQLite keeps anything in any column."""
    rowid = ledger.value(f"SELECT min(rowid) AS n FROM {table} WHERE stream = '{CITY}'")
    ledger.run(f"UPDATE {table} SET {column} = :value WHERE rowid = :n", value=value, n=rowid)
    assert not ledger.verify().whole


def alter(body: Body, *path: str | int, to: object) -> None:
    *way, last = path
    inner: Any = body
    for step in way:
        inner = inner[step]
    inner[last] = to


@pytest.mark.parametrize(
    ("type_", "path", "value"),
    [
        ("Registered", ("data", "document", "parent", "document"), []),
        ("Reminded", ("data", "nudge"), ["a"]),
        ("NoticeAccepted", ("data", "assignment"), {}),
        ("NoticeAccepted", ("data", "message_id"), {}),
        ("NoticeAccepted", ("data", "at"), "9999-12-31T23:59:59.999999Z"),
        ("NoticeQueued", ("data", "number"), "x"),
        ("NoticeQueued", ("data", "notices", 0, "key"), True),
    ],
)
def test_data_of_another_kind_is_found_and_stops_nothing(
    ledger: Ledger, type_: str, path: tuple[str | int, ...], value: object
) -> None:
    bodies = ledger.bodies()
    altered = next(
        each
        for each in bodies
        if each["type"] == type_ and (type_ != "Registered" or each["stream"] == CITY)
    )
    alter(altered, *path, to=value)
    ledger.rechain(bodies)
    report = ledger.verify(notes=False)
    assert not report.whole
    assert any(each.seq == altered["seq"] for each in report.findings.kept), told(report)


def test_a_document_that_begins_without_being_entered_is_found(ledger: Ledger) -> None:
    bodies = ledger.bodies()
    queued = copies.deepcopy(next(each for each in bodies if each["type"] == "NoticeQueued"))
    queued |= {"stream": "1-KH", "cause": None, "recorded_at": bodies[-1]["recorded_at"]}
    queued["dedup_key"] = "1-KH|x"
    ledger.rechain([*bodies, queued])
    assert any(
        each.code is Code.IMPOSSIBLE and each.seq == len(bodies) + 1
        for each in ledger.verify().findings.kept
    )


# --- PostgreSQL's names are unique in less than one thinks --------------------------------------


def test_a_guard_with_a_function_of_another_schema_is_found(on_postgresql: Ledger) -> None:
    on_postgresql.run(
        "CREATE SCHEMA quiet",
        "CREATE FUNCTION quiet.ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$",
        "DROP TRIGGER ledger_event_no_change ON ledger_event",
        "CREATE TRIGGER ledger_event_no_change BEFORE UPDATE OR DELETE ON ledger_event"
        " FOR EACH ROW EXECUTE FUNCTION quiet.ledger_refuse()",
    )
    rows = [each.row for each in on_postgresql.verify().findings.kept]
    assert "trigger ledger_event_no_change" in rows


def test_a_function_is_not_excused_by_another_of_its_name(on_postgresql: Ledger) -> None:
    good = on_postgresql.value("SELECT prosrc FROM pg_proc WHERE proname = 'ledger_refuse'")
    on_postgresql.run(
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$",
        f"CREATE FUNCTION ledger_refuse(int) RETURNS void LANGUAGE plpgsql AS $${good}$$",
    )
    rows = [each.row for each in on_postgresql.verify().findings.kept]
    assert "function ledger_refuse" in rows


@pytest.mark.parametrize(
    ("place", "statement"),
    [
        (
            "function ledger_next_only",
            "ALTER FUNCTION ledger_next_only() SET search_path = pg_temp",
        ),
        ("table ledger_event", "ALTER TABLE ledger_event ENABLE ROW LEVEL SECURITY"),
        ("table outbox", "ALTER TABLE outbox SET UNLOGGED"),
        ("column (outbox) state", "ALTER TABLE outbox ALTER COLUMN state SET DEFAULT 'cancelled'"),
        ("column (outbox) contact", "ALTER TABLE outbox ALTER COLUMN contact TYPE varchar(40)"),
        ("column (outbox) quietly", "ALTER TABLE outbox ADD COLUMN quietly TEXT"),
        ("index ix_outbox_owed", "DROP INDEX ix_outbox_owed"),
        (
            "constraint (ledger_event) ck_ledger_event_kind_known",
            "ALTER TABLE ledger_event DROP CONSTRAINT ck_ledger_event_kind_known,"
            " ADD CONSTRAINT ck_ledger_event_kind_known CHECK (true)",
        ),
        (
            "constraint (link) quietly",
            "ALTER TABLE link ADD CONSTRAINT quietly FOREIGN KEY (outbox) REFERENCES outbox"
            " ON DELETE CASCADE NOT VALID",
        ),
        (
            "rule quietly",
            "CREATE RULE quietly AS ON INSERT TO outbox WHERE NEW.kind = 'overdue'"
            " DO INSTEAD NOTHING",
        ),
        (
            "setting session_replication_role",
            "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database()"
            " || ' SET session_replication_role = replica'; END $$",
        ),
        ("view quietly", "CREATE MATERIALIZED VIEW quietly AS SELECT * FROM link"),
    ],
)
def test_what_an_insider_does_to_a_schema_of_postgresql_is_found(
    on_postgresql: Ledger, place: str, statement: str
) -> None:
    on_postgresql.run(statement)
    assert place in [each.row for each in on_postgresql.verify().findings.kept]
