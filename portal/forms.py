"""The forms that a visit finds, and what is to stand in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pendulum import DateTime

from config.typed import clean
from models.domain.calendar import last_day
from models.domain.effects import Purpose
from models.domain.terms import Acceptance, Phase
from models.files import Held
from portal.action import Action
from portal.answer import answer_words
from portal.filled import FIGURE
from portal.said import asked_of
from portal.seen import Seen
from portal.views import OWING


@dataclass(frozen=True, slots=True)
class Form:
    """One form of the page, with what is to stand in its fields."""

    action: Action
    folded: bool
    """Offered below the main one, and closed until somebody wants it."""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    held: tuple[Held, ...] = ()
    """Files that are kept for it already."""
    draft: DateTime | None = None
    """When what stands in it was saved."""


def forms_of(
    seen: Seen,
    action: Action | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    held: Sequence[Held] = (),
) -> tuple[Form, ...]:
    """Return the forms that may be used now, the main one first.

    *action* names the one that was sent and comes back, with what was *typed*, its *errors* and
    the files that are *held* for it.
    """
    back = action.form if action else None
    forms: list[Form] = []
    for index, each in enumerate(_offered(seen)):
        draft = seen.drafts.get(each)
        saved = draft.saved_at if draft else None
        if each is back:
            forms.append(Form(each, False, typed or {}, errors or {}, tuple(held), saved))
        elif draft is not None:
            forms.append(Form(each, False, draft.values, {}, draft.held, saved))
        elif each in (Action.REPORT, Action.CORRECT):
            folded = index > 0 or each is Action.CORRECT
            forms.append(Form(each, folded, *earlier(seen)))
        elif each is Action.GRANT and seen.progress.asked is not None:
            day = last_day(seen.progress.asked.until)
            forms.append(Form(each, index > 0, {"until": f"{day:%d/%m/%Y}"}))
        else:
            forms.append(Form(each, index > 0 or each is Action.SUPPLEMENT))
    return tuple(forms)


def is_offered(seen: Seen, action: Action) -> bool:
    """Tell whether the form of *action* stands on the page now."""
    return action.form in _offered(seen)


def is_as_shown(seen: Seen, action: Action, typed: Mapping[str, str], held: Sequence[Held]) -> bool:
    """Tell whether a form says no more than what stood in it on the page."""
    form = next((each for each in forms_of(seen) if each.action is action), None)
    if form is None:
        return False
    shown = {name: clean(value) for name, value in form.values.items() if value.strip()}
    same = {name: clean(value) for name, value in typed.items()} == shown
    return same and {each.file for each in held} == {each.file for each in form.held}


def _offered(seen: Seen) -> list[Action]:
    progress, purpose = seen.progress, seen.grant.purpose
    owes = progress.phase in OWING
    confirms = progress.acknowledged_at is None and progress.version == 0
    adds = progress.phase in (Phase.SUBMITTED, Phase.ACCEPTED) and progress.version > 0
    offered: list[Action] = []
    match purpose:
        case Purpose.ACT | Purpose.BEHALF if owes:
            offered = [Action.ACKNOWLEDGE] if confirms else []
            offered.append(Action.REPORT)
            if purpose is Purpose.BEHALF:
                offered.reverse()  # the paper is mostly the report
            else:
                if progress.due is not None and progress.asked is None:
                    offered.append(Action.EXTENSION)
                offered.append(Action.NOTHING)
                if progress.disputed is None:
                    offered.append(Action.DISPUTE)
        case Purpose.ACT | Purpose.BEHALF if adds:
            offered = [Action.CORRECT] if correctable_until(seen) else []
            offered.append(Action.SUPPLEMENT)
        case Purpose.REVIEW if progress.phase is Phase.SUBMITTED:
            offered = [Action.ACCEPT, Action.RETURN]
        case Purpose.DECIDE:
            asked = asked_of(seen, "vi")
            if asked is not None:
                extension = asked.kind == "extension"
                offered = [Action.GRANT, Action.REFUSE] if extension else [Action.KEEP]
        case _:
            pass
    return offered


def earlier(seen: Seen) -> tuple[Mapping[str, str], Mapping[str, str], tuple[Held, ...]]:
    """Return what the newest version said, to be put right instead of typed again.

    Values, no errors, and its files.
    """
    if not seen.history.versions:
        return {}, {}, ()
    version = seen.history.versions[0]
    if version.report.nothing:
        return {}, {}, ()
    values = {
        FIGURE + answer.name: answer_words(answer, grouped=False) for answer in version.answers
    }
    values["text"] = version.text or ""
    values["plan_number"] = version.plan_number or ""
    values["plan_date"] = f"{version.plan_date:%d/%m/%Y}" if version.plan_date else ""
    return values, {}, version.files


def correctable_until(seen: Seen) -> DateTime | None:
    """Return until when the unit may put its report right; ``None`` when it may not (any more)."""
    progress = seen.progress
    judged = seen.obligation.acceptance is not Acceptance.AUTOMATIC
    standing = progress.phase is Phase.SUBMITTED or (
        progress.phase is Phase.ACCEPTED and not judged
    )
    if not standing or progress.submitted_at is None or seen.grant.purpose is not Purpose.ACT:
        return None
    until = progress.submitted_at.add(minutes=seen.document.policy.correct_minutes)
    return until if seen.now < until else None
