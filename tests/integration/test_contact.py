"""An operator changes where a body gets its mail: links, mails and the ledger go along."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pendulum import DateTime
from sqlalchemy import delete, func, insert, select, update

from audit.codes import Code, Weight
from audit.verify import Wanted, verify
from models.contacts import Address, mailboxes
from models.domain.effects import Kind, Purpose
from models.domain.errors import Refusal
from models.domain.facts import (
    Escalated,
    NoticeAccepted,
    NoticeQueued,
    NotTold,
    Report,
)
from models.domain.requests import (
    AskExtension,
    Dispute,
    Issue,
    Reassign,
    RefuseExtension,
    Submit,
    Waive,
)
from models.domain.terms import BodyId, DocumentKey
from models.erasure import Erased, erase_contact
from models.owed import ANEW, message_id_of
from models.readdress import GIVEN_UP, Readdress, Readdressed
from models.resend import Again
from models.store import ADMIN
from models.tables import Contact, LedgerEvent, Link, Outbox, table
from notifications.outbox import claim, finish, freeze
from notifications.proof import attest
from notifications.verdict import Delivery, Outcome, Phase
from portal.links import find
from tests.factories import (
    DUE,
    ISSUED,
    KEY,
    OFFICE,
    REPORT,
    REVIEWER,
    Office,
    addresses,
    copy_of,
    document,
    office,
)
from tests.integration.mail_site import deliver, later, proven, recipients, rows
from tests.portal_site import site
from tests.verified import FORGIVEN

ONE, TWO = copy_of(REPORT, "u.1"), copy_of(REPORT, "u.2")
OLD, NEW = "u.1@units.example", "van-thu@phuong-1.example"
BY, WHY = "Phạm Quốc Bảo", "12-CV/VP"
REFUSED = {"rcpt": ["550 5.1.1 no such user"]}
REPORTED = Report("0" * 64, (("so_buoi", 1), ("dang_vien_tham_gia", 1), ("tong_dang_vien", 1)))


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, url=database_url) as found:
        yield found
        assert altered(found) <= {*FORGIVEN}


@pytest.fixture
def there(memory: Path) -> Iterator[Office]:
    with office(memory) as found:
        yield found
        assert altered(found) <= {*FORGIVEN}


def altered(here: Office) -> set[Code]:
    url = here.store.engine.url.render_as_string(hide_password=False)
    return {each.code for each in verify(url, Wanted()).findings.of(Weight.ALTERED)}


def change(here: Office, old: str = OLD, new: str = NEW, body: str = "u.1") -> Readdressed:
    done = here.recorder.readdress(Readdress(BodyId(body), BY, WHY, new, old))
    assert isinstance(done, Readdressed), done
    return done


def refusal(here: Office, old: str, new: str, body: str = "u.1") -> str:
    done = here.recorder.readdress(Readdress(BodyId(body), BY, WHY, new, old))
    assert isinstance(done, Refusal)
    return done.code


def entries(here: Office) -> list[dict[str, object]]:
    event = table(LedgerEvent)
    with here.store.reading() as connection:
        query = select(event.c.body).where(event.c.stream == ADMIN).order_by(event.c.seq)
        return [json.loads(body) for body in connection.execute(query).scalars()]


def ref(here: Office, address: str, body: str = "u.1") -> str:
    with here.store.reading() as connection:
        boxes = mailboxes(connection, here.store.vault, body)
    return next(box.ref for box in boxes if box.address == address)


def flagged(here: Office, address: str, body: str = "u.1") -> bool:
    with here.store.reading() as connection:
        boxes = mailboxes(connection, here.store.vault, body)
    return next(bool(box.flagged) for box in boxes if box.address == address)


def anew(here: Office, body: str = "u.1") -> list[dict[str, object]]:
    found = [
        row for row in rows(here.store) if ANEW in str(row["key"]) and row["recipient"] == body
    ]
    return sorted(found, key=lambda row: int(str(row["key"]).rpartition(":")[2]))


def opens(here: Office, token: str, now: DateTime | None = None) -> bool:
    from portal.links import digest

    sha256 = digest(f"/c/{token}".encode())
    assert sha256 is not None
    with here.store.reading() as connection:
        return find(connection, sha256, now or here.clock.now()) is not None


def at(here: Office, now: DateTime) -> None:
    here.clock.instant = here.machine.instant = now


class TestWhoCouldNotBeTold:
    """The address is wrong; nothing proves that the body knows; the operator gives another one."""

    def test_a_new_address_is_told_and_the_ladder_goes_on(self, here: Office) -> None:
        here.issue(proven(2))
        deliver(here, REFUSED)
        at(here, DUE.add(days=5))
        here.recorder.let_time_act(KEY)
        assert {fact.assignment for fact in here.facts(NotTold)} == {ONE}
        assert here.progress(ONE).withheld
        done = change(here)
        assert done.owed == 1, "one mail about one duty, not all that was ever said"
        assert done.left == 1
        assert here.progress(ONE).withheld, "owed is not told"
        _, server = deliver(here)
        assert OLD not in recipients(server)
        assert recipients(server).count(NEW) == 1
        assert not here.progress(ONE).withheld, "the case is closed"
        (mail,) = anew(here)
        assert mail["state"] == "sent"
        accepted = [fact for fact in here.facts(NoticeAccepted) if fact.body == "u.1"]
        assert [fact.message_id for fact in accepted] == [mail["message_id"]]
        assert ONE not in {fact.assignment for fact in here.facts(Escalated)}
        later(here, days=3)
        here.recorder.let_time_act(KEY)
        assert ONE in {fact.assignment for fact in here.facts(Escalated)}
        _, server = deliver(here)
        assert NEW in recipients(server)
        assert OLD not in recipients(server)

    def test_what_is_owed_to_it_is_a_fact_of_the_document(self, there: Office) -> None:
        there.issue(proven(1))
        deliver(there, REFUSED)
        done = change(there)
        (mail,) = anew(there)
        queued = [notice for fact in there.facts(NoticeQueued) for notice in fact.notices]
        (notice,) = [each for each in queued if each.message_id == mail["message_id"]]
        assert notice.contact == ref(there, NEW)
        assert notice.key.endswith(f"{ANEW}{done.seq}")
        assert done.anew[KEY] == (notice,)

    def test_a_refusal_at_the_new_address_is_no_proof_either(self, there: Office) -> None:
        there.issue(proven(1))
        deliver(there, REFUSED)
        change(there)
        deliver(there, REFUSED)
        at(there, DUE.add(days=5))
        there.recorder.let_time_act(KEY)
        assert {fact.assignment for fact in there.facts(NotTold)} == {ONE}

    def test_a_body_without_any_address_is_given_one(self, here: Office) -> None:
        value = proven(2)
        known = [each for each in addresses(value) if each.body != "u.1"]
        here.recorder.register([value], known, by="test")
        here.recorder.record(KEY, Issue())
        deliver(here)
        done = change(here, old="")
        assert (done.owed, done.given_up, done.ended) == (1, 1, 0)
        _, server = deliver(here)
        assert recipients(server) == [NEW]
        assert here.progress(ONE).told == 1
        (homeless,) = [row for row in rows(here.store, "assigned") if row["contact"] is None]
        assert (homeless["state"], homeless["last_text"]) == ("cancelled", GIVEN_UP)


class TestTheLedger:
    """One entry with references, no address and no name."""

    def test_it_says_what_came_and_went_and_names_nobody(self, here: Office) -> None:
        here.issue(document(1))
        old = ref(here, OLD)
        done = change(here)
        entry, *_ = entries(here)
        data = entry["data"]
        assert isinstance(data, dict)
        assert (entry["type"], entry["kind"], entry["seq"]) == ("ContactChanged", "A", done.seq)
        assert (data["body"], data["authority"]) == ("u.1", WHY)
        assert (data["added"], data["retired"]) == (ref(here, NEW), old)
        assert str(data["by"]).startswith("p_")
        event = table(LedgerEvent)
        with here.store.reading() as connection:
            whole = b"".join(connection.execute(select(event.c.body)).scalars())
        for secret in (OLD, NEW, BY, "phuong-1"):
            assert secret.encode() not in whole

    def test_each_change_has_an_entry_of_its_own(self, there: Office) -> None:
        there.issue(document(2))
        change(there)
        change(there, old=NEW, new=OLD)
        change(there, old="", new=NEW)
        change(there, old="", new="khac@phuong-2.example", body="u.2")
        changes = [each for each in entries(there) if each["type"] == "ContactChanged"]
        keys = [str(entry["dedup_key"]).rpartition("|")[2] for entry in changes]
        assert keys == ["u.1:1", "u.1:2", "u.1:3", "u.2:1"]


class TestLinks:
    """Whoever reads the old mailbox can do nothing any more, not even look."""

    def test_every_link_to_the_old_address_ends(self, here: Office) -> None:
        here.issue(document(2))
        token, other = here.token(ONE), here.token(TWO)
        with site(here) as portal:
            wrong = portal.client.get("/c/" + "A" * 43)
            assert portal.get(token).status == 200
            done = change(here)
            assert done.ended == 1
            gone = portal.client.get(f"/c/{token}")
            assert (gone.status_code, gone.content) == (404, wrong.content)
            assert portal.get(other).status == 200, "another body is not concerned"
            (mail,) = anew(here)
            fresh = str(mail["token"])
            assert portal.do(fresh, "acknowledge", name="A").status == 200

    def test_one_that_ran_out_is_not_sent_again_to_the_old_address(self, there: Office) -> None:
        from portal.links import digest

        there.issue(document(1))
        sha256 = digest(f"/c/{there.token(ONE)}".encode())
        assert sha256 is not None
        change(there)
        at(there, DUE.add(days=60))
        assert there.recorder.send_again(sha256, 0) is Again.GONE
        fresh = digest(f"/c/{anew(there)[0]['token']}".encode())
        assert fresh is not None
        assert there.recorder.send_again(fresh, 0) is Again.OWED

    def test_one_that_ended_with_its_duty_keeps_the_hour_of_that(self, there: Office) -> None:
        there.issue(document(2))
        at(there, ISSUED.add(days=1))
        there.record(KEY, Reassign(ONE, BodyId("u.2"), OFFICE, WHY, "e" * 64))
        at(there, ISSUED.add(days=2))
        assert change(there).ended == 1, "the one for looking at where the duty went"

    def test_an_address_that_comes_back_is_not_blamed_for_what_it_refused(
        self, there: Office
    ) -> None:
        there.issue(document(2))
        box, contact = ref(there, OLD), table(Contact)
        with there.store.engine.begin() as connection:
            refusal = {"flagged_at": "2023-09-20T00:00:00.000000Z", "flagged_why": "5.1.1"}
            connection.execute(update(contact).where(contact.c.ref == box).values(refusal))
        assert flagged(there, OLD)
        change(there)
        change(there, NEW, OLD)
        assert not flagged(there, OLD)

    def test_an_address_that_comes_back_opens_no_old_link(self, there: Office) -> None:
        there.issue(document(1))
        token = there.token(ONE)
        change(there)
        second = str(anew(there)[0]["token"])
        later(there, hours=1)
        change(there, old=NEW, new=OLD)
        assert not opens(there, token)
        assert not opens(there, second)
        assert opens(there, str(anew(there)[-1]["token"]))
        assert ref(there, OLD) == anew(there)[-1]["contact"]

    def test_one_that_comes_back_is_told_of_what_happened_while_it_was_away(
        self, there: Office
    ) -> None:
        there.issue(document(1))
        change(there)
        at(there, DUE.subtract(days=1).at(8))
        there.recorder.let_time_act(KEY)
        change(there, old=NEW, new=OLD)
        assert [mail["kind"] for mail in anew(there)] == ["assigned", "reminder"]

    def test_an_address_that_comes_back_gets_what_is_owed_from_then_on(self, there: Office) -> None:
        there.issue(document(1))
        change(there)
        assert change(there, old=NEW, new=OLD).left == 1
        assert recipients(deliver(there)[1]) == [OLD]
        at(there, DUE.subtract(days=1).at(8))
        there.recorder.let_time_act(KEY)
        assert recipients(deliver(there)[1]) == [OLD]


class TestWhoPutItThere:
    """A link to a new address lets somebody act: where nothing else proves it, an entry does."""

    def test_each_has_an_entry_where_the_policy_keeps_no_proofs(self, there: Office) -> None:
        there.issue(document(1))
        change(there)
        (mail,) = anew(there)
        (opened,) = [entry["data"] for entry in entries(there) if entry["type"] == "LinkOpened"]
        assert isinstance(opened, dict)
        assert (opened["mail"], opened["purpose"], opened["body"]) == (mail["key"], "act", "u.1")

    def test_one_that_somebody_adds_by_hand_is_found(self, memory: Path) -> None:
        """He knows its secret, and the unit's own link goes on working."""
        with office(memory) as there:
            there.issue(document(1))
            deliver(there)
            at(there, DUE.subtract(days=1).at(8))
            there.recorder.let_time_act(KEY)
            change(there)
            (mail,) = anew(there)
            assert mail["kind"] == "reminder"
            _add_by_hand(there, str(mail["key"]))
            assert Code.MAIL_ADDED in altered(there)


