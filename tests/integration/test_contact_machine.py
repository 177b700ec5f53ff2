"""Whatever happens in whatever order, links and mails go by the addresses that a body has now."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models.contacts import mailboxes
from models.domain.effects import Purpose
from models.domain.facts import Report
from models.domain.requests import Accept, AskExtension, Reassign, Return, Submit, Waive
from models.domain.terms import BodyId, Phase
from models.readdress import Readdress, Readdressed
from models.tables import Contact, Link, Outbox, table
from tests.factories import DUE, KEY, REPORT, REVIEWER, Office, copy_of, office
from tests.integration.mail_site import deliver, later, proven
from tests.verified import assert_whole

UNITS = ("u.1", "u.2")
BODIES = (*UNITS, REVIEWER)
REFUSED = {"rcpt": ["550 5.1.1 no such user"] * 3}
TEXT = "0" * 64
Act = tuple[str, str, int]

body, number = st.sampled_from(BODIES), st.integers(0, 2)
acts = st.one_of(
    st.tuples(st.sampled_from(["add", "retire", "replace"]), body, number),
    st.tuples(st.sampled_from(["time", "deliver", "refuse"]), st.just(""), number),
    st.tuples(
        st.sampled_from(["submit", "accept", "return", "waive", "move", "ask"]),
        st.sampled_from(UNITS),
        number,
    ),
)


def used(here: Office, of: str) -> list[tuple[str, str]]:
    with here.store.reading() as connection:
        boxes = mailboxes(connection, here.store.vault, of)
    return [(box.ref, str(box.address)) for box in boxes if box.used]


def change(here: Office, what: str, of: str, which: int) -> None:
    now = used(here, of)
    old = now[which % len(now)][1] if now and what != "add" else ""
    new = f"{of}-{which}@units.example" if what != "retire" else ""
    if old or new:
        wish = Readdress(BodyId(of), "A", "1-CV", new, old)
        done = here.recorder.readdress(wish)
        assert isinstance(done, Readdressed) or new in {each for _, each in now}


def act(here: Office, step: Act) -> None:
    what, of, which = step
    copy = copy_of(REPORT, of if of in UNITS else "u.1")
    progress = here.progress(copy)
    figures = (("so_buoi", which), ("dang_vien_tham_gia", 1), ("tong_dang_vien", 1))
    requests: dict[str, Callable[[], object]] = {
        "submit": lambda: Submit(copy, Report(TEXT, figures), progress.version, "p", "l"),
        "accept": lambda: Accept(copy, progress.version, "p", "l"),
        "return": lambda: Return(copy, progress.version, TEXT, "p", "l"),
        "waive": lambda: Waive(copy, "pr.vp", "1-QĐ"),
        "move": lambda: Reassign(copy, BodyId("u.2"), "pr.vp", "1-QĐ", TEXT),
        "ask": lambda: AskExtension(copy, DUE.add(days=20), TEXT, "p", "l"),
    }
    if what in requests:
        here.record(KEY, requests[what]())  # type: ignore[arg-type]
    elif what == "time":
        later(here, days=(1, 5, 14)[which])
        here.recorder.let_time_act(KEY)
    elif what in ("deliver", "refuse"):
        deliver(here, REFUSED if what == "refuse" else None)
    else:
        change(here, what, of, which)


def check(here: Office) -> None:
    """Assert what must be true after every step."""
    contact, link, box = table(Contact), table(Link), table(Outbox)
    gone = contact.c.retired_at.is_not(None)
    with here.store.reading() as connection:
        left = link.join(contact, contact.c.ref == link.c.contact)
        still = (
            select(link.c.token_sha256).select_from(left).where(gone, link.c.revoked_at.is_(None))
        )
        assert not connection.execute(still).all(), "a link to an address that is gone"
        waits = box.join(contact, contact.c.ref == box.c.contact)
        unsent = box.c.state.in_(("pending", "sending", "unknown", "parked"))
        waiting = select(box.c.key).select_from(waits).where(gone, unsent)
        assert not connection.execute(waiting).all(), "mail waits for an address that is gone"
        rows = connection.execute(select(link).where(link.c.revoked_at.is_(None))).mappings().all()
    opens = {(row["assignment"], row["contact"], row["purpose"]) for row in rows}
    for progress in here.store.state(KEY).progress.values():
        if progress.obligation != REPORT:
            continue
        if progress.phase in (Phase.OPEN, Phase.ACKNOWLEDGED, Phase.SUBMITTED):
            for ref, _ in used(here, progress.body):
                assert (progress.id, ref, Purpose.ACT.value) in opens, "who owes it has no link"
        if progress.phase is Phase.SUBMITTED:
            for ref, _ in used(here, REVIEWER):
                assert (progress.id, ref, Purpose.REVIEW.value) in opens, "who reviews has no link"


@given(st.lists(acts, min_size=3, max_size=14))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_links_and_mails_follow_the_addresses(steps: list[Act]) -> None:
    shared = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder,
        office(Path(folder)) as here,
    ):
        here.issue(proven(2))
        for step in steps:
            act(here, step)
            check(here)
        assert_whole(here.store)
