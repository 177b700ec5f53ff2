"""What can be done on a page, and with which kind of link."""

from enum import StrEnum

from models.domain.effects import Purpose
from models.domain.state import Progress


class Action(StrEnum):
    """What a form does; also the last part of its address."""

    ACKNOWLEDGE = "acknowledge"
    REPORT = "report"
    DRAFT = "draft"
    """Keep what is typed in the report, and hand nothing in."""
    NOTHING = "nothing"
    CORRECT = "correct"
    SUPPLEMENT = "supplement"
    EXTENSION = "extension"
    DISPUTE = "dispute"
    ACCEPT = "accept"
    RETURN = "return"
    GRANT = "grant"
    REFUSE = "refuse"
    KEEP = "keep"
    """Leave a disputed duty where it is."""

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """Return the kinds of link that this may be done with."""
        match self:
            case Action.ACCEPT | Action.RETURN:
                return (Purpose.REVIEW,)
            case Action.GRANT | Action.REFUSE | Action.KEEP:
                return (Purpose.DECIDE,)
            case Action.ACKNOWLEDGE | Action.REPORT | Action.DRAFT | Action.SUPPLEMENT:
                return (Purpose.ACT, Purpose.BEHALF)
            case _:
                return (Purpose.ACT,)

    @property
    def takes_files(self) -> bool:
        """Tell whether files may come with the form; then it keeps them in a draft."""
        return self in (Action.REPORT, Action.DRAFT, Action.CORRECT, Action.SUPPLEMENT)

    @property
    def form(self) -> "Action":
        """Return the form that this is a button of."""
        return Action.REPORT if self is Action.DRAFT else self

    def counted(self, progress: Progress) -> int:
        """Return what the form's seal carries: how far things were when the page was shown."""
        match self:
            case Action.SUPPLEMENT:
                return progress.supplements
            case Action.EXTENSION | Action.GRANT | Action.REFUSE:
                return progress.asks
            case Action.DISPUTE | Action.KEEP:
                return progress.disputes
            case _:
                return progress.version