def _add_by_hand(there: Office, known: str) -> None:
    """Write what the change of address might have owed, but did not: the first mail, once more."""
    box, link = table(Outbox), table(Link)
    first = next(row for row in rows(there.store, "assigned") if row["recipient"] == "u.1")
    number, key = known.rpartition(":")[2], str(first["key"]).rpartition("|")[0]
    with there.store.engine.begin() as connection:
        made = connection.execute(select(box).where(box.c.key == known)).mappings().one()
        key = f"{key}|{made['contact']}{ANEW}{number}"
        message_id = message_id_of(there.store.log_id(), key)
        same = {name: first[name] for name in ("seq", "kind", "detail")}
        connection.execute(
            insert(box).values(
                {**made, **same, "key": key, "message_id": message_id, "token": None}
            )
        )
        opens = select(link).where(link.c.outbox == known)
        row = dict(connection.execute(opens).mappings().one())
        connection.execute(insert(link).values({**row, "token_sha256": "0" * 64, "outbox": key}))


class TestWhatIsOwed:
    """To the new address goes what the body needs, once."""

    def test_what_waited_goes_to_the_new_address_alone(self, here: Office) -> None:
        here.issue(document(1))
        done = change(here)
        assert (done.given_up, done.owed) == (1, 1)
        _, server = deliver(here)
        assert recipients(server) == [NEW]

    def test_the_newest_word_about_each_duty(self, there: Office) -> None:
        there.issue(document(1))
        deliver(there)
        at(there, DUE.subtract(days=1).at(8))
        there.recorder.let_time_act(KEY)
        deliver(there)
        change(there)
        (mail,) = anew(there)
        assert mail["kind"] == "reminder"
        _, server = deliver(there)
        assert recipients(server) == [NEW]

    def test_what_fell_due_before_is_settled_first(self, there: Office) -> None:
        """It was owed to the address of its time; the new one gets the newest of it."""
        there.issue(document(1))
        deliver(there)
        at(there, DUE.add(hours=9))
        change(there)
        due = [row for row in rows(there.store) if row["recipient"] == "u.1"]
        assert {row["state"] for row in due if ANEW not in str(row["key"])} == {"sent", "cancelled"}
        assert [mail["kind"] for mail in anew(there)] == ["reminder"]

    def test_a_reviewer_can_go_on_reviewing(self, here: Office) -> None:
        here.issue(document(1))
        here.record(KEY, Submit(ONE, REPORTED, 0, "p", "l"))
        deliver(here)
        done = change(here, f"{REVIEWER}@units.example", "btg@thanh-uy.example", REVIEWER)
        assert (done.owed, done.ended) == (1, 1)
        (mail,) = anew(here, REVIEWER)
        with site(here) as portal:
            page = portal.get(str(mail["token"]))
            assert {"accept", "return"} <= page.forms.keys()

    def test_an_office_can_go_on_deciding(self, there: Office) -> None:
        there.issue(document(1))
        asked = AskExtension(ONE, DUE.add(days=7), "0" * 64, "", "")
        there.record(KEY, asked)
        deliver(there)
        change(there, f"{OFFICE}@units.example", "vp@thanh-uy.example", OFFICE)
        assert [mail["kind"] for mail in anew(there, OFFICE)] == ["extension-asked"]
        there.record(KEY, RefuseExtension(ONE, "A", "1-CV", "0" * 64))
        later(there, days=1)
        change(there, "vp@thanh-uy.example", "vp2@thanh-uy.example", OFFICE)
        assert len(anew(there, OFFICE)) == 1, "what is decided waits for nobody"

    def test_an_office_is_told_of_each_thing_that_it_has_to_decide(self, there: Office) -> None:
        there.issue(document(1))
        there.record(KEY, AskExtension(ONE, DUE.add(days=9), "0" * 64, "", "l"))
        there.record(KEY, Dispute(ONE, "0" * 64, "", "l"))
        deliver(there)
        change(there, f"{OFFICE}@units.example", NEW, OFFICE)
        told = sorted(str(mail["kind"]) for mail in anew(there, OFFICE))
        assert told == ["disputed", "extension-asked"]

    def test_an_answer_that_never_arrived_is_told_beside_the_newest_word(
        self, there: Office
    ) -> None:
        there.issue(document(1))
        deliver(there)
        there.record(KEY, AskExtension(ONE, DUE.add(days=7), "0" * 64, "", ""))
        there.record(KEY, RefuseExtension(ONE, "A", "1-CV", "0" * 64))
        deliver(there, REFUSED)
        at(there, DUE.subtract(days=1).at(8))
        there.recorder.let_time_act(KEY)
        change(there)
        assert {mail["kind"] for mail in anew(there)} == {"reminder", "extension-refused"}

    def test_that_the_old_address_was_erased_too_makes_nothing_told(self, there: Office) -> None:
        there.issue(document(1))
        deliver(there)
        there.record(KEY, Waive(ONE, "A", "1-CV"))
        change(there, new="")
        erased = erase_contact(there.store, there.clock, "u.1", OLD, "NĐ 13", "vp")
        assert isinstance(erased, Erased)
        change(there, old="")
        assert [mail["kind"] for mail in anew(there)] == ["waived"]

    def test_another_address_of_the_body_keeps_what_it_has(self, here: Office) -> None:
        value = document(1)
        known = [*addresses(value), Address("u.1", "hai@units.example", "en")]
        here.recorder.register([value], known, by="test")
        here.recorder.record(KEY, Issue())
        kept = next(
            str(row["token"])
            for row in rows(here.store, "assigned")
            if row["contact"] == ref(here, "hai@units.example")
        )
        done = change(here, new="")
        assert (done.owed, done.given_up, done.left) == (0, 1, 1)
        assert opens(here, kept)
        _, server = deliver(here)
        assert recipients(server) == ["hai@units.example"]

    def test_the_last_one_may_go_and_the_operator_hears_of_who_is_not_told(
        self, there: Office
    ) -> None:
        there.issue(proven(1))
        assert change(there, new="").left == 0
        at(there, DUE.add(days=5))
        there.recorder.let_time_act(KEY)
        deliver(there)
        assert {fact.assignment for fact in there.facts(NotTold)} == {ONE}

    def test_a_closed_duty_is_not_told_again(self, there: Office) -> None:
        from models.domain.requests import Waive

        there.issue(document(1))
        deliver(there)
        there.record(KEY, Waive(ONE, OFFICE, "1-QĐ"))
        deliver(there)
        assert change(there).owed == 0

    def test_that_it_was_lifted_is_told_if_it_never_arrived(self, there: Office) -> None:
        from models.domain.requests import Waive

        there.issue(document(1))
        deliver(there)
        there.record(KEY, Waive(ONE, OFFICE, "1-QĐ"))
        change(there)
        assert [mail["kind"] for mail in anew(there)] == ["waived"]

    def test_a_mail_on_its_way_ends_as_it_ends(self, here: Office) -> None:
        """A sender had it in hand; it is never sent a second time to the old address."""
        here.issue(proven(1))
        now = here.machine.now()
        (mail,) = claim(here.store, now, "one")
        freeze(here.store, [(mail, b"x", "d" * 64)])
        change(here)
        assert finish(here.store, mail, Delivery(Outcome.INFRA, Phase.BEFORE), now) == "cancelled"
        assert recipients(deliver(here)[1]) == [NEW]

    def test_one_that_was_taken_all_the_same_is_a_proof(self, there: Office) -> None:
        there.issue(proven(1))
        now = there.machine.now()
        (mail,) = claim(there.store, now, "one")
        freeze(there.store, [(mail, b"x", "d" * 64)])
        change(there)
        accepted = Delivery(Outcome.SENT, Phase.DATA, 250)
        assert finish(there.store, mail, accepted, now) == "sent"
        assert attest(there.recorder) == 1
        assert there.progress(ONE).told == 1


