"""A link that no mail carries: for an office that enters what a body has sent on paper."""

from pendulum import DateTime

from models.codec import instant_text
from models.domain.effects import Purpose
from models.domain.state import State
from models.domain.terms import AssignmentId
from models.opened import open_link
from models.record import Recorder

HOURS = 2
"""How long the page can be used: whoever asks for it opens it at once."""


def open_page(
    recorder: Recorder, state: State, assignment: AssignmentId, by: str
) -> tuple[str, DateTime]:
    """Make a link for the office that follows the document up; return its secret and its end.

    *by* is who asked for it: a name, kept beside the ledger; the ledger has its reference.
    """
    document = state.document
    with recorder.store.transaction(recorder.clock) as transaction:
        until = transaction.now.add(hours=HOURS)
        token = open_link(
            transaction,
            Purpose.BEHALF.value,
            until=instant_text(until),
            stream=document.key,
            assignment=assignment,
            body=document.clerk or document.issuer,
            person=transaction.person(by),
        )
    return token, until
