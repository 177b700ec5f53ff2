"""What comes back: only a real return of a real mail changes anything, and only once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from models.domain.facts import Escalated, NoticeAccepted, NoticeFailed, NotTold
from models.tables import Contact, table
from notifications import bounces as module
from notifications.bounces import Bounces, Noted, settle
from notifications.outbox import FLAGGED, counts
from notifications.returned import MOST_BYTES
from notifications.verp import ReturnPath
from tests.domain.test_returned import OUT_OF_OFFICE, TO, report
from tests.factories import DUE, KEY, REPORT, Office, copy_of, document, office, policy
from tests.faulty_smtp import DROP, FaultySmtp
from tests.integration.mail_site import deliver, later, postman, proven, rows

KEYS = [b"k" * 32]
ONE = copy_of(REPORT, "u.1")


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, url=database_url) as found:
        yield found


@pytest.fixture
def there(memory: Path) -> Iterator[Office]:
    with office(memory) as found:
        yield found


def reader(here: Office, folder: Path | None = None) -> Bounces:
    return Bounces(here.recorder, ReturnPath("cascade.example", KEYS), folder)


def senders(server: FaultySmtp) -> list[str]:
    lines = [line for line in server.commands if line.startswith("MAIL")]
    return [line.partition("<")[2].partition(">")[0] for line in lines]


def to(address: str, raw: bytes | None = None) -> bytes:
    return (report() if raw is None else raw).replace(TO.encode(), address.encode())


def flags(here: Office) -> dict[str, str | None]:
    contact = table(Contact)
    with here.store.reading() as connection:
        found = connection.execute(select(contact.c.body, contact.c.flagged_why)).all()
    return {body: why for body, why in found if why}


def test_each_mail_has_a_return_address_of_its_own(there: Office) -> None:
    there.issue(document(2))
    _, server = deliver(there, extensions=("DSN",), bounces=reader(there))
    first, second = senders(server)
    assert first != second
    path = ReturnPath("cascade.example", KEYS)
    assert [path.message_id(each) for each in (first, second)] == [
        row["message_id"] for row in rows(there.store)
    ]
    assert all(b"Return-Path" not in raw and first.encode() not in raw for raw in server.mails)
    assert "RET=HDRS" in server.commands[1]


def test_without_the_setting_mail_comes_back_to_the_sender(there: Office) -> None:
    there.issue(document(1))
    assert senders(deliver(there)[1]) == ["td@cascade.example"]


def test_a_mail_that_came_back_is_a_fact_and_its_address_is_flagged(here: Office) -> None:
    here.issue(proven(2))
    bounces = reader(here)
    _, server = deliver(here, bounces=bounces)
    assert here.progress(ONE).told == 1
    later(here, hours=1)
    address = senders(server)[0]
    assert bounces.take(to(address)) is Noted.BOUNCED
    (fact,) = here.facts(NoticeFailed)
    assert (fact.body, fact.how, fact.code, fact.status) == ("u.1", "bounced", 550, "5.1.1")
    assert fact.at == here.clock.instant
    assert here.progress(ONE).told == 0
    assert flags(here) == {"u.1": "bounced 5.1.1"}
    assert bounces.take(to(address)) is Noted.KNOWN
    assert len(here.facts(NoticeFailed)) == 1


def test_nothing_more_goes_to_a_flagged_address(there: Office) -> None:
    there.issue(proven(2))
    bounces = reader(there)
    _, server = deliver(there, bounces=bounces)
    bounces.take(to(senders(server)[0]))
    there.clock.instant = there.machine.instant = DUE.subtract(days=1).at(8)
    there.recorder.let_time_act(KEY)
    there.clock.instant = there.machine.instant = DUE.add(days=5)
    there.recorder.let_time_act(KEY)
    _, server = deliver(there, bounces=bounces)
    assert not [line for line in server.commands if "u.1@" in line]
    assert [line for line in server.commands if "u.2@" in line]
    parked = [row for row in rows(there.store) if row["last_text"] == FLAGGED]
    assert {row["recipient"] for row in parked} == {"u.1"}
    # Whom nobody could tell is not blamed.
    assert {fact.assignment for fact in there.facts(NotTold)} == {ONE}
    assert ONE not in {fact.assignment for fact in there.facts(Escalated)}


@pytest.mark.parametrize(
    ("raw", "noted"),
    [
        (report("failed", "4.2.2"), Noted.TEMPORARY),
        (report("failed", "4.4.7"), Noted.TEMPORARY),
        (report("delayed", "4.4.1"), Noted.TEMPORARY),
        (report("delivered", "2.0.0"), Noted.TEMPORARY),
        (report("failed", ""), Noted.TEMPORARY),
        (OUT_OF_OFFICE, Noted.NOTHING),
        (f"To: {TO}\r\n\r\nxác nhận, đã nhận".encode(), Noted.NOTHING),
        (report().replace(b"multipart/report", b"multipart/mixed"), Noted.NOTHING),
        (report() + b"x" * MOST_BYTES, Noted.TOO_LARGE),
    ],
)
def test_nothing_else_changes_anything(there: Office, raw: bytes, noted: Noted) -> None:
    there.issue(proven(1))
    bounces = reader(there)
    _, server = deliver(there, bounces=bounces)
    before, size = rows(there.store), there.store.size()
    assert bounces.take(to(senders(server)[0], raw)) is noted
    assert (rows(there.store), there.store.size(), flags(there)) == (before, size, {})


@pytest.mark.parametrize("forge", ["mac", "message", "domain", "none", "key"])
def test_a_forged_return_changes_nothing(there: Office, forge: str) -> None:
    there.issue(proven(1))
    bounces = reader(there)
    _, server = deliver(there, bounces=bounces)
    (address,) = senders(server)
    local, _, domain = address.partition("@")
    forged = {
        "mac": f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        "message": f"bounce+{'0' * 40}.{local[-10:]}@{domain}",
        "domain": f"{local}@evil.example",
        "none": "td@cascade.example",
        "key": ReturnPath("cascade.example", [b"x" * 32]).address(local[7:47]),
    }[forge]
    before, size = rows(there.store), there.store.size()
    assert bounces.take(to(forged)) is Noted.FOREIGN
    # The envelope counts, when it is known, not what the message says of itself.
    assert bounces.take(to(address), recipient=forged) is Noted.FOREIGN
    assert (rows(there.store), there.store.size(), flags(there)) == (before, size, {})


def test_a_return_for_a_mail_that_was_never_sent_changes_nothing(there: Office) -> None:
    there.issue(proven(1))
    (row,) = rows(there.store)
    address = ReturnPath("cascade.example", KEYS).address(str(row["message_id"]))
    assert reader(there).take(to(address)) is Noted.FOREIGN
    assert rows(there.store) == [row]


def test_a_return_is_the_answer_that_was_lost(there: Office) -> None:
    there.issue(proven(1))
    bounces = reader(there)
    _, server = deliver(there, {"dot": [DROP]}, bounces=bounces)
    assert counts(there.store) == {"unknown": 1}
    assert bounces.take(to(senders(server)[0])) is Noted.BOUNCED
    assert len(there.facts(NoticeAccepted)) == 1
    assert [fact.how for fact in there.facts(NoticeFailed)] == ["bounced"]
    assert there.progress(ONE).told == 0
    later(there, minutes=10)
    deliver(there, bounces=bounces)
    (row,) = rows(there.store, "assigned")
    assert (row["state"], row["raw"], row["token"]) == ("failed", None, None), "not repeated"


def test_a_return_that_comes_before_the_proof_is_told_after_it(there: Office) -> None:
    """The sender was killed before it told; the return must not be outlived by the acceptance."""
    there.issue(proven(1))
    bounces = reader(there)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("notifications.proof.attest", lambda recorder: 0)
        _, server = deliver(there, bounces=bounces)
    assert bounces.take(to(senders(server)[0])) is Noted.BOUNCED
    deliver(there, bounces=bounces)
    assert len(there.facts(NoticeAccepted)) >= 1
    assert there.progress(ONE).told == 0


def test_a_document_without_proofs_has_its_addresses_flagged_all_the_same(there: Office) -> None:
    there.issue(document(1))
    bounces = reader(there)
    _, server = deliver(there, bounces=bounces)
    size = there.store.size()
    assert bounces.take(to(senders(server)[0])) is Noted.BOUNCED
    assert there.store.size() == size
    assert flags(there) == {"u.1": "bounced 5.1.1"}


def test_all_that_went_along_came_back(there: Office) -> None:
    from tests.integration.test_together import three_duties

    there.issue(three_duties(1))
    bounces = reader(there)
    _, server = deliver(there, bounces=bounces)
    assert bounces.take(to(senders(server)[0])) is Noted.BOUNCED
    assert len({fact.assignment for fact in there.facts(NoticeFailed)}) == 3
    assert policy(digest=True).digest


def test_a_folder_is_swept_with_each_delivery(there: Office, tmp_path: Path) -> None:
    there.issue(proven(1))
    folder = tmp_path / "returns"
    (folder / "new").mkdir(parents=True)
    bounces = reader(there, folder)
    _, server = deliver(there, bounces=bounces)
    man = postman(there, server.port, bounces=bounces)
    assert not man.has_work()
    (folder / "new" / "1.host").write_bytes(to(senders(server)[0]))
    with (folder / "new" / "2.host").open("wb") as large:
        large.truncate(50_000_000)
    assert man.has_work(), "the watch starts a round"
    asyncio.run(man.deliver())
    assert [fact.how for fact in there.facts(NoticeFailed)] == ["bounced"]
    assert sorted(each.name for each in (folder / "cur").iterdir()) == ["1.host:2,S", "2.host:2,S"]
    assert list((folder / "new").iterdir()) == []
    assert not bounces.waiting()


def test_a_large_return_is_not_read(
    there: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*given: object) -> None:
        raise AssertionError("read")

    folder = tmp_path / "returns"
    (folder / "new").mkdir(parents=True)
    with (folder / "new" / "1").open("wb") as large:
        large.truncate(50_000_000)
    monkeypatch.setattr(Path, "read_bytes", never)
    monkeypatch.setattr(module, "parse", never)
    assert reader(there, folder).sweep() == 1


PLAIN = "td@cascade.example"
"""Where returns come to when the provider writes an envelope sender of its own."""


def naming(message_id: object, raw: bytes | None = None) -> bytes:
    """Return a notification to our plain address that names a mail by its Message-ID alone."""
    headers = f"\r\n\r\nMessage-ID: <{message_id}@cascade.example>\r\nSubject: x\r\n".encode()
    return to(PLAIN, raw).replace(b"\r\n\r\nSubject: x\r\n", headers)


def test_what_only_a_message_id_says_changes_nothing_but_what_operators_see(here: Office) -> None:
    here.issue(proven(2))
    bounces = reader(here)
    deliver(here)
    (before, _), size = rows(here.store), here.store.size()
    raw = naming(before["message_id"])
    assert bounces.take(raw) is Noted.DOUBTED
    assert bounces.take(raw) is Noted.KNOWN
    (after, other) = rows(here.store)
    assert after == before | {"doubted": "5.1.1"}
    assert other["doubted"] is None
    assert (here.store.size(), flags(here), here.progress(ONE).told) == (size, {}, 1)
    at_the_hour = DUE.subtract(days=1).at(8)
    here.clock.instant = here.machine.instant = at_the_hour
    here.recorder.let_time_act(KEY)
    _, server = deliver(here)
    assert [line for line in server.commands if "u.1@" in line], "mail goes on"


def test_an_operator_who_has_asked_says_that_it_came_back(here: Office) -> None:
    here.issue(proven(1))
    deliver(here)
    (row,) = rows(here.store)
    assert not settle(here.recorder, str(row["key"]), came_back=True), "nobody has said so"
    assert reader(here).take(naming(row["message_id"])) is Noted.DOUBTED
    assert settle(here.recorder, str(row["key"]), came_back=True)
    (fact,) = here.facts(NoticeFailed)
    assert (fact.how, fact.status) == ("bounced", "5.1.1")
    assert here.progress(ONE).told == 0
    assert flags(here) == {"u.1": "bounced 5.1.1"}
    assert not settle(here.recorder, str(row["key"]), came_back=True)


def test_an_operator_who_does_not_believe_it_is_not_asked_again(there: Office) -> None:
    there.issue(proven(1))
    deliver(there)
    (row,) = rows(there.store)
    raw, size = naming(row["message_id"]), there.store.size()
    assert reader(there).take(raw) is Noted.DOUBTED
    assert settle(there.recorder, str(row["key"]), came_back=False)
    assert reader(there).take(raw) is Noted.KNOWN
    assert not settle(there.recorder, str(row["key"]), came_back=True)
    assert (there.store.size(), flags(there)) == (size, {})


@pytest.mark.parametrize("forge", ["mac", "temporary", "delayed", "unknown", "letter", "unsent"])
def test_what_is_not_even_that_changes_nothing(there: Office, forge: str) -> None:
    there.issue(proven(1))
    bounces = reader(there)
    if forge != "unsent":
        deliver(there, bounces=bounces)
    (row,) = rows(there.store)
    own = naming(row["message_id"])
    raw = {
        "mac": own.replace(PLAIN.encode(), f"bounce+{row['message_id']}.aaaaaaaaaa@x.vn".encode()),
        "temporary": naming(row["message_id"], report("failed", "4.2.2")),
        "delayed": naming(row["message_id"], report("delayed", "5.1.1")),
        "unknown": naming("0" * 40),
        "letter": own.replace(b"multipart/report", b"multipart/mixed"),
        "unsent": own,
    }[forge]
    size = there.store.size()
    assert bounces.take(raw) is Noted.FOREIGN
    assert (rows(there.store), there.store.size(), flags(there)) == ([row], size, {})


def test_a_proven_return_of_a_doubted_mail_counts(there: Office) -> None:
    there.issue(proven(1))
    bounces = reader(there)
    _, server = deliver(there, bounces=bounces)
    (row,) = rows(there.store)
    assert bounces.take(naming(row["message_id"])) is Noted.DOUBTED
    assert bounces.take(to(senders(server)[0])) is Noted.BOUNCED
    assert bounces.take(naming(row["message_id"])) is Noted.FOREIGN, "nothing is open any more"
