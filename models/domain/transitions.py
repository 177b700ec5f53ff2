"""The table is the machine.

What a fact does to the phase of an assignment stands here and nowhere else. A pair that is not in
the table is a broken promise and raises :class:`models.domain.errors.ImpossibleFact`; requests
are checked before they become facts (:mod:`models.domain.requests`).

``docs/state-machine.md`` is generated from this table (``python -m models.domain.diagram``).
"""

from models.domain.facts import (
    Accepted,
    Acknowledged,
    BecameOverdue,
    ChildIssued,
    Corrected,
    Disputed,
    DisputeRejected,
    Escalated,
    ExtensionAsked,
    ExtensionRefused,
    NotTold,
    OnAssignment,
    Opened,
    Reminded,
    Rescheduled,
    Returned,
    Submitted,
    Superseded,
    Supplemented,
    Waived,
)
from models.domain.terms import Phase

P, O, K, S = Phase.PENDING, Phase.OPEN, Phase.ACKNOWLEDGED, Phase.SUBMITTED  # noqa: E741
A, W, X = Phase.ACCEPTED, Phase.WAIVED, Phase.SUPERSEDED

TRANSITIONS: dict[type[OnAssignment], dict[Phase, Phase]] = {
    Opened: {P: O},
    Acknowledged: {O: K},
    # A report says "received" as well; nobody is sent back to press another button first.
    Submitted: {O: S, K: S},
    Accepted: {S: A},
    # A returned report opens the duty again. What was acknowledged stays acknowledged in time.
    Returned: {S: O},
    Waived: {P: W, O: W, K: W, S: W},
    # A moved bound is a new date for the same duty, wherever it stands.
    Rescheduled: {P: P, O: O, K: K, S: S},
    Superseded: {P: X, O: X, K: X, S: X},
    ChildIssued: {P: A, O: A, K: A, S: A},
    # A report is put right or added to where it lies.
    Corrected: {S: S, A: A},
    Supplemented: {S: S, A: A},
    # What a body asks for, and the answer, leave the duty where it is.
    Disputed: {O: O, K: K},
    DisputeRejected: {O: O, K: K, S: S},
    ExtensionAsked: {O: O, K: K},
    ExtensionRefused: {O: O, K: K, S: S},
    # Overdue, reminders and rungs are facts about an open duty and move nothing.
    Reminded: {O: O, K: K},
    BecameOverdue: {O: O, K: K},
    Escalated: {O: O, K: K},
    NotTold: {O: O, K: K},
}