class TestRefusals:
    """What makes no sense changes nothing."""

    @pytest.mark.parametrize(
        ("old", "new", "body", "code"),
        [
            (OLD, NEW, "u.9", "unknown-body"),
            ("nobody@units.example", NEW, "u.1", "unknown-address"),
            ("u.2@units.example", NEW, "u.1", "unknown-address"),
            (OLD, OLD, "u.1", "address-known"),
            ("", OLD, "u.1", "address-known"),
        ],
    )
    def test_each(self, there: Office, old: str, new: str, body: str, code: str) -> None:
        there.issue(document(2))
        size = there.store.size()
        assert refusal(there, old, new, body) == code
        assert there.store.size() == size

    def test_what_is_retired_cannot_be_retired_again(self, there: Office) -> None:
        there.issue(document(1))
        change(there)
        assert refusal(there, OLD, "") == "unknown-address"


def test_a_package_that_comes_later_brings_no_retired_address_back(there: Office) -> None:
    there.issue(document(1))
    change(there)
    second = document(1, key=DocumentKey("300-KH/TU"), number="300-KH/TU")
    there.recorder.register([second], addresses(second), by="test")
    there.recorder.record(second.key, Issue())
    _, server = deliver(there)
    assert recipients(server).count(NEW) == 2
    assert OLD not in recipients(server)


