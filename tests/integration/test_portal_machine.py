"""Links and submissions in any order: whatever people, machines and offices do, these laws hold.

- At most one effect for one version, by whatever forms, tabs and repeats.
- Nothing is recorded through a link that was revoked, has run out, or is another body's.
- The links of a duty that was moved away do nothing.
- A receipt names a fact that is in the ledger, about this duty, by the name that was typed.
- Opening changes nothing: every table holds the same rows.
- A link that has run out is sent again to its own address only, three times a day for each body.
"""

import re
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pendulum import DateTime
from sqlalchemy import event, select, update

from config.clock import FixedClock
from config.keys import vault
from config.settings import Settings
from models.codec import instant_of
from models.domain.effects import Purpose
from models.domain.errors import Refusal
from models.domain.facts import (
    Accepted,
    BoundMoved,
    Corrected,
    Fact,
    Registered,
    Returned,
    Submitted,
    Superseded,
)
from models.domain.folding import fold
from models.domain.requests import MoveBound, Reassign, Request, Waive
from models.domain.state import State
from models.domain.terms import AssignmentId, BodyId
from models.erasure import Erased, erase_contact
from models.owed import GRACE_DAYS, LINK_DAYS, RESENT
from models.record import Recorder
from models.resend import A_DAY
from models.store import Store, Stored
from models.tables import Contact, Link, Outbox, Person, table
from portal import limits
from portal.keyring import rotate
from portal.links import digest
from tests.factories import DUE, ISSUED, KEY, REPORT, Office, copy_of, document, office, policy
from tests.laws import check_all
from tests.portal_inside import Inside
from tests.portal_site import Form, Page
from tests.sealed import names
from tests.snapshot import snapshot

BODIES = ("u.1", "u.2", "u.3")
"""u.3 owes nothing at first; the duty of another may be moved to it."""
_RECEIPT = re.compile(r"Biên nhận số (\d+) ·")
_SIGNED = re.compile(r"Người ghi tên: (Người \d+)")
_LINK, _OUTBOX, _CONTACT, _PERSON = table(Link), table(Outbox), table(Contact), table(Person)
_ACT, _REVIEW, _DECIDE = Purpose.ACT, Purpose.REVIEW, Purpose.DECIDE
JOURNEYS = (
    ((_ACT, "report"), (_REVIEW, "return")),
    ((_ACT, "report"), (_REVIEW, "accept")),
    ((_ACT, "report"), (_ACT, "correct")),
    ((_ACT, "report"), (_ACT, "supplement"), (_REVIEW, "return")),
    ((_ACT, "extension"), (_DECIDE, "grant")),
    ((_ACT, "extension"), (_DECIDE, "refuse")),
    ((_ACT, "dispute"), (_DECIDE, "keep")),
    ((_ACT, "nothing"),),
)


def template() -> Path:
    """Return a folder with a document that has just been issued; copied for every example."""
    folder = Path(tempfile.mkdtemp(prefix="machine-"))
    with office(folder) as made:
        plain = document(3, policy=policy(receipts=True))
        duty, *rest = plain.obligations
        duty = replace(duty, assignees=(BodyId("u.1"), BodyId("u.2")))
        made.issue(replace(plain, obligations=(duty, *rest)))
    return folder


@dataclass(frozen=True)
class Known:
    """A link as the mail told of it."""

    token: str
    assignment: str
    purpose: str
    body: str
    contact: str
    mail: str

    @property
    def ref(self) -> str:
        return (digest(f"/c/{self.token}".encode()) or "")[:16]


@dataclass
class Tab:
    """A page in somebody's browser, as it was when it was opened."""

    link: Known
    forms: dict[str, Form]


