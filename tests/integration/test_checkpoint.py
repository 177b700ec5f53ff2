"""Checkpoints: signed when the ledger grew, never over another past, kept where no database is."""

import json
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from audit.anchor import hand_out, settle
from audit.checkpoint import Made, make, note_path, rotate
from audit.codes import Code
from audit.keyring import Keyring, WillNotSign
from audit.merkle import consistency_proof, leaf_hash, root, verify_consistency
from audit.notes import BadNote, Signer, Verifier, open_checkpoint, open_note, sign
from audit.rotation import follow, rotation_note
from audit.verify import Wanted, verify
from config.clock import FixedClock
from models.database import make_engine
from models.domain.chain import frontier_add, leaf
from models.domain.requests import Acknowledge
from models.keyfile import KeyUnreadable
from models.origin import Run, current, running
from models.store import ADMIN
from models.version import VERSION
from tests.builders import CITY, ISSUE_AT, LINK, PERSON, REPORTS, UNITS, city, copy
from tests.ledgers import Office, audit, office
from tests.sealed import addresses

OTHER = "(SELECT prev_hash FROM ledger_event WHERE seq = 2)"
"""Some other hash."""

AUDITORS = ("kiem-toan@audit.example", "second@audit.example")


class Signed:
    """A ledger with its keyring and its folder of notes."""

    def __init__(self, place: Office, folder: Path) -> None:
        self.place = place
        self.folder = folder / "checkpoints"
        self.keyring = Keyring(folder / "keys")
        self.machine = FixedClock(ISSUE_AT)
        self._units = iter(UNITS)

    def make(self) -> Made:
        made = make(self.place.store, self.keyring, self.folder, self.machine)
        assert made is not None
        return made

    def rotate(self) -> Made:
        made = rotate(
            self.place.store, self.keyring, self.folder, self.place.clock, self.machine, "vp"
        )
        assert made is not None
        return made

    def grow(self) -> None:
        unit = next(self._units)
        outcome = self.place.recorder.record(CITY, Acknowledge(copy(REPORTS, unit), PERSON, LINK))
        assert outcome.refusal is None

    def leaves(self) -> list[bytes]:
        rows = self.place.rows("SELECT body FROM ledger_event ORDER BY seq")
        return [leaf_hash(bytes(row["body"])) for row in rows]

    def refused(self, code: str) -> str:
        """Say how signing is refused, and that nothing was signed."""
        before = sorted(path.name for path in self.folder.glob("*"))
        remembered = self.keyring.last()
        with pytest.raises(WillNotSign) as caught:
            self.make()
        assert caught.value.refusal.code == code
        assert sorted(path.name for path in self.folder.glob("*")) == before
        assert self.keyring.last() == remembered
        assert caught.value.refusal.vi
        return caught.value.refusal.en


@pytest.fixture
def signed(database_url: str, tmp_path: Path) -> Iterator[Signed]:
    with office(database_url) as place:
        place.issue(city())
        yield Signed(place, tmp_path)


def attack(place: Office, *statements: str) -> None:
    """Do what only the database's owner can: drop the triggers and change what is recorded."""
    with place.store.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            names = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).scalars()
            for name in names.all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))
        if connection.dialect.name != "sqlite":
            connection.execute(text("SET session_replication_role = DEFAULT"))


def rewrite(place: Office, change: Callable[[dict[str, Any]], None]) -> None:
    """Change bodies and compute chain, frontier and head anew, as an insider would."""
    rows = place.rows("SELECT seq, body FROM ledger_event ORDER BY seq")
    previous, frontier = bytes(32), b""
    changed: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        body = json.loads(bytes(row["body"]))
        change(body)
        body["prev"] = previous.hex()
        raw = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        link = leaf(raw)
        frontier = frontier_add(frontier, number, link)
        changed.append({"seq": row["seq"], "body": raw, "prev": previous, "leaf": link})
        previous = link
    attack(place)
    with place.store.engine.begin() as connection:
        if connection.dialect.name != "sqlite":
            connection.execute(text("SET session_replication_role = replica"))
        # Out of the way first: previous hashes are unique.
        connection.execute(text("DELETE FROM ledger_event WHERE seq < 0"))
        for row in reversed(changed):
            connection.execute(
                text(
                    "UPDATE ledger_event SET body = :body, prev_hash = :prev, leaf_hash = :leaf "
                    "WHERE seq = :seq"
                ),
                row,
            )
        connection.execute(
            text("UPDATE ledger_head SET last_hash = :last, frontier = :frontier"),
            {"last": previous, "frontier": frontier},
        )
        if connection.dialect.name != "sqlite":
            connection.execute(text("SET session_replication_role = DEFAULT"))


