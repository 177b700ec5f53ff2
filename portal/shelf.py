"""Files that are given back: to whom, under which name, and never to be shown by a browser."""

from pathlib import PurePath

from models.domain.effects import Purpose
from models.domain.state import State
from models.domain.terms import Phase, assignment_id
from models.files import Held
from portal.links import Grant
from portal.sniff import ENDINGS

KEEP = "keep."
"""Prefix of the fields that say which kept files go with a form."""
OPAQUE = "application/octet-stream"
HEADERS = {
    # Whatever is in it, it has no origin, no script and no network, even if it were shown.
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
}


def may_open(state: State, grant: Grant) -> bool:
    """Tell whether the bearer of a link may open files that came with the report.

    Whoever acts on it, reviews it or decides about it may; a link that is only for looking opens
    them for the body itself, its reviewer and whoever consolidates its report.
    """
    if grant.purpose is not Purpose.VIEW:
        return True
    assert state.plan is not None
    obligation, body = state.plan.assignments[grant.assignment]
    readers = {body, obligation.reviewer}
    for waiting in state.plan.gates_of.get(obligation.id, ()):
        readers.update(
            each
            for each in state.plan.obligations[waiting].assignees
            if state.progress[assignment_id(waiting, each)].phase is not Phase.SUPERSEDED
        )
    return grant.body in readers


def name_of(held: Held) -> str:
    """Return under which name a file is saved; the one that was typed, if it is still known."""
    if held.label:
        return PurePath(held.label).name
    ending = next((end for end, media in ENDINGS.items() if media == held.file.media), "")
    return f"tep-{held.file.sha256[:12]}{ending}"
