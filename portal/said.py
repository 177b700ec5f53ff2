"""What was said about a duty and by whom, in words: receipts, requests and the answers to them."""

from dataclasses import dataclass
from typing import Literal

from models.domain.effects import Purpose
from models.domain.facts import (
    Accepted,
    Acknowledged,
    BoundMoved,
    Corrected,
    Disputed,
    DisputeRejected,
    ExtensionAsked,
    ExtensionRefused,
    Returned,
    Submitted,
    Superseded,
    Supplemented,
    Waived,
)
from models.domain.moving import bounds_of, current, origin_of
from notifications.words import bound_words
from portal.history import Mark, Version
from portal.seen import Seen
from portal.texts import TEXTS, Lang
from portal.views import OWING
from portal.wishes import binding


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the bearer of the link did last."""

    mark: Mark
    words: str
    version: Version | None = None
    final: bool = False
    """Nothing more is to be done with this link."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of what was recorded."""

    mark: Mark
    words: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a unit asks for and an office decides."""

    kind: Literal["extension", "dispute"]
    mark: Mark
    until: str = ""
    """The bound that it asks for."""
    warning: str = ""
    """Another clause's date would still be in force."""
    clause: str = ""
    """Whose date is moved."""


def receipt_of(seen: Seen, lang: Lang) -> Receipt | None:
    """Return what was last done through links of this kind, if it still stands."""
    history, progress = seen.history, seen.progress
    newest = history.versions[0] if history.versions else None
    owes = progress.phase in OWING
    match seen.grant.purpose:
        case Purpose.ACT | Purpose.BEHALF:
            mark = _own(seen)
            if mark is None:
                return None
            version = _brought(seen, mark)
            return Receipt(mark, entry_words(mark, lang), version, final=_final(seen))
        case Purpose.REVIEW if newest is not None:
            mark = newest.accepted or newest.returned
            if mark is not None:
                accepted = newest.accepted is not None
                return Receipt(mark, entry_words(mark, lang), final=accepted)
        case Purpose.DECIDE if asked_of(seen, lang) is None:
            decided = (BoundMoved, ExtensionRefused, DisputeRejected, Waived, Superseded)
            mark = history.last(*decided)
            if mark is not None:
                return Receipt(mark, entry_words(mark, lang), final=True)
            if history.versions and not owes:
                mark = history.versions[0].submitted
                return Receipt(mark, entry_words(mark, lang), final=True)
        case _:
            pass
    return None


def _own(seen: Seen) -> Mark | None:
    """Return the newest thing that the unit said and nobody has undone or answered."""
    newest = seen.history.versions[0] if seen.history.versions else None
    said = seen.history.last(
        Acknowledged, Submitted, Corrected, Supplemented, ExtensionAsked, Disputed
    )
    returned = newest.returned if newest is not None else None
    if said is not None and returned is not None and said.seq < returned.seq:
        return None  # it is to be sent again, whatever was added to it
    match said.fact if said else None:
        case ExtensionAsked() if seen.progress.asked is None:
            return None
        case Disputed() if seen.progress.disputed is None:
            return None
        case _:
            return said


def _brought(seen: Seen, mark: Mark) -> Version | None:
    every = (*seen.history.versions, *seen.history.additions)
    return next((each for each in every if each.submitted is mark), None)


def _final(seen: Seen) -> bool:
    return seen.progress.phase not in OWING


def entries_of(seen: Seen, lang: Lang) -> tuple[Entry, ...]:
    """Return all that was recorded by people, oldest first."""
    return tuple(Entry(mark, entry_words(mark, lang)) for mark in seen.history.marks)


def entry_words(mark: Mark, lang: Lang) -> str:
    """Return what was recorded, in a few words."""
    t = TEXTS[lang]
    match mark.fact:
        case Acknowledged():
            words = t["rc_acknowledge"]
        case Submitted(version=version, report=report):
            words = t["rc_nothing" if report.nothing else "rc_report"].format(version=version)
        case Corrected(version=version):
            words = t["rc_correct"].format(version=version)
        case Supplemented(number=number):
            words = t["rc_supplement"].format(number=number)
        case Accepted(version=version):
            words = t["rc_accept"].format(version=version)
        case Returned(version=version):
            words = t["rc_return"].format(version=version)
        case ExtensionAsked(until=until):
            words = t["rc_extension"].format(bound=bound_words(until, lang))
        case ExtensionRefused():
            words = t["rc_refuse"]
        case BoundMoved(due=due, why=why):
            key = "rc_calendar" if why == "calendar" else "rc_grant"
            words = t[key].format(bound=bound_words(due, lang))
        case Disputed():
            words = t["rc_dispute"]
        case DisputeRejected():
            words = t["rc_keep"]
        case Waived():
            words = t["rc_waive"]
        case Superseded():
            words = t["rc_moved"]
        case _:  # pragma: no cover
            raise AssertionError(mark.fact)
    return words


def asked_of(seen: Seen, lang: Lang) -> Asked | None:
    """Return what waits for a decision through this link, the newest first."""
    history, progress = seen.history, seen.progress
    if seen.grant.purpose is not Purpose.DECIDE or progress.closed:
        return None
    dispute = history.last(Disputed) if progress.disputed else None
    extension = history.last(ExtensionAsked) if progress.asked else None
    if dispute is not None and (extension is None or dispute.seq > extension.seq):
        return Asked("dispute", dispute)
    if extension is None or progress.asked is None:
        return None
    until = progress.asked.until
    origin = binding(seen.state, seen.obligation, progress.body)
    others = [
        bound
        for bound in bounds_of(seen.obligation)
        if (name := origin_of(seen.obligation, bound)) != origin
        and (due := current(seen.state, name, progress.body)) is not None
        and due < until
    ]
    warning = ""
    if others:
        clauses = ", ".join(sorted({bound.clause for bound in others}))
        warning = TEXTS[lang]["grant_others"].format(clauses=clauses)
    # As the document counts its clauses, not as the package names its obligations.
    clause = next(
        (
            bound.clause
            for bound in bounds_of(seen.obligation)
            if origin_of(seen.obligation, bound) == origin
        ),
        seen.obligation.clause,
    )
    return Asked("extension", extension, bound_words(until, lang), warning, clause)


def answer_of(seen: Seen) -> Mark | None:
    """Return the office's answer to what the unit asked for, while it is the newest word."""
    answer = seen.history.last(ExtensionRefused, DisputeRejected, BoundMoved)
    return answer if answer is not None and answer is seen.history.marks[-1] else None
