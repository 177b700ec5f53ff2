"""What somebody must have asked for so that an input was recorded, and what it was answered."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from pendulum import DateTime

from models.domain.errors import Refusal
from models.domain.facts import (
    Accepted,
    Acknowledged,
    BoundMoved,
    Fact,
    Issued,
    ReportedUp,
    Returned,
    Submitted,
    Waived,
)
from models.domain.requests import (
    Accept,
    Acknowledge,
    Issue,
    MoveBound,
    ReportUp,
    Request,
    Return,
    Submit,
    Waive,
    answer,
)
from models.domain.state import State

ASKED: Mapping[type[Fact], type[Request]] = {
    Issued: Issue,
    ReportedUp: ReportUp,
    Acknowledged: Acknowledge,
    Submitted: Submit,
    Accepted: Accept,
    Returned: Return,
    Waived: Waive,
    BoundMoved: MoveBound,
}
"""Inputs that are answers, each with its request."""


def request_of(fact: Fact) -> Request | None:
    """Return the request that *fact* answers: what they have in common, by name."""
    kind = ASKED.get(type(fact))
    if kind is None:
        return None
    names = {field.name for field in dataclasses.fields(kind)}
    given: dict[str, Any] = {
        field.name: getattr(fact, field.name)
        for field in dataclasses.fields(fact)
        if field.name in names
    }
    if isinstance(fact, Submitted):
        given["version"] = fact.version - 1  # the one that was seen on the page
    if isinstance(fact, BoundMoved):
        given["earlier"] = True  # not recorded: that it was said to be meant
    return kind(**given)


def answered(state: State, fact: Fact, now: DateTime) -> Fact | Refusal | None:
    """Return what the rules answer at *now* to the request behind *fact*; ``None``: no request."""
    request = request_of(fact)
    return None if request is None else answer(state, request, now)
