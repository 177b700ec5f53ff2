"""From the documents of a directive to the network of their dates."""

from collections.abc import Iterator, Mapping, Sequence

from models.domain.calendar import WorkCalendar
from models.domain.directive import Document, Obligation
from models.domain.feasibility import Duty, Need, Network, Tie


def network(documents: Sequence[Document]) -> Network:
    """Return every duty that bodies owe under *documents*, and what each rests on.

    A clause that is closed together with another is no duty of its own: the joining duty stands
    for it. A duty above that a document below reports to has that document's
    ``reports_when`` as an input. Working days are those of the first document's calendar: one
    package has one.
    """
    fed = _fed(documents)
    duties = [
        Duty(
            each.id,
            document.issue_at,
            each.bound.due_exclusive if each.bound else None,
            lead_of(document, each, bool(fed.get(each.id))),
            tuple(_needs(each, fed.get(each.id, []), _joining(document))),
        )
        for document in documents
        for each in document.obligations
        if each.id not in _joining(document)
    ]
    return Network(duties, documents[0].calendar if documents else WorkCalendar())


def lead_of(document: Document, duty: Obligation, fed: bool = False) -> int:
    """Return the working days that *duty* needs once its inputs are there; *fed*: from below."""
    if duty.lead is not None:
        return duty.lead
    return document.policy.latest_start_working_days if duty.waits_for or fed else 0


def _joining(document: Document) -> Mapping[str, tuple[str, ...]]:
    """Return for each clause that others close the duties that do."""
    found: dict[str, tuple[str, ...]] = {}
    for each in document.obligations:
        for also in each.also:
            found[also] = (*found.get(also, ()), each.id)
    return found


def _fed(documents: Sequence[Document]) -> Mapping[str, list[str]]:
    """Return for each duty above the duties below whose acceptance sends its report."""
    found: dict[str, list[str]] = {}
    for document in documents:
        parent = document.parent
        if parent is not None and parent.report is not None and document.reports_when is not None:
            above = parent.report.rpartition("@")[0]
            found.setdefault(above, []).append(document.reports_when)
    return found


def _needs(
    duty: Obligation, fed: Sequence[str], joining: Mapping[str, tuple[str, ...]]
) -> Iterator[Need]:
    """Yield each tie once; the strongest word about a pair counts."""
    seen = {str(duty.id)}
    for tie, named in (
        (Tie.INPUT, (*duty.waits_for, *fed)),
        (Tie.CONTENT, duty.reports_on),
        (Tie.ORDER, duty.depends_on),
    ):
        for each in named:
            for on in joining.get(each, (each,)):
                if on not in seen:
                    seen.add(on)
                    yield Need(on, tie)