def test_all_documents_of_a_body_go_along(there: Office) -> None:
    there.issue(proven(1))
    second = document(1, key=DocumentKey("300-KH/TU"), number="300-KH/TU")
    there.recorder.register([second], [], by="test")
    there.recorder.record(second.key, Issue())
    done = change(there)
    assert sorted(done.anew) == [KEY, second.key]
    assert done.ended == 2


class TestVerification:
    """What an insider does to it is found."""

    @pytest.fixture(params=["proven", "plain"])
    def changed(
        self, request: pytest.FixtureRequest, tmp_path: Path, database_url: str
    ) -> Iterator[Office]:
        with office(tmp_path, url=database_url) as found:
            found.issue(proven(2) if request.param == "proven" else document(2))
            later(found, hours=1)
            change(found)
            at(found, DUE.subtract(days=1).at(8))
            found.recorder.let_time_act(KEY)
            assert altered(found) == set()
            yield found

    def test_an_old_link_that_opens_again(self, changed: Office) -> None:
        link = table(Link)
        with changed.store.engine.begin() as connection:
            old = link.c.contact == ref(changed, OLD)
            connection.execute(update(link).where(old).values(revoked_at=None))
        assert altered(changed) == {Code.LINK_ALTERED}

    def test_a_mail_to_the_new_address_that_is_gone(self, changed: Office) -> None:
        box, link = table(Outbox), table(Link)
        (mail,) = anew(changed)
        with changed.store.engine.begin() as connection:
            connection.execute(delete(link).where(link.c.outbox == mail["key"]))
            connection.execute(delete(box).where(box.c.key == mail["key"]))
        proof = changed.store.state(KEY).document.policy.proof
        # Where nothing is said of what is owed, that its link was made is.
        assert altered(changed) == {Code.MAIL_MISSING if proof else Code.LINK_MISSING}

    def test_a_later_mail_that_the_new_address_did_not_get(self, changed: Office) -> None:
        box, link = table(Outbox), table(Link)
        lost = [
            row["key"]
            for row in rows(changed.store, "reminder")
            if row["contact"] == ref(changed, NEW)
        ]
        with changed.store.engine.begin() as connection:
            connection.execute(delete(link).where(link.c.outbox.in_(lost)))
            connection.execute(delete(box).where(box.c.key.in_(lost)))
        assert Code.MAIL_MISSING in altered(changed)

    def test_a_later_mail_that_only_the_other_address_got(self, tmp_path: Path) -> None:
        box, link = table(Outbox), table(Link)
        with office(tmp_path) as found:
            found.issue(document(1))
            later(found, hours=1)
            change(found, old="")
            at(found, DUE.subtract(days=1).at(8))
            found.recorder.let_time_act(KEY)
            assert altered(found) == set()
            new = ref(found, NEW)
            lost = [row["key"] for row in rows(found.store, "reminder") if row["contact"] == new]
            with found.store.engine.begin() as connection:
                connection.execute(delete(link).where(link.c.outbox.in_(lost)))
                connection.execute(delete(box).where(box.c.key.in_(lost)))
            assert altered(found) == {Code.MAIL_MISSING}

    def test_a_mail_that_no_entry_asks_for(self, changed: Office) -> None:
        box, link = table(Outbox), table(Link)
        (mail,) = anew(changed)
        forged = str(mail["key"]).replace(ANEW, f"{ANEW}9")
        with changed.store.engine.begin() as connection:
            own = box.c.key == mail["key"]
            connection.execute(update(box).where(own).values(key=forged))
            connection.execute(
                update(link).where(link.c.outbox == mail["key"]).values(outbox=forged)
            )
        assert Code.MAIL_ADDED in altered(changed)

    def test_a_mail_under_the_key_of_another_fact(self, changed: Office) -> None:
        box, link = table(Outbox), table(Link)
        (mail,) = anew(changed)
        forged = str(mail["key"]).replace("Opened:", "Opened2:")
        assert forged != mail["key"]
        with changed.store.engine.begin() as connection:
            own = box.c.key == mail["key"]
            connection.execute(update(box).where(own).values(key=forged))
            connection.execute(
                update(link).where(link.c.outbox == mail["key"]).values(outbox=forged)
            )
        assert Code.MAIL_ADDED in altered(changed)

    def test_an_address_that_is_used_though_it_was_retired(self, tmp_path: Path) -> None:
        with office(tmp_path) as found:
            found.issue(document(1))
            later(found, hours=1)
            change(found)
            contact = table(Contact)
            with found.store.engine.begin() as connection:
                connection.execute(update(contact).values(retired_at=None))
            at(found, DUE.subtract(days=1).at(8))
            found.recorder.let_time_act(KEY)
            assert altered(found) == {Code.MAIL_ALTERED, Code.PERSON_ROW}


def test_nothing_waits_for_an_address_that_is_gone(here: Office) -> None:
    here.issue(document(3))
    change(here)
    box, contact = table(Outbox), table(Contact)
    with here.store.reading() as connection:
        waiting = connection.execute(
            select(func.count())
            .select_from(box.join(contact, contact.c.ref == box.c.contact))
            .where(contact.c.retired_at.is_not(None), box.c.state != "cancelled")
        ).scalar_one()
    assert waiting == 0
    assert here.clock.now() == ISSUED
    assert {Kind(str(row["kind"])) for row in rows(here.store)} == {Kind.ASSIGNED}
    assert here.token(ONE, Purpose.ACT)
