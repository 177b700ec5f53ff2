"""``python -m tests.histories.record [NAME …]``: record histories with today's rules.

Histories that exist are left alone unless they are named: an old one is a witness. To add some for
new rules, give a prefix: ``--prefix rules-2-`` records the same stories under new names.
"""

import argparse
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pendulum import DateTime
from sqlalchemy import event

from audit.reading import rows
from config.package import DIRECTIVES, load
from models.domain.calendar import at, midnight
from models.domain.directive import Obligation, Policy, Summary
from models.domain.requests import Issue, MoveBound, RecordNotice, ReportUp, Waive
from models.domain.terms import AssignmentId, BodyId, DocumentKey, ObligationId
from tests.builders import (
    ASKING,
    CITY,
    FAR,
    POLICY,
    PROVINCE,
    city,
    city_below_province,
    province,
)
from tests.histories import files
from tests.histories.clerks import Decision, Play, reports_up
from tests.ledgers import Office, office
from tests.strategies import UNIT_VERBS, VERBS, Wish, instants

GENERATED = 32
_DOWN = (at(date(2023, 10, 20), 18), at(date(2023, 10, 24), 10))
"""The system stands still over the bound of the units' reports: facts are recorded late."""
_ASLEEP = (
    (at(date(2023, 9, 13), 7), at(date(2023, 9, 14), 9)),
    (at(date(2023, 10, 27), 12), at(date(2023, 11, 20), 9)),
)
"""The engine sleeps over an issue and over the reports up: others' facts come backdated."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Record what is asked for, or what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="record these anew")
    parser.add_argument("--prefix", default="", help="keep them under other names")
    given_names = parser.parse_args(arguments)
    for name, record in stories().items():
        kept = given_names.prefix + name
        if kept in given_names.names or (not given_names.names and kept not in files.names()):
            files.write(kept, bodies_of(record))


def stories() -> dict[str, Callable[[Office], None]]:
    """Return every story by name: what happens at an office that has just been set up."""
    told: dict[str, Callable[[Office], None]] = {
        "demo": demo,
        "demo-troubled": troubled,
        "demo-proven": proven,
    }
    for number, (schedule, looks) in enumerate(_schedules(), start=1):
        told[f"generated-{number:02d}"] = _lived(schedule, looks, below=number % 4 != 0)
    # Everything that units may say and operators decide, under a policy that asks for proofs.
    asked = _schedules(UNIT_VERBS, seeded=58)[: GENERATED // 2]
    for number, (schedule, looks) in enumerate(asked, start=1):
        below = number % 4 != 0
        told[f"units-{number:02d}"] = _lived(schedule, looks, below=below, policy=ASKING)
    return told


def bodies_of(story: Callable[[Office], None]) -> list[bytes]:
    """Return the ledger that a story gives."""
    with tempfile.TemporaryDirectory() as folder, told_of(story, Path(folder)) as place:
        return [row.body for row in rows(place.store)]


@contextmanager
def told_of(story: Callable[[Office], None], folder: Path) -> Iterator[Office]:
    """Give an office in *folder* at which *story* has happened, the same to the byte each time."""
    drawn = random.Random(57)
    # The ledger's name and those of contacts are drawn at random, and mails are named after them.
    url = f"sqlite:///{folder / 'cascade.db'}"
    with (
        patch("secrets.token_hex", lambda size: drawn.randbytes(size).hex()),
        office(url, at(date(2023, 6, 1), 8)) as place,
    ):
        _hurry(place)
        story(place)
        yield place


def _hurry(place: Office) -> None:
    """Let nothing wait for the disk: what is lost with the power is simply told again."""

    @event.listens_for(place.store.engine, "connect")
    def _connected(connection: Any, _: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=MEMORY")

    place.store.engine.dispose()


def demo(place: Office) -> None:
    Play(place, load(DIRECTIVES / "57-kl-tw")).play()


def troubled(place: Office) -> None:
    """The demonstration with an outage over a bound, a moved date and a lifted duty."""
    key = DocumentKey("256-KH/TU")

    def extend(bodies: tuple[str, ...], due: date, words: str) -> MoveBound:
        return MoveBound(
            ObligationId("256/III.1-c"),
            midnight(due),
            words,
            "pr.thuongtruc",
            f"{due:%d}-CV/TU",
            "c" * 64,
            tuple(map(BodyId, bodies)),
        )

    def waiver(assignment: str) -> Waive:
        return Waive(AssignmentId(assignment), "pr.thuongtruc", "19-CV/TU")

    decisions: list[Decision] = [
        (
            at(date(2023, 10, 12), 10),
            key,
            lambda state: waiver(_units(state.document.obligations)[-1]),
        ),
        (
            at(date(2023, 10, 26), 9),
            key,
            lambda state: extend((), date(2023, 11, 4), "đến hết ngày 03/11/2023"),
        ),
    ]
    package = load(DIRECTIVES / "57-kl-tw")
    Play(place, package, outages=[_DOWN], asleep=_ASLEEP, decisions=decisions).play()


def proven(place: Office) -> None:
    """The demonstration with proofs of notice, receipts and summaries; one unit has no address."""
    package = load(DIRECTIVES / "57-kl-tw")
    key = DocumentKey("256-KH/TU")
    summary = Summary(0, (BodyId("pr.thuongtruc"),))
    documents = tuple(
        replace(each, policy=replace(each.policy, proof=True, receipts=True, summary=summary))
        for each in package.documents
    )
    cut_off = _units(documents[-1].obligations)[-2]
    telephoned: Decision = (
        at(date(2023, 10, 25), 9),
        key,
        lambda _: RecordNotice(AssignmentId(cut_off), "pr.vp", "e" * 64),
    )
    unreachable = {cut_off.rpartition("@")[2]}
    Play(
        place,
        replace(package, documents=documents),
        outages=[_DOWN],
        asleep=_ASLEEP,
        unreachable=unreachable,
        decisions=[telephoned],
    ).play()


def _units(obligations: Sequence[Obligation]) -> list[str]:
    return [*next(each for each in obligations if each.id == "256/III.1-c").assignments()]


def _lived(
    schedule: Sequence[Wish], looks: Sequence[DateTime], *, below: bool, policy: Policy = POLICY
) -> Callable[[Office], None]:
    """Return the story of a schedule: of the city alone, or of the city below the province."""

    def story(place: Office) -> None:
        documents = [province(), city_below_province()] if below else [city()]
        documents = [replace(each, policy=policy) for each in documents]
        start = documents[0].issue_at.subtract(days=1)
        place.clock.instant = start
        place.recorder.register(documents, [], "vp")
        issues = [Wish(each.issue_at, "issue", AssignmentId(f"{each.key}@")) for each in documents]
        order: list[tuple[DateTime, int, Wish | None]] = [(wish.at, 1, wish) for wish in issues]
        order += [(wish.at, 2, wish) for wish in schedule]
        order += [(look, 0, None) for look in (*looks, FAR)]
        for now, _, wish in sorted(order, key=lambda each: each[:2]):
            place.clock.instant = now
            if wish is None:
                for document in documents:
                    place.recorder.let_time_act(document.key)
            elif wish.verb == "issue":
                place.recorder.record(DocumentKey(wish.assignment[:-1]), Issue())
            else:
                key = PROVINCE if wish.assignment.startswith("240/") else CITY
                if below or key == CITY:
                    place.recorder.record(key, wish.request(place.store.state(key)))
            if below and wish is None and reports_up(place.store.state(CITY)):
                # Only when somebody looks: what goes up carries an instant of its own.
                place.recorder.record(CITY, ReportUp())

    return story


def _schedules(
    verbs: Sequence[str] = (*VERBS, "waive", "move"), seeded: int = 57
) -> list[tuple[list[Wish], list[DateTime]]]:
    """Return schedules that are the same each time with one version of Hypothesis."""
    found: list[tuple[list[Wish], list[DateTime]]] = []
    copies = [
        each
        for document in (city(), province())
        for duty in document.obligations
        for each in duty.assignments()
    ]
    one = st.builds(
        Wish,
        instants(city().issue_at.add(minutes=1)),
        st.sampled_from(verbs),
        st.sampled_from(copies),
        st.sampled_from((0, 0, 0, 0, 1)),
        st.integers(1, 40),
    )
    busy = st.lists(one, min_size=20, max_size=60)
    diligent = st.tuples(
        st.permutations([each for each in copies if each.startswith("256/")]),
        st.lists(st.integers(5, 40), min_size=len(copies), max_size=len(copies)),
        st.lists(one, max_size=8),
    ).map(_diligent)

    @seed(seeded)
    @settings(
        max_examples=3 * GENERATED,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
        deadline=None,
    )
    @given(
        st.one_of(busy, diligent),
        st.lists(instants(), min_size=1, max_size=6),
    )
    def gather(schedule: list[Wish], looks: list[DateTime]) -> None:
        found.append((sorted(schedule, key=lambda wish: wish.at), sorted(looks)))

    gather()
    # Neighbours are often alike.
    assert len(found) == 3 * GENERATED, len(found)
    return found[::3]


def _diligent(drawn: tuple[list[AssignmentId], list[int], list[Wish]]) -> list[Wish]:
    """Return a schedule in which everybody reports and is accepted, with other things besides."""
    order, hours, others = drawn
    waiting = {each for duty in city().obligations if duty.waits_for for each in duty.assignments()}
    # What consolidates comes last, or nobody would have opened it.
    order = [*(each for each in order if each not in waiting), *sorted(waiting)]
    schedule, when = list(others), city().issue_at.add(days=2)
    for assignment, pause in zip(order, hours, strict=False):
        when = when.add(hours=pause)
        schedule.append(Wish(when, "submit", assignment))
        schedule.append(Wish(when.add(hours=pause // 4), "accept", assignment))
    return schedule


if __name__ == "__main__":
    main()
