"""How long a mail waits: anywhere between floor and cap, and long enough for greylisting."""

import random

import pytest

from notifications.backoff import CAPS, FLOOR, PATIENT_FLOOR, wait_seconds


@pytest.mark.parametrize("tries", range(8))
@pytest.mark.parametrize("patient", [False, True])
def test_the_wait_is_spread_over_the_whole_span(tries: int, patient: bool) -> None:
    pick = random.Random(7)
    waits = [wait_seconds(tries, patient=patient, pick=pick) for _ in range(400)]
    longest = CAPS[min(tries, len(CAPS) - 1)]
    floor = PATIENT_FLOOR if patient else FLOOR
    cap = max(longest, 900) if patient else longest
    assert floor <= min(waits) <= max(waits) <= cap
    assert min(waits) < floor + (cap - floor) / 10
    assert max(waits) > cap - (cap - floor) / 10