def test_a_checkpoint_says_what_the_ledger_holds(signed: Signed) -> None:
    made = signed.make()
    assert made.new
    assert made.checkpoint.origin == f"cascade/{signed.place.store.log_id()}"
    assert made.checkpoint.size == signed.place.store.size()
    assert made.checkpoint.root == root(signed.leaves())
    assert open_checkpoint(made.note, signed.keyring.verifiers()) == made.checkpoint
    assert made.path.read_text() == made.note
    assert made.path.name == f"{made.checkpoint.size:012}.note"
    (row,) = signed.place.rows("SELECT * FROM ledger_checkpoint")
    assert (row["size"], bytes(row["root"]), row["note"]) == (
        made.checkpoint.size,
        made.checkpoint.root,
        made.note,
    )
    (key,) = signed.place.rows("SELECT * FROM ledger_key")
    assert (key["vkey"], key["from_size"], key["until_size"]) == (
        made.vkey,
        made.checkpoint.size,
        None,
    )
    assert row["key_id"] == key["key_id"] == Verifier.parse(made.vkey).key_id.hex()
    secret = signed.keyring.folder / "ledger.key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_only_a_ledger_that_grew_gets_a_new_one(signed: Signed) -> None:
    first = signed.make()
    again = signed.make()
    assert (again.note, again.new) == (first.note, False)
    signed.grow()
    second = signed.make()
    assert second.new
    assert second.checkpoint.size == first.checkpoint.size + 1
    proof = consistency_proof(signed.leaves(), first.checkpoint.size, second.checkpoint.size)
    assert verify_consistency(
        first.checkpoint.size,
        second.checkpoint.size,
        first.checkpoint.root,
        second.checkpoint.root,
        proof,
    )
    assert signed.place.count("ledger_checkpoint") == 2
    assert len(list(signed.folder.iterdir())) == 2


def test_an_empty_ledger_is_not_signed(database_url: str, tmp_path: Path) -> None:
    with office(database_url) as place:
        assert (
            make(place.store, Keyring(tmp_path / "keys"), tmp_path / "c", FixedClock(ISSUE_AT))
            is None
        )
        assert place.count("ledger_checkpoint") == 0


def test_a_key_that_handed_over_signs_no_more(signed: Signed) -> None:
    """Somebody kept a copy of it."""
    signed.make()
    old = signed.keyring.signer(f"cascade/{signed.place.store.log_id()}")
    newer = signed.rotate()
    signed.grow()
    last = signed.make().checkpoint
    audit(signed.place)
    attack(
        signed.place,
        f"UPDATE ledger_checkpoint SET note = '{sign(last.text(), [old])}',"
        f" key_id = '{old.verifier.key_id.hex()}' WHERE size = {last.size}",
    )
    assert newer.checkpoint.size < last.size
    url = signed.place.store.engine.url.render_as_string(hide_password=False)
    keys = [each.vkey for each in signed.keyring.verifiers()]
    kept = verify(url, Wanted(vkeys=keys)).findings.kept
    row = f"ledger_key:{old.verifier.key_id.hex()}"
    assert row in [each.row for each in kept if each.code is Code.KEY_ROW]


@pytest.mark.parametrize("lost", ["last", "file", "row", "last and file", "file and row"])
def test_what_a_crash_or_a_loss_left_out_is_made_good(signed: Signed, lost: str) -> None:
    signed.make()
    signed.grow()
    made = signed.make()
    if "last" in lost:
        (signed.keyring.folder / "ledger.last").unlink()
    if "file" in lost:
        made.path.unlink()
    if "row" in lost:
        attack(signed.place, f"DELETE FROM ledger_checkpoint WHERE size = {made.checkpoint.size}")
    again = signed.make()
    assert (again.note, again.new) == (made.note, False)
    assert made.path.read_text() == made.note == signed.keyring.last()
    assert signed.place.count("ledger_checkpoint") == 2
    signed.grow()
    assert signed.make().new


