"""Whatever people ask for in whatever order: an honest ledger is found whole.

Where the verifier cries wolf nobody believes it. So it is tried on random lives of two documents,
in which the rules refuse half of what is asked, time acts early or late, and dates move.
"""

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pendulum import DateTime

from audit.codes import Code
from audit.verify import Wanted, verify
from models.codec import instant_of
from models.domain.requests import Issue, NoteDelivery, ReportUp
from models.domain.terms import AssignmentId, BodyId
from tests.builders import (
    ASKING,
    CITY,
    FAR,
    ISSUE_AT,
    POLICY,
    PROVINCE,
    city_below_province,
    province,
)
from tests.ledgers import ADDRESSES, Office, office
from tests.settled import settle
from tests.strategies import UNIT_VERBS, Wish, instants, wishes
from tests.verified import assert_whole

VERBS = tuple(verb for verb in UNIT_VERBS if verb not in ("told", "bounced"))
DOCUMENTS = {True: city_below_province(policy=ASKING), False: city_below_province(policy=POLICY)}
_numbers = itertools.count()


def carry(place: Office, asking: bool, schedule: list[Wish], looks: list[DateTime]) -> None:
    """Let everything happen in the order of time, whatever comes of it."""
    document = DOCUMENTS[asking]
    place.recorder.register([province(), document], ADDRESSES, "vp")
    place.recorder.record(PROVINCE, Issue())
    place.recorder.record(CITY, Issue())
    order = sorted([*((wish.at, wish) for wish in schedule), *((look, None) for look in looks)],
                   key=lambda each: each[0])  # fmt: skip
    for now, wish in order:
        place.clock.instant = max(now, place.clock.instant)
        if wish is None:
            deliver(place)  # what became of a mail is written down before time acts, or after
            place.recorder.let_time_act(CITY)
            deliver(place)
            place.recorder.record(CITY, ReportUp())
        else:
            place.recorder.record(CITY, wish.request(place.store.state(CITY)))
    place.clock.instant = FAR
    place.recorder.let_time_act(CITY)
    place.recorder.let_time_act(PROVINCE)


def deliver(place: Office) -> None:
    """The relay takes one mail, or sends one back."""
    for row in place.rows(
        "SELECT * FROM outbox WHERE state = 'pending' AND contact IS NOT NULL AND assignment <> ''"
        f" AND stream = '{CITY}' ORDER BY seq DESC LIMIT 1"
    ):
        said = NoteDelivery(
            row["message_id"],
            row["kind"],
            AssignmentId(row["assignment"]),
            BodyId(row["recipient"]),
            place.clock.now().subtract(hours=row["seq"] % 200),
            failed="bounced" if row["seq"] % 3 == 0 else "",
        )
        outcome = place.recorder.record(CITY, said)
        now = instant_of(place.rows("SELECT recorded_at FROM ledger_head")[0]["recorded_at"])
        assert outcome.refusal is None, outcome.refusal
        with place.store.engine.begin() as connection:
            settle(connection, said, now)


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.booleans(),
    wishes(DOCUMENTS[True], verbs=VERBS),
    st.lists(instants(ISSUE_AT), max_size=6).map(sorted),
)
def test_an_honest_ledger_is_whole(
    tmp_path: Path, asking: bool, schedule: list[Wish], looks: list[DateTime]
) -> None:
    with office(f"sqlite:///{tmp_path / f'{next(_numbers)}.db'}") as place:
        carry(place, asking, schedule, looks)
        assert_whole(place.store)


@pytest.mark.parametrize("asking", [False, True])
def test_nothing_but_time(tmp_path: Path, asking: bool) -> None:
    with office(f"sqlite:///{tmp_path / 'cascade.db'}") as place:
        carry(place, asking, [], [])
        assert_whole(place.store)
        report = verify(place.store.engine.url.render_as_string(), Wanted())
        assert set(report.findings.counts) <= {Code.NO_NOTE, Code.NO_KEY}
