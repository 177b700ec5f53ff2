"""From the fields of a form to what its sender wants, or to what is wrong with them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from pendulum import DateTime

from models.domain.calendar import midnight
from models.domain.directive import Obligation
from models.domain.effects import Purpose
from models.files import Held
from portal.action import Action
from portal.fields import DECISION, NUMBER, REASON, Fields, Problem
from portal.filled import Filled, addition_of, nothing_of, report_of
from portal.wishes import Wish


def read(
    action: Action,
    purpose: Purpose,
    obligation: Obligation,
    typed: Mapping[str, str],
    held: Sequence[Held],
    today: date,
) -> Wish | dict[str, Problem]:
    """Return the wish that the form states, or what is wrong with it by field.

    *today* is the directive's own day: a plan cannot bear a later date. *held* are the files that
    are to go with it.
    """
    fields = Fields(typed)
    behalf = purpose is Purpose.BEHALF
    text, authority, paper, until, filled = "", "", "", None, Filled()
    match action:
        case Action.REPORT | Action.CORRECT:
            filled = report_of(fields, obligation, held, today)
        case Action.SUPPLEMENT:
            filled = addition_of(fields, held)
        case Action.NOTHING:
            filled = nothing_of(fields)
        case Action.RETURN:
            text = fields.text("reason", REASON, missing="reason_missing")
        case Action.EXTENSION | Action.GRANT:
            until = _bound(fields)
            text = fields.text("reason", REASON, missing="why_missing")
        case Action.DISPUTE | Action.REFUSE | Action.KEEP:
            text = fields.text("reason", REASON, missing="why_missing")
        case _:
            pass
    if behalf and action.takes_files:
        paper = _paper(fields, held, today)
    if Purpose.DECIDE in action.purposes:
        authority = fields.line("authority", DECISION, missing="authority_missing")
    # A decision bears the number of a document and the office; who pressed the button is nobody.
    name = "" if Purpose.DECIDE in action.purposes else fields.name("name")
    return fields.problems or Wish(action, name, text, filled, until, authority, paper)


def _bound(fields: Fields) -> DateTime | None:
    """Return the end of the day that was typed."""
    day = fields.day("until")
    return midnight(day + timedelta(days=1)) if day else None


def _paper(fields: Fields, held: Sequence[Held], today: date) -> str:
    """Return number and date of the paper that is entered, of which a scan must be there."""
    number = fields.line("paper_number", NUMBER, missing="paper_missing")
    day = fields.day("paper_date", latest=today)
    if not held:
        fields.note("files", Problem("scan_missing"))
    return f"{number}, {day:%d/%m/%Y}" if day else number