class Links(RuleBasedStateMachine):
    """See the module."""

    made: Path

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        shutil.copytree(self.made, self.folder, dirs_exist_ok=True)
        chosen = Settings(_env_file=None, var=self.folder)
        clock, machine = FixedClock(ISSUED), FixedClock(ISSUED)
        store = Store(chosen.store_url, vault(chosen))

        @event.listens_for(store.engine, "connect")
        def _quick(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous=OFF")

        self.desk = Office(store, Recorder(store, clock, machine), clock, machine, chosen)
        self.portal = Inside(self.desk)
        self.portal.__enter__()
        self.links: list[Known] = []
        self.tabs: list[Tab] = []
        self.sent: list[tuple[Known, str, dict[str, str]]] = []
        self.revoked: set[str] = set()
        self.forgotten: set[str] = set()
        self.asked: list[tuple[str, DateTime]] = []
        self.names = 0
        self.learn()

    def teardown(self) -> None:
        if not hasattr(self, "portal"):
            return
        try:
            facts = [stored.fact for stored in self.desk.store.events(KEY)]
            state = self.desk.store.state(KEY)
            assert fold(State(), facts) == state
            (registered,) = (fact for fact in facts if isinstance(fact, Registered))
            check_all(registered.document, facts, self.desk.clock.now())
        finally:
            self.portal.__exit__(None, None, None)
            self.desk.store.close()
            shutil.rmtree(self.folder)

    # What is known without asking the portal.

    def learn(self) -> None:
        """Read the mail: nothing is sent here, so every secret is still in the outbox."""
        known = {link.token for link in self.links}
        with self.desk.store.reading() as connection:
            rows = connection.execute(
                select(_OUTBOX.c.token, _LINK)
                .join(_LINK, _LINK.c.outbox == _OUTBOX.c.key)
                .where(_OUTBOX.c.token.is_not(None))  # an erasure takes what was not sent
            ).mappings()
            for row in rows:
                if row["token"] not in known:
                    self.links.append(
                        Known(
                            row["token"],
                            row["assignment"],
                            row["purpose"],
                            row["body"],
                            row["contact"],
                            row["outbox"],
                        )
                    )

    def events(self) -> list[Stored]:
        return list(self.desk.store.events(KEY))

    def moved(self, assignment: str) -> bool:
        return any(
            isinstance(each.fact, Superseded) and each.fact.assignment == assignment
            for each in self.events()
        )

    def dead(self, link: Known) -> bool:
        """Tell whether the link is gone for good."""
        ended = self.moved(link.assignment) and link.purpose in (Purpose.ACT, Purpose.REVIEW)
        return ended or link.token in self.revoked or link.contact in self.forgotten

    def expired(self, link: Known) -> bool:
        with self.desk.store.reading() as connection:
            query = select(_LINK.c.expires_at).where(_LINK.c.outbox == link.mail)
            until = instant_of(connection.execute(query).scalar_one())
        return self.desk.clock.now() >= until

    def expect(self, link: Known) -> int:
        """Return what opening the link must answer."""
        return 404 if self.dead(link) else 410 if self.expired(link) else 200

    def pick(self, number: int) -> Known:
        """Return a link: mostly one that is open somewhere, or one of the newest mails."""
        if number % 2 and self.tabs:
            return self.tabs[-1 - number // 2 % len(self.tabs)].link
        return self.links[-1 - number // 2 % len(self.links)]

    def newest(self, body: str, purpose: Purpose) -> Known | None:
        assignment = copy_of(REPORT, body)
        fitting = (
            each
            for each in reversed(self.links)
            if (each.assignment, each.purpose) == (assignment, purpose.value)
            and self.expect(each) == 200
        )
        return next(fitting, None)

    def fill(self, form: Form, number: int) -> dict[str, str]:
        """Fill a form in, sensibly; *number* makes one filling another."""
        self.names += 1
        values = dict(form.values)
        for name in values:
            if name.startswith("figure."):
                values[name] = "7" if "tong" in name else str(number % 5)
            elif name in ("text", "reason"):
                values[name] = f"nội dung {number % 3}"
            elif name == "until":
                day = max(DUE, self.desk.clock.now()).add(days=20 * (number % 4))
                values[name] = f"{day:%d/%m/%Y}"
            elif name == "authority":
                values[name] = f"{number}-QĐ/TU"
            elif name == "name":
                values[name] = f"Người {self.names}"
        return values

    # What people do.

    @rule(number=st.integers(0, 40))
    def open(self, number: int) -> None:
        """Open a link, be it a person or a scanner."""
        link = self.pick(number)
        before = snapshot(self.desk.store.engine)
        page = self.portal.get(f"/c/{link.token}")
        assert snapshot(self.desk.store.engine) == before
        assert page.status == self.expect(link)
        if page.status == 200:
            self.tabs.append(Tab(link, page.forms))
            self.check_receipt(link, page)

    @rule(body=st.sampled_from(BODIES), path=st.sampled_from(JOURNEYS), late=st.booleans())
    def journey(self, body: str, path: tuple[tuple[Purpose, str], ...], late: bool) -> None:
        """Work as it should go: a unit does something, an office answers.

        *late*: a second tab of the unit, opened before, is sent after the answer.
        """
        second: Tab | None = None
        for purpose, action in path:
            link = self.newest(body, purpose)
            if link is None:
                return
            page = self.portal.get(f"/c/{link.token}")
            if action not in page.forms:
                return
            self.tabs.append(Tab(link, page.forms))
            second = second or self.tabs[-1]
            self.post(link, page.forms[action].action, self.fill(page.forms[action], self.names))
        if late and second is not None:
            form = second.forms[path[0][1]]
            self.post(second.link, form.action, self.fill(form, self.names + 1))

    @precondition(lambda self: self.tabs)
    @rule(tab=st.integers(0, 20), form=st.integers(0, 9), number=st.integers(0, 9))
    def send(self, tab: int, form: int, number: int) -> None:
        """Fill in one of the forms of an open page, however old the page is."""
        opened = self.tabs[-1 - tab % len(self.tabs)]
        if not opened.forms:
            return
        action = sorted(opened.forms)[form % len(opened.forms)]
        chosen = opened.forms[action]
        address = chosen.action
        if action == "report" and number == 9:
            address = address.replace("/report", "/draft")
        self.post(opened.link, address, self.fill(chosen, number))

    @precondition(lambda self: self.sent)
    @rule(number=st.integers(0, 20))
    def replay(self, number: int) -> None:
        """Send a form once more, as it was: a double click, a reload, a restored tab."""
        self.post(*self.sent[-1 - number % len(self.sent)])

    @precondition(lambda self: self.sent)
    @rule(number=st.integers(0, 20), other=st.integers(0, 40))
    def foreign(self, number: int, other: int) -> None:
        """Send a form to another link's address."""
        link, address, values = self.sent[-1 - number % len(self.sent)]
        theirs = self.pick(other)
        if theirs.token != link.token:
            self.post(theirs, address.replace(link.token, theirs.token), values, foreign=True)

    @rule(number=st.integers(0, 40), presses=st.lists(st.booleans(), min_size=1, max_size=5))
    def resend(self, number: int, presses: list[bool]) -> None:
        """Ask for a link that has run out; each press of a new page may be a double click."""
        link = self.pick(number)
        for twice in presses:
            page = self.portal.get(f"/c/{link.token}")
            assert page.status == self.expect(link)
            if page.status != 410:
                return
            now, form = self.desk.clock.now(), page.forms[link.token]
            day = [at for body, at in self.asked if body == link.body and at > now.subtract(days=1)]
            before = self.resent()
            answers = [self.portal.post(form.action, form.values).status for _ in range(1 + twice)]
            new = [each for each in self.resent() if each not in before]
            assert len(new) <= 1
            assert {*answers} <= {200, 303, 422, 429}
            if len(day) >= A_DAY:
                assert not new
                assert {*answers} <= {429, 422}
            for _, contact, recipient, assignment in new:
                assert (contact, recipient, assignment) == (
                    link.contact,
                    link.body,
                    link.assignment,
                )
                self.asked.append((link.body, now))
        self.learn()

    def resent(self) -> list[tuple[str, str, str, str]]:
        with self.desk.store.reading() as connection:
            rows = connection.execute(
                select(
                    _OUTBOX.c.key, _OUTBOX.c.contact, _OUTBOX.c.recipient, _OUTBOX.c.assignment
                ).where(_OUTBOX.c.key.contains(RESENT))
            )
            return [(key, contact, body, about) for key, contact, body, about in rows]

    # What offices do.

    @rule(body=st.sampled_from(BODIES))
    def waive(self, body: str) -> None:
        self.decide(Waive(copy_of(REPORT, body), "Ban Thường vụ", "1-QĐ"))

    @rule(body=st.sampled_from(BODIES), successor=st.sampled_from(BODIES))
    def reassign(self, body: str, successor: str) -> None:
        self.decide(
            Reassign(copy_of(REPORT, body), BodyId(successor), "Ban Thường vụ", "2-QĐ", "0" * 64)
        )

    @rule(days=st.integers(1, 40))
    def extend(self, days: int) -> None:
        due = max(DUE, self.desk.clock.now()).add(days=days)
        self.decide(MoveBound(REPORT, due, "ngày mới", "Ban Thường vụ", "3-QĐ", "0" * 64))

    def decide(self, request: Request) -> None:
        assignment = getattr(request, "assignment", None)
        if assignment is not None and assignment not in self.desk.store.state(KEY).progress:
            return
        outcome = self.desk.record(KEY, request)
        assert outcome.refusal is None or isinstance(outcome.refusal, Refusal)
        self.learn()

    @rule(number=st.integers(0, 40))
    def revoke(self, number: int) -> None:
        link = self.pick(number)
        self.revoked.add(link.token)
        with self.desk.store.engine.begin() as connection:
            connection.execute(
                update(_LINK)
                .where(_LINK.c.outbox == link.mail)
                .values(revoked_at="2023-09-20T00:00:00.000000Z")
            )

    @precondition(lambda self: not self.forgotten and len(self.sent) > 3)
    @rule(number=st.integers(0, 40))
    def forget(self, number: int) -> None:
        """An address is deleted."""
        link = self.pick(number)
        self.forgotten.add(link.contact)
        address = f"{link.body}@units.example"
        desk = self.desk
        erased = erase_contact(desk.store, desk.clock, link.body, address, "1-QĐ", "A")
        assert isinstance(erased, Erased)

    @rule()
    def rotate(self) -> None:
        rotate(self.folder / "portal.key", int(self.desk.machine.now().timestamp()))

    @rule(hours=st.sampled_from([1, 5, 24, 24 * 7, 24 * 48]))
    def later(self, hours: int) -> None:
        """The directive's time goes on."""
        self.desk.clock.instant = self.desk.clock.instant.add(hours=hours)
        self.desk.recorder.let_time_act(KEY)
        self.learn()

    @rule(minutes=st.sampled_from([-60, 1, 30, 119, 180]))
    def machine_time(self, minutes: int) -> None:
        """The machine's time goes on, or is set back."""
        self.desk.machine.instant = self.desk.machine.instant.add(minutes=minutes)

    # What must be true.

    def post(
        self, link: Known, address: str, values: dict[str, str], *, foreign: bool = False
    ) -> None:
        expected = self.expect(link)
        before, stored = snapshot(self.desk.store.engine), self.events()
        page = self.portal.post(address, values)
        new = self.events()[len(stored) :]
        mine = [each for each in new if getattr(each.fact, "link", "") == link.ref]
        by_link = [each for each in new if getattr(each.fact, "link", "")]
        assert by_link == mine, "recorded in another's name"
        if expected != 200:
            assert page.status == expected
            assert snapshot(self.desk.store.engine) == before
            return
        assert page.status in (303, 404, 409, 422) if foreign else page.status in (303, 409, 422)
        assert len(mine) <= 1
        if self.moved(link.assignment):
            assert not new, "something was done about a duty that is another's"
        if foreign:
            assert not mine
        for each in mine:
            assert getattr(each.fact, "assignment", "") == link.assignment
            assert page.status == 303
            assert self.typed_by(each.fact) == values.get("name")
            seen = int(values["nonce"].split(".")[2])
            match each.fact:
                case Submitted(version=version) | Corrected(version=version):
                    assert version == seen + 1, "decided by what the page did not show"
                case Accepted(version=version) | Returned(version=version):
                    assert version == seen, "decided by what the page did not show"
        if not mine:
            assert not self.new_people(before)
        if not foreign:
            self.sent.append((link, address, values))
        if page.status == 303:
            self.check_receipt(link, self.portal.get(f"/c/{link.token}"))
        self.learn()

    def new_people(self, before: dict[str, str]) -> bool:
        return snapshot(self.desk.store.engine)["person"] != before["person"]

    def typed_by(self, fact: Fact) -> str | None:
        return names(self.desk.store).get(getattr(fact, "person", ""))

    def check_receipt(self, link: Known, page: Page) -> None:
        """A receipt never lies."""
        number = _RECEIPT.search(page.text)
        if number is None:
            return
        stored = next(each for each in self.events() if each.seq == int(number[1]))
        if isinstance(stored.fact, BoundMoved):  # what an office granted
            duty, _, body = link.assignment.rpartition("@")
            assert (stored.fact.obligation, stored.fact.bodies) in ((duty, (body,)), (duty, ()))
        else:
            assert getattr(stored.fact, "assignment", "") == link.assignment
        name = self.typed_by(stored.fact)
        signed = _SIGNED.search(page.text)
        if link.purpose == Purpose.DECIDE:  # an office acts by its number, not by a person
            assert name is None or name in page.text
        else:
            assert (signed[1] if signed else None) == name

    @invariant()
    def one_effect_for_one_version(self) -> None:
        if not hasattr(self, "desk"):
            return
        newest: Counter[AssignmentId] = Counter()
        judged: set[tuple[AssignmentId, int]] = set()
        for each in self.events():
            match each.fact:
                case (
                    Submitted(assignment=about, version=version)
                    | Corrected(assignment=about, version=version)
                ):
                    assert version == newest[about] + 1
                    replaces = isinstance(each.fact, Corrected)
                    assert version == 1 or replaces or (about, version - 1) in judged
                    newest[about] = version
                case (
                    Accepted(assignment=about, version=version)
                    | Returned(assignment=about, version=version)
                ):
                    assert version == newest[about]
                    assert (about, version) not in judged
                    judged.add((about, version))

    @invariant()
    def living_links_last_as_long_as_their_duty(self) -> None:
        if not hasattr(self, "desk"):
            return
        progress = self.desk.store.state(KEY).progress
        with self.desk.store.reading() as connection:
            rows = connection.execute(select(_LINK).where(_LINK.c.revoked_at.is_(None)))
            for row in rows.mappings():
                created, ends = instant_of(row["created_at"]), instant_of(row["expires_at"])
                assert ends <= created.add(days=LINK_DAYS)
                due = progress[AssignmentId(row["assignment"])].due
                living = ends > self.desk.clock.now() and row["purpose"] == Purpose.ACT
                if living and due is not None:
                    assert ends >= min(due.add(days=GRACE_DAYS), created.add(days=LINK_DAYS))


def test_the_laws_hold_whatever_happens() -> None:
    # Twenty forms an hour are no part of this: the hour of a test does not pass.
    limits.POSTS, before = 10_000, limits.POSTS
    Links.made = template()
    try:
        run_state_machine_as_test(
            Links,
            settings=settings(
                max_examples=30,
                stateful_step_count=40,
                # Shrinking takes longer than a test may; add Phase.shrink to look into a failure.
                phases=(Phase.explicit, Phase.reuse, Phase.generate),
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        limits.POSTS = before
        shutil.rmtree(Links.made)
