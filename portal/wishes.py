"""What somebody asks for on the page: read from the form, made into a request, told from a repeat.

Nothing here decides: ``models.domain.requests`` does, under the store's lock, by the version that
the person saw. Names and texts are kept beside the ledger, and only when something is recorded.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import assert_never

from pendulum import DateTime
from sqlalchemy import Connection, bindparam, select

from models.codec import decode
from models.domain.answers import answer
from models.domain.directive import Obligation
from models.domain.effects import Purpose
from models.domain.errors import Refusal
from models.domain.facts import Accepted, Acknowledged, Fact, Report, Returned, Submitted, key_of
from models.domain.requests import Accept, Acknowledge, Return, Submit
from models.record import Ask
from models.store import Transaction
from models.tables import LedgerEvent, table
from portal.fields import NUMBER, REASON, TEXT, Fields, Problem
from portal.links import Grant, LinkGone, find

_EVENT = table(LedgerEvent)
_BY_KEY = select(_EVENT.c.type, _EVENT.c.body).where(_EVENT.c.dedup_key == bindparam("key"))

FIGURE = "figure."
"""Prefix of a figure's name in the form."""


class Action(StrEnum):
    """What a form does; also the last part of its address."""

    ACKNOWLEDGE = "acknowledge"
    REPORT = "report"
    ACCEPT = "accept"
    RETURN = "return"

    @property
    def purpose(self) -> Purpose:
        """Return the kind of link that this may be done with."""
        reviewing = self in (Action.ACCEPT, Action.RETURN)
        return Purpose.REVIEW if reviewing else Purpose.ACT


@dataclass(frozen=True, slots=True)
class Wish:
    """A form that was filled in properly."""

    action: Action
    name: str
    text: str = ""
    """The report's text, or the reason of a return."""
    report: Report = field(default_factory=Report)

    def request(
        self, grant: Grant, version: int, person: str = ""
    ) -> Acknowledge | Submit | Accept | Return:
        """Return the request; *version* is the one on the page that the person saw."""
        match self.action:
            case Action.ACKNOWLEDGE:
                return Acknowledge(grant.assignment, person, grant.ref)
            case Action.REPORT:
                return Submit(grant.assignment, self.report, version, person, grant.ref)
            case Action.ACCEPT:
                return Accept(grant.assignment, version, person, grant.ref)
            case Action.RETURN:
                reason = sha256_of(self.text)
                return Return(grant.assignment, version, reason, person, grant.ref)
            case _:  # pragma: no cover
                assert_never(self.action)

    def ask(self, grant: Grant, version: int) -> Ask:
        """Return what the recorder asks inside its transaction.

        The link is looked at once more there, so nothing is recorded after it was revoked.
        """

        def ask(transaction: Transaction) -> Acknowledge | Submit | Accept | Return:
            if find(transaction.connection, grant.sha256, transaction.now, lock=True) is None:
                raise LinkGone
            trial = self.request(grant, version)
            given = answer(transaction.state(grant.stream), trial, transaction.now)
            if isinstance(given, Refusal):
                return trial  # refused again by the recorder, and no name is kept for nothing
            if self.text:
                transaction.text(self.text)
            return self.request(grant, version, transaction.person(self.name))

        return ask

    def was_done(self, connection: Connection, grant: Grant, version: int, now: DateTime) -> bool:
        """Tell whether this very wish is in the ledger already: it was sent a second time."""
        fact = self._fact(grant, version, now)
        key = f"{grant.stream}|{key_of(fact)}"
        row = connection.execute(_BY_KEY, {"key": key}).first()
        if row is None:
            return False
        match decode(row.type, json.loads(row.body)["data"]):
            case Submitted(report=report):
                return report == self.report
            case Returned(reason_sha256=reason):
                return reason == sha256_of(self.text)
            case _:
                return True

    def _fact(self, grant: Grant, version: int, now: DateTime) -> Fact:
        """Return the fact that this wish makes, as far as its key goes."""
        match self.action:
            case Action.ACKNOWLEDGE:
                return Acknowledged(now, grant.assignment, "", "")
            case Action.REPORT:
                return Submitted(now, grant.assignment, version + 1, self.report, "", "")
            case Action.ACCEPT:
                return Accepted(now, grant.assignment, version, "", "")
            case Action.RETURN:
                return Returned(now, grant.assignment, version, "", "", "")
            case _:  # pragma: no cover
                assert_never(self.action)


def read(
    action: Action, obligation: Obligation, typed: Mapping[str, str], today: date
) -> Wish | dict[str, Problem]:
    """Return the wish that the form states, or what is wrong with it by field.

    *today* is the directive's own day: a plan cannot bear a later date.
    """
    fields = Fields(typed)
    text, report = "", Report()
    if action is Action.REPORT:
        text, report = _report(fields, obligation, today)
    elif action is Action.RETURN:
        text = fields.text("reason", REASON, missing="reason_missing")
    name = fields.name("name")
    return fields.problems or Wish(action, name, text, report)


def _report(fields: Fields, obligation: Obligation, today: date) -> tuple[str, Report]:
    figures: dict[str, int] = {}
    for figure in obligation.figures:
        value = fields.whole(FIGURE + figure.name, required=figure.required)
        if value is not None:
            figures[figure.name] = value
    labels = {figure.name: figure.label for figure in obligation.figures}
    for part, total in parts_and_totals(obligation):
        fields.at_most(FIGURE + part, figures.get(part), figures.get(total), labels[total])
    number, day = "", None
    if obligation.wants_plan:
        number = fields.line("plan_number", NUMBER, missing="plan_missing")
        day = fields.day("plan_date", latest=today)
    text = fields.text("text", TEXT, missing="text_missing" if needs_text(obligation) else None)
    digest = sha256_of(text) if text else None
    return text, Report(digest, tuple(figures.items()), number or None, day)


def needs_text(obligation: Obligation) -> bool:
    """Tell whether a report without words would say nothing at all."""
    return not obligation.wants_plan and not any(each.required for each in obligation.figures)


def parts_and_totals(obligation: Obligation) -> list[tuple[str, str]]:
    """Return pairs of figures of which the first cannot exceed the second.

    By name: ``X_tham_gia`` and ``tong_X`` (who took part, of how many), or in English
    ``participants`` and ``total``.
    """
    names = {figure.name for figure in obligation.figures}
    pairs = [
        (name, f"tong_{name.removesuffix('_tham_gia')}")
        for name in sorted(names)
        if name.endswith("_tham_gia")
    ]
    pairs.append(("participants", "total"))
    return [(part, total) for part, total in pairs if part in names and total in names]


def sha256_of(text: str) -> str:
    """Return the SHA-256 (hex) by which the store keeps *text*."""
    return hashlib.sha256(text.encode()).hexdigest()
