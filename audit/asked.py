"""What somebody must have asked for so that an input was recorded, and what it was answered."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from pendulum import DateTime

from models.domain import facts, requests
from models.domain.answers import answer
from models.domain.errors import Refusal
from models.domain.facts import Fact
from models.domain.requests import Request
from models.domain.state import State

ASKED: Mapping[type[Fact], type[Request]] = {
    facts.Issued: requests.Issue,
    facts.ReportedUp: requests.ReportUp,
    facts.Acknowledged: requests.Acknowledge,
    facts.Submitted: requests.Submit,
    facts.Corrected: requests.Correct,
    facts.Supplemented: requests.Supplement,
    facts.Disputed: requests.Dispute,
    facts.DisputeRejected: requests.RejectDispute,
    facts.ExtensionAsked: requests.AskExtension,
    facts.ExtensionRefused: requests.RefuseExtension,
    facts.Superseded: requests.Reassign,
    facts.NoticeRecorded: requests.RecordNotice,
    facts.Accepted: requests.Accept,
    facts.Returned: requests.Return,
    facts.Waived: requests.Waive,
    facts.BoundMoved: requests.MoveBound,
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
    match fact:
        case facts.Submitted() | facts.Corrected():
            given["version"] = fact.version - 1  # the one that was seen on the page
        case facts.Supplemented():
            given["number"] = fact.number - 1
        case facts.Superseded():
            given["successor"] = fact.successor.rpartition("@")[2]
        case facts.BoundMoved():
            given["earlier"] = True  # that it was said to be meant is not recorded
        case _:
            pass
    return kind(**given)


def answered(state: State, fact: Fact, now: DateTime) -> Fact | Refusal | None:
    """Return what the rules answer at *now* to the request behind *fact*; ``None``: no request."""
    request = request_of(fact)
    given = None if request is None else answer(state, request, now)
    if isinstance(given, facts.Waived | facts.Superseded) and getattr(fact, "review", 0) == 0:
        return dataclasses.replace(given, review=0)  # older ledgers do not say it
    return given


def signed(fact: Fact) -> bool:
    """Tell whether *fact* says on whose word it rests, where rules could have made it as well."""
    match fact:
        case facts.Submitted():
            return bool(fact.person or fact.link or fact.paper)
        case facts.Accepted():
            return bool(fact.person)
        case _:
            return True