class TestRefusals:
    """Nothing is signed that an honest ledger could not have become."""

    def test_a_ledger_that_was_cut(self, signed: Signed) -> None:
        signed.make()
        signed.grow()
        signed.make()
        size = signed.place.store.size()
        leaves, frontier = signed.leaves()[:-1], b""
        for number, each in enumerate(leaves):
            frontier = frontier_add(frontier, number, each)
        attack(
            signed.place,
            f"DELETE FROM ledger_event WHERE seq = {size}",
            f"DELETE FROM ledger_checkpoint WHERE size = {size}",
        )
        with signed.place.store.engine.begin() as connection:
            connection.execute(
                text("UPDATE ledger_head SET size = :size, last_hash = :last, frontier = :all")
                if connection.dialect.name == "sqlite"
                else text(
                    "WITH off AS (SELECT set_config('session_replication_role', 'replica', true))"
                    " UPDATE ledger_head SET size = :size, last_hash = :last, frontier = :all"
                    " FROM off"
                ),
                {"size": size - 1, "last": leaves[-1], "all": frontier},
            )
        assert f"holds {size - 1} facts, but {size} were signed" in signed.refused("shrunken")

    def test_a_ledger_that_was_rewritten_whole(self, signed: Signed) -> None:
        signed.make()

        def lie(body: dict[str, Any]) -> None:
            if body["type"] == "Registered":
                body["data"]["by"] = "somebody else"

        rewrite(signed.place, lie)
        signed.place.store._states.clear()
        assert "fact" in signed.refused("head-wrong")
        # Nor when the insider throws away what the database remembers of checkpoints.
        attack(signed.place, "DELETE FROM ledger_checkpoint")
        assert "are not those that were signed" in signed.refused("fork")
        for each in signed.folder.iterdir():
            each.unlink()
        assert "ledger.last" in signed.refused("fork")

    def test_facts_that_were_altered_since(self, signed: Signed) -> None:
        signed.make()
        signed.grow()
        size = signed.place.store.size()
        attack(signed.place, f"UPDATE ledger_event SET body = prev_hash WHERE seq = {size}")
        assert f"breaks at number {size}" in signed.refused("broken")

    def test_a_gap(self, signed: Signed) -> None:
        signed.make()
        signed.grow()
        signed.grow()
        size = signed.place.store.size()
        attack(signed.place, f"DELETE FROM ledger_event WHERE seq = {size - 1}")
        assert f"breaks at number {size - 1}" in signed.refused("broken")

    def test_a_head_that_does_not_follow(self, signed: Signed) -> None:
        signed.make()
        signed.grow()
        attack(signed.place, "UPDATE ledger_head SET frontier = last_hash")
        assert "head does not follow" in signed.refused("head-wrong")

    def test_a_head_that_ends_with_another_fact(self, signed: Signed) -> None:
        signed.make()
        signed.grow()
        other = "SELECT leaf_hash FROM ledger_event WHERE seq = 1"
        attack(signed.place, f"UPDATE ledger_head SET last_hash = ({other})")
        assert "head does not follow" in signed.refused("head-wrong")

    def test_a_row_that_was_changed(self, signed: Signed) -> None:
        signed.make()
        signed.grow()
        attack(signed.place, f"UPDATE ledger_checkpoint SET root = {OTHER}")
        assert "the row says another thing" in signed.refused("fork")

    def test_a_note_that_was_changed(self, signed: Signed) -> None:
        made = signed.make()
        signed.grow()
        forged = made.note.replace(f"\n{made.checkpoint.size}\n", f"\n{made.checkpoint.size - 1}\n")
        made.path.write_text(forged)
        assert "does not fit" in signed.refused("bad-note")

    def test_a_note_of_another_key(self, signed: Signed) -> None:
        made = signed.make()
        signed.grow()
        signed.grow()
        thief = Signer.of(made.checkpoint.origin, bytes(32))
        size = made.checkpoint.size + 1
        other = made.checkpoint.text().replace(f"\n{size - 1}\n", f"\n{size}\n")
        note_path(signed.folder, size).write_text(sign(other, [thief]))
        assert "no known key" in signed.refused("bad-note")

    def test_two_notes_of_one_size(self, signed: Signed) -> None:
        """Both with the good signature: somebody had the key, or signed without looking."""
        made = signed.make()
        checkpoint = replace(made.checkpoint, root=bytes(32))
        signer = signed.keyring.signer(checkpoint.origin)
        made.path.write_text(sign(checkpoint.text(), [signer]))
        assert "contradicts" in signed.refused("fork")

    def test_a_file_that_stands_where_the_note_belongs(self, signed: Signed) -> None:
        made = signed.make()
        for content in (b"", b"\xff\xfe", made.note.encode() + b"\xff"):
            made.path.write_bytes(content)
            signed.refused("bad-note")
        made.path.write_bytes(made.note.replace("\n", "\r\n").encode())
        signed.refused("bad-note")
        # Another note of ours under its name: it is older, and not what belongs there.
        made.path.write_bytes(made.note.encode())
        signed.grow()
        newer = signed.make()
        newer.path.write_bytes(made.note.encode())
        signed.refused("file-replaced")

    def test_a_frontier_that_was_changed_is_not_believed(self, signed: Signed) -> None:
        """It is only a shortcut: without it the facts themselves are read."""
        signed.make()
        attack(signed.place, f"UPDATE ledger_checkpoint SET frontier = {OTHER}")
        signed.grow()
        assert signed.make().checkpoint.root == root(signed.leaves())

    def test_the_keys_of_another_ledger(self, signed: Signed, tmp_path: Path) -> None:
        signed.make()
        with office(f"sqlite:///{tmp_path / 'other.db'}") as other:
            other.issue(city())
            with pytest.raises(WillNotSign) as caught:
                make(other.store, signed.keyring, tmp_path / "others", signed.machine)
        assert caught.value.refusal.code == "other-ledger"

    def test_a_key_that_is_gone_is_not_made_anew(self, signed: Signed) -> None:
        signed.make()
        (signed.keyring.folder / "ledger.key").unlink()
        signed.grow()
        assert "Put your copy of it back" in signed.refused("key-gone")
        (signed.keyring.folder / "ledger.key").write_text("")
        with pytest.raises(KeyUnreadable):
            signed.make()


