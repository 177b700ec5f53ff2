"""How long a mail waits before it is tried again (RFC 5321 section 4.5.4.1).

Full jitter: anywhere between a floor and a cap that grows, so that mails which failed together do
not come back together. Where a relay greylists, coming back at once only prolongs it.
"""

import random

CAPS = (60, 300, 1_800, 7_200, 21_600)
"""Longest wait in seconds after the first, second, … "later"; the last one stays."""
FLOOR = 10
PATIENT_FLOOR, PATIENT_CAP = 300, 900
"""The same where a relay wants to see us again after some minutes (greylisting)."""
HORIZON_DAYS = 4
"""How long "later" is believed; then a person looks."""


def wait_seconds(tries: int, *, patient: bool, pick: random.Random | None = None) -> int:
    """Return how many seconds to wait after *tries* earlier "later"s."""
    cap = CAPS[min(tries, len(CAPS) - 1)]
    floor = FLOOR
    if patient:
        floor, cap = PATIENT_FLOOR, max(cap, PATIENT_CAP)
    return (pick or random).randint(floor, cap)
