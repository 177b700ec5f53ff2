"""Names and addresses are sealed, bound to their reference, and gone when their key is."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import text

from audit.merkle import inclusion_proof, leaf_hash, root, verify_inclusion
from config.clock import FixedClock
from models.contacts import Address, keep, of_bodies
from models.domain.calendar import local
from models.domain.errors import Refusal
from models.domain.requests import Acknowledge
from models.erasure import Erased, erase_contact, erase_person
from models.keyfile import KeyUnreadable, OtherContent, read_secret, replace
from models.keyfile import keep as keep_file
from models.store import ADMIN, Store, Transaction
from models.vault import NoVault, Vault, WrongKey
from notifications.outbox import claim
from tests.builders import BTG, CITY, ISSUE_AT, LINK, REPORTS, VP, city, copy
from tests.ledgers import VAULT, Office, audit, office
from tests.sealed import addresses, names, readdress

UNIT = copy(REPORTS)
NAME = "Nguyễn Thị Bích Hạnh"
BASIS = "Luật Bảo vệ dữ liệu cá nhân, Điều 14"


def named(place: Office, name: str = NAME) -> str:
    """Let a person acknowledge; return the reference of the name."""
    place.issue(city())
    refs: list[str] = []

    def ask(transaction: Transaction) -> Acknowledge:
        refs.append(transaction.person(name))
        return Acknowledge(UNIT, refs[0], LINK)

    outcome = place.recorder.record(CITY, ask)
    assert outcome.refusal is None
    return refs[0]


def everything(place: Office) -> bytes:
    """Return all that the database holds, as text."""
    tables = (
        "ledger_event",
        "ledger_head",
        "stream",
        "contact",
        "person",
        "vault_key",
        "outbox",
        "link",
    )
    return b"\n".join(
        value if isinstance(value, bytes) else str(value).encode()
        for name in tables
        for row in place.rows(f"SELECT * FROM {name}")
        for value in row.values()
    )


def test_no_name_and_no_address_stands_in_the_database(place: Office) -> None:
    ref = named(place)
    assert names(place.store) == {ref: NAME}
    assert (VP, "truc@example.org") in addresses(place.store)
    kept = everything(place)
    for clear in (NAME, "truc@example.org", "@xa.example", "Bích"):
        assert clear.encode() not in kept
        assert base64.b64encode(clear.encode())[:-4] not in kept
        assert hashlib.sha256(clear.encode()).hexdigest().encode() not in kept
    # Each under a key of its own, and never sealed twice alike.
    wrapped = [bytes(row["wrapped"]) for row in place.rows("SELECT wrapped FROM vault_key")]
    assert len(set(wrapped)) == len(wrapped) == len(addresses(place.store)) + 1 + 1


def test_what_is_sealed_opens_only_where_it_belongs(place: Office) -> None:
    named(place)
    (person,) = place.rows("SELECT * FROM person")
    (key,) = place.rows(f"SELECT * FROM vault_key WHERE ref = '{person['ref']}'")
    wrapped, sealed = bytes(key["wrapped"]), bytes(person["sealed"])
    assert VAULT.open(person["ref"], wrapped, sealed) == NAME
    with pytest.raises(WrongKey, match="does not open"):
        Vault(bytes(32)).open(person["ref"], wrapped, sealed)
    with pytest.raises(WrongKey):
        VAULT.open("p_another", wrapped, sealed)
    for part in (wrapped, sealed):
        for at in range(len(part)):
            damaged = part[:at] + bytes([part[at] ^ 1]) + part[at + 1 :]
            pair = (damaged, sealed) if part is wrapped else (wrapped, damaged)
            with pytest.raises(WrongKey):
                VAULT.open(person["ref"], *pair)


def test_another_master_key_is_noticed_at_the_start(database_url: str) -> None:
    with office(database_url):
        pass
    other = Store(database_url, Vault(bytes(32)))
    with pytest.raises(WrongKey, match="restore the key file"):
        other.prepare(ISSUE_AT)
    other.close()


def test_who_only_reads_the_ledger_needs_no_master_key(place: Office) -> None:
    named(place)
    reader = Store(str(place.store.engine.url.render_as_string(hide_password=False)))
    reader.prepare(ISSUE_AT)
    assert [each.seq for each in reader.events()] == [each.seq for each in place.store.events()]
    with pytest.raises(NoVault, match="without the master key"):
        _ = reader.vault
    with pytest.raises(NoVault), reader.transaction(place.clock) as transaction:
        transaction.person("Ai đó")
    reader.close()


def test_an_erased_name_is_gone_and_every_proof_stays(place: Office) -> None:
    ref = named(place)
    bodies = [
        bytes(row["body"]) for row in place.rows("SELECT body FROM ledger_event ORDER BY seq")
    ]
    leaves = [leaf_hash(body) for body in bodies]
    top, size = root(leaves), len(leaves)
    (sealed,) = place.rows("SELECT sealed FROM person")

    done = erase_person(place.store, place.clock, ref, BASIS, "Văn phòng")
    assert done == Erased(ref, size + 1)

    assert names(place.store) == {}
    assert place.rows(f"SELECT * FROM vault_key WHERE ref = '{ref}'") == []
    # An old copy of the sealed row is worth nothing: its key is in no other place.
    for row in place.rows("SELECT wrapped FROM vault_key"):
        with pytest.raises(WrongKey):
            VAULT.open(ref, bytes(row["wrapped"]), bytes(sealed["sealed"]))
    # The ledger goes on, and what it was is provable in what it is.
    after = [
        leaf_hash(bytes(row["body"]))
        for row in place.rows("SELECT body FROM ledger_event ORDER BY seq")
    ]
    assert after[:size] == leaves
    assert root(after[:size]) == top
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(after, index, len(after))
        assert verify_inclusion(leaf, index, len(after), proof, root(after))
    entry = audit(place)[-1]
    assert (entry["stream"], entry["type"], entry["kind"]) == (ADMIN, "Erased", "A")
    assert entry["data"] == {
        "at": entry["at"],
        "what": "person",
        "ref": ref,
        "basis": BASIS,
        "by": "Văn phòng",
    }


def test_erasing_twice_or_what_is_unknown_is_refused(place: Office) -> None:
    ref = named(place)
    size = place.store.size()
    unknown = erase_person(place.store, place.clock, "p_nobody", BASIS, "vp")
    assert isinstance(unknown, Refusal)
    assert unknown.code == "unknown"
    stranger = erase_contact(place.store, place.clock, VP, "khac@example.org", BASIS, "vp")
    assert isinstance(stranger, Refusal)
    elsewhere = erase_contact(place.store, place.clock, BTG, "truc@example.org", BASIS, "vp")
    assert isinstance(elsewhere, Refusal), "the address of another body"
    assert place.store.size() == size
    assert isinstance(erase_person(place.store, place.clock, ref, BASIS, "vp"), Erased)
    again = erase_person(place.store, place.clock, ref, BASIS, "vp")
    assert isinstance(again, Refusal)
    assert again.code == "done-already"
    assert place.store.size() == size + 1


def test_mail_to_an_erased_contact_is_left_to_a_person(place: Office) -> None:
    place.issue(city())
    now = local(ISSUE_AT)
    taken = claim(place.store, now, "one", 1)[0]
    body = taken.recipient
    done = erase_contact(place.store, place.clock, body, taken.address, BASIS, "vp")
    assert isinstance(done, Erased)
    (mail,) = place.rows(f"SELECT * FROM outbox WHERE key = '{taken.key}'")
    assert (mail["state"], mail["last_text"], mail["raw"], mail["token"]) == (
        "parked",
        "erased",
        None,
        None,
    )
    assert mail["attempts"] > taken.attempt, "the sender at work on it is fenced off"
    assert all(each.contact != done.ref for each in claim(place.store, now, "two", 100))
    # What is owed from now on does not go there either.
    with place.store.reading() as connection:
        assert done.ref not in of_bodies(connection, [body]).get(body, [])
    # The same address, entered anew, is a new contact.
    with place.store.transaction(place.clock) as transaction:
        (again,) = keep(transaction, [Address(body, taken.address)])
    assert again != done.ref


def test_a_key_deleted_by_hand_erases_too(place: Office) -> None:
    place.issue(city())
    contact = addresses(place.store)[VP, "truc@example.org"]
    mails = [row["contact"] for row in place.rows("SELECT contact FROM outbox")]
    with place.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM vault_key WHERE ref = :ref"), {"ref": mails[0]})
        connection.execute(text("DELETE FROM vault_key WHERE ref = :ref"), {"ref": contact})
    claim(place.store, local(ISSUE_AT), "one", 100)
    parked = place.rows("SELECT contact, last_text FROM outbox WHERE state = 'parked'")
    assert {"contact": mails[0], "last_text": "erased"} in parked
    with place.store.reading() as connection:
        assert contact not in of_bodies(connection, [VP])[VP]


def test_an_altered_address_holds_up_nobody(place: Office) -> None:
    place.issue(city())
    ref = place.rows("SELECT contact FROM outbox ORDER BY key")[0]["contact"]
    with place.store.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE contact SET sealed = (SELECT wrapped FROM vault_key WHERE ref = :ref) "
                "WHERE ref = :ref"
            ),
            {"ref": ref},
        )
    taken = claim(place.store, local(ISSUE_AT), "one", 100)
    parked = place.rows("SELECT * FROM outbox WHERE state = 'parked'")
    assert {(row["contact"], row["last_text"]) for row in parked} == {
        (ref, "the sealed address does not open")
    }
    assert len(taken) == place.count("outbox") - len(parked) > 0


def test_an_address_is_known_again_by_its_mark_only(place: Office) -> None:
    with place.store.transaction(place.clock) as transaction:
        (first,) = keep(transaction, [Address("u.1", "a@b.example"), Address("u.1", "a@b.example")])
        assert keep(transaction, [Address("u.1", "a@b.example")]) == {first: "u.1"}
        assert first not in keep(transaction, [Address("u.2", "a@b.example")])
        assert first not in keep(transaction, [Address("u.1", "b@b.example")])
    assert VAULT.mark("u.1", "a@b.example") != Vault(bytes(32)).mark("u.1", "a@b.example")
    readdress(place.store, "u.2", "c@d.example")
    assert addresses(place.store)["u.2", "c@d.example"]


def test_what_is_done_to_the_installation_is_no_fact_of_a_document(place: Office) -> None:
    place.issue(city())
    states = {row["id"]: place.store.state(row["id"]) for row in place.store.streams()}
    facts = list(place.store.events())
    with place.store.transaction(place.clock) as transaction:
        first = transaction.administer("Erased", "one", {"basis": "thử"})
        second = transaction.administer("Erased", "two", {"basis": "thử"})
        with pytest.raises(ValueError, match="not an administrative entry"):
            transaction.administer("Acknowledged", "three", {})
    with place.store.transaction(place.clock) as transaction:
        transaction.administer("Erased", "three", {"basis": "thử"})
    assert second == first + 1
    assert list(place.store.events()) == facts
    assert [each.seq for each in place.store.events(after=first - 2)] == [first - 1]
    assert {row["id"]: place.store.state(row["id"]) for row in place.store.streams()} == states
    bodies = audit(place)
    assert [body["stream_seq"] for body in bodies if body["stream"] == ADMIN] == [1, 2, 3]
    # And the documents go on after it.
    place.recorder.record(CITY, Acknowledge(UNIT, "p_1", LINK))
    assert next(reversed(list(place.store.events()))).seq == first + 3
    assert (
        json.loads(place.rows("SELECT body FROM ledger_event ORDER BY seq")[-1]["body"])["v"] == 2
    )


class TestFiles:
    """Files that are whole or not there."""

    def test_written_once_and_for_ever(self, tmp_path: Path) -> None:
        path = tmp_path / "deep" / "one.note"
        keep_file(path, b"a")
        keep_file(path, b"a")
        with pytest.raises(OtherContent, match="something else"):
            keep_file(path, b"b")
        assert path.read_bytes() == b"a"
        replace(path, b"c", 0o600)
        assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"c", 0o600)
        assert [each.name for each in path.parent.iterdir()] == ["one.note"]

    def test_a_broken_key_is_not_made_anew(self, tmp_path: Path) -> None:
        (tmp_path / "vault.key").write_text("zz")
        with pytest.raises(KeyUnreadable, match="put your copy of it back"):
            read_secret(tmp_path / "vault.key")


def test_the_clock_of_an_erasure_is_the_directives(place: Office) -> None:
    ref = named(place)
    later = FixedClock(ISSUE_AT.add(days=3))
    assert isinstance(erase_person(place.store, later, ref, BASIS, "vp"), Erased)
    assert audit(place)[-1]["recorded_at"] == "2023-09-22T01:00:00.000000Z"