class TestRotation:
    """A key hands over to the next, and the auditor can follow."""

    def test_the_new_key_signs_and_the_old_one_vouches_for_it(self, signed: Signed) -> None:
        first = signed.make()
        old = signed.keyring.verifiers()
        size = signed.place.store.size()
        made = signed.rotate()
        assert made.checkpoint.size == size + 1
        assert made.vkey != first.vkey
        with pytest.raises(BadNote, match="no known key"):
            open_checkpoint(made.note, old)
        entry = audit(signed.place)[-1]
        assert (entry["stream"], entry["type"], entry["data"]["by"]) == (ADMIN, "KeyRotated", "vp")
        followed = follow(old, [entry["data"]["note"]])
        assert followed == signed.keyring.verifiers()
        assert open_checkpoint(made.note, followed) == made.checkpoint
        spans = signed.place.rows("SELECT vkey, from_size, until_size FROM ledger_key")
        assert {row["vkey"]: (row["from_size"], row["until_size"]) for row in spans} == {
            first.vkey: (size, size),
            made.vkey: (size + 1, None),
        }
        signed.grow()
        assert open_checkpoint(signed.make().note, followed[1:])
        second = signed.rotate()
        notes = [body["data"]["note"] for body in audit(signed.place) if body["stream"] == ADMIN]
        assert follow(old, notes)[-1].vkey == second.vkey

    def test_the_rest_is_signed_by_the_old_key_first(self, signed: Signed) -> None:
        signed.make()
        signed.grow()
        size = signed.place.store.size()
        old = signed.keyring.verifiers()
        signed.rotate()
        note = note_path(signed.folder, size).read_text()
        assert open_checkpoint(note, old).size == size

    @pytest.mark.parametrize("step", ["note", "recorded", "published"])
    def test_cut_anywhere_it_is_finished_by_doing_it_again(
        self, signed: Signed, step: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Cut(Exception):
            pass

        def cut(*_: object, **__: object) -> None:
            raise Cut

        signed.make()
        old = signed.keyring.verifiers()
        with monkeypatch.context() as then:
            if step == "note":
                then.setattr("audit.checkpoint.rotation_note", cut)
            elif step == "recorded":
                then.setattr("audit.keyring.Keyring.promote", cut)
            else:
                then.setattr("audit.keyring.Keyring._publish", cut)
            with pytest.raises(Cut):
                signed.rotate()
        signed.grow()
        assert "Run again" in signed.refused("rotation-unfinished")
        made = signed.rotate()
        notes = [body["data"]["note"] for body in audit(signed.place) if body["stream"] == ADMIN]
        assert len(notes) == 1
        assert open_checkpoint(made.note, follow(old, notes)[1:]) == made.checkpoint
        assert not signed.keyring.rotating

    def test_nobody_else_can_hand_over(self) -> None:
        name = "cascade/00"
        old, new, thief = (Signer.of(name, bytes([n]) * 32) for n in (1, 2, 3))
        trusted = [old.verifier]
        assert follow(trusted, [rotation_note(old, new)]) == [old.verifier, new.verifier]
        with pytest.raises(BadNote, match="not a trusted one"):
            follow(trusted, [rotation_note(thief, new)])
        text_ = rotation_note(old, thief).split("\n\n")[0] + "\n"
        with pytest.raises(BadNote, match="no known key"):
            follow(trusted, [sign(text_, [new])])
        for signers in ([thief], [old]):
            with pytest.raises(BadNote, match="both signatures"):
                follow(trusted, [sign(text_, signers)])
        # Whoever appends to the ledger gets any entry covered by a checkpoint: that is no word.
        covered = sign(f"{name}\n7\n{'A' * 43}=\n", [old, thief])
        with pytest.raises(BadNote, match="not a rotation note"):
            follow(trusted, [covered])
        other = f"{name}\n7\n{old.verifier.vkey}\n{thief.verifier.vkey}\n"
        with pytest.raises(BadNote, match="not a rotation note"):
            follow(trusted, [sign(other, [old, thief])])
        with pytest.raises(BadNote, match="one log"):
            follow(trusted, [rotation_note(old, Signer.of("cascade/01", bytes(32)))])
        assert open_note(rotation_note(old, new), trusted)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_checkpoint SET note = 'x'",
        "DELETE FROM ledger_checkpoint",
        "INSERT INTO ledger_checkpoint SELECT size, root, 'x', key_id, signed_at, frontier"
        " FROM ledger_checkpoint",
        "INSERT INTO ledger_checkpoint SELECT 1, root, note, key_id, signed_at, frontier"
        " FROM ledger_checkpoint",
        "DELETE FROM ledger_key",
        "UPDATE ledger_key SET vkey = 'x', until_size = 9",
        "UPDATE ledger_key SET from_size = 1, until_size = 9",
        "UPDATE ledger_key SET until_size = NULL",
        "INSERT INTO ledger_key SELECT key_id, 'x', 1, NULL FROM ledger_key",
    ],
)
def test_the_database_refuses_to_alter_checkpoints_and_keys(signed: Signed, statement: str) -> None:
    signed.make()
    kinds = ("ledger_checkpoint", "ledger_key")
    before = [signed.place.rows(f"SELECT * FROM {name}") for name in kinds]
    dialect = signed.place.store.engine.dialect.name
    statements = [statement]
    if dialect == "sqlite":
        statements.append(statement.replace("INSERT INTO", "INSERT OR REPLACE INTO"))
    else:
        statements += [f"TRUNCATE {name}" for name in kinds]
    for each in statements:
        with pytest.raises(DatabaseError), signed.place.store.engine.begin() as connection:
            connection.execute(text(each))
    assert [signed.place.rows(f"SELECT * FROM {name}") for name in kinds] == before


def test_a_key_ends_once(signed: Signed) -> None:
    signed.make()
    end = text("UPDATE ledger_key SET until_size = 9")
    with signed.place.store.engine.begin() as connection:
        connection.execute(end)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        signed.place.store.engine.begin() as connection,
    ):
        connection.execute(end)


def sign_alone(url: str, folder: str) -> str:
    """Sign in a process of its own."""
    with office(url, prepare=False) as place:
        return Signed(place, Path(folder)).make().note


def test_processes_that_sign_at_once_sign_the_same(
    signed: Signed, database_url: str, tmp_path: Path, processes: ProcessPoolExecutor
) -> None:
    notes = set(processes.map(sign_alone, [database_url] * 4, [str(tmp_path)] * 4))
    assert len(notes) == 1
    assert signed.place.count("ledger_checkpoint") == signed.place.count("ledger_key") == 1


class TestAnchors:
    """What was signed is handed to those who keep it elsewhere."""

    def hand(self, signed: Signed, *auditors: str) -> int:
        made = signed.make()
        return hand_out(signed.place.store, made, auditors, signed.place.clock, signed.machine)

    def owed(self, signed: Signed) -> list[dict[str, Any]]:
        return signed.place.rows("SELECT * FROM outbox WHERE kind = 'checkpoint' ORDER BY key")

    def test_once_a_day_to_each(self, signed: Signed) -> None:
        assert self.hand(signed, *AUDITORS) == 2
        signed.grow()
        assert self.hand(signed, *AUDITORS) == 0, "today's went out"
        signed.machine.instant = ISSUE_AT.add(hours=15, minutes=59)  # 23:59 in Viet Nam
        assert self.hand(signed, *AUDITORS) == 0
        signed.machine.instant = ISSUE_AT.add(hours=16)
        assert self.hand(signed, *AUDITORS) == 2
        rows = self.owed(signed)
        assert len(rows) == 4
        assert len({row["message_id"] for row in rows}) == 4
        assert {row["state"] for row in rows} == {"pending"}
        assert {(row["stream"], row["assignment"], row["recipient"]) for row in rows} == {
            ("", "", "@auditor")
        }
        told = addresses(signed.place.store)
        assert {row["contact"] for row in rows} == {told["@auditor", each] for each in AUDITORS}
        detail = json.loads(rows[-1]["detail"])
        newest = signed.make()
        assert detail["note"] == newest.note
        assert detail["size"] == newest.checkpoint.size
        assert detail["day"] == "2023-09-20"

    def test_nothing_where_nobody_is_named(self, signed: Signed) -> None:
        assert self.hand(signed) == 0
        assert self.owed(signed) == []
        assert signed.place.count("ledger_anchor") == 0

    def test_anchors_say_who_has_what(self, signed: Signed) -> None:
        self.hand(signed, *AUDITORS)
        size = signed.make().checkpoint.size
        anchors = signed.place.rows("SELECT * FROM ledger_anchor ORDER BY ref")
        assert [row["size"] for row in anchors] == [size, size]
        assert [row["ref"] for row in anchors] == [row["key"] for row in self.owed(signed)]
        assert [row["channel"] for row in anchors] == [
            f"mail:{row['contact']}" for row in self.owed(signed)
        ]
        with signed.place.store.engine.begin() as connection:
            connection.execute(
                text("UPDATE outbox SET state = 'sent' WHERE key = :key"),
                {"key": anchors[0]["ref"]},
            )
        settle(signed.place.store)
        states = signed.place.rows("SELECT state FROM ledger_anchor ORDER BY ref")
        assert [row["state"] for row in states] == ["sent", "pending"]


class TestEnvelope:
    """What surrounds a fact: the software, and the run that recorded it."""

    def test_the_run_is_named_where_there_is_one(self, signed: Signed) -> None:
        with running(Run("flow-1", "task-1")):
            assert current() == Run("flow-1", "task-1")
            signed.grow()
            with running(Run("flow-1")):
                signed.grow()
        assert current() is None
        signed.grow()
        runs = [body["run"] for body in audit(signed.place)]
        assert runs[-3:] == [
            {"flow": "flow-1", "task": "task-1"},
            {"flow": "flow-1", "task": None},
            None,
        ]
        assert set(map(str, runs[:-3])) == {"None"}

    def test_the_software_is_named(self, signed: Signed) -> None:
        bodies = audit(signed.place)
        assert {(body["v"], body["sw"]) for body in bodies} == {(2, VERSION)}
        code = "from importlib.metadata import version; print(version('directive-cascade'))"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert told.stdout.strip() == VERSION


def test_signing_needs_no_key_to_read(signed: Signed, database_url: str) -> None:
    """An auditor with the database and the public key checks a note without our code's secrets."""
    made = signed.make()
    engine = make_engine(database_url)
    with engine.connect() as connection:
        bodies = connection.execute(text("SELECT body FROM ledger_event ORDER BY seq")).scalars()
        assert root(leaf_hash(bytes(body)) for body in bodies) == made.checkpoint.root
    engine.dispose()
